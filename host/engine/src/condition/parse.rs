//! The grammar of conditions (`rasa-calm.md` §1.7).
//!
//! Lives here: tokens, precedence, and what a syntax error says.
//! Never here: values.

use fancy_regex::{Regex, RegexBuilder};
use winnow::ascii::{Caseless, float, multispace0};
use winnow::combinator::{alt, delimited, eof, not, opt, peek, preceded, repeat, terminated};
use winnow::prelude::*;
use winnow::token::{one_of, take_till, take_while};

/// Longest predicate, in bytes, and how many words and brackets it may have: the parser recurses.
const LENGTH: usize = 4096;
const WORDS: usize = 400;
/// How often a pattern may go back and try another way.
const BACKTRACKS: usize = 50_000;

/// A parsed predicate.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    /// In parentheses; kept apart so that mixing can be told from grouping.
    Group(Box<Expr>),
    Compare(Operand, Op, Operand),
    Truth(Operand),
}

/// One side of a comparison.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Name(String),
    Text(String),
    Number(f64),
    Truth(bool),
    Null,
    Undefined,
    Empty,
    Pattern(Box<Regex>),
    Set(Vec<Operand>),
}

/// How two sides are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Is,
    IsNot,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    Contains,
    Matches,
}

/// Parses a predicate; the error is a clause for a message.
pub(super) fn parse(text: &str) -> Result<Expr, String> {
    let words = text.split(|c: char| c.is_whitespace() || c == '(').count();
    if text.len() > LENGTH || words > WORDS {
        return Err(format!("it is longer than {LENGTH} bytes or {WORDS} words; split it over several branches"));
    }
    let mut rest = text;
    let parsed = terminated(expr, (blank, eof)).parse_next(&mut rest);
    parsed.map_err(|_| {
        let at = text.len() - rest.len();
        let near: String = text[at..].chars().take(20).collect();
        format!("cannot read on at character {} (`{near}`)", text[..at].chars().count() + 1)
    })
}

fn blank(input: &mut &str) -> ModalResult<()> {
    let comment = preceded('#', take_till(0.., '\n')).void();
    (multispace0, repeat::<_, _, (), _, _>(0.., (comment, multispace0).void())).void().parse_next(input)
}

fn in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | ';')
}

fn word<'a>(keyword: &'static str) -> impl Parser<&'a str, (), winnow::error::ErrMode<winnow::error::ContextError>> {
    preceded(blank, terminated(Caseless(keyword), not(one_of(in_name)))).void()
}

fn symbol<'a>(mark: &'static str) -> impl Parser<&'a str, (), winnow::error::ErrMode<winnow::error::ContextError>> {
    preceded(blank, mark).void()
}

fn expr(input: &mut &str) -> ModalResult<Expr> {
    let left = term.parse_next(input)?;
    match opt(alt((word("and").value(true), word("or").value(false)))).parse_next(input)? {
        None => Ok(left),
        Some(both) => {
            let right = expr.parse_next(input)?;
            let (left, right) = (Box::new(left), Box::new(right));
            Ok(if both { Expr::And(left, right) } else { Expr::Or(left, right) })
        }
    }
}

fn term(input: &mut &str) -> ModalResult<Expr> {
    let negated = preceded(word("not"), term).map(|inner| Expr::Not(Box::new(inner)));
    let grouped = delimited(symbol("("), expr, symbol(")")).map(|inner| Expr::Group(Box::new(inner)));
    alt((negated, grouped, comparison)).parse_next(input)
}

fn comparison(input: &mut &str) -> ModalResult<Expr> {
    let left = operand.parse_next(input)?;
    match opt(op).parse_next(input)? {
        None => Ok(Expr::Truth(left)),
        Some(Op::Matches) => {
            let right = operand.verify_map(pattern).parse_next(input)?;
            Ok(Expr::Compare(left, Op::Matches, right))
        }
        Some(op) => Ok(Expr::Compare(left, op, operand.parse_next(input)?)),
    }
}

fn pattern(operand: Operand) -> Option<Operand> {
    match operand {
        Operand::Text(text) | Operand::Name(text) => regex(&text).map(Operand::Pattern),
        other @ (Operand::Pattern(_) | Operand::Number(_) | Operand::Truth(_) | Operand::Null | Operand::Undefined | Operand::Empty | Operand::Set(_)) => {
            Some(other)
        }
    }
}

/// A pattern in the dialect of Python's `re`, look-around and backreferences included. What it may try is bounded:
/// a pattern that takes longer does not match.
fn regex(text: &str) -> Option<Box<Regex>> {
    RegexBuilder::new(text).backtrack_limit(BACKTRACKS).build().ok().map(Box::new)
}

fn op(input: &mut &str) -> ModalResult<Op> {
    let symbols = alt((
        symbol("==").value(Op::Is),
        symbol("!=").value(Op::IsNot),
        symbol(">=").value(Op::MoreOrEqual),
        symbol("<=").value(Op::LessOrEqual),
        symbol("=").value(Op::Is),
        symbol(">").value(Op::More),
        symbol("<").value(Op::Less),
    ));
    let words =
        alt(((word("is"), word("not")).value(Op::IsNot), word("is").value(Op::Is), word("contains").value(Op::Contains), word("matches").value(Op::Matches)));
    alt((symbols, words)).parse_next(input)
}

fn operand(input: &mut &str) -> ModalResult<Operand> {
    let set = delimited(symbol("{"), repeat(0.., literal), symbol("}")).map(Operand::Set);
    let regex =
        preceded(blank, (delimited('/', take_till(1.., '/'), '/'), take_while(0.., ('i', 'm', 's', 'l', 'u')))).verify_map(|(body, flags): (&str, &str)| {
            let kept: String = flags.chars().filter(|flag| matches!(flag, 'i' | 'm' | 's')).collect();
            let text = if kept.is_empty() { body.to_owned() } else { format!("(?{kept}){body}") };
            regex(&text).map(Operand::Pattern)
        });
    alt((set, regex, literal)).parse_next(input)
}

fn literal(input: &mut &str) -> ModalResult<Operand> {
    let double = delimited('"', take_till(0.., '"'), '"');
    let single = delimited('\'', take_till(0.., '\''), '\'');
    let text = preceded(blank, alt((double, single))).map(|text: &str| Operand::Text(text.to_owned()));
    let digits = peek((opt(one_of(['+', '-'])), one_of('0'..='9')));
    let number = preceded(blank, terminated(preceded(digits, float), not(one_of(in_name)))).map(Operand::Number);
    alt((
        text,
        number,
        word("true").value(Operand::Truth(true)),
        word("false").value(Operand::Truth(false)),
        word("null").value(Operand::Null),
        word("undefined").value(Operand::Undefined),
        word("empty").value(Operand::Empty),
        name,
    ))
    .parse_next(input)
}

fn name(input: &mut &str) -> ModalResult<Operand> {
    const KEYWORDS: [&str; 6] = ["and", "or", "not", "is", "contains", "matches"];
    preceded(blank, take_while(1.., in_name))
        .verify(|name: &str| !KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(name)))
        .map(|name: &str| Operand::Name(name.to_owned()))
        .parse_next(input)
}

impl Expr {
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::And(left, right) | Self::Or(left, right) => [left.names(), right.names()].concat(),
            Self::Not(inner) | Self::Group(inner) => inner.names(),
            Self::Compare(left, _, right) => [left, right].into_iter().filter_map(Operand::name).collect(),
            Self::Truth(operand) => operand.name().into_iter().collect(),
        }
    }

    /// The texts of every pattern after `matches`.
    pub(super) fn patterns(&self) -> Vec<&str> {
        match self {
            Self::And(left, right) | Self::Or(left, right) => [left.patterns(), right.patterns()].concat(),
            Self::Not(inner) | Self::Group(inner) => inner.patterns(),
            Self::Compare(_, Op::Matches, Operand::Pattern(pattern)) => vec![pattern.as_str()],
            Self::Compare(..) | Self::Truth(_) => Vec::new(),
        }
    }

    pub(super) fn mixes(&self) -> bool {
        match self {
            Self::And(left, right) => left.mixes() || right.mixes() || matches!(**right, Self::Or(..)),
            Self::Or(left, right) => left.mixes() || right.mixes() || matches!(**right, Self::And(..)),
            Self::Not(inner) | Self::Group(inner) => inner.mixes(),
            Self::Compare(..) | Self::Truth(_) => false,
        }
    }

    /// What is known where the predicate holds (or, with `holds == false`, where it does not).
    pub(super) fn facts(&self, holds: bool) -> Vec<Fact> {
        match self {
            Self::Not(inner) => inner.facts(!holds),
            Self::Group(inner) => inner.facts(holds),
            Self::And(left, right) if holds => [left.facts(true), right.facts(true)].concat(),
            Self::Or(left, right) if !holds => [left.facts(false), right.facts(false)].concat(),
            Self::And(left, right) | Self::Or(left, right) => {
                let right = right.facts(holds);
                left.facts(holds).into_iter().filter(|fact| right.contains(fact)).collect()
            }
            Self::Compare(Operand::Name(name), op, Operand::Text(text)) if name == "context.outcome" && text == "done" => {
                if (*op == Op::Is && holds) || (*op == Op::IsNot && !holds) { vec![Fact::Done] } else { Vec::new() }
            }
            Self::Compare(Operand::Name(name), op, Operand::Truth(yes)) => {
                if *yes && ((*op == Op::Is && holds) || (*op == Op::IsNot && !holds)) {
                    Fact::yes(name)
                } else {
                    Vec::new()
                }
            }
            Self::Truth(Operand::Name(name)) if holds => Fact::yes(name),
            Self::Compare(..) | Self::Truth(_) => Vec::new(),
        }
    }
}

/// Something a branch proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The action before the branch ended `done`.
    Done,
    /// This slot is true.
    Yes(String),
}

impl Fact {
    fn yes(name: &str) -> Vec<Self> {
        name.strip_prefix("slots.").map(|slot| Self::Yes(slot.to_owned())).into_iter().collect()
    }
}

impl Operand {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Text(_) | Self::Number(_) | Self::Truth(_) | Self::Null | Self::Undefined | Self::Empty | Self::Pattern(_) | Self::Set(_) => None,
        }
    }
}
