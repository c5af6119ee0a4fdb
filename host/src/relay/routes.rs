//! Where a session opens, and where the network asks what comes after it.
//!
//! Lives here: the upgrade's signature, and the document after a session.
//! Never here: the session (`session.rs`).

use super::handed::handed;
use super::session::{PERSON, hold};
use crate::app::App;
use crate::calls::Reply;
use crate::twilio::form::CallStatus;
use crate::twilio::read::read;
use crate::twilio::routes::{Signed, forbidden, left, sorry, twiml};
use crate::twilio::twiml::{Dial, Document, Verb};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use std::sync::Arc;

/// The largest frame of the network, bytes.
const LARGEST: usize = 64 * 1024;
/// How often a call's session is opened again after it broke, before a person is tried.
const AGAIN: u32 = 5;

/// The routes of sessions.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new().route("/webhooks/twilio/relay", get(open)).route("/webhooks/twilio/relay/ended", post(ended)).with_state(app)
}

async fn open(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri, upgrade: WebSocketUpgrade) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("{}{path}", app.public_base.as_str().trim_end_matches('/'));
    let signature = headers.get("x-twilio-signature").and_then(|value| value.to_str().ok());
    if app.signer.verify_upgrade(&url, signature).is_err() {
        return (StatusCode::FORBIDDEN, "the signature does not fit; check TWILIO_AUTH_TOKEN and TWILIO_WEBHOOK_URL").into_response();
    }
    upgrade.max_message_size(LARGEST).on_upgrade(move |socket| hold(app, socket))
}

#[derive(Deserialize)]
struct Ended {
    t: String,
    #[serde(default)]
    again: u32,
}

/// What we told the network when we ended a session ourselves.
#[derive(Deserialize)]
struct Handoff {
    next: String,
}

async fn ended(State(app): State<Arc<App>>, request: Request) -> Response {
    let signed = match Signed::of(&app, request).await {
        Ok(signed) => signed,
        Err(refused) => return refused.into_response(),
    };
    let call = signed.form.call_sid.as_str().to_owned();
    let query = Query::<Ended>::try_from_uri(&format!("/?{}", signed.query).parse().unwrap_or_default());
    let Some(Query(Ended { again, .. })) = query.ok().filter(|query| app.keys.check_relay_token(&call, &query.t)) else {
        return forbidden(&app, &call, "wrong relay token").await;
    };
    if signed.form.call_status.is_some_and(CallStatus::is_over) {
        if let Err(error) = left(&app, &call).await {
            tracing::error!(call.sid = %call, error = %error, "The end of a call could not be stored");
        }
        return twiml(Document(Vec::new()).render().into_bytes());
    }
    let handoff = signed.form.handoff_data.as_deref().and_then(|data| serde_json::from_str::<Handoff>(data).ok());
    let person = handoff.is_some_and(|handoff| handoff.next == PERSON);
    match app.reply_of(&call).await {
        Ok(Some(reply)) => twiml(after(&app, &call, signed.form.to.as_deref(), person, again, reply)),
        Ok(None) => forbidden(&app, &call, "no such call").await,
        Err(error) => sorry(&app, &call, &error),
    }
}

/// The document after a session: where the call goes when it has ended as it should, and another session when it broke in
/// the middle of a question.
fn after(app: &App, call: &str, called: Option<&str>, person: bool, again: u32, reply: Reply) -> Reply {
    let verbs = std::str::from_utf8(&reply).ok().and_then(|text| read(text).ok()).map(|document| document.0).unwrap_or_default();
    // It has been said over the socket.
    let rest: Vec<Verb> = verbs.into_iter().filter(|verb| !matches!(verb, Verb::Say(_))).collect();
    let asks = matches!(rest.last(), Some(Verb::Gather(_)));
    if !asks {
        return Document(rest).render().into_bytes();
    }
    if !person && again < AGAIN {
        return handed(app, call, called, again + 1, reply);
    }
    tracing::warn!(call.sid = %call, again, "A relay session cannot go on; the caller goes to a person");
    let end = app.fallback.as_ref().map_or(Verb::Hangup, |party| Verb::Dial(Dial::person(party)));
    Document(vec![end]).render().into_bytes()
}
