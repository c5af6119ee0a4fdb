//! The bank's statements and demo rows, as a project would write them: one spelling for both databases.

use super::*;

const DEMO: &str = include_str!("../../../../flows/sctbnk/demo.sql");

const CLIENT_BY_PHONE: &str = "select client_id, name from clients where phone = :phone and status = 'active'";
const CARDS_BY_DIGITS: &str = "select c.reference, c.card_type, c.status, c.blocked_at, r.code
    from cards c left join blocking_requests r on r.card_reference = c.reference and r.status in ('pending', 'ticketed')
    where c.client_id = :client and c.last_four_digits = :digits order by c.reference";
const NEXT_NUMBER: &str = "insert into request_numbers default values returning number";
const OPEN_REQUESTS: &str = "insert into blocking_requests (client_id, card_reference, request_type, status, reason, code, noticed_at, call)
    select c.client_id, c.reference, 'block', 'pending', :reason, :code, :noticed_at::timestamptz, :call
    from cards c where c.reference in (select value from json_each(:references)) and c.client_id = :client and c.status = 'active'
    on conflict do nothing returning card_reference";
const OPEN_REQUEST_OF: &str = "select code, status, freshdesk_ticket_id, noticed_at from blocking_requests
    where card_reference = :reference and status in ('pending', 'ticketed')";
const ATTACH_TICKET: &str = "update blocking_requests set freshdesk_ticket_id = :ticket::bigint, status = 'ticketed', processed_at = :at::timestamptz
    where code = :code and status = 'pending' returning card_reference";
const CARDS_OF_REQUEST: &str = "select c.last_four_digits, c.card_type, r.reason, r.noticed_at, r.freshdesk_ticket_id
    from blocking_requests r join cards c on c.reference = r.card_reference where r.code = :code order by c.reference";
const RECORD_UNVERIFIED: &str = "insert into blocking_requests (request_type, status, reason, noticed_at, callback_number, call)
    values ('unverified', 'unverified', 'unknown', :noticed_at::timestamptz, :callback, :call) returning id";

const NOON: &str = "2026-01-20T12:00:00Z";

fn column(rows: &Rows, name: &str) -> Vec<Value> {
    rows.iter().map(|row| row.iter().find(|(column, _)| column == name).map(|(_, value)| value.clone()).expect("the column")).collect()
}

/// Runs a write statement as run 1 of the call, at the next free ordinal.
async fn execute(store: &Store, key: &DataKey, statement: &Bound) -> Result<Rows, StoreError> {
    let ordinal = store.effects(key, "CA1", 1).await.expect("reads").len() as u64;
    store.commit_statement(key, Commit::at("CA1", 1, 9), effect(1, ordinal, EffectState::Intent, None), statement).await
}

fn request(code: &str, references: &[&str]) -> Bound {
    bound(
        OPEN_REQUESTS,
        &[
            ("reason", json!("stolen")),
            ("code", json!(code)),
            ("noticed_at", json!(NOON)),
            ("call", json!("CA1")),
            ("references", json!(references)),
            ("client", json!("100001")),
        ],
    )
}

on_both! {
    async fn demo_rows_are_the_contract_exactly(bench: &Bench) {
        let store = &bench.store;
        assert!(store.load_demo(DEMO, None).await.expect("loads"));
        assert!(!store.load_demo(DEMO, None).await.expect("looks"));
        assert_eq!(one(store, "select count(*) from clients").await, 1002);
        assert_eq!(one(store, "select count(*) from cards").await, 1005);
        let named = "select c.phone || ' ' || k.last_four_digits || ' ' || k.card_type || ' ' || k.status || ' ' || coalesce(cast(k.blocked_at as text), '-') as line
            from clients c join cards k on k.client_id = c.client_id where c.client_id = :client order by k.reference";
        let cards = async |client: &str| column(&store.query(&bound(named, &[("client", json!(client))])).await.expect("reads"), "line");
        assert_eq!(cards("100001").await, ["+525500000001 4521 debit active -", "+525500000001 7788 credit active -", "+525500000001 9012 credit blocked 2026-01-15"]);
        assert_eq!(cards("100002").await, ["+525500000002 5555 debit active -", "+525500000002 5555 credit active -"]);
        assert_eq!(cards("200000").await, ["+525510000000 0000 debit active -"]);
        assert_eq!(cards("200417").await, ["+525510000417 0417 debit active -"]);
        assert_eq!(cards("200999").await, ["+525510000999 0999 debit active -"]);
        assert_eq!(one(store, "select count(*) from clients where phone = '+525500000009'").await, 0);
        assert_eq!(one(store, "select count(*) from cards k join clients c on c.client_id = k.client_id
            where k.last_four_digits = substr(c.phone, 10, 4) and c.client_id like '20%' and k.status = 'active' and k.card_type = 'debit'").await, 1000);
        store.empty().await.expect("empties");
        assert!(store.load_demo(DEMO, Some(12_000)).await.expect("loads"));
        assert_eq!(one(store, "select count(*) from clients").await, 12_002);
        assert_eq!(cards("201000").await, ["+525510001000 1000 debit active -"]);
        assert_eq!(cards("211999").await, ["+525510011999 1999 debit active -"]);
        assert_eq!(one(store, "select count(*) from clients where client_id = '212000'").await, 0);
    }

    async fn the_bank_statements_run_in_one_spelling(bench: &Bench) {
        let store = &bench.store;
        store.load_demo(DEMO, None).await.expect("loads");
        let key = begin(store, "CA1").await;
        let client = store.query(&bound(CLIENT_BY_PHONE, &[("phone", json!("+525500000001"))])).await.expect("reads");
        assert_eq!(column(&client, "client_id"), ["100001"]);
        let card = store.query(&bound(CARDS_BY_DIGITS, &[("client", json!("100001")), ("digits", json!("9012"))])).await.expect("reads");
        assert_eq!((column(&card, "status"), column(&card, "blocked_at"), column(&card, "code")), (vec![json!("blocked")], vec![json!("2026-01-15")], vec![Value::Null]));

        let first = execute(store, &key, &bound(NEXT_NUMBER, &[])).await.expect("runs");
        let second = execute(store, &key, &bound(NEXT_NUMBER, &[])).await.expect("runs");
        assert_eq!((column(&first, "number"), column(&second, "number")), (vec![json!(10_000_001)], vec![json!(10_000_002)]));

        let opened = execute(store, &key, &request("100000017", &["demo-100001-1", "demo-100001-3", "demo-100002-1"])).await.expect("runs");
        assert_eq!(column(&opened, "card_reference"), ["demo-100001-1"]);
        let rest = execute(store, &key, &request("100000025", &["demo-100001-1", "demo-100001-2"])).await.expect("runs");
        assert_eq!(column(&rest, "card_reference"), ["demo-100001-2"]);
        let none = execute(store, &key, &request("100000033", &[])).await.expect("runs");
        assert!(none.is_empty());

        let open = store.query(&bound(OPEN_REQUEST_OF, &[("reference", json!("demo-100001-1"))])).await.expect("reads");
        assert_eq!((column(&open, "code"), column(&open, "noticed_at"), column(&open, "freshdesk_ticket_id")), (vec![json!("100000017")], vec![json!(NOON)], vec![Value::Null]));
        let ticket = bound(ATTACH_TICKET, &[("ticket", json!(4711)), ("at", json!(NOON)), ("code", json!("100000017"))]);
        assert_eq!(column(&execute(store, &key, &ticket).await.expect("runs"), "card_reference"), ["demo-100001-1"]);
        assert!(execute(store, &key, &ticket).await.expect("runs").is_empty());
        let listed = store.query(&bound(CARDS_OF_REQUEST, &[("code", json!("100000017"))])).await.expect("reads");
        assert_eq!((column(&listed, "last_four_digits"), column(&listed, "freshdesk_ticket_id")), (vec![json!("4521")], vec![json!(4711)]));
        let known = store.query(&bound(CARDS_BY_DIGITS, &[("client", json!("100001")), ("digits", json!("4521"))])).await.expect("reads");
        assert_eq!(column(&known, "code"), ["100000017"]);
        let unverified = |callback: Value| bound(RECORD_UNVERIFIED, &[("noticed_at", json!(NOON)), ("callback", callback), ("call", json!("CA1"))]);
        assert_eq!(execute(store, &key, &unverified(json!("+525500000009"))).await.expect("runs").len(), 1);
        assert_eq!(execute(store, &key, &unverified(Value::Null)).await.expect("runs").len(), 1);
        let gone = bound(ATTACH_TICKET, &[("ticket", Value::Null), ("at", Value::Null), ("code", json!("100000025"))]);
        assert_eq!(execute(store, &key, &gone).await.expect("a null is a value too").len(), 1);
    }

    async fn a_statement_and_its_journal_stand_or_fall_together(bench: &Bench) {
        let store = &bench.store;
        store.load_demo(DEMO, None).await.expect("loads");
        let key = begin(store, "CA1").await;
        let write = |from| Commit { events: texts(&["action started"]), turn: turn(1, None), effects: vec![effect(1, 0, EffectState::Done, Some("read"))], owed: vec![owed(1, OwedState::Due, 0)], ..Commit::at("CA1", from, 9) };
        let journal = || effect(1, 1, EffectState::Intent, None);
        let insert = "insert into cards (reference, client_id, last_four_digits, card_type, status) values (:reference, :client, '1111', 'debit', 'active') returning reference";
        let card = |reference: &str, client: &str| bound(insert, &[("reference", json!(reference)), ("client", json!(client))]);
        for (statement, wanted) in [
            (card("new", "nobody"), "breaks `"),
            (card("demo-100001-1", "100001"), "breaks `cards"),
            (bound("insert into nowhere values (1)", &[]), "nowhere"),
            (bound("update cards set nothing = 1 where reference = :r", &[]), "`:r` has no value"),
            (Bound { cap: 1, ..bound("update cards set status = 'active', blocked_at = null where client_id = '100001' returning reference", &[]) }, "more than 1 rows"),
        ] {
            let refused = store.commit_statement(&key, write(1), journal(), &statement).await.err().map(|refused| refused.to_string()).unwrap_or_default();
            assert!(refused.contains(wanted), "{refused}");
            let loaded = store.load("CA1").await.expect("reads").expect("is there");
            assert_eq!((loaded.seq, loaded.open_turn.is_none()), (1, true));
            assert!(store.effects(&key, "CA1", 1).await.expect("reads").is_empty());
            assert!(store.owed_due(99, 9).await.expect("reads").is_empty());
            assert_eq!(one(store, "select count(*) from cards where last_four_digits = '1111' or blocked_at is null").await, 1004);
        }
        let rows = store.commit_statement(&key, write(1), journal(), &card("new", "100001")).await.expect("runs");
        let effects = store.effects(&key, "CA1", 1).await.expect("reads");
        assert_eq!((effects.len(), effects[1].state), (2, EffectState::Done));
        let answer: Rows = serde_json::from_slice(effects[1].answer.as_deref().expect("recorded")).expect("rows");
        assert_eq!((&answer, column(&answer, "reference")), (&rows, vec![json!("new")]));

        let twice = store.commit_statement(&key, Commit::at("CA1", 2, 9), journal(), &card("newer", "100001")).await;
        assert!(matches!(twice, Err(StoreError::EffectAlreadyDone { run: 1, ordinal: 1, .. })));
        let taken = store.commit_statement(&key, write(1), journal(), &card("newer", "100001")).await;
        assert!(matches!(taken, Err(StoreError::TurnAlreadyTaken { from_seq: 1, .. })));
        assert_eq!(one(store, "select count(*) from cards where reference = 'newer'").await, 0);
    }

    async fn a_second_open_request_for_a_card_breaks_a_named_rule(bench: &Bench) {
        let store = &bench.store;
        store.load_demo(DEMO, None).await.expect("loads");
        let key = begin(store, "CA1").await;
        let insist = Bound { sql: OPEN_REQUESTS.replace("on conflict do nothing", ""), ..request("100000017", &["demo-100001-1"]) };
        execute(store, &key, &insist).await.expect("runs");
        let refused = execute(store, &key, &insist).await;
        assert!(matches!(refused, Err(StoreError::Constraint { name }) if name == "one_open_request_per_card"));
    }

    async fn a_read_statement_cannot_write_and_stops_at_its_cap(bench: &Bench) {
        let store = &bench.store;
        store.load_demo(DEMO, None).await.expect("loads");
        for sql in ["delete from cards", "insert into request_numbers default values returning number", "update cards set status = 'active'"] {
            assert!(matches!(store.query(&bound(sql, &[])).await, Err(StoreError::StatementFailed { .. })), "{sql}");
        }
        assert_eq!(one(store, "select count(*) from cards").await, 1005);
        let capped = |cap| Bound { cap, ..bound("select reference from cards where client_id = '100001'", &[]) };
        assert_eq!(store.query(&capped(3)).await.expect("reads").len(), 3);
        assert!(matches!(store.query(&capped(2)).await, Err(StoreError::TooManyRows { cap: 2 })));
        assert!(store.query(&bound("select 1; delete from cards", &[])).await.is_err());
        let value = |sql: &'static str, given: Value| async move { store.query(&bound(sql, &[("v", given)])).await.expect(sql).remove(0).remove(0).1 };
        assert_eq!(value("select count(*) from cards where last_four_digits = :v", json!("x' or 1=1 --")).await, 0);
        assert_eq!(value("select name from clients where client_id = cast(:v as text)", json!("200003")).await, "Darío Aldana Lara");
        assert_eq!(value("select count(*) from cards where reference in (select value from json_each(:v))", json!(["demo-100001-1", "demo-100001-2", "no"])).await, 2);
        assert_eq!(value("select count(*) + :v::bigint from cards", json!(1)).await, 1006);
        assert_eq!(value("select count(*) from cards where :v::text is null", Value::Null).await, 1005);
    }
}
