//! Numbers that were called.

use super::*;

const HOUR: i64 = 3_600_000;

fn limits(at_ms: i64, per_day: u32) -> DialLimits {
    DialLimits { at_ms, day_ms: 0, per_day, again_ms: at_ms - HOUR }
}

on_both! {
    async fn a_number_is_known_by_having_called(bench: &Bench) {
        begin(&bench.store, "CA1").await;
        assert!(bench.store.has_called("abc").await.expect("reads"));
        assert!(!bench.store.has_called("abd").await.expect("reads"));
    }

    async fn a_call_counts_from_its_reservation_on_unless_it_was_refused(bench: &Bench) {
        let store = &bench.store;
        let at = 10 * HOUR;
        assert_eq!(store.dial("a", &limits(at, 1), false).await.expect("reads"), Dial::Free(0));
        let Dial::Free(n) = store.dial("a", &limits(at, 1), true).await.expect("writes") else { panic!("nothing was reserved") };
        assert_eq!(store.dial("a", &limits(at + HOUR - 1, 2), true).await.expect("reads"), Dial::TooSoon);
        assert_eq!(store.dial("b", &limits(at, 1), true).await.expect("reads"), Dial::DayFull);
        for (outcome, after) in [(DialOutcome::Unknown, Dial::TooSoon), (DialOutcome::Queued, Dial::TooSoon), (DialOutcome::Refused, Dial::Free(0))] {
            store.dialled(n, outcome, Some("CA1")).await.expect("writes");
            assert_eq!(store.dial("a", &limits(at, 1), false).await.expect("reads"), after, "{outcome:?}");
        }
        store.dialled(n, DialOutcome::Queued, None).await.expect("writes");
        assert_eq!(store.dial("a", &limits(at + HOUR, 2), false).await.expect("reads"), Dial::Free(0));
        store.empty().await.expect("empties");
        assert_eq!(store.dial("a", &limits(at, 1), false).await.expect("reads"), Dial::Free(0));
    }

    async fn of_many_at_once_no_more_are_reserved_than_the_cap(bench: &Bench) {
        let other = Arc::new(Store::open(&bench.url, keys('0')).await.expect("opens"));
        let asked: Vec<_> = (0..24).map(|n| {
            let store = other.clone();
            tokio::spawn(async move { store.dial(&format!("n{}", n % 12), &limits(10 * HOUR, 5), true).await.expect("writes") })
        }).collect();
        let mut free = 0;
        for asked in asked {
            free += u32::from(matches!(asked.await.expect("ends"), Dial::Free(_)));
        }
        assert_eq!(free, 5);
    }
}
