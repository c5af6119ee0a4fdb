//! Changing a conversation from outside (`rasa-calm.md` §8.4). Administrators only: whoever may set slots may be anybody.
//!
//! Lives here: events from outside, messages that are only noted, actions and intents somebody asks for, erasing.
//! Never here: reading (`conversations.rs`), what an event does (`tracker`, the engine).

use super::auth::Bearer;
use super::conversations::include;
use super::messages::messages;
use super::refusal::Refusal;
use super::sender::Sender;
use super::{Api, body};
use crate::calls::{Message, Turned, carried};
use crate::release::Release;
use crate::tracker::{self, Conversation};
use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use centralita_engine::command::{Payload, payload};
use centralita_engine::{Effect, Event, Masked, ResponseName, Say};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The channel of a session that the API begins.
const CHANNEL: &str = "rest";

#[derive(Deserialize)]
pub(super) struct How {
    include_events: Option<String>,
    execute_side_effects: Option<String>,
}

pub(super) async fn erase(State(api): State<Arc<Api>>, Path(id): Path<String>, bearer: Bearer) -> Result<StatusCode, Refusal> {
    bearer.admin()?;
    let sender = Sender::parse(&id)?;
    let erased = carried(api.app.clone(), move |app| async move { app.erase(sender.as_str()).await.map_err(Refusal::from) }).await?;
    if erased {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refusal::Conflict("something is still owed to this conversation; erase it once that is delivered".into()))
    }
}

pub(super) async fn append(api: State<Arc<Api>>, id: Path<String>, how: Query<How>, bearer: Bearer, request: Request) -> Result<Json<Value>, Refusal> {
    events(api, id, how, bearer, request, false).await
}

/// Rasa replaces all events; here what was stays, a session begins, and the events follow.
pub(super) async fn replace(api: State<Arc<Api>>, id: Path<String>, how: Query<How>, bearer: Bearer, request: Request) -> Result<Json<Value>, Refusal> {
    events(api, id, how, bearer, request, true).await
}

async fn events(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    Query(how): Query<How>,
    bearer: Bearer,
    request: Request,
    anew: bool,
) -> Result<Json<Value>, Refusal> {
    bearer.admin()?;
    let sender = Sender::parse(&id)?;
    include(how.include_events.as_deref())?;
    if how.execute_side_effects.as_deref().is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        return Err(Refusal::NotServed("`execute_side_effects` is not honoured: what is written into a tracker is said to nobody".into()));
    }
    let sent: Value = body::read(request).await?;
    let mut sent = match sent {
        Value::Array(events) => events,
        Value::Object(_) => vec![sent],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(Refusal::BadRequest("the body is an event or a list of events".into()));
        }
    };
    let release = api.app.releases.current();
    sent.iter_mut().for_each(|event| body::scrub(&release.project, event));
    let told = tracker::effects(&release.project, "the tracker API", &sent).map_err(|error| Refusal::BadRequest(error.to_string()))?;
    if !told.ignored.is_empty() {
        tracing::warn!(ignored = told.ignored.join(", "), "Events of the tracker API are kept and change nothing");
    }
    tell(&api, &sender, told.effects, anew).await?;
    shown(&api, &release, &sender, &how).await.map(Json)
}

async fn tell(api: &Api, sender: &Sender, effects: Vec<Effect>, anew: bool) -> Result<Turned, Refusal> {
    let sender = sender.clone();
    carried(api.app.clone(), move |app| async move {
        let told = if anew { app.tell_anew(sender.as_str(), CHANNEL, effects).await } else { app.tell(sender.as_str(), CHANNEL, effects, None).await };
        told.map_err(Refusal::from)
    })
    .await
}

async fn shown(api: &Api, release: &Release, sender: &Sender, how: &How) -> Result<Value, Refusal> {
    let events: Vec<Event> = api.app.events(sender.as_str()).await?;
    let conversation = Conversation { sender: sender.as_str(), project: &release.project, events: &events };
    Ok(conversation.tracker(include(how.include_events.as_deref())?))
}

/// A message that is only noted.
#[derive(Deserialize)]
struct Noted {
    text: String,
    sender: String,
    parse_data: Option<Value>,
}

pub(super) async fn message(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    Query(how): Query<How>,
    bearer: Bearer,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    bearer.admin()?;
    let sender = Sender::parse(&id)?;
    include(how.include_events.as_deref())?;
    let noted: Noted = body::read(request).await?;
    if noted.sender != "user" {
        return Err(Refusal::BadRequest("`sender` is `user`; what a bot says is an event".into()));
    }
    let release = api.app.releases.current();
    let parse_data =
        noted.parse_data.unwrap_or_else(|| json!({ "intent": { "name": null, "confidence": 0.0 }, "entities": [], "text": noted.text, "commands": [] }));
    let mut event = json!({ "event": "user", "text": noted.text, "parse_data": parse_data, "input_channel": CHANNEL, "metadata": {} });
    body::scrub(&release.project, &mut event);
    tell(&api, &sender, vec![Effect::Note(event)], false).await?;
    shown(&api, &release, &sender, &how).await.map(Json)
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    entities: Option<Value>,
}

pub(super) async fn execute(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    Query(how): Query<How>,
    bearer: Bearer,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    bearer.admin()?;
    let sender = Sender::parse(&id)?;
    include(how.include_events.as_deref())?;
    let named: Named = body::read(request).await?;
    let release = api.app.releases.current();
    let response = ResponseName::parse(&named.name).ok().filter(|name| release.project.responses.contains_key(name));
    let Some(response) = response else {
        return Err(Refusal::NotServed(format!(
            "`{}` is no response of the domain, and other actions run only where a flow has them run; start a flow by `trigger_intent`",
            named.name.chars().take(80).collect::<String>()
        )));
    };
    let say = Effect::Say(Say { response: Some(response), ..Say::default() });
    let turned = tell(&api, &sender, vec![say], false).await?;
    answered(&api, &release, &sender, &how, &turned).await
}

pub(super) async fn trigger_intent(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    Query(how): Query<How>,
    bearer: Bearer,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    bearer.admin()?;
    let sender = Sender::parse(&id)?;
    include(how.include_events.as_deref())?;
    let named: Named = body::read(request).await?;
    let release = api.app.releases.current();
    let mut entities = match named.entities {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(map)) => map,
        // Rasa takes a list of entities too.
        Some(Value::Array(list)) => list.into_iter().filter_map(|one| Some((one["entity"].as_str()?.to_owned(), one["value"].clone()))).collect(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_)) => return Err(Refusal::BadRequest("`entities` is an object, name by value".into())),
    };
    entities.values_mut().for_each(|value| body::scrub(&release.project, value));
    let values = if entities.is_empty() { String::new() } else { Value::Object(entities).to_string() };
    let text = format!("/{}{values}", named.name.trim());
    let understood = payload(&release.project, &text);
    if understood == Payload::Commands(Vec::new()) || understood == Payload::Words {
        let name: String = named.name.chars().take(80).collect();
        return Err(Refusal::NotFound(format!("nothing in the project answers to the intent `{name}`; give a flow the `nlu_trigger`, or a slot the mapping")));
    }
    let message = Message {
        conversation: sender.as_str().to_owned(),
        channel: CHANNEL.into(),
        text: Some(Masked::new(text)),
        metadata: Value::Null,
        payloads: true,
        scripted: None,
        at_ms: None,
    };
    let turned = carried(api.app.clone(), move |app| async move { app.converse(message).await.map_err(Refusal::from) }).await?;
    answered(&api, &release, &sender, &how, &turned).await
}

async fn answered(api: &Api, release: &Release, sender: &Sender, how: &How, turned: &Turned) -> Result<Json<Value>, Refusal> {
    let tracker = shown(api, release, sender, how).await?;
    Ok(Json(json!({ "tracker": tracker, "messages": messages(sender.as_str(), &turned.events) })))
}
