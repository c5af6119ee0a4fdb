//! What was said, as the REST channel answers it (`rasa-calm.md` §8.1).
//!
//! Lives here: one thing said becomes messages, in Rasa's order.
//! Never here: HTTP.

use centralita_engine::Event;
use serde_json::{Map, Value as Json, json};

/// The messages of a turn for a recipient, in the order they were said.
pub(super) fn messages(recipient: &str, events: &[Event]) -> Vec<Json> {
    let mut all = Vec::new();
    for event in events {
        let Event::Said { text, buttons, custom, rich, .. } = event else { continue };
        said(recipient, text.reveal(), buttons, custom.as_ref(), rich, &mut all);
    }
    all
}

fn said(recipient: &str, text: &str, buttons: &[(String, String)], custom: Option<&Json>, rich: &Map<String, Json>, all: &mut Vec<Json>) {
    let text = text.trim();
    if !buttons.is_empty() {
        let buttons: Vec<Json> = buttons.iter().map(|(title, payload)| json!({ "title": title, "payload": payload })).collect();
        all.push(json!({ "recipient_id": recipient, "text": text, "buttons": buttons }));
    } else {
        // A blank line divides messages.
        let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
        all.extend(parts.map(|part| json!({ "recipient_id": recipient, "text": part })));
    }
    let there = |json: &&Json| !json.is_null() && json.as_object().is_none_or(|map| !map.is_empty()) && json.as_array().is_none_or(|items| !items.is_empty());
    let mut push = |key: &str, value: Option<&Json>| {
        if let Some(value) = value.filter(there) {
            all.push(json!({ "recipient_id": recipient, key: value }));
        }
    };
    push("custom", custom);
    push("image", rich.get("image"));
    push("attachment", rich.get("attachment"));
    for element in rich.get("elements").and_then(Json::as_array).into_iter().flatten() {
        let word = |key: &str| element[key].as_str().unwrap_or_default();
        let mut message = json!({ "recipient_id": recipient, "text": format!("{} : {}", word("title"), word("subtitle")) });
        if let Some(buttons) = element["buttons"].as_array().filter(|buttons| !buttons.is_empty()) {
            message["buttons"] = buttons.clone().into();
        }
        all.push(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_engine::Masked;

    fn say(text: &str, buttons: &[(&str, &str)], custom: Option<Json>, rich: Json) -> Event {
        Event::Said {
            response: None,
            text: Masked::from(text),
            buttons: buttons.iter().map(|(title, payload)| ((*title).to_owned(), (*payload).to_owned())).collect(),
            custom,
            rich: rich.as_object().cloned().unwrap_or_default(),
            claims: Vec::new(),
        }
    }

    #[test]
    fn a_blank_line_divides_messages_but_not_beside_buttons() {
        let plain = messages("a", &[say("one\n\ntwo\nthree", &[], None, Json::Null)]);
        assert_eq!(plain, [json!({"recipient_id": "a", "text": "one"}), json!({"recipient_id": "a", "text": "two\nthree"})]);
        let buttons = messages("a", &[say("one\n\ntwo", &[("Yes", "/yes")], None, Json::Null)]);
        assert_eq!(buttons, [json!({"recipient_id": "a", "text": "one\n\ntwo", "buttons": [{"title": "Yes", "payload": "/yes"}]})]);
    }

    #[test]
    fn what_is_shown_follows_the_words_in_rasas_order() {
        let rich = json!({"image": "https://e.mx/i.png", "attachment": {"type": "file"}, "elements": [{"title": "T", "subtitle": "S", "buttons": []}]});
        let all = messages("a", &[say("hi", &[], Some(json!({"k": 1})), rich)]);
        let keys: Vec<String> = all.iter().map(|message| message.as_object().unwrap().keys().find(|key| *key != "recipient_id").unwrap().clone()).collect();
        assert_eq!(keys, ["text", "custom", "image", "attachment", "text"]);
        assert_eq!(all[4]["text"], "T : S");
    }

    #[test]
    fn what_is_empty_is_no_message() {
        assert!(messages("a", &[say("  ", &[], Some(json!({})), json!({"image": null, "elements": []}))]).is_empty());
    }
}
