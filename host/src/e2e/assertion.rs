//! Assertions: what a user step says must be true of its turn (`rasa-calm.md` §10.4).
//!
//! Lives here: every type of assertion, and reading one.
//! Never here: whether one is met (`judge.rs`).

use super::case::Wanted;
use super::read::json;
use centralita_engine::yaml::{At, Findings, Kind as NodeKind, Node};

/// One assertion.
pub struct Assertion {
    /// Where it stands.
    pub at: At,
    /// What it asserts.
    pub kind: Kind,
}

/// The types of assertion.
pub enum Kind {
    /// Flows began.
    FlowStarted(Flows),
    /// Flows came to their end.
    FlowCompleted(Flows),
    /// Flows were dropped.
    FlowCancelled(Flows),
    /// A clarification offered these flows.
    Clarification(Flows),
    /// Slots were set.
    SlotWasSet(Vec<Wanted>),
    /// Slots were not set.
    SlotWasNotSet(Vec<Wanted>),
    /// An action ran.
    ActionExecuted(String),
    /// A message like this was sent.
    BotUttered(Message),
    /// No message like this was sent.
    BotDidNotUtter(Message),
    /// A language model would have to judge the answer: skipped, by name.
    Judged(&'static str),
}

/// Flows, and how many of them it takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flows {
    /// Ids, or for a clarification readable names.
    pub flows: Vec<String>,
    /// Whether one of them is enough.
    pub any: bool,
    /// The step the flow ended at.
    pub step: Option<String>,
}

/// What one message must have, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The response it is made of.
    pub response: Option<String>,
    /// Words, or a regular expression, found somewhere in it.
    pub text: Option<String>,
    /// Its buttons, as `(title, payload)`, in order.
    pub buttons: Option<Vec<(String, String)>>,
}

impl Kind {
    /// The name of the type, as files write it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::FlowStarted(_) => "flow_started",
            Self::FlowCompleted(_) => "flow_completed",
            Self::FlowCancelled(_) => "flow_cancelled",
            Self::Clarification(_) => "pattern_clarification_contains",
            Self::SlotWasSet(_) => "slot_was_set",
            Self::SlotWasNotSet(_) => "slot_was_not_set",
            Self::ActionExecuted(_) => "action_executed",
            Self::BotUttered(_) => "bot_uttered",
            Self::BotDidNotUtter(_) => "bot_did_not_utter",
            Self::Judged(name) => name,
        }
    }
}

/// Reads the list under `assertions:`.
pub(super) fn list(node: &Node, findings: &mut Findings<'_>) -> Vec<Assertion> {
    if !matches!(node.kind, NodeKind::List(_)) {
        findings.error(node.at, format!("`assertions` must be a list, not {}", node.name()));
    }
    node.items().iter().filter_map(|item| one(item, findings)).collect()
}

fn one(item: &Node, findings: &mut Findings<'_>) -> Option<Assertion> {
    let [(key, value)] = item.pairs() else {
        findings.error(item.at, "an assertion is a mapping of one key, such as `flow_started: transfer_money`");
        return None;
    };
    let kind = match key.text.as_str() {
        "flow_started" => Kind::FlowStarted(flows(value, "flow_id", findings)?),
        "flow_completed" => Kind::FlowCompleted(flows(value, "flow_id", findings)?),
        "flow_cancelled" => Kind::FlowCancelled(flows(value, "flow_id", findings)?),
        "pattern_clarification_contains" => Kind::Clarification(flows(value, "flow_names", findings)?),
        "slot_was_set" => Kind::SlotWasSet(slots(value, findings)),
        "slot_was_not_set" => Kind::SlotWasNotSet(slots(value, findings)),
        "action_executed" => Kind::ActionExecuted(value.text("`action_executed`", findings)?),
        "bot_uttered" => Kind::BotUttered(message(value, findings)?),
        "bot_did_not_utter" => Kind::BotDidNotUtter(message(value, findings)?),
        "generative_response_is_relevant" => Kind::Judged("generative_response_is_relevant"),
        "generative_response_is_grounded" => Kind::Judged("generative_response_is_grounded"),
        other => {
            findings.error(key.at, format!("there is no assertion `{other}`; see docs/testing-conversations.md for those there are"));
            return None;
        }
    };
    Some(Assertion { at: key.at, kind })
}

/// `transfer_money`, `[a, b]`, `{flow_id: x, flow_step_id: y}` or `{operator: any, flow_ids: [a, b]}`.
fn flows(node: &Node, single: &str, findings: &mut Findings<'_>) -> Option<Flows> {
    if node.pairs().is_empty() {
        let flows = node.texts("a flow", findings);
        if flows.is_empty() {
            findings.error(node.at, "name at least one flow");
            return None;
        }
        return Some(Flows { flows, any: false, step: None });
    }
    node.only("this assertion", &[single, "flow_id", "flow_ids", "flow_step_id", "operator"], findings);
    let named = ["flow_id", "flow_ids", single].iter().find_map(|key| node.get(key));
    let flows = named.map(|value| value.texts("a flow", findings)).unwrap_or_default();
    if flows.is_empty() {
        findings.error(node.at, "name at least one flow, under `flow_id` or `flow_ids`");
        return None;
    }
    let any = match node.get("operator").and_then(Node::scalar).as_deref() {
        None | Some("all") => false,
        Some("any") => true,
        Some(other) => {
            findings.error(node.at, format!("`operator` is `{other}`; write `any` or `all`"));
            return None;
        }
    };
    Some(Flows { flows, any, step: node.get("flow_step_id").and_then(Node::scalar) })
}

fn slots(node: &Node, findings: &mut Findings<'_>) -> Vec<Wanted> {
    let items = if node.pairs().is_empty() { node.items() } else { std::slice::from_ref(node) };
    if items.is_empty() {
        findings.error(node.at, "name at least one slot, as `- name: SLOT`, with `value:` if it matters");
    }
    let mut wanted = Vec::new();
    for item in items {
        item.only("a slot of an assertion", &["name", "value"], findings);
        match item.get("name").and_then(Node::scalar) {
            Some(slot) => wanted.push(Wanted { slot, value: item.get("value").map(json) }),
            None => findings.error(item.at, "a slot of an assertion needs a `name`"),
        }
    }
    wanted
}

fn message(node: &Node, findings: &mut Findings<'_>) -> Option<Message> {
    if node.pairs().is_empty() {
        findings.error(node.at, "say what the message has: `utter_name`, `text_matches`, `buttons`");
        return None;
    }
    node.only("a message of an assertion", &["utter_name", "text_matches", "buttons"], findings);
    let text = |key: &str, findings: &mut Findings<'_>| node.get(key).and_then(|value| value.text(&format!("`{key}`"), findings));
    let response = text("utter_name", findings);
    let words = text("text_matches", findings);
    let buttons = node.get("buttons").map(|list| list.items().iter().map(button).collect());
    Some(Message { response, text: words, buttons })
}

fn button(node: &Node) -> (String, String) {
    let text = |key: &str| node.get(key).and_then(Node::scalar).unwrap_or_default();
    (text("title"), text("payload"))
}
