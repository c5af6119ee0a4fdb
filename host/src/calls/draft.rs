//! What a turn has decided and not yet stored.
//!
//! Lives here: the commit points (`design.md`, invariant 3): before a write leaves, its result, the
//! end of the turn. A turn without writes commits once.
//! Never here: what is decided (the engine), how it is stored (`store`).

use crate::audit::Head;
use crate::failpoint::failpoint;
use crate::seal::{DataKey, hex};
use crate::store::{Bound, Commit, EffectWrite, NewCall, OwedWrite, Rows, Status, Store, StoreError, TurnWrite};
use centralita_engine::{CallState, Event};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The turn a draft belongs to.
#[derive(Clone)]
pub(crate) struct TurnHead {
    pub(crate) number: u64,
    pub(crate) body_digest: [u8; 32],
    pub(crate) idempotency: Option<String>,
}

/// Events and journal rows of one call, waiting for their commit.
pub(crate) struct Draft {
    pub(crate) call: String,
    pub(crate) at_ms: i64,
    store: Arc<Store>,
    key: Option<Arc<DataKey>>,
    new: Option<Beginning>,
    stored: u64,
    events: Vec<Event>,
    effects: Vec<EffectWrite>,
    owed: Vec<OwedWrite>,
    records: Vec<String>,
    chain: Head,
    forget: Option<(u64, u64)>,
    turn: Option<TurnHead>,
    release: Option<String>,
    /// A commit was given up on its way, and may or may not have happened: nothing may follow it.
    in_doubt: AtomicBool,
    /// Another host has taken this call on meanwhile: nothing of this draft counts any more.
    taken: bool,
}

/// Where a stored call stands: its key, its position, the end of its audit chain.
pub(crate) struct Standing {
    pub(crate) key: Arc<DataKey>,
    pub(crate) seq: u64,
    pub(crate) audit: Head,
}

/// A call that has no row yet.
pub(crate) struct Beginning {
    pub(crate) release: String,
    pub(crate) from_digest: Option<String>,
    pub(crate) key: Arc<DataKey>,
}

impl Draft {
    /// A draft for a stored call.
    pub(crate) fn of(store: Arc<Store>, call: &str, stored: Standing, turn: Option<TurnHead>, at_ms: i64) -> Self {
        let Standing { key, seq, audit } = stored;
        Self { at_ms, key: Some(key), stored: seq, chain: audit, turn, ..Self::lost(store, call) }
    }

    /// A draft for a call that begins.
    pub(crate) fn beginning(store: Arc<Store>, call: &str, new: Beginning, turn: Option<TurnHead>, at_ms: i64) -> Self {
        Self { at_ms, new: Some(new), turn, ..Self::lost(store, call) }
    }

    /// A draft that can store nothing: every commit of it fails.
    pub(crate) fn lost(store: Arc<Store>, call: &str) -> Self {
        Self {
            call: call.to_owned(),
            at_ms: 0,
            store,
            key: None,
            new: None,
            stored: 0,
            events: Vec::new(),
            effects: Vec::new(),
            owed: Vec::new(),
            records: Vec::new(),
            chain: Head::default(),
            forget: None,
            turn: None,
            release: None,
            in_doubt: AtomicBool::new(false),
            taken: false,
        }
    }

    /// A session begins anew: the call keeps this release from its next commit on.
    pub(crate) fn keep(&mut self, release: &str) {
        self.release = Some(release.to_owned());
    }

    pub(crate) fn append(&mut self, events: Vec<Event>) {
        self.events.extend(events);
    }

    /// Events that are decided and not yet stored.
    pub(crate) fn pending(&self) -> &[Event] {
        &self.events
    }

    /// Notes a host call that needs no commit of its own.
    pub(crate) fn note(&mut self, effect: EffectWrite) {
        self.effects.push(effect);
    }

    pub(crate) fn owe(&mut self, owed: OwedWrite) {
        self.owed.retain(|other| other.run != owed.run);
        self.owed.push(owed);
    }

    /// Adds a record to the call's audit, with the next commit.
    pub(crate) fn audit(&mut self, record: String) {
        self.records.push(record);
    }

    /// The records that wait for a commit.
    pub(crate) fn records(&self) -> &[String] {
        &self.records
    }

    /// A value as the audit of this call may hold it; empty for a draft that can store nothing.
    pub(crate) fn salted(&self, parts: &[&[u8]]) -> String {
        let key = self.key.as_ref().or(self.new.as_ref().map(|new| &new.key));
        key.map(|key| hex(&key.salted(parts)[..16])).unwrap_or_default()
    }

    /// Drops what an earlier attempt of this run recorded after this ordinal.
    pub(crate) fn forget_after(&mut self, run: u64, ordinal: u64) {
        self.effects.retain(|effect| effect.run != run || effect.ordinal <= ordinal);
        self.forget = Some((run, ordinal));
    }

    /// Whether another host has taken this call on meanwhile.
    pub(crate) const fn is_taken(&self) -> bool {
        self.taken
    }

    pub(crate) fn key(&self) -> Option<Arc<DataKey>> {
        self.key.clone()
    }

    /// Stores what there is, without ending the turn.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.write(None, None, None).await
    }

    /// Stores what there is, with a record of what follows; the record stands only if it is stored now.
    pub(crate) async fn commit_with(&mut self, record: String) -> Result<(), StoreError> {
        self.records.push(record);
        let stored = self.commit().await;
        if stored.is_err() {
            self.records.pop();
        }
        stored
    }

    /// Stores what there is together with a write statement, whose rows become the answer of `effect`, and its
    /// record, which stands only if the statement does.
    pub(crate) async fn commit_statement(&mut self, effect: EffectWrite, record: String, bound: &Bound) -> Result<Rows, StoreError> {
        if self.key.is_none() {
            self.commit().await?;
        }
        let Some(key) = self.key.clone() else { return Err(StoreError::Damaged { what: self.call.clone() }) };
        self.records.push(record);
        let (commit, chain) = self.commit_of(None, None, None)?;
        failpoint("a statement is about to be committed");
        // Stays so if whoever waits gives up.
        self.in_doubt.store(true, Ordering::Relaxed);
        let stored = self.store.commit_statement(&key, commit, effect, bound).await;
        self.in_doubt.store(false, Ordering::Relaxed);
        failpoint("a statement is committed");
        self.taken |= matches!(stored, Err(StoreError::TurnAlreadyTaken { .. }));
        match &stored {
            Ok(_) => self.written(chain),
            Err(_) => drop(self.records.pop()),
        }
        stored
    }

    /// Stores the rest: the turn has its reply, the call this state.
    pub(crate) async fn end(&mut self, state: &CallState, reply: Option<&[u8]>, status: Option<Status>) -> Result<(), StoreError> {
        let snapshot = serde_json::to_vec(state).map_err(|_| StoreError::Damaged { what: self.call.clone() })?;
        self.write(Some(snapshot), reply.map(<[u8]>::to_vec), status).await
    }

    async fn write(&mut self, snapshot: Option<Vec<u8>>, reply: Option<Vec<u8>>, status: Option<Status>) -> Result<(), StoreError> {
        let (commit, chain) = self.commit_of(snapshot, reply, status)?;
        failpoint("events are about to be committed");
        // Stays so if whoever waits gives up.
        self.in_doubt.store(true, Ordering::Relaxed);
        let stored = match (&self.key, &self.new) {
            (Some(key), _) => self.store.commit(key, commit).await,
            (None, Some(new)) => {
                let call = NewCall { id: &self.call, release: &new.release, from_digest: new.from_digest.as_deref() };
                self.store.begin(call, &new.key, commit).await
            }
            (None, None) => Err(StoreError::Damaged { what: self.call.clone() }),
        };
        self.in_doubt.store(false, Ordering::Relaxed);
        failpoint("events are committed");
        self.taken |= matches!(stored, Err(StoreError::TurnAlreadyTaken { .. }));
        stored?;
        if let Some(new) = self.new.take() {
            self.key = Some(new.key);
        }
        self.written(chain);
        Ok(())
    }

    fn commit_of(&self, snapshot: Option<Vec<u8>>, reply: Option<Vec<u8>>, status: Option<Status>) -> Result<(Commit<'_>, Head), StoreError> {
        if self.in_doubt.load(Ordering::Relaxed) {
            return Err(StoreError::InDoubt { call: self.call.clone() });
        }
        let mut commit = Commit::at(&self.call, self.stored, self.at_ms);
        let json = |event: &Event| serde_json::to_vec(event).map_err(|_| StoreError::Damaged { what: self.call.clone() });
        commit.events = self.events.iter().map(json).collect::<Result<_, _>>()?;
        commit.snapshot = snapshot;
        commit.turn =
            self.turn.as_ref().map(|turn| TurnWrite { number: turn.number, body_digest: turn.body_digest, idempotency: turn.idempotency.clone(), reply });
        commit.effects = self.effects.clone();
        commit.owed = self.owed.clone();
        commit.forget_effects_after = self.forget;
        commit.status = status;
        commit.release.clone_from(&self.release);
        let mut chain = self.chain.clone();
        let name = self.store.chain_of(&self.call);
        commit.audit = self.records.iter().map(|record| chain.add(&name, self.at_ms, record.clone())).collect();
        Ok((commit, chain))
    }

    fn written(&mut self, chain: Head) {
        self.stored += self.events.len() as u64;
        self.events.clear();
        self.effects.clear();
        self.owed.clear();
        self.records.clear();
        self.chain = chain;
        self.forget = None;
        self.release = None;
    }
}
