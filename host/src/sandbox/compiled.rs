//! Compiled code kept on disk, which is native code: what is read back is what this installation wrote, or nothing.
//!
//! Lives here: the folder, the keyed hash over every file, reading back; the only place where code is taken as compiled.
//! Never here: compiling, and compiled code of anybody else's, which no path leads to.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Bytes of the keyed hash at the head of a file.
const SEAL: usize = 32;
/// Files that are kept; the oldest go first.
const FILES: usize = 256;

/// A keyed hash over parts, whose borders count.
type Mac = Arc<dyn Fn(&[&[u8]]) -> [u8; SEAL] + Send + Sync>;

/// Compiled components by the digest of what they were compiled from.
#[derive(Clone)]
pub struct Cache {
    folder: PathBuf,
    mac: Mac,
}

impl Cache {
    /// A cache in a folder that is made for its owner alone. The key behind `mac` lies elsewhere.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(folder: &Path, mac: Mac) -> std::io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Ok(Self { folder: folder.to_owned(), mac })
    }

    /// The compiled code of these bytes, if this installation has put it here for this very engine.
    pub(super) fn get(&self, engine: &Engine, digest: &[u8; 32]) -> Option<Component> {
        let kept = std::fs::read(self.path(engine, digest)).ok()?;
        let (seal, code) = kept.split_at_checked(SEAL)?;
        let expected = self.seal(engine, digest, code);
        if !bool::from(subtle::ConstantTimeEq::ct_eq(seal, expected.as_slice())) {
            tracing::warn!("A file of the cache of compiled code was not written by this installation; it is compiled again");
            return None;
        }
        // The bytes that were proved are the bytes that run: nothing is read a second time.
        taken(engine, code).ok()
    }

    /// Keeps compiled code: written beside, then renamed. What cannot be kept is compiled again next time.
    pub(super) fn put(&self, engine: &Engine, digest: &[u8; 32], code: &[u8]) {
        let path = self.path(engine, digest);
        let written = (|| {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            std::io::Write::write_all(&mut file, &self.seal(engine, digest, code))?;
            std::io::Write::write_all(&mut file, code)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            self.prune()
        })();
        if let Err(error) = written {
            tracing::warn!(error = %error, "Compiled code cannot be kept in {}", self.folder.display());
        }
    }

    fn prune(&self) -> std::io::Result<()> {
        let of = |entry: std::fs::DirEntry| Some((entry.metadata().ok()?.modified().unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
        let ours = |(_, path): &(SystemTime, PathBuf)| path.extension().is_some_and(|extension| extension == "cwasm");
        let mut files: Vec<_> = std::fs::read_dir(&self.folder)?.flatten().filter_map(of).filter(ours).collect();
        files.sort();
        for (_, path) in files.iter().take(files.len().saturating_sub(FILES)) {
            // Another process of this installation may have been faster.
            let _ = std::fs::remove_file(path);
        }
        Ok(())
    }

    /// Named by what it was compiled from and by what compiled it.
    fn path(&self, engine: &Engine, digest: &[u8; 32]) -> PathBuf {
        self.folder.join(format!("{}-{:016x}.cwasm", crate::seal::hex(digest), compatibility(engine)))
    }

    fn seal(&self, engine: &Engine, digest: &[u8; 32], code: &[u8]) -> [u8; SEAL] {
        (self.mac)(&[b"compiled", digest, &compatibility(engine).to_be_bytes(), code])
    }
}

/// What a compiled component depends on besides its bytes: version, machine and settings.
fn compatibility(engine: &Engine) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// Compiled code as a component. It must come from the cache, proved, or from our own compiler through its pipe.
#[allow(unsafe_code, reason = "compiled code is trusted as what it is: native code. The two callers prove where it is from")]
pub(super) fn taken(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `code` is unmodified output of `Component::serialize`: either its keyed hash was just checked over these
    // very bytes, or a child of this process, running this program, has just written them.
    unsafe { Component::deserialize(engine, code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_read_back_by_whoever_has_the_key_and_only_as_it_was_written() {
        let engine = super::super::engine::still(&super::super::engine::Settings::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let keyed = |key: u8| {
            Cache::open(folder.path(), Arc::new(move |parts: &[&[u8]]| crate::seal::Keys::from_bytes(&[key; 32]).mac(crate::seal::Purpose::Artifact, parts)))
        };
        let (ours, theirs) = (keyed(1).unwrap(), keyed(2).unwrap());
        let code = Component::from_binary(&engine, &wat::parse_str("(component)").unwrap()).unwrap().serialize().unwrap();
        let (one, other) = ([1; 32], [2; 32]);
        ours.put(&engine, &one, &code);
        assert!(ours.get(&engine, &one).is_some());
        assert!(theirs.get(&engine, &one).is_none(), "another key");
        std::fs::copy(ours.path(&engine, &one), ours.path(&engine, &other)).unwrap();
        assert!(ours.get(&engine, &other).is_none(), "another component's code");
        let mut bent = std::fs::read(ours.path(&engine, &one)).unwrap();
        *bent.last_mut().unwrap() ^= 1;
        std::fs::write(ours.path(&engine, &one), bent).unwrap();
        assert!(ours.get(&engine, &one).is_none(), "a changed byte");
    }

    #[test]
    fn of_many_files_the_youngest_are_kept() {
        let engine = super::super::engine::still(&super::super::engine::Settings::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), Arc::new(|_: &[&[u8]]| [0; 32])).unwrap();
        for number in 0..FILES + 3 {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&number.to_be_bytes());
            cache.put(&engine, &digest, b"code");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), FILES);
    }
}
