//! Proposals made into what is done: the clean-up of a batch of commands (`rasa-calm.md` §3.6).
//!
//! Lives here: the rules, numbered as there, in the order they apply. The order of the batch is kept;
//! it is executed from its end.
//! Never here: what a command does (`execute.rs`).

use crate::answers::{self, Heard, Reading};
use crate::command::{Command, Source};
use crate::legal::{Grammar, legal, legal_slot, on_stack, questions};
use crate::project::{ActionRef, FilledBy, Flow, Project, StepKind};
use crate::scope::slot_value;
use crate::state::{CallState, FrameKind};
use crate::{FlowId, SlotName, Value};

/// A batch ready to be executed, never empty.
pub(super) struct Cleaned {
    pub(super) commands: Vec<Command>,
    /// Who proposed what was kept first.
    pub(super) by: Source,
    /// How many proposals were not kept.
    pub(super) dropped: u32,
}

type Batch = Vec<(Command, Source)>;

/// Cleans a batch up; `state` is the state of the moment the caller spoke.
pub(super) fn clean(project: &Project, state: &CallState, proposals: Batch) -> Cleaned {
    let count = proposals.len();
    let judge = Judge { project, state, grammar: legal(project, state) };
    let mut batch: Batch = proposals.into_iter().map(|(command, by)| (judge.as_meant(command), by)).collect();
    judge.forced(&mut batch); // 1
    batch.retain(|(command, by)| judge.starts(command, *by)); // 2
    first_only(&mut batch, |command| if let Command::StartFlow { flow } = command { Some(flow.to_string()) } else { None }); // 3
    prefer_examples(&mut batch); // 4, 8
    let mut batch = judge.slots(batch); // 5, 6, 7, 22
    judge.corrections(&mut batch); // 9, 10
    judge.small_talk(&mut batch); // 13, 14
    first_only(&mut batch, |command| matches!(command, Command::CancelFlow | Command::ChitChat | Command::Knowledge).then(|| command.name().to_owned())); // 11, 13
    batch.retain(|(command, _)| !matches!(command, Command::CancelFlow) || judge.grammar.can_cancel);
    answers_first(&mut batch); // 12
    judge.clarifications(&mut batch); // 15, 16, 17
    let reason = batch.iter().find_map(|(command, _)| if let Command::CannotHandle { reason } = command { Some(reason.clone()) } else { None });
    batch.retain(|(command, _)| !matches!(command, Command::CannotHandle { .. } | Command::Noop)); // 18
    let kept = batch.len();
    let by = batch.first().map_or(Source::Nobody, |(_, by)| *by);
    let mut commands: Vec<Command> = batch.into_iter().map(|(command, _)| command).collect();
    if commands.is_empty() {
        commands.push(Command::CannotHandle { reason: reason.flatten() }); // 21
    }
    Cleaned { commands, by, dropped: u32::try_from(count.saturating_sub(kept)).unwrap_or(u32::MAX) }
}

struct Judge<'a> {
    project: &'a Project,
    state: &'a CallState,
    grammar: Grammar,
}

impl Judge<'_> {
    /// A slot named like a flow was meant as the flow (§3.3, step 7).
    fn as_meant(&self, command: Command) -> Command {
        match command {
            Command::SetSlot { name, .. } if !self.project.slots.contains_key(&name) && self.project.flows.contains_key(name.as_str()) => {
                FlowId::parse(name.as_str()).map_or(Command::Noop, |flow| Command::StartFlow { flow })
            }
            other => other,
        }
    }

    /// While a question forces its answer, nothing else counts; a person asked for in so many words and
    /// what the channel signals do.
    fn forced(&self, batch: &mut Batch) {
        let Some(asked) = self.state.listening().and_then(|listening| listening.slot.as_ref()) else { return };
        let asks = |flow: &Flow| flow.collect(asked).is_some_and(|collect| collect.force_slot_filling);
        let chain = self.state.active_chain();
        if !chain.iter().filter_map(|height| self.project.flows.get(&self.state.stack[*height].flow)).any(asks) {
            return;
        }
        batch.retain(|(command, by)| match command {
            Command::SetSlot { name, .. } => name == asked,
            Command::HumanHandoff => *by == Source::Typed,
            other => is_signal(other),
        });
    }

    fn starts(&self, command: &Command, by: Source) -> bool {
        let Command::StartFlow { flow } = command else { return true };
        // A button or an intent sent literally does not ask the guard (§1.3). A flow that is under way is not
        // started again, which is no misunderstanding (§4.2).
        let known = !flow.is_pattern() && self.project.flows.contains_key(flow);
        known && (by == Source::Payload || on_stack(self.project, self.state, flow) || self.grammar.flows.contains(flow))
    }

    /// The set-slots that count; what a typed kernel has to read is read here.
    fn slots(&self, batch: Batch) -> Batch {
        let starting: Vec<&Flow> =
            batch.iter().filter_map(|(command, _)| if let Command::StartFlow { flow } = command { self.project.flows.get(flow) } else { None }).collect();
        let mut kept: Batch = Vec::new();
        for (command, by) in batch {
            let Command::SetSlot { name, value } = &command else {
                kept.push((command, by));
                continue;
            };
            let Some(value) = self.slot(&starting, name, value, by) else { continue };
            if value == slot_value(self.project, self.state, name) {
                continue;
            }
            // Executed from its end, a batch leaves the first of several values.
            if !kept.iter().any(|(other, _)| matches!(other, Command::SetSlot { name: other, .. } if other == name)) {
                kept.push((Command::SetSlot { name: name.clone(), value }, by));
            }
        }
        kept
    }

    fn slot(&self, starting: &[&Flow], name: &SlotName, value: &Value, by: Source) -> Option<Value> {
        let slot = self.project.slots.get(name).filter(|slot| !slot.consent)?;
        let of_starting = || {
            starting
                .iter()
                .flat_map(|flow| questions(self.project, flow))
                .any(|collect| collect.slot == *name && legal_slot(self.project, self.state, collect, None).is_some())
        };
        let legal = match by {
            Source::Payload => self.collectable(name),
            Source::Matcher if slot.filled_by == FilledBy::Nlu => true,
            Source::Model if slot.filled_by != FilledBy::Model => false,
            Source::Typed | Source::Matcher | Source::Model | Source::Nobody => self.grammar.slots.iter().any(|legal| legal.name == *name) || of_starting(),
        };
        if !legal {
            return None;
        }
        if let (Some(kind @ (answers::Kind::LastFour | answers::Kind::Digits { .. } | answers::Kind::Date { .. })), Some(text)) =
            (&slot.answer, value.as_text())
        {
            let Reading::Answer(read) = answers::read(kind, &Heard { text, keys: false }, self.project.setting(self.state.at)) else { return None };
            return Some(read);
        }
        // What cannot be coerced is refused when it is set, so that the caller hears why.
        Some(slot.coerce(value).unwrap_or_else(|| value.clone()))
    }

    /// What a `/SetSlots` may fill: slots that the active flow or a startable one collects (§2.4).
    fn collectable(&self, name: &SlotName) -> bool {
        let chain = self.state.active_chain();
        let active = chain.iter().filter_map(|height| self.project.flows.get(&self.state.stack[*height].flow));
        let startable = self.grammar.flows.iter().filter_map(|flow| self.project.flows.get(flow));
        let asked = self.state.listening().and_then(|listening| listening.slot.as_ref()) == Some(name);
        asked || active.chain(startable).flat_map(|flow| questions(self.project, flow)).any(|collect| collect.slot == *name)
    }

    /// A set-slot for a question the active flow has passed takes back what was said; all of them are one
    /// command, which stands where the first stood.
    fn corrections(&self, batch: &mut Batch) {
        let asked = self.state.listening().and_then(|listening| listening.slot.as_ref());
        let mut corrected: Vec<(SlotName, Value)> = Vec::new();
        let mut place = None;
        let mut rest: Batch = Vec::new();
        for (command, by) in batch.drain(..) {
            match command {
                Command::SetSlot { name, value }
                    if asked != Some(&name) && !slot_value(self.project, self.state, &name).is_none() && passed(self.project, self.state, &name).is_some() =>
                {
                    place.get_or_insert((rest.len(), by));
                    corrected.push((name, value));
                }
                other => rest.push((other, by)),
            }
        }
        if let Some((place, by)) = place
            && !self.on_top(&corrected)
        {
            rest.insert(place, (Command::CorrectSlots { slots: corrected }, by));
        }
        *batch = rest;
    }

    /// Whether the correction on top of the stack is this one.
    fn on_top(&self, corrected: &[(SlotName, Value)]) -> bool {
        let map = corrected.iter().map(|(name, value)| (name.to_string(), value.to_json())).collect::<serde_json::Map<_, _>>();
        let top = self.state.stack.iter().rev().find(|frame| frame.flow.as_str() == "pattern_correction" && frame.is_live());
        top.and_then(|frame| frame.context.get("corrected_slots")).is_some_and(|known| known.to_json() == serde_json::Value::Object(map))
    }

    /// Small talk nobody here can make is something that cannot be handled.
    fn small_talk(&self, batch: &mut Batch) {
        let generates = self.project.flows.get("pattern_chitchat").is_some_and(|flow| {
            flow.steps.iter().any(|step| matches!(&step.kind, StepKind::Action(ActionRef::Named(name)) if name.as_str() == "action_trigger_chitchat"))
        });
        if generates {
            for (command, _) in batch.iter_mut().filter(|(command, _)| *command == Command::ChitChat) {
                *command = Command::CannotHandle { reason: Some("cannot_handle_chitchat".into()) };
            }
        }
    }

    fn clarifications(&self, batch: &mut Batch) {
        let interrupted = self.state.active_flow().is_some_and(|frame| frame.kind == FrameKind::Interrupt);
        let others = batch.iter().any(|(command, _)| !matches!(command, Command::Clarify { .. } | Command::CannotHandle { .. } | Command::Noop));
        for (command, _) in batch.iter_mut() {
            if let Command::Clarify { options } = command {
                let mut seen = Vec::new();
                options.retain(|flow| {
                    self.offered(flow) && !seen.contains(flow) && {
                        seen.push(flow.clone());
                        true
                    }
                });
            }
        }
        let keeps_empty = self.project.config.clarifies_without_options;
        batch.retain(|(command, _)| match command {
            Command::Clarify { options } => !others && !interrupted && (keeps_empty || !options.is_empty()),
            _ => true,
        });
    }

    /// Whether a flow may be an option: startable, or under way.
    fn offered(&self, flow: &FlowId) -> bool {
        self.grammar.flows.contains(flow) || (!flow.is_pattern() && self.state.stack.iter().any(|frame| frame.is_live() && frame.flow == *flow))
    }
}

/// Where the active flow, a flow it called or one that called it asked for a slot and went on: the height
/// of the frame and its earliest such step.
pub(super) fn passed(project: &Project, state: &CallState, name: &SlotName) -> Option<(usize, crate::StepId)> {
    state.active_chain().into_iter().find_map(|height| {
        let frame = &state.stack[height];
        let flow = project.flows.get(&frame.flow)?;
        let asks = |id: &&crate::StepId| match flow.step(id).map(|step| &step.kind) {
            Some(StepKind::Collect(collect)) => collect.slot == *name,
            Some(StepKind::Call(child)) => project.flows.get(child).is_some_and(|child| questions(project, child).iter().any(|collect| collect.slot == *name)),
            Some(StepKind::Action(_) | StepKind::SetSlots(_) | StepKind::Link(_) | StepKind::Noop) | None => false,
        };
        frame.passed.iter().find(asks).map(|step| (height, step.clone()))
    })
}

/// What the channel says, not the caller.
const fn is_signal(command: &Command) -> bool {
    matches!(command, Command::SessionStart | Command::SessionEnd | Command::UserSilence | Command::Restart | Command::CodeChange | Command::Error { .. })
}

/// Keeps the first command of each kind that `key` names.
fn first_only(batch: &mut Batch, key: impl Fn(&Command) -> Option<String>) {
    let mut seen: Vec<String> = Vec::new();
    batch.retain(|(command, _)| match key(command) {
        Some(key) if seen.contains(&key) => false,
        Some(key) => {
            seen.push(key);
            true
        }
        None => true,
    });
}

/// Where examples and a model disagree about a flow or a slot, the examples count.
fn prefer_examples(batch: &mut Batch) {
    let started = batch.iter().any(|(command, by)| *by == Source::Matcher && matches!(command, Command::StartFlow { .. }));
    let set: Vec<SlotName> = batch
        .iter()
        .filter_map(|(command, by)| if let (Command::SetSlot { name, .. }, Source::Matcher) = (command, by) { Some(name.clone()) } else { None })
        .collect();
    batch.retain(|(command, by)| match command {
        Command::StartFlow { .. } => *by != Source::Model || !started,
        Command::SetSlot { name, .. } => *by != Source::Model || !set.contains(name),
        _ => true,
    });
}

/// Answers to questions go to the front, so that they are executed last and said first.
fn answers_first(batch: &mut Batch) {
    batch.sort_by_key(|(command, _)| !matches!(command, Command::ChitChat | Command::Knowledge));
}
