//! `centralita audit`: does the audit hold, and what does it say.
//!
//! Lives here: reading both sides, printing what was found.
//! Never here: what counts as a finding (`audit`).

use super::print;
use crate::audit::{Checkpoint, Checkpoints, Signer, Verdict, verify};
use crate::grants::PublicKey;
use crate::settings;
use crate::store::{AuditRow, Store};
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Chains read at a time.
const PAGE: u32 = 500;

#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Holds every record of the database against the signed checkpoints outside it; exit code 1 when something is not as it was.
    Verify {
        /// Files of checkpoints, one for each host that serves; without any, `CENTRALITA_AUDIT_FILE`.
        #[arg(long, num_args = 1.., value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
        /// The key checkpoints are checked with, as `audit show` prints it; without it, the one of `ENCRYPTION_KEY`.
        #[arg(long, value_name = "KEY", value_parser = PublicKey::parse)]
        public: Option<PublicKey>,
    },
    /// Prints the records of a call, or the host's own, and the key checkpoints are checked with.
    Show {
        /// The call.
        call: Option<String>,
    },
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let installation = Installation::open().await?;
    match args {
        Args::Verify { checkpoints, public } => {
            let files = if checkpoints.is_empty() { vec![installation.file.clone()] } else { checkpoints };
            installation.verify(&files, &public.unwrap_or(installation.public)).await
        }
        Args::Show { call } => installation.show(call.as_deref()).await,
    }
}

/// The database and keys that the variables name, as for `serve`; where `dev` made them, its own.
struct Installation {
    store: Store,
    public: PublicKey,
    file: PathBuf,
}

impl Installation {
    async fn open() -> anyhow::Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let (url, key) =
            super::dev::database(&variable).context("ENCRYPTION_KEY is not set, and `dev` made none here; write the key the database was sealed under")?;
        let keys = Arc::new(crate::seal::Keys::from_variable(&key)?);
        let public = Signer::new(&keys).public();
        let file = variable("CENTRALITA_AUDIT_FILE").unwrap_or_else(|| settings::AUDIT_FILE.to_owned()).into();
        Ok(Self { store: Store::open(&url, keys).await?, public, file })
    }

    async fn verify(&self, files: &[PathBuf], public: &PublicKey) -> anyhow::Result<ExitCode> {
        let mut sealed: Vec<Checkpoint> = Vec::new();
        for file in files {
            sealed.extend(read(file, public)?);
        }
        sealed.sort_by_key(|checkpoint| checkpoint.at_ms);
        let chains = self.chains().await?;
        let Verdict { chains, records, young, findings } = verify(&chains, &sealed);
        findings.iter().for_each(|finding| print(&format!("FOUND: {finding}")));
        let word = if findings.is_empty() { "holds" } else { "DOES NOT HOLD" };
        print(&format!(
            "The audit {word}: {records} records in {chains} chains against {} checkpoints, {young} records too young for one, {} findings",
            sealed.len(),
            findings.len()
        ));
        Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn chains(&self) -> anyhow::Result<BTreeMap<String, Vec<AuditRow>>> {
        let mut chains = BTreeMap::new();
        let mut after: Option<String> = None;
        loop {
            let names = self.store.audit_chains(after.as_deref(), PAGE).await?;
            let Some(last) = names.last() else { return Ok(chains) };
            after = Some(last.clone());
            for name in names {
                let rows = self.store.audit_chain(Some(&name)).await?;
                chains.insert(name, rows);
            }
        }
    }

    async fn show(&self, call: Option<&str>) -> anyhow::Result<ExitCode> {
        let rows = self.store.audit_chain(call).await?;
        for row in &rows {
            let at = jiff::Timestamp::from_millisecond(row.at_ms).map_or_else(|_| row.at_ms.to_string(), |at| at.to_string());
            print(&format!("{:>5}  {at}  {}", row.n, row.record));
        }
        if rows.is_empty() {
            print("no records");
        }
        print(&format!("checkpoints are signed under {}", self.public));
        Ok(ExitCode::SUCCESS)
    }
}

fn read(file: &Path, public: &PublicKey) -> anyhow::Result<Vec<Checkpoint>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read; name the checkpoints with --checkpoints", file.display()))?;
    Ok(Checkpoints::read(&text, public).with_context(|| format!("FOUND: {}", file.display()))?.all)
}
