//! Files and what may stand in them (`rasa-calm.md` §1.1, §2.1).

use crate::talk::{Talk, found, load, project, project_of};
use centralita_engine::legal;
use centralita_engine::project::Source;
use centralita_engine::{FlowId, Project};

const DOMAIN: &str = "
slots:
  name: {type: text}
responses:
  utter_ask_name: [{text: What is your name?}]
  utter_hello: [{text: 'Hello {name}'}]
";
const FLOWS: &str = "
flows:
  greet:
    description: says hello
    steps:
    - collect: name
    - action: utter_hello
";

/// A flow that says one response.
fn says(id: &str, response: &str) -> String {
    format!("flows:\n  {id}:\n    description: says {response} as {id}\n    steps:\n    - action: {response}\n")
}

#[test]
fn a_small_project_loads_and_talks() {
    let project = project(DOMAIN, FLOWS);
    let mut talk = Talk::begin(&project);
    assert_eq!(talk.model("start flow greet"), ["What is your name?"]);
    assert_eq!(talk.says("Ann", "set slot name Ann")[0], "Hello Ann");
}

#[test]
fn a_file_that_fails_to_parse_names_file_line_column_and_the_line_itself() {
    let said = found(&[("domain.yml", "slots:\n  a: {type: text\n  b: 1\n"), ("data/flows.yml", FLOWS)]);
    assert!(said.iter().any(|line| line.starts_with("domain.yml:3:") && line.contains("`b: 1`")), "{said:?}");
}

#[test]
fn flows_may_stand_in_any_yaml_file_under_data_however_deep() {
    let (one, two) = (says("one", "utter_hello"), says("two", "utter_hello"));
    let project =
        project_of(&[("domain.yml", DOMAIN), ("data/a/b/c/one.yml", &one), ("data/two.yaml", &two), ("elsewhere/three.yml", &says("three", "utter_hello"))]);
    assert!(project.flows.contains_key("one") && project.flows.contains_key("two"));
    assert!(!project.flows.contains_key("three"));
}

#[test]
fn a_file_may_hold_several_flows_and_parts_of_the_domain_beside_them() {
    let both = format!("version: '3.1'\n{FLOWS}  again:\n    description: says hello once more\n    steps:\n    - action: utter_hello\n{DOMAIN}");
    let project = project_of(&[("data/all.yml", &both)]);
    assert_eq!(Talk::begin(&project).model("start flow again")[0], "Hello None");
}

#[test]
fn a_flow_defined_in_two_files_is_an_error_that_names_both() {
    let said = found(&[("domain.yml", DOMAIN), ("data/a.yml", FLOWS), ("data/b.yml", FLOWS)]);
    assert!(said.iter().any(|line| line.starts_with("data/b.yml:3:") && line.contains("error") && line.contains("data/a.yml:3")), "{said:?}");
}

#[test]
fn a_pattern_of_the_project_replaces_ours_whole_and_the_others_stay() {
    let pattern = "flows:\n  pattern_completed:\n    description: ours\n    steps:\n    - noop: true\n      next: END\n";
    let project = project_of(&[("domain.yml", DOMAIN), ("data/flows.yml", FLOWS), ("data/patterns.yml", pattern)]);
    let mut talk = Talk::begin(&project);
    talk.model("start flow greet");
    assert_eq!(talk.says("Ann", "set slot name Ann"), ["Hello Ann"]);
    assert!(project.flows.contains_key("pattern_cancel_flow"));
}

#[test]
fn flows_are_offered_in_the_order_they_are_defined() {
    let flows = ["zebra", "ant", "mole"].map(|id| says(id, "utter_hello"));
    let project = project_of(&[("domain.yml", DOMAIN), ("data/1.yml", &flows[0]), ("data/2.yml", &flows[1]), ("data/3.yml", &flows[2])]);
    let offered: Vec<String> = legal(&project, &Talk::begin(&project).state).flows.iter().map(ToString::to_string).collect();
    assert_eq!(offered, ["zebra", "ant", "mole"]);
}

#[test]
fn the_domain_may_be_a_folder_of_any_depth() {
    let project = project_of(&[
        ("domain/slots.yml", "slots:\n  name: {type: text}\n"),
        ("domain/talk/ask.yml", "responses:\n  utter_ask_name: [{text: Your name?}]\n"),
        ("domain/talk/say.yml", "responses:\n  utter_hello: [{text: 'Hi {name}'}]\n"),
        ("data/flows.yml", FLOWS),
    ]);
    assert_eq!(Talk::begin(&project).model("start flow greet"), ["Your name?"]);
}

#[test]
fn a_slot_defined_in_two_files_of_the_domain_is_an_error() {
    let said = found(&[("domain/a.yml", DOMAIN), ("domain/b.yml", "slots:\n  name: {type: text}\n"), ("data/flows.yml", FLOWS)]);
    assert!(said.iter().any(|line| line.starts_with("domain/b.yml:2:3: error") && line.contains("domain/a.yml:3")), "{said:?}");
}

#[test]
fn a_response_defined_in_two_files_warns_and_the_later_one_wins() {
    let (loaded, said) =
        load(&[("domain/a.yml", DOMAIN), ("domain/b.yml", "responses:\n  utter_ask_name: [{text: And you are?}]\n"), ("data/flows.yml", FLOWS)]);
    assert!(said.iter().any(|line| line.starts_with("domain/b.yml:2:3: warning") && line.contains("utter_ask_name")), "{said:?}");
    assert_eq!(Talk::begin(&loaded.unwrap()).model("start flow greet"), ["And you are?"]);
}

#[test]
fn a_missing_version_is_tolerated_and_one_that_is_there_says_nothing() {
    for version in ["", "version: \"3.1\"\n"] {
        assert_eq!(found(&[("domain.yml", &format!("{version}{DOMAIN}")), ("data/flows.yml", &format!("{version}{FLOWS}"))]), Vec::<String>::new());
    }
}

#[test]
fn actions_may_say_that_they_want_the_domain() {
    let domain = format!("{DOMAIN}actions:\n- action_plain\n- action_curious: {{send_domain: true}}\n");
    let flows = format!("{FLOWS}    - action: action_plain\n    - action: action_curious\n");
    let project = project(&domain, &flows);
    let mut talk = Talk::begin(&project);
    talk.model("start flow greet\nset slot name Ann");
    assert_eq!(talk.ran(), ["action_plain", "action_curious"]);
}

#[test]
fn an_action_that_is_neither_built_in_nor_a_response_nor_listed_is_an_error() {
    let said = found(&[("domain.yml", DOMAIN), ("data/flows.yml", &format!("{FLOWS}    - action: action_nobody\n"))]);
    assert!(said.iter().any(|line| line.contains("error") && line.contains("action_nobody")), "{said:?}");
}

#[test]
fn a_response_whose_name_does_not_begin_with_utter_is_a_warning() {
    let said = found(&[("domain.yml", &format!("{DOMAIN}  greeting: [{{text: Hi}}]\n")), ("data/flows.yml", FLOWS)]);
    assert!(said.iter().any(|line| line.contains("warning") && line.contains("`greeting`")), "{said:?}");
}

#[test]
fn stories_rules_forms_and_e2e_actions_are_accepted_with_one_warning_each() {
    let older = "stories:\n- story: a\n  steps: []\nrules:\n- rule: b\n  steps: []\nforms:\n  f: {required_slots: []}\ne2e_actions: []\n";
    let said = found(&[("domain.yml", DOMAIN), ("data/flows.yml", FLOWS), ("data/stories.yml", older), ("data/more.yml", "stories: []\n")]);
    let named = |name: &str| said.iter().filter(|line| line.contains("warning") && line.contains(&format!("`{name}` belong"))).count();
    assert_eq!(["stories", "rules", "forms", "e2e_actions"].map(named), [1, 1, 1, 1], "{said:?}");
}

#[test]
fn an_unknown_key_of_a_file_is_reported_and_not_fatal() {
    let (loaded, said) = load(&[("domain.yml", &format!("{DOMAIN}colour: blue\n")), ("data/flows.yml", FLOWS)]);
    assert!(loaded.is_some() && said.iter().any(|line| line.contains("warning") && line.contains("`colour`")), "{said:?}");
}

#[test]
fn words_for_yes_and_no_and_times_of_day_are_text() {
    let domain = "slots:\n  answer: {type: categorical, values: [yes, no, on, off, 7:30]}\nresponses:\n  utter_ask_answer: [{text: Well?}]\n";
    let flows = "flows:\n  ask:\n    description: asks\n    steps:\n    - collect: answer\n    - action: utter_can_do_something_else\n";
    let project = project(domain, flows);
    for value in ["yes", "off", "7:30"] {
        let mut talk = Talk::begin(&project);
        talk.model("start flow ask");
        talk.model(&format!("set slot answer {value}"));
        assert!(talk.trail().contains(&format!("slot answer = \"{value}\"")), "{:?}", talk.trail());
    }
}

#[test]
fn variables_of_the_environment_are_put_into_every_value_and_unknown_ones_are_named() {
    let domain = "responses:\n  utter_hello: [{text: 'Call ${PHONE}, pay ${amount}, or ${LOST}'}]\n";
    let flows = says("greet", "utter_hello");
    let sources = [("config.yml", crate::talk::CONFIG), ("domain.yml", domain), ("data/flows.yml", &flows)];
    let sources = sources.map(|(path, text)| Source { path: path.into(), text: text.into() });
    let (loaded, mistakes) = Project::load_with(&sources, Default::default(), &|name| (name == "PHONE").then(|| "555".to_owned()));
    assert_eq!(Talk::begin(&loaded.unwrap()).model("start flow greet")[0], "Call 555, pay $None, or $None");
    let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert!(said.len() == 1 && said[0].contains("`LOST` is not set"), "{said:?}");
}

#[test]
fn a_pattern_id_that_rasa_does_not_have_loads_and_nothing_starts_it() {
    let project = project_of(&[("domain.yml", DOMAIN), ("data/flows.yml", FLOWS), ("data/own.yml", &says("pattern_of_mine", "utter_hello"))]);
    assert!(project.flows.contains_key("pattern_of_mine"));
    let offered = legal(&project, &Talk::begin(&project).state).flows;
    assert!(!offered.contains(&FlowId::parse("pattern_of_mine").unwrap()));
}
