//! The desk is down for an hour while callers confirm: each hears the truth, and each ticket is there once, after.
//!
//! Lives here: the hour, which passes by the program's own clock (libfaketime), not by ours.
//! Twenty callers in the suite; `CENTRALITA_OUTAGE_CALLS=200` makes as many as `docs/reliability.md` cites.
//! Never here: how tickets fail one by one (`faults.rs`), the program's death (`crash.rs`).

use crate::clock::Clock;
use crate::house::{BOTH, rows};
use crate::random::number;
use crate::serving::outcome;
use crate::site::{Call, LOOK, Site, text, true_to};
use centralita::standin::desk::{Fault, On as Asked};
use std::time::{Duration, Instant};

/// The clock goes on by so much at a time: longer than the longest pause of owed work.
const STEP: Duration = Duration::from_secs(400);

/// How often the desk's worker has tried.
async fn attempts(site: &Site) -> Vec<u32> {
    let rows = rows(&site.database, "select cast(attempts as text) from owed where action = 'action_create_ticket' order by call").await;
    rows.concat().iter().map(|attempts| attempts.parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_down_for_an_hour_has_every_ticket_once_after() {
    let wanted = number("CENTRALITA_OUTAGE_CALLS", 20);
    for on in BOTH {
        let Some((mut site, serving)) = Site::open(on, "an_hour").await else { continue };
        serving.kill();
        crate::load::generous(&site.project);
        let Some(clock) = Clock::new(&site.project) else { return };
        site.more = clock.variables();
        site.desk.fault(Fault::DropBefore, Asked::All, None);
        let serving = site.serve();
        let mut calls = Vec::new();
        for n in 0..wanted {
            let mut call = Call::ring(&serving, n, &format!("+52551000{n:04}")).await;
            call.reach_the_question(&serving).await;
            let reply = call.turn(&serving, &[("Digits", "1")]).await;
            true_to(&reply, &site.requests(&call.sid).await, &site.desk.tickets());
            assert!(text(&reply).contains("tu ticket queda pendiente"), "{reply}");
            call.turn(&serving, &[("SpeechResult", "no gracias")]).await;
            calls.push(call);
        }
        for _ in 0..Duration::from_secs(3_600).div_duration_f64(STEP).ceil() as u32 {
            let before = attempts(&site).await;
            clock.forward(STEP);
            let began = Instant::now();
            while attempts(&site).await.iter().zip(&before).any(|(now, before)| now <= before) {
                assert!(began.elapsed() < Duration::from_secs(120), "the worker does not try any more");
                tokio::time::sleep(LOOK * 10).await;
            }
        }
        assert!(site.desk.tickets().is_empty());
        assert_eq!(site.count("owed where state = 'due' and action = 'action_create_ticket'").await, wanted.to_string(), "nothing is given up");

        site.desk.clear_faults();
        clock.forward(STEP);
        site.nothing_owed(Duration::from_secs(120)).await;
        for call in &calls {
            site.one_row_one_ticket(call, calls.len()).await;
        }
        eprintln!("{on:?}: {wanted} calls confirmed while the desk was down for an hour; {} tickets after, each once", site.desk.tickets().len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_back_stops_no_call_and_loses_nothing() {
    for on in BOTH {
        let Some((mut site, serving)) = Site::open(on, "a_clock_jumps_back").await else { continue };
        serving.kill();
        let Some(clock) = Clock::new(&site.project) else { return };
        site.more = clock.variables();
        site.desk.fault(Fault::DropBefore, Asked::All, None);
        let serving = site.serve();
        let mut owed = Call::ring(&serving, 1, "+525510000041").await;
        owed.reach_the_question(&serving).await;
        assert!(text(&owed.turn(&serving, &[("Digits", "1")]).await).contains("tu ticket queda pendiente"));
        let mut between = Call::ring(&serving, 2, "+525510000042").await;
        between.reach_the_question(&serving).await;

        clock.back(Duration::from_secs(3_600));
        site.desk.clear_faults();
        let reply = between.turn(&serving, &[("Digits", "1")]).await;
        true_to(&reply, &site.requests(&between.sid).await, &site.desk.tickets());
        assert!(text(&reply).contains("número de ticket es"), "{reply}");
        assert!(text(&owed.turn(&serving, &[("SpeechResult", "no gracias")]).await).contains("Gracias por llamar"));

        clock.forward(Duration::from_secs(3_700));
        site.nothing_owed(Duration::from_secs(30)).await;
        for call in [&owed, &between] {
            site.one_row_one_ticket(call, 2).await;
        }
        serving.kill();
        let audit = outcome(&["audit", "verify"], &site.variables());
        assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
    }
}
