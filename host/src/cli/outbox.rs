//! `centralita outbox`: what is owed to callers and not delivered.
//!
//! Lives here: listing it, and making what was given up due again.
//! Never here: delivering (`owed`).

use super::installation::Installation;
use super::print;
use crate::app::App;
use crate::store::OwedState;
use serde_json::json;
use std::process::ExitCode;

/// Rows that are listed, at most.
const MOST: u32 = 10_000;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// A line of JSON for each.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Makes a run that was given up due again; the server's worker takes it on within a second.
    Redrive {
        /// The call, as the list names it.
        #[arg(required_unless_present = "all", requires = "run")]
        call: Option<String>,
        /// The run, as the list names it.
        run: Option<u64>,
        /// Everything that was given up.
        #[arg(long, conflicts_with = "call")]
        all: bool,
    },
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let installation = Installation::open().await?;
    match args.command {
        None => list(&installation, args.json).await,
        Some(Command::Redrive { call, run, .. }) => redrive(&installation, call.as_deref().zip(run)).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

async fn list(installation: &Installation, as_json: bool) -> anyhow::Result<()> {
    let rows = installation.store.outbox(MOST).await?;
    for row in &rows {
        // A conversation's own name may be a person's number.
        let call = installation.store.chain_of(&row.call);
        let at =
            jiff::Timestamp::from_millisecond(row.next_at_ms).map_or_else(|_| row.next_at_ms.to_string(), |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        let why = row.last_error.as_deref().unwrap_or("-");
        let line = match (as_json, row.state) {
            (true, state) => {
                json!({"call": call, "run": row.run, "action": row.action, "state": state.as_str(), "attempts": row.attempts, "at": at, "last": why})
                    .to_string()
            }
            (false, OwedState::Dead) => format!("given up  {call} run {}  {}  {why} at attempt {}, {at}", row.run, row.action, row.attempts),
            (false, _) => format!("due       {call} run {}  {}  {why} at attempt {}, next {at}", row.run, row.action, row.attempts),
        };
        print(&line);
    }
    if !as_json {
        let dead = rows.iter().filter(|row| row.state == OwedState::Dead).count();
        print(&format!(
            "{} due, {dead} given up{}",
            rows.len() - dead,
            if dead > 0 { "; to try again: centralita outbox redrive CALL RUN, or --all" } else { "" }
        ));
    }
    Ok(())
}

/// One run that was given up, or all of them.
async fn redrive(installation: &Installation, one: Option<(&str, u64)>) -> anyhow::Result<()> {
    let mut again = 0;
    for row in installation.store.outbox(MOST).await?.into_iter().filter(|row| row.state == OwedState::Dead) {
        let call = installation.store.chain_of(&row.call);
        if one.is_none_or(|one| one == (call.as_str(), row.run)) && installation.store.owed_redrive(&row.call, row.run, App::now_ms()).await? {
            installation.store.audit(App::now_ms(), &json!({"what": "redriven", "call": call, "run": row.run})).await?;
            again += 1;
        }
    }
    if let Some((call, run)) = one {
        anyhow::ensure!(again > 0, "run {run} of call {call} is not given up; `centralita outbox` lists what is");
    }
    print(&format!("{again} due again"));
    Ok(())
}
