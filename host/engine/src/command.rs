//! Commands: all that a caller's words can become.
//!
//! Lives here: the type, and how a model's lines are read (`rasa-calm.md` §3.2, §3.3).
//! Never here: what a command does (`step/`), whether it is legal now (`legal.rs`).

use crate::{FlowId, SlotName, Value};
use serde::{Deserialize, Serialize};
use winnow::ascii::{Caseless, multispace0, multispace1};
use winnow::combinator::{alt, delimited, opt, preceded, repeat, separated, terminated};
use winnow::prelude::*;
use winnow::token::{any, rest, take_till, take_while};

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
    /// Drop what is being done.
    CancelFlow,
    /// Ask which of these is meant.
    Clarify {
        /// Flows, at least one.
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
    CannotHandle,
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
    /// Nobody: nothing was understood.
    Nobody,
}

/// How long a model's answer may be, in bytes, and how many commands count.
const LONGEST: usize = 8 * 1024;
const MOST: usize = 8;

impl Command {
    /// The name of the command, for logs and pages.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::StartFlow { .. } => "start flow",
            Self::SetSlot { .. } => "set slot",
            Self::CancelFlow => "cancel flow",
            Self::Clarify { .. } => "clarify",
            Self::SkipQuestion => "skip question",
            Self::ChitChat => "chitchat",
            Self::Knowledge => "knowledge",
            Self::HumanHandoff => "human handoff",
            Self::Repeat => "repeat bot messages",
            Self::CannotHandle => "cannot handle",
        }
    }

    /// The command with what it names, never with a slot's value.
    pub fn summary(&self) -> String {
        match self {
            Self::StartFlow { flow } => format!("start flow {flow}"),
            Self::SetSlot { name, .. } => format!("set slot {name}"),
            Self::Clarify { options } => options.iter().fold("disambiguate flows".to_owned(), |line, flow| line + " " + flow.as_str()),
            Self::CancelFlow | Self::SkipQuestion | Self::ChitChat | Self::Knowledge | Self::HumanHandoff | Self::Repeat | Self::CannotHandle => {
                self.name().to_owned()
            }
        }
    }
}

/// Reads what a model answered: a command a line, prose around them ignored. Nothing recognised is
/// an empty list. Total: any text is read.
pub fn read(answer: &str) -> Vec<Command> {
    let end = answer.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last().unwrap_or(0);
    let answer = if answer.len() > LONGEST { &answer[..end] } else { answer };
    answer.lines().filter_map(line).take(MOST).collect()
}

fn line(text: &str) -> Option<Command> {
    let trimmed = text.trim_start_matches(|c: char| !c.is_alphabetic()).trim_end_matches(['`', '.', ' ', '\r']);
    alt((spoken, called)).parse(trimmed).ok()
}

type Fault = winnow::error::ErrMode<winnow::error::ContextError>;

fn words<'a>(first: &'static str, second: &'static str) -> impl Parser<&'a str, (), Fault> {
    (Caseless(first), multispace1, Caseless(second)).void()
}

/// `start flow x`, as the Compact and the `SearchReady` generators write.
fn spoken(input: &mut &str) -> ModalResult<Command> {
    let start = preceded((words("start", "flow"), multispace1), flow).map(|flow| Command::StartFlow { flow });
    let set = (preceded((words("set", "slot"), multispace1), slot), preceded(multispace1, rest))
        .map(|(name, value)| Command::SetSlot { name, value: value_of(value) });
    let clarify = preceded((words("disambiguate", "flows"), multispace1), separated(1.., flow, multispace1)).map(|options| Command::Clarify { options });
    let plain = alt((
        words("cancel", "flow").value(Command::CancelFlow),
        words("skip", "question").value(Command::SkipQuestion),
        words("hand", "over").value(Command::HumanHandoff),
        words("repeat", "message").value(Command::Repeat),
        words("offtopic", "reply").value(Command::ChitChat),
        words("provide", "info").value(Command::Knowledge),
        (Caseless("search"), multispace1, words("and", "reply")).value(Command::Knowledge),
    ));
    alt((start, set, clarify, plain)).parse_next(input)
}

/// `StartFlow(x)`, as the single-step generator writes.
fn called(input: &mut &str) -> ModalResult<Command> {
    let open = || (Caseless("("), multispace0).void();
    let close = || (multispace0, ")").void();
    let comma = || (multispace0, ",", multispace0).void();
    let start = preceded(Caseless("StartFlow"), delimited(open(), flow, close())).map(|flow| Command::StartFlow { flow });
    let set = preceded(Caseless("SetSlot"), delimited(open(), (terminated(slot, comma()), take_till(0.., ')')), close()))
        .map(|(name, value)| Command::SetSlot { name, value: value_of(value) });
    let clarify = preceded(Caseless("Clarify"), delimited(open(), separated(1.., flow, comma()), close())).map(|options| Command::Clarify { options });
    let bare = |name: &'static str| (Caseless(name), Caseless("()")).void();
    let plain = alt((
        bare("CancelFlow").value(Command::CancelFlow),
        bare("SkipQuestion").value(Command::SkipQuestion),
        bare("HumanHandoff").value(Command::HumanHandoff),
        bare("RepeatLastBotMessages").value(Command::Repeat),
        bare("ChitChat").value(Command::ChitChat),
        bare("SearchAndReply").value(Command::Knowledge),
        bare("CannotHandle").value(Command::CannotHandle),
    ));
    terminated(alt((start, set, clarify, plain)), repeat::<_, _, (), _, _>(0.., any)).parse_next(input)
}

fn flow(input: &mut &str) -> ModalResult<FlowId> {
    identifier.verify_map(|name| FlowId::parse(name).ok()).parse_next(input)
}

fn slot(input: &mut &str) -> ModalResult<SlotName> {
    identifier.verify_map(|name| SlotName::parse(name).ok()).parse_next(input)
}

fn identifier<'a>(input: &mut &'a str) -> ModalResult<&'a str> {
    let quote = || opt(alt(("'", "\"", "`")));
    delimited(quote(), take_while(1.., |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')), quote()).parse_next(input)
}

fn value_of(text: &str) -> Value {
    let text = text.trim().trim_matches(['"', '\'', '`']).trim();
    let nothing = ["[missing information]", "[missing]", "none", "undefined", "null", ""];
    if nothing.contains(&text.to_lowercase().as_str()) { Value::None } else { Value::text(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(model_said: &str, expected: &[&str]) {
        let got: Vec<String> = read(model_said).iter().map(Command::summary).collect();
        assert_eq!(got, expected, "{model_said}");
    }

    #[test]
    fn both_syntaxes_are_read_line_by_line_and_prose_is_ignored() {
        check("start flow block_card\nset slot last4 4521", &["start flow block_card", "set slot last4"]);
        check("1. start flow `block_card`\n- cancel flow", &["start flow block_card", "cancel flow"]);
        check("StartFlow(block_card)\nSetSlot(last4, 4521)\nHumanHandoff()", &["start flow block_card", "set slot last4", "human handoff"]);
        check("Sure! I will block that for you.", &[]);
        check("disambiguate flows a b", &["disambiguate flows a b"]);
        check("set slot ../x 1", &[]);
    }

    #[test]
    fn words_for_nothing_empty_the_slot() {
        assert!(matches!(&read("set slot a [missing information]")[..], [Command::SetSlot { value: Value::None, .. }]));
        assert!(matches!(&read("set slot a \"x y\"")[..], [Command::SetSlot { value, .. }] if value.as_text() == Some("x y")));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_the_reader(text in "\\PC{0,120}") {
            read(&text);
        }
    }
}
