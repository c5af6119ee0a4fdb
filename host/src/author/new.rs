//! A new plugin: a folder whose test passes, and its grant.
//!
//! Lives here: where the folder goes, what is in it.
//! Never here: building and testing it.

use super::grant::{Granted, grant};
use super::sdk;
use crate::plugins_build::{Language, workspace_above};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = include_str!("../../templates/plugin/plugin.yml");
const CASES: &str = include_str!("../../templates/plugin/cases.yml");
const IN_WORKSPACE: &str = include_str!("../../templates/plugin/rust/Cargo.toml.workspace");
const ALONE: &str = include_str!("../../templates/plugin/rust/Cargo.toml.alone");
const LOCK: &str = include_str!("../../../Cargo.lock");
// The two languages' SDK files stand with the examples, where they are used and tested.
const RUST: [(&str, &str); 1] = [("src/lib.rs", include_str!("../../templates/plugin/rust/src/lib.rs"))];
const JS: [(&str, &str); 4] = [
    ("plugin.js", include_str!("../../templates/plugin/js/plugin.js")),
    ("centralita.js", include_str!("../../../plugins/examples/nearest-branch/centralita.js")),
    ("http.js", include_str!("../../../plugins/examples/nearest-branch/http.js")),
    ("records.js", include_str!("../../templates/plugin/js/records.js")),
];
const PYTHON: [(&str, &str); 2] = [
    ("plugin.py", include_str!("../../templates/plugin/python/plugin.py")),
    ("centralita.py", include_str!("../../../plugins/examples/loan-quote/centralita.py")),
];
const FLOW: &str = include_str!("../../templates/plugin/flow.yml");
const DOMAIN: &str = include_str!("../../templates/plugin/domain.yml");
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
    /// Files of the project with a flow that callers can ask for.
    pub flow: Vec<PathBuf>,
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
    /// The package cannot be made a member of the workspace.
    #[error("`cargo new` makes no package: {0}")]
    Cargo(String),
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
pub fn new(name: &str, language: Language, project: &Path, with_flow: bool) -> Result<New, NewError> {
    let fits = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fits || !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.ends_with('-') || name.len() > 64 || name == "sdk" {
        return Err(NewError::Name(name.to_owned()));
    }
    let has_project = project.is_dir();
    let near = if has_project { project } else { Path::new(".") };
    let workspace = workspace_above(near);
    let folder = workspace.as_deref().unwrap_or(near).join("plugins").join(name);
    let mut flow = Vec::new();
    if has_project && with_flow {
        flow.extend([project.join("data/flows").join(format!("{name}.yml")), project.join("domain").join(format!("{name}.yml"))]);
    }
    if let Some(there) = flow.iter().chain([&folder]).find(|path| path.exists()) {
        return Err(NewError::There(there.clone()));
    }
    if language == Language::Rust && workspace.is_some() {
        join(&folder, name)?;
    }
    let mut files = Vec::new();
    let snake = name.replace('-', "_");
    let put = |to: PathBuf, text: &str| {
        let made = to.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&to, text.replace("SNAKE", &snake).replace("NAME", name)));
        made.map_err(|source| NewError::File { path: to, source })
    };
    let mut write = |path: &str, text: &str| {
        files.push(PathBuf::from(path));
        put(folder.join(path), text)
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
        // The versions the SDK was tested with; cargo drops what the plugin does not use.
        write("Cargo.lock", LOCK)?;
        let unpacked = folder.join(".centralita");
        sdk::unpack(&unpacked).map_err(|source| NewError::File { path: unpacked, source })?;
    }
    for (to, text) in flow.iter().zip([FLOW, DOMAIN]) {
        put(to.clone(), text)?;
    }
    let entry = entry(name, &snake, language);
    let file = project.join("plugins.yml");
    let granted = if has_project { grant(&file, name, &entry).map_err(|source| NewError::File { path: file, source })? } else { Granted::Paste(entry) };
    Ok(New { folder, files, granted, flow })
}

/// An empty package, which cargo makes a member of the workspace above it: it edits the list of members itself.
fn join(folder: &Path, name: &str) -> Result<(), NewError> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let made = cargo.args(["new", "--quiet", "--lib", "--vcs", "none", "--name", name]).arg(folder).output();
    match made {
        Ok(made) if made.status.success() => Ok(()),
        Ok(made) => Err(NewError::Cargo(String::from_utf8_lossy(&made.stderr).trim().to_owned())),
        Err(error) => Err(NewError::Cargo(format!("{error}; install Rust from https://rustup.rs"))),
    }
}

fn entry(name: &str, snake: &str, language: Language) -> String {
    let limits = if language == Language::Rust { String::new() } else { format!("  limits: {{memory_mib: {MEMORY}}}\n") };
    format!("{name}:\n  component: plugins/{name}.wasm\n  actions:\n    action_{snake}:\n      responses: [utter_{snake}]\n{limits}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::{Grants, Manifest, effective};

    #[test]
    fn what_a_new_plugin_asks_for_is_what_it_is_granted() {
        for language in Language::ALL {
            let project = tempfile::tempdir().expect("a folder");
            let made = new("open-hours", language, project.path(), false).expect("made");
            assert_eq!(made.granted, Granted::Written);
            let read = |path: PathBuf| std::fs::read_to_string(path).expect("written");
            let manifest = Manifest::parse("plugin.yml", &read(made.folder.join("plugin.yml"))).expect("a manifest");
            let grants = Grants::parse("plugins.yml", &read(project.path().join("plugins.yml"))).expect("grants");
            let (_, notes) = effective(&manifest, &grants.plugins["open-hours"]);
            assert_eq!(notes, [], "{}", language.name());
            assert!(matches!(new("open-hours", language, project.path(), false), Err(NewError::There(_))));
        }
    }

    #[test]
    fn a_plugin_of_the_workspace_becomes_a_member_and_a_project_is_granted_it() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(root.path().join("plugins/sdk")).expect("made");
        std::fs::create_dir_all(root.path().join("flows/linea")).expect("made");
        std::fs::write(root.path().join("Cargo.toml"), "# ours\n[workspace]\nresolver = \"3\"\nmembers = []\n").expect("written");
        std::fs::write(root.path().join("plugins/sdk/Cargo.toml"), "").expect("written");
        let project = root.path().join("flows/linea");
        let made = new("reloj", Language::Rust, &project, true).expect("made");
        assert!(made.folder.ends_with("plugins/reloj") && made.folder.join("src/lib.rs").is_file() && made.granted == Granted::Written);
        let manifest = std::fs::read_to_string(root.path().join("Cargo.toml")).expect("kept");
        assert!(manifest.starts_with("# ours\n") && manifest.contains("\"plugins/reloj\""), "{manifest}");
        assert!(std::fs::read_to_string(made.folder.join("src/lib.rs")).expect("written").contains("action_reloj"));
        assert!(project.join("data/flows/reloj.yml").is_file() && project.join("domain/reloj.yml").is_file());
    }

    #[test]
    fn a_name_that_no_package_can_have_is_refused() {
        for name in ["", "Reloj", "a b", "../a", "1a", "a-", "sdk", "a_b"] {
            assert!(matches!(new(name, Language::Rust, Path::new("nowhere"), false), Err(NewError::Name(_))), "{name}");
        }
    }
}
