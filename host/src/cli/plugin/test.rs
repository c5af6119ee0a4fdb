//! `centralita plugin test`: the cases of plugins, against their components.
//!
//! Lives here: building what is tested, a line for each case, the exit code; the same for `dev` after a save.
//! Never here: running and judging cases (`author`).

use super::super::{Project, all, dev, print, test::cache};
use super::source;
use crate::author::{Bench, Kept, Ran, Report, Suite};
use crate::e2e::STAND_IN;
use crate::grants::Grants;
use crate::plugins_build::{self, Candidate, Source};
use crate::sandbox::Sandbox;
use crate::seal::Keys;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// The arguments of `plugin test`.
#[derive(clap::Args)]
pub(in crate::cli) struct Test {
    /// Plugins or their folders; all that `plugins.yml` names and that have sources here, if none is named.
    plugins: Vec<String>,
    #[command(flatten)]
    project: Project,
    /// Writes what the host was asked as the trace that later runs are held against.
    #[arg(long)]
    accept: bool,
    /// Runs the first case so many times more and prints the median.
    #[arg(long, value_name = "N", default_value_t = 0)]
    runs: u32,
}

pub(in crate::cli) async fn run(args: &Test) -> anyhow::Result<ExitCode> {
    let project = &args.project.project;
    let grants = dev::grants(project)?;
    let sources = match (&args.plugins, &grants) {
        (named, _) if !named.is_empty() => named.iter().map(|plugin| source(plugin, project)).collect::<anyhow::Result<Vec<_>>>()?,
        (_, Some(grants)) => dev::sources(project, grants)?,
        (_, None) => anyhow::bail!("name a plugin: {} has no plugins.yml", project.display()),
    };
    let began = Instant::now();
    let candidates = plugins_build::compile(&sources).await?;
    print(&format!(
        "built {} in {:.1} s",
        if sources.len() == 1 { sources[0].name.clone() } else { format!("{} plugins", sources.len()) },
        began.elapsed().as_secs_f32()
    ));
    let keys = Arc::new(Keys::from_variable(STAND_IN)?);
    let sandbox = Sandbox::new(crate::server::cache(cache().as_deref(), &keys))?;
    let (mut cases, mut failed) = (0, false);
    for (source, candidate) in sources.iter().zip(&candidates) {
        let suites = Suite::all(&source.folder).map_err(|mistakes| all(&mistakes))?;
        if suites.is_empty() {
            print(&format!("{}: no cases; write some in {}", source.name, source.folder.join("tests").display()));
        }
        let bench = Bench::open(&sandbox, &source.name, &candidate.component, &candidate.symbols, grants.as_ref()).await?;
        print(&format!("{}: {} bytes, loaded in {} ms", source.name, candidate.component.len(), bench.loaded.as_millis()));
        for suite in &suites {
            let report = bench.suite(suite, args.accept).await?;
            cases += report.ran.len();
            failed |= !report.passes();
            show(&report);
        }
        if let Some(case) = suites.first().and_then(|suite| suite.cases.first()).filter(|_| args.runs > 0) {
            let median = bench.median(case, args.runs).await;
            print(&format!("  `{}`, {} runs: median {:.3} ms each, a fresh sandbox included", case.name, args.runs, median.as_secs_f64() * 1000.0));
        }
    }
    print(&format!("{cases} cases, {}", if failed { "not all as they should be" } else { "all as they should be" }));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Runs a built plugin's cases for `dev`: how many there are, and whether all pass. What does not is printed.
pub(in crate::cli) async fn prove(
    sandbox: &Sandbox,
    source: &Source,
    candidate: &Candidate,
    suites: &[Suite],
    grants: &Grants,
) -> anyhow::Result<(usize, bool)> {
    let bench = Bench::open(sandbox, &source.name, &candidate.component, &candidate.symbols, Some(grants)).await?;
    let (mut cases, mut passes) = (0, true);
    for suite in suites {
        let report = bench.suite(suite, false).await?;
        cases += report.ran.len();
        if !report.passes() {
            passes = false;
            show(&report);
        }
    }
    Ok((cases, passes))
}

fn show(report: &Report) {
    report.ran.iter().for_each(line);
    match &report.trace {
        Kept::Same => {}
        Kept::None => print("  no trace is kept of these cases; `--accept` writes it"),
        Kept::Written(path) => print(&format!("  wrote {}", path.display())),
        Kept::Differs { path, diff } => {
            print(&format!("  the host was asked something else than {} says (`--accept` keeps the new trace):\n{diff}", path.display()))
        }
    }
}

fn line(ran: &Ran) {
    let verdict = if ran.wrong.is_empty() { "ok  " } else { "FAIL" };
    let spent = &ran.spent;
    print(&format!(
        "  {verdict} {}  ({:.2} ms, {:.1} MiB, {} host calls, {} bytes out)",
        ran.name,
        spent.time.as_secs_f64() * 1000.0,
        spent.memory as f64 / f64::from(1 << 20),
        spent.host_calls,
        spent.output_bytes
    ));
    ran.wrong.iter().for_each(|wrong| print(&format!("       {wrong}")));
    ran.notes.iter().for_each(|note| print(&format!("       note: {note}")));
    ran.places.iter().for_each(|place| print(&format!("       in {place}")));
}
