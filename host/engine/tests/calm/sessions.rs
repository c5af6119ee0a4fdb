//! Sessions: how they begin, what goes over into the next, how they end (`rasa-calm.md` §2.6, §4.5, §6).

use crate::money::{asked_amount, bank, bank_with};
use crate::talk::Talk;
use centralita_engine::{Command, Effect, Happened, Next, Outcome, Source};
use serde_json::json;

#[test]
fn a_session_that_begins_on_a_chat_channel_runs_the_session_start_action_alone() {
    let bank =
        bank_with("flows:\n  pattern_session_start:\n    name: a\n    description: b\n    steps: [{action: action_session_start}, {action: utter_vip}]\n");
    let talk = Talk::begin(&bank);
    assert!(talk.actions().contains(&"action_session_start".to_owned()), "{:?}", talk.trail());
    assert_eq!(talk.responses(), [""; 0]);
}

#[test]
fn the_text_session_start_runs_the_pattern() {
    let bank = bank_with(
        "flows:\n  pattern_session_start:\n    name: a\n    description: b\n    nlu_trigger: [{intent: session_start}]\n    steps: [{action: action_session_start}, {action: utter_vip}]\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.sends("/session_start");
    assert_eq!(talk.responses(), ["utter_vip"]);
}

#[test]
fn a_telephone_call_begins_with_the_pattern() {
    let bank =
        bank_with("flows:\n  pattern_session_start:\n    name: a\n    description: b\n    steps: [{action: action_session_start}, {action: utter_vip}]\n");
    let talk = Talk::on(&bank, "twilio_voice", json!(null));
    assert_eq!(talk.responses(), ["utter_vip"]);
}

#[test]
fn slots_go_over_into_the_next_session() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.told("vip", json!(true));
    talk.open("rest", json!(null), 8);
    assert_eq!(talk.slot("vip"), json!(true));
}

#[test]
fn a_project_may_have_slots_stay_behind() {
    let bank = bank_with("session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: false}\n");
    let mut talk = Talk::begin(&bank);
    talk.told("vip", json!(true));
    talk.open("rest", json!(null), 8);
    assert_eq!(talk.slot("vip"), json!(null));
}

#[test]
fn the_stack_never_goes_over_into_the_next_session() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.open("rest", json!(null), 8);
    assert!(talk.stack().is_empty(), "{:?}", talk.stack());
    assert!(matches!(talk.next, Next::Listen(_)));
}

#[test]
fn a_session_expires_after_an_hour_unless_the_project_says_otherwise() {
    assert!((bank().session_minutes - 60.0).abs() < f64::EPSILON);
    let never = bank_with("session_config: {session_expiration_time: 0}\n");
    assert!(never.session_minutes.abs() < f64::EPSILON);
}

#[test]
fn an_action_session_start_of_the_projects_own_returns_the_events_itself() {
    let bank = bank_with("actions: [action_session_start]\n");
    let mut talk = Talk::silent(&bank);
    let effects = vec![Effect::SessionStarted];
    talk.will("action_session_start", Outcome { effects, ..Outcome::ended(centralita_engine::Ending::Done, "") });
    talk.open("rest", json!({"from": "Jo"}), 7);
    assert_eq!(talk.ran(), ["action_session_start"]);
    assert!(matches!(talk.next, Next::Listen(_)));
}

#[test]
fn after_the_end_of_a_session_nothing_is_heard_until_the_next_begins() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.proposes("", vec![Command::SessionEnd], Source::Payload);
    let events = talk.events.len();
    talk.model("start flow check_balance");
    assert_eq!(talk.events.len(), events);
    talk.open("rest", json!(null), 8);
    talk.model("start flow check_balance");
    assert_eq!(talk.responses()[0], "utter_balance");
}

#[test]
fn after_a_restart_everything_can_be_asked_for_again() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.sends("/restart");
    talk.model("start flow transfer");
    assert_eq!(talk.asked().as_deref(), Some("recipient"));
}

#[test]
fn a_release_that_is_gone_is_nothing_to_a_call_that_is_over() {
    let bank = bank();
    let mut talk = Talk::on(&bank, "twilio_voice", serde_json::Value::Null);
    talk.happens(Happened::HungUp);
    assert_eq!(talk.happens(Happened::ReleaseGone), [""; 0]);
    assert_eq!(talk.last().len(), 0);
}
