//! What one action may touch.
//!
//! Lives here: the sets of names, read alike from manifest and grant, and their intersection.
//! Never here: what the names stand for.

use super::strict::names;
use centralita_engine::yaml::{Findings, Node};
use std::collections::BTreeSet;

/// What an action may touch, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authority {
    /// Slots and facts of the call (`call.number`) it may read.
    pub reads: BTreeSet<String>,
    /// Slots it may set.
    pub writes: BTreeSet<String>,
    /// Responses it may have said.
    pub responses: BTreeSet<String>,
    /// Statements it may run.
    pub statements: BTreeSet<String>,
    /// Bindings it may send to.
    pub bindings: BTreeSet<String>,
}

/// Whether an action changes anything outside the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Writes {
    /// It only reads.
    Nothing,
    /// It only asks a person to call back (statements marked `call_back: true`).
    CallBack,
    /// It has an effect; in a strict project a consent slot stands before it.
    Effect,
}

/// The keys of an authority in both files.
pub(super) const KEYS: [&str; 5] = ["reads", "writes", "responses", "statements", "bindings"];

impl Authority {
    pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Self {
        let mut set = |key: &str| names(node, key, findings).into_iter().collect();
        Self { reads: set("reads"), writes: set("writes"), responses: set("responses"), statements: set("statements"), bindings: set("bindings") }
    }

    /// The sets with their keys, in the order of [`KEYS`].
    pub(crate) fn sets(&self) -> [(&'static str, &BTreeSet<String>); 5] {
        let [reads, writes, responses, statements, bindings] = KEYS;
        [(reads, &self.reads), (writes, &self.writes), (responses, &self.responses), (statements, &self.statements), (bindings, &self.bindings)]
    }

    /// What both sides name.
    pub(super) fn both(&self, other: &Self) -> Self {
        let both = |one: &BTreeSet<String>, two: &BTreeSet<String>| one.intersection(two).cloned().collect();
        Self {
            reads: both(&self.reads, &other.reads),
            writes: both(&self.writes, &other.writes),
            responses: both(&self.responses, &other.responses),
            statements: both(&self.statements, &other.statements),
            bindings: both(&self.bindings, &other.bindings),
        }
    }
}
