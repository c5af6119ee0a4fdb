//! Demo rows beyond the ones a project's `demo.sql` brings.
//!
//! Lives here: `--clients N` with N over a thousand: the same clients, cards and phones, counted on.
//! Never here: the contract rows themselves (`flows/<project>/demo.sql`).

/// How many numbered clients `demo.sql` brings.
pub(super) const CLIENTS: i64 = 1000;

/// Clients 201000 up to `$1` in all; client 200000 + i has the phone +525510000000 + i.
pub(super) const MORE_CLIENTS: &str = "
with recursive n(i) as (select cast(1000 as bigint) union all select i + 1 from n where i + 1 < cast($1 as bigint))
insert into clients (client_id, name, phone)
select cast(200000 + i as text), 'Cliente ' || cast(i as text), '+5255' || cast(10000000 + i as text) from n";

/// One active debit card each, ending in the last four digits of the phone.
pub(super) const MORE_CARDS: &str = "
with recursive n(i) as (select cast(1000 as bigint) union all select i + 1 from n where i + 1 < cast($1 as bigint))
insert into cards (reference, client_id, last_four_digits, card_type, status)
select 'demo-' || cast(200000 + i as text) || '-1', cast(200000 + i as text), substr(cast(10000000 + i as text), 5, 4), 'debit', 'active' from n";
