//! Digits: the last four of a card, a client's number, keyed or spoken.
//!
//! Lives here: what may stand around and between digits, corrections inside a sentence, how pieces
//! become one number.
//! Never here: number words (`numerals`), destroying card numbers (`pan`).

use super::numerals::{Joining, number_at};
use super::phrases::{Lexicon, longest};
use super::{Language, words::Word};

/// What a phrase among digits means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Nothing: politeness, hesitation, "termina en".
    Filler,
    /// "los últimos cuatro", which may also be the word "últimos" and a first digit.
    Count,
    /// What follows replaces what was said.
    Correction,
}

const SPANISH: Lexicon<Part> = &[
    (
        Part::Correction,
        "no|no no|no perdon|no perdone|no perdona|no disculpa|no disculpe|ay no|ay perdon|ay no perdon|perdon|perdone|perdona\
         |perdoname|disculpa|disculpe|digo|no digo|mejor dicho|quise decir|corrijo|me equivoque|no me equivoque|perdon me equivoque\
         |no espera|no espere|espera|espera no|miento|no miento|repito|otra vez|de nuevo|no es cierto|no mentira|mentira",
    ),
    (
        Part::Filler,
        "este|eh|e|ee|em|ehm|mm|m|hm|ah|ay|pues|po|bueno|mira|mire|oye|a ver|ok|okay|okey|ya|si|claro|hola|buenas|listo|dale\
         |es|era|son|seria|serian|es la|el|la|los|las|lo|mi|mis|de|del|con|en|y|que|creo que|creo que es|creo que son|numero|numeros\
         |digito|digitos|cifras|tarjeta|cuenta|debito|credito|plastico|cliente|codigo|identificador|id|ultimos|ultimas\
         |termina|terminan|terminada|terminado|termina con|terminacion|acaba|acaban|acabada|finaliza|finalizan\
         |por favor|porfa|porfavor|gracias|muchas gracias|senorita|senor|senora|joven|amigo|amiga\
         |guion|espacio|punto|coma|dice|ahi va|ahi le va|ahi te va|van|va|anota|anote|apunta|apunte|aqui esta|aqui la tengo|tengo|empieza\
         |seguido de|luego|despues|finalmente\
         |los ultimos cuatro digitos|ultimos cuatro digitos|ultimos 4 digitos|ultimos cuatro numeros|ultimos 4 numeros\
         |cuatro digitos|4 digitos|cuatro numeros|4 numeros|cuatro ultimos|4 ultimos|cuatro ultimos digitos|cuatro ultimos numeros\
         |ultimos cuatro son|ultimos 4 son|ultimas cuatro son|ultimas cuatro cifras",
    ),
    (Part::Count, "ultimos cuatro|ultimos 4|ultimas cuatro|ultimas 4|los cuatro son|los 4 son"),
];

const ENGLISH: Lexicon<Part> = &[
    (Part::Correction, "no|no no|no sorry|sorry|i mean|no i mean|rather|correction|no wait|wait|wait no|scratch that|again|i repeat"),
    (
        Part::Filler,
        "um|uh|er|hm|well|so|yes|yeah|ok|okay|sure|hi|hello|its|it is|is|are|they are|theyre|the|my|of|in|with|and|number|numbers\
         |digits|card|account|debit|credit|client|customer|id|last|ends|ending|ends with|ending in|please|thanks|thank you|dash|space\
         |i think|i think its|that is|thats|it ends in|sir|maam|last four digits|last 4 digits|four digits|last four are|last four is",
    ),
    (Part::Count, "last four|last 4"),
];

/// The digits of an utterance that consists of one number and fillers, if their count fits.
pub(super) fn read(words: &[Word], language: Language, fits: impl Fn(usize) -> bool) -> Option<String> {
    const MOST_WORDS: usize = 120;
    if words.len() > MOST_WORDS {
        return None;
    }
    [(Joining::Strict, true), (Joining::Loose, true), (Joining::Strict, false), (Joining::Loose, false)]
        .into_iter()
        .find_map(|(joining, counts)| combined(&segments(words, language, joining, counts)?, &fits))
}

/// Splits the utterance at its corrections; `None` if a word is neither digit nor filler.
fn segments(words: &[Word], language: Language, joining: Joining, counts: bool) -> Option<Vec<String>> {
    let mut all = vec![String::new()];
    let mut at = 0;
    while at < words.len() {
        let here = all.last_mut()?;
        let phrase = longest(&words[at..], lexicon(language)).filter(|(part, _)| counts || *part != Part::Count);
        let number = number_at(words, at, language, joining);
        match (phrase, number) {
            // "cuatro dígitos" is longer than "cuatro"; "a" alone never hides a number.
            (Some((Part::Filler | Part::Count, length)), number) if number.is_none() || is_count(words, at, length) => at += length,
            (_, Some((digits, next))) => {
                here.push_str(&digits);
                at = next;
            }
            (Some((Part::Correction, length)), None) => {
                let said_something = !here.is_empty() || all.len() > 1;
                let only_politeness = !words[at..at + length].iter().any(|word| word.text == "no");
                if !said_something && !only_politeness {
                    return None;
                }
                if all.last().is_some_and(|last| !last.is_empty()) {
                    all.push(String::new());
                }
                at += length;
            }
            (Some((Part::Filler | Part::Count, length)), None) => at += length,
            (None, None) if counts || !is_last(&words[at]) => return None,
            (None, None) => at += 1,
        }
    }
    // "cuatro cinco dos uno, no": nothing replaced what was taken back.
    all.last().is_some_and(|last| !last.is_empty()).then_some(all)
}

/// Whether a phrase that begins with a number only counts digits ("cuatro dígitos").
fn is_count(words: &[Word], at: usize, length: usize) -> bool {
    length > 1 && words[at..at + length].iter().any(|word| matches!(word.text.as_str(), "digitos" | "numeros" | "ultimos" | "digits"))
}

fn is_last(word: &Word) -> bool {
    matches!(word.text.as_str(), "ultimos" | "ultimas" | "last" | "los")
}

/// A whole number replaces what stood before; fewer digits replace as of the last one.
fn combined(segments: &[String], fits: &impl Fn(usize) -> bool) -> Option<String> {
    let (first, corrections) = segments.split_first()?;
    let mut number = first.clone();
    for correction in corrections {
        if fits(correction.len()) {
            number.clone_from(correction);
        } else {
            number.pop();
            number.push_str(correction);
        }
    }
    fits(number.len()).then_some(number)
}

fn lexicon(language: Language) -> Lexicon<Part> {
    match language {
        Language::Spanish => SPANISH,
        Language::English => ENGLISH,
    }
}

/// The last four digits, or the whole card number they are the end of.
pub(super) fn fits_card(count: usize) -> bool {
    count == 4 || (12..=19).contains(&count)
}

/// The end of a number of digits; the rest is dropped.
pub(super) fn last_four(digits: &str) -> &str {
    digits.get(digits.len().saturating_sub(4)..).unwrap_or_default()
}

/// The digits keyed: a star starts over, a hash ends.
pub(super) fn keyed(keys: &str) -> String {
    let keys = keys.split('#').next().unwrap_or_default();
    let keys = keys.rsplit('*').next().unwrap_or_default();
    keys.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
#[path = "digits_tests.rs"]
mod tests;
