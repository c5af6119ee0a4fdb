//! Seeded mistakes of projects with plugins, a folder each under `tests/defects`: `validate` finds exactly what
//! `expected.txt` says. Those without a `plugins.yml` are walked by the engine alone (`host/engine/tests/defects.rs`).

use centralita::release::{Checked, Package};
use std::path::{Path, PathBuf};

#[test]
fn every_seeded_mistake_of_a_project_with_plugins_is_found_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/defects");
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut projects: Vec<PathBuf> = entries.filter(|path| path.join("plugins.yml").exists()).collect();
    projects.sort();
    assert!(projects.len() >= 10, "{} seeded mistakes with plugins", projects.len());
    let mut wrong = Vec::new();
    for project in projects {
        let expected = std::fs::read_to_string(project.join("expected.txt")).unwrap_or_default();
        let mistakes = Package::read(&project).map_or_else(|mistakes| mistakes, |package| Checked::of(&package).mistakes);
        let found: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
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
