//! The server and every command of Centralita: everything that waits. What is decided is decided in
//! `centralita-engine`; this crate listens, runs plugins, asks databases and desks, and answers.

pub mod action_server;
pub mod admin;
pub mod app;
pub mod audit;
pub mod author;
pub mod calls;
pub mod cli;
pub mod e2e;
pub mod egress;

pub mod endpoints;
mod eval;
#[cfg(test)]
mod evil;
mod failpoint;
pub mod grants;
mod guard;
pub mod migrate;
pub mod model;
mod owed;
pub mod phone;
pub mod plugins_build;
mod reconcile;
mod relay;
pub mod release;
pub mod rest;
#[doc(hidden)]
pub mod runs;
pub mod sandbox;
pub mod seal;
pub mod server;
pub mod settings;
pub mod standin;
pub mod store;
pub mod tracker;
pub mod twilio;
mod view;
mod visualize;
pub mod watch;
