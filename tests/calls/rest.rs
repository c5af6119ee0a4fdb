//! The REST channel and the HTTP API over HTTP: who may speak, what comes back, what is kept.

use crate::house::{BOTH, Changes, House, On};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) const TOKEN: &str = "an-api-token-of-the-tests";
const SECRET: &str = "a-jwt-secret-of-the-tests";

/// A small project of its own: a question with buttons, an intent, a response with everything.
fn small(project: &Path) {
    for folder in ["data", "domain", "tests"] {
        std::fs::remove_dir_all(project.join(folder)).unwrap();
    }
    for file in ["plugins.yml", "credentials.yml", "endpoints.yml"] {
        std::fs::remove_file(project.join(file)).unwrap();
    }
    std::fs::create_dir_all(project.join("data")).unwrap();
    std::fs::write(
        project.join("config.yml"),
        "language: en\npipeline:\n  - name: NLUCommandAdapter\n  - name: CompactLLMCommandGenerator\npolicies:\n  - name: FlowPolicy\n",
    )
    .unwrap();
    std::fs::write(project.join("domain.yml"), DOMAIN).unwrap();
    std::fs::write(project.join("data/flows.yml"), FLOWS).unwrap();
    std::fs::write(project.join("data/nlu.yml"), NLU).unwrap();
}

const DOMAIN: &str = r#"
intents: [order]
slots:
  size: {type: text, mappings: [{type: from_llm}]}
responses:
  utter_ask_size:
    - text: "Which size?"
      buttons:
        - {title: Small, payload: "/SetSlots(size=small)"}
        - {title: Large, payload: "/SetSlots(size=large)"}
  utter_ordered:
    - text: "One {size} coffee.\n\nAnything else is at the counter."
      image: "https://example.org/coffee.png"
"#;
const FLOWS: &str = "
flows:
  order_coffee:
    description: order a coffee
    nlu_trigger: [{intent: order}]
    steps:
      - collect: size
      - action: utter_ordered
";
const NLU: &str = "
nlu:
  - intent: order
    examples: |
      - a coffee please
      - I want to order a coffee
      - order coffee
";

pub(crate) async fn open(on: On, test: &str, more: &[(&'static str, &str)]) -> Option<House> {
    let usual = [("CENTRALITA_AUTH_TOKEN", TOKEN), ("JWT_SECRET", SECRET)];
    let variables = usual.iter().chain(more).map(|(name, value)| (*name, (*value).to_owned())).collect();
    House::with(on, test, Changes { variables, project: Some(small), ..Changes::default() }).await
}

pub(crate) fn url(house: &House, path: &str) -> String {
    format!("http://{}{path}", house.server.public)
}

fn jwt(header: &Value, claims: &Value, secret: &str) -> String {
    let body = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    format!("{body}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn token_of(username: &str, role: &str) -> String {
    jwt(&json!({"alg": "HS256", "typ": "JWT"}), &json!({"user": {"username": username, "role": role}, "exp": 4_102_444_800_u64}), SECRET)
}

pub(crate) fn post(house: &House, path: &str, bearer: &str, body: &Value) -> RequestBuilder {
    Client::new().post(url(house, path)).bearer_auth(bearer).header("content-type", "application/json").body(body.to_string())
}

pub(crate) async fn get(house: &House, path: &str, bearer: &str) -> Response {
    Client::new().get(url(house, path)).bearer_auth(bearer).send().await.unwrap()
}

pub(crate) async fn say(house: &House, bearer: &str, sender: &str, message: &str) -> Vec<Value> {
    let response = post(house, "/webhooks/rest/webhook", bearer, &json!({"sender": sender, "message": message})).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    body(response).await.as_array().unwrap().clone()
}

pub(crate) async fn body(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

pub(crate) async fn refused(response: Response, status: StatusCode, reason: &str) {
    assert_eq!(response.status(), status);
    let json = body(response).await;
    assert_eq!((json["status"].as_str(), json["reason"].as_str(), json["code"].as_u64()), (Some("failure"), Some(reason), Some(u64::from(status.as_u16()))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_on_from_message_to_message_on_both_databases() {
    for on in BOTH {
        let Some(house) = open(on, "rest_goes_on", &[]).await else { continue };
        let asked = say(&house, TOKEN, "ana", "I want to order a coffee").await;
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!((asked[0]["recipient_id"].as_str(), asked[0]["text"].as_str()), (Some("ana"), Some("Which size?")));
        assert_eq!(asked[0]["buttons"][1], json!({"title": "Large", "payload": "/SetSlots(size=large)"}));
        let done = say(&house, TOKEN, "ana", "/SetSlots(size=large)").await;
        let expected = [
            json!({"recipient_id": "ana", "text": "One large coffee."}),
            json!({"recipient_id": "ana", "text": "Anything else is at the counter."}),
            json!({"recipient_id": "ana", "image": "https://example.org/coffee.png"}),
        ];
        assert_eq!(done[..3], expected, "{done:?}");
        let tracker = body(get(&house, "/conversations/ana/tracker", TOKEN).await).await;
        assert_eq!(tracker["sender_id"], "ana");
        let bot = tracker["events"].as_array().unwrap().iter().find(|event| event["event"] == "bot").unwrap();
        assert_eq!(bot["metadata"]["utter_action"], "utter_ask_size");
        house.server.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_counts_only_when_it_was_offered_or_an_administrator_sends_it() {
    let Some(house) = open(On::Sqlite, "rest_payload", &[]).await else { return };
    let ana = token_of("ana", "user");
    say(&house, &ana, "ana", "I want to order a coffee").await;
    say(&house, &ana, "ana", "/SetSlots(size=huge)").await;
    let slots = |tracker: &Value| tracker["slots"]["size"].clone();
    assert_eq!(slots(&body(get(&house, "/conversations/ana/tracker", &ana).await).await), Value::Null);
    let again = say(&house, &ana, "ana", "I want to order a coffee").await;
    assert!(!again.is_empty());
    say(&house, TOKEN, "bob", "I want to order a coffee").await;
    let done = say(&house, TOKEN, "bob", "/SetSlots(size=huge)").await;
    assert_eq!(done[0]["text"], "One huge coffee.");
    let eve = token_of("eve", "user");
    say(&house, &eve, "eve", "I want to order a coffee").await;
    let offered = say(&house, &eve, "eve", "/SetSlots(size=small)").await;
    assert_eq!(offered[0]["text"], "One small coffee.");
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_without_a_token_that_holds() {
    let Some(house) = open(On::Sqlite, "rest_auth", &[]).await else { return };
    let path = "/webhooks/rest/webhook";
    let hi = json!({"sender": "ana", "message": "hi"});
    let user = json!({"username": "ana", "role": "user"});
    let hs = json!({"alg": "HS256", "typ": "JWT"});
    let far = 4_102_444_800_u64;
    let bad = [
        "wrong".to_owned(),
        jwt(&hs, &json!({"user": user}), SECRET),
        jwt(&hs, &json!({"user": user, "exp": 1}), SECRET),
        jwt(&hs, &json!({"user": user, "exp": far}), "another-secret-of-the-tests"),
        jwt(&json!({"alg": "HS512", "typ": "JWT"}), &json!({"user": user, "exp": far}), SECRET),
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode(json!({"user": user, "exp": far}).to_string())),
    ];
    for token in &bad {
        refused(post(&house, path, token, &hi).send().await.unwrap(), StatusCode::UNAUTHORIZED, "NotAuthenticated").await;
    }
    for path in ["/status", "/domain", "/flows", "/conversations/ana/tracker"] {
        refused(Client::new().get(url(&house, path)).send().await.unwrap(), StatusCode::UNAUTHORIZED, "NotAuthenticated").await;
    }
    let by_query = Client::new().get(url(&house, &format!("/status?token={TOKEN}"))).send().await.unwrap();
    assert_eq!(by_query.status(), StatusCode::OK);
    assert_eq!(house.server.app.events("ana").await.ok().unwrap().len(), 0);
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_and_a_secret_the_api_is_closed() {
    let Some(house) = House::with(On::Sqlite, "rest_closed", Changes { project: Some(small), ..Changes::default() }).await else { return };
    for token in ["", "x"] {
        refused(post(&house, "/webhooks/rest/webhook", token, &json!({"message": "hi"})).send().await.unwrap(), StatusCode::UNAUTHORIZED, "NotAuthenticated")
            .await;
    }
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_reaches_their_own_conversation_and_no_other() {
    let Some(house) = open(On::Sqlite, "rest_roles", &[]).await else { return };
    let ana = token_of("ana", "user");
    refused(
        post(&house, "/webhooks/rest/webhook", &ana, &json!({"sender": "bob", "message": "hi"})).send().await.unwrap(),
        StatusCode::FORBIDDEN,
        "NotAuthorized",
    )
    .await;
    refused(get(&house, "/conversations/bob/tracker", &ana).await, StatusCode::FORBIDDEN, "NotAuthorized").await;
    refused(get(&house, "/status", &ana).await, StatusCode::FORBIDDEN, "NotAuthorized").await;
    let slot = json!({"event": "slot", "name": "size", "value": "huge"});
    refused(post(&house, "/conversations/ana/tracker/events", &ana, &slot).send().await.unwrap(), StatusCode::FORBIDDEN, "NotAuthorized").await;
    refused(get(&house, "/conversations/ana/tracker", &token_of("ana", "guest")).await, StatusCode::FORBIDDEN, "NotAuthorized").await;
    assert_eq!(get(&house, "/conversations/ana/tracker", &ana).await.status(), StatusCode::OK);
    assert_eq!(get(&house, "/conversations/bob/tracker", &token_of("root", "admin")).await.status(), StatusCode::OK);
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_never_reaches_a_telephone_call_of_the_same_name() {
    let Some(house) =
        House::with(On::Sqlite, "rest_telephone", Changes { variables: vec![("CENTRALITA_AUTH_TOKEN", TOKEN.into())], ..Changes::default() }).await
    else {
        return;
    };
    let (caller, _) = house.ring("+525500000001").await;
    let sid = caller.call_sid().to_owned();
    let before = house.events(&sid).await.len();
    say(&house, TOKEN, &sid, "hola").await;
    assert_eq!(house.events(&sid).await.len(), before);
    assert!(!house.server.app.events(&sid).await.ok().unwrap().is_empty());
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_writes_too_often_is_told_when_to_come_back() {
    let Some(house) = open(On::Sqlite, "rest_rate", &[("RATE_LIMIT_PER_MINUTE", "2")]).await else { return };
    for _ in 0..2 {
        say(&house, TOKEN, "ana", "hi").await;
    }
    let third = post(&house, "/webhooks/rest/webhook", TOKEN, &json!({"sender": "ana", "message": "hi"})).send().await.unwrap();
    assert!(third.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    refused(third, StatusCode::TOO_MANY_REQUESTS, "TooManyRequests").await;
    say(&house, TOKEN, "bob", "hi").await;
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_too_large_or_no_json_are_refused_without_a_trace() {
    let Some(house) = open(On::Sqlite, "rest_bodies", &[]).await else { return };
    let path = "/webhooks/rest/webhook";
    let large = json!({"sender": "ana", "message": "x".repeat(70_000)});
    refused(post(&house, path, TOKEN, &large).send().await.unwrap(), StatusCode::PAYLOAD_TOO_LARGE, "BadRequest").await;
    let garbage = Client::new().post(url(&house, path)).bearer_auth(TOKEN).body("{\"sender\":").send().await.unwrap();
    refused(garbage, StatusCode::BAD_REQUEST, "BadRequest").await;
    for sender in ["", "a b", "a/b", &"x".repeat(129)] {
        refused(post(&house, path, TOKEN, &json!({"sender": sender, "message": "hi"})).send().await.unwrap(), StatusCode::BAD_REQUEST, "BadRequest").await;
    }
    refused(post(&house, path, TOKEN, &json!({"message": "hi", "input_channel": "twilio_voice"})).send().await.unwrap(), StatusCode::BAD_REQUEST, "BadRequest")
        .await;
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streamed_answer_is_one_message_a_line() {
    let Some(house) = open(On::Sqlite, "rest_stream", &[]).await else { return };
    say(&house, TOKEN, "ana", "I want to order a coffee").await;
    let sent = post(&house, "/webhooks/rest/webhook?stream=true", TOKEN, &json!({"sender": "ana", "message": "/SetSlots(size=small)"})).send().await.unwrap();
    assert_eq!(sent.headers()["content-type"], "text/event-stream");
    let text = sent.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["text"], "One small coffee.");
    assert!(lines.len() >= 3, "{text}");
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn blank_text_and_text_over_the_limit_are_errors_of_their_own() {
    let Some(house) = open(On::Sqlite, "rest_unaskable", &[]).await else { return };
    say(&house, TOKEN, "ana", "   ").await;
    say(&house, TOKEN, "ana", &"coffee ".repeat(70)).await;
    let tracker = body(get(&house, "/conversations/ana/tracker?include_events=ALL", TOKEN).await).await;
    let commands: Vec<Value> =
        tracker["events"].as_array().unwrap().iter().filter(|event| event["event"] == "user").map(|event| event["parse_data"]["commands"][0].clone()).collect();
    assert_eq!(commands[0]["error_type"], "rasa_internal_error_user_input_empty");
    assert_eq!((&commands[1]["error_type"], &commands[1]["info"]["max_characters"]), (&json!("rasa_internal_error_user_input_too_long"), &json!(420)));
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_may_call_only_where_the_operator_says_so() {
    let Some(house) = open(On::Sqlite, "rest_cors", &[("CENTRALITA_CORS", "https://chat.example.mx")]).await else { return };
    let asked = async |origin: &str| {
        let response = Client::new().get(url(&house, "/version")).header("origin", origin).send().await.unwrap();
        response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(asked("https://chat.example.mx").await.as_deref(), Some("https://chat.example.mx"));
    assert_eq!(asked("https://evil.example.mx").await, None);
    house.server.stop();
}
