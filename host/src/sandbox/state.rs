//! What a store holds during one run, and values on their way in and out.
//!
//! Lives here: budgets, the host of the run, conversions between the contract's values and the engine's.
//! Never here: one import's behaviour (a file each).

use super::limits::Memory;
use super::lowered::lowered;
use super::stderr::Stderr;
use super::wit::centralita::action::{call, failures};
use super::{Capabilities, Limits, Refusal};
use crate::guard::{self, Guard};
use centralita_engine::{Masked, Value};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::WasiCtx;

pub(super) struct State {
    pub(super) host: Box<dyn Capabilities>,
    pub(super) memory: Memory,
    pub(super) table: ResourceTable,
    pub(super) wasi: WasiCtx,
    pub(super) stderr: Stderr,
    pub(super) log_left: usize,
    /// Notes that did not fit.
    pub(super) log_dropped: usize,
    /// Ticks of guest code so far.
    pub(super) cpu_ticks: u32,
    pub(super) output_left: usize,
    pub(super) calls_left: u32,
    statements_left: u32,
    requests_left: u32,
}

/// What a guest asks of the host that takes time.
#[derive(Clone, Copy)]
pub(super) enum Ask {
    Statement,
    Request,
}

/// Handles a guest may hold at once.
pub(super) const HANDLES: usize = 256;

impl State {
    pub(super) fn new(limits: &Limits, seed: u128, host: Box<dyn Capabilities>) -> Self {
        let stderr = Stderr::default();
        let mut table = ResourceTable::new();
        if guard::stands(Guard::Handles) {
            table.set_max_capacity(HANDLES);
        }
        Self {
            host,
            memory: Memory::of(limits.memory),
            table,
            wasi: WasiCtx::builder().stderr(stderr.clone()).insecure_random_seed(seed).build(),
            stderr,
            log_left: limits.log_bytes,
            log_dropped: 0,
            cpu_ticks: 0,
            output_left: limits.output_bytes,
            calls_left: limits.host_calls,
            statements_left: limits.statements,
            requests_left: limits.requests,
        }
    }

    /// Takes one statement or request off its budget and off that of both.
    pub(super) fn count_call(&mut self, ask: Ask) -> wasmtime::Result<()> {
        let (left, what) = match ask {
            Ask::Statement => (&mut self.statements_left, "statements"),
            Ask::Request => (&mut self.requests_left, "requests"),
        };
        *left = left.checked_sub(1).ok_or_else(|| Stop::error(format!("the run made more {what} than its limit")))?;
        let left = self.calls_left.checked_sub(1);
        self.calls_left = left.ok_or_else(|| Stop::error("the run made more host calls than its limit"))?;
        Ok(())
    }

    /// Takes bytes that leave the guest off the budget.
    pub(super) fn count_output(&mut self, bytes: usize) -> wasmtime::Result<()> {
        let left = self.output_left.checked_sub(bytes);
        self.output_left = left.ok_or_else(|| Stop::error("the run set and said more bytes than its limit"))?;
        Ok(())
    }
}

/// The guest went past a rule that ends a run: a trap with a reason in plain words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Stop(String);

impl Stop {
    pub(super) fn error(reason: impl Into<String>) -> wasmtime::Error {
        wasmtime::Error::new(Self(reason.into()))
    }
}

/// The host ended the run ([`Refusal::Stop`]).
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct HostStop(pub(super) String);

/// Why a host call has no answer: for the guest to know, or the end of the run.
#[allow(unreachable_pub, reason = "the generated bindings name it")]
pub enum Fault {
    Tell(failures::Failure),
    Trap(wasmtime::Error),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Tell { kind, detail } => {
                lowered(kind.as_bytes());
                lowered(detail.as_bytes());
                Self::Tell(failures::Failure { kind, detail })
            }
            Refusal::Stop(reason) => Self::Trap(wasmtime::Error::new(HostStop(reason))),
        }
    }
}

impl From<wasmtime::Error> for Fault {
    fn from(error: wasmtime::Error) -> Self {
        Self::Trap(error)
    }
}

impl From<wasmtime::component::ResourceTableError> for Fault {
    fn from(error: wasmtime::component::ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}

impl failures::Host for State {
    fn convert_failure(&mut self, fault: Fault) -> wasmtime::Result<failures::Failure> {
        match fault {
            Fault::Tell(failure) => Ok(failure),
            Fault::Trap(error) => Err(error),
        }
    }
}

/// How many bytes a guest's value carries.
pub(super) fn size(value: &call::Value) -> usize {
    match value {
        call::Value::Text(text) | call::Value::Json(text) => text.len(),
        call::Value::Items(items) => items.iter().map(|item| item.len() + 8).sum(),
        call::Value::None | call::Value::Number(_) | call::Value::Boolean(_) => 8,
    }
}

/// A guest's value as the engine's. Numbers that JSON cannot hold and text that is no JSON end the run.
pub(super) fn taken(value: call::Value) -> wasmtime::Result<Value> {
    Ok(match value {
        call::Value::None => Value::None,
        call::Value::Text(text) => Value::text(text),
        call::Value::Number(number) if number.is_finite() => Value::Number(number),
        call::Value::Number(_) => return Err(Stop::error("a number that is not finite")),
        call::Value::Boolean(yes) => Value::Bool(yes),
        call::Value::Items(items) => Value::Items(items.into_iter().map(Masked::new).collect()),
        call::Value::Json(text) => {
            let json = serde_json::from_str(&text).map_err(|_| Stop::error("a `json` value that is not JSON"))?;
            Value::Json(Masked::new(json))
        }
    })
}

/// An engine's value as the guest's.
pub(super) fn given(value: Value) -> call::Value {
    #[cfg(test)]
    super::lowered::lowered(value.to_json().to_string().as_bytes());
    match value {
        Value::None => call::Value::None,
        Value::Text(text) => call::Value::Text(text.into_inner()),
        Value::Number(number) => call::Value::Number(number),
        Value::Bool(yes) => call::Value::Boolean(yes),
        Value::Items(items) => call::Value::Items(items.into_iter().map(Masked::into_inner).collect()),
        Value::Json(json) => call::Value::Json(json.reveal().to_string()),
    }
}

/// Guest text for people: no control characters, at most `most` bytes.
pub(super) fn plain(text: &str, most: usize) -> String {
    let mut plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if plain.len() > most {
        let end = (0..=most).rev().find(|at| plain.is_char_boundary(*at)).unwrap_or(0);
        plain.truncate(end);
    }
    plain
}
