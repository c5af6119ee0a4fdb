-- What the telephone network says about a call, as it came: in any order, more than once, even before the call rings, and
-- about calls that never began here (hence no key to `calls`). Whatever comes after an end, the call is over.

create table statuses (
    call    text    not null check (call <> ''),
    n       integer not null check (n >= 0),                -- the network's `SequenceNumber`; 0 where it gives none
    status  text    not null,
    seconds integer,                                        -- how long the call was, with its end
    error   text,                                           -- the network's code, where something failed
    at      integer not null,                               -- when it reached us
    primary key (call, n, status)
) strict;
