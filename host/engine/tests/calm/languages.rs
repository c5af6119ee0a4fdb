//! Projects of several languages.

use crate::talk::{CONFIG, Talk, project_of};
use serde_json::json;

const DOMAIN: &str = "
responses:
  utter_hello: [{text: Hello, translation: {es: Hola}}]
";
const FLOWS: &str = "
flows:
  greet:
    description: says hello
    steps:
    - action: utter_hello
";

fn config(more: &str) -> String {
    format!("{CONFIG}{more}")
}

#[test]
fn a_project_of_several_languages_has_the_slot_language_which_chooses_the_translation() {
    let project = project_of(&[("config.yml", &config("additional_languages: [es]\n")), ("domain.yml", DOMAIN), ("data/flows.yml", FLOWS)]);
    let mut talk = Talk::begin(&project);
    assert_eq!(talk.slot("language"), json!("en"));
    assert_eq!(talk.model("start flow greet")[0], "Hello");
    talk.told("language", json!("es"));
    assert_eq!(talk.model("start flow greet")[0], "Hola");
}

#[test]
fn the_slot_language_of_the_project_itself_wins() {
    let domain = format!("{DOMAIN}slots:\n  language: {{type: text, initial_value: es}}\n");
    let project = project_of(&[("config.yml", &config("additional_languages: [es]\n")), ("domain.yml", &domain), ("data/flows.yml", FLOWS)]);
    assert_eq!(Talk::begin(&project).model("start flow greet")[0], "Hola");
}

#[test]
fn a_project_of_one_language_has_the_slot_language_too() {
    let project = project_of(&[("domain.yml", DOMAIN), ("data/flows.yml", FLOWS)]);
    assert_eq!(Talk::begin(&project).slot("language"), json!("en"));
}
