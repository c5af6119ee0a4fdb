//! What may be said to the engine at this turn.
//!
//! Lives here: the grammar of one turn (`design.md`, invariant 1). The same object is written into a
//! prompt and judges the answer (`step/cleanup.rs`).
//! Never here: consent. A consent slot is in no grammar (invariant 2).

use crate::project::{Collect, FilledBy, Flow, Project, SlotKind, StepKind};
use crate::scope::{StateScope, slot_value};
use crate::state::CallState;
use crate::{FlowId, SlotName};
use std::collections::BTreeSet;

/// What is legal at one turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grammar {
    /// Flows that may be started: guard holds, not on the stack.
    pub flows: Vec<FlowId>,
    /// Slots that may be filled or corrected: of every flow on the stack and those they call, the active
    /// one's first; never a consent; with what they may hold.
    pub slots: Vec<LegalSlot>,
    /// The slot of the open question, if it is among `slots`.
    pub asked: Option<SlotName>,
    /// Whether there is a flow to cancel.
    pub can_cancel: bool,
}

/// A slot that may be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalSlot {
    /// Its name.
    pub name: SlotName,
    /// What the flow says of it.
    pub description: Option<String>,
    /// Its only values, when they are enumerated.
    pub values: Vec<String>,
    /// Whether it holds something that models see as a token.
    pub masked: bool,
}

/// What may be said at this turn of a call.
pub fn legal(project: &Project, state: &CallState) -> Grammar {
    let asked = state.listening().and_then(|listening| listening.slot.clone());
    let flows: Vec<FlowId> = project.in_order().into_iter().filter(|flow| startable(project, state, flow)).map(|flow| flow.id.clone()).collect();
    let mut slots: Vec<LegalSlot> = Vec::new();
    // A pattern of the project's own may ask something too.
    let under_way = state.stack.iter().rev().filter(|frame| frame.is_live());
    for collect in under_way.filter_map(|frame| project.flows.get(&frame.flow)).flat_map(|flow| questions(project, flow)) {
        if !slots.iter().any(|known| known.name == collect.slot) {
            slots.extend(legal_slot(project, state, collect, asked.as_ref()));
        }
    }
    let asked = asked.filter(|asked| slots.iter().any(|slot| slot.name == *asked));
    Grammar { flows, slots, asked, can_cancel: state.active_flow().is_some() }
}

/// The slots that may be filled in the breath that starts one of these flows, beyond those of the grammar.
pub fn along(project: &Project, state: &CallState, grammar: &Grammar) -> Vec<LegalSlot> {
    let mut slots: Vec<LegalSlot> = Vec::new();
    for collect in grammar.flows.iter().filter_map(|flow| project.flows.get(flow)).flat_map(|flow| questions(project, flow)) {
        if !grammar.slots.iter().chain(&slots).any(|known| known.name == collect.slot) {
            slots.extend(legal_slot(project, state, collect, None));
        }
    }
    slots
}

/// Whether a caller may start a flow now: no pattern, not on the stack already, and its guard holds.
pub(crate) fn startable(project: &Project, state: &CallState, flow: &Flow) -> bool {
    let context = serde_json::Value::Null;
    let scope = StateScope { project, state, context: &context };
    !flow.id.is_pattern() && !on_stack(project, state, &flow.id) && flow.guard.as_ref().is_none_or(|guard| guard.holds(&scope))
}

/// Whether starting this flow would change nothing: it is active or, up to 3.13, anywhere on the stack.
pub(crate) fn on_stack(project: &Project, state: &CallState, flow: &FlowId) -> bool {
    if project.config.resumes_on_start {
        return state.active_chain().iter().any(|height| state.stack[*height].flow == *flow);
    }
    state.stack.iter().any(|frame| frame.is_live() && frame.flow == *flow)
}

/// The questions of a flow and of every flow it calls, its own first.
pub(crate) fn questions<'a>(project: &'a Project, flow: &'a Flow) -> Vec<&'a Collect> {
    let mut seen = BTreeSet::from([&flow.id]);
    let mut open = vec![flow];
    let mut all = Vec::new();
    while let Some(flow) = open.pop() {
        for step in &flow.steps {
            match &step.kind {
                StepKind::Collect(collect) => all.push(&**collect),
                StepKind::Call(child) => open.extend(project.flows.get(child).filter(|child| seen.insert(&child.id))),
                StepKind::Action(_) | StepKind::SetSlots(_) | StepKind::Link(_) | StepKind::Noop => {}
            }
        }
    }
    all
}

/// A question's slot, if somebody's words may fill it: asked now, or set already, or not one that is
/// asked before it is filled (`rasa-calm.md` §3.7).
pub(crate) fn legal_slot(project: &Project, state: &CallState, collect: &Collect, asked: Option<&SlotName>) -> Option<LegalSlot> {
    let slot = project.slots.get(&collect.slot)?;
    let filled = !slot_value(project, state, &collect.slot).is_none();
    let extractable = asked == Some(&collect.slot) || filled || !collect.ask_before_filling;
    let values = match &slot.kind {
        SlotKind::Categorical(values) => values.clone(),
        SlotKind::Bool => vec!["true".into(), "false".into()],
        SlotKind::Text | SlotKind::Float | SlotKind::Any | SlotKind::List => Vec::new(),
    };
    (extractable && !slot.consent && slot.filled_by != FilledBy::Actions).then(|| LegalSlot {
        name: collect.slot.clone(),
        description: collect.description.clone(),
        values,
        masked: slot.class.is_some(),
    })
}
