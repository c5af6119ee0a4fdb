//! `centralita plugin diff, report, key, sign, approve, rollback, kill`: what goes live, and what is taken back.
//!
//! Lives here: the arguments, and what several of the commands need: a release by name.
//! Never here: what makes an approval hold or an order obeyed (`release`).

mod approve;
mod compare;
mod report;
mod stop;

use super::installation::Installation;
use super::{Project, print};
use crate::release::Package;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Says what is different between two releases: project folders, `.wasm` files or digests of the store.
    Diff(compare::Diff),
    /// Says what each plugin of a release may touch, its limits, where it is from and what is inside.
    Report(report::Report),
    /// Makes a key to sign with, or prints the public half of one that is there.
    Key(approve::Key),
    /// Signs a release as its author.
    Sign(approve::Sign),
    /// Shows what a release changes and approves it as a reviewer.
    Approve(approve::Approve),
    /// Has new calls begin with the release before the one that serves, on every host of the database.
    Rollback(stop::Rollback),
    /// Stops an action, a version or a binding on every host of the database; `--lift` ends that.
    Kill(stop::Kill),
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Diff(args) => compare::run(&args).await,
        Command::Report(args) => report::run(&args).await,
        Command::Key(args) => approve::key(&args),
        Command::Sign(args) => approve::sign(&args),
        Command::Approve(args) => approve::approve(&args).await,
        Command::Rollback(args) => stop::rollback(&args).await,
        Command::Kill(args) => stop::kill(&args).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

/// A project's folder, read.
fn folder(path: &Path) -> anyhow::Result<Package> {
    Package::read(path).map_err(|mistakes| super::all(&mistakes))
}

/// A release as people name it: a folder, a component by itself, or a digest of the store.
async fn named(name: &str) -> anyhow::Result<(String, Package)> {
    let path = PathBuf::from(name);
    if path.is_dir() {
        let package = folder(&path)?;
        return Ok((package.digest(), package));
    }
    if name.ends_with(".wasm") {
        let bytes = std::fs::read(&path).with_context(|| format!("{name} cannot be read"))?;
        let mut package = Package::default();
        package.components.insert("component".to_owned(), bytes);
        return Ok((package.digest(), package));
    }
    anyhow::ensure!(
        name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "`{name}` is neither a project's folder, a `.wasm` file nor the digits of a digest"
    );
    Installation::open().await?.kept(&name.to_ascii_lowercase()).await
}
