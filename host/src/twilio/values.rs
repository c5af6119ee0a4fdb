//! What may stand in an attribute or a text of a `TwiML` document.
//!
//! Lives here: looking attributes up and judging their values.
//! Never here: which verb has which (`read.rs`).

use super::{
    element::{Child, Element},
    read::BadTwiml,
};

/// Whether it is a language with its region, such as `es-MX`.
pub(crate) fn is_language(text: &str) -> bool {
    text.split_once('-').is_some_and(|(language, region)| {
        (2..=3).contains(&language.len())
            && language.bytes().all(|byte| byte.is_ascii_lowercase())
            && (2..=8).contains(&region.len())
            && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn is_sip(text: &str) -> bool {
    let address = text.strip_prefix("sips:").or_else(|| text.strip_prefix("sip:")).unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_graphic() && !"<>\"".contains(letter);
    address.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty()) && address.chars().all(plain)
}

pub(super) fn is_url(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

pub(super) fn language(element: &Element) -> Result<String, BadTwiml> {
    checked(element, "language", "a language with its region, such as `es-MX`", is_language)
}

/// A whole number above zero, such as a count of keys.
pub(super) fn count(element: &Element, attribute: &'static str) -> Result<Option<u32>, BadTwiml> {
    let fits = |raw: &str| raw.bytes().all(|byte| byte.is_ascii_digit()) && raw.parse::<u32>().is_ok_and(|count| count > 0);
    Ok(optional(element, attribute, "a whole number above zero", fits)?.and_then(|raw| raw.parse().ok()))
}

pub(super) fn seconds(element: &Element, attribute: &'static str) -> Result<u32, BadTwiml> {
    let allowed = "a whole number of seconds above zero";
    let plain = |raw: &str| raw.bytes().all(|byte| byte.is_ascii_digit());
    let raw = checked(element, attribute, allowed, plain)?;
    let bad = || BadTwiml::Value { verb: element.name.clone(), attribute, allowed };
    raw.parse().ok().filter(|seconds| *seconds > 0).ok_or_else(bad)
}

pub(super) fn optional(element: &Element, attribute: &'static str, allowed: &'static str, fits: impl Fn(&str) -> bool) -> Result<Option<String>, BadTwiml> {
    match element.attributes.iter().find(|(name, _)| name == attribute) {
        None => Ok(None),
        Some((_, value)) if fits(value) => Ok(Some(value.clone())),
        Some(_) => Err(BadTwiml::Value { verb: element.name.clone(), attribute, allowed }),
    }
}

pub(super) fn checked(element: &Element, attribute: &'static str, allowed: &'static str, fits: impl Fn(&str) -> bool) -> Result<String, BadTwiml> {
    let missing = || BadTwiml::MissingAttribute { verb: element.name.clone(), attribute };
    optional(element, attribute, allowed, fits)?.ok_or_else(missing)
}

pub(super) fn fixed(element: &Element, attribute: &'static str, value: &str, allowed: &'static str) -> Result<(), BadTwiml> {
    checked(element, attribute, allowed, |raw| raw == value).map(drop)
}

pub(super) fn known(element: &Element, attributes: &[&str]) -> Result<(), BadTwiml> {
    match element.attributes.iter().find(|(name, _)| !attributes.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => Err(BadTwiml::UnknownAttribute { verb: element.name.clone(), attribute: name.clone() }),
    }
}

/// The elements inside, where text between them may only be white space.
pub(super) fn verbs(element: &Element) -> Result<Vec<&Element>, BadTwiml> {
    let mut found = Vec::new();
    for child in &element.children {
        match child {
            Child::Element(inner) => found.push(inner),
            Child::Text(text) if text.trim().is_empty() => {}
            Child::Text(_) => {
                return Err(BadTwiml::Text { verb: element.name.clone(), problem: "holds text outside its verbs" });
            }
        }
    }
    Ok(found)
}

/// The text inside, where no element may be.
pub(super) fn text(element: &Element) -> Result<String, BadTwiml> {
    match element.children.as_slice() {
        [Child::Text(text)] if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        _ => Err(BadTwiml::Text { verb: element.name.clone(), problem: "must hold text and nothing else" }),
    }
}

pub(super) fn empty(element: &Element) -> Result<(), BadTwiml> {
    if verbs(element)?.is_empty() {
        return Ok(());
    }
    Err(BadTwiml::Text { verb: element.name.clone(), problem: "must be empty" })
}
