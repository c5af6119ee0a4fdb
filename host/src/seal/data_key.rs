//! One key per call, and the place each sealed value belongs to.
//!
//! Lives here: sealing and opening with AES-256-GCM, a random nonce first, the place as associated data.
//! Never here: where the key is kept (`Keys::wrap`, `store`).

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

use super::{KEY, SealError};

const NONCE: usize = 12;

/// The key everything a caller said is sealed under. One per call; destroying it erases the call. Cannot be printed.
pub struct DataKey {
    pub(super) bytes: [u8; KEY],
    cipher: Aes256Gcm,
}

impl DataKey {
    pub(super) fn from_bytes(bytes: [u8; KEY]) -> Self {
        Self { cipher: Aes256Gcm::new(&bytes.into()), bytes }
    }

    /// Seals `plain` for one place: a random nonce, then AES-256-GCM with the place as associated data.
    ///
    /// # Errors
    /// [`SealError::Failed`] when there are no random bytes or the value is beyond 64 GB.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        encrypt(&self.cipher, &place.associated_data(), plain)
    }

    /// Opens what was sealed for this very place.
    ///
    /// # Errors
    /// [`SealError::Broken`] for anything changed, moved, or sealed under another key.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        decrypt(&self.cipher, &place.associated_data(), sealed).ok_or_else(|| SealError::Broken {
            table: place.table.to_owned(),
            column: place.column.to_owned(),
            call: place.call.to_owned(),
        })
    }
}

/// Where a sealed value lives. A value moved to another place does not open there.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// Call, the first part of every key.
    pub call: &'a str,
    /// The rest of the row's key: position, turn, or (run, ordinal).
    pub row: (u64, u64),
}

impl<'a> Place<'a> {
    pub(super) fn of_key(call: &'a str) -> Self {
        Self { table: "calls", column: "data_key", call, row: (0, 0) }
    }

    pub(super) fn associated_data(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(40 + self.table.len() + self.column.len() + self.call.len());
        for part in [self.table, self.column, self.call] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data.extend_from_slice(&self.row.0.to_be_bytes());
        data.extend_from_slice(&self.row.1.to_be_bytes());
        data
    }
}

pub(super) fn encrypt(cipher: &Aes256Gcm, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE];
    random(&mut nonce)?;
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: place }).map_err(|_| SealError::Failed("it is too long"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

pub(super) fn decrypt(cipher: &Aes256Gcm, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE>()?;
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: body, aad: place }).ok()
}

pub(super) fn random(bytes: &mut [u8]) -> Result<(), SealError> {
    getrandom::fill(bytes).map_err(|_| SealError::Failed("the operating system gave no random bytes"))
}
