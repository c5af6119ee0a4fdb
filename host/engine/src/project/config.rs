//! `config.yml`: language, time zone, and which parts understand the caller.
//!
//! Lives here: what the engine and host read of it.
//! Never here: endpoints and credentials (the host reads those).

use crate::command::Syntax;
use crate::yaml::{Findings, Node};

/// How a project wants to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The language callers speak, BCP 47 (`es-MX`); `language`, refined by `centralita.locale`.
    pub locale: String,
    /// `language` and then `additional_languages`, as they are written.
    pub languages: Vec<String>,
    /// IANA name of the project's time zone; `UTC` unless `centralita.timezone` says so.
    pub timezone: String,
    /// Whether doubtful flows are load errors (`centralita.strict`).
    pub strict: bool,
    /// Whether whole utterances answer the open question without a model (`CentralitaTypedAnswers`).
    pub typed_answers: bool,
    /// Whether intents of `data/nlu.yml` start flows (`NLUCommandAdapter`).
    pub intents: bool,
    /// Phrases a recogniser should expect when no question is open (`centralita.hints`).
    pub hints: Vec<String>,
    /// The generator that asks a model, if the pipeline names one.
    pub generator: Option<String>,
    /// How that generator has a model write commands.
    pub syntax: Syntax,
    /// Whether starting a flow that waits on the stack resumes it (from 3.14) instead of changing nothing.
    pub resumes_on_start: bool,
    /// Whether a clarification without options reaches its pattern (from 3.15) instead of being dropped.
    pub clarifies_without_options: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            locale: "en-US".into(),
            languages: Vec::new(),
            timezone: "UTC".into(),
            strict: false,
            typed_answers: false,
            intents: false,
            hints: Vec::new(),
            generator: None,
            syntax: Syntax::default(),
            resumes_on_start: false,
            clarifies_without_options: false,
        }
    }
}

const KEYS: [&str; 9] = ["version", "recipe", "language", "additional_languages", "assistant_id", "pipeline", "policies", "centralita", "metadata"];
const OURS: [&str; 5] = ["strict", "timezone", "locale", "hints", "compat"];

/// Reads `config.yml`.
pub(super) fn read(root: &Node, findings: &mut Findings<'_>) -> Config {
    root.only("`config.yml`", &KEYS, findings);
    let mut config = Config::default();
    if let Some(language) = root.get("language").and_then(|node| node.text("`language`", findings)) {
        config.locale.clone_from(&language);
        config.languages.push(language);
    }
    if let Some(more) = root.get("additional_languages") {
        config.languages.extend(more.texts("`additional_languages`", findings));
    }
    for part in root.get("pipeline").map(Node::items).unwrap_or_default() {
        let Some(name) = part.get("name").and_then(Node::scalar) else {
            findings.error(part.at, "a part of the pipeline has a `name`");
            continue;
        };
        match name.as_str() {
            "CentralitaTypedAnswers" => config.typed_answers = true,
            "NLUCommandAdapter" => config.intents = true,
            "CompactLLMCommandGenerator"
            | "SearchReadyLLMCommandGenerator"
            | "SingleStepLLMCommandGenerator"
            | "MultiStepLLMCommandGenerator"
            | "LLMCommandGenerator" => {
                if let Some(other) = &config.generator {
                    findings.error(part.at, format!("`{name}` and `{other}` both ask a model; keep one generator"));
                }
                config.syntax = match name.as_str() {
                    "CompactLLMCommandGenerator" => Syntax::Compact,
                    "SearchReadyLLMCommandGenerator" => Syntax::SearchReady,
                    _ => Syntax::Calls,
                };
                config.generator = Some(name);
            }
            _ if name.contains('.') => {
                findings.error(part.at, format!("`{name}` is a Python class and cannot be loaded; name a built-in generator, or serve it as an action server"));
            }
            _ => findings.warn(part.at, format!("`{name}` is not honoured; intents of `data/nlu.yml` are matched without it")),
        }
    }
    for policy in root.get("policies").map(Node::items).unwrap_or_default() {
        let name = policy.get("name").and_then(Node::scalar).unwrap_or_default();
        if name != "FlowPolicy" {
            findings.warn(policy.at, format!("the policy `{name}` is not honoured; flows decide"));
        }
    }
    if let Some(ours) = root.get("centralita") {
        ours.only("`centralita`", &OURS, findings);
        if let Some(strict) = ours.get("strict").and_then(|node| node.truth("`strict`", findings)) {
            config.strict = strict;
        }
        if let Some(timezone) = ours.get("timezone").and_then(|node| node.text("`timezone`", findings)) {
            config.timezone = timezone;
        }
        if let Some(hints) = ours.get("hints") {
            config.hints = hints.texts("`hints`", findings);
        }
        if let Some(locale) = ours.get("locale").and_then(|node| node.text("`locale`", findings)) {
            config.locale = locale;
        }
    }
    config
}
