//! The two notations of grammars: GBNF (llama.cpp, vLLM) and Lark (`OpenAI`'s custom tools).
//!
//! Lives here: the rules of a turn, once, and how each notation spells them.
//! Never here: which commands there are.

use super::{COMMANDS, Commands, LONGEST, OPTIONS, Takes};
use centralita_engine::command::Syntax;
use std::fmt::Write as _;

/// A piece of a rule.
enum Part {
    /// These letters.
    Letters(String),
    /// One after the other.
    Row(Vec<Self>),
    /// One of these.
    One(Vec<Self>),
    /// This or nothing.
    Maybe(Box<Self>),
    /// Between so many letters of this class.
    Class(&'static str, usize, usize),
    /// Another rule.
    Rule(&'static str),
}
use Part::{Class, Letters, Maybe, One, Row, Rule};

/// Rules whose text is one piece for a lexer.
const TERMINALS: [&str; 4] = ["flow", "mark", "words", "plain"];

fn letters(text: &str) -> Part {
    Letters(text.to_owned())
}

/// `first`, and then up to `more` times `again`: nested, since not every notation counts alike.
fn upto(first: Vec<Part>, again: &dyn Fn() -> Vec<Part>, more: usize) -> Part {
    let mut row = first;
    if more > 0 {
        row.push(Maybe(Box::new(upto(again(), again, more - 1))));
    }
    Row(row)
}

impl Commands {
    /// As llama.cpp and vLLM read it.
    pub(super) fn gbnf(&self) -> String {
        let mut text = String::new();
        for (name, part) in self.rules() {
            let _ = write!(text, "{name} ::= ");
            print(&mut text, &part, &Notation::GBNF, false);
            text.push('\n');
        }
        text
    }

    /// As `OpenAI` reads it.
    pub(super) fn lark(&self) -> String {
        let mut text = String::new();
        for (name, part) in self.rules() {
            let _ = write!(text, "{}: ", (Notation::LARK.name)(name));
            print(&mut text, &part, &Notation::LARK, false);
            text.push('\n');
        }
        text
    }

    fn rules(&self) -> Vec<(&'static str, Part)> {
        let calls = self.syntax == Syntax::Calls;
        let around = |open: &str, inner: Vec<Part>, close: &str| {
            let close = (!close.is_empty()).then(|| letters(close));
            Row([letters(open)].into_iter().chain(inner).chain(close).collect())
        };
        let mut commands = Vec::new();
        let mut rules = Vec::new();
        if !self.flows.is_empty() {
            commands.push(Rule("begin"));
            let begin = if calls { around("StartFlow(", vec![Rule("flow")], ")") } else { around("start flow ", vec![Rule("flow")], "") };
            rules.push(("begin", begin));
        }
        if !self.fills.is_empty() {
            commands.push(Rule("fill"));
            let fills = self.fills.iter().map(|fill| {
                let value = match &fill.takes {
                    Takes::OneOf(values) => One(values.iter().map(|value| letters(value)).collect()),
                    Takes::Mark => Rule("mark"),
                    Takes::Words => Rule("words"),
                };
                if calls { around(&format!("{}, \"", fill.name), vec![value], "\")") } else { around(&format!("{} ", fill.name), vec![value], "") }
            });
            rules.push(("fill", around(if calls { "SetSlot(" } else { "set slot " }, vec![One(fills.collect())], "")));
        }
        if self.flows.len() > 1 {
            commands.push(Rule("which"));
            let comma = if calls { ", " } else { " " };
            let again = || vec![letters(comma), Rule("flow")];
            let options = upto(vec![Rule("flow"), letters(comma), Rule("flow")], &again, OPTIONS - 2);
            let which = if calls { around("Clarify(", vec![options], ")") } else { around("disambiguate flows ", vec![options], "") };
            rules.push(("which", which));
        }
        commands.push(Rule("plain"));
        rules.push(("plain", One(self.plain.iter().map(|spelled| letters(spelled)).collect())));
        if !self.flows.is_empty() {
            rules.push(("flow", One(self.flows.iter().map(|flow| letters(flow)).collect())));
        }
        if self.fills.iter().any(|fill| matches!(fill.takes, Takes::Mark)) {
            rules.push(("mark", Row(vec![letters("⟨"), Class("a-z", 1, 1), Class("0-9", 1, 2), letters("⟩")])));
        }
        if self.fills.iter().any(|fill| matches!(fill.takes, Takes::Words)) {
            // Where nothing quotes a value it begins with what the reader does not take away, and holds no comma: one
            // before another command would part them.
            let words =
                if calls { Class(r#"^\x00-\x1F""#, 1, LONGEST) } else { Row(vec![Class(r#"^\x00-\x20.,;`'""#, 1, 1), Class(r"^\x00-\x1F,", 0, LONGEST - 1)]) };
            rules.push(("words", words));
        }
        let again = || vec![letters("\n"), Rule("cmd")];
        let head = [("root", upto(vec![Rule("cmd")], &again, COMMANDS - 1)), ("cmd", One(commands))];
        head.into_iter().chain(rules).collect()
    }
}

/// How a notation spells what the two spell differently.
struct Notation {
    name: fn(&str) -> String,
    class: fn(&str, usize, usize) -> String,
}

impl Notation {
    const GBNF: Self = Self { name: str::to_owned, class: |class, least, most| format!("[{class}]{}", times(least, most)) };
    const LARK: Self = Self {
        name: |name| match name {
            "root" => "start".to_owned(),
            name if TERMINALS.contains(&name) => name.to_ascii_uppercase(),
            name => name.to_owned(),
        },
        class: |class, least, most| format!("/[{class}]{}/", times(least, most)),
    };
}

fn times(least: usize, most: usize) -> String {
    if (least, most) == (1, 1) { String::new() } else { format!("{{{least},{most}}}") }
}

/// Prints a part; `inner` is whether others stand beside it.
fn print(text: &mut String, part: &Part, notation: &Notation, inner: bool) {
    match part {
        // JSON quotes as both notations do.
        Letters(letters) => text.push_str(&serde_json::Value::from(letters.as_str()).to_string()),
        Class(class, least, most) => text.push_str(&(notation.class)(class, *least, *most)),
        Rule(name) => text.push_str(&(notation.name)(name)),
        Maybe(part) => {
            text.push('(');
            print(text, part, notation, false);
            text.push_str(")?");
        }
        Row(parts) => joined(text, parts, " ", notation, inner),
        One(parts) => joined(text, parts, " | ", notation, inner),
    }
}

fn joined(text: &mut String, parts: &[Part], with: &str, notation: &Notation, inner: bool) {
    let brackets = inner && parts.len() > 1;
    if brackets {
        text.push('(');
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push_str(with);
        }
        print(text, part, notation, true);
    }
    if brackets {
        text.push(')');
    }
}
