//! Requests of a run to a binding.
//!
//! Lives here: the rules of the run before a request leaves, its journal, what becomes of an answer and of a lost one.
//! Never here: the rules of the binding itself (`egress`), statements.

use super::super::asked::Asked;
use super::super::journal::{Entry, Known};
use super::{Host, Lost, in_time, short, stop, tell};
use crate::app::App;
use crate::egress::{self, FailureKind};
use crate::failpoint::failpoint;
use crate::grants::{BindingSpec, values};
use crate::guard::{self, Guard};
use crate::sandbox::{HttpAnswer, HttpRequest, Refusal};
use crate::store::EffectState;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// A recorded answer of a binding.
#[derive(Serialize, Deserialize)]
struct Recorded {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made: Option<Made>,
}

/// What a request made that was sent more than once, as the other side has it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Made {
    /// The path that lists it, and whatever else was made of the same request.
    pub(crate) lookup: String,
    /// Its name there.
    pub(crate) id: String,
}

impl Made {
    /// What a recorded answer says of it; `None` for a request that was sent once.
    pub(crate) fn of(recorded: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Recorded>(recorded).ok()?.made
    }
}

/// The first check for a second one comes after so many times the wait for a lost answer; by then most of what is late is there.
const FIRST_CHECK: i64 = 6;
/// A desk that is at its rate is believed for so long, seconds: an hourly window and a bit.
const LONGEST_WAIT: u64 = 3_700;

impl Host {
    pub(super) async fn sent(&mut self, name: &str, request: HttpRequest, asked: &mut Asked) -> Result<HttpAnswer, Refusal> {
        let release = self.release.clone();
        let granted = self.authority.bindings.contains(name) || !guard::stands(Guard::Binding);
        let Some(spec) = release.grants.bindings.get(name).filter(|_| granted) else {
            self.note(format!("binding `{}` is not granted", short(name)));
            return Err(tell("refused", "this binding is not granted"));
        };
        let Some(binding) = release.bindings.get(name) else {
            return Err(tell("refused", "this binding is off: its variables are not set"));
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
            // One attempt, and nothing came of it.
            Known::Failed if entry.attempts() < 2 || spec.once.is_none() => self.again(&entry).await,
            Known::Unknown if self.lost == Lost::Later => return Err(tell("unavailable", "its answer was lost; it is looked for later")),
            Known::Unknown if spec.once.is_none() => return Err(tell("failed", "its answer was lost and the binding has no `once`; a person must look")),
            Known::Failed | Known::Unknown => {
                if let Some(answer) = self.look_up(spec, binding, &ready).await? {
                    asked.outcome = Some("found");
                    return self.record(&entry, answer, repeated(spec, &entry, &ready)).await;
                }
                self.again(&entry).await;
            }
        }
        let repeated = repeated(spec, &entry, &ready);
        if !safe {
            // From here on the request may have left: that it was meant to is stored first.
            let mut draft = self.draft.lock().await;
            draft.note(entry.row(EffectState::Intent, None));
            asked.outcome = Some("sent");
            let record = asked.record(&draft, self.run, &self.action, &self.component, None);
            asked.outcome = None;
            asked.wait(in_time(self.host_call, draft.commit_with(record))).await?;
            failpoint("a request is about to leave");
            // Whoever stood still for too long may not be the only one at this run any more.
            if Instant::now() >= self.until {
                draft.note(entry.row(EffectState::Failed, None));
                return Err(tell("unavailable", "the host stood still, and the run may be another's by now"));
            }
        }
        let sent = asked.wait(timeout(self.host_call, self.egress.send(binding, ready))).await;
        match sent.unwrap_or_else(|_| Err(egress::Failure::no_answer(safe, "no answer within the time of a host call"))) {
            Ok(answer) if safe => self.record_read(&entry, answer).await,
            Ok(answer) => {
                failpoint("a request was answered");
                self.record(&entry, answer, repeated).await
            }
            Err(failure) => {
                let unknown = failure.kind == FailureKind::Unknown;
                if !safe && !unknown {
                    self.draft.lock().await.note(entry.row(EffectState::Failed, None));
                }
                Err(tell(if unknown { "unavailable" } else { failure.kind.as_str() }, failure.detail))
            }
        }
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
        failpoint("a lost answer was looked for");
        let answer = answer.map_err(|failure| tell("unavailable", failure.detail))?;
        if answer.status != 200 {
            return Err(tell("unavailable", format!("the lookup answered {}", answer.status)));
        }
        let listed: Json = serde_json::from_slice(&answer.body).map_err(|_| tell("unavailable", "the lookup's answer is not JSON"))?;
        let found = once.found(&listed, &self.tag);
        // Listed newest first: of several, the oldest is the one that counts. The others are found by `reconcile`.
        Ok(found.last().map(|item| egress::Answer { status: 201, headers: answer.headers.clone(), body: item.to_string().into_bytes() }))
    }

    /// Records what a binding answered to a request that only reads. Who was not let in, or came too often, may ask again.
    async fn record_read(&mut self, entry: &Entry, answer: egress::Answer) -> Result<HttpAnswer, Refusal> {
        let recorded = self.seen(answer);
        let row = if matches!(recorded.status, 401 | 403 | 429) {
            entry.row(EffectState::Failed, None)
        } else {
            entry.row(EffectState::Done, Some(recorded.bytes()?))
        };
        self.draft.lock().await.note(row);
        Ok(recorded.answer())
    }

    /// Records what a binding answered to a request that may have changed something. Answers that leave doubt, and
    /// refusals, are not the last word: the run asks again when it is executed again, after a wait (429) or once a person has
    /// mended what was refused. `lookup` of a request that was sent before.
    async fn record(&mut self, entry: &Entry, answer: egress::Answer, lookup: Option<Repeated>) -> Result<HttpAnswer, Refusal> {
        let made = lookup.filter(|_| (200..300).contains(&answer.status)).and_then(|repeated| repeated.made(&answer.body));
        let doubtful = answer.leaves_doubt();
        let mut recorded = self.seen(answer);
        let check = made.is_some();
        recorded.made = made;
        let row = match recorded.status {
            400..500 => Some(entry.row(EffectState::Failed, None)),
            _ if doubtful => None,
            _ => Some(entry.row(EffectState::Done, Some(recorded.bytes()?))),
        };
        let mut draft = self.draft.lock().await;
        if let Some(mut row) = row {
            row.check_at_ms =
                check.then(|| App::now_ms().saturating_add(i64::try_from(self.settle.as_millis()).unwrap_or(i64::MAX).saturating_mul(FIRST_CHECK)));
            draft.note(row);
        }
        in_time(self.host_call, draft.commit()).await?;
        Ok(recorded.answer())
    }

    /// An answer as the run may see it.
    fn seen(&mut self, answer: egress::Answer) -> Recorded {
        if answer.status == 429 {
            let seconds = answer.header("retry-after").and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or_default();
            let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
            output.not_before = output.not_before.max(Duration::from_secs(seconds.min(LONGEST_WAIT)));
        }
        self.watch();
        let egress::Answer { status, mut headers, mut body } = answer;
        if guard::stands(Guard::Answers) {
            let live = self.tokens.live();
            body = values::scrub_bytes(&body, &live);
            headers.iter_mut().for_each(|(_, value)| *value = values::scrub(value, &live));
        }
        self.tokens.met(&String::from_utf8_lossy(&body));
        Recorded { status, headers, body, made: None }
    }

    fn replay(&mut self, recorded: &[u8]) -> Result<HttpAnswer, Refusal> {
        let recorded: Recorded = serde_json::from_slice(recorded).map_err(|error| stop(&error))?;
        self.watch();
        self.tokens.met(&String::from_utf8_lossy(&recorded.body));
        Ok(recorded.answer())
    }
}

impl Recorded {
    fn bytes(&self) -> Result<Vec<u8>, Refusal> {
        serde_json::to_vec(self).map_err(|error| stop(&error))
    }

    fn answer(self) -> HttpAnswer {
        HttpAnswer { status: self.status, headers: self.headers, body: self.body }
    }
}

/// How a request that was sent before finds what came of it.
struct Repeated {
    lookup: String,
    id: String,
}

impl Repeated {
    fn made(self, answer: &[u8]) -> Option<Made> {
        let answer: Json = serde_json::from_slice(answer).ok()?;
        Some(Made { id: named(&answer, &self.id)?, lookup: self.lookup })
    }
}

/// `None` for a request that leaves for the first time, or a binding that looks nothing up.
fn repeated(spec: &BindingSpec, entry: &Entry, request: &egress::Request) -> Option<Repeated> {
    let once = spec.once.as_ref().filter(|_| entry.attempts() > 0)?;
    let body: Json = serde_json::from_slice(&request.body).ok()?;
    Some(Repeated { lookup: once.lookup(&body)?, id: once.id.clone() })
}

/// The name of a thing the other side made.
pub(crate) fn named(thing: &Json, pointer: &str) -> Option<String> {
    match thing.pointer(pointer)? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn hidden_in_path(path: &str, headers: &[(String, String)]) -> bool {
    let holds = values::holds_token(path) || headers.iter().any(|(_, value)| values::holds_token(value));
    holds && guard::stands(Guard::TokenInPath)
}
