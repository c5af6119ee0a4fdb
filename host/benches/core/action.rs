//! One action in a fresh sandbox: instance, slots, limits and timers as in a turn, with host calls answered
//! from memory; then with grants, tokens, journal and audit; then the same on a Python action server.
//!
//! Lives here: the host of these runs, and what a host call adds.
//! Never here: whole turns (`turns.rs`).

use crate::figure;
use crate::house::House;
use centralita::runs::Rehearsal;
use centralita::sandbox::{Capabilities, Finished, HttpAnswer, HttpRequest, Limits, Refusal, Row};
use centralita_engine::Value;
use criterion::Criterion;
use std::time::Instant;
use tokio::runtime::Runtime;

/// Runs measured one by one, for p99.
const RUNS: usize = 20_000;

pub(crate) fn bench(criterion: &mut Criterion, runtime: &Runtime, house: &House) {
    let release = house.server.app.releases.current();
    let sandbox = &house.server.app.sandbox;
    let limits = Limits::default();
    let mut group = criterion.benchmark_group("action");
    for (plugin, action) in [("contextual-greeting", "action_greet"), ("card-verification", "action_verify_card")] {
        let component = &release.plugins[plugin].component;
        let run = || async {
            let (finished, _) = sandbox.run(component, action, &limits, Box::new(Memory)).await;
            assert_eq!(finished, Finished::Done);
        };
        let mut measured = false;
        group.bench_function(action, |bencher| {
            measured = true;
            bencher.to_async(runtime).iter(run);
        });
        if measured {
            let mut samples = Vec::with_capacity(RUNS);
            runtime.block_on(async {
                for _ in 0..RUNS {
                    let began = Instant::now();
                    run().await;
                    samples.push(began.elapsed());
                }
            });
            figure::print(action, samples);
        }
    }
    group.finish();
}

/// What the host adds to a run, and to each host call of it, without the time the database takes.
pub(crate) async fn added(house: &House) {
    let numbers = [("call.number", "+525510000001"), ("last4", "0001")];
    let rehearsal = Rehearsal::begin(house.server.app.clone(), "CAbench", numbers[0].1, &numbers[1..]).await.unwrap();
    let release = house.server.app.releases.current();
    let mut bare = [0.0; 2];
    let mut whole = [0.0; 2];
    let (mut calls, mut hosted) = (0, Vec::with_capacity(RUNS));
    for (at, (plugin, action)) in [("contextual-greeting", "action_greet"), ("card-verification", "action_verify_card")].into_iter().enumerate() {
        let component = &release.plugins[plugin].component;
        let (mut memory, mut journalled) = (Vec::with_capacity(RUNS), Vec::with_capacity(RUNS));
        // By turns, so that whatever else the machine does falls on both.
        for _ in 0..RUNS {
            let began = Instant::now();
            let (finished, _) = house.server.app.sandbox.run(component, action, &Limits::default(), Box::new(Memory)).await;
            memory.push(began.elapsed());
            assert_eq!(finished, Finished::Done);
            let rehearsed = rehearsal.run(action).await.unwrap();
            journalled.push(rehearsed.took.saturating_sub(rehearsed.waited));
            calls = rehearsed.host_calls;
            if let Ok(calls @ 1..) = u32::try_from(calls) {
                hosted.push(rehearsed.hosted / calls);
            }
        }
        (bare[at], whole[at]) = (figure::median(memory.clone()), figure::median(journalled.clone()));
        figure::print(&format!("{action}, host calls from memory"), memory);
        figure::print(&format!("{action}, journal and audit, less waiting"), journalled);
    }
    let run = whole[0] - bare[0];
    let each = (whole[1] - bare[1] - run) / f64::from(u32::try_from(calls).unwrap());
    figure::print("a host call after a wait, the host's own work", hosted);
    let mut recorded = Vec::with_capacity(RUNS);
    rehearsal.keep("action_verify_card").await.unwrap();
    for _ in 0..RUNS {
        let rehearsed = rehearsal.run_again("action_verify_card").await.unwrap();
        recorded.push(rehearsed.hosted / u32::try_from(rehearsed.host_calls).unwrap());
    }
    figure::print("a host call answered from the journal", recorded);
    println!(
        "a run's slots, tokens and audit record add {run:.1} µs; a run with {calls} host calls is {each:.1} µs longer for each, besides their waiting (medians)"
    );
}

/// An action of `rasa_sdk` that sets a slot, asked as Rasa asks it: `RASA_SDK_URL` says where it runs.
pub(crate) async fn python() {
    let Ok(url) = std::env::var("RASA_SDK_URL") else {
        println!("rasa-sdk                                     not measured: set RASA_SDK_URL to a server with tests/python (docs/benchmarks.md)");
        return;
    };
    let tracker = serde_json::json!({ "sender_id": "bench", "slots": {}, "latest_message": {}, "events": [], "active_loop": {} });
    let body = serde_json::json!({ "next_action": "action_clerk", "sender_id": "bench", "tracker": tracker, "domain": {}, "version": "3.13" });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut samples = Vec::with_capacity(RUNS / 10);
    for _ in 0..RUNS / 10 {
        let began = Instant::now();
        let answer = client.post(&url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap();
        samples.push(began.elapsed());
    }
    figure::print("rasa-sdk action_clerk over HTTP, kept alive", samples);
}

/// A caller with one active card.
struct Memory;

#[async_trait::async_trait]
impl Capabilities for Memory {
    fn now(&mut self) -> String {
        "2026-11-23T07:30:00-06:00".into()
    }
    fn language(&mut self) -> String {
        "es-MX".into()
    }
    fn attempt(&mut self) -> u32 {
        1
    }
    fn slot(&mut self, name: &str) -> Value {
        match name {
            "call.number" => Value::text("tok-phone"),
            "last4" => Value::text("tok-last4"),
            _ => Value::None,
        }
    }
    fn set_slot(&mut self, _name: &str, _value: Value) {}
    fn respond(&mut self, _response: &str, _arguments: Vec<(String, Value)>) {}
    async fn send(&mut self, _binding: &str, _request: HttpRequest) -> Result<HttpAnswer, Refusal> {
        Err(Refusal::Stop("these actions ask no desk".into()))
    }
    async fn query(&mut self, statement: &str, _parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        let columns: &[(&str, &str)] = match statement {
            "client-by-phone" => &[("client", "tok-client"), ("name", "tok-name")],
            "cards-by-digits" => &[("card", "tok-card"), ("kind", "debit"), ("last4", "tok-last4"), ("status", "active")],
            other => return Err(Refusal::Stop(format!("`{other}` was not expected"))),
        };
        Ok(vec![columns.iter().map(|(name, value)| ((*name).to_owned(), Value::text(*value))).collect()])
    }
    async fn execute(&mut self, _statement: &str, _parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        Err(Refusal::Stop("these actions write nothing".into()))
    }
    fn log(&mut self, _level: &str, _code: &str, _fields: Vec<(String, String)>) {}
}
