-- The bank's own record. No card number is in it, and no hash of one: a card is the issuer's reference and its last four.
-- Times are RFC 3339 text, dates `YYYY-MM-DD`.

create table clients (
    client_id  text primary key not null check (client_id <> ''),
    name       text not null,
    phone      text not null unique check (phone like '+%' and length(phone) between 8 and 16), -- E.164
    email      text,
    status     text not null default 'active' check (status in ('active', 'inactive')),
    created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) strict;

create table cards (
    reference        text primary key not null check (reference <> ''),
    client_id        text not null references clients (client_id),
    last_four_digits text not null check (length(last_four_digits) = 4),
    card_type        text not null check (card_type in ('debit', 'credit', 'prepaid')),
    status           text not null check (status in ('active', 'blocked', 'expired', 'cancelled')),
    blocked_at       text,
    created_at       text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at       text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    check (status <> 'blocked' or blocked_at is not null)
) strict;

create index cards_of_client on cards (client_id, last_four_digits);

-- Every number ever handed out; a code is one of these and its check digit.
create table request_numbers (
    number integer primary key autoincrement
) strict;
insert into sqlite_sequence (name, seq) values ('request_numbers', 10000000);

create table blocking_requests (
    id                  integer primary key autoincrement,
    client_id           text references clients (client_id),               -- null while nobody is verified
    card_reference      text references cards (reference),
    request_type        text not null check (request_type in ('block', 'unverified', 'abandoned')),
    status              text not null check (status in ('pending', 'ticketed', 'done', 'unverified', 'abandoned')),
    reason              text not null check (reason in ('stolen', 'lost', 'fraud', 'unknown')),
    code                text,                                              -- eight digits and a check digit; one code may cover several cards
    noticed_at          text not null,                                     -- when the caller told us
    blocked_at          text,
    freshdesk_ticket_id integer,
    callback_number     text,
    call                text not null,
    created_at          text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    processed_at        text,
    check (request_type <> 'block' or (client_id is not null and card_reference is not null and code is not null))
) strict;

create unique index one_open_request_per_card on blocking_requests (card_reference) where status in ('pending', 'ticketed');
create index blocking_requests_of_code on blocking_requests (code);
