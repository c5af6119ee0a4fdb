//! The responses of a domain (`rasa-calm.md` §2.4).
//!
//! Lives here: the types, and how a response is read.
//! Never here: which variation is said, and how its holes are filled (`step/say.rs`).

use crate::condition::Condition;
use crate::template::Template;
use crate::yaml::{At, Findings, Kind, Node};
use crate::{ActionName, SlotName};
use serde_json::Value as Json;
use std::collections::BTreeMap;

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

const VARIATION_KEYS: [&str; 12] =
    ["text", "buttons", "image", "attachment", "elements", "custom", "channel", "condition", "id", "metadata", "allow_interruptions", "translation"];

pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Variation {
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
    node.only("a button", &["title", "payload", "translation", "type"], findings);
    let of = |body: &Node| body.scalar().or_else(|| body.get("title").and_then(Node::scalar)).or_else(|| body.get("text").and_then(Node::scalar));
    let translation = node.get("translation").map(Node::pairs).unwrap_or_default().iter();
    let translation = translation.filter_map(|(language, body)| of(body).map(|text| (language.text.clone(), text))).collect();
    Some(Button { title, translation, payload: node.get("payload").and_then(Node::scalar) })
}

fn when(node: &Node, findings: &mut Findings<'_>) -> Option<When> {
    let Kind::List(items) = &node.kind else { return crate::project::condition(node, findings).map(When::Holds) };
    let mut equal = Vec::new();
    for item in items {
        item.only("a condition of a response", &["type", "name", "value"], findings);
        let name = item.get("name").and_then(|node| node.text("a slot", findings));
        let name = name.and_then(|name| SlotName::parse(&name).map_err(|error| findings.error(item.at, error.to_string())).ok());
        equal.extend(name.map(|name| (name, item.get("value").map(Node::to_json).unwrap_or_default())));
    }
    Some(When::Equal(equal))
}
