//! What can only be said of a project as a whole; one check a file.
//!
//! Lives here: the order of the checks.
//! Never here: the shape of a single file (`flow.rs`, `domain.rs`, `config.rs`).

mod buttons;
mod claim_words;
mod conditions;
mod granted;
mod honoured;
mod intents;
mod links;
mod names;
mod persisted;
mod promises;
mod questions;
mod reach;
mod slots;
mod translations;
mod unique;
mod usage;
mod whole;

pub(super) use whole::{File, Whole};

use crate::yaml::Mistake;

/// Runs every check.
pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    honoured::check(whole, mistakes);
    granted::check(whole, mistakes);
    unique::check(whole, mistakes);
    names::check(whole, mistakes);
    slots::check(whole, mistakes);
    conditions::check(whole, mistakes);
    questions::check(whole, mistakes);
    links::check(whole, mistakes);
    persisted::check(whole, mistakes);
    intents::check(whole, mistakes);
    buttons::check(whole, mistakes);
    translations::check(whole, mistakes);
    reach::check(whole, mistakes);
    usage::check(whole, mistakes);
    claim_words::check(whole, mistakes);
    for flow in whole.project.flows.values() {
        promises::check(whole, flow, mistakes);
    }
}
