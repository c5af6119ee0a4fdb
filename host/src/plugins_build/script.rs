//! Making components of JavaScript and Python.
//!
//! Lives here: the world a plugin's manifest asks for, running the tool, and keeping what it made under a digest of all
//! that went in: neither tool is run again before one of those changes.
//! Never here: installing the tools (`tools.rs`).

use super::cargo::tail;
use super::{BuildError, Language, Source, replace, tools};
use crate::grants::Manifest;
use crate::seal::hex;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;

/// The contract, as the plugins' tools read it.
pub(crate) const CONTRACT: &str = include_str!("../../../wit/action.wit");
/// How JavaScript becomes a component: without clocks, randomness or anything else of a system.
const BUILD_JS: &str = include_str!("../../templates/plugin/js/build.mjs");

/// The component of a plugin, from the cache if nothing of it has changed; the time it took to make.
pub(super) async fn compile(source: &Source) -> Result<(Vec<u8>, Duration), BuildError> {
    let world = world(source)?;
    let kept = folder().join("components").join(format!("{}.wasm", key(source, &world)?));
    if let Ok(component) = std::fs::read(&kept) {
        return Ok((component, Duration::ZERO));
    }
    let tool = tools::ready(source.language).await?;
    let began = Instant::now();
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| BuildError::File { path, source }
    };
    let scratch = tempfile::tempdir().map_err(file(&std::env::temp_dir()))?;
    let wit = scratch.path().join("wit");
    std::fs::create_dir(&wit).map_err(file(&wit))?;
    std::fs::write(wit.join("action.wit"), CONTRACT).map_err(file(&wit))?;
    std::fs::write(wit.join("plugin.wit"), world).map_err(file(&wit))?;
    let out = scratch.path().join("plugin.wasm");
    let mut command = match source.language {
        Language::JavaScript => {
            // Beside the tool it imports: that is where Node looks for it.
            let script = tool.join("build.mjs");
            replace(&script, BUILD_JS.as_bytes()).map_err(file(&script))?;
            let mut command = Command::new("node");
            command.arg(script).arg(source.folder.join(source.language.main())).arg(&wit).arg(&out);
            command
        }
        Language::Python => {
            let mut command = Command::new(tool.join("bin/componentize-py"));
            command.arg("-d").arg(&wit).args(["-w", "plugin", "componentize", "--stub-wasi", "plugin", "-p"]).arg(&source.folder).arg("-o").arg(&out);
            command.env("PYTHONDONTWRITEBYTECODE", "1");
            command
        }
        Language::Rust => return Err(BuildError::NoComponent { name: source.name.clone() }),
    };
    let made = command.current_dir(&source.folder).stdin(Stdio::null()).kill_on_drop(true).output().await;
    let made = made.map_err(|error| BuildError::Componentize { name: source.name.clone(), tool: tools::name(source.language), said: error.to_string() })?;
    // A tool that failed halfway may have left half a component.
    let Some(component) = made.status.success().then(|| std::fs::read(&out).ok()).flatten() else {
        let said = tail(&[made.stdout, made.stderr].concat());
        return Err(BuildError::Componentize { name: source.name.clone(), tool: tools::name(source.language), said });
    };
    // A cache that cannot be written costs the next build its time.
    let _ = replace(&kept, &component);
    Ok((component, began.elapsed()))
}

/// Where tools and what is built apart from any checkout are kept: a folder of this user's own.
pub(super) fn folder() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    base.unwrap_or_else(std::env::temp_dir).join("centralita-plugins")
}

/// The part of the contract's world that a plugin uses, by its manifest: both tools import all of the world they are
/// given, and an import that is not granted keeps a component from loading.
fn world(source: &Source) -> Result<String, BuildError> {
    let path = source.folder.join("plugin.yml");
    let text = std::fs::read_to_string(&path).map_err(|source| BuildError::File { path: path.clone(), source })?;
    let manifest = Manifest::parse(&path.display().to_string(), &text);
    let manifest = manifest.map_err(|found| BuildError::Manifest(found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
    let asks = |what: fn(&crate::grants::Authority) -> bool| manifest.actions.values().any(what);
    let http = if asks(|action| !action.bindings.is_empty()) { " import http;" } else { "" };
    let records = if asks(|action| !action.statements.is_empty()) { " import records;" } else { "" };
    let package = CONTRACT.lines().find(|line| line.starts_with("package ")).unwrap_or_default();
    Ok(format!("{package}\nworld plugin {{ import call; import log;{http}{records} export actions; }}\n"))
}

/// A digest of the sources, the contract and the versions of the tools.
fn key(source: &Source, world: &str) -> Result<String, BuildError> {
    let mut files = Vec::new();
    gather(&source.folder, &mut files).map_err(|error| BuildError::File { path: source.folder.clone(), source: error })?;
    files.sort();
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    for part in [tools::version(source.language), CONTRACT, world, BUILD_JS] {
        add(part.as_bytes());
    }
    for path in files {
        let bytes = std::fs::read(&path).map_err(|source| BuildError::File { path: path.clone(), source })?;
        add(path.strip_prefix(&source.folder).unwrap_or(&path).to_string_lossy().as_bytes());
        add(&bytes);
    }
    Ok(hex(&hash.finalize()))
}

/// The files a component is made from: not the manifest, which is put in later, and not the tests.
fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if super::apart(&name) {
            continue;
        }
        if path.is_dir() {
            gather(&path, files)?;
        } else if !matches!(name.as_str(), "plugin.yml" | "README.md") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(manifest: &str) -> (tempfile::TempDir, Source) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("plugin.yml"), manifest).expect("written");
        std::fs::write(folder.path().join("plugin.js"), "export const actions = {};").expect("written");
        let source = Source::of(folder.path()).expect("a plugin");
        (folder, source)
    }

    #[test]
    fn the_world_holds_what_the_manifest_asks_for_and_no_more() {
        let (_folder, plain) = plugin("name: a\nversion: 0.1.0\nactions: {action_a: {responses: [utter_a]}}\n");
        assert!(!world(&plain).expect("a world").contains("http") && !world(&plain).expect("a world").contains("records"));
        let (_folder, asking) = plugin("name: a\nversion: 0.1.0\nactions: {action_a: {bindings: [desk], statements: [rows]}}\n");
        assert!(world(&asking).expect("a world").contains("import http; import records;"));
    }

    #[test]
    fn the_key_changes_with_a_source_and_not_with_a_test_or_what_is_built() {
        let (folder, source) = plugin("name: a\nversion: 0.1.0\nactions: {action_a: {}}\n");
        let before = key(&source, "").expect("a key");
        std::fs::create_dir(folder.path().join("tests")).expect("made");
        std::fs::write(folder.path().join("tests/a.yml"), "cases: []").expect("written");
        std::fs::create_dir(folder.path().join("target")).expect("made");
        std::fs::write(folder.path().join("target/a.wasm"), "built").expect("written");
        assert_eq!(key(&source, "").expect("a key"), before);
        std::fs::write(folder.path().join("plugin.js"), "export const actions = { };").expect("written");
        assert_ne!(key(&source, "").expect("a key"), before);
    }
}
