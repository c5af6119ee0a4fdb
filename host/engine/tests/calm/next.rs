//! Where steps go on (`rasa-calm.md` §1.6), and the step that does nothing else.

use crate::steps::{DOMAIN, flow, refused, walk};
use crate::talk::{Talk, load, project_of};

#[test]
fn a_noop_only_branches() {
    let steps = "    - noop: true\n      next:\n      - if: slots.level > 2\n        then: yes_step\n      - else: no_step\n    - action: utter_hello\n      id: yes_step\n      next: END\n    - action: utter_bye\n      id: no_step\n";
    assert_eq!(walk(steps, &[]), ["Hello"]);
}

#[test]
fn a_noop_without_a_next_is_an_error() {
    refused("    - noop: true\n    - action: utter_hello\n", "noop");
}

#[test]
fn branches_written_under_noop_itself_are_read_with_a_warning() {
    let steps = "    - noop:\n      - if: slots.level > 2\n        then: hello\n      - else: END\n    - action: utter_hello\n      id: hello\n";
    let (loaded, said) = load(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow(steps))]);
    assert!(said.len() == 1 && said[0].contains("warning"), "{said:?}");
    assert_eq!(Talk::begin(&loaded.unwrap()).model("start flow main"), ["Hello"]);
}

#[test]
fn a_next_may_lead_back_and_the_flow_loops() {
    let steps = "    - collect: size\n      id: again\n    - collect: sure\n      next:\n      - if: slots.sure\n        then: END\n      - else:\n        - set_slots: [{size: null}, {sure: null}]\n          next: again\n";
    assert_eq!(walk(steps, &["set slot size s", "set slot sure no", "set slot size m", "set slot sure yes"]), ["What size?", "Sure?", "What size?", "Sure?"]);
}

#[test]
fn a_next_that_leads_nowhere_is_an_error() {
    refused("    - action: utter_hello\n      next: nowhere\n", "nowhere");
}

#[test]
fn end_completes_the_flow_quoted_or_not_and_so_does_the_last_step() {
    for next in ["      next: END\n    - action: utter_bye\n", "      next: \"END\"\n    - action: utter_bye\n", ""] {
        let project = project_of(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow(&format!("    - action: utter_hello\n{next}")))]);
        let mut talk = Talk::begin(&project);
        assert_eq!(talk.model("start flow main"), ["Hello"]);
        assert_eq!(talk.flow_events(), ["flow_started main", "flow_completed main"]);
    }
}

#[test]
fn the_first_branch_that_holds_is_taken_and_one_that_cannot_be_compared_does_not_hold() {
    let steps = "    - noop: true\n      next:\n      - if: slots.thing > 2\n        then: END\n      - if: slots.level > 1\n        then:\n        - action: utter_hello\n          next: END\n      - if: slots.level > 2\n        then: END\n      - else: END\n";
    assert_eq!(walk(steps, &[]), ["Hello"]);
}

#[test]
fn types_that_can_never_be_compared_are_an_error_at_load() {
    refused("    - noop: true\n      next:\n      - if: slots.size > 2\n        then: END\n      - else: END\n", "cannot be ordered");
}

#[test]
fn branches_without_else_are_an_error() {
    refused("    - noop: true\n      next:\n      - if: slots.sure\n        then: END\n", "else");
}

#[test]
fn a_nested_list_ends_in_a_step_with_next_or_in_a_link() {
    refused("    - noop: true\n      next:\n      - if: slots.sure\n        then:\n        - action: utter_hello\n      - else: END\n", "nested list");
    let steps = "    - noop: true\n      next:\n      - if: slots.sure\n        then:\n        - action: utter_hello\n          next: END\n      - else:\n        - link: other\n  other:\n    description: another\n    run_pattern_completed: false\n    steps:\n    - action: utter_bye\n";
    assert_eq!(walk(steps, &[]), ["Bye"]);
}

#[test]
fn a_next_may_be_a_list_of_steps() {
    assert_eq!(
        walk("    - action: utter_hello\n      next:\n      - collect: size\n      - action: utter_bye\n        next: END\n", &["set slot size s"]),
        ["Hello", "What size?", "Bye"]
    );
}
