//! The default patterns of 3.13: their steps, their branches, their responses, and how a project puts its
//! own in their place (`rasa-calm.md` §5).

use crate::money::{asked_amount, bank, bank_with, confirming};
use crate::talk::{Talk, project};
use centralita_engine::project::{ActionRef, Next, StepKind};
use centralita_engine::{Command, FlowId, Project, Source};
use serde_json::{Map, json};

/// The steps of a pattern in the order they are written, branches as `if`.
fn steps(project: &Project, pattern: &str) -> Vec<String> {
    let flow = &project.flows[&FlowId::parse(pattern).unwrap()];
    assert!(!flow.description.is_empty() && flow.name != pattern && flow.guard.is_none(), "{pattern} has a name, a description and no guard");
    flow.steps
        .iter()
        .map(|step| {
            let branches = match &step.next {
                Next::Branches(branches, _) => branches.iter().map(|(condition, _)| format!(" if {}", condition.text())).collect::<String>(),
                Next::Step(_) | Next::End => String::new(),
            };
            match &step.kind {
                StepKind::Action(ActionRef::Named(name)) => format!("{name}{branches}"),
                StepKind::Action(ActionRef::Templated(text)) => format!("{text}{branches}"),
                StepKind::Noop => format!("noop{branches}"),
                StepKind::SetSlots(slots) => format!("set {slots:?}"),
                StepKind::Collect(collect) => format!("collect {}{branches}", collect.slot),
                StepKind::Link(flow) => format!("link {flow}"),
                StepKind::Call(flow) => format!("call {flow}"),
            }
        })
        .collect()
}

#[track_caller]
fn has_steps(pattern: &str, expected: &[&str]) {
    let bank = bank();
    assert_eq!(steps(&bank, pattern), expected, "{pattern}");
    for response in expected.iter().filter(|step| step.starts_with("utter_") && **step != "utter_restart") {
        assert!(bank.responses.contains_key(*response), "{response} has no words");
    }
}

#[test]
fn pattern_cancel_flow_cancels_and_says_so() {
    has_steps("pattern_cancel_flow", &["action_cancel_flow", "utter_flow_cancelled_rasa"]);
}

#[test]
fn pattern_cannot_handle_branches_on_the_reason() {
    let bank = bank();
    let steps = steps(&bank, "pattern_cannot_handle");
    let mut rest = steps[0].as_str();
    for reason in ["cannot_handle_chitchat", "cannot_handle_not_supported", "cannot_handle_no_relevant_answer"] {
        rest = rest.split_once(reason).unwrap_or_else(|| panic!("{reason} in {steps:?}")).1;
    }
    assert_eq!(steps.len(), steps.iter().filter(|step| step.starts_with("utter_") || step.starts_with("noop")).count());
}

/// What is said when something cannot be handled for this reason.
fn cannot_handle(reason: Option<&str>) -> Vec<String> {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.proposes("x", vec![Command::CannotHandle { reason: reason.map(str::to_owned) }], Source::Model);
    talk.responses()
}

#[test]
fn small_talk_that_cannot_be_made_is_said_not_to_be_possible() {
    assert_eq!(cannot_handle(Some("cannot_handle_chitchat")), ["utter_cannot_handle"]);
}

#[test]
fn what_is_not_supported_is_said_not_to_be_possible() {
    assert_eq!(cannot_handle(Some("cannot_handle_not_supported")), ["utter_cannot_handle"]);
}

#[test]
fn a_search_without_a_relevant_answer_is_said_to_have_found_none() {
    assert_eq!(cannot_handle(Some("cannot_handle_no_relevant_answer")), ["utter_no_relevant_answer_found"]);
}

#[test]
fn anything_else_that_was_not_understood_is_asked_for_again() {
    assert_eq!(cannot_handle(None), ["utter_ask_rephrase"]);
    assert_eq!(cannot_handle(Some("something_new")), ["utter_ask_rephrase"]);
}

#[test]
fn pattern_chitchat_cannot_handle_small_talk() {
    has_steps("pattern_chitchat", &["utter_cannot_handle"]);
}

#[test]
fn pattern_clarification_names_the_options() {
    has_steps("pattern_clarification", &["action_clarify_flows", "utter_clarification_options_rasa"]);
}

#[test]
fn pattern_code_change_tells_and_cleans_the_stack() {
    has_steps("pattern_code_change", &["utter_inform_code_change", "action_clean_stack"]);
}

#[test]
fn pattern_collect_information_checks_asks_and_listens() {
    let branch = "validate_{{context.collect}} if slots.{{context.collect}} is not null";
    has_steps("pattern_collect_information", &["action_run_slot_rejections", branch, "{{context.utter}}", "{{context.collect_action}}", "action_listen"]);
    let bank = bank();
    let ids: Vec<String> = bank.flows[&FlowId::parse("pattern_collect_information").unwrap()].steps.iter().map(|step| step.id.to_string()).collect();
    assert_eq!((ids[0].as_str(), ids[2].as_str()), ("start", "ask_collect"));
}

#[test]
fn pattern_completed_offers_more() {
    has_steps("pattern_completed", &["utter_can_do_something_else"]);
}

#[test]
fn pattern_continue_interrupted_announces_what_goes_on() {
    has_steps("pattern_continue_interrupted", &["utter_flow_continue_interrupted"]);
}

#[test]
fn pattern_correction_corrects_and_says_so_unless_it_only_resets() {
    let bank = bank();
    let steps = steps(&bank, "pattern_correction");
    assert!(steps[0].starts_with("action_correct_flow_slot if not context.is_reset_only"), "{steps:?}");
    assert_eq!(steps[1], "utter_corrected_previous_input");
}

#[test]
fn pattern_customer_satisfaction_is_of_a_later_version() {
    assert!(!bank().flows.keys().any(|flow| flow.as_str() == "pattern_customer_satisfaction"));
}

#[test]
fn pattern_human_handoff_says_that_nobody_is_there() {
    has_steps("pattern_human_handoff", &["utter_human_handoff_not_available"]);
}

#[test]
fn pattern_internal_error_branches_on_the_type_of_error() {
    let bank = bank();
    let said: Vec<String> = steps(&bank, "pattern_internal_error").into_iter().skip(1).collect();
    for response in ["utter_user_input_too_long_error_rasa", "utter_user_input_empty_error_rasa", "utter_internal_error_rasa"] {
        assert!(said.iter().any(|step| step == response) && bank.responses.contains_key(response), "{response} in {said:?}");
    }
}

#[test]
fn every_type_of_error_has_its_response() {
    for (kind, response) in [
        ("rasa_internal_error_user_input_too_long", "utter_user_input_too_long_error_rasa"),
        ("rasa_internal_error_user_input_empty", "utter_user_input_empty_error_rasa"),
        ("rasa_internal_error_default", "utter_internal_error_rasa"),
    ] {
        let bank = bank();
        let mut talk = Talk::begin(&bank);
        talk.proposes("x", vec![Command::Error { error_type: kind.into(), info: Map::new() }], Source::Nobody);
        assert_eq!(talk.responses(), [response]);
    }
}

#[test]
fn pattern_repeat_bot_messages_repeats() {
    has_steps("pattern_repeat_bot_messages", &["action_repeat_bot_messages"]);
}

#[test]
fn pattern_restart_restarts_and_is_triggered_by_its_intent() {
    has_steps("pattern_restart", &["action_restart"]);
    triggered_by("pattern_restart", "restart");
}

#[test]
fn pattern_search_has_no_documents() {
    has_steps("pattern_search", &["utter_no_knowledge_base"]);
}

#[test]
fn pattern_session_start_starts_the_session_and_is_triggered_by_its_intent() {
    has_steps("pattern_session_start", &["action_session_start"]);
    triggered_by("pattern_session_start", "session_start");
}

#[track_caller]
fn triggered_by(pattern: &str, intent: &str) {
    let bank = bank();
    assert!(bank.flows[&FlowId::parse(pattern).unwrap()].triggers.iter().any(|(known, _)| known == intent), "{pattern} is triggered by {intent}");
}

#[test]
fn pattern_skip_question_says_that_an_answer_is_needed() {
    has_steps("pattern_skip_question", &["utter_skip_question_answer"]);
}

#[test]
fn pattern_user_silence_counts_silences_and_is_triggered_by_its_intent() {
    let bank = bank();
    let all = steps(&bank, "pattern_user_silence");
    assert!(all[0].starts_with("noop if slots.consecutive_silence_timeouts = 0"), "{all:?}");
    let persisted = &bank.flows[&FlowId::parse("pattern_user_silence").unwrap()].persisted_slots;
    assert_eq!(persisted.iter().map(ToString::to_string).collect::<Vec<_>>(), ["consecutive_silence_timeouts"]);
    triggered_by("pattern_user_silence", "silence_timeout");
}

#[test]
fn pattern_validate_slot_checks_asks_again_and_listens() {
    let bank = bank();
    let steps = steps(&bank, "pattern_validate_slot");
    assert!(steps[0].starts_with("action_run_slot_rejections if slots.{{context.validate}} is not null"), "{steps:?}");
    assert_eq!(steps[1..], ["{{context.refill_utter}}", "{{context.refill_action}}", "action_listen"]);
}

#[test]
fn a_slot_with_a_validation_is_checked_whenever_it_is_set() {
    let bank = bank_with(
        "
slots: {age: {type: float, validation: {rejections: [{if: slots.age < 18, utter: utter_too_young}]}}}
responses:
  utter_ask_age: [{text: How old are you?}]
  utter_too_young: [{text: Too young.}]
flows:
  join:
    description: b
    steps: [{collect: card}, {collect: age}, {action: utter_vip}]
",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow join\nset slot age 12");
    assert_eq!(talk.responses(), ["utter_too_young", "utter_ask_age"]);
    talk.model("set slot age 20");
    assert_eq!(talk.responses(), ["utter_ask_card"]);
    assert_eq!(talk.slot("age"), json!(20.0));
}

#[test]
fn a_value_of_the_wrong_type_is_refused_by_its_own_response() {
    let bank = bank();
    for response in ["utter_boolean_slot_rejection", "utter_float_slot_rejection", "utter_categorical_slot_rejection"] {
        assert!(bank.responses.contains_key(response), "{response} has no words");
    }
    let mut talk = confirming(&bank);
    talk.model("set slot confirm perhaps");
    assert_eq!(talk.responses(), ["utter_boolean_slot_rejection", "utter_ask_confirm"]);
    let mut talk = Talk::begin(&bank);
    talk.model("start flow block_card");
    let said = talk.model("set slot card golden");
    assert_eq!(talk.responses(), ["utter_categorical_slot_rejection", "utter_ask_card"]);
    assert!(said[0].contains("golden"), "{said:?}");
}

#[test]
fn every_response_of_the_patterns_has_spanish_words_too() {
    let spanish = crate::talk::project_of(&[("config.yml", "language: es\npipeline: [{name: CompactLLMCommandGenerator}]\n"), ("domain.yml", "slots: {}\n")]);
    let english =
        project("slots: {a: {type: text}}\nresponses: {utter_ask_a: [{text: \"A {a}?\"}]}\n", "flows:\n  x:\n    description: b\n    steps: [{collect: a}]\n");
    for name in english.responses.keys().filter(|name| name.as_str() != "utter_ask_a") {
        assert!(spanish.responses.contains_key(name), "{name} has no Spanish words");
    }
}

/// A pattern of the project's own takes the place of ours: what is said when `model` is written while the amount is asked.
#[track_caller]
fn overridden(pattern: &str, model: &str) {
    let bank = bank_with(&format!("flows:\n  {pattern}:\n    name: ours\n    description: ours\n    steps: [{{action: utter_vip}}]\n"));
    let mut talk = asked_amount(&bank);
    talk.model(model);
    assert!(talk.responses().contains(&"utter_vip".to_owned()), "{:?}", talk.responses());
}

#[test]
fn a_project_overrides_pattern_search() {
    overridden("pattern_search", "provide info");
}

#[test]
fn a_project_overrides_pattern_chitchat() {
    overridden("pattern_chitchat", "offtopic reply");
}

#[test]
fn a_project_overrides_pattern_completed() {
    overridden("pattern_completed", "cancel flow\nstart flow check_balance");
}

#[test]
fn a_project_overrides_pattern_correction() {
    overridden("pattern_correction", "set slot recipient Ann");
}

#[test]
fn a_project_overrides_pattern_continue_interrupted() {
    overridden("pattern_continue_interrupted", "start flow check_balance");
}

#[test]
fn a_project_overrides_pattern_cannot_handle() {
    overridden("pattern_cannot_handle", "nothing of use");
}

#[test]
fn a_project_overrides_pattern_cancel_flow_and_still_has_to_cancel() {
    let bank =
        bank_with("flows:\n  pattern_cancel_flow:\n    name: ours\n    description: ours\n    steps: [{action: action_cancel_flow}, {action: utter_vip}]\n");
    let mut talk = asked_amount(&bank);
    talk.model("cancel flow");
    assert_eq!(talk.responses(), ["utter_vip", "utter_can_do_something_else"]);
    assert!(talk.stack().is_empty());
}

#[test]
fn a_project_overrides_pattern_session_start() {
    let bank = bank_with(
        "flows:\n  pattern_session_start:\n    name: ours\n    description: ours\n    nlu_trigger: [{intent: session_start}]\n    steps: [{action: action_session_start}, {action: utter_vip}]\n",
    );
    let talk = Talk::on(&bank, "twilio_voice", json!(null));
    assert_eq!(talk.responses(), ["utter_vip"]);
}

#[test]
fn overriding_one_pattern_leaves_the_others() {
    let bank = bank_with("flows:\n  pattern_search:\n    name: ours\n    description: ours\n    steps: [{action: utter_vip}]\n");
    let mut talk = asked_amount(&bank);
    talk.model("offtopic reply");
    assert_eq!(talk.responses(), ["utter_cannot_handle", "utter_ask_amount"]);
}

#[test]
fn a_response_of_a_pattern_is_overridden_by_name() {
    let bank = bank_with("responses: {utter_ask_rephrase: [{text: Come again?}]}\n");
    let mut talk = Talk::begin(&bank);
    assert_eq!(talk.model("nothing"), ["Come again?"]);
}

#[test]
fn a_pattern_may_link_to_a_person_after_too_many_clarifications() {
    let bank = bank_with(
        "
slots: {asked_twice: {type: bool, initial_value: false, mappings: [{type: controlled}]}}
flows:
  pattern_clarification:
    name: ours
    description: ours
    persisted_slots: [asked_twice]
    steps:
    - noop: true
      next:
      - if: slots.asked_twice
        then: [{link: pattern_human_handoff}]
      - else:
        - set_slots: [{asked_twice: true}]
        - action: action_clarify_flows
        - action: utter_clarification_options_rasa
          next: END
",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("disambiguate flows transfer block_card");
    talk.model("disambiguate flows transfer block_card");
    assert_eq!(talk.responses(), ["utter_human_handoff_not_available"]);
}
