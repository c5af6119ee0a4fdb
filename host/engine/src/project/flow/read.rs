//! How flows are read (`rasa-calm.md` §1).
//!
//! Lives here: every key of a flow and of its steps, and the ids that are derived.
//! Never here: whether what a flow names exists (`check`).

use super::{ActionRef, Collect, Dtmf, Flow, GiveUp, Next, Step, StepKind, Target};
use crate::condition::Condition;
use crate::yaml::{At, Findings, Kind, Node};
use crate::{ActionName, FlowId, ResponseName, SlotName, StepId, template};
use std::collections::BTreeMap;

/// Reads every flow under `flows:`.
///
/// `prefixed` is whether derived step ids begin with the flow's (since Rasa Pro 3.12).
pub(in crate::project) fn read(node: &Node, prefixed: bool, findings: &mut Findings<'_>) -> Vec<Flow> {
    node.pairs()
        .iter()
        .filter_map(|(key, body)| match FlowId::parse(&key.text) {
            Ok(id) if id.as_str().contains('.') => {
                findings.error(key.at, format!("`{id}` is no name for a flow: use letters, digits, `_` and `-`"));
                None
            }
            Ok(id) => Some(Reader { flow: id, prefixed, findings: &mut *findings, steps: Vec::new(), position: 0 }.flow(key.at, body)),
            Err(error) => {
                findings.error(key.at, error.to_string());
                None
            }
        })
        .collect()
}

const FLOW_KEYS: [&str; 12] = [
    "name",
    "description",
    "if",
    "nlu_trigger",
    "centralita",
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
    prefixed: bool,
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
        let ours = body.get("centralita");
        let urgent = ours.and_then(|ours| self.urgent(ours));
        let key = ours.and_then(|ours| ours.get("key")).and_then(|node| self.key(node));
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
            urgent,
            key,
            run_pattern_completed,
            persisted_slots,
            steps: self.steps,
            order: 0,
            path,
            at,
            index,
        }
    }

    fn urgent(&mut self, ours: &Node) -> Option<f64> {
        ours.only("`centralita` of a flow", &["urgent", "key"], self.findings);
        let node = ours.get("urgent")?;
        let share = node.number("`urgent`", self.findings)?;
        if !(0.0..=1.0).contains(&share) {
            self.findings.error(node.at, "`urgent` is how likely the wish must be, from 0 to 1");
        }
        Some(share)
    }

    /// Zero and the star mean a person and *again* in every project.
    fn key(&mut self, node: &Node) -> Option<char> {
        let text = node.scalar().unwrap_or_default();
        let mut keys = text.chars();
        let key = keys.next().filter(|key| keys.next().is_none() && ('1'..='9').contains(key));
        if key.is_none() {
            self.findings.error(node.at, "`key` is one key, from 1 to 9");
        }
        key
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
        let id = match node.get("id") {
            Some(id) => self.own_id(id)?,
            None => self.derived_id(kind, position, argument)?,
        };
        let keys: &[&str] = match kind {
            "collect" => &COLLECT_KEYS,
            "link" => &["link", "id", "metadata", "description"],
            "call" => &["call", "id", "next", "metadata", "description", "mcp_server", "mapping", "exit_if"],
            _ => &[kind, "id", "next", "metadata", "description"],
        };
        node.only(&format!("a `{kind}` step"), keys, self.findings);
        let kind = self.kind(kind, argument, node)?;
        let mut next = node.get("next");
        if matches!(kind, StepKind::Noop) && next.is_none() {
            // A page of Rasa's writes the branches under `noop` itself.
            next = Some(argument).filter(|argument| !argument.items().is_empty());
            match next {
                Some(_) => self.findings.warn(node.at, "the branches of a `noop` belong under `next`; they are read as if they stood there"),
                None => self.findings.error(node.at, "a `noop` step needs a `next`"),
            }
        }
        let next = next.map_or(Next::End, |next| self.next(next));
        Some(Step { id, kind, next, at: node.at })
    }

    fn own_id(&mut self, node: &Node) -> Option<StepId> {
        let id = self.name(node, "a step id", StepId::parse)?;
        let reserved = matches!(id.as_str(), "END" | "START") || id.as_str().starts_with("CONTINUE");
        if reserved || id.as_str().contains('.') {
            self.findings.error(node.at, format!("`{id}` is no id for a step: use letters, digits, `_` and `-`; END, START and CONTINUE… are taken"));
        }
        Some(id)
    }

    /// `<flow>_<position>_<kind>_<argument>`; `set_slots`, `noop` and templates leave the argument out.
    fn derived_id(&self, kind: &str, position: usize, argument: &Node) -> Option<StepId> {
        let mut id = if self.prefixed { format!("{}_{position}_{kind}", self.flow) } else { format!("{position}_{kind}") };
        let argument = argument.get("name").unwrap_or(argument).scalar().filter(|text| !template::is_jinja(text));
        if let Some(argument) = argument.filter(|_| !matches!(kind, "set_slots" | "noop")) {
            id = format!("{id}_{argument}");
        }
        StepId::parse(&id.chars().take(128).collect::<String>()).ok()
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
        let rejections = crate::project::domain::rejections(node, self.findings);
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
            if let Some(last) = steps.last().filter(|last| ["next", "link"].iter().all(|key| last.get(key).is_none())) {
                let at = last.at;
                self.findings.error(at, "the last step of a nested list says where it goes on: `next: END`, a step id, or a `link`");
            }
            return self.steps.get(first).map_or(Target::End, |step| Target::Step(step.id.clone()));
        }
        match node.scalar().as_deref() {
            Some("END") => Target::End,
            _ => self.name(node, "a step id", StepId::parse).map_or(Target::End, Target::Step),
        }
    }

    fn condition(&mut self, node: &Node) -> Option<Condition> {
        crate::project::condition(node, self.findings)
    }

    fn slots(&mut self, node: &Node) -> Vec<SlotName> {
        node.items().iter().filter_map(|item| self.name(item, "a slot", SlotName::parse)).collect()
    }

    fn name<T>(&mut self, node: &Node, what: &str, parse: fn(&str) -> Result<T, crate::BadName>) -> Option<T> {
        let text = node.text(what, self.findings)?;
        parse(&text).map_err(|error| self.findings.error(node.at, error.to_string())).ok()
    }
}
