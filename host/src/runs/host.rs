//! The host of one run: what stands behind every import of a plugin.
//!
//! Lives here: grants checked, tokens put in and out, each host call through the journal.
//! Never here: the sandbox, the rules of a binding (`egress`), SQL (`store`).

use super::asked::Asked;
use super::journal::{Entry, Journal, Known};
use super::tokens::Tokens;
use crate::calls::Draft;
use crate::egress::{self, FailureKind};
use crate::grants::{Authority, BindingSpec, Class, Fact, Statement, StatementKind, values};
use crate::guard::{self, Guard};
use crate::release::{Orders, Release};
use crate::sandbox::{Capabilities, HttpAnswer, HttpRequest, Refusal, Row};
use crate::store::{Bound, EffectState, Rows, Store, StoreError};
use centralita_engine::{Effect, Masked, ResponseName, Say, SlotName, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::timeout;

/// Bytes of the rows of a statement that reads.
const MOST_ROWS: usize = 1 << 20;

/// What a run has left so far.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) slots: Vec<(SlotName, Value)>,
    pub(crate) responses: Vec<(ResponseName, Vec<(String, Value)>)>,
    pub(crate) notes: Vec<String>,
    /// How long its host calls have waited for somebody else.
    pub(crate) waited: std::time::Duration,
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

/// The host calls themselves.
impl Host {
    async fn sent(&mut self, name: &str, request: HttpRequest, asked: &mut Asked) -> Result<HttpAnswer, Refusal> {
        let release = self.release.clone();
        let granted = self.authority.bindings.contains(name) || !guard::stands(Guard::Binding);
        let (Some(spec), Some(binding)) = (release.grants.bindings.get(name).filter(|_| granted), release.bindings.get(name)) else {
            self.note(format!("binding `{}` is not granted", short(name)));
            return Err(tell("refused", "this binding is not granted"));
        };
        let headers: Vec<u8> = request.headers.iter().flat_map(|(name, value)| format!("{name}: {value}\n").into_bytes()).collect();
        let parts: [&[u8]; 4] = [request.method.as_bytes(), request.path.as_bytes(), &headers, &request.body];
        asked.of(&parts.join(&b'\n'), &self.tokens);
        asked.rule = binding.rule(&request.method, &request.path).unwrap_or_default();
        let (entry, known) = self.journal.call("http", name, &parts).map_err(|error| stop(&error))?;
        asked.ordinal = entry.ordinal;
        let safe = matches!(request.method.as_str(), "GET" | "HEAD");
        let ready = self.prepare(spec, request)?;
        match known {
            Known::Answered(recorded) => {
                asked.outcome = Some("recorded");
                return self.replay(&recorded);
            }
            _ if self.orders.stops_binding(name) => return Err(tell("unavailable", "this binding is stopped")),
            Known::New => {}
            Known::Failed => self.again(&entry).await,
            Known::Unknown => match (self.lost, &spec.once) {
                (Lost::Later, _) => return Err(tell("unavailable", "its answer was lost; it is looked for later")),
                (Lost::LookUp, None) => return Err(tell("failed", "its answer was lost and the binding has no `once`; a person must look")),
                (Lost::LookUp, Some(_)) => {
                    if let Some(answer) = self.look_up(spec, binding, &ready).await? {
                        asked.outcome = Some("found");
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
            asked.outcome = Some("sent");
            let record = asked.record(&draft, self.run, &self.action, &self.component, None);
            asked.outcome = None;
            asked.wait(in_time(self.host_call, draft.commit_with(record))).await?;
        }
        let sent = asked.wait(timeout(self.host_call, self.egress.send(binding, ready))).await;
        match sent.unwrap_or_else(|_| Err(egress::Failure::no_answer(safe, "no answer within the time of a host call"))) {
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

    async fn queried(&mut self, statement: &str, parameters: Vec<Value>, asked: &mut Asked) -> Result<Vec<Row>, Refusal> {
        let release = self.release.clone();
        let (statement, bound, digest) = self.bind(&release, statement, StatementKind::Read, &parameters, asked)?;
        let (entry, known) = self.journal.call("query", &statement.name, &[&digest]).map_err(|error| stop(&error))?;
        asked.ordinal = entry.ordinal;
        let rows = if let Known::Answered(recorded) = known {
            asked.outcome = Some("recorded");
            serde_json::from_slice(&recorded).map_err(|error| stop(&error))?
        } else {
            let rows = asked.wait(in_time(self.host_call, self.store.query(&bound))).await?;
            let answer = serde_json::to_vec(&rows).map_err(|error| stop(&error))?;
            if answer.len() > MOST_ROWS && guard::stands(Guard::Rows) {
                return Err(tell("failed", format!("the statement answers with more than {MOST_ROWS} bytes; narrow it")));
            }
            asked.bytes_in = answer.len();
            self.draft.lock().await.note(entry.row(EffectState::Done, Some(answer)));
            rows
        };
        Ok(self.shown(statement, &bound, rows))
    }

    async fn executed(&mut self, statement: &str, parameters: Vec<Value>, asked: &mut Asked) -> Result<Vec<Row>, Refusal> {
        let release = self.release.clone();
        let (statement, bound, digest) = self.bind(&release, statement, StatementKind::Write, &parameters, asked)?;
        let (entry, known) = self.journal.call("execute", &statement.name, &[&digest]).map_err(|error| stop(&error))?;
        asked.ordinal = entry.ordinal;
        let rows = if let Known::Answered(recorded) = known {
            asked.outcome = Some("recorded");
            serde_json::from_slice(&recorded).map_err(|error| stop(&error))?
        } else {
            let mut draft = self.draft.lock().await;
            let record = asked.record(&draft, self.run, &self.action, &self.component, None);
            let rows = asked.wait(in_time(self.host_call, draft.commit_statement(entry.row(EffectState::Done, None), record, &bound))).await?;
            asked.stored = true;
            rows
        };
        Ok(self.shown(statement, &bound, rows))
    }

    /// Tells the audit what came of a host call.
    async fn audit(&self, asked: Asked, failed: Option<&Refusal>) {
        let mut draft = self.draft.lock().await;
        let record = asked.record(&draft, self.run, &self.action, &self.component, failed);
        draft.audit(record);
        self.output.lock().unwrap_or_else(PoisonError::into_inner).waited += asked.waited;
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
        if hidden_in_path(&path, &headers) {
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
        let answer = timeout(self.host_call, self.egress.send(binding, asked)).await.map_err(|_| tell("unavailable", "the lookup took too long"))?;
        let answer = answer.map_err(|failure| tell("unavailable", failure.detail))?;
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

    /// Everything the call knows that is sensitive, whether this run has read it or not: it comes back as tokens.
    fn watch(&mut self) {
        let (release, facts) = (self.release.clone(), std::mem::take(&mut self.facts));
        for (name, value) in &facts {
            self.tokens.watch(release.class_of(name), value);
        }
        self.facts = facts;
    }

    /// Records what a binding answered. Answers that leave doubt, and refusals for now (429), are not
    /// the last word: the run asks again.
    async fn record(&mut self, entry: &Entry, answer: egress::Answer, safe: bool) -> Result<HttpAnswer, Refusal> {
        self.watch();
        let body = match serde_json::from_slice::<Json>(&answer.body) {
            _ if !guard::stands(Guard::Answers) => answer.body,
            Ok(mut json) => {
                values::scrub_json(&mut json, &self.tokens.live());
                serde_json::to_vec(&json).map_err(|error| stop(&error))?
            }
            Err(_) => values::scrub_bytes(&answer.body, &self.tokens.live()),
        };
        let mut headers = answer.headers;
        for (_, value) in headers.iter_mut().filter(|_| guard::stands(Guard::Answers)) {
            *value = values::scrub(value, &self.tokens.live());
        }
        self.tokens.met(&String::from_utf8_lossy(&body));
        let recorded = Recorded { status: answer.status, headers, body };
        let mut draft = self.draft.lock().await;
        let row = match recorded.status {
            429 => Some(entry.row(EffectState::Failed, None)),
            _ if !safe && matches!(recorded.status, 500 | 502 | 503 | 504) => None,
            _ => Some(entry.row(EffectState::Done, Some(serde_json::to_vec(&recorded).map_err(|error| stop(&error))?))),
        };
        row.into_iter().for_each(|row| draft.note(row));
        if !safe {
            in_time(self.host_call, draft.commit()).await?;
        }
        Ok(HttpAnswer { status: recorded.status, headers: recorded.headers, body: recorded.body })
    }

    fn replay(&mut self, recorded: &[u8]) -> Result<HttpAnswer, Refusal> {
        let recorded: Recorded = serde_json::from_slice(recorded).map_err(|error| stop(&error))?;
        self.watch();
        self.tokens.met(&String::from_utf8_lossy(&recorded.body));
        Ok(HttpAnswer { status: recorded.status, headers: recorded.headers, body: recorded.body })
    }

    /// A granted statement with its values bound, and the bytes that tell this request from another.
    fn bind<'a>(
        &self,
        release: &'a Release,
        name: &str,
        kind: StatementKind,
        given: &[Value],
        asked: &mut Asked,
    ) -> Result<(&'a Statement, Bound, Vec<u8>), Refusal> {
        let granted = self.authority.statements.contains(name) || !guard::stands(Guard::Statement);
        let Some(statement) = release.grants.statements.get(name).filter(|statement| granted && statement.kind == kind) else {
            self.note(format!("statement `{}` is not granted", short(name)));
            return Err(tell("refused", "this statement is not granted"));
        };
        let given: Vec<Json> = given.iter().map(Value::to_json).collect();
        let digest = serde_json::to_vec(&given).map_err(|error| stop(&error))?;
        asked.of(&digest, &self.tokens);
        asked.rule = "granted".to_owned();
        let fact = |fact: Fact| match fact {
            Fact::Call => Json::from(self.call.clone()),
            Fact::Number => self.number.as_ref().map_or(Json::Null, |number| number.reveal().clone().into()),
            Fact::Now => Json::from(self.now.clone()),
        };
        let values = statement.bind(&given, &|token| self.tokens.find(token), &fact).map_err(|error| tell("refused", error.to_string()))?;
        let bound = Bound { sql: statement.sql.clone(), values, cap: statement.rows };
        #[cfg(test)]
        let bound = if guard::stands(Guard::Bound) { bound } else { spliced(bound) };
        Ok((statement, bound, digest))
    }

    /// Rows as the plugin sees them: the columns of the statement, sensitive ones as tokens. A value the call knows to
    /// be sensitive comes as a token in a plain column too, however the statement put it there.
    fn shown(&mut self, statement: &Statement, bound: &Bound, rows: Rows) -> Vec<Row> {
        self.watch();
        let given = statement.given(&bound.values);
        let show = |mut row: Vec<(String, Json)>| {
            let column = |column: &crate::grants::Column| {
                let mut value = row.iter_mut().find(|(name, _)| *name == column.name).map(|(_, value)| std::mem::take(value)).unwrap_or_default();
                if !column.class.is_sensitive() && guard::stands(Guard::Echoes) {
                    self.tokens.scrub_column(&mut value, &given);
                }
                (column.name.clone(), self.tokens.hide_value(column.class, Value::from_json(value)))
            };
            statement.columns.iter().map(column).collect()
        };
        rows.into_iter().map(show).collect()
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

fn hidden_in_path(path: &str, headers: &[(String, String)]) -> bool {
    let holds = values::holds_token(path) || headers.iter().any(|(_, value)| values::holds_token(value));
    holds && guard::stands(Guard::TokenInPath)
}

/// What a statement without bound values would be: its crime is in `evil/values.rs`.
#[cfg(test)]
fn spliced(mut bound: Bound) -> Bound {
    for (name, value) in std::mem::take(&mut bound.values) {
        let text = value.as_str().map_or_else(|| value.to_string(), |text| format!("'{text}'"));
        bound.sql = bound.sql.replace(&format!(":{name}"), &text);
    }
    bound
}

/// A guest's own words, cut for a note.
pub(super) fn short(text: &str) -> String {
    if values::holds_token(text) {
        return "a token".to_owned();
    }
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}
