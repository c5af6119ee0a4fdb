//! `SQLite`: one file, one writer, readers that cannot write.
//!
//! Lives here: opening it, commits, bound statements, its values as JSON.
//! Never here: who writes when (`writer.rs`), sealing, other databases' spelling.

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use serde_json::Value;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Column as _, Row, TypeInfo as _, ValueRef as _};

use super::bound::{Bound, Dialect};
use super::commit::{NewCall, OwedState};
use super::common::{EMPTY, LOAD, common_statements};
use super::demo;
use super::dialled::{Dial, DialLimits, DialOutcome};
use super::error::StoreError;
use super::rows::{Artifact, AuditRow, CheckRow, Order, OwedRow, Rows, StatusRow};
use super::sealed::{LoadedRow, RawEffect, RawTurn, Sealed, SealedEffect, signed, unsigned};
use super::writer::Writer;

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(3);
/// Connections that read; the writer blocks none of them.
const READERS: u32 = 8;

pub(super) struct Sqlite {
    reads: SqlitePool,
    writes: SqlitePool,
    writer: Writer,
}

/// A transaction that writes is alone from its beginning.
const LOCK_DIALLED: Option<&str> = None;

common_statements!(Sqlite, SqliteRow);

impl Sqlite {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let unusable = |reason: String| StoreError::Url { reason };
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(unusable("a database in memory forgets what was confirmed".to_owned()));
        }
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|_| unusable("its path or one of its options is not SQLite's".to_owned()))?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: a confirmed "sí" outlives the power, at one more flush a commit; NORMAL could lose the last ones.
            .synchronous(SqliteSynchronous::Full)
            // The system keeps the file in memory once for all connections; nine caches of 2 MB beside it would only fill up slowly.
            .pragma("cache_size", "-256")
            .busy_timeout(BUSY);
        let folder = options.get_filename().parent().unwrap_or(Path::new("")).to_owned();
        if !folder.as_os_str().is_empty() {
            std::fs::create_dir_all(&folder).map_err(|failed| unusable(format!("its folder `{}` cannot be made ({failed})", folder.display())))?;
        }
        let writes = SqlitePoolOptions::new().max_connections(1).acquire_timeout(BUSY).test_before_acquire(false).connect_with(options.clone()).await?;
        // After a step back the older binary meets tables of the newer one.
        let mut migrations = sqlx::migrate!("../migrations/sqlite");
        migrations.set_ignore_missing(true);
        migrations.run_direct(None, &mut *writes.acquire().await?, false).await.map_err(|source| StoreError::Migrate { source })?;
        let readers = SqlitePoolOptions::new().max_connections(READERS).acquire_timeout(BUSY).test_before_acquire(false);
        let reads = readers.connect_with(options.pragma("query_only", "on")).await?;
        let writer = Writer::start(writes.clone());
        Ok(Self { reads, writes, writer })
    }

    /// A transaction outside of the writer's batches, for what empties or fills whole tables.
    async fn begin_write(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, StoreError> {
        Ok(self.writes.begin_with("begin immediate").await?)
    }

    async fn write_one(&self, query: Query<'static, sqlx::Sqlite, SqliteArguments>) -> Result<u64, StoreError> {
        self.writer.run(move |conn| Box::pin(async move { Ok(query.execute(conn).await?.rows_affected()) })).await
    }

    pub(super) async fn begin(&self, new: &NewCall<'_>, wrapped: Vec<u8>, first: Sealed) -> Result<(), StoreError> {
        let call = sqlx::query(
            "insert into calls (id, release, data_key, from_digest, started_at, updated_at) values ($1, $2, $3, $4, $5, $5) on conflict (id) do nothing",
        )
        .bind(new.id)
        .bind(new.release)
        .bind(wrapped)
        .bind(new.from_digest)
        .bind(first.at);
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    if call.execute(&mut *conn).await?.rows_affected() == 0 {
                        return Err(StoreError::CallExists { call: first.call });
                    }
                    write(conn, &first).await
                })
            })
            .await
    }

    pub(super) async fn commit(&self, sealed: Sealed) -> Result<(), StoreError> {
        self.writer.run(move |conn| Box::pin(async move { write(conn, &sealed).await })).await
    }

    pub(super) async fn commit_statement(
        &self,
        sealed: Sealed,
        bound: &Bound,
        journal: impl FnOnce(&Rows) -> Result<SealedEffect, StoreError> + Send + 'static,
    ) -> Result<Rows, StoreError> {
        let bound = bound.clone();
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    write(conn, &sealed).await?;
                    let rows = run(conn, &bound).await?;
                    let effect = journal(&rows)?;
                    if !write_effect(conn, &sealed, &effect).await? {
                        return Err(sealed.done_already(&effect));
                    }
                    Ok(rows)
                })
            })
            .await
    }

    pub(super) async fn query(&self, bound: &Bound) -> Result<Rows, StoreError> {
        run(&mut *self.reads.acquire().await?, bound).await
    }
}

async fn write(conn: &mut SqliteConnection, sealed: &Sealed) -> Result<(), StoreError> {
    let named = |failed| StoreError::of_commit(failed, &sealed.call, sealed.expected_seq());
    let moved = sqlx::query(
        "update calls set seq = $3, turn = coalesce($4, turn), status = coalesce($5, status), updated_at = $6, release = coalesce($7, release)
         where id = $1 and seq = $2 and ($4 is null or coalesce(turn, -1) < $4)",
    )
    .bind(&sealed.call)
    .bind(sealed.from)
    .bind(sealed.to)
    .bind(sealed.answered())
    .bind(sealed.status)
    .bind(sealed.at)
    .bind(&sealed.release)
    .execute(&mut *conn)
    .await?;
    if moved.rows_affected() == 0 {
        return Err(sealed.taken());
    }
    for (seq, event) in sealed.seqs.iter().zip(&sealed.events) {
        sqlx::query("insert into events (call, seq, event) values ($1, $2, $3)")
            .bind(&sealed.call)
            .bind(seq)
            .bind(event)
            .execute(&mut *conn)
            .await
            .map_err(named)?;
    }
    if let Some(state) = &sealed.state {
        sqlx::query("insert into snapshots (call, seq, state) values ($1, $2, $3) on conflict (call) do update set seq = excluded.seq, state = excluded.state")
            .bind(&sealed.call)
            .bind(sealed.to)
            .bind(state)
            .execute(&mut *conn)
            .await
            .map_err(named)?;
    }
    if let Some(turn) = &sealed.turn {
        sqlx::query(
            "insert into turns (call, turn, body_digest, idempotency, reply, started_at) values ($1, $2, $3, $4, $5, $6)
             on conflict (call, turn) do update set reply = excluded.reply, idempotency = coalesce(excluded.idempotency, turns.idempotency)
             where turns.reply is null",
        )
        .bind(&sealed.call)
        .bind(turn.number)
        .bind(&turn.body_digest)
        .bind(&turn.idempotency)
        .bind(&turn.reply)
        .bind(sealed.at)
        .execute(&mut *conn)
        .await
        .map_err(named)?;
    }
    if let Some((run, ordinal)) = sealed.forget {
        sqlx::query("delete from effects where call = $1 and run = $2 and ordinal > $3").bind(&sealed.call).bind(run).bind(ordinal).execute(&mut *conn).await?;
    }
    for effect in &sealed.effects {
        write_effect(conn, sealed, effect).await?;
    }
    for owed in &sealed.owed {
        sqlx::query(
            "insert into owed (call, run, action, state, attempts, next_at, last_error) values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (call, run) do update set state = excluded.state, attempts = excluded.attempts, next_at = excluded.next_at, last_error = excluded.last_error")
            .bind(&sealed.call).bind(signed(owed.run)).bind(&owed.action).bind(owed.state.as_str())
            .bind(i64::from(owed.attempts)).bind(owed.next_at_ms).bind(&owed.last_error)
            .execute(&mut *conn).await.map_err(named)?;
    }
    for row in &sealed.audit {
        sqlx::query("insert into audit (call, n, at, record, previous, hash) values ($1, $2, $3, $4, $5, $6)")
            .bind(&sealed.chain)
            .bind(signed(row.n))
            .bind(row.at_ms)
            .bind(&row.record)
            .bind(&row.previous)
            .bind(&row.hash)
            .execute(&mut *conn)
            .await
            .map_err(named)?;
    }
    Ok(())
}

/// Whether the row was written: a recorded answer is kept.
async fn write_effect(conn: &mut SqliteConnection, sealed: &Sealed, effect: &SealedEffect) -> Result<bool, StoreError> {
    let written = sqlx::query(
        "insert into effects (call, run, ordinal, kind, name, request_digest, state, answer, attempts, check_at, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (call, run, ordinal) do update set kind = excluded.kind, name = excluded.name, request_digest = excluded.request_digest,
             state = excluded.state, answer = excluded.answer, attempts = excluded.attempts, check_at = excluded.check_at, at = excluded.at
         where effects.state <> 'done'",
    )
    .bind(&sealed.call)
    .bind(effect.run)
    .bind(effect.ordinal)
    .bind(&effect.kind)
    .bind(&effect.name)
    .bind(&effect.request_digest)
    .bind(effect.state)
    .bind(&effect.answer)
    .bind(effect.attempts)
    .bind(effect.check_at)
    .bind(sealed.at)
    .execute(&mut *conn)
    .await
    .map_err(|failed| StoreError::of_commit(failed, &sealed.call, sealed.expected_seq()))?;
    Ok(written.rows_affected() == 1)
}

async fn run(conn: &mut SqliteConnection, bound: &Bound) -> Result<Rows, StoreError> {
    let (sql, values) = bound.put_into(Dialect::Sqlite)?;
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in values {
        query = match value {
            Value::Null => query.bind(None::<String>),
            Value::Bool(truth) => query.bind(*truth),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => query.bind(whole),
                None => query.bind(number.as_f64()),
            },
            Value::String(text) => query.bind(text.as_str()),
            Value::Array(_) | Value::Object(_) => query.bind(value.to_string()),
        };
    }
    let mut answer = query.fetch(conn);
    let mut rows = Rows::new();
    // `poll_next` is the boxed stream's own; no stream library is needed to read one row after another.
    while let Some(row) = std::future::poll_fn(|waiting| answer.as_mut().poll_next(waiting)).await {
        let row = row.map_err(StoreError::of_statement)?;
        if rows.len() == bound.cap {
            return Err(StoreError::TooManyRows { cap: bound.cap });
        }
        rows.push(
            row.columns()
                .iter()
                .map(|column| Ok((column.name().to_owned(), json(&row, column.name(), column.ordinal())?)))
                .collect::<Result<_, StoreError>>()?,
        );
    }
    Ok(rows)
}

fn json(row: &SqliteRow, column: &str, at: usize) -> Result<Value, StoreError> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INTEGER" => Value::from(row.try_get_unchecked::<i64, _>(at)?),
        "REAL" => Value::from(row.try_get_unchecked::<f64, _>(at)?),
        "TEXT" => Value::from(row.try_get_unchecked::<String, _>(at)?),
        _ => {
            return Err(StoreError::Column { column: column.to_owned(), kind });
        }
    })
}
