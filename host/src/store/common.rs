//! The statements both databases spell the same way.
//!
//! Lives here: plain reads and one-row writes, written once and compiled for each pool.
//! Never here: commits and bound statements, where the dialects part (`sqlite.rs`, `postgres.rs`).

/// A call in one read, hence in one state: its row (kind 0), its snapshot (1), the events after it (2), its last
/// answered turn (3), its open turn (4), the end of its audit chain (5). Each part is an index lookup, so the cost does not grow with the call.
pub(super) const LOAD: &str = "
select cast(0 as bigint) as kind, seq as number, turn as other, release as words, status as more,
       data_key as first, cast(null as bytea) as second
  from calls where id = $1
union all
select 1, seq, null, null, null, state, null from snapshots where call = $1
union all
select 2, seq, null, null, null, event, null
  from events where call = $1 and seq > coalesce((select seq from snapshots where call = $1), 0)
union all
select 3, turn, started_at, idempotency, null, body_digest, reply
  from turns where call = $1 and turn = (select turn from calls where id = $1)
union all
select 4, turn, started_at, idempotency, null, body_digest, null from turns where call = $1 and reply is null
union all
select * from (select 5, n, at, cast(null as text), cast(null as text), hash, cast(null as bytea) from audit where call = $2 order by n desc limit 1) as head";

/// `impl $name { … }`, whose rows are `$row`, over its pool `reads`, its `begin_write`, and its `write_one`: a statement by itself, and how many
/// rows it touched.
macro_rules! common_statements {
    ($name:ident, $row:ident) => {
        impl $name {
            pub(super) async fn load(&self, call: &str, chain: &str) -> Result<Vec<LoadedRow>, StoreError> {
                let rows = sqlx::query(LOAD).bind(call).bind(chain).fetch_all(&self.reads).await?;
                let read = |row: &_| -> Result<LoadedRow, sqlx::Error> {
                    Ok(LoadedRow {
                        kind: Row::try_get(row, "kind")?,
                        number: Row::try_get(row, "number")?,
                        other: Row::try_get(row, "other")?,
                        words: Row::try_get(row, "words")?,
                        more: Row::try_get(row, "more")?,
                        first: Row::try_get(row, "first")?,
                        second: Row::try_get(row, "second")?,
                    })
                };
                Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
            }

            pub(super) async fn turn(&self, call: &str, number: i64) -> Result<Option<RawTurn>, StoreError> {
                let row = sqlx::query("select body_digest, idempotency, reply, started_at from turns where call = $1 and turn = $2")
                    .bind(call).bind(number).fetch_optional(&self.reads).await?;
                let Some(row) = row else { return Ok(None) };
                Ok(Some(RawTurn {
                    number,
                    body_digest: row.try_get(0)?,
                    idempotency: row.try_get(1)?,
                    reply: row.try_get(2)?,
                    started_at: row.try_get(3)?,
                }))
            }

            pub(super) async fn effects(&self, call: &str, run: i64) -> Result<Vec<RawEffect>, StoreError> {
                let rows = sqlx::query("select ordinal, kind, name, request_digest, state, answer, attempts, at from effects where call = $1 and run = $2 order by ordinal")
                    .bind(call).bind(run).fetch_all(&self.reads).await?;
                let read = |row: &_| -> Result<RawEffect, sqlx::Error> {
                    Ok(RawEffect {
                        ordinal: Row::try_get(row, 0)?,
                        kind: Row::try_get(row, 1)?,
                        name: Row::try_get(row, 2)?,
                        request_digest: Row::try_get(row, 3)?,
                        state: Row::try_get(row, 4)?,
                        answer: Row::try_get(row, 5)?,
                        attempts: Row::try_get(row, 6)?,
                        at: Row::try_get(row, 7)?,
                    })
                };
                Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
            }

            pub(super) async fn events(&self, call: &str) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
                Ok(sqlx::query_as("select seq, event from events where call = $1 order by seq").bind(call).fetch_all(&self.reads).await?)
            }

            pub(super) async fn unfinished(&self) -> Result<Vec<String>, StoreError> {
                Ok(sqlx::query_scalar("select distinct call from turns where reply is null order by call").fetch_all(&self.reads).await?)
            }

            pub(super) async fn owed_due(&self, now: i64, limit: i64) -> Result<Vec<OwedRow>, StoreError> {
                let rows = sqlx::query("select call, run, action, state, attempts, next_at, last_error from owed where state = 'due' and next_at <= $1 order by next_at limit $2")
                    .bind(now).bind(limit).fetch_all(&self.reads).await?;
                rows.iter().map(Self::owed).collect()
            }

            /// What is due or given up, the given up first.
            pub(super) async fn outbox(&self, limit: i64) -> Result<Vec<OwedRow>, StoreError> {
                let rows = sqlx::query("select call, run, action, state, attempts, next_at, last_error from owed where state <> 'done' order by state, next_at, call, run limit $1")
                    .bind(limit).fetch_all(&self.reads).await?;
                rows.iter().map(Self::owed).collect()
            }

            fn owed(row: &$row) -> Result<OwedRow, StoreError> {
                let state: String = row.try_get(3)?;
                let call: String = row.try_get(0)?;
                Ok(OwedRow {
                    state: OwedState::parse(&state).ok_or_else(|| StoreError::Damaged { what: call.clone() })?,
                    call,
                    run: unsigned(row.try_get(1)?),
                    action: row.try_get(2)?,
                    attempts: u32::try_from(row.try_get::<i64, _>(4)?).unwrap_or(u32::MAX),
                    next_at_ms: row.try_get(5)?,
                    last_error: row.try_get(6)?,
                })
            }

            /// Whether the run was given up, and is due again now.
            pub(super) async fn owed_redrive(&self, call: &str, run: i64, now: i64) -> Result<bool, StoreError> {
                Ok(self.write_one(sqlx::query("update owed set state = 'due', attempts = 0, next_at = $3 where call = $1 and run = $2 and state = 'dead'")
                    .bind(call.to_owned()).bind(run).bind(now)).await? == 1)
            }

            pub(super) async fn checks_due(&self, now: i64, limit: i64) -> Result<Vec<CheckRow>, StoreError> {
                let rows = sqlx::query("select call, run, ordinal, name, at from effects where check_at <= $1 order by check_at limit $2")
                    .bind(now).bind(limit).fetch_all(&self.reads).await?;
                let read = |row: &_| -> Result<CheckRow, sqlx::Error> {
                    Ok(CheckRow {
                        call: Row::try_get(row, 0)?,
                        run: unsigned(Row::try_get(row, 1)?),
                        ordinal: unsigned(Row::try_get(row, 2)?),
                        binding: Row::try_get(row, 3)?,
                        at_ms: Row::try_get(row, 4)?,
                    })
                };
                Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
            }

            /// Whether the check was due still, and is put off to `next`, or settled.
            pub(super) async fn check_put(&self, check: &CheckRow, now: i64, next: Option<i64>) -> Result<bool, StoreError> {
                Ok(self.write_one(sqlx::query("update effects set check_at = $5 where call = $1 and run = $2 and ordinal = $3 and check_at <= $4")
                    .bind(check.call.clone()).bind(signed(check.run)).bind(signed(check.ordinal)).bind(now).bind(next)).await? == 1)
            }

            pub(super) async fn owed_claim(&self, call: &str, run: i64, now: i64, until: i64) -> Result<bool, StoreError> {
                let touched = self.write_one(sqlx::query("update owed set next_at = $4 where call = $1 and run = $2 and state = 'due' and next_at <= $3")
                    .bind(call).bind(run).bind(now).bind(until)).await?;
                Ok(touched == 1)
            }

            pub(super) async fn owed_reschedule(&self, call: &str, run: i64, next_at: i64, error: &str) -> Result<(), StoreError> {
                self.write_one(sqlx::query("update owed set attempts = attempts + 1, next_at = $3, last_error = $4 where call = $1 and run = $2 and state = 'due'")
                    .bind(call).bind(run).bind(next_at).bind(error)).await?;
                Ok(())
            }

            pub(super) async fn lease(&self, call: &str, owner: &str, now: i64, until: i64) -> Result<bool, StoreError> {
                let touched = self.write_one(sqlx::query("update calls set lease_owner = $2, lease_until = $4 where id = $1 and (lease_owner is null or lease_owner = $2 or lease_until <= $3)")
                    .bind(call).bind(owner).bind(now).bind(until)).await?;
                Ok(touched == 1)
            }

            pub(super) async fn put_artifact(&self, digest: &str, artifact: &Artifact, at: i64) -> Result<(), StoreError> {
                self.write_one(sqlx::query("insert into artifacts (digest, kind, name, bytes, created_at) values ($1, $2, $3, $4, $5) on conflict (digest) do nothing")
                    .bind(digest).bind(&artifact.kind).bind(&artifact.name).bind(&artifact.bytes).bind(at)).await?;
                Ok(())
            }

            pub(super) async fn artifact(&self, digest: &str) -> Result<Option<Artifact>, StoreError> {
                let row = sqlx::query("select kind, name, bytes from artifacts where digest = $1").bind(digest).fetch_optional(&self.reads).await?;
                let Some(row) = row else { return Ok(None) };
                Ok(Some(Artifact { kind: row.try_get(0)?, name: row.try_get(1)?, bytes: row.try_get(2)? }))
            }

            pub(super) async fn artifacts(&self, kind: &str) -> Result<Vec<(String, String)>, StoreError> {
                Ok(sqlx::query_as("select digest, name from artifacts where kind = $1 order by created_at, digest").bind(kind).fetch_all(&self.reads).await?)
            }

            pub(super) async fn drop_artifact(&self, digest: &str) -> Result<(), StoreError> {
                self.write_one(sqlx::query("delete from artifacts where digest = $1").bind(digest)).await?;
                Ok(())
            }

            pub(super) async fn orders(&self) -> Result<Vec<Order>, StoreError> {
                let rows = sqlx::query("select kind, name, reason, at from orders order by at, kind, name").fetch_all(&self.reads).await?;
                let read = |row: &_| -> Result<Order, sqlx::Error> {
                    Ok(Order { kind: Row::try_get(row, 0)?, name: Row::try_get(row, 1)?, reason: Row::try_get(row, 2)?, at_ms: Row::try_get(row, 3)? })
                };
                Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
            }

            pub(super) async fn put_order(&self, order: &Order) -> Result<bool, StoreError> {
                let touched = self.write_one(sqlx::query("insert into orders (kind, name, reason, at) values ($1, $2, $3, $4) on conflict (kind, name) do nothing")
                    .bind(order.kind.clone()).bind(order.name.clone()).bind(order.reason.clone()).bind(order.at_ms)).await?;
                Ok(touched == 1)
            }

            pub(super) async fn drop_order(&self, kind: &str, name: &str) -> Result<bool, StoreError> {
                Ok(self.write_one(sqlx::query("delete from orders where kind = $1 and name = $2").bind(kind.to_owned()).bind(name.to_owned())).await? == 1)
            }

            pub(super) async fn put_served(&self, release: &str, at: i64) -> Result<(), StoreError> {
                let newest = "coalesce((select release from served order by n desc limit 1), '')";
                let insert = sqlx::AssertSqlSafe(format!("insert into served (release, at) select $1, $2 where {newest} <> $1"));
                self.write_one(sqlx::query(insert).bind(release.to_owned()).bind(at)).await?;
                Ok(())
            }

            /// Each release once, by the last time it began to serve, the newest first.
            pub(super) async fn served(&self, limit: i64) -> Result<Vec<String>, StoreError> {
                Ok(sqlx::query_scalar("select release from served group by release order by max(n) desc limit $1").bind(limit).fetch_all(&self.reads).await?)
            }

            pub(super) async fn releases_in_use(&self) -> Result<Vec<String>, StoreError> {
                Ok(sqlx::query_scalar("select release from calls where status = 'live' union select c.release from calls c join owed o on o.call = c.id where o.state = 'due' order by 1")
                    .fetch_all(&self.reads).await?)
            }

            pub(super) async fn last_audit(&self, chain: &str) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
                Ok(sqlx::query_as("select n, hash from audit where call = $1 order by n desc limit 1").bind(chain).fetch_optional(&self.reads).await?)
            }

            /// Whether the row was free: another host may have added the same number first.
            pub(super) async fn add_audit(&self, chain: &str, row: &AuditRow) -> Result<bool, StoreError> {
                let touched = self.write_one(sqlx::query("insert into audit (call, n, at, record, previous, hash) values ($1, $2, $3, $4, $5, $6) on conflict (call, n) do nothing")
                    .bind(chain).bind(signed(row.n)).bind(row.at_ms).bind(&row.record).bind(&row.previous).bind(&row.hash)).await?;
                Ok(touched == 1)
            }

            pub(super) async fn audit_chain(&self, chain: &str) -> Result<Vec<AuditRow>, StoreError> {
                let rows = sqlx::query("select n, at, record, previous, hash from audit where call = $1 order by n").bind(chain).fetch_all(&self.reads).await?;
                let read = |row: &_| -> Result<AuditRow, sqlx::Error> {
                    Ok(AuditRow {
                        n: unsigned(Row::try_get(row, 0)?),
                        at_ms: Row::try_get(row, 1)?,
                        record: Row::try_get(row, 2)?,
                        previous: Row::try_get(row, 3)?,
                        hash: Row::try_get(row, 4)?,
                    })
                };
                Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
            }

            /// The last record of every chain that has one since this moment.
            pub(super) async fn heads_since(&self, at: i64) -> Result<Vec<(String, i64, Vec<u8>)>, StoreError> {
                Ok(sqlx::query_as("select call, n, hash from audit a where at >= $1 and n = (select max(n) from audit b where b.call = a.call)")
                    .bind(at).fetch_all(&self.reads).await?)
            }

            /// Names of chains after this one, in order.
            pub(super) async fn audit_chains(&self, after: Option<&str>, limit: i64) -> Result<Vec<String>, StoreError> {
                Ok(sqlx::query_scalar("select distinct call from audit where cast($1 as text) is null or call > $1 order by call limit $2")
                    .bind(after).bind(limit).fetch_all(&self.reads).await?)
            }

            /// The youngest key in the database, to see at start-up whether `ENCRYPTION_KEY` is the right one.
            pub(super) async fn a_wrapped_key(&self) -> Result<Option<(String, Vec<u8>)>, StoreError> {
                Ok(sqlx::query_as("select id, data_key from calls where data_key is not null order by started_at desc limit 1")
                    .fetch_optional(&self.reads).await?)
            }

            pub(super) async fn live_calls(&self, since_ms: i64) -> Result<i64, StoreError> {
                let count = sqlx::query_scalar("select count(*) from calls where status = 'live' and updated_at >= $1 and id not like 'chat:%'");
                Ok(count.bind(since_ms).fetch_one(&self.reads).await?)
            }

            /// What belongs to a call goes with its row (`on delete cascade`).
            pub(super) async fn erase(&self, call: &str) -> Result<bool, StoreError> {
                let mut tx = self.begin_write().await?;
                let owing: Option<i64> = sqlx::query_scalar("select cast(1 as bigint) from owed where call = $1 and state = 'due' limit 1")
                    .bind(call).fetch_optional(&mut *tx).await?;
                if owing.is_some() {
                    return Ok(false);
                }
                for delete in ["delete from statuses where call = $1", "delete from calls where id = $1"] {
                    sqlx::query(delete).bind(call).execute(&mut *tx).await?;
                }
                tx.commit().await?;
                Ok(true)
            }

            pub(super) async fn add_status(&self, call: &str, row: &StatusRow) -> Result<(), StoreError> {
                self.write_one(sqlx::query("insert into statuses (call, n, status, seconds, error, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing")
                    .bind(call.to_owned()).bind(signed(row.n)).bind(row.status.clone()).bind(row.seconds.map(signed)).bind(row.error.clone()).bind(row.at_ms)).await?;
                Ok(())
            }

            pub(super) async fn statuses(&self, call: &str) -> Result<Vec<StatusRow>, StoreError> {
                let rows = sqlx::query("select n, status, seconds, error, at from statuses where call = $1 order by n, at").bind(call).fetch_all(&self.reads).await?;
                let read = |row: &_| -> Result<StatusRow, sqlx::Error> {
                    Ok(StatusRow {
                        n: unsigned(Row::try_get(row, 0)?),
                        status: Row::try_get(row, 1)?,
                        seconds: Row::try_get::<Option<i64>, _>(row, 2)?.map(unsigned),
                        error: Row::try_get(row, 3)?,
                        at_ms: Row::try_get(row, 4)?,
                    })
                };
                Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
            }

            pub(super) async fn has_called(&self, number: &str) -> Result<bool, StoreError> {
                let found: Option<i64> = sqlx::query_scalar("select cast(1 as bigint) from calls where from_digest = $1 limit 1").bind(number).fetch_optional(&self.reads).await?;
                Ok(found.is_some())
            }

            pub(super) async fn dial(&self, number: &str, limits: &DialLimits, reserve: bool) -> Result<Dial, StoreError> {
                let mut tx = self.begin_write().await?;
                if let Some(lock) = LOCK_DIALLED {
                    sqlx::query(lock).execute(&mut *tx).await?;
                }
                let today = sqlx::query_scalar("select count(*) from dialled where at >= $1 and outcome <> 'refused'");
                let today: i64 = today.bind(limits.day_ms).fetch_one(&mut *tx).await?;
                let lately = sqlx::query_scalar("select count(*) from dialled where number_digest = $1 and at > $2 and outcome <> 'refused'");
                let lately: i64 = lately.bind(number).bind(limits.again_ms).fetch_one(&mut *tx).await?;
                if lately > 0 {
                    return Ok(Dial::TooSoon);
                }
                if today >= i64::from(limits.per_day) {
                    return Ok(Dial::DayFull);
                }
                if !reserve {
                    return Ok(Dial::Free(0));
                }
                let insert = sqlx::query_scalar("insert into dialled (at, number_digest, outcome) values ($1, $2, 'reserved') returning n");
                let n = insert.bind(limits.at_ms).bind(number).fetch_one(&mut *tx).await?;
                tx.commit().await?;
                Ok(Dial::Free(n))
            }

            pub(super) async fn dialled(&self, n: i64, outcome: DialOutcome, call: Option<&str>) -> Result<(), StoreError> {
                self.write_one(sqlx::query("update dialled set outcome = $2, call = $3 where n = $1")
                    .bind(n).bind(outcome.as_str()).bind(call.map(str::to_owned))).await?;
                Ok(())
            }

            pub(super) async fn ping(&self) -> Result<(), StoreError> {
                sqlx::query("select 1").execute(&self.reads).await?;
                Ok(())
            }

            /// Loads `script` if the bank's tables are empty, then `more` clients from number 1000 on. Whether it did.
            pub(super) async fn load_demo(&self, script: &str, clients: i64) -> Result<bool, StoreError> {
                let mut tx = self.begin_write().await?;
                let rows: i64 = sqlx::query_scalar("select (select count(*) from clients) + (select count(*) from cards) + (select count(*) from blocking_requests)")
                    .fetch_one(&mut *tx).await?;
                if rows > 0 {
                    return Ok(false);
                }
                sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut *tx).await.map_err(StoreError::of_statement)?;
                if clients > demo::CLIENTS {
                    for more in [demo::MORE_CLIENTS, demo::MORE_CARDS] {
                        sqlx::query(more).bind(clients).execute(&mut *tx).await.map_err(StoreError::of_statement)?;
                    }
                }
                tx.commit().await?;
                Ok(true)
            }

            pub(super) async fn empty(&self) -> Result<(), StoreError> {
                let mut tx = self.begin_write().await?;
                for delete in EMPTY {
                    sqlx::query(*delete).execute(&mut *tx).await?;
                }
                tx.commit().await?;
                Ok(())
            }
        }
    };
}
pub(super) use common_statements;

/// Everything out, in an order the foreign keys allow.
pub(super) const EMPTY: &[&str] = &[
    "delete from statuses",
    "delete from calls",
    "delete from dialled",
    "delete from artifacts",
    "delete from orders",
    "delete from served",
    "delete from audit",
    "delete from blocking_requests",
    "delete from cards",
    "delete from clients",
];
