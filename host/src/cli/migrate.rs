//! `centralita migrate DIR`: what becomes of an existing project, on one page.
//!
//! Lives here: arguments, running the project's own conversations, the exit code.
//! Never here: what is red, yellow or green (`migrate`).

use super::{print, validate};
use crate::migrate::{Light, html, report, text};
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `centralita migrate`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The project's folder.
    folder: PathBuf,
    /// Writes the report as a page to this file.
    #[arg(long)]
    html: Option<PathBuf>,
    /// Holds the project's conversations too, as `centralita test` does.
    #[arg(long)]
    run_tests: bool,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (package, mistakes) = validate::findings(&args.folder).await;
    let mut report = report(&args.folder, &package, &mistakes);
    if args.run_tests {
        report.tests = Some(tests(&args.folder).await?);
    }
    if let Some(path) = &args.html {
        std::fs::write(path, html(&report)).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    print(text(&report).trim_end());
    let failed = report.tests.as_ref().is_some_and(|(passed, _)| !passed);
    Ok(if report.count(Light::Red) == 0 && !failed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether the conversations of a project pass, and what the run said. They are held by this program in a process of
/// their own, so that whatever they do to it leaves the report whole.
async fn tests(folder: &Path) -> anyhow::Result<(bool, Vec<String>)> {
    let program = std::env::current_exe().context("this program's own path is not known; run `centralita test` by itself")?;
    let output = tokio::process::Command::new(program).arg("test").arg("--project").arg(folder).output().await;
    let output = output.context("`centralita test` could not be started")?;
    let said = if output.stdout.is_empty() { &output.stderr } else { &output.stdout };
    let lines = String::from_utf8_lossy(said).lines().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect();
    Ok((output.status.success(), lines))
}
