//! Conditions as flow files write them: pypred's language, read and evaluated as pypred does.
//!
//! Lives here: the type a flow holds, and what a predicate with a template in it means.
//! Never here: where names come from (a [`Scope`] does that).

mod evaluate;
mod parse;
mod typing;

pub use evaluate::{Scope, TypeError};
pub use parse::Fact;
pub use typing::{Doubt, SlotType, Types};

use crate::template;
use crate::yaml::At;
use parse::Expr;

/// A predicate, parsed when the project loads. One with `{{…}}` in it is rendered with the frame's
/// context first and parsed then, as Rasa does.
#[derive(Clone, Debug)]
pub struct Condition {
    text: String,
    parsed: Option<Expr>,
    at: At,
}

/// A predicate that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a condition: {why}")]
pub struct BadCondition {
    text: String,
    why: String,
}

impl Condition {
    /// Parses a predicate.
    ///
    /// # Errors
    /// [`BadCondition`] with the place in the text where reading stopped.
    pub fn parse(text: &str) -> Result<Self, BadCondition> {
        let parsed = if template::is_jinja(text) { None } else { Some(Self::expression(text)?) };
        Ok(Self { text: text.to_owned(), parsed, at: At::default() })
    }

    /// The same predicate, written at `at` of its file.
    #[must_use]
    pub fn placed(self, at: At) -> Self {
        Self { at, ..self }
    }

    /// Where the predicate is written; zeros when nobody said so.
    pub fn at(&self) -> At {
        self.at
    }

    /// The predicate as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every name the predicate looks up (`slots.a`, `context.reason`); none for a templated one.
    pub fn names(&self) -> Vec<&str> {
        self.parsed.as_ref().map(Expr::names).unwrap_or_default()
    }

    /// What surprises in the predicate whatever its names hold, each a sentence for a warning.
    pub fn quirks(&self) -> Vec<String> {
        let mut quirks = Vec::new();
        if self.mixes_and_with_or() {
            quirks.push("`and` and `or` bind alike here, from the right; put parentheses round what belongs together".to_owned());
        }
        let patterns = self.parsed.as_ref().map(Expr::patterns).unwrap_or_default();
        for pattern in patterns.into_iter().filter(|pattern| typing::is_quoted_literal(pattern)) {
            quirks.push(format!("`\"{pattern}\"` looks for the slashes themselves; write `{pattern}` without quotes, or `(?i)` in front for any case"));
        }
        quirks
    }

    /// What is wrong or doubtful about what the predicate compares, given the types of its names.
    pub fn doubts(&self, types: &dyn Types) -> Vec<Doubt> {
        match &self.parsed {
            Some(expr) => typing::doubts(expr, types),
            None => template::Template::jinja(&self.text).err().map(|error| Doubt::error(error.to_string())).into_iter().collect(),
        }
    }

    /// Whether `and` and `or` stand side by side without parentheses, where pypred's reading
    /// surprises: both bind alike, from the right.
    pub fn mixes_and_with_or(&self) -> bool {
        self.parsed.as_ref().is_some_and(Expr::mixes)
    }

    /// What is known where this condition holds or, with `holds == false`, where it does not.
    pub fn facts(&self, holds: bool) -> Vec<Fact> {
        self.parsed.as_ref().map(|expr| expr.facts(holds)).unwrap_or_default()
    }

    /// Whether the predicate holds. A type error counts as false, as in Rasa.
    pub fn holds(&self, scope: &dyn Scope) -> bool {
        self.evaluate(scope).unwrap_or(false)
    }

    /// The value of the predicate.
    ///
    /// # Errors
    /// [`TypeError`] when two values cannot be compared, or a templated text renders to no predicate.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<bool, TypeError> {
        if let Some(expr) = &self.parsed {
            return expr.evaluate(scope);
        }
        let text = template::jinja(&self.text, scope.context()).map_err(|_| TypeError)?;
        Self::expression(&text).map_err(|_| TypeError)?.evaluate(scope)
    }

    fn expression(text: &str) -> Result<Expr, BadCondition> {
        parse::parse(text).map_err(|why| BadCondition { text: text.to_owned(), why })
    }
}
