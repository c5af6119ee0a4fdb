//! Digits: the last four of a card, a client's number, keyed or spoken.
//!
//! Lives here: what may stand around and between digits, corrections inside a sentence, how pieces
//! become one number.
//! Never here: number words (`numerals`), destroying card numbers (`pan`).

mod among;

use super::chatter::{ADDRESS, COURTESY, ENDEARMENTS, GREETINGS, LITTLE, SOUNDS, TAGS};
use super::numerals::{Joining, number_at};
use super::phrases::{Lexicon, longest};
use super::{Language, words::Word};
use std::sync::LazyLock;

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

static SPANISH: LazyLock<Lexicon<Part>> = LazyLock::new(|| {
    Lexicon::of(&[
        (
            Part::Correction,
            "no|no no|no perdon|no perdone|no perdona|no disculpa|no disculpe|ay no|ay perdon|ay no perdon|perdon|perdone|perdona\
         |perdoname|disculpa|disculpe|digo|no digo|mejor dicho|quise decir|corrijo|me equivoque|no me equivoque|perdon me equivoque\
         |no espera|no espere|espera|espere|espera no|miento|no miento|repito|te repito|le repito|otra vez|de nuevo|va de nuevo|va otra vez|no es cierto|no mentira|mentira\
         |no me confundi|me confundi|no quise decir|quiero decir|no quiero decir|rectifico|no corrijo|o sea|ay no digo|uy no|uy perdon|chuta no|no no no|mal|no estuvo mal|borra|borra eso|ay que pena|uy que pena|me falto|me falto uno|me falto un numero|al reves|no al reves|esa no es|ay no que bruta|que bruta|que bruto|que tonta|que tonto|no asi no|asi no",
        ),
        (
            Part::Filler,
            "este|esteh|eh|e|ee|em|ehm|emm|mm|m|hm|ah|ay|uy|uh|pues|pue|po|pe|bueno|mira|mire|mire usted|oye|oiga|a ver|ok|okay|okey|ya|si|claro|hola|alo|buenas|listo|dale|sale|orale|vale|correcto\
         |es|era|son|seria|serian|viene siendo|vendria siendo|vendria a ser|corresponde a|la|el|los|las|lo|mi|mis|su|sus|de|del|con|en|y|que|creo|creo que|segun yo|me parece|me parece que|numero|numeros|numerito|numeritos\
         |digito|digitos|cifra|cifras|tarjeta|cuenta|debito|credito|plastico|cliente|codigo|identificador|id|ultimo|ultima|ultimos|ultimas|final|finales|al final|visa|mastercard|master card|nomina|ahorros|banco\
         |termina|terminan|terminada|terminado|terminacion|acaba|acaban|acabada|acabado|finaliza|finalizan|finalizada|terminadita\
         |por favor|porfa|porfavor|porfis|gracias|muchas gracias|senorita|senor|senora|joven|amigo|amiga|mijo|mija|caballero|usted\
         |guion|guiones|espacio|punto|coma|x|asterisco|asteriscos|dice|ahi va|ahi le va|ahi te va|ahi le van|ahi te van|van|va|anota|anote|anotelo|anotale|apunta|apunte|apuntale|toma nota|tome nota|escribe|escriba\
         |aqui|aca|ahi|aqui esta|ahi esta|aqui la tengo|la tengo aqui|ya la encontre|ya lo encontre|ya los encontre|tengo|le digo|te digo|se lo digo|te lo digo|le doy|te doy|se la doy|se los doy|los tengo\
         |dejame ver|dejeme ver|deja ver|deja veo|deja la busco|dejame la busco|esperame|espereme|esperate|permiteme|permitame|un momento|un momentito|un segundo|un segundito|tantito|dame un segundo|deme un segundo\
         |seguido de|seguido por|luego|despues|finalmente|es todo|nada mas|eso es|eso es todo|esos son|ese es|esa es|esa misma\
         |los ultimos cuatro digitos|ultimos cuatro digitos|ultimos 4 digitos|ultimos cuatro numeros|ultimos 4 numeros\
         |cuatro digitos|4 digitos|cuatro numeros|4 numeros|cuatro ultimos|4 ultimos|cuatro ultimos digitos|cuatro ultimos numeros\
         |ultimos cuatro son|ultimos 4 son|ultimas cuatro son|ultimas cuatro cifras",
        ),
        (Part::Filler, ADDRESS),
        (Part::Filler, ENDEARMENTS),
        (Part::Filler, COURTESY),
        (Part::Filler, GREETINGS),
        (Part::Filler, SOUNDS),
        (Part::Filler, LITTLE),
        (Part::Filler, TAGS),
        (
            Part::Filler,
            "esos son los cuatro|esos cuatro son|son los cuatro|los cuatro de atras|los de atras|las dos|de las dos|de los dos|cerrado|cerrados|cerraditos|pelados|al principio|al inicio|al comienzo|al final|asi termina|asi terminan|asi acaba|si mal no recuerdo|si no me equivoco|si no me falla la memoria|segun me acuerdo|yo diria|yo diria que|me acuerdo que era|es una sola|una sola",
        ),
        (Part::Count, "ultimos cuatro|ultimos 4|ultimas cuatro|ultimas 4|los cuatro son|los 4 son"),
    ])
});

static ENGLISH: LazyLock<Lexicon<Part>> = LazyLock::new(|| {
    Lexicon::of(&[
        (Part::Correction, "no|no no|no sorry|sorry|i mean|no i mean|rather|correction|no wait|wait|wait no|scratch that|again|i repeat"),
        (
            Part::Filler,
            "um|uh|er|hm|oh wait|let me see|here it is|well|so|yes|yeah|ok|okay|sure|hi|hello|its|it is|is|are|they are|theyre|the|my|of|in|with|and|number|numbers\
         |digits|card|account|debit|credit|client|customer|id|last|ends|ending|ends with|ending in|please|thanks|thank you|dash|space\
         |i think|i think its|that is|thats|it ends in|sir|maam|last four digits|last 4 digits|four digits|last four are|last four is",
        ),
        (Part::Count, "last four|last 4"),
    ])
});

/// Longer utterances are stories.
const MOST_WORDS: usize = 120;

const READINGS: [(Joining, bool); 4] = [(Joining::Strict, true), (Joining::Loose, true), (Joining::Strict, false), (Joining::Loose, false)];

/// The digits of an utterance that consists of one number and fillers, or of one such stretch and words that have
/// nothing to do with numbers; `taken` makes the answer of them, or nothing if there are too many or too few. A number
/// that is said twice counts once, and so does one that was begun before ("cuatro cinco… cuatro cinco dos uno").
pub(super) fn read(text: &str, words: &[Word], language: Language, taken: impl Fn(&str) -> Option<String>) -> Option<String> {
    const MOST_SAID_TWICE: usize = 30;
    let twice = || {
        let splits = if words.len() <= MOST_SAID_TWICE { 1..words.len() } else { 0..0 };
        splits.into_iter().find_map(|at| {
            let second = once(&words[at..], language, &taken)?;
            let same = once(&words[..at], language, &taken).is_some_and(|first| first == second);
            let begun = || once(&words[..at], language, &|digits| Some(digits.to_owned())).is_some_and(|first| first.len() > 1 && second.starts_with(&first));
            (same || begun()).then_some(second)
        })
    };
    once(words, language, &taken).or_else(twice).or_else(|| among::read(text, words, language, &taken))
}

fn once(words: &[Word], language: Language, taken: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if words.len() > MOST_WORDS {
        return None;
    }
    READINGS.into_iter().find_map(|(joining, counts)| combined(&segments(words, language, joining, counts)?, taken))
}

/// Some first digits and nothing but fillers beside them: fewer than `least`, and the same however they join.
pub(super) fn piece(words: &[Word], language: Language, least: usize) -> Option<String> {
    let names_the_end = |word: &Word| matches!(word.text.as_str(), "ultimo" | "ultima" | "final" | "tengo");
    if words.len() > MOST_WORDS || words.iter().any(names_the_end) {
        return None;
    }
    let read = |joining| combined(&segments(words, language, joining, true)?, &|digits| Some(digits.to_owned()));
    let strict = read(Joining::Strict).filter(|digits| digits.len() < least)?;
    (read(Joining::Loose)? == strict).then_some(strict)
}

/// Splits the utterance at its corrections; `None` if a word is neither digit nor filler.
fn segments(words: &[Word], language: Language, joining: Joining, counts: bool) -> Option<Vec<String>> {
    let mut all = vec![String::new()];
    let (mut at, mut after_number) = (0, false);
    let number = |at: usize| number_at(words, at, language, joining);
    while at < words.len() {
        let here = all.last_mut()?;
        let phrase = longest(&words[at..], lexicon(language)).filter(|(part, _)| counts || *part != Part::Count);
        match (phrase, number(at)) {
            // "cuatro dígitos" is longer than "cuatro"; "a" alone never hides a number.
            (Some((Part::Filler | Part::Count, length)), number) if number.is_none() || is_count(words, at, length) => {
                if length == 1 && number_at(words, at + 1, language, joining).is_some() && is_other(&words[at], after_number) {
                    return None;
                }
                (at, after_number) = (at + length, false);
            }
            (_, Some((digits, next))) => {
                here.push_str(&digits);
                (at, after_number) = (next, true);
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
                (at, after_number) = (at + length, false);
            }
            (Some((Part::Filler | Part::Count, length)), None) => (at, after_number) = (at + length, false),
            // "tres ceros y un cuatro".
            (None, None) if matches!(words[at].text.as_str(), "un" | "a") && number(at + 1).is_some_and(|(digits, _)| digits.len() == 1) => at += 1,
            (None, None) if is_stutter(words, at, &number) || (!counts && is_last(&words[at])) => at += 1,
            (None, None) => return None,
        }
    }
    // "cuatro cinco dos uno, no": nothing replaced what was taken back.
    all.last().is_some_and(|last| !last.is_empty()).then_some(all)
}

/// "son las 12 30" is the time, "2 de 4" a share or a date.
fn is_other(word: &Word, after_number: bool) -> bool {
    word.text == "las" || (after_number && matches!(word.text.as_str(), "de" | "del" | "of"))
}

/// "cua cuatro", "c ci cinco": the beginning of the number word that follows.
fn is_stutter(words: &[Word], at: usize, number: &impl Fn(usize) -> Option<(String, usize)>) -> bool {
    let (Some(word), Some(next)) = (words.get(at), words.get(at + 1)) else { return false };
    let begins = !word.is_figures() && next.text.len() > word.text.len() && next.text.starts_with(&word.text);
    begins && (number(at + 1).is_some() || is_stutter(words, at + 1, number))
}

/// Whether a phrase that begins with a number only counts digits ("cuatro dígitos").
fn is_count(words: &[Word], at: usize, length: usize) -> bool {
    length > 1 && words[at..at + length].iter().any(|word| matches!(word.text.as_str(), "digitos" | "numeros" | "ultimos" | "digits"))
}

fn is_last(word: &Word) -> bool {
    matches!(word.text.as_str(), "ultimos" | "ultimas" | "last" | "los")
}

/// What is left after the corrections: a whole number replaces what stood before; fewer digits replace the
/// last one and go on, or replace as many. Where these differ nothing is sure.
fn combined(segments: &[String], taken: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (first, corrections) = segments.split_first()?;
    let mut number = first.clone();
    for correction in corrections {
        let cut = |digits: usize| format!("{}{correction}", &number[..number.len().saturating_sub(digits)]);
        let was_whole = taken(&number).is_some();
        let whole = correction.clone();
        let (going_on, replacing) = (cut(1), cut(correction.len()));
        let shorter = was_whole && correction.len() < number.len();
        let candidates = if shorter { vec![whole, going_on, replacing] } else { vec![whole] };
        let mut fitting = candidates.into_iter().filter(|candidate| taken(candidate).is_some());
        number = match fitting.next() {
            Some(fits) => {
                let differs = |other: String| taken(&other) != taken(&fits);
                if fitting.any(differs) {
                    return None;
                }
                fits
            }
            None => cut(1),
        };
    }
    taken(&number)
}

fn lexicon(language: Language) -> &'static Lexicon<Part> {
    match language {
        Language::Spanish => &SPANISH,
        Language::English => &ENGLISH,
    }
}

/// The last four digits of themselves, or of the whole card number they are the end of.
pub(super) fn of_card(digits: &str) -> Option<String> {
    fits_card(digits.len()).then(|| last_four(digits).to_owned())
}

/// Four digits, or as many as a card number has.
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
