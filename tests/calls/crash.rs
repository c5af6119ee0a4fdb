//! `kill -9` of the real program, between two turns and in the middle of the ticket request: the call goes on, and
//! there is one row and one ticket.

use crate::house::BOTH;
use crate::site::{Call, LOOK, RING, Site, answered, send, true_to, url};
use centralita::standin::desk::{Fault, On as Asked};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_two_turns_loses_nothing_of_the_call() {
    for on in BOTH {
        let Some((site, mut serving)) = Site::open(on, "a_kill_between_two_turns").await else { continue };
        let mut call = Call::ring(&serving, 1, "+525500000001").await;
        for turn in 0.. {
            serving.kill();
            serving = site.serve();
            let (path, params, reply) = call.last.clone();
            // The turn that was answered is answered again, and a ring repeats the open question.
            assert_eq!(answered(&serving, &path, &params).await, reply);
            assert_eq!(answered(&serving, RING, &call.form(&[])).await, reply);
            match turn {
                0 => assert!(call.turn(&serving, &[("SpeechResult", "me robaron la tarjeta")]).await.contains("cuatro dígitos")),
                1 => assert!(call.turn(&serving, &[("SpeechResult", "cuatro cinco dos uno")]).await.contains("¿Confirmas?")),
                2 => true_to(&call.turn(&serving, &[("SpeechResult", "sí")]).await, &site.requests_of(&call).await, &site.desk.tickets()),
                3 => assert!(call.turn(&serving, &[("SpeechResult", "no gracias")]).await.contains("Gracias por llamar")),
                _ => break,
            }
        }
        site.one_row_one_ticket(&call, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_a_ticket_request_that_never_arrived_opens_one_ticket_later() {
    for on in BOTH {
        let Some((site, serving)) = Site::open(on, "a_request_that_never_arrived").await else { continue };
        serving.kill();
        // A desk that takes the request and does nothing at all.
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let serving = site.serve_with(&format!("http://{}/api/v2", silent.local_addr().unwrap()));
        let mut call = Call::ring(&serving, 1, "+525500000001").await;
        call.reach_the_question(&serving).await;
        let yes = call.yes(&serving);
        let (mut wire, _) = silent.accept().await.unwrap();
        assert!(wire.read(&mut [0; 512]).await.unwrap() > 0);
        assert_eq!(site.requests_of(&call).await.len(), 1, "the row stands before the request leaves");
        serving.kill();
        assert_eq!(yes.await.unwrap(), None);

        let serving = site.serve();
        let reply = call.turn(&serving, &[("Digits", "1")]).await;
        true_to(&reply, &site.requests_of(&call).await, &[]);
        assert!(reply.contains("tu ticket queda pendiente"), "{reply}");
        let (path, params, _) = call.last.clone();
        site.one_row_one_ticket(&call, 1).await;
        assert_eq!(answered(&serving, &path, &params).await, reply, "a saved reply does not change when the ticket is there");
        assert!(call.turn(&serving, &[("SpeechResult", "no gracias")]).await.contains("Gracias por llamar"));
        site.one_row_one_ticket(&call, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_after_the_desk_carried_the_request_out_opens_no_second_ticket() {
    for on in BOTH {
        let Some((site, serving)) = Site::open(on, "a_request_that_was_carried_out").await else { continue };
        // The desk executes, and its answer comes a few bytes at a time.
        site.desk.fault(Fault::SlowBody(Duration::from_secs(2)), Asked::Create, Some(1));
        let mut call = Call::ring(&serving, 1, "+525500000001").await;
        call.reach_the_question(&serving).await;
        let yes = call.yes(&serving);
        while site.desk.tickets().is_empty() {
            tokio::time::sleep(LOOK).await;
        }
        serving.kill();
        assert_eq!(yes.await.unwrap(), None);

        let serving = site.serve();
        let reply = call.turn(&serving, &[("Digits", "1")]).await;
        true_to(&reply, &site.requests_of(&call).await, &[]);
        site.one_row_one_ticket(&call, 1).await;
        assert_eq!(answered(&serving, RING, &call.form(&[])).await, reply);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_while_the_program_is_dead_still_gets_one_ticket() {
    for on in BOTH {
        let Some((site, serving)) = Site::open(on, "hangs_up_while_dead").await else { continue };
        site.desk.fault(Fault::DropAfter, Asked::Create, Some(1));
        site.desk.fault(Fault::SlowBody(Duration::from_secs(2)), Asked::Create, Some(1));
        let mut dropped = Call::ring(&serving, 1, "+525500000001").await;
        dropped.reach_the_question(&serving).await;
        let reply = dropped.turn(&serving, &[("Digits", "1")]).await;
        true_to(&reply, &site.requests_of(&dropped).await, &[]);
        let mut cut = Call::ring(&serving, 2, "+525510000042").await;
        cut.reach_the_question(&serving).await;
        let yes = cut.yes(&serving);
        while site.desk.tickets().len() < 2 {
            tokio::time::sleep(LOOK).await;
        }
        serving.kill();
        assert_eq!(yes.await.unwrap(), None);

        let serving = site.serve();
        for call in [&dropped, &cut] {
            let (status, body) = send(&serving.line, &url(&serving, "/webhooks/twilio/status"), &call.form(&[("CallStatus", "completed")])).await.unwrap();
            assert_eq!((status, body.as_str()), (200, ""));
        }
        for call in [&dropped, &cut] {
            site.one_row_one_ticket(call, 2).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_moment_of_the_turn_leaves_one_row_and_one_ticket() {
    for on in BOTH {
        let Some((site, mut serving)) = Site::open(on, "a_kill_at_any_moment").await else { continue };
        // From before the turn is read to after it is answered; what holds must hold wherever the kill falls.
        for (n, moment) in (0_u32..).zip([0, 4, 12, 36, 108]) {
            let mut call = Call::ring(&serving, n, &format!("+52551000{:04}", 100 + n)).await;
            call.reach_the_question(&serving).await;
            let yes = call.yes(&serving);
            tokio::time::sleep(Duration::from_millis(moment)).await;
            serving.kill();
            let first = yes.await.unwrap();
            serving = site.serve();
            let reply = call.turn(&serving, &[("Digits", "1")]).await;
            if let Some(first) = first {
                assert_eq!(reply, first, "killed after {moment} ms");
            }
            true_to(&reply, &site.requests_of(&call).await, &site.desk.tickets());
            site.one_row_one_ticket(&call, n as usize + 1).await;
        }
    }
}
