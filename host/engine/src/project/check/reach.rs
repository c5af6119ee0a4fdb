//! The ways through a flow.
//!
//! Lives here: steps no way leads to, ways without an end, rounds in which nobody waits.
//! Never here: what is certain along a way (`promises.rs`).

use super::whole::{Whole, collect};
use crate::StepId;
use crate::project::{ActionRef, Flow, Next, Step, StepKind};
use crate::yaml::{Findings, Mistake};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    for flow in whole.flows() {
        let broken = whole.is_broken(flow, mistakes);
        let mut findings = Findings::new(&flow.path, mistakes);
        if broken {
            continue;
        }
        let graph = Graph::of(flow);
        let reached = flow.first().map(|first| graph.from(&first.id)).unwrap_or_default();
        for step in flow.steps.iter().filter(|step| !reached.contains(&step.id)) {
            findings.note(
                step.at,
                whole.doubt(),
                format!("no way leads to the step `{}` of flow `{}`; lead to it with `next`, or take it out", step.id, flow.id),
            );
        }
        let ways = Ways { whole, flow, graph: &graph, reached: &reached };
        if let Some(round) = ways.round_without_listening() {
            let way = round.iter().map(|step| format!("`{}`", step.id)).collect::<Vec<_>>().join(", ");
            let message =
                format!("flow `{}` goes round through {way} without waiting for the caller; empty the slot first (`set_slots`), or end the round", flow.id);
            findings.note(round[0].at, whole.doubt(), message);
        } else if let Some(step) = ways.dead_end() {
            findings.note(step.at, whole.doubt(), format!("no way leads from the step `{}` to an end of flow `{}`; let a branch end it", step.id, flow.id));
        }
    }
}

/// Where each step may go on.
struct Graph<'a>(BTreeMap<&'a StepId, Vec<&'a StepId>>);

impl<'a> Graph<'a> {
    fn of(flow: &'a Flow) -> Self {
        Self(flow.steps.iter().map(|step| (&step.id, step.targets().into_iter().flatten().collect())).collect())
    }

    /// Every step that can be reached from one, itself included.
    fn from(&self, start: &'a StepId) -> BTreeSet<&'a StepId> {
        self.within(start, &|_| true)
    }

    /// The same, walking only through steps that `may` be entered.
    fn within(&self, start: &'a StepId, may: &dyn Fn(&StepId) -> bool) -> BTreeSet<&'a StepId> {
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            for &next in self.0.get(id).into_iter().flatten() {
                if may(next) && seen.insert(next) {
                    open.push(next);
                }
            }
        }
        seen
    }
}

struct Ways<'a> {
    whole: &'a Whole<'a>,
    flow: &'a Flow,
    graph: &'a Graph<'a>,
    reached: &'a BTreeSet<&'a StepId>,
}

impl<'a> Ways<'a> {
    fn steps(&self) -> impl Iterator<Item = &'a Step> {
        self.flow.steps.iter().filter(|step| self.reached.contains(&step.id))
    }

    /// A step from which the flow never ends.
    fn dead_end(&self) -> Option<&'a Step> {
        let ends = |step: &Step| {
            step.targets().contains(&None)
                || matches!(&step.kind, StepKind::Link(_))
                || matches!(&step.kind, StepKind::Action(ActionRef::Named(name)) if matches!(name.as_str(), "action_hangup" | "action_transfer" | "action_restart"))
        };
        let ending: BTreeSet<&StepId> = self.steps().filter(|step| ends(step)).map(|step| &step.id).collect();
        self.steps().find(|step| self.graph.from(&step.id).is_disjoint(&ending))
    }

    /// The steps of a round that comes back to its beginning without waiting for the caller and that nothing in it can
    /// change: the turn would be ended by the bound on steps.
    fn round_without_listening(&self) -> Option<Vec<&'a Step>> {
        let busy: BTreeSet<&StepId> = self.steps().filter(|step| !self.listens(step)).map(|step| &step.id).collect();
        for start in self.steps().filter(|step| busy.contains(&step.id)) {
            let after = |step: &'a Step| self.graph.0.get(&step.id).into_iter().flatten().copied().filter(|next| busy.contains(next));
            let forward: BTreeSet<&StepId> = after(start).flat_map(|next| self.graph.within(next, &|id| busy.contains(id))).collect();
            if !forward.contains(&start.id) {
                continue;
            }
            let round: Vec<&Step> =
                self.steps().filter(|step| forward.contains(&step.id) && self.graph.within(&step.id, &|id| busy.contains(id)).contains(&start.id)).collect();
            let leaves = round.iter().any(|step| matches!(step.next, Next::Branches(..)));
            let changes = round.iter().any(|step| self.changes(step));
            if !(leaves && changes) {
                return Some(round);
            }
        }
        None
    }

    /// Whether a step may change what a branch looks at.
    fn changes(&self, step: &Step) -> bool {
        match &step.kind {
            StepKind::Action(ActionRef::Named(name)) => self.whole.is_custom(name.as_str()),
            StepKind::Action(ActionRef::Templated(_)) | StepKind::SetSlots(_) | StepKind::Call(_) => true,
            StepKind::Collect(_) | StepKind::Link(_) | StepKind::Noop => false,
        }
    }

    /// Whether a step waits for the caller each time it is reached.
    fn listens(&self, step: &Step) -> bool {
        if let StepKind::Action(ActionRef::Named(name)) = &step.kind {
            return matches!(name.as_str(), "action_listen" | "action_hangup" | "action_transfer" | "action_restart");
        }
        if let StepKind::Link(_) = &step.kind {
            return true;
        }
        let Some(collect) = collect(step) else { return false };
        let around = self.graph.from(&step.id);
        let emptied = self.flow.steps.iter().filter(|other| around.contains(&other.id)).any(|other| match &other.kind {
            StepKind::SetSlots(slots) => slots.iter().any(|(slot, value)| *slot == collect.slot && value.is_null()),
            // Somebody else's action may have emptied the slot.
            StepKind::Action(ActionRef::Named(name)) => self.whole.is_custom(name.as_str()),
            StepKind::Action(ActionRef::Templated(_)) | StepKind::Call(_) => true,
            StepKind::Collect(_) | StepKind::Link(_) | StepKind::Noop => false,
        });
        let consent = self.whole.project.slots.get(&collect.slot).is_some_and(|slot| slot.consent);
        collect.ask_before_filling || consent || emptied
    }
}
