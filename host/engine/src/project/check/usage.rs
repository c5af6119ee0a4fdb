//! Slots between those who fill them and those who read them.
//!
//! Lives here: asked but never used, used but never filled.
//! Never here: slots that do not exist.

use super::whole::{Whole, is_ours};
use crate::condition::Condition;
use crate::project::{ActionRef, FilledBy, Flow, Next, Project, SlotKind, Step, StepKind, When};
use crate::template::Template;
use crate::yaml::{Findings, Mistake};
use crate::{SlotName, yaml::At};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    let uses = uses(whole.project);
    asked_in_vain(whole, &uses, mistakes);
    never_filled(whole, &uses, mistakes);
}

/// Where each slot is read first: in a condition of a flow or in a text.
fn uses(project: &Project) -> BTreeMap<String, (String, At)> {
    let mut uses = BTreeMap::new();
    let mut note = |path: &str, at: At, name: &str| {
        uses.entry(name.to_owned()).or_insert_with(|| (path.to_owned(), at));
    };
    for flow in project.flows.values() {
        for (own, condition) in conditions(flow) {
            let at = if condition.at() == At::default() { flow.at } else { condition.at() };
            for name in condition.names().into_iter().filter_map(|name| name.strip_prefix("slots.")) {
                let name = name.split('.').next().unwrap_or(name);
                // A rejection that looks at its own question's slot makes no use of the answer.
                if own.is_none_or(|own| own.as_str() != name) {
                    note(&flow.path, at, name);
                }
            }
            for name in mentioned(project, condition.text()).filter(|_| condition.names().is_empty()) {
                note(&flow.path, at, name);
            }
        }
        for step in &flow.steps {
            if let StepKind::Action(ActionRef::Templated(text)) = &step.kind {
                mentioned(project, text).for_each(|name| note(&flow.path, step.at, name));
            }
        }
    }
    for variation in project.responses.values().flatten() {
        let mut hear = |text: &str| mentioned(project, text).for_each(|name| note(&variation.path, variation.at, name));
        for template in variation.text.iter().chain(variation.translation.values()) {
            match template {
                Template::Plain(_) => template.holes().into_iter().for_each(&mut hear),
                Template::Jinja(text) => hear(text),
            }
        }
        if let Some(When::Holds(condition)) = &variation.condition {
            hear(condition.text());
        }
        if let Some(When::Equal(pairs)) = &variation.condition {
            pairs.iter().for_each(|(slot, _)| hear(slot.as_str()));
        }
        for payload in variation.buttons.iter().flat_map(|button| button.payload.iter().chain([&button.title])).filter(|text| text.contains('{')) {
            hear(payload);
        }
        let rich = variation.custom.iter().map(ToString::to_string).chain(variation.rich.values().map(ToString::to_string));
        rich.filter(|text| text.contains('{')).for_each(|text| hear(&text));
    }
    for (name, slot) in &project.slots {
        for (condition, _) in slot.validation.iter().flat_map(|validation| &validation.rejections) {
            let others = condition.names().into_iter().filter_map(|other| other.strip_prefix("slots.")).filter(|other| *other != name.as_str());
            others.for_each(|other| note(&slot.path, slot.at, other));
        }
    }
    uses
}

/// The conditions of a flow, each with the slot whose rejection it is.
fn conditions(flow: &Flow) -> Vec<(Option<&SlotName>, &Condition)> {
    let mut all: Vec<(Option<&SlotName>, &Condition)> = flow.guard.iter().map(|guard| (None, guard)).collect();
    for step in &flow.steps {
        all.extend(
            super::whole::collect(step).into_iter().flat_map(|collect| collect.rejections.iter().map(|(condition, _)| (Some(&collect.slot), condition))),
        );
        match &step.next {
            Next::Branches(branches, _) => all.extend(branches.iter().map(|(condition, _)| (None, condition))),
            Next::Step(_) | Next::End => {}
        }
    }
    all
}

/// The slots whose names stand in a text as words.
fn mentioned<'a>(project: &'a Project, text: &str) -> impl Iterator<Item = &'a str> {
    let words: BTreeSet<String> = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).map(str::to_owned).collect();
    project.slots.keys().map(SlotName::as_str).filter(move |name| words.contains(*name))
}

fn asked_in_vain(whole: &Whole<'_>, uses: &BTreeMap<String, (String, At)>, mistakes: &mut Vec<Mistake>) {
    let every_turn = whole.project.slots.values().any(|slot| slot.every_turn.is_some());
    let mut said = BTreeSet::new();
    for flow in whole.flows() {
        // Actions may read any slot.
        if every_turn || runs_actions(whole, flow, &mut BTreeSet::new()) {
            continue;
        }
        for step in &flow.steps {
            let Some(collect) = super::whole::collect(step) else { continue };
            let kept = flow.persisted_slots.contains(&collect.slot) || !collect.reset_after_flow_ends;
            let read_elsewhere = whole.flows().any(|other| other.id != flow.id && asks(other, &collect.slot));
            if !uses.contains_key(collect.slot.as_str())
                && !kept
                && !read_elsewhere
                && whole.project.slots.get(&collect.slot).is_some_and(|slot| slot.kind != SlotKind::List)
                && said.insert(&collect.slot)
            {
                let message = format!("`{}` is asked for, but no condition, response or action reads it; use the answer or drop the question", collect.slot);
                Findings::new(&flow.path, mistakes).warn(step.at, message);
            }
        }
    }
}

fn asks(flow: &Flow, slot: &SlotName) -> bool {
    flow.collects().any(|collect| collect.slot == *slot)
}

/// Whether an action of somebody else's runs in a flow, in a question of it, or in a flow it leads to.
fn runs_actions<'a>(whole: &Whole<'a>, flow: &'a Flow, seen: &mut BTreeSet<&'a str>) -> bool {
    if !seen.insert(flow.id.as_str()) {
        return false;
    }
    let custom = |step: &'a Step, seen: &mut BTreeSet<&'a str>| match &step.kind {
        StepKind::Action(ActionRef::Named(name)) => whole.is_custom(name.as_str()),
        StepKind::Action(ActionRef::Templated(_)) => true,
        StepKind::Collect(collect) => whole.has_action(collect.action.as_str()) || whole.has_action(&format!("validate_{}", collect.slot)),
        StepKind::Link(target) | StepKind::Call(target) => whole.project.flows.get(target).is_some_and(|target| runs_actions(whole, target, seen)),
        StepKind::SetSlots(_) | StepKind::Noop => false,
    };
    let own = flow.steps.iter().any(|step| custom(step, seen));
    // A flow that is called leaves its answers to its caller.
    own || whole.flows().any(|other| {
        let calls = other.steps.iter().any(|step| matches!(&step.kind, StepKind::Call(target) if *target == flow.id));
        calls && runs_actions(whole, other, seen)
    })
}

fn never_filled(whole: &Whole<'_>, uses: &BTreeMap<String, (String, At)>, mistakes: &mut Vec<Mistake>) {
    let project = whole.project;
    // What an action server or an action nobody has granted yet may fill is not known here.
    let unknown = project.actions.values().any(|facts| facts.remote) || whole.listed.iter().any(|(name, _, _)| !project.actions.contains_key(name));
    if unknown {
        return;
    }
    let mut filled: BTreeSet<&SlotName> = project.actions.values().flat_map(|facts| &facts.slots).collect();
    for step in project.flows.values().flat_map(|flow| &flow.steps) {
        match &step.kind {
            StepKind::Collect(collect) => {
                filled.insert(&collect.slot);
            }
            StepKind::SetSlots(slots) => filled.extend(slots.iter().filter(|(_, value)| !value.is_null()).map(|(slot, _)| slot)),
            StepKind::Action(_) | StepKind::Link(_) | StepKind::Call(_) | StepKind::Noop => {}
        }
    }
    for (name, slot) in project.slots.iter().filter(|(_, slot)| !is_ours(&slot.path)) {
        let by_itself = slot.filled_by == FilledBy::Nlu || !slot.initial.is_null() || slot.every_turn.is_some() || BUILT_IN.contains(&name.as_str());
        let Some((path, at)) = uses.get(name.as_str()).filter(|_| !by_itself && !filled.contains(name) && !matches!(slot.kind, SlotKind::List)) else {
            continue;
        };
        let message = format!("`{name}` is read here, but no question, `set_slots`, action or initial value ever fills it");
        Findings::new(path, mistakes).note(*at, whole.doubt(), message);
    }
}

/// Slots that the engine or a channel fills.
const BUILT_IN: [&str; 8] = [
    "language",
    "session_started_metadata",
    "requested_slot",
    "return_value",
    "route_session_to_calm",
    "silence_timeout",
    "consecutive_silence_timeouts",
    "mocked_datetime",
];
