-- Numbers this installation had called, to hold the day's cap and the hour between two calls to one number. A row is
-- there before its request leaves.

create table dialled (
    n             integer primary key autoincrement,
    at            integer not null,
    number_digest text not null check (number_digest <> ''), -- keyed hash of the called number, as in `calls`
    call          text,                                      -- the network's name of the call, once it gave one
    outcome       text not null check (outcome in ('reserved', 'queued', 'unknown', 'refused')) -- only `refused` certainly rang nobody
) strict;

create index dialled_at on dialled (at);
create index dialled_number on dialled (number_digest, at);
