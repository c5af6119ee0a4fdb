-- The bank's own record. No card number is in it, and no hash of one: a card is the issuer's reference and its last four.

create table clients (
    client_id  text        primary key check (client_id <> ''),
    name       text        not null,
    phone      text        not null unique check (phone like '+%' and length(phone) between 8 and 16), -- E.164
    email      text,
    status     text        not null default 'active' check (status in ('active', 'inactive')),
    created_at timestamptz not null default now()
);

create table cards (
    reference        text        primary key check (reference <> ''),
    client_id        text        not null references clients (client_id),
    last_four_digits char(4)     not null check (length(last_four_digits) = 4),
    card_type        text        not null check (card_type in ('debit', 'credit', 'prepaid')),
    status           text        not null check (status in ('active', 'blocked', 'expired', 'cancelled')),
    blocked_at       date,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    check (status <> 'blocked' or blocked_at is not null)
);

create index cards_of_client on cards (client_id, last_four_digits);

-- Every number ever handed out; a code is one of these and its check digit.
create table request_numbers (
    number bigint generated always as identity (start with 10000001) primary key
);

create table blocking_requests (
    id                  bigint      generated always as identity primary key,
    client_id           text        references clients (client_id),        -- null while nobody is verified
    card_reference      text        references cards (reference),
    request_type        text        not null check (request_type in ('block', 'unverified', 'abandoned')),
    status              text        not null check (status in ('pending', 'ticketed', 'done', 'unverified', 'abandoned')),
    reason              text        not null check (reason in ('stolen', 'lost', 'fraud', 'unknown')),
    code                text,                                              -- eight digits and a check digit; one code may cover several cards
    noticed_at          timestamptz not null,                              -- when the caller told us
    blocked_at          timestamptz,
    freshdesk_ticket_id bigint,
    callback_number     text,
    call                text        not null,
    created_at          timestamptz not null default now(),
    processed_at        timestamptz,
    check (request_type <> 'block' or (client_id is not null and card_reference is not null and code is not null))
);

create unique index one_open_request_per_card on blocking_requests (card_reference) where status in ('pending', 'ticketed');
create index blocking_requests_of_code on blocking_requests (code);

-- SQLite's spelling for the items of a list parameter, so that one statement serves both databases.
create function json_each(items text) returns table (value text) language sql immutable
    as $$ select json_array_elements_text(items::json) $$;
