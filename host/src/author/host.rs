//! The host of a case: slots, statements, bindings and the clock are what the case says, grants are the real ones.
//!
//! Lives here: answering and noting every call.
//! Never here: limits; those are the sandbox's own.

use super::cases::Case;
use crate::egress::Checked;
use crate::grants::{Authority, BindingSpec, Class, Grants, StatementKind, values};
use crate::sandbox::{Capabilities, HttpAnswer, HttpRequest, Refusal, Row};
use centralita_engine::Value;
use serde_json::Value as Json;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// What a run did.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) trace: Vec<String>,
    pub(super) said: Vec<String>,
    pub(super) slots: BTreeMap<String, Value>,
    pub(super) asked: Vec<String>,
    pub(super) sent: Vec<String>,
    pub(super) logged: Vec<String>,
    /// What was not granted or not as the operator's rules have it.
    pub(super) notes: Vec<String>,
}

pub(super) struct Host {
    case: Case,
    authority: Authority,
    grants: Arc<Grants>,
    seen: Arc<Mutex<Seen>>,
}

impl Host {
    pub(super) fn new(case: &Case, authority: Authority, grants: Arc<Grants>) -> (Self, Arc<Mutex<Seen>>) {
        let seen = Arc::default();
        (Self { case: case.clone(), authority, grants, seen: Arc::clone(&seen) }, seen)
    }

    fn see<T>(&self, what: impl FnOnce(&mut Seen) -> T) -> T {
        what(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn trace(&self, line: String) {
        self.see(|seen| seen.trace.push(line));
    }

    fn refuse<T>(&self, why: String) -> Result<T, Refusal> {
        self.trace(format!("  refused: {why}"));
        self.see(|seen| seen.notes.push(why.clone()));
        Err(Refusal::Tell { kind: "refused".into(), detail: why })
    }

    fn rows(&mut self, verb: &str, kind: StatementKind, name: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        let given: Vec<Json> = parameters.iter().map(Value::to_json).collect();
        self.trace(format!("{verb} {name} {}", Json::from(given.clone())));
        self.see(|seen| seen.asked.push(name.to_owned()));
        if !self.authority.statements.contains(name) {
            return self.refuse(format!("statement `{name}` is not granted"));
        }
        if let Some(statement) = self.grants.statements.get(name) {
            if statement.kind != kind {
                return self.refuse(format!("statement `{name}` is of another kind; use `query` for `read`, `execute` for `write`"));
            }
            if let Err(error) = statement.bind(&given, &known, &|_| Json::Null) {
                return self.refuse(error.to_string());
            }
        }
        match next(self.case.statements.get_mut(name)) {
            Some(Ok(rows)) => {
                self.trace(format!("  {} rows", rows.len()));
                Ok(rows)
            }
            Some(Err(refusal)) => {
                self.trace(format!("  {}", told(&refusal)));
                Err(refusal)
            }
            None => self.refuse(format!("the case says nothing of statement `{name}`; add it under `statements`")),
        }
    }

    /// What the operator's rules say against a request.
    fn against(spec: &BindingSpec, request: &HttpRequest) -> Option<String> {
        let asked = match Checked::parse(&request.path) {
            Ok(asked) => asked,
            Err(why) => return Some(why),
        };
        if !spec.allows(&request.method, &asked) {
            return Some(format!("no rule of the binding allows {} {}", request.method, request.path));
        }
        if values::holds_token(&request.path) || request.headers.iter().any(|(_, value)| values::holds_token(value)) {
            return Some("a token stands in the path or a header".into());
        }
        match serde_json::from_slice::<Json>(&request.body) {
            Ok(mut json) => values::put_back(&mut json, &spec.places, &known).err().map(|error| error.to_string()),
            Err(_) => values::holds_token(&String::from_utf8_lossy(&request.body)).then(|| "a token stands in a body that is not JSON".into()),
        }
    }
}

/// Every token of a case stands for something of its class.
fn known(token: &str) -> Option<(Class, String)> {
    values::class_of(token).map(|class| (class, token.to_owned()))
}

/// The next answer; the last one stays.
fn next<T: Clone>(answers: Option<&mut VecDeque<Result<T, Refusal>>>) -> Option<Result<T, Refusal>> {
    let answers = answers?;
    if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
}

fn told(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Tell { kind, .. } => format!("fails: {kind}"),
        Refusal::Stop(why) => format!("stops: {why}"),
    }
}

#[async_trait::async_trait]
impl Capabilities for Host {
    fn now(&mut self) -> String {
        self.trace(format!("now {}", self.case.now));
        self.case.now.clone()
    }

    fn language(&mut self) -> String {
        self.trace(format!("language {}", self.case.language));
        self.case.language.clone()
    }

    fn attempt(&mut self) -> u32 {
        self.trace(format!("attempt {}", self.case.attempt));
        self.case.attempt
    }

    fn slot(&mut self, name: &str) -> Value {
        let value = if self.authority.reads.contains(name) {
            self.case.slots.get(name).cloned().unwrap_or_default()
        } else {
            self.see(|seen| seen.notes.push(format!("read of `{name}` is not granted")));
            Value::None
        };
        self.trace(format!("slot {name} {}", value.to_json()));
        value
    }

    fn set_slot(&mut self, name: &str, value: Value) {
        self.trace(format!("set-slot {name} {}", value.to_json()));
        if self.authority.writes.contains(name) {
            self.see(|seen| seen.slots.insert(name.to_owned(), value));
        } else {
            self.see(|seen| seen.notes.push(format!("write of `{name}` is not granted")));
        }
    }

    fn respond(&mut self, response: &str, arguments: Vec<(String, Value)>) {
        let shown: serde_json::Map<String, Json> = arguments.into_iter().map(|(name, value)| (name, value.to_json())).collect();
        self.trace(format!("respond {response} {}", Json::from(shown)));
        if self.authority.responses.contains(response) {
            self.see(|seen| seen.said.push(response.to_owned()));
        } else {
            self.see(|seen| seen.notes.push(format!("response `{response}` is not granted")));
        }
    }

    async fn send(&mut self, name: &str, request: HttpRequest) -> Result<HttpAnswer, Refusal> {
        self.trace(format!("send {name} {} {} {}", request.method, request.path, String::from_utf8_lossy(&request.body)));
        self.see(|seen| seen.sent.push(format!("{name} {} {}", request.method, request.path)));
        if !self.authority.bindings.contains(name) {
            return self.refuse(format!("binding `{name}` is not granted"));
        }
        if let Some(why) = self.grants.bindings.get(name).and_then(|spec| Self::against(spec, &request)) {
            return self.refuse(why);
        }
        match next(self.case.bindings.get_mut(name)) {
            Some(Ok(answer)) => {
                self.trace(format!("  {} {} bytes", answer.status, answer.body.len()));
                Ok(answer)
            }
            Some(Err(refusal)) => {
                self.trace(format!("  {}", told(&refusal)));
                Err(refusal)
            }
            None => self.refuse(format!("the case says nothing of binding `{name}`; add it under `bindings`")),
        }
    }

    async fn query(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        self.rows("query", StatementKind::Read, statement, parameters)
    }

    async fn execute(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        self.rows("execute", StatementKind::Write, statement, parameters)
    }

    fn log(&mut self, level: &str, code: &str, fields: Vec<(String, String)>) {
        let fields: Vec<String> = fields.into_iter().map(|(name, text)| format!("{name}={text}")).collect();
        self.trace(format!("log {level} {code} {}", fields.join(" ")));
        self.see(|seen| seen.logged.push(code.to_owned()));
    }
}
