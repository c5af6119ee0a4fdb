//! Conversations from outside: trackers, events, erasing, sessions, and what the server says of itself.

use crate::house::{BOTH, On};
use crate::rest::{TOKEN, body, get, open, post, refused, say, url};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn events_from_outside_set_slots_and_a_new_session_follows_what_was() {
    for on in BOTH {
        let Some(house) = open(on, "conv_events", &[]).await else { continue };
        say(&house, TOKEN, "ana", "hello").await;
        let slot = json!({"event": "slot", "name": "size", "value": "large"});
        let tracker = body(post(&house, "/conversations/ana/tracker/events", TOKEN, &slot).send().await.unwrap()).await;
        assert_eq!(tracker["slots"]["size"], "large");
        let put = Client::new().put(url(&house, "/conversations/ana/tracker/events?include_events=ALL")).bearer_auth(TOKEN);
        let tracker = body(put.body(json!([{"event": "slot", "name": "size", "value": "small"}]).to_string()).send().await.unwrap()).await;
        let sessions = tracker["events"].as_array().unwrap().iter().filter(|event| event["event"] == "session_started").count();
        assert_eq!((sessions, &tracker["slots"]["size"]), (2, &json!("small")));
        let unknown = json!({"event": "slot", "name": "nobody", "value": 1});
        refused(post(&house, "/conversations/ana/tracker/events", TOKEN, &unknown).send().await.unwrap(), StatusCode::BAD_REQUEST, "BadRequest").await;
        house.server.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_conversation_never_was() {
    for on in BOTH {
        let Some(house) = open(on, "conv_erase", &[]).await else { continue };
        say(&house, TOKEN, "ana", "I want to order a coffee").await;
        for _ in 0..2 {
            let erased = Client::new().delete(url(&house, "/conversations/ana/tracker")).bearer_auth(TOKEN).send().await.unwrap();
            assert_eq!(erased.status(), StatusCode::NO_CONTENT);
        }
        let tracker = body(get(&house, "/conversations/ana/tracker?include_events=ALL", TOKEN).await).await;
        assert_eq!(tracker["events"], json!([]));
        assert_eq!(house.rows("select cast(count(*) as text) from events").await, [["0"]]);
        assert_eq!(say(&house, TOKEN, "ana", "I want to order a coffee").await[0]["text"], "Which size?");
        house.server.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_number_in_events_from_outside_is_stored_nowhere() {
    let Some(house) = open(On::Sqlite, "conv_card", &[]).await else { return };
    let events = json!([{"event": "user", "text": "my card is 4111 1111 1111 1111"}, {"event": "slot", "name": "size", "value": "4111111111111111"}]);
    let tracker = post(&house, "/conversations/ana/tracker/events?include_events=ALL", TOKEN, &events).send().await.unwrap().text().await.unwrap();
    assert!(tracker.contains("\"session_started\""), "{tracker}");
    assert!(!tracker.contains("411111") && !tracker.contains("4111 1111"));
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_and_a_response_can_be_asked_for() {
    let Some(house) = open(On::Sqlite, "conv_trigger", &[]).await else { return };
    let asked = body(post(&house, "/conversations/ana/trigger_intent", TOKEN, &json!({"name": "order"})).send().await.unwrap()).await;
    assert_eq!(asked["messages"][0]["text"], "Which size?");
    assert_eq!(asked["tracker"]["sender_id"], "ana");
    let said = body(post(&house, "/conversations/ana/execute", TOKEN, &json!({"name": "utter_ask_size"})).send().await.unwrap()).await;
    assert_eq!(said["messages"][0]["text"], "Which size?");
    refused(post(&house, "/conversations/ana/trigger_intent", TOKEN, &json!({"name": "nothing"})).send().await.unwrap(), StatusCode::NOT_FOUND, "NotFound")
        .await;
    refused(
        post(&house, "/conversations/ana/execute", TOKEN, &json!({"name": "action_x"})).send().await.unwrap(),
        StatusCode::NOT_IMPLEMENTED,
        "NotImplemented",
    )
    .await;
    let noted =
        body(post(&house, "/conversations/ana/messages?include_events=ALL", TOKEN, &json!({"text": "only noted", "sender": "user"})).send().await.unwrap())
            .await;
    assert_eq!(noted["latest_message"]["text"], "only noted");
    let story = get(&house, "/conversations/ana/story", TOKEN).await.text().await.unwrap();
    assert!(story.contains("intent: order") && story.contains("action: utter_ask_size"), "{story}");
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_time_is_up_gives_way_to_another() {
    let Some(house) = open(On::Sqlite, "conv_expiry", &[]).await else { return };
    let message = |text: &str, at: i64| centralita::calls::Message {
        conversation: "ana".into(),
        channel: "rest".into(),
        text: Some(text.into()),
        metadata: Value::Null,
        payloads: false,
        scripted: None,
        at_ms: Some(at),
    };
    let app = &house.server.app;
    let began = |turned: &centralita::calls::Turned| turned.events.iter().any(|event| event.name() == "began");
    let minutes = |n: i64| 1_800_000_000_000 + n * 60_000;
    for (at, expected) in [(0, true), (59, false), (118, false), (179, true)] {
        let turned = app.converse(message("hello", minutes(at))).await.ok().unwrap();
        assert_eq!(began(&turned), expected, "at {at} minutes");
    }
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_tells_what_it_is_and_what_it_does_not_serve() {
    let Some(house) = open(On::Sqlite, "conv_info", &[]).await else { return };
    let version = body(Client::new().get(url(&house, "/version")).send().await.unwrap()).await;
    assert!(version["version"].is_string() && version["minimum_compatible_version"].is_string());
    let status = body(get(&house, "/status", TOKEN).await).await;
    assert_eq!(status["num_active_training_jobs"], 0);
    let flows = body(get(&house, "/flows", TOKEN).await).await;
    assert!(flows.as_array().unwrap().iter().any(|flow| flow["id"] == "order_coffee"));
    let domain = async |accept: &str| Client::new().get(url(&house, "/domain")).bearer_auth(TOKEN).header("accept", accept).send().await.unwrap();
    assert!(body(domain("application/json").await).await["responses"]["utter_ordered"].is_array());
    assert!(domain("application/x-yaml").await.text().await.unwrap().contains("utter_ordered:"));
    refused(domain("text/html").await, StatusCode::NOT_ACCEPTABLE, "NotAcceptable").await;
    let parsed = body(post(&house, "/model/parse", TOKEN, &json!({"text": "I want to order a coffee"})).send().await.unwrap()).await;
    assert_eq!(parsed["commands"][0], json!({"command": "start flow", "flow": "order_coffee"}));
    for path in ["/model/train", "/model/test/stories", "/model/predict", "/conversations/ana/predict"] {
        refused(post(&house, path, TOKEN, &json!({})).send().await.unwrap(), StatusCode::NOT_IMPLEMENTED, "NotImplemented").await;
    }
    refused(get(&house, "/license", TOKEN).await, StatusCode::NOT_IMPLEMENTED, "NotImplemented").await;
    house.server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callback_channel_posts_each_message_to_the_projects_address() {
    let (sent, mut arrived) = tokio::sync::mpsc::unbounded_channel();
    let take = axum::routing::post(move |text: String| async move {
        // Who no longer listens has seen enough.
        let _ = sent.send(text);
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let office = tokio::spawn(async move { axum::serve(listener, axum::Router::new().route("/bot", take)).await });
    let Some(house) = open(On::Sqlite, "conv_callback", &[]).await else { return };
    let hello = json!({"sender": "ana", "message": "I want to order a coffee"});
    refused(post(&house, "/webhooks/callback/webhook", TOKEN, &hello).send().await.unwrap(), StatusCode::NOT_FOUND, "NotFound").await;
    std::fs::write(house.project.join("credentials.yml"), format!("callback:\n  url: http://{address}/bot\n")).unwrap();
    let package = centralita::release::Package::read(&house.project).unwrap();
    let app = &house.server.app;
    package.keep(&app.store, &app.keys, 0).await.unwrap();
    app.releases.publish(app.releases.build(&package).await.unwrap().0);
    let answer = post(&house, "/webhooks/callback/webhook", TOKEN, &hello).send().await.unwrap();
    assert_eq!((answer.status(), answer.text().await.unwrap().as_str()), (StatusCode::OK, "success"));
    let posted: Value = serde_json::from_str(&arrived.recv().await.unwrap()).unwrap();
    assert_eq!((&posted["recipient_id"], &posted["text"]), (&json!("ana"), &json!("Which size?")));
    house.server.stop();
    office.abort();
}
