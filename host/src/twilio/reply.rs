//! What a turn said, as a document of the telephone network.
//!
//! Lives here: voice, the open question's gather, a person, the end.
//! Never here: XML (`twiml.rs`), wording.

use super::PhoneNumber;
use super::twiml::{Dial, Document, Gather, Prompt, Say, Verb};
use crate::release::Release;
use centralita_engine::answers::Kind;
use centralita_engine::{CallState, Event, Next};

/// The longest utterance, seconds.
const LONGEST: u32 = 30;

/// The document for what was said and what comes next. `action` is where the caller's next words go.
pub(crate) fn document(release: &Release, state: &CallState, said: &[Event], next: &Next, action: &str, fallback: Option<&PhoneNumber>) -> Document {
    let voice = &release.voice;
    let says = said.iter().filter_map(|event| match event {
        Event::Said { text, .. } if !text.reveal().trim().is_empty() => {
            Some(Say { voice: voice.voice.clone(), language: voice.language.clone(), text: text.reveal().clone() })
        }
        _ => None,
    });
    let mut verbs: Vec<Verb> = Vec::new();
    match next {
        Next::Listen(listening) => {
            let gather = Gather {
                action: action.to_owned(),
                language: voice.language.clone(),
                timeout: listening.silence_ms.map_or(voice.timeout, seconds),
                speech_timeout: voice.speech_timeout,
                max_speech_time: LONGEST,
                speech_model: None,
                finish_on_key: "#".into(),
                hints: hints(release, state),
                prompt: says.map(Prompt::Say).collect(),
            };
            verbs.push(Verb::Gather(gather));
        }
        Next::Transfer(_) => {
            verbs.extend(says.map(Verb::Say));
            verbs.extend(fallback.map(|number| Verb::Dial(Dial::person(number.as_str()))));
            if fallback.is_none() {
                verbs.push(Verb::Hangup);
            }
        }
        Next::HangUp | Next::Idle | Next::Run(_) => {
            verbs.extend(says.map(Verb::Say));
            verbs.push(Verb::Hangup);
        }
    }
    Document(verbs)
}

/// Whole seconds the network can wait: 1 to 60, rounded up.
fn seconds(ms: u64) -> u32 {
    u32::try_from(ms.div_ceil(1000).clamp(1, 60)).unwrap_or(60)
}

/// Words the recogniser should expect: those that answer the open question.
fn hints(release: &Release, state: &CallState) -> Vec<String> {
    let slot = state.listening().and_then(|listening| listening.slot.as_ref()).and_then(|name| release.project.slots.get(name));
    match slot.and_then(|slot| slot.answer.as_ref()) {
        Some(Kind::YesNo { .. }) => vec!["sí".into(), "no".into()],
        Some(Kind::LastFour | Kind::Digits { .. }) => {
            ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"].map(String::from).into()
        }
        Some(Kind::Choice(options)) => options.iter().flat_map(|option| option.words.iter().cloned()).collect(),
        Some(Kind::Amount | Kind::Date { .. } | Kind::Name | Kind::Text) => Vec::new(),
        None => release.project.config.hints.clone(),
    }
}
