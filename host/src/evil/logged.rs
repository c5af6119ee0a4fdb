//! What is logged on a thread while a crime is committed.
//!
//! Lives here: listening.
//! Never here: what may stand in it.

use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing::Level;
use tracing::subscriber::DefaultGuard;

/// What was logged so far.
#[derive(Clone, Default)]
pub(super) struct Logged(Arc<Mutex<Vec<u8>>>);

impl Logged {
    /// Listens on this thread, down to a level, while the guard is kept.
    pub(super) fn listen(level: Level) -> (Self, DefaultGuard) {
        let logged = Self::default();
        let into = logged.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || into.clone()).with_max_level(level).with_ansi(false).finish();
        (logged, tracing::subscriber::set_default(subscriber))
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("not poisoned").clone()
    }
}

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
