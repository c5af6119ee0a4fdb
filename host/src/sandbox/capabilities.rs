//! What a run may ask, seen from the host: the one trait that stands behind every import.
//!
//! Lives here: the trait and the plain types that cross it.
//! Never here: grants and journal. An implementation checks and records before it answers.

use centralita_engine::Value;

/// The columns a statement returned, in its order.
pub type Row = Vec<(String, Value)>;

/// A request to a named binding, as the guest wrote it: nothing in it has been checked.
#[derive(Clone)]
pub struct HttpRequest {
    /// The HTTP method.
    pub method: String,
    /// Path and query below the binding's base URL.
    pub path: String,
    /// Headers, in the guest's order.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

/// What a binding answered. Any status is an answer.
#[derive(Clone)]
pub struct HttpAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The headers the binding lets through.
    pub headers: Vec<(String, String)>,
    /// The body, already cut to the binding's size.
    pub body: Vec<u8>,
}

/// Why a host call has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The guest is told, and goes on: `refused`, `unavailable`, `busy`, `timeout` or `failed`.
    Tell {
        /// The kind, from the contract's open set.
        kind: String,
        /// For logs; free of values and credentials.
        detail: String,
    },
    /// The run ends here: its requests differ from the journal, or the store is gone.
    Stop(String),
}

/// The host of one run. It is taken by value and given back when the run has ended.
#[async_trait::async_trait]
pub trait Capabilities: Send {
    /// The moment of the turn, RFC 3339 with the project's offset; the same in every execution of the run.
    fn now(&mut self) -> String;
    /// The language of the call, BCP 47.
    fn language(&mut self) -> String;
    /// Which execution of this run this is, from 1.
    fn attempt(&mut self) -> u32;
    /// A slot or a fact of the call, sensitive values as tokens; `None` when unset or not granted.
    fn slot(&mut self, name: &str) -> Value;
    /// A slot the guest sets.
    fn set_slot(&mut self, name: &str, value: Value);
    /// A response the guest has the host say.
    fn respond(&mut self, response: &str, arguments: Vec<(String, Value)>);
    /// A request to a binding. Dropped when the run is out of time.
    async fn send(&mut self, binding: &str, request: HttpRequest) -> Result<HttpAnswer, Refusal>;
    /// A statement that reads. Dropped when the run is out of time.
    async fn query(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal>;
    /// A statement that writes. Dropped when the run is out of time.
    async fn execute(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal>;
    /// A note of the plugin: printable characters only, within the run's log budget.
    fn log(&mut self, level: &str, code: &str, fields: Vec<(String, String)>);
}
