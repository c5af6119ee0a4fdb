//! Nothing is allowed that was not granted: one line for each function of the contract. `secret`, `utter_promise`, the
//! binding `ungranted` and the statement `ungranted` are there, and granted to somebody else.

use super::bed::Bed;
use super::crime::crime;
use crate::guard::{Guard, take_down};
use centralita_engine::Ending::{Done, Refused};

#[tokio::test]
async fn call_slot_reads_nothing_that_is_not_granted() {
    crime("evil_read_slot").ends(Done, "nothing").without(Guard::SlotRead).gets("the secret").await;
}

#[tokio::test]
async fn call_set_slot_sets_nothing_that_is_not_granted() {
    let mut bed = Bed::open(|_| {}).await;
    bed.run("evil_write_slot").await;
    assert_eq!(bed.slot("secret"), "the secret");
    let _down = take_down(&[Guard::SlotWrite]);
    bed.run("evil_write_slot").await;
    assert_eq!(bed.slot("secret"), "forged");
}

#[tokio::test]
async fn call_respond_says_nothing_that_is_not_granted() {
    let mut bed = Bed::open(|_| {}).await;
    assert!(bed.run("evil_respond").await.said.is_empty());
    let _down = take_down(&[Guard::Response]);
    assert_eq!(bed.run("evil_respond").await.said, ["utter_promise"]);
}

#[tokio::test]
async fn http_send_sends_nothing_to_a_binding_that_is_not_granted() {
    let crime = crime("evil_send").told("/latest").at("ungranted");
    crime.ends(Refused, "this binding is not granted").without(Guard::Binding).gets("metadata of the machine").await;
}

#[tokio::test]
async fn records_query_runs_no_statement_that_is_not_granted() {
    crime("evil_query").told("ungranted").ends(Refused, "this statement is not granted").without(Guard::Statement).gets("1 row").await;
    // Nor one that writes, which is another function's.
    crime("evil_query").told("write").ends(Refused, "this statement is not granted").always().await;
}

#[tokio::test]
async fn records_execute_runs_no_statement_that_is_not_granted() {
    let withdrawn = |release: &mut crate::release::Release| {
        for authority in release.plugins.get_mut("evil").expect("the plugin").effective.actions.values_mut() {
            authority.statements.remove("write");
        }
    };
    crime("evil_execute").told("write").with(withdrawn).ends(Refused, "this statement is not granted").without(Guard::Statement).gets("written").await;
}

#[tokio::test]
async fn log_write_ends_where_its_budget_does() {
    // Every component may leave notes; there is no grant to take away, only a budget (`sandbox/tests/evil.rs`).
    crime("evil_log_flood").with(|release| super::hog::limits(release).log_bytes = 0).ends(Done, "5000 notes").always().await;
}
