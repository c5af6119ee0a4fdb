//! The audit: what was done, in records nobody can change unnoticed.
//!
//! Lives here: one chain of records per call and one for the host (`chain.rs`), what a record says (`record.rs`), the
//! signed checkpoints over the ends of all chains (`checkpoint.rs`, `sealing.rs`), and holding a database against them
//! (`verify.rs`).
//! Never here: SQL (`store`), when a record is due (whoever does the thing).

mod chain;
mod checkpoint;
mod record;
mod sealing;
mod verify;

pub use chain::{Broken, Head, broken};
pub use checkpoint::{BadCheckpoint, Checkpoint, Checkpoints, Signer};
pub(crate) use record::{HostCall, RunEnded, Value, consent};
pub(crate) use sealing::{Sealing, seal_each_second};
pub use verify::{Finding, Verdict, verify};

#[cfg(test)]
mod tests;
