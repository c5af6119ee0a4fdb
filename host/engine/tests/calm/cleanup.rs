//! The repair of a command list before anything is executed, rule by rule, and the order of execution
//! (`rasa-calm.md` §3.6).

use crate::money::{asked_amount, bank, bank_with, confirming};
use crate::talk::Talk;
use centralita_engine::command::Syntax;
use centralita_engine::{Command, FlowId, SlotName, Source, Value, Via};
use serde_json::json;

fn start(flow: &str) -> Command {
    Command::StartFlow { flow: FlowId::parse(flow).unwrap() }
}

fn set(slot: &str, value: &str) -> Command {
    Command::SetSlot { name: SlotName::parse(slot).unwrap(), value: Value::text(value) }
}

const FORCED: &str = "
slots: {pin: {type: text}}
responses: {utter_ask_pin: [{text: Which PIN?}]}
flows:
  pin_change:
    description: changes a PIN
    steps: [{collect: pin, force_slot_filling: true}]
";

#[test]
fn rule_1_while_an_answer_is_forced_only_the_asked_slot_counts() {
    let bank = bank_with(FORCED);
    let mut talk = Talk::begin(&bank);
    talk.model("start flow pin_change");
    talk.model("start flow check_balance\nset slot pin 12\ncancel flow");
    assert_eq!(talk.commands(), ["set slot pin \"12\""]);
}

#[test]
fn rule_1_a_forced_question_hears_nothing_else() {
    let bank = bank_with(FORCED);
    let mut talk = Talk::begin(&bank);
    talk.model("start flow pin_change");
    talk.model("start flow check_balance\nprovide info");
    assert_eq!(talk.commands(), ["cannot handle"]);
    assert_eq!(talk.responses(), ["utter_ask_rephrase", "utter_ask_pin"]);
}

#[test]
fn rule_2_a_pattern_is_not_started_by_command() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow pattern_search\nstart flow check_balance");
    assert_eq!(talk.commands(), ["start flow check_balance"]);
}

#[test]
fn rule_2_an_unknown_flow_is_not_started() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow dance");
    assert_eq!(talk.commands(), ["cannot handle"]);
}

#[test]
fn rule_3_of_two_starts_of_one_flow_the_first_is_kept() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow transfer\nset slot recipient Jo\nstart flow transfer");
    assert_eq!(talk.commands(), ["start flow transfer", "set slot recipient \"Jo\""]);
}

#[test]
fn rule_4_a_flow_started_by_examples_wins_over_another_of_the_model() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.heard("balance", Via::Speech, vec![(start("check_balance"), Source::Matcher), (start("transfer"), Source::Model)]);
    assert_eq!(talk.commands(), ["start flow check_balance"]);
}

#[test]
fn rule_5_a_value_that_the_slot_has_already_is_dropped() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot recipient Jo\nset slot amount 5");
    assert_eq!(talk.commands(), ["set slot amount 5.0"]);
}

#[test]
fn rule_6_a_model_does_not_fill_a_slot_without_a_from_llm_mapping() {
    let bank = bank_with(
        "
slots: {mood: {type: text, mappings: [{type: from_intent, intent: happy, value: good}]}}
responses: {utter_ask_mood: [{text: How are you?}]}
flows:
  small_talk:
    description: asks for the mood
    steps: [{collect: mood}, {collect: reason}]
",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow small_talk\nset slot mood good\nset slot vip true");
    assert_eq!(talk.commands(), ["start flow small_talk"]);
    talk.heard("fine", Via::Speech, vec![(set("mood", "good"), Source::Matcher)]);
    assert_eq!(talk.slot("mood"), json!("good"));
}

#[test]
fn rule_7_a_slot_of_no_flow_under_way_or_starting_cannot_be_handled() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot street Elm");
    assert_eq!(talk.commands(), ["cannot handle"]);
    talk.model("set slot street Elm\nset slot amount 5");
    assert_eq!(talk.commands(), ["set slot amount 5.0"]);
}

#[test]
fn rule_7_a_slot_of_a_flow_about_to_start_is_set() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house\nset slot street Elm");
    assert_eq!(talk.commands(), ["start flow move_house", "set slot street \"Elm\""]);
    assert_eq!(talk.responses()[0], "utter_moved");
}

#[test]
fn rule_7_a_slot_of_an_interrupted_flow_is_set() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house");
    talk.model("set slot amount 5");
    assert_eq!(talk.commands(), ["set slot amount 5.0"]);
}

#[test]
fn rule_8_a_slot_filled_by_examples_wins_over_the_model() {
    let bank = bank_with(
        "
slots: {mood: {type: text, mappings: [{type: from_llm, allow_nlu_correction: true}, {type: from_intent, intent: happy, value: good}]}}
responses: {utter_ask_mood: [{text: How are you?}]}
flows:
  small_talk:
    description: asks for the mood
    steps: [{collect: mood}]
",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow small_talk");
    talk.heard("fine", Via::Speech, vec![(set("mood", "bad"), Source::Model), (set("mood", "good"), Source::Matcher)]);
    assert_eq!(talk.commands(), ["set slot mood \"good\""]);
}

#[test]
fn rule_9_slots_filled_earlier_become_one_correction() {
    let bank = bank();
    let mut talk = confirming(&bank);
    talk.model("set slot recipient Ann\nset slot amount 60");
    assert_eq!(talk.commands(), ["correct slots recipient=\"Ann\" amount=60.0"]);
}

#[test]
fn rule_9_the_asked_slot_beside_a_correction_is_simply_set() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot recipient Ann\nset slot amount 60");
    assert_eq!(talk.commands(), ["correct slots recipient=\"Ann\"", "set slot amount 60.0"]);
}

#[test]
fn rule_9_a_slot_that_is_null_now_is_not_corrected() {
    let bank = bank();
    let mut talk = confirming(&bank);
    talk.told("recipient", json!(null));
    talk.model("set slot recipient Ann");
    assert_eq!(talk.commands(), ["set slot recipient \"Ann\""]);
}

#[test]
fn rule_9_a_slot_set_ahead_of_its_question_is_simply_set_again() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow transfer\nset slot amount 50");
    assert_eq!(talk.asked().as_deref(), Some("recipient"));
    talk.model("set slot amount 60");
    assert_eq!(talk.commands(), ["set slot amount 60.0"]);
}

/// A correction that asks first, as many projects have it.
pub(crate) const CONFIRMED_CORRECTION: &str = "
responses: {utter_ask_confirm_correction: [{text: Shall I change that?}]}
flows:
  pattern_correction:
    name: a correction
    description: asks before it corrects
    steps:
    - collect: confirm_correction
      ask_before_filling: true
      next:
      - if: slots.confirm_correction
        then:
        - action: action_correct_flow_slot
        - action: utter_corrected_previous_input
          next: END
      - else: END
";

#[test]
fn rule_10_the_correction_that_is_on_top_already_is_dropped() {
    let bank = bank_with(CONFIRMED_CORRECTION);
    let mut talk = confirming(&bank);
    talk.model("set slot recipient Ann");
    assert_eq!(talk.asked().as_deref(), Some("confirm_correction"));
    talk.model("set slot recipient Ann\nset slot confirm_correction true");
    assert_eq!(talk.commands(), ["set slot confirm_correction true"]);
    assert_eq!(talk.slot("recipient"), json!("Ann"));
}

#[test]
fn rule_11_of_several_cancellations_the_first_is_kept() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("cancel flow\ncancel flow");
    assert_eq!(talk.commands(), ["cancel flow"]);
}

#[test]
fn rule_12_an_answer_from_documents_goes_first() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance\nprovide info");
    assert_eq!(talk.commands(), ["knowledge", "start flow check_balance"]);
    assert_eq!(talk.responses()[..2], ["utter_no_knowledge_base", "utter_balance"]);
}

#[test]
fn rule_12_small_talk_goes_first() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance\nofftopic reply");
    assert_eq!(talk.commands(), ["chitchat", "start flow check_balance"]);
    assert_eq!(talk.responses()[..2], ["utter_cannot_handle", "utter_balance"]);
}

#[test]
fn rule_13_small_talk_and_cannot_handle_count_once() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("offtopic reply\nofftopic reply");
    assert_eq!(talk.commands(), ["chitchat"]);
    talk.writes(Syntax::Calls, "hm", "CannotHandle() CannotHandle()");
    assert_eq!(talk.commands(), ["cannot handle"]);
}

#[test]
fn rule_14_small_talk_that_nobody_can_make_cannot_be_handled() {
    let bank =
        bank_with("flows:\n  pattern_chitchat:\n    name: small talk\n    description: makes small talk\n    steps: [{action: action_trigger_chitchat}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("offtopic reply");
    assert_eq!(talk.commands(), ["cannot handle cannot_handle_chitchat"]);
    assert_eq!(talk.responses(), ["utter_cannot_handle"]);
}

#[test]
fn rule_15_a_clarification_without_a_valid_option_is_dropped() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("disambiguate flows dance sing");
    assert_eq!(talk.commands(), ["cannot handle"]);
}

#[test]
fn rule_16_a_clarification_with_one_option_asks_to_confirm_it() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("disambiguate flows transfer");
    assert_eq!(talk.commands(), ["disambiguate flows transfer"]);
    assert_eq!(talk.responses(), ["utter_clarification_options_rasa"]);
    assert!(talk.stack().is_empty());
}

#[test]
fn rule_17_a_clarification_beside_other_commands_is_dropped() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("disambiguate flows block_card move_house\nset slot amount 5");
    assert_eq!(talk.commands(), ["set slot amount 5.0"]);
}

#[test]
fn rule_17_nothing_is_clarified_during_an_interruption() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house");
    talk.model("disambiguate flows block_card check_balance");
    assert_eq!(talk.responses().iter().filter(|response| *response == "utter_clarification_options_rasa").count(), 0);
}

#[test]
fn rule_18_cannot_handle_beside_other_commands_is_dropped() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.writes(Syntax::Calls, "hm", "CannotHandle() StartFlow(check_balance)");
    assert_eq!(talk.commands(), ["start flow check_balance"]);
}

#[test]
fn rule_19_an_answer_and_a_question_in_one_message_both_count() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot amount 50\nprovide info");
    assert_eq!(talk.commands(), ["knowledge", "set slot amount 50.0"]);
    assert_eq!(talk.responses(), ["utter_no_knowledge_base", "utter_ask_confirm"]);
}

#[test]
fn rule_20_several_flows_run_one_after_the_other() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance\nstart flow move_house\nset slot street Elm");
    assert_eq!(talk.responses(), ["utter_balance", "utter_flow_continue_interrupted", "utter_moved", "utter_can_do_something_else"]);
}

#[test]
fn rule_21_when_nothing_is_left_nothing_could_be_handled() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot recipient Jo");
    assert_eq!(talk.commands(), ["cannot handle"]);
    assert_eq!(talk.responses(), ["utter_ask_rephrase", "utter_ask_amount"]);
}

#[test]
fn rule_22_of_several_values_for_one_slot_one_event_is_left() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow block_card\nset slot card debit\nset slot card credit");
    let slots: Vec<String> = talk.trail().into_iter().filter(|line| line.starts_with("slot card")).collect();
    assert_eq!(slots, ["slot card = \"debit\""]);
}

#[test]
fn the_last_command_is_executed_first_so_that_the_first_flow_is_dealt_with_first() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow block_card\nstart flow transfer");
    assert_eq!(talk.stack()[0], "transfer@START");
    assert_eq!(talk.asked().as_deref(), Some("card"));
}

#[test]
fn a_command_is_executed_on_what_the_one_before_it_left() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow block_card\nstart flow transfer");
    assert_eq!(talk.flow_events(), ["flow_interrupted transfer", "flow_started block_card"]);
}

#[test]
fn cancelling_means_the_flow_that_was_active_before_the_message() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("cancel flow\nstart flow check_balance");
    assert_eq!(talk.responses(), ["utter_flow_cancelled_rasa", "utter_balance", "utter_can_do_something_else"]);
    assert!(talk.flow_events().contains(&"flow_cancelled transfer".to_owned()), "{:?}", talk.flow_events());
}
