//! Texts in every language a project says it speaks (`additional_languages` of `config.yml`).
//!
//! Lives here: responses, buttons and flow names without a translation.
//! Never here: which language is spoken.

use super::whole::{Whole, is_ours};
use crate::yaml::{Findings, Mistake, Node};

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    let config = whole.file("config.yml").map(|file| &file.root);
    let languages = config.and_then(|root| root.get("additional_languages")).map(Node::items).unwrap_or_default();
    let own = config.and_then(|root| root.get("language")).and_then(Node::scalar).unwrap_or_default();
    // Another form of the same language, such as `es-x-usted`, differs in some texts only.
    let is_form = |language: &str| language.strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with("-x-"));
    let languages: Vec<String> = languages.iter().filter_map(Node::scalar).filter(|language| !is_form(language)).collect();
    if languages.is_empty() {
        return;
    }
    let missing = |has: &dyn Fn(&str) -> bool| languages.iter().filter(|language| !has(language)).cloned().collect::<Vec<_>>().join(", ");
    for (name, variations) in &whole.project.responses {
        for variation in variations.iter().filter(|variation| !is_ours(&variation.path)) {
            let mut findings = Findings::new(&variation.path, mistakes);
            let gaps = if variation.text.is_some() { missing(&|language| variation.translation.contains_key(language)) } else { String::new() };
            if !gaps.is_empty() {
                findings.warn(variation.at, format!("response `{name}` has no translation for {gaps}; callers of these languages hear the default text"));
            }
            // Titles that are names need no translation: what counts is a button left behind by the others.
            let translated = variation.buttons.iter().any(|button| !button.translation.is_empty());
            for button in variation.buttons.iter().filter(|_| translated) {
                let gaps = missing(&|language| button.translation.contains_key(language));
                if !gaps.is_empty() {
                    findings.warn(variation.at, format!("the button `{}` of `{name}` has no translation for {gaps}", button.title));
                }
            }
        }
    }
    for flow in whole.flows().filter(|flow| !flow.id.is_pattern()) {
        let gaps = missing(&|language| flow.translation.contains_key(language));
        if !gaps.is_empty() {
            let at = whole.place(flow, "translation");
            Findings::new(&flow.path, mistakes).warn(at, format!("the name of flow `{}` has no translation for {gaps}", flow.id));
        }
    }
}
