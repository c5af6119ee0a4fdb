//! Seeded mistakes, a folder each under `tests/defects`: `validate` finds exactly what `expected.txt` says.
//! Those with a `plugins.yml` are the host's to walk (`host/tests/defects.rs`).

#![allow(clippy::disallowed_methods, reason = "the test reads projects from disk; the engine does not")]

use centralita_engine::Project;
use centralita_engine::project::{Actions, Source};
use std::path::{Path, PathBuf};

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn files(folder: &Path, base: &Path, into: &mut Vec<Source>) {
    for path in sorted(folder) {
        if path.is_dir() {
            files(&path, base, into);
        } else if path.extension().is_some_and(|ending| ending == "yml") {
            let relative = path.strip_prefix(base).unwrap().to_string_lossy().replace('\\', "/");
            into.push(Source { path: relative, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
}

fn found(project: &Path) -> Vec<String> {
    let mut sources = Vec::new();
    files(project, project, &mut sources);
    Project::load(&sources, Actions::new()).1.iter().map(ToString::to_string).collect()
}

#[test]
fn every_seeded_mistake_is_found_at_its_place_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/defects");
    let projects: Vec<PathBuf> = sorted(&folder).into_iter().filter(|path| path.is_dir() && !path.join("plugins.yml").exists()).collect();
    assert!(projects.len() >= 40, "{} of at least 40 seeded mistakes", projects.len());
    let mut wrong = Vec::new();
    for project in projects {
        let expected = std::fs::read_to_string(project.join("expected.txt")).unwrap_or_default();
        let found = found(&project);
        if found != expected.lines().collect::<Vec<_>>() {
            wrong.push(format!(
                "{}\n  expected:\n    {}\n  found:\n    {}",
                project.display(),
                expected.trim_end().replace('\n', "\n    "),
                found.join("\n    ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
