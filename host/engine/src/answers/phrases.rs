//! A small grammar for whole utterances: known phrases, one after the other, and nothing else.
//!
//! Lives here: longest phrase first, complete consumption.
//! Never here: the phrases (each reader has its own).

use super::words::Word;

/// Phrases by meaning. The phrases of one meaning stand in one string, separated by `|`, folded as
/// [`super::words::words`] folds them.
pub(super) type Lexicon<M> = &'static [(M, &'static str)];

/// Longer utterances are stories, never answers.
const MOST_WORDS: usize = 40;

/// The meanings of the phrases an utterance consists of, or `None` if a word belongs to none.
pub(super) fn meanings<M: Copy>(words: &[Word], lexicon: Lexicon<M>) -> Option<Vec<M>> {
    if words.len() > MOST_WORDS {
        return None;
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (meaning, length) = longest(&words[at..], lexicon)?;
        found.push(meaning);
        at += length;
    }
    Some(found)
}

/// The longest phrase the words begin with, and how many words it has.
pub(super) fn longest<M: Copy>(words: &[Word], lexicon: Lexicon<M>) -> Option<(M, usize)> {
    let mut best = None;
    for (meaning, phrases) in lexicon {
        for phrase in phrases.split('|') {
            if let Some(length) = begins(words, phrase)
                && best.is_none_or(|(_, longest)| length > longest)
            {
                best = Some((*meaning, length));
            }
        }
    }
    best
}

/// How many words the phrase takes, if the words begin with it.
pub(super) fn begins(words: &[Word], phrase: &str) -> Option<usize> {
    let mut length = 0;
    for expected in phrase.split(' ') {
        if words.get(length)?.text != expected {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// Whether any of the phrases stands anywhere in the words.
pub(super) fn contains(words: &[Word], phrases: &str) -> bool {
    (0..words.len()).any(|at| phrases.split('|').any(|phrase| begins(&words[at..], phrase).is_some()))
}
