//! A chain of records: each names the hash of the one before.
//!
//! Lives here: the hash, adding to a chain, and where a chain stops being one.
//! Never here: what records say, checkpoints.

use crate::store::AuditRow;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The end of a chain: its last record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last record's number; 0 when there is none.
    pub n: u64,
    /// The last record's hash; empty when there is none.
    pub hash: Vec<u8>,
}

impl Head {
    /// The next record of `chain`; this is its end from here on.
    pub fn add(&mut self, chain: &str, at_ms: i64, record: String) -> AuditRow {
        let mut row = AuditRow { n: self.n + 1, at_ms, record, previous: std::mem::take(&mut self.hash), hash: Vec::new() };
        row.hash = hash(chain, &row);
        *self = Self { n: row.n, hash: row.hash.clone() };
        row
    }
}

/// What is wrong with a record in its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It is not there.
    Missing,
    /// It names another record before it than the one that is there.
    Unlinked,
    /// It is not what its hash was made of.
    Edited,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Unlinked => "does not follow the one before it: records were swapped, or one was put in",
            Self::Edited => "was edited: it is not what its hash was made of",
        })
    }
}

/// The first record that does not fit, in rows ordered by number: its number, and what is wrong.
pub fn broken(chain: &str, rows: &[AuditRow]) -> Option<(u64, Broken)> {
    let mut previous: &[u8] = &[];
    for (n, row) in (1..).zip(rows) {
        if row.n != n {
            return Some((n, Broken::Missing));
        }
        if row.hash != hash(chain, row) {
            return Some((n, Broken::Edited));
        }
        if row.previous != previous {
            return Some((n, Broken::Unlinked));
        }
        previous = &row.hash;
    }
    None
}

/// SHA-256 over a record, its place, its time and the hash before it.
fn hash(chain: &str, row: &AuditRow) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [&row.previous, chain.as_bytes(), &row.n.to_be_bytes(), &row.at_ms.to_be_bytes(), row.record.as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}
