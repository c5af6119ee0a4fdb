//! `config.yml`: language, time zone, and which parts understand the caller.
//!
//! Lives here: what the engine and host read of it.
//! Never here: endpoints and credentials (the host reads those).

use super::compat::{self, Compat};
use super::hours::{self, Hours};
use crate::command::Syntax;
use crate::yaml::{Findings, Kind, Node};

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
    /// How sure the recogniser must be, in percent, before its words end or confirm anything (`centralita.least_confidence`,
    /// there 0 to 1).
    pub least_confidence: u8,
    /// When people take calls (`centralita.person.hours`).
    pub hours: Hours,
    /// The generator that asks a model, if the pipeline names one.
    pub generator: Option<String>,
    /// How that generator has a model write commands.
    pub syntax: Syntax,
    /// The most characters a message may have, `None` for any number (`user_input.max_characters`).
    pub max_characters: Option<usize>,
    /// Whether the model is left alone when an earlier part started a flow or filled the asked slot
    /// (`minimize_num_calls`).
    pub minimize_num_calls: bool,
    /// The group of models in `endpoints.yml` that the generator asks (`llm.model_group`).
    pub model_group: Option<String>,
    /// The folder of documents that questions are answered from as they are written: `EnterpriseSearchPolicy` with
    /// `use_generative_llm: false`.
    pub documents: Option<String>,
    /// The Rasa Pro the project was written for (`centralita.compat`).
    pub compat: Compat,
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
            least_confidence: 30,
            hours: Hours::default(),
            generator: None,
            syntax: Syntax::default(),
            max_characters: Some(MOST_CHARACTERS),
            minimize_num_calls: true,
            model_group: None,
            documents: None,
            compat: compat::BASELINE,
            resumes_on_start: false,
            clarifies_without_options: false,
        }
    }
}

impl Config {
    /// [`Config::least_confidence`] as a recogniser says it, 0 to 1.
    pub fn least_confidence(&self) -> f64 {
        f64::from(self.least_confidence) / 100.0
    }
}

/// `user_input.max_characters` where nothing is written.
const MOST_CHARACTERS: usize = 420;

const KEYS: [&str; 9] = ["version", "recipe", "language", "additional_languages", "assistant_id", "pipeline", "policies", "centralita", "metadata"];
const OURS: [&str; 7] = ["strict", "timezone", "locale", "hints", "least_confidence", "person", "compat"];

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
            "NLUCommandAdapter" => {
                config.intents = true;
                user_input(part.get("user_input"), &mut config, findings);
            }
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
                generator(part, &name, &mut config, findings);
                config.generator = Some(name);
            }
            // What is not honoured is named by `check/honoured.rs`.
            _ => {}
        }
    }
    for policy in root.get("policies").map(Node::items).unwrap_or_default() {
        let name = policy.get("name").and_then(Node::scalar);
        if name.as_deref() == Some("EnterpriseSearchPolicy") && policy.get("use_generative_llm").is_some_and(|node| node.kind == Kind::Bool(false)) {
            let folder = policy.get("vector_store").and_then(|store| store.get("source")).and_then(Node::scalar).unwrap_or_else(|| "docs".into());
            config.documents = Some(folder.trim_start_matches("./").trim_end_matches('/').to_owned());
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
        if let Some(node) = ours.get("least_confidence")
            && let Some(share) = node.number("`least_confidence`", findings)
        {
            if !(0.0..=1.0).contains(&share) {
                findings.error(node.at, "`least_confidence` is how sure the recogniser must be, from 0 to 1");
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
            let percent = (share.clamp(0.0, 1.0) * 100.0) as u8;
            config.least_confidence = percent;
        }
        if let Some(person) = ours.get("person") {
            person.only("`person`", &["hours"], findings);
            config.hours = person.get("hours").map(|node| hours::read(node, findings)).unwrap_or_default();
        }
        if let Some(locale) = ours.get("locale").and_then(|node| node.text("`locale`", findings)) {
            config.locale = locale;
        }
        if let Some(node) = ours.get("compat") {
            match node.scalar().as_deref().and_then(Compat::parse) {
                Some(compat) => config.compat = compat,
                None => findings.error(node.at, "`compat` is a version of Rasa Pro from \"3.10\" to \"3.16\", in quotes"),
            }
            let left_out = config.compat.left_out();
            if !left_out.is_empty() {
                findings.warn(node.at, format!("not honoured of Rasa Pro {}: {}", config.compat, left_out.join("; ")));
            }
        }
    }
    config.resumes_on_start = config.compat.from(14);
    config.clarifies_without_options = config.compat.from(15);
    config
}

const GENERATOR_KEYS: [&str; 16] = [
    "name",
    "llm",
    "prompt_template",
    "prompt",
    "prompt_templates",
    "flow_retrieval",
    "user_input",
    "minimize_num_calls",
    "include_date_time",
    "metadata",
    // Names of the first releases of CALM.
    "use_semantic_flow_search",
    "max_flows_from_semantic_search",
    "conversation_turns_to_embed",
    "embed_flow_slots",
    "embeddings",
    "request_timeout",
];

/// The keys of a generator (`rasa-calm.md` §3.4).
fn generator(part: &Node, name: &str, config: &mut Config, findings: &mut Findings<'_>) {
    part.only(&format!("`{name}`"), &GENERATOR_KEYS, findings);
    user_input(part.get("user_input"), config, findings);
    if let Some(minimize) = part.get("minimize_num_calls").and_then(|node| node.truth("`minimize_num_calls`", findings)) {
        config.minimize_num_calls = minimize;
    }
    config.model_group = part.get("llm").and_then(|llm| llm.get("model_group")).and_then(Node::scalar);
}

fn user_input(node: Option<&Node>, config: &mut Config, findings: &mut Findings<'_>) {
    let Some(most) = node.and_then(|node| node.get("max_characters")) else { return };
    if most.kind == Kind::Null {
        config.max_characters = None;
        return;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "negative and fractional numbers are no count; clamped")]
    let most = most.number("`max_characters`", findings).map(|most| most.clamp(0.0, 1e9) as usize);
    config.max_characters = most.or(config.max_characters);
}
