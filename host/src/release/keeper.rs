//! Keeping to what was ordered: twice a second, on every host of a database.
//!
//! Lives here: reading the orders, setting aside a release that failed its trial, going back to the one before and
//! forward again.
//! Never here: what an order means for a run (`orders.rs`), new releases (`watch.rs`).

use super::admission::HISTORY;
use super::{ASIDE, Approval, Gate, Orders, Package, Trial};
use crate::app::App;
use crate::seal::Keys;
use crate::store::{Order, Store, StoreError};
use crate::watch::LastReload;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An order is obeyed within this time by every host.
const EVERY: Duration = Duration::from_millis(500);

/// Looks at the orders until the process ends.
pub(crate) async fn keep(app: Arc<App>, last: Arc<LastReload>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut waiting = Waiting::default();
    loop {
        tokio::select! { _ = tick.tick() => {}, () = app.releases.woken.notified() => {} }
        if let Err(error) = look(&app, &last, &mut waiting).await {
            tracing::error!(error = %error, "The orders about releases cannot be read; those read last are in force");
        }
    }
}

/// A release that cannot be had is looked for again after this time, or when the orders change.
const AGAIN: Duration = Duration::from_secs(10);

/// What could not be had.
#[derive(Default)]
struct Waiting {
    /// The release that serves on although it is set aside, for want of another; that is said once.
    alone: String,
    until: Option<Instant>,
}

impl Waiting {
    fn may_look(&self, changed: bool) -> bool {
        changed || self.until.is_none_or(|until| Instant::now() >= until)
    }

    fn look_later(&mut self) {
        self.until = Some(Instant::now() + AGAIN);
    }
}

/// One look.
async fn look(app: &App, last: &LastReload, waiting: &mut Waiting) -> Result<(), StoreError> {
    let shelf = &app.releases;
    for failed in shelf.failed() {
        let order = Order { kind: ASIDE.into(), name: failed.clone(), reason: Trial::reason(), at_ms: App::now_ms() };
        if app.store.put_order(&order).await? {
            app.audit_host("release set aside", &format!("release {failed:.8}: {}", order.reason)).await;
        }
        shelf.put_aside(&failed);
    }
    let orders = Orders::of(app.store.orders().await?);
    let changed = *shelf.orders() != orders;
    if changed {
        tracing::warn!("Orders in force: {}", if orders == Orders::default() { "none".to_owned() } else { orders.lines().join("; ") });
        shelf.obey(orders.clone());
    }
    let (current, wanted) = (shelf.current(), shelf.wanted());
    let gate = if shelf.guarded().is_some() { Gate::of(&current.grants) } else { Gate::default() };
    let Some(reason) = orders.aside(&wanted) else {
        waiting.alone.clear();
        if current.digest == wanted || !waiting.may_look(changed) {
            return Ok(());
        }
        waiting.look_later();
        if let Some(release) = shelf.find(&wanted).await {
            if gate.is_shut()
                && let Ok(approval) = gate.admit(&wanted, None, &app.store).await
            {
                // One that is known is the same.
                let _ = release.approval.set(approval);
            }
            shelf.swap(release);
            waiting.until = None;
            say(app, last, &format!("release {wanted:.8} serves again")).await;
        }
        return Ok(());
    };
    if current.digest != wanted && orders.aside(&current.digest).is_none() {
        return Ok(());
    }
    if !waiting.may_look(changed) {
        return Ok(());
    }
    let mut without = vec![wanted.clone()];
    while let Some((package, approval)) = standing_in(&gate, &without, &orders, &app.store, &app.keys).await? {
        let digest = package.digest();
        if let Some(release) = shelf.find(&digest).await {
            if let Some(approval) = approval {
                // One that is known is the same.
                let _ = release.approval.set(approval);
            }
            shelf.swap(release);
            *waiting = Waiting::default();
            say(app, last, &format!("release {digest:.8} serves again; {wanted:.8} is set aside: {reason}")).await;
            return Ok(());
        }
        without.push(digest);
    }
    waiting.look_later();
    if waiting.alone != wanted {
        tracing::error!("Release {wanted:.8} is set aside ({reason}), and there is no release before it to go back to; it serves on");
        waiting.alone = wanted;
    }
    Ok(())
}

async fn say(app: &App, last: &LastReload, message: &str) {
    tracing::warn!("New calls: {message}");
    last.set(crate::watch::Reload { at_ms: App::now_ms(), ok: true, took_ms: 0, message: message.to_owned() });
    app.audit_host("release returned", message).await;
}

/// The newest release that has served, is not set aside and passes the gate; none of `without`, and nothing newer than
/// the first of those.
pub(crate) async fn standing_in(
    gate: &Gate,
    without: &[String],
    orders: &Orders,
    store: &Store,
    keys: &Keys,
) -> Result<Option<(Package, Option<Approval>)>, StoreError> {
    let served = store.served(HISTORY).await?;
    let from = without.first().and_then(|first| served.iter().position(|release| release == first)).map_or(0, |at| at + 1);
    for release in served.iter().skip(from).filter(|release| !without.contains(release) && orders.aside(release).is_none()) {
        let approval = if gate.is_shut() {
            match gate.admit(release, None, store).await {
                Ok(approval) => Some(approval),
                Err(error) => {
                    tracing::warn!("Release {release:.8} served here and cannot stand in: {error}");
                    continue;
                }
            }
        } else {
            None
        };
        match Package::kept(store, keys, release).await {
            Ok(Some(package)) => return Ok(Some((package, approval))),
            Ok(None) => {}
            Err(error) => tracing::error!("Release {release:.8} cannot be read back: {error}"),
        }
    }
    Ok(None)
}
