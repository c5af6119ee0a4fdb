//! One task at a time for each call.
//!
//! Lives here: a lock by name that is forgotten when nobody holds it.
//! Never here: other hosts. The key (call, position) of the events guards against those.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::OwnedMutexGuard;

/// Locks by call.
#[derive(Default)]
pub(crate) struct Locks {
    held: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

impl Locks {
    /// Waits for its turn with this call.
    pub(crate) async fn take(&self, call: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            if held.len() > 4096 {
                held.retain(|_, lock| lock.strong_count() > 0);
            }
            let known = held.get(call).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let lock = Arc::new(tokio::sync::Mutex::new(()));
                held.insert(call.to_owned(), Arc::downgrade(&lock));
                lock
            })
        };
        lock.lock_owned().await
    }
}
