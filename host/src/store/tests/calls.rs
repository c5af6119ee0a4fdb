//! Commits, loads, and what two writers do to each other.

use super::*;

on_both! {
    async fn a_call_comes_back_as_it_was_committed(bench: &Bench) {
        let store = &bench.store;
        assert!(store.load("CA1").await.expect("reads").is_none());
        let key = begin(store, "CA1").await;
        store.commit(&key, Commit { events: texts(&["heard", "said"]), turn: turn(1, None), ..Commit::at("CA1", 1, 2_000) }).await.expect("commits");
        let loaded = store.load("CA1").await.expect("reads").expect("is there");
        assert_eq!((loaded.release.as_str(), loaded.seq, loaded.turn, loaded.status), ("a1", 3, Some(0), Status::Live));
        assert_eq!(loaded.snapshot, Some((1, b"s1".to_vec())));
        assert_eq!(loaded.tail, vec![(2, b"heard".to_vec()), (3, b"said".to_vec())]);
        let (last, open) = (loaded.last_turn.expect("answered"), loaded.open_turn.expect("open"));
        assert_eq!((last.number, last.reply.as_deref(), last.body_digest, last.idempotency.as_deref()), (0, Some(&b"hola"[..]), [7; 32], Some("token-0")));
        assert_eq!((open.number, open.reply, open.started_at_ms), (1, None, 2_000));
        assert_eq!(store.unfinished().await.expect("reads"), ["CA1"]);

        let done = Commit { events: texts(&["done"]), snapshot: Some(b"s4".to_vec()), turn: turn(1, Some("listo")), status: Some(Status::Ended), ..Commit::at("CA1", 3, 3_000) };
        store.commit(&loaded.data_key, done).await.expect("commits");
        let loaded = store.load("CA1").await.expect("reads").expect("is there");
        assert_eq!((loaded.seq, loaded.turn, loaded.status, loaded.snapshot, loaded.tail.len()), (4, Some(1), Status::Ended, Some((4, b"s4".to_vec())), 0));
        assert!(loaded.open_turn.is_none());
        assert!(store.unfinished().await.expect("reads").is_empty());
        let earlier = store.turn(&key, "CA1", 0).await.expect("reads").expect("is there");
        assert_eq!(earlier.reply.as_deref(), Some(&b"hola"[..]));
        assert!(store.turn(&key, "CA1", 9).await.expect("reads").is_none());
        let all: Vec<u64> = store.events(&key, "CA1").await.expect("reads").into_iter().map(|(seq, _)| seq).collect();
        assert_eq!(all, [1, 2, 3, 4]);
    }

    async fn a_call_begins_once(bench: &Bench) {
        begin(&bench.store, "CA1").await;
        let key = bench.store.new_data_key().expect("random bytes");
        let again = bench.store.begin(NewCall { id: "CA1", release: "b2", from_digest: None }, &key, Commit { events: texts(&["x", "y"]), ..Commit::at("CA1", 0, 9) }).await;
        assert!(matches!(again, Err(StoreError::CallExists { .. })));
        let loaded = bench.store.load("CA1").await.expect("reads").expect("is there");
        assert_eq!((loaded.release.as_str(), loaded.seq), ("a1", 1));
        assert_eq!(bench.store.live_calls(0).await.expect("counts"), 1);
    }

    async fn of_many_writers_at_one_position_one_is_heard(bench: &Bench) {
        let key = begin(&bench.store, "CA1").await;
        let write = |n: u64| {
            let said = format!("writer {n}");
            let commit = Commit {
                events: texts(&[&said, "more"]),
                snapshot: Some(said.clone().into_bytes()),
                turn: turn(1, Some(&said)),
                effects: vec![effect(2, n, EffectState::Done, Some(&said))],
                owed: vec![owed(n, OwedState::Due, 0)],
                ..Commit::at("CA1", 1, 5)
            };
            bench.store.commit(&key, commit)
        };
        let outcomes = tokio::join!(write(0), write(1), write(2), write(3), write(4), write(5));
        let outcomes = [outcomes.0, outcomes.1, outcomes.2, outcomes.3, outcomes.4, outcomes.5];
        let won: Vec<usize> = (0..6).filter(|n| outcomes[*n].is_ok()).collect();
        assert_eq!(won.len(), 1);
        assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(|refused| matches!(refused, StoreError::TurnAlreadyTaken { from_seq: 1, .. })));
        let loaded = bench.store.load("CA1").await.expect("reads").expect("is there");
        let said = format!("writer {}", won[0]).into_bytes();
        assert_eq!((loaded.seq, loaded.snapshot, loaded.last_turn.and_then(|turn| turn.reply)), (3, Some((3, said.clone())), Some(said)));
        assert_eq!(bench.store.effects(&key, "CA1", 2).await.expect("reads").len(), 1);
        assert_eq!(bench.store.owed_due(10, 10).await.expect("reads").len(), 1);
    }

    async fn many_calls_written_at_once_are_all_stored_and_none_pays_for_another(bench: &Bench) {
        let store = Arc::new(Store::open(&bench.url, keys('0')).await.expect("opens"));
        let calls: Vec<_> = (0..40).map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let call = format!("CA{n}");
                let key = begin(&store, &call).await;
                for seq in 1..=6 {
                    let said = format!("{call} says {seq}");
                    let commit = |from| Commit { events: texts(&[&said]), snapshot: Some(said.clone().into_bytes()), turn: turn(seq, Some(&said)), ..Commit::at(&call, from, 5) };
                    let (stale, broken) = (commit(seq + 7), bound("insert into nowhere values (1)", &[]));
                    assert!(matches!(store.commit(&key, stale).await, Err(StoreError::TurnAlreadyTaken { .. })));
                    assert!(store.commit_statement(&key, commit(seq), effect(1, seq, EffectState::Intent, None), &broken).await.is_err());
                    let number = bound("insert into request_numbers default values returning number", &[]);
                    store.commit_statement(&key, commit(seq), effect(1, seq, EffectState::Intent, None), &number).await.expect("commits");
                    // What was answered is there for everybody, at once.
                    let loaded = store.load(&call).await.expect("reads").expect("is there");
                    assert_eq!((loaded.seq, loaded.turn), (seq + 1, Some(seq)));
                }
            })
        }).collect();
        for call in calls {
            call.await.expect("goes through");
        }
        drop(store);
        let store = Store::open(&bench.url, keys('0')).await.expect("opens again");
        for n in 0..40 {
            let call = format!("CA{n}");
            let key = store.load(&call).await.expect("reads").expect("is there").data_key;
            let said: Vec<_> = store.events(&key, &call).await.expect("reads").into_iter().skip(1).map(|(_, said)| said).collect();
            let wanted: Vec<_> = (1..=6).map(|seq| format!("{call} says {seq}").into_bytes()).collect();
            assert_eq!(said, wanted);
            assert_eq!(store.effects(&key, &call, 1).await.expect("reads").len(), 6);
        }
        assert_eq!(one(&store, "select count(*) from request_numbers").await, 240);
    }

    async fn a_commit_given_up_by_its_caller_leaves_the_others_and_the_call_usable(bench: &Bench) {
        let (store, key) = (&bench.store, begin(&bench.store, "CA1").await);
        let other = begin(store, "CA2").await;
        for seq in 1..=10 {
            let commit = |call| Commit { events: texts(&["said"]), ..Commit::at(call, seq, 5) };
            tokio::select! {
                biased;
                stored = store.commit(&key, Commit { events: texts(&["given up"]), ..Commit::at("CA1", 1, 5) }) => drop(stored), // it may have been in time
                () = tokio::task::yield_now() => {}
            }
            store.commit(&other, commit("CA2")).await.expect("commits");
        }
        assert_eq!(store.load("CA2").await.expect("reads").expect("is there").seq, 11);
        // A commit that was given up may still arrive at the database: then the position is taken, and the next is free.
        for _ in 0..50 {
            let seq = store.load("CA1").await.expect("reads").expect("is there").seq;
            match store.commit(&key, Commit { events: texts(&["goes on"]), ..Commit::at("CA1", seq, 9) }).await {
                Ok(()) => return,
                Err(StoreError::TurnAlreadyTaken { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
        panic!("the call is not usable");
    }

    async fn an_answered_turn_keeps_its_reply(bench: &Bench) {
        let key = begin(&bench.store, "CA1").await;
        let again = bench.store.commit(&key, Commit { turn: turn(0, Some("otra cosa")), ..Commit::at("CA1", 1, 5) }).await;
        assert!(matches!(again, Err(StoreError::TurnAlreadyTaken { .. })));
        let kept = bench.store.turn(&key, "CA1", 0).await.expect("reads").and_then(|turn| turn.reply);
        assert_eq!(kept.as_deref(), Some(&b"hola"[..]));
        let missing = bench.store.commit(&key, Commit { events: texts(&["x"]), ..Commit::at("CA404", 0, 5) }).await;
        assert!(matches!(missing, Err(StoreError::TurnAlreadyTaken { .. })));
    }

    async fn the_journal_keeps_done_answers_and_forgets_when_told(bench: &Bench) {
        let (store, key) = (&bench.store, begin(&bench.store, "CA1").await);
        let put = |effects, forget| store.commit(&key, Commit { effects, forget_effects_after: forget, ..Commit::at("CA1", 1, 5) });
        put(vec![effect(2, 0, EffectState::Intent, None), effect(2, 0, EffectState::Done, Some("{\"id\":1}")), effect(2, 1, EffectState::Intent, None)], None).await.expect("commits");
        put(vec![effect(2, 0, EffectState::Intent, None), effect(2, 1, EffectState::Failed, None), effect(2, 2, EffectState::Intent, None)], None).await.expect("commits");
        let seen = |rows: Vec<EffectRow>| rows.into_iter().map(|row| (row.ordinal, row.state, row.answer, row.request_digest == [9; 32])).collect::<Vec<_>>();
        let rows = seen(store.effects(&key, "CA1", 2).await.expect("reads"));
        assert_eq!(rows, [(0, EffectState::Done, Some(b"{\"id\":1}".to_vec()), true), (1, EffectState::Failed, None, true), (2, EffectState::Intent, None, true)]);
        put(vec![effect(2, 1, EffectState::Done, Some("new"))], Some((2, 0))).await.expect("commits");
        let rows = seen(store.effects(&key, "CA1", 2).await.expect("reads"));
        assert_eq!(rows, [(0, EffectState::Done, Some(b"{\"id\":1}".to_vec()), true), (1, EffectState::Done, Some(b"new".to_vec()), true)]);
    }

    async fn what_is_owed_is_found_claimed_once_and_put_off(bench: &Bench) {
        let (store, key) = (&bench.store, begin(&bench.store, "CA1").await);
        let owe = |write: OwedWrite, at| store.commit(&key, Commit { owed: vec![write], ..Commit::at("CA1", 1, at) });
        owe(owed(2, OwedState::Due, 100), 5).await.expect("commits");
        assert!(store.owed_due(99, 10).await.expect("reads").is_empty());
        assert_eq!(store.owed_due(100, 10).await.expect("reads").len(), 1);
        let claim = || store.owed_claim("CA1", 2, 100, 500);
        let claims = tokio::join!(claim(), claim());
        assert_eq!([claims.0, claims.1].into_iter().filter(|claim| matches!(claim, Ok(true))).count(), 1);
        assert!(store.owed_due(499, 10).await.expect("reads").is_empty());
        store.owed_reschedule("CA1", 2, 900, "unavailable").await.expect("writes");
        assert_eq!(store.owed_due(900, 10).await.expect("reads"), [OwedRow {
            call: "CA1".to_owned(), run: 2, action: "open_ticket".to_owned(), state: OwedState::Due, attempts: 1, next_at_ms: 900, last_error: Some("unavailable".to_owned()),
        }]);
        owe(owed(2, OwedState::Done, 0), 6).await.expect("commits");
        assert!(store.owed_due(9_999, 10).await.expect("reads").is_empty());
    }

    async fn what_is_given_up_is_listed_before_what_is_due_and_can_be_made_due_again(bench: &Bench) {
        let (store, key) = (&bench.store, begin(&bench.store, "CA1").await);
        let all = vec![owed(1, OwedState::Due, 100), owed(2, OwedState::Dead, 300), owed(3, OwedState::Done, 0)];
        store.commit(&key, Commit { owed: all, ..Commit::at("CA1", 1, 5) }).await.expect("commits");
        let listed = || async { store.outbox(10).await.expect("reads").iter().map(|row| (row.run, row.state)).collect::<Vec<_>>() };
        assert_eq!(listed().await, [(2, OwedState::Dead), (1, OwedState::Due)]);
        assert!(!store.owed_redrive("CA1", 1, 7).await.expect("writes") && !store.owed_redrive("CA1", 3, 7).await.expect("writes"));
        assert!(store.owed_redrive("CA1", 2, 7).await.expect("writes") && !store.owed_redrive("CA1", 2, 7).await.expect("writes"));
        assert_eq!(listed().await, [(2, OwedState::Due), (1, OwedState::Due)]);
        assert_eq!(store.owed_due(7, 10).await.expect("reads").iter().map(|row| row.run).collect::<Vec<_>>(), [2]);
    }

    async fn a_check_is_due_when_it_says_and_one_of_several_hosts_takes_it(bench: &Bench) {
        let (store, key) = (&bench.store, begin(&bench.store, "CA1").await);
        let effects = vec![EffectWrite { check_at_ms: Some(100), ..effect(2, 1, EffectState::Done, Some("made")) }, effect(2, 2, EffectState::Done, None)];
        store.commit(&key, Commit { effects, ..Commit::at("CA1", 1, 5) }).await.expect("commits");
        assert!(store.checks_due(99, 10).await.expect("reads").is_empty());
        let due = store.checks_due(100, 10).await.expect("reads");
        assert_eq!(due, [CheckRow { call: "CA1".to_owned(), run: 2, ordinal: 1, binding: "freshdesk".to_owned(), at_ms: 5 }]);
        let take = || store.check_put(&due[0], 100, Some(900));
        let taken = tokio::join!(take(), take());
        assert_eq!([taken.0, taken.1].into_iter().filter(|taken| matches!(taken, Ok(true))).count(), 1);
        assert!(store.checks_due(899, 10).await.expect("reads").is_empty());
        assert!(store.check_put(&due[0], 900, None).await.expect("writes"));
        assert!(store.checks_due(i64::MAX, 10).await.expect("reads").is_empty());
    }

    async fn a_lease_is_one_hosts_until_it_runs_out(bench: &Bench) {
        begin(&bench.store, "CA1").await;
        let lease = |owner, now, until| bench.store.lease("CA1", owner, now, until);
        assert!(lease("h1", 0, 100).await.expect("writes"));
        assert!(!lease("h2", 50, 150).await.expect("writes"));
        assert!(lease("h1", 60, 160).await.expect("writes"));
        assert!(lease("h2", 160, 260).await.expect("writes"));
    }

    async fn nothing_said_lies_readable_in_the_tables(bench: &Bench) {
        let store = &bench.store;
        let secret = "terminación 4521 de Mariana";
        let first = Commit {
            events: texts(&[secret]),
            snapshot: Some(secret.as_bytes().to_vec()),
            turn: turn(0, Some(secret)),
            effects: vec![effect(1, 0, EffectState::Done, Some(secret))],
            ..Commit::at("CA1", 0, 1)
        };
        let key = store.new_data_key().expect("random bytes");
        store.begin(NewCall { id: "CA1", release: "a1", from_digest: None }, &key, first).await.expect("begins");
        let hex_of = |column: &str| if bench.url.starts_with("sqlite") { format!("hex({column})") } else { format!("upper(encode({column}, 'hex'))") };
        let spelled = |bytes: &[u8]| crate::seal::hex(bytes).to_uppercase();
        for (table, column) in [("events", "event"), ("snapshots", "state"), ("turns", "reply"), ("effects", "answer"), ("turns", "body_digest"), ("effects", "request_digest"), ("calls", "data_key")] {
            let lies = one(store, &format!("select {} from {table}", hex_of(column))).await;
            let lies = lies.as_str().expect("hex");
            assert!(lies.len() >= 2 * (12 + 16 + 1), "{table}.{column}");
            for plain in [&b"4521"[..], b"Mariana", &[7; 32], &[9; 32]] {
                assert!(!lies.contains(&spelled(plain)), "{table}.{column}");
            }
        }
    }

    async fn another_key_is_refused_at_the_door(bench: &Bench) {
        begin(&bench.store, "CA1").await;
        assert!(Store::open(&bench.url, keys('0')).await.is_ok());
        let refused = Store::open(&bench.url, keys('x')).await.err().map(|refused| refused.to_string()).unwrap_or_default();
        assert!(refused.contains("another ENCRYPTION_KEY"), "{refused}");
    }

    async fn two_hosts_open_one_new_database(bench: &Bench) {
        let opened = tokio::join!(Store::open(&bench.url, keys('0')), Store::open(&bench.url, keys('0')));
        opened.0.expect("opens").ping().await.expect("answers");
        opened.1.expect("opens").ping().await.expect("answers");
    }
}

#[tokio::test]
async fn a_wrong_address_is_refused_without_repeating_it() {
    for url in ["mysql://me:geheim@host/db", "geheim", "sqlite::memory:", "sqlite:x.db?geheim=1", "postgres://me:geheim@host:port/db"] {
        let refused = Store::open(url, keys('0')).await.err().map(|refused| refused.to_string()).unwrap_or_default();
        assert!(refused.contains("DATABASE_URL cannot be used"), "{url}: {refused}");
        assert!(!refused.contains("geheim"), "{refused}");
    }
}

#[tokio::test]
async fn hosts_that_start_together_migrate_an_empty_postgresql_once() {
    let Some(url) = throw_away::database("hosts_that_start_together_migrate_an_empty_postgresql_once") else {
        return;
    };
    let open = || Store::open(&url, keys('0'));
    let opened = tokio::join!(open(), open(), open(), open());
    for store in [opened.0, opened.1, opened.2, opened.3] {
        store.expect("opens").ping().await.expect("answers");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_stands_still_in_a_write_does_not_hold_a_call_for_ever() {
    let Some(bench) = postgres_bench("a_host_that_stands_still_in_a_write").await else { return };
    let key = begin(&bench.store, "CA1").await;
    let Database::Postgres(database) = &bench.store.database else { panic!("not PostgreSQL") };
    let mut standing = database.begin_write().await.expect("begins");
    sqlx::query("update calls set seq = seq where id = 'CA1'").execute(&mut *standing).await.expect("holds the row");
    bench.store.commit(&key, Commit { events: texts(&["heard"]), ..Commit::at("CA1", 1, 2_000) }).await.expect("commits");
    sqlx::query("select 1").execute(&mut *standing).await.expect_err("its transaction is over");
}
