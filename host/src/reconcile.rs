//! A desk without idempotency keys may have made two of one request all the same: the first answer was lost, nothing was
//! found when it was looked for, and the first one came late (`design.md`, invariant 3).
//!
//! Lives here: looking again, twice, when a request was sent more than once, and taking out of the way what is too many.
//! Never here: how a thing is found and what is done with it (`grants`), sending (`egress`).

use crate::app::App;
use crate::failpoint::failpoint;
use crate::grants::Once;
use crate::runs::{self, Made};
use crate::store::CheckRow;
use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How often the worker looks for work.
const PACE: Duration = Duration::from_secs(1);
/// How many checks are taken at a time.
const BATCH: u32 = 16;
/// The last check, in waits for a lost answer after the answer that counts: three quarters of an hour in production.
const LAST_CHECK: i64 = 90;
/// Between attempts at a check that fails, milliseconds.
const LONGEST_PAUSE: i64 = 3_600_000;

/// Looks for seconds, until the process ends.
pub(crate) async fn work(app: Arc<App>) {
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        let due = match app.store.checks_due(App::now_ms(), BATCH).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(error = %error, "Checks for duplicates cannot be read");
                continue;
            }
        };
        for row in due {
            if let Err(error) = take(&app, &row).await {
                tracing::error!(call.sid = %row.call, run = row.run, binding = %row.binding, error = format!("{error:#}"), "A check for duplicates has to be made again");
            }
        }
    }
}

/// Makes one check, and says when the next one is. One that fails is made again, after longer and longer.
async fn take(app: &App, row: &CheckRow) -> anyhow::Result<()> {
    let now = App::now_ms();
    let claimed = now + app.lease_ms();
    if !app.store.check_put(row, now, Some(claimed)).await? {
        return Ok(());
    }
    failpoint("a check is taken");
    let settle = i64::try_from(app.settle.as_millis()).unwrap_or(LONGEST_PAUSE);
    let last = row.at_ms.saturating_add(settle.saturating_mul(LAST_CHECK));
    let checked = check(app, row).await;
    let next = match &checked {
        Ok(()) => Some(last).filter(|last| now < *last),
        Err(_) => Some(now + ((now - row.at_ms) / 2).min(LONGEST_PAUSE).max(settle)),
    };
    app.store.check_put(row, claimed, next).await?;
    checked
}

async fn check(app: &App, row: &CheckRow) -> anyhow::Result<()> {
    // A caller who was erased has left nothing to look for.
    let Some(loaded) = app.store.load(&row.call).await? else { return Ok(()) };
    let effects = app.store.effects(&loaded.data_key, &row.call, row.run).await?;
    let answer = effects.into_iter().find(|effect| effect.ordinal == row.ordinal).and_then(|effect| effect.answer);
    let Some(made) = answer.and_then(|answer| Made::of(&answer)) else { return Ok(()) };
    // The desk as the operator has it today.
    let release = app.releases.current();
    let once = release.grants.bindings.get(&row.binding).and_then(|spec| spec.once.as_ref());
    let once = once.context("the binding is gone from plugins.yml, or its `once` is")?;
    let listed = ask(app, &row.binding, Asked::LookUp(made.lookup.clone())).await?;
    let tag = runs::tag(app, &row.call, row.run);
    let found = once.found(&listed, &tag);
    let Some(kept) = found.iter().find(|one| runs::named(one, &once.id).as_ref() == Some(&made.id)) else {
        // Whoever has taken the tag off it has seen to the rest.
        return Ok(());
    };
    for surplus in found.iter().filter(|one| runs::named(one, &once.id).as_ref() != Some(&made.id)) {
        remove(app, row, once, surplus, kept).await?;
    }
    Ok(())
}

/// Takes one that is too many out of the way; where the operator has not said how, a person is told.
async fn remove(app: &App, row: &CheckRow, once: &Once, surplus: &Value, kept: &Value) -> anyhow::Result<()> {
    let name = |thing: &Value| runs::named(thing, &once.id).unwrap_or_default();
    let (too_many, counts) = (name(surplus), name(kept));
    let asked = once.surplus.as_ref().map(|asked| asked.requests(surplus, kept).context("`surplus` names a field that the desk does not list")).transpose()?;
    let closed = asked.is_some();
    for request in asked.into_iter().flatten() {
        ask(app, &row.binding, Asked::Change(request)).await?;
        failpoint("a duplicate is half closed");
    }
    let done = if closed { "it is taken out of the way" } else { "a person must merge them: `once` has no `surplus`" };
    tracing::error!(call.sid = %row.call, binding = %row.binding, surplus = %too_many, kept = %counts, "ALARM: {} was made twice of one request; {done}", row.binding);
    app.audit(json!({"what": "duplicate", "call": row.call, "run": row.run, "binding": row.binding, "surplus": too_many, "kept": counts, "closed": closed}))
        .await;
    Ok(())
}

enum Asked {
    LookUp(String),
    Change(crate::egress::Request),
}

async fn ask(app: &App, name: &str, asked: Asked) -> anyhow::Result<Value> {
    let release = app.releases.current();
    let binding = release.bindings.get(name).context("the binding is off: its variables are not set")?;
    if app.releases.orders().stops_binding(name) {
        bail!("the binding is stopped");
    }
    let what = match &asked {
        Asked::LookUp(_) => "the lookup".to_owned(),
        Asked::Change(request) => format!("the {} of `surplus`", request.method),
    };
    let answer = match asked {
        Asked::LookUp(path) => {
            let request = crate::egress::Request { method: "GET".into(), path, headers: Vec::new(), body: Vec::new() };
            app.egress.send(binding, request).await?
        }
        Asked::Change(request) => app.egress.send_as_operator(binding, request).await?,
    };
    if !(200..300).contains(&answer.status) {
        bail!("{what} was answered {}", answer.status);
    }
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&answer.body).context("the desk's answer is no JSON")
}
