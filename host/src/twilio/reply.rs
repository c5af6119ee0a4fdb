//! What a turn said, as a document of the telephone network.
//!
//! Lives here: voice, the open question's gather, a person, the end.
//! Never here: XML (`twiml.rs`), wording.

use super::twiml::{Dial, Document, Gather, Party, Prompt, Say, Verb};
use crate::release::Release;
use centralita_engine::answers::Kind;
use centralita_engine::project::Slot;
use centralita_engine::state::Listening;
use centralita_engine::{CallState, Event, Next};

/// The longest utterance, seconds.
const LONGEST: u32 = 30;

/// A person the caller may be connected with.
pub(crate) struct Reached<'a> {
    pub(crate) party: &'a Party,
    /// Where the document is that the person hears first, if there is one.
    pub(crate) whisper: Option<String>,
}

/// The document for what was said and what comes next. `action` is where the caller's next words go, and whether a person
/// was reached.
pub(crate) fn document(release: &Release, state: &CallState, said: &[Event], next: &Next, action: &str, person: Option<Reached<'_>>) -> Document {
    let spoken = release.voice.spoken(state);
    let says = said.iter().filter_map(|event| match event {
        Event::Said { text, .. } if !text.reveal().trim().is_empty() => Some(Say::by(&spoken, text.reveal())),
        _ => None,
    });
    let mut verbs: Vec<Verb> = Vec::new();
    match (next, person) {
        (Next::Listen(listening), _) => {
            verbs.push(Verb::Gather(gather(release, state, listening, action, spoken.language.clone(), says.map(Prompt::Say).collect())))
        }
        (Next::Transfer(_), Some(Reached { party, whisper })) => {
            verbs.extend(says.map(Verb::Say));
            verbs.push(Verb::Dial(Dial { action: Some(action.to_owned()), whisper, ..Dial::person(party) }));
        }
        (Next::Transfer(_), None) | (Next::HangUp | Next::Idle | Next::Run(_), _) => {
            verbs.extend(says.map(Verb::Say));
            verbs.push(Verb::Hangup);
        }
    }
    Document(verbs)
}

/// How the line listens for the answer to the open question.
fn gather(release: &Release, state: &CallState, listening: &Listening, action: &str, language: String, prompt: Vec<Prompt>) -> Gather {
    let voice = &release.voice;
    let (kind, consent) = asked(release, state).map_or((None, false), |slot| (slot.answer.as_ref(), slot.consent));
    let dtmf = listening.dtmf.as_ref();
    // One key is the answer: it need not be ended. A consent's is waited for, so that more keys are seen to be none.
    let one_key = kind.is_some_and(Kind::takes_one_key) && !consent && !state.overflow;
    Gather {
        action: action.to_owned(),
        language,
        timeout: listening.silence_ms.map_or(voice.timeout, seconds),
        speech_timeout: voice.speech_timeout,
        max_speech_time: LONGEST,
        speech_model: voice.speech_model.clone(),
        keys_only: dtmf.is_some_and(|dtmf| !dtmf.allow_audio_input),
        finish_on_key: dtmf.and_then(|dtmf| dtmf.finish_on_key.clone()).unwrap_or_else(|| "#".into()),
        num_digits: dtmf.and_then(|dtmf| dtmf.length).or(one_key.then_some(1)),
        hints: hints(release, kind),
        prompt,
    }
}

/// The slot that is asked for.
fn asked<'a>(release: &'a Release, state: &CallState) -> Option<&'a Slot> {
    release.project.slots.get(state.listening()?.slot.as_ref()?)
}

/// Whole seconds the network can wait: 1 to 60, rounded up.
fn seconds(ms: u64) -> u32 {
    u32::try_from(ms.div_ceil(1000).clamp(1, 60)).unwrap_or(60)
}

/// Words the recogniser should expect: those that answer the open question. Google's models know sequences of digits as a
/// class of their own (`twilio-voice.md` §3.3).
fn hints(release: &Release, kind: Option<&Kind>) -> Vec<String> {
    match kind {
        Some(Kind::YesNo { .. }) => ["sí", "no", "sí confirmo", "correcto"].map(String::from).into(),
        Some(Kind::LastFour | Kind::Digits { .. }) => {
            let google = release.voice.speech_model.as_ref().is_some_and(|model| model.starts_with("googlev2_"));
            let class = google.then(|| "$OOV_CLASS_DIGIT_SEQUENCE".to_owned());
            let words = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"].map(String::from);
            class.into_iter().chain(words).collect()
        }
        Some(Kind::Choice(options)) => options.iter().flat_map(|option| option.words.iter().cloned()).collect(),
        Some(Kind::Amount | Kind::Date { .. } | Kind::Name | Kind::Text) => Vec::new(),
        None => release.project.config.hints.clone(),
    }
}
