//! Words folded for comparison.
//!
//! Lives here: case, accents, drawn-out letters, invisible characters.
//! Never here: what a word means (`numbers.rs`, `find.rs`).

/// A word in lower case, without accents, repeated letters (`trees` is `tres`) and signs. Figures stay as
/// often as they are written.
pub(super) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for letter in word.chars().flat_map(char::to_lowercase).map(plain).filter(|letter| letter.is_alphanumeric()) {
        if letter.is_numeric() || !folded.ends_with(letter) {
            folded.push(letter);
        }
    }
    folded
}

/// Whether a character has no width: people do not see it, so it must not split a number.
pub(super) const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

const fn plain(letter: char) -> char {
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
