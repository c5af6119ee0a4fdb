//! A small bank line to look at in tests: a few fixed answers over the real wire, and what it did with them.
//!
//! Lives here: the phone endpoint, the view and a desk with a ticket in it.
//! Never here: anything of the real server.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use axum::{
    Form, Router,
    extract::{OriginalUri, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use url::Url;

use crate::{
    admin::{Parts, PluginView, ReleaseView, ReloadView, View, router},
    phone::Line,
    standin::desk::{Desk, Listening},
    twilio::twiml::{Dial, Document, Gather, Party, Prompt, Say, Verb},
};

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// The admin listener, for as long as the test's runtime lives.
pub(crate) struct Pretend {
    pub(crate) address: SocketAddr,
    pub(crate) bank: Arc<Bank>,
}

/// Behind the telephone.
pub(crate) struct Bank {
    pub(crate) release: Mutex<String>,
    turns: Mutex<Vec<Value>>,
    pub(crate) call: Mutex<String>,
    /// The records of the audit.
    pub(crate) audited: Mutex<Vec<Value>>,
    desk: Desk,
    listening: Listening,
}

impl Pretend {
    pub(crate) async fn start() -> Self {
        crate::egress::install_tls();
        let desk = Desk::new("key");
        let listening = desk.serve().await.unwrap();
        let bank = Arc::new(Bank {
            release: Mutex::new("a1f09c37d5e2".repeat(4)),
            turns: Mutex::default(),
            call: Mutex::default(),
            audited: Mutex::default(),
            desk: desk.clone(),
            listening,
        });
        let phone = serve(Router::new().fallback(answer).with_state(Arc::clone(&bank))).await;
        let line = Line::new(Url::parse(&format!("http://{phone}")).unwrap(), None, None).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let parts = Parts {
            token: TOKEN.to_owned(),
            bind: address,
            line: Arc::new(line),
            view: Arc::clone(&bank) as Arc<dyn View>,
            desk: Some(desk),
            network: None,
            project_name: "sctbnk <demo>".to_owned(),
        };
        tokio::spawn(async move { axum::serve(listener, router(Arc::new(parts))).await });
        Self { address, bank }
    }
}

async fn serve(app: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[async_trait]
impl View for Bank {
    fn release(&self) -> ReleaseView {
        let plugin = |name: &str, digest: &str, imports: &[&str]| PluginView {
            name: name.to_owned(),
            digest: digest.repeat(8),
            imports: imports.iter().map(|&each| each.to_owned()).collect(),
        };
        ReleaseView {
            current: self.release.lock().unwrap().clone(),
            reviewed: None,
            orders: vec!["binding freshdesk: stopped by an operator".to_owned()],
            plugins: vec![
                plugin("contextual-greeting", "3be1", &["call"]),
                plugin("card-verification", "90ac", &["centralita:action/call@0.1.0", "centralita:action/records@0.1.0"]),
                plugin("freshdesk-tickets", "77d0", &["call", "centralita:action/http@0.1.0", "records"]),
            ],
            last_reload: Some(ReloadView { at_ms: 1_770_000_000_000, ok: true, took_ms: 212, message: "contextual-greeting".to_owned() }),
            understanding: "matcher".to_owned(),
        }
    }

    async fn trace(&self, call: &str) -> anyhow::Result<Value> {
        let known = self.call.lock().unwrap().clone();
        if known != call {
            return Ok(Value::Null);
        }
        let turns = self.turns.lock().unwrap().clone();
        Ok(json!({"call": call, "release": "a1f09c37d5e2".repeat(4), "status": "in-progress", "turns": turns}))
    }

    async fn audit(&self, record: Value) {
        self.audited.lock().unwrap().push(record);
    }

    fn metrics(&self) -> String {
        "# TYPE centralita_calls_active gauge\ncentralita_calls_active 1\n".to_owned()
    }
}

type Fields = Vec<(String, String)>;

/// What a turn did: its answer, and the rest of its trace.
struct Did {
    said: Vec<(&'static str, String)>,
    commands: &'static [&'static str],
    by: &'static str,
    runs: Value,
    step: &'static str,
    slots: Value,
}

async fn answer(State(bank): State<Arc<Bank>>, OriginalUri(uri): OriginalUri, Form(form): Form<Fields>) -> Response {
    let value = |name: &str| {
        let found = form.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    if uri.path() == "/webhooks/twilio/status" {
        return ().into_response();
    }
    if uri.path() == "/webhooks/twilio/webhook" {
        *bank.call.lock().unwrap() = value("CallSid");
        bank.turns.lock().unwrap().clear();
    }
    let (text, keys) = (value("SpeechResult"), value("Digits"));
    let said = |name: &'static str, text: &str| (name, text.to_owned());
    let did = match (uri.path(), keys.as_str(), text.as_str()) {
        ("/webhooks/twilio/webhook", ..) => Did {
            said: vec![said(
                "utter_greeting_morning",
                "Buenos días, soy el asistente de tu banco. ¿En qué puedo ayudarte? Para hablar con una persona, di persona o marca cero.",
            )],
            commands: &[],
            by: "",
            runs: json!([{"action": "action_greeting", "ending": "done", "detail": null}]),
            step: "start",
            slots: json!({"bank_name": "tu banco"}),
        },
        (_, "4521", _) => Did {
            said: vec![said(
                "utter_ask_confirm_block",
                "Voy a reportar tu tarjeta terminada en 4-5-2-1 para su bloqueo y se generará un ticket. ¿Confirmas? Di sí o no, o marca uno o dos.",
            )],
            commands: &["set slot last4 ••••"],
            by: "typed",
            runs: json!([{"action": "action_verify_card", "ending": "done", "detail": null}]),
            step: "collect confirm_block",
            slots: json!({"bank_name": "tu banco", "last4": "••••", "card_last4": "••••", "reason": "stolen"}),
        },
        (_, _, "sí") => Did {
            said: vec![
                said("utter_report_registered", "Tu reporte quedó registrado el 4 de mayo a las 10:15. Tu código es 4-1-9-0-2-2-7-5-3."),
                said("utter_ticket_created", &format!("El número de ticket es {}.", bank.ticket().await)),
                said(
                    "utter_not_blocked_yet",
                    "El bloqueo lo hace un ejecutivo: tu tarjeta todavía no está bloqueada. ¿Quieres que te comunique ahora con un ejecutivo?",
                ),
            ],
            commands: &["set slot confirm_block true"],
            by: "typed",
            runs: json!([{"action": "action_open_request", "ending": "done"}, {"action": "action_create_ticket", "ending": "done"}]),
            step: "collect wants_person",
            slots: json!({"bank_name": "tu banco", "last4": "••••", "card_last4": "••••", "reason": "stolen", "confirm_block": "true", "request_code": "•••••••53", "ticket_id": "1"}),
        },
        (_, _, "persona") => Did {
            said: vec![said("utter_transfer", "Te comunico con una persona.")],
            commands: &["hand over"],
            by: "matcher",
            runs: json!([]),
            step: "transfer",
            slots: json!({}),
        },
        (_, "", "") => Did { said: vec![said("utter_cannot_hear", "No te escucho.")], commands: &[], by: "", runs: json!([]), step: "start", slots: json!({}) },
        _ => Did {
            said: vec![said("utter_ask_last4", "Dime los últimos cuatro dígitos de tu tarjeta, o márcalos en el teclado. No me des el número completo.")],
            commands: &["start flow block_card", "set slot reason stolen"],
            by: "matcher",
            runs: json!([]),
            step: "collect last4",
            slots: json!({"bank_name": "tu banco", "reason": "stolen"}),
        },
    };
    let transfer = did.step == "transfer";
    let texts: Vec<_> = did.said.iter().map(|(_, text)| text.clone()).collect();
    bank.record(did, &text, &keys);
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], document(&texts, transfer).render()).into_response()
}

impl Bank {
    fn record(&self, did: Did, text: &str, keys: &str) {
        let mut turns = self.turns.lock().unwrap();
        let heard = match (text, keys) {
            ("", "") => Value::Null,
            ("", _) => json!({"text": "••••", "via": "keys", "destroyed": false}),
            (text, _) => json!({"text": text, "via": "speech", "destroyed": false}),
        };
        let said: Vec<_> = did.said.into_iter().map(|(response, text)| json!({"response": response, "text": text})).collect();
        let flow = if turns.is_empty() { "pattern_session_start" } else { "block_card" };
        let turn = turns.len();
        turns.push(json!({"turn": turn, "heard": heard, "by": did.by, "commands": did.commands, "dropped": 0, "said": said,
            "runs": did.runs, "flow": flow, "stack": [{"flow": flow, "step": did.step}], "slots": did.slots}));
    }

    async fn ticket(&self) -> u64 {
        let ticket = json!({"name": "Mariana", "unique_external_id": "100001", "subject": "Tarjeta robada terminada en 4521", "status": 2,
            "priority": 4, "description": "Reporte 419022753", "tags": ["centralita", "robo"]});
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let created = client.post(format!("{}/tickets", self.listening.base)).basic_auth("key", Some("X")).json(&ticket);
        created.send().await.unwrap().json::<Value>().await.unwrap()["id"].as_u64().unwrap()
    }

    /// The ids of the desk's tickets.
    pub(crate) fn tickets(&self) -> usize {
        self.desk.tickets().len()
    }
}

fn document(texts: &[String], transfer: bool) -> Document {
    if transfer {
        let said = texts.iter().map(|text| Verb::Say(Say::new(text)));
        let dial = Dial::person(&Party::Number("+525500000000".to_owned()));
        return Document(said.chain([Verb::Dial(dial)]).collect());
    }
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
