//! Orders in force: actions, versions and bindings that are stopped, releases that new calls do not begin with.
//!
//! Lives here: what an order means for a run (`design.md`, invariant 8), as this host has last read them.
//! Never here: reading them (`keeper.rs`), giving them (`cli`).

use crate::store::Order;
use std::collections::BTreeMap;

/// Stops an action, whatever release offers it.
pub const ACTION: &str = "action";
/// Stops every action of a release or of one component, by digest.
pub const VERSION: &str = "version";
/// Stops requests to a binding.
pub const BINDING: &str = "binding";
/// New calls begin with the release before this one.
pub const ASIDE: &str = "aside";

/// Orders by what they are about, with their reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    actions: BTreeMap<String, String>,
    versions: BTreeMap<String, String>,
    bindings: BTreeMap<String, String>,
    aside: BTreeMap<String, String>,
}

impl Orders {
    /// The orders of the store. A kind this version does not know orders nothing it could do.
    pub fn of(orders: Vec<Order>) -> Self {
        let mut all = Self::default();
        for Order { kind, name, reason, .. } in orders {
            match kind.as_str() {
                ACTION => all.actions.insert(name, reason),
                VERSION => all.versions.insert(name, reason),
                BINDING => all.bindings.insert(name, reason),
                ASIDE => all.aside.insert(name, reason),
                _ => None,
            };
        }
        all
    }

    /// Why a run of this action may not begin, if it may not.
    pub fn stops(&self, action: &str, release: &str, component: Option<&str>) -> Option<String> {
        if let Some(reason) = self.actions.get(action) {
            return Some(format!("the action is stopped: {reason}"));
        }
        let stopped = self.versions.get(release).or_else(|| self.versions.get(component?));
        stopped.map(|reason| format!("this version is stopped: {reason}"))
    }

    /// Whether requests to a binding are stopped.
    pub fn stops_binding(&self, name: &str) -> bool {
        self.bindings.contains_key(name)
    }

    /// Why new calls do not begin with a release: it was set aside, or it is stopped.
    pub fn aside(&self, release: &str) -> Option<&str> {
        self.aside.get(release).or_else(|| self.versions.get(release)).map(String::as_str)
    }

    /// Every order as a line for people.
    pub fn lines(&self) -> Vec<String> {
        let of =
            |kind: &'static str, all: &BTreeMap<String, String>| all.iter().map(move |(name, reason)| format!("{kind} {name}: {reason}")).collect::<Vec<_>>();
        [of(ACTION, &self.actions), of(VERSION, &self.versions), of(BINDING, &self.bindings), of(ASIDE, &self.aside)].concat()
    }
}
