//! What `context` holds in each pattern (`rasa-calm.md` §4.6).

use crate::money::{asked_amount, bank_with, confirming};
use crate::talk::Talk;
use centralita_engine::{Command, Source};
use serde_json::json;

/// The bank with a pattern that says what its context holds: `show` is a Jinja template.
fn showing(pattern: &str, first: &str, show: &str) -> centralita_engine::Project {
    bank_with(&format!(
        "flows:\n  {pattern}:\n    name: a\n    description: b\n    steps:{first}\n    - action: utter_show\nresponses:\n  utter_show:\n  - text: \"{show}\"\n    metadata: {{template: jinja}}\n"
    ))
}

#[test]
fn every_frame_knows_itself_its_flow_and_its_step() {
    let bank = showing("pattern_chitchat", "", "{{ context.flow_id }} {{ context.step_id }} {{ context.frame_id is defined }}");
    let mut talk = Talk::begin(&bank);
    assert_eq!(talk.model("offtopic reply")[0].to_lowercase(), "pattern_chitchat pattern_chitchat_0_action_utter_show true");
}

#[test]
fn conditions_of_a_flow_read_its_frame() {
    let bank = bank_with(
        "flows:\n  who:\n    description: b\n    steps:\n    - id: ask\n      noop: true\n      next:\n      - if: context.flow_id = 'who' and context.step_id = 'ask'\n        then: [{action: utter_vip, next: END}]\n      - else: END\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow who");
    assert_eq!(talk.responses()[0], "utter_vip");
}

#[test]
fn a_cancellation_knows_the_name_and_the_frames_of_what_it_cancels() {
    let bank = showing("pattern_cancel_flow", "\n    - action: action_cancel_flow", "{{ context.canceled_name }}, {{ context.canceled_frames | length }}");
    let mut talk = asked_amount(&bank);
    assert_eq!(talk.model("cancel flow")[0], "send money, 2", "the flow and the pattern that was asking");
}

#[test]
fn a_clarification_knows_the_names_and_after_its_action_the_options() {
    let bank = showing("pattern_clarification", "\n    - action: action_clarify_flows", "{{ context.names | length }} {{ context.clarification_options }}");
    let mut talk = Talk::begin(&bank);
    let said = talk.model("disambiguate flows transfer block_card");
    assert!(said[0].starts_with("2 ") && said[0].contains("send money") && said[0].contains("block a card"), "{said:?}");
}

#[test]
fn a_question_knows_its_slot_and_how_it_is_asked() {
    let bank = bank_with(
        "responses:\n  utter_ask_street:\n  - text: '{{ context.collect }} {{ context.utter }} {{ context.collect_action }} {{ context.rejections | length }}'\n    metadata: {template: jinja}\n",
    );
    let mut talk = Talk::begin(&bank);
    assert_eq!(talk.model("start flow move_house"), ["street utter_ask_street action_ask_street 0"]);
}

#[test]
fn a_question_knows_its_rejections() {
    let bank = bank_with("responses:\n  utter_ask_amount:\n  - text: '{{ context.rejections[0].utter }}'\n    metadata: {template: jinja}\n");
    let mut talk = Talk::begin(&bank);
    assert_eq!(talk.model("start flow transfer\nset slot recipient Jo"), ["utter_too_little"]);
}

#[test]
fn the_completed_pattern_knows_the_flow_that_ended() {
    let bank = showing("pattern_completed", "", "{{ context.previous_flow_name }}");
    let mut talk = Talk::begin(&bank);
    assert_eq!(talk.model("start flow check_balance")[1], "check the balance");
}

#[test]
fn continuing_knows_the_flow_that_goes_on() {
    let bank = showing("pattern_continue_interrupted", "", "{{ context.previous_flow_name }}");
    let mut talk = asked_amount(&bank);
    assert_eq!(talk.model("start flow check_balance")[1], "send money");
}

#[test]
fn a_correction_knows_the_slots_and_where_it_goes_back_to() {
    let bank = showing(
        "pattern_correction",
        "\n    - action: action_correct_flow_slot",
        "{{ context.corrected_slots.recipient }} {{ context.corrected_slots.keys()|join(',') }} {{ context.new_slot_values[0] }} {{ context.reset_flow_id }} {{ context.reset_step_id }} {{ context.is_reset_only|lower }}",
    );
    let mut talk = confirming(&bank);
    assert_eq!(talk.model("set slot recipient Ann")[0], "Ann recipient Ann transfer transfer_0_collect_recipient false");
}

#[test]
fn an_internal_error_knows_its_type_and_details() {
    let bank = showing("pattern_internal_error", "", "{{ context.error_type }} {{ context.info.max_characters }}");
    let mut talk = Talk::begin(&bank);
    let info = json!({"max_characters": 3}).as_object().unwrap().clone();
    assert_eq!(talk.proposes("long", vec![Command::Error { error_type: "too_long".into(), info }], Source::Nobody), ["too_long 3"]);
}

#[test]
fn cannot_handle_knows_its_reason() {
    let bank = showing("pattern_cannot_handle", "", "{{ context.reason }}");
    let mut talk = Talk::begin(&bank);
    assert_eq!(talk.model("nothing"), ["cannot_handle_default"]);
    let other = Command::CannotHandle { reason: Some("cannot_handle_not_supported".into()) };
    assert_eq!(talk.proposes("x", vec![other], Source::Model), ["cannot_handle_not_supported"]);
}

#[test]
fn the_validation_of_a_slot_knows_the_slot_and_how_it_is_asked_again() {
    let bank = bank_with(
        "
slots:
  age:
    type: float
    validation:
      rejections: [{if: slots.age < 18, utter: utter_too_young}]
      refill_utter: utter_age_again
responses:
  utter_ask_age: [{text: How old are you?}]
  utter_too_young: [{text: Too young.}]
  utter_age_again:
  - text: '{{ context.validate }} {{ context.refill_utter }} {{ context.refill_action }} {{ context.rejections | length }}'
    metadata: {template: jinja}
flows:
  join:
    description: b
    steps: [{collect: age}]
",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow join");
    assert_eq!(talk.model("set slot age 12"), ["Too young.", "age utter_age_again action_ask_age 1"]);
}

#[test]
fn the_other_patterns_know_nothing_but_themselves() {
    let show = "{{ context.keys() | reject('in', ['frame_id', 'flow_id', 'step_id', 'reason', 'misses', 'asking']) | join(',') }}.";
    for (pattern, model) in [
        ("pattern_human_handoff", "hand over"),
        ("pattern_search", "provide info"),
        ("pattern_chitchat", "offtopic reply"),
        ("pattern_skip_question", "skip question"),
        ("pattern_repeat_bot_messages", "repeat message"),
    ] {
        let bank = showing(pattern, "", show);
        let mut talk = asked_amount(&bank);
        let known = if pattern == "pattern_human_handoff" { "on_duty." } else { "." };
        assert_eq!(talk.model(model)[0], known, "{pattern}");
    }
}

#[test]
fn context_is_that_of_the_frame_that_says_the_response() {
    let bank = bank_with(
        "responses:\n  utter_flow_continue_interrupted:\n  - text: '{{ context.flow_id }}'\n    metadata: {template: jinja}\n  utter_balance:\n  - text: '{{ context.flow_id }}'\n    metadata: {template: jinja}\n",
    );
    let mut talk = asked_amount(&bank);
    assert_eq!(talk.model("start flow check_balance")[..2], ["check_balance", "pattern_continue_interrupted"]);
}

#[test]
fn a_key_that_a_context_lacks_is_undefined() {
    let bank = bank_with(
        "flows:\n  who:\n    description: b\n    steps:\n    - noop: true\n      next:\n      - if: context.nothing = undefined\n        then: [{action: utter_vip, next: END}]\n      - else: END\n",
    );
    let mut talk = Talk::begin(&bank);
    talk.model("start flow who");
    assert_eq!(talk.responses()[0], "utter_vip");
}

#[test]
fn a_question_inside_a_pattern_sees_what_the_pattern_knows() {
    let shown = crate::cleanup::CONFIRMED_CORRECTION.replace(
        "{text: Shall I change that?}",
        "{text: \"{{ context.corrected_slots.keys() | join(', ') }} for {{ context.collect }}\", metadata: {template: jinja}}",
    );
    let bank = bank_with(&shown);
    let mut talk = confirming(&bank);
    assert_eq!(talk.model("set slot recipient Ann"), ["recipient for confirm_correction"]);
}

#[test]
fn a_response_that_does_not_render_is_an_internal_error_and_not_silence() {
    let bank = bank_with("responses:\n  utter_balance:\n  - text: '{{ context.nothing.keys() }}'\n    metadata: {template: jinja}\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check_balance");
    assert_eq!(talk.responses()[0], "utter_internal_error_rasa");
    assert!(talk.faults()[0].contains("utter_balance"), "{:?}", talk.faults());
}
