//! What is certain on every way to a step.
//!
//! Lives here: a claim follows its action, a write follows a consent.
//! Never here: words that sound like a claim (`claim_words.rs`).

use super::whole::Whole;
use crate::condition::Fact;
use crate::project::{ActionRef, Flow, Next, Project, Step, StepKind, Target, Writes};
use crate::yaml::Mistake;
use crate::{ActionName, StepId};
use std::collections::{BTreeMap, BTreeSet};

/// What is certain on every path to a step: actions that ended `done`, consents given.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Certain {
    done: BTreeSet<ActionName>,
    agreed: BTreeSet<String>,
}

impl Certain {
    fn meet(&self, other: &Self) -> Self {
        Self { done: &self.done & &other.done, agreed: &self.agreed & &other.agreed }
    }
}

/// A claim follows its effect (invariant 9), a write follows a consent (invariant 2): on every path.
pub(super) fn check(whole: &Whole<'_>, flow: &Flow, mistakes: &mut Vec<Mistake>) {
    let project = whole.project;
    let Some(first) = flow.first() else { return };
    let mut known: BTreeMap<StepId, Certain> = BTreeMap::from([(first.id.clone(), Certain::default())]);
    let mut open = vec![first.id.clone()];
    while let Some(id) = open.pop() {
        let (Some(step), Some(before)) = (flow.step(&id), known.get(&id).cloned()) else { continue };
        for (target, after) in edges(step, &before) {
            let merged = known.get(target).map_or_else(|| after.clone(), |seen| seen.meet(&after));
            if known.get(target) != Some(&merged) {
                known.insert(target.clone(), merged);
                open.push(target.clone());
            }
        }
    }
    let severity = whole.doubt();
    for step in &flow.steps {
        let Some(certain) = known.get(&step.id) else { continue };
        let mut note = |message: String| mistakes.push(Mistake { path: flow.path.clone(), at: step.at, severity, message });
        for (response, claim) in said(step).into_iter().flat_map(|response| claims(project, response)) {
            if !certain.done.contains(&claim) {
                note(format!(
                    "`{response}` claims `{claim}`, but a path leads here on which that has not ended `done`; say it after a branch on `context.outcome = \"done\"`"
                ));
            }
        }
        let StepKind::Action(ActionRef::Named(action)) = &step.kind else { continue };
        let effect = project.actions.get(action).is_some_and(|facts| facts.writes == Writes::Effect);
        let consent = certain.agreed.iter().any(|slot| project.slots.get(slot.as_str()).is_some_and(|slot| slot.consent));
        if effect && !consent {
            note(format!("`{action}` writes, but a path leads here without the caller's consent; collect a slot with `consent: true` and branch on it first"));
        }
    }
}

/// The responses a step may say by itself.
fn said(step: &Step) -> Vec<&str> {
    match &step.kind {
        StepKind::Action(ActionRef::Named(name)) => vec![name.as_str()],
        StepKind::Collect(collect) => collect.rejections.iter().map(|(_, utter)| utter.as_str()).chain([collect.utter.as_str()]).collect(),
        StepKind::Action(ActionRef::Templated(_)) | StepKind::SetSlots(_) | StepKind::Link(_) | StepKind::Call(_) | StepKind::Noop => Vec::new(),
    }
}

pub(super) fn claims(project: &Project, response: &str) -> Vec<(String, ActionName)> {
    let variations = project.responses.get(response).map(Vec::as_slice).unwrap_or_default();
    variations.iter().flat_map(|variation| &variation.claims).map(|claim| (response.to_owned(), claim.clone())).collect()
}

fn edges<'a>(step: &'a Step, before: &Certain) -> Vec<(&'a StepId, Certain)> {
    let mut certain = before.clone();
    let action = match &step.kind {
        StepKind::Action(ActionRef::Named(name)) => Some(name),
        StepKind::Collect(collect) => {
            certain.agreed.remove(collect.slot.as_str());
            None
        }
        StepKind::SetSlots(slots) => {
            for (slot, _) in slots {
                certain.agreed.remove(slot.as_str());
            }
            None
        }
        StepKind::Action(ActionRef::Templated(_)) | StepKind::Link(_) | StepKind::Call(_) | StepKind::Noop => None,
    };
    // A second run of an action proves nothing of the first.
    if let Some(action) = action {
        certain.done.remove(action);
    }
    // An outcome that no branch looks at ends the flow unless it is `done`.
    if let Some(action) = action.filter(|_| !step.tests_outcome()) {
        certain.done.insert(action.clone());
    }
    let learn = |certain: &mut Certain, facts: Vec<Fact>| {
        for fact in facts {
            match fact {
                Fact::Done => certain.done.extend(action.cloned()),
                Fact::Yes(slot) => {
                    certain.agreed.insert(slot);
                }
            }
        }
    };
    let mut edges = Vec::new();
    if let StepKind::Collect(collect) = &step.kind
        && let Some(give_up) = &collect.give_up
    {
        edges.push((&give_up.next, certain.clone()));
    }
    match &step.next {
        Next::End => {}
        Next::Step(id) => edges.push((id, certain)),
        Next::Branches(branches, last) => {
            for (condition, target) in branches {
                let mut inside = certain.clone();
                learn(&mut inside, condition.facts(true));
                edges.extend(target.step().map(|id| (id, inside)));
                learn(&mut certain, condition.facts(false));
            }
            edges.extend(Target::step(last).map(|id| (id, certain)));
        }
    }
    edges
}
