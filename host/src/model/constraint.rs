//! One grammar per turn: what a model may write now, for servers that can hold it to that.
//!
//! Lives here: the commands of a turn as a small tree, the notations it is printed in.
//! Never here: what is legal (the engine), which server takes which notation (`profile`). What comes back is read and
//! judged as any other answer: a grammar guarantees spelling, not sense.

mod notation;
mod schema;

pub(super) use schema::lines;

use super::profile::Shape;
use super::prompt::{by_model, offered, spelling};
use centralita_engine::command::Syntax;
use centralita_engine::{CallState, Command, Grammar, LegalSlot, Project, along};
use serde_json::{Map, Value as Json, json};

/// Commands in one answer, flows in one question which is meant, characters of a value: everything that repeats has an end.
const COMMANDS: usize = 4;
const OPTIONS: usize = 4;
const LONGEST: usize = 120;

/// What may be written at one turn.
pub(super) struct Commands {
    syntax: Syntax,
    flows: Vec<String>,
    fills: Vec<Fill>,
    /// Commands that name nothing.
    plain: Vec<&'static str>,
}

/// A slot, and what it may be filled with.
struct Fill {
    name: String,
    takes: Takes,
}

enum Takes {
    /// One of these.
    OneOf(Vec<String>),
    /// A mark that stands for something the model is not shown.
    Mark,
    /// The caller's words.
    Words,
}

impl Commands {
    /// The commands of this turn; `grammar` may have fewer flows than the engine's own.
    pub(super) fn of(project: &Project, state: &CallState, grammar: &Grammar) -> Self {
        let syntax = project.config.syntax;
        // The reader of commands takes no name with a dot in it.
        let mut flows: Vec<String> = grammar.flows.iter().map(ToString::to_string).filter(|flow| !flow.contains('.')).collect();
        flows.sort();
        let along = along(project, state, grammar);
        let mut fills: Vec<Fill> =
            grammar.slots.iter().chain(&along).filter(|slot| by_model(project, &slot.name) && !slot.name.as_str().contains('.')).map(Fill::of).collect();
        fills.sort_by(|one, other| one.name.cmp(&other.name));
        fills.dedup_by(|one, other| one.name == other.name);
        let names_nothing = |spelled: &&str| !["FLOW", "SLOT", "A B", "A, B"].iter().any(|hole| spelled.contains(hole));
        let cancels = |spelled: &&str| grammar.can_cancel || !spelled.to_ascii_lowercase().starts_with("cancel");
        let plain = offered(project).into_iter().map(|(spelled, _)| spelled).filter(names_nothing).filter(cancels).collect();
        Self { syntax, flows, fills, plain }
    }

    /// The fields of a request that hold a server of this shape to the commands.
    pub(super) fn fields(&self, shape: Shape) -> Map<String, Json> {
        let fields = match shape {
            Shape::Free => json!({}),
            Shape::Schema => json!({"response_format": {"type": "json_schema", "json_schema": {"name": "commands", "schema": self.schema(false)}}}),
            Shape::StrictSchema => {
                json!({"response_format": {"type": "json_schema", "json_schema": {"name": "commands", "strict": true, "schema": self.schema(true)}}})
            }
            Shape::Gbnf => json!({"grammar": self.gbnf()}),
            Shape::StructuredOutputs => json!({"structured_outputs": {"grammar": self.gbnf()}}),
            Shape::GuidedGrammar => json!({"guided_grammar": self.gbnf()}),
            Shape::LarkTool => json!({
                "tools": [{"type": "custom", "custom": {
                    "name": TOOL,
                    "description": "Takes the commands, one a line.",
                    "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": self.lark()}},
                }}],
                "tool_choice": {"type": "custom", "custom": {"name": TOOL}},
                "parallel_tool_calls": false,
            }),
        };
        if let Json::Object(fields) = fields { fields } else { Map::new() }
    }
}

/// The tool that takes commands.
const TOOL: &str = "commands";

impl Fill {
    fn of(slot: &LegalSlot) -> Self {
        // A value that a line cannot hold, or that reads as two, is left to the reader.
        let plain = |value: &String| !value.trim().is_empty() && !value.chars().any(|letter| letter.is_control() || matches!(letter, ',' | '"' | '\\' | '`'));
        let takes = match (slot.masked, slot.values.is_empty()) {
            (_, false) if slot.values.iter().all(plain) => Takes::OneOf(slot.values.clone()),
            (true, _) => Takes::Mark,
            (false, _) => Takes::Words,
        };
        Self { name: slot.name.to_string(), takes }
    }
}

/// A command as a generator of this syntax writes it; none for commands no model writes.
pub(super) fn written(syntax: Syntax, command: &Command) -> Option<String> {
    let calls = syntax == Syntax::Calls;
    let [.., cancel, skip, person, again, documents, talk, nothing] = spelling(syntax);
    let text = match command {
        Command::StartFlow { flow } if calls => format!("StartFlow({flow})"),
        Command::StartFlow { flow } => format!("start flow {flow}"),
        Command::SetSlot { name, value } => {
            let value = match value.to_json() {
                Json::String(text) => text,
                Json::Null => "None".to_owned(),
                other => other.to_string(),
            };
            // One line that cannot end its quotation or begin another command.
            let value = value.split(|letter: char| letter.is_control() || letter.is_whitespace()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            if calls { format!("SetSlot({name}, \"{}\")", value.replace('"', "'")) } else { format!("set slot {name} {}", value.replace(", ", " ")) }
        }
        Command::Clarify { options } => {
            let options: Vec<&str> = options.iter().map(|flow| flow.as_str()).collect();
            if calls { format!("Clarify({})", options.join(", ")) } else { format!("disambiguate flows {}", options.join(" ")) }
        }
        Command::Knowledge => documents.to_owned(),
        Command::CancelFlow => cancel.to_owned(),
        Command::SkipQuestion => skip.to_owned(),
        Command::HumanHandoff => person.to_owned(),
        Command::Repeat => again.to_owned(),
        Command::ChitChat => talk.to_owned(),
        Command::CannotHandle { .. } => nothing.to_owned(),
        Command::CorrectSlots { .. }
        | Command::Error { .. }
        | Command::SessionStart
        | Command::SessionEnd
        | Command::UserSilence
        | Command::Restart
        | Command::CodeChange
        | Command::Noop => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod checker;
#[cfg(test)]
mod tests;
