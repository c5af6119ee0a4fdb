//! Files of labelled utterances: a list of `{asks, expect, label, country, kind, says}`.
//!
//! Lives here: their shape, and every mistake in them by place.
//! Never here: what an utterance is taken for.

use super::{Labelled, WORDS};
use centralita_engine::yaml::{self, Findings, Kind, Mistake, Node};
use centralita_engine::{FlowId, Project, SlotName};

const KEYS: [&str; 6] = ["asks", "expect", "label", "country", "kind", "says"];

/// Reads a file. A file of attacks, whose groups say what a model `obeys`, holds no labels and is left out.
pub(crate) fn read(project: &Project, path: &str, text: &str) -> (Vec<Labelled>, Vec<Mistake>) {
    let (mut all, mut mistakes) = (Vec::new(), Vec::new());
    let mut findings = Findings::new(path, &mut mistakes);
    let Some(root) = yaml::read(text, &mut findings) else { return (all, mistakes) };
    for group in root.items().iter().filter(|group| group.get("obeys").is_none()) {
        group.only("a group of utterances", &KEYS, &mut findings);
        all.extend(of_group(project, path, group, &mut findings));
    }
    (all, mistakes)
}

fn of_group(project: &Project, path: &str, group: &Node, findings: &mut Findings<'_>) -> Vec<Labelled> {
    let word = |key: &str| group.get(key).and_then(Node::scalar);
    let asks = word("asks").and_then(|name| SlotName::parse(&name).ok());
    if let Some(node) = group.get("asks")
        && asks.as_ref().is_none_or(|name| super::judge::question(project, name).is_none())
    {
        findings.error(node.at, "no flow asks for this slot; name one that a `collect` step has");
        return Vec::new();
    }
    let (Some(expect), Some(said)) = (word("expect"), group.get("says")) else {
        findings.error(group.at, "a group needs `expect` and `says`");
        return Vec::new();
    };
    if !can_be(project, asks.as_ref(), &expect) {
        let at = group.get("expect").map_or(group.at, |node| node.at);
        findings.error(at, format!("`{expect}` is no flow, no value of the slot that is asked, and none of {}", WORDS.join(", ")));
    }
    let label = word("label").unwrap_or_else(|| match &asks {
        Some(name) if !WORDS.contains(&expect.as_str()) => name.to_string(),
        _ => expect.clone(),
    });
    let country = word("country").unwrap_or_default();
    let lines = lines(said);
    if lines.is_empty() {
        findings.error(said.at, "nothing is said here; write each utterance on a line that begins with `- `");
    }
    let labelled = |(line, says): (usize, String)| Labelled {
        at: format!("{path}:{line}"),
        asks: asks.clone(),
        says,
        expect: expect.clone(),
        label: label.clone(),
        country: country.clone(),
    };
    lines.into_iter().map(labelled).collect()
}

/// The utterances with their lines: a list, or a text whose lines begin with `- ` as Rasa's examples do.
fn lines(said: &Node) -> Vec<(usize, String)> {
    if let Kind::List(items) = &said.kind {
        return items.iter().filter_map(|item| Some((item.at.line, item.scalar()?))).collect();
    }
    let text = said.scalar().unwrap_or_default();
    let numbered = (said.at.line..).zip(text.lines());
    numbered.filter_map(|(line, text)| Some((line, text.trim().strip_prefix('-')?.trim().to_owned()))).filter(|(_, text)| !text.is_empty()).collect()
}

/// Whether an utterance can be taken for this at all.
fn can_be(project: &Project, asks: Option<&SlotName>, expect: &str) -> bool {
    let is_flow = || FlowId::parse(expect).is_ok_and(|flow| project.flows.contains_key(&flow));
    let is_value = |name: &SlotName| project.slots.get(name).is_some_and(|slot| slot.coerce(&super::judge::written(slot, expect)).is_some());
    WORDS.contains(&expect) || is_flow() || asks.is_some_and(is_value)
}
