//! What commands do to the stack (`rasa-calm.md` §4.2).
//!
//! Lives here: one function per command, and frames coming and going.
//! Never here: what the frames then do (`advance.rs`).

use super::Mover;
use crate::command::Command;
use crate::event::Event;
use crate::state::{Frame, FrameKind, Position};
use crate::{FlowId, Masked, Value};

impl Mover<'_> {
    /// Executes a batch, the last command first, so that the first one's flow ends up on top.
    pub(super) fn execute(&mut self, commands: Vec<Command>) {
        for command in commands.into_iter().rev() {
            match command {
                Command::StartFlow { flow } => self.start(&flow),
                Command::SetSlot { name, value } => self.emit(Event::Slot { name, value }),
                Command::CancelFlow => self.cancel(),
                Command::Clarify { options } => self.clarify(&options),
                Command::SkipQuestion => {
                    if !self.give_up(|_| true) {
                        self.push_pattern("pattern_skip_question", &[]);
                    }
                }
                Command::ChitChat => self.push_pattern("pattern_chitchat", &[]),
                Command::Knowledge => self.push_pattern("pattern_search", &[]),
                Command::HumanHandoff => self.push_pattern("pattern_human_handoff", &[("reason", Value::text("asked"))]),
                Command::Repeat => self.push_pattern("pattern_repeat_bot_messages", &[]),
                Command::CorrectSlots { .. }
                | Command::Error { .. }
                | Command::SessionStart
                | Command::SessionEnd
                | Command::UserSilence
                | Command::Restart
                | Command::CodeChange
                | Command::Noop => {}
                Command::CannotHandle { .. } => {
                    if !self.miss() {
                        let misses = Value::Number(f64::from(self.state.misses));
                        let asking = Value::Bool(self.state.listening().is_some_and(|listening| listening.slot.is_some()));
                        let context = [("reason", Value::text("cannot_handle_default")), ("misses", misses), ("asking", asking)];
                        self.push_pattern("pattern_cannot_handle", &context);
                    }
                }
            }
        }
    }

    fn start(&mut self, flow: &FlowId) {
        if self.state.stack.iter().any(|frame| frame.flow == *flow && frame.is_live()) {
            return;
        }
        let kind = match self.state.active_flow().map(|frame| frame.flow.clone()) {
            Some(flow) => {
                self.emit(Event::FlowInterrupted { flow, step: None });
                FrameKind::Interrupt
            }
            None => FrameKind::Regular,
        };
        self.push(flow.clone(), kind, &[], None);
    }

    fn cancel(&mut self) {
        let Some(at) = self.state.stack.iter().rposition(|frame| frame.kind != FrameKind::Pattern && frame.is_live()) else { return };
        let name = self.readable(&self.state.stack[at].flow);
        let ids: Vec<u32> = self.state.stack[at..].iter().map(|frame| frame.id).collect();
        let frames = Value::Items(ids.iter().map(|id| Masked::new(id.to_string())).collect());
        self.push_pattern("pattern_cancel_flow", &[("canceled_name", Value::text(name)), ("canceled_frames", frames)]);
    }

    fn clarify(&mut self, options: &[FlowId]) {
        let names = options.iter().map(|flow| Masked::new(self.readable(flow))).collect();
        self.push_pattern("pattern_clarification", &[("names", Value::Items(names))]);
    }

    pub(super) fn readable(&self, flow: &FlowId) -> String {
        self.project.flows.get(flow).map_or_else(|| flow.to_string(), |flow| flow.name.clone())
    }

    /// Puts a pattern on top of the stack; a project without it has nothing to react with.
    pub(super) fn push_pattern(&mut self, pattern: &str, context: &[(&str, Value)]) {
        if let Ok(flow) = FlowId::parse(pattern)
            && self.project.flows.contains_key(&flow)
        {
            self.push(flow, FrameKind::Pattern, context, None);
        }
    }

    pub(super) fn push(&mut self, flow: FlowId, kind: FrameKind, context: &[(&str, Value)], beneath: Option<u32>) {
        let context = context.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let frame = Frame { id: self.state.frames + 1, flow, position: Position::Start, kind, context, asked: None };
        self.emit(Event::Pushed { frame, beneath });
    }

    /// Takes every frame from this height up off the stack, without ceremony.
    pub(super) fn drop_frames(&mut self, height: usize) {
        let ids: Vec<u32> = self.state.stack.iter().skip(height).rev().map(|frame| frame.id).collect();
        for frame in ids {
            self.emit(Event::Popped { frame });
        }
    }
}
