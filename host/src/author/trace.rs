//! A host-call trace: everything a run asked and did, a line each, kept beside the cases (`tests/<file>.trace`).
//!
//! Lives here: how a trace is written, kept and compared.
//! Never here: the calls themselves (`host.rs`).

use similar::{ChangeTag, TextDiff};
use std::path::{Path, PathBuf};

/// The traces of one file of cases, in the order of the cases.
#[derive(Debug, Default)]
pub(super) struct Traces(String);

impl Traces {
    pub(super) fn add(&mut self, case: &str, lines: &[String], end: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(&format!("# {case}\n"));
        for line in lines {
            self.0.push_str(line);
            self.0.push('\n');
        }
        self.0.push_str(&format!("= {end}\n"));
    }

    /// What differs from the trace that is kept; nothing if there is none.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn compare(&self, suite: &Path, accept: bool) -> std::io::Result<Kept> {
        let path = path(suite);
        let before = std::fs::read_to_string(&path).ok();
        if before.as_deref() == Some(&self.0) {
            return Ok(Kept::Same);
        }
        if accept {
            std::fs::write(&path, &self.0)?;
            return Ok(Kept::Written(path));
        }
        Ok(before.map_or(Kept::None, |before| Kept::Differs { path, diff: diff(&before, &self.0) }))
    }
}

/// How a trace is to the one that is kept.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// The same.
    Same,
    /// None is kept.
    None,
    /// It was written.
    Written(PathBuf),
    /// Another one is kept.
    Differs {
        /// The file.
        path: PathBuf,
        /// The lines that differ, with some around them.
        diff: String,
    },
}

fn path(suite: &Path) -> PathBuf {
    suite.with_extension("trace")
}

fn diff(before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for change in diff.grouped_ops(2).iter().flatten().flat_map(|op| diff.iter_changes(op)) {
        let mark = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        lines.push(format!("      {mark} {}", change.value().trim_end()));
    }
    lines.join("\n")
}
