//! The difference between two releases, as a reviewer reads it.
//!
//! Lives here: what each change is, which way it goes, how it is said.
//! Never here: what is compared (`surface.rs`).

use super::Package;
use super::surface::{Fact, RULED, Surface, Weight};
use similar::{ChangeTag, TextDiff};
use std::fmt;

/// Which way a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Something may do more, or a rule is another one.
    Widened,
    /// Something may do less.
    Narrowed,
    /// Neither.
    Changed,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Widened => "widened",
            Self::Narrowed => "narrowed",
            Self::Changed => "changed",
        })
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which way it goes.
    pub way: Way,
    /// What, and from what to what.
    pub what: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<9} {}", self.way, self.what)
    }
}

/// Every change, what widens first, and a thing before what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference(pub Vec<Change>);

impl Difference {
    /// What is different in `new`; without an `old` everything in it is new.
    pub fn between(old: Option<&Package>, new: &Package) -> Self {
        let none = Package::default();
        let old = old.unwrap_or(&none);
        let (before, after) = (Surface::of(old), Surface::of(new));
        let paths: std::collections::BTreeSet<&String> = before.0.keys().chain(after.0.keys()).collect();
        let mut changes = Vec::new();
        for path in paths {
            let change = match (before.0.get(path), after.0.get(path)) {
                (Some(one), Some(other)) if one == other => continue,
                (Some(one), Some(other)) => Change { way: way(one, other), what: said(path, one, other, old, new) },
                (None, Some(fact)) => Change { way: added(fact), what: format!("+ {path}{}", value(fact)) },
                (Some(fact), None) => Change { way: removed(path, fact, &after), what: format!("- {path}{}", value(fact)) },
                (None, None) => continue,
            };
            changes.push(change);
        }
        changes.sort_by_key(|change| change.way);
        Self(changes)
    }

    /// Whether anything may do more than before.
    pub fn widens(&self) -> bool {
        self.0.iter().any(|change| change.way == Way::Widened)
    }

    /// The changes as lines.
    pub fn lines(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    /// What changed in one sentence.
    pub fn summary(&self) -> String {
        let count = |way| self.0.iter().filter(|change| change.way == way).count();
        match (count(Way::Widened), count(Way::Narrowed), count(Way::Changed)) {
            (0, 0, 0) => "nothing is different".to_owned(),
            (0, 0, changed) => format!("nothing may do more or less than before; {changed} changed"),
            (0, narrowed, changed) => format!("nothing may do more than before; {narrowed} narrowed, {changed} changed"),
            (widened, narrowed, changed) => format!("{widened} WIDENED, {narrowed} narrowed, {changed} changed"),
        }
    }
}

fn way(one: &Fact, other: &Fact) -> Way {
    match (one.weight, other.weight) {
        (Weight::Number(before), Weight::Number(after)) if after > before => Way::Widened,
        (Weight::Number(before), Weight::Number(after)) if after < before => Way::Narrowed,
        (Weight::Note, Weight::Note) | (Weight::Number(_), Weight::Number(_)) => Way::Changed,
        _ => Way::Widened,
    }
}

fn added(fact: &Fact) -> Way {
    match fact.weight {
        Weight::Note => Way::Changed,
        // A limit that was not written had its default, which may have been less.
        Weight::Grant | Weight::Number(_) | Weight::Rule => Way::Widened,
    }
}

/// What is gone: a grant is less, a rule may have been what held something back, unless what it ruled is gone too.
fn removed(path: &str, fact: &Fact, after: &Surface) -> Way {
    let entry = path.rsplit_once('.').is_some_and(|(entry, _)| after.0.contains_key(entry));
    let limited = path.split_once(".limits.").is_some_and(|(owner, _)| after.0.keys().any(|key| key.starts_with(owner)));
    let class = ["slot ", "reviewers", "authors", "config.yml"].iter().chain(&RULED).any(|begins| path.starts_with(begins));
    match fact.weight {
        Weight::Note => Way::Changed,
        Weight::Grant => Way::Narrowed,
        Weight::Number(_) | Weight::Rule if entry || limited || class || !path.contains('.') => Way::Widened,
        Weight::Number(_) | Weight::Rule => Way::Narrowed,
    }
}

fn value(fact: &Fact) -> String {
    if fact.text.is_empty() { String::new() } else { format!(": {}", fact.text) }
}

fn said(path: &str, one: &Fact, other: &Fact, old: &Package, new: &Package) -> String {
    if let Some(name) = path.strip_prefix("file ")
        && let (Some(before), Some(after)) = (old.files.get(name), new.files.get(name))
    {
        let lines = TextDiff::from_lines(before.as_str(), after.as_str());
        let count = |tag| lines.iter_all_changes().filter(|change| change.tag() == tag).count();
        return format!("{path}: {} lines added, {} taken out", count(ChangeTag::Insert), count(ChangeTag::Delete));
    }
    format!("{path}: {} → {}", one.text, other.text)
}

#[cfg(test)]
mod tests;
