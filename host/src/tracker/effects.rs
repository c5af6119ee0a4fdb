//! Rasa's events, read as what they do here (`rasa-calm.md` §7.5).
//!
//! Lives here: which events change the dialogue, which are only kept, and which are no events at all.
//! Never here: applying them (the engine does).

use centralita_engine::{ActionName, Effect, Project, SlotName, Value};
use serde_json::Value as Json;

/// Slots Rasa has in every domain (`rasa-calm.md` §2.2.2): setting one that is not declared changes nothing.
const BUILT_IN: [&str; 12] = [
    "session_started_metadata",
    "dialogue_stack",
    "return_value",
    "requested_slot",
    "route_session_to_calm",
    "confirm_correction",
    "silence_timeout",
    "consecutive_silence_timeouts",
    "language",
    "flow_hashes",
    "mocked_datetime",
    "interrupted_flow_to_continue",
];

/// Events that are kept for the tracker and do nothing else, in Rasa either once they are in the tracker.
const KEPT: [&str; 20] = [
    "user",
    "bot",
    "action",
    "agent",
    "entities",
    "user_featurization",
    "action_execution_rejected",
    "active_loop",
    "loop_interrupted",
    "stack",
    "flow_started",
    "flow_completed",
    "flow_cancelled",
    "flow_interrupted",
    "flow_resumed",
    "routing_session_ended",
    "agent_started",
    "agent_completed",
    "agent_cancelled",
    "agent_resumed",
];

/// Events that do something in Rasa and nothing here.
const NOT_HONOURED: [&str; 8] = ["rewind", "undo", "reminder", "cancel_reminder", "export", "pause", "resume", "agent_interrupted"];

/// Events, read.
#[derive(Default)]
pub struct Told {
    /// What they do, in order.
    pub effects: Vec<Effect>,
    /// Names of events that are kept without doing what they do in Rasa, and of objects that are none; for the log.
    pub ignored: Vec<String>,
}

/// An event that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEvent {
    /// A slot nobody declares.
    #[error("{who} set the slot `{slot}`, which no domain declares; add it under `slots:`, or fix the spelling there")]
    UnknownSlot {
        /// Whose events these are.
        who: String,
        /// The slot.
        slot: String,
    },
    /// A consent.
    #[error("{who} set the slot `{slot}`, a consent, which only the caller can give; take that out")]
    Consent {
        /// Whose events these are.
        who: String,
        /// The slot.
        slot: String,
    },
    /// A value its slot cannot hold.
    #[error("{who} set the slot `{slot}` to something it cannot hold; its type in the domain is {kind}")]
    Value {
        /// Whose events these are.
        who: String,
        /// The slot.
        slot: String,
        /// The type.
        kind: &'static str,
    },
    /// No event of Rasa's.
    #[error("{who} gave the event `{event}`, which there is not; see the events of rasa_sdk")]
    Unknown {
        /// Whose events these are.
        who: String,
        /// Its name.
        event: String,
    },
    /// An event without what it needs.
    #[error("{who} gave a `{event}` without a `{key}` that is a name")]
    Incomplete {
        /// Whose events these are.
        who: String,
        /// Its name.
        event: String,
        /// What it lacks.
        key: &'static str,
    },
}

/// Reads events; `who` gave them, as an error says it ("the action `x`").
///
/// # Errors
/// [`BadEvent`] for the first that cannot be taken; then none of them counts.
pub fn effects(project: &Project, who: &str, events: &[Json]) -> Result<Told, BadEvent> {
    let mut told = Told::default();
    for event in events {
        let Some(name) = event["event"].as_str() else {
            told.ignored.push("an object without `event`".into());
            continue;
        };
        let effect = match name {
            "slot" => slot(project, who, event)?,
            "reset_slots" => Effect::ResetSlots,
            "restart" => Effect::Restart,
            "session_started" => Effect::SessionStarted,
            "session_ended" => Effect::SessionEnded,
            "followup" => Effect::Followup(name_in(who, event)?),
            // Listening is told by the engine when it listens.
            "action" if event["name"] == "action_listen" => continue,
            _ if KEPT.contains(&name) => Effect::Note(event.clone()),
            _ if NOT_HONOURED.contains(&name) => {
                told.ignored.push(format!("`{name}`"));
                Effect::Note(event.clone())
            }
            _ => return Err(BadEvent::Unknown { who: who.to_owned(), event: short(name) }),
        };
        told.effects.push(effect);
    }
    Ok(told)
}

fn slot(project: &Project, who: &str, event: &Json) -> Result<Effect, BadEvent> {
    let Some(raw) = event["name"].as_str() else {
        return Err(BadEvent::Incomplete { who: who.to_owned(), event: "slot".into(), key: "name" });
    };
    let unknown = || BadEvent::UnknownSlot { who: who.to_owned(), slot: short(raw) };
    let Some(slot) = project.slots.get(raw) else {
        return if BUILT_IN.contains(&raw) { Ok(Effect::Note(event.clone())) } else { Err(unknown()) };
    };
    let name = SlotName::parse(raw).map_err(|_| unknown())?;
    let value = Value::from_json(event["value"].clone());
    if slot.consent && !value.is_none() {
        return Err(BadEvent::Consent { who: who.to_owned(), slot: short(raw) });
    }
    if slot.coerce(&value).is_none() {
        return Err(BadEvent::Value { who: who.to_owned(), slot: short(raw), kind: kind(&slot.kind) });
    }
    Ok(Effect::Slot(name, value))
}

fn name_in(who: &str, event: &Json) -> Result<ActionName, BadEvent> {
    let incomplete = || BadEvent::Incomplete { who: who.to_owned(), event: short(event["event"].as_str().unwrap_or_default()), key: "name" };
    event["name"].as_str().and_then(|name| ActionName::parse(name).ok()).ok_or_else(incomplete)
}

const fn kind(kind: &centralita_engine::project::SlotKind) -> &'static str {
    use centralita_engine::project::SlotKind;
    match kind {
        SlotKind::Text => "text",
        SlotKind::Bool => "bool",
        SlotKind::Categorical(_) => "categorical",
        SlotKind::Float => "float",
        SlotKind::Any => "any",
        SlotKind::List => "list",
    }
}

/// A name from outside, short enough for a log line.
fn short(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(60).collect()
}
