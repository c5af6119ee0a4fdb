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
use crate::calls::{Message, Turned, carried, row_of};
use crate::release::Release;
use crate::tracker::{self, Conversation, Include};
use axum::Json;
use axum::extract::{FromRequestParts, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use centralita_engine::command::{Payload, payload};
use centralita_engine::{Effect, Event, Masked, ResponseName, Say};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The channel of a session that the API begins.
const CHANNEL: &str = "rest";

#[derive(Deserialize)]
struct How {
    include_events: Option<String>,
    execute_side_effects: Option<String>,
}

/// The conversation that an administrator changes, and how much of it is to be shown afterwards. A handler that takes one
/// runs for nobody else.
pub(super) struct Target {
    sender: Sender,
    include: Include,
    execute_side_effects: bool,
}

impl FromRequestParts<Arc<Api>> for Target {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Response> {
        let Path(id) = Path::<String>::from_request_parts(parts, api).await.map_err(IntoResponse::into_response)?;
        let Query(how) = Query::<How>::from_request_parts(parts, api).await.map_err(IntoResponse::into_response)?;
        let bearer = Bearer::from_request_parts(parts, api).await.map_err(IntoResponse::into_response)?;
        let target = |how: How| {
            bearer.admin()?;
            Ok(Self {
                sender: Sender::parse(&id)?,
                include: include(how.include_events.as_deref())?,
                execute_side_effects: how.execute_side_effects.is_some_and(|text| text.eq_ignore_ascii_case("true")),
            })
        };
        target(how).map_err(|refusal: Refusal| refusal.into_response())
    }
}

pub(super) async fn erase(State(api): State<Arc<Api>>, Path(id): Path<String>, bearer: Bearer) -> Result<StatusCode, Refusal> {
    bearer.admin()?;
    let sender = Sender::parse(&id)?;
    let chain = api.app.store.chain_of(&row_of(sender.as_str()));
    let erased = carried(api.app.clone(), move |app| async move { app.erase(sender.as_str()).await.map_err(Refusal::from) }).await?;
    api.app.audit(json!({ "what": if erased { "erased" } else { "erasing refused" }, "conversation": chain })).await;
    if erased {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refusal::Conflict("something is still owed to this conversation; erase it once that is delivered".into()))
    }
}

pub(super) async fn append(State(api): State<Arc<Api>>, target: Target, request: Request) -> Result<Json<Value>, Refusal> {
    events(&api, &target, request, false).await
}

/// Rasa replaces all events; here what was stays, a session begins, and the events follow.
pub(super) async fn replace(State(api): State<Arc<Api>>, target: Target, request: Request) -> Result<Json<Value>, Refusal> {
    events(&api, &target, request, true).await
}

async fn events(api: &Api, target: &Target, request: Request, anew: bool) -> Result<Json<Value>, Refusal> {
    if target.execute_side_effects {
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
    tell(api, target, told.effects, anew).await?;
    shown(api, &release, target).await.map(Json)
}

async fn tell(api: &Api, target: &Target, effects: Vec<Effect>, anew: bool) -> Result<Turned, Refusal> {
    let sender = target.sender.clone();
    carried(api.app.clone(), move |app| async move {
        let told = if anew { app.tell_anew(sender.as_str(), CHANNEL, effects).await } else { app.tell(sender.as_str(), CHANNEL, effects, None).await };
        told.map_err(Refusal::from)
    })
    .await
}

async fn shown(api: &Api, release: &Release, Target { sender, include, .. }: &Target) -> Result<Value, Refusal> {
    let events: Vec<Event> = api.app.events(sender.as_str()).await?;
    let conversation = Conversation { sender: sender.as_str(), project: &release.project, events: &events };
    Ok(conversation.tracker(*include))
}

/// A message that is only noted.
#[derive(Deserialize)]
struct Noted {
    text: String,
    sender: String,
    parse_data: Option<Value>,
}

pub(super) async fn message(State(api): State<Arc<Api>>, target: Target, request: Request) -> Result<Json<Value>, Refusal> {
    let noted: Noted = body::read(request).await?;
    if noted.sender != "user" {
        return Err(Refusal::BadRequest("`sender` is `user`; what a bot says is an event".into()));
    }
    let release = api.app.releases.current();
    let parse_data =
        noted.parse_data.unwrap_or_else(|| json!({ "intent": { "name": null, "confidence": 0.0 }, "entities": [], "text": noted.text, "commands": [] }));
    let mut event = json!({ "event": "user", "text": noted.text, "parse_data": parse_data, "input_channel": CHANNEL, "metadata": {} });
    body::scrub(&release.project, &mut event);
    tell(&api, &target, vec![Effect::Note(event)], false).await?;
    shown(&api, &release, &target).await.map(Json)
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    entities: Option<Value>,
}

pub(super) async fn execute(State(api): State<Arc<Api>>, target: Target, request: Request) -> Result<Json<Value>, Refusal> {
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
    let turned = tell(&api, &target, vec![say], false).await?;
    answered(&api, &release, &target, &turned).await
}

pub(super) async fn trigger_intent(State(api): State<Arc<Api>>, target: Target, request: Request) -> Result<Json<Value>, Refusal> {
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
        conversation: target.sender.as_str().to_owned(),
        channel: CHANNEL.into(),
        text: Some(Masked::new(text)),
        metadata: Value::Null,
        payloads: true,
        scripted: None,
        at_ms: None,
    };
    let turned = carried(api.app.clone(), move |app| async move { app.converse(message).await.map_err(Refusal::from) }).await?;
    answered(&api, &release, &target, &turned).await
}

async fn answered(api: &Api, release: &Release, target: &Target, turned: &Turned) -> Result<Json<Value>, Refusal> {
    let tracker = shown(api, release, target).await?;
    Ok(Json(json!({ "tracker": tracker, "messages": messages(target.sender.as_str(), &turned.events) })))
}
