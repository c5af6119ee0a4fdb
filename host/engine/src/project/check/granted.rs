//! Actions and the plugins that offer them (`plugins.yml`).
//!
//! Lives here: what an action may write and say, against the domain.
//! Never here: where flows use an action.

use super::promises::claims;
use super::whole::{TOP, Whole};
use crate::project::Writes;
use crate::step::default_action;
use crate::yaml::{Findings, Mistake};

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    let project = whole.project;
    let unserved = if whole.has_action_server() { &[] } else { whole.listed };
    for (name, path, at) in unserved {
        if !project.actions.contains_key(name) && !default_action::is_known(name.as_str()) {
            let message = format!(
                "action `{name}` is offered by no plugin and no action server; grant it in `plugins.yml`, name an `action_endpoint:` in `endpoints.yml`, or take it out of `actions:`"
            );
            Findings::new(path, mistakes).note(*at, whole.doubt(), message);
        }
    }
    for (action, facts) in project.actions.iter().filter(|(_, facts)| !facts.remote) {
        let mut findings = Findings::new("plugins.yml", mistakes);
        for slot in &facts.slots {
            match project.slots.get(slot) {
                None => findings.error(TOP, format!("`{action}` may write the slot `{slot}`, which the domain lacks; add it under `slots:`")),
                Some(slot_of_domain) if slot_of_domain.consent => {
                    findings.error(TOP, format!("`{action}` may write the consent `{slot}`; only the caller fills a consent"));
                }
                Some(_) => {}
            }
        }
        if facts.writes == Writes::Effect && ["validate_", "action_ask_"].iter().any(|prefix| action.as_str().starts_with(prefix)) {
            // The collect pattern runs these by a name it renders, where no consent can be seen to stand before them.
            findings.note(TOP, whole.doubt(), format!("`{action}` writes, and questions run actions of that name by themselves; rename it"));
        }
        for response in &facts.responses {
            if !project.responses.contains_key(response) {
                findings.error(TOP, format!("`{action}` may say `{response}`, which the domain lacks; add it under `responses:`"));
            }
            // What a run says is said only when it ended `done`: it may claim itself and nothing else.
            if let Some((_, claim)) = claims(project, response.as_str()).into_iter().find(|(_, claim)| claim != action) {
                findings.note(
                    TOP,
                    whole.doubt(),
                    format!("`{action}` may say `{response}`, which claims `{claim}`; only a flow can say that after its branch"),
                );
            }
        }
    }
    for (name, variations) in &project.responses {
        for variation in variations {
            for claim in variation.claims.iter().filter(|claim| !whole.has_action(claim.as_str())) {
                Findings::new(&variation.path, mistakes).error(variation.at, format!("response `{name}` claims `{claim}`, which nobody offers"));
            }
        }
    }
}
