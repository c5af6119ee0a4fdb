//! A project with the files it was read from, as every check sees it.
//!
//! Lives here: finding the text behind a flow, a slot, a response.
//! Never here: what is wrong with it.

use crate::project::{Flow, Project, Step, StepKind};
use crate::step::default_action;
use crate::yaml::{At, Key, Mistake, Node, Severity};
use crate::{ActionName, FlowId, SlotName};
use std::collections::BTreeMap;

/// A file and what it says.
pub(in crate::project) struct File {
    /// Relative to the project's folder.
    pub(in crate::project) path: String,
    /// The first document of the file.
    pub(in crate::project) root: Node,
}

impl File {
    /// Whether it comes with the engine.
    pub(super) fn is_ours(&self) -> bool {
        is_ours(&self.path)
    }
}

/// Whether a path is of our default patterns.
pub(super) fn is_ours(path: &str) -> bool {
    path.starts_with("(patterns)/")
}

/// The first place of a file, for what is missing from it.
pub(super) const TOP: At = At { line: 1, column: 1 };

/// Everything a check may look at.
pub(in crate::project) struct Whole<'a> {
    /// The project as it was put together.
    pub(in crate::project) project: &'a Project,
    /// Every file that was read, ours first.
    pub(in crate::project) files: &'a [File],
    /// The actions the domain lists.
    pub(in crate::project) listed: &'a [(ActionName, String, At)],
    /// The patterns the engine brings.
    pub(in crate::project) ours: &'a std::collections::BTreeSet<FlowId>,
    bodies: BTreeMap<(&'static str, &'a str), (&'a Key, &'a Node)>,
}

impl<'a> Whole<'a> {
    /// Puts a project beside its files.
    pub(in crate::project) fn new(
        project: &'a Project,
        files: &'a [File],
        listed: &'a [(ActionName, String, At)],
        ours: &'a std::collections::BTreeSet<FlowId>,
    ) -> Self {
        let mut bodies = BTreeMap::new();
        for file in files {
            for top in ["flows", "slots"] {
                for (key, body) in file.root.get(top).map(Node::pairs).unwrap_or_default() {
                    bodies.insert((top, key.text.as_str()), (key, body));
                }
            }
        }
        Self { project, files, listed, ours, bodies }
    }

    /// How much weight a finding of our own has: an error in a strict project.
    pub(super) fn doubt(&self) -> Severity {
        if self.project.config.strict { Severity::Error } else { Severity::Warning }
    }

    /// The flows a person wrote: all but our default patterns.
    pub(super) fn flows(&self) -> impl Iterator<Item = &'a Flow> {
        self.project.flows.values().filter(|flow| !is_ours(&flow.path))
    }

    /// A file by its path.
    pub(super) fn file(&self, path: &str) -> Option<&'a File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The text of a flow.
    pub(super) fn body(&self, flow: &Flow) -> Option<&'a Node> {
        self.bodies.get(&("flows", flow.id.as_str())).map(|(_, body)| *body)
    }

    /// The place of a key of a flow, of the flow itself when it has no such key.
    pub(super) fn place(&self, flow: &Flow, key: &str) -> At {
        let pairs = self.body(flow).map(Node::pairs).unwrap_or_default();
        pairs.iter().find(|(known, _)| known.text == key).map_or(flow.at, |(key, _)| key.at)
    }

    /// The text of a slot.
    pub(super) fn slot_body(&self, slot: &SlotName) -> Option<&'a Node> {
        self.bodies.get(&("slots", slot.as_str())).map(|(_, body)| *body)
    }

    /// Whether a domain has this slot, even one that could not be read.
    pub(super) fn declares(&self, slot: &str) -> bool {
        self.project.slots.contains_key(slot) || self.bodies.contains_key(&("slots", slot))
    }

    /// Whether something in the text of a flow is an error, so that what follows from it need not be said.
    pub(super) fn is_broken(&self, flow: &Flow, mistakes: &[Mistake]) -> bool {
        let others = self.project.flows.values().filter(|other| other.path == flow.path && other.at > flow.at);
        let end = others.map(|other| other.at).min();
        let inside = |at: At| at >= flow.at && end.is_none_or(|end| at < end);
        mistakes.iter().any(|mistake| mistake.severity == Severity::Error && mistake.path == flow.path && inside(mistake.at))
    }

    /// Whether `endpoints.yml` names an action server.
    pub(super) fn has_action_server(&self) -> bool {
        ["endpoints.yml", "endpoints.yaml"].into_iter().filter_map(|path| self.file(path)).any(|file| file.root.get("action_endpoint").is_some())
    }

    /// Whether the domain names this action, or somebody offers it.
    pub(super) fn has_action(&self, name: &str) -> bool {
        self.project.actions.contains_key(name) || self.listed.iter().any(|(listed, _, _)| listed.as_str() == name)
    }

    /// Whether a step runs an action of somebody else's, which may change any slot.
    pub(super) fn is_custom(&self, name: &str) -> bool {
        self.has_action(name) || !(self.project.responses.contains_key(name) || default_action::is_known(name))
    }
}

/// The question of a step, if it asks one.
pub(super) fn collect(step: &Step) -> Option<&crate::project::Collect> {
    match &step.kind {
        StepKind::Collect(collect) => Some(collect),
        StepKind::Action(_) | StepKind::SetSlots(_) | StepKind::Link(_) | StepKind::Call(_) | StepKind::Noop => None,
    }
}
