//! Predicates against the types of what they compare (`rasa-calm.md` §1.7).
//!
//! Lives here: which predicates a project has, and the context their frame gives them.
//! Never here: which comparisons make sense (`condition/typing.rs`).

use super::whole::{Whole, is_ours};
use crate::condition::{Condition, SlotType, Types};
use crate::project::{Next, SlotKind, When};
use crate::yaml::{At, Findings, Mistake};

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    for flow in whole.flows() {
        let mut findings = Findings::new(&flow.path, mistakes);
        let types = Typed { whole, flow: Some(flow.id.as_str()), answered: None };
        flow.guard.iter().for_each(|guard| note(&types, guard, flow.at, &mut findings));
        for step in &flow.steps {
            if let Some(collect) = super::whole::collect(step) {
                let types = Typed { answered: Some(collect.slot.as_str()), ..types };
                collect.rejections.iter().for_each(|(condition, _)| note(&types, condition, step.at, &mut findings));
            }
            match &step.next {
                Next::Branches(branches, _) => branches.iter().for_each(|(condition, _)| note(&types, condition, step.at, &mut findings)),
                Next::Step(_) | Next::End => {}
            }
        }
    }
    for (name, slot) in whole.project.slots.iter().filter(|(_, slot)| !is_ours(&slot.path)) {
        let mut findings = Findings::new(&slot.path, mistakes);
        let types = Typed { whole, flow: Some("pattern_validate_slot"), answered: Some(name.as_str()) };
        for (condition, _) in slot.validation.iter().flat_map(|validation| &validation.rejections) {
            note(&types, condition, slot.at, &mut findings);
        }
    }
    for variation in whole.project.responses.values().flatten().filter(|variation| !is_ours(&variation.path)) {
        let mut findings = Findings::new(&variation.path, mistakes);
        match &variation.condition {
            Some(When::Holds(condition)) => note(&Typed { whole, flow: None, answered: None }, condition, variation.at, &mut findings),
            Some(When::Equal(pairs)) => {
                for (slot, _) in pairs.iter().filter(|(slot, _)| !whole.declares(slot.as_str())) {
                    findings.error(
                        variation.at,
                        format!("the slot `{slot}` of this condition is declared in no domain; add it under `slots:` or fix the spelling"),
                    );
                }
            }
            None => {}
        }
    }
}

fn note(types: &Typed<'_>, condition: &Condition, otherwise: At, findings: &mut Findings<'_>) {
    let at = if condition.at() == At::default() { otherwise } else { condition.at() };
    for doubt in condition.doubts(types) {
        findings.note(at, doubt.severity, format!("{} (in `{}`)", doubt.message, condition.text().split_whitespace().collect::<Vec<_>>().join(" ")));
    }
}

#[derive(Clone, Copy)]
struct Typed<'a> {
    whole: &'a Whole<'a>,
    /// The flow whose frame gives the context; none in a response.
    flow: Option<&'a str>,
    /// The slot that has just been given a value.
    answered: Option<&'a str>,
}

impl Types for Typed<'_> {
    fn slot(&self, name: &str) -> Option<SlotType<'_>> {
        match self.whole.project.slots.get(name) {
            Some(slot) => Some(SlotType { kind: &slot.kind, null_when_unset: slot.initial.is_null() && self.answered != Some(name) }),
            // What is wrong with the slot has been said where it stands.
            None => self.whole.declares(name).then_some(SlotType { kind: &SlotKind::Any, null_when_unset: true }),
        }
    }

    fn has_context(&self, key: &str) -> bool {
        // A response is said by any flow or pattern.
        let Some(flow) = self.flow else { return true };
        let of_pattern: &[&str] = match flow {
            "pattern_cancel_flow" => &["canceled_name", "canceled_frames"],
            "pattern_clarification" => &["names", "clarification_options"],
            "pattern_collect_information" => &["collect", "utter", "collect_action", "rejections"],
            "pattern_completed" => &["previous_flow_name"],
            "pattern_continue_interrupted" => {
                &["previous_flow_name", "interrupted_flow_names", "interrupted_flow_ids", "interrupted_flow_options", "multiple_flows_interrupted"]
            }
            "pattern_correction" => &["is_reset_only", "corrected_slots", "new_slot_values", "reset_flow_id", "reset_step_id"],
            "pattern_internal_error" => &["error_type", "info"],
            "pattern_cannot_handle" | "pattern_user_silence" => &["reason", "misses", "asking"],
            "pattern_human_handoff" => &["on_duty", "asking"],
            "pattern_validate_slot" => &["validate", "refill_utter", "refill_action", "rejections"],
            _ => &[],
        };
        // `reason` travels along a link, `outcome` is ours.
        ["frame_id", "flow_id", "step_id", "outcome", "reason"].contains(&key) || of_pattern.contains(&key)
    }
}
