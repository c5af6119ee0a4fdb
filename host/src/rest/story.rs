//! A conversation as a story (`rasa-calm.md` §8.4).
//!
//! Lives here: which of Rasa's events are steps of a story.
//! Never here: YAML (`yaml.rs`).

use serde_json::{Value, json};

/// A story file of a conversation's events; its last session, or every one of them.
pub(super) fn story(sender: &str, told: &[Value], all_sessions: bool) -> Value {
    let mut sessions: Vec<Vec<Value>> = vec![Vec::new()];
    for event in told {
        let step = match event["event"].as_str().unwrap_or_default() {
            "session_started" => {
                sessions.push(Vec::new());
                continue;
            }
            "user" => match event["text"].as_str().unwrap_or_default().strip_prefix('/') {
                Some(intent) => json!({ "intent": intent }),
                None => json!({ "user": event["text"] }),
            },
            "slot" => json!({ "slot_was_set": [{ event["name"].as_str().unwrap_or_default(): event["value"] }] }),
            "action" if event["name"] != "action_listen" && event["name"] != "action_session_start" => json!({ "action": event["name"] }),
            _ => continue,
        };
        if let Some(session) = sessions.last_mut() {
            session.push(step);
        }
    }
    if !all_sessions {
        sessions.drain(..sessions.len() - 1);
    }
    let many = sessions.len() > 1;
    let stories = sessions.into_iter().filter(|steps| !steps.is_empty()).enumerate().map(|(at, steps)| {
        let name = if many { format!("{sender}, story {}", at + 1) } else { sender.to_owned() };
        json!({ "story": name, "steps": steps })
    });
    json!({ "version": "3.1", "stories": stories.collect::<Vec<_>>() })
}
