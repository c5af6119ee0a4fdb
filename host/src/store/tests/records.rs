//! Artifacts and the audit chains.

use super::*;
use crate::audit::{Head, broken};

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

    async fn the_hosts_records_chain_also_when_hosts_race(bench: &Bench) {
        let store = &bench.store;
        let other = Store::open(&bench.url, keys('0')).await.expect("opens");
        let record = json!({"what": "wrong token"});
        for _ in 0..5 {
            let added = tokio::join!(store.audit(1, &record), other.audit(2, &record));
            added.0.and(added.1).expect("adds");
        }
        let host = store.audit_chain(None).await.expect("reads");
        assert_eq!(host.iter().map(|row| row.n).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
        assert_eq!(broken("", &host), None);
        assert_eq!(host[0].record, record.to_string());
        assert_eq!(store.moved_heads().keys().collect::<Vec<_>>(), [""]);
    }

    async fn a_calls_records_are_stored_with_its_commits_and_its_end_is_loaded(bench: &Bench) {
        let (store, key) = (&bench.store, begin(&bench.store, "CA1").await);
        let mut head = Head::default();
        let two = vec![head.add("CA1", 5, "{}".to_owned()), head.add("CA1", 5, "{\"n\":2}".to_owned())];
        store.commit(&key, Commit { audit: two.clone(), ..Commit::at("CA1", 1, 5) }).await.expect("commits");
        assert_eq!(store.load("CA1").await.expect("reads").expect("is there").audit, head);
        assert_eq!(store.moved_heads().get("CA1"), Some(&head));
        assert!(store.moved_heads().is_empty());
        let taken = store.commit(&key, Commit { audit: two.clone(), ..Commit::at("CA1", 1, 6) }).await;
        assert!(matches!(taken, Err(StoreError::TurnAlreadyTaken { .. })), "somebody else has added to the chain");
        assert!(store.erase("CA1").await.expect("erases"));
        assert_eq!(store.audit_chain(Some("CA1")).await.expect("reads"), two);
        assert_eq!(store.audit_chains(None, 10).await.expect("reads"), ["CA1"]);
        store.move_heads_since(5).await.expect("reads");
        assert_eq!(store.moved_heads().get("CA1"), Some(&head), "a start takes up what no checkpoint names");
    }
}
