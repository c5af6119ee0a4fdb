//! Words of an utterance, folded for comparison.
//!
//! Lives here: case, accents, drawn-out letters, figures of other scripts, where a word stood.
//! Never here: what a word means (the readers beside this file).

use std::ops::Range;

/// One word, or one run of figures, and the bytes of the utterance it was read from.
#[derive(Clone)]
pub(crate) struct Word {
    /// Lower case, without accents; figures are ASCII.
    pub(crate) text: String,
    /// Its bytes in the utterance.
    pub(crate) span: Range<usize>,
}

impl Word {
    /// Whether the recogniser wrote figures.
    pub(crate) fn is_figures(&self) -> bool {
        self.text.starts_with(|first: char| first.is_ascii_digit())
    }
}

/// Splits an utterance into words. Letters and figures never share a word (`4521gracias` is two);
/// punctuation separates and is dropped; apostrophes and combining accents do neither.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut open = false;
    for (start, character) in text.char_indices() {
        let end = start + character.len_utf8();
        if matches!(character, '\'' | '’' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}') {
            continue;
        }
        let figure = figure(character);
        if figure.is_none() && !character.is_alphabetic() {
            open = false;
            continue;
        }
        let continues = open && found.last().is_some_and(|word| word.is_figures() == figure.is_some());
        if !continues {
            found.push(Word { text: String::new(), span: start..end });
        }
        if let Some(word) = found.last_mut() {
            match figure {
                Some(figure) => word.text.push(figure),
                None => character.to_lowercase().map(plain).for_each(|letter| word.text.push(letter)),
            }
            word.span.end = end;
        }
        open = true;
    }
    for word in found.iter_mut().filter(|word| !word.is_figures()) {
        word.text = undrawn(&word.text);
    }
    found
}

/// Whether something parts two neighbours: a comma, a stop, "…".
pub(crate) fn parted(text: &str, before: &Word, after: &Word) -> bool {
    text.get(before.span.end..after.span.start).is_some_and(|between| !between.trim().is_empty())
}

/// An utterance folded to its words with one space between them.
pub(crate) fn folded(text: &str) -> String {
    words(text).into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
}

/// `síííí` is `si`: a letter written three times or more counts once.
fn undrawn(word: &str) -> String {
    let mut kept = String::with_capacity(word.len());
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let mut times = 1;
        while letters.peek() == Some(&letter) {
            letters.next();
            times += 1;
        }
        kept.push(letter);
        if times == 2 {
            kept.push(letter);
        }
    }
    kept
}

/// A figure as ASCII: full-width and Arabic figures count, so that nothing passes by spelling.
fn figure(character: char) -> Option<char> {
    let offset = match character {
        '0'..='9' => return Some(character),
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        '\u{966}'..='\u{96f}' => 0x966,
        _ => return None,
    };
    char::from_digit(u32::from(character) - offset, 10)
}

/// A lower-case letter without its accent.
fn plain(letter: char) -> char {
    match letter {
        'á' | 'à' | 'ä' | 'â' | 'ã' => 'a',
        'é' | 'è' | 'ë' | 'ê' => 'e',
        'í' | 'ì' | 'ï' | 'î' => 'i',
        'ó' | 'ò' | 'ö' | 'ô' | 'õ' => 'o',
        'ú' | 'ù' | 'ü' | 'û' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, expected: &str) {
        assert_eq!(folded(said), expected, "{said}");
    }

    #[test]
    fn case_accents_and_punctuation_do_not_matter() {
        check("¡Sí, por FAVOR!", "si por favor");
        check("Mañana, pingüino", "manana pinguino");
        check("man\u{303}ana", "manana");
        check("that's", "thats");
    }

    #[test]
    fn figures_are_words_of_their_own() {
        check("termina en4521gracias", "termina en 4521 gracias");
        check("4.521", "4 521");
        check("４５２１", "4521");
    }

    #[test]
    fn drawn_out_letters_count_once() {
        check("síííí noooo mmmm", "si no m");
        check("perro llave", "perro llave");
    }

    #[test]
    fn spans_point_into_the_utterance() {
        let said = "¿Ñandú 45?";
        let spans: Vec<&str> = words(said).into_iter().map(|word| &said[word.span]).collect();
        assert_eq!(spans, ["Ñandú", "45"]);
    }
}
