//! What becomes of a second one that a desk made of one request, all the same.
//!
//! Lives here: `surplus:` of a binding's `once`: the requests by which the host takes it out of the way.
//! Never here: finding it (`once.rs`), when it is looked for (`reconcile`). A plugin cannot ask this: the operator wrote it, the host sends it.

use super::pieces::{Pieces, in_address};
use super::strict::{needed, only};
use crate::egress::{Checked, Request};
use centralita_engine::yaml::{Findings, Node};
use serde_json::Value;

/// The document that a name in braces means, beside the one that is too many, which has none.
const KEPT: &str = "kept";

/// The requests, in order. The last one takes the tag off it, or it would be found again.
#[derive(Clone, Debug, PartialEq)]
pub struct Surplus(Vec<Asked>);

#[derive(Clone, Debug, PartialEq)]
struct Asked {
    method: String,
    path: Pieces,
    body: Option<Value>,
}

impl Surplus {
    pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        let asked: Vec<Asked> = node.items().iter().filter_map(|item| Asked::read(item, findings)).collect();
        if node.items().is_empty() {
            findings.error(node.at, "`surplus` lists requests, such as `- {method: PUT, path: \"/tickets/{/id}\", body: {status: 5, tags: [duplicado]}}`");
        }
        (asked.len() == node.items().len()).then_some(Self(asked))
    }

    /// The requests about one that is too many, beside the one that counts; `None` if a field they name is missing.
    pub fn requests(&self, surplus: &Value, kept: &Value) -> Option<Vec<Request>> {
        let documents = [("", surplus), (KEPT, kept)];
        let request = |asked: &Asked| {
            let path = asked.path.fill(&documents, in_address)?;
            let body = match &asked.body {
                Some(body) => filled(body, &documents)?.to_string().into_bytes(),
                None => Vec::new(),
            };
            Some(Request { method: asked.method.clone(), path, headers: Vec::new(), body })
        };
        self.0.iter().map(request).collect()
    }
}

impl Asked {
    fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        only(node, "a request of `surplus`", &["method", "path", "body"], findings);
        let method = needed(node, "a request of `surplus`", "method", findings)?;
        let name = method.text("`method`", findings)?;
        if !matches!(name.as_str(), "POST" | "PUT" | "PATCH" | "DELETE") {
            findings.error(method.at, format!("`{name}` changes nothing; `method` is POST, PUT, PATCH or DELETE"));
        }
        let path = needed(node, "a request of `surplus`", "path", findings)?;
        let Some(pieces) = Pieces::parse(&path.text("`path`", findings)?, &["", KEPT]) else {
            findings.error(path.at, "`path` is a path whose `{/field}` name fields of the one that is too many, `{kept/field}` of the one that counts");
            return None;
        };
        if Checked::parse(&pieces.sample()).is_err() {
            findings.error(path.at, "`path` begins with `/` and has plain segments");
        }
        let body = node.get("body").map(|body| whole(body.to_json()));
        if body.as_ref().map(texts).unwrap_or_default().iter().any(|text| Pieces::parse(text, &["", KEPT]).is_none()) {
            findings.error(node.at, "a `{` of `body` names a field: `{/field}` of the one that is too many, `{kept/field}` of the one that counts");
            return None;
        }
        Some(Self { method: name, path: pieces, body })
    }
}

/// Numbers without a fraction as other programs write them: `5`, not `5.0`.
fn whole(body: Value) -> Value {
    match body {
        Value::Number(number) => {
            let text = number.to_string();
            text.strip_suffix(".0").and_then(|whole| whole.parse::<i64>().ok()).map_or(Value::Number(number), Value::from)
        }
        Value::Array(items) => items.into_iter().map(whole).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, whole(value))).collect(),
        Value::String(_) | Value::Null | Value::Bool(_) => body,
    }
}

fn texts(body: &Value) -> Vec<&str> {
    match body {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn filled(body: &Value, documents: &[(&str, &Value)]) -> Option<Value> {
    Some(match body {
        Value::String(text) => Pieces::parse(text, &["", KEPT])?.fill(documents, str::to_owned)?.into(),
        Value::Array(items) => items.iter().map(|item| filled(item, documents)).collect::<Option<Vec<_>>>()?.into(),
        Value::Object(fields) => Value::Object(fields.iter().map(|(name, value)| Some((name.clone(), filled(value, documents)?))).collect::<Option<_>>()?),
        Value::Null | Value::Bool(_) | Value::Number(_) => body.clone(),
    })
}
