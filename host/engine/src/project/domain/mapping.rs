//! Who fills a slot (`rasa-calm.md` §2.3).
//!
//! Lives here: mappings, how they are read, and what one makes of an intent, its entities and the words.
//! Never here: whether a slot may be filled at this turn (`legal.rs`, `step/cleanup.rs`).

use crate::yaml::{At, Findings, Node};
use crate::{ActionName, FlowId, SlotName};
use serde_json::{Map, Value as Json};

/// Who may fill a slot, beyond the caller's typed answer to its own question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilledBy {
    /// A command of the model or matcher (`from_llm`, the default).
    Model,
    /// An intent or entity (`from_intent`, `from_entity`, `from_text`).
    Nlu,
    /// Actions and `set_slots` only (`controlled`, `custom`).
    Actions,
}

/// A mapping that fills a slot from what was understood without a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// From what.
    pub from: FromNlu,
    /// Only with one of these intents; any when empty.
    pub intents: Vec<String>,
    /// Never with one of these.
    pub not_intents: Vec<String>,
    /// Only while one of these flows is active; any when empty.
    pub flows: Vec<FlowId>,
    /// Only in a form, and there are none.
    pub in_form: bool,
}

/// What a mapping takes.
#[derive(Clone, Debug, PartialEq)]
pub enum FromNlu {
    /// This value when the intent fits (`from_intent`, `from_trigger_intent`).
    Intent(Json),
    /// The value of an entity; role and group only fit an entity that has them.
    Entity {
        /// Its name.
        entity: String,
        /// Its role.
        role: Option<String>,
        /// Its group.
        group: Option<String>,
    },
    /// The whole message.
    Text,
}

/// What was understood of a message.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Its intent.
    pub intent: Option<&'a str>,
    /// Its entities by name.
    pub entities: &'a Map<String, Json>,
    /// The words, where they are the answer to a question for this slot.
    pub answer: Option<&'a str>,
    /// The flows that are active; `None` where that is not looked at.
    pub flows: Option<&'a [&'a FlowId]>,
}

impl Mapping {
    /// The value this mapping takes from a message, if it applies.
    pub fn value(&self, heard: &Evidence<'_>) -> Option<Json> {
        let named = |list: &[String]| heard.intent.is_some_and(|intent| list.iter().any(|known| known == intent));
        let in_flow = self.flows.is_empty() || heard.flows.is_none_or(|active| active.iter().any(|flow| self.flows.contains(flow)));
        if self.in_form || !in_flow || named(&self.not_intents) || !(self.intents.is_empty() || named(&self.intents)) {
            return None;
        }
        match &self.from {
            FromNlu::Intent(value) => heard.intent.map(|_| value.clone()),
            FromNlu::Entity { role: Some(_), .. } | FromNlu::Entity { group: Some(_), .. } => None,
            FromNlu::Entity { entity, .. } => heard.entities.get(entity).cloned(),
            FromNlu::Text => heard.answer.map(Json::from),
        }
    }
}

/// The mappings of a slot.
pub(super) struct Mappings {
    pub(super) filled_by: FilledBy,
    pub(super) from_nlu: Vec<Mapping>,
    pub(super) every_turn: Option<ActionName>,
}

const KEYS: [&str; 14] = [
    "type",
    "value",
    "intent",
    "not_intent",
    "entity",
    "role",
    "group",
    "conditions",
    "action",
    "run_action_every_turn",
    "allow_nlu_correction",
    "coexistence_system",
    "metadata",
    "description",
];

pub(super) fn read(name: &SlotName, body: &Node, findings: &mut Findings<'_>) -> Mappings {
    let mut read = Mappings { filled_by: FilledBy::Model, from_nlu: Vec::new(), every_turn: None };
    let mut kinds: Vec<FilledBy> = Vec::new();
    let mut corrects = false;
    for mapping in body.get("mappings").map(Node::items).unwrap_or_default() {
        mapping.only(&format!("a mapping of slot `{name}`"), &KEYS, findings);
        corrects |= mapping.get("allow_nlu_correction").and_then(|node| node.truth("`allow_nlu_correction`", findings)).unwrap_or(false);
        let from = match mapping.get("type").and_then(Node::scalar).as_deref() {
            Some("from_llm") => {
                kinds.push(FilledBy::Model);
                None
            }
            Some("from_intent" | "from_trigger_intent") => Some(FromNlu::Intent(mapping.get("value").map(Node::to_json).unwrap_or_default())),
            Some("from_entity") => {
                let entity = mapping.get("entity").and_then(Node::scalar);
                if entity.is_none() {
                    findings.error(mapping.at, "`from_entity` names its `entity`");
                }
                let (role, group) = (mapping.get("role").and_then(Node::scalar), mapping.get("group").and_then(Node::scalar));
                if role.is_some() || group.is_some() {
                    findings.warn(mapping.at, format!("slot `{name}` wants a role or group of an entity, which nothing here tells apart; it stays empty"));
                }
                Some(FromNlu::Entity { entity: entity.unwrap_or_default(), role, group })
            }
            Some("from_text") => Some(FromNlu::Text),
            Some("controlled" | "custom") => {
                kinds.push(FilledBy::Actions);
                let action = mapping.get("run_action_every_turn").or_else(|| mapping.get("action"));
                let action = action.and_then(|node| node.text("an action", findings));
                read.every_turn = action.and_then(|name| ActionName::parse(&name).map_err(|error| findings.error(mapping.at, error.to_string())).ok());
                None
            }
            other => {
                let written = other.unwrap_or_default();
                findings.error(mapping.at, format!("`{written}` is no mapping; use from_llm, from_intent, from_entity, from_text or controlled"));
                None
            }
        };
        if let Some(from) = from {
            kinds.push(FilledBy::Nlu);
            read.from_nlu.push(nlu(name, mapping, from, findings));
        }
    }
    let by_model = kinds.contains(&FilledBy::Model);
    if by_model && kinds.iter().any(|kind| *kind == FilledBy::Actions || (*kind == FilledBy::Nlu && !corrects)) {
        let at = body.get("mappings").map_or(body.at, |node| node.at);
        findings.error(at, format!("slot `{name}` mixes `from_llm` with other mappings; keep one kind, or add `allow_nlu_correction: true` beside NLU ones"));
    }
    read.filled_by = if by_model { FilledBy::Model } else { kinds.first().copied().unwrap_or(FilledBy::Model) };
    read
}

fn nlu(name: &SlotName, mapping: &Node, from: FromNlu, findings: &mut Findings<'_>) -> Mapping {
    let mut texts = |key: &str| mapping.get(key).map(|node| node.texts(&format!("`{key}`"), findings)).unwrap_or_default();
    let (intents, not_intents) = (texts("intent"), texts("not_intent"));
    let mut read = Mapping { from, intents, not_intents, flows: Vec::new(), in_form: false };
    for condition in mapping.get("conditions").map(Node::items).unwrap_or_default() {
        condition.only("a condition of a mapping", &["active_flow", "active_loop", "requested_slot"], findings);
        match condition.get("active_flow").and_then(Node::scalar).as_deref().map(FlowId::parse) {
            Some(Ok(flow)) => read.flows.push(flow),
            Some(Err(error)) => findings.error(condition.at, error.to_string()),
            None => form(name, condition.at, &mut read, findings),
        }
    }
    // A condition for a form beside one for a flow: either would do.
    read.in_form &= read.flows.is_empty();
    read
}

fn form(name: &SlotName, at: At, mapping: &mut Mapping, findings: &mut Findings<'_>) {
    mapping.in_form = true;
    findings.warn(at, format!("slot `{name}` is filled in a form here, and forms are not honoured; collect it in a flow"));
}
