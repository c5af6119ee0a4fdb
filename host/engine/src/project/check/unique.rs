//! Names and descriptions that a caller or a model must be able to tell apart (`rasa-calm.md` §1.2).
//!
//! Lives here: two flows that say the same.
//! Never here: ids and names of responses, which the loader compares.

use super::whole::Whole;
use crate::yaml::{Findings, Mistake};
use std::collections::BTreeMap;

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut descriptions: BTreeMap<String, String> = BTreeMap::new();
    for flow in whole.flows() {
        let mut findings = Findings::new(&flow.path, mistakes);
        for (key, text, seen) in [("name", &flow.name, &mut names), ("description", &flow.description, &mut descriptions)] {
            let bare = bare(text);
            if bare.is_empty() {
                continue;
            }
            let at = whole.place(flow, key);
            if let Some(other) = seen.insert(bare, format!("`{}`", flow.id)) {
                findings.error(at, format!("flow `{}` has the {key} of flow {other}, punctuation aside; make them differ", flow.id));
            }
        }
    }
}

/// A text without punctuation.
fn bare(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_ascii_punctuation() && !matches!(c, '¿' | '¡' | '…' | '«' | '»')).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}
