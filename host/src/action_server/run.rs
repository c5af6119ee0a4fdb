//! A run whose action the action server has.
//!
//! Lives here: its journal, what is sent, what its end means for the flow.
//! Never here: the request itself (`ask.rs`).

use super::ActionServer;
use super::answer::outcome;
use super::ask::{Lost, Reply};
use super::masks::Masks;
use crate::app::App;
use crate::calls::Draft;
use crate::runs::{Ended, Execution, Journal, Known};
use crate::sandbox::Spent;
use crate::store::EffectState;
use crate::tracker::{Conversation, Include};
use centralita_engine::{CallState, Ending, Event, Outcome};
use serde_json::Value as Json;
use std::time::{Duration, Instant};

/// Executes a run on the action server. What the action does there is not ours to know, so it counts as a write: that it
/// is due is stored before the request leaves, and a run whose answer was lost is not repeated.
pub(crate) async fn run(app: &App, mut draft: Draft, execution: &Execution<'_>, server: &ActionServer) -> (Draft, Outcome) {
    let action = execution.run.action.as_str();
    let began = Instant::now();
    let outcome = match attempt(app, &mut draft, execution, server).await {
        Ok(outcome) | Err(outcome) => outcome,
    };
    // What such an action did is known to its own server only.
    let spent = Spent { time: began.elapsed(), ..Spent::default() };
    draft.audit(Ended { by: "action server", component: "", ending: outcome.ending, denied: &[], waited: Duration::ZERO, spent: &spent }.record(execution));
    if outcome.ending != Ending::Done {
        let (call, detail) = (execution.call, outcome.detail.as_str());
        tracing::warn!(call.sid = %call, action.name = action, ending = outcome.ending.word(), "Action `{action}` ended `{}`: {detail}", outcome.ending.word());
    }
    (draft, outcome)
}

async fn attempt(app: &App, draft: &mut Draft, execution: &Execution<'_>, server: &ActionServer) -> Result<Outcome, Outcome> {
    let Execution { call, release, run, again, .. } = execution;
    let action = run.action.as_str();
    let unavailable = |error: &dyn std::fmt::Display| Outcome::ended(Ending::Unavailable, error.to_string());
    let failed = |error: &dyn std::fmt::Display| Outcome::ended(Ending::Failed, error.to_string());
    let mut events = Vec::new();
    let mut recorded = Vec::new();
    if let Some(key) = draft.key() {
        let stored = app.store.events(&key, call).await.map_err(|error| unavailable(&error))?;
        for (_, bytes) in &stored {
            events.push(serde_json::from_slice::<Event>(bytes).map_err(|error| failed(&error))?);
        }
        if *again {
            recorded = app.store.effects(&key, call, run.id).await.map_err(|error| unavailable(&error))?;
        }
    }
    events.extend(draft.pending().iter().cloned());
    // What came after the start of the run, in another attempt or while it ran, is none of its business.
    events.truncate(usize::try_from(run.id).unwrap_or(usize::MAX));
    let state = CallState::from_events(&events);

    let mut masks = Masks::of(app.keys.clone(), call, release, &server.granted);
    let sender = crate::calls::name_of(call);
    let conversation = Conversation { sender, project: &release.project, events: &events };
    let mut tracker = conversation.tracker(Include::AfterRestart);
    if let Some(masks) = &mut masks {
        masks.hide(release, &state, &events, &mut tracker);
    }
    let show = |answer: &mut Json| {
        if let Some(masks) = &masks {
            masks.show(answer);
        }
    };

    let mut journal = Journal::new(run.id, recorded);
    let (entry, known) = journal.call("action", action, &[&run.at.to_be_bytes()]).map_err(|error| failed(&error))?;
    match known {
        Known::Answered(bytes) => {
            let reply: Reply = serde_json::from_slice(&bytes).map_err(|error| failed(&error))?;
            return Ok(outcome(&release.project, action, &reply, &show));
        }
        Known::Unknown => return Err(failed(&"it had been started and its answer was lost; whether it ran only the action server's log can say")),
        Known::New | Known::Failed => {}
    }
    draft.note(entry.row(EffectState::Intent, None));
    draft.commit().await.map_err(|error| unavailable(&error))?;
    match server.ask(action, sender, &tracker).await {
        Ok(reply) => {
            let bytes = serde_json::to_vec(&reply).map_err(|error| failed(&error))?;
            draft.note(entry.row(EffectState::Done, Some(bytes)));
            Ok(outcome(&release.project, action, &reply, &show))
        }
        Err(lost @ Lost::NotSent(_)) => {
            draft.note(entry.row(EffectState::Failed, None));
            Err(unavailable(&lost))
        }
        Err(lost @ Lost::NoAnswer(_)) => Err(failed(&lost)),
    }
}
