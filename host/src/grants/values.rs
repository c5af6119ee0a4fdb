//! Values into requests, and out of answers.
//!
//! Lives here: putting values back for tokens where a binding allows their class, and replacing live
//! values in what comes back.
//! Never here: giving out tokens; whoever calls this knows which token stands for what.

use super::bindings::Place;
use super::class::{BadToken, Class, find_token, is_token};
use crate::guard::{self, Guard};
use serde_json::{Map, Value};

/// A token where it may not stand, with the JSON pointer of the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{at}`: {why}")]
pub struct ForbiddenValue {
    /// The field, as JSON pointer; empty for the whole.
    pub at: String,
    /// Why.
    pub why: BadToken,
}

/// A value that is live in a call, and the token that stands for it. No `Debug`.
pub struct Live<'a> {
    /// The token.
    pub token: &'a str,
    /// The class.
    pub class: Class,
    /// The value.
    pub value: &'a str,
}

/// Whether a text holds a token: paths, headers and log fields must not.
pub fn holds_token(text: &str) -> bool {
    find_token(text).is_some()
}

/// The class of a text that is one token and nothing else.
pub fn class_of(text: &str) -> Option<Class> {
    is_token(text)
}

/// Puts values back for tokens, anywhere inside the strings of a request, where `places` allow.
///
/// # Errors
/// [`ForbiddenValue`] if a token stands in a field that does not allow its class, in a key, or was
/// never given out; the request must not be sent then.
pub fn put_back(body: &mut Value, places: &[Place], resolve: &dyn Fn(&str) -> Option<(Class, String)>) -> Result<(), ForbiddenValue> {
    for place in places.iter().filter(|place| place.only && guard::stands(Guard::Places)) {
        if body.pointer(&place.at).is_some_and(|value| !value.is_string()) {
            let class = place.classes.first().copied().unwrap_or(Class::Plain);
            return Err(ForbiddenValue { at: place.at.clone(), why: BadToken::Expected(class) });
        }
    }
    walk(body, &mut Vec::new(), &|at, text| {
        let place = places.iter().find(|place| fits(&place.at, at));
        // Whatever else is allowed there.
        let only = places.iter().find(|place| place.only && fits(&place.at, at));
        if let Some(place) = only.filter(|_| guard::stands(Guard::Places))
            && !is_token(text).is_some_and(|class| place.classes.contains(&class))
        {
            return Err(BadToken::Expected(place.classes.first().copied().unwrap_or(Class::Plain)));
        }
        fill(text, place, resolve)
    })
}

type Change<'a> = dyn Fn(&[String], &str) -> Result<Option<String>, BadToken> + 'a;

fn walk(value: &mut Value, at: &mut Vec<String>, change: &Change<'_>) -> Result<(), ForbiddenValue> {
    let forbidden = |at: &[String], why| ForbiddenValue { at: at.iter().map(|part| format!("/{part}")).collect(), why };
    match value {
        Value::String(text) => {
            if let Some(changed) = change(at, text).map_err(|why| forbidden(at, why))? {
                *text = changed;
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                at.push(index.to_string());
                walk(item, at, change)?;
                at.pop();
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields.iter_mut() {
                if let Some((.., class)) = find_token(key) {
                    return Err(forbidden(at, BadToken::Forbidden(class)));
                }
                at.push(key.clone());
                walk(item, at, change)?;
                at.pop();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

fn fits(pointer: &str, at: &[String]) -> bool {
    let mut parts = pointer.split('/').skip(1);
    at.iter().all(|have| parts.next().is_some_and(|want| want == "*" || want == have)) && parts.next().is_none()
}

fn fill(text: &str, place: Option<&Place>, resolve: &dyn Fn(&str) -> Option<(Class, String)>) -> Result<Option<String>, BadToken> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((start, end, class)) = find_token(rest) {
        let place = place.filter(|place| place.classes.contains(&class));
        if place.is_none() && guard::stands(Guard::Places) {
            return Err(BadToken::Forbidden(class));
        }
        let value = match resolve(&rest[start..end]) {
            Some((known, value)) if known == class => value,
            Some((known, _)) => return Err(BadToken::Forbidden(known)),
            None => return Err(BadToken::Unknown),
        };
        filled.push_str(&rest[..start]);
        filled.push_str(&if place.is_some_and(|place| place.html) { escape(&value) } else { value });
        rest = &rest[end..];
    }
    if rest.len() == text.len() {
        return Ok(None);
    }
    filled.push_str(rest);
    Ok(Some(filled))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// An answer's bytes with every live value replaced by its token. JSON stays JSON; anything else is
/// read as text.
pub fn scrub_bytes(body: &[u8], live: &[Live<'_>]) -> Vec<u8> {
    match serde_json::from_slice::<Value>(body) {
        Ok(mut json) => {
            scrub_json(&mut json, live);
            json.to_string().into_bytes()
        }
        Err(_) => scrub(&String::from_utf8_lossy(body), live).into_bytes(),
    }
}

/// JSON with every live value in its strings and keys replaced, and numbers that are one, if they
/// have six digits or more: shorter ones may be anything.
pub fn scrub_json(json: &mut Value, live: &[Live<'_>]) {
    match json {
        Value::String(text) => *text = scrub(text, live),
        Value::Array(items) => items.iter_mut().for_each(|item| scrub_json(item, live)),
        Value::Object(fields) => {
            let cleaned: Map<String, Value> = std::mem::take(fields)
                .into_iter()
                .map(|(key, mut value)| {
                    scrub_json(&mut value, live);
                    (scrub(&key, live), value)
                })
                .collect();
            *fields = cleaned;
        }
        Value::Number(number) => {
            let text = number.to_string();
            if let Some(known) = live.iter().find(|known| text.len() >= 6 && digits(known.value) == text) {
                *json = known.token.into();
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Text with every live value replaced by its token. Numbers are recognised with spaces, dashes, dots
/// or brackets in them, phone numbers also without country code; names also as HTML has them.
pub fn scrub(text: &str, live: &[Live<'_>]) -> String {
    scrubbed(text, live).unwrap_or_else(|| text.to_owned())
}

/// The same; `None` where no value can stand in so short a text.
pub fn scrubbed(text: &str, live: &[Live<'_>]) -> Option<String> {
    let mut order: Vec<&Live<'_>> = live.iter().filter(|known| known.class.is_sensitive() && may_hold(text, known)).collect();
    if order.is_empty() {
        return None;
    }
    order.sort_by_key(|known| std::cmp::Reverse(known.value.len()));
    // A text with fewer digits than a number has does not hold it.
    let figures = text.bytes().filter(u8::is_ascii_digit).count();
    let mut text = text.to_owned();
    for known in order {
        let number = digits(known.value);
        let is_number = !number.is_empty() && known.value.chars().all(|c| c.is_ascii_digit() || "+ -.()".contains(c));
        if is_number && figures < number.len().min(if known.class == Class::Phone { 10 } else { usize::MAX }) {
            continue;
        }
        if is_number {
            text = replace_number(&text, &number, known);
            if known.class == Class::Phone && number.len() > 10 {
                text = replace_number(&text, &number[number.len() - 10..], known);
            }
        } else {
            text = replace_word(&text, known.value, known.token);
            let escaped = escape(known.value);
            if escaped != known.value {
                text = replace_word(&text, &escaped, known.token);
            }
        }
    }
    Some(text)
}

/// Whether a text is long enough for a value, without what may be left out of it.
fn may_hold(text: &str, known: &Live<'_>) -> bool {
    let least = known.value.bytes().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()).count();
    let least = if known.class == Class::Phone { least.min(10) } else { least };
    !known.value.is_empty() && text.len() >= least
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Replaces a number written in any grouping, between two non-digits.
fn replace_number(text: &str, number: &str, known: &Live<'_>) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let begins = c.is_ascii_digit() && !before.is_some_and(|b: char| b.is_alphanumeric() || b == '_');
        let end = if begins { number_end(rest, number) } else { None };
        if let Some(end) = end.filter(|end| known.class == Class::Phone || !looks_like_date(&rest[*end..], rest)) {
            if cleaned.ends_with('+') {
                cleaned.pop();
            }
            cleaned.push_str(known.token);
            rest = &rest[end..];
            before = Some('0');
            continue;
        }
        cleaned.push(c);
        before = Some(c);
        rest = &rest[c.len_utf8()..];
    }
    cleaned
}

/// Where a number that begins here ends, if it is this one and no digit follows.
fn number_end(text: &str, number: &str) -> Option<usize> {
    let mut wanted = number.chars().peekable();
    let mut gap = 0;
    for (at, c) in text.char_indices() {
        if wanted.peek().is_none() {
            return (!c.is_alphanumeric()).then_some(at);
        }
        if c.is_ascii_digit() {
            if wanted.next() != Some(c) {
                return None;
            }
            gap = 0;
        } else {
            gap += 1;
            if gap > 2 || !" -.()\u{a0}".contains(c) {
                return None;
            }
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

/// The year of an ISO date: four digits that `-MM-` follows.
fn looks_like_date(after: &str, from: &str) -> bool {
    let year = from.len() - after.len() == 4;
    year && matches!(after.as_bytes(), [b'-', a, b, b'-', ..] if a.is_ascii_digit() && b.is_ascii_digit())
}

/// Replaces a text where it stands between two characters that are neither letters nor digits.
fn replace_word(text: &str, word: &str, token: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (start, end) = rest.split_at(at);
        let end = &end[word.len()..];
        let edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let before = start.chars().next_back().or_else(|| cleaned.chars().next_back());
        cleaned.push_str(start);
        cleaned.push_str(if edge(before) && edge(end.chars().next()) { token } else { word });
        rest = end;
    }
    cleaned.push_str(rest);
    cleaned
}

#[cfg(test)]
mod tests;
