//! Which session of a call counts.
//!
//! Lives here: one number a call, that of the session opened last on this host.
//! Never here: what sessions do (`session.rs`).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The sessions of this host. A socket that is dead on one side only must not take turns beside its successor.
#[derive(Default)]
pub(crate) struct Sessions {
    open: Mutex<(u64, HashMap<String, u64>)>,
}

impl Sessions {
    /// Opens a session of `call`; the one before it is none any more.
    pub(super) fn open(&self, call: &str) -> u64 {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.0 += 1;
        let number = open.0;
        open.1.insert(call.to_owned(), number);
        number
    }

    /// Whether this is still the call's session.
    pub(super) fn is_open(&self, call: &str, number: u64) -> bool {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).1.get(call) == Some(&number)
    }

    /// Forgets a session that has ended.
    pub(super) fn close(&self, call: &str, number: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.1.get(call) == Some(&number) {
            open.1.remove(call);
        }
    }
}
