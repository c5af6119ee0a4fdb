//! Compiling plugins written in Rust.
//!
//! Lives here: one run of `cargo` for everything that shares a folder to run it in, and what its messages say.
//! Never here: which plugins are out of date, where components go.

use super::BuildError;
use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

pub(super) const TARGET: &str = "wasm32-wasip2";
/// Lines of a tool's own words that an error carries.
const TAIL: usize = 60;

/// Compiles the packages in a folder that `cargo` is run in and gives each one's artifact, with the time it took.
/// `target` is where it builds, if that is not for the folder to say.
pub(super) async fn compile(folder: &Path, names: &[&str], target: Option<&Path>) -> Result<HashMap<String, (PathBuf, Duration)>, BuildError> {
    add_target(folder).await?;
    let began = Instant::now();
    let cargo = tool("CARGO", "cargo");
    let mut command = Command::new(&cargo);
    command.args(["build", "--profile", "plugin", "--target", TARGET, "--message-format", "json-render-diagnostics"]);
    for name in names {
        command.args(["--package", name]);
    }
    if let Some(target) = target {
        command.arg("--target-dir").arg(target);
    }
    let command = command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
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

/// Adds the compile target if this toolchain lacks it.
async fn add_target(folder: &Path) -> Result<(), BuildError> {
    let rustc = tool("RUSTC", "rustc");
    let mut ask = Command::new(&rustc);
    ask.args(["--print", "target-libdir", "--target", TARGET]).current_dir(folder);
    let answer = ask.output().await.map_err(|source| no_tool(&rustc, source))?;
    if Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_dir() {
        return Ok(());
    }
    // Two builds at once must not both write into the toolchain.
    static ADDING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = ADDING.lock().await;
    let rustup = OsString::from("rustup");
    let mut add = Command::new(&rustup);
    add.args(["target", "add", TARGET]).current_dir(folder).stdin(Stdio::null());
    let added = add.output().await.map_err(|source| no_tool(&rustup, source))?;
    if added.status.success() { Ok(()) } else { Err(BuildError::NoTarget { said: tail(&added.stderr) }) }
}

fn tool(variable: &str, default: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| default.into())
}

fn no_tool(tool: &OsString, source: io::Error) -> BuildError {
    BuildError::NoTool { tool: tool.to_string_lossy().into_owned(), source }
}

pub(super) fn tail(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let lines: Vec<_> = said.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_artifact_is_read_from_cargos_messages() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"card_verification"},"filenames":["/t/card_verification.wasm"]}"#;
        assert_eq!(artifact(line), Some(("card_verification".to_owned(), "/t/card_verification.wasm".into())));
        for other in ["", "warning: x", r#"{"reason":"build-finished"}"#, &line.replace(".wasm", ".rlib")] {
            assert_eq!(artifact(other), None);
        }
    }
}
