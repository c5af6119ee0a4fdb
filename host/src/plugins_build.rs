//! Building the workspace's plugins: from `plugins/<name>/` to `<project>/plugins/<name>.wasm`.
//!
//! Lives here: one run of `cargo` for all that is out of date, the manifest put into each component, the
//! write that a watcher sees as one step.
//! Never here: checking or loading a component (`sandbox`), production: `serve` builds nothing.

use crate::sandbox::with_manifest;
use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

const TARGET: &str = "wasm32-wasip2";
/// Lines of cargo's own words that an error carries.
const TAIL: usize = 60;

/// One plugin after a build.
#[derive(Clone, Debug)]
pub struct Built {
    /// The plugin, as its folder and package are called.
    pub name: String,
    /// Bytes of the component, manifest included.
    pub bytes_len: usize,
    /// From the start of the build until this plugin was compiled; zero if its sources were not newer.
    pub took: Duration,
    /// Whether the file in the project was written.
    pub changed: bool,
}

/// Why plugins were not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The folder or one of its two files is missing.
    #[error("plugin `{name}` has no `{}`; every plugin has a `Cargo.toml` and a `plugin.yml`", path.display())]
    Incomplete {
        /// The plugin.
        name: String,
        /// The file that should be there.
        path: PathBuf,
    },
    /// A tool of the Rust installation does not start.
    #[error("`{tool}` does not start ({source}); install Rust from https://rustup.rs")]
    NoTool {
        /// The command.
        tool: String,
        /// What the system said.
        source: io::Error,
    },
    /// The compile target is missing and cannot be added.
    #[error("the compile target {TARGET} is missing; run `rustup target add {TARGET}`\n{said}")]
    NoTarget {
        /// What rustup said.
        said: String,
    },
    /// The compiler refused.
    #[error("plugins do not compile; the last lines of cargo:\n{said}")]
    Cargo {
        /// The end of cargo's output.
        said: String,
    },
    /// Cargo succeeded and left no component.
    #[error("plugin `{name}` builds no component; its `Cargo.toml` needs `[lib] crate-type = [\"cdylib\"]`")]
    NoComponent {
        /// The plugin.
        name: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Builds those of the named plugins whose sources are newer than their component in `into`, all in one run of
/// cargo, and writes the components that changed. The result has every name, in the order given.
///
/// # Errors
/// [`BuildError`]; components built before stay as they are.
pub async fn build<N: AsRef<str>>(workspace: &Path, names: &[N], into: &Path) -> Result<Vec<Built>, BuildError> {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let common = newest([workspace.join("plugins/sdk"), workspace.join("wit"), workspace.join("Cargo.lock"), workspace.join("Cargo.toml")]);
    let mut stale = Vec::new();
    for name in &names {
        let folder = workspace.join("plugins").join(name);
        for path in [folder.join("Cargo.toml"), folder.join("plugin.yml")] {
            if !path.is_file() {
                return Err(BuildError::Incomplete { name: (*name).to_owned(), path });
            }
        }
        let sources = common.max(newest([folder]));
        let component = into.join(format!("{name}.wasm"));
        if component.metadata().and_then(|file| file.modified()).map_or(true, |built| built < sources) {
            stale.push(*name);
        }
    }
    let compiled = if stale.is_empty() { HashMap::new() } else { compile(workspace, &stale).await? };
    names.into_iter().map(|name| finish(workspace, name, compiled.get(name), into)).collect()
}

/// Compiles packages of a workspace and gives each one's component, without a manifest, and the time it took.
///
/// # Errors
/// [`BuildError`].
pub async fn compile(workspace: &Path, names: &[&str]) -> Result<HashMap<String, (PathBuf, Duration)>, BuildError> {
    add_target(workspace).await?;
    let began = Instant::now();
    let cargo = tool("CARGO", "cargo");
    let mut command = Command::new(&cargo);
    command.args(["build", "--profile", "plugin", "--target", TARGET, "--message-format", "json-render-diagnostics"]);
    for name in names {
        command.args(["--package", name]);
    }
    let command = command.current_dir(workspace).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().map_err(|source| no_tool(&cargo, source))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let artifacts = async {
        let mut found = HashMap::new();
        let Some(stdout) = stdout else { return found };
        let mut lines = BufReader::new(stdout).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some((library, path)) = artifact(&line)
                && let Some(name) = names.iter().find(|name| name.replace('-', "_") == library)
            {
                found.insert((*name).to_owned(), (path, began.elapsed()));
            }
        }
        found
    };
    let words = async {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_end(&mut said).await;
        }
        tail(&said)
    };
    let (found, said, status) = tokio::join!(artifacts, words, child.wait());
    match status {
        Ok(status) if status.success() => {}
        Ok(_) => return Err(BuildError::Cargo { said }),
        Err(source) => return Err(no_tool(&cargo, source)),
    }
    match names.iter().find(|name| !found.contains_key(**name)) {
        Some(name) => Err(BuildError::NoComponent { name: (*name).to_owned() }),
        None => Ok(found),
    }
}

/// The library and the component that a line of cargo's JSON speaks of.
fn artifact(line: &str) -> Option<(String, PathBuf)> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let files = message["filenames"].as_array()?;
    let component = files.iter().filter_map(|file| file.as_str()).find(|file| file.ends_with(".wasm"))?;
    Some((message["target"]["name"].as_str()?.replace('-', "_"), component.into()))
}

/// Puts the manifest in and replaces the project's file, unless it holds the same bytes already.
fn finish(workspace: &Path, name: &str, compiled: Option<&(PathBuf, Duration)>, into: &Path) -> Result<Built, BuildError> {
    let path = into.join(format!("{name}.wasm"));
    let built = |bytes_len, took, changed| Built { name: name.to_owned(), bytes_len, took, changed };
    let Some((artifact, took)) = compiled else {
        let size = path.metadata().map_err(|source| BuildError::File { path, source })?.len();
        return Ok(built(usize::try_from(size).unwrap_or(usize::MAX), Duration::ZERO, false));
    };
    let manifest = workspace.join("plugins").join(name).join("plugin.yml");
    let yaml = std::fs::read_to_string(&manifest).map_err(|source| BuildError::File { path: manifest, source })?;
    let core = std::fs::read(artifact).map_err(|source| BuildError::File { path: artifact.clone(), source })?;
    let component = with_manifest(&core, &yaml);
    let changed = std::fs::read(&path).ok().as_deref() != Some(component.as_slice());
    let written = if changed { replace(&path, &component) } else { touch(&path) };
    written.map_err(|source| BuildError::File { path, source })?;
    Ok(built(component.len(), *took, changed))
}

/// Writes beside the file and renames, so that no reader ever sees half of it.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{next}.tmp", std::process::id()));
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, path).inspect_err(|_| drop(std::fs::remove_file(&beside)))
}

/// The same bytes again: only say that they are as new as their sources.
fn touch(path: &Path) -> io::Result<()> {
    std::fs::File::options().write(true).open(path)?.set_modified(SystemTime::now())
}

/// When the newest file below these paths changed; build output aside.
fn newest(paths: impl IntoIterator<Item = PathBuf>) -> SystemTime {
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut waiting: Vec<_> = paths.into_iter().collect();
    while let Some(path) = waiting.pop() {
        let Ok(found) = path.metadata() else { continue };
        if found.is_dir() {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            waiting.extend(entries.map(|entry| entry.path()).filter(|path| !path.ends_with("target")));
        }
        newest = newest.max(found.modified().unwrap_or(newest));
    }
    newest
}

/// Adds the compile target if this toolchain lacks it.
async fn add_target(workspace: &Path) -> Result<(), BuildError> {
    let rustc = tool("RUSTC", "rustc");
    let mut ask = Command::new(&rustc);
    ask.args(["--print", "target-libdir", "--target", TARGET]).current_dir(workspace);
    let answer = ask.output().await.map_err(|source| no_tool(&rustc, source))?;
    if Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_dir() {
        return Ok(());
    }
    let rustup = OsString::from("rustup");
    let mut add = Command::new(&rustup);
    add.args(["target", "add", TARGET]).current_dir(workspace).stdin(Stdio::null());
    let added = add.output().await.map_err(|source| no_tool(&rustup, source))?;
    if added.status.success() { Ok(()) } else { Err(BuildError::NoTarget { said: tail(&added.stderr) }) }
}

fn tool(variable: &str, default: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| default.into())
}

fn no_tool(tool: &OsString, source: io::Error) -> BuildError {
    BuildError::NoTool { tool: tool.to_string_lossy().into_owned(), source }
}

fn tail(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let lines: Vec<_> = said.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    #[tokio::test]
    async fn a_plugin_without_a_manifest_is_named_before_anything_is_built() {
        let error = build(&workspace(), &["no-such-plugin"], Path::new("nowhere")).await.expect_err("nothing there");
        assert!(error.to_string().contains("`no-such-plugin`"), "{error}");
    }

    #[test]
    fn the_artifact_is_read_from_cargos_messages() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"card_verification"},"filenames":["/t/card_verification.wasm"]}"#;
        assert_eq!(artifact(line), Some(("card_verification".to_owned(), "/t/card_verification.wasm".into())));
        for other in ["", "warning: x", r#"{"reason":"build-finished"}"#, &line.replace(".wasm", ".rlib")] {
            assert_eq!(artifact(other), None);
        }
    }
}
