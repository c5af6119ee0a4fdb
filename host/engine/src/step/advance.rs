//! Walking the top of the stack until somebody has to act (`rasa-calm.md` §4.3).
//!
//! Lives here: one step after another, and the bound on them.
//! Never here: the end of a flow (`leave.rs`), commands, wording.

use super::default_action::{self, Then};
use super::{Destination, Mover, Next, Run};
use crate::event::Event;
use crate::project::{ActionRef, Collect, Next as Onward, Step, StepKind};
use crate::scope::{self, StateScope, slot_value};
use crate::state::{Frame, FrameKind, Listening, Position, Waiting};
use crate::{ActionName, FlowId, ResponseName, SlotName, Value, template};

/// How many steps one move may take before a loop is suspected.
const BOUND: usize = 250;
/// How many steps one turn may take, actions of others in between.
const TURN: u32 = 1000;

impl Mover<'_> {
    pub(super) fn advance(&mut self) -> Next {
        // What is said of a fault is granted as many steps again.
        let erring = self.state.stack.iter().any(|frame| frame.flow.as_str() == "pattern_internal_error");
        let bound = if self.state.steps >= if erring { 2 * TURN } else { TURN } { 0 } else { BOUND };
        for _ in 0..bound {
            if let Some(next) = self.one() {
                return next;
            }
        }
        let flow = self.state.active_flow().or(self.state.stack.last()).map(|frame| frame.flow.to_string()).unwrap_or_default();
        let trail: Vec<String> = self
            .events
            .iter()
            .rev()
            .filter_map(|event| if let Event::Moved { to: Position::At(step), .. } = event { Some(step.to_string()) } else { None })
            .take(4)
            .collect();
        self.fault(format!(
            "flow `{flow}` took more than {BOUND} steps in one turn, or {TURN} with actions in between, without waiting; it goes round through {}",
            trail.join(", ")
        ));
        for _ in 0..BOUND {
            if let Some(next) = self.one() {
                return next;
            }
        }
        self.drop_frames(0);
        self.emit(Event::Transferred { reason: "fault".into() });
        Next::Transfer(Destination { reason: "fault".into() })
    }

    /// One step of the top frame; something when the host has to act.
    fn one(&mut self) -> Option<Next> {
        match &self.state.waiting {
            // Who has hung up goes to nobody; what is left to do is done.
            Waiting::Person if !self.has_left() => return Some(Next::Transfer(Destination { reason: "fault".into() })),
            Waiting::Over => return Some(Next::Idle),
            Waiting::Person | Waiting::Nobody | Waiting::Caller(_) | Waiting::Run { .. } => {}
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
        if self.has_left() {
            self.fault("nobody is there to be asked: the caller has hung up");
            return Next::Idle;
        }
        let listening = self.question();
        self.emit(Event::Listened { listening: listening.clone() });
        Next::Listen(listening)
    }

    /// What is asked now: the slot of the pattern on top, and how its question wants to be answered.
    fn question(&self) -> Listening {
        let asks = self.state.stack.last().and_then(|frame| match frame.flow.as_str() {
            "pattern_collect_information" => frame.context.get("collect"),
            "pattern_validate_slot" => frame.context.get("validate"),
            _ => None,
        });
        let slot = asks.and_then(Value::as_text).and_then(|name| SlotName::parse(name).ok());
        let collect = slot.as_ref().and_then(|slot| scope::open_collect(self.project, &self.state, slot));
        let channel = self.state.opening.as_ref().map_or("", |opening| opening.channel.as_str());
        let silence = collect.and_then(|(_, collect)| collect.silence_timeout.get(channel).or_else(|| collect.silence_timeout.get("")));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to an hour")]
        let silence_ms = silence.map(|seconds| (seconds.clamp(0.0, 3600.0) * 1000.0) as u64);
        let dtmf = collect.and_then(|(_, collect)| collect.dtmf.clone());
        Listening { slot, misses: self.state.misses, silence_ms, dtmf }
    }

    fn walk(&mut self, frame: &Frame, step: &Step) -> Option<Next> {
        match &step.kind {
            StepKind::Action(action) => return self.act(frame, step, action),
            StepKind::Collect(collect) => self.collect(frame, step, collect),
            StepKind::SetSlots(slots) => {
                for (name, value) in slots {
                    let value = Value::from_json(value.clone());
                    let value = self.project.slots.get(name).and_then(|slot| slot.coerce(&value)).unwrap_or(value);
                    self.emit(Event::Slot { name: name.clone(), value });
                }
                self.go_on(frame, step);
            }
            StepKind::Link(target) => self.link(frame, target),
            StepKind::Call(child) => {
                // Asked on this visit means called on this visit.
                if frame.asked.as_ref() == Some(&step.id) {
                    self.go_on(frame, step);
                } else {
                    self.emit(Event::Asking { frame: frame.id, step: step.id.clone() });
                    self.push(child.clone(), FrameKind::Call, &[], None);
                }
            }
            StepKind::Noop => self.go_on(frame, step),
        }
        None
    }

    /// A linked flow takes the place of this one: what this one interrupted is still below.
    fn link(&mut self, frame: &Frame, target: &FlowId) {
        let kind = match (target.is_pattern(), frame.kind) {
            (true, _) => FrameKind::Pattern,
            (false, FrameKind::Pattern) => self.interrupt(),
            (false, kind) => kind,
        };
        let context = std::collections::BTreeMap::from([("reason".to_owned(), reason(frame))]);
        let mut linked = Frame::new(self.state.frames + 1, target.clone(), kind, context);
        linked.linked = true;
        self.emit(Event::Pushed { frame: linked, beneath: Some(frame.id) });
        self.emit(Event::Moved { frame: frame.id, to: Position::End });
    }

    fn act(&mut self, frame: &Frame, step: &Step, action: &ActionRef) -> Option<Next> {
        if let Some(Value::Text(_)) = self.state.frame(frame.id).and_then(|frame| frame.context.get("outcome")) {
            return self.ended(frame, step);
        }
        let name = match action {
            ActionRef::Named(name) => name.clone(),
            ActionRef::Templated(text) => {
                let rendered = template::jinja(text, &scope::context(self.project, &self.state, frame)).unwrap_or_default();
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
            self.emit(Event::Acted { action: name });
            self.say_response(&response);
            self.go_on(frame, step);
            return None;
        }
        if !default_action::is_known(name.as_str()) {
            self.fault(format!("nothing offers the action `{name}`"));
            return None;
        }
        let then = self.default_action(&name, frame);
        self.then(then, frame, step)
    }

    fn then(&mut self, then: Then, frame: &Frame, step: &Step) -> Option<Next> {
        match then {
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

    /// Somebody else's action has ended: its branches decide, or whatever is not `done` is an error.
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
            ("collect_action", Value::text(collect.action.as_str())),
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
                let context = self.state.frame(frame).map(|frame| scope::context(self.project, &self.state, frame)).unwrap_or_default();
                let scope = StateScope { project: self.project, state: &self.state, context: &context };
                let taken = branches.iter().find(|(condition, _)| condition.holds(&scope)).map_or(last, |(_, target)| target);
                place(taken.step())
            }
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
