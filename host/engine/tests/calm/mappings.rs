//! Who fills a slot (`rasa-calm.md` §2.3).

use crate::talk::{Talk, found, load, project, project_of};
use centralita_engine::project::FilledBy;
use centralita_engine::{LIKELY, Project, Source, matched};
use serde_json::{Value as Json, json};

const CONFIG: &str = "recipe: default.v1\nlanguage: en\nassistant_id: t\npipeline:\n- name: NLUCommandAdapter\n- name: CompactLLMCommandGenerator\npolicies:\n- name: FlowPolicy\n";
const NLU: &str = "nlu:\n- intent: happy\n  examples: |\n    - I feel wonderful today\n- intent: sad\n  examples: |\n    - everything is terrible\n";
const FLOWS: &str = "
flows:
  ask:
    description: asks
    run_pattern_completed: false
    steps:
    - collect: other
    - collect: x
";

fn domain(mappings: &str) -> String {
    let mappings = if mappings.is_empty() { String::new() } else { format!(", mappings: {mappings}") };
    format!(
        "slots:\n  x: {{type: text{mappings}}}\n  other: {{type: text}}\nresponses:\n  utter_ask_x: [{{text: What is x?}}]\n  utter_ask_other: [{{text: And the other?}}]\nintents: [happy, sad]\nentities: [colour]\nactions: [action_fill]\n"
    )
}

/// A project whose slot `x` has these mappings.
fn with(mappings: &str) -> Project {
    project_of(&[("config.yml", CONFIG), ("domain.yml", &domain(mappings)), ("data/nlu.yml", NLU), ("data/flows.yml", FLOWS)])
}

fn said_of(mappings: &str) -> Vec<String> {
    found(&[("config.yml", CONFIG), ("domain.yml", &domain(mappings)), ("data/nlu.yml", NLU), ("data/flows.yml", FLOWS)])
}

/// What `x` holds after the model has set it: while its own question is open or, with `early`, before that.
fn by_model(mappings: &str, early: bool) -> Json {
    let project = with(mappings);
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask");
    if !early {
        talk.model("set slot other o");
    }
    talk.model("set slot x words");
    let slot = talk.trail().into_iter().find_map(|line| line.strip_prefix("slot x = ").map(str::to_owned));
    slot.map_or(Json::Null, |value| serde_json::from_str(&value).unwrap())
}

/// What `x` becomes by these words without a model, while its own question is open or, with `early`, before that.
fn by_words(mappings: &str, words: &str, early: bool) -> Json {
    let project = with(mappings);
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask");
    if !early {
        talk.model("set slot other o");
    }
    let proposed = matched(&project, &talk.state, words).at(LIKELY);
    talk.proposes(words, proposed, Source::Matcher);
    let slot = talk.trail().into_iter().find_map(|line| line.strip_prefix("slot x = ").map(str::to_owned));
    slot.map_or(Json::Null, |value| serde_json::from_str(&value).unwrap())
}

#[test]
fn a_slot_without_mappings_is_filled_by_the_model() {
    assert_eq!(with("").slots["x"].filled_by, FilledBy::Model);
    assert_eq!(by_model("", false), json!("words"));
}

#[test]
fn from_llm_is_filled_at_its_question_and_before_it() {
    assert_eq!(by_model("[{type: from_llm}]", false), json!("words"));
    assert_eq!(by_model("[{type: from_llm}]", true), json!("words"));
}

#[test]
fn from_llm_is_not_filled_by_intents() {
    assert_eq!(by_words("[{type: from_llm}]", "I feel wonderful today", false), json!(null));
}

#[test]
fn from_llm_beside_another_mapping_is_an_error_unless_nlu_may_correct() {
    let mixed = |mappings: &str| said_of(mappings).iter().any(|line| line.contains("error") && line.contains("from_llm"));
    assert!(mixed("[{type: from_llm}, {type: from_intent, intent: happy, value: good}]"));
    assert!(mixed("[{type: from_llm}, {type: controlled}]"));
    assert!(!mixed("[{type: from_llm, allow_nlu_correction: true}, {type: from_intent, intent: happy, value: good}]"));
}

#[test]
fn a_model_fills_no_slot_of_nlu_and_no_controlled_slot() {
    for mappings in ["[{type: from_text}]", "[{type: from_intent, intent: happy, value: good}]", "[{type: controlled}]"] {
        assert_eq!(by_model(mappings, true), json!(null), "{mappings}");
    }
}

#[test]
fn from_intent_sets_its_value_at_the_question_and_elsewhere() {
    let mappings = "[{type: from_intent, intent: happy, value: good}]";
    assert_eq!(by_words(mappings, "I feel wonderful today", false), json!("good"));
    assert_eq!(by_words(mappings, "I feel wonderful today", true), json!("good"));
    assert_eq!(by_words(mappings, "everything is terrible", false), json!(null));
}

#[test]
fn from_intent_takes_several_intents_and_leaves_others_out() {
    assert_eq!(by_words("[{type: from_intent, intent: [happy, sad], value: felt}]", "everything is terrible", false), json!("felt"));
    assert_eq!(by_words("[{type: from_intent, not_intent: sad, value: felt}]", "everything is terrible", false), json!(null));
    assert_eq!(by_words("[{type: from_intent, not_intent: sad, value: felt}]", "I feel wonderful today", false), json!("felt"));
}

#[test]
fn the_first_mapping_that_applies_counts() {
    let mappings = "[{type: from_intent, intent: sad, value: bad}, {type: from_intent, intent: happy, value: good}, {type: from_intent, value: any}]";
    assert_eq!(by_words(mappings, "I feel wonderful today", false), json!("good"));
    assert_eq!(by_words(mappings, "everything is terrible", false), json!("bad"));
}

#[test]
fn from_trigger_intent_is_read_like_from_intent() {
    assert_eq!(by_words("[{type: from_trigger_intent, intent: happy, value: good}]", "I feel wonderful today", false), json!("good"));
}

#[test]
fn from_text_takes_the_whole_answer_to_its_question() {
    assert_eq!(by_words("[{type: from_text}]", "Elm street 5, second floor", false), json!("Elm street 5, second floor"));
    assert_eq!(by_words("[{type: from_text}]", "Elm street 5", true), json!(null));
    assert_eq!(by_words("[{type: from_text, not_intent: sad}]", "everything is terrible", false), json!(null));
}

/// What `x` holds after this payload, with the flow `ask` under way.
fn by_payload(mappings: &str, payload: &str) -> Json {
    let project = with(mappings);
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask");
    talk.sends(payload);
    talk.slot("x")
}

#[test]
fn from_entity_takes_the_entity_of_its_name() {
    assert_eq!(by_payload("[{type: from_entity, entity: colour}]", "/happy{\"colour\": \"red\"}"), json!("red"));
    assert_eq!(by_payload("[{type: from_entity, entity: size}]", "/happy{\"colour\": \"red\"}"), json!(null));
}

#[test]
fn from_entity_minds_the_intent() {
    assert_eq!(by_payload("[{type: from_entity, entity: colour, intent: happy}]", "/happy{\"colour\": \"red\"}"), json!("red"));
    assert_eq!(by_payload("[{type: from_entity, entity: colour, intent: [sad]}]", "/happy{\"colour\": \"red\"}"), json!(null));
    assert_eq!(by_payload("[{type: from_entity, entity: colour, not_intent: happy}]", "/happy{\"colour\": \"red\"}"), json!(null));
}

#[test]
fn a_role_or_group_of_an_entity_is_told_apart_by_nobody_and_a_warning_says_so() {
    let said = said_of("[{type: from_entity, entity: colour, role: front, group: \"1\"}]");
    assert!(said.iter().any(|line| line.contains("warning") && line.contains("role or group")), "{said:?}");
    assert_eq!(by_payload("[{type: from_entity, entity: colour, role: front}]", "/happy{\"colour\": \"red\"}"), json!(null));
}

#[test]
fn a_mapping_may_count_only_while_a_flow_is_active() {
    let in_flow = |flow: &str| format!("[{{type: from_intent, intent: happy, value: good, conditions: [{{active_flow: {flow}}}]}}]");
    assert_eq!(by_words(&in_flow("ask"), "I feel wonderful today", true), json!("good"));
    assert_eq!(by_words(&in_flow("another"), "I feel wonderful today", true), json!(null));
}

#[test]
fn a_mapping_for_a_form_never_counts_and_a_warning_says_so() {
    let mappings = "[{type: from_intent, intent: happy, value: good, conditions: [{active_loop: some_form, requested_slot: x}]}]";
    assert!(said_of(mappings).iter().any(|line| line.contains("warning") && line.contains("form")));
    assert_eq!(by_words(mappings, "I feel wonderful today", false), json!(null));
}

#[test]
fn controlled_and_its_older_name_custom_are_filled_by_actions_set_slots_and_buttons() {
    for kind in ["controlled", "custom, action: action_fill"] {
        let flows = "flows:\n  fill:\n    description: fills\n    steps:\n    - action: action_fill\n    - set_slots: [{other: seen}]\n    - collect: x\n";
        let project = project(&domain(&format!("[{{type: {kind}, coexistence_system: CALM}}]")), flows);
        let mut talk = Talk::begin(&project);
        talk.will_set("action_fill", &[("x", json!("by action"))]);
        talk.model("start flow fill");
        assert!(talk.trail().contains(&"slot x = \"by action\"".to_owned()), "{kind}");
        let mut talk = Talk::begin(&project);
        talk.model("start flow fill");
        talk.sends("/SetSlots(x=by button)");
        assert!(talk.trail().contains(&"slot x = \"by button\"".to_owned()), "{kind}: {:?}", talk.trail());
    }
}

#[test]
fn custom_without_an_action_cannot_be_collected() {
    assert!(said_of("[{type: custom}]").iter().any(|line| line.contains("error") && line.contains("`custom`")));
}

#[test]
fn the_action_of_a_mapping_runs_every_turn_by_either_key() {
    for key in ["run_action_every_turn", "action"] {
        let project = with(&format!("[{{type: controlled, {key}: action_fill}}]"));
        let mut talk = Talk::begin(&project);
        talk.model("start flow ask");
        assert_eq!(talk.ran(), ["action_fill"], "{key}");
        talk.model("set slot other o");
        assert_eq!(talk.ran(), ["action_fill"], "{key}");
    }
}

#[test]
fn unknown_keys_of_a_mapping_are_ignored_with_a_warning() {
    let domain = domain("[{type: from_llm, prompt: x, llm_config: {}}]");
    let (loaded, said) = load(&[("domain.yml", &domain), ("data/flows.yml", FLOWS)]);
    assert!(
        loaded.is_some() && said.iter().filter(|line| line.contains("warning") && (line.contains("`prompt`") || line.contains("`llm_config`"))).count() == 2
    );
}

#[test]
fn a_mapping_of_no_known_kind_is_an_error() {
    assert!(said_of("[{type: from_thin_air}]").iter().any(|line| line.contains("error") && line.contains("from_thin_air")));
}
