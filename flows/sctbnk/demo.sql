-- Demo rows for `dev`, `shell` and `test`: invented people, no card number. Loaded into empty tables only.
-- Plain enough for SQLite and PostgreSQL alike. Tools dial these numbers: they are a contract.

insert into clients (client_id, name, phone, email) values
    ('100001', 'Mariana Robledo Ibarra', '+525500000001', 'mariana.robledo@example.com'),
    ('100002', 'Ernesto Galindo Paz', '+525500000002', 'ernesto.galindo@example.com');

insert into cards (reference, client_id, last_four_digits, card_type, status, blocked_at) values
    ('demo-100001-1', '100001', '4521', 'debit', 'active', null),
    ('demo-100001-2', '100001', '7788', 'credit', 'active', null),
    ('demo-100001-3', '100001', '9012', 'credit', 'blocked', '2026-01-15'),
    ('demo-100002-1', '100002', '5555', 'debit', 'active', null),
    ('demo-100002-2', '100002', '5555', 'credit', 'active', null);

-- Clients 200000 to 200999, phones +525510000000 to +525510000999.
with recursive n(i) as (select 0 union all select i + 1 from n where i < 999)
insert into clients (client_id, name, phone)
select cast(200000 + i as text),
       case i % 10 when 0 then 'Alicia' when 1 then 'Bruno' when 2 then 'Camila' when 3 then 'Darío' when 4 then 'Elisa'
                   when 5 then 'Fermín' when 6 then 'Gloria' when 7 then 'Héctor' when 8 then 'Irene' else 'Joaquín' end
       || ' ' ||
       case (i / 10) % 10 when 0 then 'Aldana' when 1 then 'Becerril' when 2 then 'Cisneros' when 3 then 'Duarte' when 4 then 'Escalante'
                          when 5 then 'Figueroa' when 6 then 'Granados' when 7 then 'Huerta' when 8 then 'Izquierdo' else 'Jáuregui' end
       || ' ' ||
       case i / 100 when 0 then 'Lara' when 1 then 'Montes' when 2 then 'Nava' when 3 then 'Ochoa' when 4 then 'Pineda'
                    when 5 then 'Quiroz' when 6 then 'Rentería' when 7 then 'Solís' when 8 then 'Trejo' else 'Urrutia' end,
       '+5255' || cast(10000000 + i as text)
  from n;

-- One active debit card each, ending in the last four digits of the phone.
with recursive n(i) as (select 0 union all select i + 1 from n where i < 999)
insert into cards (reference, client_id, last_four_digits, card_type, status)
select 'demo-' || cast(200000 + i as text) || '-1', cast(200000 + i as text), substr(cast(10000000 + i as text), 5, 4), 'debit', 'active'
  from n;
