//! Steps and their keys (`rasa-calm.md` §1.4, §1.5); where they go on is in `next.rs`.

use crate::talk::{Talk, found, load, project};
use centralita_engine::project::{Collect, StepKind};
use centralita_engine::{Ending, FlowId, Project, StepId};
use serde_json::json;

pub(crate) const DOMAIN: &str = "
slots:
  size: {type: text}
  amount: {type: float}
  sure: {type: bool}
  things: {type: list, mappings: [{type: controlled}]}
  level: {type: float, initial_value: 3}
  thing: {type: any, initial_value: a}
responses:
  utter_ask_size: [{text: What size?}]
  utter_which_size: [{text: Which size?}]
  utter_ask_amount: [{text: How much?}]
  utter_ask_sure: [{text: Sure?}]
  utter_ask_level: [{text: What level?}]
  utter_hello: [{text: Hello}]
  utter_bye: [{text: Bye}]
  utter_too_much: [{text: Too much}]
actions: [action_count]
";

/// A flow `main` with these steps, which ends without further words.
pub(crate) fn flow(steps: &str) -> String {
    format!("flows:\n  main:\n    description: the flow\n    run_pattern_completed: false\n    steps:\n{steps}")
}

fn made(steps: &str) -> Project {
    project(DOMAIN, &flow(steps))
}

#[track_caller]
pub(crate) fn refused(steps: &str, part: &str) {
    let said = found(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow(steps))]);
    assert!(said.iter().any(|line| line.contains(": error: ") && line.contains(part)), "{said:?}");
}

fn ids(project: &Project) -> Vec<String> {
    project.flows["main"].steps.iter().map(|step| step.id.to_string()).collect()
}

fn question(project: &Project) -> &Collect {
    project.flows["main"].collects().next().unwrap()
}

/// What is said when `main` starts and the model then writes each of `answers`.
pub(crate) fn walk(steps: &str, answers: &[&str]) -> Vec<String> {
    let project = made(steps);
    let mut talk = Talk::begin(&project);
    let mut said = talk.model("start flow main");
    answers.iter().for_each(|answer| said.extend(talk.model(answer)));
    said
}

#[test]
fn a_step_has_exactly_one_type() {
    refused("    - id: a\n      next: END\n", "exactly one of");
    refused("    - action: utter_hello\n      collect: size\n", "exactly one of");
}

#[test]
fn a_step_may_have_an_id_a_description_and_metadata() {
    let project = made("    - action: utter_hello\n      id: first\n      description: says hello\n      metadata: {x: 100, y: 20}\n");
    assert_eq!(ids(&project), ["first"]);
}

#[test]
fn an_unknown_key_of_a_step_is_a_warning() {
    let (loaded, said) = load(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow("    - action: utter_hello\n      colour: blue\n"))]);
    assert!(loaded.is_some() && said.iter().any(|line| line.contains("7:7: warning") && line.contains("`colour`")), "{said:?}");
}

#[test]
fn two_steps_with_one_id_are_an_error() {
    refused("    - action: utter_hello\n      id: a\n    - action: utter_bye\n      id: a\n", "`a`");
}

#[test]
fn the_ids_that_the_engine_uses_itself_are_refused() {
    for id in ["END", "START", "CONTINUE_here", "\"NEXT:a\"", "a.b"] {
        refused(&format!("    - action: utter_hello\n      id: {id}\n"), "use letters");
    }
}

#[test]
fn steps_without_an_id_get_one_of_flow_position_type_and_argument_counted_depth_first() {
    let steps = "    - collect: size
      next:
      - if: slots.size = \"s\"
        then:
        - action: utter_hello
        - set_slots: [{amount: 1}]
          next: END
      - else: 4_noop
    - noop: true
      id: 4_noop
      next: call
    - call: other
      id: call
    - link: other
  other:
    description: another
    steps:
    - action: utter_bye
";
    let expected = ["main_0_collect_size", "main_1_action_utter_hello", "main_2_set_slots", "4_noop", "call", "main_5_link_other"];
    assert_eq!(ids(&made(steps)), expected);
}

#[test]
fn a_derived_id_is_found_with_the_flow_in_front_and_without() {
    let project = made("    - collect: size\n      next: main_1_action_utter_hello\n    - action: utter_hello\n");
    let find = |id: &str| project.flows["main"].step(&StepId::parse(id).unwrap()).map(|step| step.id.to_string());
    assert_eq!(find("0_collect_size").as_deref(), Some("main_0_collect_size"));
    assert_eq!(find("main_0_collect_size").as_deref(), Some("main_0_collect_size"));
    let mut talk = Talk::begin(&project);
    talk.model("start flow main\nset slot size s");
    assert_eq!(talk.said(), ["Hello"]);
}

#[test]
fn an_action_may_be_a_response_that_no_list_of_actions_names() {
    assert_eq!(walk("    - action: utter_hello\n", &[]), ["Hello"]);
}

#[test]
fn a_custom_action_runs_and_the_flow_goes_on_without_waiting() {
    let project = made("    - action: action_count\n    - action: utter_hello\n");
    let mut talk = Talk::begin(&project);
    talk.will_set("action_count", &[("amount", json!(3))]);
    talk.model("start flow main");
    assert_eq!(talk.actions(), ["action_count", "utter_hello"]);
    assert_eq!(talk.slot("amount"), json!(3.0));
}

#[test]
fn a_custom_action_that_fails_ends_the_flow_with_the_internal_error_pattern() {
    let project = made("    - action: action_count\n    - action: utter_hello\n");
    let mut talk = Talk::begin(&project);
    talk.will_end("action_count", Ending::Failed);
    talk.model("start flow main");
    assert_eq!(talk.responses()[0], "utter_internal_error_rasa");
    assert_eq!(talk.stack(), Vec::<String>::new());
}

#[test]
fn action_listen_ends_the_turn_in_a_pattern() {
    let flows = flow("    - action: utter_hello\n").replace("    run_pattern_completed: false\n", "")
        + "  pattern_completed:\n    description: waits\n    steps:\n    - action: action_listen\n    - action: utter_bye\n";
    let project = project(DOMAIN, &flows);
    let mut talk = Talk::begin(&project);
    assert_eq!(talk.model("start flow main"), ["Hello"]);
    assert_eq!(talk.stack().len(), 1);
}

#[test]
fn an_action_named_by_a_template_that_names_nothing_is_skipped() {
    let flows = flow("    - action: utter_hello\n").replace("    run_pattern_completed: false\n", "")
        + "  pattern_completed:\n    description: says\n    steps:\n    - action: \"{{context.nothing}}\"\n    - action: \"action_{{context.previous_flow_name}}\"\n    - action: \"utter_{{'bye'}}\"\n";
    let project = project(DOMAIN, &flows);
    let mut talk = Talk::begin(&project);
    assert_eq!(talk.model("start flow main"), ["Hello", "Bye"]);
    assert_eq!(talk.faults(), Vec::<String>::new());
}

#[test]
fn collect_asks_with_the_response_of_the_slot_or_the_one_it_names() {
    assert_eq!(walk("    - collect: size\n", &[]), ["What size?"]);
    assert_eq!(walk("    - collect: size\n      utter: utter_which_size\n", &[]), ["Which size?"]);
}

#[test]
fn collect_asks_with_the_action_of_the_slot() {
    let domain = DOMAIN.replace("  utter_ask_size: [{text: What size?}]\n", "").replace("[action_count]", "[action_count, action_ask_size]");
    let project = project(&domain, &flow("    - collect: size\n    - action: utter_hello\n"));
    let mut talk = Talk::begin(&project);
    talk.will_say("action_ask_size", "utter_which_size");
    assert_eq!(talk.model("start flow main"), ["Which size?"]);
    assert_eq!(talk.asked().as_deref(), Some("size"));
    assert_eq!(talk.model("set slot size s"), ["Hello"]);
}

#[test]
fn collect_is_skipped_when_its_slot_has_a_value_and_nothing_is_checked_again() {
    let rejected = "      rejections:\n      - if: slots.size = \"huge\"\n        utter: utter_too_much\n";
    let project = made(&format!("    - collect: size\n{rejected}    - action: utter_hello\n"));
    let mut talk = Talk::begin(&project);
    talk.told("size", json!("huge"));
    assert_eq!(talk.model("start flow main"), ["Hello"]);
}

#[test]
fn an_initial_value_counts_as_filled() {
    assert_eq!(walk("    - collect: level\n    - action: utter_hello\n", &[]), ["Hello"]);
}

#[test]
fn ask_before_filling_clears_the_slot_and_asks() {
    let project = made("    - collect: level\n      ask_before_filling: true\n    - action: utter_hello\n");
    let mut talk = Talk::begin(&project);
    assert_eq!(talk.model("start flow main\nset slot level 9"), ["What level?"]);
    assert_eq!(talk.slot("level"), json!(null));
    assert_eq!(talk.model("set slot level 5"), ["Hello"]);
}

#[test]
fn a_slot_is_kept_after_its_flow_with_reset_after_flow_ends_false() {
    for (key, expected) in [("      reset_after_flow_ends: false\n", json!("s")), ("", json!(null))] {
        let project = made(&format!("    - collect: size\n{key}"));
        let mut talk = Talk::begin(&project);
        talk.model("start flow main\nset slot size s");
        assert_eq!(talk.slot("size"), expected);
    }
}

#[test]
fn the_first_rejection_that_holds_is_said_and_the_question_is_asked_again() {
    let steps = "    - collect: amount\n      rejections:\n      - if: slots.amount > 100\n        utter: utter_too_much\n      - if: slots.amount > 10\n        utter: utter_bye\n    - action: utter_hello\n";
    assert_eq!(walk(steps, &["set slot amount 500", "set slot amount 50", "set slot amount 5"])[1..], ["Too much", "How much?", "Bye", "How much?", "Hello"]);
}

#[test]
fn a_rejection_may_look_at_every_slot() {
    let steps = "    - collect: amount\n      rejections:\n      - if: slots.amount < slots.level\n        utter: utter_too_much\n";
    assert_eq!(walk(steps, &["set slot amount 2"])[1], "Too much");
}

#[test]
fn a_rejection_that_cannot_be_evaluated_is_said_as_an_internal_error() {
    let steps = "    - collect: amount\n      rejections:\n      - if: slots.amount > slots.thing\n        utter: utter_too_much\n    - action: utter_hello\n";
    let project = made(steps);
    let mut talk = Talk::begin(&project);
    talk.model("start flow main");
    talk.model("set slot amount 2");
    assert_eq!(talk.responses()[0], "utter_internal_error_rasa");
}

#[test]
fn while_an_answer_is_forced_other_commands_are_dropped() {
    let project = made("    - collect: size\n      force_slot_filling: true\n    - action: utter_hello\n");
    let mut talk = Talk::begin(&project);
    talk.model("start flow main");
    talk.model("cancel flow");
    assert_eq!(talk.asked().as_deref(), Some("size"));
    assert_eq!(talk.model("cancel flow\nset slot size s"), ["Hello"]);
}

#[test]
fn the_silence_of_a_question_is_a_number_a_map_or_a_list_of_one_key_maps() {
    let seconds = |written: &str| question(&made(&format!("    - collect: size\n      silence_timeout:{written}\n"))).silence_timeout.clone();
    assert_eq!(seconds(" 4.5").into_iter().collect::<Vec<_>>(), [(String::new(), 4.5)]);
    let both = [("rest".to_owned(), 3.0), ("twilio_voice".to_owned(), 5.0)];
    assert_eq!(seconds("\n        twilio_voice: 5\n        rest: 3").into_iter().collect::<Vec<_>>(), both);
    assert_eq!(seconds("\n      - twilio_voice: 5\n      - rest: 3").into_iter().collect::<Vec<_>>(), both);
}

#[test]
fn collect_may_nest_the_name_of_its_slot() {
    let project = made("    - collect:\n        name: size\n        silence_timeout: 4\n");
    assert_eq!(question(&project).slot.as_str(), "size");
    assert_eq!(question(&project).silence_timeout[""], 4.0);
}

#[test]
fn the_keypad_answers_with_a_length_or_a_key_that_ends_and_words_unless_told_otherwise() {
    let dtmf = |written: &str| question(&made(&format!("    - collect: size\n      dtmf: {written}\n"))).dtmf.clone().unwrap();
    let four = dtmf("{length: 4}");
    assert!(four.length == Some(4) && four.finish_on_key.is_none() && four.allow_audio_input);
    let hash = dtmf("{finish_on_key: \"#\", allow_audio_input: false}");
    assert!(hash.length.is_none() && hash.finish_on_key.as_deref() == Some("#") && !hash.allow_audio_input);
}

#[test]
fn the_keys_for_digressions_of_3_12_are_accepted_with_a_warning() {
    let steps = "    - collect: size\n      ask_confirm_digressions: true\n      block_digressions: [other]\n";
    let (loaded, said) = load(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow(steps))]);
    assert!(loaded.is_some() && said.len() == 2 && said.iter().all(|line| line.contains("warning") && line.contains("_digressions")), "{said:?}");
}

#[test]
fn a_description_of_a_question_is_kept_for_the_model() {
    assert_eq!(question(&made("    - collect: size\n      description: small or large\n")).description.as_deref(), Some("small or large"));
}

#[test]
fn a_list_cannot_be_collected() {
    refused("    - collect: things\n", "things");
}

#[test]
fn the_stack_itself_cannot_be_collected() {
    refused("    - collect: dialogue_stack\n", "dialogue_stack");
}

#[test]
fn set_slots_takes_a_list_of_one_key_maps_or_a_map() {
    for written in ["[{size: s}, {amount: 2}]", "{size: s, amount: 2}"] {
        let project = made(&format!("    - set_slots: {written}\n    - collect: sure\n"));
        let mut talk = Talk::begin(&project);
        talk.model("start flow main");
        assert_eq!((talk.slot("size"), talk.slot("amount")), (json!("s"), json!(2.0)), "{written}");
    }
}

#[test]
fn null_in_set_slots_empties_a_slot_even_one_with_an_initial_value() {
    let project = made("    - set_slots: [{level: null}]\n    - collect: sure\n");
    let mut talk = Talk::begin(&project);
    talk.model("start flow main");
    assert_eq!(talk.slot("level"), json!(null));
}

#[test]
fn set_slots_is_not_validated() {
    let domain =
        DOMAIN.replace("  size: {type: text}", "  size: {type: text, validation: {rejections: [{if: slots.size is not null, utter: utter_too_much}]}}");
    let project = project(&domain, &flow("    - set_slots: [{size: s}]\n    - action: utter_hello\n"));
    assert_eq!(Talk::begin(&project).model("start flow main"), ["Hello"]);
}

#[test]
fn set_slots_cannot_fill_a_list() {
    refused("    - set_slots: [{things: [a]}]\n", "things");
}

#[test]
fn a_link_ends_the_flow_and_does_not_come_back() {
    let other = "  other:\n    description: another\n    run_pattern_completed: false\n    steps:\n    - action: utter_bye\n";
    let project = made(&format!("    - collect: size\n    - link: other\n{other}"));
    let mut talk = Talk::begin(&project);
    talk.model("start flow main\nset slot size s");
    assert_eq!(talk.said(), ["Bye"]);
    assert_eq!(talk.flow_events(), ["flow_started main", "flow_completed main", "flow_started other", "flow_completed other"]);
    assert_eq!(talk.slot("size"), json!(null));
}

#[test]
fn nothing_follows_a_link_in_its_list() {
    refused("    - link: main\n    - action: utter_hello\n", "link");
}

#[test]
fn a_called_flow_comes_back_and_its_slots_last_until_the_caller_ends() {
    let other = "  other:\n    description: another\n    if: False\n    steps:\n    - collect: amount\n";
    let project = made(&format!("    - call: other\n    - collect: size\n    - action: utter_hello\n{other}"));
    let mut talk = Talk::begin(&project);
    talk.model("start flow main\nset slot amount 7");
    assert_eq!((talk.said(), talk.slot("amount")), (vec!["What size?".to_owned()], json!(7.0)));
    talk.model("set slot size s");
    assert_eq!((talk.said(), talk.slot("amount")), (vec!["Hello".to_owned()], json!(null)));
}

#[test]
fn cancelling_a_called_flow_cancels_its_caller() {
    let other = "  other:\n    description: another\n    steps:\n    - collect: amount\n";
    let project = made(&format!("    - call: other\n    - action: utter_hello\n{other}"));
    let mut talk = Talk::begin(&project);
    talk.model("start flow main");
    talk.model("cancel flow");
    assert!(talk.flow_events().contains(&"flow_cancelled main".to_owned()) && !talk.said().contains(&"Hello".to_owned()), "{:?}", talk.trail());
}

#[test]
fn called_flows_may_call_further_ones() {
    let more = "  other:\n    description: another\n    steps:\n    - call: third\n  third:\n    description: the third\n    steps:\n    - action: utter_bye\n";
    assert_eq!(walk(&format!("    - call: other\n    - action: utter_hello\n{more}"), &[]), ["Bye", "Hello"]);
}

#[test]
fn calling_a_tool_of_an_mcp_server_is_refused_by_name() {
    refused("    - call: weather\n      mcp_server: tools\n      mapping: {input: [{param: a, slot: size}], output: [{slot: size, value: result}]}\n", "MCP");
}

#[test]
fn the_argument_of_a_step_is_where_it_says() {
    let project = made("    - action: utter_hello\n");
    let flow = &project.flows[&FlowId::parse("main").unwrap()];
    assert!(matches!(flow.first().unwrap().kind, StepKind::Action(_)));
    assert_eq!((flow.steps[0].at.line, flow.steps[0].at.column), (6, 7));
}
