//! From what was heard to what is proposed.
//!
//! Lives here: the order of `design.md` §2: typed answer, matcher when sure, model if configured,
//! matcher at a lower bar; and destroying what must never be stored.
//! Never here: whether a proposal is legal (the engine judges).

use super::turn::Words;
use crate::app::App;
use crate::release::Release;
use centralita_engine::answers::pan;
use centralita_engine::{CallState, Command, LIKELY, Masked, SURE, Source, Utterance, Value, Via, legal, propose, typed};

/// What the caller said, ready for the engine; `None` is silence.
pub(super) async fn utterance(app: &App, release: &Release, state: &CallState, words: Words) -> Option<Utterance> {
    let (heard, via) = match words {
        Words::Speech(text) => (text, Via::Speech),
        Words::Keys(text) => (text, Via::Keys),
        Words::Nothing => return None,
    };
    let project = &release.project;
    let destroyed = pan::destroy(heard.reveal(), project.language());
    drop(heard);
    let text = Masked::new(destroyed.text);
    let destroyed = destroyed.found.is_some();
    let silent = |proposals: Vec<Command>, by| {
        let proposals = proposals.into_iter().map(|command| (command, by)).collect();
        Utterance { text: text.clone(), via, destroyed, proposals, metadata: Value::None }
    };
    if via == Via::Keys || typed(project, state, text.reveal(), via) {
        return Some(silent(Vec::new(), Source::Typed));
    }
    let sure = propose(project, state, text.reveal(), SURE);
    if !sure.is_empty() {
        return Some(silent(sure, Source::Matcher));
    }
    if let Some(model) = app.model.as_ref().filter(|_| project.config.generator.is_some()) {
        let grammar = legal(project, state);
        let proposed = model.propose(project, state, &grammar, &text).await;
        if !proposed.commands.is_empty() {
            return Some(silent(proposed.commands, Source::Model));
        }
    }
    Some(silent(propose(project, state, text.reveal(), LIKELY), Source::Matcher))
}
