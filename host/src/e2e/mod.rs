//! Conversations as tests: Rasa's end-to-end files, run against the real thing.
//!
//! Lives here: reading test files, holding their conversations, judging them, reporting.
//! Never here: the command line (`cli/test.rs`), what a turn does (`calls`).

mod assertion;
mod case;
mod find;
mod judge;
mod read;

pub use assertion::{Assertion, Flows, Kind, Message};
pub use case::{Case, Expect, Step, Suite, User, Wanted, What};
pub use find::{Chosen, find};
pub use judge::{Turn, Verdict};
pub use read::suite;
