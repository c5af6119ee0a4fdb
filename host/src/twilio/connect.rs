//! `<Connect><ConversationRelay>`: the network hears and speaks, and a WebSocket of ours carries the words.
//!
//! Lives here: the verb, written and read back.
//! Never here: the socket itself (`relay`), other verbs (`twiml.rs`, `read.rs`).

use super::{
    element::Element,
    read::BadTwiml,
    values::{checked, empty, fixed, is_language, is_url, known, language, verbs},
};

/// Hands the call to a socket; when that ends, `action` is asked for the next document.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect {
    /// Where the next document comes from, by POST.
    pub action: String,
    /// The socket, `wss:` (or `ws:` on this machine).
    pub url: String,
    /// Spoken and heard, BCP-47 with a region.
    pub language: String,
    /// Who speaks: `Google`, `Amazon` or `ElevenLabs`.
    pub tts_provider: String,
    /// The provider's own name of a voice.
    pub voice: String,
    /// Who listens: `Google` or `Deepgram`.
    pub transcription_provider: String,
    /// The recogniser, as its provider calls it.
    pub speech_model: String,
    /// Languages that the session may change to, with their voices.
    pub others: Vec<(String, String)>,
    /// Phrases to expect. Nothing of a caller: they are not kept as card data must be (`twilio-voice.md` §4).
    pub hints: Vec<String>,
    /// What the socket is told when it opens.
    pub parameters: Vec<(String, String)>,
}

/// What every session of ours says alike: whoever speaks or keys interrupts, and we are told how far we were heard.
const SAME: [(&str, &str); 5] =
    [("interruptible", "any"), ("dtmfDetection", "true"), ("preemptible", "false"), ("profanityFilter", "false"), ("events", "speaker-events tokens-played")];

impl Connect {
    /// The attributes of the session, all of them.
    pub(super) fn attributes(&self) -> Vec<(&'static str, String)> {
        let own = [
            ("url", &self.url),
            ("language", &self.language),
            ("ttsProvider", &self.tts_provider),
            ("voice", &self.voice),
            ("transcriptionProvider", &self.transcription_provider),
            ("speechModel", &self.speech_model),
        ];
        let hints = self.hints.iter().map(|hint| hint.replace(',', " ")).collect::<Vec<_>>().join(", ");
        let own = own.into_iter().map(|(name, value)| (name, value.clone()));
        let same = SAME.into_iter().map(|(name, value)| (name, value.to_owned()));
        own.chain(same).chain((!hints.is_empty()).then_some(("hints", hints))).collect()
    }

    /// The attributes of another language: whoever speaks and listens does so in it, too.
    pub(super) fn other<'a>(&'a self, language: &'a str, voice: &'a str) -> [(&'static str, &'a str); 5] {
        [
            ("code", language),
            ("ttsProvider", &self.tts_provider),
            ("voice", voice),
            ("transcriptionProvider", &self.transcription_provider),
            ("speechModel", &self.speech_model),
        ]
    }

    /// Reads the verb back.
    pub(super) fn read(element: &Element) -> Result<Self, BadTwiml> {
        known(element, &["action", "method"])?;
        fixed(element, "method", "POST", "`POST`")?;
        let children = verbs(element)?;
        let [relay] = children.as_slice() else {
            return Err(BadTwiml::Text { verb: element.name.clone(), problem: "must hold one `ConversationRelay`" });
        };
        if relay.name != "ConversationRelay" {
            return Err(BadTwiml::Verb { verb: relay.name.clone(), inside: element.name.clone() });
        }
        let names = ["url", "language", "ttsProvider", "voice", "transcriptionProvider", "speechModel", "hints"];
        known(relay, &names.into_iter().chain(SAME.iter().map(|(name, _)| *name)).collect::<Vec<_>>())?;
        for (name, value) in SAME {
            fixed(relay, name, value, value)?;
        }
        let one_of = |name, allowed, all: &'static [&'static str]| checked(relay, name, allowed, |value| all.contains(&value));
        let word = |name| checked(relay, name, "a name as its provider writes it", |value| !value.trim().is_empty());
        let hints = relay.attributes.iter().find(|(name, _)| name == "hints").map(|(_, value)| value.as_str()).unwrap_or_default();
        Ok(Self {
            action: checked(element, "action", "a URL", is_url)?,
            url: checked(relay, "url", "an address that begins with `wss://`", |url| {
                let loopback = ["ws://127.0.0.1", "ws://localhost", "ws://[::1]"].iter().any(|start| url.starts_with(start));
                is_url(url) && !url.contains('?') && (url.starts_with("wss://") || loopback)
            })?,
            language: language(relay)?,
            tts_provider: one_of("ttsProvider", "`Google`, `Amazon` or `ElevenLabs`", &["Google", "Amazon", "ElevenLabs"])?,
            voice: word("voice")?,
            transcription_provider: one_of("transcriptionProvider", "`Google` or `Deepgram`", &["Google", "Deepgram"])?,
            speech_model: word("speechModel")?,
            hints: hints.split(',').map(str::trim).filter(|hint| !hint.is_empty()).map(str::to_owned).collect(),
            others: verbs(relay)?.into_iter().filter(|child| child.name == LANGUAGE).map(other).collect::<Result<_, _>>()?,
            parameters: verbs(relay)?.into_iter().filter(|child| child.name != LANGUAGE).map(parameter).collect::<Result<_, _>>()?,
        })
    }
}

/// The child that names another language.
pub(super) const LANGUAGE: &str = "Language";

fn other(element: &Element) -> Result<(String, String), BadTwiml> {
    known(element, &["code", "ttsProvider", "voice", "transcriptionProvider", "speechModel"])?;
    empty(element)?;
    let text = |name| checked(element, name, "text", |value| !value.trim().is_empty());
    for name in ["ttsProvider", "transcriptionProvider", "speechModel"] {
        text(name)?;
    }
    Ok((checked(element, "code", "a language with its region, such as `en-US`", is_language)?, text("voice")?))
}

fn parameter(element: &Element) -> Result<(String, String), BadTwiml> {
    if element.name != "Parameter" {
        return Err(BadTwiml::Verb { verb: element.name.clone(), inside: "ConversationRelay".to_owned() });
    }
    known(element, &["name", "value"])?;
    empty(element)?;
    let text = |name| checked(element, name, "text", |value| !value.is_empty());
    Ok((text("name")?, text("value")?))
}
