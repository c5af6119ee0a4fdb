//! Questions: what asks them, and whether an answer could fill their slot (`rasa-calm.md` §1.5).
//!
//! Lives here: collect steps, and the questions of a slot's own validation.
//! Never here: whether the slot is used afterwards (`usage.rs`).

use super::whole::{Whole, collect, is_ours};
use crate::project::{Collect, FilledBy, Flow, SlotKind, Validation};
use crate::yaml::{At, Findings, Mistake, Node};
use crate::{ResponseName, SlotName};

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    for flow in whole.flows() {
        let mut findings = Findings::new(&flow.path, mistakes);
        for step in &flow.steps {
            collect(step).into_iter().for_each(|collect| question(whole, flow, collect, step.at, &mut findings));
        }
    }
    for (name, slot) in whole.project.slots.iter().filter(|(_, slot)| !is_ours(&slot.path)) {
        if let Some(validation) = &slot.validation {
            refill(whole, name, validation, slot.at, &mut Findings::new(&slot.path, mistakes));
        }
    }
}

fn question(whole: &Whole<'_>, flow: &Flow, collect: &Collect, at: At, findings: &mut Findings<'_>) {
    let (id, name) = (&flow.id, &collect.slot);
    for (_, utter) in &collect.rejections {
        defined(whole, utter, &format!("flow `{id}` rejects with"), at, findings);
    }
    if name.as_str() == "dialogue_stack" {
        findings.error(at, "`dialogue_stack` is the engine's own and forbidden in flows");
        return;
    }
    let Some(slot) = whole.project.slots.get(name) else {
        if whole.declares(name.as_str()) {
            return;
        }
        findings.error(at, format!("flow `{id}` collects the slot `{name}`, which no domain declares; add it under `slots:` or fix the spelling"));
        return;
    };
    if slot.kind == SlotKind::List {
        findings.error(at, format!("`{name}` is a list and cannot be collected; let an action fill it"));
        return;
    }
    let says = whole.project.responses.contains_key(&collect.utter);
    let runs = whole.has_action(collect.action.as_str());
    let usual = collect.utter.as_str() == format!("utter_ask_{name}");
    match (says, runs) {
        (true, true) => {
            findings.error(at, format!("`{name}` is asked by the response `{}` and by the action `{}`; keep one of them", collect.utter, collect.action))
        }
        (false, _) if !usual => defined(whole, &collect.utter, &format!("flow `{id}` asks with"), at, findings),
        (false, false) if slot.initial.is_null() => {
            findings.error(at, format!("nothing asks for `{name}`; write the response `{}`, or list the action `{}`", collect.utter, collect.action));
        }
        (false, false) if collect.ask_before_filling => findings.error(
            at,
            format!(
                "`{name}` begins with a value and is to be asked all the same, but nothing asks; write the response `{}` or drop `ask_before_filling`",
                collect.utter
            ),
        ),
        (false, false) | (false, true) | (true, false) => {}
    }
    if slot.filled_by == FilledBy::Actions && is_custom(whole, name) && slot.every_turn.is_none() && !runs {
        let message = format!("`{name}` is filled by a `custom` mapping without an `action`, and there is no `{}`: no answer can fill it", collect.action);
        findings.error(at, format!("{message}; name an action, or map it `from_llm`"));
    }
}

/// Whether a slot has the mapping `custom`, and not the `controlled` that replaces it.
fn is_custom(whole: &Whole<'_>, name: &SlotName) -> bool {
    let mappings = whole.slot_body(name).and_then(|body| body.get("mappings")).map(Node::items).unwrap_or_default();
    mappings.iter().any(|mapping| mapping.get("type").and_then(Node::scalar).as_deref() == Some("custom"))
}

fn refill(whole: &Whole<'_>, name: &SlotName, validation: &Validation, at: At, findings: &mut Findings<'_>) {
    for (_, utter) in &validation.rejections {
        defined(whole, utter, &format!("the validation of `{name}` rejects with"), at, findings);
    }
    let says = whole.project.responses.contains_key(&validation.refill_utter);
    if !says && !whole.has_action(validation.refill_action.as_str()) && !validation.rejections.is_empty() {
        let (utter, action) = (&validation.refill_utter, &validation.refill_action);
        findings.error(at, format!("nothing asks for `{name}` again after a rejection; write the response `{utter}`, or list the action `{action}`"));
    }
}

fn defined(whole: &Whole<'_>, response: &ResponseName, who: &str, at: At, findings: &mut Findings<'_>) {
    if !whole.project.responses.contains_key(response) {
        findings.error(at, format!("{who} `{response}`, which nothing defines; add it under `responses:` or fix the spelling"));
    }
}
