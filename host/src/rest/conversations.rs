//! Reading a conversation back: its tracker and its story (`rasa-calm.md` §8.4, §9.2).
//!
//! Lives here: which row a name means for whom, and how much of it is shown.
//! Never here: the JSON itself (`tracker`), changing a conversation (`write.rs`).

use super::auth::Bearer;
use super::refusal::Refusal;
use super::sender::Sender;
use super::{Api, story, yaml};
use crate::calls::row_of;
use crate::release::Release;
use crate::tracker::{Conversation, Include};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use centralita_engine::Event;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How much is shown.
#[derive(Deserialize)]
pub(super) struct Shown {
    include_events: Option<String>,
    until: Option<f64>,
    all_sessions: Option<String>,
}

impl Shown {
    /// `include_events`; what is not written is `AFTER_RESTART`.
    pub(super) fn include(&self) -> Result<Include, Refusal> {
        include(self.include_events.as_deref())
    }
}

/// Reads `include_events`.
pub(super) fn include(text: Option<&str>) -> Result<Include, Refusal> {
    match text.unwrap_or("AFTER_RESTART").to_uppercase().as_str() {
        "ALL" => Ok(Include::All),
        // Without `rewind` and `undo`, what is applied is what came after the last restart.
        "APPLIED" | "AFTER_RESTART" => Ok(Include::AfterRestart),
        "NONE" => Ok(Include::None),
        _ => Err(Refusal::InvalidParameter("`include_events` is ALL, APPLIED, AFTER_RESTART or NONE".into())),
    }
}

pub(super) async fn tracker(State(api): State<Arc<Api>>, Path(id): Path<String>, Query(shown): Query<Shown>, bearer: Bearer) -> Result<Json<Value>, Refusal> {
    let sender = Sender::parse(&id)?;
    bearer.of(&sender)?;
    let include = shown.include()?;
    let (release, events) = seen(&api, &bearer, &sender).await?;
    let events = until(&events, shown.until);
    Ok(Json(Conversation { sender: sender.as_str(), project: &release.project, events }.tracker(include)))
}

pub(super) async fn story(State(api): State<Arc<Api>>, Path(id): Path<String>, Query(shown): Query<Shown>, bearer: Bearer) -> Result<Response, Refusal> {
    let sender = Sender::parse(&id)?;
    bearer.of(&sender)?;
    let (release, events) = seen(&api, &bearer, &sender).await?;
    let events = until(&events, shown.until);
    let told = Conversation { sender: sender.as_str(), project: &release.project, events }.told();
    let all = shown.all_sessions.is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let text = yaml::block(&story::story(sender.as_str(), &told, all));
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// The events of a conversation; for an administrator a telephone call's too, by the network's name for it.
async fn seen(api: &Api, bearer: &Bearer, sender: &Sender) -> Result<(Arc<Release>, Vec<Event>), Refusal> {
    let mut row = row_of(sender.as_str());
    let mut events = api.app.events_of(&row).await?;
    if events.is_empty() && bearer.is_admin() {
        sender.as_str().clone_into(&mut row);
        events = api.app.events_of(&row).await?;
    }
    api.app.audit(json!({ "what": "export", "conversation": api.app.store.chain_of(&row), "events": events.len() })).await;
    Ok((release_of(api, &events).await, events))
}

/// The release of the conversation's last session; the current one where it is gone.
async fn release_of(api: &Api, events: &[Event]) -> Arc<Release> {
    let began = events.iter().rev().find_map(|event| if let Event::Began { opening, .. } = event { Some(&opening.release) } else { None });
    match began {
        Some(digest) => api.app.releases.find(digest).await.unwrap_or_else(|| api.app.releases.current()),
        None => api.app.releases.current(),
    }
}

/// What happened up to a moment, seconds since 1970. An event without a time of its own has that of the one before it.
fn until(events: &[Event], moment: Option<f64>) -> &[Event] {
    let Some(moment) = moment else { return events };
    let later = |event: &Event| {
        let at = match event {
            Event::Began { at, .. } | Event::Heard { at, .. } | Event::Silent { at } | Event::ActionStarted { at, .. } | Event::CallerLeft { at } => *at,
            _ => return false,
        };
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double for a long time")]
        let seconds = at as f64 / 1000.0;
        seconds > moment
    };
    &events[..events.iter().position(later).unwrap_or(events.len())]
}
