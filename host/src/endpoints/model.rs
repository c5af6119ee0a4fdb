//! A model of `model_groups`, or of a generator's own `llm:` (`rasa-calm.md` §12.2).
//!
//! Lives here: the keys; a key that is written out is refused.
//! Never here: which model is asked (`model::choice`).

use super::ModelEndpoint;
use super::fill::Fill;
use crate::egress::Secret;
use centralita_engine::yaml::{Findings, Node};

/// Keys that are honoured.
const KEYS: [&str; 16] = [
    "provider",
    "model",
    // Names of the first releases of CALM.
    "model_name",
    "type",
    "api_base",
    "api_key",
    "api_version",
    "api_type",
    "deployment",
    "timeout",
    "request_timeout",
    "temperature",
    "max_tokens",
    "max_completion_tokens",
    "model_group",
    "centralita",
];
const OURS: [&str; 2] = ["profile", "price"];

/// A model is used when the installation says so, so a variable that is missing here is no mistake.
pub(crate) fn read(node: &Node, fill: &Fill<'_>, findings: &mut Findings<'_>) -> ModelEndpoint {
    node.only("a model", &KEYS, findings);
    let text = |key: &str| node.get(key).and_then(Node::scalar).and_then(|text| fill.quietly(&text)).filter(|text| !text.is_empty());
    if let Some(key) = node.get("api_key").filter(|key| key.scalar().is_some_and(|key| !is_variable(&key))) {
        findings.error(key.at, "`api_key` of a model is written out; keep keys out of files: write ${OPENAI_API_KEY} or another variable, and change this key");
    }
    let ours = node.get("centralita");
    if let Some(ours) = ours {
        ours.only("`centralita` of a model", &OURS, findings);
    }
    let mut number = |node: Option<&Node>, what: &str, most: f64| {
        let node = node?;
        // What a variable says is known when it is filled in.
        let number = node.scalar().and_then(|text| fill.quietly(&text))?;
        let number = number.parse::<f64>().ok().filter(|number| (0.0..=most).contains(number));
        if number.is_none() {
            findings.error(node.at, format!("{what} is a number between 0 and {most}"));
        }
        number
    };
    let price = ours.and_then(|ours| ours.get("price")).and_then(|price| {
        let mut part = |key: &str| number(price.get(key), &format!("`price.{key}`"), 1e6);
        let (input, cached, output) = (part("input"), part("cached"), part("output"));
        Some(crate::model::Price { input: input?, cached, output: output? })
    });
    let timeout = number(node.get("timeout").or_else(|| node.get("request_timeout")), "`timeout`", 600.0).filter(|seconds| *seconds > 0.0);
    let temperature = number(node.get("temperature"), "`temperature`", 2.0);
    let most = number(node.get("max_completion_tokens").or_else(|| node.get("max_tokens")), "`max_tokens`", 1e6);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a million")]
    let most = most.map(|most| most as u32).filter(|most| *most > 0);
    ModelEndpoint {
        at: node.at,
        provider: text("provider").or_else(|| text("api_type")).or_else(|| text("type")),
        // At Azure a model is asked by its deployment.
        model: text("deployment").or_else(|| text("model")).or_else(|| text("model_name")),
        api_base: text("api_base"),
        has_base: node.get("api_base").is_some(),
        api_version: text("api_version"),
        api_key: text("api_key").map(Secret::new),
        has_key: node.get("api_key").is_some(),
        timeout,
        temperature,
        most,
        profile: ours.and_then(|ours| ours.get("profile")).and_then(Node::scalar).and_then(|name| fill.quietly(&name)),
        price,
    }
}

/// Whether a text is one variable and nothing else.
fn is_variable(text: &str) -> bool {
    let name = text.trim().strip_prefix("${").and_then(|text| text.strip_suffix('}'));
    name.is_some_and(|name| !name.is_empty() && name.trim().chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_'))
}
