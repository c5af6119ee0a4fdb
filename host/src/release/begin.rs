//! What a server begins with: what its folder holds, or what served before.
//!
//! Lives here: choosing at a start, between a folder, its approval and the orders in force.
//! Never here: changes while it runs (`watch.rs`, `keeper.rs`).

use super::{Approval, Gate, NotAdmitted, Orders, Package, standing_in};
use crate::seal::Keys;
use crate::store::Store;
use std::path::Path;

/// What a server begins with.
pub(crate) struct Beginning {
    pub(crate) package: Package,
    pub(crate) approval: Option<Approval>,
    /// What the folder holds, where that is something else.
    pub(crate) instead_of: Option<Instead>,
}

/// A release that is not begun with.
pub(crate) struct Instead {
    pub(crate) digest: String,
    pub(crate) reason: String,
    /// Whether it serves again as soon as an order is lifted.
    pub(crate) set_aside: bool,
}

impl Beginning {
    /// Chooses. `guarded`: whether a release of a project with reviewers needs an approval here.
    ///
    /// # Errors
    /// If the folder's release is not approved and nothing that was has served before.
    pub(crate) async fn of(package: Package, folder: &Path, guarded: bool, store: &Store, keys: &Keys) -> anyhow::Result<Self> {
        let digest = package.digest();
        let gate = if guarded { Gate::before(&package, store, keys).await? } else { Gate::default() };
        let orders = Orders::of(store.orders().await?);
        let admitted = if gate.is_shut() { gate.admit(&digest, Some(folder), store).await.map(Some) } else { Ok(None) };
        let (reason, set_aside) = match (&admitted, orders.aside(&digest)) {
            (Ok(approval), None) => return Ok(Self { approval: approval.clone(), package, instead_of: None }),
            (Ok(_), Some(reason)) => (format!("it is set aside: {reason}"), true),
            (Err(NotAdmitted::Store(_)), _) => anyhow::bail!("whether release {digest:.8} is approved cannot be read from the store"),
            (Err(error), _) => (error.to_string(), false),
        };
        match (standing_in(&gate, std::slice::from_ref(&digest), &orders, store, keys).await?, admitted) {
            (Some((package, approval)), _) => Ok(Self { package, approval, instead_of: Some(Instead { digest, reason, set_aside }) }),
            (None, Ok(approval)) => {
                tracing::error!("Release {digest:.8}: {reason}; there is none before it to go back to, so it serves");
                Ok(Self { package, approval, instead_of: None })
            }
            (None, Err(_)) => anyhow::bail!("release {digest:.8} of {} may not serve: {reason}", folder.display()),
        }
    }
}
