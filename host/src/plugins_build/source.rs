//! Where a plugin's sources are, and what they are written in.
//!
//! Lives here: finding the folder of a plugin by its name, its language, the folder `cargo` is run in.
//! Never here: building.

use super::BuildError;
use std::path::{Path, PathBuf};

/// What a plugin can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Rust, with `cargo`.
    Rust,
    /// JavaScript, with componentize-js.
    #[value(name = "js", alias = "javascript")]
    JavaScript,
    /// Python, with componentize-py.
    #[value(alias = "py")]
    Python,
}

impl Language {
    /// Every language, the cheapest first.
    pub const ALL: [Self; 3] = [Self::Rust, Self::JavaScript, Self::Python];

    /// The language as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
        }
    }

    /// The file that says that a folder holds a plugin in this language.
    pub const fn main(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::JavaScript => "plugin.js",
            Self::Python => "plugin.py",
        }
    }
}

/// The sources of one plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name: of its folder, its package and its component.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What it is written in.
    pub language: Language,
    /// The workspace it belongs to; none for a plugin that stands alone.
    pub workspace: Option<PathBuf>,
}

impl Source {
    /// The plugin in a folder.
    ///
    /// # Errors
    /// [`BuildError::Incomplete`] if one of its files is missing.
    pub fn of(folder: &Path) -> Result<Self, BuildError> {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let manifest = folder.join("plugin.yml");
        if !manifest.is_file() {
            return Err(BuildError::Incomplete { name, path: manifest });
        }
        let Some(language) = Language::ALL.into_iter().find(|language| folder.join(language.main()).is_file()) else {
            return Err(BuildError::Incomplete { name, path: folder.join(Language::Rust.main()) });
        };
        let workspace = if stands_alone(&folder) { None } else { workspace_above(&folder) };
        Ok(Self { name, folder, language, workspace })
    }

    /// A plugin of this name in `plugins/` of one of these folders or of a folder above one of them, the nearest first.
    pub fn find(name: &str, from: &[&Path]) -> Option<PathBuf> {
        from.iter().filter_map(|folder| std::fs::canonicalize(folder).ok()).find_map(|folder| {
            let mut places = folder.ancestors().map(|above| above.join("plugins").join(name));
            places.find(|place| place.join("plugin.yml").is_file())
        })
    }

    /// The folder `cargo` is run in.
    pub(super) fn cargo_folder(&self) -> &Path {
        self.workspace.as_deref().unwrap_or(&self.folder)
    }

    /// What this plugin is made from; everything that makes it out of date when it is newer.
    pub(super) fn made_from(&self) -> Vec<PathBuf> {
        let mut paths = vec![self.folder.clone()];
        if let (Language::Rust, Some(workspace)) = (self.language, &self.workspace) {
            paths.extend(["plugins/sdk", "wit", "Cargo.lock", "Cargo.toml"].map(|part| workspace.join(part)));
        }
        paths
    }
}

/// The nearest folder above that is our workspace: the SDK is a part of it.
pub fn workspace_above(folder: &Path) -> Option<PathBuf> {
    let folder = std::fs::canonicalize(folder).ok()?;
    folder.ancestors().find(|above| above.join("Cargo.toml").is_file() && above.join("plugins/sdk/Cargo.toml").is_file()).map(Path::to_owned)
}

/// Whether the package says that it is a workspace of its own.
fn stands_alone(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
}
