//! Whether what a predicate compares can be compared, known from the types of slots.
//!
//! Lives here: which pairs can never be ordered (errors) and which can never be equal (warnings).
//! Never here: values, where a predicate stands.

use super::parse::{Expr, Op, Operand};
use crate::project::SlotKind;
use crate::yaml::Severity;

/// What is known of the names a predicate looks up.
pub trait Types {
    /// The slot of this name; `None` when the domain has none.
    fn slot(&self, name: &str) -> Option<SlotType<'_>>;
    /// Whether the frame has this context key.
    fn has_context(&self, key: &str) -> bool;
}

/// A slot as a predicate sees it.
#[derive(Clone, Copy, Debug)]
pub struct SlotType<'a> {
    /// What it holds.
    pub kind: &'a SlotKind,
    /// Whether it is `null` before anybody sets it.
    pub null_when_unset: bool,
}

/// One thing wrong or doubtful about a predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// An error when the comparison is a type error for every value.
    pub severity: Severity,
    /// What is wrong and what to write.
    pub message: String,
}

impl Doubt {
    pub(super) fn error(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into() }
    }

    fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, message: message.into() }
    }
}

/// `/…/i` that stands in quotes, where its slashes are letters like others.
pub(super) fn is_quoted_literal(pattern: &str) -> bool {
    let flags = pattern.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')).map(|(_, flags)| flags);
    flags.is_some_and(|flags| flags.chars().all(|flag| "imslu".contains(flag)))
}

pub(super) fn doubts(expr: &Expr, types: &dyn Types) -> Vec<Doubt> {
    let mut found = Vec::new();
    walk(expr, types, &mut found);
    found
}

fn walk(expr: &Expr, types: &dyn Types, found: &mut Vec<Doubt>) {
    match expr {
        Expr::And(left, right) | Expr::Or(left, right) => {
            walk(left, types, found);
            walk(right, types, found);
        }
        Expr::Not(inner) | Expr::Group(inner) => walk(inner, types, found),
        Expr::Truth(operand) => found.extend(name(operand, types)),
        Expr::Compare(left, op, right) => {
            let names: Vec<Doubt> = [left, right].into_iter().flat_map(|operand| name(operand, types)).collect();
            if names.is_empty() {
                found.extend(compare(&side(left, types), *op, &side(right, types)));
            }
            found.extend(names);
        }
    }
}

/// What is wrong with a name, or with the names of a set.
fn name(operand: &Operand, types: &dyn Types) -> Vec<Doubt> {
    let written = match operand {
        Operand::Name(written) => written,
        Operand::Set(items) => return items.iter().flat_map(|item| name(item, types)).collect(),
        Operand::Text(_) | Operand::Number(_) | Operand::Truth(_) | Operand::Null | Operand::Undefined | Operand::Empty | Operand::Pattern(_) => {
            return Vec::new();
        }
    };
    let mut parts = written.split('.');
    let doubt = match (parts.next(), parts.next()) {
        (Some("slots"), Some("dialogue_stack")) => Some(Doubt::error("`slots.dialogue_stack` is the engine's own and forbidden in flows; use `context.…`")),
        (Some("slots"), Some(slot)) if types.slot(slot).is_none() => {
            Some(Doubt::error(format!("the slot `{slot}` is declared in no domain; add it under `slots:` or fix the spelling")))
        }
        (Some("slots"), Some(_)) => None,
        (Some("context"), Some(key)) if !types.has_context(key) => {
            Some(Doubt::warning(format!("the context of this flow has no `{key}`; the name is undefined here")))
        }
        (Some("context"), Some(_)) => None,
        (Some(word), None) if word.eq_ignore_ascii_case("none") => {
            Some(Doubt::warning(format!("`{word}` is an undefined word, so `is not {word}` holds for every value; write `null`")))
        }
        (Some(word), None) if types.slot(word).is_some() => Some(Doubt::error(format!("`{word}` needs its namespace; write `slots.{word}`"))),
        _ => Some(Doubt::error(format!("`{written}` is neither `slots.…` nor `context.…`; put text in quotes"))),
    };
    doubt.into_iter().collect()
}

/// One side of a comparison, with what is known of it.
enum Side<'a> {
    Slot(&'a str, SlotType<'a>),
    Text(&'a str),
    Number(f64),
    Truth(bool),
    Null,
    Undefined,
    Empty,
    Pattern,
    Set,
    /// A context key, an inner key of a slot, `none`.
    Unknown,
}

fn side<'a>(operand: &'a Operand, types: &'a dyn Types) -> Side<'a> {
    match operand {
        Operand::Name(name) => match name.strip_prefix("slots.").filter(|slot| !slot.contains('.')) {
            Some(slot) => types.slot(slot).map_or(Side::Unknown, |kind| Side::Slot(slot, kind)),
            None => Side::Unknown,
        },
        Operand::Text(text) => Side::Text(text),
        Operand::Number(number) => Side::Number(*number),
        Operand::Truth(yes) => Side::Truth(*yes),
        Operand::Null => Side::Null,
        Operand::Undefined => Side::Undefined,
        Operand::Empty => Side::Empty,
        Operand::Pattern(_) => Side::Pattern,
        Operand::Set(_) => Side::Set,
    }
}

/// What a side can be compared with; booleans are numbers, as in Python.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Number,
    Text,
    /// A list, `null`, a set: has no order.
    Other,
    /// Known only when it is evaluated.
    Unknown,
}

impl Side<'_> {
    fn family(&self) -> Family {
        match self {
            Self::Number(_) | Self::Truth(_) => Family::Number,
            Self::Text(_) => Family::Text,
            Self::Slot(_, slot) => match slot.kind {
                SlotKind::Text | SlotKind::Categorical(_) => Family::Text,
                SlotKind::Bool | SlotKind::Float => Family::Number,
                SlotKind::List => Family::Other,
                SlotKind::Any => Family::Unknown,
            },
            Self::Null | Self::Set | Self::Pattern => Family::Other,
            Self::Undefined | Self::Empty | Self::Unknown => Family::Unknown,
        }
    }

    fn described(&self) -> String {
        match self {
            Self::Slot(name, slot) => format!("the {} slot `{name}`", kind_name(slot.kind)),
            Self::Text(text) => format!("the text \"{text}\""),
            Self::Number(number) => format!("the number {number}"),
            Self::Truth(yes) => format!("`{yes}`"),
            Self::Null => "`null`".into(),
            Self::Undefined => "`undefined`".into(),
            Self::Empty => "`empty`".into(),
            Self::Pattern => "a pattern".into(),
            Self::Set => "a set".into(),
            Self::Unknown => "a name".into(),
        }
    }
}

fn kind_name(kind: &SlotKind) -> &'static str {
    match kind {
        SlotKind::Text => "text",
        SlotKind::Bool => "bool",
        SlotKind::Categorical(_) => "categorical",
        SlotKind::Float => "float",
        SlotKind::Any => "any",
        SlotKind::List => "list",
    }
}

fn compare(left: &Side<'_>, op: Op, right: &Side<'_>) -> Option<Doubt> {
    match op {
        Op::Less | Op::LessOrEqual | Op::More | Op::MoreOrEqual => order(left, right),
        Op::Is | Op::IsNot => equal(left, right).or_else(|| equal(right, left)),
        Op::Contains => contains(left),
        Op::Matches => matches(left),
    }
}

fn order(left: &Side<'_>, right: &Side<'_>) -> Option<Doubt> {
    let without = |side: &Side<'_>| Doubt::error(format!("{} has no order; `<` and `>` take numbers or texts", side.described()));
    match (left.family(), right.family()) {
        (Family::Other, _) => Some(without(left)),
        (_, Family::Other) => Some(without(right)),
        (Family::Number, Family::Text) | (Family::Text, Family::Number) => Some(Doubt::error(format!(
            "{} cannot be ordered against {}; compare numbers with numbers, or change the slot's type",
            left.described(),
            right.described()
        ))),
        (Family::Number, Family::Number) | (Family::Text, Family::Text) | (Family::Unknown, _) | (_, Family::Unknown) => None,
    }
}

/// Warns of a pair that is never equal, with `one` the slot.
fn equal(one: &Side<'_>, other: &Side<'_>) -> Option<Doubt> {
    let Side::Slot(name, slot) = one else { return None };
    let never = |hint: String| Some(Doubt::warning(format!("{} never equals {}; {hint}", one.described(), other.described())));
    match (slot.kind, other) {
        (_, Side::Empty) if slot.null_when_unset => {
            Some(Doubt::warning(format!("`{name}` is `null` until it is set, and `is empty` does not hold for `null`; write `slots.{name} is null`")))
        }
        (SlotKind::Bool | SlotKind::Float, Side::Empty) => never(format!("write `slots.{name} is null`")),
        (_, Side::Undefined) => never(format!("a declared slot is `null` when it is not set: `slots.{name} is null`")),
        (SlotKind::Categorical(values), Side::Text(text)) if !values.iter().any(|value| value == text) && *text != "__other__" => {
            let near = values.iter().find(|value| value.to_lowercase() == text.to_lowercase());
            never(near.map_or_else(|| format!("its values are {}", values.join(", ")), |near| format!("its value is spelled \"{near}\"")))
        }
        (SlotKind::Bool, Side::Text(_)) => never("write `true` or `false` without quotes".into()),
        (SlotKind::Bool, Side::Number(number)) if *number != 0.0 && *number != 1.0 => never("write `true` or `false`".into()),
        (SlotKind::Float, Side::Text(text)) => never(match text.trim().parse::<f64>() {
            Ok(number) => format!("write {number} without quotes"),
            Err(_) => "a float holds numbers only".into(),
        }),
        (SlotKind::Text | SlotKind::Categorical(_), Side::Number(number)) => never(format!("put \"{number}\" in quotes")),
        (SlotKind::Text | SlotKind::Categorical(_), Side::Truth(yes)) => never(format!("put \"{yes}\" in quotes, or make the slot `bool`")),
        (SlotKind::List, Side::Text(_) | Side::Number(_) | Side::Truth(_)) => never("use `contains`".into()),
        (_, Side::Slot(_, _)) if apart(one.family(), other.family()) => never("their types differ".into()),
        _ => None,
    }
}

fn apart(one: Family, other: Family) -> bool {
    one != other && one != Family::Unknown && other != Family::Unknown
}

fn contains(left: &Side<'_>) -> Option<Doubt> {
    (left.family() == Family::Number || matches!(left, Side::Null))
        .then(|| Doubt::warning(format!("{} contains nothing; `contains` looks into texts, lists and sets", left.described())))
}

fn matches(left: &Side<'_>) -> Option<Doubt> {
    matches!(left.family(), Family::Number | Family::Other)
        .then(|| Doubt::warning(format!("{} matches no pattern; `matches` looks into texts only", left.described())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Condition;

    struct Domain(Vec<(&'static str, SlotKind)>);

    impl Types for Domain {
        fn slot(&self, name: &str) -> Option<SlotType<'_>> {
            let (_, kind) = self.0.iter().find(|(known, _)| *known == name)?;
            Some(SlotType { kind, null_when_unset: true })
        }
        fn has_context(&self, key: &str) -> bool {
            key == "reason"
        }
    }

    /// The first word of what is said of a predicate: `error`, `warning`, or nothing.
    #[track_caller]
    fn check(text: &str, severity: &str, part: &str) {
        let domain = Domain(vec![
            ("name", SlotKind::Text),
            ("amount", SlotKind::Float),
            ("agreed", SlotKind::Bool),
            ("kind", SlotKind::Categorical(vec!["debit".into(), "credit".into()])),
            ("cards", SlotKind::List),
            ("found", SlotKind::Any),
        ]);
        let condition = Condition::parse(text).unwrap();
        let said: Vec<String> = condition.doubts(&domain).iter().map(|doubt| format!("{:?} {}", doubt.severity, doubt.message).to_lowercase()).collect();
        if severity.is_empty() {
            assert_eq!(said, Vec::<String>::new(), "{text}");
        } else {
            assert_eq!(said.len(), 1, "{text}: {said:?}");
            assert!(said[0].starts_with(severity) && said[0].contains(part), "{text}: {said:?}");
        }
    }

    #[test]
    fn what_can_be_compared_is_compared_in_silence() {
        for text in [
            "slots.amount > 3",
            "slots.name < \"b\"",
            "slots.kind = \"debit\"",
            "slots.agreed",
            "not slots.name",
            "slots.agreed is true and slots.amount >= 0.5",
            "slots.found > 3 or slots.found is \"x\"",
            "slots.found.key = 'v'",
            "slots.cards contains \"1\"",
            "{\"a\" \"b\"} contains slots.name",
            "context.reason is \"x\"",
            "slots.name is null",
            "slots.name matches /^a/i",
            "slots.agreed = 1",
            "slots.amount < slots.found",
            "slots.{{context.collect}} is null",
            "true",
        ] {
            check(text, "", "");
        }
    }

    #[test]
    fn an_order_that_no_value_has_is_an_error() {
        check("slots.name > 17", "error", "cannot be ordered against the number 17");
        check("slots.amount < \"20\"", "error", "cannot be ordered");
        check("slots.amount > null", "error", "`null` has no order");
        check("slots.cards > 2", "error", "list slot `cards` has no order");
        check("slots.amount > slots.kind", "error", "categorical slot `kind`");
    }

    #[test]
    fn names_without_a_home_are_errors_with_a_hint() {
        check("amount > 3", "error", "write `slots.amount`");
        check("slots.amuont > 3", "error", "declared in no domain");
        check("slots.name = yes", "error", "put text in quotes");
        check("slots.dialogue_stack is null", "error", "forbidden");
        check("slots.{{ context.x is null", "error", "template");
    }

    #[test]
    fn what_never_holds_is_a_warning() {
        check("slots.name is not none", "warning", "write `null`");
        check("slots.name is empty", "warning", "write `slots.name is null`");
        check("slots.amount = \"5\"", "warning", "write 5 without quotes");
        check("slots.kind = \"Debit\"", "warning", "spelled \"debit\"");
        check("\"savings\" = slots.kind", "warning", "its values are debit, credit");
        check("slots.agreed is \"true\"", "warning", "without quotes");
        check("slots.name = 5", "warning", "in quotes");
        check("slots.name is undefined", "warning", "is null");
        check("slots.cards = \"x\"", "warning", "contains");
        check("slots.amount contains \"1\"", "warning", "contains nothing");
        check("slots.amount matches \"1\"", "warning", "matches no pattern");
        check("slots.amount = slots.name", "warning", "types differ");
        check("context.colour is \"x\"", "warning", "undefined here");
    }

    #[test]
    fn a_literal_in_quotes_and_mixed_words_are_quirks() {
        let quirks = |text: &str| Condition::parse(text).unwrap().quirks();
        assert!(quirks("slots.name matches \"/abc/i\"")[0].contains("without quotes"));
        assert!(quirks("slots.name matches /abc/i").is_empty());
        assert!(quirks("true and false or true")[0].contains("parentheses"));
    }
}
