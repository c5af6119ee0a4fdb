//! What differs by the number that was called: language, voice, and what is known before anybody speaks.
//!
//! Lives here: `numbers` of `twilio_voice`, and which voice a call has at this moment.
//! Never here: what the numbers share (`voice.rs`).

use super::voice::Voice;
use crate::twilio::{PhoneNumber, is_language};
use centralita_engine::yaml::{Findings, Node};
use centralita_engine::{CallState, Project, SlotName, Value};
use std::collections::BTreeMap;

/// A called number.
#[derive(Clone, Default, PartialEq)]
pub struct Called {
    /// The language it speaks and hears, BCP 47; the line's if absent.
    pub language: Option<String>,
    /// Its voice; the language's, or the line's, if absent.
    pub voice: Option<String>,
    /// Slots that have a value when a call to it begins, such as the form of address.
    pub slots: Vec<(SlotName, Value)>,
}

/// Who speaks at one moment of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The voice, as the telephone network names it.
    pub voice: String,
    /// The language it speaks and hears.
    pub language: String,
}

impl Voice {
    /// Who speaks in a call: the voice of the called number, or of the language the call has changed to (slot `language`).
    pub fn spoken(&self, state: &CallState) -> Spoken {
        let called = state.opening.as_ref().and_then(|opening| self.called(opening.called.as_deref()?));
        let own = called.and_then(|called| called.language.as_ref()).unwrap_or(&self.language);
        let chosen = SlotName::parse("language").ok().and_then(|name| state.slots.get(&name)?.as_text().map(str::to_owned));
        let changed = chosen.filter(|chosen| primary(chosen) != primary(own));
        if let Some(changed) = changed
            && let Some((language, voice)) = self.all().find(|(language, _)| primary(language) == primary(&changed))
        {
            return Spoken { voice: voice.to_owned(), language: language.to_owned() };
        }
        let voice = called.and_then(|called| called.voice.as_ref()).or_else(|| self.voices.get(own)).unwrap_or(&self.voice);
        Spoken { voice: voice.clone(), language: own.clone() }
    }

    /// Who speaks where nothing is known of the call.
    pub fn own(&self) -> Spoken {
        Spoken { voice: self.voice.clone(), language: self.language.clone() }
    }

    /// What a call to this number knows before anybody speaks.
    pub fn known(&self, project: &Project, called: Option<&str>) -> Vec<(SlotName, Value)> {
        let Some(called) = called.and_then(|called| self.called(called)) else { return Vec::new() };
        let language = called.language.as_deref().map(primary).filter(|language| project.config.languages.iter().any(|known| known == language));
        let language = language.and_then(|language| Some((SlotName::parse("language").ok()?, Value::text(language))));
        let language = language.filter(|(name, _)| project.slots.contains_key(name));
        language.into_iter().chain(called.slots.iter().cloned()).collect()
    }

    fn called(&self, called: &str) -> Option<&Called> {
        self.numbers.get(PhoneNumber::parse(called).ok()?.as_str())
    }

    /// Every language that has a voice, the line's own first.
    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = std::iter::once((self.language.as_str(), self.voice.as_str()));
        own.chain(self.voices.iter().map(|(language, voice)| (language.as_str(), voice.as_str())))
    }
}

/// `es` of `es-MX`.
pub(super) fn primary(language: &str) -> &str {
    language.split_once('-').map_or(language, |(primary, _)| primary)
}

/// Reads `numbers`.
pub(super) fn read(node: &Node, project: &Project, findings: &mut Findings<'_>) -> BTreeMap<String, Called> {
    let mut numbers = BTreeMap::new();
    for (key, body) in node.pairs() {
        let Ok(number) = PhoneNumber::parse(&key.text) else {
            findings.error(key.at, format!("`{}` is no number; write it with country code, in quotes, such as \"+525500000100\"", key.text));
            continue;
        };
        body.only("a called number", &["language", "assistant_voice", "slots"], findings);
        let language = body.get("language").and_then(|node| language(node, findings));
        let voice = body.get("assistant_voice").and_then(|node| node.text("`assistant_voice`", findings));
        let slots = body.get("slots").map(|node| slots(node, project, findings)).unwrap_or_default();
        numbers.insert(number.as_str().to_owned(), Called { language, voice, slots });
    }
    numbers
}

fn slots(node: &Node, project: &Project, findings: &mut Findings<'_>) -> Vec<(SlotName, Value)> {
    let mut slots = Vec::new();
    for (key, body) in node.pairs() {
        let found = SlotName::parse(&key.text).ok().and_then(|name| Some((project.slots.get(&name)?, name)));
        let value = Value::from_json(body.to_json());
        match found {
            None => findings.error(key.at, format!("the domain has no slot `{}`; declare it under `slots`, or fix the spelling", key.text)),
            Some((slot, _)) if slot.consent => findings.error(key.at, format!("`{}` is a consent: only the caller gives it; take it out here", key.text)),
            Some((slot, name)) => match slot.coerce(&value) {
                Some(value) => slots.push((name, value)),
                None => findings.error(body.at, format!("the slot `{}` cannot hold this; write a value of its type in the domain", key.text)),
            },
        }
    }
    slots
}

/// A language with its region, as the telephone network wants it.
pub(super) fn language(node: &Node, findings: &mut Findings<'_>) -> Option<String> {
    let language = node.text("`language`", findings)?;
    if is_language(&language) {
        return Some(language);
    }
    findings.error(node.at, format!("`{language}` is no language with its region; write it such as es-MX"));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_engine::Opening;

    fn line() -> Voice {
        let voices = [("es-ES", "Polly.Lucia-Neural"), ("en-US", "Polly.Joanna-Neural")];
        let mut voice = Voice { voices: voices.map(|(language, voice)| (language.into(), voice.into())).into(), ..Voice::of("es") };
        voice.numbers.insert("+34910000000".into(), Called { language: Some("es-ES".into()), ..Called::default() });
        voice.numbers.insert("+525500000101".into(), Called { voice: Some("Polly.Andres-Neural".into()), ..Called::default() });
        voice
    }

    #[track_caller]
    fn check(called: &str, language: Option<&str>, spoken: (&str, &str)) {
        let opening = Opening {
            release: String::new(),
            seed: 0,
            number: None,
            called: Some(called.into()),
            channel: "twilio_voice".into(),
            metadata: Value::None,
            slots: Vec::new(),
        };
        let mut state = CallState { opening: Some(opening), ..CallState::default() };
        if let Some(language) = language {
            state.slots.insert(SlotName::parse("language").unwrap(), Value::text(language));
        }
        assert_eq!(line().spoken(&state), Spoken { voice: spoken.0.into(), language: spoken.1.into() });
    }

    #[test]
    fn a_call_has_the_voice_of_its_number_until_it_changes_the_language() {
        check("+525500000100", None, ("Polly.Mia-Neural", "es-MX"));
        check("+525500000101", None, ("Polly.Andres-Neural", "es-MX"));
        check("+34910000000", None, ("Polly.Lucia-Neural", "es-ES"));
        check("+34910000000", Some("es"), ("Polly.Lucia-Neural", "es-ES"));
        check("+34910000000", Some("en"), ("Polly.Joanna-Neural", "en-US"));
        check("+34910000000", Some("de"), ("Polly.Lucia-Neural", "es-ES"));
    }
}
