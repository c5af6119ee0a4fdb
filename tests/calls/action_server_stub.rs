//! What an action server may answer, and what it gets to see: a stand-in that speaks its protocol and keeps every request.

use crate::house::Folder;
use crate::office::Office;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value as Json, json};
use std::collections::VecDeque;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// One answer of the stand-in.
enum Answer {
    Json(u16, Json),
    Text(&'static str),
    Never,
}

/// A request as it came.
struct Asked {
    headers: HeaderMap,
    body: Json,
}

/// An action server that answers what it was told to, one answer a request.
#[derive(Clone, Default)]
struct Stub {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    async fn serve(answers: Vec<Answer>) -> (Self, String) {
        let stub = Self { answers: Arc::new(Mutex::new(answers.into())), ..Self::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let state = stub.clone();
        let webhook = move |headers: HeaderMap, bytes: Bytes| state.clone().answer(headers, bytes);
        let router = axum::Router::new().route("/webhook", axum::routing::post(webhook)).layer(axum::extract::DefaultBodyLimit::disable());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (stub, url)
    }

    async fn answer(self, headers: HeaderMap, bytes: Bytes) -> (StatusCode, String) {
        let body = if headers.get("content-encoding").is_some_and(|encoding| encoding == "deflate") {
            let mut plain = Vec::new();
            flate2::read::ZlibDecoder::new(&*bytes).read_to_end(&mut plain).unwrap();
            serde_json::from_slice(&plain).unwrap()
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        self.asked.lock().unwrap().push(Asked { headers, body });
        let answer = self.answers.lock().unwrap().pop_front();
        match answer {
            Some(Answer::Json(status, body)) => (StatusCode::from_u16(status).unwrap(), body.to_string()),
            Some(Answer::Text(text)) => (StatusCode::OK, text.to_owned()),
            Some(Answer::Never) => std::future::pending().await,
            None => (StatusCode::OK, "null".to_owned()),
        }
    }

    fn body(&self, at: usize) -> Json {
        self.asked.lock().unwrap()[at].body.clone()
    }

    fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

const CONFIG: &str = "language: en\npipeline: [{name: CentralitaTypedAnswers}, {name: NLUCommandAdapter}]\npolicies: [{name: FlowPolicy}]\n";
const NLU: &str = "nlu:\n- intent: order\n  examples: |\n    - order something\n    - I want to buy\n- intent: look\n  examples: |\n    - look at it\n    - show me what there is\n";
const FLOWS: &str = "
flows:
  order:
    description: Order
    nlu_trigger: [{intent: order}]
    steps:
      - collect: amount
      - action: action_price
      - action: utter_price
  look:
    description: Look
    nlu_trigger: [{intent: look}]
    steps:
      - action: action_look
      - action: utter_seen
";
const DOMAIN: &str = "
actions: [action_price, action_look]
slots:
  amount: {type: float}
  price: {type: text, mappings: [{type: controlled}]}
  seen: {type: text, mappings: [{type: controlled}]}
responses:
  utter_ask_amount: [{text: How many?}]
  utter_price: [{text: 'That is {price}.'}]
  utter_seen: [{text: 'There is {seen}.'}]
";

fn project(into: &Path, files: &[(&str, &str)]) -> PathBuf {
    let project = into.join("project");
    for (path, text) in [("config.yml", CONFIG), ("domain.yml", DOMAIN), ("data/flows.yml", FLOWS), ("data/nlu.yml", NLU)].iter().chain(files) {
        let path = project.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    project
}

/// An office whose action server gives these answers; `more` goes under `action_endpoint`.
async fn office(folder: &Folder, answers: Vec<Answer>, more: &str, files: &[(&str, &str)], variables: &[(&str, &str)]) -> (Office, Stub) {
    let (stub, url) = Stub::serve(answers).await;
    let endpoints = format!("action_endpoint:\n  url: ${{ACTIONS_AT}}\n{more}");
    let files: Vec<(&str, &str)> = files.iter().copied().chain([("endpoints.yml", endpoints.as_str())]).collect();
    let variables: Vec<(&str, &str)> = variables.iter().copied().chain([("ACTIONS_AT", url.as_str())]).collect();
    (Office::open(&folder.0, &project(&folder.0, &files), &variables).await, stub)
}

fn seen(what: &str) -> Answer {
    Answer::Json(200, json!({ "events": [{ "event": "slot", "name": "seen", "value": what, "timestamp": null }], "responses": [] }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_domain_is_asked_again_with_it() {
    let folder = Folder::new();
    let missing = Answer::Json(449, json!({ "error": "no domain", "action_name": "action_look" }));
    let (office, stub) = office(&folder, vec![missing, seen("tea"), seen("rum")], "  token: t-1\n  headers: {X-Team: blue}\n", &[], &[]).await;
    assert_eq!(office.says("ana", "look at it").await[0], "There is tea.");
    assert_eq!(office.says("ana", "look at it").await[0], "There is rum.");
    let (first, second, third) = (stub.body(0), stub.body(1), stub.body(2));
    assert_eq!((first.get("domain"), first["next_action"].as_str(), first["sender_id"].as_str()), (None, Some("action_look"), Some("ana")));
    assert_eq!(second["domain"]["slots"]["seen"]["type"], "text");
    assert_eq!((third.get("domain"), &third["domain_digest"]), (None, &first["domain_digest"]));
    assert_eq!(first["version"], "3.13.0");
    let asked = stub.asked.lock().unwrap();
    assert_eq!(asked[0].headers.get("x-team").unwrap(), "blue");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tracker_that_is_sent_holds_the_conversation_as_rasa_has_it() {
    let folder = Folder::new();
    let (office, stub) = office(&folder, vec![seen("tea")], "", &[], &[("COMPRESS_ACTION_SERVER_REQUEST", "true")]).await;
    office.says("ana", "look at it").await;
    let tracker = &stub.body(0)["tracker"];
    assert_eq!(stub.asked.lock().unwrap()[0].headers.get("content-encoding").unwrap(), "deflate");
    assert_eq!(tracker["latest_message"]["text"], "look at it");
    assert_eq!(tracker["latest_message"]["intent"]["name"], "look");
    assert_eq!(tracker["slots"]["seen"], Json::Null);
    assert_eq!(tracker["latest_input_channel"], "rest");
    assert_eq!(tracker["stack"][0]["flow_id"], "look");
    let events: Vec<&str> = tracker["events"].as_array().unwrap().iter().filter_map(|event| event["event"].as_str()).collect();
    assert!(events.contains(&"session_started") && events.contains(&"user") && events.contains(&"flow_started"), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_actions_that_ask_for_the_domain_are_sent_it_where_that_is_chosen() {
    let folder = Folder::new();
    let domain = DOMAIN.replace("[action_price, action_look]", "[action_price, action_look: {send_domain: true}]");
    let missing = || Answer::Json(449, json!({ "error": "no domain", "action_name": "x" }));
    let more = "  enable_selective_domain: true\n";
    let (office, stub) = office(&folder, vec![missing(), seen("tea"), seen("rum")], more, &[("domain.yml", &domain)], &[]).await;
    office.says("ana", "look at it").await;
    assert!(stub.body(1)["domain"]["slots"].is_object());
    office.says("ana", "order something").await;
    office.says("ana", "20").await;
    assert_eq!((stub.count(), &stub.body(2)["domain"]), (3, &json!({})));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_cannot_be_used_are_internal_errors_and_the_conversation_goes_on() {
    let folder = Folder::new();
    let misspelt = json!({ "events": [{ "event": "slot", "name": "sean", "value": "tea" }], "responses": [] });
    let answers = vec![
        Answer::Text("<html>hello</html>"),
        Answer::Json(404, json!({ "error": "no", "action_name": "action_look" })),
        Answer::Json(500, json!({ "error": "boom", "request_body": {} })),
        Answer::Json(200, misspelt),
        Answer::Never,
        Answer::Json(200, json!({ "responses": [{ "text": "x".repeat(5000) }], "events": [] })),
        seen("tea"),
    ];
    let (office, stub) = office(&folder, answers, "  centralita: {timeout: 0.5, max_response: 4000}\n", &[], &[]).await;
    for turn in 0..6 {
        assert!(office.hears("ana", "look at it").await.contains(&"utter_internal_error_rasa".to_owned()), "answer {turn}");
    }
    let why = [
        "is no JSON",
        "has no action `action_look`",
        "raised an exception",
        "`action_look` set the slot `sean`",
        "no answer within 500 ms",
        "more than 4000 bytes",
    ];
    for (detail, why) in office.endings("ana").await.iter().zip(why) {
        assert!(detail.contains(why), "{detail}");
    }
    assert_eq!(office.says("ana", "look at it").await[0], "There is tea.");
    assert_eq!(stub.count(), 7, "a request that may have been carried out is not repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_refuses_to_run_leaves_its_event() {
    let folder = Folder::new();
    let refused = Answer::Json(400, json!({ "error": "not now", "action_name": "action_look" }));
    let (office, stub) = office(&folder, vec![refused, seen("tea")], "", &[], &[]).await;
    office.says("ana", "look at it").await;
    assert_eq!(office.endings("ana").await, ["the action refused to run"]);
    office.says("ana", "look at it").await;
    let tracker = stub.body(1)["tracker"].clone();
    assert!(tracker["events"].as_array().unwrap().iter().any(|event| event["event"] == "action_execution_rejected" && event["name"] == "action_look"));
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_slots_with_a_class_go_out_as_tokens_and_come_back_as_values() {
    let folder = Folder::new();
    let domain = DOMAIN.replace("amount: {type: float}", "amount: {type: text, centralita: {class: last4, answer: last_four}}");
    let (stub, url) = Stub::serve(Vec::new()).await;
    let endpoints = format!("action_endpoint: {{url: '{url}'}}\n");
    let project = project(&folder.0, &[("domain.yml", &domain), ("endpoints.yml", &endpoints)]);
    let office = Office::open(&folder.0, &project, &[]).await;
    office.says("ana", "order something").await;
    office.says("ana", "4521").await;
    let request = stub.body(0).to_string();
    assert!(!request.contains("4521"), "{request}");
    let token = stub.body(0)["tracker"]["slots"]["amount"].as_str().unwrap().to_owned();
    assert!(token.starts_with("tok_last4_"), "{token}");
    let back = json!({
        "events": [{ "event": "slot", "name": "price", "value": format!("one for {token}") }],
        "responses": [{ "text": format!("Your card {token}") }],
    });
    stub.answers.lock().unwrap().push_back(Answer::Json(200, back));
    office.says("ana", "order something").await;
    let said = office.says("ana", "4521").await;
    assert_eq!([said[0].as_str(), said[1].as_str()], ["Your card 4521", "That is one for 4521."]);
    let request = stub.body(1).to_string();
    assert!(!request.contains("4521") && request.contains(&token), "the same value has the same token: {request}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_granted_to_the_action_server_goes_as_it_is() {
    let folder = Folder::new();
    let domain = DOMAIN.replace("amount: {type: float}", "amount: {type: text, centralita: {class: last4, answer: last_four}}");
    let files = [("domain.yml", domain.as_str()), ("plugins.yml", "action_server: {slots: [amount]}\n")];
    let (office, stub) = office(&folder, vec![], "", &files, &[]).await;
    office.says("ana", "order something").await;
    office.says("ana", "4521").await;
    assert_eq!(stub.body(0)["tracker"]["slots"]["amount"], "4521");
    assert_ne!(stub.body(0)["tracker"]["latest_message"]["text"], "4521", "the caller's words are tokens all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_action_that_the_domain_lists_is_the_action_servers() {
    let folder = Folder::new();
    let domain = DOMAIN.replace("[action_price, action_look]", "[action_price, action_look, action_session_start]");
    let started = json!({ "events": [{ "event": "session_started" }, { "event": "slot", "name": "seen", "value": "gold" }, { "event": "action", "name": "action_listen" }], "responses": [] });
    let (office, stub) = office(&folder, vec![Answer::Json(200, started)], "", &[("domain.yml", &domain)], &[]).await;
    assert_eq!(office.says("ana", "look at it").await[0], "There is gold.");
    assert_eq!(stub.body(0)["next_action"], "action_session_start");
    assert_eq!(stub.body(1)["next_action"], "action_look");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_named_and_nothing_counts_as_sent() {
    let folder = Folder::new();
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoints = format!("action_endpoint: {{url: 'http://{}/webhook'}}\n", nobody.local_addr().unwrap());
    drop(nobody);
    let project = project(&folder.0, &[("endpoints.yml", &endpoints)]);
    let office = Office::open(&folder.0, &project, &[]).await;
    assert!(office.hears("ana", "look at it").await.contains(&"utter_internal_error_rasa".to_owned()));
    assert!(office.endings("ana").await[0].contains("the action server cannot be reached"));
    assert_eq!(office.rows("select name, state from effects").await, [["action_look", "failed"]]);
}
