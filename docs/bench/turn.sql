-- The statements of one ordinary turn, as host/src/store/{common,postgres}.rs send them: one read, one write.
-- `events` of `event` bytes, a snapshot, a reply and an effect come as -D, in the sizes a real run left behind (measure.sh).
\set from :seq
\set seq :seq + :events
\set turn :turn + 1
select cast(0 as bigint) as kind, seq as number, turn as other, release as words, status as more, data_key as first, cast(null as bytea) as second
  from calls where id = 'bench-' || :client_id::text
union all
select 1, seq, null, null, null, state, null from snapshots where call = 'bench-' || :client_id::text
union all
select 2, seq, null, null, null, event, null
  from events where call = 'bench-' || :client_id::text and seq > coalesce((select seq from snapshots where call = 'bench-' || :client_id::text), 0)
union all
select 3, turn, started_at, idempotency, null, body_digest, reply
  from turns where call = 'bench-' || :client_id::text and turn = (select turn from calls where id = 'bench-' || :client_id::text)
union all
select 4, turn, started_at, idempotency, null, body_digest, null from turns where call = 'bench-' || :client_id::text and reply is null;
with held as (
        update calls set seq = :seq::bigint, turn = coalesce(:turn::bigint, turn), status = coalesce('live', status), updated_at = 1
         where id = 'bench-' || :client_id::text and seq = :from::bigint and coalesce(turn, -1) < :turn::bigint returning id),
     new_events as (
        insert into events (call, seq, event)
        select held.id, :from::bigint + e.n, decode(:event, 'hex') from held, generate_series(1, :events::int) as e (n)),
     new_snapshot as (
        insert into snapshots (call, seq, state) select held.id, :seq::bigint, decode(:state, 'hex') from held
        on conflict (call) do update set seq = excluded.seq, state = excluded.state),
     new_turn as (
        insert into turns (call, turn, body_digest, idempotency, reply, started_at)
        select held.id, :turn::bigint, decode(:digest, 'hex'), '0123456789abcdef0123456789abcdef', decode(:reply, 'hex'), 1 from held
        on conflict (call, turn) do update set reply = excluded.reply, idempotency = coalesce(excluded.idempotency, turns.idempotency)
        where turns.reply is null)
select count(*) from held;
