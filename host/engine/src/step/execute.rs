//! What commands do to the stack (`rasa-calm.md` §4.2).
//!
//! Lives here: one function per command, and frames coming and going.
//! Never here: which commands count (`cleanup.rs`), what the frames then do (`advance.rs`).

use super::{Mover, cleanup};
use crate::command::Command;
use crate::event::Event;
use crate::legal::{on_stack, questions};
use crate::project::SlotKind;
use crate::scope::slot_value;
use crate::state::{Frame, FrameKind, Position};
use crate::{FlowId, Masked, SlotName, Value};
use serde_json::{Map, Value as Json};

impl Mover<'_> {
    /// Executes a batch, the last command first, so that the first one's flow ends up on top.
    pub(super) fn execute(&mut self, commands: Vec<Command>) {
        // What is cancelled is what was active before this batch.
        let active: Vec<u32> =
            self.state.active_chain().first().map(|bottom| self.state.stack[*bottom..].iter().map(|frame| frame.id).collect()).unwrap_or_default();
        let mut set = Vec::new();
        for command in commands.into_iter().rev() {
            // Answers stand at the front of a batch: they are said before a value is looked at.
            if matches!(command, Command::ChitChat | Command::Knowledge) {
                set.drain(..).for_each(|name| self.validate(&name));
            }
            match command {
                Command::StartFlow { flow } => self.start(&flow),
                Command::SetSlot { name, value } => set.extend(self.set(name, &value)),
                Command::CorrectSlots { slots } => self.correct(&slots),
                Command::CancelFlow => self.cancel(&active),
                Command::Clarify { options } => self.clarify(&options),
                Command::SkipQuestion => {
                    if !self.give_up(|_| true) {
                        self.push_pattern("pattern_skip_question", &[]);
                    }
                }
                Command::ChitChat => self.push_pattern("pattern_chitchat", &[]),
                Command::Knowledge => self.push_pattern("pattern_search", &[]),
                Command::HumanHandoff => {
                    let (_, asking) = self.missed();
                    self.push_pattern("pattern_human_handoff", &[("reason", Value::text("asked")), ("asking", asking)]);
                }
                Command::Repeat => self.push_pattern("pattern_repeat_bot_messages", &[]),
                Command::CannotHandle { reason } => {
                    if !self.miss() {
                        let reason = Value::text(reason.unwrap_or_else(|| "cannot_handle_default".into()));
                        let (misses, asking) = self.missed();
                        self.push_pattern("pattern_cannot_handle", &[("reason", reason), ("misses", misses), ("asking", asking)]);
                    }
                }
                Command::Error { error_type, info } => {
                    self.push_pattern(
                        "pattern_internal_error",
                        &[("error_type", Value::text(error_type)), ("info", Value::Json(Masked::new(Json::Object(info))))],
                    );
                }
                Command::UserSilence => self.silence(),
                // The session itself was begun by the host.
                Command::SessionStart => self.push_pattern("pattern_session_start", &[]),
                Command::SessionEnd => self.emit(Event::SessionEnded),
                Command::Restart => self.push_pattern("pattern_restart", &[]),
                Command::CodeChange => {
                    if !self.state.stack.is_empty() {
                        self.push_pattern("pattern_code_change", &[]);
                    }
                }
                Command::Noop => {}
            }
        }
        set.iter().for_each(|name| self.validate(name));
    }

    fn start(&mut self, flow: &FlowId) {
        if on_stack(self.project, &self.state, flow) {
            return;
        }
        let waits = self.state.stack.iter().position(|frame| frame.is_live() && frame.flow == *flow);
        let kind = self.interrupt();
        match waits {
            Some(height) => self.resume(height),
            None => self.push(flow.clone(), kind, &[], None),
        }
    }

    /// Notes that the active flow, if there is one, is interrupted: what comes on top of it then is one.
    pub(super) fn interrupt(&mut self) -> FrameKind {
        let Some((flow, step)) = self.state.active_flow().map(|frame| (frame.flow.clone(), frame.step().cloned())) else { return FrameKind::Regular };
        self.emit(Event::FlowInterrupted { flow, step });
        FrameKind::Interrupt
    }

    /// A flow that waits on the stack comes to the top, with what it was asking (3.14).
    fn resume(&mut self, height: usize) {
        let flow = self.state.stack[height].flow.clone();
        let step = self.state.stack[height].step().cloned();
        let belongs = |frame: &Frame| frame.kind == FrameKind::Pattern || frame.kind == FrameKind::Call;
        let end = (height + 1..self.state.stack.len()).find(|at| !belongs(&self.state.stack[*at])).unwrap_or(self.state.stack.len());
        let moved: Vec<Frame> = self.state.stack[height..end].to_vec();
        let announcing: Vec<u32> =
            self.state.stack.iter().filter(|frame| frame.flow.as_str() == "pattern_continue_interrupted").map(|frame| frame.id).collect();
        for id in moved.iter().map(|frame| frame.id).chain(announcing) {
            self.emit(Event::Popped { frame: id });
        }
        for mut frame in moved {
            if frame.flow == flow {
                frame.kind = FrameKind::Interrupt;
            }
            self.emit(Event::Pushed { frame, beneath: None });
        }
        self.emit(Event::FlowResumed { flow, step });
    }

    /// Sets a slot; its name if it got a value. What the slot cannot hold empties it, and the caller hears why.
    fn set(&mut self, name: SlotName, value: &Value) -> Option<SlotName> {
        let slot = self.project.slots.get(&name).filter(|slot| !slot.consent)?;
        let Some(coerced) = slot.coerce(value) else {
            let refusal = match slot.kind {
                SlotKind::Bool => "utter_boolean_slot_rejection",
                SlotKind::Float => "utter_float_slot_rejection",
                SlotKind::Categorical(_) | SlotKind::Text | SlotKind::Any | SlotKind::List => "utter_categorical_slot_rejection",
            };
            if !slot_value(self.project, &self.state, &name).is_none() {
                self.emit(Event::Slot { name, value: Value::None });
            }
            self.say_with(refusal, &[("value", value.clone())]);
            self.miss();
            return None;
        };
        let filled = !coerced.is_none();
        self.emit(Event::Slot { name: name.clone(), value: coerced });
        filled.then_some(name)
    }

    /// Has the validation of a slot, if it has one, look at the value it got.
    fn validate(&mut self, name: &SlotName) {
        let Some(validation) = self.project.slots.get(name).and_then(|slot| slot.validation.as_ref()) else { return };
        let context = [
            ("validate", Value::text(name.as_str())),
            ("refill_utter", Value::text(validation.refill_utter.as_str())),
            ("refill_action", Value::text(validation.refill_action.as_str())),
        ];
        self.push_pattern("pattern_validate_slot", &context);
    }

    /// Takes back answers: the flow goes back to the earliest question that changes (§4.5).
    fn correct(&mut self, slots: &[(SlotName, Value)]) {
        let places = slots.iter().filter_map(|(name, _)| cleanup::passed(self.project, &self.state, name));
        let place = |(height, step): &(usize, crate::StepId)| (*height, self.state.stack[*height].passed.iter().position(|passed| passed == step));
        let earliest = places.min_by_key(place);
        let reset_only = {
            let flows: Vec<_> = self.state.active_chain().iter().filter_map(|height| self.project.flows.get(&self.state.stack[*height].flow)).collect();
            let asked_first = |name: &SlotName| {
                flows.iter().flat_map(|flow| questions(self.project, flow)).any(|collect| collect.slot == *name && collect.ask_before_filling)
            };
            slots.iter().all(|(name, _)| asked_first(name))
        };
        let map: Map<String, Json> = slots.iter().map(|(name, value)| (name.to_string(), value.to_json())).collect();
        let list: Vec<Json> = slots.iter().map(|(_, value)| value.to_json()).collect();
        let mut context = vec![
            ("is_reset_only", Value::Bool(reset_only)),
            ("corrected_slots", Value::Json(Masked::new(Json::Object(map)))),
            ("new_slot_values", Value::Json(Masked::new(list.into()))),
        ];
        if let Some((height, step)) = earliest {
            let frame = &self.state.stack[height];
            context.push(("reset_flow_id", Value::text(frame.flow.as_str())));
            context.push(("reset_step_id", Value::text(step.as_str())));
            context.push(("reset_frame", Value::Number(f64::from(frame.id))));
        }
        // Of two corrections the newer one goes beneath: the older one ends first.
        let open = self.open_correction();
        if let Some(frame) = open {
            self.emit(Event::Moved { frame, to: Position::End });
        }
        self.push_pattern_beneath("pattern_correction", &context, open);
    }

    /// The correction on top of the stack; what a correction of the project's own was asking is dropped.
    fn open_correction(&mut self) -> Option<u32> {
        let top = self.state.stack.iter().rposition(|frame| frame.flow.as_str() != "pattern_collect_information")?;
        let frame = &self.state.stack[top];
        let id = (frame.flow.as_str() == "pattern_correction" && frame.is_live()).then_some(frame.id)?;
        self.drop_frames(top + 1);
        Some(id)
    }

    /// Cancels the flow of these frames, its lowest the outermost caller.
    fn cancel(&mut self, active: &[u32]) {
        let frames: Vec<Frame> = active.iter().filter_map(|id| self.state.frame(*id)).cloned().collect();
        let Some(name) = frames.first().map(|frame| self.readable(&frame.flow)) else { return };
        for frame in frames.iter().rev().filter(|frame| frame.kind != FrameKind::Pattern) {
            self.emit(Event::FlowCancelled { flow: frame.flow.clone(), step: frame.step().cloned() });
        }
        let ids = frames.iter().map(|frame| Masked::new(frame.id.to_string())).collect();
        self.push_pattern("pattern_cancel_flow", &[("canceled_name", Value::text(name)), ("canceled_frames", Value::Items(ids))]);
    }

    fn clarify(&mut self, options: &[FlowId]) {
        let names = options.iter().map(|flow| Masked::new(self.readable(flow))).collect();
        self.push_pattern("pattern_clarification", &[("names", Value::Items(names))]);
    }

    /// A flow's name as the caller's language has it.
    pub(super) fn readable(&self, flow: &FlowId) -> String {
        let Some(flow) = self.project.flows.get(flow) else { return flow.to_string() };
        let translated = self.slot_text("language").and_then(|language| flow.translation.get(&language).cloned());
        translated.unwrap_or_else(|| flow.name.clone())
    }

    /// Puts a pattern on top of the stack; a project without it has nothing to react with.
    pub(super) fn push_pattern(&mut self, pattern: &str, context: &[(&str, Value)]) {
        self.push_pattern_beneath(pattern, context, None);
    }

    fn push_pattern_beneath(&mut self, pattern: &str, context: &[(&str, Value)], beneath: Option<u32>) {
        if let Ok(flow) = FlowId::parse(pattern)
            && self.project.flows.contains_key(&flow)
        {
            self.push(flow, FrameKind::Pattern, context, beneath);
        }
    }

    pub(super) fn push(&mut self, flow: FlowId, kind: FrameKind, context: &[(&str, Value)], beneath: Option<u32>) {
        let context = context.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        self.emit(Event::Pushed { frame: Frame::new(self.state.frames + 1, flow, kind, context), beneath });
    }

    /// Takes every frame from this height up off the stack, without ceremony.
    pub(super) fn drop_frames(&mut self, height: usize) {
        let ids: Vec<u32> = self.state.stack.iter().skip(height).rev().map(|frame| frame.id).collect();
        for frame in ids {
            self.emit(Event::Popped { frame });
        }
    }
}
