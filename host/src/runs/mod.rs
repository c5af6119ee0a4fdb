//! Runs: one action, started once, carried through.
//!
//! Lives here: executing a run in the sandbox with its journal, and what its end means for the flow.
//! Never here: when a run is due (`calls`, `owed`).

mod host;
mod journal;
mod tokens;

pub(crate) use host::Lost;
pub(crate) use journal::{Journal, Known};
pub(crate) use tokens::Tokens;

use crate::action_server;
use crate::app::App;
use crate::calls::Draft;
use crate::plugins_build::symbols;
use crate::release::Release;
use crate::sandbox::Finished;
use crate::seal::{Purpose, hex};
use crate::store::{OwedState, OwedWrite};
use centralita_engine::{CallState, Ending, Outcome, Run, Value};
use host::{Host, Output};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How a run is executed.
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
}

/// Executes a run; its host calls are committed through `draft`. A run that is owed says so there.
pub(crate) async fn execute(app: &App, draft: Draft, execution: Execution<'_>) -> (Draft, Outcome) {
    if let Some(outcome) = app.stubs.answer(&execution.release.project, execution.call, execution.run.action.as_str()) {
        return (draft, outcome);
    }
    if let Some(server) = &execution.release.action_server
        && execution.release.project.actions.get(&execution.run.action).is_some_and(|facts| facts.remote)
    {
        return action_server::run(app, draft, &execution, server).await;
    }
    let Execution { call, release, state, run, again, attempt, lost } = execution;
    let action = run.action.as_str();
    let Some(plugin) = release.plugin_of(action) else {
        return (draft, Outcome::ended(Ending::Unavailable, "neither a plugin of this release nor an action server offers it"));
    };
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
        draft.owe(owed(run, OwedState::Due, attempt, draft.at_ms + app.patience.as_millis() as i64, "started"));
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
        draft: draft.clone(),
        output: output.clone(),
        tokens: Tokens::new(app.keys.clone(), call),
        journal: Journal::new(run.id, recorded),
        facts: facts(app, call, release, state),
        number: state.opening.as_ref().and_then(|opening| opening.number.clone()),
        call: call.to_owned(),
        now: release.local_time(run.at),
        locale: release.project.config.locale.clone(),
        attempt,
        host_call: limits.host_call,
        lost,
        tag,
    };
    let (finished, host, spent) = app.sandbox.measure(&plugin.component, action, &sandbox_limits(&limits), Box::new(host)).await;
    drop(host);
    let mut draft = match Arc::try_unwrap(draft) {
        Ok(draft) => draft.into_inner(),
        Err(_) => unreachable_draft(app, call),
    };
    let (ending, detail) = ending(finished);
    let output = std::mem::take(&mut *output.lock().unwrap_or_else(PoisonError::into_inner));
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
    if later {
        draft.owe(match ending {
            Ending::Done => owed(run, OwedState::Done, attempt, draft.at_ms, "done"),
            Ending::Refused | Ending::Failed => owed(run, OwedState::Dead, attempt, draft.at_ms, ending.word()),
            Ending::Unavailable | Ending::Busy | Ending::Timeout => owed(run, OwedState::Due, attempt, draft.at_ms + app.wait_before(attempt), ending.word()),
        });
    }
    let outcome = if ending == Ending::Done { Outcome { ending, detail, effects: output.effects() } } else { Outcome::ended(ending, detail) };
    (draft, outcome)
}

/// The sandbox gives the host back before it returns; a draft that is still held is a bug of ours, and
/// the turn then fails at its next commit instead of going on with half of what happened.
fn unreachable_draft(app: &App, call: &str) -> Draft {
    tracing::error!(call.sid = %call, "A run kept its draft");
    Draft::lost(app.store.clone(), call)
}

fn owed(run: &Run, state: OwedState, attempts: u32, next_at_ms: i64, last_error: &str) -> OwedWrite {
    OwedWrite { run: run.id, action: run.action.to_string(), state, attempts, next_at_ms, last_error: Some(last_error.to_owned()) }
}

/// A short tag of a run: it finds a request again at a desk without an idempotency key.
fn tag(app: &App, call: &str, run: u64) -> String {
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
        concurrent: size(limits.concurrent),
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
