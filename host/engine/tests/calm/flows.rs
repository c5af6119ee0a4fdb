//! Keys of flows, guards and triggers (`rasa-calm.md` §1.2, §1.3).

use crate::talk::{Talk, found, load, project, project_of};
use centralita_engine::{LIKELY, legal, matched};
use serde_json::json;

const DOMAIN: &str = "
slots:
  vip: {type: bool}
  note: {type: text}
responses:
  utter_hello: [{text: Hello}]
  utter_ask_note: [{text: What shall I note?}]
intents: [greeting, farewell]
";
const NLU: &str =
    "nlu:\n- intent: greeting\n  examples: |\n    - good morning to you\n    - hello there\n- intent: farewell\n  examples: |\n    - see you later alligator\n";
const ADAPTER: &str = "recipe: default.v1\nlanguage: en\nassistant_id: t\npipeline:\n- name: NLUCommandAdapter\n- name: CompactLLMCommandGenerator\npolicies:\n- name: FlowPolicy\n";

/// A flow `greet` with these further lines.
fn flow(keys: &str) -> String {
    format!("flows:\n  greet:\n    description: says hello\n{keys}    steps:\n    - action: utter_hello\n")
}

fn offered(keys: &str, vip: bool) -> bool {
    let project = project_of(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow(keys))]);
    let mut talk = Talk::begin(&project);
    talk.told("vip", json!(vip));
    !legal(&project, &talk.state).flows.is_empty()
}

#[track_caller]
fn refused(flows: &str, part: &str) {
    let said = found(&[("domain.yml", DOMAIN), ("data/flows.yml", flows)]);
    assert!(said.iter().any(|line| line.contains(": error: ") && line.contains(part)), "{said:?}");
}

#[test]
fn the_id_of_a_flow_has_letters_digits_underscores_and_hyphens_and_no_hyphen_first() {
    let with = |id: &str| format!("flows:\n  {id}:\n    description: says hello\n    steps:\n    - action: utter_hello\n");
    project(DOMAIN, &with("Block-card_2"));
    for id in ["-block", "\"block card\"", "block.card", "bloqué"] {
        refused(&with(id), "name");
    }
}

#[test]
fn the_readable_name_of_a_flow_is_its_id_when_none_is_written() {
    let project = project(DOMAIN, &flow(""));
    assert_eq!(project.flows["greet"].name, "greet");
}

#[test]
fn the_readable_name_of_a_flow_is_said_where_the_flow_is_named() {
    let flows = "flows:\n  take_note:\n    name: take a note\n    description: notes\n    steps:\n    - collect: note\n";
    let project = project(DOMAIN, flows);
    let mut talk = Talk::begin(&project);
    talk.model("start flow take_note");
    assert!(talk.model("cancel flow")[0].contains("take a note"));
}

#[test]
fn a_flow_without_a_description_is_an_error() {
    refused("flows:\n  greet:\n    steps:\n    - action: utter_hello\n", "description");
}

#[test]
fn a_flow_without_steps_is_an_error() {
    refused("flows:\n  greet:\n    description: says hello\n    steps: []\n", "steps");
}

#[test]
fn an_unknown_key_of_a_flow_is_a_warning() {
    let (loaded, said) = load(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow("    colour: blue\n"))]);
    assert!(loaded.is_some() && said.iter().any(|line| line.contains("4:5: warning") && line.contains("`colour`")), "{said:?}");
}

#[test]
fn the_file_path_that_exports_write_is_ignored() {
    project(DOMAIN, &flow("    file_path: data/flows.yml\n"));
}

#[test]
fn a_guard_may_be_a_predicate_or_a_truth_value_of_yaml() {
    assert!(offered("    if: slots.vip\n", true));
    assert!(!offered("    if: slots.vip\n", false));
    assert!(!offered("    if: False\n", true));
    assert!(!offered("    if: false\n", true));
    assert!(offered("    if: True\n", false));
    assert!(offered("", false));
}

#[test]
fn a_start_of_a_flow_whose_guard_is_false_is_dropped() {
    let project = project(DOMAIN, &flow("    if: False\n"));
    let mut talk = Talk::begin(&project);
    talk.model("start flow greet");
    assert_eq!(talk.responses(), ["utter_ask_rephrase"]);
}

#[test]
fn a_link_and_a_call_ask_no_guard() {
    let more = "  linking:\n    description: links\n    steps:\n    - link: greet\n  calling:\n    description: calls\n    steps:\n    - call: greet\n";
    let project = project(DOMAIN, &(flow("    if: False\n") + more));
    for id in ["linking", "calling"] {
        assert_eq!(Talk::begin(&project).model(&format!("start flow {id}"))[0], "Hello", "{id}");
    }
}

#[test]
fn an_intent_sent_literally_starts_its_flow_whatever_the_guard_says() {
    let project = project(DOMAIN, &flow("    if: False\n    nlu_trigger:\n    - intent: greeting\n"));
    assert_eq!(Talk::begin(&project).sends("/greeting")[0], "Hello");
}

#[test]
fn a_trigger_may_have_a_threshold_and_without_one_any_confidence_will_do() {
    let at = |trigger: &str| {
        let flows = flow(&format!("    nlu_trigger:\n    - intent: {trigger}\n"));
        let project = project_of(&[("config.yml", ADAPTER), ("domain.yml", DOMAIN), ("data/nlu.yml", NLU), ("data/flows.yml", &flows)]);
        let talk = Talk::begin(&project);
        matched(&project, &talk.state, "good morning to you").at(LIKELY).len()
    };
    assert_eq!(at("greeting"), 1);
    assert_eq!(at("{name: greeting, confidence_threshold: 0.2}"), 1);
    assert_eq!(at("{name: greeting, confidence_threshold: 1.1}"), 0);
}

#[test]
fn of_several_flows_with_one_trigger_the_first_defined_starts() {
    let flows = "flows:\n  zebra:\n    description: first\n    nlu_trigger: [{intent: greeting}]\n    steps:\n    - action: utter_hello\n  ant:\n    description: second\n    nlu_trigger: [{intent: greeting}]\n    steps:\n    - collect: note\n";
    let project = project_of(&[("domain.yml", DOMAIN), ("data/flows.yml", flows)]);
    let mut talk = Talk::begin(&project);
    talk.sends("/greeting");
    assert_eq!(talk.flow_events()[0], "flow_started zebra");
}

#[test]
fn a_flow_may_leave_out_the_words_after_it() {
    let project = project(DOMAIN, &flow("    run_pattern_completed: false\n"));
    assert_eq!(Talk::begin(&project).model("start flow greet"), ["Hello"]);
    let project = self::project(DOMAIN, &flow("    run_pattern_completed: true\n"));
    assert_eq!(Talk::begin(&project).model("start flow greet").len(), 2);
}

#[test]
fn only_the_outer_flow_says_whether_something_follows() {
    let flows = "flows:\n  outer:\n    description: outer\n    run_pattern_completed: false\n    steps:\n    - call: inner\n  inner:\n    description: inner\n    steps:\n    - action: utter_hello\n";
    let project = project(DOMAIN, flows);
    assert_eq!(Talk::begin(&project).model("start flow outer"), ["Hello"]);
}

#[test]
fn a_persisted_slot_keeps_its_value_when_the_flow_ends() {
    let flows = |persisted: &str| format!("flows:\n  take:\n    description: notes\n{persisted}    steps:\n    - collect: note\n");
    for (persisted, expected) in [("    persisted_slots: [note]\n", json!("milk")), ("", json!(null))] {
        let project = project(DOMAIN, &flows(persisted));
        let mut talk = Talk::begin(&project);
        talk.model("start flow take\nset slot note milk");
        assert_eq!(talk.slot("note"), expected);
    }
}

#[test]
fn a_called_flow_has_persisted_slots_of_its_own() {
    let flows = "flows:\n  outer:\n    description: outer\n    steps:\n    - call: take\n  take:\n    description: notes\n    persisted_slots: [note]\n    steps:\n    - collect: note\n";
    let project = project(DOMAIN, flows);
    let mut talk = Talk::begin(&project);
    talk.model("start flow outer");
    talk.model("set slot note milk");
    assert_eq!(talk.slot("note"), json!("milk"));
}

#[test]
fn a_flow_has_names_in_other_languages() {
    let flows = "flows:\n  take_note:\n    name: take a note\n    description: notes\n    translation:\n      es: {name: tomar nota}\n    steps:\n    - collect: note\n";
    let config = format!("{}additional_languages: [es]\n", crate::talk::CONFIG);
    let project = project_of(&[("config.yml", &config), ("domain.yml", DOMAIN), ("data/flows.yml", flows)]);
    let mut talk = Talk::begin(&project);
    talk.told("language", json!("es"));
    talk.model("start flow take_note");
    assert!(talk.model("cancel flow")[0].contains("tomar nota"), "{:?}", talk.said());
}

#[test]
fn a_flow_may_be_in_every_prompt() {
    assert!(project(DOMAIN, &flow("    always_include_in_prompt: true\n")).flows["greet"].always_in_prompt);
    assert!(!project(DOMAIN, &flow("")).flows["greet"].always_in_prompt);
}
