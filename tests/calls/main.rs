//! Whole calls through the real server: signed forms over HTTP, real components, SQLite and `PostgreSQL`.
//! Stand-ins only for what lives outside: the telephone network, the ticket desk, the model.

mod action_server;
mod action_server_stub;
mod approval;
mod audit;
mod authors;
mod bank_calls;
mod browser;
mod canaries;
mod compiling;
mod consent;
mod conversations;
mod crash;
mod e2e;
mod evil;
mod experiences;
mod faults;
mod house;
mod leaks;
mod model_standin;
mod office;
mod orders;
mod postgres;
mod python;
mod refusals;
mod reload;
mod rest;
mod review;
mod serving;
mod swaps;
mod truth;
mod unaided;
mod verification;
mod waiting;
mod webhooks;
