//! Slots of the domain, each by itself.
//!
//! Lives here: values that differ by case only, and beginnings no slot of the type can have.
//! Never here: mappings (`domain.rs`), use in flows.

use super::whole::{Whole, is_ours};
use crate::Value;
use crate::answers::Kind;
use crate::project::SlotKind;
use crate::yaml::{Findings, Mistake};

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    for (name, slot) in whole.project.slots.iter().filter(|(_, slot)| !is_ours(&slot.path)) {
        let mut findings = Findings::new(&slot.path, mistakes);
        match &slot.kind {
            SlotKind::Categorical(values) if values.is_empty() => {
                findings.error(slot.at, format!("slot `{name}` is categorical and has no values; list them under `values:`"));
            }
            SlotKind::Categorical(values) => {
                for (position, value) in values.iter().enumerate() {
                    if let Some(other) = values[..position].iter().find(|other| other.to_lowercase() == value.to_lowercase()) {
                        findings.warn(slot.at, format!("slot `{name}` has the values `{other}` and `{value}`, which differ by case only; keep one"));
                    }
                }
            }
            SlotKind::Text | SlotKind::Bool | SlotKind::Float | SlotKind::Any | SlotKind::List => {}
        }
        if slot.coerce(&Value::from_json(slot.initial.clone())).is_none() && !matches!(slot.kind, SlotKind::List) {
            findings.warn(slot.at, format!("slot `{name}` begins with {}, which is no value of its type", slot.initial));
        }
        if let Some(Kind::YesNo { about, .. }) = &slot.answer {
            for unknown in about.iter().filter(|other| !whole.declares(other)) {
                findings.error(slot.at, format!("slot `{name}` is about `{unknown}`, which no domain declares"));
            }
        }
        if let (Some(least), Some(most)) = slot.range
            && least > most
        {
            findings.error(slot.at, format!("slot `{name}` holds at least {least} and at most {most}; no number does"));
        }
    }
}
