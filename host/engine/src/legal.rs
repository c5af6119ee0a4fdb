//! What may be said to the engine at this turn.
//!
//! Lives here: the grammar of one turn, and how it judges a batch of commands (`design.md`,
//! invariant 1). The same object is written into a prompt and judges the answer.
//! Never here: consent. A consent slot is in no grammar (invariant 2).

use crate::answers::{self, Heard, Reading};
use crate::command::{Command, Source};
use crate::condition::Scope;
use crate::project::{FilledBy, Flow, Project};
use crate::scope::StateScope;
use crate::state::CallState;
use crate::{FlowId, SlotName, Value};
use std::collections::BTreeSet;

/// What is legal at one turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grammar {
    /// Flows that may be started: guard holds, not on the stack.
    pub flows: Vec<FlowId>,
    /// Slots that may be filled: of the active flow, never a consent, with what they may hold.
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
    let on_stack: BTreeSet<&FlowId> = state.stack.iter().filter(|frame| frame.is_live()).map(|frame| &frame.flow).collect();
    let context = serde_json::Value::Null;
    let scope = StateScope { project, state, context: &context };
    let startable = |flow: &&Flow| !flow.id.is_pattern() && !on_stack.contains(&flow.id) && flow.guard.as_ref().is_none_or(|guard| guard.holds(&scope));
    let flows: Vec<FlowId> = project.flows.values().filter(startable).map(|flow| flow.id.clone()).collect();
    let active = state.active_flow().and_then(|frame| project.flows.get(&frame.flow));
    let slots: Vec<LegalSlot> = active.into_iter().flat_map(|flow| slots_of(project, state, flow, asked.as_ref())).collect();
    let asked = asked.filter(|asked| slots.iter().any(|slot| slot.name == *asked));
    Grammar { flows, slots, asked, can_cancel: active.is_some() }
}

fn slots_of<'a>(project: &'a Project, state: &'a CallState, flow: &'a Flow, asked: Option<&'a SlotName>) -> impl Iterator<Item = LegalSlot> + 'a {
    flow.collects().filter_map(move |collect| {
        let slot = project.slots.get(&collect.slot)?;
        let is_asked = asked == Some(&collect.slot);
        let filled = state.slots.get(&collect.slot).is_some_and(|value| !value.is_none());
        let extractable = is_asked || (!collect.ask_before_filling && !filled);
        let fillable = !slot.consent && slot.filled_by != FilledBy::Actions;
        let values = match &slot.kind {
            crate::project::SlotKind::Categorical(values) => values.clone(),
            crate::project::SlotKind::Bool => vec!["true".into(), "false".into()],
            crate::project::SlotKind::Text | crate::project::SlotKind::Float | crate::project::SlotKind::Any | crate::project::SlotKind::List => Vec::new(),
        };
        (extractable && fillable).then(|| LegalSlot {
            name: collect.slot.clone(),
            description: collect.description.clone(),
            values,
            masked: slot.class.is_some(),
        })
    })
}

impl Grammar {
    /// The commands of a batch that are legal, cleaned up, and how many were not.
    pub fn judge(&self, project: &Project, state: &CallState, commands: &[Command], by: Source) -> (Vec<Command>, u32) {
        let starting: Vec<&Flow> = commands
            .iter()
            .filter_map(
                |command| if let Command::StartFlow { flow } = command { self.flows.contains(flow).then(|| project.flows.get(flow)).flatten() } else { None },
            )
            .collect();
        let mut kept: Vec<Command> = Vec::new();
        for command in commands {
            let legal = match command {
                Command::StartFlow { flow } => self.flows.contains(flow).then(|| command.clone()),
                Command::SetSlot { name, value } => self.slot(project, state, &starting, name, value, by),
                Command::CancelFlow => self.can_cancel.then(|| command.clone()),
                Command::Clarify { options } => {
                    let options: Vec<FlowId> = options.iter().filter(|flow| self.flows.contains(flow)).cloned().collect();
                    (!options.is_empty()).then_some(Command::Clarify { options })
                }
                Command::SkipQuestion => state.listening().and_then(|listening| listening.slot.as_ref()).map(|_| command.clone()),
                Command::ChitChat | Command::Knowledge | Command::HumanHandoff | Command::Repeat => Some(command.clone()),
                Command::CorrectSlots { .. }
                | Command::CannotHandle { .. }
                | Command::Error { .. }
                | Command::SessionStart
                | Command::SessionEnd
                | Command::UserSilence
                | Command::Restart
                | Command::CodeChange
                | Command::Noop => None,
            };
            kept.extend(legal.filter(|command| !kept.contains(command)));
        }
        if kept.iter().any(|command| !matches!(command, Command::Clarify { .. })) {
            kept.retain(|command| !matches!(command, Command::Clarify { .. }));
        }
        let dropped = commands.len().saturating_sub(kept.len());
        (kept, u32::try_from(dropped).unwrap_or(u32::MAX))
    }

    fn slot(&self, project: &Project, state: &CallState, starting: &[&Flow], name: &SlotName, value: &Value, by: Source) -> Option<Command> {
        let slot = project.slots.get(name)?;
        let of_intent = by == Source::Matcher && !slot.from_intent.is_empty() && !slot.consent;
        let legal = of_intent
            || self.slots.iter().any(|legal| legal.name == *name)
            || starting.iter().any(|flow| slots_of(project, state, flow, None).any(|legal| legal.name == *name));
        if !legal || slot.consent || (by == Source::Model && slot.filled_by != FilledBy::Model) {
            return None;
        }
        let mut value = slot.coerce(value)?;
        if let (Some(kind @ (answers::Kind::LastFour | answers::Kind::Digits { .. })), Some(text)) = (&slot.answer, value.as_text()) {
            let Reading::Answer(read) = answers::read(kind, &Heard { text, keys: false }, project.language()) else { return None };
            value = read;
        }
        let current = StateScope { project, state, context: &serde_json::Value::Null }.slot(name.as_str());
        (current != Some(value.to_json())).then(|| Command::SetSlot { name: name.clone(), value })
    }
}
