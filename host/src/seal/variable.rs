//! `ENCRYPTION_KEY` as people write it.
//!
//! Lives here: its three spellings and the refusal of the documented placeholder.
//! Never here: what the key is used for. No message repeats what was read.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::{KEY, SealError};

/// The value every example shows, which therefore protects nothing.
const PLACEHOLDER: &str = "your_32_character_encryption_key";

pub(super) fn read(raw: &str) -> Result<[u8; KEY], SealError> {
    let raw = raw.trim();
    if raw == PLACEHOLDER {
        return Err(SealError::Placeholder);
    }
    let as_it_is = (raw.len() == KEY).then(|| raw.as_bytes().to_vec());
    as_it_is
        .or_else(|| from_hex(raw))
        .or_else(|| from_base64(raw))
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| SealError::BadKey { read: raw.chars().count() })
}

fn from_hex(raw: &str) -> Option<Vec<u8>> {
    let digits = raw.as_bytes();
    if digits.len() != 2 * KEY || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn from_base64(raw: &str) -> Option<Vec<u8>> {
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].iter().find_map(|alphabet| alphabet.decode(raw).ok().filter(|bytes| bytes.len() == KEY))
}
