//! From what was heard to what is proposed.
//!
//! Lives here: the order of `design.md` §2: typed answer, matcher when sure, model if configured,
//! matcher at a lower bar; texts that are payloads, and texts nobody is asked about; destroying what
//! must never be stored.
//! Never here: whether a proposal is legal (the engine judges).

use super::turn::Words;
use crate::release::Release;
use centralita_engine::answers::pan;
use centralita_engine::command::{self, Payload};
use centralita_engine::{CallState, Command, LIKELY, Masked, Project, SURE, Source, Utterance, Value, Via, legal, matched, typed};

/// What was said, and how it is to be taken.
pub(super) struct Said {
    pub(super) words: Words,
    /// How sure the recogniser was, 0 to 1, where it says so.
    pub(super) confidence: Option<f64>,
    pub(super) metadata: Value,
    /// Whether text that begins with `/` counts as a payload.
    pub(super) payloads: bool,
    /// A model's answer that a test scripts.
    pub(super) scripted: Option<String>,
}

impl Said {
    /// Words of the telephone.
    pub(super) const fn of(words: Words, confidence: Option<f64>) -> Self {
        Self { words, confidence, metadata: Value::None, payloads: false, scripted: None }
    }
}

/// What the caller said, ready for the engine; `None` is silence.
pub(super) async fn utterance(release: &Release, state: &CallState, said: Said) -> Option<Utterance> {
    let Said { words, confidence, metadata, payloads, scripted } = said;
    let (heard, via) = match words {
        Words::Speech(text) => (text, Via::Speech),
        Words::Keys(text) => (text, Via::Keys),
        Words::Nothing | Words::Person { .. } => return None,
    };
    let project = &release.project;
    let destroyed = pan::destroy(heard.reveal(), project.language());
    drop(heard);
    let text = Masked::new(destroyed.text);
    let destroyed = destroyed.found.is_some();
    let proposals = proposals(Some(release), project, state, &text, via, payloads, scripted.as_deref()).await;
    Some(Utterance { text, via, destroyed, confidence, proposals, metadata })
}

/// A text without what must never be stored.
pub(super) fn spared(release: &Release, text: &Masked<String>) -> Masked<String> {
    Masked::new(pan::destroy(text.reveal(), release.project.language()).text)
}

/// What everybody who is asked makes of a text, in the order they are asked.
async fn proposals(
    release: Option<&Release>,
    project: &Project,
    state: &CallState,
    text: &Masked<String>,
    via: Via,
    payloads: bool,
    scripted: Option<&str>,
) -> Vec<(Command, Source)> {
    if payloads && let Payload::Commands(commands) = command::payload(project, text.reveal()) {
        // A payload nothing answers to is still no word: nobody else is asked about it.
        let commands = if commands.is_empty() { vec![Command::cannot_handle()] } else { commands };
        return by(commands, Source::Payload);
    }
    if let Some(error) = unaskable(project, text.reveal()) {
        return by(vec![error], Source::Nobody);
    }
    if via == Via::Keys || typed(project, state, text.reveal(), via) {
        return Vec::new();
    }
    let matched = matched(project, state, text.reveal());
    let sure = matched.at(SURE);
    let mut proposals = by(sure.clone(), Source::Matcher);
    if !(project.config.minimize_num_calls && settles(state, &sure)) {
        proposals.extend(by(modelled(release, project, state, text, scripted).await, Source::Model));
    }
    // What a test scripts is the model's answer, even when there is nothing in it.
    if proposals.is_empty() && scripted.is_none() {
        proposals = by(matched.at(LIKELY), Source::Matcher);
    }
    proposals
}

fn by(commands: Vec<Command>, source: Source) -> Vec<(Command, Source)> {
    commands.into_iter().map(|command| (command, source)).collect()
}

/// A text that nobody is asked about: blank, or longer than the generator takes (`rasa-calm.md` §3.5).
fn unaskable(project: &Project, text: &str) -> Option<Command> {
    let error = |kind: &str| Command::Error { error_type: format!("rasa_internal_error_user_input_{kind}"), info: serde_json::Map::new() };
    if text.trim().is_empty() {
        return Some(error("empty"));
    }
    // The limit is the generator's own.
    let most = project.config.max_characters.filter(|most| project.config.generator.is_some() && text.chars().count() > *most)?;
    let mut info = serde_json::Map::new();
    info.insert("max_characters".into(), most.into());
    Some(Command::Error { error_type: "rasa_internal_error_user_input_too_long".into(), info })
}

/// Whether what the matcher is sure of leaves a model nothing to say: everything but a slot that was not asked for. Rasa asks
/// only about flows and the open question; that a pattern has examples of its own (*a person*, *again*) is ours.
fn settles(state: &CallState, sure: &[Command]) -> bool {
    let asked = state.listening().and_then(|listening| listening.slot.as_ref());
    let unasked = |command: &Command| matches!(command, Command::SetSlot { name, .. } if asked != Some(name));
    sure.iter().any(|command| !unasked(command))
}

/// What a model proposes, or the script that stands in for it.
async fn modelled(release: Option<&Release>, project: &Project, state: &CallState, text: &Masked<String>, scripted: Option<&str>) -> Vec<Command> {
    if let Some(script) = scripted {
        return command::read(project.config.syntax, script);
    }
    let Some((release, model)) = release.and_then(|release| Some((release, release.model.as_ref()?))) else { return Vec::new() };
    model.propose(&release.prompting, project, state, &legal(project, state), text).await.commands
}

/// What a text would be taken for in a conversation that has not begun (`/model/parse`).
pub(crate) async fn parsed(release: &Release, text: &Masked<String>) -> Vec<(Command, Source)> {
    proposals(Some(release), &release.project, &CallState::default(), text, Via::Speech, true, None).await
}

/// What somebody says in a call that is not held by a server, ready for the engine; no model is asked (`eval`).
pub(crate) async fn unaided(project: &Project, state: &CallState, text: &str) -> Utterance {
    let destroyed = pan::destroy(text, project.language());
    let text = Masked::new(destroyed.text);
    let proposals = proposals(None, project, state, &text, Via::Speech, false, None).await;
    Utterance { text, via: Via::Speech, destroyed: destroyed.found.is_some(), confidence: None, proposals, metadata: Value::None }
}
