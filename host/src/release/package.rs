//! What a release is made of: the bytes of a project's files and components.
//!
//! Lives here: reading them from disk, their digest, keeping them in the store and getting them back.
//! Never here: what they mean.

use crate::grants::Grants;
use crate::seal::{Keys, Purpose, hex};
use crate::store::{Artifact, Store, StoreError};
use centralita_engine::project::Source;
use centralita_engine::yaml::{At, Mistake, Severity};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// The largest file of a project that is read, in bytes.
const LARGEST: u64 = 4 << 20;
/// Folders of a project that hold no part of a release.
const APART: [&str; 7] = ["plugins", "tests", "eval", "scripts", "models", "actions", super::approval::FOLDER];

/// The bytes of a release.
#[derive(Clone, Default)]
pub struct Package {
    /// Text files by path below the project.
    pub files: BTreeMap<String, String>,
    /// Components by plugin name.
    pub components: BTreeMap<String, Vec<u8>>,
    /// Every action the domain lists and no plugin offers is run by somebody outside, whether `endpoints.yml` names an
    /// action server or not: a test that plays one sets this. No part of the digest.
    pub remote: bool,
}

/// A package as the store lists it: components by digest.
#[derive(Serialize, Deserialize)]
struct Listed {
    files: BTreeMap<String, String>,
    components: BTreeMap<String, String>,
}

impl Package {
    /// Reads a project's folder: every YAML file, the prompt its `config.yml` names, and the components its
    /// `plugins.yml` names that are there.
    ///
    /// # Errors
    /// A [`Mistake`] for the folder, a file or a component that cannot be read.
    pub fn read(folder: &Path) -> Result<Self, Vec<Mistake>> {
        let mut package = Self::default();
        let mut mistakes = Vec::new();
        if !folder.is_dir() {
            return Err(vec![mistake(&folder.display().to_string(), "there is no such project folder; name one with `--project DIR`")]);
        }
        package.walk(folder, folder, &mut mistakes);
        if let Some(path) = crate::model::template_path(&package.files)
            && std::fs::metadata(folder.join(&path)).is_ok_and(|metadata| metadata.len() <= LARGEST)
            && let Ok(text) = std::fs::read_to_string(folder.join(&path))
        {
            // One that cannot be read is missed where `config.yml` names it.
            package.files.insert(path, text);
        }
        if let Some(text) = package.files.get("plugins.yml")
            && let Ok(grants) = Grants::parse("plugins.yml", text)
        {
            for (name, grant) in &grants.plugins {
                match std::fs::read(folder.join(&grant.component)) {
                    Ok(bytes) => {
                        package.components.insert(name.clone(), bytes);
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => mistakes.push(mistake(&grant.component, &format!("cannot be read: {error}"))),
                }
            }
        }
        if mistakes.is_empty() { Ok(package) } else { Err(mistakes) }
    }

    fn walk(&mut self, base: &Path, folder: &Path, mistakes: &mut Vec<Mistake>) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            mistakes.push(mistake(&folder.display().to_string(), "cannot be read"));
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(relative) = path.strip_prefix(base) else { continue };
            let shown = relative.to_string_lossy().replace('\\', "/");
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                if folder != base || !APART.contains(&name.as_str()) {
                    self.walk(base, &path, mistakes);
                }
                continue;
            }
            // Documents are answered with as they are written.
            let document = name.ends_with(".txt") && shown.starts_with("docs/");
            if !(name.ends_with(".yml") || name.ends_with(".yaml") || document) {
                continue;
            }
            if entry.metadata().is_ok_and(|metadata| metadata.len() > LARGEST) {
                mistakes.push(mistake(&shown, "is larger than 4 MiB; split it"));
                continue;
            }
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    self.files.insert(shown, text);
                }
                Err(error) => mistakes.push(mistake(&shown, &format!("cannot be read: {error}"))),
            }
        }
    }

    /// SHA-256 over every path and every byte, as hexadecimal digits.
    pub fn digest(&self) -> String {
        digest(self.texts().chain(self.components.iter().map(|(name, bytes)| ("component", name.as_str(), bytes.as_slice()))))
    }

    /// The same over the files alone.
    pub fn files_digest(&self) -> String {
        digest(self.texts())
    }

    fn texts(&self) -> impl Iterator<Item = (&'static str, &str, &[u8])> {
        self.files.iter().map(|(name, text)| ("file", name.as_str(), text.as_bytes()))
    }

    /// The text files, for the engine.
    pub fn sources(&self) -> Vec<Source> {
        self.files.iter().map(|(path, text)| Source { path: path.clone(), text: text.clone() }).collect()
    }

    /// Keeps the package in the store, under its digest, with a proof that this installation wrote it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn keep(&self, store: &Store, keys: &Keys, at_ms: i64) -> Result<(), StoreError> {
        let mut components = BTreeMap::new();
        for (name, bytes) in &self.components {
            let digest = hex(&Sha256::digest(bytes));
            store.put_artifact(&digest, &Artifact { kind: "component".into(), name: name.clone(), bytes: bytes.clone() }, at_ms).await?;
            components.insert(name.clone(), digest);
        }
        let listed = Listed { files: self.files.clone(), components };
        let bytes = serde_json::to_vec(&listed).map_err(|_| StoreError::Damaged { what: "release".into() })?;
        let digest = self.digest();
        store.put_artifact(&digest, &Artifact { kind: "release".into(), name: proof(keys, &digest), bytes }, at_ms).await
    }

    /// A package the store keeps.
    ///
    /// # Errors
    /// As for [`Package::keep`]; [`StoreError::Damaged`] when a part is missing, is not what its digest
    /// says, or was not written by an installation with this key.
    pub async fn kept(store: &Store, keys: &Keys, digest: &str) -> Result<Option<Self>, StoreError> {
        let damaged = || StoreError::Damaged { what: format!("release {digest}") };
        let Some(artifact) = store.artifact(digest).await? else { return Ok(None) };
        if artifact.name != proof(keys, digest) {
            return Err(damaged());
        }
        let listed: Listed = serde_json::from_slice(&artifact.bytes).map_err(|_| damaged())?;
        let mut package = Self { files: listed.files, ..Self::default() };
        for (name, part) in listed.components {
            let artifact = store.artifact(&part).await?.ok_or_else(damaged)?;
            package.components.insert(name, artifact.bytes);
        }
        if package.digest() != digest {
            return Err(damaged());
        }
        Ok(Some(package))
    }
}

fn digest<'a>(parts: impl Iterator<Item = (&'static str, &'a str, &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    for (kind, name, bytes) in parts {
        for part in [kind.as_bytes(), name.as_bytes(), bytes] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hex(&hash.finalize())
}

/// A keyed hash over a release's digest: whoever can write to the database cannot make one.
fn proof(keys: &Keys, digest: &str) -> String {
    hex(&keys.mac(Purpose::Artifact, &[digest.as_bytes()]))
}

fn mistake(path: &str, message: &str) -> Mistake {
    Mistake { path: path.to_owned(), at: At { line: 1, column: 1 }, severity: Severity::Error, message: message.to_owned() }
}
