//! The domain: slots, responses and the actions a project names.
//!
//! Lives here: what one file adds to it (`rasa-calm.md` §2.1, §2.6); slots, mappings and responses have a file each.
//! Never here: how files are put together (`project/mod.rs`).

mod coerce;
mod mapping;
mod response;
mod slot;

pub use mapping::{Evidence, FilledBy, FromNlu, Mapping};
pub use response::{Button, Variation, When};
pub use slot::{Slot, SlotKind, Validation};

use crate::yaml::{At, Findings, Node};
use crate::{ActionName, ResponseName, SlotName};

pub(super) use slot::rejections;

/// What one file adds to the domain.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) slots: Vec<(SlotName, Slot)>,
    pub(super) responses: Vec<(ResponseName, Vec<Variation>, At)>,
    pub(super) actions: Vec<(ActionName, At)>,
    pub(super) session: Session,
}

/// `session_config`; what is not written is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Session {
    pub(super) expires_minutes: Option<f64>,
    pub(super) carries_slots: Option<bool>,
}

/// Reads what a file says of the domain; other keys are somebody else's.
pub(super) fn read(root: &Node, findings: &mut Findings<'_>) -> Part {
    let mut part = Part::default();
    for (key, body) in root.get("slots").map(Node::pairs).unwrap_or_default() {
        match SlotName::parse(&key.text) {
            Ok(name) => part.slots.extend(slot::read(&name, key.at, body, findings).map(|slot| (name, slot))),
            Err(error) => findings.error(key.at, error.to_string()),
        }
    }
    for (key, body) in root.get("responses").map(Node::pairs).unwrap_or_default() {
        match ResponseName::parse(&key.text) {
            Ok(name) => {
                if !name.as_str().starts_with("utter_") {
                    findings.warn(key.at, format!("response `{name}` should begin with `utter_`, so that it is not taken for an action"));
                }
                part.responses.push((name, body.items().iter().map(|item| response::read(item, findings)).collect(), key.at));
            }
            Err(error) => findings.error(key.at, error.to_string()),
        }
        if body.items().is_empty() {
            findings.error(key.at, format!("response `{}` lists its variations: `- text: …`", key.text));
        }
    }
    if let Some(session) = root.get("session_config") {
        session.only("`session_config`", &["session_expiration_time", "carry_over_slots_to_new_session", "start_session_after_expiry"], findings);
        part.session.expires_minutes = session.get("session_expiration_time").and_then(|node| node.number("`session_expiration_time`", findings));
        part.session.carries_slots = session.get("carry_over_slots_to_new_session").and_then(|node| node.truth("`carry_over_slots_to_new_session`", findings));
        if let Some(node) = session.get("start_session_after_expiry")
            && node.truth("`start_session_after_expiry`", findings) == Some(false)
        {
            findings.warn(node.at, "`start_session_after_expiry: false` is not honoured; a session that has expired is always followed by a new one");
        }
    }
    for item in root.get("actions").map(Node::items).unwrap_or_default() {
        let name = item.scalar().or_else(|| item.pairs().first().map(|(key, _)| key.text.clone()));
        match name.as_deref().map(ActionName::parse) {
            Some(Ok(name)) => part.actions.push((name, item.at)),
            Some(Err(error)) => findings.error(item.at, error.to_string()),
            None => findings.error(item.at, "an action is a name"),
        }
    }
    part
}
