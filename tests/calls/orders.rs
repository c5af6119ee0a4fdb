//! What an operator stops is stopped for new runs, and what is owed meanwhile is delivered when the order is lifted.

use crate::house::{House, On};
use centralita::phone::Next;
use centralita::store::Order;
use std::time::Duration;

/// Gives an order and waits until the host obeys it.
async fn order(house: &House, kind: &str, name: &str) {
    let order = Order { kind: kind.to_owned(), name: name.to_owned(), reason: "a test".to_owned(), at_ms: 1 };
    assert!(house.server.app.store.put_order(&order).await.unwrap());
    obeyed(house, &[format!("{kind} {name}: a test")]).await;
}

async fn lift(house: &House, kind: &str, name: &str) {
    assert!(house.server.app.store.drop_order(kind, name).await.unwrap());
    obeyed(house, &[]).await;
}

async fn obeyed(house: &House, lines: &[String]) {
    for _ in 0..1000 {
        if house.server.app.releases.orders().lines() == lines {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the host obeys {:?}, not {lines:?}", house.server.app.releases.orders().lines());
}

/// A card is reported to its end.
async fn reported(house: &House, from: &str) {
    let (mut caller, _) = house.ring(from).await;
    caller.say("me robaron la tarjeta").await.unwrap();
    caller.keys(&from[from.len() - 4..]).await.unwrap();
    assert!(caller.keys("1").await.unwrap().text().contains("quedó registrado"));
    assert!(matches!(caller.keys("2").await.unwrap().next, Next::HungUp));
}

/// What is owed: the state and how often it was tried.
async fn owed(house: &House) -> Vec<Vec<String>> {
    house.rows("select state, cast(attempts as text) from owed").await
}

/// The tickets that are asked for while this is stopped come when it no longer is, each once.
async fn delivered_after(test: &str, kind: &str, name: &str) {
    let house = House::open(On::Sqlite, test).await.unwrap();
    order(&house, kind, name).await;
    reported(&house, "+525510000011").await;
    // The worker tries again, and is stopped as well.
    for _ in 0..1000 {
        if owed(&house).await.first().is_some_and(|row| row[1].parse::<u32>().is_ok_and(|attempts| attempts >= 2)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(owed(&house).await[0][0], "due");
    assert!(house.desk.tickets().is_empty(), "a request left for what is stopped");
    lift(&house, kind, name).await;
    assert_eq!(house.tickets(1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_leaves_for_a_stopped_binding() {
    delivered_after("a_stopped_binding", "binding", "freshdesk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_action_does_not_begin_and_is_still_owed() {
    delivered_after("a_stopped_action", "action", "action_create_ticket").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_version_is_unavailable_also_to_calls_that_began_with_it() {
    let house = House::open(On::Sqlite, "a_stopped_version").await.unwrap();
    let (mut running, _) = house.ring("+525510000012").await;
    running.say("perdí mi tarjeta").await.unwrap();
    let release = house.server.app.releases.current().digest.clone();
    order(&house, "version", &release).await;
    assert!(!running.keys("0012").await.unwrap().text().contains("¿Confirmas?"));
    let ended = house.events(running.call_sid()).await.iter().any(
        |event| matches!(event, centralita_engine::Event::ActionEnded { ending, detail, .. } if ending.word() == "unavailable" && detail.contains("a test")),
    );
    assert!(ended, "the action ended `unavailable`");
    assert_eq!(house.server.app.releases.current().digest, release, "with nothing to go back to, it serves on");
    lift(&house, "version", &release).await;
    let (mut later, _) = house.ring("+525510000012").await;
    later.say("perdí mi tarjeta").await.unwrap();
    assert!(later.keys("0012").await.unwrap().text().contains("¿Confirmas?"));
}
