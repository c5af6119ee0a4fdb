//! Whole calls through the real server: signed forms over HTTP, real components, SQLite and `PostgreSQL`.
//! Stand-ins only for what lives outside: the telephone network, the ticket desk, the model.

mod browser;
mod consent;
mod experiences;
mod house;
mod postgres;
mod truth;
mod verification;
mod webhooks;
mod crash;
mod serving;
