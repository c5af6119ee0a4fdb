//! `TwiML`, as far as this line speaks it: a typed document and its text.
//!
//! Lives here: verbs, rendering, and the sentence for a caller when nothing else works.
//! Never here: what is said (responses of the domain), reading (`read.rs`).

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesStart, BytesText, Event},
};

use super::aloud::aloud;
use super::connect::Connect;
use super::spoken::{Part, clean, parts, pieces};
use super::values::{is_number, is_sip};
use crate::release::Spoken;

/// The voice for what is not spoken by a project.
pub const VOICE: &str = "Polly.Mia-Neural";
/// The language of [`VOICE`].
pub const LANGUAGE: &str = "es-MX";
/// What a caller hears, at least, when a turn failed. Tools recognise a failed turn by it.
pub const APOLOGY: &str = "Disculpa, tenemos una falla técnica en este momento.";

/// The answer to one webhook: verbs, run from top to bottom; the end of the list hangs up.
#[derive(Clone, PartialEq, Eq)]
pub struct Document(pub Vec<Verb>);

/// One instruction to Twilio.
#[derive(Clone, PartialEq, Eq)]
pub enum Verb {
    Say(Say),
    /// Silence, in seconds.
    Pause(u32),
    Gather(Gather),
    Dial(Dial),
    Connect(Connect),
    /// Fetches the next document from this URL, by POST.
    Redirect(String),
    /// Does not take the call, which has not been answered yet: it must be the first verb.
    Reject,
    Hangup,
}

impl Verb {
    /// A person, or the end of the call where there is none.
    pub fn person_or_end(person: Option<&Party>) -> Self {
        person.map_or(Self::Hangup, |party| Self::Dial(Dial::person(party)))
    }
}

/// Text to speech.
#[derive(Clone, PartialEq, Eq)]
pub struct Say {
    pub voice: String,
    /// BCP-47, for example `es-MX`.
    pub language: String,
    /// Single digits joined by `-` (`4-5-2-1`) are read one by one.
    pub text: String,
}

impl Say {
    /// Says `text` with this voice, in words it reads as they are meant.
    pub(crate) fn by(spoken: &Spoken, text: &str) -> Self {
        Self { voice: spoken.voice.clone(), language: spoken.language.clone(), text: aloud(text, &spoken.language) }
    }

    /// Says `text` with [`VOICE`].
    pub fn new(text: &str) -> Self {
        Self { voice: VOICE.to_owned(), language: LANGUAGE.to_owned(), text: text.to_owned() }
    }
}

/// Listens for speech and keys, whichever comes first, and posts what it got, silence included.
#[derive(Clone, PartialEq, Eq)]
pub struct Gather {
    /// Where the answer goes, by POST.
    pub action: String,
    /// Language of the recogniser, BCP-47 with a region.
    pub language: String,
    /// Seconds of silence before the first input, and between keys.
    pub timeout: u32,
    /// Seconds of silence that end speech.
    pub speech_timeout: u32,
    /// Longest utterance, in seconds.
    pub max_speech_time: u32,
    /// The recogniser; Twilio chooses if absent.
    pub speech_model: Option<String>,
    /// Whether speech is not listened for.
    pub keys_only: bool,
    /// Keys that end keyed input: any of `0-9*#`, or none.
    pub finish_on_key: String,
    /// How many keys end keyed input by themselves.
    pub num_digits: Option<u32>,
    /// Phrases to expect; those over 100 characters and those after the 500th are left out.
    pub hints: Vec<String>,
    /// What is said while listening already.
    pub prompt: Vec<Prompt>,
}

/// What may stand inside a [`Gather`].
#[derive(Clone, PartialEq, Eq)]
pub enum Prompt {
    Say(Say),
    /// Silence, in seconds.
    Pause(u32),
}

/// Connects the caller with somebody else.
#[derive(Clone, PartialEq, Eq)]
pub struct Dial {
    /// Whom.
    pub party: Party,
    /// Seconds to let it ring.
    pub timeout: u32,
    /// Where to ask for the next document afterwards; without it the next verb follows.
    pub action: Option<String>,
    /// The number shown to the person called; the caller's own if absent.
    pub caller_id: Option<String>,
    /// The document the person called hears before the two can talk.
    pub whisper: Option<String>,
}

/// Where a person is reached. Its text is how an operator writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// A number in E.164.
    Number(String),
    /// `sip:user@host`.
    Sip(String),
    /// A queue of the account, by name; `queue:NAME`.
    Queue(String),
}

impl Party {
    /// Reads `+525500000000`, `sip:user@host` or `queue:NAME`; `None` for anything else.
    pub fn parse(raw: &str) -> Option<Self> {
        let name = |name: &str| !name.is_empty() && name.len() <= 64 && name.chars().all(|letter| letter.is_alphanumeric() || "-_ ".contains(letter));
        match raw.split_once(':') {
            Some(("sip" | "sips", _)) => is_sip(raw).then(|| Self::Sip(raw.to_owned())),
            Some(("queue", queue)) => name(queue).then(|| Self::Queue(queue.to_owned())),
            Some(_) => None,
            None => is_number(raw).then(|| Self::Number(raw.to_owned())),
        }
    }
}

impl std::fmt::Display for Party {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(raw) | Self::Sip(raw) => out.write_str(raw),
            Self::Queue(name) => write!(out, "queue:{name}"),
        }
    }
}

impl Dial {
    /// Connects with a person, whose telephone rings for 30 seconds; the next verb follows.
    pub fn person(party: &Party) -> Self {
        Self { party: party.clone(), timeout: 30, action: None, caller_id: None, whisper: None }
    }
}

/// The most phrases Twilio takes as hints, and the most characters of one.
pub(super) const HINTS: (usize, usize) = (500, 100);

impl Document {
    /// The document as text: UTF-8, escaped, without what XML 1.0 cannot hold. A `Say` without
    /// text is left out; one that is too long for a voice becomes several.
    pub fn render(&self) -> String {
        let mut out = Writer::new(Vec::with_capacity(1_024));
        // Writing into memory does not fail.
        self.write(&mut out).ok();
        String::from_utf8(out.into_inner()).unwrap_or_default()
    }

    fn write(&self, out: &mut Out) -> io::Result<()> {
        out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        element(out, "Response", &[], |out| self.0.iter().try_for_each(|verb| write_verb(out, verb)))
    }
}

/// The document for a turn that failed: [`APOLOGY`], then the fallback number if there is one.
pub fn apology(fallback: Option<&Party>) -> Document {
    Document(match fallback {
        Some(person) => vec![Verb::Say(Say::new(&format!("{APOLOGY} Te comunico con una persona."))), Verb::Dial(Dial::person(person))],
        None => vec![Verb::Say(Say::new(&format!("{APOLOGY} Por favor, llama de nuevo en unos minutos."))), Verb::Hangup],
    })
}

type Out = Writer<Vec<u8>>;

fn write_verb(out: &mut Out, verb: &Verb) -> io::Result<()> {
    match verb {
        Verb::Say(say) => write_say(out, say),
        Verb::Pause(seconds) => write_pause(out, *seconds),
        Verb::Gather(gather) => write_gather(out, gather),
        Verb::Dial(dial) => write_dial(out, dial),
        Verb::Connect(connect) => write_connect(out, connect),
        Verb::Redirect(url) => element(out, "Redirect", &[("method", "POST")], |out| write_text(out, &clean(url))),
        Verb::Reject => element(out, "Reject", &[("reason", "rejected")], |_| Ok(())),
        Verb::Hangup => element(out, "Hangup", &[], |_| Ok(())),
    }
}

fn write_say(out: &mut Out, say: &Say) -> io::Result<()> {
    let text = clean(&say.text);
    if text.trim().is_empty() {
        return Ok(());
    }
    let attributes = [("voice", say.voice.as_str()), ("language", say.language.as_str())];
    pieces(&text).into_iter().try_for_each(|piece| {
        element(out, "Say", &attributes, |out| {
            parts(piece).into_iter().try_for_each(|part| match part {
                Part::Text(text) => write_text(out, text),
                Part::Digits(run) => element(out, "say-as", &[("interpret-as", "digits")], |out| write_text(out, &run.replace('-', ""))),
            })
        })
    })
}

fn write_pause(out: &mut Out, seconds: u32) -> io::Result<()> {
    element(out, "Pause", &[("length", &seconds.to_string())], |_| Ok(()))
}

fn write_gather(out: &mut Out, gather: &Gather) -> io::Result<()> {
    let (timeout, speech_timeout) = (gather.timeout.to_string(), gather.speech_timeout.to_string());
    let max_speech_time = gather.max_speech_time.to_string();
    let hints: Vec<_> = gather.hints.iter().map(|hint| hint.replace(',', " ")).collect();
    let fits = |hint: &&str| !hint.is_empty() && hint.chars().count() <= HINTS.1;
    let hints = hints.iter().map(|hint| hint.trim()).filter(fits).take(HINTS.0).collect::<Vec<_>>().join(", ");
    let num_digits = gather.num_digits.map(|digits| digits.to_string());
    let mut attributes = vec![
        ("input", if gather.keys_only { "dtmf" } else { "dtmf speech" }),
        ("action", gather.action.as_str()),
        ("method", "POST"),
        ("language", gather.language.as_str()),
        ("timeout", timeout.as_str()),
        ("speechTimeout", speech_timeout.as_str()),
        ("maxSpeechTime", max_speech_time.as_str()),
        ("finishOnKey", gather.finish_on_key.as_str()),
        ("profanityFilter", "false"),
        ("bargeIn", "true"),
        ("actionOnEmptyResult", "true"),
    ];
    attributes.extend(num_digits.as_deref().map(|digits| ("numDigits", digits)));
    attributes.extend(gather.speech_model.as_deref().map(|model| ("speechModel", model)));
    attributes.extend((!hints.is_empty()).then_some(("hints", hints.as_str())));
    element(out, "Gather", &attributes, |out| {
        gather.prompt.iter().try_for_each(|prompt| match prompt {
            Prompt::Say(say) => write_say(out, say),
            Prompt::Pause(seconds) => write_pause(out, *seconds),
        })
    })
}

fn write_dial(out: &mut Out, dial: &Dial) -> io::Result<()> {
    let timeout = dial.timeout.to_string();
    let mut attributes = vec![("timeout", timeout.as_str()), ("answerOnBridge", "true"), ("record", "do-not-record")];
    if let Some(action) = &dial.action {
        attributes.extend([("action", action.as_str()), ("method", "POST")]);
    }
    attributes.extend(dial.caller_id.as_deref().map(|number| ("callerId", number)));
    let whisper: Vec<_> = dial.whisper.iter().flat_map(|url| [("url", url.as_str()), ("method", "POST")]).collect();
    let (noun, text) = match &dial.party {
        Party::Number(number) => ("Number", number),
        Party::Sip(address) => ("Sip", address),
        Party::Queue(name) => ("Queue", name),
    };
    element(out, "Dial", &attributes, |out| element(out, noun, &whisper, |out| write_text(out, &clean(text))))
}

fn write_connect(out: &mut Out, connect: &Connect) -> io::Result<()> {
    let attributes = connect.attributes();
    let attributes: Vec<_> = attributes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    element(out, "Connect", &[("action", connect.action.as_str()), ("method", "POST")], |out| {
        element(out, "ConversationRelay", &attributes, |out| {
            for (language, voice) in &connect.others {
                let attributes = connect.other(language, voice);
                element(out, super::connect::LANGUAGE, &attributes, |_| Ok(()))?;
            }
            connect.parameters.iter().try_for_each(|(name, value)| element(out, "Parameter", &[("name", name), ("value", value)], |_| Ok(())))
        })
    })
}

fn write_text(out: &mut Out, text: &str) -> io::Result<()> {
    out.write_event(Event::Text(BytesText::new(text)))
}

fn element(out: &mut Out, name: &str, attributes: &[(&str, &str)], inside: impl FnOnce(&mut Out) -> io::Result<()>) -> io::Result<()> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, clean(value).as_str()));
    }
    let end = start.to_end().into_owned();
    out.write_event(Event::Start(start.borrow()))?;
    inside(out)?;
    out.write_event(Event::End(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_every_attribute() {
        let gather = Gather {
            action: "/webhooks/twilio/process?turn=2&t=ab".to_owned(),
            language: "es-MX".to_owned(),
            timeout: 6,
            speech_timeout: 2,
            max_speech_time: 30,
            speech_model: Some("googlev2_telephony".to_owned()),
            keys_only: false,
            finish_on_key: "#".to_owned(),
            num_digits: Some(4),
            hints: vec!["sí".to_owned(), "no, gracias".to_owned(), "x".repeat(101)],
            prompt: vec![Prompt::Say(Say::new("¿Termina en 4-5-2-1?")), Prompt::Pause(1)],
        };
        let expected = concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#,
            r#"<Gather input="dtmf speech" action="/webhooks/twilio/process?turn=2&amp;t=ab" method="POST" language="es-MX" "#,
            r##"timeout="6" speechTimeout="2" maxSpeechTime="30" finishOnKey="#" profanityFilter="false" bargeIn="true" "##,
            r#"actionOnEmptyResult="true" numDigits="4" speechModel="googlev2_telephony" hints="sí, no  gracias">"#,
            r#"<Say voice="Polly.Mia-Neural" language="es-MX">¿Termina en <say-as interpret-as="digits">4521</say-as>?</Say>"#,
            r#"<Pause length="1"></Pause></Gather></Response>"#
        );
        assert_eq!(Document(vec![Verb::Gather(gather)]).render(), expected);
    }

    #[test]
    fn text_cannot_become_a_verb() {
        let xml = Document(vec![Verb::Say(Say::new("</Say><Dial>+525500000000</Dial>"))]).render();
        assert!(!xml.contains("<Dial>"), "{xml}");
    }

    #[test]
    fn an_apology_ends_with_a_person_or_the_end() {
        let dial = apology(Some(&Party::Number("+525500000000".to_owned()))).render();
        let expected = r#"<Dial timeout="30" answerOnBridge="true" record="do-not-record"><Number>+525500000000</Number></Dial>"#;
        assert!(dial.contains(APOLOGY) && dial.contains(expected), "{dial}");
        let end = apology(None).render();
        assert!(end.contains(APOLOGY) && end.ends_with("<Hangup></Hangup></Response>"), "{end}");
    }

    #[test]
    fn a_say_without_text_is_left_out_and_a_long_one_is_split() {
        let xml = Document(vec![Verb::Say(Say::new(" \n")), Verb::Say(Say::new(&"Hola. ".repeat(1_000)))]).render();
        assert_eq!(xml.matches("<Say ").count(), 3);
    }
}
