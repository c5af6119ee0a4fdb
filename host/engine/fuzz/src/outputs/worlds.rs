//! Projects, and moments of calls in them at which a model is asked.
//!
//! Lives here: the bank's line and two test projects, walked at random from a seed, so that every moment is one a
//! call can come to.
//! Never here: what a model writes (`write.rs`), what may become of it (`mod.rs`).

use super::dice::{self, Dice};
use centralita_engine::event::Opening;
use centralita_engine::project::{ActionFacts, Actions, FilledBy, SlotKind, Source as File, Writes};
use centralita_engine::state::Waiting;
use centralita_engine::{
    CallState, Command, Effect, Ending, Event, FlowId, Grammar, Happened, Input, Masked, Next, Outcome, Project, SlotName, Source, Utterance, Value, Via,
    legal, step, yaml,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A project's folder, and a bool slot of it that is made a consent, if none of its own is one.
const PROJECTS: [(&str, Option<&str>); 3] =
    [("flows/sctbnk", None), ("tests/projects/transfers", Some("confirm_transfer")), ("tests/projects/clinic", Some("consentimiento_datos"))];
/// Walks a project; without optimisation a fifth of them, for the tests.
const WALKS: u64 = if cfg!(debug_assertions) { 80 } else { 400 };
const TURNS: usize = 9;

/// What a project's files name.
pub(super) struct Names {
    pub(super) flows: Vec<String>,
    pub(super) slots: Vec<String>,
    pub(super) consents: Vec<String>,
    /// Values of slots that have only some.
    pub(super) values: Vec<String>,
}

/// A moment of a call: the caller is about to be heard.
pub(super) struct Moment {
    pub(super) state: CallState,
    pub(super) grammar: Grammar,
    /// Flows on the stack.
    pub(super) under_way: BTreeSet<FlowId>,
}

/// A project with moments of its calls.
pub struct World {
    /// Its folder.
    pub folder: &'static str,
    pub(super) project: Project,
    pub(super) names: Names,
    pub(super) moments: Vec<Moment>,
}

impl World {
    /// How many moments there are.
    pub fn moments(&self) -> usize {
        self.moments.len()
    }

    /// How many of them are at the question for a consent, and after a consent was given.
    pub fn at_consents(&self) -> (usize, usize) {
        let consent = |name: &SlotName| self.project.slots.get(name).is_some_and(|slot| slot.consent);
        let asked = self.moments.iter().filter(|moment| moment.state.listening().and_then(|open| open.slot.as_ref()).is_some_and(consent)).count();
        let given = self.moments.iter().filter(|moment| moment.state.slots.iter().any(|(name, value)| consent(name) && *value == Value::Bool(true))).count();
        (asked, given)
    }
}

/// The worlds, made once.
pub fn worlds() -> &'static [World] {
    static WORLDS: LazyLock<Vec<World>> = LazyLock::new(|| PROJECTS.iter().map(|(folder, consent)| world(folder, *consent)).collect());
    &WORLDS
}

fn world(folder: &'static str, consent: Option<&str>) -> World {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|above| above.join("flows/sctbnk").is_dir()).expect("this is in the repository");
    let mut files = read(&root.join(folder));
    for file in &mut files {
        if let Some(consent) = consent {
            let plain = format!("  {consent}:\n    type: bool\n");
            file.text = file.text.replace(&plain, &format!("{plain}    centralita: {{consent: true}}\n"));
        }
        if file.path == "config.yml" {
            // Nobody but the model is asked here, and a matcher takes its time to learn.
            file.text = file.text.lines().filter(|line| !line.contains("NLUCommandAdapter")).collect::<Vec<_>>().join("\n");
        }
    }
    let (project, mistakes) = Project::load(&files, actions(&files));
    let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let project = project.unwrap_or_else(|| panic!("{folder} does not load:\n{}", said.join("\n")));
    let mut values: Vec<String> = Vec::new();
    for slot in project.slots.values() {
        if let SlotKind::Categorical(of) = &slot.kind {
            values.extend(of.iter().cloned());
        }
    }
    let names = Names {
        flows: project.flows.keys().map(ToString::to_string).collect(),
        slots: project.slots.keys().map(ToString::to_string).collect(),
        consents: project.slots.iter().filter(|(_, slot)| slot.consent).map(|(name, _)| name.to_string()).collect(),
        values,
    };
    let moments = moments(&project);
    World { folder, project, names, moments }
}

fn read(folder: &Path) -> Vec<File> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(next) = folders.pop() {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&next).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yml") {
                let relative = path.strip_prefix(folder).expect("beneath").to_string_lossy().into_owned();
                files.push(File { path: relative, text: std::fs::read_to_string(&path).expect("a text") });
            }
        }
    }
    files.retain(|file| !["tests/", "eval/"].iter().any(|apart| file.path.starts_with(apart)));
    files
}

/// The actions that a domain lists; the bank's open a request and a ticket for the caller.
fn actions(files: &[File]) -> Actions {
    let mut actions = Actions::new();
    for file in files.iter().filter(|file| file.path.starts_with("domain")) {
        let mut mistakes = Vec::new();
        let root = yaml::read(&file.text, &mut yaml::Findings::new(&file.path, &mut mistakes));
        for name in root.iter().filter_map(|root| root.get("actions")).flat_map(yaml::Node::items).filter_map(yaml::Node::scalar) {
            let (writes, slots): (Writes, &[&str]) = match name.as_str() {
                "action_open_request" => (Writes::Effect, &["request_code", "noticed_on", "noticed_time", "reported_count"]),
                "action_create_ticket" => (Writes::Effect, &["ticket_id"]),
                "action_text_code" => (Writes::Effect, &[]),
                "action_find_left_report" => (Writes::Nothing, &["left_report_when", "loss_kind"]),
                "action_record_unverified" | "action_record_abandoned" | "action_drop_call_back" => (Writes::CallBack, &[]),
                "action_verify_card" => (Writes::Nothing, &["verification", "client", "card_last4", "blocked_on_spoken", "cards_count", "request_code"]),
                _ => (Writes::Nothing, &[]),
            };
            let slots = slots.iter().filter_map(|name| SlotName::parse(name).ok()).collect();
            actions.insert(name.try_into().expect("a name"), ActionFacts { writes, slots, ..ActionFacts::default() });
        }
    }
    actions
}

/// The different moments that walks come to.
fn moments(project: &Project) -> Vec<Moment> {
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for walk in 0..WALKS {
        let mut bytes = [0; 192];
        dice::bytes(1, walk, &mut bytes);
        let mut dice = Dice::of(&bytes);
        let opening =
            Opening { release: "r".into(), seed: walk, number: None, called: None, channel: "twilio_voice".into(), metadata: Value::None, slots: Vec::new() };
        let mut state = CallState::default();
        let mut what = Happened::Began(opening);
        for _ in 0..TURNS {
            happen(project, &mut state, what, &mut dice);
            if !matches!(state.waiting, Waiting::Caller(_)) {
                break;
            }
            let listening = state.listening().and_then(|open| open.slot.clone());
            let frames: Vec<String> = state.stack.iter().map(|frame| format!("{}@{:?}", frame.flow, frame.step().map(ToString::to_string))).collect();
            let filled: Vec<String> = state.slots.iter().filter(|(_, value)| !value.is_none()).map(|(name, _)| name.to_string()).collect();
            if seen.insert((listening, frames, filled)) {
                let under_way = state.stack.iter().map(|frame| frame.flow.clone()).collect();
                found.push(Moment { state: state.clone(), grammar: legal(project, &state), under_way });
            }
            what = turn(project, &state, &mut dice);
        }
    }
    found
}

fn happen(project: &Project, state: &mut CallState, what: Happened, dice: &mut Dice<'_>) {
    let mut what = what;
    for _ in 0..50 {
        let moved = step(project, state, Input { at: 1_790_000_000_000, what });
        moved.events.iter().for_each(|event: &Event| state.apply(event));
        let Next::Run(run) = moved.next else { return };
        let facts = project.actions.get(&run.action).map(|facts| facts.slots.as_slice()).unwrap_or_default();
        let sets = |name: &SlotName, by: FilledBy| if facts.is_empty() { by == FilledBy::Actions } else { facts.contains(name) };
        let slots = project.slots.iter().filter(|(name, slot)| !slot.consent && sets(name, slot.filled_by));
        let effects = slots.filter_map(|(name, slot)| Some(Effect::Slot(name.clone(), some_value(&slot.kind, dice)?))).collect();
        let ending = if dice.once_in(10) { Ending::Unavailable } else { Ending::Done };
        what = Happened::Acted { run: run.id, outcome: Outcome { effects, ..Outcome::ended(ending, "") } };
    }
}

fn some_value(kind: &SlotKind, dice: &mut Dice<'_>) -> Option<Value> {
    Some(match kind {
        SlotKind::Bool => Value::Bool(dice.once_in(2)),
        SlotKind::Categorical(values) => Value::text(values.get(dice.below(values.len()))?.clone()),
        SlotKind::Float => Value::Number(1.0),
        SlotKind::Text => Value::text("4521"),
        SlotKind::Any | SlotKind::List => return None,
    })
}

/// A caller who mostly does what the line asks.
fn turn(project: &Project, state: &CallState, dice: &mut Dice<'_>) -> Happened {
    let grammar = legal(project, state);
    let asked = state.listening().and_then(|open| open.slot.clone());
    let (text, command) = match (asked, dice.below(10)) {
        (_, 0) => return Happened::Silence,
        (_, 1) => ("ya no", Command::CancelFlow),
        (Some(_), 2) => ("no sé", Command::SkipQuestion),
        (Some(name), 3..) => {
            let Some(slot) = project.slots.get(&name) else { return Happened::Silence };
            let agrees = dice.below(4) > 0;
            match some_value(&slot.kind, dice) {
                Some(_) if slot.consent => (if agrees { "sí" } else { "no" }, Command::Noop),
                Some(value) => ("eso", Command::SetSlot { name, value }),
                None => ("eso", Command::SkipQuestion),
            }
        }
        _ => match grammar.flows.get(dice.below(grammar.flows.len())) {
            Some(flow) => ("quiero eso", Command::StartFlow { flow: flow.clone() }),
            None => ("mmm", Command::cannot_handle()),
        },
    };
    Happened::Heard(heard(text, vec![command]))
}

/// Words of a caller, and what a model makes of them.
pub(super) fn heard(text: &str, commands: Vec<Command>) -> Utterance {
    let proposals = commands.into_iter().map(|command| (command, Source::Model)).collect();
    Utterance { text: Masked::from(text), via: Via::Speech, destroyed: false, confidence: None, proposals, metadata: Value::None }
}
