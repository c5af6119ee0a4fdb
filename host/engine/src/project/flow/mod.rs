//! Flows as the engine walks them: steps in one list, each with the place it was written.
//!
//! Lives here: the types; `read.rs` reads them (`rasa-calm.md` §1).
//! Never here: whether what a flow names exists (`check`).

mod read;

use crate::condition::Condition;
use crate::yaml::At;
use crate::{ActionName, FlowId, ResponseName, SlotName, StepId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) use read::read;

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
    /// Ours: how likely the flow's wish must be, 0 to 1, to go before a likelier one where no model answers.
    pub urgent: Option<f64>,
    /// Ours: the key that starts the flow when no question is open.
    pub key: Option<char>,
    /// Whether `pattern_completed` follows when nothing else is left.
    pub run_pattern_completed: bool,
    /// Slots that keep their value when the flow ends.
    pub persisted_slots: Vec<SlotName>,
    /// Every step, nested ones too, in the order they are written.
    pub steps: Vec<Step>,
    /// Its place among the flows of the project, in the order of definition.
    pub order: usize,
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
    /// The step with this id. Derived ids are found with and without the flow in front, as Rasa wrote them since
    /// and before 3.12.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        let other = || {
            let short = id.as_str().strip_prefix(self.id.as_str()).and_then(|rest| rest.strip_prefix('_'));
            let other = short.map_or_else(|| format!("{}_{id}", self.id), str::to_owned);
            self.index.get(other.as_str())
        };
        self.index.get(id).or_else(other).and_then(|at| self.steps.get(*at))
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
