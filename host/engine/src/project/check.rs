//! What can only be said of a project as a whole.
//!
//! Lives here: names that lead nowhere, claims before their action, writes without consent.
//! Never here: the shape of a single file.

use super::{ActionRef, Flow, Next, Project, Step, StepKind, Target, Writes};
use crate::condition::{Condition, Fact};
use crate::step::default_action;
use crate::yaml::{At, Findings, Mistake, Severity};
use crate::{ActionName, FlowId, ResponseName, SlotName, StepId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Checks a project; `listed` are the actions of its domain, `ours` the patterns it came with.
pub(super) fn check(project: &Project, listed: &[(ActionName, String, At)], ours: &BTreeSet<FlowId>, mistakes: &mut Vec<Mistake>) {
    for (name, path, at) in listed {
        if !project.actions.contains_key(name) && !default_action::is_known(name.as_str()) {
            let message = format!("action `{name}` is offered by no plugin; grant it in `plugins.yml`, or take it out of `actions:`");
            Findings::new(path, mistakes).error(*at, message);
        }
    }
    for (action, facts) in &project.actions {
        let mut findings = Findings::new("plugins.yml", mistakes);
        for slot in facts.slots.iter().filter(|slot| !project.slots.contains_key(*slot)) {
            findings.error(At { line: 1, column: 1 }, format!("`{action}` may write the slot `{slot}`, which the domain lacks; add it under `slots:`"));
        }
        for slot in facts.slots.iter().filter(|slot| project.slots.get(*slot).is_some_and(|slot| slot.consent)) {
            findings.error(At { line: 1, column: 1 }, format!("`{action}` may write the consent `{slot}`; only the caller fills a consent"));
        }
        let severity = if project.config.strict { Severity::Error } else { Severity::Warning };
        if facts.writes == Writes::Effect && ["validate_", "action_ask_"].iter().any(|prefix| action.as_str().starts_with(prefix)) {
            // The collect pattern runs these by a name it renders, where no consent can be seen to stand before them.
            findings.note(At { line: 1, column: 1 }, severity, format!("`{action}` writes, and questions run actions of that name by themselves; rename it"));
        }
        for response in &facts.responses {
            // What a run says is said only when it ended `done`: it may claim itself and nothing else.
            if let Some((_, claim)) = claims(project, response.as_str()).into_iter().find(|(_, claim)| claim != action) {
                findings.note(
                    At { line: 1, column: 1 },
                    severity,
                    format!("`{action}` may say `{response}`, which claims `{claim}`; only a flow can say that after its branch"),
                );
            }
        }
        for response in facts.responses.iter().filter(|response| !project.responses.contains_key(*response)) {
            findings.error(At { line: 1, column: 1 }, format!("`{action}` may say `{response}`, which the domain lacks; add it under `responses:`"));
        }
    }
    for (name, variations) in &project.responses {
        for variation in variations {
            for claim in variation.claims.iter().filter(|claim| !project.actions.contains_key(*claim)) {
                Findings::new(&variation.path, mistakes).error(variation.at, format!("response `{name}` claims `{claim}`, which no plugin offers"));
            }
        }
    }
    for flow in project.flows.values() {
        let mut findings = Findings::new(&flow.path, mistakes);
        if flow.id.is_pattern() && !ours.contains(&flow.id) {
            findings.warn(flow.at, format!("`{}` is no pattern of ours; nothing starts it", flow.id));
        }
        Names { project, flow }.check(&mut findings);
        promises(project, flow, mistakes);
    }
}

struct Names<'a> {
    project: &'a Project,
    flow: &'a Flow,
}

impl Names<'_> {
    fn check(&self, findings: &mut Findings<'_>) {
        if let Some(guard) = &self.flow.guard {
            self.condition(guard, self.flow.at, findings);
        }
        for slot in &self.flow.persisted_slots {
            self.slot(slot, self.flow.at, findings);
        }
        for step in &self.flow.steps {
            self.step(step, findings);
        }
    }

    fn step(&self, step: &Step, findings: &mut Findings<'_>) {
        let at = step.at;
        match &step.kind {
            StepKind::Action(ActionRef::Templated(_)) | StepKind::Noop => {}
            StepKind::Action(ActionRef::Named(name)) => {
                let response = ResponseName::parse(name.as_str()).is_ok_and(|name| self.project.responses.contains_key(&name));
                if default_action::is_older(name.as_str()) && !self.project.actions.contains_key(name) {
                    findings.warn(at, format!("`{name}` belongs to Rasa's older dialogue system and does nothing here; take it out"));
                }
                if !response && !self.project.actions.contains_key(name) && !default_action::is_known(name.as_str()) {
                    let what = if name.as_str().starts_with("utter_") { "response" } else { "action" };
                    findings.error(at, format!("flow `{}` uses the {what} `{name}`, which nothing defines; add it or fix the spelling", self.flow.id));
                }
            }
            StepKind::Collect(collect) => {
                self.slot(&collect.slot, at, findings);
                if self.project.slots.get(&collect.slot).is_some_and(|slot| slot.kind == super::SlotKind::List) {
                    findings.error(at, format!("`{}` is a list and cannot be collected", collect.slot));
                }
                self.response(&collect.utter, at, findings);
                for (condition, utter) in &collect.rejections {
                    self.condition(condition, at, findings);
                    self.response(utter, at, findings);
                }
            }
            StepKind::SetSlots(slots) => {
                for (name, value) in slots {
                    self.slot(name, at, findings);
                    let Some(slot) = self.project.slots.get(name) else { continue };
                    if slot.consent && !value.is_null() {
                        findings.error(at, format!("`{name}` is a consent; a flow may clear it, never set it"));
                    } else if slot.coerce(&Value::from_json(value.clone())).is_none() {
                        findings.error(at, format!("`{value}` is no value for `{name}`"));
                    }
                }
            }
            StepKind::Link(flow) | StepKind::Call(flow) => {
                if !self.project.flows.contains_key(flow) {
                    findings.error(at, format!("`{flow}` leads nowhere; there is no such flow"));
                }
            }
        }
        for target in step.targets().into_iter().flatten() {
            if self.flow.step(target).is_none() {
                findings.error(at, format!("`next: {target}` leads nowhere; flow `{}` has no such step", self.flow.id));
            }
        }
        if let Next::Branches(branches, _) = &step.next {
            for (condition, _) in branches {
                self.condition(condition, at, findings);
            }
        }
    }

    fn condition(&self, condition: &Condition, at: At, findings: &mut Findings<'_>) {
        for name in condition.names() {
            let mut parts = name.split('.');
            match (parts.next(), parts.next()) {
                (Some("slots"), Some(slot)) => match SlotName::parse(slot) {
                    Ok(slot) => self.slot(&slot, at, findings),
                    Err(error) => findings.error(at, error.to_string()),
                },
                (Some("context"), Some(_)) => {}
                (Some("none" | "None"), None) => {
                    findings.warn(at, format!("`none` means undefined in `{}`, so `is not none` always holds; write `null`", condition.text()))
                }
                _ => findings.error(at, format!("`{name}` in `{}` is neither `slots.…` nor `context.…`; quote it if it is text", condition.text())),
            }
        }
    }

    fn slot(&self, slot: &SlotName, at: At, findings: &mut Findings<'_>) {
        if !self.project.slots.contains_key(slot) {
            findings.error(at, format!("flow `{}` uses the slot `{slot}`, which no domain declares; add it under `slots:` or fix the spelling", self.flow.id));
        }
    }

    fn response(&self, response: &ResponseName, at: At, findings: &mut Findings<'_>) {
        if !self.project.responses.contains_key(response) {
            findings.error(at, format!("flow `{}` says `{response}`, which nothing defines; add it under `responses:` or fix the spelling", self.flow.id));
        }
    }
}

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
fn promises(project: &Project, flow: &Flow, mistakes: &mut Vec<Mistake>) {
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
    let severity = if project.config.strict { Severity::Error } else { Severity::Warning };
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

fn claims(project: &Project, response: &str) -> Vec<(String, ActionName)> {
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
