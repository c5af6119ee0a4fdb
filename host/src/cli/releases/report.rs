//! `centralita plugin report`: a release from a reviewer's side.
//!
//! Lives here: its arguments and what is printed.
//! Never here: granting, approving.

use super::super::installation::Installation;
use super::{Project, folder, named, print};
use crate::grants::{Authority, Effective, Grants, Manifest, PluginGrant, effective};
use crate::release::{Approvals, HISTORY, Package, Terms, UNREADABLE, crates, imports, plainly};
use crate::sandbox::manifest_of;
use crate::seal::hex;
use sha2::{Digest as _, Sha256};

#[derive(clap::Args)]
pub(in crate::cli) struct Report {
    #[command(flatten)]
    project: Project,
    /// A release of the store in place of the folder's, by the first digits of its digest.
    #[arg(long)]
    release: Option<String>,
}

pub(super) async fn run(args: &Report) -> anyhow::Result<()> {
    let (digest, package) = match &args.release {
        Some(digits) => named(digits).await?,
        None => {
            let package = folder(&args.project.project)?;
            (package.digest(), package)
        }
    };
    let grants = match package.files.get("plugins.yml") {
        Some(text) => Grants::parse("plugins.yml", text).map_err(|mistakes| crate::cli::all(&mistakes))?,
        None => Grants::default(),
    };
    print(&format!("release {digest}: {}", approved(args, &digest, &grants).await?));
    for (name, grant) in &grants.plugins {
        print("");
        plugin(name, grant, &grants, &package);
    }
    for (name, binding) in &grants.bindings {
        print(&format!("\nbinding {name}: {}", crate::release::rules(&package, "bindings", name).join("; ")));
        let variables: Vec<&str> = binding.variables().into_iter().flatten().collect();
        print(&format!("  variables: {}", variables.join(", ")));
    }
    for name in grants.statements.keys() {
        print(&format!("\nstatement {name}: {}", crate::release::rules(&package, "statements", name).join("; ")));
    }
    Ok(())
}

/// By whom, as far as the folder's approval or the store's says.
async fn approved(args: &Report, digest: &str, grants: &Grants) -> anyhow::Result<String> {
    if grants.reviewers.is_empty() {
        return Ok("unreviewed, plugins.yml names no `reviewers`".into());
    }
    let installation = Installation::there().await?;
    let served = match &installation {
        Some(installation) => installation.store.served(HISTORY).await?,
        None => Vec::new(),
    };
    let mut approvals = Approvals::read(&args.project.project, digest)?;
    if let (None, Some(installation)) = (&approvals, &installation)
        && let Some(kept) = installation.store.artifact(&format!("approval:{digest}")).await?
    {
        approvals = Some(Approvals::parse(&kept.bytes)?);
    }
    let terms = Terms { reviewers: &grants.reviewers, authors: &grants.authors, release: digest, served: &served, now: jiff::Timestamp::now() };
    Ok(match approvals.unwrap_or_default().check(&terms) {
        Ok(approval) => {
            let author = approval.author.map(|author| format!(", made by {author}")).unwrap_or_default();
            format!("approved by {}{author}, may go live until {}", approval.reviewer, approval.expires_at)
        }
        Err(why) => format!("not approved: {why}"),
    })
}

fn plugin(name: &str, grant: &PluginGrant, grants: &Grants, package: &Package) {
    let Some(wasm) = package.components.get(name) else {
        print(&format!("plugin {name}: {} is not there", grant.component));
        return;
    };
    print(&format!("plugin {name}: sha256:{}, {} bytes, {}", hex(&Sha256::digest(wasm)), wasm.len(), grant.component));
    let manifest = manifest_of(wasm).and_then(|text| Manifest::parse("plugin.yml", &text).ok());
    let (in_force, notes) = match &manifest {
        Some(manifest) => effective(manifest, grant),
        None => {
            print("  it carries no manifest that can be read: it does not load");
            return;
        }
    };
    for (action, authority) in &in_force.actions {
        print(&format!("  action {action}{}: {}", if in_force.later.contains(action) { " (owed until it succeeds)" } else { "" }, touches(authority)));
        print(&format!("    limits: {}", limits(&in_force, action, grants)));
    }
    print(&format!("  free text: {}", if grant.speak { "granted" } else { "no, it names responses" }));
    match imports(wasm) {
        Some(imports) => imports.iter().for_each(|(interface, functions)| print(&plainly(&format!("  imports {interface}: {}", functions.join(", "))))),
        None => print(&format!("  imports: {UNREADABLE}")),
    }
    match crates(wasm) {
        Some(crates) => {
            let named = crates.iter().map(|one| format!("{} {} ({})", one.name, one.version, one.source)).collect::<Vec<_>>().join(", ");
            print(&plainly(&format!("  {} crates: {named}", crates.len())));
        }
        None => print("  crates: not written down; build it with `cargo auditable` to have them here"),
    }
    notes.iter().for_each(|note| print(&plainly(&format!("  note: it {note}"))));
}

fn touches(authority: &Authority) -> String {
    let sets = authority.sets().into_iter().filter(|(_, names)| !names.is_empty());
    let said = sets.map(|(key, names)| format!("{key} {}", names.iter().cloned().collect::<Vec<_>>().join(", "))).collect::<Vec<_>>().join("; ");
    if said.is_empty() { "nothing".into() } else { said }
}

fn limits(in_force: &Effective, action: &str, grants: &Grants) -> String {
    let limits = in_force.limits_of(action, grants);
    format!(
        "{} ms in all, {} ms a host call, {} ms of CPU, {} MiB, {} host calls, {} bytes out, {} bytes of log, {} at once",
        limits.run.as_millis(),
        limits.host_call.as_millis(),
        limits.cpu.as_millis(),
        limits.memory_mib,
        limits.host_calls,
        limits.output_bytes,
        limits.log_bytes,
        limits.concurrent
    )
}
