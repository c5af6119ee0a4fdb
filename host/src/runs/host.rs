//! The host of one run: what stands behind every import of a plugin.
//!
//! Lives here: grants checked, tokens put in and out, each host call through the journal.
//! Never here: the sandbox, the rules of a binding (`egress`), SQL (`store`).

use super::journal::{Entry, Journal, Known};
use super::tokens::Tokens;
use crate::calls::Draft;
use crate::egress::{self, FailureKind};
use crate::grants::{Authority, BindingSpec, Fact, Statement, StatementKind, values};
use crate::release::{Orders, Release};
use crate::sandbox::{Capabilities, HttpAnswer, HttpRequest, Refusal, Row};
use crate::store::{Bound, EffectState, Rows, Store, StoreError};
use centralita_engine::{Effect, Masked, ResponseName, Say, SlotName, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::timeout;

/// What a run has left so far.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) slots: Vec<(SlotName, Value)>,
    pub(crate) responses: Vec<(ResponseName, Vec<(String, Value)>)>,
    pub(crate) notes: Vec<String>,
}

impl Output {
    /// What the dialogue takes over: slots first, so that what is said can show them.
    pub(crate) fn effects(self) -> Vec<Effect> {
        let slots = self.slots.into_iter().map(|(name, value)| Effect::Slot(name, value));
        let says = self.responses.into_iter().map(|(name, arguments)| Effect::Say(Say { response: Some(name), arguments, ..Say::default() }));
        slots.chain(says).collect()
    }
}

/// How lost answers are dealt with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The caller waits: say that it is unavailable, the worker looks later.
    Later,
    /// Enough time has passed: look whether it was carried out, and repeat it if not.
    LookUp,
}

pub(crate) struct Host {
    pub(crate) store: Arc<Store>,
    pub(crate) egress: Arc<egress::Egress>,
    pub(crate) release: Arc<Release>,
    pub(crate) authority: Authority,
    pub(crate) action: String,
    pub(crate) draft: Arc<tokio::sync::Mutex<Draft>>,
    pub(crate) output: Arc<Mutex<Output>>,
    pub(crate) tokens: Tokens,
    pub(crate) journal: Journal,
    /// Slots and facts of the call at the run's position, real values.
    pub(crate) facts: BTreeMap<String, Value>,
    pub(crate) number: Option<Masked<String>>,
    pub(crate) call: String,
    pub(crate) now: String,
    pub(crate) locale: String,
    pub(crate) attempt: u32,
    pub(crate) host_call: std::time::Duration,
    pub(crate) lost: Lost,
    /// The tag that finds this run's requests again.
    pub(crate) tag: String,
    /// What was stopped when the run began.
    pub(crate) orders: Arc<Orders>,
}

/// A recorded answer of a binding.
#[derive(Serialize, Deserialize)]
struct Recorded {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn tell(kind: &str, detail: impl Into<String>) -> Refusal {
    Refusal::Tell { kind: kind.to_owned(), detail: detail.into() }
}

fn stop(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Stop(error.to_string())
}

/// A database that is away is told; a broken promise of the store ends the run.
fn of_store(error: &StoreError) -> Refusal {
    match error {
        StoreError::Unavailable(_) => tell("unavailable", "the database does not answer"),
        StoreError::Constraint { .. }
        | StoreError::StatementFailed { .. }
        | StoreError::TooManyRows { .. }
        | StoreError::Column { .. }
        | StoreError::Statement { .. } => tell("failed", error.to_string()),
        _ => stop(error),
    }
}

#[async_trait::async_trait]
impl Capabilities for Host {
    fn now(&mut self) -> String {
        self.now.clone()
    }

    fn language(&mut self) -> String {
        self.locale.clone()
    }

    fn attempt(&mut self) -> u32 {
        self.attempt
    }

    fn slot(&mut self, name: &str) -> Value {
        if !self.authority.reads.contains(name) {
            self.note(format!("read of `{name}` is not granted"));
            return Value::None;
        }
        let value = self.facts.get(name).cloned().unwrap_or_default();
        self.tokens.hide_value(self.release.class_of(name), value)
    }

    fn set_slot(&mut self, name: &str, value: Value) {
        match SlotName::parse(name) {
            Ok(slot) if self.authority.writes.contains(name) => {
                let value = self.tokens.show(value);
                let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
                output.slots.push((slot, value));
            }
            _ => self.note(format!("write of `{}` is not granted", short(name))),
        }
    }

    fn respond(&mut self, response: &str, arguments: Vec<(String, Value)>) {
        match ResponseName::parse(response) {
            Ok(name) if self.authority.responses.contains(response) => {
                let arguments = arguments.into_iter().map(|(name, value)| (name, self.tokens.show(value))).collect();
                self.output.lock().unwrap_or_else(PoisonError::into_inner).responses.push((name, arguments));
            }
            _ => self.note(format!("response `{}` is not granted", short(response))),
        }
    }

    async fn send(&mut self, name: &str, request: HttpRequest) -> Result<HttpAnswer, Refusal> {
        let release = self.release.clone();
        let granted = self.authority.bindings.contains(name);
        let (Some(spec), Some(binding)) = (release.grants.bindings.get(name).filter(|_| granted), release.bindings.get(name)) else {
            self.note(format!("binding `{}` is not granted", short(name)));
            return Err(tell("refused", "this binding is not granted"));
        };
        let headers: Vec<u8> = request.headers.iter().flat_map(|(name, value)| format!("{name}: {value}\n").into_bytes()).collect();
        let parts: [&[u8]; 4] = [request.method.as_bytes(), request.path.as_bytes(), &headers, &request.body];
        let (entry, known) = self.journal.call("http", name, &parts).map_err(|error| stop(&error))?;
        let safe = matches!(request.method.as_str(), "GET" | "HEAD");
        let ready = self.prepare(spec, request)?;
        match known {
            Known::Answered(recorded) => return self.replay(&recorded),
            _ if self.orders.stops_binding(name) => return Err(tell("unavailable", "this binding is stopped")),
            Known::New => {}
            Known::Failed => self.again(&entry).await,
            Known::Unknown => match (self.lost, &spec.once) {
                (Lost::Later, _) => return Err(tell("unavailable", "its answer was lost; it is looked for later")),
                (Lost::LookUp, None) => return Err(tell("failed", "its answer was lost and the binding has no `once`; a person must look")),
                (Lost::LookUp, Some(_)) => {
                    if let Some(answer) = self.look_up(spec, binding, &ready).await? {
                        return self.record(&entry, answer, false).await;
                    }
                    self.again(&entry).await;
                }
            },
        }
        if !safe {
            // From here on the request may have left: that it was meant to is stored first.
            let mut draft = self.draft.lock().await;
            draft.note(entry.row(EffectState::Intent, None));
            draft.commit().await.map_err(|error| of_store(&error))?;
        }
        match self.egress.send(binding, ready).await {
            Ok(answer) => self.record(&entry, answer, safe).await,
            Err(failure) => {
                let unknown = failure.kind == FailureKind::Unknown;
                if !safe && !unknown {
                    self.draft.lock().await.note(entry.row(EffectState::Failed, None));
                }
                Err(tell(if unknown { "unavailable" } else { failure.kind.as_str() }, failure.detail))
            }
        }
    }

    async fn query(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        let release = self.release.clone();
        let (statement, bound, digest) = self.bind(&release, statement, StatementKind::Read, &parameters)?;
        let (entry, known) = self.journal.call("query", &statement.name, &[&digest]).map_err(|error| stop(&error))?;
        let rows = if let Known::Answered(recorded) = known {
            serde_json::from_slice(&recorded).map_err(|error| stop(&error))?
        } else {
            let asked = timeout(self.host_call, self.store.query(&bound)).await;
            let rows = asked.map_err(|_| tell("timeout", "the database took too long"))?.map_err(|error| of_store(&error))?;
            let answer = serde_json::to_vec(&rows).map_err(|error| stop(&error))?;
            self.draft.lock().await.note(entry.row(EffectState::Done, Some(answer)));
            rows
        };
        Ok(self.shown(statement, rows))
    }

    async fn execute(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        let release = self.release.clone();
        let (statement, bound, digest) = self.bind(&release, statement, StatementKind::Write, &parameters)?;
        let (entry, known) = self.journal.call("execute", &statement.name, &[&digest]).map_err(|error| stop(&error))?;
        let rows = if let Known::Answered(recorded) = known {
            serde_json::from_slice(&recorded).map_err(|error| stop(&error))?
        } else {
            let mut draft = self.draft.lock().await;
            draft.commit_statement(entry.row(EffectState::Done, None), &bound).await.map_err(|error| of_store(&error))?
        };
        Ok(self.shown(statement, rows))
    }

    fn log(&mut self, level: &str, code: &str, fields: Vec<(String, String)>) {
        let fields: Vec<String> = fields.iter().filter(|(_, value)| !values::holds_token(value)).map(|(name, value)| format!("{name}={value}")).collect();
        let fields = fields.join(" ");
        match level {
            "error" => tracing::error!(plugin.action = %self.action, plugin.code = code, fields, "Plugin noted `{code}`"),
            "warn" => tracing::warn!(plugin.action = %self.action, plugin.code = code, fields, "Plugin noted `{code}`"),
            _ => tracing::info!(plugin.action = %self.action, plugin.code = code, fields, "Plugin noted `{code}`"),
        }
    }
}

impl Host {
    fn note(&self, note: String) {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).notes.push(note);
    }

    /// A call that is made again: what an earlier attempt did after it does not count.
    async fn again(&mut self, entry: &Entry) {
        self.journal.forget_after(entry.ordinal);
        self.draft.lock().await.forget_after(entry.run, entry.ordinal);
    }

    /// The request as it leaves: values put back where the operator allows them, the run's tag in it.
    fn prepare(&self, spec: &BindingSpec, request: HttpRequest) -> Result<egress::Request, Refusal> {
        let HttpRequest { method, path, headers, mut body } = request;
        if values::holds_token(&path) || headers.iter().any(|(_, value)| values::holds_token(value)) {
            return Err(tell("refused", "a token stands in the path or a header"));
        }
        if !body.is_empty() {
            match serde_json::from_slice::<Json>(&body) {
                Ok(mut json) => {
                    values::put_back(&mut json, &spec.places, &|token| self.tokens.find(token)).map_err(|error| tell("refused", error.to_string()))?;
                    if let Some(once) = &spec.once
                        && !once.tag(&mut json, &self.tag)
                    {
                        return Err(tell("refused", "the field of the binding's `once` is no list"));
                    }
                    body = serde_json::to_vec(&json).map_err(|error| stop(&error))?;
                }
                Err(_) if values::holds_token(&String::from_utf8_lossy(&body)) => return Err(tell("refused", "a token stands in a body that is not JSON")),
                Err(_) => {}
            }
        }
        Ok(egress::Request { method, path, headers, body })
    }

    /// Whether a request whose answer was lost was carried out: its answer, if it was.
    async fn look_up(&self, spec: &BindingSpec, binding: &egress::Binding, request: &egress::Request) -> Result<Option<egress::Answer>, Refusal> {
        let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
        let Some(once) = &spec.once else { return Ok(None) };
        let path = once.lookup(&body).ok_or_else(|| tell("failed", "the lookup needs a field the request lacks"))?;
        let asked = egress::Request { method: "GET".into(), path, headers: Vec::new(), body: Vec::new() };
        let answer = self.egress.send(binding, asked).await.map_err(|failure| tell("unavailable", failure.detail))?;
        if answer.status != 200 {
            return Err(tell("unavailable", format!("the lookup answered {}", answer.status)));
        }
        let listed: Json = serde_json::from_slice(&answer.body).map_err(|_| tell("unavailable", "the lookup's answer is not JSON"))?;
        let found = once.found(&listed, &self.tag);
        if found.len() > 1 {
            tracing::error!(plugin.action = %self.action, count = found.len(), "The desk holds one request several times; merge them");
        }
        // Listed newest first: of several, the oldest is the one that counts.
        Ok(found.last().map(|item| egress::Answer { status: 201, headers: answer.headers.clone(), body: item.to_string().into_bytes() }))
    }

    /// Records what a binding answered. Answers that leave doubt, and refusals for now (429), are not
    /// the last word: the run asks again.
    async fn record(&self, entry: &Entry, answer: egress::Answer, safe: bool) -> Result<HttpAnswer, Refusal> {
        let body = match serde_json::from_slice::<Json>(&answer.body) {
            Ok(mut json) => {
                values::scrub_json(&mut json, &self.tokens.live());
                serde_json::to_vec(&json).map_err(|error| stop(&error))?
            }
            Err(_) => values::scrub_bytes(&answer.body, &self.tokens.live()),
        };
        let recorded = Recorded { status: answer.status, headers: answer.headers, body };
        let mut draft = self.draft.lock().await;
        let row = match recorded.status {
            429 => Some(entry.row(EffectState::Failed, None)),
            _ if !safe && matches!(recorded.status, 500 | 502 | 503 | 504) => None,
            _ => Some(entry.row(EffectState::Done, Some(serde_json::to_vec(&recorded).map_err(|error| stop(&error))?))),
        };
        row.into_iter().for_each(|row| draft.note(row));
        if !safe {
            draft.commit().await.map_err(|error| of_store(&error))?;
        }
        Ok(HttpAnswer { status: recorded.status, headers: recorded.headers, body: recorded.body })
    }

    fn replay(&self, recorded: &[u8]) -> Result<HttpAnswer, Refusal> {
        let recorded: Recorded = serde_json::from_slice(recorded).map_err(|error| stop(&error))?;
        Ok(HttpAnswer { status: recorded.status, headers: recorded.headers, body: recorded.body })
    }

    /// A granted statement with its values bound, and the bytes that tell this request from another.
    fn bind<'a>(&self, release: &'a Release, name: &str, kind: StatementKind, given: &[Value]) -> Result<(&'a Statement, Bound, Vec<u8>), Refusal> {
        let granted = self.authority.statements.contains(name);
        let Some(statement) = release.grants.statements.get(name).filter(|statement| granted && statement.kind == kind) else {
            self.note(format!("statement `{}` is not granted", short(name)));
            return Err(tell("refused", "this statement is not granted"));
        };
        let given: Vec<Json> = given.iter().map(Value::to_json).collect();
        let digest = serde_json::to_vec(&given).map_err(|error| stop(&error))?;
        let fact = |fact: Fact| match fact {
            Fact::Call => Json::from(self.call.clone()),
            Fact::Number => self.number.as_ref().map_or(Json::Null, |number| number.reveal().clone().into()),
            Fact::Now => Json::from(self.now.clone()),
        };
        let values = statement.bind(&given, &|token| self.tokens.find(token), &fact).map_err(|error| tell("refused", error.to_string()))?;
        Ok((statement, Bound { sql: statement.sql.clone(), values, cap: statement.rows }, digest))
    }

    /// Rows as the plugin sees them: the columns of the statement, sensitive ones as tokens.
    fn shown(&mut self, statement: &Statement, rows: Rows) -> Vec<Row> {
        let show = |mut row: Vec<(String, Json)>| {
            let column = |column: &crate::grants::Column| {
                let value = row.iter_mut().find(|(name, _)| *name == column.name).map(|(_, value)| std::mem::take(value)).unwrap_or_default();
                (column.name.clone(), self.tokens.hide_value(column.class, Value::from_json(value)))
            };
            statement.columns.iter().map(column).collect()
        };
        rows.into_iter().map(show).collect()
    }
}

/// A guest's own words, cut for a note.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}
