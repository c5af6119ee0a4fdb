//! Custom actions written in Python: found by the name they return, and where they go.
//!
//! Lives here: reading `*.py` files beside a project, as text.
//! Never here: running any of them.

use super::{Fact, Light, facts};
use crate::release::Package;
use centralita_engine::yaml::At;
use std::path::Path;

/// Folders that hold other people's Python.
const APART: [&str; 6] = ["venv", "env", "node_modules", "site-packages", "__pycache__", "models"];
/// The largest Python file that is looked into, in bytes.
const LARGEST: u64 = 1 << 20;

/// One fact for each Python action below a folder.
pub(super) fn actions(folder: &Path, package: &Package) -> Vec<Fact> {
    let served = facts::has_action_server(package);
    let mut found = Vec::new();
    walk(folder, folder, &mut |path, text| {
        for (line, name) in names(text) {
            let (light, says) = if served {
                (Light::Green, format!("Python action `{name}`: keeps running on its action server; move it to Wasm when it should come along"))
            } else {
                (Light::Yellow, format!("Python action `{name}`: name its server as `action_endpoint.url` in `endpoints.yml`, or write it as a Wasm plugin"))
            };
            found.push(Fact { path: path.to_owned(), at: At { line, column: 1 }, last: line, light, says });
        }
        for (number, line) in
            text.lines().enumerate().filter(|(_, line)| GENERATORS.iter().any(|base| line.trim_start().starts_with("class ") && line.contains(base)))
        {
            let says = format!(
                "`{}` changes how commands are made, in Python; this does not come along: use the built-in generator",
                line.trim().trim_end_matches(':')
            );
            found.push(Fact { path: path.to_owned(), at: At { line: number + 1, column: 1 }, last: number + 1, light: Light::Red, says });
        }
    });
    found
}

/// The lines and names of the actions of a file: `def name(self)` and, soon after it, `return "action_…"`.
fn names(text: &str) -> Vec<(usize, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    let begins = lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("def name("));
    let named = begins.filter_map(|(number, _)| {
        let returned = lines[number..].iter().take(6).find_map(|line| line.split_once("return ").map(|(_, value)| value.trim()))?;
        let name = returned.trim_matches(['"', '\'']);
        (name.len() + 2 == returned.len()).then_some((number + 1, name))
    });
    named.collect()
}

/// Bases of classes that take the place of a part of Rasa's own.
const GENERATORS: [&str; 4] = ["CommandGenerator)", "EnterpriseSearchPolicy)", "InputChannel)", "GraphComponent)"];

fn walk(base: &Path, folder: &Path, look: &mut dyn FnMut(&str, &str)) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || APART.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            walk(base, &path, look);
        } else if name.ends_with(".py") && path.metadata().is_ok_and(|metadata| metadata.len() <= LARGEST) {
            // A file that is no text holds no action anybody could read.
            let (Ok(text), Ok(relative)) = (std::fs::read_to_string(&path), path.strip_prefix(base)) else { continue };
            look(&relative.to_string_lossy().replace('\\', "/"), &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn an_action_is_known_by_the_name_it_returns() {
        let text =
            "class Pay(Action):\n    def name(self) -> Text:\n        return \"action_pay\"\n\nclass Odd(Action):\n    def name(self):\n        return NAME\n";
        assert_eq!(names(text), [(2, "action_pay")]);
    }
}
