//! The program's own clock, moved from outside: libfaketime stands between it and the system's.
//!
//! Lives here: moving it. Pauses and deadlines of a process are of another clock, which goes on as it does.
//! Never here: what happens meanwhile.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// How far the clock of a program is from ours.
pub(crate) struct Clock {
    file: PathBuf,
    seconds: std::sync::atomic::AtomicI64,
}

impl Clock {
    /// A clock that is right so far; none, and a line that says so, where libfaketime is not installed.
    ///
    /// # Panics
    /// Where it is required (`CENTRALITA_TEST_REQUIRE=all`) and cannot be had.
    pub(crate) fn new(folder: &Path) -> Option<Self> {
        if library().is_none() {
            assert!(std::env::var_os("CENTRALITA_TEST_REQUIRE").is_none(), "libfaketime is not installed (Debian: faketime)");
            eprintln!("skipped: libfaketime is not installed (Debian: faketime)");
            return None;
        }
        let clock = Self { file: folder.join("clock"), seconds: 0.into() };
        clock.forward(Duration::ZERO);
        Some(clock)
    }

    /// What a program needs to go by it.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", library().unwrap().display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }

    /// So much later from now on.
    pub(crate) fn forward(&self, by: Duration) {
        self.set(i64::try_from(by.as_secs()).unwrap());
    }

    /// So much earlier from now on.
    pub(crate) fn back(&self, by: Duration) {
        self.set(-i64::try_from(by.as_secs()).unwrap());
    }

    fn set(&self, by: i64) {
        let seconds = self.seconds.fetch_add(by, std::sync::atomic::Ordering::SeqCst) + by;
        // Renamed into place: the program reads it at every look at the clock.
        let aside = self.file.with_extension("new");
        std::fs::write(&aside, format!("{seconds:+}s\n")).unwrap();
        std::fs::rename(aside, &self.file).unwrap();
    }
}

fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok).map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    folders.chain(["/usr/lib/faketime/libfaketimeMT.so.1".into()]).find(|file| file.is_file())
}
