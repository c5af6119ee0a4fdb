//! What a project asks for and does not get here, each named once, with what happens instead.
//!
//! Lives here: `config.yml`, `endpoints.yml`, `credentials.yml`, `sub_agents/` and `rephrase: true`.
//! Never here: reading what is honoured (`config.rs`, the host).

use super::whole::{TOP, Whole, is_ours};
use crate::yaml::{At, Findings, Kind, Mistake, Node, Severity};
use std::collections::BTreeSet;

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    let file = |path: &str| {
        whole.files.iter().find(|file| file.path == path || file.path.strip_suffix(".yaml").map(str::to_owned) == path.strip_suffix(".yml").map(str::to_owned))
    };
    let mut once = Once { said: BTreeSet::new(), mistakes };
    if let Some(config) = file("config.yml") {
        of_config(whole, &config.root, &mut once, &config.path);
    }
    if let Some(endpoints) = file("endpoints.yml") {
        of_endpoints(&endpoints.root, &mut once, &endpoints.path);
    }
    if let Some(credentials) = file("credentials.yml") {
        of_credentials(&credentials.root, &mut once, &credentials.path);
    }
    if let Some(agent) = whole.files.iter().find(|file| file.path.starts_with("sub_agents/")) {
        once.warn(&agent.path, agent.root.at, "sub_agents", "sub-agents belong to Rasa 3.14 and are not honoured; a `call` that names one is refused");
    }
    let rephrased: Vec<_> = whole.project.responses.values().flatten().filter(|variation| variation.rephrase && !is_ours(&variation.path)).collect();
    if let Some(first) = rephrased.iter().min_by_key(|variation| (&variation.path, variation.at)) {
        let message = format!("`rephrase: true` (here and in {} more) is not honoured; these responses are said as they are written", rephrased.len() - 1);
        once.warn(&first.path, first.at, "rephrase", message);
    }
}

/// Findings of which each name comes once.
struct Once<'a> {
    said: BTreeSet<String>,
    mistakes: &'a mut Vec<Mistake>,
}

impl Once<'_> {
    fn warn(&mut self, path: &str, at: At, name: &str, message: impl Into<String>) {
        self.note(path, at, Severity::Warning, name, message);
    }

    fn note(&mut self, path: &str, at: At, severity: Severity, name: &str, message: impl Into<String>) {
        if self.said.insert(format!("{path} {name}")) {
            Findings::new(path, self.mistakes).note(at, severity, message);
        }
    }
}

/// Parts of the pipeline that classify, and what is done without them.
const CLASSIFIERS: [&str; 6] =
    ["DIETClassifier", "LogisticRegressionClassifier", "SklearnIntentClassifier", "MitieIntentClassifier", "KeywordIntentClassifier", "FallbackClassifier"];
const EXTRACTORS: [&str; 4] = ["DucklingEntityExtractor", "CRFEntityExtractor", "SpacyEntityExtractor", "MitieEntityExtractor"];
const FEATURES: [&str; 13] = [
    "WhitespaceTokenizer",
    "JiebaTokenizer",
    "MitieTokenizer",
    "SpacyTokenizer",
    "MitieFeaturizer",
    "SpacyFeaturizer",
    "ConveRTFeaturizer",
    "LanguageModelFeaturizer",
    "RegexFeaturizer",
    "CountVectorsFeaturizer",
    "LexicalSyntacticFeaturizer",
    "SpacyNLP",
    "MitieNLP",
];
const HONOURED: [&str; 9] = [
    "CentralitaTypedAnswers",
    "NLUCommandAdapter",
    "RegexEntityExtractor",
    "EntitySynonymMapper",
    "CompactLLMCommandGenerator",
    "SearchReadyLLMCommandGenerator",
    "SingleStepLLMCommandGenerator",
    "MultiStepLLMCommandGenerator",
    "LLMCommandGenerator",
];

/// What happens without a part of the pipeline; nothing when it is there.
fn without(part: &str) -> Option<&'static str> {
    Some(match part {
        _ if HONOURED.contains(&part) => return None,
        _ if CLASSIFIERS.contains(&part) => "intents of `data/nlu.yml` are matched by our own matcher, when `NLUCommandAdapter` is in the pipeline",
        _ if EXTRACTORS.contains(&part) => "entities are found by the patterns, lists, marked examples and synonyms of `data/nlu.yml`",
        _ if FEATURES.contains(&part) => "our own matcher needs no tokenizer or featurizer",
        "ResponseSelector" => "retrieval intents are not answered",
        "LLMBasedRouter" | "IntentBasedRouter" => "every message goes to the flows",
        _ => "there is no such part in Rasa 3.13; check its spelling",
    })
}

fn of_config(whole: &Whole<'_>, root: &Node, once: &mut Once<'_>, path: &str) {
    match root.get("assistant_id") {
        None => once.warn(path, TOP, "assistant_id", "there is no `assistant_id`; name the assistant, so that events of several can be told apart"),
        Some(node) if node.scalar().as_deref() == Some("placeholder_default") => {
            once.warn(path, node.at, "assistant_id", "`assistant_id` is still the placeholder; name the assistant");
        }
        Some(_) => {}
    }
    if let Some(recipe) = root.get("recipe").filter(|recipe| recipe.scalar().as_deref() != Some("default.v1")) {
        let name = recipe.scalar().unwrap_or_default();
        once.note(path, recipe.at, Severity::Error, "recipe", format!("the recipe `{name}` cannot be loaded; write `recipe: default.v1`"));
    }
    for part in root.get("pipeline").map(Node::items).unwrap_or_default() {
        let Some(name) = part.get("name").and_then(Node::scalar) else { continue };
        if name.contains('.') {
            let message =
                format!("`{name}` is a Python class and cannot be loaded; name a built-in generator, and move what the class adds to an action server");
            once.note(path, part.at, Severity::Error, &name, message);
        } else if let Some(instead) = without(&name) {
            once.warn(path, part.at, &name, format!("`{name}` is not honoured: {instead}"));
        } else {
            of_generator(part, once, path);
        }
    }
    let policies = root.get("policies").map(Node::items).unwrap_or_default();
    let names: Vec<String> = policies.iter().filter_map(|policy| policy.get("name").and_then(Node::scalar)).collect();
    for (policy, name) in policies.iter().zip(&names) {
        match name.as_str() {
            "FlowPolicy" => {}
            "EnterpriseSearchPolicy" => of_search(whole, policy, once, path),
            "IntentlessPolicy" => {
                once.warn(path, policy.at, name, "`IntentlessPolicy` is not honoured: small talk gets the responses of `pattern_chitchat`");
            }
            _ if name.contains('.') => {
                let message = format!("`{name}` is a Python class and cannot be loaded; write its decisions as flows");
                once.note(path, policy.at, Severity::Error, name, message);
            }
            _ => once.warn(path, policy.at, name, format!("the policy `{name}` is not honoured: flows decide, stories and rules are left out")),
        }
    }
    if let Some(list) = root.get("policies").filter(|_| !names.is_empty() && !names.iter().any(|name| name == "FlowPolicy")) {
        once.warn(path, list.at, "FlowPolicy", "`policies` does not name `FlowPolicy`; flows are walked all the same, name it");
    }
}

fn of_generator(part: &Node, once: &mut Once<'_>, path: &str) {
    if let Some(node) = part.get("prompt_templates") {
        let message = "`prompt_templates` is not honoured: there is one prompt; name a template of your own as `prompt_template`";
        once.warn(path, node.at, "prompt_templates", message);
    }
    if let Some(node) = part.get("include_date_time").filter(|node| node.kind == Kind::Bool(true)) {
        once.warn(path, node.at, "include_date_time", "`include_date_time` is not honoured: a prompt holds no time, dates are read by `answer: date`");
    }
    for key in ["embeddings", "turns_to_embed", "conversation_turns_to_embed"] {
        if let Some(node) = part.get(key).or_else(|| part.get("flow_retrieval").and_then(|retrieval| retrieval.get(key))) {
            let message = format!("`{key}` is not honoured: what a caller says is compared with the flows here, by our own matcher");
            once.warn(path, node.at, key, message);
        }
    }
}

fn of_search(whole: &Whole<'_>, policy: &Node, once: &mut Once<'_>, path: &str) {
    if policy.get("use_generative_llm").is_none_or(|node| node.kind != Kind::Bool(false)) {
        let message = "generative answers of `EnterpriseSearchPolicy` are not honoured: a question gets the response of `pattern_search`; \
                       `use_generative_llm: false` has a passage of the documents said as it is written";
        once.warn(path, policy.at, "EnterpriseSearchPolicy", message);
        return;
    }
    let kind = policy.get("vector_store").and_then(|store| store.get("type")).and_then(Node::scalar);
    if let Some(kind) = kind.filter(|kind| kind != "faiss") {
        once.warn(path, policy.at, "vector_store", format!("the vector store `{kind}` is not honoured: passages come from text files of the project"));
    } else if whole.project.passages.is_empty() {
        once.warn(
            path,
            policy.at,
            "vector_store",
            "`EnterpriseSearchPolicy` has no documents; put text files under `docs/`, or name their folder as `vector_store.source`",
        );
    }
}

/// Keys of `endpoints.yml`, and what happens without those that are not honoured.
fn of_endpoints(root: &Node, once: &mut Once<'_>, path: &str) {
    for (key, body) in root.pairs() {
        let instead = match key.text.as_str() {
            "version" | "action_endpoint" | "model_groups" | "interaction_handling" => continue,
            "nlg" if body.get("url").is_some() => "responses are said as the domain writes them, no server is asked",
            "nlg" => "responses are said as they are written, none is rephrased",
            "tracker_store" | "lock_store" => "conversations are kept in `DATABASE_URL`, with its own lock",
            "event_broker" => "events stay in the database",
            "vector_store" => "passages come from text files of the project",
            "models" => "a project is loaded from its folder, not from a model server",
            "mcp_servers" => "tools of MCP servers belong to Rasa 3.14; write an action",
            "tracing" | "metrics" => "figures are at `/metrics`, spans in the log",
            "secrets_manager" => "secrets come from the environment",
            "privacy" => "what callers say is sealed, and values with a `centralita.class` are masked",
            _ => "nothing reads it",
        };
        once.warn(path, key.at, &key.text, format!("`{}` is not honoured: {instead}", key.text));
    }
}

/// Channels that somebody answers here, and the older key that means nothing.
const CHANNELS: [&str; 5] = ["rest", "callback", "twilio_voice", "cmdline", "rasa"];

fn of_credentials(root: &Node, once: &mut Once<'_>, path: &str) {
    for (key, _) in root.pairs() {
        let name = key.text.as_str();
        if name.contains('.') {
            let message = format!("`{name}` is a Python channel and cannot be loaded; let its users come by `rest` or `callback`");
            once.note(path, key.at, Severity::Error, name, message);
        } else if !CHANNELS.contains(&name) && name != "version" {
            once.warn(path, key.at, name, format!("the channel `{name}` is not honoured: nobody answers there; `rest`, `callback` and `twilio_voice` are"));
        }
    }
}
