//! The project's folder, watched: what changes becomes the next release, if it is a good one.
//!
//! Lives here: noticing, building off the serving path, swapping, remembering what was said.
//! Never here: what makes a release good (`release`).

use crate::app::App;
use crate::release::{Approval, Gate, Package};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Changes that come this close together are one.
const QUIET: Duration = Duration::from_millis(40);
/// Looks at the folder even when nothing was noticed: some file systems report nothing.
const RESYNC: Duration = Duration::from_secs(5);

/// What became of the last change.
#[derive(Clone, Debug, Serialize)]
pub struct Reload {
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// Whether new calls begin with it.
    pub ok: bool,
    /// From noticing to serving, milliseconds.
    pub took_ms: u64,
    /// The new release, or why there is none.
    pub message: String,
}

/// What became of the last change, for whoever asks.
#[derive(Default)]
pub struct LastReload(Mutex<Option<Reload>>);

impl LastReload {
    /// The last one, if there was any.
    pub fn get(&self) -> Option<Reload> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set(&self, reload: Reload) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reload);
    }
}

/// Watches until the process ends.
pub(crate) async fn watch(app: Arc<App>, folder: PathBuf, last: Arc<LastReload>) {
    let (mut changes, watching) = Changes::of(&folder);
    if let Err(error) = watching {
        tracing::warn!(error = %error, "Changes are noticed every five seconds only");
    }
    let mut refused = String::new();
    let mut resync = tokio::time::interval(RESYNC);
    resync.tick().await;
    loop {
        let noticed = tokio::select! { noticed = changes.next() => noticed, _ = resync.tick() => Instant::now() };
        refused = look(&app, &folder, &last, noticed, refused).await;
    }
}

/// Changes below a folder, those that come close together as one.
pub(crate) struct Changes {
    pokes: mpsc::Receiver<()>,
    /// Keeps the channel open where nothing can be watched.
    _poke: mpsc::Sender<()>,
    _watcher: Option<RecommendedWatcher>,
}

impl Changes {
    /// Watches a folder; where that fails, nothing is ever noticed.
    pub(crate) fn of(folder: &Path) -> (Self, notify::Result<()>) {
        let (poke, pokes) = mpsc::channel(64);
        match watcher(folder, poke.clone()) {
            Ok(watcher) => (Self { pokes, _poke: poke, _watcher: Some(watcher) }, Ok(())),
            Err(error) => (Self { pokes, _poke: poke, _watcher: None }, Err(error)),
        }
    }

    /// Waits for the next change; when it was noticed.
    pub(crate) async fn next(&mut self) -> Instant {
        self.pokes.recv().await;
        let noticed = Instant::now();
        for _ in 0..25 {
            if tokio::time::timeout(QUIET, self.pokes.recv()).await.is_err() {
                break;
            }
        }
        noticed
    }
}

fn watcher(folder: &Path, poke: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // A full channel already says that something changed.
            let _ = poke.try_send(());
        }
    })?;
    watcher.watch(folder, RecursiveMode::Recursive)?;
    Ok(watcher)
}

/// One look: builds and publishes what is new. Returns the digest that was refused last, so that a bad
/// release is reported once.
async fn look(app: &Arc<App>, folder: &Path, last: &LastReload, noticed: Instant, refused: String) -> String {
    let read = {
        let folder = folder.to_owned();
        tokio::task::spawn_blocking(move || Package::read(&folder)).await
    };
    let package = match read {
        Ok(Ok(package)) => package,
        Ok(Err(mistakes)) => {
            let message = mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            return refuse(app, last, noticed, message.clone(), &refused, message).await;
        }
        Err(_) => return refused,
    };
    let digest = package.digest();
    if digest == app.releases.wanted() {
        return String::new();
    }
    let approval = match admit(app, &package, &digest).await {
        Ok(approval) => approval,
        // Its reason is part of what was refused: an approval changes it, and nothing else of the release.
        Err(message) => return refuse(app, last, noticed, message.clone(), &refused, message).await,
    };
    if digest == refused {
        return refused;
    }
    match app.releases.build(&package).await {
        Err(error) => refuse(app, last, noticed, error.to_string(), &refused, digest).await,
        Ok((release, warnings)) => {
            for warning in &warnings {
                tracing::warn!("{warning}");
            }
            let kept = async {
                package.keep(&app.store, &app.keys, App::now_ms()).await?;
                app.store.put_served(&digest, App::now_ms()).await
            };
            if let Err(error) = kept.await {
                return refuse(app, last, noticed, error.to_string(), &refused, String::new()).await;
            }
            if let Some(approval) = approval {
                tracing::info!(release = release.short(), "Release {} is approved by {}", release.short(), approval.reviewer);
                app.audit_host("release approved", &format!("release {} by {}", release.short(), approval.reviewer)).await;
                // A new release has none yet.
                let _ = release.approval.set(approval);
            }
            let took_ms = u64::try_from(noticed.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(release = release.short(), took_ms, "Release {} is live for new calls", release.short());
            let message = format!("release {}", release.short());
            app.releases.publish(release);
            last.set(Reload { at_ms: App::now_ms(), ok: true, took_ms, message: message.clone() });
            app.audit_host("release live", &message).await;
            String::new()
        }
    }
}

/// Whether a release may go live: nobody has set it aside, and where reviewers are named one of them has approved it.
async fn admit(app: &App, package: &Package, digest: &str) -> Result<Option<Approval>, String> {
    if let Some(reason) = app.releases.orders().aside(digest) {
        return Err(format!("release {digest:.8} is set aside until it changes: {reason}"));
    }
    let Some(folder) = app.releases.guarded() else { return Ok(None) };
    let serving = Gate::of(&app.releases.current().grants);
    let gate = if serving.is_shut() { serving } else { Gate::of_package(package) };
    if !gate.is_shut() {
        return Ok(None);
    }
    let admitted = gate.admit(digest, Some(folder), &app.store).await;
    admitted.map(Some).map_err(|error| format!("release {digest:.8} is not approved: {error}"))
}

async fn refuse(app: &App, last: &LastReload, noticed: Instant, message: String, before: &str, digest: String) -> String {
    if before != digest {
        tracing::error!("The change is refused, the release before it serves on:\n{message}");
        let took_ms = u64::try_from(noticed.elapsed().as_millis()).unwrap_or(u64::MAX);
        app.audit_host("release refused", &message).await;
        last.set(Reload { at_ms: App::now_ms(), ok: false, took_ms, message });
    }
    digest
}
