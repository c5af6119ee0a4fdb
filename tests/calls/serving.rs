//! The program itself as a child process, as an operator runs it, so that it can be killed.
//!
//! Lives here: building it, its environment, starting and killing it, what it printed.
//! Never here: tests.

use crate::house::{DESK_KEY, KEY, TOKEN, root};
use crate::leaks;
use centralita::phone::Line;
use centralita::twilio::signature::Signer;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

/// The address the telephone network would call.
pub(crate) const PUBLIC: &str = "https://voz.example.mx/webhooks/twilio/webhook";
/// Where callers go who need a person.
pub(crate) const PERSON: &str = "+525599990000";

/// The program, built once for the whole test process, or the one that `CENTRALITA_TEST_SERVER` names.
pub(crate) fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        if let Some(other) = std::env::var_os("CENTRALITA_TEST_SERVER") {
            return std::fs::canonicalize(other).unwrap();
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--package", "centralita", "--bin", "centralita", "--message-format", "json-render-diagnostics"]);
        // What the outer cargo says of the tests' own package would make it build half of the dependencies again.
        std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")).for_each(|name| {
            cargo.env_remove(name);
        });
        let built = cargo.arg("--target-dir").arg(target).current_dir(root()).stdin(Stdio::null()).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let messages = String::from_utf8(built.stdout).unwrap();
        let executable = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["executable"].as_str().map(PathBuf::from);
        messages.lines().rev().find_map(executable).unwrap()
    })
}

/// Every variable `serve` needs; the desk's may be any address, since nothing is asked of it at the start.
pub(crate) fn variables(database: &str, desk: &str) -> Vec<(&'static str, String)> {
    let name: String = database.chars().filter(char::is_ascii_alphanumeric).collect();
    let audit_file = std::env::temp_dir().join(format!("centralita-audit-{}-{name}.jsonl", std::process::id()));
    vec![
        ("CENTRALITA_AUDIT_FILE", audit_file.display().to_string()),
        ("CENTRALITA_BIND", "127.0.0.1:0".to_owned()),
        ("CENTRALITA_ADMIN_BIND", "127.0.0.1:0".to_owned()),
        ("CENTRALITA_SETTLE_MS", "500".to_owned()),
        ("TWILIO_AUTH_TOKEN", TOKEN.to_owned()),
        ("TWILIO_WEBHOOK_URL", PUBLIC.to_owned()),
        ("ENCRYPTION_KEY", KEY.to_owned()),
        ("DATABASE_URL", database.to_owned()),
        ("FALLBACK_PHONE_NUMBER", PERSON.to_owned()),
        ("FRESHDESK_API_URL", desk.to_owned()),
        ("FRESHDESK_API_KEY", DESK_KEY.to_owned()),
        ("RATE_LIMIT_PER_MINUTE", "0".to_owned()),
        // A busy machine is no slow back end.
        ("CENTRALITA_ANSWER_MS", "10000".to_owned()),
    ]
}

/// Runs a command that is about no project.
pub(crate) fn outcome(arguments: &[&str], variables: &[(&str, String)]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).env_clear().envs(variables.iter().map(|(name, value)| (*name, value))).stdin(Stdio::null());
    command.output().unwrap()
}

fn command(arguments: &[&str], project: &Path, variables: &[(&str, String)]) -> Command {
    let mut command = Command::new(program());
    // Nothing of the machine's own settings: every variable is a test's.
    command.args(arguments).arg("--project").arg(project).env_clear().envs(variables.iter().map(|(name, value)| (*name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command that ends by itself.
pub(crate) fn ran(arguments: &[&str], project: &Path, variables: &[(&str, String)]) -> Output {
    command(arguments, project, variables).output().unwrap()
}

/// `centralita serve` that runs; it is killed with SIGKILL when this is dropped.
pub(crate) struct Serving {
    child: Child,
    /// Where the telephone network reaches it, signed for its public address.
    pub(crate) line: std::sync::Arc<Line>,
    /// Its public listener, `http://ADDRESS`.
    pub(crate) base: String,
    log: Option<std::thread::JoinHandle<String>>,
}

impl Serving {
    /// Starts it and waits until it serves.
    pub(crate) fn start(project: &Path, variables: &[(&str, String)]) -> Self {
        let mut child = command(&["serve"], project, variables).spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        // Read on the side, so that a full pipe never holds the program up.
        let log = std::thread::spawn(move || {
            let mut log = Vec::new();
            let _ = stderr.read_to_end(&mut log);
            String::from_utf8_lossy(&log).into_owned()
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.by_ref().map_while(Result::ok).find_map(|line| Some(line.split_once(" on http://")?.1.split_once(',')?.0.to_owned()));
        let Some(address) = said else {
            let _ = child.kill();
            panic!("`serve` did not start: {}", log.join().unwrap());
        };
        let base = format!("http://{address}");
        let line = Line::new(base.parse().unwrap(), Some(Signer::parse(TOKEN).unwrap()), Some("https://voz.example.mx/".parse().unwrap())).unwrap();
        Self { child, line: line.into(), base, log: Some(log) }
    }

    /// Kills it with SIGKILL and gives what it logged.
    pub(crate) fn kill(mut self) -> String {
        self.end();
        self.logged()
    }

    /// What it logged, looked through for secrets.
    fn logged(&mut self) -> String {
        let log = self.log.take().map(|log| log.join().unwrap()).unwrap_or_default();
        leaks::in_log(log.as_bytes(), &[]);
        log
    }

    /// Whether it stands still, by SIGSTOP.
    pub(crate) fn stands(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
    }

    /// Lets it go on (SIGCONT).
    pub(crate) fn go_on(&self) {
        assert!(Command::new("kill").args(["-CONT", &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Whether it has ended by itself.
    pub(crate) fn is_dead(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    fn end(&mut self) {
        // Dead already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.end();
        if !std::thread::panicking() {
            self.logged();
        }
    }
}
