-- Calls for pgbench: one for each of its clients. Run it on an empty database, after migrations/postgres/*.sql.
insert into calls (id, release, data_key, seq, status, started_at, updated_at)
select 'bench-' || i, repeat('5a', 32), decode(repeat('5a', 72), 'hex'), 0, 'live', 0, 0 from generate_series(0, 255) as i;
