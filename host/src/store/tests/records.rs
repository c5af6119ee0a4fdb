//! Artifacts and the audit chains.

use super::*;

on_both! {
    async fn artifacts_are_kept_by_digest_while_a_call_needs_them(bench: &Bench) {
        let store = &bench.store;
        let component = Artifact { kind: "component".to_owned(), name: "greeting".to_owned(), bytes: vec![0, 97, 115, 109] };
        store.put_artifact("d1", &component, 1).await.expect("writes");
        store.put_artifact("d1", &Artifact { bytes: vec![1], ..component }, 2).await.expect("writes");
        assert_eq!(store.artifact("d1").await.expect("reads").expect("is there").bytes, [0, 97, 115, 109]);
        assert_eq!(store.artifacts("component").await.expect("reads"), [("d1".to_owned(), "greeting".to_owned())]);
        let key = begin(store, "CA1").await;
        assert_eq!(store.releases_in_use().await.expect("reads"), ["a1"]);
        store.commit(&key, Commit { status: Some(Status::Ended), owed: vec![owed(1, OwedState::Due, 0)], ..Commit::at("CA1", 1, 2) }).await.expect("commits");
        assert_eq!(store.releases_in_use().await.expect("reads"), ["a1"]);
        store.commit(&key, Commit { owed: vec![owed(1, OwedState::Done, 0)], ..Commit::at("CA1", 1, 2) }).await.expect("commits");
        assert!(store.releases_in_use().await.expect("reads").is_empty());
        store.drop_artifact("d1").await.expect("writes");
        assert!(store.artifact("d1").await.expect("reads").is_none());
    }

    async fn audit_records_chain_also_when_hosts_race(bench: &Bench) {
        let store = &bench.store;
        let other = Store::open(&bench.url, keys('0')).await.expect("opens");
        let record = json!({"what": "wrong token"});
        for _ in 0..5 {
            let added = tokio::join!(store.audit(None, 1, &record), other.audit(None, 2, &record), store.audit(Some("CA1"), 3, &record));
            added.0.and(added.1).and(added.2).expect("adds");
        }
        let host = store.audit_chain(None).await.expect("fits");
        assert_eq!(host.iter().map(|row| row.n).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
        assert_eq!(host[0].record, record.to_string());
        assert_eq!(store.audit_chain(Some("CA1")).await.expect("fits").len(), 5);
    }

    async fn a_changed_audit_record_is_named(bench: &Bench) {
        let (store, key) = (&bench.store, begin(&bench.store, "CA1").await);
        for n in 0..3 {
            store.audit(None, n, &json!({ "n": n })).await.expect("adds");
        }
        let forge = bound("update audit set record = :forged where n = 2", &[("forged", json!("{\"n\":7}"))]);
        store.commit_statement(&key, Commit::at("CA1", 1, 1), effect(1, 0, EffectState::Intent, None), &forge).await.expect("runs");
        let broken = store.audit_chain(None).await.err().map(|broken| broken.to_string()).unwrap_or_default();
        assert!(broken.contains("record 2"), "{broken}");
    }
}
