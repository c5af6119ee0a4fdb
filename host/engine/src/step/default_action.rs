//! Actions the engine has of its own (`rasa-calm.md` §6).
//!
//! Lives here: their names and what they do to the call.
//! Never here: anything that waits; the checks of a slot's value (`rejections.rs`).

use super::Mover;
use crate::event::Event;
use crate::state::{Frame, Position};
use crate::{ActionName, Masked, ResponseName, SlotName, Value};

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

const NAMES: [&str; 15] = [
    "action_listen",
    "action_session_start",
    "action_run_slot_rejections",
    "action_cancel_flow",
    "action_correct_flow_slot",
    "action_clarify_flows",
    "action_clean_stack",
    "action_repeat_bot_messages",
    "action_restart",
    "action_reset_routing",
    "action_trigger_search",
    "action_trigger_chitchat",
    "action_default_fallback",
    "action_transfer",
    "action_hangup",
];

/// Actions of Rasa's older dialogue system: known by name, and nothing happens.
const OLDER: [&str; 9] = [
    "action_extract_slots",
    "action_validate_slot_mappings",
    "action_deactivate_loop",
    "action_two_stage_fallback",
    "action_revert_fallback_events",
    "action_default_ask_affirmation",
    "action_default_ask_rephrase",
    "action_unlikely_intent",
    "action_back",
];

/// Whether the engine has an action of this name.
pub(crate) fn is_known(name: &str) -> bool {
    NAMES.contains(&name) || OLDER.contains(&name)
}

/// Whether an action of this name does nothing here.
pub(crate) fn is_older(name: &str) -> bool {
    OLDER.contains(&name)
}

impl Mover<'_> {
    pub(super) fn default_action(&mut self, action: &ActionName, frame: &Frame) -> Then {
        if action.as_str() != "action_listen" {
            self.emit(Event::Acted { action: action.clone() });
        }
        match action.as_str() {
            "action_listen" => return Then::Listen,
            "action_run_slot_rejections" => return self.reject(frame),
            // What a session begins with is there before this runs (`Mover::begin`): an override of it sees that too.
            "action_session_start" => {}
            "action_cancel_flow" => self.cancel_frames(frame),
            "action_correct_flow_slot" => self.correct_slots(frame),
            "action_clarify_flows" => {
                let names = frame.context.get("names").map(Value::spoken).unwrap_or_default();
                self.emit(Event::Noted { frame: frame.id, key: "clarification_options".into(), value: Value::text(names) });
            }
            "action_clean_stack" => {
                let others: Vec<u32> = self.state.stack.iter().map(|other| other.id).filter(|id| *id != frame.id).collect();
                for frame in others {
                    self.emit(Event::Moved { frame, to: Position::Cancelled });
                }
            }
            "action_repeat_bot_messages" => self.repeat(),
            "action_restart" => {
                self.emit(Event::Restarted);
                self.say_if_there("utter_restart");
                return Then::Again;
            }
            "action_reset_routing" => self.reset_routing(),
            "action_trigger_search" => self.search(),
            "action_trigger_chitchat" => self.say_if_there("utter_cannot_handle"),
            "action_default_fallback" => self.say_if_there("utter_default"),
            "action_transfer" => {
                let reason = super::advance::reason(frame).spoken();
                self.emit(Event::Transferred { reason });
                return Then::Transfer;
            }
            "action_hangup" => {
                self.emit(Event::HungUp);
                return Then::HangUp;
            }
            _ => {}
        }
        Then::GoOn
    }

    fn repeat(&mut self) {
        for spoken in self.state.before.clone() {
            // The open question is asked again by its own pattern.
            let asks = |frame: &Frame| {
                let utter = frame.context.get("utter").or_else(|| frame.context.get("refill_utter"));
                utter.and_then(Value::as_text).is_some_and(|utter| spoken.response.as_ref().map(ResponseName::as_str) == Some(utter))
            };
            if !self.state.stack.iter().any(asks) {
                let (response, text) = (spoken.response, spoken.text);
                self.emit(Event::Said { response, text, buttons: Vec::new(), custom: None, rich: serde_json::Map::new(), claims: Vec::new() });
            }
        }
    }

    fn cancel_frames(&mut self, frame: &Frame) {
        let Some(Value::Items(ids)) = frame.context.get("canceled_frames").cloned() else { return };
        for id in ids.iter().filter_map(|id| id.reveal().parse::<u32>().ok()) {
            if self.state.frame(id).is_some() {
                self.emit(Event::Moved { frame: id, to: Position::Cancelled });
            }
        }
    }

    /// Sets the corrected slots and takes the flow back to the earliest question that changes; what it was
    /// asking, and flows it had called, leave the stack (§4.5).
    fn correct_slots(&mut self, frame: &Frame) {
        let corrected = frame.context.get("corrected_slots").map(Value::to_json).unwrap_or_default();
        for (name, value) in corrected.as_object().into_iter().flatten() {
            let Ok(name) = SlotName::parse(name) else { continue };
            self.put(name, &Value::from_json(value.clone()));
        }
        let step = frame.context.get("reset_step_id").and_then(Value::as_text).and_then(|step| crate::StepId::parse(step).ok());
        let Some(Value::Number(number)) = frame.context.get("reset_frame") else { return };
        let reset = self.state.stack.iter().position(|other| (f64::from(other.id) - number).abs() < 0.5);
        let (Some(height), Some(to)) = (reset, step) else { return };
        let above = self.state.stack.iter().skip(height + 1);
        let dropped: Vec<u32> =
            above.take_while(|other| other.id != frame.id).filter(|other| other.flow.as_str() != "pattern_correction").map(|other| other.id).collect();
        for frame in dropped.into_iter().rev() {
            self.emit(Event::Popped { frame });
        }
        self.emit(Event::Returned { frame: self.state.stack[height].id, to });
    }

    /// Slots that are not shared go back to their initial values, and nobody is in charge (§3.9).
    fn reset_routing(&mut self) {
        let names: Vec<SlotName> = self.project.slots.iter().filter(|(_, slot)| !slot.shared).map(|(name, _)| name.clone()).collect();
        names.iter().for_each(|name| self.reset_slot(name));
        if let Ok(name) = SlotName::parse("route_session_to_calm")
            && self.state.slots.get(&name).is_some_and(|value| !value.is_none())
        {
            self.emit(Event::Slot { name, value: Value::None });
        }
    }

    /// A passage of the project's documents as it is written, where the project wants that; otherwise the
    /// sentence that there are none.
    fn search(&mut self) {
        let asked = self.state.heard.clone();
        match asked.and_then(|text| self.project.passages.find(text.reveal()).map(str::to_owned)) {
            Some(passage) => {
                let text = Masked::new(passage);
                self.emit(Event::Said { response: None, text, buttons: Vec::new(), custom: None, rich: serde_json::Map::new(), claims: Vec::new() });
            }
            None if self.project.passages.is_empty() => self.say_if_there("utter_no_knowledge_base"),
            None => self.push_pattern("pattern_cannot_handle", &[("reason", Value::text("cannot_handle_no_relevant_answer"))]),
        }
    }
}
