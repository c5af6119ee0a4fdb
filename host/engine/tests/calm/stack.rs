//! The dialogue stack and what each command does to it (`rasa-calm.md` §4.1, §4.2).

use crate::money::{asked_amount, bank, bank_with, confirming};
use crate::talk::Talk;
use centralita_engine::event::Event;
use centralita_engine::state::FrameKind;
use centralita_engine::{Command, Source};
use serde_json::{Map, json};

#[test]
fn the_stack_grows_from_the_bottom_and_its_last_frame_is_dealt_with() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house");
    assert_eq!(
        talk.stack(),
        [
            "transfer@transfer_1_collect_amount",
            "pattern_collect_information@start",
            "move_house@move_house_0_collect_street",
            "pattern_collect_information@start"
        ]
    );
}

#[test]
fn no_event_carries_the_whole_stack() {
    let bank = bank();
    let mut talk = confirming(&bank);
    talk.model("start flow move_house");
    let frames = |event: &Event| serde_json::to_string(event).unwrap().matches("\"kind\":").count();
    assert!(talk.events.iter().all(|event| frames(event) <= 1));
}

#[test]
fn every_frame_has_a_number_of_its_own() {
    let bank = bank();
    let mut talk = confirming(&bank);
    talk.model("start flow move_house");
    let mut numbers: Vec<u32> = talk.state.stack.iter().map(|frame| frame.id).collect();
    let all = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), all);
}

#[test]
fn a_flow_started_on_its_own_is_regular_and_one_in_between_is_an_interruption() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house");
    let kinds: Vec<FrameKind> = talk.state.stack.iter().map(|frame| frame.kind).collect();
    assert_eq!(kinds, [FrameKind::Regular, FrameKind::Pattern, FrameKind::Interrupt, FrameKind::Pattern]);
}

const CALLS: &str = "
flows:
  parent:
    name: the parent
    description: calls another flow
    steps: [{collect: reason}, {call: child}, {action: utter_vip}]
  child:
    description: asks where
    if: False
    steps: [{collect: street}, {call: grandchild}]
  grandchild:
    description: asks which card
    if: False
    steps: [{collect: card}]
";

#[test]
fn a_called_flow_is_a_call_frame_above_its_caller() {
    let bank = bank_with(CALLS);
    let mut talk = Talk::begin(&bank);
    talk.model("start flow parent\nset slot reason because");
    assert_eq!(talk.stack()[..2], ["parent@parent_1_call_child", "child@child_0_collect_street"]);
    assert_eq!(talk.state.stack[1].kind, FrameKind::Call);
}

#[test]
fn starting_a_flow_pushes_it_and_logs_its_start() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow transfer");
    assert_eq!(talk.flow_events(), ["flow_started transfer"]);
    assert_eq!(talk.asked().as_deref(), Some("recipient"));
}

#[test]
fn starting_the_active_flow_again_changes_nothing_and_the_question_is_asked_again() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    let before = talk.stack();
    talk.model("start flow transfer");
    assert_eq!(talk.stack(), before);
    assert_eq!(talk.flow_events(), [""; 0]);
    assert_eq!(talk.responses(), ["utter_ask_amount"]);
}

#[test]
fn starting_a_flow_that_waits_on_the_stack_changes_nothing() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house");
    let before = talk.stack();
    talk.model("start flow transfer");
    assert_eq!(talk.stack(), before);
    assert_eq!(talk.flow_events(), [""; 0]);
}

#[test]
fn starting_a_flow_in_another_logs_the_interruption() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house");
    assert_eq!(talk.flow_events(), ["flow_interrupted transfer", "flow_started move_house"]);
}

#[test]
fn setting_a_slot_is_one_slot_event() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot amount 50");
    assert_eq!(talk.trail().iter().filter(|line| line.starts_with("slot ")).collect::<Vec<_>>(), ["slot amount = 50.0"]);
}

#[test]
fn a_correction_goes_back_to_the_earliest_question_it_touches() {
    let bank = bank_with(
        "flows:\n  pattern_correction:\n    name: a\n    description: shows\n    steps: [{action: action_correct_flow_slot}, {action: utter_show}]\nresponses:\n  utter_show:\n  - text: '{{ context.reset_flow_id }} {{ context.reset_step_id }} {{ context.is_reset_only }}'\n    metadata: {template: jinja}\n",
    );
    let mut talk = confirming(&bank);
    let said = talk.model("set slot amount 60\nset slot recipient Ann");
    assert_eq!(said[0].to_lowercase(), "transfer transfer_0_collect_recipient false");
}

#[test]
fn a_correction_of_slots_that_are_only_asked_anew_is_reset_only() {
    let bank = bank_with(
        "
flows:
  survey:
    description: asks twice
    steps: [{collect: card, ask_before_filling: true}, {collect: reason, ask_before_filling: true}]
",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow survey");
    talk.model("set slot card debit");
    assert_eq!(talk.asked().as_deref(), Some("reason"));
    talk.model("set slot card credit");
    assert_eq!(talk.commands(), ["correct slots card=\"credit\""]);
    assert_eq!(talk.responses(), ["utter_ask_card"], "nothing is said of the correction, the question is asked again");
}

#[test]
fn a_second_correction_goes_beneath_the_first_and_ends_it() {
    let bank = bank_with(crate::cleanup::CONFIRMED_CORRECTION);
    let mut talk = confirming(&bank);
    talk.model("set slot recipient Ann");
    talk.model("set slot recipient Eve");
    let corrections = talk.stack().iter().filter(|frame| frame.starts_with("pattern_correction")).count();
    assert_eq!(corrections, 1, "{:?}", talk.stack());
    talk.model("set slot confirm_correction true");
    assert_eq!(talk.slot("recipient"), json!("Eve"));
}

#[test]
fn cancelling_ends_the_active_flow_and_says_its_name() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    let said = talk.model("cancel flow");
    assert!(said[0].contains("send money"), "{said:?}");
    assert_eq!(talk.flow_events(), ["flow_cancelled transfer"]);
    assert!(talk.stack().is_empty());
    assert_eq!(talk.slot("recipient"), json!(null));
}

#[test]
fn cancelling_in_a_called_flow_cancels_its_callers_too() {
    let bank = bank_with(CALLS);
    let mut talk = Talk::begin(&bank);
    talk.model("start flow parent\nset slot reason because\nset slot street Elm");
    assert_eq!(talk.asked().as_deref(), Some("card"));
    let said = talk.model("cancel flow");
    assert!(said[0].contains("the parent"), "{said:?}");
    assert!(talk.stack().is_empty());
    assert!(talk.flow_events().contains(&"flow_cancelled parent".to_owned()), "{:?}", talk.flow_events());
}

#[test]
fn cancelling_an_interruption_goes_back_to_what_it_interrupted() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house");
    talk.model("cancel flow");
    assert_eq!(talk.responses(), ["utter_flow_cancelled_rasa", "utter_flow_continue_interrupted", "utter_ask_amount"]);
    assert_eq!(talk.asked().as_deref(), Some("amount"));
}

#[test]
fn with_nothing_to_cancel_the_caller_hears_that_nothing_was_understood() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("cancel flow");
    assert_eq!(talk.responses(), ["utter_ask_rephrase"]);
}

#[test]
fn clarifying_names_the_flows_readably_and_starts_none() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    let said = talk.model("disambiguate flows transfer block_card");
    assert!(said[0].contains("send money") && said[0].contains("block a card"), "{said:?}");
    assert_eq!(talk.flow_events(), [""; 0]);
}

/// What is said when the model writes this while a question is open, the question itself left out.
#[track_caller]
fn pushes(model: &str, response: &str) {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model(model);
    assert_eq!(talk.responses(), [response, "utter_ask_amount"]);
}

#[test]
fn skipping_a_question_pushes_its_pattern() {
    pushes("skip question", "utter_skip_question_answer");
}

#[test]
fn small_talk_pushes_its_pattern() {
    pushes("offtopic reply", "utter_cannot_handle");
}

#[test]
fn a_knowledge_question_pushes_its_pattern() {
    pushes("provide info", "utter_no_knowledge_base");
}

#[test]
fn asking_for_a_person_pushes_its_pattern() {
    pushes("hand over", "utter_human_handoff_not_available");
}

#[test]
fn what_cannot_be_handled_pushes_its_pattern() {
    pushes("nothing of use", "utter_ask_rephrase");
}

#[test]
fn repeating_pushes_its_pattern() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("repeat message");
    assert!(talk.actions().contains(&"action_repeat_bot_messages".to_owned()), "{:?}", talk.trail());
    assert_eq!(talk.asked().as_deref(), Some("amount"));
}

#[test]
fn an_error_pushes_the_internal_error_pattern() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    let error = Command::Error { error_type: "rasa_internal_error_default".into(), info: Map::new() };
    talk.proposes("x", vec![error], Source::Nobody);
    assert_eq!(talk.responses(), ["utter_internal_error_rasa"]);
}

#[test]
fn silence_pushes_its_pattern() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.sends("/silence_timeout");
    assert!(talk.actions().contains(&"action_repeat_bot_messages".to_owned()), "{:?}", talk.trail());
}

#[test]
fn ending_the_session_is_one_event_after_which_nothing_runs() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    assert!(talk.sends("/session_end").is_empty());
    assert_eq!(talk.trail().last().map(String::as_str), Some("session_ended"));
    assert!(talk.state.is_over());
}

#[test]
fn a_change_of_the_flows_on_the_stack_is_told_and_ends_them() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.proposes("", vec![Command::CodeChange], Source::Nobody);
    assert_eq!(talk.responses()[0], "utter_inform_code_change");
    assert!(talk.stack().is_empty(), "{:?}", talk.stack());
}

#[test]
fn a_change_of_flows_with_an_empty_stack_is_not_told() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.proposes("", vec![Command::CodeChange], Source::Nobody);
    assert!(!talk.responses().contains(&"utter_inform_code_change".to_owned()), "{:?}", talk.responses());
}
