//! Actions the engine has of its own (`rasa-calm.md` §6).
//!
//! Lives here: their names and what they do to the call.
//! Never here: anything that waits.

use super::Mover;
use crate::condition::Scope;
use crate::event::Event;
use crate::project::StepKind;
use crate::scope::{self, StateScope, slot_value};
use crate::state::{Frame, Position};
use crate::{ResponseName, SlotName, Value};

/// What a default action leaves to do.
pub(super) enum Then {
    /// Go on with the step's `next`.
    GoOn,
    /// The turn ends here, waiting for the caller.
    Listen,
    /// The frames changed: look at the stack again.
    Again,
    /// The call goes to a person.
    Transfer,
    /// The call ends.
    HangUp,
}

const NAMES: [&str; 9] = [
    "action_listen",
    "action_session_start",
    "action_run_slot_rejections",
    "action_cancel_flow",
    "action_clarify_flows",
    "action_clean_stack",
    "action_repeat_bot_messages",
    "action_transfer",
    "action_hangup",
];

/// Whether the engine has an action of this name.
pub(crate) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

impl Mover<'_> {
    pub(super) fn default_action(&mut self, name: &str, frame: &Frame) -> Then {
        match name {
            "action_listen" => Then::Listen,
            "action_run_slot_rejections" => self.reject(frame),
            "action_cancel_flow" => {
                self.cancel_frames(frame);
                Then::GoOn
            }
            "action_clarify_flows" => {
                let names = frame.context.get("names").map(Value::spoken).unwrap_or_default();
                self.emit(Event::Noted { frame: frame.id, key: "clarification_options".into(), value: Value::text(names) });
                Then::GoOn
            }
            "action_clean_stack" => {
                let others: Vec<u32> = self.state.stack.iter().map(|other| other.id).filter(|id| *id != frame.id).collect();
                for frame in others {
                    self.emit(Event::Moved { frame, to: Position::Cancelled });
                }
                Then::GoOn
            }
            "action_repeat_bot_messages" => {
                for spoken in self.state.before.clone() {
                    // The open question is asked again by its own pattern.
                    let asks = self
                        .state
                        .stack
                        .iter()
                        .any(|frame| frame.context.get("utter").and_then(Value::as_text) == spoken.response.as_ref().map(ResponseName::as_str));
                    if !asks {
                        self.emit(Event::Said {
                            response: spoken.response,
                            text: spoken.text,
                            buttons: Vec::new(),
                            custom: None,
                            rich: serde_json::Map::new(),
                            claims: Vec::new(),
                        });
                    }
                }
                Then::GoOn
            }
            "action_transfer" => {
                let reason = super::advance::reason(frame).spoken();
                self.emit(Event::Transferred { reason });
                Then::Transfer
            }
            "action_hangup" => {
                self.emit(Event::HungUp);
                Then::HangUp
            }
            _ => Then::GoOn,
        }
    }

    /// Checks the value a question got: its type, then the rejections of its step. A refused value is
    /// emptied, counts as a miss, and may end the asking.
    fn reject(&mut self, frame: &Frame) -> Then {
        let Some(slot) = frame.context.get("collect").and_then(Value::as_text).and_then(|name| SlotName::parse(name).ok()) else { return Then::GoOn };
        if slot_value(self.project, &self.state, &slot).is_none() {
            return Then::GoOn;
        }
        let context = scope::context(frame);
        let scope = StateScope { project: self.project, state: &self.state, context: &context };
        let below = self
            .state
            .stack
            .iter()
            .rev()
            .find(|other| other.id < frame.id && self.project.flows.get(&other.flow).is_some_and(|flow| flow.collect(&slot).is_some()));
        let step = below.and_then(|below| if let Position::At(id) = &below.position { self.project.flows.get(&below.flow)?.step(id) } else { None });
        let rejections =
            step.and_then(|step| if let StepKind::Collect(collect) = &step.kind { Some(collect.rejections.clone()) } else { None }).unwrap_or_default();
        let Some((_, utter)) = rejections.into_iter().find(|(condition, _)| condition.holds(&scope as &dyn Scope)) else { return Then::GoOn };
        self.emit(Event::Slot { name: slot, value: Value::None });
        self.say_response(&utter);
        if self.miss() { Then::Again } else { Then::GoOn }
    }

    fn cancel_frames(&mut self, frame: &Frame) {
        let Some(Value::Items(ids)) = frame.context.get("canceled_frames").cloned() else { return };
        for id in ids.iter().filter_map(|id| id.reveal().parse::<u32>().ok()) {
            if self.state.frame(id).is_some() {
                self.emit(Event::Moved { frame: id, to: Position::Cancelled });
            }
        }
    }
}
