//! Where a session opens, and where the network asks what comes after it.
//!
//! Lives here: the upgrade's signature, and the document after a session.
//! Never here: the session (`session.rs`).

use super::handed::{RELAY, document, handed};
use super::session::{HANG_UP, PERSON, hold};
use crate::app::App;
use crate::calls::Reply;
use crate::twilio::form::CallStatus;
use crate::twilio::routes::{Refused, Signed, forbidden, last_reply, left, sorry, twiml};
use crate::twilio::twiml::{Document, Verb};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri};
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
        return Refused::Signature.into_response();
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
    let Some(Ended { again, .. }) = signed.query::<Ended>().filter(|query| app.keys.check_call_token(RELAY, &call, &query.t)) else {
        return forbidden(&app, &call, "wrong relay token").await;
    };
    if signed.form.call_status.is_some_and(CallStatus::is_over) {
        if let Err(error) = left(&app, &call).await {
            tracing::error!(call.sid = %call, error = %error, "The end of a call could not be stored");
        }
        return twiml(Document(Vec::new()).render().into_bytes());
    }
    let handoff = signed.form.handoff_data.as_deref().and_then(|data| serde_json::from_str::<Handoff>(data).ok());
    let handoff = handoff.as_ref().map(|handoff| handoff.next.as_str());
    match last_reply(&app, &call).await {
        Ok(Some(reply)) => twiml(after(&app, &call, signed.form.line().as_deref(), handoff, again, reply)),
        Ok(None) => forbidden(&app, &call, "no such call").await,
        Err(error) => sorry(&app, &call, &error),
    }
}

/// The document after a session: where the call goes when we ended it (`handoff` says where), and another session when it
/// broke in the middle of a question. What we have not ended may not have been heard: it is said.
fn after(app: &App, call: &str, called: Option<&str>, handoff: Option<&str>, again: u32, reply: Reply) -> Reply {
    let mut verbs = document(&reply).map(|document| document.0).unwrap_or_default();
    if handoff.is_some() {
        verbs.retain(|verb| !matches!(verb, Verb::Say(_)));
    }
    let asks = matches!(verbs.last(), Some(Verb::Gather(_)));
    let person = || Verb::person_or_end(app.fallback.as_ref());
    match handoff {
        Some(PERSON) if !matches!(verbs.last(), Some(Verb::Dial(_))) => Document(vec![person()]).render().into_bytes(),
        Some(HANG_UP) if asks => Document(vec![Verb::Hangup]).render().into_bytes(),
        _ if !asks => Document(verbs).render().into_bytes(),
        _ if again < AGAIN => handed(app, call, called, again + 1, reply),
        _ => {
            tracing::warn!(call.sid = %call, again, "A relay session cannot go on; the caller goes to a person");
            Document(vec![person()]).render().into_bytes()
        }
    }
}
