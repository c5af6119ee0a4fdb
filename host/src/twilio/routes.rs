//! The telephone network's webhooks (`design.md` §3).
//!
//! Lives here: the order of checks, and what each refusal is.
//! Never here: turns (`calls`), the signature's arithmetic (`signature.rs`).

use super::form::{BadForm, TurnForm, body_digest};
use super::twiml::{Document, Say, Verb, apology};
use super::wait::{ANSWER_WITHIN, Awaited, Waited, within};
use crate::app::App;
use crate::calls::{Arrival, Reply, TurnError, WHISPER, Whisper, Words, carried};
use crate::relay::handed;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;

/// The largest body of a webhook, in bytes.
const LARGEST: usize = 64 * 1024;
/// Said when a number calls too often, or too many calls are open.
const BUSY: &str = "En este momento tenemos muchas llamadas. Te comunico con una persona.";

/// The public routes.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/webhooks/twilio/webhook", post(ring))
        .route("/webhooks/twilio_voice/webhook", post(ring))
        .route("/webhooks/twilio/process", post(turn))
        .route("/webhooks/twilio/whisper", post(whisper))
        .route("/webhooks/twilio/status", post(status))
        .route("/webhooks/twilio/fallback", post(fallback))
        .route("/health", get(|| async { "ok" }))
        .route("/ready", get(ready))
        .with_state(app)
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.store.ping().await {
        Ok(()) => "ok".into_response(),
        Err(error) => {
            tracing::error!(error = %error, "Not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response()
        }
    }
}

/// A webhook whose signature has been checked. There is no other constructor.
pub(crate) struct Signed {
    pub(crate) form: TurnForm,
    body_digest: [u8; 32],
    idempotency: Option<String>,
    query: String,
}

/// Why a webhook is turned away; nothing was stored.
#[derive(Debug)]
pub(crate) enum Refused {
    TooLarge,
    ContentType,
    Signature,
    Form(BadForm),
    Turn,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "a webhook has at most 64 KB").into_response(),
            Self::ContentType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "a webhook is application/x-www-form-urlencoded").into_response(),
            Self::Signature => (StatusCode::FORBIDDEN, "the signature does not fit; check TWILIO_AUTH_TOKEN and TWILIO_WEBHOOK_URL").into_response(),
            Self::Form(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
            Self::Turn => (StatusCode::FORBIDDEN, "this turn is not open").into_response(),
        }
    }
}

impl Signed {
    pub(crate) async fn of(app: &App, request: Request) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<usize>().ok());
        if declared.is_some_and(|length| length > LARGEST) {
            return Err(Refused::TooLarge);
        }
        let body = to_bytes(body, LARGEST).await.map_err(|_| Refused::TooLarge)?;
        let content_type = text(&parts.headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
        if !super::signature::is_form(&content_type) {
            return Err(Refused::ContentType);
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = format!("{}{path}", app.public_base.as_str().trim_end_matches('/'));
        let signature = text(&parts.headers, "x-twilio-signature");
        app.signer.verify(&url, &content_type, &body, signature.as_deref()).map_err(|error| {
            tracing::warn!(path = parts.uri.path(), error = %error, "Webhook refused");
            Refused::Signature
        })?;
        let form = TurnForm::parse(&body).map_err(Refused::Form)?;
        Ok(Self {
            form,
            body_digest: body_digest(&body),
            idempotency: text(&parts.headers, "i-twilio-idempotency-token"),
            query: parts.uri.query().unwrap_or_default().to_owned(),
        })
    }

    /// The parameters of the address, if they are the ones an address of ours has.
    pub(crate) fn query<T: DeserializeOwned>(&self) -> Option<T> {
        let uri = format!("/?{}", self.query).parse().ok()?;
        Query::try_from_uri(&uri).ok().map(|Query(query)| query)
    }

    fn arrival(self) -> Arrival {
        let words = match (self.form.reached(), self.form.digits.clone(), self.form.speech_result.clone()) {
            (Some(reached), _, _) => Words::Person { reached },
            (None, Some(keys), _) => Words::Keys(keys),
            (None, None, Some(speech)) => Words::Speech(speech),
            (None, None, None) => Words::Nothing,
        };
        Arrival {
            call: self.form.call_sid.as_str().to_owned(),
            number: self.form.caller().number().cloned(),
            called: self.form.line(),
            we_called: self.form.outbound,
            body_digest: self.body_digest,
            idempotency: self.idempotency,
            words,
            confidence: self.form.confidence,
        }
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

async fn ring(State(app): State<Arc<App>>, request: Request) -> Response {
    let signed = match Signed::of(&app, request).await {
        Ok(signed) => signed,
        Err(refused) => return refused.into_response(),
    };
    if signed.form.is_machine() {
        tracing::info!(call.sid = %signed.form.call_sid, "A machine has taken a call of ours; nothing is said to it");
        return twiml(Document(vec![Verb::Hangup]).render().into_bytes());
    }
    let arrival = signed.arrival();
    if let Some(number) = arrival.number.as_ref().filter(|number| !arrival.we_called && app.blocked.has(number)) {
        tracing::info!(call.sid = %arrival.call, "A call of a blocked number is rejected");
        app.audit(json!({"what": "call rejected", "call": arrival.call, "why": "blocked number", "number": app.keys.caller_digest(number.as_str())})).await;
        return twiml(Document(vec![Verb::Reject]).render().into_bytes());
    }
    let (call, called) = (arrival.call.clone(), arrival.called.clone());
    let awaited = Awaited { call: &call, turn: 0, poll: 0 };
    let waited = within(&app, awaited, move |app| async move { app.ring(arrival).await }).await;
    answer(&app, &call, called.as_deref(), waited).await
}

/// What came of a turn, as a response.
async fn answer(app: &App, call: &str, called: Option<&str>, waited: Waited) -> Response {
    match waited {
        Waited::Done(Ok(reply)) => twiml(handed(app, call, called, 0, reply)),
        Waited::Done(Err(TurnError::Forbidden)) => forbidden(app, call, "turn not open").await,
        Waited::Done(Err(TurnError::Left)) => twiml(Document(vec![Verb::Hangup]).render().into_bytes()),
        Waited::Done(Err(TurnError::TooMany)) => twiml(busy(app).render().into_bytes()),
        Waited::Done(Err(error)) => sorry(app, call, &error),
        Waited::Meanwhile(document) => twiml(document.render().into_bytes()),
    }
}

fn busy(app: &App) -> Document {
    Document(vec![Verb::Say(Say::new(BUSY)), Verb::person_or_end(app.fallback.as_ref())])
}

#[derive(Deserialize)]
struct TurnQuery {
    turn: Option<u64>,
    t: Option<String>,
    /// How often the caller was told to wait for this turn's reply.
    poll: Option<u32>,
}

async fn turn(State(app): State<Arc<App>>, request: Request) -> Response {
    let signed = match Signed::of(&app, request).await {
        Ok(signed) => signed,
        Err(refused) => return refused.into_response(),
    };
    let (call, called) = (signed.form.call_sid.as_str().to_owned(), signed.form.line());
    let open = signed.query::<TurnQuery>().and_then(|query| Some((query.turn?, query.t?, query.poll)));
    let Some((number, _, poll)) = open.filter(|(turn, token, _)| app.keys.check_turn_token(&call, *turn, token)) else {
        return forbidden(&app, &call, "wrong turn token").await;
    };
    let awaited = Awaited { call: &call, turn: number, poll: poll.unwrap_or_default() };
    let asked = call.clone();
    let waited = match poll {
        // A call whose first turn left nothing has not begun yet.
        Some(_) if number == 0 => within(&app, awaited, move |app| async move { app.ring(signed.arrival()).await }).await,
        Some(_) => within(&app, awaited, move |app| async move { app.awaited(&asked, number).await }).await,
        None => within(&app, awaited, move |app| async move { app.turn(signed.arrival(), number).await }).await,
    };
    answer(&app, &call, called.as_deref(), waited).await
}

#[derive(Deserialize)]
struct WhisperQuery {
    call: String,
    t: String,
}

/// What a person hears before they talk to a caller. Whatever goes wrong, the two are connected.
async fn whisper(State(app): State<Arc<App>>, request: Request) -> Response {
    let signed = match Signed::of(&app, request).await {
        Ok(signed) => signed,
        Err(refused) => return refused.into_response(),
    };
    let query = signed.query::<WhisperQuery>().filter(|query| app.keys.check_call_token(WHISPER, &query.call, &query.t));
    let Some(WhisperQuery { call, .. }) = query else {
        return forbidden(&app, signed.form.call_sid.as_str(), "wrong whisper token").await;
    };
    let said = match app.whispered(&call).await {
        Ok(said) => said,
        Err(error) => {
            tracing::error!(call.sid = %call, error = %error, "A person is not told who calls");
            None
        }
    };
    let say = said.map(|Whisper { voice, text }| Verb::Say(Say::by(&voice, text.reveal())));
    twiml(Document(say.into_iter().collect()).render().into_bytes())
}

async fn status(State(app): State<Arc<App>>, request: Request) -> Response {
    let signed = match Signed::of(&app, request).await {
        Ok(signed) => signed,
        Err(refused) => return refused.into_response(),
    };
    let call = signed.form.call_sid.as_str().to_owned();
    let Some(status) = signed.form.call_status else { return StatusCode::OK.into_response() };
    if let Err(error) = app.status(&call, &signed.form, status).await {
        tracing::error!(call.sid = %call, error = %error, "What became of a call could not be stored");
    }
    if status.is_over()
        && let Err(error) = left(&app, &call).await
    {
        tracing::error!(call.sid = %call, error = %error, "The end of a call could not be stored");
    }
    StatusCode::OK.into_response()
}

pub(crate) async fn left(app: &Arc<App>, call: &str) -> Result<(), TurnError> {
    let call = call.to_owned();
    carried(app.clone(), move |app| async move { app.left(&call).await }).await
}

async fn fallback(State(app): State<Arc<App>>, request: Request) -> Response {
    let signed = match Signed::of(&app, request).await {
        Ok(signed) => signed,
        Err(refused) => return refused.into_response(),
    };
    let call = signed.form.call_sid.as_str().to_owned();
    match last_reply(&app, &call).await {
        Ok(Some(reply)) => twiml(reply),
        Ok(None) => twiml(apology(app.fallback.as_ref()).render().into_bytes()),
        Err(error) => sorry(&app, &call, &error),
    }
}

/// The reply a call was given last. A turn that a crash left open is carried to its end for it, and not waited for longer
/// than the network waits.
pub(crate) async fn last_reply(app: &Arc<App>, call: &str) -> Result<Option<Reply>, TurnError> {
    let call = call.to_owned();
    let reply = carried(app.clone(), move |app| async move { app.reply_of(&call).await });
    let broken = |_| Err(TurnError::Broken("its turn still runs".into()));
    tokio::time::timeout(*ANSWER_WITHIN.end(), reply).await.unwrap_or_else(broken)
}

pub(crate) async fn forbidden(app: &App, call: &str, why: &str) -> Response {
    app.audit(json!({"what": "webhook refused", "call": call, "why": why})).await;
    tracing::warn!(call.sid = %call, why, "Webhook refused");
    Refused::Turn.into_response()
}

/// The one place where a failed turn is logged; the caller hears the apology and reaches a person.
pub(crate) fn sorry(app: &App, call: &str, error: &TurnError) -> Response {
    tracing::error!(call.sid = %call, error = %error, "Turn failed; caller hears the apology");
    twiml(apology(app.fallback.as_ref()).render().into_bytes())
}

pub(crate) fn twiml(document: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], Body::from(document)).into_response()
}
