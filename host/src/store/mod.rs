//! What outlives the process: calls, their journal, what is owed, the bank's rows.
//!
//! Lives here: one narrow store over `SQLite` and `PostgreSQL`, the same promises on both. What a caller said is sealed here,
//! on the way in, and opened here, on the way out.
//! Never here: what the bytes mean, when to commit, which plugin may run which statement.

mod bound;
mod commit;
mod common;
mod demo;
mod dialled;
mod error;
mod postgres;
mod rows;
mod sealed;
mod sqlite;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

pub use bound::{Bound, parameters};
pub use commit::{Commit, EffectState, EffectWrite, NewCall, OwedState, OwedWrite, Status, TurnWrite};
pub use dialled::{Dial, DialLimits, DialOutcome};
pub use error::StoreError;
pub use rows::{Artifact, AuditRow, CheckRow, EffectRow, Loaded, Order, OwedRow, Rows, StatusRow, TurnRow};

use crate::audit::Head;
use crate::seal::{DataKey, Keys};
use sealed::{Sealed, open_call, open_effect, open_event, open_turn, seal, seal_effect, signed, unsigned};

/// The database of this installation. Cheap to share in an `Arc`; every method may be called from any task.
pub struct Store {
    keys: Arc<Keys>,
    database: Database,
    /// Spares hosts' own records from racing each other for a number of their chain.
    host_chain: tokio::sync::Mutex<()>,
    /// Ends of audit chains that no checkpoint names yet.
    moved: Mutex<BTreeMap<String, Head>>,
}

/// The name of the host's own audit chain.
const HOST_CHAIN: &str = "";

enum Database {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// The same question to whichever database this is.
macro_rules! ask {
    ($store:expr, $database:ident => $question:expr) => {
        match &$store.database {
            Database::Sqlite($database) => $question.await,
            Database::Postgres($database) => $question.await,
        }
    };
}

impl Store {
    /// Opens `sqlite:path` (file and folder are made) or `postgres://…`, brings the tables up to date, and sees that the
    /// calls in it were sealed under these keys.
    ///
    /// # Errors
    /// [`StoreError::Url`], [`StoreError::Migrate`], [`StoreError::Unavailable`], and [`StoreError::Seal`] when the
    /// database belongs to another `ENCRYPTION_KEY`.
    pub async fn open(url: &str, keys: Arc<Keys>) -> Result<Self, StoreError> {
        let database = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Database::Sqlite(sqlite::Sqlite::open(url).await?),
            Some("postgres" | "postgresql") => Database::Postgres(postgres::Postgres::open(url).await?),
            _ => {
                return Err(StoreError::Url { reason: "it names neither SQLite nor PostgreSQL".to_owned() });
            }
        };
        let store = Self { keys, database, host_chain: tokio::sync::Mutex::new(()), moved: Mutex::default() };
        if let Some((call, wrapped)) = ask!(store, db => db.a_wrapped_key())? {
            store.keys.unwrap(&wrapped, &call)?;
        }
        Ok(store)
    }

    /// A key for a call that begins.
    ///
    /// # Errors
    /// [`StoreError::Seal`] when the operating system gives no random bytes.
    pub fn new_data_key(&self) -> Result<DataKey, StoreError> {
        Ok(self.keys.new_data_key()?)
    }

    /// Begins a call: its row, its data key, and its first commit, at once. The key is what later commits seal under.
    ///
    /// # Errors
    /// [`StoreError::CallExists`] when it has begun already; nothing is changed then.
    pub async fn begin(&self, new: NewCall<'_>, key: &DataKey, first: Commit<'_>) -> Result<(), StoreError> {
        let wrapped = self.keys.wrap(key, new.id)?;
        let sealed = self.seal(key, first)?;
        let moved = (sealed.chain.clone(), sealed.head());
        ask!(self, db => db.begin(&new, wrapped, sealed))?;
        self.moved(moved);
        Ok(())
    }

    /// A call as it stands, in one read whose cost does not grow with the call.
    ///
    /// # Errors
    /// [`StoreError::Erased`], [`StoreError::Seal`] when the key is another, [`StoreError::Unavailable`].
    pub async fn load(&self, call: &str) -> Result<Option<Loaded>, StoreError> {
        open_call(&self.keys, call, ask!(self, db => db.load(call, &self.chain_of(call)))?)
    }

    /// One turn of a call, if it was begun.
    ///
    /// # Errors
    /// As for [`Store::load`].
    pub async fn turn(&self, key: &DataKey, call: &str, number: u64) -> Result<Option<TurnRow>, StoreError> {
        let raw = ask!(self, db => db.turn(call, signed(number)))?;
        raw.map(|raw| open_turn(key, call, raw)).transpose()
    }

    /// Stores a commit, all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::TurnAlreadyTaken`] when the call is no longer at `from_seq`, or the turn was answered meanwhile.
    /// Only a commit with events moves the position, and so shuts out a second writer.
    pub async fn commit(&self, key: &DataKey, commit: Commit<'_>) -> Result<(), StoreError> {
        let sealed = self.seal(key, commit)?;
        let moved = (sealed.chain.clone(), sealed.head());
        ask!(self, db => db.commit(sealed))?;
        self.moved(moved);
        Ok(())
    }

    /// Stores a commit, runs a write statement, and records its rows as the answer of `effect` (whose `state` and
    /// `answer` are the store's to fill in: done, and the rows as JSON). All of it or nothing.
    ///
    /// # Errors
    /// As for [`Store::commit`]; [`StoreError::EffectAlreadyDone`]; [`StoreError::Constraint`], [`StoreError::Statement`], [`StoreError::StatementFailed`],
    /// [`StoreError::TooManyRows`] and [`StoreError::Column`] for the statement.
    pub async fn commit_statement(&self, key: &DataKey, commit: Commit<'_>, effect: EffectWrite, bound: &Bound) -> Result<Rows, StoreError> {
        let call = commit.call.to_owned();
        // The writer may outlive this borrow of the key, so it has one of its own.
        let own_key = self.keys.unwrap(&self.keys.wrap(key, &call)?, &call)?;
        let sealed = self.seal(key, commit)?;
        let journal = move |rows: &Rows| {
            let answer = serde_json::to_vec(rows).map_err(|_| StoreError::Damaged { what: call.clone() })?;
            seal_effect(&own_key, &call, &EffectWrite { state: EffectState::Done, answer: Some(answer), ..effect })
        };
        let moved = (sealed.chain.clone(), sealed.head());
        let rows = ask!(self, db => db.commit_statement(sealed, bound, journal))?;
        self.moved(moved);
        Ok(rows)
    }

    /// Runs a read statement where nothing can be written.
    ///
    /// # Errors
    /// As for the statement of [`Store::commit_statement`]; a statement that writes is [`StoreError::StatementFailed`].
    pub async fn query(&self, bound: &Bound) -> Result<Rows, StoreError> {
        ask!(self, db => db.query(bound))
    }

    /// The recorded host calls of a run, in order.
    ///
    /// # Errors
    /// As for [`Store::load`].
    pub async fn effects(&self, key: &DataKey, call: &str, run: u64) -> Result<Vec<EffectRow>, StoreError> {
        let raw = ask!(self, db => db.effects(call, signed(run)))?;
        raw.into_iter().map(|raw| open_effect(key, call, run, raw)).collect()
    }

    /// All events of a call, for a replay.
    ///
    /// # Errors
    /// As for [`Store::load`].
    pub async fn events(&self, key: &DataKey, call: &str) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let raw = ask!(self, db => db.events(call))?;
        raw.into_iter().map(|(seq, event)| Ok((unsigned(seq), open_event(key, call, unsigned(seq), &event)?))).collect()
    }

    /// Calls with a turn that was begun and never answered: what a crash leaves behind.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn unfinished(&self) -> Result<Vec<String>, StoreError> {
        ask!(self, db => db.unfinished())
    }

    /// Owed work that is due, the longest overdue first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn owed_due(&self, now_ms: i64, limit: u32) -> Result<Vec<OwedRow>, StoreError> {
        ask!(self, db => db.owed_due(now_ms, i64::from(limit)))
    }

    /// Takes a due run for oneself until `until_ms`; of several hosts one succeeds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn owed_claim(&self, call: &str, run: u64, now_ms: i64, until_ms: i64) -> Result<bool, StoreError> {
        ask!(self, db => db.owed_claim(call, signed(run), now_ms, until_ms))
    }

    /// Counts a failed attempt and puts the run off. `error_kind` is a word, never a message.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn owed_reschedule(&self, call: &str, run: u64, next_at_ms: i64, error_kind: &str) -> Result<(), StoreError> {
        ask!(self, db => db.owed_reschedule(call, signed(run), next_at_ms, error_kind))
    }

    /// Work that is due or given up, the given up first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn outbox(&self, limit: u32) -> Result<Vec<OwedRow>, StoreError> {
        ask!(self, db => db.outbox(i64::from(limit)))
    }

    /// Makes a run that was given up due again; false when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn owed_redrive(&self, call: &str, run: u64, now_ms: i64) -> Result<bool, StoreError> {
        ask!(self, db => db.owed_redrive(call, signed(run), now_ms))
    }

    /// Host calls whose other side is due to be looked through for a second one, the longest overdue first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn checks_due(&self, now_ms: i64, limit: u32) -> Result<Vec<CheckRow>, StoreError> {
        ask!(self, db => db.checks_due(now_ms, i64::from(limit)))
    }

    /// Puts a due check off to `next_ms`, or settles it; of several hosts one succeeds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn check_put(&self, check: &CheckRow, now_ms: i64, next_ms: Option<i64>) -> Result<bool, StoreError> {
        ask!(self, db => db.check_put(check, now_ms, next_ms))
    }

    /// Takes or renews the lease of a call. It saves two hosts the same work; the position is what guards it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn lease(&self, call: &str, owner: &str, now_ms: i64, until_ms: i64) -> Result<bool, StoreError> {
        ask!(self, db => db.lease(call, owner, now_ms, until_ms))
    }

    /// Keeps a part of a release under its digest; one that is there stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_artifact(&self, digest: &str, artifact: &Artifact, at_ms: i64) -> Result<(), StoreError> {
        ask!(self, db => db.put_artifact(digest, artifact, at_ms))
    }

    /// A part of a release.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn artifact(&self, digest: &str) -> Result<Option<Artifact>, StoreError> {
        ask!(self, db => db.artifact(digest))
    }

    /// Digest and name of every artifact of a kind, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn artifacts(&self, kind: &str) -> Result<Vec<(String, String)>, StoreError> {
        ask!(self, db => db.artifacts(kind))
    }

    /// Drops a part of a release nothing needs any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn drop_artifact(&self, digest: &str) -> Result<(), StoreError> {
        ask!(self, db => db.drop_artifact(digest))
    }

    /// Everything that is stopped or set aside, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn orders(&self) -> Result<Vec<Order>, StoreError> {
        ask!(self, db => db.orders())
    }

    /// Stops something or sets it aside; false when it is already.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_order(&self, order: &Order) -> Result<bool, StoreError> {
        ask!(self, db => db.put_order(order))
    }

    /// Lifts an order; false when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn drop_order(&self, kind: &str, name: &str) -> Result<bool, StoreError> {
        ask!(self, db => db.drop_order(kind, name))
    }

    /// Notes that new calls begin with this release from here on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_served(&self, release: &str, at_ms: i64) -> Result<(), StoreError> {
        ask!(self, db => db.put_served(release, at_ms))
    }

    /// Releases that have served, each once, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn served(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        ask!(self, db => db.served(i64::from(limit)))
    }

    /// Releases a live call or owed work still needs.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn releases_in_use(&self) -> Result<Vec<String>, StoreError> {
        ask!(self, db => db.releases_in_use())
    }

    /// Adds a record to the host's own audit chain; a call's are part of its commits. The record is kept as it is: nothing
    /// personal in it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Contested`] when other hosts keep adding first.
    pub async fn audit(&self, at_ms: i64, record: &serde_json::Value) -> Result<(), StoreError> {
        let _alone = self.host_chain.lock().await;
        for _ in 0..64 {
            let mut head = ask!(self, db => db.last_audit(HOST_CHAIN))?.map_or_else(Head::default, |(n, hash)| Head { n: unsigned(n), hash });
            let row = head.add(HOST_CHAIN, at_ms, record.to_string());
            if ask!(self, db => db.add_audit(HOST_CHAIN, &row))? {
                self.moved((HOST_CHAIN.to_owned(), Some(head)));
                return Ok(());
            }
        }
        Err(StoreError::Contested { chain: "the host".to_owned() })
    }

    fn seal(&self, key: &DataKey, commit: Commit<'_>) -> Result<Sealed, StoreError> {
        let chain = self.chain_of(commit.call);
        seal(key, commit, chain)
    }

    /// The name of a call's audit chain, which outlives the call: a telephone call's is the network's name for it. A
    /// conversation's sender may be a person's number, so its name is a keyed hash of that.
    pub fn chain_of(&self, call: &str) -> String {
        match call.split_once(':') {
            Some((kind, sender)) => format!("{kind}:{}", self.keys.caller_digest(sender)),
            None => call.to_owned(),
        }
    }

    /// The chain of a commit has this end now.
    fn moved(&self, (chain, head): (String, Option<Head>)) {
        if let Some(head) = head {
            self.keep_moved([(chain, head)]);
        }
    }

    /// The ends of the chains this host has added to since it was asked last: what a checkpoint names.
    pub fn moved_heads(&self) -> BTreeMap<String, Head> {
        std::mem::take(&mut self.moved.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends that no checkpoint names yet: one that could not be written gives them back.
    pub fn keep_moved(&self, heads: impl IntoIterator<Item = (String, Head)>) {
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        for (chain, head) in heads {
            let known = moved.entry(chain).or_default();
            if known.n < head.n {
                *known = head;
            }
        }
    }

    /// Takes up the ends of all chains with a record since this moment: a stop may have come before their checkpoint.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn move_heads_since(&self, at_ms: i64) -> Result<(), StoreError> {
        let heads = ask!(self, db => db.heads_since(at_ms))?;
        self.keep_moved(heads.into_iter().map(|(chain, n, hash)| (chain, Head { n: unsigned(n), hash })));
        Ok(())
    }

    /// The names of all audit chains after this one, at most `limit`; the host's own is the empty one, and the first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn audit_chains(&self, after: Option<&str>, limit: u32) -> Result<Vec<String>, StoreError> {
        ask!(self, db => db.audit_chains(after, i64::from(limit)))
    }

    /// A chain's records as they are there, by number; `audit::verify` says whether they fit. The host's own without a call.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn audit_chain(&self, call: Option<&str>) -> Result<Vec<AuditRow>, StoreError> {
        ask!(self, db => db.audit_chain(call.unwrap_or(HOST_CHAIN)))
    }

    /// How many telephone calls are live and have moved since this moment, epoch milliseconds: a call whose end was
    /// never reported does not count for ever. Conversations that hold no line (`chat:…`) do not count.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn live_calls(&self, since_ms: i64) -> Result<u64, StoreError> {
        Ok(unsigned(ask!(self, db => db.live_calls(since_ms))?))
    }

    /// Keeps what the telephone network says about a call, known here or not; the same again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn add_status(&self, call: &str, row: &StatusRow) -> Result<(), StoreError> {
        ask!(self, db => db.add_status(call, row))
    }

    /// What the telephone network said about a call, in its own order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn statuses(&self, call: &str) -> Result<Vec<StatusRow>, StoreError> {
        ask!(self, db => db.statuses(call))
    }

    /// Deletes a call and all it left, its audit chain apart; false, and nothing done, while something is owed to it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn erase(&self, call: &str) -> Result<bool, StoreError> {
        ask!(self, db => db.erase(call))
    }

    /// Whether a number has called before, by its `Keys::caller_digest`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn has_called(&self, number_digest: &str) -> Result<bool, StoreError> {
        ask!(self, db => db.has_called(number_digest))
    }

    /// Whether a number, by its `Keys::caller_digest`, is free to be called; with `reserve` its row is written if it is, and
    /// the number of that row given. Of two at once one sees the other's row.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn dial(&self, number_digest: &str, limits: &DialLimits, reserve: bool) -> Result<Dial, StoreError> {
        ask!(self, db => db.dial(number_digest, limits, reserve))
    }

    /// Says how a reserved call went.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the reservation counts on then.
    pub async fn dialled(&self, n: i64, outcome: DialOutcome, call: Option<&str>) -> Result<(), StoreError> {
        ask!(self, db => db.dialled(n, outcome, call))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        ask!(self, db => db.ping())
    }

    /// Loads a project's `demo.sql` into empty bank tables, and clients beyond its thousand when more are asked for.
    /// False, and nothing done, when there are rows already.
    ///
    /// # Errors
    /// [`StoreError::StatementFailed`] and [`StoreError::Constraint`] for the script.
    pub async fn load_demo(&self, sql: &str, clients: Option<u32>) -> Result<bool, StoreError> {
        ask!(self, db => db.load_demo(sql, clients.map_or(0, i64::from)))
    }

    /// Empties every table (`dev --fresh`).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn empty(&self) -> Result<(), StoreError> {
        ask!(self, db => db.empty())
    }
}
