//! Crimes that carry a sensitive value to where it is none any more: the digits 4521, which every run has as a token.

use super::bed::Bed;
use super::crime::crime;
use super::logged::Logged;
use crate::guard::{Guard, take_down};
use centralita_engine::Ending::{Done, Refused};
use tracing::Level;

#[tokio::test]
async fn a_token_goes_into_a_slot_of_its_own_class_only() {
    // Written where there is no class, the next run would read the digits.
    crime("evil_token_to_slot").then_read("slot").ends(Refused, "may not hold a token").without(Guard::SlotClass).gets("4521").await;
    // Written as another class, it could be used as one of those.
    crime("evil_token_to_class").then_read("class").ends(Refused, "may not hold a token").without(Guard::SlotClass).gets("tok client").await;
    // Inside other text it stays the token it is: of no use, and refused so that its author learns of it.
    crime("evil_token_in_text").then_read("slot").ends(Refused, "may not hold a token").without(Guard::SlotClass).gets("a token").await;
}

#[tokio::test]
async fn what_was_said_is_read_by_nobody() {
    // No guard: nothing of a response can be asked for by a run.
    let mut bed = Bed::open(|_| {}).await;
    assert_eq!(bed.run("evil_token_to_response").await.said, ["utter_said 4521"]);
    for what in ["slot", "class", "kept"] {
        bed.tell(what, "desk");
        assert!(!bed.run("evil_read_back").await.loot.contains("4521"));
    }
}

#[tokio::test]
async fn a_plain_column_takes_no_token() {
    let crime = crime("evil_token_to_column").then_read("kept");
    // The value itself would be there; what is read of it is a token still, by the guard behind.
    crime.ends(Refused, "a `last4` is not allowed here").without(Guard::ParameterClass).others(&[Guard::Echoes]).gets("4521").await;
}

#[tokio::test]
async fn a_value_that_comes_back_in_a_plain_column_is_a_token_also_in_the_next_run() {
    crime("evil_launder").then_read("kept").ends(Done, "a token").without(Guard::Echoes).gets("kept 100001").await;
}

#[tokio::test]
async fn a_statement_that_echoes_its_parameter_echoes_a_token() {
    crime("evil_echo").ends(Done, "token token token").without(Guard::Echoes).gets("digits digits digits").await;
}

#[tokio::test]
async fn a_desk_that_echoes_a_value_echoes_a_token() {
    crime("evil_echo_answer").ends(Done, "token token").without(Guard::Answers).gets("digits digits").await;
}

#[tokio::test]
async fn a_token_stands_in_no_path_no_header_and_no_field_that_is_not_for_its_class() {
    crime("evil_token_to_path").ends(Refused, "a token stands in the path").without(Guard::TokenInPath).gets("200").await;
    crime("evil_token_to_body").ends(Refused, "a `last4` is not allowed here").without(Guard::Places).others(&[Guard::Answers]).gets("4521").await;
}

#[tokio::test]
async fn a_token_stands_in_no_note() {
    async fn notes(down: &[Guard]) -> String {
        let mut bed = Bed::open(|_| {}).await;
        let (logged, _listening) = Logged::listen(Level::INFO);
        let _down = take_down(down);
        assert_eq!(bed.run("evil_token_to_log").await.ending, Done);
        String::from_utf8(logged.bytes()).expect("text")
    }
    let standing = notes(&[]).await;
    assert!(standing.contains("Plugin noted") && !standing.contains("tok_"), "{standing}");
    assert!(notes(&[Guard::TokenInLog]).await.contains("tok_last4_"), "without the guard it is logged");
}
