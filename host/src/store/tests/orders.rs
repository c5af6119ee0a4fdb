//! Orders about releases, and which releases have served.

use super::*;

fn order(kind: &str, name: &str, at_ms: i64) -> Order {
    Order { kind: kind.to_owned(), name: name.to_owned(), reason: "a test".to_owned(), at_ms }
}

on_both! {
    async fn an_order_stands_once_until_it_is_lifted(bench: &Bench) {
        let store = &bench.store;
        let other = Store::open(&bench.url, keys('0')).await.expect("opens");
        assert!(store.put_order(&order("binding", "desk", 1)).await.expect("writes"));
        assert!(!other.put_order(&order("binding", "desk", 2)).await.expect("writes"));
        assert!(other.put_order(&order("action", "desk", 3)).await.expect("writes"));
        assert_eq!(store.orders().await.expect("reads"), [order("binding", "desk", 1), order("action", "desk", 3)]);
        assert!(other.drop_order("binding", "desk").await.expect("writes"));
        assert!(!store.drop_order("binding", "desk").await.expect("writes"));
        assert_eq!(store.orders().await.expect("reads"), [order("action", "desk", 3)]);
        store.put_order(&order("rumour", "desk", 4)).await.expect_err("a kind there is not");
        store.empty().await.expect("empties");
        assert!(store.orders().await.expect("reads").is_empty());
    }

    async fn releases_are_listed_by_when_they_last_began_to_serve(bench: &Bench) {
        let store = &bench.store;
        for (at, release) in (1..).zip(["a", "a", "b", "a", "c"]) {
            store.put_served(release, at).await.expect("writes");
        }
        assert_eq!(store.served(10).await.expect("reads"), ["c", "a", "b"]);
        assert_eq!(store.served(1).await.expect("reads"), ["c"]);
        store.empty().await.expect("empties");
        assert!(store.served(1).await.expect("reads").is_empty());
    }
}
