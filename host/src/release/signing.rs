//! Private keys of authors and reviewers, for the commands that sign.
//!
//! Lives here: making one, reading one from a file, signing with it.
//! Never here: a running server; it checks signatures and holds no key.

use crate::grants::PublicKey;
use anyhow::Context as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// A key that signs. Cannot be printed.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Makes a key and writes it to a new file that only its owner reads: PKCS#8 in PEM.
    ///
    /// # Errors
    /// If the file is there already or cannot be written.
    pub fn make(path: &Path) -> anyhow::Result<Self> {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| anyhow::anyhow!("the machine gives no random bytes"))?;
        let text = BASE64_STANDARD.encode(key.as_ref());
        let lines: Vec<&str> = (0..text.len()).step_by(64).filter_map(|at| text.get(at..(at + 64).min(text.len()))).collect();
        let mut file = std::fs::OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(path)
            .with_context(|| format!("{} cannot be made; a key that is there is never written over", path.display()))?;
        writeln!(file, "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", lines.join("\n"))?;
        Self::read(path)
    }

    /// Reads a key: PKCS#8 in PEM, as [`SigningKey::make`] or `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    /// If the file cannot be read or holds another kind of key.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let what = || format!("{} is no Ed25519 key in PEM (PKCS#8); make one with `centralita plugin key FILE`", path.display());
        let text = std::fs::read(path).with_context(|| format!("the key {} cannot be read", path.display()))?;
        let der = PrivatePkcs8KeyDer::from_pem_slice(&text).ok().with_context(what)?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der()).map(Self).ok().with_context(what)
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey::from_bytes(bytes)
    }

    /// Signs bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }
}
