//! What goes wrong on purpose, as a client sees it.

use super::*;

fn ticket() -> Value {
    json!({"unique_external_id": "1", "subject": "s", "description": "d"})
}

#[tokio::test]
async fn a_dropped_connection_has_executed_or_not_as_asked_and_the_client_sees_no_answer() {
    let t = desk().await;
    t.desk.fault(Fault::DropBefore, On::Create, Some(1));
    let error = t.try_send("POST", "/tickets", Some(&ticket())).await.err().unwrap();
    assert!(error.is_request() && !error.is_connect() && !error.is_timeout(), "{error:?}");
    assert_eq!(t.desk.tickets().len(), 0);
    t.desk.fault(Fault::DropAfter, On::Create, Some(1));
    assert!(t.try_send("POST", "/tickets", Some(&ticket())).await.err().unwrap().is_request());
    assert_eq!(t.desk.tickets().len(), 1);
    assert_eq!(t.create("all is well again").await, 2);
}

#[tokio::test]
async fn a_fault_for_creating_leaves_reading_alone_until_cleared() {
    let t = desk().await;
    t.desk.fault(Fault::Status500, On::Create, None);
    for _ in 0..3 {
        assert_eq!(t.send("POST", "/tickets", ticket()).await.1["code"], "internal_error");
    }
    assert_eq!(t.send("GET", "/tickets", Value::Null).await.0, 200);
    t.desk.clear_faults();
    t.create("one").await;
}

#[tokio::test]
async fn gateways_storms_and_delays_look_as_they_do_in_life() {
    let t = desk().await;
    t.desk.fault(Fault::Html502, On::Create, Some(1));
    let response = t.try_send("POST", "/tickets", Some(&ticket())).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()), (502, "text/html; charset=utf-8"));
    t.desk.fault(Fault::Storm429 { retry_after: 1521 }, On::All, Some(1));
    let response = t.try_send("GET", "/tickets", None).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "1521"));
    assert!(t.desk.tickets().is_empty());
    t.desk.fault(Fault::Latency(Duration::from_millis(60)), On::All, Some(1));
    let started = Instant::now();
    t.create("one").await;
    assert!(started.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn a_truncated_or_slow_answer_is_of_a_ticket_that_exists() {
    let t = desk().await;
    t.desk.fault(Fault::Truncated, On::Create, Some(1));
    let response = t.try_send("POST", "/tickets", Some(&ticket())).await.unwrap();
    assert_eq!(response.status(), 201);
    assert!(response.bytes().await.is_err());
    t.desk.fault(Fault::SlowBody(Duration::from_millis(3)), On::Create, Some(1));
    let started = Instant::now();
    let response = t.try_send("POST", "/tickets", Some(&ticket())).await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap()["id"], 2);
    assert!(started.elapsed() >= Duration::from_millis(30));
    assert_eq!(t.desk.tickets().len(), 2);
}

#[tokio::test]
async fn a_late_commit_is_not_there_when_looked_up_at_once_and_is_there_later() {
    let t = desk().await;
    t.desk.fault(Fault::LateCommit(Duration::from_millis(50)), On::Create, Some(1));
    assert!(t.try_send("POST", "/tickets", Some(&ticket())).await.is_err());
    assert!(t.desk.tickets().is_empty());
    let deadline = Instant::now() + Duration::from_secs(5);
    while t.desk.tickets().is_empty() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(t.desk.tickets().len(), 1);
}
