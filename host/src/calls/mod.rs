//! Calls: one turn after another, each once.
//!
//! Lives here: the turn itself, its commit points, one caller at a time.
//! Never here: the wire (`twilio`), what is said (the engine).

mod draft;
mod locks;
mod turn;
mod understand;

pub(crate) use draft::Draft;
pub(crate) use locks::Locks;
pub(crate) use turn::state_of;
pub use turn::{Arrival, Reply, TurnError, Words};
