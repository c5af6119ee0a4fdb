//! Six ways to tamper with an audit, each found by its name; and what is no tampering.

use super::*;
use crate::seal::{Keys, hex};
use crate::store::AuditRow;
use std::collections::BTreeMap;

/// Three calls and the host, sealed after each record: what is there, and the text of the checkpoint file.
struct Scene {
    chains: BTreeMap<String, Vec<AuditRow>>,
    file: String,
    signer: Signer,
}

const NAMES: [&str; 4] = ["", "CA1", "CA2", "CA3"];

fn scene() -> Scene {
    let signer = Signer::new(&Keys::from_bytes(&[3; 32]));
    let mut heads: BTreeMap<&str, Head> = BTreeMap::new();
    let (mut chains, mut file, mut previous) = (BTreeMap::<String, Vec<AuditRow>>::new(), String::new(), String::new());
    for round in 1..=5_i64 {
        let mut moved = BTreeMap::new();
        for name in NAMES {
            let head = heads.entry(name).or_default();
            chains.entry(name.to_owned()).or_default().push(head.add(name, round * 10_000, format!("{{\"round\":{round}}}")));
            moved.insert(name.to_owned(), (head.n, hex(&head.hash)));
        }
        let at_ms = round * 10_000 + 900;
        let n = u64::try_from(round).expect("small");
        let (line, digest) = signer.line(Checkpoint { n, at_ms, previous, heads: moved }).expect("JSON");
        file += &line;
        file.push('\n');
        previous = digest;
    }
    Scene { chains, file, signer }
}

impl Scene {
    fn checkpoints(&self) -> Vec<Checkpoint> {
        Checkpoints::read(&self.file, &self.signer.public()).expect("whole").all
    }

    fn found(&self) -> Vec<String> {
        verify(&self.chains, &self.checkpoints()).findings.iter().map(ToString::to_string).collect()
    }

    fn call(&mut self) -> &mut Vec<AuditRow> {
        self.chains.get_mut("CA2").expect("is there")
    }
}

/// The chain from this record on, made anew with other words, as somebody would who knows how it is made.
fn rechain(chain: &str, rows: &mut Vec<AuditRow>, from: usize) {
    let mut head = rows[..from].last().map_or_else(Head::default, |row| Head { n: row.n, hash: row.hash.clone() });
    let later: Vec<AuditRow> = rows.drain(from..).collect();
    rows.extend(later.into_iter().map(|row| head.add(chain, row.at_ms, row.record.replace("round", "forged"))));
}

#[test]
fn what_was_sealed_holds() {
    let scene = scene();
    let verdict = verify(&scene.chains, &scene.checkpoints());
    assert_eq!(verdict, Verdict { chains: 4, records: 20, young: 0, findings: Vec::new() });
}

#[test]
fn an_edited_row_is_found() {
    let mut scene = scene();
    scene.call()[2].record = "{\"round\":9}".to_owned();
    let found = scene.found();
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("call CA2: record 3 was edited"), "{found:?}");
}

#[test]
fn a_lost_call_is_found() {
    let mut scene = scene();
    scene.chains.remove("CA2");
    assert_eq!(scene.found(), ["call CA2: nothing is left of it; checkpoint 5 sealed it"]);
}

#[test]
fn a_cut_tail_is_found() {
    let mut scene = scene();
    scene.call().truncate(3);
    assert_eq!(scene.found(), ["call CA2: it ends at record 3; checkpoint 4 sealed record 4: its tail was cut off"]);
}

#[test]
fn a_swap_is_found() {
    let mut scene = scene();
    let rows = scene.call();
    let (second, third) = (rows[1].record.clone(), rows[2].record.clone());
    (rows[1].record, rows[2].record) = (third, second);
    let found = scene.found();
    assert!(found[0].starts_with("call CA2: record 2 was edited"), "{found:?}");
    // Of two calls: each row fits only its own place.
    let mut scene = self::scene();
    let other = scene.chains["CA1"][2].clone();
    scene.call()[2] = other;
    assert!(scene.found()[0].starts_with("call CA2: record 3 was edited"));
    // Whole chains under each other's names.
    let mut scene = self::scene();
    let one = scene.chains.remove("CA1").expect("is there");
    let two = scene.chains.insert("CA2".to_owned(), one).expect("is there");
    scene.chains.insert("CA1".to_owned(), two);
    assert_eq!(scene.found().len(), 2);
}

#[test]
fn a_suffix_made_anew_is_found_though_it_fits() {
    let mut scene = scene();
    rechain("CA2", scene.call(), 3);
    assert_eq!(broken("CA2", scene.call()), None, "the chain by itself does not know");
    let found = scene.found();
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("call CA2: the chain fits, but record 4 is not the one checkpoint 4 sealed"), "{found:?}");
}

#[test]
fn a_restored_older_database_is_found_and_dated() {
    let mut scene = scene();
    scene.chains.values_mut().for_each(|rows| rows.truncate(3));
    let found = scene.found();
    assert!(found[0].starts_with("the database is as it was at checkpoint 3 (1970-01-01T00:00:30.9Z)"), "{found:?}");
    assert!(found[0].contains("4 chains"), "{found:?}");
}

#[test]
fn a_record_put_in_behind_the_last_sealed_one_is_found() {
    let mut scene = scene();
    let rows = scene.call();
    let mut head = rows.last().map(|row| Head { n: row.n, hash: row.hash.clone() }).expect("is there");
    rows.push(head.add("CA2", 20_000, "{}".to_owned()));
    assert_eq!(scene.found(), ["call CA2: record 6 is older than the last checkpoint, and none sealed it: it was put in later"]);
}

#[test]
fn records_of_the_last_second_wait_for_their_checkpoint_and_are_no_finding() {
    let mut scene = scene();
    let rows = scene.call();
    let mut head = rows.last().map(|row| Head { n: row.n, hash: row.hash.clone() }).expect("is there");
    rows.push(head.add("CA2", 51_500, "{}".to_owned()));
    let verdict = verify(&scene.chains, &scene.checkpoints());
    assert_eq!((verdict.young, verdict.findings), (1, Vec::new()));
}

#[test]
fn records_of_a_turn_that_took_as_long_as_one_may_are_no_finding() {
    let mut scene = scene();
    let rows = scene.call();
    let mut head = rows.last().map(|row| Head { n: row.n, hash: row.hash.clone() }).expect("is there");
    rows.push(head.add("CA2", 50_900 - 16_000, "{}".to_owned()));
    assert_eq!(scene.found(), Vec::<String>::new());
}

#[test]
fn a_changed_checkpoint_file_is_named_by_its_line() {
    let scene = scene();
    let read = |text: &str| Checkpoints::read(text, &scene.signer.public()).map(|read| read.all.len()).map_err(|bad| bad.to_string());
    let lines: Vec<&str> = scene.file.lines().collect();
    let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    assert_eq!(read(&scene.file), Ok(5));
    let edited = scene.file.replacen("\"CA2\":[2,", "\"CA2\":[1,", 1);
    assert!(read(&edited).is_err_and(|why| why.starts_with("checkpoint 2 was changed")));
    assert!(read(&joined(&[lines[0], lines[2]])).is_err_and(|why| why.starts_with("checkpoint 2 does not follow")));
    assert!(read(&joined(&[lines[1], lines[0]])).is_err_and(|why| why.starts_with("checkpoint 1 does not follow")));
    assert!(read("rubbish\n").is_err_and(|why| why.starts_with("checkpoint 1 is no line")));
    // Another installation's signature.
    let other = Signer::new(&Keys::from_bytes(&[4; 32]));
    assert!(Checkpoints::read(&scene.file, &other.public()).is_err());
    // A stop in the middle of a write leaves half a line, which is nobody's checkpoint.
    assert_eq!(read(&scene.file[..scene.file.len() - 20]), Ok(4));
}
