//! `plugin.yml`: what the author of a plugin asks for.
//!
//! Lives here: reading it, also from the component's custom section.
//! Never here: what the operator makes of it (`operator.rs`).

use super::authority::{Authority, KEYS};
use super::limits::Asked;
use super::strict::{is_name, needed, only};
use centralita_engine::yaml::{self, Findings, Mistake, Severity};
use std::collections::BTreeMap;

/// A plugin as its author describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The plugin's name.
    pub name: String,
    /// Its version, as the author counts.
    pub version: String,
    /// What each action asks for.
    pub actions: BTreeMap<String, Authority>,
    /// The actions marked `deliver: later`: owed until they succeed.
    pub later: Vec<String>,
    /// The limits asked.
    pub limits: Asked,
    /// The reason given for each action.
    pub reasons: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads a manifest; `path` is for the mistakes, which come with places.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let manifest = read(text, &mut Findings::new(path, &mut mistakes));
        mistakes.sort_by_key(|mistake| mistake.at);
        match manifest {
            Some(manifest) if !mistakes.iter().any(|mistake| mistake.severity == Severity::Error) => Ok(manifest),
            Some(_) | None => Err(mistakes),
        }
    }
}

fn read(text: &str, findings: &mut Findings<'_>) -> Option<Manifest> {
    let root = yaml::read(text, findings)?;
    only(&root, "a plugin's manifest", &["name", "version", "actions", "limits"], findings);
    let name = needed(&root, "the manifest", "name", findings).and_then(|node| {
        let name = node.text("`name`", findings)?;
        if !is_name(&name) {
            findings.error(node.at, format!("`{name}` is no name of a plugin: use letters, digits, `-`, `_`"));
        }
        Some(name)
    });
    let version = needed(&root, "the manifest", "version", findings).and_then(|node| node.text("`version`", findings));
    let limits = Asked::read(root.get("limits"), findings);
    let (mut actions, mut later, mut reasons) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
    let listed = needed(&root, "the manifest", "actions", findings)?;
    for (key, node) in listed.pairs() {
        let known: Vec<&str> = KEYS.into_iter().chain(["deliver", "why"]).collect();
        only(node, &format!("action `{}`", key.text), &known, findings);
        actions.insert(key.text.clone(), Authority::read(node, findings));
        match node.get("deliver").map(|node| (node.at, node.scalar())) {
            None => {}
            Some((_, Some(word))) if word == "later" => later.push(key.text.clone()),
            Some((at, _)) => findings.error(at, "`deliver` can only be `later`: the run is repeated until it succeeds"),
        }
        if let Some(why) = node.get("why").and_then(|node| node.text("`why`", findings)) {
            reasons.insert(key.text.clone(), why);
        }
    }
    if actions.is_empty() {
        findings.error(listed.at, "a plugin needs at least one action under `actions`");
    }
    Some(Manifest { name: name?, version: version?, actions, later, limits, reasons })
}
