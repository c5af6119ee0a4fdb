//! "Sí, la 4521": what the question is about, named by the caller.
//!
//! Lives here: taking exactly that out of an utterance.
//! Never here: what is left of it (`yes_no.rs`).

use super::{Word, parted};
use crate::answers::phrases::begins;

/// What leads to the name of a card.
const LEADS: &str = "es (la) (mi) tarjeta (que) (termina) (terminada) (en)|(mi) (la) (esa) tarjeta (que) (termina) (terminada) (en)|es la (que) (termina) (terminada) (en)|(a) la (que) (termina) (terminada) (acaba) (en)|la (de) terminacion|con terminacion|terminacion|terminada en|que termina en|(la) numero";
/// What denies the name after it, or sets it against another.
const DENIES: [&str; 11] = ["no", "ni", "sin", "menos", "excepto", "salvo", "tampoco", "sino", "o", "y", "pero"];

/// The words without what they name of `about`; `None` if they name nothing of it. Spoken figures stand as one word already.
pub(super) fn without(text: &str, words: &[Word], about: &[String]) -> Option<Vec<Word>> {
    let (mut rest, mut at) = (Vec::with_capacity(words.len()), 0);
    while at < words.len() {
        match named(text, words, at, about) {
            Some(length) => at += length,
            None => {
                rest.push(words[at].clone());
                at += 1;
            }
        }
    }
    (rest.len() < words.len()).then_some(rest)
}

/// How many words from here name something of `about`.
fn named(text: &str, words: &[Word], at: usize, about: &[String]) -> Option<usize> {
    let before = at.checked_sub(1).map(|before| words[before].text.as_str());
    if before.is_some_and(|before| DENIES.contains(&before)) {
        return None;
    }
    let here = &words[at..];
    // "si es la 4521", "si la 4521 no aparece" in one breath may be a condition: only a written "sí" is none.
    let bare = || text.get(words[at - 1].span.clone()).is_some_and(|written| written.eq_ignore_ascii_case("si"));
    if before == Some("si") && !parted(text, &words[at - 1], &here[0]) && (here[0].text == "es" || bare()) {
        return None;
    }
    let leads = LEADS.split('|').filter_map(|lead| begins(here, lead)).chain([0]);
    let value = |from: usize| about.iter().filter(|value| !value.is_empty()).find_map(|value| begins(&here[from..], value));
    let figures = |from: usize| here.get(from).is_some_and(Word::is_figures);
    // The kind of a card needs its "la": "de débito" alone is part of another sentence.
    let all = leads.filter_map(|lead| value(lead).filter(|_| lead > 0 || figures(0)).map(|length| lead + length));
    all.max()
}

#[cfg(test)]
#[path = "about_tests.rs"]
mod tests;
