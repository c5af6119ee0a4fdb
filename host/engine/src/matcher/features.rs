//! What the matcher sees of an utterance: words, pairs of words, how words begin, pieces of words.
//!
//! Lives here: features, each as a number that is the same on every machine.
//! Never here: what they weigh (`matcher`).

use crate::answers::words::words;

/// Longer utterances are cut: what somebody wants is said in the first words.
const MOST_WORDS: usize = 60;

/// Politeness, which wants nothing; it is only seen where little else is said.
const COURTESY: &[&str] = &[
    "hola", "buenas", "buenos", "tardes", "dias", "noches", "por", "favor", "porfa", "porfavor", "senorita", "senor", "senora", "joven", "oiga", "oye", "che",
    "po", "pues", "gracias", "disculpe", "disculpa", "mire", "mira", "este", "eh", "ay", "hello", "hi", "please", "thanks", "sir", "maam", "um", "uh",
    "ahorita", "carajo", "pinche", "maldita",
];

/// One feature of an utterance.
#[derive(Clone, Copy)]
pub(super) struct Feature {
    /// Its name, hashed.
    pub(super) name: u64,
    /// Its weight before rarity counts.
    pub(super) weight: f32,
}

/// What is seen of an utterance.
pub(super) struct Found {
    /// Each feature once.
    pub(super) features: Vec<Feature>,
    /// For each word the names of the word and of how it begins.
    pub(super) words: Vec<[u64; 2]>,
}

/// Looks at an utterance. Accents and case do not matter; any number is `#`.
pub(super) fn look(text: &str) -> Found {
    let spelled = spelled(text);
    let mut found = Found { features: Vec::with_capacity(spelled.len() * 18), words: Vec::with_capacity(spelled.len()) };
    let mut before = "^";
    for word in &spelled {
        let letters = word.as_bytes();
        let [whole, start] = [hash(b'w', &[letters]), hash(b's', &[&letters[..letters.len().min(5)]])];
        let mut add = |name: u64, weight: f32| found.features.push(Feature { name, weight });
        add(whole, 0.5);
        add(hash(b'p', &[before.as_bytes(), letters]), 0.6);
        if letters.len() > 4 {
            add(start, 1.2);
        }
        let marked: Vec<u8> = [b" ", letters, b" "].concat();
        for (length, weight) in [(3, 0.3), (4, 0.3)] {
            marked.windows(length).for_each(|piece| add(hash(b'c', &[piece]), weight));
        }
        found.words.push([whole, start]);
        before = word;
    }
    found.features.sort_unstable_by_key(|feature| feature.name);
    found.features.dedup_by_key(|feature| feature.name);
    found
}

/// The words that say something.
fn spelled(text: &str) -> Vec<String> {
    let mut spelled: Vec<String> = words(text).into_iter().take(MOST_WORDS).map(|word| if word.is_figures() { "#".to_owned() } else { word.text }).collect();
    let courteous = |word: &String| COURTESY.contains(&word.as_str());
    if spelled.iter().filter(|word| !courteous(word)).count() >= 2 {
        // "por" is courtesy only before "favor".
        let asks_why = spelled.windows(2).any(|pair| pair[0] == "por" && pair[1] != "favor");
        spelled.retain(|word| !courteous(word) || (asks_why && word == "por"));
    }
    spelled.dedup();
    spelled
}

/// FNV-1a over the kind and the parts.
fn hash(kind: u8, parts: &[&[u8]]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut take = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    take(kind);
    for part in parts {
        part.iter().for_each(|byte| take(*byte));
        take(b' ');
    }
    hash
}
