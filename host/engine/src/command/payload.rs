//! Texts that begin with `/`: buttons and signals of channels (`rasa-calm.md` §2.4, §0.1).
//!
//! Lives here: `/SetSlots(…)`, `/intent{…}` and the signals, read into commands.
//! Never here: whether such a text counts. On the telephone it is words; the host decides elsewhere.

use super::Command;
use crate::project::{Evidence, Project, SlotKind};
use crate::{SlotName, Value};
use serde_json::Value as Json;
use winnow::ascii::multispace0;
use winnow::combinator::{delimited, eof, separated, terminated};
use winnow::prelude::*;
use winnow::token::{rest, take_while};

/// The most pairs one `/SetSlots` may have.
const PAIRS: usize = 10;

/// What a text that may begin with `/` is.
#[derive(Clone, PartialEq)]
pub enum Payload {
    /// Words: it does not begin with `/`.
    Words,
    /// Commands; none when nothing in the project answers to it.
    Commands(Vec<Command>),
}

/// Reads a text as a payload. Total.
pub fn payload(project: &Project, text: &str) -> Payload {
    let Some(body) = text.trim().strip_prefix('/') else { return Payload::Words };
    if let Some(pairs) = body.strip_prefix("SetSlots") {
        return Payload::Commands(set_slots(project, pairs));
    }
    let (intent, entities) = intent(body);
    let signal = match intent {
        "session_start" => Some(Command::SessionStart),
        "session_end" => Some(Command::SessionEnd),
        "silence_timeout" => Some(Command::UserSilence),
        "restart" => Some(Command::Restart),
        _ => None,
    };
    if let Some(signal) = signal {
        return Payload::Commands(vec![signal]);
    }
    let flow = project.in_order().into_iter().find(|flow| flow.triggers.iter().any(|(known, _)| known == intent));
    let start = flow.map(|flow| Command::of_trigger(&flow.id));
    let heard = Evidence { intent: Some(intent), entities: &entities, answer: None, flows: None };
    let slots = project.slots.iter().filter(|(_, slot)| !slot.consent).filter_map(|(name, slot)| {
        let value = slot.from_nlu.iter().find_map(|mapping| mapping.value(&heard))?;
        Some(Command::SetSlot { name: name.clone(), value: Value::from_json(value) })
    });
    Payload::Commands(start.into_iter().chain(slots).collect())
}

/// `name{"entity": "value"}`; braces doubled as templates write them are read too.
fn intent(body: &str) -> (&str, serde_json::Map<String, Json>) {
    let (name, json) = body.split_at(body.find('{').unwrap_or(body.len()));
    let single = json.strip_prefix("{{").and_then(|json| json.strip_suffix("}}")).map(|inner| format!("{{{inner}}}"));
    let entities = serde_json::from_str(single.as_deref().unwrap_or(json)).unwrap_or_default();
    (name.trim(), entities)
}

fn set_slots(project: &Project, pairs: &str) -> Vec<Command> {
    let Some(pairs) = pairs_of(pairs.trim()).filter(|pairs| pairs.len() <= PAIRS) else { return Vec::new() };
    let set = pairs.into_iter().filter_map(|(name, value)| {
        let name = SlotName::parse(name.trim()).ok()?;
        let slot = project.slots.get(&name).filter(|slot| slot.kind != SlotKind::List && !slot.consent)?;
        let value = super::read::value_of(value);
        Some(Command::SetSlot { value: slot.coerce(&value).unwrap_or(value), name })
    });
    set.collect()
}

fn pairs_of(text: &str) -> Option<Vec<(&str, &str)>> {
    let word = |input: &mut &str| -> ModalResult<()> { multispace0.void().parse_next(input) };
    let name = take_while(1.., |c: char| !"=,()".contains(c));
    let value = take_while(0.., |c: char| !",()".contains(c));
    let pair = (name, "=", value).map(|(name, _, value): (&str, &str, &str)| (name, value));
    let mut all = terminated(delimited("(", separated(1.., pair, ","), ")"), (word, eof, rest));
    let mut input = text;
    let parsed: Result<Vec<(&str, &str)>, winnow::error::ErrMode<winnow::error::ContextError>> = all.parse_next(&mut input);
    parsed.ok()
}
