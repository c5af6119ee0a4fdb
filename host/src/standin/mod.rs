//! What `dev`, `shell` and `test` put in place of what is not there. Never part of `serve`.

pub mod desk;
mod faults;
mod line;
mod listening;
pub mod network;

use std::sync::{Mutex, MutexGuard, PoisonError};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
