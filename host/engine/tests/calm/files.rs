//! Files and what may stand in them (`rasa-calm.md` §1.1, §2.1).

use crate::talk::{Talk, found, project};

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
