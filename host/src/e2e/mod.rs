//! Conversations as tests: Rasa's end-to-end files, run against the real thing.
//!
//! Lives here: reading test files, holding their conversations, judging them, reporting.
//! Never here: the command line (`cli/test.rs`), what a turn does (`calls`).

mod assertion;
mod case;
mod coverage;
mod find;
mod house;
mod judge;
mod read;
mod record;
mod run;
mod stubs;

pub mod du;
pub mod report;
pub mod transcript;

pub use assertion::{Assertion, Flows, Kind, Message};
pub use case::{Case, Expect, Step, Suite, User, Wanted, What};
pub use coverage::Coverage;
pub use find::{Chosen, NotFound, find};
pub(crate) use house::STAND_IN;
pub use house::{House, Opening};
pub use judge::{Turn, Verdict};
pub use read::suite;
pub use record::Recorded;
pub use run::{Failure, Ran, Runner};
pub use stubs::Stubs;
