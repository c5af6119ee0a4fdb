//! Slots, their types and what they make of values; built-in slots; sessions (`rasa-calm.md` §2.2, §2.6).

use crate::talk::{CONFIG, Talk, found, load, project, project_of};
use centralita_engine::project::SlotKind;
use centralita_engine::{Project, Value};
use serde_json::{Value as Json, json};

const RESPONSES: &str = "
responses:
  utter_ask_x: [{text: What is x?}]
  utter_ask_y: [{text: What is y?}]
  utter_again: [{text: Once more}]
  utter_no: [{text: Not that}]
";
const FLOWS: &str = "
flows:
  ask:
    description: asks
    run_pattern_completed: false
    steps:
    - collect: x
    - collect: y
";

/// A project whose slot `x` is written like this.
fn with(x: &str) -> Project {
    project(&format!("slots:\n  x: {x}\n  y: {{type: text}}\n{RESPONSES}"), FLOWS)
}

/// What loading says of a slot `x` that is written like this.
fn said_of(x: &str) -> Vec<String> {
    found(&[("domain.yml", &format!("slots:\n  x: {x}\n  y: {{type: text}}\n{RESPONSES}")), ("data/flows.yml", FLOWS)])
}

/// What `x` becomes when the caller answers this to its question, and what is said first.
fn answered(x: &str, answer: &str) -> (Json, String) {
    let project = with(x);
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask");
    talk.model(&format!("set slot x {answer}"));
    (talk.slot("x"), talk.responses().first().cloned().unwrap_or_default())
}

#[track_caller]
fn becomes(x: &str, answer: &str, expected: Json) {
    assert_eq!(answered(x, answer), (expected, "utter_ask_y".to_owned()), "{answer}");
}

#[track_caller]
fn refused(x: &str, answer: &str, response: &str) {
    assert_eq!(answered(x, answer), (Json::Null, response.to_owned()), "{answer}");
}

#[test]
fn every_type_of_slot_is_read_by_its_name_and_by_its_python_class() {
    let kind =
        |written: &str| with(&format!("{{type: {written}, values: [a, b], mappings: [{{type: controlled}}]}}").replace("collect", "")).slots["x"].kind.clone();
    let pairs = [("text", "TextSlot"), ("bool", "BooleanSlot"), ("categorical", "CategoricalSlot"), ("float", "FloatSlot"), ("any", "AnySlot")];
    for (name, class) in pairs {
        assert_eq!(kind(name), kind(&format!("rasa.shared.core.slots.{class}")), "{name}");
    }
    assert_eq!(kind("strict_categorical"), SlotKind::Categorical(vec!["a".into(), "b".into()]));
}

#[test]
fn a_type_that_nobody_knows_is_an_error_and_so_is_none() {
    for written in ["{type: colour}", "{type: my.own.ColourSlot}", "{initial_value: 1}"] {
        assert!(said_of(written).iter().any(|line| line.contains("domain.yml:2:3: error") && line.contains("type")), "{written}");
    }
}

#[test]
fn the_type_of_rasa_1_is_read_as_any_with_a_warning() {
    let said = said_of("{type: unfeaturized}");
    assert!(said.len() == 1 && said[0].contains("warning") && said[0].contains("any"), "{said:?}");
}

#[test]
fn keys_without_a_meaning_for_flows_are_accepted() {
    with("{type: text, influence_conversation: false, shared_for_coexistence: true, is_builtin: true, auto_fill: false}");
}

#[test]
fn an_unknown_key_of_a_slot_is_a_warning() {
    let said = said_of("{type: text, colour: blue}");
    assert!(said.len() == 1 && said[0].contains("warning") && said[0].contains("`colour`"), "{said:?}");
}

#[test]
fn an_initial_value_is_there_at_the_start_and_after_a_reset() {
    let project = with("{type: text, initial_value: small}");
    let mut talk = Talk::begin(&project);
    assert_eq!(talk.slot("x"), json!("small"));
    talk.model("start flow ask\nset slot x large\nset slot y b");
    assert!(talk.trail().contains(&"slot x = \"large\"".to_owned()));
    assert_eq!(talk.slot("x"), json!("small"));
}

#[test]
fn text_takes_any_words_and_numbers_become_words() {
    becomes("{type: text}", "any words: 5!", json!("any words: 5!"));
    becomes("{type: text}", "5", json!("5"));
    let slot = &with("{type: text}").slots["x"];
    assert!(slot.coerce(&Value::Number(5.0)) == Some(Value::text("5")));
}

#[test]
fn bool_takes_the_words_for_yes_and_no_in_any_case() {
    for (words, expected) in [(["true", "Yes", "y", "1"], true), (["FALSE", "no", "N", "0"], false)] {
        words.iter().for_each(|word| becomes("{type: bool}", word, json!(expected)));
    }
}

#[test]
fn bool_refuses_other_words_by_its_own_response_and_stays_empty() {
    refused("{type: bool}", "perhaps", "utter_boolean_slot_rejection");
}

#[test]
fn categorical_ignores_case_and_keeps_the_declared_spelling() {
    becomes("{type: categorical, values: [Small, Large]}", "LARGE", json!("Large"));
    becomes("{type: categorical, values: [Sí, No]}", "SÍ", json!("Sí"));
    becomes("{type: categorical, values: [1, 2]}", "2", json!("2"));
}

#[test]
fn categorical_refuses_other_values_by_its_own_response() {
    refused("{type: categorical, values: [small, large]}", "huge", "utter_categorical_slot_rejection");
}

#[test]
fn values_that_differ_only_by_case_are_a_warning() {
    let said = said_of("{type: categorical, values: [small, Small]}");
    assert!(said.len() == 1 && said[0].contains("warning") && said[0].contains("case"), "{said:?}");
}

#[test]
fn float_takes_numbers_and_texts_of_them() {
    becomes("{type: float}", "5", json!(5.0));
    becomes("{type: float}", " -2.5 ", json!(-2.5));
}

#[test]
fn float_refuses_what_is_no_number_by_its_own_response() {
    for word in ["five", "nan", "1e999", "5 euros"] {
        refused("{type: float}", word, "utter_float_slot_rejection");
    }
}

#[test]
fn the_range_of_a_float_counts_only_where_it_is_written() {
    becomes("{type: float}", "-1000000", json!(-1_000_000.0));
    becomes("{type: float, min_value: 0, max_value: 10}", "10", json!(10.0));
    refused("{type: float, min_value: 0, max_value: 10}", "11", "utter_float_slot_rejection");
    refused("{type: float, min_value: 0}", "-1", "utter_float_slot_rejection");
}

#[test]
fn any_takes_everything_as_it_is() {
    becomes("{type: any}", "5", json!("5"));
    let project = with("{type: any}");
    let mut talk = Talk::begin(&project);
    talk.told("x", json!({"a": [1.5, true]}));
    assert_eq!(talk.slot("x"), json!({"a": [1.5, true]}));
}

#[test]
fn a_list_takes_lists_of_anything_and_only_from_actions() {
    let domain =
        format!("slots:\n  x: {{type: text}}\n  y: {{type: text}}\n  l: {{type: list, mappings: [{{type: controlled}}]}}\n{RESPONSES}actions: [action_fill]\n");
    let flows = "flows:\n  fill:\n    description: fills\n    steps:\n    - action: action_fill\n";
    let project = project(&domain, flows);
    let mut talk = Talk::begin(&project);
    talk.will_set("action_fill", &[("l", json!(["a", {"b": 1.5}]))]);
    talk.model("start flow fill");
    assert_eq!(talk.slot("l"), json!(["a", {"b": 1.5}]));
    talk.sends("/SetSlots(l=b)");
    assert_eq!(talk.slot("l"), json!(["a", {"b": 1.5}]));
    assert!(project.slots["l"].coerce(&Value::text("a")).is_none());
}

#[test]
fn strict_categorical_takes_its_values_only() {
    let slot = &with("{type: strict_categorical, values: [en, es]}").slots["x"];
    assert!(slot.coerce(&Value::text("es")) == Some(Value::text("es")) && slot.coerce(&Value::text("fr")).is_none());
}

#[test]
fn null_empties_a_slot_of_any_type() {
    for kind in ["text", "bool", "float", "any", "list", "categorical"] {
        let project = project_of(&[("domain.yml", &format!("slots:\n  z: {{type: {kind}, values: [a], mappings: [{{type: controlled}}]}}\n"))]);
        assert!(project.slots["z"].coerce(&Value::None) == Some(Value::None), "{kind}");
    }
}

#[test]
fn what_an_action_gives_a_text_slot_stays_what_it_is() {
    let project = with("{type: text}");
    let mut talk = Talk::begin(&project);
    talk.told("x", json!(["a", "b"]));
    assert_eq!(talk.slot("x"), json!(["a", "b"]));
}

#[test]
fn validation_refuses_whenever_the_slot_is_set_and_asks_again() {
    let rejections = "rejections: [{if: slots.x = \"bad\", utter: utter_no}]";
    let project = with(&format!("{{type: text, validation: {{{rejections}}}}}"));
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask\nset slot x bad");
    assert_eq!(talk.responses(), ["utter_no", "utter_ask_x"]);
    let project = with(&format!("{{type: text, validation: {{{rejections}, refill_utter: utter_again}}}}"));
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask");
    talk.model("set slot x bad");
    assert_eq!(talk.responses()[..2], ["utter_no", "utter_again"]);
}

#[test]
fn an_action_may_ask_again_after_a_validation() {
    let domain = format!(
        "slots:\n  x: {{type: text, validation: {{rejections: [{{if: slots.x = \"bad\", utter: utter_no}}], refill_action: action_again}}}}\n  y: {{type: text}}\n{RESPONSES}actions: [action_again]\n"
    );
    let project = project(&domain, FLOWS);
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask\nset slot x bad");
    assert!(talk.ran().contains(&"action_again".to_owned()), "{:?}", talk.trail());
}

#[test]
fn built_in_slots_are_there_without_being_declared() {
    let project = with("{type: text}");
    let talk = Talk::begin(&project);
    for (name, kind, value) in [
        ("session_started_metadata", SlotKind::Any, json!(null)),
        ("return_value", SlotKind::Any, json!(null)),
        ("requested_slot", SlotKind::Text, json!(null)),
        ("confirm_correction", SlotKind::Bool, json!(null)),
        ("silence_timeout", SlotKind::Float, json!(7.0)),
        ("consecutive_silence_timeouts", SlotKind::Float, json!(0.0)),
        ("flow_hashes", SlotKind::Any, json!(null)),
        ("mocked_datetime", SlotKind::Text, json!(null)),
        ("language", SlotKind::Categorical(vec!["en".into()]), json!("en")),
    ] {
        assert_eq!((&project.slots[name].kind, talk.slot(name)), (&kind, value), "{name}");
    }
}

#[test]
fn the_stack_is_no_slot_and_the_switch_between_systems_is_the_projects_to_declare() {
    let project = with("{type: text}");
    assert!(!project.slots.contains_key("dialogue_stack") && !project.slots.contains_key("route_session_to_calm"));
}

#[test]
fn a_project_may_declare_a_built_in_slot_its_own_way() {
    let domain = format!("slots:\n  x: {{type: text}}\n  y: {{type: text}}\n  silence_timeout: {{type: float, initial_value: 3.5}}\n{RESPONSES}");
    assert_eq!(Talk::begin(&project(&domain, FLOWS)).slot("silence_timeout"), json!(3.5));
}

#[test]
fn what_the_opening_message_brings_along_is_a_slot() {
    let project = with("{type: text}");
    let talk = Talk::on(&project, "rest", json!({"user_phone": "555"}));
    assert_eq!(talk.slot("session_started_metadata"), json!({"user_phone": "555"}));
}

#[test]
fn slots_of_later_versions_are_there_with_those_versions() {
    let slots = |compat: &str| {
        let config = format!("{CONFIG}centralita: {{compat: \"{compat}\"}}\n");
        let (project, _) = load(&[("config.yml", &config)]);
        project.unwrap().slots.into_keys().map(|name| name.to_string()).collect::<Vec<_>>()
    };
    let has = |compat: &str, name: &str| slots(compat).iter().any(|slot| slot == name);
    for (name, before, since) in [
        ("interrupted_flow_to_continue", "3.13", "3.14"),
        ("continue_interrupted_flow_confirmation", "3.13", "3.14"),
        ("max_clarification_options", "3.14", "3.15"),
        ("continue_conversation", "3.15", "3.16"),
        ("csat_score", "3.15", "3.16"),
    ] {
        assert!(!has(before, name) && has(since, name), "{name}");
    }
}

#[test]
fn a_session_expires_after_an_hour_and_carries_slots_unless_told_otherwise() {
    let project = with("{type: text}");
    assert!(project.session_minutes == 60.0 && project.carries_slots);
    let config = "session_config:\n  session_expiration_time: 0\n  carry_over_slots_to_new_session: false\n  start_session_after_expiry: true\n";
    let project = self::project(&format!("slots:\n  x: {{type: text}}\n  y: {{type: text}}\n{RESPONSES}{config}"), FLOWS);
    assert!(project.session_minutes == 0.0 && !project.carries_slots);
}

#[test]
fn a_session_that_would_not_begin_anew_is_a_warning() {
    let said = found(&[("domain.yml", "session_config: {start_session_after_expiry: false}\n")]);
    assert!(said.len() == 1 && said[0].contains("warning") && said[0].contains("start_session_after_expiry"), "{said:?}");
}
