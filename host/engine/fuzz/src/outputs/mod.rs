//! Whatever a model writes, at any moment of a call: it is read and executed, nothing outside the grammar of that
//! moment is kept of it, no consent is set and nothing is written for the caller.
//!
//! Lives here: one output, judged.
//! Never here: what is written (`write.rs`), where a call is then (`worlds.rs`).

mod dice;
mod worlds;
mod write;

pub use dice::bytes;
pub use worlds::worlds;

use centralita_engine::command::{Syntax, read};
use centralita_engine::project::{FilledBy, StepKind, Writes};
use centralita_engine::{Command, Ending, Event, FlowId, Happened, Input, Next, Outcome, Project, SlotName, Source, step};
use dice::Dice;
use std::collections::BTreeSet;
use worlds::{Moment, heard};
use write::Pen;

/// What came of one output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Commands that were read in it.
    pub read: usize,
    /// Commands that were legal.
    pub kept: usize,
    /// Commands that tried to set a consent; none is ever kept.
    pub consents: usize,
}

/// A word that answers no question, so that nothing but the model's commands can move the call.
const WORD: &str = "xkcd";

/// One output of a model at one moment; panics when something is kept that must not be.
pub fn output(bytes: &[u8]) -> Judged {
    let mut dice = Dice::of(bytes);
    let worlds = worlds();
    let world = &worlds[dice.below(worlds.len())];
    let moment = &world.moments[dice.below(world.moments.len())];
    let syntax = [Syntax::Compact, Syntax::Calls, Syntax::SearchReady][dice.below(3)];
    let written = write::output(&mut dice, &Pen { syntax, names: &world.names, moment });
    let commands = read(syntax, &written);
    if commands.is_empty() {
        // Nothing is proposed, so what comes now does not depend on the output.
        return Judged::default();
    }
    let consent = |name: &SlotName| world.project.slots.get(name).is_some_and(|slot| slot.consent);
    let mut judged = Judged { read: commands.len(), ..Judged::default() };
    judged.consents = commands.iter().filter(|command| matches!(command, Command::SetSlot { name, .. } if consent(name))).count();

    let mut state = moment.state.clone();
    let mut what = Happened::Heard(heard(WORD, commands));
    for _ in 0..8 {
        let moved = step(&world.project, &state, Input { at: 1_790_000_100_000, what });
        for event in &moved.events {
            state.apply(event);
            if let Event::Understood { by, commands, .. } = event {
                judged.kept += if *by == Source::Model { commands.len() } else { 0 };
                let wrong = outside(&world.project, moment, *by, commands);
                assert!(wrong.is_none(), "{}: {} is kept of {written:?}", world.folder, wrong.unwrap_or_default());
            }
            let filled = matches!(event, Event::Slot { name, value } if consent(name) && !value.is_none());
            assert!(!filled, "{}: a consent is set by {written:?}", world.folder);
            let writes =
                matches!(event, Event::ActionStarted { action, .. } if world.project.actions.get(action).is_some_and(|facts| facts.writes == Writes::Effect));
            assert!(!writes, "{}: something is written for the caller by {written:?}", world.folder);
        }
        let Next::Run(run) = moved.next else { break };
        what = Happened::Acted { run: run.id, outcome: Outcome::ended(Ending::Done, "") };
    }
    judged
}

/// The first command that may not be among what is kept; none is as it should be.
fn outside(project: &Project, moment: &Moment, by: Source, kept: &[Command]) -> Option<String> {
    if by == Source::Nobody {
        return kept.iter().find(|command| !matches!(command, Command::CannotHandle { .. })).map(Command::summary);
    }
    if by != Source::Model {
        return Some(format!("what {by:?} proposed"));
    }
    // What a flow that is started here asks for may come with it.
    let mut asked = BTreeSet::new();
    for command in kept {
        if let Command::StartFlow { flow } = command {
            asks(project, flow, &mut BTreeSet::new(), &mut asked);
        }
    }
    let under_way = |flow: &FlowId| moment.grammar.flows.contains(flow) || (!flow.is_pattern() && moment.under_way.contains(flow));
    let fills = |name: &SlotName| {
        let slot = project.slots.get(name).filter(|slot| !slot.consent && slot.filled_by == FilledBy::Model);
        slot.is_some() && (asked.contains(name) || moment.grammar.slots.iter().any(|slot| slot.name == *name))
    };
    let legal = |command: &Command| match command {
        Command::StartFlow { flow } => under_way(flow),
        Command::SetSlot { name, .. } => fills(name),
        Command::CorrectSlots { slots } => !slots.is_empty() && slots.iter().all(|(name, _)| fills(name)),
        Command::Clarify { options } => options.iter().all(under_way),
        Command::CancelFlow => moment.grammar.can_cancel,
        Command::SkipQuestion | Command::ChitChat | Command::Knowledge | Command::HumanHandoff | Command::Repeat | Command::CannotHandle { .. } => true,
        // No words of a model stand for these.
        Command::Error { .. } | Command::SessionStart | Command::SessionEnd | Command::UserSilence | Command::Restart | Command::CodeChange | Command::Noop => {
            false
        }
    };
    kept.iter().find(|command| !legal(command)).map(Command::summary)
}

/// The slots that a flow and those it calls ask for.
fn asks(project: &Project, flow: &FlowId, seen: &mut BTreeSet<FlowId>, into: &mut BTreeSet<SlotName>) {
    let Some(flow) = project.flows.get(flow).filter(|flow| seen.insert(flow.id.clone())) else { return };
    for step in &flow.steps {
        match &step.kind {
            StepKind::Collect(collect) => {
                into.insert(collect.slot.clone());
            }
            StepKind::Call(child) => asks(project, child, seen, into),
            StepKind::Action(_) | StepKind::SetSlots(_) | StepKind::Link(_) | StepKind::Noop => {}
        }
    }
}
