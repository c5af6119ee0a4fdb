//! The releases in use: the one new calls begin with, and those that calls in progress keep.
//!
//! Lives here: swapping the current one, finding another by digest, in memory or in the store.
//! Never here: deciding that a release is good (`build.rs`) or approved (`admission.rs`).

use super::{BuildError, Checked, Orders, Package, Release, Trial};
use crate::sandbox::{Finished, Sandbox};
use crate::seal::Keys;
use crate::store::Store;
use arc_swap::ArcSwap;
use centralita_engine::yaml::Mistake;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// How many releases stay compiled.
const KEPT: usize = 8;

/// Reads a variable of the installation.
pub type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Releases by digest.
pub struct Shelf {
    current: ArcSwap<Release>,
    /// The digest of the release this host last took from its own folder: what serves unless it is set aside.
    wanted: Mutex<String>,
    known: Mutex<HashMap<String, Arc<Release>>>,
    /// The files that were checked last, with what came of it: most changes are a component's.
    checked: Mutex<Option<(String, Checked)>>,
    orders: ArcSwap<Orders>,
    /// Releases that failed their trial and are not yet set aside in the store.
    failed: Mutex<Vec<String>>,
    pub(super) woken: Notify,
    /// The project's folder, where releases need an approval.
    guarded: Option<PathBuf>,
    sandbox: Arc<Sandbox>,
    store: Arc<Store>,
    keys: Arc<Keys>,
    variables: Variables,
    timezone: Option<String>,
}

impl Shelf {
    /// A shelf with its first release.
    pub fn new(first: Release, sandbox: Arc<Sandbox>, store: Arc<Store>, keys: Arc<Keys>, variables: Variables, timezone: Option<String>) -> Self {
        let first = Arc::new(first);
        Self {
            wanted: Mutex::new(first.digest.clone()),
            known: Mutex::new(HashMap::from([(first.digest.clone(), first.clone())])),
            current: ArcSwap::new(first),
            checked: Mutex::new(None),
            orders: ArcSwap::default(),
            failed: Mutex::default(),
            woken: Notify::new(),
            guarded: None,
            sandbox,
            store,
            keys,
            variables,
            timezone,
        }
    }

    /// New releases of this folder need an approval where the one that serves names reviewers.
    #[must_use]
    pub fn guarding(mut self, folder: Option<PathBuf>) -> Self {
        self.guarded = folder;
        self
    }

    /// The project's folder, where releases need an approval.
    pub fn guarded(&self) -> Option<&Path> {
        self.guarded.as_deref()
    }

    /// The release new calls begin with.
    pub fn current(&self) -> Arc<Release> {
        self.current.load_full()
    }

    /// New calls begin with this release from here on; calls in progress keep theirs.
    pub fn publish(&self, release: Release) {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = release.digest.clone();
        self.swap(Arc::new(release));
    }

    /// As [`Shelf::publish`], for a release that stands in for the wanted one.
    pub(crate) fn swap(&self, release: Arc<Release>) {
        let previous = self.current.swap(release.clone());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(release.digest.clone(), release.clone());
        known.insert(previous.digest.clone(), previous.clone());
        if known.len() > KEPT {
            // What no turn holds right now can be built again from the store.
            known.retain(|digest, other| *digest == release.digest || *digest == previous.digest || Arc::strong_count(other) > 1);
        }
    }

    /// The digest of the release this host last took from its folder.
    pub fn wanted(&self) -> String {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn want(&self, digest: &str) {
        digest.clone_into(&mut self.wanted.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The orders in force, as this host has last read them.
    pub fn orders(&self) -> Arc<Orders> {
        self.orders.load_full()
    }

    pub(super) fn obey(&self, orders: Orders) {
        self.orders.store(Arc::new(orders));
    }

    /// Counts how a run of a release ended; one that fails its trial is set aside at once.
    pub(crate) fn ended(&self, release: &Release, finished: &Finished) {
        if release.trial.failed_at(finished) {
            tracing::error!(release = release.short(), "Release {} failed its trial: {}", release.short(), Trial::reason());
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(release.digest.clone());
            self.woken.notify_one();
        }
    }

    pub(super) fn failed(&self) -> Vec<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn put_aside(&self, digest: &str) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).retain(|failed| failed != digest);
    }

    /// The release a call keeps; `None` when it cannot be had any more.
    pub async fn find(&self, digest: &str) -> Option<Arc<Release>> {
        let current = self.current();
        if current.digest == digest {
            return Some(current);
        }
        if let Some(release) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(digest) {
            return Some(release.clone());
        }
        let package = match Package::kept(&self.store, &self.keys, digest).await {
            Ok(package) => package?,
            Err(error) => {
                tracing::error!(release = digest, error = %error, "A release cannot be read back");
                return None;
            }
        };
        match self.build(&package).await {
            Ok((release, _)) => {
                let release = Arc::new(release);
                self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(digest.to_owned(), release.clone());
                Some(release)
            }
            Err(error) => {
                tracing::error!(release = digest, error = %error, "A kept release cannot be built again");
                None
            }
        }
    }

    /// Builds a release with this shelf's sandbox and variables, without publishing it. What the current one has in
    /// common with it is shared.
    ///
    /// # Errors
    /// As for [`Release::build`].
    pub async fn build(&self, package: &Package) -> Result<(Release, Vec<Mistake>), BuildError> {
        let files = format!("{}{}", package.files_digest(), package.remote);
        let known = self.checked.lock().unwrap_or_else(PoisonError::into_inner).clone().filter(|(known, _)| *known == files);
        let checked = match known {
            Some((_, checked)) => checked,
            None => {
                let checked = Checked::apart(package).await;
                *self.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some((files, checked.clone()));
                checked
            }
        };
        let current = self.current();
        Release::of(checked, package, Some(&current), &self.sandbox, &*self.variables, self.timezone.as_deref()).await
    }
}
