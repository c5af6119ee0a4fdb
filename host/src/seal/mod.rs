//! Keys, and what is sealed under them.
//!
//! Lives here: `ENCRYPTION_KEY`, the keys derived from it, their tokens and keyed hashes.
//! Never here: which columns are sealed (`store`), signatures of the telephone network, randomness for plugins.

mod data_key;
mod variable;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

pub use data_key::{DataKey, Place};

use data_key::{Cipher, random};

/// Bytes of every key here.
const KEY: usize = 32;

/// Why a key was refused or a sealed value stays shut.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The variable holds no key of the right length.
    #[error(
        "ENCRYPTION_KEY holds {read} characters, which is no key; give 32 bytes: 32 characters as they are, 64 hex digits, or 44 of base64 (`openssl rand -base64 32` makes one)"
    )]
    BadKey {
        /// Characters read, never the characters themselves.
        read: usize,
    },
    /// The variable holds the value printed in the documentation.
    #[error("ENCRYPTION_KEY holds the placeholder of the documentation, which everybody knows; make a key with `openssl rand -base64 32`")]
    Placeholder,
    /// A call's data key does not unwrap.
    #[error(
        "the data key of call `{call}` does not open: the database was sealed under another ENCRYPTION_KEY; start with that key, or with an empty database"
    )]
    WrongKey {
        /// The call whose key it is.
        call: String,
    },
    /// A sealed column does not open: moved, changed, or of another call.
    #[error("`{table}.{column}` of call `{call}` does not open: it was changed or moved; restore it from a backup")]
    Broken {
        /// Table of the sealed value.
        table: String,
        /// Column of the sealed value.
        column: String,
        /// Call it belongs to.
        call: String,
    },
    /// The operating system gave no random bytes, or the value is beyond what the cipher takes.
    #[error("the value could not be sealed: {0}; nothing was stored")]
    Failed(&'static str),
}

/// What a derived key is for. Two purposes never share a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Tokens in the addresses a turn is answered at.
    TurnToken,
    /// The keyed hash of a calling number.
    Caller,
    /// Proof that a stored artifact is one this host wrote.
    Artifact,
    /// Checkpoints over the audit chains.
    Audit,
    /// The login of the admin pages.
    Admin,
    /// Tokens that stand for sensitive values, and the tags of runs.
    Value,
}

/// The keys of this installation, all derived from `ENCRYPTION_KEY`. Cannot be printed.
pub struct Keys {
    wrap: Cipher,
    turn_token: [u8; KEY],
    caller: [u8; KEY],
    artifact: [u8; KEY],
    audit: [u8; KEY],
    admin: [u8; KEY],
    value: [u8; KEY],
}

impl Keys {
    /// Reads `ENCRYPTION_KEY`: 32 bytes as text, as 64 hex digits, or as base64 (either alphabet, padded or not).
    ///
    /// # Errors
    /// [`SealError::Placeholder`] for the documented example, [`SealError::BadKey`] for anything that is not 32 bytes.
    pub fn from_variable(raw: &str) -> Result<Self, SealError> {
        variable::read(raw).map(|bytes| Self::from_bytes(&bytes))
    }

    /// Keys made from 32 bytes somebody else keeps (`dev` keeps them in its own folder).
    pub fn from_bytes(bytes: &[u8; KEY]) -> Self {
        let root = hkdf::Hkdf::<Sha256>::new(None, bytes);
        let derive = |purpose: &str| {
            let mut key = [0; KEY];
            // 32 bytes are far below what HKDF-SHA256 can give (255 × 32), its only failure.
            let _ = root.expand(format!("centralita/1/{purpose}").as_bytes(), &mut key);
            key
        };
        Self {
            wrap: Cipher::new(&derive("wrap")),
            turn_token: derive("turn token"),
            caller: derive("caller"),
            artifact: derive("artifact"),
            audit: derive("audit"),
            admin: derive("admin"),
            value: derive("value"),
        }
    }

    /// A keyed hash (HMAC-SHA256) over `parts`, whose borders count.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let key = match purpose {
            Purpose::TurnToken => &self.turn_token,
            Purpose::Caller => &self.caller,
            Purpose::Artifact => &self.artifact,
            Purpose::Audit => &self.audit,
            Purpose::Admin => &self.admin,
            Purpose::Value => &self.value,
        };
        mac(key, parts)
    }

    /// The token of turn `turn` of call `call`: 32 hex digits.
    pub fn turn_token(&self, call: &str, turn: u64) -> String {
        hex(&self.mac(Purpose::TurnToken, &[call.as_bytes(), &turn.to_be_bytes()])[..16])
    }

    /// Whether `token` is the token of this turn of this call. Takes the same time whatever is wrong.
    pub fn check_turn_token(&self, call: &str, turn: u64, token: &str) -> bool {
        self.turn_token(call, turn).as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// The token by which something of `call` that is no turn is asked for, such as its `relay`: 32 hex digits.
    pub fn call_token(&self, what: &str, call: &str) -> String {
        hex(&self.mac(Purpose::TurnToken, &[what.as_bytes(), call.as_bytes()])[..16])
    }

    /// Whether `token` is that token. Takes the same time whatever is wrong.
    pub fn check_call_token(&self, what: &str, call: &str, token: &str) -> bool {
        self.call_token(what, call).as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// A calling number as the store may keep it to count by: a keyed hash, 32 hex digits.
    pub fn caller_digest(&self, number: &str) -> String {
        hex(&self.mac(Purpose::Caller, &[number.as_bytes()])[..16])
    }

    /// A new random key for one call.
    ///
    /// # Errors
    /// [`SealError::Failed`] when the operating system gives no random bytes.
    pub fn new_data_key(&self) -> Result<DataKey, SealError> {
        let mut bytes = [0; KEY];
        random(&mut bytes)?;
        Ok(DataKey::from_bytes(bytes))
    }

    /// The key of `call` as the database keeps it.
    ///
    /// # Errors
    /// [`SealError::Failed`] as for [`Keys::new_data_key`].
    pub fn wrap(&self, key: &DataKey, call: &str) -> Result<Vec<u8>, SealError> {
        self.wrap.encrypt(&Place::of_key(call).associated_data(), &key.bytes)
    }

    /// The key of `call`, from the database.
    ///
    /// # Errors
    /// [`SealError::WrongKey`] when it was wrapped under another `ENCRYPTION_KEY` or for another call.
    pub fn unwrap(&self, wrapped: &[u8], call: &str) -> Result<DataKey, SealError> {
        self.wrap
            .decrypt(&Place::of_key(call).associated_data(), wrapped)
            .and_then(|bytes| <[u8; KEY]>::try_from(bytes).ok())
            .map(DataKey::from_bytes)
            .ok_or_else(|| SealError::WrongKey { call: call.to_owned() })
    }
}

/// HMAC-SHA256 over `parts`, whose borders count.
fn mac(key: &[u8; KEY], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC fills a key up to its block with zeros; doing so here leaves no length to fail on.
    let mut block = [0; 64];
    block[..KEY].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Lower-case hex digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 0xf)]));
    }
    text
}

const _: [(); 2] = {
    // Stops compiling, as ambiguous, on the day somebody makes a key printable.
    trait Unprintable<Proof> {
        const OK: () = ();
    }
    impl<T> Unprintable<()> for T {}
    impl<T: std::fmt::Debug> Unprintable<u8> for T {}
    impl<T: std::fmt::Display> Unprintable<u16> for T {}
    [<Keys as Unprintable<_>>::OK, <DataKey as Unprintable<_>>::OK]
};

#[cfg(test)]
mod tests;
