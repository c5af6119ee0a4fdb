-- What a call leaves behind. `bytea` columns are sealed under the call's data key; times are epoch milliseconds, UTC.

create table calls (
    id          text   primary key check (id <> ''),        -- the telephone network's call id
    release     text   not null,                            -- the release the call began with, and keeps
    data_key    bytea,                                      -- wrapped under ENCRYPTION_KEY; null once the caller is erased
    seq         bigint not null default 0 check (seq >= 0), -- position: how many events the call has
    turn        bigint check (turn >= 0),                   -- last answered turn; null while none is
    status      text   not null default 'live' check (status in ('live', 'ended', 'transferred')),
    from_digest text,                                       -- keyed hash of the calling number, for limits
    started_at  bigint not null,
    updated_at  bigint not null,
    lease_owner text,                                       -- the host at work on it; saves work, guards nothing
    lease_until bigint
) with (fillfactor = 70);

create index calls_live on calls (id) where status = 'live';
create index calls_started on calls (started_at);

create table events (
    call  text   not null references calls (id) on delete cascade,
    seq   bigint not null check (seq > 0),                  -- position in the call; the key below stops two writers
    event bytea  not null,
    primary key (call, seq)
);

create table snapshots (
    call  text   primary key references calls (id) on delete cascade,
    seq   bigint not null check (seq >= 0),                 -- the state after this many events
    state bytea  not null
) with (fillfactor = 70);

create table turns (
    call        text   not null references calls (id) on delete cascade,
    turn        bigint not null check (turn >= 0),
    body_digest bytea  not null,
    idempotency text,                                       -- the network's own token of the request
    reply       bytea,                                      -- null while the turn is open
    started_at  bigint not null,
    primary key (call, turn)
);

create index turns_open on turns (call) where reply is null;

create table effects (
    call           text   not null references calls (id) on delete cascade,
    run            bigint not null check (run >= 0),        -- position of the `action started` event
    ordinal        bigint not null check (ordinal >= 0),    -- the host call within the run
    kind           text   not null,
    name           text   not null,
    request_digest bytea  not null,
    state          text   not null check (state in ('intent', 'done', 'failed')),
    answer         bytea,
    attempts       bigint not null default 0 check (attempts >= 0),
    at             bigint not null,
    primary key (call, run, ordinal)
);

create table owed (
    call       text   not null references calls (id) on delete cascade,
    run        bigint not null check (run >= 0),
    action     text   not null,
    state      text   not null check (state in ('due', 'done', 'dead')),
    attempts   bigint not null default 0 check (attempts >= 0),
    next_at    bigint not null,
    last_error text,                                        -- a kind, never a message
    primary key (call, run)
);

create index owed_due on owed (next_at) where state = 'due';

create table artifacts (
    digest     text   primary key,
    kind       text   not null,
    name       text   not null,
    bytes      bytea  not null,
    created_at bigint not null
);

create table audit (
    call     text   not null,                               -- '' is the host's own chain
    n        bigint not null check (n > 0),
    at       bigint not null,
    record   text   not null,
    previous bytea  not null,
    hash     bytea  not null,
    primary key (call, n)
);
