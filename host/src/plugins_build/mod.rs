//! Building plugins: from the folder of their sources to `<project>/plugins/<name>.wasm`.
//!
//! Lives here: what is out of date, the manifest put into each component, symbols kept apart, the write that a watcher
//! sees as one step.
//! Never here: checking or loading a component (`sandbox`), production: `serve` builds nothing.

mod cargo;
mod error;
mod script;
mod source;
mod strip;
pub mod symbols;
mod tools;

pub use error::BuildError;
pub(crate) use script::CONTRACT;
pub use source::{Language, Source, workspace_above};
pub use strip::stripped;

use crate::sandbox::with_manifest;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// One plugin after a build.
#[derive(Clone, Debug)]
pub struct Built {
    /// The plugin, as its folder and package are called.
    pub name: String,
    /// Bytes of the component, manifest included.
    pub bytes_len: usize,
    /// From the start of the build until this plugin was compiled; zero if its sources were not newer.
    pub took: Duration,
    /// Whether the file in the project was written.
    pub changed: bool,
}

/// A component that is compiled and not yet in its place.
#[derive(Clone)]
pub struct Candidate {
    /// The plugin.
    pub name: String,
    /// What runs: the component with its manifest, without names and debugging sections.
    pub component: Vec<u8>,
    /// The same with them.
    pub symbols: Vec<u8>,
    /// From the start of the build until it was compiled; zero if it had been made before.
    pub took: Duration,
}

impl Candidate {
    /// SHA-256 of what runs.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.component).into()
    }
}

/// Builds those of the named plugins whose sources are newer than their component in `into`, and writes the components that
/// changed. The result has every name, in the order given.
///
/// # Errors
/// [`BuildError`]; components built before stay as they are.
pub async fn build<N: AsRef<str>>(workspace: &Path, names: &[N], into: &Path) -> Result<Vec<Built>, BuildError> {
    let sources: Result<Vec<_>, _> = names.iter().map(|name| Source::of(&workspace.join("plugins").join(name.as_ref()))).collect();
    build_sources(&sources?, into).await
}

/// As [`build`], of plugins wherever their folders are.
///
/// # Errors
/// [`BuildError`]; components built before stay as they are.
pub async fn build_sources(sources: &[Source], into: &Path) -> Result<Vec<Built>, BuildError> {
    let stale: Vec<Source> = sources.iter().filter(|source| is_stale(source, into)).cloned().collect();
    let candidates = compile(&stale).await?;
    let finish = |source: &Source| match candidates.iter().find(|candidate| candidate.name == source.name) {
        Some(candidate) => place(candidate, into),
        None => {
            let path = into.join(format!("{}.wasm", source.name));
            let size = path.metadata().map_err(|source| BuildError::File { path, source })?.len();
            Ok(Built { name: source.name.clone(), bytes_len: usize::try_from(size).unwrap_or(usize::MAX), took: Duration::ZERO, changed: false })
        }
    };
    sources.iter().map(finish).collect()
}

/// Whether a plugin's sources are newer than its component in `into`, or there is none.
pub fn is_stale(source: &Source, into: &Path) -> bool {
    let built = into.join(format!("{}.wasm", source.name)).metadata().and_then(|file| file.modified());
    built.map_or(true, |built| built < newest(source.made_from()))
}

/// When anything of a plugin was last saved, its tests too.
pub fn saved_at(source: &Source) -> SystemTime {
    newest(source.made_from().into_iter().chain([source.folder.join("tests")]))
}

/// Compiles plugins: all of one workspace in one run of cargo.
///
/// # Errors
/// [`BuildError`].
pub async fn compile(sources: &[Source]) -> Result<Vec<Candidate>, BuildError> {
    let mut folders: Vec<&Path> = Vec::new();
    for source in sources.iter().filter(|source| source.language == Language::Rust) {
        if !folders.contains(&source.cargo_folder()) {
            folders.push(source.cargo_folder());
        }
    }
    let mut compiled = HashMap::new();
    for folder in folders {
        let here = sources.iter().filter(|source| source.language == Language::Rust && source.cargo_folder() == folder);
        let here_alone = here.clone().all(|source| source.workspace.is_none());
        let names: Vec<&str> = here.map(|source| source.name.as_str()).collect();
        // A plugin that stands alone may lie in a folder that is watched: what its compiler writes does not belong there.
        let apart = here_alone.then(|| script::folder().join("target")).filter(|_| std::env::var_os("CARGO_TARGET_DIR").is_none());
        for (name, (path, took)) in cargo::compile(folder, &names, apart.as_deref()).await? {
            let wasm = std::fs::read(&path).map_err(|source| BuildError::File { path, source })?;
            compiled.insert(name, (wasm, took));
        }
    }
    let mut candidates = Vec::new();
    for source in sources {
        let (wasm, took) = match compiled.remove(&source.name) {
            Some(compiled) => compiled,
            None => script::compile(source).await?,
        };
        let path = source.folder.join("plugin.yml");
        let manifest = std::fs::read_to_string(&path).map_err(|source| BuildError::File { path, source })?;
        let component = with_manifest(&stripped(&wasm), &manifest);
        candidates.push(Candidate { name: source.name.clone(), component, symbols: wasm, took });
    }
    Ok(candidates)
}

/// Compiles packages of a workspace and gives each one's component, without a manifest, and the time it took.
///
/// # Errors
/// [`BuildError`].
pub async fn compile_packages(workspace: &Path, names: &[&str]) -> Result<HashMap<String, (PathBuf, Duration)>, BuildError> {
    cargo::compile(workspace, names, None).await
}

/// Puts a component into its place, unless the same bytes are there already, with its symbols beside it.
///
/// # Errors
/// [`BuildError::File`].
pub fn place(candidate: &Candidate, into: &Path) -> Result<Built, BuildError> {
    let path = into.join(format!("{}.wasm", candidate.name));
    symbols::keep(into, &candidate.name, &candidate.digest(), &candidate.symbols).map_err(|source| BuildError::File { path: path.clone(), source })?;
    let changed = std::fs::read(&path).ok().as_deref() != Some(candidate.component.as_slice());
    let written = if changed { replace(&path, &candidate.component) } else { touch(&path) };
    written.map_err(|source| BuildError::File { path, source })?;
    Ok(Built { name: candidate.name.clone(), bytes_len: candidate.component.len(), took: candidate.took, changed })
}

/// Writes beside the file and renames, so that no reader ever sees half of it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{next}.tmp", std::process::id()));
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, path).inspect_err(|_| drop(std::fs::remove_file(&beside)))
}

/// The same bytes again: only say that they are as new as their sources.
fn touch(path: &Path) -> io::Result<()> {
    std::fs::File::options().write(true).open(path)?.set_modified(SystemTime::now())
}

/// When the newest file below these paths changed; tests and what is built or hidden aside.
fn newest(paths: impl IntoIterator<Item = PathBuf>) -> SystemTime {
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut waiting: Vec<_> = paths.into_iter().collect();
    while let Some(path) = waiting.pop() {
        let Ok(found) = path.metadata() else { continue };
        if found.is_dir() {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            waiting.extend(entries.filter(|entry| !apart(&entry.file_name().to_string_lossy())).map(|entry| entry.path()));
        }
        newest = newest.max(found.modified().unwrap_or(newest));
    }
    newest
}

/// What lies beside sources and is none: what is built or hidden, and the tests.
fn apart(name: &str) -> bool {
    matches!(name, "target" | "__pycache__" | "tests") || name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_plugin_without_a_manifest_is_named_before_anything_is_built() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let error = build(&workspace, &["no-such-plugin"], Path::new("nowhere")).await.expect_err("nothing there");
        assert!(error.to_string().contains("`no-such-plugin`"), "{error}");
    }
}
