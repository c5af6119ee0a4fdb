//! Checkpoints: the ends of the chains that moved, signed, each naming the one before. They are lines of a file outside
//! the database, so that whoever changes the database cannot change them with it.
//!
//! Lives here: the line, its signature, reading a file of them.
//! Never here: when one is due (`sealing.rs`), holding a database against them (`verify.rs`).

use crate::grants::PublicKey;
use crate::seal::{Keys, Purpose, hex};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// What one checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Its number in the file, from 1.
    pub n: u64,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// SHA-256 of the checkpoint before it, in hex; empty for the first.
    pub previous: String,
    /// The chains that moved since then: the number and the hash, in hex, of their last record. The host's own has no name.
    pub heads: BTreeMap<String, (u64, String)>,
}

/// A line of the file. What is signed is the checkpoint's JSON as serde writes it: the same for the same checkpoint.
#[derive(Serialize, Deserialize)]
struct Line {
    checkpoint: Checkpoint,
    signature: String,
}

/// Signs checkpoints (Ed25519, RFC 8032), with a key derived from `ENCRYPTION_KEY`.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// The installation's signer.
    pub fn new(keys: &Keys) -> Self {
        let seed = keys.mac(Purpose::Audit, &[b"checkpoints"]);
        Self(Ed25519KeyPair::from_seed_unchecked(&seed).expect("every 32 bytes are a seed"))
    }

    /// Who has this can verify, and not sign.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey::from_bytes(bytes)
    }

    /// The line of a checkpoint, without its end, and the digest the next one names.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn line(&self, checkpoint: Checkpoint) -> serde_json::Result<(String, String)> {
        let text = serde_json::to_string(&checkpoint)?;
        let signature = BASE64_STANDARD.encode(self.0.sign(text.as_bytes()));
        let digest = digest(&text);
        Ok((serde_json::to_string(&Line { checkpoint, signature })?, digest))
    }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The checkpoints of a file, as far as they are what the host wrote.
#[derive(Debug, Default)]
pub struct Checkpoints {
    /// In order.
    pub all: Vec<Checkpoint>,
    /// SHA-256 of the last, in hex.
    pub last: String,
}

/// A line that is no checkpoint, or not the one that belongs there.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("checkpoint {line} {why}")]
pub struct BadCheckpoint {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub why: &'static str,
}

impl Checkpoints {
    /// Reads a file's text. A last line without its end is left out: a stop cut it off.
    ///
    /// # Errors
    /// [`BadCheckpoint`] for the first line that was changed, moved, put in or taken out.
    pub fn read(text: &str, public: &PublicKey) -> Result<Self, BadCheckpoint> {
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut read = Self::default();
        for (at, line) in (1..).zip(whole.lines()) {
            let bad = |why| BadCheckpoint { line: at, why };
            let Line { checkpoint, signature } = serde_json::from_str(line).map_err(|_| bad("is no line of this file"))?;
            let text = serde_json::to_string(&checkpoint).map_err(|_| bad("is no checkpoint"))?;
            let signed = BASE64_STANDARD.decode(&signature).is_ok_and(|signature| public.signed(text.as_bytes(), &signature));
            if !signed {
                return Err(bad("was changed, or signed by another installation"));
            }
            if checkpoint.previous != read.last || checkpoint.n != read.all.len() as u64 + 1 {
                return Err(bad("does not follow the one before it: lines were moved or taken out"));
            }
            read.last = digest(&text);
            read.all.push(checkpoint);
        }
        Ok(read)
    }
}
