//! `PostgreSQL` 15 and later, straight or behind a pooler that keeps no session.
//!
//! Lives here: opening it, commits as one statement, bound statements, its values as JSON.
//! Never here: advisory locks, session settings, sealing, other databases' spelling.

use std::str::FromStr as _;
use std::time::Duration;

use serde_json::Value;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Column as _, Connection as _, Row, TypeInfo as _, ValueRef as _};

use super::bound::{Bound, Dialect, as_text};
use super::commit::{NewCall, OwedState};
use super::common::{EMPTY, LOAD, common_statements};
use super::demo;
use super::dialled::{Dial, DialLimits, DialOutcome};
use super::error::StoreError;
use super::rows::{Artifact, AuditRow, CheckRow, Order, OwedRow, Rows, StatusRow};
use super::sealed::{LoadedRow, RawEffect, RawTurn, Sealed, SealedEffect, signed, unsigned};

/// How long a turn waits for a connection before the caller hears the sentence for it.
const PATIENCE: Duration = Duration::from_secs(3);
/// A connection unused for this long is asked whether it still lives before it is used.
const STALE: Duration = Duration::from_secs(5);
const CONNECTIONS: u32 = 16;

pub(super) struct Postgres {
    reads: PgPool,
    writes: PgPool,
}

/// A host that stands still in the middle of a write holds the call's row: the database ends its transaction, before whoever
/// waits for the row gives up. Set for the transaction only, so that a pooler may stand between.
const BEGIN_WRITE: &str = "begin; set local idle_in_transaction_session_timeout = '1500ms'";

/// Lets one transaction after the other count and add.
const LOCK_DIALLED: Option<&str> = Some("lock table dialled in share row exclusive mode");

common_statements!(Postgres, PgRow);

/// What every commit writes once `held`, the call's own row, is ours. Parameters: $1 call, $3 new position, $6 now, and
/// $7 on the contents; $2, $4 and $5 belong to the guard.
macro_rules! with_guard {
    ($guard:literal) => {
        concat!(
            "with held as (",
            $guard,
            " returning id),
            new_events as (
                insert into events (call, seq, event)
                select held.id, e.seq, e.event from held, unnest($7::bigint[], $8::bytea[]) as e (seq, event)),
            new_snapshot as (
                insert into snapshots (call, seq, state) select held.id, $3::bigint, $9::bytea from held where $9::bytea is not null
                on conflict (call) do update set seq = excluded.seq, state = excluded.state),
            new_turn as (
                insert into turns (call, turn, body_digest, idempotency, reply, started_at)
                select held.id, $10::bigint, $11::bytea, $12::text, $13::bytea, $6::bigint from held where $10::bigint is not null
                on conflict (call, turn) do update set reply = excluded.reply, idempotency = coalesce(excluded.idempotency, turns.idempotency)
                where turns.reply is null),
            new_effects as (
                insert into effects (call, run, ordinal, kind, name, request_digest, state, answer, attempts, check_at, at)
                select held.id, f.*, $6::bigint from held,
                       unnest($14::bigint[], $15::bigint[], $16::text[], $17::text[], $18::bytea[], $19::text[], $20::bytea[], $21::bigint[], $34::bigint[]) as f
                on conflict (call, run, ordinal) do update set kind = excluded.kind, name = excluded.name, request_digest = excluded.request_digest,
                    state = excluded.state, answer = excluded.answer, attempts = excluded.attempts, check_at = excluded.check_at, at = excluded.at
                where effects.state <> 'done'),
            new_owed as (
                insert into owed (call, run, action, state, attempts, next_at, last_error)
                select held.id, o.* from held,
                       unnest($22::bigint[], $23::text[], $24::text[], $25::bigint[], $26::bigint[], $27::text[]) as o
                on conflict (call, run) do update set state = excluded.state, attempts = excluded.attempts,
                    next_at = excluded.next_at, last_error = excluded.last_error),
            new_audit as (
                insert into audit (call, n, at, record, previous, hash)
                select $33, a.* from held, unnest($28::bigint[], $29::bigint[], $30::text[], $31::bytea[], $32::bytea[]) as a)
            select count(*) from held"
        )
    };
}

/// The guard: the row is updated only from the expected position and never answers an answered turn. A second writer
/// waits for the first one's commit, reads the row again, and finds nothing to update.
const COMMIT: &str = with_guard!(
    "update calls set seq = $3, turn = coalesce($4, turn), status = coalesce($5, status), updated_at = $6, release = coalesce($35, release)
      where id = $1 and seq = $2 and ($4::bigint is null or coalesce(turn, -1) < $4)"
);

const BEGIN: &str = with_guard!(
    "insert into calls (id, release, data_key, from_digest, seq, turn, status, started_at, updated_at)
     select $1, $35, $36, $37, $3, $4, coalesce($5, 'live'), $6, $6 where $2::bigint = 0
     on conflict (id) do nothing"
);

impl Postgres {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        // The parser's own message could repeat the password.
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::Url { reason: "it is not a PostgreSQL address".to_owned() })?
            .application_name("centralita");
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|conn, about| Box::pin(async move { Ok(about.idle_for < STALE || conn.ping().await.is_ok()) }))
            .connect_with(options)
            .await?;
        migrate(&pool).await?;
        Ok(Self { reads: pool.clone(), writes: pool })
    }

    pub(super) async fn begin_write(&self) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, StoreError> {
        Ok(self.writes.begin_with(BEGIN_WRITE).await?)
    }

    async fn write_one(&self, query: Query<'static, sqlx::Postgres, PgArguments>) -> Result<u64, StoreError> {
        Ok(query.execute(&self.writes).await?.rows_affected())
    }

    pub(super) async fn begin(&self, new: &NewCall<'_>, wrapped: Vec<u8>, first: Sealed) -> Result<(), StoreError> {
        let query = bind(BEGIN, &first).bind(new.release).bind(wrapped).bind(new.from_digest);
        let held: i64 = query.fetch_one(&self.writes).await.and_then(|row| row.try_get(0)).map_err(|failed| named(failed, &first))?;
        if held == 0 { Err(StoreError::CallExists { call: new.id.to_owned() }) } else { Ok(()) }
    }

    pub(super) async fn commit(&self, sealed: Sealed) -> Result<(), StoreError> {
        if sealed.forget.is_none() {
            return write(&mut *self.writes.acquire().await?, &sealed).await;
        }
        let mut tx = self.begin_write().await?;
        forget_and_write(&mut tx, &sealed).await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn commit_statement(
        &self,
        sealed: Sealed,
        bound: &Bound,
        journal: impl FnOnce(&Rows) -> Result<SealedEffect, StoreError> + Send + 'static,
    ) -> Result<Rows, StoreError> {
        let mut tx = self.begin_write().await?;
        forget_and_write(&mut tx, &sealed).await?;
        let rows = run(&mut tx, bound).await?;
        let effect = journal(&rows)?;
        if !write_effect(&mut tx, &sealed, &effect).await? {
            return Err(sealed.done_already(&effect));
        }
        tx.commit().await?;
        Ok(rows)
    }

    pub(super) async fn query(&self, bound: &Bound) -> Result<Rows, StoreError> {
        let mut tx = self.reads.begin_with("begin read only").await?;
        let rows = run(&mut tx, bound).await?;
        tx.commit().await?;
        Ok(rows)
    }
}

/// Two hosts may start at once, and no session may hold a lock: the slower one's migration fails on what the faster
/// one made, is rolled back whole, and is found done at the next look.
async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    let mut migrations = sqlx::migrate!("../migrations/postgres");
    // During a roll-out the older binary meets tables of the newer one.
    migrations.set_locking(false).set_ignore_missing(true);
    for _ in 0..5 {
        if migrations.run_direct(None, &mut *pool.acquire().await?, false).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    migrations.run_direct(None, &mut *pool.acquire().await?, false).await.map_err(|source| StoreError::Migrate { source })
}

async fn forget_and_write(conn: &mut PgConnection, sealed: &Sealed) -> Result<(), StoreError> {
    if let Some((run, ordinal)) = sealed.forget {
        sqlx::query("delete from effects where call = $1 and run = $2 and ordinal > $3").bind(&sealed.call).bind(run).bind(ordinal).execute(&mut *conn).await?;
    }
    write(conn, sealed).await
}

async fn write(conn: &mut PgConnection, sealed: &Sealed) -> Result<(), StoreError> {
    let held: i64 = bind(COMMIT, sealed).bind(&sealed.release).fetch_one(conn).await.and_then(|row| row.try_get(0)).map_err(|failed| named(failed, sealed))?;
    if held == 0 { Err(sealed.taken()) } else { Ok(()) }
}

/// Whether the row was written: a recorded answer is kept.
async fn write_effect(conn: &mut PgConnection, sealed: &Sealed, effect: &SealedEffect) -> Result<bool, StoreError> {
    let written = sqlx::query(
        "insert into effects (call, run, ordinal, kind, name, request_digest, state, answer, attempts, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (call, run, ordinal) do update set kind = excluded.kind, name = excluded.name, request_digest = excluded.request_digest,
             state = excluded.state, answer = excluded.answer, attempts = excluded.attempts, at = excluded.at
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
    .bind(sealed.at)
    .execute(conn)
    .await
    .map_err(|failed| named(failed, sealed))?;
    Ok(written.rows_affected() == 1)
}

fn named(failed: sqlx::Error, sealed: &Sealed) -> StoreError {
    StoreError::of_commit(failed, &sealed.call, sealed.expected_seq())
}

fn bind<'q>(sql: &'static str, sealed: &'q Sealed) -> Query<'q, sqlx::Postgres, PgArguments> {
    let turn = sealed.turn.as_ref();
    let effects = &sealed.effects;
    let owed = &sealed.owed;
    let audit = &sealed.audit;
    sqlx::query(sql)
        .bind(&sealed.call)
        .bind(sealed.from)
        .bind(sealed.to)
        .bind(sealed.answered())
        .bind(sealed.status)
        .bind(sealed.at)
        .bind(&sealed.seqs)
        .bind(&sealed.events)
        .bind(&sealed.state)
        .bind(turn.map(|turn| turn.number))
        .bind(turn.map(|turn| turn.body_digest.as_slice()))
        .bind(turn.and_then(|turn| turn.idempotency.as_deref()))
        .bind(turn.and_then(|turn| turn.reply.as_deref()))
        .bind(effects.iter().map(|effect| effect.run).collect::<Vec<_>>())
        .bind(effects.iter().map(|effect| effect.ordinal).collect::<Vec<_>>())
        .bind(effects.iter().map(|effect| effect.kind.as_str()).collect::<Vec<_>>())
        .bind(effects.iter().map(|effect| effect.name.as_str()).collect::<Vec<_>>())
        .bind(effects.iter().map(|effect| effect.request_digest.as_slice()).collect::<Vec<_>>())
        .bind(effects.iter().map(|effect| effect.state).collect::<Vec<_>>())
        .bind(effects.iter().map(|effect| effect.answer.as_deref()).collect::<Vec<_>>())
        .bind(effects.iter().map(|effect| effect.attempts).collect::<Vec<_>>())
        .bind(owed.iter().map(|owed| signed(owed.run)).collect::<Vec<_>>())
        .bind(owed.iter().map(|owed| owed.action.as_str()).collect::<Vec<_>>())
        .bind(owed.iter().map(|owed| owed.state.as_str()).collect::<Vec<_>>())
        .bind(owed.iter().map(|owed| i64::from(owed.attempts)).collect::<Vec<_>>())
        .bind(owed.iter().map(|owed| owed.next_at_ms).collect::<Vec<_>>())
        .bind(owed.iter().map(|owed| owed.last_error.as_deref()).collect::<Vec<_>>())
        .bind(audit.iter().map(|row| signed(row.n)).collect::<Vec<_>>())
        .bind(audit.iter().map(|row| row.at_ms).collect::<Vec<_>>())
        .bind(audit.iter().map(|row| row.record.as_str()).collect::<Vec<_>>())
        .bind(audit.iter().map(|row| row.previous.as_slice()).collect::<Vec<_>>())
        .bind(audit.iter().map(|row| row.hash.as_slice()).collect::<Vec<_>>())
        .bind(&sealed.chain)
        .bind(effects.iter().map(|effect| effect.check_at).collect::<Vec<_>>())
}

async fn run(conn: &mut PgConnection, bound: &Bound) -> Result<Rows, StoreError> {
    let (sql, values) = bound.put_into(Dialect::Postgres)?;
    let query = values.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| query.bind(as_text(value)));
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

fn json(row: &PgRow, column: &str, at: usize) -> Result<Value, StoreError> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().name().to_owned();
    let unknown = || StoreError::Column { column: column.to_owned(), kind: kind.clone() };
    Ok(match kind.as_str() {
        "BOOL" => Value::from(row.try_get::<bool, _>(at)?),
        "INT2" => Value::from(row.try_get::<i16, _>(at)?),
        "INT4" => Value::from(row.try_get::<i32, _>(at)?),
        "INT8" => Value::from(row.try_get::<i64, _>(at)?),
        "FLOAT4" => Value::from(row.try_get::<f32, _>(at)?),
        "FLOAT8" => Value::from(row.try_get::<f64, _>(at)?),
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" => Value::from(row.try_get_unchecked::<String, _>(at)?),
        // Both come as their distance from 2000-01-01, in microseconds and in days.
        "TIMESTAMPTZ" => {
            let bytes = raw.as_bytes().ok().and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()).ok_or_else(unknown)?;
            let micros = i64::from_be_bytes(bytes).checked_add(946_684_800_000_000).ok_or_else(unknown)?;
            Value::from(jiff::Timestamp::from_microsecond(micros).map_err(|_| unknown())?.to_string())
        }
        "DATE" => {
            let bytes = raw.as_bytes().ok().and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).ok_or_else(unknown)?;
            let days = jiff::Span::new().try_days(i32::from_be_bytes(bytes)).map_err(|_| unknown())?;
            Value::from(jiff::civil::date(2000, 1, 1).checked_add(days).map_err(|_| unknown())?.to_string())
        }
        _ => return Err(unknown()),
    })
}
