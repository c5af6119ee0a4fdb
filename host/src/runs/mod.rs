//! Runs: one action, started once, carried through.
//!
//! Lives here: executing a run in the sandbox with its journal, and what its end means for the flow.
//! Never here: when a run is due (`calls`, `owed`).

mod asked;
mod host;
mod journal;
mod rehearsal;
mod tokens;

pub(crate) use host::{Lost, Made, named};
pub(crate) use journal::{Journal, Known};
pub use rehearsal::{Rehearsal, Rehearsed};
pub(crate) use tokens::Tokens;

use crate::action_server;
use crate::app::App;
use crate::audit::RunEnded;
use crate::calls::Draft;
use crate::grants::values::holds_token;
use crate::plugins_build::symbols;
use crate::release::{Plugin, Release};
use crate::sandbox::{Finished, Spent};
use crate::seal::{Purpose, hex};
use crate::store::{OwedState, OwedWrite};
use centralita_engine::{CallState, Ending, Outcome, Run, Value};
use host::{Host, Output};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How a run is executed.
#[derive(Clone, Copy)]
pub(crate) struct Execution<'a> {
    pub(crate) call: &'a str,
    pub(crate) release: &'a Arc<Release>,
    /// The state at the run's own position.
    pub(crate) state: &'a CallState,
    pub(crate) run: &'a Run,
    /// Whether it may have been executed before: then its journal is read first.
    pub(crate) again: bool,
    pub(crate) attempt: u32,
    pub(crate) lost: Lost,
    /// Until when nobody else takes this run up.
    pub(crate) until: tokio::time::Instant,
}

/// Executes a run; its host calls are committed through `draft`. A run that is owed says so there.
pub(crate) async fn execute(app: &App, draft: Draft, execution: Execution<'_>) -> (Draft, Outcome) {
    if let Some(outcome) = app.stubs.answer(&execution.release.project, execution.call, execution.run.action.as_str()) {
        return (draft, outcome);
    }
    if let Some(stopped) = stopped(app, &execution) {
        return put_off(app, draft, &execution, stopped);
    }
    if let Some(server) = &execution.release.action_server
        && execution.release.project.actions.get(&execution.run.action).is_some_and(|facts| facts.remote)
    {
        return action_server::run(app, draft, &execution, server).await;
    }
    let Execution { call, release, state, run, again, attempt, lost, until } = execution;
    let action = run.action.as_str();
    let Some(plugin) = release.plugin_of(action) else {
        return (draft, Outcome::ended(Ending::Unavailable, "neither a plugin of this release nor an action server offers it"));
    };
    if let Some(off) = off(release, plugin, action) {
        let mut draft = draft;
        draft.audit(
            Ended { by: &plugin.name, component: &plugin.digest, ending: Ending::Refused, denied: &[], waited: Duration::ZERO, spent: &Spent::default() }
                .record(&execution),
        );
        return (draft, Outcome::ended(Ending::Refused, format!("binding `{off}` is off: its variables are not set")));
    }
    let recorded = match (again, draft.key()) {
        (true, Some(key)) => match app.store.effects(&key, call, run.id).await {
            Ok(recorded) => recorded,
            Err(error) => return (draft, Outcome::ended(Ending::Unavailable, error.to_string())),
        },
        _ => Vec::new(),
    };
    let later = plugin.effective.later.iter().any(|name| name == action);
    let mut draft = draft;
    if later && lost == Lost::Later {
        // Owed from its first commit on; its end in this turn takes that back.
        draft.owe(owed(run, OwedState::Due, attempt, draft.at_ms + app.lease_ms(), "started"));
    }
    let limits = plugin.effective.limits_of(action, &release.grants);
    let tag = tag(app, call, run.id);
    let output = Arc::new(Mutex::new(Output::default()));
    let draft = Arc::new(tokio::sync::Mutex::new(draft));
    let host = Host {
        store: app.store.clone(),
        egress: app.egress.clone(),
        release: release.clone(),
        authority: plugin.effective.actions.get(action).cloned().unwrap_or_default(),
        action: action.to_owned(),
        component: plugin.digest.clone(),
        run: run.id,
        draft: draft.clone(),
        output: output.clone(),
        tokens: Tokens::new(app.keys.clone(), call),
        journal: Journal::new(run.id, recorded),
        facts: facts(app, call, release, state),
        number: state.opening.as_ref().and_then(|opening| opening.number.clone()),
        call: call.to_owned(),
        now: release.local_time(run.at),
        at_ms: run.at,
        locale: release.project.config.locale.clone(),
        attempt,
        host_call: limits.host_call,
        lost,
        until,
        settle: app.settle,
        tag,
        orders: app.releases.orders(),
        watches: false,
    };
    let (finished, host, spent) = app.sandbox.measure(&plugin.component, action, &sandbox_limits(&limits), Box::new(host)).await;
    drop(host);
    let mut draft = match Arc::try_unwrap(draft) {
        Ok(draft) => draft.into_inner(),
        Err(_) => unreachable_draft(app, call),
    };
    if draft.is_taken() {
        return (draft, Outcome::ended(Ending::Unavailable, "another host has taken the call on"));
    }
    app.releases.ended(release, &finished);
    let (ending, detail) = ending(finished);
    let mut output = std::mem::take(&mut *output.lock().unwrap_or_else(PoisonError::into_inner));
    let (ending, detail) = match output.refused.take() {
        Some(reason) if ending == Ending::Done => (Ending::Refused, reason),
        // A guest's own words may hold a token, and these end up in logs.
        _ if holds_token(&detail) => (ending, "it said something with a token in it".to_owned()),
        _ => (ending, detail),
    };
    draft.audit(Ended { by: &plugin.name, component: &plugin.digest, ending, denied: &output.notes, waited: output.waited, spent: &spent }.record(&execution));
    for note in &output.notes {
        tracing::warn!(call.sid = %call, plugin.name = %plugin.name, plugin.action = action, "Plugin `{}`: {note}", plugin.name);
    }
    if ending != Ending::Done {
        tracing::warn!(call.sid = %call, plugin.name = %plugin.name, plugin.action = action, ending = ending.word(), detail, "Action `{action}` ended `{}`", ending.word());
    }
    if let Some(symbols) = &app.symbols {
        for place in symbols::places(symbols, &plugin.name, &plugin.component.digest, &spent.frames) {
            tracing::warn!(plugin.name = %plugin.name, plugin.action = action, "Plugin `{}` crashed in {place}", plugin.name);
        }
    }
    if later && matches!(ending, Ending::Refused | Ending::Failed) {
        tracing::error!(call.sid = %call, run = run.id, plugin.action = action, "ALARM: what is owed to a caller is given up; a person must look: centralita outbox");
    }
    if later {
        let wait = app.wait_before(attempt).max(i64::try_from(output.not_before.as_millis()).unwrap_or_default());
        draft.owe(match ending {
            Ending::Done => owed(run, OwedState::Done, attempt, draft.at_ms, "done"),
            Ending::Refused | Ending::Failed => owed(run, OwedState::Dead, attempt, draft.at_ms, ending.word()),
            Ending::Unavailable | Ending::Busy | Ending::Timeout => owed(run, OwedState::Due, attempt, App::now_ms() + wait, ending.word()),
        });
    }
    let outcome = if ending == Ending::Done { Outcome { ending, detail, effects: output.effects() } } else { Outcome::ended(ending, detail) };
    (draft, outcome)
}

/// The optional binding an action needs and this installation does not have, if there is one: nothing is begun, and nothing owed.
fn off<'a>(release: &'a Release, plugin: &'a Plugin, action: &str) -> Option<&'a str> {
    let needs = &plugin.effective.actions.get(action)?.bindings;
    let is_off = |name: &&String| !release.bindings.contains_key(*name) && release.grants.bindings.get(*name).is_some_and(|spec| spec.optional);
    needs.iter().find(is_off).map(String::as_str)
}

/// Why an operator's order keeps this run from beginning, if one does.
fn stopped(app: &App, execution: &Execution<'_>) -> Option<String> {
    let action = execution.run.action.as_str();
    let component = execution.release.plugin_of(action).map(|plugin| plugin.digest.as_str());
    app.releases.orders().stops(action, &execution.release.digest, component)
}

/// A run that is stopped is unavailable; one that is owed stays owed, and is tried again until the order is lifted.
fn put_off(app: &App, mut draft: Draft, execution: &Execution<'_>, why: String) -> (Draft, Outcome) {
    let Execution { release, run, attempt, .. } = execution;
    let action = run.action.as_str();
    if release.plugin_of(action).is_some_and(|plugin| plugin.effective.later.iter().any(|name| name == action)) {
        draft.owe(owed(run, OwedState::Due, *attempt, draft.at_ms + app.wait_before(*attempt), "unavailable"));
    }
    draft.audit(
        Ended { by: "an order", component: "", ending: Ending::Unavailable, denied: &[], waited: Duration::ZERO, spent: &Spent::default() }.record(execution),
    );
    tracing::warn!(call.sid = %execution.call, plugin.action = action, "Action `{action}` did not begin: {why}");
    (draft, Outcome::ended(Ending::Unavailable, why))
}

/// The sandbox gives the host back before it returns; a draft that is still held is a bug of ours, and
/// the turn then fails at its next commit instead of going on with half of what happened.
fn unreachable_draft(app: &App, call: &str) -> Draft {
    tracing::error!(call.sid = %call, "A run kept its draft");
    Draft::lost(app.store.clone(), call)
}

/// How a run ended, for the audit.
pub(crate) struct Ended<'a> {
    /// The plugin, `action server`, or `an order` that kept it from beginning.
    pub(crate) by: &'a str,
    /// The plugin's component, SHA-256; empty where there is none.
    pub(crate) component: &'a str,
    pub(crate) ending: Ending,
    /// What it asked for and was not granted.
    pub(crate) denied: &'a [String],
    /// How long its host calls waited for somebody else.
    pub(crate) waited: Duration,
    pub(crate) spent: &'a Spent,
}

impl Ended<'_> {
    pub(crate) fn record(&self, execution: &Execution<'_>) -> String {
        RunEnded {
            run: execution.run.id,
            action: execution.run.action.as_str(),
            plugin: self.by,
            component: self.component,
            release: &execution.release.digest,
            attempt: execution.attempt,
            outcome: self.ending.word(),
            denied: self.denied,
            took_us: asked::micros(self.spent.time),
            waited_us: asked::micros(self.waited),
            cpu_ms: u64::from(self.spent.cpu_ticks) * 10,
            memory: self.spent.memory,
            host_calls: self.spent.host_calls,
            output_bytes: self.spent.output_bytes,
            log_bytes: self.spent.log_bytes,
        }
        .json()
    }
}

fn owed(run: &Run, state: OwedState, attempts: u32, next_at_ms: i64, last_error: &str) -> OwedWrite {
    OwedWrite { run: run.id, action: run.action.to_string(), state, attempts, next_at_ms, last_error: Some(last_error.to_owned()) }
}

/// A short tag of a run: it finds a request again at a desk without an idempotency key.
pub(crate) fn tag(app: &App, call: &str, run: u64) -> String {
    let mac = app.keys.mac(Purpose::Value, &[b"run", call.as_bytes(), &run.to_be_bytes()]);
    format!("c-{}", hex(&mac[..6]))
}

fn facts(app: &App, call: &str, release: &Release, state: &CallState) -> BTreeMap<String, Value> {
    let opening = state.opening.as_ref();
    let mut facts: BTreeMap<String, Value> = release
        .project
        .slots
        .iter()
        .map(|(name, slot)| (name.to_string(), state.slots.get(name).cloned().unwrap_or_else(|| Value::from_json(slot.initial.clone()))))
        .collect();
    facts.insert("call.number".into(), opening.and_then(|opening| opening.number.clone()).map_or(Value::None, Value::Text));
    facts.insert("call.to".into(), opening.and_then(|opening| opening.called.clone()).map_or(Value::None, Value::text));
    facts.insert("call.tag".into(), Value::text(tag(app, call, 0)));
    facts
}

pub(crate) fn sandbox_limits(limits: &crate::grants::Limits) -> crate::sandbox::Limits {
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    crate::sandbox::Limits {
        run: limits.run,
        cpu_ticks: u32::try_from(limits.cpu.as_millis() / 10).unwrap_or(u32::MAX).max(1),
        memory: size(limits.memory_mib) << 20,
        log_bytes: size(limits.log_bytes),
        output_bytes: size(limits.output_bytes),
        host_calls: u32::try_from(limits.host_calls).unwrap_or(u32::MAX),
        statements: u32::try_from(limits.statements).unwrap_or(u32::MAX),
        requests: u32::try_from(limits.requests).unwrap_or(u32::MAX),
        concurrent: size(limits.concurrent),
        waiting: size(limits.waiting),
    }
}

/// What the end of a run is called in a flow, and why.
pub(crate) fn ending(finished: Finished) -> (Ending, String) {
    match finished {
        Finished::Done => (Ending::Done, String::new()),
        Finished::Failed { kind, detail } => (
            match kind.as_str() {
                "refused" => Ending::Refused,
                "unavailable" => Ending::Unavailable,
                "busy" => Ending::Busy,
                "timeout" => Ending::Timeout,
                _ => Ending::Failed,
            },
            detail,
        ),
        Finished::Timeout => (Ending::Timeout, "ran past its time".into()),
        Finished::Cpu => (Ending::Timeout, "computed past its budget".into()),
        Finished::Memory => (Ending::Failed, "asked for more memory than it may have".into()),
        Finished::Trap { detail } => (Ending::Failed, detail),
        Finished::Busy => (Ending::Busy, "no place was free".into()),
        Finished::HostStop { reason } => (Ending::Failed, reason),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_tests_and_benches_give_a_run_is_what_a_plugin_has_when_nobody_says_otherwise() {
        assert_eq!(super::sandbox_limits(&crate::grants::Limits::default()), crate::sandbox::Limits::default());
    }
}
