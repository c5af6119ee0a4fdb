//! The rows of the desk's behaviour table, seen by an HTTP client.

mod faults;

use super::*;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use std::time::Instant;

const KEY: &str = "agent-key";

struct Tester {
    desk: Desk,
    listening: Listening,
    client: Client,
}

async fn desk() -> Tester {
    crate::egress::install_tls();
    let desk = Desk::new(KEY);
    let listening = desk.serve().await.unwrap();
    Tester { desk, listening, client: Client::builder().no_proxy().tls_certs_only([]).build().unwrap() }
}

impl Tester {
    async fn try_send(&self, method: &str, path: &str, body: Option<&Value>) -> reqwest::Result<Response> {
        let method: Method = method.parse().unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.listening.base)).basic_auth(KEY, Some("X"));
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let response = self.try_send(method, path, Some(&body).filter(|body| !body.is_null())).await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
    }

    async fn create(&self, subject: &str) -> u64 {
        let (status, ticket) =
            self.send("POST", "/tickets", json!({"unique_external_id": "100001", "name": "Ana", "subject": subject, "description": "x"})).await;
        assert_eq!(status, 201, "{ticket}");
        ticket["id"].as_u64().unwrap()
    }

    /// `field/code` of every error of a refused create.
    async fn refused(&self, change: &Value) -> Vec<String> {
        let mut body = json!({"email": "ana@example.org", "subject": "s", "description": "d"});
        for (field, value) in change.as_object().unwrap() {
            body[field] = value.clone();
        }
        let (status, answer) = self.send("POST", "/tickets", body).await;
        assert_eq!((status, &answer["description"]), (400, &json!("Validation failed")), "{answer}");
        codes(&answer)
    }
}

fn codes(answer: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    answer["errors"].as_array().unwrap().iter().map(|error| format!("{}/{}", word(&error["field"]), word(&error["code"]))).collect()
}

#[tokio::test]
async fn without_a_valid_key_nothing_is_done_and_a_credit_is_spent() {
    let t = desk().await;
    for request in
        [t.client.post(format!("{}/tickets", t.listening.base)), t.client.get(format!("{}/tickets", t.listening.base)).basic_auth("other", Some("X"))]
    {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["x-ratelimit-used-currentrequest"], "1");
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "invalid_credentials");
    }
}

#[tokio::test]
async fn over_the_rate_nothing_is_executed_and_the_wait_is_named() {
    let t = desk().await;
    t.desk.limit(1, Duration::from_secs(2));
    t.create("one").await;
    let response = t.try_send("POST", "/tickets", Some(&json!({}))).await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["x-ratelimit-remaining"], "0");
    assert_eq!(response.headers()["retry-after"], "2");
    assert_eq!(t.desk.tickets().len(), 1);
}

#[tokio::test]
async fn paths_methods_types_and_json_are_checked_in_this_order() {
    let t = desk().await;
    assert_eq!(t.send("GET", "/nothing", Value::Null).await, (404, Value::Null));
    assert_eq!(t.send("GET", "/tickets/77", Value::Null).await, (404, Value::Null));
    let response = t.try_send("DELETE", "/tickets", None).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["allow"].to_str().unwrap()), (405, "GET, POST"));
    let post = |kind: &str, body: &'static str| {
        t.client.post(format!("{}/tickets", t.listening.base)).basic_auth(KEY, Some("X")).header("content-type", kind).body(body).send()
    };
    assert_eq!(post("text/plain", "{").await.unwrap().status(), 415);
    let response = post("application/json", "{").await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.json::<Value>().await.unwrap()["code"], "invalid_json");
}

#[tokio::test]
async fn every_wrong_field_of_a_create_is_reported() {
    let t = desk().await;
    let (status, answer) = t.send("POST", "/tickets", json!({})).await;
    assert_eq!(status, 400);
    assert_eq!(codes(&answer), ["requester_id/missing_field", "subject/missing_field", "description/missing_field"]);
    let (_, answer) = t.send("POST", "/tickets", json!({"phone": "+525500000001", "subject": "s", "description": "d"})).await;
    assert_eq!(codes(&answer), ["name/missing_field"]);
    for (change, expected) in [
        (json!({"email": "x"}), vec!["email/invalid_value"]),
        (json!({"status": 9}), vec!["status/invalid_value"]),
        (json!({"status": "2"}), vec!["status/datatype_mismatch"]),
        (json!({"priority": 5, "source": 99}), vec!["priority/invalid_value", "source/invalid_value"]),
        (json!({"priorty": 1}), vec!["priorty/invalid_field"]),
        (json!({"custom_fields": {"cf_x": 1}}), vec!["cf_x/invalid_field"]),
        (json!({"type": "Inquiry", "group_id": 1, "responder_id": 2}), vec!["type/invalid_value", "group_id/invalid_value", "responder_id/invalid_value"]),
        (json!({"due_by": "2999-01-01T00:00:00Z"}), vec!["fr_due_by/missing_field"]),
        (json!({"due_by": "2001-01-02T00:00:00Z", "fr_due_by": "2001-01-01T00:00:00Z"}), vec!["due_by/invalid_value", "fr_due_by/invalid_value"]),
        (json!({"tags": ["a,b"]}), vec!["tags/invalid_value"]),
        (json!({"requester_id": 5}), vec!["requester_id/invalid_value"]),
        (json!({"subject": "x".repeat(256)}), vec!["subject/invalid_size"]),
    ] {
        assert_eq!(t.refused(&change).await, expected, "{change}");
    }
    assert!(t.desk.tickets().is_empty());
}

#[tokio::test]
async fn a_valid_create_answers_the_whole_ticket_and_the_same_again_makes_another() {
    let t = desk().await;
    let body = json!({"phone": "+525500000001", "name": "Ana", "subject": "Tarjeta", "description": "<p>Uno &amp; dos</p><script>x</script>", "tags": ["a"]});
    let response = t.try_send("POST", "/tickets", Some(&body)).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["location"], format!("{}/tickets/1", t.listening.base).as_str());
    let ticket: Value = response.json().await.unwrap();
    assert_eq!((&ticket["status"], &ticket["priority"], &ticket["source"]), (&json!(2), &json!(1), &json!(2)));
    assert_eq!((&ticket["description"], &ticket["description_text"]), (&json!("<p>Uno &amp; dos</p>"), &json!("Uno & dos")));
    assert_eq!(ticket["created_at"], ticket["updated_at"]);
    let (_, second) = t.send("POST", "/tickets", body).await;
    assert_eq!((&second["id"], &second["requester_id"]), (&json!(2), &ticket["requester_id"]));
}

#[tokio::test]
async fn a_ticket_is_read_changed_annotated_deleted_and_restored() {
    let t = desk().await;
    let path = format!("/tickets/{}", t.create("one").await);
    let response = t.try_send("GET", &format!("{path}?include=stats"), None).await.unwrap();
    assert_eq!(response.headers()["x-ratelimit-used-currentrequest"], "3");
    assert!(response.json::<Value>().await.unwrap()["stats"].is_object());
    assert_eq!(t.send("PUT", &path, json!({"status": 4})).await.1["status"], 4);
    assert_eq!(t.send("PUT", &path, json!({"status": 2})).await.0, 200);
    let (_, shown) = t.send("GET", &format!("{path}?include=stats"), Value::Null).await;
    assert!(shown["stats"]["resolved_at"].is_string() && shown["stats"]["reopened_at"].is_string());
    assert_eq!(codes(&t.send("POST", &format!("{path}/notes"), json!({})).await.1), ["body/missing_field"]);
    let (status, note) = t.send("POST", &format!("{path}/notes"), json!({"body": "x"})).await;
    assert_eq!((status, &note["private"], &note["source"]), (201, &json!(true), &json!(2)));
    assert_eq!(t.send("GET", &format!("{path}/conversations"), Value::Null).await.1.as_array().unwrap().len(), 1);
    assert_eq!(t.send("POST", &format!("{path}/reply"), json!({"body": "x"})).await.0, 400);
    assert_eq!(t.send("DELETE", &path, Value::Null).await, (204, Value::Null));
    assert_eq!(t.send("GET", &path, Value::Null).await.1["deleted"], true);
    assert_eq!(t.send("PUT", &path, json!({"status": 3})).await.0, 405);
    assert_eq!(t.send("GET", "/tickets", Value::Null).await.1, json!([]));
    assert_eq!(t.send("PUT", &format!("{path}/restore"), Value::Null).await.0, 204);
    assert_eq!(t.desk.tickets().len(), 1);
}

#[tokio::test]
async fn a_list_shows_the_newest_first_in_pages_without_descriptions() {
    let t = desk().await;
    for n in 0..31 {
        t.create(&n.to_string()).await;
    }
    let response = t.try_send("GET", "/tickets", None).await.unwrap();
    let link = response.headers()["link"].to_str().unwrap().to_owned();
    assert!(link.starts_with('<') && link.ends_with("/tickets?page=2&per_page=30>; rel=\"next\""), "{link}");
    let rows: Value = response.json().await.unwrap();
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["id"], rows[0].get("description")), (30, &json!(31), None));
    let ids = |path: &'static str| {
        let t = &t;
        async move { t.send("GET", path, Value::Null).await.1.as_array().unwrap().iter().filter_map(|row| row["id"].as_u64()).collect::<Vec<_>>() }
    };
    assert_eq!(ids("/tickets?page=2").await, [1]);
    assert_eq!(ids("/tickets?unique_external_id=100001&order_by=created_at&order_type=asc&per_page=2").await, [1, 2]);
    assert!(ids("/tickets?unique_external_id=100002").await.is_empty());
    assert!(ids("/tickets?updated_since=2999-01-01T00:00:00Z").await.is_empty());
    assert_eq!(ids("/tickets?updated_since=2001-01-01T00:00:00Z&per_page=100").await.len(), 31);
    for (path, error) in [
        ("/tickets?per_page=101", "per_page/invalid_value"),
        ("/tickets?page=301", "page/invalid_value"),
        ("/tickets?updated_since=yesterday", "updated_since/invalid_date"),
        ("/tickets?order_by=colour", "order_by/invalid_value"),
        ("/tickets?colour=red", "colour/invalid_field"),
    ] {
        assert_eq!(codes(&t.send("GET", path, Value::Null).await.1), [error], "{path}");
    }
}

#[tokio::test]
async fn a_desk_kept_in_a_file_has_its_tickets_after_a_restart() {
    let path = std::env::temp_dir().join(format!("desk-{}-{:?}.jsonl", std::process::id(), Instant::now()).replace([' ', '{', '}', ':', ','], ""));
    {
        let kept = Desk::kept_in(&path, KEY).unwrap();
        let mut tickets = lock(&kept.0.tickets);
        for subject in ["one", "two"] {
            let body = json!({"unique_external_id": "1", "subject": subject, "description": "d"});
            tickets.create(body.as_object().unwrap().clone()).unwrap();
        }
        tickets.delete(1).unwrap();
    }
    // A stop in the middle of writing leaves a line without its end.
    let half = std::fs::read_to_string(&path).unwrap() + "{\"Tick";
    std::fs::write(&path, half).unwrap();
    let again = Desk::kept_in(&path, KEY).unwrap();
    assert_eq!(again.tickets().iter().map(|ticket| ticket["subject"].clone()).collect::<Vec<_>>(), ["two"]);
    assert_eq!(
        lock(&again.0.tickets).create(json!({"unique_external_id": "1", "subject": "s", "description": "d"}).as_object().unwrap().clone()).unwrap()["id"],
        3
    );
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn the_page_is_labelled_and_escapes_what_tickets_hold() {
    let t = desk().await;
    assert!(t.desk.page().contains("Todavía no hay tickets"));
    t.send(
        "POST",
        "/tickets",
        json!({"unique_external_id": "1", "subject": "<img src=x onerror=a>", "description": "a &lt;b&gt;", "tags": ["<i>"], "priority": 4}),
    )
    .await;
    let page = t.desk.page();
    assert!(
        page.contains(LABEL)
            && page.contains("&lt;img src=x onerror=a&gt;")
            && page.contains("a &lt;b&gt;")
            && page.contains("&lt;i&gt;")
            && page.contains("Urgente")
    );
    assert!(!page.contains("<img") && !page.contains("<script") && !page.contains("<i>"));
}
