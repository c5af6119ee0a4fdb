//! Responses, their holes, their selection and their buttons (`rasa-calm.md` §2.4, §2.5).

use crate::talk::{CONFIG, Talk, found, load, project, project_of};
use centralita_engine::{Event, Project};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

const SLOTS: &str = "
slots:
  name: {type: text}
  amount: {type: float}
  vip: {type: bool}
  any: {type: any}
  level: {type: any}
";
const FLOWS: &str = "
flows:
  say:
    description: says it
    run_pattern_completed: false
    persisted_slots: [name, amount, vip]
    steps:
    - action: utter_it
    - noop: true
      next:
      - if: slots.name = \"nobody at all\"
        then:
        - collect: name
        - collect: amount
        - collect: vip
          next: END
      - else: END
";
const ASKS: &str = "  utter_ask_name: [{text: Name?}]\n  utter_ask_amount: [{text: Amount?}]\n  utter_ask_vip: [{text: Vip?}]\n";

/// A project whose `utter_it` has these variations.
fn with(variations: &str) -> Project {
    project(&format!("{SLOTS}responses:\n{ASKS}  utter_it:\n{variations}"), FLOWS)
}

fn said_of(variations: &str) -> Vec<String> {
    found(&[("domain.yml", &format!("{SLOTS}responses:\n{ASKS}  utter_it:\n{variations}")), ("data/flows.yml", FLOWS)])
}

/// What `utter_it` says on a channel with these slots.
fn says_on(channel: &str, variations: &str, slots: &[(&str, Json)]) -> String {
    let project = with(variations);
    let mut talk = Talk::on(&project, channel, Json::Null);
    slots.iter().for_each(|(name, value)| talk.told(name, value.clone()));
    talk.model("start flow say")[0].clone()
}

fn says(variations: &str, slots: &[(&str, Json)]) -> String {
    says_on("rest", variations, slots)
}

/// The rest of what `utter_it` shows: its payload for a channel, and its rich parts.
fn shows(variations: &str) -> (Json, Json) {
    let project = with(variations);
    let mut talk = Talk::begin(&project);
    talk.told("name", json!("Ann"));
    talk.model("start flow say");
    let shown = talk.last().iter().find_map(|event| if let Event::Said { custom, rich, .. } = event { Some((custom.clone(), rich.clone())) } else { None });
    let (custom, rich) = shown.unwrap();
    (custom.unwrap_or_default(), Json::Object(rich))
}

#[test]
fn a_hole_says_the_slot_of_its_name() {
    assert_eq!(says("  - text: 'Hello {name}, {any.key}'\n", &[("name", json!("Ann")), ("any", json!({"key": "v"}))]), "Hello Ann, v");
}

#[test]
fn a_hole_of_nothing_says_none() {
    assert_eq!(says("  - text: 'Hello {name} {nobody}'\n", &[]), "Hello None None");
}

#[test]
fn doubled_braces_are_braces() {
    assert_eq!(says("  - text: 'a {{b}} {name}'\n", &[("name", json!("c"))]), "a {b} c");
}

#[test]
fn a_number_without_a_fraction_is_said_as_a_whole_number() {
    assert_eq!(says("  - text: '{amount}'\n", &[("amount", json!(50.0))]), "50");
    assert_eq!(says("  - text: '{amount}'\n", &[("amount", json!(2.5))]), "2.5");
    assert_eq!(says("  - text: '{{ amount }}'\n    metadata: {template: jinja}\n", &[("amount", json!(50.0))]), "50");
}

#[test]
fn truth_values_are_said_as_python_does() {
    assert_eq!(says("  - text: '{vip}'\n", &[("vip", json!(true))]), "True");
    assert_eq!(says("  - text: '{{ vip }} {{ name }}'\n    metadata: {template: jinja}\n", &[("vip", json!(false))]), "False None");
}

#[test]
fn jinja_sees_slots_by_name_and_context() {
    let text = "  - text: '{% if vip %}Dear {{ name | upper }}{% else %}Hi{% endif %} {{ context.flow_id }}'\n    metadata: {template: jinja}\n";
    assert_eq!(says(text, &[("vip", json!(true)), ("name", json!("Ann"))]), "Dear ANN say");
}

#[test]
fn jinja_has_the_methods_of_python_and_the_filter_of_rasa() {
    let text = "  - text: '{{ any.keys() | join(\", \") }} {{ name | to_json_escaped_string }}'\n    metadata: {template: jinja}\n";
    assert_eq!(says(text, &[("any", json!({"a": 1, "b": 2})), ("name", json!("a \"b\""))]), "a, b a \\\"b\\\"");
}

#[test]
fn jinja_that_cannot_be_read_is_an_error_at_load() {
    assert!(said_of("  - text: '{% if vip %}'\n    metadata: {template: jinja}\n").iter().any(|line| line.contains("error")));
}

#[test]
fn without_the_key_for_jinja_its_braces_are_plain_text() {
    assert_eq!(says("  - text: '{{ name }}'\n", &[("name", json!("Ann"))]), "{ name }");
}

#[test]
fn image_attachment_and_elements_are_shown_with_their_holes_filled() {
    let rich = "  - text: Look\n    image: 'https://example.org/{name}.png'\n    attachment: {type: file, name: '{name}'}\n    elements: [{title: '{name}'}]\n";
    let expected = json!({"image": "https://example.org/Ann.png", "attachment": {"type": "file", "name": "Ann"}, "elements": [{"title": "Ann"}]});
    assert_eq!(shows(rich).1, expected);
}

#[test]
fn a_custom_payload_has_its_holes_filled_at_every_depth() {
    assert_eq!(shows("  - custom: {a: [{b: 'for {name}'}], n: 1}\n").0, json!({"a": [{"b": "for Ann"}], "n": 1.0}));
}

#[test]
fn a_variation_for_a_channel_is_said_only_there() {
    let both = "  - text: typed\n  - text: spoken\n    channel: twilio_voice\n";
    assert_eq!((says_on("rest", both, &[]), says_on("twilio_voice", both, &[])), ("typed".into(), "spoken".into()));
}

#[test]
fn a_condition_may_be_a_predicate_over_slots() {
    let both = "  - text: much\n    condition: slots.amount > 10\n  - text: little\n";
    assert_eq!((says(both, &[("amount", json!(11))]), says(both, &[("amount", json!(1))])), ("much".into(), "little".into()));
    assert_eq!(says(both, &[]), "little");
}

#[test]
fn a_condition_may_be_a_list_of_slots_that_all_have_to_be_equal() {
    let both = "  - text: both\n    condition:\n    - {type: slot, name: vip, value: true}\n    - {type: slot, name: name, value: Ann}\n  - text: not both\n";
    assert_eq!(says(both, &[("vip", json!(true)), ("name", json!("Ann"))]), "both");
    assert_eq!(says(both, &[("vip", json!(true)), ("name", json!("Bob"))]), "not both");
}

#[test]
fn the_older_condition_compares_types_too() {
    let one = "  - text: equal\n    condition: [{type: slot, name: level, value: 1}]\n  - text: other\n";
    assert_eq!(says(one, &[("level", json!(1))]), "equal");
    assert_eq!(says(one, &[("level", json!(true))]), "other");
    assert_eq!(says(one, &[("level", json!("1"))]), "other");
}

#[test]
fn condition_and_channel_come_before_channel_before_condition_before_neither() {
    let variation = |text: &str, vip: bool, channel: bool| {
        let condition = if vip { "    condition: slots.vip\n" } else { "" };
        format!("  - text: {text}\n{condition}{}", if channel { "    channel: rest\n" } else { "" })
    };
    let all = [variation("neither", false, false), variation("condition", true, false), variation("channel", false, true), variation("both", true, true)];
    let says = |count: usize| says(&all[..count].concat(), &[("vip", json!(true))]);
    assert_eq!([says(1), says(2), says(3), says(4)], ["neither", "condition", "channel", "both"]);
}

#[test]
fn among_equals_chance_decides_and_the_seed_of_the_call_is_the_chance() {
    let project = with("  - text: one\n  - text: two\n  - text: three\n");
    let said = |seed| Talk::seeded(&project, "rest", Json::Null, seed).model("start flow say")[0].clone();
    let all: BTreeSet<String> = (0..40).map(said).collect();
    assert_eq!(all.len(), 3);
    assert_eq!(said(7), said(7));
}

#[test]
fn a_response_of_which_nothing_may_be_said_is_an_internal_error() {
    let project = with("  - text: spoken\n    channel: twilio_voice\n");
    let mut talk = Talk::begin(&project);
    talk.model("start flow say");
    assert_eq!(talk.responses(), ["utter_internal_error_rasa"]);
}

#[test]
fn a_translation_is_said_when_the_slot_language_says_so() {
    for written in ["{es: Hola, fr: Bonjour}", "{es: {text: Hola}, fr: {text: Bonjour}}"] {
        let config = format!("{CONFIG}additional_languages: [es, fr, de]\n");
        let domain = format!("{SLOTS}responses:\n{ASKS}  utter_it:\n  - text: Hello\n    translation: {written}\n");
        let project = project_of(&[("config.yml", &config), ("domain.yml", &domain), ("data/flows.yml", FLOWS)]);
        let mut talk = Talk::begin(&project);
        assert_eq!(talk.model("start flow say")[0], "Hello");
        for (language, expected) in [("es", "Hola"), ("fr", "Bonjour"), ("de", "Hello")] {
            talk.told("language", json!(language));
            assert_eq!(talk.model("start flow say")[0], expected, "{written}");
        }
    }
}

#[test]
fn buttons_have_titles_payloads_and_translations() {
    let config = format!("{CONFIG}additional_languages: [es]\n");
    let buttons = "  - text: Choose\n    buttons:\n    - {title: 'Yes {name}', payload: '/SetSlots(vip=true)', translation: {es: Sí}}\n    - title: No\n      payload: 'no thanks'\n      translation: {es: {title: Nada}}\n    - title: Perhaps\n";
    let domain = format!("{SLOTS}responses:\n{ASKS}  utter_it:\n{buttons}");
    let project = project_of(&[("config.yml", &config), ("domain.yml", &domain), ("data/flows.yml", FLOWS)]);
    let mut talk = Talk::begin(&project);
    talk.told("name", json!("Ann"));
    talk.model("start flow say");
    assert_eq!(talk.buttons(), ["Yes Ann -> /SetSlots(vip=true)", "No -> no thanks", "Perhaps -> Perhaps"]);
    talk.told("language", json!("es"));
    talk.model("start flow say");
    assert_eq!(talk.buttons()[..2], ["Sí -> /SetSlots(vip=true)", "Nada -> no thanks"]);
}

#[test]
fn further_keys_of_a_button_are_a_warning() {
    let said = said_of("  - text: Choose\n    buttons: [{title: a, payload: b, colour: blue}]\n");
    assert!(said.len() == 1 && said[0].contains("warning") && said[0].contains("`colour`"), "{said:?}");
}

#[test]
fn a_payload_of_set_slots_sets_slots_without_a_model_trimmed_and_by_type() {
    let project = asking();
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask");
    talk.sends("/SetSlots(name= Ann Lee , amount=5, vip=Yes)");
    assert_eq!((talk.slot("name"), talk.slot("amount"), talk.slot("vip")), (json!("Ann Lee"), json!(5.0), json!(true)));
    assert!(!talk.said().is_empty());
}

/// A project whose flow `ask` asks for name, amount, vip and keeps them, and then waits.
fn asking() -> Project {
    let domain = format!(
        "{SLOTS}  last: {{type: text}}\n  stray: {{type: text}}\nresponses:\n{ASKS}  utter_ask_last: [{{text: Last?}}]\nintents: [greeting]\nentities: [who]\n"
    );
    let flows = "flows:\n  ask:\n    description: asks\n    nlu_trigger: [{intent: greeting}]\n    steps:\n    - collect: name\n    - collect: amount\n    - collect: vip\n    - collect: last\n";
    project(&domain, flows)
}

#[test]
fn set_slots_minds_case_and_takes_at_most_ten_pairs() {
    let project = asking();
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask");
    let eleven: Vec<String> = (0..11).map(|number| format!("name=a{number}")).collect();
    for payload in ["/setslots(name=Ann)".to_owned(), format!("/SetSlots({})", eleven.join(", ")), "/SetSlots(na(me=Ann)".into(), "/SetSlots(name=a(b))".into()]
    {
        talk.sends(&payload);
        assert_eq!(talk.slot("name"), json!(null), "{payload}");
    }
}

#[test]
fn set_slots_sets_no_slot_that_no_flow_under_way_or_startable_collects() {
    let project = asking();
    let mut talk = Talk::begin(&project);
    talk.sends("/SetSlots(stray=a)");
    assert_eq!(talk.slot("stray"), json!(null));
}

#[test]
fn set_slots_may_set_a_slot_of_a_flow_that_has_not_started() {
    let project = asking();
    let mut talk = Talk::begin(&project);
    talk.sends("/SetSlots(name=Ann)");
    assert_eq!(talk.slot("name"), json!("Ann"));
}

#[test]
fn a_payload_of_an_intent_starts_its_flow_with_single_braces_or_double() {
    for payload in ["/greeting", "/greeting{\"who\": \"Ann\"}", "/greeting{{\"who\": \"Ann\"}}"] {
        let project = asking();
        let mut talk = Talk::begin(&project);
        talk.sends(payload);
        assert_eq!(talk.flow_events(), ["flow_started ask"], "{payload}");
    }
}

#[test]
fn any_other_payload_is_taken_as_if_it_were_typed() {
    let project = asking();
    let mut talk = Talk::begin(&project);
    talk.sends("no thanks");
    assert_eq!(talk.responses(), ["utter_ask_rephrase"]);
}

#[test]
fn an_unknown_key_of_a_response_is_a_warning() {
    let said = said_of("  - text: Hi\n    colour: blue\n");
    assert!(said.len() == 1 && said[0].contains("warning") && said[0].contains("`colour`"), "{said:?}");
}

#[test]
fn an_id_and_whether_it_may_be_interrupted_are_accepted() {
    assert_eq!(says("  - text: Hi\n    id: first\n    allow_interruptions: false\n", &[]), "Hi");
}

#[test]
fn a_response_that_wants_to_be_rephrased_is_said_as_it_is_written() {
    let rephrased = "  - text: Hi\n    metadata: {rephrase: True, rephrase_prompt: 'Say {{suggested_response}} nicely'}\n";
    let (project, _) = load(&[("domain.yml", &format!("{SLOTS}responses:\n{ASKS}  utter_it:\n{rephrased}")), ("data/flows.yml", FLOWS)]);
    let project = project.unwrap();
    assert_eq!(Talk::begin(&project).model("start flow say"), ["Hi"]);
    assert!(project.responses["utter_it"][0].rephrase);
}

#[test]
fn a_response_without_anything_to_say_or_show_is_an_error() {
    assert!(said_of("  - channel: rest\n").iter().any(|line| line.contains("error")));
    assert!(said_of("    []\n").iter().any(|line| line.contains("error")));
}

#[test]
fn the_validation_action_of_a_slot_runs_when_there_is_one_and_may_take_the_value_back() {
    let domain = format!("{SLOTS}responses:\n{ASKS}actions: [validate_name]\n");
    let flows = "flows:\n  ask:\n    description: asks\n    steps:\n    - collect: name\n    - collect: amount\n";
    let project = project(&domain, flows);
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask");
    talk.will_set("validate_name", &[("name", json!(null))]);
    assert_eq!(talk.model("set slot name Ann"), ["Name?"]);
    talk.will_set("validate_name", &[("name", json!("Bob"))]);
    assert_eq!(talk.model("set slot name Bo"), ["Amount?"]);
    assert_eq!(talk.slot("name"), json!("Bob"));
}

#[test]
fn an_action_may_have_any_name() {
    let flows = "flows:\n  ask:\n    description: asks\n    steps:\n    - action: check_balance\n";
    let project = project("actions: [check_balance]\n", flows);
    let mut talk = Talk::begin(&project);
    talk.model("start flow ask");
    assert_eq!(talk.ran(), ["check_balance"]);
}
