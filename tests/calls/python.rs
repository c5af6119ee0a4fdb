//! A virtual environment with the real `rasa-sdk` of 3.13, made once for all runs on a machine.
//!
//! Lives here: finding or making it, and skipping where it cannot be had.
//! Never here: tests.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What is installed.
const SDK: &str = "rasa-sdk==3.13.*";
/// The interpreters it is known to install on, the usual one last.
const PYTHONS: [&str; 3] = ["python3.11", "python3.10", "python3"];

/// The virtual environment; none, with a word about it, where it cannot be made.
///
/// # Panics
/// Where everything has to be tested (`CENTRALITA_TEST_REQUIRE=all`) and it cannot be made.
pub(crate) fn environment() -> Option<&'static Path> {
    static MADE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let home = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
        let folder = home.unwrap_or_else(std::env::temp_dir).join("centralita-rasa-sdk-3.13");
        (works(&folder) || PYTHONS.iter().any(|python| make(python, &folder))).then_some(folder)
    });
    if made.is_none() {
        let message = format!("skipped: no virtual environment with {SDK} can be made (python3 -m venv, pip install)");
        assert!(std::env::var("CENTRALITA_TEST_REQUIRE").as_deref() != Ok("all"), "{message}");
        // Written to the handle itself: the test harness hides what passing tests print.
        let _ = writeln!(std::io::stderr(), "{message}");
    }
    made.as_deref()
}

fn works(folder: &Path) -> bool {
    let python = folder.join("bin/python");
    python.is_file() && quietly(Command::new(python).args(["-c", "import rasa_sdk.endpoint"]))
}

fn make(python: &str, folder: &Path) -> bool {
    quietly(Command::new(python).args(["-m", "venv", "--clear"]).arg(folder))
        && quietly(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check", SDK]))
        && works(folder)
}

fn quietly(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
