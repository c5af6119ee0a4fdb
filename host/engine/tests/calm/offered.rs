//! What a model is offered at a turn, and what examples propose beside it (`rasa-calm.md` §3.7–§3.9).

use crate::money::{asked_amount, bank, bank_with, confirming};
use crate::talk::{CONFIG, Talk, project_of};
use centralita_engine::{LIKELY, Project, SURE, legal, matched};
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
    matched(project, &talk.state, text).at(LIKELY).iter().map(crate::talk::written).collect()
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

/// Two wishes that share most of their words.
const ALIKE: &str = "
slots: {day: {type: text, mappings: [{type: from_entity, entity: day}]}}
responses: {utter_ask_day: [{text: Which day?}]}
nlu:
- intent: move
  examples: |
    - move my appointment please
    - I want to move my appointment
- intent: drop
  examples: |
    - drop my appointment please
    - I want to drop my appointment
- intent: rest
  examples: |
    - the weather is nice
    - who won the match on [friday](day)
flows:
  move_it: {description: moves an appointment, nlu_trigger: [{intent: move}], steps: [{collect: day}]}
  drop_it: {description: drops an appointment, nlu_trigger: [{intent: drop}], steps: [{collect: day}]}
  other: {description: asks for a day, steps: [{collect: day}]}
";

fn alike() -> Project {
    let config = CONFIG.replace("- name: Compact", "- name: NLUCommandAdapter\n- name: Compact");
    project_of(&[("config.yml", &config), ("domain.yml", "intents: [move, drop, rest]\nentities: [day]\n"), ("data/nlu.yml", ALIKE)])
}

#[test]
fn torn_between_two_flows_the_caller_is_asked_which_is_meant() {
    let project = alike();
    let talk = Talk::begin(&project);
    assert_eq!(proposed(&project, &talk, "my appointment please"), ["disambiguate flows drop_it move_it"]);
    assert_eq!(proposed(&project, &talk, "drop my appointment please"), ["start flow drop_it"]);
    assert_eq!(matched(&project, &talk.state, "my appointment please").at(SURE).len(), 0, "whoever else can be asked is asked first");
}

#[test]
fn in_the_middle_of_a_question_nobody_is_asked_which_flow_is_meant() {
    let project = alike();
    let mut talk = Talk::begin(&project);
    talk.model("start flow other");
    assert_eq!(proposed(&project, &talk, "my appointment please"), [""; 0]);
}

#[test]
fn an_entity_of_the_examples_fills_the_slot_that_takes_it() {
    let project = alike();
    let talk = Talk::begin(&project);
    assert_eq!(proposed(&project, &talk, "I want to move my appointment to Friday"), ["start flow move_it", "set slot day \"Friday\""]);
}

const DESCRIBED: &str = "
slots: {day: {type: text}}
responses: {utter_ask_day: [{text: Which day?}]}
flows:
  transfer_money: {description: send money to a friend or family member, steps: [{collect: day}]}
  opening_hours: {description: when the shop is open and where it is, steps: [{collect: day}]}
  closed: {description: rent a bicycle, if: False, steps: [{collect: day}]}
";

#[test]
fn without_examples_and_model_the_flows_descriptions_are_gone_by() {
    let project = project_of(&[("config.yml", CONFIG), ("data/flows.yml", DESCRIBED)]);
    let mut talk = Talk::begin(&project);
    assert_eq!(proposed(&project, &talk, "I want to send money to my friend"), ["start flow transfer_money"]);
    assert_eq!(proposed(&project, &talk, "is the shop open now?"), ["start flow opening_hours"]);
    assert_eq!(proposed(&project, &talk, "tell me a joke about penguins"), [""; 0]);
    assert_eq!(proposed(&project, &talk, "rent a bicycle"), [""; 0], "its guard does not hold");
    assert_eq!(matched(&project, &talk.state, "I want to send money to my friend").at(SURE).len(), 0, "a model is asked first");
    talk.model("start flow transfer_money");
    assert_eq!(proposed(&project, &talk, "is the shop open now?"), [""; 0], "in the middle of a question");
}
