//! `centralita test`: conversations as tests.
//!
//! Lives here: the files that are wanted, what is printed and written, the exit code.
//! Never here: holding and judging conversations, and the installation they are held in (`e2e`).

use super::{Test, all, dev, print, print_error};
use crate::e2e::{Case, Coverage, House, Opening, Ran, Recorded, Runner, Suite, find, report, suite, transcript};
use anyhow::Context as _;
use centralita_engine::yaml::Severity;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

mod du;

/// Where tests are when nothing is named: the first of these that is there.
const USUAL: [&str; 3] = ["tests", "e2e_tests", "tests/e2e_test_cases.yml"];

pub(super) async fn run(mut test: Test) -> anyhow::Result<ExitCode> {
    match test.files.first().map(String::as_str) {
        Some("du") => {
            test.files.remove(0);
            return du::run(test).await;
        }
        Some("e2e") => {
            test.files.remove(0);
        }
        Some(_) | None => {}
    }
    let usual = USUAL.into_iter().find(|usual| test.project.project.join(usual).exists()).unwrap_or(USUAL[0]);
    let suites = read(&test, usual)?;
    let stubbed = suites.iter().any(|(_, suite)| suite.stubs.is_some());
    let real = suites.iter().any(|(_, suite)| suite.stubs.is_none());
    dev::build(&test.project.project).await?;
    let house = House::open(Opening { project: &test.project.project, cache: cache(), stubbed, real, live: test.record }).await?;
    let release = house.app().releases.current();
    let runner = Runner { app: house.app(), record: test.record };
    let mut coverage = Coverage::new(&release.project);
    let (mut all, mut cases) = (Vec::new(), Vec::new());
    'run: for (path, suite) in &suites {
        let mut recorded = Recorded::of(path).map_err(anyhow::Error::msg)?;
        let stubs = suite.stubs.clone().map(Arc::new);
        for case in &suite.cases {
            house.clean().await?;
            let ran = runner.run(suite, stubs.as_ref(), case, &mut recorded).await;
            print(&report::line(&ran));
            ran.notes.iter().for_each(|note| print(&format!("      note: {note}")));
            if let Some(failure) = report::failure(&ran) {
                print(&failure);
            }
            coverage.walked(&ran.events);
            let stop = test.fail_fast && ran.failure.is_some();
            all.push(ran);
            cases.push(case);
            if stop {
                break 'run;
            }
        }
        if let Some(path) = recorded.keep().map_err(anyhow::Error::msg)? {
            print(&format!("recorded: {}", path.display()));
        }
    }
    house.close();
    print("");
    print(&report::summary(&all));
    write(&test, &suites, &all, &cases, &coverage)?;
    Ok(if all.iter().all(|ran| ran.failure.is_none()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The files a run leaves.
fn write(test: &Test, suites: &[(PathBuf, Suite)], all: &[Ran], cases: &[&Case], coverage: &Coverage<'_>) -> anyhow::Result<()> {
    if let Some(path) = &test.output {
        let path = match path {
            Some(path) => path.clone(),
            None => suites.first().and_then(|(file, _)| file.parent()).unwrap_or(Path::new(".")).join("e2e_results.yml"),
        };
        keep(&path, &report::results(all.iter().zip(cases.iter().copied())))?;
    }
    if let Some(path) = &test.junit {
        keep(path, &report::junit(all)?)?;
    }
    if let Some(path) = &test.events {
        let lines: Vec<String> = all.iter().flat_map(|ran| transcript::canonical(&format!("{}::{}", ran.file, ran.name), &ran.events)).collect();
        keep(path, &(lines.join("\n") + "\n"))?;
    }
    if test.coverage {
        print(&coverage.table());
        keep(&test.coverage_output.join("coverage.csv"), &coverage.csv())?;
    }
    Ok(())
}

fn keep(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// The files that are wanted, read, with their cases that are.
fn read(test: &Test, usual: &str) -> anyhow::Result<Vec<(PathBuf, Suite)>> {
    let mut suites: Vec<(PathBuf, Suite)> = Vec::new();
    let mut wrong = Vec::new();
    for chosen in find(&test.project.project, &test.files, usual)? {
        let text = std::fs::read_to_string(&chosen.file).with_context(|| format!("{} cannot be read", chosen.file.display()))?;
        let (mut suite, mistakes) = suite(&chosen.file.display().to_string(), &text);
        for mistake in mistakes {
            match mistake.severity {
                Severity::Error => wrong.push(mistake),
                Severity::Warning => print_error(&mistake.to_string()),
            }
        }
        if let Some(name) = &chosen.case {
            suite.cases.retain(|case| case.name == *name);
            if suite.cases.is_empty() {
                anyhow::bail!("{} has no case `{name}`", chosen.file.display());
            }
        }
        suites.push((chosen.file, suite));
    }
    if wrong.is_empty() { Ok(suites) } else { Err(all(&wrong)) }
}

/// Where compiled components are kept between runs: a folder of this user's own.
pub(super) fn cache() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")))?;
    let ours = base.join("centralita").join("compiled");
    // Without a cache everything is compiled anew; nothing else changes.
    std::fs::create_dir_all(&ours).ok().map(|()| ours)
}
