//! Payloads of buttons (`rasa-calm.md` §2.4).
//!
//! Lives here: `/SetSlots(…)` and `/intent` that would do nothing when pressed.
//! Never here: what a payload does (`command/payload.rs`).

use super::intents::{self, SIGNALS};
use super::whole::{Whole, is_ours};
use crate::project::{Flow, SlotKind};
use crate::yaml::{Findings, Mistake};
use crate::{SlotName, Value, template};
use std::collections::BTreeSet;

/// The most pairs one `/SetSlots` may have.
const PAIRS: usize = 10;

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    let known = intents::known(whole);
    let collected: BTreeSet<&SlotName> = whole.project.flows.values().flat_map(Flow::collects).map(|collect| &collect.slot).collect();
    for (response, variations) in &whole.project.responses {
        for variation in variations.iter().filter(|variation| !is_ours(&variation.path)) {
            let mut said: BTreeSet<String> = BTreeSet::new();
            for payload in variation.buttons.iter().filter_map(|button| button.payload.as_deref()) {
                let Some(body) = payload.trim().strip_prefix('/').filter(|body| !template::is_jinja(body) || body.contains("{{\"")) else { continue };
                let wrong = match body.strip_prefix("SetSlots") {
                    Some(pairs) => set_slots(whole, pairs, &collected),
                    None => intent(whole, body, known.as_ref()).into_iter().collect(),
                };
                said.extend(wrong.into_iter().map(|why| format!("a button of `{response}` sends `{payload}`: {why}")));
            }
            let mut findings = Findings::new(&variation.path, mistakes);
            said.into_iter().for_each(|message| findings.warn(variation.at, message));
        }
    }
}

fn set_slots(whole: &Whole<'_>, pairs: &str, collected: &BTreeSet<&SlotName>) -> Vec<String> {
    let inner = pairs.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let pairs: Option<Vec<(&str, &str)>> = inner.and_then(|inner| inner.split(',').map(|pair| pair.split_once('=')).collect());
    let Some(pairs) = pairs else { return vec!["it is not of the form `/SetSlots(slot=value, …)`".into()] };
    let mut wrong = Vec::new();
    if pairs.len() > PAIRS {
        wrong.push(format!("it sets more than {PAIRS} slots, and then sets none"));
    }
    for (name, value) in pairs {
        let (name, value) = (name.trim(), value.trim());
        let Some((name, slot)) = whole.project.slots.get_key_value(name) else {
            wrong.push(format!("there is no slot `{name}`"));
            continue;
        };
        if slot.kind == SlotKind::List {
            wrong.push(format!("`{name}` is a list, which no button sets"));
        } else if slot.consent {
            wrong.push(format!("`{name}` is a consent, which only the caller's own words give"));
        } else if !collected.contains(name) {
            wrong.push(format!("no flow collects `{name}`, so it is not set"));
        } else if !value.contains('{') && !matches!(value, "null" | "None" | "undefined") && slot.coerce(&Value::text(value)).is_none() {
            wrong.push(format!("`{value}` is no value for `{name}`"));
        }
    }
    wrong
}

fn intent(whole: &Whole<'_>, body: &str, known: Option<&BTreeSet<String>>) -> Option<String> {
    let name = body.split('{').next().unwrap_or(body).trim();
    let starts = whole.project.flows.values().any(|flow| flow.triggers.iter().any(|(intent, _)| intent == name));
    let fills = whole.project.slots.values().any(|slot| slot.from_nlu.iter().any(|mapping| mapping.intents.iter().any(|intent| intent == name)));
    if starts || fills || SIGNALS.contains(&name) {
        return None;
    }
    Some(match known {
        Some(known) if !known.contains(name) => format!("the domain lists no intent `{name}`"),
        Some(_) | None => format!("no flow has `nlu_trigger: [{{intent: {name}}}]`, so nothing starts"),
    })
}
