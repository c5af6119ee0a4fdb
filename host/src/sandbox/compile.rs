//! Compiling off the serving path, within bounds: one at a time, in a process of its own, so long, so much memory.
//!
//! Lives here: the child that compiles and its limits, the queue, the cache before it.
//! Never here: what makes a component acceptable (`load.rs`), taking compiled code from a file (`compiled.rs`).

use super::compiled::{self, Cache};
use super::engine;
use super::load::{Component, LoadError, Offer, blame, vet};
use super::run::Sandbox;
use sha2::{Digest as _, Sha256};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Semaphore;
use wasmtime::component::Component as Code;

/// How long the compiler may take for one component: an interpreter takes half a minute on a busy machine.
const LONGEST: Duration = Duration::from_secs(120);
/// Bytes of data the compiling child may have.
const MEMORY: u64 = 2 << 30;
/// Bytes of compiled code at most.
const MOST_CODE: u64 = 256 << 20;
/// The argument that makes this program the compiler of another.
pub const COMPILE: &str = "compile-component";

/// How a sandbox compiles.
pub(super) struct Compiling {
    cache: Option<Cache>,
    program: Option<PathBuf>,
    one: Arc<Semaphore>,
}

impl Compiling {
    pub(super) fn new(cache: Option<Cache>) -> Self {
        Self { cache, program: None, one: Arc::new(Semaphore::new(1)) }
    }
}

impl Sandbox {
    /// Compiles in a child of `program`, which is this program's file: its memory is bounded, and it can be ended.
    #[must_use]
    pub fn compiling_in(mut self, program: Option<PathBuf>) -> Self {
        self.compiling.program = program;
        self
    }

    /// As [`Sandbox::load`], for a server: nothing of it happens on the threads that serve calls, code that is known is
    /// not compiled again, and one component is compiled at a time, within two minutes.
    ///
    /// # Errors
    /// [`LoadError`], which says what is wrong in words for the plugin's author.
    pub async fn prepare(&self, name: &str, wasm: &[u8], offer: &Offer) -> Result<Component, LoadError> {
        let (wasm, offer, loader): (Arc<[u8]>, _, _) = (wasm.into(), *offer, self.loader());
        let known = {
            let (wasm, cache, engine) = (wasm.clone(), self.compiling.cache.clone(), self.engine.clone());
            apart(move || {
                vet(&wasm, offer)?;
                Ok(cache.and_then(|cache| cache.get(&engine, &Sha256::digest(&wasm).into())))
            })
            .await?
        };
        let code = match known {
            Some(code) => code,
            None => self.compiled(wasm.clone()).await?,
        };
        let name = name.to_owned();
        apart(move || loader.link(&name, &wasm, offer, &code)).await
    }

    async fn compiled(&self, wasm: Arc<[u8]>) -> Result<Code, LoadError> {
        // The queue is never closed.
        let Ok(turn) = self.compiling.one.clone().acquire_owned().await else { return Err(too_long()) };
        let (loader, cache) = (self.loader(), self.compiling.cache.clone());
        let native = match &self.compiling.program {
            Some(program) => Some(child(program, &wasm).await?),
            None => None,
        };
        let work = apart(move || {
            let _turn = turn; // Also when nobody waits any more.
            let digest: [u8; 32] = Sha256::digest(&wasm).into();
            let failed = |error: wasmtime::Error| LoadError::CompileFailed(format!("{error:#}"));
            let code = match &native {
                Some(native) => compiled::taken(&loader.engine, native).map_err(failed)?,
                None => loader.compile(&wasm)?,
            };
            if let Some(cache) = &cache {
                match native {
                    Some(native) => cache.put(&loader.engine, &digest, &native),
                    None => cache.put(&loader.engine, &digest, &code.serialize().map_err(failed)?),
                }
            }
            Ok(code)
        });
        tokio::time::timeout(LONGEST, work).await.unwrap_or_else(|_| Err(too_long()))
    }
}

fn too_long() -> LoadError {
    LoadError::CompileFailed(format!("it took the compiler longer than {} s", LONGEST.as_secs()))
}

/// On a thread where nobody's call waits.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, LoadError> + Send + 'static) -> Result<T, LoadError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(LoadError::CompileFailed("the compiler panicked".into())))
}

/// Has a child compile: bytes in, code out; nothing of our environment goes with it.
async fn child(program: &Path, wasm: &[u8]) -> Result<Vec<u8>, LoadError> {
    let failed = |what: &str, error: std::io::Error| LoadError::CompileFailed(format!("the compiler's process {what}: {error}"));
    let mut command = tokio::process::Command::new(program);
    command.arg(COMPILE).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process = command.spawn().map_err(|error| failed("does not start", error))?;
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (process.stdin.take(), process.stdout.take(), process.stderr.take()) else {
        return Err(LoadError::CompileFailed("the compiler's process has no pipes".into()));
    };
    let talk = async {
        let (mut code, mut words) = (Vec::new(), Vec::new());
        let (mut stdout, mut stderr) = (stdout.take(MOST_CODE + 1), stderr.take(64 << 10));
        let give = async move {
            // A child that ends early says why in its words.
            let _ = stdin.write_all(wasm).await;
            drop(stdin);
        };
        let (_, read, _) = tokio::join!(give, stdout.read_to_end(&mut code), stderr.read_to_end(&mut words));
        read?;
        // A child that has more to say is told that nobody listens.
        drop((stdout, stderr));
        Ok((process.wait().await?, code, words))
    };
    let talked = tokio::time::timeout(LONGEST, talk).await.map_err(|_| too_long())?;
    let (status, code, words) = talked.map_err(|error| failed("broke off", error))?;
    if code.len() as u64 > MOST_CODE {
        return Err(LoadError::CompileFailed(format!("its compiled code is more than {MOST_CODE} bytes")));
    }
    if status.success() {
        return Ok(code);
    }
    let words = String::from_utf8_lossy(&words).trim().to_owned();
    Err(blame(
        wasm,
        if words.is_empty() { format!("the compiler's process ended with {status}; it may have run out of its {} MiB", MEMORY >> 20) } else { words },
    ))
}

/// What the child does: reads a component, writes its compiled code. Its memory and CPU are bounded before it reads a byte.
///
/// # Errors
/// Whatever keeps the component from being compiled, for the parent to report.
pub fn compile_apart() -> anyhow::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let bound = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    let engine = engine::still(&engine::Settings::default())?;
    setrlimit(Resource::Data, bound(MEMORY))?;
    setrlimit(Resource::Cpu, bound(2 * LONGEST.as_secs()))?;
    setrlimit(Resource::Core, bound(0))?;
    // Calls go first; a machine that refuses this only compiles as fast as it serves.
    let _ = rustix::process::nice(10);
    let mut wasm = Vec::new();
    std::io::stdin().lock().take(super::load::MOST_BYTES as u64 + 1).read_to_end(&mut wasm)?;
    let code = Code::from_binary(&engine, &wasm)?.serialize()?;
    std::io::stdout().lock().write_all(&code)?;
    Ok(())
}
