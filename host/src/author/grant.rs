//! A grant for a new plugin in the operator's `plugins.yml`, without touching a line that is there.
//!
//! Lives here: where the entry goes, and the proof that nothing else has changed.
//! Never here: what is granted (`new.rs` writes it).

use crate::grants::Grants;
use crate::plugins_build::replace;
use centralita_engine::yaml::{self, Findings, Kind};
use std::io;
use std::path::Path;

/// What became of a grant.
#[derive(Debug, PartialEq, Eq)]
pub enum Granted {
    /// The file has it now.
    Written,
    /// The file had one of this name already.
    Already,
    /// The file is not written so that lines can be put in; these go under its `plugins:`.
    Paste(String),
}

/// Puts a plugin's entry at the end of `plugins:`. The lines of the entry are not indented.
///
/// # Errors
/// If the file cannot be read or written.
pub fn grant(file: &Path, name: &str, entry: &str) -> io::Result<Granted> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let header = "# What the operator of this line grants its plugins; everything else is absent.\n";
            std::fs::write(file, format!("{header}plugins:\n{}", indented(entry, 2)))?;
            return Ok(Granted::Written);
        }
        Err(error) => return Err(error),
    };
    let Ok(before) = Grants::parse("plugins.yml", &text) else { return Ok(Granted::Paste(entry.to_owned())) };
    if before.plugins.contains_key(name) {
        return Ok(Granted::Already);
    }
    let after = with_entry(&text, entry);
    // Proof and not hope: the file says what it said, and one plugin more.
    let added = after
        .as_ref()
        .and_then(|after| Grants::parse("plugins.yml", after).ok())
        .is_some_and(|mut grants| grants.plugins.remove(name).is_some() && grants == before);
    match after.filter(|_| added) {
        Some(after) => {
            replace(file, after.as_bytes())?;
            Ok(Granted::Written)
        }
        None => Ok(Granted::Paste(entry.to_owned())),
    }
}

fn with_entry(text: &str, entry: &str) -> Option<String> {
    let mut mistakes = Vec::new();
    let root = yaml::read(text, &mut Findings::new("plugins.yml", &mut mistakes));
    let mut lines: Vec<&str> = text.lines().collect();
    let keys = root.as_ref().map(yaml::Node::pairs).unwrap_or_default();
    let Some(index) = keys.iter().position(|(key, _)| key.text == "plugins") else {
        return Some(format!("{}\n\nplugins:\n{}", text.trim_end(), indented(entry, 2)));
    };
    let (key, plugins) = &keys[index];
    let indent = match plugins.pairs().first() {
        Some((first, _)) if first.at.line > key.at.line => first.at.column - 1,
        None if matches!(plugins.kind, Kind::Null) => 2,
        Some(_) | None => return None,
    };
    // After the last line of the section: what stands before the next key at the left edge belongs to that key.
    let mut end = keys.get(index + 1).map_or(lines.len(), |(next, _)| next.at.line - 1);
    while end > key.at.line && (lines[end - 1].trim().is_empty() || lines[end - 1].starts_with('#')) {
        end -= 1;
    }
    let entry = indented(entry, indent);
    let mut put: Vec<&str> = if plugins.pairs().is_empty() { Vec::new() } else { vec![""] };
    put.extend(entry.lines());
    lines.splice(end..end, put);
    Some(lines.join("\n") + "\n")
}

fn indented(entry: &str, by: usize) -> String {
    entry.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "clock:\n  component: plugins/clock.wasm\n  actions:\n    action_clock:\n      responses: [utter_clock]\n";

    fn granted(text: &str) -> (Granted, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("plugins.yml");
        std::fs::write(&file, text).expect("written");
        let granted = grant(&file, "clock", ENTRY).expect("a file");
        (granted, std::fs::read_to_string(&file).expect("a file"))
    }

    #[test]
    fn an_entry_goes_to_the_end_of_plugins_and_every_other_line_stays() {
        let text = "# ours\nplugins:\n  one: # keep\n    component: plugins/one.wasm\n    actions: {action_one: {}}\n\n# the desk\nbindings: {}\n";
        let (granted, after) = granted(text);
        assert_eq!(granted, Granted::Written);
        assert!(after.contains("# keep\n") && after.contains("\n\n# the desk\nbindings: {}\n"), "{after}");
        let ours: Vec<&str> = after.lines().filter(|line| text.lines().any(|old| old == *line)).collect();
        assert!(text.lines().all(|line| ours.contains(&line)));
        assert!(after.find("clock:").expect("granted") < after.find("# the desk").expect("kept"));
    }

    #[test]
    fn a_file_without_plugins_gets_the_section_and_an_empty_one_its_first() {
        assert!(
            granted("# nothing yet\n")
                .1
                .ends_with("plugins:\n  clock:\n    component: plugins/clock.wasm\n    actions:\n      action_clock:\n        responses: [utter_clock]\n")
        );
        assert_eq!(granted("plugins:\n").0, Granted::Written);
    }

    #[test]
    fn what_cannot_be_put_in_is_given_to_paste_and_the_file_stays() {
        let text = "plugins: {one: {component: plugins/one.wasm, actions: {action_one: {}}}}\n";
        assert_eq!(granted(text), (Granted::Paste(ENTRY.to_owned()), text.to_owned()));
    }
}
