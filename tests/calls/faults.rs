//! Callers whose model fails in every way a server can fail.
//!
//! `CENTRALITA_ROUNDS=10 cargo test -p centralita-tests --test calls faults -- --nocapture --test-threads 1` prints what
//! each fault costs a caller (`docs/benchmarks.md`).
//!
//! Lives here: what such a caller hears, how long they wait, and that their card is reported all the same.
//! Never here: how an answer is read (`host/src/model`).

use crate::house::{Changes, On};
use crate::model_standin::{FAULTS, ModelStandin, Way};
use crate::truth::{Watched, open};
use std::sync::Arc;
use std::time::Duration;

/// What the bank's line gives a model: `timeout` in its `endpoints.yml`.
const BUDGET: Duration = Duration::from_millis(1500);
/// What a turn may take beside it.
const BESIDE: Duration = Duration::from_millis(100);
/// A machine may be busy with something else: the best of so many turns has to keep the bound.
const ATTEMPTS: usize = 3;

/// Words that only a model could make something of.
const UNCLEAR: &str = "el perro azul salta";

/// How long the caller waited at each of the two turns that need the model.
async fn call(house: &Arc<crate::house::House>, name: &str) -> [Duration; 2] {
    let heard = |call: &Watched| {
        assert!(call.heard.twiml.contains("<Say") && call.heard.twiml.contains("<Gather"), "{name}: {}", call.heard.twiml);
        assert!(!call.hung_up() && call.dialled().is_none(), "{name}: the call goes on");
        call.heard.took
    };
    // Every reply is looked at for claims that are not so.
    let mut call = Watched::ring(house, "+525500000001").await;
    assert_eq!(call.say(UNCLEAR).await, ["utter_ask_rephrase", "utter_how_can_i_help"], "{name}");
    let first = heard(&call);
    assert_eq!(call.say("me robaron la tarjeta").await, ["utter_ask_last4"], "{name}");
    assert_eq!(call.say(UNCLEAR).await, ["utter_ask_rephrase", "utter_ask_last4"], "{name}");
    let second = heard(&call);
    assert!(call.requests().await.is_empty(), "{name}: nothing has been done");
    assert_eq!(call.say("cuatro cinco dos uno").await, ["utter_ask_confirm_block"], "{name}");
    call.say("sí").await;
    assert!(call.said.iter().any(|said| said == "utter_report_registered") && call.said.iter().any(|said| said == "utter_ticket_created"), "{name}");
    assert_eq!(call.requests().await.len(), 1, "{name}");
    call.say("no").await;
    assert!(call.hung_up(), "{name}");
    house.rows("delete from blocking_requests").await;
    [first, second]
}

/// As many calls as are wanted, at least until one keeps the bound in both turns; `between` mends the model's name.
async fn bound(house: &Arc<crate::house::House>, name: &str, mut between: impl AsyncFnMut()) {
    let rounds = std::env::var("CENTRALITA_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(0);
    let mut took: Vec<[Duration; 2]> = Vec::new();
    let best = |took: &[[Duration; 2]], turn: usize| took.iter().map(|turns| turns[turn]).min().unwrap_or(Duration::MAX);
    loop {
        took.push(call(house, name).await);
        between().await;
        let kept = (0..2).all(|turn| best(&took, turn) <= BUDGET + BESIDE);
        if took.len() >= rounds && (kept || took.len() >= ATTEMPTS) {
            assert!(kept, "{name}: turns took {took:?}");
            break;
        }
    }
    let mut all: Vec<u128> = took.iter().flatten().map(Duration::as_millis).collect();
    all.sort_unstable();
    eprintln!("| {name} | {} | {} | {} | {} |", all.len(), all[0], all[all.len() / 2], all[all.len() - 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_model_fails_by_the_caller_is_asked_again_in_time_and_reports_their_card() {
    let model = ModelStandin::serve(Way::Hangs).await;
    let changes = Changes { variables: vec![("OPENAI_BASE_URL", model.base.clone())], ..Changes::default() };
    let house = open(On::Sqlite, "model_faults", changes).await.unwrap();
    eprintln!("\n| a model that | turns | least ms | median ms | most ms |\n|---|---|---|---|---|");
    for (name, way) in FAULTS {
        model.turns(way.clone());
        let asked = model.asked();
        bound(&house, name, async || {
            // An answer, so that the next call finds a model that is asked: three failures in a row would spare it.
            model.turns(Way::Writes("offtopic reply".into()));
            let mut call = Watched::ring(&house, "+525500000001").await;
            call.say(UNCLEAR).await;
            call.caller.hang_up().await.unwrap();
            model.turns(way.clone());
        })
        .await;
        // In both turns, and once in between; one that says when to come back is left alone until then.
        let least = if matches!(way, Way::HasNoRoom) { 1 } else { 3 };
        assert!(model.asked() >= asked + least, "{name}: the model was asked {} times", model.asked() - asked);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_not_there_costs_a_caller_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let changes = Changes { variables: vec![("OPENAI_BASE_URL", base)], ..Changes::default() };
    let house = open(On::Sqlite, "model_refused", changes).await.unwrap();
    bound(&house, "refuses the connection", async || {}).await;
}
