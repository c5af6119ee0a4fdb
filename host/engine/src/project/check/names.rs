//! Names in flows that lead nowhere.
//!
//! Lives here: actions, responses, flows and steps that do not exist, and values no slot takes.
//! Never here: names inside conditions (`conditions.rs`), questions (`questions.rs`).

use super::whole::Whole;
use crate::project::{ActionRef, Flow, SlotKind, Step, StepKind};
use crate::step::{CALLER_LEFT, default_action};
use crate::yaml::{At, Findings, Mistake};
use crate::{SlotName, Value};

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    for flow in whole.project.flows.values() {
        let mut names = Names { whole, flow, findings: Findings::new(&flow.path, mistakes) };
        if flow.id.is_pattern() && !whole.ours.contains(&flow.id) && flow.id.as_str() != CALLER_LEFT {
            names.findings.warn(flow.at, format!("`{}` is no pattern of ours; nothing starts it", flow.id));
        }
        for step in &flow.steps {
            names.step(step);
        }
    }
}

struct Names<'a> {
    whole: &'a Whole<'a>,
    flow: &'a Flow,
    findings: Findings<'a>,
}

impl Names<'_> {
    fn step(&mut self, step: &Step) {
        match &step.kind {
            StepKind::Action(ActionRef::Templated(_)) | StepKind::Collect(_) | StepKind::Noop => {}
            StepKind::Action(ActionRef::Named(name)) => self.action(name.as_str(), step.at),
            StepKind::SetSlots(slots) => slots.iter().for_each(|(name, value)| self.set(name, value, step.at)),
            StepKind::Link(flow) | StepKind::Call(flow) => {
                if !self.whole.project.flows.contains_key(flow) {
                    self.findings.error(step.at, format!("`{flow}` leads nowhere; there is no such flow"));
                }
            }
        }
        for target in step.targets().into_iter().flatten() {
            if self.flow.step(target).is_none() {
                self.findings.error(step.at, format!("`next: {target}` leads nowhere; flow `{}` has no such step", self.flow.id));
            }
        }
    }

    fn action(&mut self, name: &str, at: At) {
        let whole = self.whole;
        if default_action::is_older(name) && !whole.has_action(name) {
            self.findings.warn(at, format!("`{name}` belongs to Rasa's older dialogue system and does nothing here; take it out"));
        }
        if !whole.project.responses.contains_key(name) && !whole.has_action(name) && !default_action::is_known(name) {
            let (what, place) = if name.starts_with("utter_") { ("response", "responses") } else { ("action", "actions") };
            self.findings
                .error(at, format!("flow `{}` uses the {what} `{name}`, which nothing defines; add it under `{place}:` or fix the spelling", self.flow.id));
        }
    }

    fn set(&mut self, name: &SlotName, value: &serde_json::Value, at: At) {
        if name.as_str() == "dialogue_stack" {
            self.findings.error(at, "`dialogue_stack` is the engine's own and forbidden in flows");
            return;
        }
        let Some(slot) = self.whole.project.slots.get(name) else {
            if self.whole.declares(name.as_str()) {
                return;
            }
            self.findings
                .error(at, format!("flow `{}` sets the slot `{name}`, which no domain declares; add it under `slots:` or fix the spelling", self.flow.id));
            return;
        };
        if slot.kind == SlotKind::List {
            self.findings.error(at, format!("`{name}` is a list; only actions fill lists"));
        } else if slot.consent && !value.is_null() {
            self.findings.error(at, format!("`{name}` is a consent; a flow may clear it, never set it"));
        } else if slot.coerce(&Value::from_json(value.clone())).is_none() {
            self.findings.error(at, format!("`{value}` is no value for `{name}`"));
        }
    }
}
