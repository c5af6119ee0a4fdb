//! The host of one run: what stands behind every import of a plugin.
//!
//! Lives here: grants checked, tokens put in and out, what the audit is told of a host call. Beside it: requests (`request.rs`) and
//! statements (`statement.rs`), through the journal.
//! Never here: the sandbox, the rules of a binding (`egress`), SQL (`store`).

mod request;
mod statement;

pub(crate) use request::{Made, named};

use super::asked::Asked;
use super::journal::Journal;
use super::tokens::Tokens;
use crate::calls::Draft;
use crate::egress;
use crate::grants::{Authority, Class, values};
use crate::guard::{self, Guard};
use crate::release::{Orders, Release};
use crate::sandbox::{Capabilities, HttpAnswer, HttpRequest, Refusal, Row};
use crate::store::{Store, StoreError};
use centralita_engine::{Effect, Masked, ResponseName, Say, SlotName, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::timeout;

/// What a run has left so far.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) slots: Vec<(SlotName, Value)>,
    pub(crate) responses: Vec<(ResponseName, Vec<(String, Value)>)>,
    pub(crate) notes: Vec<String>,
    /// How long its host calls have waited for somebody else.
    pub(crate) waited: std::time::Duration,
    /// How long the other side wants to be left alone.
    pub(crate) not_before: std::time::Duration,
    /// Why the run is refused, whatever its action says.
    pub(crate) refused: Option<String>,
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
    /// The plugin's component, SHA-256.
    pub(crate) component: String,
    /// The run's id.
    pub(crate) run: u64,
    pub(crate) draft: Arc<tokio::sync::Mutex<Draft>>,
    pub(crate) output: Arc<Mutex<Output>>,
    pub(crate) tokens: Tokens,
    pub(crate) journal: Journal,
    /// Slots and facts of the call at the run's position, real values.
    pub(crate) facts: BTreeMap<String, Value>,
    pub(crate) number: Option<Masked<String>>,
    pub(crate) call: String,
    pub(crate) now: String,
    /// The same moment, epoch milliseconds.
    pub(crate) at_ms: i64,
    pub(crate) locale: String,
    pub(crate) attempt: u32,
    pub(crate) host_call: std::time::Duration,
    pub(crate) lost: Lost,
    /// Until when nobody else takes this run up.
    pub(crate) until: tokio::time::Instant,
    /// How long a lost answer is waited for.
    pub(crate) settle: std::time::Duration,
    /// The tag that finds this run's requests again.
    pub(crate) tag: String,
    /// What was stopped when the run began.
    pub(crate) orders: Arc<Orders>,
    /// Whether what the call knows is watched for already.
    pub(crate) watches: bool,
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
        if !self.authority.reads.contains(name) && guard::stands(Guard::SlotRead) {
            self.note(format!("read of `{}` is not granted", short(name)));
            return Value::None;
        }
        let value = self.facts.get(name).cloned().unwrap_or_default();
        self.tokens.hide_value(self.release.class_of(name), value)
    }

    fn set_slot(&mut self, name: &str, value: Value) {
        match SlotName::parse(name) {
            Ok(slot) if self.authority.writes.contains(name) || !guard::stands(Guard::SlotWrite) => {
                if guard::stands(Guard::SlotClass) && !fits(self.release.class_of(name), &value) {
                    // Put back there, the next run would read it as something it is not.
                    let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
                    output.refused = Some(format!("slot `{name}` may not hold a token of that class; give it the class in the domain"));
                    return;
                }
                let value = self.tokens.show(value);
                let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
                output.slots.push((slot, value));
            }
            _ => self.note(format!("write of `{}` is not granted", short(name))),
        }
    }

    fn respond(&mut self, response: &str, arguments: Vec<(String, Value)>) {
        match ResponseName::parse(response) {
            Ok(name) if self.authority.responses.contains(response) || !guard::stands(Guard::Response) => {
                let arguments = arguments.into_iter().map(|(name, value)| (name, self.tokens.show(value))).collect();
                self.output.lock().unwrap_or_else(PoisonError::into_inner).responses.push((name, arguments));
            }
            _ => self.note(format!("response `{}` is not granted", short(response))),
        }
    }

    async fn send(&mut self, name: &str, request: HttpRequest) -> Result<HttpAnswer, Refusal> {
        let mut asked = Asked::new("http", name);
        let answer = self.sent(name, request, &mut asked).await;
        if let Ok(answer) = &answer {
            asked.status = Some(answer.status);
            asked.bytes_in = answer.body.len();
        }
        self.audit(asked, answer.as_ref().err()).await;
        answer
    }

    async fn query(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        let mut asked = Asked::new("query", statement);
        let rows = self.queried(statement, parameters, &mut asked).await;
        self.audit(asked, rows.as_ref().err()).await;
        rows
    }

    async fn execute(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        let mut asked = Asked::new("execute", statement);
        let rows = self.executed(statement, parameters, &mut asked).await;
        if asked.stored {
            self.output.lock().unwrap_or_else(PoisonError::into_inner).waited += asked.waited;
        } else {
            self.audit(asked, rows.as_ref().err()).await;
        }
        rows
    }

    fn log(&mut self, level: &str, code: &str, fields: Vec<(String, String)>) {
        let fields: Vec<String> =
            fields.iter().filter(|(name, value)| !hidden(name) && !hidden(value)).map(|(name, value)| format!("{name}={value}")).collect();
        let fields = fields.join(" ");
        let code = if hidden(code) { "a token" } else { code };
        match level {
            "error" => tracing::error!(plugin.action = %self.action, plugin.code = code, fields, "Plugin noted `{code}`"),
            "warn" => tracing::warn!(plugin.action = %self.action, plugin.code = code, fields, "Plugin noted `{code}`"),
            _ => tracing::info!(plugin.action = %self.action, plugin.code = code, fields, "Plugin noted `{code}`"),
        }
    }
}

impl Host {
    /// Tells the audit what came of a host call.
    async fn audit(&self, asked: Asked, failed: Option<&Refusal>) {
        let mut draft = self.draft.lock().await;
        let record = asked.record(&draft, self.run, &self.action, &self.component, failed);
        draft.audit(record);
        self.output.lock().unwrap_or_else(PoisonError::into_inner).waited += asked.waited;
    }

    fn note(&self, note: String) {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).notes.push(note);
    }

    /// Everything the call knows that is sensitive, whether this run has read it or not: it comes back as tokens. It is the
    /// same throughout the run.
    fn watch(&mut self) {
        if std::mem::replace(&mut self.watches, true) {
            return;
        }
        let (release, facts) = (self.release.clone(), std::mem::take(&mut self.facts));
        for (name, value) in facts.iter().filter(|(_, value)| matches!(value, Value::Text(_) | Value::Items(_))) {
            self.tokens.watch(release.class_of(name), value);
        }
        self.facts = facts;
    }
}

/// Whether a slot of this class may be given this value: a token whole and of the same class, or no token at all.
fn fits(class: Class, value: &Value) -> bool {
    let text = |text: &str| values::class_of(text).map_or(!values::holds_token(text), |written| written == class);
    match value {
        Value::None | Value::Number(_) | Value::Bool(_) => true,
        Value::Text(one) => text(one.reveal()),
        Value::Items(items) => items.iter().all(|item| text(item.reveal())),
        Value::Json(json) => !values::holds_token(&json.reveal().to_string()),
    }
}

/// A wait for the database, within the time of a host call. A write that is given up may still happen: the draft
/// knows, and stores nothing more.
async fn in_time<T>(most: std::time::Duration, asked: impl Future<Output = Result<T, StoreError>>) -> Result<T, Refusal> {
    timeout(most, asked).await.map_err(|_| tell("timeout", "the database took too long"))?.map_err(|error| of_store(&error))
}

/// Whether a note may not hold this.
fn hidden(text: &str) -> bool {
    values::holds_token(text) && guard::stands(Guard::TokenInLog)
}

/// A guest's own words, cut for a note.
pub(super) fn short(text: &str) -> String {
    if values::holds_token(text) {
        return "a token".to_owned();
    }
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}
