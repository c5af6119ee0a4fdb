//! One action in a fresh sandbox: instance, slots, limits and timers as in a turn, with host calls answered
//! from memory.
//!
//! Lives here: the host of these runs.
//! Never here: grants, journal, databases (a turn has those).

use crate::figure;
use crate::house::House;
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
