//! A project: everything a release says about how to talk, checked as a whole.
//!
//! Lives here: putting files together, over our default patterns.
//! Never here: reading the disk (the host hands texts over), plugins.

pub(crate) mod check;
mod compat;
mod config;
mod domain;
mod flow;
mod hours;
mod passages;

pub use compat::Compat;
pub use config::Config;
pub use domain::{Button, Evidence, FilledBy, FromNlu, Mapping, Slot, SlotKind, Validation, Variation, When};
pub use flow::{ActionRef, Collect, Dtmf, Flow, GiveUp, Next, Step, StepKind, Target};
pub use passages::Passages;

use crate::answers::{Language, Setting};
use crate::condition::Condition;
use crate::entities::Entities;
use crate::event::Timestamp;
use crate::matcher::Matcher;
use crate::yaml::{self, Findings, Mistake, Node, Severity, Variables};
use crate::{ActionName, FlowId, ResponseName, SlotName};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::collections::{BTreeMap, BTreeSet};

/// One file of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Relative to the project's folder, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// What a plugin's action may do to the world, as its manifest and grant say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Writes {
    /// It reads.
    #[default]
    Nothing,
    /// It asks a person to call back: no consent needed (`call_back: true` in `plugins.yml`).
    CallBack,
    /// It changes something for the caller: only after a consent.
    Effect,
}

/// What is known of an action that a plugin offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionFacts {
    /// Its worst effect.
    pub writes: Writes,
    /// The slots it may set.
    pub slots: Vec<SlotName>,
    /// The responses it may have said.
    pub responses: Vec<ResponseName>,
    /// Whether the action server runs it and not a plugin.
    pub remote: bool,
}

/// The actions of `plugins.yml`, by name.
pub type Actions = BTreeMap<ActionName, ActionFacts>;

/// Reads a predicate; what surprises in it is a warning.
fn condition(node: &Node, findings: &mut Findings<'_>) -> Option<Condition> {
    let text = node.text("a condition", findings)?;
    let condition = Condition::parse(&text).map_err(|error| findings.error(node.at, error.to_string())).ok()?;
    for quirk in condition.quirks() {
        findings.warn(node.at, quirk);
    }
    Some(condition.placed(node.at))
}

/// A loaded project. Nothing in it changes; a changed file makes a new one.
pub struct Project {
    /// `config.yml`.
    pub config: Config,
    /// `centralita.timezone`: which day it is where callers are.
    zone: TimeZone,
    /// Every flow, ours and the project's, by id.
    pub flows: BTreeMap<FlowId, Flow>,
    /// The slots of the domain.
    pub slots: BTreeMap<SlotName, Slot>,
    /// The responses of the domain, over our defaults.
    pub responses: BTreeMap<ResponseName, Vec<Variation>>,
    /// Actions a plugin offers.
    pub actions: Actions,
    /// Trained on `data/nlu.yml`.
    pub matcher: Matcher,
    /// Trained on what flows say of themselves, by flow; for a project without examples.
    pub described: Matcher,
    /// How many examples the matcher was trained on.
    pub examples: usize,
    /// What an utterance mentions.
    pub entities: Entities,
    /// Passages of the project's documents that `action_trigger_search` answers with.
    pub passages: Passages,
    /// Minutes without a word of the caller after which a session is over; 0 is never (`session_config`).
    pub session_minutes: f64,
    /// Whether slots go over into the next session.
    pub carries_slots: bool,
}

const FLOWS: &str = include_str!("../../patterns/flows.yml");
const SLOTS: &str = include_str!("../../patterns/slots.yml");
const SPANISH: &str = include_str!("../../patterns/responses.es.yml");
const ENGLISH: &str = include_str!("../../patterns/responses.en.yml");

impl Project {
    /// Puts a project together and checks it. Warnings come beside the project; with an error among
    /// the mistakes there is none.
    pub fn load(sources: &[Source], actions: Actions) -> (Option<Self>, Vec<Mistake>) {
        Self::load_with(sources, actions, &|_| None)
    }

    /// As [`Project::load`], with the environment that `${NAME}` in any file is replaced from.
    pub fn load_with(sources: &[Source], actions: Actions, variables: Variables<'_>) -> (Option<Self>, Vec<Mistake>) {
        let mut mistakes = Vec::new();
        let config = sources.iter().find(|source| source.path == "config.yml");
        let config = match config {
            Some(source) => {
                let mut findings = Findings::new(&source.path, &mut mistakes);
                yaml::read_with(&source.text, variables, &mut findings).map(|root| config::read(&root, &mut findings)).unwrap_or_default()
            }
            None => {
                let message = "there is no `config.yml`; write one with `language:` and `pipeline:`";
                Findings::new("config.yml", &mut mistakes).error(yaml::At { line: 1, column: 1 }, message);
                Config::default()
            }
        };
        let mut loader = Loader {
            variables,
            mistakes,
            flows: BTreeMap::new(),
            slots: BTreeMap::new(),
            responses: BTreeMap::new(),
            listed: Vec::new(),
            examples: Vec::new(),
            entities: Entities::default(),
            session: domain::Session::default(),
            older: BTreeSet::new(),
            order: 0,
            prefixed: config.compat.from(12),
            files: Vec::new(),
        };
        // Callers of other languages hear English until the project has responses of its own.
        let spanish = config.locale.split(['-', '_']).next().is_some_and(|primary| primary.eq_ignore_ascii_case("es"));
        let responses = if spanish { SPANISH } else { ENGLISH };
        let overlays = config.compat.overlays();
        for (name, text) in [("flows.yml", FLOWS), ("slots.yml", SLOTS), ("responses.yml", responses)].into_iter().chain(overlays) {
            loader.take(&Source { path: format!("(patterns)/{name}"), text: text.into() }, true);
        }
        loader.take(&Source { path: "(patterns)/language.yml".into(), text: language_slot(&config.languages) }, true);
        let ours: BTreeSet<FlowId> = loader.flows.keys().cloned().collect();
        for source in sources.iter().filter(|source| is_part(&source.path)) {
            loader.take(source, false);
        }
        loader.entities.ready();
        let matcher = Matcher::train(if config.intents { &loader.examples } else { &[] });
        let described = if matcher.is_untrained() { Matcher::train(&descriptions(&loader.flows)) } else { Matcher::default() };
        let folder = config.documents.as_ref().map(|folder| format!("{folder}/"));
        let documents = sources.iter().filter(|source| source.path.ends_with(".txt") && folder.as_ref().is_some_and(|folder| source.path.starts_with(folder)));
        let passages = Passages::of(documents.map(|source| source.text.as_str()));
        // The zones that are compiled in, whatever the machine has. One that is not among them is the host's to report.
        let zone = TimeZoneDatabase::bundled().get(&config.timezone).unwrap_or(TimeZone::UTC);
        let project = Self {
            zone,
            config,
            flows: loader.flows,
            slots: loader.slots,
            responses: loader.responses,
            actions,
            matcher,
            described,
            examples: loader.examples.len(),
            entities: loader.entities,
            passages,
            session_minutes: loader.session.expires_minutes.unwrap_or(60.0),
            carries_slots: loader.session.carries_slots.unwrap_or(true),
        };
        let mut mistakes = loader.mistakes;
        let mut files = loader.files;
        for source in sources.iter().filter(|source| is_beside(&source.path)) {
            let known = source.path == "config.yml";
            let mut unread = Vec::new();
            let list = if known { &mut unread } else { &mut mistakes };
            files.extend(yaml::read(&source.text, &mut Findings::new(&source.path, list)).map(|root| check::File { path: source.path.clone(), root }));
        }
        check::check(&check::Whole::new(&project, &files, &loader.listed, &ours), &mut mistakes);
        mistakes.sort_by(|a, b| (&a.path, a.at, a.severity).cmp(&(&b.path, b.at, b.severity)));
        mistakes.dedup();
        let broken = mistakes.iter().any(|mistake| mistake.severity == Severity::Error);
        ((!broken).then_some(project), mistakes)
    }

    /// The flows as they are defined: files in order, flows of a file from above.
    pub fn in_order(&self) -> Vec<&Flow> {
        let mut flows: Vec<&Flow> = self.flows.values().collect();
        flows.sort_by_key(|flow| flow.order);
        flows
    }

    /// The language of callers.
    pub fn language(&self) -> Language {
        Language::of(&self.config.locale)
    }

    /// Whether people take calls at this moment.
    pub fn on_duty(&self, at: Timestamp) -> bool {
        let moment = jiff::Timestamp::from_millisecond(at).ok();
        moment.is_none_or(|moment| self.config.hours.holds(&moment.to_zoned_datetime(self.zone.clone())))
    }

    /// What answers are read by at this moment: language and country of callers, and the day it is there.
    pub(crate) fn setting(&self, at: Timestamp) -> Setting {
        let today = jiff::Timestamp::from_millisecond(at).ok().map(|moment| moment.to_zoned_datetime(self.zone.clone()).date());
        Setting { today, ..Setting::of(&self.config.locale) }
    }
}

/// The slot `language`, which a project that names its languages has by itself (`rasa-calm.md` §2.2.2).
fn language_slot(languages: &[String]) -> String {
    let [first, ..] = languages else { return String::new() };
    serde_json::json!({"slots": {"language": {"type": "strict_categorical", "values": languages, "initial_value": first, "mappings": [{"type": "controlled"}]}}})
        .to_string()
}

/// What flows that callers can start say of themselves, by flow.
fn descriptions(flows: &BTreeMap<FlowId, Flow>) -> Vec<(String, String)> {
    let told = flows.values().filter(|flow| !flow.id.is_pattern()).flat_map(|flow| {
        let texts = [flow.id.as_str().replace('_', " "), flow.name.clone(), flow.description.clone()];
        texts.into_iter().map(|text| (flow.id.to_string(), text))
    });
    told.filter(|(_, text)| !text.is_empty()).collect()
}

/// Whether a file can hold a part of the dialogue: the domain and everything under `data/`.
fn is_part(path: &str) -> bool {
    let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    yaml && (path == "domain.yml" || path == "domain.yaml" || path.starts_with("domain/") || path.starts_with("data/"))
}

/// Whether a file says how the dialogue is run.
fn is_beside(path: &str) -> bool {
    matches!(path, "config.yml" | "endpoints.yml" | "endpoints.yaml" | "credentials.yml" | "credentials.yaml") || path.starts_with("sub_agents/")
}

struct Loader<'a> {
    variables: Variables<'a>,
    mistakes: Vec<Mistake>,
    flows: BTreeMap<FlowId, Flow>,
    slots: BTreeMap<SlotName, Slot>,
    responses: BTreeMap<ResponseName, Vec<Variation>>,
    listed: Vec<(ActionName, String, yaml::At)>,
    examples: Vec<(String, String)>,
    entities: Entities,
    session: domain::Session,
    older: BTreeSet<&'static str>,
    order: usize,
    prefixed: bool,
    files: Vec<check::File>,
}

const PARTS: [&str; 13] =
    ["version", "flows", "nlu", "slots", "responses", "actions", "intents", "entities", "session_config", "forms", "stories", "rules", "e2e_actions"];

/// Parts of the older dialogue system, which flows take the place of.
const OLDER: [&str; 4] = ["stories", "rules", "forms", "e2e_actions"];

impl Loader<'_> {
    /// Adds a file. A project's flow replaces our pattern of the same id, its response ours.
    fn take(&mut self, source: &Source, ours: bool) {
        let mut findings = Findings::new(&source.path, &mut self.mistakes);
        let root = if ours { yaml::read(&source.text, &mut findings) } else { yaml::read_with(&source.text, self.variables, &mut findings) };
        let Some(root) = root else { return };
        root.only("a project file", &PARTS, &mut findings);
        for part in OLDER {
            if let Some(key) = root.key(part)
                && self.older.insert(part)
            {
                findings.warn(key.at, format!("`{part}` belong to Rasa's older dialogue system and are not honoured; flows decide what is said"));
            }
        }
        for mut flow in root.get("flows").map(|node| flow::read(node, self.prefixed, &mut findings)).unwrap_or_default() {
            self.order += 1;
            flow.order = self.order;
            if let Some(known) = self.flows.get(&flow.id).filter(|known| !known.path.starts_with("(patterns)/")) {
                findings.error(flow.at, format!("flow `{}` is also in {}:{}; rename one", flow.id, known.path, known.at.line));
            }
            self.flows.insert(flow.id.clone(), flow);
        }
        let part = domain::read(&root, &mut findings);
        for (name, slot) in part.slots {
            if let Some(known) = self.slots.get(&name).filter(|known| !known.path.starts_with("(patterns)/")) {
                findings.error(slot.at, format!("slot `{name}` is also in {}:{}; keep one", known.path, known.at.line));
            }
            self.slots.insert(name, slot);
        }
        for (name, variations, at) in part.responses {
            let known = self.responses.get(&name).and_then(|known: &Vec<Variation>| known.first()).filter(|known| !known.path.starts_with("(patterns)/"));
            if let Some(known) = known {
                findings.warn(at, format!("response `{name}` is also in {}:{}; this one counts, remove the other", known.path, known.at.line));
            }
            self.responses.insert(name, variations);
        }
        self.session.expires_minutes = part.session.expires_minutes.or(self.session.expires_minutes);
        self.session.carries_slots = part.session.carries_slots.or(self.session.carries_slots);
        if !ours {
            self.listed.extend(part.actions.into_iter().map(|(name, at)| (name, source.path.clone(), at)));
        }
        for intent in root.get("nlu").map(Node::items).unwrap_or_default() {
            self.entities.take(intent, &mut findings);
            let Some(name) = intent.get("intent").and_then(Node::scalar) else { continue };
            let examples = intent.get("examples").and_then(Node::scalar).unwrap_or_default();
            let lines = examples.lines().filter_map(|line| line.trim().strip_prefix('-')).map(|line| (name.clone(), plain(line.trim())));
            self.examples.extend(lines.filter(|(_, text)| !text.is_empty()));
        }
        self.files.push(check::File { path: source.path.clone(), root });
    }
}

/// An example without its entity marks: `[4521](digits)` is `4521`.
fn plain(example: &str) -> String {
    let mut text = String::new();
    let mut rest = example;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        let Some((word, after)) = after.split_once(']') else {
            text.push('[');
            rest = after;
            continue;
        };
        text.push_str(word);
        let mark = after.strip_prefix('(').and_then(|after| after.split_once(')')).or_else(|| after.strip_prefix('{').and_then(|after| after.split_once('}')));
        rest = mark.map_or(after, |(_, after)| after);
    }
    text + rest
}
