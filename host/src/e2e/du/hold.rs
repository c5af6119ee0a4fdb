//! Holding a conversation to see how its words are understood.
//!
//! Lives here: what was understood in each turn, beside what should have been; a turn that is misunderstood goes on as if it
//! had not been.
//! Never here: comparing and counting.

use super::super::read::place;
use super::super::run::{Failure, Held};
use super::super::{Case, Recorded, Runner, Suite, What};
use super::{Comparison, compare, expected};
use centralita_engine::{Command, Event};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What became of a case.
pub struct Understood {
    file: String,
    name: String,
    /// Turns that were compared.
    pub turns: Vec<Compared>,
    /// Why the conversation could not be held to its end.
    pub failure: Option<Failure>,
}

/// A turn, compared.
pub struct Compared {
    line: usize,
    text: String,
    /// How what was understood differs from what should have been.
    pub comparison: Comparison,
}

impl Runner {
    /// Holds a case's conversation; every step with `commands:` is compared.
    pub async fn understand(&self, suite: &Suite, stubs: Option<&Arc<BTreeMap<String, Json>>>, case: &Case, recorded: &mut Recorded) -> Understood {
        let mut understood = Understood { file: suite.path.clone(), name: case.name.clone(), turns: Vec::new(), failure: None };
        let mut held = Held::new(suite, case, stubs, &self.app);
        understood.failure = self.compare(case, &mut held, recorded, &mut understood.turns).await.err();
        self.app.stubs.done(&held.row());
        understood
    }

    async fn compare(&self, case: &Case, held: &mut Held, recorded: &mut Recorded, turns: &mut Vec<Compared>) -> Result<(), Failure> {
        let release = self.app.releases.current();
        self.open(case, held, &release).await?;
        let syntax = release.project.config.syntax;
        for (number, step) in case.steps.iter().enumerate() {
            let What::User(user) = &step.what else { continue };
            let model = self.answer_of(case, number, step.at, user, held, recorded, &release).await?;
            let Some(written) = &user.commands else {
                self.turn(held, Some(user.text.as_deref()), &user.metadata, model, step.at).await?;
                continue;
            };
            let lines: Vec<String> = written.iter().map(|(_, line)| line.clone()).collect();
            let wanted = expected(syntax, &lines).map_err(|message| Failure { at: step.at, what: "commands".into(), message })?;
            let read = model.as_deref().map(|text| centralita_engine::command::read(syntax, text));
            // What should have been understood is what the conversation goes on with.
            self.turn(held, Some(user.text.as_deref()), &user.metadata, Some(lines.join("\n")), step.at).await?;
            let predicted = match read {
                Some(commands) => commands,
                None => settled(held.last()),
            };
            turns.push(Compared { line: step.at.line, text: user.text.clone().unwrap_or_default(), comparison: compare(&wanted, &predicted) });
        }
        Ok(())
    }
}

/// What was understood without a model.
fn settled(events: &[Event]) -> Vec<Command> {
    let by = |event: &Event| match event {
        Event::Understood { by, commands, .. } if *by != centralita_engine::Source::Model => Some(commands.clone()),
        _ => None,
    };
    events.iter().filter_map(by).flatten().filter(|command| !matches!(command, Command::CannotHandle { .. })).collect()
}

impl Understood {
    /// Whether a turn was misunderstood, or the conversation could not be held.
    pub fn failed(&self) -> bool {
        self.failure.is_some() || self.turns.iter().any(|turn| !turn.comparison.passes())
    }

    /// A line for the case, and one for each turn that was misunderstood.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{}  {}::{}", if self.failed() { "FAIL" } else { "ok  " }, self.file, self.name)];
        let list = |commands: &[Command]| commands.iter().map(shown).collect::<Vec<_>>().join("; ");
        for turn in self.turns.iter().filter(|turn| !turn.comparison.passes()) {
            let Comparison { hits, missing, surplus } = &turn.comparison;
            let what = [("understood", hits), ("missed", missing), ("made up", surplus)];
            let what = what.iter().filter(|(_, commands)| !commands.is_empty()).map(|(word, commands)| format!("{word}: {}", list(commands)));
            lines.push(format!("      {}:{}: `{}`: {}", self.file, turn.line, turn.text, what.collect::<Vec<_>>().join(" | ")));
        }
        lines.extend(self.failure.as_ref().map(|failure| format!("      {}: {}: {}", place(&self.file, failure.at), failure.what, failure.message)));
        lines
    }
}

/// A command with its value, for a person who reads about a test.
fn shown(command: &Command) -> String {
    match command {
        Command::SetSlot { name, value } => format!("set slot {name} {}", value.spoken()),
        other => other.summary(),
    }
}
