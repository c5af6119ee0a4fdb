//! The commands of a turn as a JSON schema, and answers in JSON back as lines.
//!
//! Lives here: the schema, in Rasa's words for commands (`rasa-calm.md` §3.1), and the way back.
//! Never here: reading lines as commands (the engine).

use super::{COMMANDS, Commands, LONGEST, OPTIONS, Takes, written};
use centralita_engine::command::{self, Syntax};
use centralita_engine::{Command, FlowId, SlotName, Value};
use serde_json::{Value as Json, json};

impl Commands {
    /// An object with one list of commands. Strict schemas have fewer words for how long a text may be.
    pub(super) fn schema(&self, strict: bool) -> Json {
        let object = |fields: Json| {
            let names: Vec<&String> = fields.as_object().into_iter().flat_map(|fields| fields.keys()).collect();
            json!({"type": "object", "properties": fields, "required": names, "additionalProperties": false})
        };
        let one_of = |words: &[&str]| json!({"type": "string", "enum": words});
        let flows: Vec<&str> = self.flows.iter().map(String::as_str).collect();
        let mut kinds = Vec::new();
        if !flows.is_empty() {
            kinds.push(object(json!({"command": one_of(&["start flow"]), "flow": one_of(&flows)})));
        }
        if flows.len() > 1 {
            let options = json!({"type": "array", "items": one_of(&flows), "minItems": 2, "maxItems": OPTIONS});
            kinds.push(object(json!({"command": one_of(&["clarify"]), "options": options})));
        }
        let set = |names: &[&str], value: Json| object(json!({"command": one_of(&["set slot"]), "name": one_of(names), "value": value}));
        let (mut marks, mut words) = (Vec::new(), Vec::new());
        for fill in &self.fills {
            match &fill.takes {
                Takes::OneOf(values) => kinds.push(set(&[&fill.name], json!({"type": "string", "enum": values}))),
                Takes::Mark => marks.push(fill.name.as_str()),
                Takes::Words => words.push(fill.name.as_str()),
            }
        }
        if !marks.is_empty() {
            kinds.push(set(&marks, json!({"type": "string", "pattern": "^⟨[a-z][0-9]{1,2}⟩$"})));
        }
        if !words.is_empty() {
            let any =
                if strict { json!({"type": "string", "pattern": format!("^.{{1,{LONGEST}}}$")}) } else { json!({"type": "string", "maxLength": LONGEST}) };
            kinds.push(set(&words, any));
        }
        let plain: Vec<&str> = self.plain.iter().filter_map(|spelled| command::read(self.syntax, spelled).pop()).map(|command| command.name()).collect();
        kinds.push(object(json!({"command": one_of(&plain)})));
        object(json!({"commands": {"type": "array", "minItems": 1, "maxItems": COMMANDS, "items": {"anyOf": kinds}}}))
    }
}

/// An answer in JSON as lines of a syntax; anything else as it is.
pub(in super::super) fn lines(syntax: Syntax, answer: &str) -> String {
    let inner = answer.trim().trim_start_matches("```json").trim_matches('`').trim();
    let Some(body) = inner.starts_with('{').then(|| serde_json::from_str::<Json>(inner).ok()).flatten() else { return answer.to_owned() };
    let Some(commands) = body.get("commands").and_then(Json::as_array) else { return answer.to_owned() };
    let lines = commands.iter().filter_map(|body| written(syntax, &one(body)?));
    lines.collect::<Vec<_>>().join("\n")
}

/// One command as the schema has it.
fn one(body: &Json) -> Option<Command> {
    let text = |key: &str| body.get(key).and_then(Json::as_str);
    Some(match text("command")? {
        "start flow" => Command::StartFlow { flow: FlowId::parse(text("flow")?).ok()? },
        "set slot" => Command::SetSlot { name: SlotName::parse(text("name")?).ok()?, value: Value::from_json(body.get("value")?.clone()) },
        "clarify" => {
            let options = body.get("options").and_then(Json::as_array)?;
            Command::Clarify { options: options.iter().filter_map(|flow| FlowId::parse(flow.as_str()?).ok()).collect() }
        }
        "cancel flow" => Command::CancelFlow,
        "skip question" => Command::SkipQuestion,
        "human handoff" => Command::HumanHandoff,
        "repeat bot messages" => Command::Repeat,
        "chitchat" => Command::ChitChat,
        "knowledge" => Command::Knowledge,
        "cannot handle" => Command::cannot_handle(),
        _ => return None,
    })
}
