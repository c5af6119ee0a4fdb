//! Intents that start flows.
//!
//! Lives here: triggers nobody can fire, triggers of two flows.
//! Never here: intents inside button payloads (`buttons.rs`).

use super::whole::Whole;
use crate::yaml::{Findings, Mistake, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Intents channels send by themselves.
pub(super) const SIGNALS: [&str; 4] = ["session_start", "session_end", "silence_timeout", "restart"];

/// The intents the domain lists or `data/nlu.yml` has examples of; `None` when it lists none at all.
pub(super) fn known(whole: &Whole<'_>) -> Option<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    let mut listed = false;
    for file in whole.files.iter().filter(|file| !file.is_ours()) {
        let items = file.root.get("intents").map(Node::items).unwrap_or_default();
        listed |= !items.is_empty();
        known.extend(items.iter().filter_map(|item| item.scalar().or_else(|| item.pairs().first().map(|(key, _)| key.text.clone()))));
        let nlu = file.root.get("nlu").map(Node::items).unwrap_or_default();
        known.extend(nlu.iter().filter_map(|item| item.get("intent").and_then(Node::scalar)));
    }
    listed.then_some(known)
}

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    let known = known(whole);
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for flow in whole.flows() {
        let mut findings = Findings::new(&flow.path, mistakes);
        let at = whole.place(flow, "nlu_trigger");
        for (intent, _) in &flow.triggers {
            if known.as_ref().is_some_and(|known| !known.contains(intent)) && !SIGNALS.contains(&intent.as_str()) {
                findings.warn(at, format!("flow `{}` is started by the intent `{intent}`, which the domain does not list; add it under `intents:`", flow.id));
            }
            // Two guarded flows may share an intent: the guard tells which one starts.
            if flow.guard.is_none()
                && let Some(other) = first.insert(intent, flow.id.as_str())
            {
                findings.warn(at, format!("the intent `{intent}` starts `{other}` as well as `{}`; the first one starts, keep one or guard them", flow.id));
            }
        }
    }
}
