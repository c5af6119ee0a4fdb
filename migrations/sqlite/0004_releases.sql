-- What every host of this database looks at twice a second: what is stopped, and which releases have served.

create table orders (
    kind   text    not null check (kind in ('action', 'version', 'binding', 'aside')), -- `aside`: new calls begin with another release
    name   text    not null check (name <> ''),             -- the action, the digest, the binding
    reason text    not null,
    at     integer not null,
    primary key (kind, name)
) strict;

create table served (
    n       integer primary key autoincrement,
    release text    not null,
    at      integer not null
) strict;
