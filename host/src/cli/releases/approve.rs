//! `centralita plugin key, sign, approve`: what people with keys do, on their own machine.
//!
//! Lives here: their arguments, what a reviewer is shown, what is written beside the project.
//! Never here: what makes an approval hold (`release/approval.rs`).

use super::super::installation::Installation;
use super::{Project, folder, named, print};
use crate::grants::{Grants, PublicKey};
use crate::release::{Approvals, Approved, Authored, Difference, Package, SigningKey};
use anyhow::Context as _;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(in crate::cli) struct Key {
    /// The file: made when it is not there, with nobody but its owner reading it.
    file: PathBuf,
}

#[derive(clap::Args)]
pub(in crate::cli) struct Sign {
    #[command(flatten)]
    project: Project,
    /// The author's key, PKCS#8 in PEM.
    #[arg(long)]
    key: PathBuf,
}

#[derive(clap::Args)]
pub(in crate::cli) struct Approve {
    #[command(flatten)]
    project: Project,
    /// The reviewer's key, PKCS#8 in PEM.
    #[arg(long)]
    key: PathBuf,
    /// The author's public key, where the author has not signed.
    #[arg(long)]
    author: Option<String>,
    /// What serves: a folder, or a digest of the store. Without it what the installation of the environment served last.
    #[arg(long, value_name = "OLD")]
    against: Option<String>,
    /// For how many days the release may go live.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=365))]
    days: u16,
    /// Does not ask.
    #[arg(long)]
    yes: bool,
}

pub(super) fn key(args: &Key) -> anyhow::Result<()> {
    let key = if args.file.exists() { SigningKey::read(&args.file)? } else { SigningKey::make(&args.file)? };
    print(&key.public().to_string());
    Ok(())
}

pub(super) fn sign(args: &Sign) -> anyhow::Result<()> {
    let project = &args.project.project;
    let (package, key) = (folder(project)?, SigningKey::read(&args.key)?);
    let digest = package.digest();
    let authors = grants(&package)?.authors;
    anyhow::ensure!(
        authors.is_empty() || authors.values().any(|author| *author == key.public()),
        "{} is no key of `authors` in plugins.yml; add it there, which makes another release",
        key.public()
    );
    let mut approvals = Approvals::read(project, &digest)?.unwrap_or_default();
    approvals.author(&key, &Authored { release: digest.clone() })?;
    let path = approvals.write(project, &digest)?;
    print(&format!("release {digest} is signed by its author: {}", path.display()));
    Ok(())
}

pub(super) async fn approve(args: &Approve) -> anyhow::Result<()> {
    let project = &args.project.project;
    let (package, key) = (folder(project)?, SigningKey::read(&args.key)?);
    let digest = package.digest();
    let mut approvals = Approvals::read(project, &digest)?.unwrap_or_default();
    let said = args.author.as_deref().map(PublicKey::parse).transpose()?;
    let author = approvals.author_of(&digest).or(said);
    anyhow::ensure!(author != Some(key.public()), "this is the author's own key; another reviewer must approve release {digest}");
    let (previous, before) = previous(args).await?.unzip();
    let difference = Difference::between(before.as_ref(), &package);
    show(&digest, previous.as_deref(), &difference);
    if !args.yes {
        anyhow::ensure!(std::io::stdin().is_terminal(), "nobody is there to be asked; read the difference and add `--yes`");
        print(&format!("Type `approve {digest:.8}` to sign:"));
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        anyhow::ensure!(answer.trim() == format!("approve {digest:.8}"), "nothing is signed");
    }
    let now = jiff::Timestamp::now();
    let statement = Approved {
        release: digest.clone(),
        previous,
        author: author.map(|author| author.to_string()),
        widens: difference.widens(),
        changes: difference.lines(),
        approved_at: now,
        expires_at: now + jiff::SignedDuration::from_hours(24 * i64::from(args.days)),
    };
    approvals.approve(&key, &statement)?;
    let path = approvals.write(project, &digest)?;
    print(&format!("release {digest} is approved until {}: {}", statement.expires_at, path.display()));
    let reviewers = grants(&package)?.reviewers;
    if !reviewers.values().any(|reviewer| *reviewer == key.public()) {
        print(&format!("note: {} is no key of this release's `reviewers`; it counts where the release that serves names it", key.public()));
    }
    Ok(())
}

/// An equal set of capabilities makes the review short; it is never skipped.
fn show(digest: &str, previous: Option<&str>, difference: &Difference) {
    let with = previous.map_or("nothing: name what serves with `--against`".to_owned(), |previous| format!("{previous:.12}"));
    print(&format!("release {digest:.12}, compared with {with}: {}", difference.summary()));
    difference.lines().iter().for_each(|line| print(line));
}

/// What the release is compared with.
async fn previous(args: &Approve) -> anyhow::Result<Option<(String, Package)>> {
    if let Some(name) = &args.against {
        return named(name).await.map(Some);
    }
    let Some(installation) = Installation::there().await? else { return Ok(None) };
    match installation.store.served(1).await?.first() {
        Some(last) => installation.kept(last).await.map(Some),
        None => Ok(None),
    }
}

fn grants(package: &Package) -> anyhow::Result<Grants> {
    let text = package.files.get("plugins.yml").context("the project has no plugins.yml, hence no `reviewers`")?;
    Grants::parse("plugins.yml", text).map_err(|mistakes| crate::cli::all(&mistakes))
}
