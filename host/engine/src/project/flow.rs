//! Flows as the engine walks them: steps in one list, each with the place it was written.
//!
//! Lives here: the types, and how `flows:` is read (`rasa-calm.md` §1).
//! Never here: whether what a flow names exists (`check.rs`).

use crate::condition::Condition;
use crate::yaml::{At, Findings, Kind, Node};
use crate::{ActionName, FlowId, ResponseName, SlotName, StepId, template};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One flow.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The key under `flows:`.
    pub id: FlowId,
    /// The readable name; the id when none is written.
    pub name: String,
    /// What the flow is for.
    pub description: String,
    /// The readable name in other languages.
    pub translation: BTreeMap<String, String>,
    /// Whether it is offered to a model even when retrieval would leave it out.
    pub always_in_prompt: bool,
    /// Holds when a caller may start the flow; links and calls do not ask.
    pub guard: Option<Condition>,
    /// Intents that start the flow, each with the confidence it needs, 0 to 1.
    pub triggers: Vec<(String, f64)>,
    /// Whether `pattern_completed` follows when nothing else is left.
    pub run_pattern_completed: bool,
    /// Slots that keep their value when the flow ends.
    pub persisted_slots: Vec<SlotName>,
    /// Every step, nested ones too, in the order they are written.
    pub steps: Vec<Step>,
    /// The file the flow stands in.
    pub path: String,
    /// Where in that file.
    pub at: At,
    index: BTreeMap<StepId, usize>,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// As written, or derived from flow, position and kind.
    pub id: StepId,
    /// What the step does.
    pub kind: StepKind,
    /// Where it goes on.
    pub next: Next,
    /// Where it is written.
    pub at: At,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Runs an action or says a response.
    Action(ActionRef),
    /// Fills a slot by asking.
    Collect(Box<Collect>),
    /// Sets slots to literals.
    SetSlots(Vec<(SlotName, serde_json::Value)>),
    /// Ends this flow and goes on in another.
    Link(FlowId),
    /// Walks another flow and comes back.
    Call(FlowId),
    /// Nothing but its `next`.
    Noop,
}

/// The name of an action, or a template that renders to one from the frame's context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionRef {
    /// Known when the project loads.
    Named(ActionName),
    /// Known when the step runs.
    Templated(String),
}

/// A question.
#[derive(Clone, Debug)]
pub struct Collect {
    /// The slot to fill.
    pub slot: SlotName,
    /// The response that asks.
    pub utter: ResponseName,
    /// The action that asks, where there is one.
    pub action: ActionName,
    /// What a model is told of the slot.
    pub description: Option<String>,
    /// Ask even if the slot is filled.
    pub ask_before_filling: bool,
    /// Whether the slot is cleared when the flow ends.
    pub reset_after_flow_ends: bool,
    /// What is refused, and the response that says so; the first that holds counts.
    pub rejections: Vec<(Condition, ResponseName)>,
    /// Whether nothing but an answer counts while this is asked.
    pub force_slot_filling: bool,
    /// How long this question waits for the caller, seconds; by channel, `""` for all others.
    pub silence_timeout: BTreeMap<String, f64>,
    /// What the keypad may answer with.
    pub dtmf: Option<Dtmf>,
    /// Ours: when to stop asking, and where the flow goes on then.
    pub give_up: Option<GiveUp>,
}

/// `centralita: {give_up: {after: 2, next: step}}` of a collect step: after so many misses (not
/// understood, silence, refused), or as soon as the caller says that they do not know, the flow goes
/// on at `next` with the slot empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveUp {
    /// How many misses end the asking, at least 1.
    pub after: u32,
    /// The step that follows.
    pub next: StepId,
}

/// `dtmf` of a collect step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dtmf {
    /// So many keys make the answer.
    pub length: Option<u32>,
    /// This key ends it.
    pub finish_on_key: Option<String>,
    /// Whether it may be spoken as well.
    pub allow_audio_input: bool,
}

/// Where a step goes on.
#[derive(Clone, Debug)]
pub enum Next {
    /// At a step.
    Step(StepId),
    /// The flow ends.
    End,
    /// At the first branch whose condition holds, else at the last.
    Branches(Vec<(Condition, Target)>, Target),
}

/// The end of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A step of the same flow.
    Step(StepId),
    /// The end of the flow.
    End,
}

impl Flow {
    /// The step with this id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.index.get(id).and_then(|at| self.steps.get(*at))
    }

    /// The step the flow begins with.
    pub fn first(&self) -> Option<&Step> {
        self.steps.first()
    }

    /// The slots that are cleared when the flow ends.
    pub fn slots_to_clear(&self) -> impl Iterator<Item = &SlotName> {
        self.steps
            .iter()
            .flat_map(|step| match &step.kind {
                StepKind::Collect(collect) if collect.reset_after_flow_ends => vec![&collect.slot],
                StepKind::SetSlots(slots) => slots.iter().map(|(slot, _)| slot).collect(),
                StepKind::Collect(_) | StepKind::Action(_) | StepKind::Link(_) | StepKind::Call(_) | StepKind::Noop => Vec::new(),
            })
            .filter(|slot| !self.persisted_slots.contains(slot))
    }

    /// The questions of the flow.
    pub fn collects(&self) -> impl Iterator<Item = &Collect> {
        self.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Collect(collect) => Some(&**collect),
            StepKind::Action(_) | StepKind::SetSlots(_) | StepKind::Link(_) | StepKind::Call(_) | StepKind::Noop => None,
        })
    }

    /// The question that fills a slot.
    pub fn collect(&self, slot: &SlotName) -> Option<&Collect> {
        self.collects().find(|collect| collect.slot == *slot)
    }
}

impl Step {
    /// Every place the step may go on at; `None` is the end of the flow.
    pub fn targets(&self) -> Vec<Option<&StepId>> {
        let give_up = match &self.kind {
            StepKind::Collect(collect) => collect.give_up.as_ref().map(|give_up| Some(&give_up.next)),
            StepKind::Action(_) | StepKind::SetSlots(_) | StepKind::Link(_) | StepKind::Call(_) | StepKind::Noop => None,
        };
        let next: Vec<Option<&StepId>> = match &self.next {
            Next::End => vec![None],
            Next::Step(id) => vec![Some(id)],
            Next::Branches(branches, last) => branches.iter().map(|(_, target)| target).chain([last]).map(Target::step).collect(),
        };
        next.into_iter().chain(give_up).collect()
    }

    /// Whether a branch of this step looks at how its action ended.
    pub fn tests_outcome(&self) -> bool {
        match &self.next {
            Next::Branches(branches, _) => branches.iter().any(|(condition, _)| condition.text().contains("context.outcome")),
            Next::End | Next::Step(_) => false,
        }
    }
}

impl Target {
    /// The step, unless the flow ends here.
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::Step(id) => Some(id),
            Self::End => None,
        }
    }
}

/// Reads every flow under `flows:`.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Vec<Flow> {
    node.pairs()
        .iter()
        .filter_map(|(key, body)| match FlowId::parse(&key.text) {
            Ok(id) => Some(Reader { flow: id, findings: &mut *findings, steps: Vec::new(), position: 0 }.flow(key.at, body)),
            Err(error) => {
                findings.error(key.at, error.to_string());
                None
            }
        })
        .collect()
}

const FLOW_KEYS: [&str; 11] = [
    "name",
    "description",
    "if",
    "nlu_trigger",
    "always_include_in_prompt",
    "run_pattern_completed",
    "persisted_slots",
    "steps",
    "file_path",
    "metadata",
    "translation",
];
const KINDS: [&str; 6] = ["action", "collect", "set_slots", "link", "call", "noop"];
const COLLECT_KEYS: [&str; 15] = [
    "collect",
    "id",
    "next",
    "utter",
    "description",
    "ask_before_filling",
    "reset_after_flow_ends",
    "rejections",
    "force_slot_filling",
    "silence_timeout",
    "dtmf",
    "metadata",
    "centralita",
    "ask_confirm_digressions",
    "block_digressions",
];

struct Reader<'a, 'f> {
    flow: FlowId,
    findings: &'a mut Findings<'f>,
    steps: Vec<Step>,
    position: usize,
}

impl Reader<'_, '_> {
    fn flow(mut self, at: At, body: &Node) -> Flow {
        let flow = self.flow.clone();
        body.only(&format!("flow `{flow}`"), &FLOW_KEYS, self.findings);
        let name = body.get("name").and_then(|node| node.text("`name`", self.findings)).unwrap_or_else(|| flow.to_string());
        let description = body.get("description").and_then(|node| node.text("`description`", self.findings));
        if description.is_none() {
            self.findings.error(at, format!("flow `{flow}` has no description; say in a sentence what it is for"));
        }
        let guard = body.get("if").and_then(|node| self.condition(node));
        let triggers = body.get("nlu_trigger").map(|node| self.triggers(node)).unwrap_or_default();
        let run_pattern_completed = body.get("run_pattern_completed").and_then(|node| node.truth("`run_pattern_completed`", self.findings)).unwrap_or(true);
        let persisted_slots = body.get("persisted_slots").map(|node| self.slots(node)).unwrap_or_default();
        match body.get("steps").map(Node::items) {
            None | Some([]) => self.findings.error(at, format!("flow `{flow}` has no steps; list at least one under `steps:`")),
            Some(steps) => self.list(steps),
        }
        let mut index = BTreeMap::new();
        for (position, step) in self.steps.iter().enumerate() {
            if index.insert(step.id.clone(), position).is_some() {
                self.findings.error(step.at, format!("two steps of flow `{flow}` have the id `{}`; rename one", step.id));
            }
        }
        let path = self.findings.path().to_owned();
        let always_in_prompt = body.get("always_include_in_prompt").and_then(|node| node.truth("`always_include_in_prompt`", self.findings)).unwrap_or(false);
        let names = body.get("translation").map(Node::pairs).unwrap_or_default().iter();
        let translation = names.filter_map(|(language, body)| body.get("name").and_then(Node::scalar).map(|name| (language.text.clone(), name))).collect();
        Flow {
            id: flow,
            name,
            description: description.unwrap_or_default(),
            translation,
            always_in_prompt,
            guard,
            triggers,
            run_pattern_completed,
            persisted_slots,
            steps: self.steps,
            path,
            at,
            index,
        }
    }

    fn triggers(&mut self, node: &Node) -> Vec<(String, f64)> {
        let mut triggers = Vec::new();
        for item in node.items() {
            let Some(intent) = item.get("intent") else {
                self.findings.error(item.at, "a trigger names an intent: `- intent: name`");
                continue;
            };
            let (name, threshold) = match &intent.kind {
                Kind::Map(_) => (intent.get("name"), intent.get("confidence_threshold")),
                Kind::Null | Kind::Bool(_) | Kind::Number(..) | Kind::Text(_) | Kind::List(_) => (Some(intent), None),
            };
            let threshold = threshold.and_then(|node| node.number("`confidence_threshold`", self.findings)).unwrap_or(0.0);
            triggers.extend(name.and_then(|node| node.text("an intent", self.findings)).map(|name| (name, threshold)));
        }
        triggers
    }

    /// Reads a list of steps; each without a `next` goes on at the one that follows it.
    fn list(&mut self, steps: &[Node]) {
        for (position, node) in steps.iter().enumerate() {
            let slot = self.steps.len();
            let Some(step) = self.step(node) else { continue };
            self.steps.insert(slot, step);
            if position > 0 && steps[position - 1].get("next").is_none() {
                let id = self.steps[slot].id.clone();
                let previous = steps[position - 1].at;
                if let Some(before) = self.steps.iter_mut().find(|step| step.at == previous) {
                    if matches!(before.kind, StepKind::Link(_)) {
                        self.findings.error(node.at, "nothing can follow a `link`; make it the last step of its list");
                    } else {
                        before.next = Next::Step(id);
                    }
                }
            }
        }
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        let named: Vec<&str> = KINDS.into_iter().filter(|kind| node.get(kind).is_some()).collect();
        let [kind] = named[..] else {
            self.findings.error(node.at, format!("a step has exactly one of {}; this has {}", KINDS.join(", "), named.len()));
            return None;
        };
        let argument = node.get(kind)?;
        let position = self.position;
        self.position += 1;
        let derived = match kind {
            "set_slots" | "noop" => format!("{}_{position}_{kind}", self.flow),
            _ => format!(
                "{}_{position}_{kind}_{}",
                self.flow,
                argument.get("name").unwrap_or(argument).scalar().filter(|text| !template::is_jinja(text)).unwrap_or_default()
            ),
        };
        let id = match node.get("id") {
            Some(id) => self.name(id, "a step id", StepId::parse)?,
            None => StepId::parse(&derived.chars().take(128).collect::<String>()).ok()?,
        };
        let keys: &[&str] = match kind {
            "collect" => &COLLECT_KEYS,
            "link" => &["link", "id", "metadata", "description"],
            "call" => &["call", "id", "next", "metadata", "description", "mcp_server", "mapping", "exit_if"],
            _ => &[kind, "id", "next", "metadata", "description"],
        };
        node.only(&format!("a `{kind}` step"), keys, self.findings);
        let kind = self.kind(kind, argument, node)?;
        if matches!(kind, StepKind::Noop) && node.get("next").is_none() {
            self.findings.error(node.at, "a `noop` step needs a `next`");
        }
        let next = node.get("next").map_or(Next::End, |next| self.next(next));
        Some(Step { id, kind, next, at: node.at })
    }

    fn kind(&mut self, kind: &str, argument: &Node, node: &Node) -> Option<StepKind> {
        Some(match kind {
            "action" => {
                let text = argument.text("`action`", self.findings)?;
                StepKind::Action(if template::is_jinja(&text) {
                    ActionRef::Templated(text)
                } else {
                    ActionRef::Named(self.name(argument, "an action", ActionName::parse)?)
                })
            }
            "collect" => StepKind::Collect(Box::new(self.collect(argument, node)?)),
            "set_slots" => StepKind::SetSlots(self.set_slots(argument)),
            "link" => StepKind::Link(self.name(argument, "a flow", FlowId::parse)?),
            "call" => {
                if node.get("mcp_server").is_some() {
                    self.findings.error(node.at, "calling an MCP tool belongs to a later Rasa than 3.13 and is not honoured; use an action");
                }
                StepKind::Call(self.name(argument, "a flow", FlowId::parse)?)
            }
            _ => StepKind::Noop,
        })
    }

    fn collect(&mut self, argument: &Node, node: &Node) -> Option<Collect> {
        // A configuration page nests the slot's name: `collect: {name: x, silence_timeout: 5}`.
        let nested = argument.get("name");
        let slot = self.name(nested.unwrap_or(argument), "a slot", SlotName::parse)?;
        let utter = match node.get("utter") {
            Some(utter) => self.name(utter, "a response", ResponseName::parse)?,
            None => ResponseName::parse(&format!("utter_ask_{slot}")).ok()?,
        };
        let action = ActionName::parse(&format!("action_ask_{slot}")).ok()?;
        let rejections = super::domain::rejections(node, self.findings);
        for key in ["ask_confirm_digressions", "block_digressions"] {
            if let Some(node) = node.get(key) {
                self.findings.warn(node.at, format!("`{key}` went out with Rasa 3.12.6 and is not honoured; use `force_slot_filling`"));
            }
        }
        let silence_timeout = node.get("silence_timeout").or_else(|| argument.get("silence_timeout"));
        let silence_timeout = silence_timeout.map(|node| self.seconds(node)).unwrap_or_default();
        let dtmf = node.get("dtmf").map(|node| self.dtmf(node));
        let truth =
            |reader: &mut Self, key: &str, default: bool| node.get(key).and_then(|node| node.truth(&format!("`{key}`"), reader.findings)).unwrap_or(default);
        let force_slot_filling = truth(self, "force_slot_filling", false);
        let ask_before_filling = truth(self, "ask_before_filling", false);
        let reset_after_flow_ends = truth(self, "reset_after_flow_ends", true);
        let description = node.get("description").and_then(|node| node.text("`description`", self.findings));
        let give_up = node.get("centralita").and_then(|ours| {
            ours.only("`centralita` of a question", &["give_up"], self.findings);
            self.give_up(ours.get("give_up")?)
        });
        Some(Collect {
            slot,
            utter,
            action,
            description,
            ask_before_filling,
            reset_after_flow_ends,
            rejections,
            force_slot_filling,
            silence_timeout,
            dtmf,
            give_up,
        })
    }

    /// A number of seconds, or one a channel, written as a mapping or a list of one-key mappings.
    fn seconds(&mut self, node: &Node) -> BTreeMap<String, f64> {
        if let Kind::Number(seconds, _) = node.kind {
            return BTreeMap::from([(String::new(), seconds)]);
        }
        let maps = if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() };
        let pairs = maps.iter().flat_map(Node::pairs);
        let read: BTreeMap<String, f64> =
            pairs.filter_map(|(channel, node)| node.number("`silence_timeout`", self.findings).map(|seconds| (channel.text.clone(), seconds))).collect();
        if read.is_empty() {
            self.findings.error(node.at, "`silence_timeout` is a number of seconds, or one for each channel");
        }
        read
    }

    fn dtmf(&mut self, node: &Node) -> Dtmf {
        node.only("`dtmf`", &["length", "finish_on_key", "allow_audio_input"], self.findings);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=40")]
        let length = node.get("length").and_then(|node| node.number("`length`", self.findings)).map(|length| length.clamp(1.0, 40.0) as u32);
        let finish_on_key = node.get("finish_on_key").and_then(Node::scalar);
        let allow_audio_input = node.get("allow_audio_input").and_then(|node| node.truth("`allow_audio_input`", self.findings)).unwrap_or(true);
        Dtmf { length, finish_on_key, allow_audio_input }
    }

    fn give_up(&mut self, node: &Node) -> Option<GiveUp> {
        node.only("`give_up`", &["after", "next"], self.findings);
        let after = node.get("after").and_then(|node| node.number("`after`", self.findings)).unwrap_or(2.0);
        let next = node.get("next").and_then(|node| self.name(node, "a step id", StepId::parse));
        if next.is_none() {
            self.findings.error(node.at, "`give_up` needs the step to go on at: `next: step_id`");
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=9")]
        let after = after.clamp(1.0, 9.0) as u32;
        Some(GiveUp { after, next: next? })
    }

    fn set_slots(&mut self, argument: &Node) -> Vec<(SlotName, serde_json::Value)> {
        let maps = if argument.items().is_empty() { std::slice::from_ref(argument) } else { argument.items() };
        let mut slots = Vec::new();
        for (key, value) in maps.iter().flat_map(Node::pairs) {
            match SlotName::parse(&key.text) {
                Ok(name) => slots.push((name, value.to_json())),
                Err(error) => self.findings.error(key.at, error.to_string()),
            }
        }
        if slots.is_empty() {
            self.findings.error(argument.at, "`set_slots` lists slots: `- set_slots: [{slot: value}]`");
        }
        slots
    }

    fn next(&mut self, node: &Node) -> Next {
        let Kind::List(items) = &node.kind else {
            return match self.target(node) {
                Target::Step(id) => Next::Step(id),
                Target::End => Next::End,
            };
        };
        if !items.iter().any(|item| item.get("if").is_some() || item.get("else").is_some()) {
            return match self.target(node) {
                Target::Step(id) => Next::Step(id),
                Target::End => Next::End,
            };
        }
        let mut branches = Vec::new();
        let mut last = None;
        for item in items {
            if last.is_some() {
                self.findings.error(item.at, "nothing can follow `else`");
            }
            if let Some(then) = item.get("else") {
                last = Some(self.target(then));
                continue;
            }
            let (Some(condition), Some(then)) = (item.get("if"), item.get("then")) else {
                self.findings.error(item.at, "a branch has an `if` and a `then`, the last one an `else`");
                continue;
            };
            let condition = self.condition(condition);
            let target = self.target(then);
            branches.extend(condition.map(|condition| (condition, target)));
        }
        if last.is_none() {
            self.findings.error(node.at, "these branches have no `else`; say what happens when none holds");
        }
        Next::Branches(branches, last.unwrap_or(Target::End))
    }

    fn target(&mut self, node: &Node) -> Target {
        if let Kind::List(steps) = &node.kind {
            let first = self.steps.len();
            self.list(steps);
            return self.steps.get(first).map_or(Target::End, |step| Target::Step(step.id.clone()));
        }
        match node.scalar().as_deref() {
            Some("END") => Target::End,
            _ => self.name(node, "a step id", StepId::parse).map_or(Target::End, Target::Step),
        }
    }

    fn condition(&mut self, node: &Node) -> Option<Condition> {
        super::condition(node, self.findings)
    }

    fn slots(&mut self, node: &Node) -> Vec<SlotName> {
        node.items().iter().filter_map(|item| self.name(item, "a slot", SlotName::parse)).collect()
    }

    fn name<T>(&mut self, node: &Node, what: &str, parse: fn(&str) -> Result<T, crate::BadName>) -> Option<T> {
        let text = node.text(what, self.findings)?;
        parse(&text).map_err(|error| self.findings.error(node.at, error.to_string())).ok()
    }
}
