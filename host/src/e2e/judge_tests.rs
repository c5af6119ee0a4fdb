//! Each type of assertion, met and missed, over events written by hand.

use super::*;
use crate::e2e::{What, suite};
use centralita_engine::project::{Actions, Source};
use centralita_engine::state::{Frame, FrameKind};
use centralita_engine::{Masked, SlotName, StepId};
use std::collections::BTreeMap;

fn project() -> Project {
    let domain = "slots:\n  amount: {type: float}\n  name: {type: text}\nresponses:\n  utter_paid:\n    - text: Paid.\n";
    let flows = "flows:\n  pay:\n    name: pay a bill\n    description: pay\n    steps:\n      - action: utter_paid\n  move:\n    name: move money\n    description: move\n    steps:\n      - action: utter_paid\n";
    let config = "language: en\nassistant_id: a\npipeline: [{name: CompactLLMCommandGenerator}]\npolicies: [{name: FlowPolicy}]\n";
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let (project, found) = Project::load(&[source("config.yml", config), source("domain.yml", domain), source("data/flows.yml", flows)], Actions::new());
    project.unwrap_or_else(|| panic!("{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

fn slot(name: &str, value: Value) -> Event {
    Event::Slot { name: SlotName::parse(name).unwrap(), value }
}

fn said(response: Option<&str>, text: &str, buttons: &[(&str, &str)]) -> Event {
    let buttons = buttons.iter().map(|(title, payload)| ((*title).to_owned(), (*payload).to_owned())).collect();
    let response = response.map(|name| ResponseName::parse(name).unwrap());
    Event::Said { response, text: Masked::from(text), buttons, custom: None, rich: serde_json::Map::new(), claims: Vec::new() }
}

fn flow(id: &str) -> FlowId {
    FlowId::parse(id).unwrap()
}

/// A turn in which a little of everything happens.
fn turn() -> Vec<Event> {
    let names = Value::Items(vec![Masked::from("pay a bill"), Masked::from("move money")]);
    let context = BTreeMap::from([("names".to_owned(), names)]);
    vec![
        Event::FlowStarted { flow: flow("pay") },
        slot("amount", Value::Number(20.0)),
        slot("name", Value::None),
        Event::Acted { action: ActionName::parse("utter_paid").unwrap() },
        said(Some("utter_paid"), "Paid 20 pesos.", &[("More", "/more"), ("No", "/no")]),
        Event::ActionStarted { at: 0, action: ActionName::parse("action_book").unwrap(), frame: 1 },
        Event::FlowCompleted { flow: flow("pay"), step: Some(StepId::parse("last").unwrap()) },
        Event::FlowCancelled { flow: flow("move"), step: None },
        Event::Pushed { frame: Frame::new(3, flow("pattern_clarification"), FrameKind::Pattern, context), beneath: None },
        said(None, "Which one?", &[]),
    ]
}

/// The step of a case written in YAML, judged by the turn: what is missed.
#[track_caller]
fn judged(yaml: &str) -> Vec<String> {
    let text = format!("test_cases:\n  - test_case: a\n    steps:\n      - user: hello\n{yaml}");
    let (suite, mistakes) = suite("f.yml", &text);
    assert!(mistakes.is_empty(), "{}", mistakes[0]);
    let (project, events) = (project(), turn());
    let turn = Turn { project: &project, events: &events };
    let mut missed = Vec::new();
    for step in &suite.cases[0].steps {
        match &step.what {
            What::User(user) => {
                let mut from = 0;
                for assertion in user.assertions.iter().flatten() {
                    match turn.judge(&assertion.kind, if user.ordered { from } else { 0 }) {
                        Verdict::Met(next) => from = next,
                        Verdict::Missed(message) => missed.push(message),
                        Verdict::Skipped(name) => missed.push(format!("skipped {name}")),
                    }
                }
            }
            What::Expect(expect) => missed.extend(turn.meets(expect).err()),
        }
    }
    missed
}

/// Assertions in flow style, judged.
#[track_caller]
fn check(assertions: &str, missed: &str) {
    let found = judged(&format!("        assertions: [{assertions}]\n"));
    assert_eq!(found.join("\n"), missed, "{assertions}");
}

/// One step of the old style, judged.
#[track_caller]
fn old(step: &str, missed: &str) {
    assert_eq!(judged(&format!("      - {step}\n")).join("\n"), missed, "{step}");
}

#[test]
fn flows_that_started_are_named_alone_or_with_an_operator() {
    check("{flow_started: pay}", "");
    check("{flow_started: {operator: any, flow_ids: [move, pay]}}", "");
    check("{flow_started: {operator: all, flow_ids: [move, pay]}}", "`move` was not started; started were `pay`");
    check("{flow_started: move}", "`move` was not started; started were `pay`");
}

#[test]
fn a_completed_or_cancelled_flow_may_name_the_step_it_ended_at() {
    check("{flow_completed: {flow_id: pay}}, {flow_completed: {flow_id: pay, flow_step_id: last}}, {flow_cancelled: {flow_id: move}}", "");
    check("{flow_completed: {flow_id: pay, flow_step_id: first}}", "`pay` at the step `first` was not completed; completed were `pay` at `last`");
    check("{flow_cancelled: {flow_id: pay}}", "`pay` was not cancelled; cancelled were `move`");
}

#[test]
fn a_clarification_must_offer_every_flow_that_is_named_by_name_or_id() {
    check("{pattern_clarification_contains: [pay a bill, move money]}", "");
    check("{pattern_clarification_contains: {operator: any, flow_ids: [pay, other]}}", "");
    check("{pattern_clarification_contains: [pay a bill, fly]}", "no clarification offered `pay a bill`, `fly`; offered were `pay a bill`, `move money`");
}

#[test]
fn a_slot_is_set_by_value_and_a_null_value_is_a_reset() {
    check("{slot_was_set: [{name: amount}, {name: amount, value: 20}, {name: name, value: null}]}", "");
    check("{slot_was_set: [{name: amount, value: 21}]}", "the slot `amount` = 21 was not set; it was set to 20.0");
    check("{slot_was_set: [{name: amount, value: '20'}]}", "the slot `amount` = \"20\" was not set; it was set to 20.0");
    check("{slot_was_set: [{name: name}]}", "the slot `name` was not set; it was set to null");
    check("{slot_was_set: [{name: nobody}]}", "the slot `nobody` (no domain declares it) was not set; there were none");
}

#[test]
fn a_slot_that_was_only_emptied_was_not_set() {
    check("{slot_was_not_set: [{name: name}, {name: amount, value: 21}, {name: other}]}", "");
    check("{slot_was_not_set: [{name: amount}]}", "the slot `amount` was set");
    check("{slot_was_not_set: [{name: amount, value: 20}]}", "the slot `amount` = 20 was set");
}

#[test]
fn responses_and_custom_actions_count_as_executed() {
    check("{action_executed: utter_paid}, {action_executed: action_book}", "");
    check("{action_executed: action_other}", "`action_other` did not run; these ran: `utter_paid`, `action_book`");
}

#[test]
fn everything_a_message_is_said_to_have_must_be_in_one_message() {
    check("{bot_uttered: {utter_name: utter_paid, text_matches: '20 pesos', buttons: [{title: More, payload: /more}, {title: No, payload: /no}]}}", "");
    check("{bot_uttered: {text_matches: '^Paid \\d+ (?=pesos)'}}, {bot_uttered: {text_matches: 'Which one?'}}", "");
    let all = "the messages were utter_paid `Paid 20 pesos.` [More|/more] [No|/no], `Which one?`";
    check(
        "{bot_uttered: {utter_name: utter_paid, text_matches: Which}}",
        &format!("no message was sent with utter_name `utter_paid` and text_matches `Which`; {all}"),
    );
    check("{bot_uttered: {buttons: [{title: No, payload: /no}]}}", &format!("no message was sent with buttons [No|/no]; {all}"));
}

#[test]
fn a_message_that_must_not_be_sent_is_found_when_it_is() {
    check("{bot_did_not_utter: {utter_name: utter_other}}, {bot_did_not_utter: {utter_name: utter_paid, text_matches: Which}}", "");
    check("{bot_did_not_utter: {text_matches: Paid}}", "a message was sent with text_matches `Paid`");
}

#[test]
fn what_takes_a_judge_model_is_skipped_by_name() {
    check("{generative_response_is_relevant: {threshold: 0.9}}", "skipped generative_response_is_relevant");
    check("{generative_response_is_grounded: {threshold: 0.9}}", "skipped generative_response_is_grounded");
}

#[test]
fn in_order_each_assertion_is_looked_for_after_the_one_before_it() {
    let ordered = |assertions: &str| judged(&format!("        assertion_order_enabled: true\n        assertions: [{assertions}]\n"));
    assert_eq!(ordered("{flow_started: pay}, {bot_uttered: {utter_name: utter_paid}}, {flow_completed: {flow_id: pay}}"), [""; 0]);
    assert_eq!(ordered("{flow_completed: {flow_id: pay}}, {flow_started: pay}"), ["`pay` was not started; there were none"]);
}

#[test]
fn old_steps_look_at_the_whole_turn_in_any_order() {
    old("bot: Which one?", "");
    old("bot: Which", "no message said exactly `Which`; the messages were `Paid 20 pesos.`, `Which one?`");
    old("utter: utter_paid", "");
    old("utter: utter_x", "no message was sent with utter_name `utter_x`; the messages were utter_paid `Paid 20 pesos.` [More|/more] [No|/no], `Which one?`");
    old("action: action_book", "");
    old("action: action_x", "`action_x` did not run; these ran: `utter_paid`, `action_book`");
    old("slot_was_set: [amount: 20, name: null, name]", "");
    old("slot_was_set: [amount: 21]", "the slot `amount` = 21 was not set; it was set to 20.0");
    old("slot_was_not_set: [other, amount: 21]", "");
    old("slot_was_not_set: [name]", "the slot `name` was set");
}
