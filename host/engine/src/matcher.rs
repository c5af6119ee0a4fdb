//! What an utterance wants, learned from a project's examples when it loads.
//!
//! Lives here: a small classifier over words, pairs of words and pieces of words; no model, no
//! network, the same result on every machine.
//! Never here: what an intent starts (the flows), answers to an open question (`answers`).

mod features;

use self::features::{Found, look, look_within};
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// How often training goes over the examples.
const EPOCHS: usize = 3;
/// Examples below which one of them would weigh too much by when it was seen.
const FEW: usize = 1000;
/// How far one example moves the weights, at first.
const RATE: f32 = 5.0;
/// How much surer than its few rounds of training the model may sound.
const SHARPNESS: f32 = 2.5;
/// Likeness to the nearest examples below which an utterance is foreign, and above which it is not.
const FOREIGN: f32 = 0.1;
const FAMILIAR: f32 = 0.28;
/// Share of known words below which an utterance is foreign, and above which it is not.
const UNKNOWN: f32 = 0.2;
const KNOWN: f32 = 0.6;
/// How much the nearest examples count beside the weights.
const VOTE_SHARE: f32 = 0.2;
/// How many of the nearest examples are asked.
const NEIGHBOURS: usize = 20;
/// How much more an example of a rare intent moves the weights: a power of how rare it is.
const BALANCE: f32 = 0.1;
/// How many words of a long utterance are looked at together, and how many later the next ones begin.
const PART: usize = 8;
const STRIDE: usize = 3;

/// A guess about what the caller wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// The intent, as the examples name it.
    pub intent: String,
    /// How sure, 0 to 1; from 0.75 on it is sure.
    pub score: f32,
}

/// Names of features are hashes already.
#[derive(Clone, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, name: u64) {
        self.0 = name;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Sorts utterances into the intents of its examples.
#[derive(Clone, Default)]
pub struct Matcher {
    intents: Vec<String>,
    /// Where a feature's rows are.
    places: HashMap<u64, usize, BuildHasherDefault<Hashed>>,
    /// By place: how much a feature says; much if few examples have it.
    rarity: Vec<f32>,
    /// By place, then intent.
    weights: Vec<f32>,
    /// By place: the examples that have the feature, and how much.
    postings: Vec<Vec<(u16, f32)>>,
    /// The intent of each example.
    labels: Vec<usize>,
}

/// An utterance in the matcher's terms.
struct Seen {
    /// Known features by place, weighed.
    known: Vec<(usize, f32)>,
    /// How much of its words is known, 0 to 1.
    covered: f32,
}

impl Matcher {
    /// Learns from pairs of intent and example text. Without examples it never guesses.
    pub fn train(examples: &[(String, String)]) -> Self {
        let examples = &examples[..examples.len().min(usize::from(u16::MAX))];
        let names: BTreeSet<&str> = examples.iter().map(|(intent, _)| intent.as_str()).collect();
        let intents: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let labels = examples.iter().map(|(intent, _)| intents.binary_search(intent).unwrap_or_default()).collect();
        let mut matcher = Self { intents, labels, ..Self::default() };
        let found: Vec<Found> = examples.iter().map(|(_, text)| look(text)).collect();
        matcher.count(&found);
        let seen: Vec<Vec<(usize, f32)>> = found.iter().map(|found| matcher.see(found).known).collect();
        matcher.postings = vec![Vec::new(); matcher.rarity.len()];
        for (example, known) in (0u16..).zip(&seen) {
            known.iter().for_each(|(place, weight)| matcher.postings[*place].push((example, *weight)));
        }
        matcher.weights = vec![0.0; matcher.rarity.len() * matcher.intents.len()];
        matcher.learn(&seen);
        matcher
    }

    /// Whether there was nothing to learn from.
    pub const fn is_untrained(&self) -> bool {
        self.intents.is_empty()
    }

    /// Every intent with how sure the utterance is it, best first. What is like no example scores
    /// low for all.
    pub fn rank(&self, text: &str) -> Vec<Guess> {
        let found = look(text);
        if self.intents.is_empty() || found.words.is_empty() {
            return Vec::new();
        }
        let seen = self.see(&found);
        let (votes, likeness) = self.neighbours(&seen.known);
        let familiar = between(likeness, FOREIGN, FAMILIAR) * between(seen.covered, UNKNOWN, KNOWN);
        let mut scores = self.weighed(&seen);
        for (score, vote) in scores.iter_mut().zip(votes) {
            *score = familiar * ((1.0 - VOTE_SHARE) * *score + VOTE_SHARE * vote);
        }
        self.best_first(scores)
    }

    /// As [`Matcher::rank`] for each part of a long utterance, by the weights alone; none for a short one.
    pub fn parts(&self, text: &str) -> Vec<Vec<Guess>> {
        let guesses = |found: &Found| {
            let seen = self.see(found);
            let familiar = between(seen.covered, UNKNOWN, KNOWN);
            self.best_first(self.weighed(&seen).into_iter().map(|score| familiar * score).collect())
        };
        look_within(text, PART, STRIDE).iter().map(guesses).collect()
    }

    /// How likely the weights make each intent.
    fn weighed(&self, seen: &Seen) -> Vec<f32> {
        let mut scores = self.logits(&seen.known);
        scores.iter_mut().for_each(|score| *score *= SHARPNESS);
        softmax(&mut scores);
        scores
    }

    fn best_first(&self, scores: Vec<f32>) -> Vec<Guess> {
        let mut guesses: Vec<Guess> = self.intents.iter().zip(scores).map(|(intent, score)| Guess { intent: intent.clone(), score }).collect();
        guesses.sort_by(|one, other| other.score.total_cmp(&one.score));
        guesses
    }

    /// The place of the example most like an utterance, and how like it is, 0 to 1.
    pub fn nearest(&self, text: &str) -> Option<(usize, f32)> {
        let mut likeness = vec![0.0f32; self.labels.len()];
        for (place, weight) in self.see(&look(text)).known {
            for (example, other) in &self.postings[place] {
                likeness[usize::from(*example)] += weight * other;
            }
        }
        likeness.into_iter().enumerate().max_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// Gives every feature its place and its rarity; what many examples have stands close together.
    fn count(&mut self, found: &[Found]) {
        let mut counts: Vec<(u64, u32)> = Vec::new();
        for feature in found.iter().flat_map(|found| &found.features) {
            let place = *self.places.entry(feature.name).or_insert(counts.len());
            match counts.get_mut(place) {
                Some((_, count)) => *count += 1,
                None => counts.push((feature.name, 1)),
            }
        }
        counts.sort_unstable_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        for (place, (name, _)) in counts.iter().enumerate() {
            self.places.insert(*name, place);
        }
        let all = found.len() as f32;
        self.rarity = counts.into_iter().map(|(_, count)| rarity(count as f32, all)).collect();
    }

    /// Applies rarity and makes the whole length one, unknown features included.
    fn see(&self, found: &Found) -> Seen {
        let unknown = rarity(0.0, self.labels.len() as f32);
        let (mut known, mut square) = (Vec::with_capacity(found.features.len()), 0.0);
        for feature in &found.features {
            let place = self.places.get(&feature.name);
            let weight = feature.weight * place.map_or(unknown, |place| self.rarity[*place]);
            square += weight * weight;
            known.extend(place.map(|place| (*place, weight)));
        }
        let length = f32::sqrt(square).max(f32::MIN_POSITIVE);
        known.iter_mut().for_each(|(_, weight)| *weight /= length);
        let (mut words, mut known_words) = (f32::MIN_POSITIVE, 0.0);
        for [whole, start] in &found.words {
            let (place, share) = match self.places.get(whole) {
                Some(place) => (Some(place), 1.0),
                None => (self.places.get(start), 0.5),
            };
            let rarity = place.map_or(unknown, |place| self.rarity[*place]);
            words += rarity;
            known_words += if place.is_some() { rarity * share } else { 0.0 };
        }
        Seen { known, covered: known_words / words }
    }

    /// A few rounds of softmax regression, in an order that mixes the intents.
    fn learn(&mut self, seen: &[Vec<(usize, f32)>]) {
        let count = self.intents.len();
        let mut sizes = vec![0.0f32; count];
        self.labels.iter().for_each(|label| sizes[*label] += 1.0);
        let mean = seen.len() as f32 / count.max(1) as f32;
        // Few examples in small steps, and more of them.
        let rounds = (FEW / seen.len().max(1)).max(1);
        for epoch in 0..EPOCHS * rounds {
            let rate = RATE / rounds as f32 / (1.0 + (epoch / rounds) as f32);
            for step in 0..seen.len() {
                // A stride that shares no factor with the count visits every example once.
                let example = (step * stride(seen.len()) + epoch) % seen.len();
                let (found, label) = (&seen[example], self.labels[example]);
                let mut errors = self.logits(found);
                softmax(&mut errors);
                errors[label] -= 1.0;
                let rate = rate * (mean / sizes[label]).powf(BALANCE);
                for (place, weight) in found {
                    let step = rate * weight;
                    let row = &mut self.weights[place * count..(place + 1) * count];
                    for (kept, error) in row.iter_mut().zip(&errors) {
                        *kept -= step * error;
                    }
                }
            }
        }
    }

    fn logits(&self, found: &[(usize, f32)]) -> Vec<f32> {
        let count = self.intents.len();
        let mut logits = vec![0.0; count];
        for (place, weight) in found {
            let row = &self.weights[place * count..(place + 1) * count];
            for (logit, kept) in logits.iter_mut().zip(row) {
                *logit += weight * kept;
            }
        }
        logits
    }

    /// How the nearest examples vote, 0 to 1 over all intents, and how near the nearest is.
    fn neighbours(&self, found: &[(usize, f32)]) -> (Vec<f32>, f32) {
        let mut likeness = vec![0.0f32; self.labels.len()];
        for (place, weight) in found {
            for (example, other) in &self.postings[*place] {
                likeness[usize::from(*example)] += weight * other;
            }
        }
        let mut nearest: Vec<(f32, usize)> = likeness.into_iter().zip(0..).collect();
        let nearer = |one: &(f32, usize), other: &(f32, usize)| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1));
        if nearest.len() > NEIGHBOURS {
            nearest.select_nth_unstable_by(NEIGHBOURS, nearer);
            nearest.truncate(NEIGHBOURS);
        }
        nearest.sort_unstable_by(nearer);
        let mut votes = vec![0.0f32; self.intents.len()];
        nearest.iter().for_each(|(likeness, example)| votes[self.labels[*example]] += likeness * likeness);
        let total: f32 = votes.iter().sum();
        if total > 0.0 {
            votes.iter_mut().for_each(|vote| *vote /= total);
        }
        (votes, nearest.first().map_or(0.0, |(likeness, _)| *likeness))
    }
}

/// How much a feature says that so many of all examples have.
fn rarity(count: f32, all: f32) -> f32 {
    ((1.0 + all) / (1.0 + count)).ln() + 0.3
}

/// 0 at `low`, 1 at `high`, in proportion between them.
fn between(value: f32, low: f32, high: f32) -> f32 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

fn softmax(logits: &mut [f32]) {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    logits.iter_mut().for_each(|logit| *logit = (*logit - most).exp());
    let total: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|logit| *logit /= total);
}

fn stride(count: usize) -> usize {
    const PRIMES: [usize; 3] = [211, 223, 227];
    PRIMES.into_iter().find(|prime| !count.is_multiple_of(*prime)).unwrap_or(1)
}

#[cfg(test)]
mod tests;
