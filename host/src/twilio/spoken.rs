//! Text on its way to a voice: what XML can hold, digits that are read one by one, and lengths.
//!
//! Lives here: cleaning, splitting, and finding runs such as `4-5-2-1`.
//! Never here: elements, attributes, wording.

/// The most characters in one `<Say>`; voices refuse more than 3,000.
const LONGEST: usize = 2_500;

/// A stretch of text, or digits to be read one by one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    /// As written: single digits joined by `-`.
    Digits(&'a str),
}

/// `text` as it can stand in a document: line ends and tabs become spaces, every other control
/// character and what XML 1.0 forbids is dropped.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|letter| match letter {
            '\t' | '\n' | '\r' => Some(' '),
            '\u{fffe}' | '\u{ffff}' => None,
            control if control.is_control() => None,
            letter => Some(letter),
        })
        .collect()
}

/// Cuts clean text where a sentence or a word ends, so that no piece is too long for a voice.
pub(super) fn pieces(mut text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    while let Some((limit, _)) = text.char_indices().nth(LONGEST) {
        let head = &text[..limit];
        let sentence = [". ", "? ", "! "].iter().filter_map(|end| head.rfind(end)).max();
        let at = sentence.filter(|at| *at > limit / 2).map(|at| at + 2).or_else(|| head.rfind(' ').map(|at| at + 1));
        let (piece, rest) = text.split_at(at.unwrap_or(limit));
        pieces.push(piece);
        text = rest;
    }
    pieces.push(text);
    pieces
}

/// Takes runs of two or more single digits joined by `-` out of the text around them. A date such
/// as `2026-01-15` or a word such as `A-1-2` is none.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let bytes = text.as_bytes();
    let (mut parts, mut from, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let starts = bytes[at].is_ascii_digit() && !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '-');
        let length = if starts { run_length(&text[at..]) } else { 0 };
        if length > 0 {
            if from < at {
                parts.push(Part::Text(&text[from..at]));
            }
            parts.push(Part::Digits(&text[at..at + length]));
            from = at + length;
            at = from;
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    if from < text.len() {
        parts.push(Part::Text(&text[from..]));
    }
    parts
}

/// The text with its runs written as plain digits: `4-5-2-1` is `4521`.
pub(crate) fn joined_digits(text: &str) -> String {
    let plain = |part| match part {
        Part::Text(text) => text.to_owned(),
        Part::Digits(run) => run.replace('-', ""),
    };
    parts(text).into_iter().map(plain).collect()
}

/// The text as a voice without markup reads it digit by digit: `4-5-2-1` is `4, 5, 2, 1`.
pub(crate) fn one_by_one(text: &str) -> String {
    let spelled = |part| match part {
        Part::Text(text) => text.to_owned(),
        Part::Digits(run) => run.replace('-', ", "),
    };
    parts(text).into_iter().map(spelled).collect()
}

/// Bytes of the run at the start of `text`, zero if there is none.
fn run_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut length = 1;
    while bytes.get(length) == Some(&b'-') && bytes.get(length + 1).is_some_and(u8::is_ascii_digit) {
        length += 2;
    }
    let ends = !text[length..].starts_with(char::is_alphanumeric);
    if length > 1 && ends { length } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[Part<'_>]) {
        assert_eq!(parts(text), expected);
    }

    #[test]
    fn a_run_of_single_digits_is_found_inside_a_sentence() {
        check("termina en 4-5-2-1.", &[Part::Text("termina en "), Part::Digits("4-5-2-1"), Part::Text(".")]);
        check("1-2", &[Part::Digits("1-2")]);
    }

    #[test]
    fn dates_amounts_words_and_single_digits_are_left_alone() {
        for text in ["2026-01-15", "1", "4-", "-4-5", "A-1-2", "1-2a", "12-3", "1-23", "3-4ñ", "ñ3-4"] {
            check(text, &[Part::Text(text)]);
        }
    }

    #[test]
    fn what_xml_cannot_hold_is_dropped() {
        assert_eq!(clean("a\u{0}b\u{b}c\u{fffe}\nd\te\u{85}"), "abc d e");
    }

    #[test]
    fn long_text_is_cut_between_sentences_then_words_then_anywhere() {
        for text in ["Una frase corta. ".repeat(400), "palabra ".repeat(900), "ñ".repeat(6_000)] {
            let pieces = pieces(&text);
            assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.chars().count() <= LONGEST));
            assert_eq!(pieces.concat(), text);
        }
        assert!(pieces(&"Una frase corta. ".repeat(400)).iter().all(|piece| piece.ends_with(". ")));
    }
}
