//! `centralita validate`: every mistake of a project, and nothing else.
//!
//! Lives here: printing findings, the exit code.
//! Never here: the checks (`release`, the engine).

use super::{Project, print};
use crate::release::{Checked, Package};
use crate::sandbox::Sandbox;
use centralita_engine::yaml::{At, Mistake, Severity};
use std::process::ExitCode;

pub(super) fn run(project: &Project) -> ExitCode {
    let started = std::time::Instant::now();
    let mistakes = match Package::read(&project.project) {
        Err(mistakes) => mistakes,
        Ok(package) => {
            let checked = Checked::of(&package);
            let mut mistakes = components(&package, &checked);
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

/// Components that are there are loaded; those that are not built yet are no mistake.
fn components(package: &Package, checked: &Checked) -> Vec<Mistake> {
    if package.components.is_empty() {
        return Vec::new();
    }
    let mistake =
        |name: &str, message: String| Mistake { path: format!("plugins/{name}.wasm"), at: At { line: 1, column: 1 }, severity: Severity::Error, message };
    let sandbox = match Sandbox::new(None) {
        Ok(sandbox) => sandbox,
        Err(error) => return vec![mistake("*", format!("no sandbox could be started to check it: {error:#}"))],
    };
    let load = |(name, bytes): (&String, &Vec<u8>)| sandbox.load(name, bytes, &checked.offer(name)).err().map(|error| mistake(name, error.to_string()));
    package.components.iter().filter_map(load).collect()
}
