//! What keys promise.
//!
//! Lives here: spellings, tokens, sealing, and whom each refuses.
//! Never here: the database.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;

const TEXT: &str = "0123456789abcdefghijklmnopqrstuv";

fn keys(raw: &str) -> Keys {
    Keys::from_variable(raw).unwrap_or_else(|refused| panic!("{refused}"))
}

fn refusal(raw: &str) -> String {
    Keys::from_variable(raw).err().map(|refused| refused.to_string()).unwrap_or_default()
}

fn place(call: &str, seq: u64) -> Place<'_> {
    Place { table: "events", column: "event", call, row: (seq, 0) }
}

#[test]
fn one_key_in_three_spellings_gives_the_same_tokens() {
    let token = keys(TEXT).turn_token("CA1", 3);
    assert_eq!(token.len(), 32);
    assert_eq!(keys(&hex(TEXT.as_bytes())).turn_token("CA1", 3), token);
    assert_eq!(keys(&STANDARD.encode(TEXT)).turn_token("CA1", 3), token);
    assert_eq!(keys(&format!(" {}\n", URL_SAFE_NO_PAD.encode(TEXT))).turn_token("CA1", 3), token);
}

#[test]
fn a_bad_key_is_refused_by_its_length_alone() {
    assert!(refusal("short-secret").contains("12 characters"));
    assert!(!refusal("short-secret").contains("short-secret"));
    assert!(refusal("").contains("0 characters"));
    assert!(refusal(&"a".repeat(63)).contains("63 characters"));
    assert!(refusal(&"z".repeat(64)).contains("64 characters"));
    assert!(refusal("your_32_character_encryption_key").contains("placeholder"));
}

#[test]
fn a_turn_token_belongs_to_one_turn_of_one_call_under_one_key() {
    let (ours, other) = (keys(TEXT), keys(&TEXT.replace('0', "x")));
    let token = ours.turn_token("CA1", 3);
    assert!(ours.check_turn_token("CA1", 3, &token));
    assert!(!ours.check_turn_token("CA1", 4, &token));
    assert!(!ours.check_turn_token("CA2", 3, &token));
    assert!(!other.check_turn_token("CA1", 3, &token));
    assert!(!ours.check_turn_token("CA1", 3, &token[..31]));
    assert!(!ours.check_turn_token("CA1", 3, ""));
}

#[test]
fn purposes_do_not_share_a_key() {
    let keys = keys(TEXT);
    let all = [Purpose::TurnToken, Purpose::Caller, Purpose::Artifact, Purpose::Audit, Purpose::Admin];
    let mut macs: Vec<_> = all.iter().map(|purpose| keys.mac(*purpose, &[b"x"])).collect();
    macs.sort_unstable();
    macs.dedup();
    assert_eq!(macs.len(), all.len());
    assert_ne!(keys.mac(Purpose::Audit, &[b"ab", b"c"]), keys.mac(Purpose::Audit, &[b"a", b"bc"]));
}

#[test]
fn a_sealed_value_opens_only_where_it_was_sealed() {
    let key = keys(TEXT).new_data_key().expect("random bytes");
    let sealed = key.seal(place("CA1", 7), b"termina en 4521").expect("sealed");
    assert!(!sealed.windows(4).any(|bytes| bytes == b"4521"));
    assert_eq!(key.open(place("CA1", 7), &sealed).expect("opens"), b"termina en 4521");
    assert!(key.open(place("CA1", 8), &sealed).is_err());
    assert!(key.open(place("CA2", 7), &sealed).is_err());
    assert!(key.open(Place { column: "state", ..place("CA1", 7) }, &sealed).is_err());
    assert!(key.open(place("CA1", 7), &sealed[..sealed.len() - 1]).is_err());
    assert!(key.open(place("CA1", 7), b"short").is_err());
    assert_ne!(key.seal(place("CA1", 7), b"x").expect("sealed"), key.seal(place("CA1", 7), b"x").expect("sealed"));
}

#[test]
fn a_data_key_opens_for_its_call_under_its_own_installation_key() {
    let (ours, other) = (keys(TEXT), keys(&TEXT.replace('0', "x")));
    let key = ours.new_data_key().expect("random bytes");
    let sealed = key.seal(place("CA1", 1), b"hola").expect("sealed");
    let wrapped = ours.wrap(&key, "CA1").expect("wrapped");
    assert_eq!(ours.unwrap(&wrapped, "CA1").unwrap_or_else(|e| panic!("{e}")).open(place("CA1", 1), &sealed).expect("opens"), b"hola");
    assert!(matches!(ours.unwrap(&wrapped, "CA2"), Err(SealError::WrongKey { .. })));
    assert!(matches!(other.unwrap(&wrapped, "CA1"), Err(SealError::WrongKey { .. })));
}
