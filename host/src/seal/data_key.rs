//! One key per call, and the place each sealed value belongs to.
//!
//! Lives here: sealing and opening with AES-256-GCM, a random nonce first, the place as associated data.
//! Never here: where the key is kept (`Keys::wrap`, `store`).

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::{KEY, SealError};
use sha2::Sha256;
use std::sync::OnceLock;

/// The key everything a caller said is sealed under. One per call; destroying it erases the call. Cannot be printed.
pub struct DataKey {
    pub(super) bytes: [u8; KEY],
    cipher: Cipher,
    /// The salt of the call's audit, once it is wanted.
    salt: OnceLock<[u8; KEY]>,
}

impl DataKey {
    pub(super) fn from_bytes(bytes: [u8; KEY]) -> Self {
        Self { cipher: Cipher::new(&bytes), bytes, salt: OnceLock::new() }
    }

    /// Seals `plain` for one place: a random nonce, then AES-256-GCM with the place as associated data.
    ///
    /// # Errors
    /// [`SealError::Failed`] when there are no random bytes or the value is beyond 64 GB.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.cipher.encrypt(&place.associated_data(), plain)
    }

    /// Opens what was sealed for this very place.
    ///
    /// # Errors
    /// [`SealError::Broken`] for anything changed, moved, or sealed under another key.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.cipher.decrypt(&place.associated_data(), sealed).ok_or_else(|| SealError::Broken {
            table: place.table.to_owned(),
            column: place.column.to_owned(),
            call: place.call.to_owned(),
        })
    }
}

impl DataKey {
    /// A keyed hash of a value for the audit of this call (HMAC-SHA256). Its salt is derived from the call's key, so it is
    /// sealed with it and goes with it.
    pub fn salted(&self, parts: &[&[u8]]) -> [u8; 32] {
        let salt = self.salt.get_or_init(|| {
            let mut salt = [0; KEY];
            // 32 bytes are far below what HKDF-SHA256 can give, its only failure.
            let _ = hkdf::Hkdf::<Sha256>::new(None, &self.bytes).expand(b"centralita/1/audit salt", &mut salt);
            salt
        });
        super::mac(salt, parts)
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

/// AES-256-GCM with a random nonce for every value: at most 2³² values under one key (NIST SP 800-38D, 8.3).
pub(super) struct Cipher(LessSafeKey);

impl Cipher {
    pub(super) fn new(key: &[u8; KEY]) -> Self {
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes keys of 32 bytes")))
    }

    pub(super) fn encrypt(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        random(&mut nonce)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut sealed[NONCE_LEN..])
            .map_err(|_| SealError::Failed("it is too long"))?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    pub(super) fn decrypt(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut body = body.to_vec();
        let plain = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place), &mut body).ok()?.len();
        body.truncate(plain);
        Some(body)
    }
}

pub(super) fn random(bytes: &mut [u8]) -> Result<(), SealError> {
    getrandom::fill(bytes).map_err(|_| SealError::Failed("the operating system gave no random bytes"))
}
