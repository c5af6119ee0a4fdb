use super::*;
use centralita_engine::project::Source;
use centralita_engine::{ActionName, SlotName};

fn project() -> Project {
    let domain = "slots: {size: {type: text}}\nresponses: {utter_price: [{text: 'It is {amount}.'}]}\n";
    let files = [("config.yml", "language: en\n"), ("domain.yml", domain)];
    let (project, mistakes) = Project::load(&files.map(|(path, text)| Source { path: path.into(), text: text.into() }), [].into());
    project.unwrap_or_else(|| panic!("{mistakes:?}"))
}

fn of(status: u16, body: &str) -> Outcome {
    outcome(&project(), "action_price", &Reply { status, body: body.as_bytes().to_vec() }, &|_| {})
}

fn failed(status: u16, body: &str) -> String {
    let outcome = of(status, body);
    assert!(outcome.ending == Ending::Failed && outcome.effects.is_empty());
    outcome.detail
}

#[test]
fn what_is_said_comes_first_then_the_events() {
    // As rasa_sdk's dispatcher sends it, every key of it.
    let body = r#"{"events": [{"event": "slot", "timestamp": null, "name": "size", "value": "big"}, {"event": "followup", "name": "action_x"}],
        "responses": [
            {"text": null, "buttons": [], "elements": [], "custom": {}, "template": "utter_price", "response": "utter_price", "image": null, "attachment": null, "amount": 12},
            {"text": "Which?", "buttons": [{"title": "Big", "payload": "/SetSlots(size=big)"}, {"title": "Small"}], "elements": [], "custom": {"a": 1}, "image": "http://a/b.png"},
            {"text": "", "buttons": [], "custom": {}}
        ]}"#;
    let outcome = of(200, body);
    assert!(outcome.ending == Ending::Done);
    let buttons = [("Big", "/SetSlots(size=big)"), ("Small", "Small")].map(|(title, payload)| (title.to_owned(), payload.to_owned()));
    let expected = [
        Effect::Say(Say { response: ResponseName::parse("utter_price").ok(), arguments: vec![("amount".into(), Value::Number(12.0))], ..Say::default() }),
        Effect::Say(Say {
            text: Some("Which?".into()),
            buttons: buttons.to_vec(),
            custom: Some(json!({ "a": 1 })),
            rich: Map::from_iter([("image".to_owned(), json!("http://a/b.png"))]),
            ..Say::default()
        }),
        Effect::Slot(SlotName::parse("size").unwrap(), Value::text("big")),
        Effect::Followup(ActionName::parse("action_x").unwrap()),
    ];
    assert!(outcome.effects == expected);
}

#[test]
fn nothing_at_all_is_an_answer() {
    let outcome = of(200, "null");
    assert!(outcome.ending == Ending::Done && outcome.effects.is_empty());
}

#[test]
fn an_action_that_refuses_to_run_is_told_as_rejected() {
    let outcome = of(400, r#"{"error": "no", "action_name": "action_price"}"#);
    assert!(outcome.ending == Ending::Refused);
    assert!(matches!(outcome.effects.as_slice(), [Effect::Note(note)] if note["event"] == "action_execution_rejected" && note["name"] == "action_price"));
    assert!(failed(400, r#"{"error": "Invalid body request"}"#).contains("answered 400"));
}

#[test]
fn answers_that_cannot_be_used_are_named_after_their_action() {
    assert!(failed(200, "<html>").contains("`action_price` was answered with something that is no JSON"));
    assert!(failed(200, "[]").contains("without an object"));
    assert!(failed(200, r#"{"events": {}}"#).contains("without a list of events"));
    assert!(failed(200, r#"{"responses": ["hi"]}"#).contains("without a list of responses"));
    assert!(
        failed(200, r#"{"events": [{"event": "slot", "name": "sise", "value": 1}]}"#).contains("`action_price` set the slot `sise`, which no domain declares")
    );
    assert!(failed(404, "{}").contains("has no action `action_price`"));
    assert!(failed(500, r#"{"error": "card 4111"}"#) == "the action `action_price` raised an exception; the action server's own log has it");
    assert!(failed(302, "").contains("end in /webhook"));
}
