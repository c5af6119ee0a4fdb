//! The REST and callback channels (`rasa-calm.md` §8.1, §8.2).
//!
//! Lives here: a message on its way in, the messages on their way out, how often a sender may write, and when a text that
//! begins with `/` is more than words.
//! Never here: the turn (`calls`).

use super::Api;
use super::auth::Bearer;
use super::body;
use super::callback::Callback;
use super::messages::messages;
use super::refusal::Refusal;
use super::sender::Sender;
use crate::calls::{Message, TELEPHONE, Turned, carried};
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use centralita_engine::{Event, Masked};
use governor::clock::{Clock as _, DefaultClock};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Senders whose pace is remembered before those that have been silent are forgotten.
const REMEMBERED: usize = 10_000;

/// The body of a message.
#[derive(Deserialize)]
struct Sent {
    sender: Option<String>,
    message: Option<String>,
    metadata: Option<Value>,
    input_channel: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Stream {
    stream: Option<String>,
}

pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

pub(super) async fn rest(State(api): State<Arc<Api>>, Query(query): Query<Stream>, bearer: Bearer, request: Request) -> Result<Response, Refusal> {
    let all = hear(&api, &bearer, request, "rest").await?;
    if query.stream.is_none_or(|stream| !matches!(stream.to_lowercase().as_str(), "true" | "1" | "y" | "yes" | "on")) {
        return Ok(Json(all).into_response());
    }
    // Nothing leaves before it is stored, so the lines come at once.
    let lines: String = all.iter().map(|message| format!("{message}\n")).collect();
    Ok(([(header::CONTENT_TYPE, "text/event-stream")], Body::from(lines)).into_response())
}

pub(super) async fn callback(State(api): State<Arc<Api>>, bearer: Bearer, request: Request) -> Result<Response, Refusal> {
    let url = Callback::url(&api.package().await?)?;
    let all = hear(&api, &bearer, request, "callback").await?;
    let sending = api.clone();
    tokio::spawn(async move { sending.callback.send(&url, &all).await });
    Ok("success".into_response())
}

/// Hears a message; what was said comes back for whoever sent it. A turn that fails is logged and has said nothing.
async fn hear(api: &Arc<Api>, bearer: &Bearer, request: Request, channel: &str) -> Result<Vec<Value>, Refusal> {
    let sent: Sent = body::read(request).await?;
    let usual = match bearer {
        Bearer::User(name) => name.as_str(),
        Bearer::Admin | Bearer::Nobody => "default",
    };
    let sender = Sender::parse(sent.sender.as_deref().unwrap_or(usual))?;
    bearer.of(&sender)?;
    in_time(api, &sender)?;
    let text = sent.message.unwrap_or_default().trim().to_owned();
    let mut metadata = sent.metadata.unwrap_or_default();
    if !(metadata.is_null() || metadata.is_object()) {
        return Err(Refusal::BadRequest("`metadata` is an object".into()));
    }
    body::scrub(&api.app.releases.current().project, &mut metadata);
    let payloads = text.starts_with('/') && (bearer.is_admin() || offered(api, &sender, &text).await?);
    let message = Message {
        conversation: sender.as_str().to_owned(),
        channel: channel_of(sent.input_channel.as_deref().unwrap_or(channel))?,
        text: Some(Masked::new(text)),
        metadata,
        payloads,
        scripted: None,
        at_ms: None,
    };
    Ok(match carried(api.app.clone(), move |app| async move { app.converse(message).await }).await {
        Ok(Turned { events, .. }) => messages(sender.as_str(), &events),
        Err(error) => {
            tracing::error!(channel, error = %error, "A message could not be answered");
            Vec::new()
        }
    })
}

/// The name of a channel; the telephone's is the telephone network's alone.
pub(super) fn channel_of(raw: &str) -> Result<String, Refusal> {
    let plain = raw.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if plain && (1..=64).contains(&raw.len()) && raw != TELEPHONE {
        return Ok(raw.to_owned());
    }
    Err(Refusal::BadRequest(format!("a channel is 1 to 64 letters, digits, `_`, `-` and `.`, and not `{TELEPHONE}`")))
}

/// Counts a message of this sender.
fn in_time(api: &Api, sender: &Sender) -> Result<(), Refusal> {
    let Some(limiter) = &api.messages else { return Ok(()) };
    if limiter.len() > REMEMBERED {
        limiter.retain_recent();
    }
    limiter.check_key(&sender.as_str().to_owned()).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        Refusal::TooMany(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    })
}

/// Whether the last turn offered this text as the payload of a button.
async fn offered(api: &Api, sender: &Sender, text: &str) -> Result<bool, Refusal> {
    let events = api.app.events(sender.as_str()).await?;
    let mut turn = events.iter().rev().take_while(|event| !matches!(event, Event::Heard { .. } | Event::Silent { .. } | Event::Began { .. }));
    Ok(turn.any(|event| matches!(event, Event::Said { buttons, .. } if buttons.iter().any(|(_, payload)| payload.trim() == text))))
}
