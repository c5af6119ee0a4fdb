//! How well a project understands: labelled utterances in, figures out.
//!
//! Lives here: what an utterance, a verdict and a report are.
//! Never here: files (`read.rs`), how an utterance is judged (`judge.rs`), how figures are shown (`table.rs`, `page.rs`).

mod compare;
mod figures;
mod judge;
mod page;
mod read;
mod table;

pub(crate) use compare::Change;
pub(crate) use figures::Report;
pub(crate) use judge::judge;
pub(crate) use page::page;
pub(crate) use read::read;
pub(crate) use table::table;

use centralita_engine::SlotName;
use serde::{Deserialize, Serialize};

/// What somebody says, and what it has to be taken for.
#[derive(Clone, Debug)]
pub(crate) struct Labelled {
    /// Where it stands, as `file:line`.
    pub(crate) at: String,
    /// The slot of the open question.
    pub(crate) asks: Option<SlotName>,
    /// The words.
    pub(crate) says: String,
    /// A flow, the value of the asked slot, or one of [`WORDS`].
    pub(crate) expect: String,
    /// The row it counts in; values of a question count together unless the file names a row.
    pub(crate) label: String,
    /// Where people speak like this (`mx`, `cl`, …), empty for everywhere.
    pub(crate) country: String,
}

/// What an utterance can be taken for beside flows and values.
pub(crate) const WORDS: [&str; 6] = ["person", "repeat", "cancel", "clarify", "unknown", "none"];

/// What an utterance was taken for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// Where the utterance stands.
    pub(crate) at: String,
    /// The slot of the open question, or empty.
    pub(crate) asks: String,
    /// The words.
    pub(crate) says: String,
    /// Its row.
    pub(crate) label: String,
    /// Where people speak like this, or empty.
    pub(crate) country: String,
    /// What it has to be taken for.
    pub(crate) expect: String,
    /// What it was taken for.
    pub(crate) got: String,
    /// By whom (`Typed`, `Matcher`, `Nobody`).
    pub(crate) by: String,
    /// How long understanding took, microseconds.
    pub(crate) us: u64,
}

impl Verdict {
    /// Whether it was understood.
    pub(crate) fn is_right(&self) -> bool {
        self.got == self.expect
    }
}

#[cfg(test)]
mod tests;
