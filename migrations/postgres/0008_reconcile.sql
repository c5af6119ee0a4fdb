-- When the desk is looked through for a second one of a request that was asked more than once; null while it need not be, or has been.
alter table effects add column check_at bigint;
create index effects_to_check on effects (check_at) where check_at is not null;
