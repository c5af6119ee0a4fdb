//! Every crime of the evil plugin, in a server that answers the bank's callers meanwhile.
//!
//! The bank's project with one plugin more. Criminals write on the REST channel; callers telephone, and after every
//! reply whatever was claimed is looked up (`truth.rs`).
//!
//! Lives here: that the server goes on, that each crime has its outcome in the flow, that no caller is told anything else.
//! Never here: which guard ends a crime, and what happens without it (`host/src/evil`).

use crate::house::{Changes, House, On, root};
use crate::truth::{self, Watched, spelled};
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use centralita::plugins_build;
use centralita::sandbox::with_manifest;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const API: &str = "a-token-of-the-criminals";

/// The crime, what it is told, the binding it uses, and what the flow then says.
const CRIMES: [(&str, &str, &str, &str); 50] = [
    ("evil_good", "", "", "done"),
    ("evil_loop_for_ever", "", "", "timeout"),
    ("evil_recursion", "1000000", "", "failed"),
    ("evil_memory", "", "", "failed"),
    ("evil_huge_text", "", "", "failed"),
    ("evil_huge_list", "", "", "failed"),
    ("evil_output", "", "", "failed"),
    ("evil_log_flood", "", "", "done"),
    ("evil_handles", "", "", "failed"),
    ("evil_exit", "", "", "failed"),
    ("evil_trap", "", "", "failed"),
    ("evil_nested_json", "", "", "failed"),
    ("evil_not_a_number", "", "", "failed"),
    ("evil_read_slot", "", "", "done"),
    ("evil_write_slot", "", "", "done"),
    ("evil_respond", "", "", "done"),
    ("evil_send", "/tickets/../../admin", "desk", "refused"),
    ("evil_send", "//evil.test/tickets", "desk", "refused"),
    ("evil_send", "https://evil.test/", "desk", "refused"),
    ("evil_send", "@evil.test/", "bare", "refused"),
    ("evil_send", "/%2e%2e/admin", "desk", "refused"),
    ("evil_send", "/tickets/1\r\nHost: evil", "desk", "refused"),
    ("evil_send", "/redirect", "desk", "done"),
    ("evil_send", "/giant", "desk", "refused"),
    ("evil_send", "/drip", "other", "timeout"),
    ("evil_send", "/latest", "inside", "unavailable"),
    ("evil_send", "/latest", "ungranted", "refused"),
    ("evil_send_twice", "/tickets/1", "desk", "done"),
    ("evil_header", "Authorization|Basic eA==", "", "refused"),
    ("evil_header", "Host|evil.test", "", "refused"),
    ("evil_header", "x-request-id|1\r\nCookie: a", "", "refused"),
    ("evil_query", "ungranted", "", "refused"),
    ("evil_query", "large", "", "failed"),
    ("evil_execute", "ungranted", "", "refused"),
    ("evil_many_queries", "", "", "failed"),
    ("evil_many_sends", "", "", "failed"),
    ("evil_sql", "", "", "done"),
    ("evil_guess", "", "", "failed"),
    ("evil_guess_numbers", "", "", "failed"),
    ("evil_token_to_slot", "", "", "refused"),
    ("evil_token_in_text", "", "", "refused"),
    ("evil_token_to_response", "", "", "done"),
    ("evil_token_to_column", "", "", "refused"),
    ("evil_token_to_class", "", "", "refused"),
    ("evil_token_to_log", "", "", "done"),
    ("evil_token_to_path", "", "", "refused"),
    ("evil_token_to_body", "", "", "refused"),
    ("evil_echo", "", "", "done"),
    ("evil_echo_answer", "", "", "done"),
    ("evil_launder", "", "", "done"),
];

/// The plugin with a manifest that asks for everything, beside the compiled components of other tests.
async fn component() -> PathBuf {
    let built = plugins_build::compile_packages(root(), &["evil"]).await.unwrap();
    let granted = read("plugins.yml");
    let actions = granted.lines().filter_map(|line| line.trim().strip_prefix("evil_")?.split_once(':')).map(|(action, _)| {
        format!(
            "  evil_{action}:\n    reads: [told, binding, last4, loot, client, secret]\n    writes: [loot, client, secret]\n    \
             responses: [utter_said, utter_promise]\n    bindings: [desk, bare, other, inside, ungranted]\n    \
             statements: [length, clients, name-of, card-by-digits, keep-plain, keep-digits, kept, echo, large, slow, write, ungranted]\n"
        )
    });
    let manifest = format!("name: evil\nversion: 0.1.0\nactions:\n{}", actions.collect::<String>());
    let path = place();
    std::fs::write(&path, with_manifest(&std::fs::read(&built["evil"].0).unwrap(), &manifest)).unwrap();
    path
}

fn place() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("evil.wasm")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join("tests/evil/project").join(file)).unwrap()
}

/// Puts the evil plugin into the bank's project.
fn with_evil(project: &Path) {
    let write = |file: &str, text: &str| std::fs::write(project.join(file), text).unwrap();
    let own = |file: &str| std::fs::read_to_string(project.join(file)).unwrap();
    std::fs::copy(place(), project.join("plugins/evil.wasm")).unwrap();
    // Crimes ask for no consent.
    write("config.yml", &own("config.yml").replace("strict: true", "strict: false"));
    let domain = read("domain.yml");
    write("domain/evil.yml", &domain.lines().filter(|line| !line.contains("class: ")).map(|line| format!("{line}\n")).collect::<String>());
    write("data/flows/evil.yml", &read("data/flows.yml"));
    let mut grants = own("plugins.yml");
    let evil = read("plugins.yml");
    let sections: Vec<(&str, &str)> = ["plugins", "bindings", "statements"].iter().map(|name| (*name, section(&evil, name))).collect();
    for (name, text) in sections {
        grants = grants.replacen(&format!("\n{name}:\n"), &format!("\n{name}:\n{text}\n"), 1);
    }
    write("plugins.yml", &grants);
}

/// What stands below a key at the left margin.
fn section<'a>(yaml: &'a str, name: &str) -> &'a str {
    let (_, rest) = yaml.split_once(&format!("\n{name}:\n")).unwrap();
    let end = rest.match_indices('\n').find(|(at, _)| rest[at + 1..].starts_with(|c: char| c.is_ascii_lowercase())).map_or(rest.len(), |(at, _)| at);
    &rest[..end]
}

/// What the plugin talks to: it repeats what it hears, points elsewhere, talks too much, or hardly at all.
async fn machine() -> String {
    async fn answer(asked: Request) -> Response {
        let json = [("content-type", "application/json")];
        match asked.uri().path() {
            "/api/redirect" => Redirect::temporary("http://169.254.169.254/latest/meta-data").into_response(),
            "/api/giant" => (json, format!("\"{}\"", "x".repeat(100_000))).into_response(),
            "/drip" => std::future::pending().await,
            _ => {
                let body = axum::body::to_bytes(asked.into_body(), 1 << 20).await.unwrap_or_default();
                (json, json!({ "heard": String::from_utf8_lossy(&body) }).to_string()).into_response()
            }
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    base
}

/// Somebody who writes on the REST channel.
struct Criminal {
    client: reqwest::Client,
    url: String,
    sender: String,
}

impl Criminal {
    /// What the audit says of them.
    async fn audited(&self, house: &House) -> Vec<Json> {
        let store = &house.server.app.store;
        let rows = store.audit_chain(Some(&store.chain_of(&format!("chat:{}", self.sender)))).await.unwrap();
        rows.iter().map(|row| serde_json::from_str(&row.record).unwrap()).collect()
    }

    fn new(house: &House, n: usize) -> Self {
        Self { client: reqwest::Client::new(), url: format!("http://{}/webhooks/rest/webhook", house.server.public), sender: format!("criminal-{n}") }
    }

    /// Slots that tell the plugin what to do, set from outside.
    async fn sets(&self, slots: &[(&str, &str)]) {
        let url = self.url.replace("/webhooks/rest/webhook", &format!("/conversations/{}/tracker/events", self.sender));
        let events: Vec<Json> = slots.iter().map(|(name, value)| json!({ "event": "slot", "name": name, "value": value })).collect();
        let answer = self.client.post(url).bearer_auth(API).json(&events).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{slots:?}");
    }

    async fn writes(&self, message: &str) -> Vec<String> {
        let body = json!({ "sender": self.sender, "message": message });
        let answer = self.client.post(&self.url).bearer_auth(API).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{message}");
        let said: Vec<Json> = answer.json().await.unwrap();
        said.iter().filter_map(|said| said["text"].as_str()).map(str::to_owned).collect()
    }
}

/// Calls until told to stop: a theft reported from the first word to the ticket, every claim looked up.
async fn calls(house: Arc<House>, from: u32, over: Arc<AtomicBool>, held: Arc<AtomicU32>) {
    let mut next = from;
    while !over.load(Ordering::Relaxed) {
        let number = format!("+52551000{next:04}");
        let last4 = format!("{next:04}");
        let mut call = Watched::ring(&house, &number).await;
        assert_eq!(call.say("me robaron la tarjeta").await, ["utter_ask_last4"], "{number}");
        assert_eq!(call.say(&spelled(&last4)).await, ["utter_ask_confirm_block"], "{number}");
        call.say("sí").await;
        assert!(["utter_report_registered", "utter_ticket_created"].iter().all(|wanted| call.said.iter().any(|said| said == wanted)), "{:?}", call.said);
        call.say("no").await;
        assert!(call.hung_up(), "{number}");
        held.fetch_add(1, Ordering::Relaxed);
        next += 1;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_crime_has_its_outcome_and_no_caller_notices_any() {
    component().await;
    let machine = machine().await;
    let variables = vec![
        ("CENTRALITA_AUTH_TOKEN", API.to_owned()),
        ("EVIL_DESK", format!("{machine}/api")),
        ("EVIL_BARE", machine.clone()),
        ("EVIL_OTHER", machine.clone()),
        ("EVIL_INSIDE", "https://inside.evil.test".to_owned()),
    ];
    let house = truth::open(On::Sqlite, "evil", Changes { variables, project: Some(with_evil), ..Changes::default() }).await.unwrap();
    let (over, held) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let mut callers = JoinSet::new();
    for from in [100, 300, 500] {
        callers.spawn(calls(house.clone(), from, over.clone(), held.clone()));
    }
    for (n, (action, told, binding, outcome)) in CRIMES.into_iter().enumerate() {
        let criminal = Criminal::new(&house, n);
        criminal.sets(&[("last4", "4521"), ("client", "100001"), ("told", told), ("binding", binding)]).await;
        let said = criminal.writes(&format!("/{action}")).await;
        assert!(said.iter().any(|said| said == outcome), "{action} «{told}»: {said:?}");
        assert!(!said.iter().any(|said| said.contains("Your card is blocked")), "{action}: {said:?}");
        let records = criminal.audited(&house).await;
        let run = records.iter().find(|record| record["what"] == "run" && record["action"] == action);
        assert_eq!(run.map(|run| &run["outcome"]), Some(&json!(outcome)), "{action}: {records:?}");
        assert!(records.iter().all(|record| record["what"] != "host call" || record["outcome"] != "done" || record["rule"] != ""), "{records:?}");
    }
    over.store(true, Ordering::Relaxed);
    truth::all(callers).await;
    assert!(held.load(Ordering::Relaxed) >= 3, "calls were held meanwhile");
    eprintln!("{} crimes, {} calls meanwhile", CRIMES.len(), held.load(Ordering::Relaxed));
    // And afterwards the line answers as before.
    let mut call = Watched::ring(&house, "+525500000001").await;
    assert_eq!(call.say("me robaron la tarjeta").await, ["utter_ask_last4"]);
}
