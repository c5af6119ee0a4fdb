-- What a call leaves behind. `blob` columns are sealed under the call's data key; times are epoch milliseconds, UTC.

create table calls (
    id          text    primary key check (id <> ''),        -- the telephone network's call id
    release     text    not null,                            -- the release the call began with, and keeps
    data_key    blob,                                        -- wrapped under ENCRYPTION_KEY; null once the caller is erased
    seq         integer not null default 0 check (seq >= 0), -- position: how many events the call has
    turn        integer check (turn >= 0),                   -- last answered turn; null while none is
    status      text    not null default 'live' check (status in ('live', 'ended', 'transferred')),
    from_digest text,                                        -- keyed hash of the calling number, for limits
    started_at  integer not null,
    updated_at  integer not null,
    lease_owner text,                                        -- the host at work on it; saves work, guards nothing
    lease_until integer
) strict;

create index calls_live on calls (id) where status = 'live';
create index calls_started on calls (started_at);

create table events (
    call  text    not null references calls (id) on delete cascade,
    seq   integer not null check (seq > 0),                  -- position in the call; the key below stops two writers
    event blob    not null,
    primary key (call, seq)
) strict;

create table snapshots (
    call  text    primary key references calls (id) on delete cascade,
    seq   integer not null check (seq >= 0),                 -- the state after this many events
    state blob    not null
) strict;

create table turns (
    call        text    not null references calls (id) on delete cascade,
    turn        integer not null check (turn >= 0),
    body_digest blob    not null,
    idempotency text,                                        -- the network's own token of the request
    reply       blob,                                        -- null while the turn is open
    started_at  integer not null,
    primary key (call, turn)
) strict;

create index turns_open on turns (call) where reply is null;

create table effects (
    call           text    not null references calls (id) on delete cascade,
    run            integer not null check (run >= 0),        -- position of the `action started` event
    ordinal        integer not null check (ordinal >= 0),    -- the host call within the run
    kind           text    not null,
    name           text    not null,
    request_digest blob    not null,
    state          text    not null check (state in ('intent', 'done', 'failed')),
    answer         blob,
    attempts       integer not null default 0 check (attempts >= 0),
    at             integer not null,
    primary key (call, run, ordinal)
) strict;

create table owed (
    call       text    not null references calls (id) on delete cascade,
    run        integer not null check (run >= 0),
    action     text    not null,
    state      text    not null check (state in ('due', 'done', 'dead')),
    attempts   integer not null default 0 check (attempts >= 0),
    next_at    integer not null,
    last_error text,                                        -- a kind, never a message
    primary key (call, run)
) strict;

create index owed_due on owed (next_at) where state = 'due';

create table artifacts (
    digest     text    primary key,
    kind       text    not null,
    name       text    not null,
    bytes      blob    not null,
    created_at integer not null
) strict;

create table audit (
    call     text    not null,                               -- '' is the host's own chain
    n        integer not null check (n > 0),
    at       integer not null,
    record   text    not null,
    previous blob    not null,
    hash     blob    not null,
    primary key (call, n)
) strict;
