//! Walking the top of the stack until somebody has to act (`rasa-calm.md` §4.3, §4.4).
//!
//! Lives here: one step after another, the end of a flow, the bound on both.
//! Never here: commands, wording.

use super::default_action::{self, Then};
use super::{Destination, Mover, Next, Run};
use crate::event::Event;
use crate::project::{ActionRef, Collect, Flow, Next as Onward, Step, StepKind};
use crate::scope::{self, StateScope, slot_value};
use crate::state::{Frame, FrameKind, Listening, Position, Waiting};
use crate::{ActionName, ResponseName, SlotName, Value, template};

/// How many steps one move may take before a loop is suspected.
const BOUND: usize = 250;

impl Mover<'_> {
    pub(super) fn advance(&mut self) -> Next {
        for _ in 0..BOUND {
            if let Some(next) = self.one() {
                return next;
            }
        }
        let trail: Vec<String> = self
            .events
            .iter()
            .rev()
            .filter_map(|event| if let Event::Moved { to: Position::At(step), .. } = event { Some(step.to_string()) } else { None })
            .take(4)
            .collect();
        self.fault(format!("{BOUND} steps in one turn without waiting; a flow goes round through {}", trail.join(", ")));
        for _ in 0..BOUND {
            if let Some(next) = self.one() {
                return next;
            }
        }
        self.emit(Event::Transferred { reason: "fault".into() });
        Next::Transfer(Destination { reason: "fault".into() })
    }

    /// One step of the top frame; something when the host has to act.
    fn one(&mut self) -> Option<Next> {
        match &self.state.waiting {
            Waiting::Person => return Some(Next::Transfer(Destination { reason: "fault".into() })),
            Waiting::Over => return Some(Next::Idle),
            Waiting::Nobody | Waiting::Caller(_) | Waiting::Run { .. } => {}
        }
        let Some(frame) = self.state.stack.last().cloned() else { return Some(self.listen()) };
        let project = self.project;
        let Some(flow) = project.flows.get(&frame.flow) else {
            self.fault(format!("there is no flow `{}`", frame.flow));
            return None;
        };
        match &frame.position {
            Position::Start => {
                if frame.kind != FrameKind::Pattern {
                    self.emit(Event::FlowStarted { flow: flow.id.clone() });
                }
                let to = flow.first().map_or(Position::End, |step| Position::At(step.id.clone()));
                self.emit(Event::Moved { frame: frame.id, to });
                None
            }
            Position::End | Position::Cancelled => {
                self.leave(&frame, flow);
                None
            }
            Position::At(id) => match flow.step(id) {
                Some(step) => self.walk(&frame, step),
                None => {
                    self.fault(format!("flow `{}` has no step `{id}`", flow.id));
                    None
                }
            },
        }
    }

    fn listen(&mut self) -> Next {
        let slot = self.state.stack.last().filter(|frame| frame.flow.as_str() == "pattern_collect_information");
        let slot = slot.and_then(|frame| frame.context.get("collect")).and_then(Value::as_text).and_then(|name| SlotName::parse(name).ok());
        let listening = Listening { slot, misses: self.state.misses };
        self.emit(Event::Listened { listening: listening.clone() });
        Next::Listen(listening)
    }

    fn walk(&mut self, frame: &Frame, step: &Step) -> Option<Next> {
        match &step.kind {
            StepKind::Action(action) => self.act(frame, step, action),
            StepKind::Collect(collect) => {
                self.collect(frame, step, collect);
                None
            }
            StepKind::SetSlots(slots) => {
                for (name, value) in slots {
                    self.emit(Event::Slot { name: name.clone(), value: Value::from_json(value.clone()) });
                }
                self.go_on(frame, step);
                None
            }
            StepKind::Link(target) => {
                // A linked flow takes the place of this one: what this one interrupted is still below.
                let kind = if target.is_pattern() {
                    FrameKind::Pattern
                } else if frame.kind == FrameKind::Pattern {
                    self.kind_of_start()
                } else {
                    frame.kind
                };
                let context: Vec<(&str, Value)> = vec![("reason", reason(frame))];
                self.push(target.clone(), kind, &context, Some(frame.id));
                self.emit(Event::Moved { frame: frame.id, to: Position::End });
                None
            }
            StepKind::Call(_) | StepKind::Noop => {
                self.go_on(frame, step);
                None
            }
        }
    }

    fn kind_of_start(&self) -> FrameKind {
        if self.state.active_flow().is_some() { FrameKind::Interrupt } else { FrameKind::Regular }
    }

    fn act(&mut self, frame: &Frame, step: &Step, action: &ActionRef) -> Option<Next> {
        if let Some(Value::Text(_)) = self.state.frame(frame.id).and_then(|frame| frame.context.get("outcome")) {
            return self.ended(frame, step);
        }
        let name = match action {
            ActionRef::Named(name) => name.clone(),
            ActionRef::Templated(text) => {
                let rendered = template::jinja(text, &scope::context(frame)).unwrap_or_default();
                match ActionName::parse(rendered.trim()) {
                    Ok(name) if self.exists(&name) => name,
                    // A name that renders to nothing, or to nothing known, is skipped (§1.5).
                    _ => {
                        self.go_on(frame, step);
                        return None;
                    }
                }
            }
        };
        if self.project.actions.contains_key(&name) {
            let run = self.state.position + 1;
            self.emit(Event::ActionStarted { at: self.at, action: name.clone(), frame: frame.id });
            return Some(Next::Run(Run { id: run, action: name, at: self.at }));
        }
        if let Ok(response) = ResponseName::parse(name.as_str())
            && self.project.responses.contains_key(&response)
        {
            self.say_response(&response);
            self.go_on(frame, step);
            return None;
        }
        if !default_action::is_known(name.as_str()) {
            self.fault(format!("nothing offers the action `{name}`"));
            return None;
        }
        match self.default_action(name.as_str(), frame) {
            Then::GoOn => {
                self.go_on(frame, step);
                None
            }
            Then::Listen => {
                self.go_on(frame, step);
                Some(self.listen())
            }
            Then::Again => None,
            Then::Transfer => match &self.state.waiting {
                Waiting::Person => Some(Next::Transfer(Destination { reason: reason(frame).spoken() })),
                Waiting::Nobody | Waiting::Caller(_) | Waiting::Run { .. } | Waiting::Over => None,
            },
            Then::HangUp => Some(Next::HangUp),
        }
    }

    fn exists(&self, name: &ActionName) -> bool {
        self.project.actions.contains_key(name) || self.project.responses.contains_key(name.as_str()) || default_action::is_known(name.as_str())
    }

    /// A plugin's action has ended: its branches decide, or whatever is not `done` is an error.
    fn ended(&mut self, frame: &Frame, step: &Step) -> Option<Next> {
        let outcome = self.state.frame(frame.id).and_then(|frame| frame.context.get("outcome")).map(Value::spoken).unwrap_or_default();
        if outcome != "done" && !step.tests_outcome() {
            self.fault(format!("step `{}` ended `{outcome}` and no branch looks at `context.outcome`", step.id));
            return None;
        }
        let to = self.onward(frame.id, step);
        self.emit(Event::Noted { frame: frame.id, key: "outcome".into(), value: Value::None });
        self.emit(Event::Moved { frame: frame.id, to });
        None
    }

    fn collect(&mut self, frame: &Frame, step: &Step, collect: &Collect) {
        let asked = frame.asked.as_ref() == Some(&step.id);
        let consent = self.project.slots.get(&collect.slot).is_some_and(|slot| slot.consent);
        let anew = collect.ask_before_filling || consent;
        let filled = !slot_value(self.project, &self.state, &collect.slot).is_none();
        if filled && (asked || !anew) {
            self.go_on(frame, step);
            return;
        }
        if filled {
            self.emit(Event::Slot { name: collect.slot.clone(), value: Value::None });
        }
        if frame.context.get("reason").is_some_and(|reason| !reason.is_none()) {
            self.emit(Event::Noted { frame: frame.id, key: "reason".into(), value: Value::None });
        }
        self.emit(Event::Asking { frame: frame.id, step: step.id.clone() });
        let context = [
            ("collect", Value::text(collect.slot.as_str())),
            ("utter", Value::text(collect.utter.as_str())),
            ("collect_action", Value::text(format!("action_ask_{}", collect.slot))),
        ];
        self.push_pattern("pattern_collect_information", &context);
    }

    fn go_on(&mut self, frame: &Frame, step: &Step) {
        let to = self.onward(frame.id, step);
        self.emit(Event::Moved { frame: frame.id, to });
    }

    fn onward(&self, frame: u32, step: &Step) -> Position {
        let place = |id: Option<&crate::StepId>| id.map_or(Position::End, |id| Position::At(id.clone()));
        match &step.next {
            Onward::End => Position::End,
            Onward::Step(id) => place(Some(id)),
            Onward::Branches(branches, last) => {
                let context = self.state.frame(frame).map(scope::context).unwrap_or_default();
                let scope = StateScope { project: self.project, state: &self.state, context: &context };
                let taken = branches.iter().find(|(condition, _)| condition.holds(&scope)).map_or(last, |(_, target)| target);
                place(taken.step())
            }
        }
    }

    /// The end of a flow (§4.4).
    fn leave(&mut self, frame: &Frame, flow: &Flow) {
        self.emit(Event::Popped { frame: frame.id });
        let cancelled = frame.position == Position::Cancelled;
        let ends = if frame.kind == FrameKind::Pattern {
            None
        } else if cancelled {
            Some(Event::FlowCancelled { flow: flow.id.clone(), step: None })
        } else {
            Some(Event::FlowCompleted { flow: flow.id.clone(), step: None })
        };
        let is_pattern = ends.is_none();
        ends.into_iter().for_each(|event| self.emit(event));
        for name in flow.slots_to_clear() {
            let Some(slot) = self.project.slots.get(name) else { continue };
            let initial = Value::from_json(slot.initial.clone());
            if slot_value(self.project, &self.state, name) != initial {
                self.emit(Event::Slot { name: name.clone(), value: initial });
            }
        }
        if is_pattern {
            return;
        }
        let linked = self.state.stack.last().is_some_and(|below| below.position == Position::Start);
        if linked {
            return;
        }
        let below = self.state.stack.iter().rev().find(|below| below.kind != FrameKind::Pattern).map(|below| below.flow.clone());
        match below {
            Some(below) if frame.kind == FrameKind::Interrupt => {
                self.emit(Event::FlowResumed { flow: below.clone(), step: None });
                let name = Value::text(self.readable(&below));
                self.push_pattern("pattern_continue_interrupted", &[("previous_flow_name", name)]);
            }
            None if self.state.stack.is_empty() && !cancelled && flow.run_pattern_completed => {
                let name = Value::text(self.readable(&flow.id));
                self.push_pattern("pattern_completed", &[("previous_flow_name", name)]);
            }
            Some(_) | None => {}
        }
    }
}

/// Why a pattern runs: its own reason, or the flow that led to it.
pub(super) fn reason(frame: &Frame) -> Value {
    match (frame.flow.as_str(), frame.context.get("reason")) {
        ("pattern_cannot_handle", _) => Value::text("not_understood"),
        ("pattern_user_silence", _) => Value::text("silence"),
        ("pattern_internal_error", _) => Value::text("fault"),
        (_, Some(reason @ Value::Text(_))) => reason.clone(),
        (flow, _) => Value::text(flow),
    }
}
