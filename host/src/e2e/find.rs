//! Which test files there are, and which cases of them are wanted.
//!
//! Lives here: paths, folders, `path::case name`, and what is looked at when nothing is named.
//! Never here: what the files say (`read.rs`).

use std::path::{Path, PathBuf};

/// A file, and the one case of it that is wanted if one is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The file.
    pub file: PathBuf,
    /// The case.
    pub case: Option<String>,
}

/// A path that names no tests.
#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    /// Nothing is there.
    #[error("there is no `{0}`; name a test file, a folder of them, or FILE::NAME OF A CASE")]
    Missing(String),
    /// A folder without test files.
    #[error("the folder `{0}` holds no test file (.yml or .yaml with `test_cases:`)")]
    Empty(String),
    /// A folder that cannot be read.
    #[error("`{path}` cannot be read: {cause}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
}

/// The files these arguments name; a path is looked for as written, then below the project. Without arguments, `usual`
/// below the project.
///
/// # Errors
/// [`NotFound`] for an argument that names no test.
pub fn find(project: &Path, named: &[String], usual: &str) -> Result<Vec<Chosen>, NotFound> {
    let usual = [project.join(usual).display().to_string()];
    let named = if named.is_empty() { &usual[..] } else { named };
    let mut all: Vec<Chosen> = Vec::new();
    for argument in named {
        let (path, case) = match argument.split_once("::") {
            Some((path, case)) => (path, Some(case.trim().to_owned())),
            None => (argument.as_str(), None),
        };
        let beside = project.join(path);
        let path = if Path::new(path).exists() || !beside.exists() { PathBuf::from(path) } else { beside };
        let found = if path.is_dir() {
            let mut files = Vec::new();
            walk(&path, &mut files)?;
            if files.is_empty() {
                return Err(NotFound::Empty(path.display().to_string()));
            }
            files
        } else if path.is_file() {
            vec![path]
        } else {
            return Err(NotFound::Missing(path.display().to_string()));
        };
        for file in found {
            let chosen = Chosen { file, case: case.clone() };
            if !all.contains(&chosen) {
                all.push(chosen);
            }
        }
    }
    Ok(all)
}

/// Test files below a folder, in the order of their paths.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), NotFound> {
    let unreadable = |cause| NotFound::Unreadable { path: folder.display().to_string(), cause };
    let mut entries = std::fs::read_dir(folder).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?;
        } else if is_test(&path, &name) {
            files.push(path);
        }
    }
    Ok(())
}

/// A folder of tests also holds settings (`conftest.yml`), recorded answers and results; only what has cases is a test.
fn is_test(path: &Path, name: &str) -> bool {
    let yaml = (name.ends_with(".yml") || name.ends_with(".yaml")) && !name.contains(".recorded.") && !name.starts_with("conftest.");
    yaml && std::fs::read_to_string(path).is_ok_and(|text| text.lines().any(|line| line.starts_with("test_cases")))
}
