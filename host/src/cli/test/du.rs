//! `centralita test du`: whether what callers say is understood as it should be.
//!
//! Lives here: the files, one line a turn that is misunderstood, the scores.
//! Never here: comparing commands (`e2e::du`).

use super::{Test, cache, dev, keep, print, read};
use crate::e2e::{House, Opening, Recorded, Runner, du};
use std::process::ExitCode;
use std::sync::Arc;

/// Where these tests are when nothing is named.
const USUAL: &str = "dialogue_understanding_tests";

pub(super) async fn run(test: Test) -> anyhow::Result<ExitCode> {
    let suites = read(&test, USUAL)?;
    dev::build(&test.project.project).await?;
    let stubbed = suites.iter().any(|(_, suite)| suite.stubs.is_some());
    let real = suites.iter().any(|(_, suite)| suite.stubs.is_none());
    let house = House::open(Opening { project: &test.project.project, cache: cache(), stubbed, real, live: test.record }).await?;
    let runner = Runner { app: house.app(), record: test.record };
    let mut score = du::Score::default();
    let mut lines = Vec::new();
    let mut wrong = 0;
    'run: for (path, suite) in &suites {
        let mut recorded = Recorded::of(path).map_err(anyhow::Error::msg)?;
        let stubs = suite.stubs.clone().map(Arc::new);
        for case in &suite.cases {
            house.clean().await?;
            let understood = runner.understand(suite, stubs.as_ref(), case, &mut recorded).await;
            for turn in &understood.turns {
                score.add(&turn.comparison);
            }
            let failed = understood.failed();
            wrong += usize::from(failed);
            lines.extend(understood.lines());
            understood.lines().iter().for_each(|line| print(line));
            if failed && test.fail_fast {
                break 'run;
            }
        }
        if let Some(path) = recorded.keep().map_err(anyhow::Error::msg)? {
            print(&format!("recorded: {}", path.display()));
        }
    }
    house.close();
    print("");
    print(&score.table());
    if let Some(path) = test.output.flatten() {
        keep(&path, &(lines.join("\n") + "\n\n" + &score.table()))?;
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
