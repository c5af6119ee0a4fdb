-- The records since the last checkpoint are looked for at a start.
create index audit_at on audit (at);
