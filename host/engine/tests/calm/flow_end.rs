//! What happens when a flow ends (`rasa-calm.md` §4.4).

use crate::money::{asked_amount, bank, bank_with, confirming};
use crate::talk::Talk;
use centralita_engine::Event;
use serde_json::json;

#[test]
fn the_end_of_a_flow_is_logged_with_its_last_step() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance");
    let step = talk.last().iter().find_map(|event| if let Event::FlowCompleted { step, .. } = event { step.clone() } else { None });
    assert_eq!(step.map(|step| step.to_string()).as_deref(), Some("check_balance_0_action_utter_balance"));
}

#[test]
fn slots_a_flow_collected_go_back_to_their_initial_value() {
    let bank = bank();
    let mut talk = confirming(&bank);
    talk.model("set slot confirm true");
    let trail = talk.trail();
    let completed = trail.iter().position(|line| line == "flow_completed transfer").unwrap();
    let mut reset: Vec<&String> = trail[completed..].iter().filter(|line| line.starts_with("slot ")).collect();
    reset.sort();
    assert_eq!(reset, ["slot amount = null", "slot confirm = null", "slot recipient = null"]);
}

#[test]
fn an_initial_value_comes_back_when_the_flow_ends() {
    let bank = bank_with(
        "slots: {size: {type: text, initial_value: small}}\nresponses: {utter_ask_size: [{text: Which size?}]}\nflows:\n  order:\n    description: b\n    steps: [{collect: size}, {action: utter_vip}]\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow order\nset slot size large");
    assert_eq!(talk.responses()[0], "utter_vip");
    assert_eq!(talk.slot("size"), json!("small"));
}

#[test]
fn slots_a_flow_set_by_itself_are_reset_too() {
    let bank = bank_with("flows:\n  promote:\n    description: b\n    steps: [{set_slots: [{vip: true}]}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow promote");
    assert_eq!(talk.slot("vip"), json!(null));
}

#[test]
fn persisted_slots_keep_their_value() {
    let bank = bank_with(
        "flows:\n  promote:\n    description: b\n    persisted_slots: [vip, reason]\n    steps: [{set_slots: [{vip: true}]}, {collect: reason}, {collect: card}]\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow promote\nset slot reason old\nset slot card debit");
    assert_eq!((talk.slot("vip"), talk.slot("reason"), talk.slot("card")), (json!(true), json!("old"), json!(null)));
}

#[test]
fn a_question_that_says_so_keeps_its_slot() {
    let bank = bank_with("flows:\n  note:\n    description: b\n    steps: [{collect: reason, reset_after_flow_ends: false}, {collect: card}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow note\nset slot reason old\nset slot card debit");
    assert_eq!((talk.slot("reason"), talk.slot("card")), (json!("old"), json!(null)));
}

#[test]
fn a_slot_that_only_an_action_set_stays() {
    let bank = bank();
    let mut talk = confirming(&bank);
    talk.will_set("action_pay", &[("vip", json!(true))]);
    talk.model("set slot confirm true");
    assert_eq!(talk.slot("vip"), json!(true));
}

const CALLS: &str = "
flows:
  parent:
    name: the parent
    description: calls another flow
    steps: [{call: child}, {collect: reason}]
  child:
    description: asks where
    if: False
    steps: [{collect: street}]
";

#[test]
fn the_end_of_a_called_flow_resets_nothing_and_completes_nothing() {
    let bank = bank_with(CALLS);
    let mut talk = Talk::begin(&bank);
    talk.model("start flow parent");
    talk.model("set slot street Elm");
    assert_eq!(talk.asked().as_deref(), Some("reason"));
    assert_eq!(talk.slot("street"), json!("Elm"));
    assert_eq!(talk.responses(), ["utter_ask_reason"]);
}

#[test]
fn slots_of_a_called_flow_are_reset_when_its_caller_ends() {
    let bank = bank_with(CALLS);
    let mut talk = Talk::begin(&bank);
    talk.model("start flow parent");
    talk.model("set slot street Elm\nset slot reason lost");
    assert_eq!((talk.slot("street"), talk.slot("reason")), (json!(null), json!(null)));
    assert_eq!(talk.responses(), ["utter_can_do_something_else"]);
}

#[test]
fn a_called_flow_keeps_what_its_own_list_persists() {
    let bank = bank_with(&CALLS.replace("if: False\n", "if: False\n    persisted_slots: [street]\n"));
    let mut talk = Talk::begin(&bank);
    talk.model("start flow parent");
    talk.model("set slot street Elm\nset slot reason lost");
    assert_eq!(talk.slot("street"), json!("Elm"));
}

#[test]
fn after_an_interruption_the_flow_beneath_is_named_and_its_question_asked_again() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    let said = talk.model("start flow check_balance");
    assert_eq!(talk.flow_events(), ["flow_interrupted transfer", "flow_started check_balance", "flow_completed check_balance", "flow_resumed transfer"]);
    assert_eq!(talk.responses(), ["utter_balance", "utter_flow_continue_interrupted", "utter_ask_amount"]);
    assert!(said[1].contains("send money"), "{said:?}");
}

#[test]
fn interruptions_end_one_after_the_other() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow block_card\nset slot card debit");
    talk.model("start flow move_house");
    talk.model("set slot street Elm");
    assert_eq!(talk.responses(), ["utter_moved", "utter_flow_continue_interrupted", "utter_ask_reason"]);
    talk.model("set slot reason lost");
    assert_eq!(talk.responses(), ["utter_blocked", "utter_flow_continue_interrupted", "utter_ask_amount"]);
}

#[test]
fn what_a_linked_flow_interrupted_is_still_continued() {
    let bank = bank_with("flows:\n  sorry:\n    description: b\n    steps: [{action: utter_vip}, {link: check_balance}]\n");
    let mut talk = asked_amount(&bank);
    talk.model("start flow sorry");
    assert_eq!(talk.responses(), ["utter_vip", "utter_balance", "utter_flow_continue_interrupted", "utter_ask_amount"]);
}

#[test]
fn when_nothing_is_left_the_caller_is_asked_for_more() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance");
    assert_eq!(talk.responses(), ["utter_balance", "utter_can_do_something_else"]);
}

#[test]
fn the_completed_pattern_knows_which_flow_ended() {
    let bank =
        bank_with("responses:\n  utter_can_do_something_else:\n  - text: 'That was {{ context.previous_flow_name }}.'\n    metadata: {template: jinja}\n");
    let mut talk = Talk::begin(&bank);
    assert_eq!(talk.model("start flow check_balance")[1], "That was check the balance.");
}

#[test]
fn a_flow_may_end_without_the_completed_pattern() {
    let bank = bank_with("flows:\n  quiet:\n    description: b\n    run_pattern_completed: false\n    steps: [{action: utter_vip}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow quiet");
    assert_eq!(talk.responses(), ["utter_vip"]);
}

#[test]
fn only_the_outer_flow_decides_about_the_completed_pattern() {
    let bank = bank_with(
        "flows:\n  quiet:\n    description: b\n    run_pattern_completed: false\n    steps: [{action: utter_vip}]\n  loud:\n    description: c\n    steps: [{call: quiet}]\n  silent:\n    description: d\n    run_pattern_completed: false\n    steps: [{call: check_balance}]\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow loud");
    assert_eq!(talk.responses(), ["utter_vip", "utter_can_do_something_else"]);
    talk.model("start flow silent");
    assert_eq!(talk.responses(), ["utter_balance"]);
}

#[test]
fn a_pattern_on_an_empty_stack_is_not_followed_by_the_completed_pattern() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("offtopic reply");
    assert_eq!(talk.responses(), ["utter_cannot_handle"]);
}

#[test]
fn when_a_pattern_ends_the_question_beneath_is_asked_again() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("offtopic reply");
    assert_eq!(talk.responses(), ["utter_cannot_handle", "utter_ask_amount"]);
    assert_eq!(talk.asked().as_deref(), Some("amount"));
}

#[test]
fn slots_collected_in_a_pattern_are_reset_when_it_ends() {
    let bank = bank_with(
        "flows:\n  pattern_completed:\n    name: a\n    description: b\n    steps: [{collect: reason, ask_before_filling: true}, {action: utter_vip}]\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance");
    assert_eq!(talk.asked().as_deref(), Some("reason"));
    talk.model("set slot reason enough");
    assert_eq!(talk.responses(), ["utter_vip"]);
    assert_eq!(talk.slot("reason"), json!(null));
}
