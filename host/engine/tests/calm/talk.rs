//! Small projects written in the test, and conversations with them: no disk, no model, no clock.
//!
//! Lives here: putting a project together, what a conversation does, and how it is read back.
//! Never here: what is right.

#![allow(dead_code, reason = "every file of this binary takes what it needs")]

use centralita_engine::command::{Payload, Syntax, payload, read};
use centralita_engine::event::Opening;
use centralita_engine::project::{ActionFacts, Actions, Source as File};
use centralita_engine::state::Position;
use centralita_engine::yaml::{Findings, read as yaml};
use centralita_engine::{
    ActionName, CallState, Command, Effect, Ending, Event, Happened, Input, Masked, Next, Outcome, Project, ResponseName, Say, SlotName, Source, Step,
    Utterance, Value, Via, step,
};
use serde_json::Value as Json;
use std::collections::{BTreeMap, VecDeque};

/// `config.yml` of a project whose model writes `start flow x`.
pub(crate) const CONFIG: &str =
    "recipe: default.v1\nlanguage: en\nassistant_id: test\npipeline:\n- name: CompactLLMCommandGenerator\npolicies:\n- name: FlowPolicy\n";

/// Loads a project of `(path, text)`; without a `config.yml` among them it gets [`CONFIG`]. Every action that a text lists
/// under `actions:` is run by an action server. Beside it what was found, one `path:line:col: error: …` a line.
pub(crate) fn load(texts: &[(&str, &str)]) -> (Option<Project>, Vec<String>) {
    let mut sources: Vec<File> = texts.iter().map(|(path, text)| File { path: (*path).into(), text: (*text).into() }).collect();
    if !texts.iter().any(|(path, _)| *path == "config.yml") {
        sources.push(File { path: "config.yml".into(), text: CONFIG.into() });
    }
    let (project, mistakes) = Project::load(&sources, actions(texts));
    // A project as small as these leaves slots unused; what is said of that belongs to tests of its own.
    let unused = ["is asked for, but no", "is read here, but no"];
    let told = mistakes.iter().filter(|mistake| !unused.iter().any(|part| mistake.message.contains(part)));
    (project, told.map(ToString::to_string).collect())
}

/// What loading finds in these texts.
pub(crate) fn found(texts: &[(&str, &str)]) -> Vec<String> {
    load(texts).1
}

/// A project of these texts that has to load; warnings are allowed.
#[track_caller]
pub(crate) fn project_of(texts: &[(&str, &str)]) -> Project {
    let (project, mistakes) = load(texts);
    project.unwrap_or_else(|| panic!("{}", mistakes.join("\n")))
}

/// A project of one domain and one file of flows that has to load without a warning.
#[track_caller]
pub(crate) fn project(domain: &str, flows: &str) -> Project {
    let (project, mistakes) = load(&[("domain.yml", domain), ("data/flows.yml", flows)]);
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    project.unwrap()
}

fn actions(texts: &[(&str, &str)]) -> Actions {
    let mut actions = Actions::new();
    for (path, text) in texts {
        let mut mistakes = Vec::new();
        let Some(root) = yaml(text, &mut Findings::new(path, &mut mistakes)) else { continue };
        for item in root.get("actions").into_iter().flat_map(|list| list.items()) {
            let name = item.scalar().or_else(|| item.pairs().first().map(|(key, _)| key.text.clone()));
            let name = name.and_then(|name| ActionName::parse(&name).ok()).filter(|name| !name.as_str().starts_with("utter_"));
            actions.extend(name.map(|name| (name, ActionFacts { remote: true, ..ActionFacts::default() })));
        }
    }
    actions
}

/// A conversation. Actions end [`Ending::Done`] and leave nothing unless the test says otherwise. After every turn the
/// state is checked to be the fold of the events.
pub(crate) struct Talk<'a> {
    project: &'a Project,
    /// The state after the last turn.
    pub(crate) state: CallState,
    /// All that happened.
    pub(crate) events: Vec<Event>,
    /// What the host has to do now.
    pub(crate) next: Next,
    at: i64,
    turn: usize,
    answers: BTreeMap<String, VecDeque<Outcome>>,
}

impl<'a> Talk<'a> {
    /// A conversation on the channel `rest` that has begun.
    pub(crate) fn begin(project: &'a Project) -> Self {
        Self::on(project, "rest", Json::Null)
    }

    /// A conversation on this channel; `metadata` came with the message that opened it.
    pub(crate) fn on(project: &'a Project, channel: &str, metadata: Json) -> Self {
        Self::seeded(project, channel, metadata, 7)
    }

    /// As [`Talk::on`], with the seed that chooses among variations.
    pub(crate) fn seeded(project: &'a Project, channel: &str, metadata: Json, seed: u64) -> Self {
        let mut talk = Self::silent(project);
        talk.open(channel, metadata, seed);
        talk
    }

    /// A conversation that has not begun: say what actions answer, then [`Talk::open`].
    pub(crate) fn silent(project: &'a Project) -> Self {
        Self { project, state: CallState::default(), events: Vec::new(), next: Next::Idle, at: 1_000, turn: 0, answers: BTreeMap::new() }
    }

    /// Begins the session (or, in a conversation that is going on, the next one).
    pub(crate) fn open(&mut self, channel: &str, metadata: Json, seed: u64) -> Vec<String> {
        let metadata = Value::from_json(metadata);
        let opening = Opening { release: "r".into(), seed, number: None, called: None, channel: channel.into(), metadata, slots: Vec::new() };
        self.happens(Happened::Began(opening))
    }

    /// The next start of `action` that has no outcome yet ends like this.
    pub(crate) fn will(&mut self, action: &str, outcome: Outcome) {
        self.answers.entry(action.into()).or_default().push_back(outcome);
    }

    /// The next start of `action` sets these slots.
    pub(crate) fn will_set(&mut self, action: &str, slots: &[(&str, Json)]) {
        let effects = slots.iter().map(|(name, value)| Effect::Slot(slot_name(name), Value::from_json(value.clone()))).collect();
        self.will(action, Outcome { effects, ..Outcome::ended(Ending::Done, "") });
    }

    /// The next start of `action` has this response said.
    pub(crate) fn will_say(&mut self, action: &str, response: &str) {
        let say = Say { response: Some(ResponseName::parse(response).unwrap()), ..Say::default() };
        self.will(action, Outcome { effects: vec![Effect::Say(say)], ..Outcome::ended(Ending::Done, "") });
    }

    /// The next start of `action` ends like this and leaves nothing.
    pub(crate) fn will_end(&mut self, action: &str, ending: Ending) {
        self.will(action, Outcome::ended(ending, ""));
    }

    /// The caller says something and the model writes `model`, in the syntax of the project's generator. Returns what is said.
    pub(crate) fn model(&mut self, model: &str) -> Vec<String> {
        self.says("(words)", model)
    }

    /// As [`Talk::model`], with the caller's words.
    pub(crate) fn says(&mut self, text: &str, model: &str) -> Vec<String> {
        let commands = read(self.project.config.syntax, model);
        self.proposes(text, commands, Source::Model)
    }

    /// As [`Talk::says`], in a syntax that need not be the project's.
    pub(crate) fn writes(&mut self, syntax: Syntax, text: &str, model: &str) -> Vec<String> {
        self.proposes(text, read(syntax, model), Source::Model)
    }

    /// The caller sends a payload: a button, or a text that begins with `/`.
    pub(crate) fn sends(&mut self, text: &str) -> Vec<String> {
        match payload(self.project, text) {
            Payload::Words => self.proposes(text, Vec::new(), Source::Nobody),
            Payload::Commands(commands) => self.proposes(text, commands, Source::Payload),
        }
    }

    /// The caller says something, and somebody proposes these commands.
    pub(crate) fn proposes(&mut self, text: &str, commands: Vec<Command>, by: Source) -> Vec<String> {
        let proposals = commands.into_iter().map(|command| (command, by)).collect();
        self.heard(text, Via::Speech, proposals)
    }

    /// The caller says or keys something, and these are the proposals of whoever was asked.
    pub(crate) fn heard(&mut self, text: &str, via: Via, proposals: Vec<(Command, Source)>) -> Vec<String> {
        self.happens(Happened::Heard(Utterance { text: Masked::from(text), via, destroyed: false, confidence: None, proposals, metadata: Value::None }))
    }

    /// The caller says nothing.
    pub(crate) fn silence(&mut self) -> Vec<String> {
        self.happens(Happened::Silence)
    }

    /// Somebody outside sets a slot: a fixture.
    pub(crate) fn told(&mut self, slot: &str, value: Json) {
        self.happens(Happened::Told(vec![Effect::Slot(slot_name(slot), Value::from_json(value))]));
    }

    /// Anything that can happen; actions are run until the engine wants something else. Returns what is said.
    pub(crate) fn happens(&mut self, what: Happened) -> Vec<String> {
        self.turn = self.events.len();
        let mut what = what;
        for _ in 0..1_200 {
            self.at += 1;
            let Step { events, next } = step(self.project, &self.state, Input { at: self.at, what });
            events.iter().for_each(|event| self.state.apply(event));
            self.events.extend(events);
            self.next = next;
            let Next::Run(run) = &self.next else {
                assert!(CallState::from_events(&self.events) == self.state, "a replay gives another state");
                return self.said();
            };
            let outcome = self.answers.get_mut(run.action.as_str()).and_then(VecDeque::pop_front);
            what = Happened::Acted { run: run.id, outcome: outcome.unwrap_or_else(|| Outcome::ended(Ending::Done, "")) };
        }
        panic!("the turn does not end");
    }

    /// Moves the clock on, in milliseconds.
    pub(crate) fn waits(&mut self, milliseconds: i64) {
        self.at += milliseconds;
    }

    /// The events of the last turn.
    pub(crate) fn last(&self) -> &[Event] {
        &self.events[self.turn..]
    }

    /// The texts said in the last turn, in order; an empty text is one that had only something to show.
    pub(crate) fn said(&self) -> Vec<String> {
        self.last().iter().filter_map(|event| if let Event::Said { text, .. } = event { Some(text.reveal().clone()) } else { None }).collect()
    }

    /// The names of the responses said in the last turn, in order; `-` is words without a response.
    pub(crate) fn responses(&self) -> Vec<String> {
        let name =
            |event: &Event| if let Event::Said { response, .. } = event { Some(response.as_ref().map_or("-".into(), ToString::to_string)) } else { None };
        self.last().iter().filter_map(name).collect()
    }

    /// The buttons of the last turn, as `title -> payload`.
    pub(crate) fn buttons(&self) -> Vec<String> {
        let of = |event: &Event| if let Event::Said { buttons, .. } = event { buttons.clone() } else { Vec::new() };
        self.last().iter().flat_map(of).map(|(title, payload)| format!("{title} -> {payload}")).collect()
    }

    /// The actions of somebody else's that ran in the last turn.
    pub(crate) fn ran(&self) -> Vec<String> {
        self.last().iter().filter_map(|event| if let Event::ActionStarted { action, .. } = event { Some(action.to_string()) } else { None }).collect()
    }

    /// Actions and responses of the last turn in order, ours and theirs: Rasa's `action` events.
    pub(crate) fn actions(&self) -> Vec<String> {
        let name = |event: &Event| match event {
            Event::Acted { action } | Event::ActionStarted { action, .. } => Some(action.to_string()),
            _ => None,
        };
        self.last().iter().filter_map(name).collect()
    }

    /// The commands the last turn's words were taken for, after the clean-up.
    pub(crate) fn commands(&self) -> Vec<String> {
        let of = |event: &Event| if let Event::Understood { commands, .. } = event { commands.clone() } else { Vec::new() };
        self.last().iter().flat_map(of).map(|command| written(&command)).collect()
    }

    /// What a slot holds, its initial value when nothing has set it.
    #[track_caller]
    pub(crate) fn slot(&self, name: &str) -> Json {
        let slot = self.project.slots.get(name).unwrap_or_else(|| panic!("there is no slot `{name}`"));
        self.state.slots.get(name).map_or_else(|| slot.initial.clone(), Value::to_json)
    }

    /// The slot that is being asked for.
    pub(crate) fn asked(&self) -> Option<String> {
        self.state.listening().and_then(|listening| listening.slot.as_ref()).map(ToString::to_string)
    }

    /// The stack from the bottom, as `flow@step`.
    pub(crate) fn stack(&self) -> Vec<String> {
        let at = |position: &Position| match position {
            Position::At(step) => step.to_string(),
            Position::Start => "START".into(),
            Position::End | Position::Cancelled => "END".into(),
        };
        self.state.stack.iter().map(|frame| format!("{}@{}", frame.flow, at(&frame.position))).collect()
    }

    /// The last turn as sentences: `flow_started x`, `slot a = 1`, `action utter_x`, `run action_y`, `said utter_x: …`.
    pub(crate) fn trail(&self) -> Vec<String> {
        self.last().iter().filter_map(sentence).collect()
    }

    /// [`Talk::trail`] without what is said and what actions run: what happened to flows.
    pub(crate) fn flow_events(&self) -> Vec<String> {
        self.trail().into_iter().filter(|line| line.starts_with("flow_")).collect()
    }

    /// The reasons of faults in the last turn.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.last().iter().filter_map(|event| if let Event::Faulted { fault } = event { Some(fault.clone()) } else { None }).collect()
    }
}

fn slot_name(name: &str) -> SlotName {
    SlotName::parse(name).unwrap()
}

/// A command as a model would write it, values included.
pub(crate) fn written(command: &Command) -> String {
    match command {
        Command::SetSlot { name, value } => format!("set slot {name} {}", value.to_json()),
        Command::CorrectSlots { slots } => slots.iter().fold("correct slots".to_owned(), |line, (name, value)| format!("{line} {name}={}", value.to_json())),
        other => other.summary(),
    }
}

fn sentence(event: &Event) -> Option<String> {
    Some(match event {
        Event::Slot { name, value } => format!("slot {name} = {}", value.to_json()),
        Event::FlowStarted { flow } => format!("flow_started {flow}"),
        Event::FlowCompleted { flow, .. } => format!("flow_completed {flow}"),
        Event::FlowCancelled { flow, .. } => format!("flow_cancelled {flow}"),
        Event::FlowInterrupted { flow, .. } => format!("flow_interrupted {flow}"),
        Event::FlowResumed { flow, .. } => format!("flow_resumed {flow}"),
        Event::Acted { action } => format!("action {action}"),
        Event::ActionStarted { action, .. } => format!("run {action}"),
        Event::Said { response, text, .. } => format!("said {}: {}", response.as_ref().map_or("-", |name| name.as_str()), text.reveal()),
        Event::Understood { commands, .. } => format!("understood {}", commands.iter().map(written).collect::<Vec<_>>().join("; ")),
        Event::Faulted { fault } => format!("fault {fault}"),
        Event::Transferred { reason } => format!("transferred {reason}"),
        Event::HungUp => "hung_up".into(),
        Event::Restarted => "restarted".into(),
        Event::SessionEnded => "session_ended".into(),
        _ => return None,
    })
}
