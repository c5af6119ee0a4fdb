//! What a plugin may do: what it asks for and is granted.
//!
//! Lives here: the intersection, and the report of what only one side names.
//! Never here: the two files.

use super::authority::{Authority, Writes};
use super::limits::Limits;
use super::manifest::Manifest;
use super::operator::{Grants, PluginGrant};
use std::collections::BTreeMap;
use std::fmt;

/// A plugin's authority in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// What each action may touch: asked and granted.
    pub actions: BTreeMap<String, Authority>,
    /// The actions whose runs are owed until they succeed.
    pub later: Vec<String>,
    /// The limits of a run.
    pub limits: Limits,
}

/// Something that only one side names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The plugin asks for it; the operator does not grant it: it will be absent.
    AskedNotGranted {
        /// The action; empty for limits and whole actions.
        action: String,
        /// What, as `statements: client-by-phone`.
        what: String,
    },
    /// The operator grants it; the plugin does not ask for it: take it out of `plugins.yml`.
    GrantedNotAsked {
        /// The action; empty for whole actions.
        action: String,
        /// What, as `statements: client-by-phone`.
        what: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |action: &str| {
            if action.is_empty() { String::new() } else { format!(" for `{action}`") }
        };
        match self {
            Self::AskedNotGranted { action, what } => write!(f, "asks for {what}{}, which plugins.yml does not grant", of(action)),
            Self::GrantedNotAsked { action, what } => write!(f, "is granted {what}{}, which it does not ask for; take it out of plugins.yml", of(action)),
        }
    }
}

/// What is in force for a plugin, and what only one side names.
pub fn effective(manifest: &Manifest, grant: &PluginGrant) -> (Effective, Vec<Note>) {
    let mut notes = Vec::new();
    let mut actions = BTreeMap::new();
    for (action, asked) in &manifest.actions {
        let Some(granted) = grant.actions.get(action) else {
            notes.push(Note::AskedNotGranted { action: String::new(), what: format!("action `{action}`") });
            continue;
        };
        for ((key, asked), (_, granted)) in asked.sets().into_iter().zip(granted.sets()) {
            let note = |name: &String| (action.clone(), format!("{key}: {name}"));
            notes.extend(asked.difference(granted).map(note).map(|(action, what)| Note::AskedNotGranted { action, what }));
            notes.extend(granted.difference(asked).map(note).map(|(action, what)| Note::GrantedNotAsked { action, what }));
        }
        actions.insert(action.clone(), asked.both(granted));
    }
    let surplus = grant.actions.keys().filter(|action| !manifest.actions.contains_key(*action));
    notes.extend(surplus.map(|action| Note::GrantedNotAsked { action: String::new(), what: format!("action `{action}`") }));
    let (limits, above) = manifest.limits.within(grant.limits);
    notes
        .extend(above.into_iter().map(|(key, asked, most)| Note::AskedNotGranted { action: String::new(), what: format!("{key}: {asked} (granted: {most})") }));
    let later = manifest.later.iter().filter(|action| actions.contains_key(*action)).cloned().collect();
    (Effective { actions, later, limits }, notes)
}

impl Effective {
    /// Whether the component may link the interface for requests.
    pub fn sends(&self) -> bool {
        self.actions.values().any(|authority| !authority.bindings.is_empty())
    }

    /// Whether the component may link the interface for statements.
    pub fn queries(&self) -> bool {
        self.actions.values().any(|authority| !authority.statements.is_empty())
    }

    /// The limits of one action: a binding it is granted may lengthen its run and its host calls.
    pub fn limits_of(&self, action: &str, grants: &Grants) -> Limits {
        let mut limits = self.limits;
        let names = self.actions.get(action).map(|authority| &authority.bindings).into_iter().flatten();
        for binding in names.filter_map(|name| grants.bindings.get(name)) {
            limits.run = limits.run.max(binding.run.unwrap_or_default());
            limits.host_call = limits.host_call.max(binding.timeout);
        }
        limits
    }

    /// Whether an action may change anything.
    pub fn writes(&self, action: &str, grants: &Grants) -> Writes {
        self.actions.get(action).map_or(Writes::Nothing, |authority| grants.writes_of(authority))
    }
}
