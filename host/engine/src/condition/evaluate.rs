//! What a predicate is worth, row by row as pypred answers (`rasa-calm.md` §1.7).
//!
//! Lives here: comparison, truth and membership over values.
//! Never here: syntax.

use super::parse::{Expr, Op, Operand};
use serde_json::Value as Json;
use std::cmp::Ordering;

/// Where a predicate finds its names.
pub trait Scope {
    /// The value of a slot, `null` when it is empty; `None` when there is no such slot.
    fn slot(&self, name: &str) -> Option<Json>;
    /// The context of the frame whose step is being evaluated.
    fn context(&self) -> &Json;
}

/// Two values that cannot be compared, or a pattern that tries too long: a condition that meets one is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the values cannot be compared")]
pub struct TypeError;

/// A value, or nothing at all: pypred tells `undefined` from `null`.
type Found = Option<Json>;

impl Expr {
    pub(super) fn evaluate(&self, scope: &dyn Scope) -> Result<bool, TypeError> {
        match self {
            Self::And(left, right) => Ok(left.evaluate(scope)? && right.evaluate(scope)?),
            Self::Or(left, right) => Ok(left.evaluate(scope)? || right.evaluate(scope)?),
            Self::Not(inner) => Ok(!inner.evaluate(scope)?),
            Self::Group(inner) => inner.evaluate(scope),
            Self::Truth(operand) => Ok(truth(&find(operand, scope))),
            Self::Compare(left, op, right) => compare(left, *op, right, scope),
        }
    }
}

fn compare(left: &Operand, op: Op, right: &Operand, scope: &dyn Scope) -> Result<bool, TypeError> {
    match op {
        Op::Is => Ok(same(left, right, scope)),
        Op::IsNot => Ok(!same(left, right, scope)),
        Op::Contains => Ok(contains(left, right, scope)),
        Op::Matches => match (find(left, scope), right) {
            (Some(Json::String(text)), Operand::Pattern(pattern)) => pattern.is_match(&text).map_err(|_| TypeError),
            _ => Ok(false),
        },
        Op::Less | Op::LessOrEqual | Op::More | Op::MoreOrEqual => {
            let (Some(left), Some(right)) = (find(left, scope), find(right, scope)) else { return Ok(false) };
            let order = order(&left, &right)?;
            Ok(match op {
                Op::Less => order == Ordering::Less,
                Op::LessOrEqual => order != Ordering::Greater,
                Op::More => order == Ordering::Greater,
                Op::MoreOrEqual => order != Ordering::Less,
                Op::Is | Op::IsNot | Op::Contains | Op::Matches => false,
            })
        }
    }
}

fn order(left: &Json, right: &Json) -> Result<Ordering, TypeError> {
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return left.partial_cmp(&right).ok_or(TypeError);
    }
    if let (Json::String(left), Json::String(right)) = (left, right) {
        return Ok(left.cmp(right));
    }
    Err(TypeError)
}

fn same(left: &Operand, right: &Operand, scope: &dyn Scope) -> bool {
    if let Operand::Empty = right {
        return is_empty(&find(left, scope));
    }
    match (find(left, scope), find(right, scope)) {
        (None, None) => true,
        (Some(left), Some(right)) => match (number(&left), number(&right)) {
            (Some(left), Some(right)) => (left - right).abs() < f64::EPSILON,
            _ => left == right,
        },
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn is_empty(found: &Found) -> bool {
    match found {
        None => true,
        Some(Json::String(text)) => text.is_empty(),
        Some(Json::Array(items)) => items.is_empty(),
        Some(Json::Object(map)) => map.is_empty(),
        Some(Json::Null | Json::Bool(_) | Json::Number(_)) => false,
    }
}

fn contains(left: &Operand, right: &Operand, scope: &dyn Scope) -> bool {
    if let Operand::Set(members) = left {
        return members.iter().any(|member| same(member, right, scope));
    }
    match (find(left, scope), find(right, scope)) {
        (Some(Json::String(text)), Some(Json::String(part))) => text.contains(&part),
        (Some(Json::Array(items)), Some(item)) => items.contains(&item),
        (Some(Json::Object(map)), Some(Json::String(key))) => map.contains_key(&key),
        _ => false,
    }
}

fn find(operand: &Operand, scope: &dyn Scope) -> Found {
    match operand {
        Operand::Text(text) => Some(Json::String(text.clone())),
        Operand::Number(number) => Some(Json::from(*number)),
        Operand::Truth(yes) => Some(Json::Bool(*yes)),
        Operand::Null => Some(Json::Null),
        Operand::Undefined | Operand::Empty | Operand::Pattern(_) => None,
        Operand::Set(items) => items.iter().map(|item| find(item, scope)).collect::<Option<Vec<_>>>().map(Json::Array),
        Operand::Name(name) => {
            let mut parts = name.split('.');
            let mut value = match (parts.next(), parts.next()) {
                (Some("slots"), Some(slot)) => scope.slot(slot)?,
                (Some("context"), Some(key)) => scope.context().get(key)?.clone(),
                _ => return None,
            };
            for part in parts {
                value = value.get(part)?.clone();
            }
            Some(value)
        }
    }
}

fn truth(found: &Found) -> bool {
    match found {
        None | Some(Json::Null) => false,
        Some(Json::Bool(yes)) => *yes,
        Some(Json::Number(number)) => number.as_f64().is_some_and(|number| number != 0.0),
        Some(Json::String(text)) => !text.is_empty(),
        Some(Json::Array(items)) => !items.is_empty(),
        Some(Json::Object(map)) => !map.is_empty(),
    }
}

/// Booleans are numbers, as in Python.
fn number(value: &Json) -> Option<f64> {
    match value {
        Json::Bool(yes) => Some(f64::from(u8::from(*yes))),
        Json::Number(number) => number.as_f64(),
        Json::Null | Json::String(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Condition;
    use serde_json::json;

    struct Slots(Json, Json);
    impl Scope for Slots {
        fn slot(&self, name: &str) -> Option<Json> {
            self.0.get(name).cloned()
        }
        fn context(&self) -> &Json {
            &self.1
        }
    }

    /// `!` in front of the expected value: a type error that counts as false.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let slots = json!({"a": 5.0, "s": "abc", "n": null, "t": true, "f": false, "e": "", "z": 0.0, "l": ["x", "y"], "any": {"key": "v"}, "x-y": 1.0});
        let scope = Slots(slots, json!({"collect": "n", "reason": "x"}));
        let got = match Condition::parse(text).unwrap().evaluate(&scope) {
            Ok(yes) => yes.to_string(),
            Err(TypeError) => "type error".to_owned(),
        };
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn every_row_of_the_reference_holds() {
        for (text, expected) in [
            ("slots.n > 3", "type error"),
            ("slots.s > 17", "type error"),
            ("slots.n > 3 or slots.t", "type error"),
            ("slots.a = 5 or slots.n > 3", "true"),
            ("slots.missing > 3", "false"),
            ("slots.missing != \"x\"", "true"),
            ("slots.n != \"x\"", "true"),
            ("slots.missing = undefined", "true"),
            ("slots.missing is empty", "true"),
            ("slots.missing is null", "false"),
            ("slots.n is null", "true"),
            ("not slots.n", "true"),
            ("slots.n is empty", "false"),
            ("slots.e is empty", "true"),
            ("slots.e is null", "false"),
            ("slots.n is false", "false"),
            ("slots.n = \"\"", "false"),
            ("slots.n is not none", "true"),
            ("slots.a is not none", "true"),
            ("slots.t = 1", "true"),
            ("slots.t = \"true\"", "false"),
            ("slots.a = \"5\"", "false"),
            ("\"18\" = 18", "false"),
            ("slots.s = abc", "false"),
            ("slots.f", "false"),
            ("0", "false"),
            ("\"\"", "false"),
            ("null", "false"),
            ("slots.s contains \"b\"", "true"),
            ("slots.s contains \"B\"", "false"),
            ("slots.l contains \"x\"", "true"),
            ("{\"abc\" \"y\"} contains slots.s", "true"),
            ("slots.n contains \"b\"", "false"),
            ("slots.s matches \"B\"", "false"),
            ("slots.s matches \"(?i)B\"", "true"),
            ("slots.s matches /B/i", "true"),
            ("slots.s matches \"/B/i\"", "false"),
            ("slots.s matches \"^ab$\"", "false"),
            ("slots.s matches \"^abc$\"", "true"),
            ("slots.a matches \"5\"", "false"),
            ("slots.s matches abc", "true"),
            ("slots.s < \"b\"", "true"),
            ("slots.a = -5", "false"),
            ("slots.a = 05", "true"),
            ("slots.a = 5.0", "true"),
            ("True", "true"),
            ("False", "false"),
            ("false and true or true", "false"),
            ("(false and true) or true", "true"),
            ("not slots.a = 6", "true"),
            ("slots.any.key = 'v'", "true"),
            ("slots.x-y = 1", "true"),
            ("slots.{{context.collect}} is null", "true"),
            ("'{{context.reason}}' = 'x'", "true"),
            ("context.reason is \"x\"", "true"),
            ("slots.a >= 5 # a comment", "true"),
            ("SLOTS.a = 5", "false"),
            ("slots.a = 5 AND slots.t", "true"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn what_is_not_in_the_language_names_the_place() {
        for text in ["slots.a in [1]", "slots.a &&", "!slots.a", "slots.a = ", "(slots.a", "slots.s matches \"(\"", "\"a"] {
            let said = Condition::parse(text).unwrap_err().to_string();
            assert!(said.contains("cannot read on at character"), "{said}");
        }
        assert!(Condition::parse(&"(".repeat(4000)).is_err());
    }

    #[test]
    fn mixing_and_with_or_is_told_from_grouping() {
        assert!(Condition::parse("slots.a and slots.b or slots.c").unwrap().mixes_and_with_or());
        assert!(!Condition::parse("(slots.a and slots.b) or slots.c").unwrap().mixes_and_with_or());
    }

    #[test]
    fn a_branch_proves_that_the_action_is_done_and_that_the_caller_agreed() {
        use crate::condition::Fact;
        let facts = |text: &str, holds| Condition::parse(text).unwrap().facts(holds);
        assert_eq!(facts("context.outcome = \"done\"", true), [Fact::Done]);
        assert_eq!(facts("context.outcome = \"done\"", false), []);
        assert_eq!(facts("context.outcome is not \"done\"", false), [Fact::Done]);
        assert_eq!(facts("slots.yes and slots.a > 1", true), [Fact::Yes("yes".into())]);
        assert_eq!(facts("slots.yes or slots.a > 1", true), []);
        assert_eq!(facts("not slots.yes", false), [Fact::Yes("yes".into())]);
        assert_eq!(facts("slots.yes is true", true), [Fact::Yes("yes".into())]);
        assert_eq!(facts("slots.yes is not true", false), [Fact::Yes("yes".into())]);
        for no_proof in ["not slots.yes", "slots.yes is false", "slots.yes is not true", "context.outcome is not \"done\"", "slots.yes is not false"] {
            assert_eq!(facts(no_proof, true), [], "{no_proof}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_the_parser(text in "[a-z0-9 ()\"'.=<>!{}/#{}é-]{0,80}") {
            if let Ok(condition) = Condition::parse(&text) {
                condition.holds(&Slots(json!({}), json!({})));
            }
        }
    }
}
