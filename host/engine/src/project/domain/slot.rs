//! The slots of a domain (`rasa-calm.md` §2.2).
//!
//! Lives here: the types, and how a slot is read.
//! Never here: mappings (`mapping.rs`), what a slot makes of a value (`coerce.rs`), how an answer is understood (`answers`).

use super::mapping::{self, FilledBy, Mapping, Mappings};
use crate::answers;
use crate::condition::Condition;
use crate::yaml::{At, Findings, Node};
use crate::{ActionName, ResponseName, SlotName};
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
    /// What fills it from intents, entities and words; the first that applies counts.
    pub from_nlu: Vec<Mapping>,
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

pub(super) fn read(name: &SlotName, at: At, body: &Node, findings: &mut Findings<'_>) -> Option<Slot> {
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
    let mappings = mapping::read(name, body, findings);
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
    let Mappings { filled_by, from_nlu, every_turn } = mappings;
    let path = findings.path().to_owned();
    Some(Slot { kind, initial, filled_by, from_nlu, every_turn, validation, range, shared, class, consent, digits, answer, path, at })
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
pub(in crate::project) fn rejections(node: &Node, findings: &mut Findings<'_>) -> Vec<(Condition, ResponseName)> {
    let mut read = Vec::new();
    for item in node.get("rejections").map(Node::items).unwrap_or_default() {
        item.only("a rejection", &["if", "utter"], findings);
        let condition = item.get("if").and_then(|node| crate::project::condition(node, findings));
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
        SlotKind::Bool => Some(answers::Kind::YesNo { doing: Vec::new(), about: Vec::new() }),
        SlotKind::Float => Some(answers::Kind::Amount),
        SlotKind::Categorical(values) => Some(answers::Kind::Choice(
            values.iter().map(|value| answers::Alternative { value: value.clone(), key: None, words: vec![value.clone()] }).collect(),
        )),
        SlotKind::Text | SlotKind::Any | SlotKind::List => None,
    }
}

/// `answer: yes_no | last_four | amount | date | name | text`, `{digits: {least, most}}`, `{date: future}` or
/// `{choice: {value: {key, words}}}`.
fn answer(node: &Node, findings: &mut Findings<'_>) -> Option<answers::Kind> {
    match node.scalar().as_deref() {
        Some("yes_no") => return Some(answers::Kind::YesNo { doing: Vec::new(), about: Vec::new() }),
        Some("last_four") => return Some(answers::Kind::LastFour),
        Some("amount") => return Some(answers::Kind::Amount),
        Some("date") => return Some(answers::Kind::Date { ahead: false }),
        Some("name") => return Some(answers::Kind::Name),
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
    if let Some(asked) = node.get("yes_no") {
        let verbs = asked.get("doing").map(|node| node.texts("`doing`", findings)).unwrap_or_default();
        for verb in verbs.iter().filter(|verb| !["ar", "er", "ir"].iter().any(|ending| verb.ends_with(ending))) {
            findings.error(asked.at, format!("`{verb}` is no infinitive; write verbs such as bloquear"));
        }
        let about = asked.get("about").map(|node| node.texts("`about`", findings)).unwrap_or_default();
        return Some(answers::Kind::YesNo { doing: verbs.iter().map(|verb| answers::words::folded(verb)).collect(), about });
    }
    if let Some(when) = node.get("date") {
        match when.scalar().as_deref() {
            Some("past") => return Some(answers::Kind::Date { ahead: false }),
            Some("future") => return Some(answers::Kind::Date { ahead: true }),
            Some(_) | None => findings.error(when.at, "a date is past or future"),
        }
        return None;
    }
    if let Some(choice) = node.get("choice") {
        let options = choice.pairs().iter().map(|(value, body)| answers::Alternative {
            value: value.text.clone(),
            key: body.get("key").and_then(Node::scalar).and_then(|key| key.chars().next()),
            words: body.get("words").map(|node| node.texts("`words`", findings)).unwrap_or_default(),
        });
        return Some(answers::Kind::Choice(options.collect()));
    }
    findings.error(
        node.at,
        "an answer is yes_no, last_four, amount, date, name, text, {yes_no: {doing: [verb], about: [slot]}}, {digits: {least, most}}, {date: past | future} or {choice: {value: {key, words}}}",
    );
    None
}
