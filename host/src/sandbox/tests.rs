//! Guests that do harm, guests of other worlds, and the workspace's own plugins, through the real engine.

mod evil;
mod guests;
mod plugins;
mod refused;
mod walls;

use super::*;
use centralita_engine::Value;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

/// One for the whole test binary, as in the server.
static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::new(None).expect("an engine"));

const ALL: Offer = Offer { http: true, records: true };

/// What a statement of the test host does.
#[derive(Clone, Copy, PartialEq)]
enum Statements {
    Answer,
    Stop,
    Hang,
}

/// A host that notes everything a guest does.
struct Host {
    statements: Statements,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Host {
    fn noting(statements: Statements) -> (Box<dyn Capabilities>, Arc<Mutex<Vec<String>>>) {
        let seen = Arc::default();
        (Box::new(Self { statements, seen: Arc::clone(&seen) }), seen)
    }

    fn note(&self, what: String) {
        self.seen.lock().expect("not poisoned").push(what);
    }
}

#[async_trait::async_trait]
impl Capabilities for Host {
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
        Value::text(format!("value of {name}"))
    }
    fn set_slot(&mut self, name: &str, value: Value) {
        self.note(format!("{name} = {}", value.spoken()));
    }
    fn respond(&mut self, response: &str, _arguments: Vec<(String, Value)>) {
        self.note(format!("said {response}"));
    }
    async fn send(&mut self, binding: &str, request: HttpRequest) -> Result<HttpAnswer, Refusal> {
        self.note(format!("{} {binding}{}", request.method, request.path));
        Err(Refusal::Tell { kind: "busy".into(), detail: "queue".into() })
    }
    async fn query(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        self.note(format!("query {statement} {}", parameters.len()));
        match self.statements {
            Statements::Answer => Ok(vec![vec![("client".into(), Value::text("tok"))]]),
            Statements::Stop => Err(Refusal::Stop("another request than recorded".into())),
            Statements::Hang => std::future::pending().await,
        }
    }
    async fn execute(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        self.query(statement, parameters).await
    }
    fn log(&mut self, level: &str, code: &str, fields: Vec<(String, String)>) {
        self.note(format!("{level} {code} {fields:?}"));
    }
}

/// Loads a guest, runs it once within these limits and gives its end and what the host saw.
async fn ran(wasm: &[u8], limits: &Limits, statements: Statements) -> (Finished, Vec<String>) {
    let component = SANDBOX.load("guest", wasm, &ALL).expect("it loads");
    let (host, seen) = Host::noting(statements);
    let (finished, _) = SANDBOX.run(&component, "action_test", limits, host).await;
    let seen = seen.lock().expect("not poisoned").clone();
    (finished, seen)
}
