//! Commands: all that a caller's words can become.
//!
//! Lives here: the type, its names, and its JSON as Rasa stores it (`rasa-calm.md` §3.1).
//! Never here: what a command does (`step/execute.rs`), whether it is legal now (`legal.rs`), how text
//! becomes one (`read.rs` for models, `payload.rs` for buttons).

mod payload;
mod read;

pub use payload::{Payload, payload};
pub use read::{Syntax, read};

use crate::{FlowId, SlotName, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// One thing to do.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Push a flow.
    StartFlow {
        /// Which.
        flow: FlowId,
    },
    /// Fill a slot.
    SetSlot {
        /// Which.
        name: SlotName,
        /// With what; `None` empties it.
        value: Value,
    },
    /// Take back what was said before. Nobody proposes it: the clean-up makes it of `SetSlot`.
    CorrectSlots {
        /// The slots and their new values.
        slots: Vec<(SlotName, Value)>,
    },
    /// Drop what is being done.
    CancelFlow,
    /// Ask which of these is meant.
    Clarify {
        /// Flows.
        options: Vec<FlowId>,
    },
    /// The caller does not want to answer, or does not know.
    SkipQuestion,
    /// Small talk.
    ChitChat,
    /// A question for documents.
    Knowledge,
    /// A person, please.
    HumanHandoff,
    /// Say it again.
    Repeat,
    /// Nothing of this was understood.
    CannotHandle {
        /// `cannot_handle_…`; none is `cannot_handle_default`.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Understanding failed before anything was understood.
    Error {
        /// `rasa_internal_error_…`, as `pattern_internal_error` tests it.
        error_type: String,
        /// What the error's response may show.
        info: Map<String, Json>,
    },
    /// Begin a session.
    SessionStart,
    /// End the session.
    SessionEnd,
    /// The caller says nothing.
    UserSilence,
    /// Forget the conversation and begin anew.
    Restart,
    /// The flows on the stack changed under the conversation.
    CodeChange,
    /// Nothing.
    Noop,
}

/// Who read the caller's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The kernel of typed answers: a whole utterance that answers the open question.
    Typed,
    /// The matcher, trained on the project's examples.
    Matcher,
    /// A language model.
    Model,
    /// A button, or a text that begins with `/` where such texts count.
    Payload,
    /// Nobody: nothing was understood.
    Nobody,
}

impl Source {
    /// Rasa's word for who filled a slot.
    pub const fn extractor(self) -> &'static str {
        match self {
            Self::Matcher => "NLU",
            Self::Payload => "CommandPayloadReader",
            Self::Typed | Self::Model | Self::Nobody => "LLM",
        }
    }
}

impl Command {
    /// A command that nothing was understood, for the usual reason.
    pub const fn cannot_handle() -> Self {
        Self::CannotHandle { reason: None }
    }

    /// What an intent that triggers this flow asks for: the flow, or what a pattern reacts to.
    pub fn of_trigger(flow: &FlowId) -> Self {
        match flow.as_str() {
            "pattern_human_handoff" => Self::HumanHandoff,
            "pattern_repeat_bot_messages" => Self::Repeat,
            "pattern_cancel_flow" => Self::CancelFlow,
            "pattern_chitchat" => Self::ChitChat,
            "pattern_search" => Self::Knowledge,
            "pattern_skip_question" => Self::SkipQuestion,
            "pattern_restart" => Self::Restart,
            "pattern_session_start" => Self::SessionStart,
            "pattern_user_silence" => Self::UserSilence,
            _ => Self::StartFlow { flow: flow.clone() },
        }
    }

    /// The name of the command, as Rasa's JSON has it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::StartFlow { .. } => "start flow",
            Self::SetSlot { .. } => "set slot",
            Self::CorrectSlots { .. } => "correct slot",
            Self::CancelFlow => "cancel flow",
            Self::Clarify { .. } => "clarify",
            Self::SkipQuestion => "skip question",
            Self::ChitChat => "chitchat",
            Self::Knowledge => "knowledge",
            Self::HumanHandoff => "human handoff",
            Self::Repeat => "repeat bot messages",
            Self::CannotHandle { .. } => "cannot handle",
            Self::Error { .. } => "error",
            Self::SessionStart => "session start",
            Self::SessionEnd => "session end",
            Self::UserSilence => "user silence",
            Self::Restart => "restart",
            Self::CodeChange => "handle code change",
            Self::Noop => "noop",
        }
    }

    /// The command with what it names, never with a slot's value.
    pub fn summary(&self) -> String {
        match self {
            Self::StartFlow { flow } => format!("start flow {flow}"),
            Self::SetSlot { name, .. } => format!("set slot {name}"),
            Self::CorrectSlots { slots } => slots.iter().fold("correct slot".to_owned(), |line, (name, _)| line + " " + name.as_str()),
            Self::Clarify { options } => options.iter().fold("disambiguate flows".to_owned(), |line, flow| line + " " + flow.as_str()),
            Self::CannotHandle { reason: Some(reason) } => format!("cannot handle {reason}"),
            Self::Error { error_type, .. } => format!("error {error_type}"),
            Self::CancelFlow
            | Self::SkipQuestion
            | Self::ChitChat
            | Self::Knowledge
            | Self::HumanHandoff
            | Self::Repeat
            | Self::CannotHandle { reason: None }
            | Self::SessionStart
            | Self::SessionEnd
            | Self::UserSilence
            | Self::Restart
            | Self::CodeChange
            | Self::Noop => self.name().to_owned(),
        }
    }

    /// The command as `parse_data.commands` of a user event holds it. Values of slots are in it.
    pub fn to_rasa(&self, by: Source) -> Json {
        let mut map = Map::new();
        map.insert("command".into(), self.name().into());
        match self {
            Self::StartFlow { flow } => {
                map.insert("flow".into(), flow.to_string().into());
            }
            Self::SetSlot { name, value } => {
                map.insert("name".into(), name.to_string().into());
                map.insert("value".into(), value.to_json());
                map.insert("extractor".into(), by.extractor().into());
            }
            Self::CorrectSlots { slots } => {
                let slots = slots.iter().map(|(name, value)| json!({ "name": name.as_str(), "value": value.to_json() })).collect();
                map.insert("corrected_slots".into(), slots);
            }
            Self::Clarify { options } => {
                map.insert("options".into(), options.iter().map(|flow| Json::from(flow.as_str())).collect());
            }
            Self::CannotHandle { reason } => {
                map.insert("reason".into(), reason.clone().unwrap_or_else(|| "cannot_handle_default".into()).into());
            }
            Self::Error { error_type, info } => {
                map.insert("error_type".into(), error_type.clone().into());
                map.insert("info".into(), info.clone().into());
            }
            Self::CancelFlow
            | Self::SkipQuestion
            | Self::ChitChat
            | Self::Knowledge
            | Self::HumanHandoff
            | Self::Repeat
            | Self::SessionStart
            | Self::SessionEnd
            | Self::UserSilence
            | Self::Restart
            | Self::CodeChange
            | Self::Noop => {}
        }
        Json::Object(map)
    }
}
