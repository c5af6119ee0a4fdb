//! The tools that make components of JavaScript and Python, in their one fixed version.
//!
//! Lives here: installing them, once for all plugins of this user, with `npm` and `pip`; naming what is missing.
//! Never here: running them on a plugin (`script.rs`).

use super::cargo::tail;
use super::{BuildError, Language, script};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

const JS: &str = "@bytecodealliance/componentize-js@0.23.0";
const PYTHON: &str = "componentize-py==0.25.1";

/// What a component of a language is made with, as it is installed.
pub(super) const fn version(language: Language) -> &'static str {
    match language {
        Language::Rust => "",
        Language::JavaScript => JS,
        Language::Python => PYTHON,
    }
}

/// The tool as people call it.
pub(super) const fn name(language: Language) -> &'static str {
    match language {
        Language::Rust => "cargo",
        Language::JavaScript => "componentize-js",
        Language::Python => "componentize-py",
    }
}

/// The folder of a language's tool, installed if it is not there.
pub(super) async fn ready(language: Language) -> Result<PathBuf, BuildError> {
    let folder = script::folder().join(version(language).trim_start_matches("@bytecodealliance/").replace("==", "-").replace('@', "-"));
    // Written last: an installation that was broken off is done again.
    let done = folder.join("installed");
    match language {
        Language::Rust => {}
        Language::JavaScript => {
            starts(language, "node", "install Node.js 20 or later with npm").await?;
            if !done.is_file() {
                starts(language, "npm", "install npm, which comes with Node.js").await?;
                make(&folder)?;
                let mut npm = Command::new("npm");
                npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder).arg(JS);
                install(language, &folder, npm).await?;
                mark(&done)?;
            }
        }
        Language::Python => {
            if !done.is_file() {
                let help = "install Python 3.10 or later with its venv module (Debian: python3 python3-venv)";
                starts(language, "python3", help).await?;
                make(&folder)?;
                let mut venv = Command::new("python3");
                venv.args(["-m", "venv", "--clear"]).arg(&folder);
                install(language, &folder, venv).await?;
                let mut pip = Command::new(folder.join("bin/pip"));
                pip.args(["install", "--quiet", "--disable-pip-version-check", PYTHON]);
                install(language, &folder, pip).await?;
                mark(&done)?;
            }
        }
    }
    Ok(folder)
}

fn make(folder: &Path) -> Result<(), BuildError> {
    std::fs::create_dir_all(folder).map_err(|source| BuildError::File { path: folder.to_owned(), source })
}

fn mark(done: &Path) -> Result<(), BuildError> {
    std::fs::write(done, "").map_err(|source| BuildError::File { path: done.to_owned(), source })
}

async fn starts(language: Language, tool: &str, help: &'static str) -> Result<(), BuildError> {
    let missing = |said: String| BuildError::NoLanguage { language: language.name(), tool: tool.to_owned(), said, help };
    let asked = Command::new(tool).arg("--version").stdin(Stdio::null()).output().await;
    match asked {
        Ok(answer) if answer.status.success() => Ok(()),
        Ok(answer) => Err(missing(tail(&answer.stderr))),
        Err(error) => Err(missing(error.to_string())),
    }
}

async fn install(language: Language, folder: &Path, mut command: Command) -> Result<(), BuildError> {
    tracing::info!("Installing {} into {}", version(language), folder.display());
    let failed = |said: String| BuildError::Install { tool: version(language).to_owned(), folder: folder.to_owned(), said };
    let done = command.stdin(Stdio::null()).kill_on_drop(true).output().await.map_err(|error| failed(error.to_string()))?;
    if done.status.success() { Ok(()) } else { Err(failed(tail(&[done.stdout, done.stderr].concat()))) }
}
