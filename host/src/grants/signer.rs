//! Public keys of people who sign releases: authors and reviewers.
//!
//! Lives here: how such a key is written, and whether it signed some bytes.
//! Never here: private keys (`release/signing.rs`), what a signature means (`release/approval.rs`).

use super::strict::is_name;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use centralita_engine::yaml::{Findings, Kind, Node};
use ring::signature::{ED25519, UnparsedPublicKey};
use std::collections::BTreeMap;
use std::fmt;

/// What a written key begins with.
const PREFIX: &str = "ed25519:";

/// An Ed25519 public key, written `ed25519:` and its 32 bytes in base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// Text that is no public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no public key; write `ed25519:` and 44 characters of base64, as `centralita plugin key FILE` prints it")]
pub struct BadKey(String);

impl PublicKey {
    /// A key from its 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key as it is written.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let bytes = text.trim().strip_prefix(PREFIX).and_then(|key| BASE64_STANDARD.decode(key).ok());
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or_else(|| BadKey(text.to_owned()))
    }

    /// Whether this key signed these bytes.
    pub fn signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(bytes, signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", BASE64_STANDARD.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// `reviewers:` or `authors:`, a mapping from names to keys.
pub(super) fn read(root: &Node, section: &str, findings: &mut Findings<'_>) -> BTreeMap<String, PublicKey> {
    let mut signers: BTreeMap<String, PublicKey> = BTreeMap::new();
    let Some(node) = root.get(section) else { return signers };
    if !matches!(node.kind, Kind::Map(_)) || node.pairs().is_empty() {
        findings.error(node.at, format!("`{section}` maps names to public keys (`ana: ed25519:…`); take it out if there are none"));
    }
    for (name, node) in node.pairs() {
        if !is_name(&name.text) {
            findings.error(name.at, format!("`{}` is no name: use letters, digits, `-`, `_`, `.`", name.text));
        }
        let Some(text) = node.text(&format!("the key of `{}`", name.text), findings) else { continue };
        match PublicKey::parse(&text) {
            Ok(key) => {
                if let Some((other, _)) = signers.iter().find(|(_, known)| **known == key) {
                    findings.error(node.at, format!("`{}` has the key of `{other}`; each has one of their own", name.text));
                }
                signers.insert(name.text.clone(), key);
            }
            Err(error) => findings.error(node.at, error.to_string()),
        }
    }
    signers
}
