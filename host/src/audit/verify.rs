//! Holding the chains of a database against the checkpoints that left it.
//!
//! Lives here: what is found and where. An edited row, a lost call, a cut tail, a swap, a re-chained suffix, a restored
//! older database, each by its own name.
//! Never here: reading either side.

use super::chain::{Broken, broken};
use super::checkpoint::Checkpoint;
use crate::seal::hex;
use crate::store::AuditRow;
use std::collections::BTreeMap;
use std::fmt;

/// Something that is not as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A record does not fit its chain.
    Record {
        /// The call; empty for the host's own chain.
        chain: String,
        /// The record's number.
        n: u64,
        /// What is wrong with it.
        broken: Broken,
    },
    /// A sealed record is another now, in a chain that fits: it was made anew from there on.
    Rechained {
        /// The call.
        chain: String,
        /// The first sealed record that differs; what changed is at or before it.
        n: u64,
        /// The checkpoint that says otherwise.
        checkpoint: u64,
    },
    /// The chain ends before its last sealed record.
    Cut {
        /// The call.
        chain: String,
        /// The last record that is there.
        last: u64,
        /// The last one that was sealed.
        sealed: u64,
        /// The checkpoint that says so.
        checkpoint: u64,
    },
    /// Nothing is left of a call that was sealed.
    Lost {
        /// The call.
        chain: String,
        /// The checkpoint that names it last.
        checkpoint: u64,
    },
    /// The whole database is as it was at an earlier checkpoint.
    Older {
        /// The last checkpoint it agrees with.
        checkpoint: u64,
        /// When that was, milliseconds since 1970.
        at_ms: i64,
        /// How many chains have lost records.
        chains: usize,
    },
    /// A record stands behind the last sealed one of its chain, and is older than the last checkpoint: it was put in later.
    Unsealed {
        /// The call.
        chain: String,
        /// The record.
        n: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |chain: &str| if chain.is_empty() { "the host's chain".to_owned() } else { format!("call {chain}") };
        match self {
            Self::Record { chain, n, broken } => write!(f, "{}: record {n} {broken}", of(chain)),
            Self::Rechained { chain, n, checkpoint } => {
                write!(
                    f,
                    "{}: the chain fits, but record {n} is not the one checkpoint {checkpoint} sealed: it was made anew at or before that record",
                    of(chain)
                )
            }
            Self::Cut { chain, last, sealed, checkpoint } => {
                write!(f, "{}: it ends at record {last}; checkpoint {checkpoint} sealed record {sealed}: its tail was cut off", of(chain))
            }
            Self::Lost { chain, checkpoint } => write!(f, "{}: nothing is left of it; checkpoint {checkpoint} sealed it", of(chain)),
            Self::Older { checkpoint, at_ms, chains } => {
                let at = jiff::Timestamp::from_millisecond(*at_ms).map_or_else(|_| at_ms.to_string(), |at| at.to_string());
                write!(f, "the database is as it was at checkpoint {checkpoint} ({at}): an older copy was restored; {chains} chains have lost records")
            }
            Self::Unsealed { chain, n } => write!(f, "{}: record {n} is older than the last checkpoint, and none sealed it: it was put in later", of(chain)),
        }
    }
}

/// What a look at everything came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Chains looked at.
    pub chains: usize,
    /// Records looked at.
    pub records: usize,
    /// Records newer than the last checkpoint, which only the next one covers.
    pub young: usize,
    /// What is wrong, by chain.
    pub findings: Vec<Finding>,
}

/// Milliseconds after which a record should have been sealed: it bears the moment its turn began, and a run may take fifteen
/// seconds before it is stored.
const GRACE: i64 = 20_000;

/// Every sealed head of a chain: its number, its hash, the checkpoint.
type Sealed<'a> = BTreeMap<&'a str, Vec<(u64, &'a str, u64)>>;

/// Holds `chains` (each with its rows, ordered by number) against `checkpoints`, the files of all hosts one after another.
pub fn verify(chains: &BTreeMap<String, Vec<AuditRow>>, checkpoints: &[Checkpoint]) -> Verdict {
    let mut sealed: Sealed<'_> = BTreeMap::new();
    for checkpoint in checkpoints {
        for (chain, (n, hash)) in &checkpoint.heads {
            sealed.entry(chain).or_default().push((*n, hash, checkpoint.n));
        }
    }
    let last_at = checkpoints.iter().map(|checkpoint| checkpoint.at_ms).max().unwrap_or(i64::MIN);
    let mut verdict = Verdict { chains: chains.len(), records: chains.values().map(Vec::len).sum(), ..Verdict::default() };
    for (chain, rows) in chains {
        let heads = sealed.get(chain.as_str()).map(Vec::as_slice).unwrap_or_default();
        verdict.findings.extend(of_chain(chain, rows, heads));
        let end = heads.iter().map(|(n, ..)| *n).max().unwrap_or(0);
        for row in rows.iter().filter(|row| row.n > end) {
            if row.at_ms + GRACE < last_at {
                verdict.findings.push(Finding::Unsealed { chain: chain.clone(), n: row.n });
                break;
            }
            verdict.young += 1;
        }
    }
    for (chain, heads) in sealed.iter().filter(|(chain, _)| !chains.contains_key(**chain)) {
        let checkpoint = heads.iter().map(|(.., checkpoint)| *checkpoint).max().unwrap_or(0);
        verdict.findings.push(Finding::Lost { chain: (*chain).to_owned(), checkpoint });
    }
    if let Some(older) = older(chains, checkpoints, &verdict.findings) {
        verdict.findings.insert(0, older);
    }
    verdict
}

fn of_chain(chain: &str, rows: &[AuditRow], heads: &[(u64, &str, u64)]) -> Option<Finding> {
    let chain = || chain.to_owned();
    if let Some((n, broken)) = broken(&chain(), rows) {
        return Some(Finding::Record { chain: chain(), n, broken });
    }
    let last = rows.last().map_or(0, |row| row.n);
    let mut heads = heads.to_vec();
    heads.sort_unstable();
    for (n, hash, checkpoint) in heads {
        let Some(row) = usize::try_from(n).ok().and_then(|n| rows.get(n.checked_sub(1)?)) else {
            let sealed = n;
            return Some(Finding::Cut { chain: chain(), last, sealed, checkpoint });
        };
        if hex(&row.hash) != hash {
            return Some(Finding::Rechained { chain: chain(), n, checkpoint });
        }
    }
    None
}

/// Whether everything that is missing is what came after one checkpoint, and everything before it is there: then it is not
/// this call or that one, but the database. At least two chains, or one and the host's own, must say so.
fn older(chains: &BTreeMap<String, Vec<AuditRow>>, checkpoints: &[Checkpoint], findings: &[Finding]) -> Option<Finding> {
    let lost = |finding: &Finding| matches!(finding, Finding::Lost { .. } | Finding::Cut { .. });
    if findings.len() < 2 || !findings.iter().all(lost) {
        return None;
    }
    let there = |chain: &String, n: u64, hash: &str| {
        let row = chains.get(chain).and_then(|rows| rows.get(usize::try_from(n).ok()?.checked_sub(1)?));
        row.is_some_and(|row| hex(&row.hash) == hash)
    };
    let whole = |checkpoint: &&Checkpoint| checkpoint.heads.iter().all(|(chain, (n, hash))| there(chain, *n, hash));
    let agrees = checkpoints.iter().take_while(whole).count();
    let none_later = checkpoints[agrees..].iter().all(|checkpoint| checkpoint.heads.iter().all(|(chain, (n, hash))| !there(chain, *n, hash)));
    let last = checkpoints.get(agrees.checked_sub(1)?)?;
    none_later.then_some(Finding::Older { checkpoint: last.n, at_ms: last.at_ms, chains: findings.len() })
}
