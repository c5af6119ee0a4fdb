//! Reading a file in which every unknown key is a mistake.

use super::class::Class;
use centralita_engine::yaml::{At, Findings, Kind, Node};

/// Names with letters, digits, `-`, `_`, `.`.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Notes every key that is not known, as an error.
pub(crate) fn only(node: &Node, what: &str, known: &[&str], findings: &mut Findings<'_>) {
    if !matches!(node.kind, Kind::Map(_) | Kind::Null) {
        findings.error(node.at, format!("{what} must be a mapping, not {}", node.name()));
    }
    for (key, _) in node.pairs() {
        if !known.contains(&key.text.as_str()) {
            findings.error(key.at, format!("{what} has no key `{}`; known are {}", key.text, known.join(", ")));
        }
    }
}

/// The value of a key that must be there.
pub(crate) fn needed<'a>(node: &'a Node, what: &str, key: &str, findings: &mut Findings<'_>) -> Option<&'a Node> {
    let found = node.get(key);
    if found.is_none() {
        findings.error(node.at, format!("{what} needs `{key}`"));
    }
    found
}

/// The texts of a list with their places. `name: reason` pairs are a list with reasons, one text a list of one.
pub(super) fn listed(list: &Node) -> Vec<(At, String)> {
    match &list.kind {
        Kind::Map(pairs) => pairs.iter().map(|(key, _)| (key.at, key.text.clone())).collect(),
        Kind::List(items) => items.iter().filter_map(|item| Some((item.at, item.scalar()?))).collect(),
        Kind::Null | Kind::Bool(_) | Kind::Number(..) | Kind::Text(_) => list.scalar().map(|text| (list.at, text)).into_iter().collect(),
    }
}

/// The names of a list under a key; none if it is missing.
pub(super) fn names(node: &Node, key: &str, findings: &mut Findings<'_>) -> Vec<String> {
    let Some(list) = node.get(key) else {
        return Vec::new();
    };
    if let Some(item) = list.items().iter().find(|item| item.scalar().is_none()) {
        findings.error(item.at, format!("`{key}` is a list of names, not of {}", item.name()));
    }
    let mut names: Vec<String> = Vec::new();
    for (at, name) in listed(list) {
        if !is_name(&name) {
            findings.error(at, format!("`{name}` is no name: use letters, digits, `-`, `_`, `.`"));
        } else if names.contains(&name) {
            findings.error(at, format!("`{name}` is listed twice under `{key}`"));
        } else {
            names.push(name);
        }
    }
    names
}

/// A whole number within bounds.
pub(crate) fn whole(node: &Node, what: &str, least: u64, most: u64, findings: &mut Findings<'_>) -> Option<u64> {
    let written = if let Kind::Number(_, text) = &node.kind { text.parse::<u64>().ok() } else { None };
    let fits = written.filter(|number| (least..=most).contains(number));
    if fits.is_none() {
        findings.error(node.at, format!("{what} must be a whole number from {least} to {most}"));
    }
    fits
}

/// The class a node names.
pub(crate) fn class(node: &Node, findings: &mut Findings<'_>) -> Option<Class> {
    let word = node.text("class", findings)?;
    let class = Class::parse(&word);
    if class.is_none() {
        let known: Vec<_> = Class::ALL.iter().map(|class| class.as_str()).collect();
        findings.error(node.at, format!("`{word}` is no class of values; known are {}", known.join(", ")));
    }
    class
}
