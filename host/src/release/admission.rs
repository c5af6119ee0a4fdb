//! Who may let a release go live, and whether they have.
//!
//! Lives here: where approvals are looked for, whose list of reviewers counts, what has served before.
//! Never here: signatures (`approval.rs`), building, swapping.

use super::Package;
use super::approval::{Approval, Approvals, Terms, Unapproved};
use crate::grants::{Grants, PublicKey};
use crate::seal::Keys;
use crate::store::{Artifact, Store, StoreError};
use std::collections::BTreeMap;
use std::path::Path;

/// Releases that have served are looked at so far back.
pub(crate) const HISTORY: u32 = 50;

/// Whose signatures count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// Reviewers by name; none: nothing is approved here.
    pub reviewers: BTreeMap<String, PublicKey>,
    /// Authors by name.
    pub authors: BTreeMap<String, PublicKey>,
}

impl Gate {
    /// The lists of a release.
    pub fn of(grants: &Grants) -> Self {
        Self { reviewers: grants.reviewers.clone(), authors: grants.authors.clone() }
    }

    /// The lists of a package that was not built.
    pub fn of_package(package: &Package) -> Self {
        let grants = package.files.get("plugins.yml").and_then(|text| Grants::parse("plugins.yml", text).ok());
        grants.map(|grants| Self::of(&grants)).unwrap_or_default()
    }

    /// Whether a release needs an approval.
    pub fn is_shut(&self) -> bool {
        !self.reviewers.is_empty()
    }

    /// The gate that a release of this package must pass at a start: that of the release that served last, since a
    /// change of `reviewers` is a change like any other. What it names itself counts where nobody was named before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn before(package: &Package, store: &Store, keys: &Keys) -> Result<Self, StoreError> {
        for release in store.served(1).await? {
            if let Some(last) = Package::kept(store, keys, &release).await? {
                let gate = Self::of_package(&last);
                if gate.is_shut() {
                    return Ok(gate);
                }
            }
        }
        Ok(Self::of_package(package))
    }

    /// The approval of a release, from the project's folder or from the store; what holds is kept in the store, for
    /// every host of this database and for a return to this release.
    ///
    /// # Errors
    /// Why it stays out.
    pub async fn admit(&self, release: &str, folder: Option<&Path>, store: &Store) -> Result<Approval, NotAdmitted> {
        let beside = folder.map_or(Ok(None), |folder| Approvals::read(folder, release))?;
        let served = store.served(HISTORY).await?;
        let terms = Terms { reviewers: &self.reviewers, authors: &self.authors, release, served: &served, now: jiff::Timestamp::now() };
        let Some(approvals) = beside else {
            let kept = store.artifact(&key(release)).await?.ok_or(Unapproved::Nobody)?;
            return Ok(Approvals::parse(&kept.bytes)?.check(&terms)?);
        };
        let approval = approvals.check(&terms)?;
        if let Ok(bytes) = serde_json::to_vec(&approvals) {
            let artifact = Artifact { kind: "approval".into(), name: approval.reviewer.clone(), bytes };
            store.drop_artifact(&key(release)).await?;
            store.put_artifact(&key(release), &artifact, jiff::Timestamp::now().as_millisecond()).await?;
        }
        Ok(approval)
    }
}

/// Why a release stays out.
#[derive(Debug, thiserror::Error)]
pub enum NotAdmitted {
    /// It is not approved.
    #[error("{0}")]
    Unapproved(#[from] Unapproved),
    /// The store does not say.
    #[error("{0}")]
    Store(#[from] StoreError),
}

fn key(release: &str) -> String {
    format!("approval:{release}")
}
