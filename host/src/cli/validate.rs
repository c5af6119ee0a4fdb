//! `centralita validate`: every mistake of a project, and nothing else.
//!
//! Lives here: printing findings, the exit code.
//! Never here: the checks (`release`, the engine).

use super::{Project, print};
use crate::release::{Checked, Package};
use crate::sandbox::Sandbox;
use centralita_engine::yaml::{At, Mistake, Severity};
use std::process::ExitCode;

pub(super) async fn run(project: &Project) -> ExitCode {
    let started = std::time::Instant::now();
    let mistakes = match Package::read(&project.project) {
        Err(mistakes) => mistakes,
        Ok(package) => {
            let checked = Checked::of(&package);
            let mut mistakes = components(&package, &checked).await;
            mistakes.splice(0..0, checked.mistakes);
            mistakes
        }
    };
    let errors = mistakes.iter().filter(|mistake| mistake.severity == Severity::Error).count();
    for mistake in &mistakes {
        print(&mistake.to_string());
    }
    print(&format!("{}: {errors} errors, {} warnings in {} ms", project.project.display(), mistakes.len() - errors, started.elapsed().as_millis()));
    if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Components that are there are checked as a start would check them; those that are not built yet are no mistake.
async fn components(package: &Package, checked: &Checked) -> Vec<Mistake> {
    if package.components.is_empty() {
        return Vec::new();
    }
    match Sandbox::new(None) {
        Ok(sandbox) => checked.components(package, &sandbox).await,
        Err(error) => {
            let message = format!("no sandbox could be started to check the components: {error:#}");
            vec![Mistake { path: "plugins".into(), at: At { line: 1, column: 1 }, severity: Severity::Error, message }]
        }
    }
}
