//! Why plugins were not built, in words that say what to do.

use super::cargo::TARGET;
use std::io;
use std::path::PathBuf;

/// Why plugins were not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The folder or one of its two files is missing.
    #[error("plugin `{name}` has no `{}`; every plugin has a `plugin.yml` and a `Cargo.toml`, a `plugin.js` or a `plugin.py`", path.display())]
    Incomplete {
        /// The plugin.
        name: String,
        /// The file that should be there.
        path: PathBuf,
    },
    /// Its manifest cannot be read, and the contract it needs follows from it.
    #[error("{0}")]
    Manifest(String),
    /// A tool of the Rust installation does not start.
    #[error("`{tool}` does not start ({source}); install Rust from https://rustup.rs")]
    NoTool {
        /// The command.
        tool: String,
        /// What the system said.
        source: io::Error,
    },
    /// The compile target is missing and cannot be added.
    #[error("the compile target {TARGET} is missing; run `rustup target add {TARGET}`\n{said}")]
    NoTarget {
        /// What rustup said.
        said: String,
    },
    /// The compiler refused.
    #[error("plugins do not compile; the last lines of cargo:\n{said}")]
    Cargo {
        /// The end of cargo's output.
        said: String,
    },
    /// Cargo succeeded and left no component.
    #[error("plugin `{name}` builds no component; its `Cargo.toml` needs `[lib] crate-type = [\"cdylib\"]`")]
    NoComponent {
        /// The plugin.
        name: String,
    },
    /// What a language needs is not on this machine.
    #[error("plugins in {language} need `{tool}`, which does not start here ({said}); {help}")]
    NoLanguage {
        /// The language.
        language: &'static str,
        /// The command.
        tool: String,
        /// What the system said.
        said: String,
        /// Where to get it.
        help: &'static str,
    },
    /// The tool that makes components cannot be installed.
    #[error("{tool} cannot be installed into {}; is the package registry in reach? The last lines:\n{said}", folder.display())]
    Install {
        /// The tool with its version.
        tool: String,
        /// Where.
        folder: PathBuf,
        /// The end of the installer's output.
        said: String,
    },
    /// The tool that makes components refused the sources.
    #[error("plugin `{name}` does not build; the last lines of {tool}:\n{said}")]
    Componentize {
        /// The plugin.
        name: String,
        /// The tool.
        tool: &'static str,
        /// The end of its output.
        said: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
