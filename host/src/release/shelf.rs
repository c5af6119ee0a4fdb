//! The releases in use: the one new calls begin with, and those that calls in progress keep.
//!
//! Lives here: swapping the current one, finding another by digest, in memory or in the store.
//! Never here: deciding that a release is good (`build.rs`).

use super::{Package, Release};
use crate::sandbox::Sandbox;
use crate::seal::Keys;
use crate::store::Store;
use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many releases stay compiled.
const KEPT: usize = 8;

/// Reads a variable of the installation.
pub type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Releases by digest.
pub struct Shelf {
    current: ArcSwap<Release>,
    known: Mutex<HashMap<String, Arc<Release>>>,
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
        let known = Mutex::new(HashMap::from([(first.digest.clone(), first.clone())]));
        Self { current: ArcSwap::new(first), known, sandbox, store, keys, variables, timezone }
    }

    /// The release new calls begin with.
    pub fn current(&self) -> Arc<Release> {
        self.current.load_full()
    }

    /// New calls begin with this release from here on; calls in progress keep theirs.
    pub fn publish(&self, release: Release) {
        let release = Arc::new(release);
        let previous = self.current.swap(release.clone());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(release.digest.clone(), release.clone());
        known.insert(previous.digest.clone(), previous.clone());
        if known.len() > KEPT {
            // What no turn holds right now can be built again from the store.
            known.retain(|digest, other| *digest == release.digest || *digest == previous.digest || Arc::strong_count(other) > 1);
        }
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
        match Release::build(&package, &self.sandbox, &*self.variables, self.timezone.as_deref()).await {
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

    /// Builds a release with this shelf's sandbox and variables, without publishing it.
    ///
    /// # Errors
    /// As for [`Release::build`].
    pub async fn build(&self, package: &Package) -> Result<(Release, Vec<centralita_engine::yaml::Mistake>), super::BuildError> {
        Release::build(package, &self.sandbox, &*self.variables, self.timezone.as_deref()).await
    }
}
