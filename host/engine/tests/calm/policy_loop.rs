//! How the top of the stack is walked until somebody has to speak (`rasa-calm.md` §4.3).

use crate::money::{asked_amount, bank, bank_with};
use crate::talk::Talk;
use centralita_engine::{Ending, Event, Next};
use serde_json::json;

#[test]
fn with_an_empty_stack_the_caller_is_waited_for() {
    let bank = bank();
    let talk = Talk::begin(&bank);
    assert!(talk.stack().is_empty());
    assert!(matches!(talk.next, Next::Listen(_)));
}

#[test]
fn a_flow_begins_at_its_first_step_and_says_so() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance");
    let trail = talk.trail();
    let at = |line: &str| trail.iter().position(|other| other == line).unwrap_or_else(|| panic!("{line} in {trail:?}"));
    assert!(at("flow_started check_balance") < at("action utter_balance"));
}

#[test]
fn an_action_is_due_and_its_events_count_before_the_next_step() {
    let bank = bank_with(
        "
slots: {found: {type: any, mappings: [{type: controlled}]}}
actions: [action_look]
flows:
  look:
    description: looks something up
    steps:
    - action: action_look
      next:
      - if: slots.found = 2
        then: [{action: utter_vip, next: END}]
      - else: [{action: utter_balance, next: END}]
",
    );
    let mut talk = Talk::begin(&bank);
    talk.will_set("action_look", &[("found", json!(2))]);
    talk.model("start flow look");
    assert_eq!(talk.ran(), ["action_look"]);
    assert_eq!(talk.responses()[0], "utter_vip");
}

#[test]
fn the_name_of_an_action_is_rendered_from_the_frames_context() {
    let bank = bank_with(
        "flows:\n  pattern_cannot_handle:\n    name: a\n    description: b\n    steps: [{action: 'utter_{{context.reason}}'}]\nresponses:\n  utter_cannot_handle_default: [{text: Pardon?}]\n",
    );
    let mut talk = Talk::begin(&bank);
    assert_eq!(talk.model("nothing"), ["Pardon?"]);
}

#[test]
fn a_rendered_name_that_is_empty_or_unknown_is_passed_over() {
    let bank = bank_with(
        "flows:\n  pattern_cannot_handle:\n    name: a\n    description: b\n    steps: [{action: '{{context.nothing}}'}, {action: 'utter_{{context.reason}}'}, {action: utter_vip}]\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("nothing");
    assert_eq!(talk.responses(), ["utter_vip"]);
    assert!(talk.faults().is_empty());
}

#[test]
fn listening_in_the_middle_of_a_pattern_ends_the_turn_there() {
    let bank = bank_with(
        "flows:\n  pattern_chitchat:\n    name: a\n    description: b\n    steps: [{action: utter_vip}, {action: action_listen}, {action: utter_balance}]\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("offtopic reply");
    assert_eq!(talk.responses(), ["utter_vip"]);
    assert!(matches!(talk.next, Next::Listen(_)));
}

#[test]
fn an_empty_slot_is_collected_by_its_pattern() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow transfer");
    assert_eq!(talk.stack().last().map(String::as_str), Some("pattern_collect_information@start"));
    assert_eq!(talk.responses(), ["utter_ask_recipient"]);
}

#[test]
fn a_filled_slot_is_passed_over() {
    let bank = bank();
    let talk = asked_amount(&bank);
    assert_eq!(talk.responses(), ["utter_ask_amount"]);
}

#[test]
fn a_slot_to_ask_before_filling_is_asked_once_a_visit() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot amount 5\nset slot confirm true");
    assert_eq!(talk.asked().as_deref(), Some("confirm"), "it cannot be filled ahead");
    talk.model("set slot confirm true");
    assert_eq!(talk.ran(), ["action_pay"], "it is not asked a second time");
}

#[test]
fn set_slots_is_slot_events_and_goes_on() {
    let bank = bank_with("flows:\n  promote:\n    description: b\n    persisted_slots: [vip]\n    steps: [{set_slots: [{vip: true}]}, {action: utter_vip}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow promote");
    assert!(talk.trail().contains(&"slot vip = true".to_owned()));
    assert_eq!(talk.responses()[0], "utter_vip");
}

#[test]
fn a_linking_flow_ends_before_the_linked_one_begins() {
    let bank = bank_with("flows:\n  sorry:\n    description: b\n    steps: [{collect: reason}, {link: check_balance}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow sorry\nset slot reason lost");
    let trail: Vec<String> = talk.trail().into_iter().filter(|line| line.starts_with("flow_") || line.starts_with("slot ")).collect();
    assert_eq!(
        trail,
        [
            "slot reason = \"lost\"",
            "flow_started sorry",
            "flow_completed sorry",
            "slot reason = null",
            "flow_started check_balance",
            "flow_completed check_balance"
        ]
    );
}

#[test]
fn a_calling_flow_goes_on_when_the_called_one_ends() {
    let bank = bank_with("flows:\n  both:\n    description: b\n    steps: [{call: check_balance}, {action: utter_vip}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow both");
    assert_eq!(talk.responses(), ["utter_balance", "utter_vip", "utter_can_do_something_else"]);
}

#[test]
fn noop_only_branches() {
    let bank = bank_with(
        "flows:\n  maybe:\n    description: b\n    steps:\n    - noop: true\n      next:\n      - if: slots.vip\n        then: [{action: utter_vip, next: END}]\n      - else: [{action: utter_balance, next: END}]\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow maybe");
    assert_eq!(talk.responses()[0], "utter_balance");
    let mut talk = Talk::begin(&bank);
    talk.told("vip", json!(true));
    talk.model("start flow maybe");
    assert_eq!(talk.responses()[0], "utter_vip");
}

#[test]
fn at_the_end_of_a_flow_its_frame_is_taken_off_the_stack() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance");
    assert!(talk.stack().is_empty());
    assert_eq!(talk.flow_events(), ["flow_started check_balance", "flow_completed check_balance"]);
}

#[test]
fn a_flow_that_goes_round_without_an_action_is_stopped_and_named() {
    let bank = bank_with("flows:\n  spin:\n    description: b\n    steps: [{id: here, noop: true, next: there}, {id: there, noop: true, next: here}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow spin");
    assert!(talk.faults()[0].contains("spin"), "{:?}", talk.faults());
    assert_eq!(talk.responses()[0], "utter_internal_error_rasa");
    assert!(talk.stack().is_empty());
}

#[test]
fn a_flow_that_goes_round_with_actions_is_stopped_and_named() {
    let bank = bank_with("actions: [action_again]\nflows:\n  spin:\n    description: b\n    steps: [{id: here, action: action_again, next: here}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow spin");
    assert!(talk.faults().iter().any(|fault| fault.contains("spin")), "{:?}", talk.faults());
    assert!(talk.responses().contains(&"utter_internal_error_rasa".to_owned()));
}

#[test]
fn what_moves_on_the_stack_is_logged_before_the_action_and_what_it_returns_after_it() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance");
    let place = |wanted: fn(&Event) -> bool| talk.last().iter().position(wanted).unwrap();
    let pushed = place(|event| matches!(event, Event::Pushed { frame, .. } if frame.flow.as_str() == "check_balance"));
    let acted = place(|event| matches!(event, Event::Acted { action } if action.as_str() == "utter_balance"));
    let said = place(|event| matches!(event, Event::Said { .. }));
    assert!(pushed < acted && acted < said);
}

#[test]
fn an_action_that_fails_cancels_its_flow_and_the_internal_error_pattern_follows() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot amount 50");
    talk.will_end("action_pay", Ending::Failed);
    talk.model("set slot confirm true");
    assert_eq!(talk.responses()[0], "utter_internal_error_rasa");
    assert!(talk.stack().is_empty());
    assert!(talk.flow_events().contains(&"flow_cancelled transfer".to_owned()), "{:?}", talk.flow_events());
}
