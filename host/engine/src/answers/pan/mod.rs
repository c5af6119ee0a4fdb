//! Card numbers, PINs and security codes that callers volunteer: destroyed before anything is stored.
//!
//! Lives here: finding them in what was said or keyed, whatever the spelling, and what stays instead.
//! Never here: telling the caller (the flows), what a question reads from the rest (`digits`).

mod card_number;

use self::card_number::Pan;
use super::Language;
use super::numerals::{Joining, number_at};
use super::phrases::{begins, contains};
use super::words::{Word, words};
use std::ops::Range;

/// What nobody may keep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forbidden {
    /// A whole card number.
    CardNumber,
    /// A PIN or password.
    Pin,
    /// The security code of a card.
    Cvv,
}

/// An utterance without forbidden data. It has no `Debug`: it is still what a caller said.
pub struct Destroyed {
    /// The utterance; a card number left its last four figures, anything else `[…]`.
    pub text: String,
    /// What was found, the card number first.
    pub found: Option<Forbidden>,
}

/// What stands where something was destroyed.
const GONE: &str = "[…]";

/// Words that people and recognisers put between the digits of one number. A single letter is one too.
const BETWEEN: &str = "este|eh|em|ehm|mm|hm|ah|pues|po|bueno|a ver|luego|despues|y luego|y despues|entonces|sigue|siguen|le sigue|seguido|seguida|seguido de|seguida de|guion|guiones|espacio|coma|punto|diagonal|raya|y|de|es|son|el|los|las|la\
|termina en|terminan en|terminada en|terminacion|y termina en|y al final|al final|finalmente|y por ultimo|por ultimo|ultimos|los ultimos|ultimos cuatro|los ultimos cuatro|perdon|no|no perdon|digo|mejor dicho|espera|espere|esperame|ahi va|ahi le va|ok|okay|si|otra vez|de nuevo|repito|ya|con|mas|otro|otra|un|una|va|vamos|va otra vez|permitame|dejame ver|dejeme ver|como era|creo|creo que\
|um|uh|er|then|and|and then|dash|space|sorry|no sorry|i mean|wait|the|is|are|ending in|ends in|dot|well|next|finally|oh";

const PIN: &str = "pin|nip|clave|claves|contrasena|password|numero secreto|codigo secreto|clave secreta|pincode|pin code";
const CVV: &str = "cvv|cvc|cvv2|cvc2|cv v|c v v|c v c|ce ve ve|ceveve|codigo de seguridad|numero de seguridad|digitos de seguridad|codigo de atras|numeros de atras|digitos de atras|numero de atras|security code|three digits on the back|digits on the back";
/// Keys that look secret and are not.
const HARMLESS: &str =
    "clave de cliente|clave del cliente|clave de rastreo|clave de usuario|clave interbancaria|clave unica|clave lada|palabra clave|clave de elector";
/// What may stand between the name of a secret and its digits.
const TO_DIGITS: &str = "es|era|son|seria|de|del|mi|la|el|los|las|tu|su|tarjeta|cajero|debito|credito|banco|app|aplicacion|cuenta|secreto|secreta|personal|dinamica|numero|digitos|tres|cuatro|tres digitos|cuatro digitos|tres numeros|cuatro numeros|3 digitos|4 digitos|seguridad|que|tengo|uso|puse|este|eh|em|mm|pues|se lo doy|se la doy|aqui esta|ahi va|ahi le va|anote|apunte|por si acaso|por si sirve\
|is|was|my|the|of|card|number|pin|code|its|um|uh|here|it|a ver|creo|creo que|creo que es|dos puntos|por si lo necesita|por si la necesita|por si lo ocupa";
/// What may stand between digits and the name of the secret they are.
const FROM_DIGITS: &str = "es|era|son|ese|esa|como|de|mi|el|la|is|my|the|thats|that|seria|tengo|numero|y ese es|ese es";

/// One number of the utterance, whatever pieces it was said in.
struct Run {
    /// Its words.
    words: Range<usize>,
    /// Its digits, read strictly and loosely ([`Joining`]).
    digits: [String; 2],
    /// After how many digits a piece ended, for each reading.
    boundaries: [Vec<usize>; 2],
}

/// Replaces card numbers by their last four figures, PINs and security codes by `[…]`. Works on what
/// was said and what was keyed.
pub fn destroy(text: &str, language: Language) -> Destroyed {
    let said = words(text);
    let mut replaced = String::with_capacity(text.len());
    let (mut copied, mut found) = (0, None);
    for run in runs(&said, language) {
        let secret = secret(&said, &run.words, text);
        let longest = run.digits.iter().map(String::len).max().unwrap_or(0);
        let span = said[run.words.start].span.start..said[run.words.end - 1].span.end;
        let [strict, loose] = run.digits;
        // The reading that has the usual sixteen wins; else the longer one decides.
        let reading = usize::from(strict.len() != 16 && (loose.len() == 16 || strict.len() < 12));
        let digits = if reading == 0 { strict } else { loose };
        let instead = match (Pan::parse(digits, &run.boundaries[reading]), secret) {
            (Some(pan), _) => {
                found = Some(Forbidden::CardNumber);
                pan.into_last_four().unwrap_or_else(|| GONE.to_owned())
            }
            (None, Some(secret)) if longest >= 3 => {
                found = found.or(Some(secret));
                GONE.to_owned()
            }
            (None, _) => continue,
        };
        replaced.push_str(&text[copied..span.start]);
        replaced.push_str(&instead);
        copied = span.end;
    }
    replaced.push_str(&text[copied..]);
    Destroyed { text: replaced, found }
}

/// The numbers of an utterance: pieces joined across what people put between digits.
fn runs(said: &[Word], language: Language) -> Vec<Run> {
    let [strict, loose] = [Joining::Apart, Joining::Loose].map(|joining| pieces(said, language, joining));
    let mut runs: Vec<Run> = Vec::new();
    for (words, digits) in strict {
        match runs.last_mut().filter(|run| joins(&said[run.words.end..words.start])) {
            Some(run) => {
                run.words.end = words.end;
                run.digits[0].push_str(&digits);
                run.boundaries[0].push(run.digits[0].len());
            }
            None => runs.push(Run { words, boundaries: [vec![digits.len()], Vec::new()], digits: [digits, String::new()] }),
        }
    }
    for (words, digits) in loose {
        if let Some(run) = runs.iter_mut().find(|run| run.words.start <= words.start && words.start < run.words.end) {
            run.words.end = run.words.end.max(words.end);
            run.digits[1].push_str(&digits);
            run.boundaries[1].push(run.digits[1].len());
        }
    }
    runs
}

/// Every number word or figure, with its digits.
fn pieces(said: &[Word], language: Language, joining: Joining) -> Vec<(Range<usize>, String)> {
    let (mut all, mut at) = (Vec::new(), 0);
    while at < said.len() {
        match number_at(said, at, language, joining) {
            Some((digits, next)) => {
                all.push((at..next, digits));
                at = next;
            }
            None => at += 1,
        }
    }
    all
}

/// Whether the words between two numbers only bridge them.
fn joins(between: &[Word]) -> bool {
    const MOST_WORDS: usize = 12;
    between.len() <= MOST_WORDS && consists_of(between, BETWEEN, |word| word.text.chars().count() == 1 && word.text != "o")
}

/// Whether words consist of the phrases and of words that pass.
fn consists_of(mut words: &[Word], phrases: &str, passes: impl Fn(&Word) -> bool) -> bool {
    while let Some(word) = words.first() {
        let longest = phrases.split('|').filter_map(|phrase| begins(words, phrase)).max();
        match longest.or(passes(word).then_some(1)) {
            Some(length) => words = &words[length..],
            None => return false,
        }
    }
    true
}

/// The secret a number is, by the words before it ("mi NIP es") or after it ("es mi NIP").
fn secret(said: &[Word], run: &Range<usize>, text: &str) -> Option<Forbidden> {
    const NEAR: usize = 12;
    let from = run.start.saturating_sub(NEAR);
    let named = |at: usize| -> Option<(Forbidden, usize)> {
        if contains(&said[at.saturating_sub(1)..(at + 3).min(said.len())], HARMLESS) {
            return None;
        }
        let length = |phrases: &str| phrases.split('|').filter_map(|phrase| begins(&said[at..], phrase)).max();
        length(CVV).map(|length| (Forbidden::Cvv, length)).or_else(|| length(PIN).map(|length| (Forbidden::Pin, length)))
    };
    let before = (from..run.start).rev().find_map(|at| {
        let (secret, length) = named(at)?;
        let between = said.get(at + length..run.start).unwrap_or_default();
        let asks = text[said[at].span.start..said[run.start].span.start].contains('?');
        (!asks && consists_of(between, TO_DIGITS, |_| false)).then_some(secret)
    });
    before.or_else(|| {
        let until = (run.end + NEAR / 2).min(said.len());
        (run.end..until).find_map(|at| {
            let (secret, _) = named(at)?;
            consists_of(&said[run.end..at], FROM_DIGITS, |_| false).then_some(secret)
        })
    })
}

#[cfg(test)]
mod tests;
