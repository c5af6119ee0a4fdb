//! `centralita validate`: every mistake of a project, and nothing else.
//!
//! Lives here: printing findings, the exit code.
//! Never here: the checks (`release`, the engine).

use super::{Project, print};
use crate::release::{Checked, Package};
use crate::sandbox::Sandbox;
use centralita_engine::yaml::{At, Mistake, Severity};
use std::path::Path;
use std::process::ExitCode;

/// The arguments of `centralita validate`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) project: Project,
    /// Ends with 1 when there are warnings, not only for errors.
    #[arg(long)]
    pub(super) fail_on_warnings: bool,
    /// Prints one JSON object with every finding and the line it is about.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) async fn run(args: &Args) -> ExitCode {
    let started = std::time::Instant::now();
    let folder = &args.project.project;
    let (package, mistakes) = findings(folder).await;
    let errors = mistakes.iter().filter(|mistake| mistake.severity == Severity::Error).count();
    let warnings = mistakes.len() - errors;
    if args.json {
        print(&json(&package, &mistakes).to_string());
    } else {
        mistakes.iter().for_each(|mistake| print(&mistake.to_string()));
        print(&format!("{}: {errors} errors, {warnings} warnings in {} ms", folder.display(), started.elapsed().as_millis()));
    }
    if errors == 0 && !(args.fail_on_warnings && warnings > 0) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The files of a project and everything found in them.
pub(super) async fn findings(folder: &Path) -> (Package, Vec<Mistake>) {
    match Package::read(folder) {
        Err(mistakes) => (Package::default(), mistakes),
        Ok(package) => {
            let checked = Checked::of(&package);
            let mut mistakes = components(&package, &checked).await;
            mistakes.splice(0..0, checked.mistakes);
            (package, mistakes)
        }
    }
}

fn json(package: &Package, mistakes: &[Mistake]) -> serde_json::Value {
    let found = mistakes.iter().map(|mistake| {
        let text = package.files.get(&mistake.path).and_then(|text| text.lines().nth(mistake.at.line.saturating_sub(1)));
        let severity = match mistake.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        serde_json::json!({
            "path": mistake.path,
            "line": mistake.at.line,
            "column": mistake.at.column,
            "severity": severity,
            "message": mistake.message,
            "text": text,
        })
    });
    serde_json::json!({ "findings": found.collect::<Vec<_>>() })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_names_the_line_itself() {
        let mut package = Package::default();
        package.files.insert("domain.yml".into(), "slots:\n  a: 1\n".into());
        let mistake = Mistake { path: "domain.yml".into(), at: At { line: 2, column: 3 }, severity: Severity::Warning, message: "odd".into() };
        let expected = serde_json::json!({"findings": [
            {"path": "domain.yml", "line": 2, "column": 3, "severity": "warning", "message": "odd", "text": "  a: 1"},
        ]});
        assert_eq!(json(&package, &[mistake]), expected);
    }
}
