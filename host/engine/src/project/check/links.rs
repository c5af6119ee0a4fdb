//! Where a link or a call may lead (`rasa-calm.md` §1.5).
//!
//! Lives here: patterns as targets, links out of patterns, links in called flows.
//! Never here: targets that do not exist (`names.rs`), the place of a link in its list (`flow.rs`).

use super::whole::Whole;
use crate::FlowId;
use crate::project::StepKind;
use crate::yaml::{Findings, Mistake};
use std::collections::BTreeMap;

/// Patterns that any flow may link to, and one only patterns may.
const FROM_ANYWHERE: [&str; 2] = ["pattern_human_handoff", "pattern_search"];
const FROM_PATTERNS: &str = "pattern_chitchat";

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    let mut called: BTreeMap<&FlowId, &FlowId> = BTreeMap::new();
    for flow in whole.flows() {
        for step in &flow.steps {
            if let StepKind::Call(target) = &step.kind {
                called.insert(target, &flow.id);
            }
        }
    }
    for flow in whole.flows() {
        let mut findings = Findings::new(&flow.path, mistakes);
        for step in &flow.steps {
            match &step.kind {
                StepKind::Link(target) => {
                    if flow.id.as_str() == "pattern_internal_error" {
                        findings.error(step.at, "`pattern_internal_error` may not link anywhere; what it links to may be what broke");
                    } else if target.is_pattern() && !FROM_ANYWHERE.contains(&target.as_str()) && !(flow.id.is_pattern() && target.as_str() == FROM_PATTERNS) {
                        let also = if flow.id.is_pattern() { ", `pattern_chitchat`" } else { "" };
                        findings.error(step.at, format!("`{target}` is no target for a link from here; `pattern_human_handoff`, `pattern_search`{also} are"));
                    }
                    if let Some(caller) = called.get(&flow.id) {
                        findings
                            .error(step.at, format!("flow `{}` is called by `{caller}`, which waits for it to come back; a called flow may not link", flow.id));
                    }
                }
                StepKind::Call(target) if flow.id.is_pattern() => {
                    findings.error(step.at, format!("the pattern `{}` calls `{target}`; patterns may link but not call", flow.id));
                }
                StepKind::Call(target) if target.is_pattern() => {
                    findings.error(step.at, format!("`{target}` is a pattern and cannot be called; link to it"));
                }
                StepKind::Call(_) | StepKind::Action(_) | StepKind::Collect(_) | StepKind::SetSlots(_) | StepKind::Noop => {}
            }
        }
    }
}
