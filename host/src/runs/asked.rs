//! What the audit is told of one host call.
//!
//! Lives here: collecting it while the call is made.
//! Never here: making the call (`host.rs`), the shape of the record (`audit`).

use super::tokens::Tokens;
use crate::audit::{HostCall, Value};
use crate::calls::Draft;
use crate::sandbox::Refusal;
use std::time::{Duration, Instant};

/// A host call on its way.
pub(crate) struct Asked {
    kind: &'static str,
    /// The binding or statement, in the guest's words until it is found to be one.
    name: String,
    pub(crate) ordinal: u64,
    /// What allowed it; empty when nothing did.
    pub(crate) rule: String,
    /// Another word than `done`.
    pub(crate) outcome: Option<&'static str>,
    pub(crate) status: Option<u16>,
    pub(crate) bytes_in: usize,
    /// Whether its record is stored already, with what the call wrote.
    pub(crate) stored: bool,
    /// How long the host has waited for somebody else.
    pub(crate) waited: Duration,
    request: String,
    values: Vec<(&'static str, String)>,
    began: Instant,
}

impl Asked {
    pub(crate) fn new(kind: &'static str, name: &str) -> Self {
        let name = super::host::short(name);
        Self {
            kind,
            name,
            ordinal: 0,
            rule: String::new(),
            outcome: None,
            status: None,
            bytes_in: 0,
            stored: false,
            waited: Duration::ZERO,
            request: String::new(),
            values: Vec::new(),
            began: Instant::now(),
        }
    }

    /// What is asked: the request in the guest's words, and the values behind the tokens in it.
    pub(crate) fn of(&mut self, request: &[u8], tokens: &Tokens) {
        self.request = String::from_utf8_lossy(request).into_owned();
        self.values = tokens.in_text(&self.request);
    }

    /// Waits for somebody else, and counts how long.
    pub(crate) async fn wait<T>(&mut self, other: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let answer = other.await;
        self.waited += began.elapsed();
        answer
    }

    /// The record, once it is known what came of it.
    pub(crate) fn record(&self, draft: &Draft, run: u64, action: &str, component: &str, failed: Option<&Refusal>) -> String {
        let outcome = match failed {
            None => self.outcome.unwrap_or("done"),
            Some(Refusal::Tell { kind, .. }) => kind,
            Some(Refusal::Stop(_)) => "stopped",
        };
        let value = |(class, value): &(&'static str, String)| Value { class, hmac: draft.salted(&[class.as_bytes(), value.as_bytes()]) };
        HostCall {
            run,
            ordinal: self.ordinal,
            action,
            component,
            kind: self.kind,
            name: &self.name,
            rule: &self.rule,
            outcome,
            status: self.status,
            request: draft.salted(&[self.request.as_bytes()]),
            values: self.values.iter().map(value).collect(),
            bytes_out: self.request.len(),
            bytes_in: self.bytes_in,
            took_us: micros(self.began.elapsed()),
            waited_us: micros(self.waited),
        }
        .json()
    }
}

/// Microseconds, as records say them.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
