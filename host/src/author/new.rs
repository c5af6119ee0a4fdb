//! A new plugin: a folder whose test passes, and its grant.
//!
//! Lives here: where the folder goes, what is in it.
//! Never here: building and testing it.

use super::grant::{Granted, grant};
use super::sdk;
use crate::plugins_build::{Language, workspace_above};
use std::io;
use std::path::{Path, PathBuf};

const MANIFEST: &str = include_str!("../../templates/plugin/plugin.yml");
const CASES: &str = include_str!("../../templates/plugin/cases.yml");
const IN_WORKSPACE: &str = include_str!("../../templates/plugin/rust/Cargo.toml.workspace");
const ALONE: &str = include_str!("../../templates/plugin/rust/Cargo.toml.alone");
const RUST: [(&str, &str); 1] = [("src/lib.rs", include_str!("../../templates/plugin/rust/src/lib.rs"))];
const JS: [(&str, &str); 4] = [
    ("plugin.js", include_str!("../../templates/plugin/js/plugin.js")),
    ("centralita.js", include_str!("../../templates/plugin/js/centralita.js")),
    ("http.js", include_str!("../../templates/plugin/js/http.js")),
    ("records.js", include_str!("../../templates/plugin/js/records.js")),
];
const PYTHON: [(&str, &str); 2] =
    [("plugin.py", include_str!("../../templates/plugin/python/plugin.py")), ("centralita.py", include_str!("../../templates/plugin/python/centralita.py"))];
/// What the interpreter of a language needs beyond the usual 16 MiB.
const MEMORY: u64 = 48;

/// What was made.
#[derive(Debug)]
pub struct New {
    /// The plugin's folder.
    pub folder: PathBuf,
    /// Its files, below the folder.
    pub files: Vec<PathBuf>,
    /// What became of the grant.
    pub granted: Granted,
    /// What the project's domain and flows still need, to paste.
    pub to_use: String,
}

/// Why there is no new plugin.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// Not a name that a package and a folder can have.
    #[error("`{0}` cannot be the name of a plugin; use lower-case letters, digits and `-`, a letter first, as in `opening-hours`")]
    Name(String),
    /// Something is there.
    #[error("{} is there already; choose another name", .0.display())]
    There(PathBuf),
    /// A file cannot be written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Makes a plugin, and grants it what it asks for in the project's `plugins.yml`.
///
/// # Errors
/// [`NewError`]; nothing that is there is written over.
pub fn new(name: &str, language: Language, project: &Path) -> Result<New, NewError> {
    let fits = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fits || !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.ends_with('-') || name.len() > 64 || name == "sdk" {
        return Err(NewError::Name(name.to_owned()));
    }
    let has_project = project.is_dir();
    let near = if has_project { project } else { Path::new(".") };
    let workspace = workspace_above(near);
    let folder = workspace.as_deref().unwrap_or(near).join("plugins").join(name);
    if folder.exists() {
        return Err(NewError::There(folder));
    }
    let mut files = Vec::new();
    let snake = name.replace('-', "_");
    let mut write = |path: &str, text: &str| {
        let to = folder.join(path);
        let made = to.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&to, text.replace("SNAKE", &snake).replace("NAME", name)));
        files.push(PathBuf::from(path));
        made.map_err(|source| NewError::File { path: to, source })
    };
    let mut manifest = MANIFEST.to_owned();
    let sources: &[(&str, &str)] = match language {
        Language::Rust => {
            write("Cargo.toml", if workspace.is_some() { IN_WORKSPACE } else { ALONE })?;
            &RUST
        }
        Language::JavaScript => &JS,
        Language::Python => &PYTHON,
    };
    if language != Language::Rust {
        manifest += &format!("limits:\n  memory_mib: {{ask: {MEMORY}, why: the interpreter of {} is inside}}\n", language.name());
    }
    write("plugin.yml", &manifest)?;
    for (path, text) in sources {
        write(path, text)?;
    }
    write(&format!("tests/{name}.yml"), CASES)?;
    if language == Language::Rust && workspace.is_none() {
        write(".gitignore", "target/\n")?;
        let unpacked = folder.join(".centralita");
        sdk::unpack(&unpacked).map_err(|source| NewError::File { path: unpacked, source })?;
    }
    let entry = entry(name, &snake, language);
    let file = project.join("plugins.yml");
    let granted = if has_project { grant(&file, name, &entry).map_err(|source| NewError::File { path: file, source })? } else { Granted::Paste(entry) };
    Ok(New { folder, files, granted, to_use: to_use(&snake) })
}

fn entry(name: &str, snake: &str, language: Language) -> String {
    let limits = if language == Language::Rust { String::new() } else { format!("  limits: {{memory_mib: {MEMORY}}}\n") };
    format!("{name}:\n  component: plugins/{name}.wasm\n  actions:\n    action_{snake}:\n      responses: [utter_{snake}]\n{limits}")
}

fn to_use(snake: &str) -> String {
    format!(
        "domain:   actions: [action_{snake}]\n          responses: {{utter_{snake}: [{{text: \"Son las {{time}}.\"}}]}}\nflow:     {snake}:\n            description: the caller asks what time it is\n            steps: [{{action: action_{snake}}}]"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::{Grants, Manifest, effective};

    #[test]
    fn what_a_new_plugin_asks_for_is_what_it_is_granted() {
        for language in Language::ALL {
            let project = tempfile::tempdir().expect("a folder");
            let made = new("open-hours", language, project.path()).expect("made");
            assert_eq!(made.granted, Granted::Written);
            let read = |path: PathBuf| std::fs::read_to_string(path).expect("written");
            let manifest = Manifest::parse("plugin.yml", &read(made.folder.join("plugin.yml"))).expect("a manifest");
            let grants = Grants::parse("plugins.yml", &read(project.path().join("plugins.yml"))).expect("grants");
            let (_, notes) = effective(&manifest, &grants.plugins["open-hours"]);
            assert_eq!(notes, [], "{}", language.name());
            assert!(matches!(new("open-hours", language, project.path()), Err(NewError::There(_))));
        }
    }

    #[test]
    fn a_name_that_no_package_can_have_is_refused() {
        for name in ["", "Reloj", "a b", "../a", "1a", "a-", "sdk", "a_b"] {
            assert!(matches!(new(name, Language::Rust, Path::new("nowhere")), Err(NewError::Name(_))), "{name}");
        }
    }
}
