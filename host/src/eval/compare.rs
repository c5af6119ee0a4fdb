//! Two runs over the same utterances.
//!
//! Lives here: what got better and what got worse.
//! Never here: figures of one run.

use super::{Report, Verdict};
use std::collections::BTreeMap;

/// An utterance that was understood in one of two runs only.
pub(crate) struct Change<'a> {
    /// What it was taken for before.
    pub(crate) before: &'a Verdict,
    /// And is now.
    pub(crate) now: &'a Verdict,
}

impl<'a> Change<'a> {
    /// The changes from one run to another, worse ones first; utterances that only one run has are left out.
    pub(crate) fn between(before: &'a Report, now: &'a Report) -> Vec<Self> {
        let old: BTreeMap<(&str, &str), &Verdict> = before.verdicts.iter().map(|verdict| ((verdict.asks.as_str(), verdict.says.as_str()), verdict)).collect();
        let pairs = now.verdicts.iter().filter_map(|now| Some(Self { before: old.get(&(now.asks.as_str(), now.says.as_str()))?, now }));
        let mut changes: Vec<Self> = pairs.filter(|change| change.before.is_right() != change.now.is_right()).collect();
        changes.sort_by_key(Change::is_better);
        changes
    }

    /// Whether it is understood now.
    pub(crate) fn is_better(&self) -> bool {
        self.now.is_right()
    }
}
