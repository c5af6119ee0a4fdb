//! The loop of a turn (`design.md` §2): step, run, step, until somebody outside has to act.
//!
//! Lives here: the one loop every turn goes through, whatever it came by.
//! Never here: what began the turn (`turn.rs`, `converse.rs`), commit points (`draft.rs`).

use super::draft::{Draft, Standing};
use super::turn::{TurnError, state_of};
use crate::app::App;
use crate::audit::consent;
use crate::failpoint::failpoint;
use crate::release::Release;
use crate::runs::{self, Execution, Lost};
use crate::store::Loaded;
use centralita_engine::{CallState, Event, Happened, Input, Next, Outcome, Run, step};
use std::sync::Arc;
use tokio::time::Instant;

/// A call in memory, for the length of a turn.
pub(super) struct Live {
    pub(super) state: CallState,
    pub(super) release: Arc<Release>,
    /// The release the call began with is gone; `release` is the current one.
    pub(super) gone: bool,
}

/// What a walk came to.
pub(super) struct Walked {
    /// What happened, in order. A walk taken up after a crash begins with what had been said before it.
    pub(super) events: Vec<Event>,
    /// What somebody outside has to do.
    pub(super) next: Next,
}

impl App {
    /// The state of a stored call, and the release it keeps.
    pub(super) async fn wake(&self, call: &str, loaded: Loaded) -> Result<(Live, Standing), TurnError> {
        let state = state_of(call, loaded.snapshot.as_ref().map(|(_, bytes)| bytes.as_slice()), &loaded.tail)?;
        let found = self.releases.find(&loaded.release).await;
        let gone = found.is_none();
        let release = found.unwrap_or_else(|| self.releases.current());
        Ok((Live { state, release, gone }, Standing { key: Arc::new(loaded.data_key), seq: loaded.seq, audit: loaded.audit }))
    }

    /// Steps until somebody outside has to act. `again`: the turn is taken up after a crash.
    pub(super) async fn walk(&self, call: &str, live: &mut Live, draft: &mut Draft, what: Happened, mut again: bool) -> Result<Walked, TurnError> {
        let mut what = what;
        let mut events: Vec<Event> = Vec::new();
        if again {
            // A restart says again what this turn had said before the crash.
            events = self.said_since_heard(call, draft, &live.state).await?;
        }
        loop {
            let moved = step(&live.release.project, &live.state, Input { at: draft.at_ms, what });
            for (position, event) in (live.state.position + 1..).zip(&moved.events) {
                consent(&live.release.project, event, position).into_iter().for_each(|record| draft.audit(record));
            }
            moved.events.iter().for_each(|event| live.state.apply(event));
            events.extend(moved.events.iter().cloned());
            draft.append(moved.events);
            let Next::Run(run) = moved.next else { return Ok(Walked { events, next: moved.next }) };
            let lent = std::mem::replace(draft, Draft::lost(self.store.clone(), call));
            failpoint("a run is about to begin");
            let (back, outcome) = self.run(call, live, lent, &run, again).await;
            *draft = back;
            failpoint("a run is over");
            again = false;
            what = Happened::Acted { run: run.id, outcome };
        }
    }

    async fn run(&self, call: &str, live: &Live, draft: Draft, run: &Run, again: bool) -> (Draft, Outcome) {
        let execution =
            Execution { call, release: &live.release, state: &live.state, run, again, attempt: 1, lost: Lost::Later, until: Instant::now() + self.lease };
        runs::execute(self, draft, execution).await
    }

    async fn said_since_heard(&self, call: &str, draft: &Draft, state: &CallState) -> Result<Vec<Event>, TurnError> {
        let Some(key) = draft.key() else { return Ok(Vec::new()) };
        let count = state.said.len();
        let stored = self.store.events(&key, call).await?;
        let events = stored.iter().filter_map(|(_, bytes)| serde_json::from_slice::<Event>(bytes).ok());
        let said: Vec<Event> = events.filter(|event| matches!(event, Event::Said { .. })).collect();
        Ok(said.into_iter().rev().take(count).rev().collect())
    }

    /// Chooses among variations, the same way at every replay; another in each session.
    pub(super) fn seed(&self, call: &str, session: u64) -> u64 {
        let mac = match session {
            0 => self.keys.mac(crate::seal::Purpose::Value, &[b"seed", call.as_bytes()]),
            _ => self.keys.mac(crate::seal::Purpose::Value, &[b"seed", call.as_bytes(), &session.to_be_bytes()]),
        };
        u64::from_be_bytes(mac[..8].try_into().unwrap_or_default())
    }
}
