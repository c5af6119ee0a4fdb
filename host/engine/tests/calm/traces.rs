//! One conversation, event by event (`rasa-calm.md` §4.7).

use crate::money::bank_with;
use crate::talk::Talk;
use centralita_engine::Project;
use serde_json::json;

/// `transfer` as the reference has it: recipient, amount, a confirmation that is asked first, an action.
fn bank() -> Project {
    bank_with(
        "
flows:
  send:
    name: send
    description: sends
    steps: [{collect: recipient}, {collect: amount}, {collect: confirm, ask_before_filling: true}, {action: action_pay}]
",
    )
}

/// What happened, without the words themselves, without what was understood and without waiting.
fn trace(talk: &Talk<'_>) -> Vec<String> {
    let left_out = ["understood ", "said ", "action action_listen"];
    talk.trail().into_iter().filter(|line| !left_out.iter().any(|prefix| line.starts_with(prefix))).collect()
}

fn without_rejections(talk: &Talk<'_>) -> Vec<String> {
    trace(talk).into_iter().filter(|line| line != "action action_run_slot_rejections").collect()
}

#[test]
fn a_new_conversation_begins_with_the_session_start_action() {
    let bank = bank();
    let talk = Talk::begin(&bank);
    assert_eq!(trace(&talk), ["action action_session_start"]);
}

#[test]
fn send_money_to_jo_sets_the_recipient_and_asks_for_the_amount() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow send\nset slot recipient Jo");
    assert_eq!(without_rejections(&talk), ["slot recipient = \"Jo\"", "flow_started send", "action utter_ask_amount"]);
    assert!(trace(&talk).contains(&"action action_run_slot_rejections".to_owned()), "the first round of a question checks too");
}

#[test]
fn fifty_sets_the_amount_checks_it_and_asks_to_confirm() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow send\nset slot recipient Jo");
    talk.model("set slot amount 50");
    assert_eq!(trace(&talk), ["slot amount = 50.0", "action action_run_slot_rejections", "action action_run_slot_rejections", "action utter_ask_confirm"]);
}

#[test]
fn no_wait_to_ann_corrects_the_recipient_and_asks_to_confirm_again() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow send\nset slot recipient Jo\nset slot amount 50");
    talk.model("set slot recipient Ann");
    assert_eq!(
        without_rejections(&talk),
        ["action action_correct_flow_slot", "slot recipient = \"Ann\"", "action utter_corrected_previous_input", "action utter_ask_confirm"]
    );
}

#[test]
fn what_is_my_balance_interrupts_and_comes_back_to_the_confirmation() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow send\nset slot recipient Ann\nset slot amount 50");
    talk.model("start flow check_balance");
    assert_eq!(
        without_rejections(&talk),
        [
            "flow_interrupted send",
            "flow_started check_balance",
            "action utter_balance",
            "flow_completed check_balance",
            "flow_resumed send",
            "action utter_flow_continue_interrupted",
            "action utter_ask_confirm"
        ]
    );
}

#[test]
fn yes_pays_completes_the_flow_and_empties_its_slots() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow send\nset slot recipient Ann\nset slot amount 50");
    talk.will_set("action_pay", &[("vip", json!(true))]);
    talk.model("set slot confirm true");
    assert_eq!(
        without_rejections(&talk),
        [
            "slot confirm = true",
            "run action_pay",
            "slot vip = true",
            "flow_completed send",
            "slot recipient = null",
            "slot amount = null",
            "slot confirm = null",
            "action utter_can_do_something_else"
        ]
    );
}
