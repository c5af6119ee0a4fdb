//! A conversation in Rasa's JSON: what the HTTP API answers and an action server is sent
//! (`rasa-calm.md` §7.2, §9).
//!
//! Lives here: the tracker object, and which events it holds.
//! Never here: HTTP, hiding values (`action_server` does that to what it sends).

mod domain;
mod effects;
mod events;
mod stack;

pub use domain::{Domain, domain};
pub use effects::{BadEvent, Told, effects};

use centralita_engine::project::SlotKind;
use centralita_engine::{CallState, Event, Project, SlotName, Value};
use serde_json::{Map, Value as Json, json};

/// Which events a tracker shows (`include_events` of the HTTP API).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include {
    /// Every one there is.
    All,
    /// Those that still count: since the session began, or since the last restart in it.
    AfterRestart,
    /// None.
    None,
}

/// A conversation, seen as a Rasa tracker.
#[derive(Clone, Copy)]
pub struct Conversation<'a> {
    /// Who it is held with: `sender_id`.
    pub sender: &'a str,
    /// The project it is held in.
    pub project: &'a Project,
    /// All that happened, from the first event on.
    pub events: &'a [Event],
}

impl Conversation<'_> {
    /// Everything that happened, as Rasa tells it, oldest first.
    pub fn told(&self) -> Vec<Json> {
        events::tell(self.sender, self.project, self.events)
    }

    /// The tracker object.
    pub fn tracker(&self, include: Include) -> Json {
        let all = self.told();
        let state = CallState::from_events(self.events);
        let last = |kind: &str| all.iter().rev().find(|event| event["event"] == kind);
        let user = last("user");
        let action = last("action").map(|event| event["name"].clone()).unwrap_or_default();
        let time = all.iter().rev().map(|event| &event["timestamp"]).find(|time| time.is_number()).cloned().unwrap_or_default();
        json!({
            "sender_id": self.sender,
            "slots": slots(self.project, &state),
            "latest_message": user.map_or_else(|| events::parse_data("", &Json::Null), |event| event["parse_data"].clone()),
            "latest_event_time": time,
            "followup_action": null,
            "paused": false,
            "latest_input_channel": user.map(|event| event["input_channel"].clone()).unwrap_or_default(),
            "active_loop": {},
            "latest_action": { "action_name": action },
            "latest_action_name": action,
            "stack": stack::stack(&state),
            "events": match include {
                Include::All => all,
                Include::AfterRestart => since_restart(all),
                Include::None => Vec::new(),
            },
        })
    }
}

/// Every slot of the domain with its value. Whole numbers in a `float` slot stay fractional, as Python's are; elsewhere
/// they were written as whole.
fn slots(project: &Project, state: &CallState) -> Json {
    let mut slots: Map<String, Json> = project.slots.keys().map(|name| (name.to_string(), value_of(project, state, name))).collect();
    let opened = state.opening.as_ref().map(|opening| opening.metadata.to_json()).unwrap_or_default();
    slots.entry("session_started_metadata").or_insert(opened);
    Json::Object(slots)
}

/// A slot's value, its initial one when nothing has set it.
fn value_of(project: &Project, state: &CallState, name: &SlotName) -> Json {
    let Some(slot) = project.slots.get(name) else { return Json::Null };
    let value = state.slots.get(name).map_or_else(|| slot.initial.clone(), Value::to_json);
    if slot.kind == SlotKind::Float { value } else { whole(value) }
}

/// A number without a fraction as a whole number.
fn whole(value: Json) -> Json {
    match value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 9e15) {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and far from the ends of i64")]
        Some(number) => (number as i64).into(),
        None => value,
    }
}

/// The events of the session that still count.
fn since_restart(all: Vec<Json>) -> Vec<Json> {
    let cut = all.iter().rposition(|event| event["event"] == "restart" || event["event"] == "session_started");
    match cut {
        Some(at) => all.into_iter().skip(at).collect(),
        None => all,
    }
}

#[cfg(test)]
mod tests;
