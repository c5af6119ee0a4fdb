//! The verbs of what the question asks for, in the forms callers say and recognisers write.
//!
//! Lives here: which words are a form of them, and forms that a recogniser has split.
//! Never here: what a form means in its sentence (`lexicon`, `free`).

use crate::answers::Language;
use crate::answers::numerals::{Joining, number_at};
use crate::answers::words::Word;

/// Whether a word is a form of one of the verbs: `{do}` any that asks for it ("bloquear", "bloqueen"), `{doing}` one that
/// also says of what ("bloquéala", "bloquéenmelas"), `{ask}` what follows "que" ("bloqueen"), `{done}` what comes of it ("bloqueada"), `{did}` what was asked for
/// ("que la bloquearan").
pub(super) fn does(word: &str, class: &str, doing: &[String]) -> bool {
    // Only the question's own verb takes "lo".
    doing.iter().enumerate().any(|(place, verb)| (place == 0 || !is_of_business(word)) && form(word, class, verb))
}

/// "Anúlelo" is the business, "anúlela" the card.
pub(super) fn is_of_business(word: &str) -> bool {
    word.ends_with("lo") || word.ends_with("los")
}

fn form(word: &str, class: &str, verb: &str) -> bool {
    let Some(stem) = ["ar", "er", "ir"].iter().find_map(|ending| verb.strip_suffix(ending)) else { return false };
    let Some(rest) = word.strip_prefix(stem).or_else(|| word.strip_prefix(misheard(stem)?.as_str())) else { return false };
    let after = |endings: &[&str]| endings.iter().find_map(|ending| rest.strip_prefix(ending));
    match class {
        "done" => matches!(rest, "ado" | "ada" | "ados" | "adas" | "ido" | "ida" | "idos" | "idas"),
        // "que la bloqueen", not "que se bloquea".
        "ask" => match verb.ends_with("ar") {
            true => matches!(rest, "e" | "es" | "en" | "emos") || (stem.ends_with('e') && rest.is_empty()),
            false => matches!(rest, "a" | "as" | "an" | "amos"),
        },
        "did" => after(&["ar", "ier"]).is_some_and(|rest| matches!(rest, "a" | "as" | "an")),
        "do" | "doing" => {
            // "bloque" for "bloquee": the recogniser hears one e.
            let swallowed = || (stem.ends_with('e') && (class == "do" || !rest.is_empty())).then_some(rest);
            let ends = after(&["emos", "amos", "en", "an", "ar", "er", "ir", "es", "as", "a", "e"])
                .or_else(swallowed)
                .map(|rest| ["me", "nos", "se"].iter().find_map(|to| rest.strip_prefix(to)).unwrap_or(rest));
            ends.is_some_and(|of| matches!(of, "la" | "las" | "lo" | "los") || (class == "do" && of.is_empty()))
        }
        _ => false,
    }
}

/// The stem as recognisers write it: "bloquiela" of "bloquear".
fn misheard(stem: &str) -> Option<String> {
    stem.strip_suffix('e').map(|before| format!("{before}i"))
}

/// The words with forms of the verbs put together that stand in pieces: "bloque ela", "blo quea la".
pub(super) fn joined(words: &[Word], doing: &[String]) -> Vec<Word> {
    const MOST_PIECES: usize = 3;
    const SHORTEST: usize = 6;
    let mut found = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        if let Some((digits, next)) = number(words, at) {
            found.push(Word { text: digits, span: words[at].span.start..words[next - 1].span.end });
            at = next;
            continue;
        }
        let whole = |pieces: usize| -> Option<(String, usize)> {
            let pieces = words.get(at..at + pieces)?;
            let text: String = pieces.iter().map(|word| word.text.as_str()).collect();
            (text.len() >= SHORTEST && (does(&text, "do", doing) || does(&text, "doing", doing))).then_some((text, pieces.len()))
        };
        let is_whole = does(&words[at].text, "do", doing) && !doing.iter().any(|verb| verb.strip_suffix("ar") == Some(words[at].text.as_str()));
        let (text, length) = if is_whole { None } else { (2..=MOST_PIECES).rev().find_map(whole) }.unwrap_or_else(|| (words[at].text.clone(), 1));
        let text = if text == "q" { "que".to_owned() } else { text };
        found.push(Word { text, span: words[at].span.start..words[at + length - 1].span.end });
        at += length;
    }
    found
}

/// The figures of a card said here, and where they end: "cuatro cinco dos uno", "45 21".
fn number(words: &[Word], at: usize) -> Option<(String, usize)> {
    const FEWEST: usize = 3;
    let (mut digits, mut next) = (String::new(), at);
    while let Some((more, after)) = number_at(words, next, Language::Spanish, Joining::Strict) {
        digits.push_str(&more);
        next = after;
    }
    let of_card = next > at + 1 || words[at].is_figures();
    (of_card && digits.len() >= FEWEST && digits.len() <= 16 && next > at).then_some((digits, next))
}
