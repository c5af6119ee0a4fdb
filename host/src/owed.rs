//! What is owed is delivered (`design.md`, invariant 4).
//!
//! Lives here: the worker that executes an owed run again until it succeeds, and appends its events.
//! Never here: what the action does, how a lost answer is looked up (`runs`).

use crate::app::App;
use crate::calls::{Draft, Standing, state_of};
use crate::failpoint::failpoint;
use crate::runs::{self, Execution, Lost};
use crate::store::{OwedRow, Status};
use centralita_engine::{ActionName, Ending, Event, Happened, Input, Run, step};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How often the worker looks for work.
const PACE: Duration = Duration::from_millis(250);
/// How many runs are under way at a time.
const BATCH: u32 = 16;

/// Delivers what is owed, until the process ends.
pub(crate) async fn work(app: Arc<App>) {
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        let due = match app.store.owed_due(App::now_ms(), BATCH).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(error = %error, "Owed work cannot be read");
                continue;
            }
        };
        let mut under_way: JoinSet<()> = due.into_iter().map(|row| take(app.clone(), row)).collect();
        while let Some(ended) = under_way.join_next().await {
            if let Err(error) = ended {
                tracing::error!(error = %error, "An owed run broke; it is taken on again");
            }
        }
    }
}

async fn take(app: Arc<App>, row: OwedRow) {
    let (call, run) = (row.call.clone(), row.run);
    if let Err(error) = deliver(&app, row).await {
        tracing::error!(call.sid = %call, run, error = format!("{error:#}"), "An owed run could not be taken on");
    }
}

async fn deliver(app: &App, row: OwedRow) -> anyhow::Result<()> {
    let (now, until) = (App::now_ms(), Instant::now() + app.lease);
    if !app.store.owed_claim(&row.call, row.run, now, now + app.lease_ms()).await? {
        return Ok(());
    }
    failpoint("an owed run is taken");
    let _alone = app.locks.take(&row.call).await;
    let Some(loaded) = app.store.load(&row.call).await? else { return Ok(()) };
    if loaded.open_turn.is_some() {
        // Its turn is not over: whoever takes that up ends this run.
        return Ok(app.store.owed_reschedule(&row.call, row.run, now + app.wait_before(1), "turn open").await?);
    }
    let events = app.store.events(&loaded.data_key, &row.call).await?;
    let before: Vec<(u64, Vec<u8>)> = events.iter().filter(|(seq, _)| *seq <= row.run).cloned().collect();
    let then = state_of(&row.call, None, &before)?;
    // A conversation may have begun another session since; the run keeps the release of its own.
    let digest = then.opening.as_ref().map_or(&loaded.release, |opening| &opening.release);
    let Some(release) = app.releases.find(digest).await else {
        return Ok(app.store.owed_reschedule(&row.call, row.run, now + app.wait_before(row.attempts + 1), "release gone").await?);
    };
    let at = match before.last().map(|(_, bytes)| serde_json::from_slice::<Event>(bytes)) {
        Some(Ok(Event::ActionStarted { at, .. })) => at,
        _ => now,
    };
    let mut state = state_of(&row.call, loaded.snapshot.as_ref().map(|(_, bytes)| bytes.as_slice()), &loaded.tail)?;
    let run = Run { id: row.run, action: ActionName::parse(&row.action)?, at };
    let stored = Standing { key: Arc::new(loaded.data_key), seq: loaded.seq, audit: loaded.audit };
    let draft = Draft::of(app.store.clone(), &row.call, stored, None, now);
    let execution =
        Execution { call: &row.call, release: &release, state: &then, run: &run, again: true, attempt: row.attempts + 1, lost: Lost::LookUp, until };
    let (mut draft, outcome) = runs::execute(app, draft, execution).await;
    failpoint("an owed run is over");
    if outcome.ending != Ending::Done {
        draft.commit().await?;
        return Ok(());
    }
    let moved = step(&release.project, &state, Input { at: now, what: Happened::Acted { run: row.run, outcome } });
    moved.events.iter().for_each(|event| state.apply(event));
    draft.append(moved.events);
    draft.end(&state, None, None::<Status>).await?;
    failpoint("an owed run is delivered");
    tracing::info!(call.sid = %row.call, plugin.action = %row.action, attempt = row.attempts + 1, "Owed action `{}` is delivered", row.action);
    Ok(())
}
