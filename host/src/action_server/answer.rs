//! What an action server answered, read as what the action leaves (`rasa-calm.md` §7.3, §7.4).
//!
//! Lives here: statuses, `responses` and `events`.
//! Never here: single events (`tracker::effects`).

use super::ask::Reply;
use crate::tracker::{self, BadEvent};
use centralita_engine::{Effect, Ending, Masked, Outcome, Project, ResponseName, Say, Value};
use serde_json::{Map, Value as Json, json};

/// An answer that cannot be used, named after its action.
#[derive(Debug, thiserror::Error)]
pub enum BadAnswer {
    /// No JSON.
    #[error("the action `{0}` was answered with something that is no JSON; is that an action server?")]
    NoJson(String),
    /// JSON of another shape.
    #[error("the action `{action}` was answered without {what}; an action server answers {{\"events\": […], \"responses\": […]}}")]
    Shape {
        /// The action.
        action: String,
        /// What is missing or of another type.
        what: &'static str,
    },
    /// An event.
    #[error(transparent)]
    Event(#[from] BadEvent),
}

/// What an answer of status 200 leaves: what it says first, then its events.
///
/// # Errors
/// [`BadAnswer`]; then nothing of the answer counts.
pub fn effects(project: &Project, action: &str, answer: &Json) -> Result<Vec<Effect>, BadAnswer> {
    if answer.is_null() {
        return Ok(Vec::new());
    }
    let shape = |what| BadAnswer::Shape { action: action.to_owned(), what };
    let object = answer.as_object().ok_or_else(|| shape("an object"))?;
    let list = |key: &str, what| match object.get(key) {
        None | Some(Json::Null) => Ok(&[] as &[Json]),
        Some(Json::Array(items)) => Ok(items.as_slice()),
        Some(_) => Err(shape(what)),
    };
    let mut effects = Vec::new();
    for response in list("responses", "a list of responses")? {
        let response = response.as_object().ok_or_else(|| shape("a list of responses"))?;
        effects.extend(say(project, action, response).map(Effect::Say));
    }
    let told = tracker::effects(project, &format!("the action `{action}`"), list("events", "a list of events")?)?;
    for ignored in &told.ignored {
        tracing::warn!(action.name = action, "Action `{action}` returned {ignored}; that is kept and does nothing here");
    }
    effects.extend(told.effects);
    Ok(effects)
}

/// What a reply makes of its run.
pub(super) fn outcome(project: &Project, action: &str, reply: &Reply, show: &dyn Fn(&mut Json)) -> Outcome {
    let failed = |why: String| Outcome::ended(Ending::Failed, why);
    let parsed = || serde_json::from_slice::<Json>(&reply.body);
    match reply.status {
        200 => {
            let Ok(mut answer) = parsed() else { return failed(BadAnswer::NoJson(action.to_owned()).to_string()) };
            show(&mut answer);
            match effects(project, action, &answer) {
                Ok(effects) => Outcome { ending: Ending::Done, detail: String::new(), effects },
                Err(error) => failed(error.to_string()),
            }
        }
        400 if parsed().is_ok_and(|answer| answer["action_name"].is_string()) => {
            let rejected = json!({ "event": "action_execution_rejected", "name": action, "policy": "FlowPolicy", "confidence": 1.0 });
            Outcome { ending: Ending::Refused, detail: "the action refused to run".into(), effects: vec![Effect::Note(rejected)] }
        }
        404 => failed(format!("the action server has no action `{action}`; add it there and start it again, or take it out of `actions:` in the domain")),
        500 => failed(format!("the action `{action}` raised an exception; the action server's own log has it")),
        449 => failed("the action server wants the domain again and again; it is no rasa_sdk of 3.13".into()),
        status => failed(format!("the action server answered {status}; does `url` of `action_endpoint` end in /webhook?")),
    }
}

/// One thing to say; nothing when there is nothing in it.
fn say(project: &Project, action: &str, object: &Map<String, Json>) -> Option<Say> {
    const OWN: [&str; 10] = ["text", "response", "template", "buttons", "elements", "attachment", "image", "custom", "json_message", "quick_replies"];
    let present = |key: &str| object.get(key).filter(|value| !is_empty(value));
    let name = present("response").or_else(|| present("template")).and_then(Json::as_str);
    let response = name.and_then(|name| ResponseName::parse(name).ok());
    if let Some(name) = name.filter(|name| !project.responses.contains_key(*name)) {
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(60).collect();
        tracing::warn!(action.name = action, "Action `{action}` says `{name}`, which the domain lacks; add it under `responses:`");
    }
    let buttons = present("buttons").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let say = Say {
        response,
        arguments: object.iter().filter(|(key, _)| !OWN.contains(&key.as_str())).map(|(key, value)| (key.clone(), Value::from_json(value.clone()))).collect(),
        text: present("text").map(|value| Masked::new(text(value))),
        buttons: buttons
            .iter()
            .filter_map(|button| {
                let title = button.get("title").map(text)?;
                let payload = button.get("payload").filter(|payload| !payload.is_null()).map_or_else(|| title.clone(), text);
                Some((title, payload))
            })
            .collect(),
        custom: present("custom").or_else(|| present("json_message")).cloned(),
        rich: ["image", "attachment", "elements"].into_iter().filter_map(|key| Some((key.to_owned(), present(key)?.clone()))).collect(),
    };
    let nothing = say.response.is_none() && say.text.is_none() && say.buttons.is_empty() && say.custom.is_none() && say.rich.is_empty();
    (!nothing).then_some(say)
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

#[cfg(test)]
mod tests;
