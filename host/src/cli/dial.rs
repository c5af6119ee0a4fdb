//! `centralita dial`: calls somebody back, or everybody who is due.
//!
//! Lives here: its arguments, opening what `serve` would open, and what it says: never more of a number than its end.
//! Never here: who may be called (`twilio::outbound`).

use super::{Project, all, print};
use crate::app::App;
use crate::release::{Beginning, Checked, OUTBOUND_EXAMPLE, Outbound, Package};
use crate::seal::Keys;
use crate::settings;
use crate::store::Store;
use crate::twilio::PhoneNumber;
use crate::twilio::api::Api;
use crate::twilio::outbound::{Dialler, Outcome};
use anyhow::Context as _;
use centralita_engine::yaml::Severity;
use jiff::tz::TimeZone;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    project: Project,
    /// Calls this number, with country code.
    #[arg(long, value_name = "NUMBER", required_unless_present = "call_backs", conflicts_with = "call_backs")]
    to: Option<String>,
    /// Calls everybody whom the project's statement `call_backs` names.
    #[arg(long)]
    call_backs: bool,
    /// Calls so many of them, at most.
    #[arg(long, value_name = "N", requires = "call_backs")]
    limit: Option<u32>,
    /// Says who would be called, and calls nobody.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let to = args.to.as_deref().map(PhoneNumber::parse).transpose().context("--to")?;
    let variable = |name: &str| std::env::var(name).ok();
    let (account, store) = settings::dialling(&variable).map_err(|wrong| all(&wrong))?;
    let keys = Arc::new(Keys::from_variable(store.encryption_key.reveal())?);
    let database = Store::open(store.database_url.reveal(), keys.clone()).await?;
    let (rules, zone) = rules(&args.project.project, store.timezone.as_deref(), &database, &keys).await?;
    let api = Api::new(&account)?;
    let dialler = Dialler { store: &database, keys: &keys, api: &api, account: &account, rules: &rules, zone };
    match to {
        Some(number) => one(&dialler, &number, args.dry_run).await,
        None => due(&dialler, args.limit, args.dry_run).await,
    }
}

/// What the project that serves allows: as for `serve`, a release whose approval is missing allows nothing.
async fn rules(folder: &Path, timezone: Option<&str>, store: &Store, keys: &Keys) -> anyhow::Result<(Outbound, TimeZone)> {
    let package = Package::read(folder).map_err(|mistakes| all(&mistakes))?;
    let Beginning { package, instead_of, .. } = Beginning::of(package, folder, true, store, keys).await?;
    if let Some(instead) = instead_of {
        print(&format!("release {:.8} stays out ({}); the one before it says who may be called", instead.digest, instead.reason));
    }
    let checked = Checked::apart(&package).await;
    let errors: Vec<_> = checked.mistakes.iter().filter(|mistake| mistake.severity == Severity::Error).collect();
    anyhow::ensure!(errors.is_empty(), all(&errors));
    let zone = timezone.or_else(|| checked.project().map(|project| project.config.timezone.as_str())).unwrap_or("UTC");
    let zone = TimeZone::get(zone).with_context(|| format!("`{zone}` is no time zone; write an IANA name such as America/Mexico_City"))?;
    let outbound = checked.outbound.with_context(|| {
        format!("the project {} lets nobody be called; to allow it, write into its credentials.yml:\n\n{OUTBOUND_EXAMPLE}\n", folder.display())
    })?;
    Ok((outbound, zone))
}

async fn one(dialler: &Dialler<'_>, number: &PhoneNumber, dry_run: bool) -> anyhow::Result<ExitCode> {
    let outcome = if dry_run { dialler.rehearse(number, 0).await? } else { dialler.dial(number).await? };
    say(number, &outcome);
    if let Outcome::Barred(why) = &outcome
        && !dry_run
    {
        // Somebody asked for this one number: that it was refused is worth keeping.
        let record = serde_json::json!({ "what": "dial refused", "detail": why.to_string() });
        dialler.store.audit(App::now_ms(), &record).await?;
    }
    Ok(if matches!(outcome, Outcome::Queued | Outcome::Would) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn due(dialler: &Dialler<'_>, limit: Option<u32>, dry_run: bool) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        dialler.rules.call_backs.is_some(),
        "the project names no statement of call-backs; write `call_backs` under `outbound`:\n\n{OUTBOUND_EXAMPLE}\n"
    );
    let (numbers, odd) = dialler.call_backs().await?;
    let (mut called, mut tried, mut stopped) = (0, 0, false);
    for number in &numbers {
        if limit.is_some_and(|limit| called >= limit) {
            break;
        }
        let outcome = if dry_run { dialler.rehearse(number, called).await? } else { dialler.dial(number).await? };
        say(number, &outcome);
        tried += 1;
        called += u32::from(matches!(outcome, Outcome::Queued | Outcome::Unknown(_) | Outcome::Would));
        if outcome.ends_all() {
            stopped = true;
            break;
        }
    }
    if odd > 0 {
        print(&format!("{odd} rows hold no telephone number; write E.164 into them, such as +525512345678"));
    }
    let verb = if dry_run { "would be called" } else { "called" };
    print(&format!("{called} {verb} of {} due, {} not tried", numbers.len(), numbers.len() - tried));
    Ok(if stopped { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn say(number: &PhoneNumber, outcome: &Outcome) {
    print(&format!("…{}: {outcome}", number.last_four()));
}
