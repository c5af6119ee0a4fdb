//! The program dies at every fail-point on the way of a confirmed report, one after the other, and nothing is lost.
//!
//! Lives here: the sweep. A run of it ends when the program survives, since then no point is left. In the suite each takes
//! every fourth point; `CENTRALITA_ALL_POINTS=1` has each database die at every one.
//! Never here: where the points are (`host/src/failpoint.rs` and whoever calls it).

use crate::house::{BOTH, On};
use crate::serving::Serving;
use crate::site::{Call, LOOK, Site, true_to};
use centralita::standin::desk::{Fault, On as Asked};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// More points than the way can have.
pub(crate) const MOST: u32 = 80;
/// The program dies at this one.
pub(crate) const DIE: &str = "CENTRALITA_DIE_AT";
/// How long a program that is to die may take until it has.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a sweep takes every point there is.
fn takes_all() -> bool {
    std::env::var_os("CENTRALITA_ALL_POINTS").is_some()
}

/// Every point; in the suite every fourth one, of two sweeps different ones.
pub(crate) fn points(one: bool) -> impl Iterator<Item = u32> {
    let (first, step) = if takes_all() { (1, 1) } else { (if one { 1 } else { 3 }, 4) };
    (first..MOST).step_by(step)
}

/// That these points are on the way, where all of them are taken.
fn pass(points: &BTreeSet<String>, expected: &[&str]) {
    assert!(points.len() > 1, "hardly anything dies: {points:?}");
    let gone: Vec<_> = expected.iter().filter(|point| takes_all() && !points.contains(**point)).collect();
    assert!(gone.is_empty(), "{gone:?} are not on the way any more: {points:?}");
}

/// Waits until the program is dead, or there is nothing left to do for a call. Whether it died.
async fn died(site: &Site, serving: &mut Serving, call: &Call) -> bool {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if serving.is_dead() {
            return true;
        }
        if site.is_over(call).await {
            // The last points come after the last commit.
            tokio::time::sleep(LOOK * 20).await;
            return serving.is_dead();
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("neither dead nor done after {PATIENCE:?}: {}", site.left(call).await);
}

/// A report at a desk with this fault for its first request, once for every point at which the program can die.
async fn sweep(on: On, test: &str, fault: Option<&Fault>) -> Option<BTreeSet<String>> {
    let (mut site, serving) = Site::open(on, test).await?;
    serving.kill();
    // A lost answer is looked for at once, so that what is late makes a second ticket, and both checks for it are soon over.
    site.more = vec![("CENTRALITA_SETTLE_MS", "20".to_owned()), ("CENTRALITA_LEASE_MS", "1500".to_owned())];
    let mut serving = site.serve();
    let mut passed = BTreeSet::new();
    for (tickets, point) in (1..).zip(points(on == On::Sqlite)) {
        let mut call = Call::ring(&serving, point, &format!("+52551000{:04}", 100 + point)).await;
        call.reach_the_question(&serving).await;
        serving.kill();
        if let Some(fault) = fault {
            site.desk.fault(fault.clone(), Asked::Create, Some(1));
        }
        let mut dying = site.serve_until(DIE, point);
        let yes = call.yes(&dying).await.unwrap();
        let dead = if yes.is_none() { true } else { died(&site, &mut dying, &call).await };
        let log = dying.kill();
        let moment = log.lines().find_map(|line| line.strip_prefix("FAILPOINT: ")).map(str::to_owned);
        assert_eq!(moment.is_some(), dead, "{log}");
        serving = site.serve();
        let reply = call.turn(&serving, &[("Digits", "1")]).await;
        if let Some(yes) = yes {
            assert_eq!(reply, yes, "point {point}, {moment:?}");
        }
        true_to(&reply, &site.requests_of(&call).await, &site.desk.tickets());
        site.one_row_one_ticket(&call, tickets).await;
        site.desk.clear_faults();
        // A check that is still to come would be a point of the next report.
        assert!(!died(&site, &mut serving, &call).await);
        let Some(moment) = moment else { return Some(passed) };
        passed.insert(moment);
        assert!(call.turn(&serving, &[("SpeechResult", "no gracias")]).await.contains("Gracias por llamar"));
    }
    panic!("the program died at {MOST} points and there was always another");
}

/// The points of both databases together.
async fn swept(test: &str, fault: Option<&Fault>) -> BTreeSet<String> {
    let mut points = BTreeSet::new();
    for on in BOTH {
        points.extend(sweep(on, test, fault).await.into_iter().flatten());
    }
    points
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_at_any_point_of_a_report_loses_nothing() {
    let points = swept("a_death_at_any_point", None).await;
    let expected = [
        "a request is about to leave",
        "a request was answered",
        "a run is about to begin",
        "a run is over",
        "a statement is about to be committed",
        "a statement is committed",
        "a turn is loaded",
        "a turn is understood",
        "events are about to be committed",
        "events are committed",
    ];
    pass(&points, &expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_at_any_point_of_a_ticket_that_comes_late_leaves_one_open_ticket() {
    let points = swept("a_death_at_a_late_ticket", Some(&Fault::LateCommit(Duration::from_millis(400)))).await;
    let expected = [
        "a check is taken",
        "a duplicate is half closed",
        "a lost answer was looked for",
        "an owed run is delivered",
        "an owed run is over",
        "an owed run is taken",
    ];
    pass(&points, &expected);
}
