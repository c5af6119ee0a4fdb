//! The actions an engine has of its own (`rasa-calm.md` §6).

use crate::money::{asked_amount, bank, bank_with, confirming};
use crate::talk::Talk;
use centralita_engine::{Command, Ending, Next, Source};
use serde_json::json;

/// The bank with a flow `act` that runs these steps.
fn acting(steps: &str, more: &str) -> centralita_engine::Project {
    bank_with(&format!("{more}flows:\n  act:\n    description: b\n    run_pattern_completed: false\n    steps: {steps}\n"))
}

#[test]
fn action_listen_waits_for_the_caller() {
    let bank = bank_with(
        "flows:\n  pattern_search:\n    name: a\n    description: b\n    steps: [{action: utter_vip}, {action: action_listen}, {action: utter_balance}]\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("provide info");
    assert_eq!(talk.responses(), ["utter_vip"]);
    assert!(matches!(talk.next, Next::Listen(_)));
}

#[test]
fn action_restart_forgets_slots_and_stack_and_says_so_if_there_are_words_for_it() {
    let bank = bank_with("responses: {utter_restart: [{text: From the start.}]}\n");
    let mut talk = asked_amount(&bank);
    talk.sends("/restart");
    assert!(talk.trail().contains(&"restarted".to_owned()), "{:?}", talk.trail());
    assert_eq!(talk.responses(), ["utter_restart"]);
    assert_eq!(talk.slot("recipient"), json!(null));
    assert!(talk.stack().is_empty(), "{:?}", talk.stack());
}

#[test]
fn action_restart_without_words_says_nothing() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    assert!(talk.sends("/restart").is_empty());
    assert!(matches!(talk.next, Next::Listen(_)));
}

#[test]
fn action_session_start_runs_when_a_conversation_begins() {
    let bank = bank();
    let talk = Talk::begin(&bank);
    assert!(talk.actions().contains(&"action_session_start".to_owned()), "{:?}", talk.trail());
}

#[test]
fn action_session_start_leaves_what_the_opening_message_brought_in_a_slot() {
    let bank = bank();
    let talk = Talk::on(&bank, "rest", json!({"caller": "Jo"}));
    assert_eq!(talk.state.slots.get("session_started_metadata").map(centralita_engine::Value::to_json), Some(json!({"caller": "Jo"})));
}

#[test]
fn an_action_session_start_of_the_projects_own_sees_what_the_opening_message_brought() {
    let bank = bank_with("actions: [action_session_start]\n");
    let talk = Talk::on(&bank, "rest", json!({"caller": "Jo"}));
    assert_eq!(talk.trail()[..2], ["slot session_started_metadata = {\"caller\":\"Jo\"}", "run action_session_start"]);
}

#[test]
fn a_projects_own_action_session_start_takes_its_place() {
    let bank = bank_with("actions: [action_session_start]\n");
    let mut talk = Talk::silent(&bank);
    talk.will_set("action_session_start", &[("vip", json!(true))]);
    talk.open("rest", json!(null), 7);
    assert_eq!(talk.ran(), ["action_session_start"]);
    assert_eq!(talk.slot("vip"), json!(true));
    assert!(matches!(talk.next, Next::Listen(_)));
}

#[test]
fn actions_of_the_intent_system_are_known_by_name_and_do_nothing() {
    for action in [
        "action_default_fallback",
        "action_deactivate_loop",
        "action_two_stage_fallback",
        "action_revert_fallback_events",
        "action_default_ask_affirmation",
        "action_default_ask_rephrase",
        "action_unlikely_intent",
        "action_back",
        "action_extract_slots",
        "action_validate_slot_mappings",
    ] {
        let bank = acting(&format!("[{{action: {action}}}, {{action: utter_vip}}]"), "");
        let mut talk = Talk::begin(&bank);
        talk.model("start flow act");
        assert_eq!(talk.responses(), ["utter_vip"], "{action}");
    }
}

#[test]
fn action_run_slot_rejections_empties_a_refused_slot_and_says_why() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("set slot amount 0.5");
    assert_eq!(talk.responses(), ["utter_too_little", "utter_ask_amount"]);
    assert_eq!(talk.slot("amount"), json!(null));
}

#[test]
fn action_run_slot_rejections_stops_at_the_first_that_holds() {
    let bank = bank_with(
        "
slots: {age: {type: float}}
responses:
  utter_ask_age: [{text: How old?}]
  utter_one: [{text: One.}]
  utter_two: [{text: Two.}]
flows:
  join:
    description: b
    steps:
    - collect: age
      rejections: [{if: slots.age < 18, utter: utter_one}, {if: slots.age < 21, utter: utter_two}]
",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow join");
    assert_eq!(talk.model("set slot age 12"), ["One.", "How old?"]);
    assert_eq!(talk.model("set slot age 20"), ["Two.", "How old?"]);
}

#[test]
fn action_cancel_flow_ends_the_frames_of_its_context() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("cancel flow");
    assert!(talk.actions().contains(&"action_cancel_flow".to_owned()), "{:?}", talk.trail());
    assert!(talk.stack().is_empty());
}

#[test]
fn action_correct_flow_slot_sets_the_slots_and_moves_the_flow_back() {
    let bank = bank();
    let mut talk = confirming(&bank);
    talk.model("set slot recipient Ann");
    let trail = talk.trail();
    let at = |line: &str| trail.iter().position(|other| other == line).unwrap_or_else(|| panic!("{line} in {trail:?}"));
    assert!(at("action action_correct_flow_slot") < at("slot recipient = \"Ann\""));
}

#[test]
fn action_clarify_flows_joins_the_readable_names() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    let said = talk.model("disambiguate flows check_balance move_house transfer");
    assert!(talk.actions().contains(&"action_clarify_flows".to_owned()));
    for name in ["check the balance", "change the address", "send money"] {
        assert!(said[0].contains(name), "{said:?}");
    }
}

#[test]
fn action_clean_stack_ends_every_frame() {
    let bank = bank_with("flows:\n  pattern_search:\n    name: a\n    description: b\n    steps: [{action: utter_vip}, {action: action_clean_stack}]\n");
    let mut talk = asked_amount(&bank);
    talk.model("start flow move_house");
    talk.model("provide info");
    assert!(talk.stack().is_empty(), "{:?}", talk.stack());
}

#[test]
fn action_trigger_search_without_documents_says_that_there_are_none() {
    let bank = acting("[{action: action_trigger_search}, {action: utter_vip}]", "");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow act");
    assert_eq!(talk.responses(), ["utter_no_knowledge_base", "utter_vip"]);
}

#[test]
fn action_trigger_chitchat_has_nobody_to_make_small_talk() {
    let bank = acting("[{action: action_trigger_chitchat}, {action: utter_vip}]", "");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow act");
    assert_eq!(talk.responses(), ["utter_cannot_handle", "utter_vip"]);
}

#[test]
fn action_reset_routing_resets_slots_that_are_not_shared() {
    let bank = acting(
        "[{action: action_reset_routing}]",
        "slots:\n  kept: {type: any, shared_for_coexistence: true, mappings: [{type: controlled}]}\n  route_session_to_calm: {type: bool, influence_conversation: false, mappings: [{type: controlled}]}\n",
    );
    let mut talk = Talk::begin(&bank);
    for (slot, value) in [("vip", json!(true)), ("kept", json!("x")), ("route_session_to_calm", json!(true))] {
        talk.told(slot, value);
    }
    talk.model("start flow act");
    assert_eq!((talk.slot("vip"), talk.slot("kept"), talk.slot("route_session_to_calm")), (json!(null), json!("x"), json!(null)));
}

#[test]
fn action_repeat_bot_messages_says_again_what_was_said_since_the_caller_spoke() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance");
    talk.model("repeat message");
    assert_eq!(talk.responses(), ["utter_balance", "utter_can_do_something_else"]);
}

#[test]
fn the_open_question_is_not_said_twice_when_the_caller_wants_it_again() {
    let bank = bank();
    let mut talk = asked_amount(&bank);
    talk.model("repeat message");
    assert_eq!(talk.responses(), ["utter_ask_amount"]);
}

#[test]
fn action_hangup_ends_the_call() {
    let bank = acting("[{action: utter_vip}, {action: action_hangup}, {action: utter_balance}]", "");
    let mut talk = Talk::on(&bank, "twilio_voice", json!(null));
    talk.model("start flow act");
    assert_eq!(talk.responses(), ["utter_vip"]);
    assert!(matches!(talk.next, Next::HangUp));
    assert!(talk.state.is_over());
}

#[test]
fn action_transfer_of_ours_hands_the_call_to_a_person() {
    let bank = acting("[{action: action_transfer}]", "");
    let mut talk = Talk::on(&bank, "twilio_voice", json!(null));
    talk.model("start flow act");
    assert!(matches!(talk.next, Next::Transfer(_)));
}

#[test]
fn actions_of_later_versions_are_not_known() {
    for action in ["action_continue_interrupted_flow", "action_cancel_interrupted_flows", "action_handoff_metric"] {
        let said = crate::talk::found(&[("data/flows.yml", &format!("flows:\n  act:\n    description: b\n    steps: [{{action: {action}}}]\n"))]);
        assert!(said.iter().any(|line| line.contains("error:") && line.contains(action)), "{said:?}");
    }
}

#[test]
fn an_action_of_the_domain_replaces_a_default_one() {
    let bank = bank_with("actions: [action_repeat_bot_messages]\n");
    let mut talk = Talk::begin(&bank);
    talk.will_say("action_repeat_bot_messages", "utter_vip");
    talk.model("repeat message");
    assert_eq!(talk.ran(), ["action_repeat_bot_messages"]);
    assert_eq!(talk.responses(), ["utter_vip"]);
}

#[test]
fn a_replaced_action_that_fails_is_an_internal_error() {
    let bank = bank_with("actions: [action_repeat_bot_messages]\n");
    let mut talk = Talk::begin(&bank);
    talk.will_end("action_repeat_bot_messages", Ending::Failed);
    talk.proposes("again", vec![Command::Repeat], Source::Model);
    assert_eq!(talk.responses(), ["utter_internal_error_rasa"]);
}
