//! What a model is offered at a turn, and what examples propose beside it (`rasa-calm.md` §3.7–§3.9).

use crate::money::{asked_amount, bank, bank_with, confirming};
use crate::talk::{CONFIG, Talk, project_of};
use centralita_engine::{LIKELY, Project, legal, propose};
use serde_json::json;

fn slots(project: &Project, talk: &Talk<'_>) -> Vec<String> {
    let mut names: Vec<String> = legal(project, &talk.state).slots.iter().map(|slot| slot.name.to_string()).collect();
    names.sort();
    names
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

fn flows(project: &Project, talk: &Talk<'_>) -> Vec<String> {
    legal(project, &talk.state).flows.iter().map(ToString::to_string).collect()
}

#[test]
fn flows_with_a_guard_that_holds_are_offered_and_patterns_never() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    assert_eq!(sorted(flows(&bank, &talk)), ["block_card", "check_balance", "move_house", "transfer"]);
    talk.told("vip", json!(true));
    assert_eq!(sorted(flows(&bank, &talk)), ["block_card", "check_balance", "move_house", "transfer", "vip_desk"]);
}

#[test]
fn slots_of_the_active_flow_are_offered_except_those_to_ask_before_filling() {
    let bank = bank();
    let talk = asked_amount(&bank);
    assert_eq!(slots(&bank, &talk), ["amount", "recipient"]);
    let talk = confirming(&bank);
    assert_eq!(slots(&bank, &talk), ["amount", "confirm", "recipient"], "the confirmation is being asked now");
}

#[test]
fn slots_of_a_called_flow_are_offered_as_those_of_its_caller() {
    let bank = bank_with("flows:\n  parent:\n    description: b\n    steps: [{collect: reason}, {call: move_house}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow parent");
    assert_eq!(slots(&bank, &talk), ["reason", "street"]);
}

#[test]
fn slots_that_only_actions_fill_are_not_offered() {
    let bank = bank_with("responses: {utter_ask_vip: [{text: Vip?}]}\nflows:\n  check:\n    description: b\n    steps: [{collect: card}, {collect: vip}]\n");
    let mut talk = Talk::begin(&bank);
    talk.model("start flow check");
    assert_eq!(slots(&bank, &talk), ["card"]);
}

#[test]
fn the_values_of_categories_and_of_yes_and_no_are_offered() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow block_card");
    let values = |talk: &Talk<'_>, name: &str| legal(&bank, &talk.state).slots.into_iter().find(|slot| slot.name.as_str() == name).map(|slot| slot.values);
    assert_eq!(values(&talk, "card"), Some(vec!["debit".into(), "credit".into()]));
    let talk = confirming(&bank);
    assert_eq!(values(&talk, "confirm"), Some(vec!["true".into(), "false".into()]));
}

const NLU: &str = "
slots: {mood: {type: text, mappings: [{type: from_intent, intent: unwell, value: bad}]}}
responses: {utter_ask_mood: [{text: How are you?}]}
nlu:
- intent: greet
  examples: |
    - good morning
    - hello there
- intent: unwell
  examples: |
    - I feel terrible
    - not so well
- intent: secret
  examples: |
    - open sesame
    - speak friend
flows:
  greeting:
    description: says hello
    nlu_trigger: [{intent: greet}]
    steps: [{collect: mood}]
  closed:
    description: is not for everybody
    if: slots.vip
    nlu_trigger: [{intent: secret}]
    steps: [{action: utter_vip}]
";

fn with_examples(adapter: bool) -> Project {
    let config = if adapter { CONFIG.replace("- name: Compact", "- name: NLUCommandAdapter\n- name: Compact") } else { CONFIG.to_owned() };
    project_of(&[
        ("config.yml", &config),
        ("domain.yml", "slots: {vip: {type: bool, mappings: [{type: controlled}]}}\nresponses: {utter_vip: [{text: Hi.}]}\nintents: [greet, unwell, secret]\n"),
        ("data/nlu.yml", NLU),
    ])
}

fn proposed(project: &Project, talk: &Talk<'_>, text: &str) -> Vec<String> {
    propose(project, &talk.state, text, LIKELY).iter().map(crate::talk::written).collect()
}

#[test]
fn an_intent_with_a_trigger_starts_its_flow() {
    let project = with_examples(true);
    let talk = Talk::begin(&project);
    assert_eq!(proposed(&project, &talk, "good morning"), ["start flow greeting"]);
}

#[test]
fn an_intent_found_by_examples_respects_the_guard_of_its_flow() {
    let project = with_examples(true);
    let talk = Talk::begin(&project);
    assert_eq!(proposed(&project, &talk, "open sesame"), [""; 0]);
}

#[test]
fn an_intent_that_a_mapping_names_fills_its_slot() {
    let project = with_examples(true);
    let mut talk = Talk::begin(&project);
    talk.model("start flow greeting");
    assert_eq!(proposed(&project, &talk, "I feel terrible"), ["set slot mood \"bad\""]);
}

#[test]
fn without_the_adapter_examples_propose_nothing() {
    let project = with_examples(false);
    let talk = Talk::begin(&project);
    assert_eq!(proposed(&project, &talk, "good morning"), [""; 0]);
}
