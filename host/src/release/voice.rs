//! `credentials.yml`: how the line sounds and listens.
//!
//! Lives here: the keys of `twilio_voice` that are honoured (`rasa-calm.md` §11.1), and their defaults.
//! Never here: secrets. Those are variables.

use super::Package;
use super::called::{self, Called};
use crate::twilio::{is_language, twiml};
use centralita_engine::Project;
use centralita_engine::yaml::{self, Findings, Mistake, Node};
use std::collections::BTreeMap;

/// How calls are carried over a socket, where they are (`relay` of `twilio_voice`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayVoice {
    /// The called numbers it is for; none for all of them.
    pub numbers: Vec<String>,
    /// Who speaks.
    pub tts_provider: String,
    /// The provider's own name of a voice.
    pub voice: String,
    /// Its voices for other languages.
    pub voices: BTreeMap<String, String>,
    /// Who listens.
    pub transcription_provider: String,
    /// The recogniser, as its provider calls it.
    pub speech_model: String,
}

impl RelayVoice {
    /// Languages that a call may change to from `now`, and their voices; `own` is the line's.
    pub fn others(&self, own: &str, now: &str) -> Vec<(String, String)> {
        let all = std::iter::once((own, &self.voice)).chain(self.voices.iter().map(|(language, voice)| (language.as_str(), voice)));
        all.filter(|(language, _)| *language != now).map(|(language, voice)| (language.to_owned(), voice.clone())).collect()
    }
}

/// The voice and ears of a line.
#[derive(Clone, PartialEq)]
pub struct Voice {
    /// The voice, as the telephone network names it (`Polly.Mia-Neural`).
    pub voice: String,
    /// The language it speaks and hears, BCP 47.
    pub language: String,
    /// Seconds of silence before a turn ends without words.
    pub timeout: u32,
    /// Seconds of silence after words.
    pub speech_timeout: u32,
    /// The recogniser (`googlev2_telephony`); the telephone network chooses if absent.
    pub speech_model: Option<String>,
    /// How calls are carried over a socket, if they are.
    pub relay: Option<RelayVoice>,
    /// Voices of other languages, by their BCP 47 name.
    pub voices: BTreeMap<String, String>,
    /// What differs by the called number, in E.164.
    pub numbers: BTreeMap<String, Called>,
    /// How many turns a call may have before it goes to a person; 0 is no limit.
    pub max_turns: u32,
    /// How many minutes it may last until then; 0 is no limit.
    pub max_minutes: u32,
}

impl Voice {
    /// A line of which nothing is written.
    pub(super) fn of(locale: &str) -> Self {
        Self {
            voice: twiml::VOICE.into(),
            language: with_region(locale),
            timeout: 6,
            speech_timeout: 2,
            speech_model: None,
            relay: None,
            voices: BTreeMap::new(),
            numbers: BTreeMap::new(),
            max_turns: 0,
            max_minutes: 60,
        }
    }

    /// Whether a call with so many turns, that began then, has lasted long enough now; epoch milliseconds.
    pub fn is_too_long(&self, turns: u64, began: i64, now: i64) -> bool {
        let most = i64::from(self.max_minutes) * 60_000;
        // A call that a former version began does not say when.
        (self.max_turns > 0 && turns > u64::from(self.max_turns)) || (most > 0 && began > 0 && now - began >= most)
    }

    /// Reads `twilio_voice` of `credentials.yml`; what is not written is as the project's locale and our defaults say.
    pub(super) fn read(package: &Package, project: &Project, mistakes: &mut Vec<Mistake>) -> Self {
        let mut voice = Self::of(&project.config.locale);
        let Some(text) = package.files.get("credentials.yml") else { return voice };
        let mut findings = Findings::new("credentials.yml", mistakes);
        let Some(root) = yaml::read(text, &mut findings) else { return voice };
        let Some(channel) = root.get("twilio_voice") else { return voice };
        channel.only("`twilio_voice`", &KEYS, &mut findings);
        let mut word = |key: &str| channel.get(key).and_then(|node| node.text(&format!("`{key}`"), &mut findings));
        voice.voice = word("assistant_voice").unwrap_or(voice.voice);
        voice.language = channel.get("language").and_then(|node| called::language(node, &mut findings)).unwrap_or(voice.language);
        voice.relay = channel.get("relay").map(|node| relay(node, &mut findings));
        voice.speech_model = channel.get("speech_model").and_then(|node| model(node, &mut findings));
        voice.timeout = whole(channel, "timeout", voice.timeout, (1, 60), &mut findings);
        voice.speech_timeout = whole(channel, "speech_timeout", voice.speech_timeout, (1, 60), &mut findings);
        voice.max_turns = whole(channel, "max_turns", voice.max_turns, (0, 100_000), &mut findings);
        voice.max_minutes = whole(channel, "max_minutes", voice.max_minutes, (0, 1_440), &mut findings);
        voice.voices = channel.get("voices").map(|node| voices(node, &mut findings)).unwrap_or_default();
        voice.numbers = channel.get("numbers").map(|node| called::read(node, project, &mut findings)).unwrap_or_default();
        if let (Some(relay), Some(node)) = (&voice.relay, channel.get("relay")) {
            let others = voice.voices.keys().chain(voice.numbers.values().filter_map(|called| called.language.as_ref()));
            for language in others.filter(|language| **language != voice.language && !relay.voices.contains_key(*language)) {
                findings.error(node.at, format!("a call may be in `{language}`, for which the relay has no voice; give it one under `voices` of `relay`"));
            }
            if relay.voices.contains_key(&voice.language) {
                findings.error(node.at, format!("the relay's `voice` is the one of `{}`; `voices` are those of other languages", voice.language));
            }
        }
        for language in project.config.languages.iter().skip(1) {
            let heard = voice.voices.keys().chain([&voice.language]).any(|known| called::primary(known) == called::primary(language));
            if !heard {
                findings.warn(channel.at, format!("callers hear `{language}` with the voice of `{}`; give it one under `voices`", voice.language));
            }
        }
        voice
    }
}

const KEYS: [&str; 11] =
    ["assistant_voice", "language", "max_minutes", "max_turns", "numbers", "outbound", "relay", "speech_model", "speech_timeout", "timeout", "voices"];

fn voices(node: &Node, findings: &mut Findings<'_>) -> BTreeMap<String, String> {
    let mut voices = BTreeMap::new();
    for (language, voice) in node.pairs() {
        if !is_language(&language.text) {
            findings.error(language.at, format!("`{}` is no language with its region; write it such as en-US", language.text));
        } else if let Some(voice) = voice.text("a voice", findings) {
            voices.insert(language.text.clone(), voice);
        }
    }
    voices
}

/// A language as the telephone network wants it; Rasa's `language: en` names none of its regions.
fn with_region(locale: &str) -> String {
    match locale {
        "es" => twiml::LANGUAGE.to_owned(),
        "en" => "en-US".to_owned(),
        _ if locale.len() == 2 => format!("{locale}-{}", locale.to_ascii_uppercase()),
        _ => locale.to_owned(),
    }
}

fn relay(node: &Node, findings: &mut Findings<'_>) -> RelayVoice {
    node.only("`relay`", &["numbers", "tts_provider", "voice", "voices", "transcription_provider", "speech_model"], findings);
    let voices = node.get("voices").map(|node| voices(node, findings)).unwrap_or_default();
    let numbers = node.get("numbers").map(|node| node.texts("`numbers`", findings)).unwrap_or_default();
    let mut word = |key: &str, default: &str, allowed: &[&str]| {
        let Some(written) = node.get(key) else { return default.to_owned() };
        let word = written.text(&format!("`{key}`"), findings).unwrap_or_else(|| default.to_owned());
        if !allowed.is_empty() && !allowed.contains(&word.as_str()) {
            findings.error(written.at, format!("`{key}` is one of {}", allowed.join(", ")));
        }
        word
    };
    RelayVoice {
        tts_provider: word("tts_provider", "Google", &["Google", "Amazon", "ElevenLabs"]),
        voice: word("voice", "es-US-Chirp3-HD-Aoede", &[]),
        transcription_provider: word("transcription_provider", "Deepgram", &["Google", "Deepgram"]),
        speech_model: word("speech_model", "nova-3-general", &[]),
        voices,
        numbers,
    }
}

/// A recogniser's name. With one, `speechTimeout` is a number of seconds, which ours always is (`twilio-voice.md` §3.3).
fn model(node: &Node, findings: &mut Findings<'_>) -> Option<String> {
    let name = node.text("`speech_model`", findings)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    if name.is_empty() || !name.bytes().all(plain) {
        findings.error(node.at, "`speech_model` is a recogniser such as `googlev2_telephony`");
        return None;
    }
    Some(name)
}

fn whole(channel: &Node, key: &str, default: u32, (least, most): (u32, u32), findings: &mut Findings<'_>) -> u32 {
    let Some(node) = channel.get(key) else { return default };
    let Some(number) = node.number(&format!("`{key}`"), findings) else { return default };
    if !(f64::from(least)..=f64::from(most)).contains(&number) || number.fract() != 0.0 {
        findings.error(node.at, format!("`{key}` is a whole number, {least} to {most}"));
        return default;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number between two of them")]
    let whole = number as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::{Voice, with_region};

    #[test]
    fn a_call_is_too_long_by_its_turns_or_by_its_minutes_and_never_where_there_is_no_limit() {
        let line = Voice { max_turns: 3, max_minutes: 30, ..Voice::of("es") };
        let (began, minute) = (1_000, 60_000);
        assert!(!line.is_too_long(3, began, began + 30 * minute - 1));
        assert!(line.is_too_long(4, began, began) && line.is_too_long(1, began, began + 30 * minute));
        assert!(!line.is_too_long(1, 0, 90 * minute), "a former version did not say when a call began");
        let line = Voice { max_turns: 0, max_minutes: 0, ..Voice::of("es") };
        assert!(!line.is_too_long(10_000, began, began + 10_000 * minute));
    }

    #[test]
    fn a_language_without_a_region_gets_one_that_telephone_networks_know() {
        assert_eq!(["es", "en", "de", "es-CL"].map(with_region), ["es-MX", "en-US", "de-DE", "es-CL"]);
    }
}
