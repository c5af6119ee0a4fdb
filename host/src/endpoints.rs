//! `endpoints.yml`: where the parts outside of us are (`rasa-calm.md` §7.7, §12.2).
//!
//! Lives here: reading the file with `${VARIABLES}` filled in.
//! Never here: connections; what of the file is not honoured (the engine's `project::check` says that).

mod action;
mod fill;
mod model;

pub use action::{ActionEndpoint, BasicAuth, Place};

use crate::egress::Secret;
use crate::model::Price;
use centralita_engine::yaml::{self, At, Findings, Mistake, Node};
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
    /// Its models, in the order they are asked.
    pub models: Vec<ModelEndpoint>,
}

/// A model. What a variable that is not set would say is none.
#[derive(Default)]
pub struct ModelEndpoint {
    /// Where in the file.
    pub at: At,
    /// `openai`, `self-hosted`, …
    pub provider: Option<String>,
    /// Its name there.
    pub model: Option<String>,
    /// Where, with `/v1`.
    pub api_base: Option<String>,
    /// Whether an address is written, known or not.
    pub has_base: bool,
    /// The date of Azure's API, where the address has one.
    pub api_version: Option<String>,
    /// The key.
    pub api_key: Option<Secret>,
    /// Whether a key is written, known or not.
    pub has_key: bool,
    /// Seconds a question may take.
    pub timeout: Option<f64>,
    /// How freely it writes.
    pub temperature: Option<f64>,
    /// The most tokens it writes.
    pub most: Option<u32>,
    /// Ours: how the server wants to be asked.
    pub profile: Option<String>,
    /// Ours: what a million tokens cost.
    pub price: Option<Price>,
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
        group.only("a group of models", &["id", "models", "router"], &mut findings);
        if let Some(router) = group.get("router") {
            findings.warn(router.at, "`router` is not honoured: the models of a group are asked in their order, the next one when the one before fails");
        }
        let models = group.get("models").map(Node::items).unwrap_or_default().iter().map(|node| model::read(node, &fill, &mut findings)).collect();
        endpoints.model_groups.push(ModelGroup { id, models });
    }
    endpoints.silence_timeout = root
        .get("interaction_handling")
        .and_then(|node| node.get("global_silence_timeout"))
        .and_then(|node| node.number("`global_silence_timeout`", &mut findings));
    endpoints
}

/// The model a generator names for itself, under `llm:` of the file at `path`.
pub(crate) fn inline(node: &Node, path: &str, variable: Option<&Variable<'_>>, mistakes: &mut Vec<Mistake>) -> ModelEndpoint {
    model::read(node, &Fill { variable }, &mut Findings::new(path, mistakes))
}

#[cfg(test)]
mod tests;
