//! Which columns are sealed, and for which place.
//!
//! Lives here: a commit on its way into the database, rows on their way out. The dialect files only ever see sealed bytes.
//! Never here: SQL, the cipher (`seal`).

use super::commit::{Commit, EffectState, EffectWrite, OwedWrite, Status, TurnWrite};
use super::error::StoreError;
use super::rows::{AuditRow, EffectRow, Loaded, TurnRow};
use crate::audit::Head;
use crate::seal::{DataKey, Keys, Place};

/// A commit whose contents are sealed. Numbers are as the databases take them.
pub(super) struct Sealed {
    pub(super) call: String,
    /// The name of its audit chain.
    pub(super) chain: String,
    pub(super) at: i64,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) seqs: Vec<i64>,
    pub(super) events: Vec<Vec<u8>>,
    pub(super) state: Option<Vec<u8>>,
    pub(super) turn: Option<SealedTurn>,
    pub(super) effects: Vec<SealedEffect>,
    pub(super) forget: Option<(i64, i64)>,
    pub(super) owed: Vec<OwedWrite>,
    pub(super) audit: Vec<AuditRow>,
    pub(super) status: Option<&'static str>,
    pub(super) release: Option<String>,
}

pub(super) struct SealedTurn {
    pub(super) number: i64,
    pub(super) body_digest: Vec<u8>,
    pub(super) idempotency: Option<String>,
    pub(super) reply: Option<Vec<u8>>,
}

pub(super) struct SealedEffect {
    pub(super) run: i64,
    pub(super) ordinal: i64,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) request_digest: Vec<u8>,
    pub(super) state: &'static str,
    pub(super) answer: Option<Vec<u8>>,
    pub(super) attempts: i64,
    pub(super) check_at: Option<i64>,
}

impl Sealed {
    /// The turn this commit answers, if it answers one.
    pub(super) fn answered(&self) -> Option<i64> {
        self.turn.as_ref().filter(|turn| turn.reply.is_some()).map(|turn| turn.number)
    }

    /// The position, as errors name it.
    pub(super) fn expected_seq(&self) -> u64 {
        unsigned(self.from)
    }

    pub(super) fn done_already(&self, effect: &SealedEffect) -> StoreError {
        let (run, ordinal) = (unsigned(effect.run), unsigned(effect.ordinal));
        StoreError::EffectAlreadyDone { call: self.call.clone(), run, ordinal }
    }

    /// The end of the call's audit chain after this commit, if it adds to it.
    pub(super) fn head(&self) -> Option<Head> {
        self.audit.last().map(|row| Head { n: row.n, hash: row.hash.clone() })
    }

    pub(super) fn taken(&self) -> StoreError {
        StoreError::TurnAlreadyTaken { call: self.call.clone(), from_seq: self.expected_seq() }
    }
}

pub(super) fn seal(key: &DataKey, commit: Commit<'_>, chain: String) -> Result<Sealed, StoreError> {
    let call = commit.call;
    let mut events = Vec::with_capacity(commit.events.len());
    let mut seqs = Vec::with_capacity(commit.events.len());
    for (seq, event) in (commit.from_seq + 1..).zip(&commit.events) {
        events.push(key.seal(place("events", "event", call, (seq, 0)), event)?);
        seqs.push(signed(seq));
    }
    let to = commit.from_seq + commit.events.len() as u64;
    // A batch may say twice what became of one host call; the last word counts, and a statement may name a row only once.
    let mut effects: Vec<SealedEffect> = Vec::with_capacity(commit.effects.len());
    for effect in &commit.effects {
        let sealed = seal_effect(key, call, effect)?;
        effects.retain(|known| (known.run, known.ordinal) != (sealed.run, sealed.ordinal));
        effects.push(sealed);
    }
    let mut owed: Vec<OwedWrite> = Vec::with_capacity(commit.owed.len());
    for write in commit.owed {
        owed.retain(|known| known.run != write.run);
        owed.push(write);
    }
    Ok(Sealed {
        call: call.to_owned(),
        chain,
        at: commit.at_ms,
        from: signed(commit.from_seq),
        to: signed(to),
        seqs,
        events,
        state: commit.snapshot.as_ref().map(|state| key.seal(place("snapshots", "state", call, (to, 0)), state)).transpose()?,
        turn: commit.turn.as_ref().map(|turn| seal_turn(key, call, turn)).transpose()?,
        effects,
        forget: commit.forget_effects_after.map(|(run, ordinal)| (signed(run), signed(ordinal))),
        owed,
        audit: commit.audit,
        status: commit.status.map(Status::as_str),
        release: commit.release,
    })
}

pub(super) fn seal_effect(key: &DataKey, call: &str, effect: &EffectWrite) -> Result<SealedEffect, StoreError> {
    let row = (effect.run, effect.ordinal);
    Ok(SealedEffect {
        run: signed(effect.run),
        ordinal: signed(effect.ordinal),
        kind: effect.kind.clone(),
        name: effect.name.clone(),
        request_digest: key.seal(place("effects", "request_digest", call, row), &effect.request_digest)?,
        state: effect.state.as_str(),
        answer: effect.answer.as_ref().map(|answer| key.seal(place("effects", "answer", call, row), answer)).transpose()?,
        attempts: i64::from(effect.attempts),
        check_at: effect.check_at_ms,
    })
}

fn seal_turn(key: &DataKey, call: &str, turn: &TurnWrite) -> Result<SealedTurn, StoreError> {
    let row = (turn.number, 0);
    Ok(SealedTurn {
        number: signed(turn.number),
        body_digest: key.seal(place("turns", "body_digest", call, row), &turn.body_digest)?,
        idempotency: turn.idempotency.clone(),
        reply: turn.reply.as_ref().map(|reply| key.seal(place("turns", "reply", call, row), reply)).transpose()?,
    })
}

/// One row of the read that loads a call; what the columns mean depends on `kind` (`common::LOAD`).
pub(super) struct LoadedRow {
    pub(super) kind: i64,
    pub(super) number: i64,
    pub(super) other: Option<i64>,
    pub(super) words: Option<String>,
    pub(super) more: Option<String>,
    pub(super) first: Option<Vec<u8>>,
    pub(super) second: Option<Vec<u8>>,
}

pub(super) fn open_call(keys: &Keys, call: &str, rows: Vec<LoadedRow>) -> Result<Option<Loaded>, StoreError> {
    let damaged = || StoreError::Damaged { what: call.to_owned() };
    let mut rows = rows.into_iter();
    // `union all` promises no order, but the call's own row is one of them or the call does not exist.
    let (head, rest): (Vec<_>, Vec<_>) = rows.by_ref().partition(|row| row.kind == 0);
    let Some(head) = head.into_iter().next() else {
        return Ok(None);
    };
    let wrapped = head.first.ok_or_else(|| StoreError::Erased { call: call.to_owned() })?;
    let mut loaded = Loaded {
        release: head.words.ok_or_else(damaged)?,
        seq: unsigned(head.number),
        turn: head.other.map(unsigned),
        status: head.more.as_deref().and_then(Status::parse).ok_or_else(damaged)?,
        data_key: keys.unwrap(&wrapped, call)?,
        snapshot: None,
        tail: Vec::new(),
        open_turn: None,
        last_turn: None,
        audit: Head::default(),
    };
    for row in rest {
        let (seq, first) = (unsigned(row.number), row.first.ok_or_else(damaged)?);
        let key = &loaded.data_key;
        match row.kind {
            1 => loaded.snapshot = Some((seq, key.open(place("snapshots", "state", call, (seq, 0)), &first)?)),
            2 => loaded.tail.push((seq, open_event(key, call, seq, &first)?)),
            5 => loaded.audit = Head { n: seq, hash: first },
            kind => {
                let raw =
                    RawTurn { number: row.number, body_digest: first, idempotency: row.words, reply: row.second, started_at: row.other.unwrap_or_default() };
                let turn = Some(open_turn(key, call, raw)?);
                if kind == 3 { loaded.last_turn = turn } else { loaded.open_turn = turn }
            }
        }
    }
    loaded.tail.sort_by_key(|(seq, _)| *seq);
    Ok(Some(loaded))
}

pub(super) struct RawTurn {
    pub(super) number: i64,
    pub(super) body_digest: Vec<u8>,
    pub(super) idempotency: Option<String>,
    pub(super) reply: Option<Vec<u8>>,
    pub(super) started_at: i64,
}

pub(super) fn open_turn(key: &DataKey, call: &str, raw: RawTurn) -> Result<TurnRow, StoreError> {
    let row = (unsigned(raw.number), 0);
    Ok(TurnRow {
        number: row.0,
        body_digest: digest(call, key.open(place("turns", "body_digest", call, row), &raw.body_digest)?)?,
        idempotency: raw.idempotency,
        reply: raw.reply.map(|reply| key.open(place("turns", "reply", call, row), &reply)).transpose()?,
        started_at_ms: raw.started_at,
    })
}

pub(super) struct RawEffect {
    pub(super) ordinal: i64,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) request_digest: Vec<u8>,
    pub(super) state: String,
    pub(super) answer: Option<Vec<u8>>,
    pub(super) attempts: i64,
    pub(super) at: i64,
}

pub(super) fn open_effect(key: &DataKey, call: &str, run: u64, raw: RawEffect) -> Result<EffectRow, StoreError> {
    let row = (run, unsigned(raw.ordinal));
    Ok(EffectRow {
        ordinal: row.1,
        kind: raw.kind,
        name: raw.name,
        request_digest: digest(call, key.open(place("effects", "request_digest", call, row), &raw.request_digest)?)?,
        state: EffectState::parse(&raw.state).ok_or_else(|| StoreError::Damaged { what: call.to_owned() })?,
        answer: raw.answer.map(|answer| key.open(place("effects", "answer", call, row), &answer)).transpose()?,
        attempts: u32::try_from(raw.attempts).unwrap_or(u32::MAX),
        at_ms: raw.at,
    })
}

pub(super) fn open_event(key: &DataKey, call: &str, seq: u64, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    Ok(key.open(place("events", "event", call, (seq, 0)), sealed)?)
}

/// A number as the databases keep it. Positions never come near the difference.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number from the databases, whose checks keep it from being negative.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn place<'a>(table: &'static str, column: &'static str, call: &'a str, row: (u64, u64)) -> Place<'a> {
    Place { table, column, call, row }
}

fn digest(call: &str, bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Damaged { what: call.to_owned() })
}
