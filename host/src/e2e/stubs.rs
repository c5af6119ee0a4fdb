//! Answers that stand in for custom actions while a test runs (`rasa-calm.md` §10.3).
//!
//! Lives here: which answer an action of a conversation gets, and which actions had none.
//! Never here: real runs (`runs`), reading a test file (`read.rs`).

use centralita_engine::{Effect, Ending, Masked, Outcome, Project, ResponseName, Say, Value};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Answers by conversation. A server that serves has none.
#[derive(Default)]
pub struct Stubs {
    conversations: Mutex<HashMap<String, Conversation>>,
}

struct Conversation {
    case: String,
    answers: Arc<BTreeMap<String, Json>>,
    missing: BTreeSet<String>,
}

impl Stubs {
    /// From here on the actions of this conversation, held for this case, get these answers and no others.
    pub fn set(&self, conversation: &str, case: &str, answers: Arc<BTreeMap<String, Json>>) {
        let held = Conversation { case: case.to_owned(), answers, missing: BTreeSet::new() };
        self.lock().insert(conversation.to_owned(), held);
    }

    /// Forgets a conversation; the actions that were reached without an answer.
    pub fn done(&self, conversation: &str) -> BTreeSet<String> {
        self.lock().remove(conversation).map(|held| held.missing).unwrap_or_default()
    }

    /// The answer an action of a conversation gets; none when its actions are real.
    pub(crate) fn answer(&self, project: &Project, conversation: &str, action: &str) -> Option<Outcome> {
        let mut conversations = self.lock();
        let held = conversations.get_mut(conversation)?;
        let own = format!("{}::{action}", held.case);
        let Some(answer) = held.answers.get(&own).or_else(|| held.answers.get(action)) else {
            held.missing.insert(action.to_owned());
            return Some(Outcome::ended(Ending::Failed, format!("the test file has no stub for `{action}`")));
        };
        Some(match effects(project, action, answer) {
            Ok(effects) => Outcome { ending: Ending::Done, detail: "stub".into(), effects },
            Err(why) => Outcome::ended(Ending::Failed, why),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Conversation>> {
        self.conversations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer of an action server as what it does: responses first, then events.
fn effects(project: &Project, action: &str, answer: &Json) -> Result<Vec<Effect>, String> {
    let who = format!("the stub of `{action}`");
    let list = |key: &str| answer[key].as_array().map_or(&[] as &[Json], Vec::as_slice);
    let mut effects: Vec<Effect> = list("responses").iter().filter_map(Json::as_object).map(|said| Effect::Say(say(said))).collect();
    effects.extend(crate::tracker::effects(project, &who, list("events")).map_err(|error| error.to_string())?.effects);
    Ok(effects)
}

fn say(said: &Map<String, Json>) -> Say {
    const OWN: [&str; 9] = ["text", "response", "template", "buttons", "custom", "json_message", "image", "attachment", "elements"];
    let text = |key: &str| said.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
    let button = |button: &Json| {
        let text = |key: &str| button[key].as_str().unwrap_or_default().to_owned();
        (text("title"), text("payload"))
    };
    Say {
        response: text("response").or_else(|| text("template")).and_then(|name| ResponseName::parse(name).ok()),
        arguments: said.iter().filter(|(key, _)| !OWN.contains(&key.as_str())).map(|(key, value)| (key.clone(), Value::from_json(value.clone()))).collect(),
        text: text("text").map(Masked::from),
        buttons: said.get("buttons").and_then(Json::as_array).into_iter().flatten().map(button).collect(),
        custom: said.get("custom").or_else(|| said.get("json_message")).filter(|custom| !custom.is_null()).cloned(),
        rich: ["image", "attachment", "elements"].into_iter().filter_map(|key| Some((key.to_owned(), said.get(key)?.clone()))).collect(),
    }
}
