//! The journal of a run: every host call under (call, run, ordinal), so that a run executed again
//! gets the answers it got before.
//!
//! Lives here: looking up what an ordinal got, and the shape of recorded answers.
//! Never here: making the call (`host.rs`).

use crate::store::{EffectRow, EffectState, EffectWrite};
use sha2::{Digest as _, Sha256};

/// What is known of the host call that comes next.
pub(crate) enum Known {
    /// Nothing: it is made for the first time.
    New,
    /// Its recorded answer.
    Answered(Vec<u8>),
    /// It failed without effect; it may be made again.
    Failed,
    /// It may have left, and its answer was lost.
    Unknown,
}

/// A run whose requests are not the ones recorded: it is broken and must not go on.
#[derive(Debug, thiserror::Error)]
#[error("host call {ordinal} of this run differs from the one recorded; the plugin does not do the same thing twice")]
pub(crate) struct Differs {
    ordinal: u64,
}

/// The journal of one run.
pub(crate) struct Journal {
    run: u64,
    recorded: Vec<EffectRow>,
    next: u64,
}

/// A place in the journal.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) run: u64,
    pub(crate) ordinal: u64,
    kind: &'static str,
    name: String,
    digest: [u8; 32],
    attempts: u32,
}

impl Journal {
    pub(crate) fn new(run: u64, recorded: Vec<EffectRow>) -> Self {
        Self { run, recorded, next: 0 }
    }

    /// The next host call of the run: where it stands in the journal, and what is known of it.
    pub(crate) fn call(&mut self, kind: &'static str, name: &str, request: &[&[u8]]) -> Result<(Entry, Known), Differs> {
        let ordinal = self.next;
        self.next += 1;
        let mut hash = Sha256::new();
        for part in [kind.as_bytes(), name.as_bytes()].iter().chain(request) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut entry = Entry { run: self.run, ordinal, kind, name: name.to_owned(), digest: hash.finalize().into(), attempts: 0 };
        let Some(row) = self.recorded.iter().find(|row| row.ordinal == ordinal) else { return Ok((entry, Known::New)) };
        if row.request_digest != entry.digest || row.kind != kind || row.name != name {
            return Err(Differs { ordinal });
        }
        entry.attempts = row.attempts;
        Ok((
            entry,
            match (row.state, &row.answer) {
                (EffectState::Done, Some(answer)) => Known::Answered(answer.clone()),
                (EffectState::Done | EffectState::Failed, _) => Known::Failed,
                (EffectState::Intent, _) => Known::Unknown,
            },
        ))
    }

    /// Nothing after this ordinal counts any more: an earlier attempt recorded it on another path.
    pub(crate) fn forget_after(&mut self, ordinal: u64) {
        self.recorded.retain(|row| row.ordinal <= ordinal);
    }
}

impl Entry {
    /// How often it was made before; then the other side may hold more than one of it.
    pub(crate) const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The row that says how far the call got.
    pub(crate) fn row(&self, state: EffectState, answer: Option<Vec<u8>>) -> EffectWrite {
        EffectWrite {
            run: self.run,
            ordinal: self.ordinal,
            kind: self.kind.to_owned(),
            name: self.name.clone(),
            request_digest: self.digest,
            state,
            answer,
            attempts: self.attempts + 1,
            check_at_ms: None,
        }
    }
}
