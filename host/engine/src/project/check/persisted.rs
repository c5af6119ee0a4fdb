//! `persisted_slots` (`rasa-calm.md` §1.2).
//!
//! Lives here: slots that a flow keeps but never fills, and the older key beside the newer one.
//! Never here: what is kept at run time.

use super::whole::Whole;
use crate::project::{Flow, StepKind};
use crate::yaml::{Findings, Mistake, Node};
use crate::{FlowId, SlotName};
use std::collections::BTreeSet;

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    for flow in whole.flows().filter(|flow| !flow.persisted_slots.is_empty()) {
        let mut findings = Findings::new(&flow.path, mistakes);
        let at = whole.place(flow, "persisted_slots");
        let filled = fills(whole, flow, &mut BTreeSet::new());
        for slot in &flow.persisted_slots {
            if !whole.declares(slot.as_str()) {
                findings
                    .error(at, format!("flow `{}` persists the slot `{slot}`, which no domain declares; add it under `slots:` or fix the spelling", flow.id));
            } else if !filled.contains(slot) {
                findings.error(at, format!("flow `{}` persists `{slot}`, but neither it nor a flow it calls collects or sets it", flow.id));
            }
        }
        if let Some(node) = whole.body(flow).and_then(reset) {
            findings.error(node.at, "`reset_after_flow_ends` cannot stand beside `persisted_slots`; keep the latter");
        }
    }
}

/// The slots a flow fills, with those of the flows it calls.
fn fills<'a>(whole: &Whole<'a>, flow: &'a Flow, seen: &mut BTreeSet<&'a FlowId>) -> BTreeSet<&'a SlotName> {
    if !seen.insert(&flow.id) {
        return BTreeSet::new();
    }
    let mut filled = BTreeSet::new();
    for step in &flow.steps {
        match &step.kind {
            StepKind::Collect(collect) => {
                filled.insert(&collect.slot);
            }
            StepKind::SetSlots(slots) => filled.extend(slots.iter().map(|(slot, _)| slot)),
            StepKind::Call(target) => {
                if let Some(child) = whole.project.flows.get(target) {
                    filled.extend(fills(whole, child, seen));
                }
            }
            StepKind::Action(_) | StepKind::Link(_) | StepKind::Noop => {}
        }
    }
    filled
}

/// The first `reset_after_flow_ends` below a node.
fn reset(node: &Node) -> Option<&Node> {
    if let Some(found) = node.get("reset_after_flow_ends") {
        return Some(found);
    }
    node.pairs().iter().map(|(_, below)| below).chain(node.items()).find_map(reset)
}
