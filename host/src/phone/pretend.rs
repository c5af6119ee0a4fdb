//! A tiny server to call in tests: it checks signatures and answers by what it hears.
//!
//! Lives here: a handful of fixed answers, and what was posted.
//! Never here: anything of the real server.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use url::Url;

use super::line::Line;
use crate::twilio::{
    signature::Signer,
    twiml::{Dial, Document, Gather, Party, Prompt, Say, Verb, apology},
};

type Form = Vec<(String, String)>;

/// The server, for as long as the test's runtime lives.
pub(super) struct Pretend {
    pub(super) base: Url,
    seen: Arc<Seen>,
}

struct Seen {
    signer: Signer,
    public: String,
    posts: Mutex<Vec<(String, Form)>>,
}

/// A parameter of a form, empty if it is absent.
pub(super) fn value(form: &Form, name: &str) -> String {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

fn signer() -> Signer {
    Signer::parse("secret").unwrap()
}

impl Pretend {
    /// Serves on a free port, and believes what is signed for `public`, else for that port.
    pub(super) async fn start(public: Option<&str>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let public = public.unwrap_or(&base).to_owned();
        let seen = Arc::new(Seen { signer: signer(), public, posts: Mutex::default() });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&seen));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { base: Url::parse(&base).unwrap(), seen }
    }

    pub(super) fn line(&self, sign_as: Option<Url>) -> Arc<Line> {
        Line::new(self.base.clone(), Some(signer()), sign_as).map(Arc::new).unwrap()
    }

    /// Path and form of everything posted so far.
    pub(super) fn posts(&self) -> Vec<(String, Form)> {
        self.seen.posts.lock().unwrap().clone()
    }
}

async fn answer(State(seen): State<Arc<Seen>>, OriginalUri(uri): OriginalUri, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signed = format!("{}{uri}", seen.public);
    let content_type = text("content-type").unwrap_or_default();
    if seen.signer.verify(&signed, content_type, &body, text("x-twilio-signature")).is_err() {
        return StatusCode::FORBIDDEN.into_response();
    }
    let form: Form = form_urlencoded::parse(&body).into_owned().collect();
    seen.posts.lock().unwrap().push((uri.path().to_owned(), form.clone()));
    let document = match (uri.path(), value(&form, "SpeechResult").as_str()) {
        ("/webhooks/twilio/webhook", _) => ask(&["Hola.", "¿En qué puedo ayudarte?"]),
        ("/webhooks/twilio/status", _) => return StatusCode::NO_CONTENT.into_response(),
        ("/webhooks/twilio/whisper", _) => Document(vec![Verb::Say(Say::new("Reporte abierto."))]),
        ("/webhooks/twilio/after", _) if value(&form, "DialBridged") == "true" => Document(vec![Verb::Hangup]),
        ("/webhooks/twilio/after", _) => ask(&["Nadie contesta."]),
        ("/webhooks/twilio/poll", _) => ask(&["¿Termina en 4-5-2-1?"]),
        ("/webhooks/twilio/loop", _) | (_, "loop") => Document(vec![Verb::Redirect("/webhooks/twilio/loop".to_owned())]),
        (_, "persona") => {
            let person = Party::Number("+525500000000".to_owned());
            let action = Some("/webhooks/twilio/after?dial=1".to_owned());
            Document(vec![Verb::Dial(Dial { action, whisper: Some("/webhooks/twilio/whisper".to_owned()), ..Dial::person(&person) })])
        }
        (_, "adiós") => Document(vec![Verb::Say(Say::new("Hasta luego.")), Verb::Hangup]),
        (_, "falla") => apology(None),
        (_, "") => ask(&["¿Sí o no?"]),
        _ => Document(vec![Verb::Say(Say::new("Un momento.")), Verb::Redirect("/webhooks/twilio/poll?poll=1".to_owned())]),
    };
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], document.render()).into_response()
}

fn ask(texts: &[&str]) -> Document {
    Document(vec![Verb::Gather(Gather {
        action: "/webhooks/twilio/process?turn=1&t=a".to_owned(),
        language: "es-MX".to_owned(),
        timeout: 6,
        speech_timeout: 2,
        max_speech_time: 30,
        speech_model: None,
        keys_only: false,
        finish_on_key: "#".to_owned(),
        num_digits: None,
        hints: Vec::new(),
        prompt: texts.iter().map(|text| Prompt::Say(Say::new(text))).collect(),
    })])
}
