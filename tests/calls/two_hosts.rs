//! Two hosts on one PostgreSQL: one dies in the middle of a confirmed report, or stands still for longer than its lease and
//! then goes on; the other has the caller meanwhile. There is one history, one row, one ticket.
//!
//! Lives here: the sweep over all fail-points of the host that fails.
//! Never here: one host (`failpoints.rs`).

use crate::failpoints::{DIE, MOST, PATIENCE, points};
use crate::house::On;
use crate::serving::Serving;
use crate::site::{Call, LOOK, Site, true_to};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const STAND: &str = "CENTRALITA_STAND_AT";
/// How long what a host has begun is its own, in these tests.
const LEASE: Duration = Duration::from_millis(800);

/// Waits until the host is down, or has answered. Whether it is down.
async fn is_down(host: &mut Serving, yes: &JoinHandle<Option<String>>) -> bool {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if host.stands() || host.is_dead() {
            return true;
        }
        if yes.is_finished() {
            // It may die of its very last step.
            tokio::time::sleep(LOOK).await;
            return host.stands() || host.is_dead();
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("neither down nor done after {PATIENCE:?}");
}

/// A report on two hosts, of which one fails at every point in turn.
async fn sweep(variable: &'static str, test: &str) {
    let Some((mut site, serving)) = Site::open(On::Postgres, test).await else { return };
    serving.kill();
    site.more = vec![("CENTRALITA_SETTLE_MS", "20".to_owned()), ("CENTRALITA_LEASE_MS", LEASE.as_millis().to_string())];
    let sound = site.serve();
    for (tickets, point) in (1..).zip(points(variable == DIE)) {
        let mut call = Call::ring(&sound, point, &format!("+52551000{:04}", 100 + point)).await;
        call.reach_the_question(&sound).await;
        let mut failing = site.serve_until(variable, point);
        let yes = call.yes(&failing);
        let down = is_down(&mut failing, &yes).await;
        if variable == STAND {
            // Past its lease: what it had begun is anybody's.
            tokio::time::sleep(LEASE).await;
        }
        // The network asks again, and reaches the other one.
        let reply = call.turn(&sound, &[("Digits", "1")]).await;
        true_to(&reply, &site.requests(&call.sid).await, &site.desk.tickets());
        if down && variable == STAND {
            failing.go_on();
        }
        let late = yes.await.unwrap();
        if let Some(late) = late {
            assert_eq!(late, reply, "point {point}: two replies for one turn");
        }
        site.one_row_one_ticket(&call, tickets).await;
        assert!(call.turn(&sound, &[("SpeechResult", "no gracias")]).await.contains("Gracias por llamar"), "point {point}: the history is broken");
        site.nothing_left(PATIENCE).await;
        site.one_row_one_ticket(&call, tickets).await;
        assert_eq!(site.desk.tickets().len(), tickets, "point {point}: nothing is asked twice at a desk that answers");
        failing.kill();
        if !down {
            assert!(point > 10, "only {point} points");
            return;
        }
    }
    panic!("the host failed at {MOST} points and there was always another");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_dies_at_any_point_leaves_the_report_to_the_other() {
    sweep(DIE, "a_host_that_dies").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_stands_still_past_its_lease_at_any_point_does_nothing_twice() {
    sweep(STAND, "a_host_that_stands").await;
}
