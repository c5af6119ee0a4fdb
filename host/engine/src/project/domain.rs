//! The domain: slots, responses and the actions a project names.
//!
//! Lives here: the types, and how a domain file is read (`rasa-calm.md` §2).
//! Never here: how a response is chosen (`step/say.rs`), how an answer is understood (`answers`).

use crate::answers;
use crate::condition::Condition;
use crate::template::Template;
use crate::yaml::{At, Findings, Kind, Node};
use crate::{ActionName, ResponseName, SlotName, Value};
use serde_json::Value as Json;

/// A slot of the domain.
#[derive(Clone, Debug)]
pub struct Slot {
    /// What it holds.
    pub kind: SlotKind,
    /// Its value at the start and after a reset, as JSON.
    pub initial: Json,
    /// Who may fill it.
    pub filled_by: FilledBy,
    /// Intents that set it to a value.
    pub from_intent: Vec<(String, Json)>,
    /// Ours: the class under which a plugin sees it as a token; `None` is not sensitive.
    pub class: Option<String>,
    /// Ours: only the caller's own yes fills it (`design.md`, invariant 2).
    pub consent: bool,
    /// Ours: spoken digit by digit.
    pub digits: bool,
    /// How a whole utterance answers a question for it.
    pub answer: Option<answers::Kind>,
    /// The file it stands in.
    pub path: String,
    /// Where in that file.
    pub at: At,
}

/// The types of slot there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// A string.
    Text,
    /// True or false.
    Bool,
    /// One of these values.
    Categorical(Vec<String>),
    /// A number.
    Float,
    /// Anything.
    Any,
    /// A list of strings, filled by actions only.
    List,
}

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

/// One way of saying a response.
#[derive(Clone, Debug)]
pub struct Variation {
    /// The text, if it has one.
    pub text: Option<Template>,
    /// Buttons, as `(title, payload)`.
    pub buttons: Vec<(String, String)>,
    /// A payload for one channel, as it is written.
    pub custom: Option<Json>,
    /// Only on this channel.
    pub channel: Option<String>,
    /// Only while this holds.
    pub condition: Option<Condition>,
    /// Ours: the actions that must have ended `done` before this may be said.
    pub claims: Vec<ActionName>,
    /// The file it stands in.
    pub path: String,
    /// Where in that file.
    pub at: At,
}

/// What one file adds to the domain.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) slots: Vec<(SlotName, Slot)>,
    pub(super) responses: Vec<(ResponseName, Vec<Variation>)>,
    pub(super) actions: Vec<(ActionName, At)>,
}

/// Reads what a file says of the domain; other keys are somebody else's.
pub(super) fn read(root: &Node, findings: &mut Findings<'_>) -> Part {
    let mut part = Part::default();
    for (key, body) in root.get("slots").map(Node::pairs).unwrap_or_default() {
        match SlotName::parse(&key.text) {
            Ok(name) => part.slots.extend(slot(&name, key.at, body, findings).map(|slot| (name, slot))),
            Err(error) => findings.error(key.at, error.to_string()),
        }
    }
    for (key, body) in root.get("responses").map(Node::pairs).unwrap_or_default() {
        match ResponseName::parse(&key.text) {
            Ok(name) => part.responses.push((name, body.items().iter().map(|item| variation(item, findings)).collect())),
            Err(error) => findings.error(key.at, error.to_string()),
        }
        if body.items().is_empty() {
            findings.error(key.at, format!("response `{}` lists its variations: `- text: …`", key.text));
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

const SLOT_KEYS: [&str; 10] =
    ["type", "initial_value", "values", "mappings", "influence_conversation", "min_value", "max_value", "centralita", "metadata", "shared_for_coexistence"];

fn slot(name: &SlotName, at: At, body: &Node, findings: &mut Findings<'_>) -> Option<Slot> {
    body.only(&format!("slot `{name}`"), &SLOT_KEYS, findings);
    let Some(written) = body.get("type").and_then(Node::scalar) else {
        findings.error(at, format!("slot `{name}` has no type; write `type: text`, bool, categorical, float, any or list"));
        return None;
    };
    let values = body.get("values").map(|node| node.texts("`values`", findings)).unwrap_or_default();
    let kind = match written.as_str() {
        "text" => SlotKind::Text,
        "bool" => SlotKind::Bool,
        "categorical" | "strict_categorical" => SlotKind::Categorical(values.clone()),
        "float" => SlotKind::Float,
        "any" => SlotKind::Any,
        "list" => SlotKind::List,
        other => {
            findings.error(at, format!("slot `{name}` has the type `{other}`; use text, bool, categorical, float, any or list"));
            return None;
        }
    };
    let mut filled_by = FilledBy::Model;
    let mut from_intent = Vec::new();
    for mapping in body.get("mappings").map(Node::items).unwrap_or_default() {
        match mapping.get("type").and_then(Node::scalar).as_deref() {
            Some("from_llm") => filled_by = FilledBy::Model,
            Some("from_intent") => {
                filled_by = FilledBy::Nlu;
                let value = mapping.get("value").map(Node::to_json).unwrap_or_default();
                from_intent.extend(
                    mapping.get("intent").map(|node| node.texts("`intent`", findings)).unwrap_or_default().into_iter().map(|intent| (intent, value.clone())),
                );
            }
            Some("from_entity" | "from_text" | "from_trigger_intent") => filled_by = FilledBy::Nlu,
            Some("controlled" | "custom") => filled_by = FilledBy::Actions,
            other => findings
                .error(mapping.at, format!("`{}` is no mapping; use from_llm, from_intent, from_entity, from_text or controlled", other.unwrap_or_default())),
        }
    }
    let ours = body.get("centralita");
    if let Some(ours) = ours {
        ours.only("`centralita` of a slot", &["class", "consent", "say", "answer"], findings);
    }
    let consent = ours.and_then(|ours| ours.get("consent")).and_then(|node| node.truth("`consent`", findings)).unwrap_or(false);
    if consent && kind != SlotKind::Bool {
        findings.error(at, format!("slot `{name}` is a consent, so its type is bool"));
    }
    let class = ours.and_then(|ours| ours.get("class")).and_then(|node| node.text("`class`", findings));
    let digits = ours.and_then(|ours| ours.get("say")).and_then(Node::scalar).as_deref() == Some("digits");
    let answer = ours.and_then(|ours| ours.get("answer")).map_or_else(|| default_answer(&kind), |node| answer(node, findings));
    let initial = body.get("initial_value").map(Node::to_json).unwrap_or_default();
    if consent && !initial.is_null() {
        findings.error(at, format!("slot `{name}` is a consent and cannot begin with a value"));
    }
    Some(Slot { kind, initial, filled_by, from_intent, class, consent, digits, answer, path: findings.path().to_owned(), at })
}

fn default_answer(kind: &SlotKind) -> Option<answers::Kind> {
    match kind {
        SlotKind::Bool => Some(answers::Kind::YesNo),
        SlotKind::Float => Some(answers::Kind::Amount),
        SlotKind::Categorical(values) => Some(answers::Kind::Choice(
            values.iter().map(|value| answers::Alternative { value: value.clone(), key: None, words: vec![value.clone()] }).collect(),
        )),
        SlotKind::Text | SlotKind::Any | SlotKind::List => None,
    }
}

/// `answer: yes_no | last_four | amount`, `{digits: {least, most}}` or `{choice: {value: {key, words}}}`.
fn answer(node: &Node, findings: &mut Findings<'_>) -> Option<answers::Kind> {
    match node.scalar().as_deref() {
        Some("yes_no") => return Some(answers::Kind::YesNo),
        Some("last_four") => return Some(answers::Kind::LastFour),
        Some("amount") => return Some(answers::Kind::Amount),
        Some("text") => return None,
        Some(_) | None => {}
    }
    if let Some(digits) = node.get("digits") {
        let mut bound =
            |key: &str, default: f64| digits.get(key).and_then(|node| node.number(&format!("`{key}`"), findings)).unwrap_or(default).clamp(1.0, 40.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=40")]
        let (least, most) = (bound("least", 1.0) as usize, bound("most", 20.0) as usize);
        return Some(answers::Kind::Digits { least, most });
    }
    if let Some(choice) = node.get("choice") {
        let options = choice.pairs().iter().map(|(value, body)| answers::Alternative {
            value: value.text.clone(),
            key: body.get("key").and_then(Node::scalar).and_then(|key| key.chars().next()),
            words: body.get("words").map(|node| node.texts("`words`", findings)).unwrap_or_default(),
        });
        return Some(answers::Kind::Choice(options.collect()));
    }
    findings.error(node.at, "an answer is yes_no, last_four, amount, text, {digits: {least, most}} or {choice: {value: {key, words}}}");
    None
}

const VARIATION_KEYS: [&str; 10] = ["text", "buttons", "image", "attachment", "custom", "channel", "condition", "id", "metadata", "allow_interruptions"];

fn variation(node: &Node, findings: &mut Findings<'_>) -> Variation {
    node.only("a response", &VARIATION_KEYS, findings);
    let metadata = node.get("metadata");
    let is_jinja = metadata.and_then(|node| node.get("template")).and_then(Node::scalar).as_deref() == Some("jinja");
    let text = node.get("text").and_then(|node| node.text("`text`", findings));
    let text = text.map(|text| if is_jinja { Template::Jinja(text) } else { Template::plain(&text) });
    let custom = node.get("custom").map(Node::to_json);
    if text.is_none() && custom.is_none() {
        findings.error(node.at, "a response has a `text` (or a `custom` payload)");
    }
    let buttons = node.get("buttons").map(Node::items).unwrap_or_default().iter();
    let buttons = buttons.filter_map(|button| {
        let title = button.get("title").and_then(Node::scalar)?;
        Some((title.clone(), button.get("payload").and_then(Node::scalar).unwrap_or(title)))
    });
    let condition = node.get("condition").and_then(|node| match &node.kind {
        Kind::Text(text) => Condition::parse(text).map_err(|error| findings.error(node.at, error.to_string())).ok(),
        Kind::Null | Kind::Bool(_) | Kind::Number(..) | Kind::List(_) | Kind::Map(_) => {
            findings.error(node.at, "write the condition of a response as text: `condition: slots.a is \"b\"`");
            None
        }
    });
    let ours = metadata.and_then(|node| node.get("centralita"));
    let claims = ours.and_then(|node| node.get("claims")).map(|node| node.texts("`claims`", findings)).unwrap_or_default();
    let claims = claims.iter().filter_map(|claim| ActionName::parse(claim).map_err(|error| findings.error(node.at, error.to_string())).ok()).collect();
    Variation {
        text,
        buttons: buttons.collect(),
        custom,
        channel: node.get("channel").and_then(Node::scalar),
        condition,
        claims,
        path: findings.path().to_owned(),
        at: node.at,
    }
}

impl Slot {
    /// The value a slot takes when somebody says `raw`; `None` when it cannot be that.
    pub fn coerce(&self, raw: &Value) -> Option<Value> {
        if raw.is_none() {
            return Some(Value::None);
        }
        let text = raw.spoken();
        match &self.kind {
            SlotKind::Text => Some(Value::text(text)),
            SlotKind::Any => Some(raw.clone()),
            SlotKind::List => matches!(raw, Value::Items(_)).then(|| raw.clone()),
            SlotKind::Categorical(values) => values.iter().find(|value| value.eq_ignore_ascii_case(&text)).map(Value::text),
            SlotKind::Float => match raw {
                Value::Number(number) => Some(Value::Number(*number)),
                Value::None | Value::Text(_) | Value::Bool(_) | Value::Items(_) | Value::Json(_) => text.trim().parse().ok().map(Value::Number),
            },
            SlotKind::Bool => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "1" => Some(Value::Bool(true)),
                "false" | "no" | "n" | "0" => Some(Value::Bool(false)),
                _ => None,
            },
        }
    }
}
