//! What a model wrote, read as commands (`rasa-calm.md` §3.2, §3.3).
//!
//! Lives here: the three syntaxes, tolerant line by line. Total: any text is read.
//! Never here: whether a command is legal.

use super::Command;
use crate::{FlowId, SlotName, Value};
use serde::{Deserialize, Serialize};
use winnow::ascii::{Caseless, multispace0, multispace1};
use winnow::combinator::{alt, delimited, opt, preceded, separated};
use winnow::prelude::*;
use winnow::token::{rest, take_till, take_while};

/// How long a model's answer may be, in bytes, and how many commands count.
const LONGEST: usize = 8 * 1024;
const MOST: usize = 16;

/// How a generator writes commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Syntax {
    /// `StartFlow(x)`: `SingleStepLLMCommandGenerator` and its older names.
    Calls,
    /// `start flow x`: `CompactLLMCommandGenerator`.
    #[default]
    Compact,
    /// `start flow x`, `search and reply`: `SearchReadyLLMCommandGenerator`.
    SearchReady,
}

/// Reads what a model answered: every line is tried against every command of the syntax, prose around
/// them is ignored. Nothing recognised is an empty list.
pub fn read(syntax: Syntax, answer: &str) -> Vec<Command> {
    let end = answer.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last().unwrap_or(0);
    let answer = if answer.len() > LONGEST { &answer[..end] } else { answer };
    answer.lines().flat_map(|line| if syntax == Syntax::Calls { calls(line) } else { words_of(syntax, line) }).take(MOST).collect()
}

type Fault = winnow::error::ErrMode<winnow::error::ContextError>;

fn words<'a>(first: &'static str, second: &'static str) -> impl Parser<&'a str, (), Fault> {
    (Caseless(first), multispace1, Caseless(second)).void()
}

/// A line of the spoken syntaxes; `, ` before another command parts two on one line.
fn words_of(syntax: Syntax, line: &str) -> Vec<Command> {
    const OPENINGS: [&str; 10] = [
        "start flow",
        "set slot",
        "cancel flow",
        "disambiguate flows",
        "skip question",
        "hand over",
        "repeat message",
        "offtopic reply",
        "provide info",
        "search and",
    ];
    let lower = line.to_ascii_lowercase();
    let opens = |at: usize| OPENINGS.iter().any(|opening| lower[at..].starts_with(opening));
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(", ") {
        if opens(at + 2) {
            parts.push(&line[from..at]);
            from = at + 2;
        }
    }
    parts.push(&line[from..]);
    parts.into_iter().filter_map(|part| one_of_words(syntax, part)).collect()
}

fn one_of_words(syntax: Syntax, text: &str) -> Option<Command> {
    let lead = |c: char| if syntax == Syntax::SearchReady { !c.is_alphabetic() } else { !(c.is_alphanumeric() || c == '_') };
    let trimmed = text.trim_start_matches(lead).trim_end_matches(['`', '.', ' ', '\r', '\t', ',', ';']);
    alt((|input: &mut &str| spoken(syntax, input), called)).parse(trimmed).ok()
}

fn spoken(syntax: Syntax, input: &mut &str) -> ModalResult<Command> {
    let start = preceded((words("start", "flow"), multispace1), flow).map(|flow| Command::StartFlow { flow });
    let set = (preceded((words("set", "slot"), multispace1), slot), preceded(multispace1, rest))
        .map(|(name, value)| Command::SetSlot { name, value: value_of(value) });
    let options = opt(preceded(multispace1, separated(1.., flow, multispace1))).map(Option::unwrap_or_default);
    let clarify = preceded(words("disambiguate", "flows"), options).map(|options: Vec<FlowId>| Command::Clarify { options });
    let both = alt((words("cancel", "flow").value(Command::CancelFlow), words("repeat", "message").value(Command::Repeat)));
    let own = |input: &mut &str| match syntax {
        Syntax::SearchReady => (Caseless("search"), multispace1, words("and", "reply")).value(Command::Knowledge).parse_next(input),
        Syntax::Calls | Syntax::Compact => alt((
            words("skip", "question").value(Command::SkipQuestion),
            words("hand", "over").value(Command::HumanHandoff),
            words("offtopic", "reply").value(Command::ChitChat),
            words("provide", "info").value(Command::Knowledge),
        ))
        .parse_next(input),
    };
    alt((start, set, clarify, both, own, words("cannot", "handle").value(Command::cannot_handle()))).parse_next(input)
}

/// Every call on a line, wherever it stands.
fn calls(line: &str) -> Vec<Command> {
    let mut commands = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let mut input = rest;
        match called.parse_next(&mut input) {
            Ok(command) => {
                commands.push(command);
                rest = input;
            }
            Err(_) => {
                let mut chars = rest.chars();
                chars.next();
                rest = chars.as_str();
            }
        }
    }
    commands
}

fn called(input: &mut &str) -> ModalResult<Command> {
    let open = || (multispace0, "(", multispace0).void();
    let close = || (multispace0, ")").void();
    let comma = || (multispace0, ",", multispace0).void();
    let start = preceded(Caseless("StartFlow"), delimited(open(), flow, close())).map(|flow| Command::StartFlow { flow });
    let quoted = alt((delimited("\"", take_till(0.., '"'), "\""), delimited("'", take_till(0.., '\''), "'")));
    let argument = alt(((quoted, multispace0, winnow::combinator::peek(")")).map(|(text, _, _)| text), take_till(0.., ')')));
    let set = preceded(Caseless("SetSlot"), delimited(open(), (slot, preceded(comma(), argument)), close()))
        .map(|(name, value): (SlotName, &str)| Command::SetSlot { name, value: value_of(value) });
    let clarify =
        preceded(Caseless("Clarify"), delimited(open(), separated(0.., flow, comma()), close())).map(|options: Vec<FlowId>| Command::Clarify { options });
    let bare = |name: &'static str| (Caseless(name), open(), close()).void();
    let plain = alt((
        bare("CancelFlow").value(Command::CancelFlow),
        bare("SkipQuestion").value(Command::SkipQuestion),
        bare("HumanHandoff").value(Command::HumanHandoff),
        bare("RepeatLastBotMessages").value(Command::Repeat),
        bare("ChitChat").value(Command::ChitChat),
        bare("SearchAndReply").value(Command::Knowledge),
        bare("CannotHandle").value(Command::cannot_handle()),
    ));
    alt((start, set, clarify, plain)).parse_next(input)
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

/// A value as written; the words models use for *no value* empty the slot.
pub(super) fn value_of(text: &str) -> Value {
    let text = text.trim().trim_matches(['"', '\'', '`']).trim();
    let nothing = ["[missing information]", "[missing]", "none", "undefined", "null", ""];
    if nothing.contains(&text.to_lowercase().as_str()) { Value::None } else { Value::text(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(syntax: Syntax, model_said: &str, expected: &[&str]) {
        let got: Vec<String> = read(syntax, model_said)
            .iter()
            .map(|command| match command {
                Command::SetSlot { name, value } => format!("set slot {name} {}", value.to_json()),
                other => other.summary(),
            })
            .collect();
        assert_eq!(got, expected, "{model_said}");
    }

    #[test]
    fn the_compact_syntax_is_read_line_by_line_and_prose_is_ignored() {
        let check = |said, expected| check(Syntax::Compact, said, expected);
        check("start flow block_card\nset slot last4 4521", &["start flow block_card", "set slot last4 \"4521\""]);
        check("- start flow `block_card`\n* cancel flow.", &["start flow block_card", "cancel flow"]);
        check("Sure! I will block that for you.", &[]);
        check("disambiguate flows a b", &["disambiguate flows a b"]);
        check("disambiguate flows", &["disambiguate flows"]);
        check("set slot ../x 1", &[]);
        check(
            "provide info\nofftopic reply\nhand over\nskip question\nrepeat message",
            &["knowledge", "chitchat", "human handoff", "skip question", "repeat bot messages"],
        );
        check("START FLOW a", &["start flow a"]);
        check("1. start flow a", &[]);
        check("search and reply", &[]);
    }

    #[test]
    fn commands_joined_by_commas_on_one_line_are_parted() {
        check(Syntax::Compact, "set slot num_pizza 1, start flow order_pizza", &["set slot num_pizza \"1\"", "start flow order_pizza"]);
        check(Syntax::Compact, "set slot address Elm street 5, second floor", &["set slot address \"Elm street 5, second floor\""]);
    }

    #[test]
    fn the_search_ready_syntax_takes_numbered_lists_and_offers_no_small_talk() {
        let check = |said, expected| check(Syntax::SearchReady, said, expected);
        check("1. start flow x\n  - set slot a b c\n`search and reply`", &["start flow x", "set slot a \"b c\"", "knowledge"]);
        check("offtopic reply\nhand over\nprovide info\nskip question", &[]);
    }

    #[test]
    fn calls_are_found_anywhere_in_a_line() {
        let check = |said, expected| check(Syntax::Calls, said, expected);
        check("StartFlow(block_card)\nSetSlot(last4, 4521)\nHumanHandoff()", &["start flow block_card", "set slot last4 \"4521\"", "human handoff"]);
        check("I think StartFlow('a') and SetSlot(\"b\", \"x (y)\") fit", &["start flow a", "set slot b \"x (y)\""]);
        check("Clarify(a, b)\nClarify()\nSkipQuestion() ChitChat()", &["disambiguate flows a b", "disambiguate flows", "skip question", "chitchat"]);
        check("SearchAndReply()\nRepeatLastBotMessages()\nCannotHandle()\nCancelFlow()", &["knowledge", "repeat bot messages", "cannot handle", "cancel flow"]);
        check("ChangeFlow()", &[]);
    }

    #[test]
    fn words_for_nothing_empty_the_slot() {
        for nothing in ["[missing information]", "[missing]", "None", "undefined", "NULL", "\"\""] {
            check(Syntax::Compact, &format!("set slot a {nothing}"), &["set slot a null"]);
        }
        check(Syntax::Compact, "set slot a \"x y\"", &["set slot a \"x y\""]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_the_reader(text in "\\PC{0,120}|((set slot|start flow|SetSlot|Clarify)[ (),'\"a-z]{0,20}){0,4}") {
            for syntax in [Syntax::Calls, Syntax::Compact, Syntax::SearchReady] {
                read(syntax, &text);
            }
        }
    }
}
