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
use std::collections::BTreeMap;

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
    /// Entities that set it.
    pub from_entity: Vec<String>,
    /// The action that a mapping has run every turn (`run_action_every_turn`, `action`).
    pub every_turn: Option<ActionName>,
    /// What is refused whenever the slot is set, and how it is asked for again.
    pub validation: Option<Validation>,
    /// The least and the most a `float` slot may hold.
    pub range: (Option<f64>, Option<f64>),
    /// Whether it outlives `action_reset_routing`.
    pub shared: bool,
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

/// `validation` of a slot: checked whenever it is set, in any flow (`pattern_validate_slot`).
#[derive(Clone, Debug)]
pub struct Validation {
    /// What is refused, and the response that says so; the first that holds counts.
    pub rejections: Vec<(Condition, ResponseName)>,
    /// The response that asks again.
    pub refill_utter: ResponseName,
    /// The action that asks again, where there is one.
    pub refill_action: ActionName,
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
    /// The text in other languages, by the value of the slot `language`.
    pub translation: BTreeMap<String, Template>,
    /// Its buttons.
    pub buttons: Vec<Button>,
    /// A payload for one channel, as it is written; texts in it are templates.
    pub custom: Option<Json>,
    /// `image`, `attachment` and `elements`, as they are written; texts in them are templates.
    pub rich: serde_json::Map<String, Json>,
    /// Only on this channel.
    pub channel: Option<String>,
    /// Only while this holds.
    pub condition: Option<When>,
    /// Whether its author wants a model to put it otherwise; it is spoken as written all the same.
    pub rephrase: bool,
    /// Ours: the actions that must have ended `done` before this may be said.
    pub claims: Vec<ActionName>,
    /// The file it stands in.
    pub path: String,
    /// Where in that file.
    pub at: At,
}

/// A button of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What it shows.
    pub title: String,
    /// What it shows in other languages.
    pub translation: BTreeMap<String, String>,
    /// What it sends; what it shows when it says nothing else.
    pub payload: Option<String>,
}

/// When a variation may be said.
#[derive(Clone, Debug)]
pub enum When {
    /// While a predicate over slots holds.
    Holds(Condition),
    /// While each of these slots is exactly this, type and all: the older form.
    Equal(Vec<(SlotName, Json)>),
}

/// What one file adds to the domain.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) slots: Vec<(SlotName, Slot)>,
    pub(super) responses: Vec<(ResponseName, Vec<Variation>)>,
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
    if let Some(session) = root.get("session_config") {
        session.only("`session_config`", &["session_expiration_time", "carry_over_slots_to_new_session", "start_session_after_expiry"], findings);
        part.session.expires_minutes = session.get("session_expiration_time").and_then(|node| node.number("`session_expiration_time`", findings));
        part.session.carries_slots = session.get("carry_over_slots_to_new_session").and_then(|node| node.truth("`carry_over_slots_to_new_session`", findings));
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

const SLOT_KEYS: [&str; 15] = [
    "type",
    "initial_value",
    "values",
    "mappings",
    "influence_conversation",
    "min_value",
    "max_value",
    "validation",
    "centralita",
    "metadata",
    "shared_for_coexistence",
    "is_builtin",
    "auto_fill",
    "description",
    "file_path",
];

/// The type as written; dotted Python class names stand for the types they are.
fn kind(written: &str, values: Vec<String>) -> Option<SlotKind> {
    Some(match written.rsplit('.').next().unwrap_or(written) {
        "text" | "TextSlot" => SlotKind::Text,
        "bool" | "BooleanSlot" => SlotKind::Bool,
        "categorical" | "CategoricalSlot" | "strict_categorical" | "StrictCategoricalSlot" => SlotKind::Categorical(values),
        "float" | "FloatSlot" => SlotKind::Float,
        "any" | "AnySlot" | "unfeaturized" | "UnfeaturizedSlot" => SlotKind::Any,
        "list" | "ListSlot" => SlotKind::List,
        _ => return None,
    })
}

fn slot(name: &SlotName, at: At, body: &Node, findings: &mut Findings<'_>) -> Option<Slot> {
    body.only(&format!("slot `{name}`"), &SLOT_KEYS, findings);
    let Some(written) = body.get("type").and_then(Node::scalar) else {
        findings.error(at, format!("slot `{name}` has no type; write `type: text`, bool, categorical, float, any or list"));
        return None;
    };
    let values = body.get("values").map(|node| node.texts("`values`", findings)).unwrap_or_default();
    let Some(kind) = kind(&written, values) else {
        findings.error(at, format!("slot `{name}` has the type `{written}`; use text, bool, categorical, float, any or list"));
        return None;
    };
    if written.ends_with("nfeaturized") || written.ends_with("UnfeaturizedSlot") {
        findings.warn(at, format!("slot `{name}` is `{written}`, a type of Rasa 1; it is read as `any`"));
    }
    let mappings = mappings(name, body, findings);
    let ours = body.get("centralita");
    if let Some(ours) = ours {
        ours.only("`centralita` of a slot", &["class", "consent", "say", "answer", "grant"], findings);
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
    let mut number = |key: &str| body.get(key).and_then(|node| node.number(&format!("`{key}`"), findings));
    let range = (number("min_value"), number("max_value"));
    let validation = body.get("validation").and_then(|node| validation(name, node, findings));
    let shared = body.get("shared_for_coexistence").and_then(|node| node.truth("`shared_for_coexistence`", findings)).unwrap_or(false);
    let Mappings { filled_by, from_intent, from_entity, every_turn } = mappings;
    let path = findings.path().to_owned();
    Some(Slot { kind, initial, filled_by, from_intent, from_entity, every_turn, validation, range, shared, class, consent, digits, answer, path, at })
}

struct Mappings {
    filled_by: FilledBy,
    from_intent: Vec<(String, Json)>,
    from_entity: Vec<String>,
    every_turn: Option<ActionName>,
}

fn mappings(name: &SlotName, body: &Node, findings: &mut Findings<'_>) -> Mappings {
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
    let mut read = Mappings { filled_by: FilledBy::Model, from_intent: Vec::new(), from_entity: Vec::new(), every_turn: None };
    let mut kinds: Vec<FilledBy> = Vec::new();
    let mut corrects = false;
    for mapping in body.get("mappings").map(Node::items).unwrap_or_default() {
        mapping.only(&format!("a mapping of slot `{name}`"), &KEYS, findings);
        corrects |= mapping.get("allow_nlu_correction").and_then(|node| node.truth("`allow_nlu_correction`", findings)).unwrap_or(false);
        match mapping.get("type").and_then(Node::scalar).as_deref() {
            Some("from_llm") => kinds.push(FilledBy::Model),
            Some("from_intent" | "from_trigger_intent") => {
                kinds.push(FilledBy::Nlu);
                let value = mapping.get("value").map(Node::to_json).unwrap_or_default();
                let intents = mapping.get("intent").map(|node| node.texts("`intent`", findings)).unwrap_or_default();
                read.from_intent.extend(intents.into_iter().map(|intent| (intent, value.clone())));
            }
            Some("from_entity") => {
                kinds.push(FilledBy::Nlu);
                read.from_entity.extend(mapping.get("entity").and_then(|node| node.text("`entity`", findings)));
            }
            Some("from_text") => kinds.push(FilledBy::Nlu),
            Some("controlled" | "custom") => {
                kinds.push(FilledBy::Actions);
                let action = mapping.get("run_action_every_turn").or_else(|| mapping.get("action"));
                let action = action.and_then(|node| node.text("an action", findings));
                read.every_turn = action.and_then(|name| ActionName::parse(&name).map_err(|error| findings.error(mapping.at, error.to_string())).ok());
            }
            other => findings
                .error(mapping.at, format!("`{}` is no mapping; use from_llm, from_intent, from_entity, from_text or controlled", other.unwrap_or_default())),
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

fn validation(name: &SlotName, node: &Node, findings: &mut Findings<'_>) -> Option<Validation> {
    node.only("`validation`", &["rejections", "refill_utter", "refill_action"], findings);
    let rejections = rejections(node, findings);
    let refill_utter = node.get("refill_utter").and_then(|node| node.text("`refill_utter`", findings)).unwrap_or_else(|| format!("utter_ask_{name}"));
    let refill_action = node.get("refill_action").and_then(|node| node.text("`refill_action`", findings)).unwrap_or_else(|| format!("action_ask_{name}"));
    let refill_utter = ResponseName::parse(&refill_utter).map_err(|error| findings.error(node.at, error.to_string())).ok()?;
    let refill_action = ActionName::parse(&refill_action).map_err(|error| findings.error(node.at, error.to_string())).ok()?;
    Some(Validation { rejections, refill_utter, refill_action })
}

/// `rejections: [{if, utter}]` of a slot or a question.
pub(super) fn rejections(node: &Node, findings: &mut Findings<'_>) -> Vec<(Condition, ResponseName)> {
    let mut read = Vec::new();
    for item in node.get("rejections").map(Node::items).unwrap_or_default() {
        item.only("a rejection", &["if", "utter"], findings);
        let condition = item.get("if").and_then(|node| super::condition(node, findings));
        let utter = item.get("utter").and_then(|node| node.text("a response", findings));
        let utter = utter.and_then(|name| ResponseName::parse(&name).map_err(|error| findings.error(item.at, error.to_string())).ok());
        match (condition, utter) {
            (Some(condition), Some(utter)) => read.push((condition, utter)),
            _ if item.get("if").is_some() && item.get("utter").is_some() => {}
            _ => findings.error(item.at, "a rejection has an `if` and an `utter`"),
        }
    }
    read
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

const VARIATION_KEYS: [&str; 12] =
    ["text", "buttons", "image", "attachment", "elements", "custom", "channel", "condition", "id", "metadata", "allow_interruptions", "translation"];

fn variation(node: &Node, findings: &mut Findings<'_>) -> Variation {
    node.only("a response", &VARIATION_KEYS, findings);
    let metadata = node.get("metadata");
    let is_jinja = metadata.and_then(|node| node.get("template")).and_then(Node::scalar).as_deref() == Some("jinja");
    let template = |node: &Node, findings: &mut Findings<'_>| {
        let text = node.text("`text`", findings)?;
        if !is_jinja {
            return Some(Template::plain(&text));
        }
        Template::jinja(&text).map_err(|error| findings.error(node.at, error.to_string())).ok()
    };
    let text = node.get("text").and_then(|node| template(node, findings));
    let custom = node.get("custom").map(Node::to_json);
    let rich: serde_json::Map<String, Json> =
        ["image", "attachment", "elements"].into_iter().filter_map(|key| node.get(key).map(|value| (key.to_owned(), value.to_json()))).collect();
    if node.get("text").is_none() && custom.is_none() && rich.is_empty() && node.get("buttons").is_none() {
        findings.error(node.at, "a response has a `text` (or buttons, an image, an attachment, a `custom` payload)");
    }
    let mut translation = BTreeMap::new();
    for (language, body) in node.get("translation").map(Node::pairs).unwrap_or_default() {
        let body = body.get("text").unwrap_or(body);
        translation.extend(template(body, findings).map(|text| (language.text.clone(), text)));
    }
    let condition = node.get("condition").and_then(|node| when(node, findings));
    let ours = metadata.and_then(|node| node.get("centralita"));
    let claims = ours.and_then(|node| node.get("claims")).map(|node| node.texts("`claims`", findings)).unwrap_or_default();
    let claims = claims.iter().filter_map(|claim| ActionName::parse(claim).map_err(|error| findings.error(node.at, error.to_string())).ok()).collect();
    Variation {
        text,
        translation,
        buttons: node.get("buttons").map(Node::items).unwrap_or_default().iter().filter_map(|button| self::button(button, findings)).collect(),
        custom,
        rich,
        channel: node.get("channel").and_then(Node::scalar),
        condition,
        rephrase: metadata.and_then(|node| node.get("rephrase")).is_some_and(|node| node.kind == Kind::Bool(true)),
        claims,
        path: findings.path().to_owned(),
        at: node.at,
    }
}

fn button(node: &Node, findings: &mut Findings<'_>) -> Option<Button> {
    let Some(title) = node.get("title").and_then(Node::scalar) else {
        findings.error(node.at, "a button has a `title`");
        return None;
    };
    let of = |body: &Node| body.scalar().or_else(|| body.get("title").and_then(Node::scalar)).or_else(|| body.get("text").and_then(Node::scalar));
    let translation = node.get("translation").map(Node::pairs).unwrap_or_default().iter();
    let translation = translation.filter_map(|(language, body)| of(body).map(|text| (language.text.clone(), text))).collect();
    Some(Button { title, translation, payload: node.get("payload").and_then(Node::scalar) })
}

fn when(node: &Node, findings: &mut Findings<'_>) -> Option<When> {
    let Kind::List(items) = &node.kind else { return super::condition(node, findings).map(When::Holds) };
    let mut equal = Vec::new();
    for item in items {
        item.only("a condition of a response", &["type", "name", "value"], findings);
        let name = item.get("name").and_then(|node| node.text("a slot", findings));
        let name = name.and_then(|name| SlotName::parse(&name).map_err(|error| findings.error(item.at, error.to_string())).ok());
        equal.extend(name.map(|name| (name, item.get("value").map(Node::to_json).unwrap_or_default())));
    }
    Some(When::Equal(equal))
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
            SlotKind::Categorical(values) => values.iter().find(|value| value.to_lowercase() == text.to_lowercase()).map(Value::text),
            SlotKind::Float => {
                let number = match raw {
                    Value::Number(number) => Some(*number),
                    Value::None | Value::Text(_) | Value::Bool(_) | Value::Items(_) | Value::Json(_) => text.trim().parse().ok(),
                };
                // `1e999` and `nan` have no JSON: stored, they would come back as something else.
                number.filter(|number: &f64| number.is_finite()).map(Value::Number)
            }
            SlotKind::Bool => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "1" => Some(Value::Bool(true)),
                "false" | "no" | "n" | "0" => Some(Value::Bool(false)),
                _ => None,
            },
        }
    }
}
