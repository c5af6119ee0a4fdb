//! The installation that a command works on: what the environment names, or what `dev` keeps in this folder.
//!
//! Lives here: opening it, and a release of its store by the digits people type.
//! Never here: what a command does with it.

use crate::release::Package;
use crate::seal::Keys;
use crate::store::Store;
use anyhow::Context as _;
use std::sync::Arc;

/// The installation the environment names: its store and keys.
pub(super) struct Installation {
    pub(super) store: Store,
    pub(super) keys: Arc<Keys>,
}

impl Installation {
    /// Opens it: `DATABASE_URL` and `ENCRYPTION_KEY`, or what `dev` keeps in this folder.
    pub(super) async fn open() -> anyhow::Result<Self> {
        let (url, key) = super::dev::database(&|name| std::env::var(name).ok())
            .context("DATABASE_URL and ENCRYPTION_KEY do not name an installation; set them as its server has them, or run this where `dev` runs")?;
        let keys = Arc::new(Keys::from_variable(&key)?);
        Ok(Self { store: Store::open(&url, keys.clone()).await?, keys })
    }

    /// The installation, if the environment names one.
    pub(super) async fn there() -> anyhow::Result<Option<Self>> {
        if super::dev::database(&|name| std::env::var(name).ok()).is_none() { Ok(None) } else { Self::open().await.map(Some) }
    }

    /// A release it keeps, by the first digits of its digest.
    pub(super) async fn kept(&self, digits: &str) -> anyhow::Result<(String, Package)> {
        let all = self.store.artifacts("release").await?;
        let found: Vec<&String> = all.iter().map(|(digest, _)| digest).filter(|digest| digest.starts_with(digits)).collect();
        let digest = match found.as_slice() {
            [one] => (*one).clone(),
            [] => anyhow::bail!("the store keeps no release {digits}"),
            _ => anyhow::bail!("{} releases begin with {digits}; write more of the digest", found.len()),
        };
        let package = Package::kept(&self.store, &self.keys, &digest).await?.with_context(|| format!("release {digest} is gone from the store"))?;
        Ok((digest, package))
    }
}
