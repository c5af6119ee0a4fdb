//! `TwiML` read back as strictly as this line writes it.
//!
//! Lives here: which verbs and attributes there are, and what may stand in what.
//! Never here: XML (`element.rs`), single values (`values.rs`), following a document (the phone).

use std::fmt::Display;

use super::{
    connect::Connect,
    element::{Child, Element, parse},
    twiml::{Dial, Document, Gather, HINTS, Party, Prompt, Say, Verb},
    values::{checked, count, empty, fixed, is_number, is_url, known, language, optional, seconds, text, verbs},
};

/// Why a document would not be run as meant. It names the place and never the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTwiml {
    /// Over 64 kB (Twilio: 11750).
    #[error("the document is over 64 kB; say less in one turn")]
    TooLarge,
    /// Not XML (12100).
    #[error("the document is not well-formed XML: {0}")]
    Malformed(String),
    /// Junk around the root, none, two, or one that is not closed (12100, 12102).
    #[error("the document must be one closed `<Response>` and nothing beside it")]
    NotOneRoot,
    /// A verb that is not known where it stands (12200, 13320).
    #[error("`<{verb}>` may not stand in `<{inside}>`")]
    Verb { verb: String, inside: String },
    /// An attribute that is not known (12200).
    #[error("`<{verb}>` has no attribute `{attribute}`")]
    UnknownAttribute { verb: String, attribute: String },
    /// A default left to Twilio.
    #[error("`<{verb}>` must say `{attribute}`: no default is left to Twilio")]
    MissingAttribute { verb: String, attribute: &'static str },
    /// A value outside its range (13310 to 13521).
    #[error("`{attribute}` of `<{verb}>` must be {allowed}")]
    Value { verb: String, attribute: &'static str, allowed: &'static str },
    /// Text where only verbs stand, or none where it is needed.
    #[error("`<{verb}>` {problem}")]
    Text { verb: String, problem: &'static str },
}

impl BadTwiml {
    pub(super) fn malformed(error: &impl Display) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// Reads a document that must be what [`Document::render`] writes or mean the same.
///
/// # Errors
/// [`BadTwiml`] at the first thing that Twilio would refuse, ignore or read otherwise.
pub fn read(xml: &str) -> Result<Document, BadTwiml> {
    let root = parse(xml)?;
    if root.name != "Response" {
        return Err(BadTwiml::NotOneRoot);
    }
    known(&root, &[])?;
    let verbs = verbs(&root)?;
    if verbs.iter().skip(1).any(|verb| verb.name == "Reject") {
        return Err(BadTwiml::Text { verb: "Reject".to_owned(), problem: "must be the first verb" });
    }
    Ok(Document(verbs.into_iter().map(|child| verb(child, &root.name)).collect::<Result<_, _>>()?))
}

fn verb(element: &Element, inside: &str) -> Result<Verb, BadTwiml> {
    Ok(match element.name.as_str() {
        "Say" => Verb::Say(say(element)?),
        "Pause" => Verb::Pause(pause(element)?),
        "Gather" => Verb::Gather(gather(element)?),
        "Dial" => Verb::Dial(dial(element)?),
        "Connect" => Verb::Connect(Connect::read(element)?),
        "Redirect" => {
            known(element, &["method"])?;
            fixed(element, "method", "POST", "`POST`")?;
            Verb::Redirect(text(element)?)
        }
        "Reject" => {
            known(element, &["reason"])?;
            fixed(element, "reason", "rejected", "`rejected`")?;
            empty(element)?;
            Verb::Reject
        }
        "Hangup" => {
            known(element, &[])?;
            empty(element)?;
            Verb::Hangup
        }
        _ => {
            return Err(BadTwiml::Verb { verb: element.name.clone(), inside: inside.to_owned() });
        }
    })
}

fn say(element: &Element) -> Result<Say, BadTwiml> {
    known(element, &["voice", "language"])?;
    let mut text = String::new();
    for child in &element.children {
        match child {
            Child::Text(more) => text.push_str(more),
            Child::Element(inner) => text.push_str(&digits(inner)?),
        }
    }
    if text.is_empty() {
        return Err(BadTwiml::Text { verb: element.name.clone(), problem: "says nothing" });
    }
    let voice = checked(element, "voice", "a voice such as `Polly.Mia-Neural`", |voice| {
        !voice.is_empty() && voice.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    })?;
    Ok(Say { voice, language: language(element)?, text })
}

/// `<say-as interpret-as="digits">4521</say-as>` is `4-5-2-1`.
fn digits(element: &Element) -> Result<String, BadTwiml> {
    if element.name != "say-as" {
        return Err(BadTwiml::Verb { verb: element.name.clone(), inside: "Say".to_owned() });
    }
    known(element, &["interpret-as"])?;
    fixed(element, "interpret-as", "digits", "`digits`")?;
    let digits = text(element)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadTwiml::Text { verb: element.name.clone(), problem: "must hold digits only" });
    }
    Ok(digits.chars().map(String::from).collect::<Vec<_>>().join("-"))
}

fn pause(element: &Element) -> Result<u32, BadTwiml> {
    known(element, &["length"])?;
    empty(element)?;
    seconds(element, "length")
}

const GATHER: [&str; 14] = [
    "input",
    "action",
    "method",
    "language",
    "timeout",
    "speechTimeout",
    "maxSpeechTime",
    "finishOnKey",
    "numDigits",
    "profanityFilter",
    "bargeIn",
    "actionOnEmptyResult",
    "speechModel",
    "hints",
];

fn gather(element: &Element) -> Result<Gather, BadTwiml> {
    known(element, &GATHER)?;
    let input = checked(element, "input", "`dtmf speech` or `dtmf`", |input| matches!(input, "dtmf speech" | "dtmf"))?;
    fixed(element, "method", "POST", "`POST`")?;
    fixed(element, "profanityFilter", "false", "`false`, to keep what was said")?;
    fixed(element, "bargeIn", "true", "`true`")?;
    fixed(element, "actionOnEmptyResult", "true", "`true`, or silence ends the call")?;
    let prompt = verbs(element)?.into_iter().map(|child| match child.name.as_str() {
        "Say" => Ok(Prompt::Say(say(child)?)),
        "Pause" => Ok(Prompt::Pause(pause(child)?)),
        _ => Err(BadTwiml::Verb { verb: child.name.clone(), inside: element.name.clone() }),
    });
    let finish = |keys: &str| keys.bytes().all(|key| key.is_ascii_digit() || key == b'*' || key == b'#');
    let model = |model: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        !model.is_empty() && model.bytes().all(plain)
    };
    Ok(Gather {
        action: checked(element, "action", "a URL", is_url)?,
        language: language(element)?,
        timeout: seconds(element, "timeout")?,
        speech_timeout: seconds(element, "speechTimeout")?,
        max_speech_time: seconds(element, "maxSpeechTime")?,
        speech_model: optional(element, "speechModel", "a model such as `googlev2_telephony`", model)?,
        keys_only: input == "dtmf",
        num_digits: count(element, "numDigits")?,
        finish_on_key: checked(element, "finishOnKey", "any of `0-9*#`, or empty", finish)?,
        hints: hints(element)?,
        prompt: prompt.collect::<Result<_, _>>()?,
    })
}

fn hints(element: &Element) -> Result<Vec<String>, BadTwiml> {
    let fits = |raw: &str| {
        let each = |phrase: &str| !phrase.trim().is_empty() && phrase.trim().chars().count() <= HINTS.1;
        raw.split(',').count() <= HINTS.0 && raw.split(',').all(each)
    };
    let raw = optional(element, "hints", "up to 500 phrases of up to 100 characters, with commas between", fits)?;
    Ok(raw.map(|raw| raw.split(',').map(|phrase| phrase.trim().to_owned()).collect()).unwrap_or_default())
}

fn dial(element: &Element) -> Result<Dial, BadTwiml> {
    known(element, &["timeout", "answerOnBridge", "record", "action", "method", "callerId"])?;
    fixed(element, "answerOnBridge", "true", "`true`, or the caller hears nothing while it rings")?;
    fixed(element, "record", "do-not-record", "`do-not-record`")?;
    let action = optional(element, "action", "a URL", is_url)?;
    if action.is_some() {
        fixed(element, "method", "POST", "`POST`")?;
    }
    let children = verbs(element)?;
    let [noun] = children.as_slice() else {
        return Err(BadTwiml::Text { verb: element.name.clone(), problem: "must hold one `Number`, `Sip` or `Queue`" });
    };
    let (party, whisper) = party(noun)?;
    let caller_id = optional(element, "callerId", "a number in E.164", is_number)?;
    Ok(Dial { party, timeout: seconds(element, "timeout")?, action, caller_id, whisper })
}

/// Whom a `Dial` connects with, and what they hear before.
fn party(noun: &Element) -> Result<(Party, Option<String>), BadTwiml> {
    known(noun, &["url", "method"])?;
    let whisper = optional(noun, "url", "a URL", is_url)?;
    if whisper.is_some() {
        fixed(noun, "method", "POST", "`POST`")?;
    }
    let named = text(noun)?;
    let problem = |problem| BadTwiml::Text { verb: noun.name.clone(), problem };
    let party = match noun.name.as_str() {
        "Number" => Party::parse(&named).filter(|party| matches!(party, Party::Number(_))).ok_or_else(|| problem("must hold one number in E.164"))?,
        "Sip" => Party::parse(&named).filter(|party| matches!(party, Party::Sip(_))).ok_or_else(|| problem("must hold `sip:user@host`"))?,
        "Queue" => Party::Queue(named),
        _ => return Err(BadTwiml::Verb { verb: noun.name.clone(), inside: "Dial".to_owned() }),
    };
    Ok((party, whisper))
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
