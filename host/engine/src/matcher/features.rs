//! What the matcher sees of an utterance: words, how they begin, which stand together, pieces of them.
//!
//! Lives here: features, each as a number that is the same on every machine.
//! Never here: what they weigh (`matcher`).

use crate::answers::words::words;

/// Longer utterances are cut: what somebody wants is said in the first words.
const MOST_WORDS: usize = 60;

/// How many of the next words a word is seen together with, whatever their order: "perdí" alone says little.
const NEAR: usize = 4;

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
    look_at(&spelled(text))
}

/// Looks at a long utterance piece by piece: so many words at a time, each piece beginning `stride` words after the one
/// before. An utterance that is hardly longer than one piece has none.
pub(super) fn look_within(text: &str, width: usize, stride: usize) -> Vec<Found> {
    let spelled = spelled(text);
    let Some(last) = spelled.len().checked_sub(width).filter(|last| *last >= stride) else { return Vec::new() };
    let starts = (0..last).step_by(stride).chain([last]);
    starts.map(|start| look_at(&spelled[start..start + width])).collect()
}

fn look_at(spelled: &[String]) -> Found {
    let mut found = Found { features: Vec::with_capacity(spelled.len() * 20), words: Vec::with_capacity(spelled.len()) };
    let stems: Vec<&[u8]> = spelled.iter().map(|word| stem(word.as_bytes())).collect();
    let mut add = |name: u64, weight: f32| found.features.push(Feature { name, weight });
    for (at, word) in spelled.iter().enumerate() {
        let (letters, begins) = (word.as_bytes(), stems[at]);
        let [whole, start] = [hash(b'w', &[letters]), hash(b's', &[begins])];
        add(whole, 0.4);
        if letters.len() > 4 {
            add(start, 0.6);
        }
        let before = at.checked_sub(1).map_or(b"^".as_slice(), |before| stems[before]);
        add(hash(b'p', &[before, begins]), 0.5);
        for near in stems.iter().skip(at + 1).take(NEAR) {
            add(hash(b'n', &[begins.min(near), begins.max(near)]), 0.3);
        }
        let marked: Vec<u8> = [b" ", letters, b" "].concat();
        for (length, weight) in [(3, 0.3), (4, 0.4)] {
            marked.windows(length).for_each(|piece| add(hash(b'c', &[piece]), weight));
        }
        found.words.push([whole, start]);
    }
    found.features.sort_unstable_by_key(|feature| feature.name);
    found.features.dedup_by_key(|feature| feature.name);
    found
}

/// How a word begins: what its forms have in common.
fn stem(letters: &[u8]) -> &[u8] {
    &letters[..letters.len().min(5)]
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
