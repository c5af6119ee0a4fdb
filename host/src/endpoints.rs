//! `endpoints.yml`: where the parts outside of us are (`rasa-calm.md` §7.7, §12.2).
//!
//! Lives here: reading the file with `${VARIABLES}` filled in.
//! Never here: connections; what of the file is not honoured (the engine's `project::check` says that).

mod action;
mod fill;

pub use action::{ActionEndpoint, BasicAuth, Place};

use crate::egress::Secret;
use centralita_engine::yaml::{self, Findings, Mistake, Node};
use fill::Fill;

/// The variable that stands for `action_endpoint.url`: what `dev`, `shell` and `test` set when they have started the
/// project's `actions_module` themselves.
pub const ACTION_SERVER: &str = "CENTRALITA_ACTION_SERVER";

/// The file of a project.
pub const FILE: &str = "endpoints.yml";

/// Reads a variable of the installation.
pub type Variable<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What the file says.
#[derive(Default)]
pub struct Endpoints {
    /// Where actions run that are no plugin's.
    pub action: Option<ActionEndpoint>,
    /// Models by group.
    pub model_groups: Vec<ModelGroup>,
    /// How long the line waits for a caller, seconds (`interaction_handling.global_silence_timeout`).
    pub silence_timeout: Option<f64>,
}

/// A group of models.
pub struct ModelGroup {
    /// The name `config.yml` uses.
    pub id: String,
    /// Its models; the first is used.
    pub models: Vec<ModelEndpoint>,
}

/// A model. What a variable that is not set would say is none.
#[derive(Default)]
pub struct ModelEndpoint {
    /// `openai`, `self-hosted`, …
    pub provider: Option<String>,
    /// Its name there.
    pub model: Option<String>,
    /// Where, with `/v1`.
    pub api_base: Option<String>,
    /// The key.
    pub api_key: Option<Secret>,
    /// Seconds a question may take.
    pub timeout: Option<f64>,
}

/// Reads the file. With `variable` none, nothing is filled in and what only a variable says is left out: that is how a
/// project is checked where its variables are not set.
pub fn read(text: &str, variable: Option<&Variable<'_>>, mistakes: &mut Vec<Mistake>) -> Endpoints {
    let mut findings = Findings::new(FILE, mistakes);
    let mut endpoints = Endpoints::default();
    let Some(root) = yaml::read(text, &mut findings) else { return endpoints };
    let fill = Fill { variable };
    if let Some(node) = root.get("action_endpoint") {
        endpoints.action = action::read(node, &fill, &mut findings);
    }
    for group in root.get("model_groups").map(Node::items).unwrap_or_default() {
        let Some(id) = group.get("id").and_then(Node::scalar) else {
            findings.error(group.at, "a group of models has an `id`");
            continue;
        };
        let models = group.get("models").map(Node::items).unwrap_or_default().iter().map(|node| model(node, &fill)).collect();
        endpoints.model_groups.push(ModelGroup { id, models });
    }
    endpoints.silence_timeout = root
        .get("interaction_handling")
        .and_then(|node| node.get("global_silence_timeout"))
        .and_then(|node| node.number("`global_silence_timeout`", &mut findings));
    endpoints
}

/// A model is used when the installation says so, so a variable that is missing here is no mistake.
fn model(node: &Node, fill: &Fill<'_>) -> ModelEndpoint {
    let text = |key: &str| node.get(key).and_then(Node::scalar).and_then(|text| fill.quietly(&text));
    ModelEndpoint {
        provider: text("provider"),
        model: text("model"),
        api_base: text("api_base"),
        api_key: text("api_key").map(Secret::new),
        timeout: text("timeout").and_then(|seconds| seconds.parse().ok()),
    }
}

#[cfg(test)]
mod tests;
