//! The project's own Python actions, run beside us while somebody works on them (`actions_module`).
//!
//! Lives here: finding the virtual environment, starting `rasa_sdk` on a free port of loopback, starting it again when a
//! file changes, its log, its end.
//! Never here: production; `serve` wants a server that somebody else runs.

use crate::endpoints::{self, Place, Variable};
use crate::release::Package;
use crate::watch::Changes;
use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use url::Url;

/// How long Python may take until it answers.
const START: Duration = Duration::from_secs(60);
/// How often it is asked.
const LOOK: Duration = Duration::from_millis(50);

/// A `rasa_sdk` that runs until this is dropped.
pub struct Module {
    url: Url,
    python: Arc<Python>,
    watching: tokio::task::JoinHandle<()>,
}

impl Drop for Module {
    fn drop(&mut self) {
        self.watching.abort();
        self.python.stop();
    }
}

/// How it is started.
struct Python {
    program: PathBuf,
    folder: PathBuf,
    module: String,
    port: u16,
    child: Mutex<Option<Child>>,
}

impl Module {
    /// Starts the module a project names and waits until it answers; none when it names none, or when
    /// `CENTRALITA_ACTION_SERVER` says that it runs already.
    ///
    /// # Errors
    /// No virtual environment, or a module that does not start, with what to do.
    pub async fn start(folder: &Path, package: &Package, variable: &Variable<'_>) -> anyhow::Result<Option<Self>> {
        let Some(text) = package.files.get(endpoints::FILE) else { return Ok(None) };
        // What is wrong in the file is said where the release is built.
        let place = endpoints::read(text, Some(variable), &mut Vec::new()).action.map(|action| action.place);
        let Some(Place::Module { name, started: None }) = place else { return Ok(None) };
        let folder = std::fs::canonicalize(folder)?;
        let program = python_of(&folder, variable)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).context("loopback has no free port")?.port();
        let python = Arc::new(Python { program, folder, module: name, port, child: Mutex::new(None) });
        python.start().await?;
        let watching = tokio::spawn(watch(python.clone()));
        Ok(Some(Self { url: format!("http://127.0.0.1:{port}/webhook").parse()?, python, watching }))
    }

    /// Where it listens: what `CENTRALITA_ACTION_SERVER` is to say.
    pub const fn url(&self) -> &Url {
        &self.url
    }
}

/// The Python of the project's virtual environment: in its folder, else the active one.
fn python_of(folder: &Path, variable: &Variable<'_>) -> anyhow::Result<PathBuf> {
    let active = variable("VIRTUAL_ENV").filter(|path| !path.is_empty()).map(PathBuf::from);
    let places = [folder.join(".venv"), folder.join("venv")].into_iter().chain(active);
    let found = places.map(|place| place.join("bin").join("python")).find(|python| python.is_file());
    found.with_context(|| {
        format!(
            "endpoints.yml names `actions_module`, and the project has no virtual environment (.venv, venv, or an active one); type\n  python3 -m venv {0}/.venv\n  {0}/.venv/bin/pip install 'rasa-sdk==3.13.*'",
            folder.display()
        )
    })
}

impl Python {
    /// Starts it and waits until it answers.
    async fn start(&self) -> anyhow::Result<()> {
        self.stop();
        let mut child = Command::new(&self.program)
            .args(["-m", "rasa_sdk", "--actions", &self.module, "--port", &self.port.to_string()])
            .current_dir(&self.folder)
            // Nobody but us is to reach it; and what Python writes beside its sources is no change of them.
            .env("SANIC_HOST", "127.0.0.1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", self.program.display()))?;
        let last = Arc::new(Mutex::new(Vec::new()));
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(surface(stdout, last.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(surface(stderr, last.clone()));
        }
        let health = format!("http://127.0.0.1:{}/health", self.port);
        crate::egress::install_tls();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(2)).build()?;
        let deadline = tokio::time::Instant::now() + START;
        loop {
            if client.get(&health).send().await.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            if child.try_wait()?.is_some() || tokio::time::Instant::now() > deadline {
                // What it printed last arrives with its end.
                tokio::time::sleep(LOOK).await;
                let said = last.lock().unwrap_or_else(PoisonError::into_inner).join("\n  ");
                bail!("the actions of `{}` do not start (python -m rasa_sdk --actions {}); it says\n  {said}", self.module, self.module);
            }
            tokio::time::sleep(LOOK).await;
        }
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        tracing::info!(module = self.module, port = self.port, "Actions of `{}` run", self.module);
        Ok(())
    }

    fn stop(&self) {
        if let Some(mut child) = self.child.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // It may have ended by itself.
            let _ = child.start_kill();
        }
    }

    /// The sources, with when they were written.
    fn sources(&self) -> BTreeMap<PathBuf, (Option<SystemTime>, u64)> {
        let mut found = BTreeMap::new();
        walk(&self.root(), &mut found);
        let single = self.root().with_extension("py");
        note(&single, &mut found);
        found
    }

    fn root(&self) -> PathBuf {
        self.module.split('.').fold(self.folder.clone(), |path, part| path.join(part))
    }
}

fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, (Option<SystemTime>, u64)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            note(&path, found);
        }
    }
}

fn note(path: &Path, found: &mut BTreeMap<PathBuf, (Option<SystemTime>, u64)>) {
    if path.extension().is_some_and(|extension| extension == "py")
        && let Ok(metadata) = path.metadata()
    {
        found.insert(path.to_owned(), (metadata.modified().ok(), metadata.len()));
    }
}

/// Starts it again whenever a source changed. One that does not start is said, and tried again with the next change.
async fn watch(python: Arc<Python>) {
    let root = python.root();
    let folder = if root.is_dir() { root } else { python.folder.clone() };
    let (mut changes, watching) = Changes::of(&folder);
    if let Err(error) = watching {
        tracing::warn!(error = %error, "Python actions are not watched; start again after a change");
    }
    let mut sources = python.sources();
    loop {
        changes.next().await;
        let now = python.sources();
        if now == sources {
            continue;
        }
        sources = now;
        if let Err(error) = python.start().await {
            tracing::error!("{error:#}");
        }
    }
}

/// Passes on what it prints; the last lines are kept for when it does not start.
async fn surface(from: impl AsyncRead + Unpin, last: Arc<Mutex<Vec<String>>>) {
    const KEPT: usize = 12;
    let mut lines = BufReader::new(from).lines();
    let mut broken = false;
    while let Ok(Some(line)) = lines.next_line().await {
        // A traceback goes on in indented lines and ends with its error.
        broken = line.starts_with("Traceback") || line.contains("ERROR") || (broken && (line.starts_with(' ') || line.is_empty() || line.contains("Error")));
        if broken {
            tracing::error!(target: "actions", "{line}");
        } else {
            tracing::info!(target: "actions", "{line}");
        }
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        last.push(line);
        if last.len() > KEPT {
            last.remove(0);
        }
    }
}
