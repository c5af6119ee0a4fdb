//! Requests of a run to a binding.
//!
//! Lives here: the rules of the run before a request leaves, its journal, what becomes of an answer and of a lost one.
//! Never here: the rules of the binding itself (`egress`), statements.

use super::super::asked::Asked;
use super::super::journal::{Entry, Known};
use super::{Host, Lost, in_time, short, stop, tell};
use crate::egress::{self, FailureKind};
use crate::grants::{BindingSpec, values};
use crate::guard::{self, Guard};
use crate::sandbox::{HttpAnswer, HttpRequest, Refusal};
use crate::store::EffectState;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::time::timeout;

/// A recorded answer of a binding.
#[derive(Serialize, Deserialize)]
struct Recorded {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

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

    /// Records what a binding answered. Answers that leave doubt, and refusals for now (429), are not
    /// the last word: the run asks again.
    async fn record(&mut self, entry: &Entry, answer: egress::Answer, safe: bool) -> Result<HttpAnswer, Refusal> {
        self.watch();
        let egress::Answer { status, mut headers, mut body } = answer;
        if guard::stands(Guard::Answers) {
            let live = self.tokens.live();
            body = values::scrub_bytes(&body, &live);
            headers.iter_mut().for_each(|(_, value)| *value = values::scrub(value, &live));
        }
        self.tokens.met(&String::from_utf8_lossy(&body));
        let recorded = Recorded { status, headers, body };
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
}

fn hidden_in_path(path: &str, headers: &[(String, String)]) -> bool {
    let holds = values::holds_token(path) || headers.iter().any(|(_, value)| values::holds_token(value));
    holds && guard::stands(Guard::TokenInPath)
}
