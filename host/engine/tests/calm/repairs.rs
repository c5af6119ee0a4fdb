//! Conversations that leave their track and come back (`rasa-calm.md` §4.5).

use crate::money::{asked_amount, bank, bank_with, confirming};
use crate::talk::Talk;
use centralita_engine::{Command, Source};
use serde_json::json;

#[test]
fn a_digression_runs_at_once_and_the_question_comes_back_after_it() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house");
    assert_eq!(talk.responses(), ["utter_ask_street"]);
    talk.model("set slot street Elm");
    assert_eq!(talk.responses(), ["utter_moved", "utter_flow_continue_interrupted", "utter_ask_amount"]);
    assert_eq!(talk.slot("recipient"), json!("Jo"), "what was asked before keeps its answer");
}

#[test]
fn an_answer_together_with_a_digression_counts_and_the_flow_goes_on_after_its_question() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot amount 50\nstart flow check_balance");
    assert_eq!(talk.responses(), ["utter_balance", "utter_flow_continue_interrupted", "utter_ask_confirm"]);
    assert_eq!(talk.slot("amount"), json!(50.0));
}

#[test]
fn a_question_for_documents_in_a_flow_is_answered_and_the_question_repeated() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("provide info");
    assert_eq!(talk.responses(), ["utter_no_knowledge_base", "utter_ask_amount"]);
}

#[test]
fn small_talk_in_a_flow_is_answered_and_the_question_repeated() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("offtopic reply");
    assert_eq!(talk.responses(), ["utter_cannot_handle", "utter_ask_amount"]);
}

#[test]
fn a_correction_is_told_and_the_flow_goes_on_where_it_was() {
    let bank = bank();
    let mut talk = confirming(&bank);
    talk.model("set slot recipient Ann");
    assert_eq!(talk.responses(), ["utter_corrected_previous_input", "utter_ask_confirm"]);
    assert_eq!((talk.slot("recipient"), talk.slot("amount")), (json!("Ann"), json!(50.0)));
}

#[test]
fn branches_are_decided_again_after_a_correction() {
    let bank = bank_with(
        "
flows:
  branch:
    description: b
    steps:
    - collect: card
      next:
      - if: slots.card = 'debit'
        then: [{collect: street, next: last}]
      - else: [{collect: recipient, next: last}]
    - id: last
      collect: reason
",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow branch\nset slot card debit");
    assert_eq!(talk.asked().as_deref(), Some("street"));
    talk.model("set slot street Elm");
    assert_eq!(talk.asked().as_deref(), Some("reason"));
    talk.model("set slot card credit");
    assert_eq!(talk.asked().as_deref(), Some("recipient"));
}

#[test]
fn actions_between_the_correction_and_the_question_run_again() {
    let bank =
        bank_with("actions: [action_look]\nflows:\n  look:\n    description: b\n    steps: [{collect: card}, {action: action_look}, {collect: reason}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow look\nset slot card debit");
    assert_eq!(talk.ran(), ["action_look"]);
    talk.model("set slot card credit");
    assert_eq!(talk.ran(), ["action_look"]);
    assert_eq!(talk.asked().as_deref(), Some("reason"));
}

#[test]
fn a_slot_to_ask_before_filling_is_asked_again_after_a_correction_before_it() {
    let bank = bank_with("flows:\n  look:\n    description: b\n    steps: [{collect: card}, {collect: street, ask_before_filling: true}, {collect: reason}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow look\nset slot card debit");
    talk.model("set slot street Elm");
    assert_eq!(talk.asked().as_deref(), Some("reason"));
    talk.model("set slot card credit");
    assert_eq!(talk.asked().as_deref(), Some("street"));
}

#[test]
fn a_slot_of_a_called_flow_that_is_over_can_be_corrected() {
    let bank = bank_with("flows:\n  parent:\n    description: b\n    steps: [{call: move_house}, {collect: reason}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow parent\nset slot street Elm");
    assert_eq!(talk.asked().as_deref(), Some("reason"));
    talk.model("set slot street Oak");
    assert_eq!(talk.commands(), ["correct slots street=\"Oak\""]);
    assert_eq!(talk.slot("street"), json!("Oak"));
    assert_eq!(talk.asked().as_deref(), Some("reason"));
}

#[test]
fn taking_an_answer_back_asks_for_it_again() {
    let bank = bank();
    let mut talk = confirming(&bank);
    talk.model("set slot recipient null");
    assert_eq!(talk.slot("recipient"), json!(null));
    assert_eq!(talk.asked().as_deref(), Some("recipient"));
}

#[test]
fn a_correction_with_a_new_answer_goes_on_after_the_question() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot recipient Ann\nset slot amount 5");
    assert_eq!(talk.responses(), ["utter_corrected_previous_input", "utter_ask_confirm"]);
    assert_eq!((talk.slot("recipient"), talk.slot("amount")), (json!("Ann"), json!(5.0)));
}

#[test]
fn cancelling_while_a_correction_asks_cancels_the_flow_beneath() {
    let bank = bank_with(crate::cleanup::CONFIRMED_CORRECTION);
    let mut talk = confirming(&bank);
    talk.model("set slot recipient Ann");
    assert_eq!(talk.asked().as_deref(), Some("confirm_correction"));
    talk.model("cancel flow");
    assert!(talk.flow_events().contains(&"flow_cancelled transfer".to_owned()), "{:?}", talk.flow_events());
    assert!(talk.stack().is_empty(), "{:?}", talk.stack());
}

#[test]
fn cancelling_after_a_clarification_cancels_the_flow_beneath() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("disambiguate flows block_card move_house");
    talk.model("cancel flow");
    assert!(talk.flow_events().contains(&"flow_cancelled transfer".to_owned()), "{:?}", talk.flow_events());
    assert!(talk.stack().is_empty());
}

#[test]
fn a_clarification_starts_nothing_and_the_next_message_decides() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("disambiguate flows block_card move_house");
    assert!(talk.stack().is_empty());
    talk.model("start flow move_house");
    assert_eq!(talk.responses(), ["utter_ask_street"]);
}

#[test]
fn a_question_that_is_skipped_is_asked_again() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("skip question");
    assert_eq!(talk.responses(), ["utter_skip_question_answer", "utter_ask_amount"]);
    assert_eq!(talk.slot("amount"), json!(null));
}

#[test]
fn flows_that_changed_under_a_conversation_end_with_a_word() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house");
    talk.proposes("", vec![Command::CodeChange], Source::Nobody);
    assert_eq!(talk.responses()[0], "utter_inform_code_change");
    assert!(talk.actions().contains(&"action_clean_stack".to_owned()));
    assert!(talk.stack().is_empty(), "{:?}", talk.stack());
}

#[test]
fn silence_repeats_and_then_asks_and_then_hangs_up() {
    let bank = bank();
    let mut talk = Talk::on(&bank, "twilio_voice", json!(null));
    talk.model("start flow transfer");
    talk.silence();
    assert_eq!(talk.responses(), ["utter_ask_recipient"]);
    talk.silence();
    assert_eq!(talk.responses(), ["utter_ask_still_there", "utter_ask_recipient"]);
    talk.silence();
    assert_eq!(talk.responses(), ["utter_inform_hangup"]);
    assert!(talk.state.is_over());
}

#[test]
fn any_word_of_the_caller_starts_the_count_of_silences_again() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow transfer");
    talk.silence();
    assert_eq!(talk.slot("consecutive_silence_timeouts"), json!(1.0));
    talk.model("set slot recipient Jo");
    assert_eq!(talk.slot("consecutive_silence_timeouts"), json!(0.0));
}

#[test]
fn a_next_that_leads_back_to_a_filled_question_goes_through_it_without_asking() {
    let bank = bank_with(
        "
flows:
  twice:
    description: b
    steps:
    - id: again
      collect: reason
    - collect: card
      next:
      - if: slots.card = 'debit'
        then:
        - set_slots: [{card: null}]
          next: again
      - else: END
",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow twice\nset slot reason lost");
    talk.model("set slot card debit");
    assert_eq!(talk.asked().as_deref(), Some("card"), "the reason is not asked again");
}
