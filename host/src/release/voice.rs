//! `credentials.yml`: how the line sounds and listens.
//!
//! Lives here: the keys of `twilio_voice` that are honoured (`rasa-calm.md` §11.1), and their defaults.
//! Never here: secrets. Those are variables.

use super::Package;
use crate::twilio::twiml;
use centralita_engine::yaml::{self, Findings, Mistake, Node};

/// How calls are carried over a socket, where they are (`relay` of `twilio_voice`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayVoice {
    /// The called numbers it is for; none for all of them.
    pub numbers: Vec<String>,
    /// Who speaks.
    pub tts_provider: String,
    /// The provider's own name of a voice.
    pub voice: String,
    /// Who listens.
    pub transcription_provider: String,
    /// The recogniser, as its provider calls it.
    pub speech_model: String,
}

/// The voice and ears of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

impl Voice {
    /// Reads `twilio_voice` of `credentials.yml`; what is not written is as the project's locale and our defaults say.
    pub(super) fn read(package: &Package, locale: &str, mistakes: &mut Vec<Mistake>) -> Self {
        let mut voice = Self { voice: twiml::VOICE.into(), language: with_region(locale), timeout: 6, speech_timeout: 2, speech_model: None, relay: None };
        let Some(text) = package.files.get("credentials.yml") else { return voice };
        let mut findings = Findings::new("credentials.yml", mistakes);
        let Some(root) = yaml::read(text, &mut findings) else { return voice };
        let Some(channel) = root.get("twilio_voice") else { return voice };
        channel.only("`twilio_voice`", &["assistant_voice", "language", "outbound", "relay", "speech_model", "speech_timeout", "timeout"], &mut findings);
        let mut word = |key: &str| channel.get(key).and_then(|node| node.text(&format!("`{key}`"), &mut findings));
        voice.voice = word("assistant_voice").unwrap_or(voice.voice);
        voice.language = word("language").unwrap_or(voice.language);
        voice.relay = channel.get("relay").map(|node| relay(node, &mut findings));
        voice.speech_model = channel.get("speech_model").and_then(|node| model(node, &mut findings));
        voice.timeout = seconds(channel, "timeout", voice.timeout, &mut findings);
        voice.speech_timeout = seconds(channel, "speech_timeout", voice.speech_timeout, &mut findings);
        voice
    }
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
    node.only("`relay`", &["numbers", "tts_provider", "voice", "transcription_provider", "speech_model"], findings);
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

fn seconds(channel: &Node, key: &str, default: u32, findings: &mut Findings<'_>) -> u32 {
    let Some(node) = channel.get(key) else { return default };
    let Some(number) = node.number(&format!("`{key}`"), findings) else { return default };
    if !(1.0..=60.0).contains(&number) || number.fract() != 0.0 {
        findings.error(node.at, format!("`{key}` is a whole number of seconds, 1 to 60"));
        return default;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of 1 to 60")]
    let whole = number as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::with_region;

    #[test]
    fn a_language_without_a_region_gets_one_that_telephone_networks_know() {
        assert_eq!(["es", "en", "de", "es-CL"].map(with_region), ["es-MX", "en-US", "de-DE", "es-CL"]);
    }
}
