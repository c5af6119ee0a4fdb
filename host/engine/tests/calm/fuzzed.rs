//! The fuzz targets, for the length of a test: every text of the corpus, and the same texts cut, joined and
//! spoilt at random, the same way at every run.

#![allow(clippy::disallowed_methods, reason = "the test reads the corpus from disk; the engine does not")]

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "a crate of its own where it is fuzzed")]
mod targets;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::path::Path;

/// The corpus of a target, in the order of its names.
fn corpus(target: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let texts: Vec<String> = paths.iter().map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()).collect();
    assert!(!texts.is_empty(), "{target} has no corpus");
    texts
}

/// One way to spoil a text.
#[derive(Clone, Debug)]
enum Spoil {
    Cut(prop::sample::Index, prop::sample::Index),
    Put(prop::sample::Index, String),
    Join(prop::sample::Index, prop::sample::Index),
}

fn spoils() -> impl Strategy<Value = Vec<Spoil>> {
    let one = prop_oneof![
        (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(from, to)| Spoil::Cut(from, to)),
        (any::<prop::sample::Index>(), "[ \\n{}()\\[\\]:=,'\"%|/*#a-c0-9-]{1,6}|\\PC{1,3}").prop_map(|(at, text)| Spoil::Put(at, text)),
        (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(other, at)| Spoil::Join(other, at)),
    ];
    prop::collection::vec(one, 1..6)
}

/// The place in a text that an index means, between two characters.
fn place(text: &str, index: prop::sample::Index) -> usize {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    *index.get(&places)
}

fn spoil(corpus: &[String], mut text: String, how: &[Spoil]) -> String {
    for one in how {
        match one {
            Spoil::Cut(from, to) => {
                let (one, other) = (place(&text, *from), place(&text, *to));
                text.replace_range(one.min(other)..one.max(other), "");
            }
            Spoil::Put(at, words) => text.insert_str(place(&text, *at), words),
            Spoil::Join(other, at) => text.insert_str(place(&text, *at), other.get(corpus).as_str()),
        }
    }
    text
}

fn short_run(target: &str, run: fn(&str), cases: u32) {
    let corpus = corpus(target);
    corpus.iter().for_each(|text| run(text));
    let config = ProptestConfig { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(20_251_125), ..ProptestConfig::default() };
    proptest!(config, |(first: prop::sample::Index, how in spoils())| {
        let text = first.get(&corpus).clone();
        run(&spoil(&corpus, text, &how));
    });
}

#[test]
fn whatever_a_model_writes_is_read_and_executed() {
    short_run("commands", targets::commands, 60);
}

#[test]
fn nothing_a_model_writes_is_kept_outside_the_grammar_and_no_consent_is_set() {
    // `docs/fuzzing.md` has the command for ten million.
    let worlds = targets::outputs::worlds();
    for world in worlds {
        assert!(world.moments() >= 15 && world.at_consents().0 > 0, "{}: {} moments, at a consent {:?}", world.folder, world.moments(), world.at_consents());
    }
    let (mut total, mut bytes) = (targets::outputs::Judged::default(), [0; 192]);
    for number in 0..5_000 {
        targets::outputs::bytes(20_251_125, number, &mut bytes);
        let judged = targets::outputs::output(&bytes);
        total.read += judged.read;
        total.kept += judged.kept;
        total.consents += judged.consents;
    }
    // The outputs were worth judging.
    assert!(total.read > 5_000 && total.kept > 2_000 && total.consents > 500, "{total:?}");
}

#[test]
fn whatever_is_sent_behind_a_slash_is_read_and_executed() {
    short_run("payload", targets::payload, 60);
}

#[test]
fn whatever_stands_where_a_condition_is_due_is_read_or_refused() {
    short_run("conditions", targets::conditions, 400);
}

#[test]
fn whatever_stands_in_a_projects_files_is_loaded_or_refused() {
    short_run("yaml_project", targets::yaml_project, 40);
}

#[test]
fn whatever_stands_in_a_response_is_rendered_or_refused() {
    short_run("templates", targets::templates, 400);
}
