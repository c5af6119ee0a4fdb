//! The end of a flow (`rasa-calm.md` §4.4).
//!
//! Lives here: what a frame leaves behind, and a fault, which ends the active flow.
//! Never here: the steps before it (`advance.rs`).

use super::Mover;
use crate::event::Event;
use crate::project::{Flow, StepKind};
use crate::scope::slot_value;
use crate::state::{Frame, FrameKind, Position};
use crate::{FlowId, SlotName, Value};
use std::collections::BTreeSet;

impl Mover<'_> {
    /// Takes a frame that has ended off the stack: its slots go back to their beginning, and what it
    /// interrupted goes on.
    pub(super) fn leave(&mut self, frame: &Frame, flow: &Flow) {
        let left = self.has_left();
        self.emit(Event::Popped { frame: frame.id });
        if left && !self.has_left() {
            self.emit(Event::CallerLeft { at: self.at });
            return;
        }
        if frame.kind == FrameKind::Pattern {
            self.reset(flow);
            return;
        }
        if frame.position != Position::Cancelled {
            self.emit(Event::FlowCompleted { flow: flow.id.clone(), step: frame.passed.last().cloned() });
        }
        if frame.kind == FrameKind::Call {
            return;
        }
        self.reset(flow);
        let continues = self.state.stack.last().is_some_and(|below| below.linked && below.position == Position::Start);
        if continues {
            return;
        }
        let below = self.state.active_flow().map(|below| (below.flow.clone(), below.step().cloned()));
        match below {
            Some((below, step)) if frame.kind == FrameKind::Interrupt => {
                self.emit(Event::FlowResumed { flow: below, step });
                let outermost = self.state.active_chain().first().map(|height| self.state.stack[*height].flow.clone());
                let name = outermost.map_or(Value::None, |flow| Value::text(self.readable(&flow)));
                self.push_pattern("pattern_continue_interrupted", &[("previous_flow_name", name)]);
            }
            None if self.state.stack.is_empty() && flow.run_pattern_completed => {
                let name = Value::text(self.readable(&flow.id));
                self.push_pattern("pattern_completed", &[("previous_flow_name", name)]);
            }
            Some(_) | None => {}
        }
    }

    /// Slots that a flow and those it calls fill go back to their initial values, but for those either says it keeps.
    fn reset(&mut self, flow: &Flow) {
        for name in self.to_reset(flow) {
            self.reset_slot(&name);
        }
    }

    pub(super) fn reset_slot(&mut self, name: &SlotName) {
        let Some(slot) = self.project.slots.get(name) else { return };
        let initial = Value::from_json(slot.initial.clone());
        if slot_value(self.project, &self.state, name) != initial {
            self.emit(Event::Slot { name: name.clone(), value: initial });
        }
    }

    fn to_reset(&self, flow: &Flow) -> Vec<SlotName> {
        let mut seen: BTreeSet<&FlowId> = BTreeSet::from([&flow.id]);
        let mut open = vec![flow];
        let mut names: Vec<SlotName> = Vec::new();
        while let Some(part) = open.pop() {
            for name in part.slots_to_clear() {
                if !names.contains(name) && !flow.persisted_slots.contains(name) {
                    names.push(name.clone());
                }
            }
            for step in &part.steps {
                if let StepKind::Call(child) = &step.kind {
                    open.extend(self.project.flows.get(child).filter(|child| seen.insert(&child.id)));
                }
            }
        }
        names
    }

    /// Notes that something broke: the active flow is given up, and the internal-error pattern follows. A
    /// fault inside that pattern hands the call to a person.
    pub(super) fn fault(&mut self, fault: impl Into<String>) {
        self.emit(Event::Faulted { fault: fault.into() });
        if self.has_left() {
            // Nobody is there to be told.
            self.drop_frames(0);
            self.emit(Event::CallerLeft { at: self.at });
            return;
        }
        let inside = self.state.stack.iter().any(|frame| frame.flow.as_str() == "pattern_internal_error");
        if inside || !self.project.flows.contains_key("pattern_internal_error") {
            self.drop_frames(0);
            self.emit(Event::Transferred { reason: "fault".into() });
            return;
        }
        let chain = self.state.active_chain();
        let given_up: Vec<Frame> = self.state.stack.iter().skip(chain.first().copied().unwrap_or(0)).rev().cloned().collect();
        for frame in given_up {
            if frame.kind == FrameKind::Pattern {
                self.emit(Event::Popped { frame: frame.id });
            } else {
                let step = frame.step().cloned();
                self.emit(Event::FlowCancelled { flow: frame.flow, step });
                self.emit(Event::Moved { frame: frame.id, to: Position::Cancelled });
            }
        }
        self.push_pattern("pattern_internal_error", &[("error_type", Value::text("rasa_internal_error_default"))]);
    }
}
