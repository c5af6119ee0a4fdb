//! What a caller experiences, from the ring to the ticket.

use crate::house::{BOTH, Changes, House};
use crate::truth::{Request, Watched, open, requests};
use centralita::phone::Next;
use centralita::standin::desk::{Fault, On as Asked};
use centralita_engine::Event;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_card_is_reported_and_an_urgent_ticket_is_opened() {
    for on in BOTH {
        let Some(house) = House::open(on, "a_stolen_card_is_reported").await else { continue };
        let (mut caller, heard) = house.ring("+525500000001").await;
        assert!(heard.text().contains("¿En qué puedo ayudarte?"), "{}", heard.text());
        caller.say("me robaron la tarjeta").await.unwrap();
        let heard = caller.say("cuatro cinco dos uno").await.unwrap();
        assert!(heard.text().contains("terminada en 4-5-2-1"), "{}", heard.text());
        assert_eq!(house.requests().await, Vec::<Vec<String>>::new());
        let heard = caller.say("sí").await.unwrap();
        let requests = house.requests().await;
        assert_eq!(requests.len(), 1);
        let (code, ticket) = (&requests[0][3], &requests[0][4]);
        assert_eq!(code.len(), 9);
        let spelled = |digits: &str| digits.chars().map(String::from).collect::<Vec<_>>().join("-");
        assert!(heard.text().contains(&spelled(code)), "{}", heard.text());
        assert!(heard.text().contains(&format!("ticket es {}", spelled(ticket))), "{}", heard.text());
        let tickets = house.tickets(1).await;
        assert_eq!(tickets.len(), 1);
        assert_eq!(tickets[0]["priority"], 4);
        assert_eq!(tickets[0]["source"], 3);
        let heard = caller.say("no gracias").await.unwrap();
        assert!(matches!(heard.next, Next::HungUp));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_down_gets_the_ticket_later_and_nobody_hears_a_number() {
    for on in BOTH {
        let Some(house) = House::open(on, "a_desk_that_is_down").await else { continue };
        house.desk.fault(Fault::Status500, Asked::All, None);
        let (mut caller, _) = house.ring("+525500000001").await;
        caller.say("perdí mi tarjeta").await.unwrap();
        caller.keys("4521").await.unwrap();
        let heard = caller.keys("1").await.unwrap();
        assert!(heard.text().contains("tu ticket queda pendiente"), "{}", heard.text());
        assert!(!heard.text().contains("número de ticket es"), "{}", heard.text());
        caller.hang_up().await.unwrap();
        house.desk.clear_faults();
        let tickets = house.tickets(1).await;
        assert_eq!(tickets[0]["priority"], 3);
    }
}

/// Which part of the day it is at an hour.
const fn part(hour: i64) -> &'static str {
    match hour {
        6..=11 => "morning",
        12..=17 => "afternoon",
        _ => "night",
    }
}

/// The hour of UTC, shifted.
fn hour(shift: i64) -> i64 {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    (i64::try_from(seconds).unwrap() / 3600 + shift).rem_euclid(24)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_greeting_and_the_goodbye_follow_the_hour_of_the_project() {
    // Mexico City has been at UTC-6 all year since 2022.
    let zones = [9, 15, 21].map(|wanted| {
        let shift = (wanted - hour(0) + 11).rem_euclid(24) - 11;
        (Some(format!("Etc/GMT{:+}", -shift)), shift)
    });
    for on in BOTH {
        for (zone, shift) in zones.iter().cloned().chain([(None, -6)]) {
            let variables = zone.iter().map(|zone| ("CENTRALITA_TIMEZONE", zone.clone())).collect();
            let Some(house) = open(on, "the_greeting_follows_the_hour", Changes { variables, ..Changes::default() }).await else { continue };
            let before = part(hour(shift));
            let mut call = Watched::ring(&house, "+525500000001").await;
            let greeting = call.said.clone();
            assert!(!call.text().contains("Mariana"), "no name before anybody is verified");
            for said in ["soy el asistente de tu banco", "¿En qué puedo ayudarte?", "di persona o marca cero"] {
                assert!(call.text().contains(said), "{}", call.text());
            }
            call.say("adiós").await;
            let after = part(hour(shift));
            let is = |said: &[String], what: &str| said == [format!("utter_{what}_{before}")] || said == [format!("utter_{what}_{after}")];
            assert!(is(&greeting, "greeting"), "{zone:?}: {greeting:?}");
            assert!(is(&call.said, "goodbye") && call.hung_up(), "{zone:?}: {:?}", call.said);
        }
    }
}

/// Every question of the line, the number that reaches it, and how.
const QUESTIONS: [(&str, &str, &[&str]); 9] = [
    ("utter_greeting", "+525500000001", &[]),
    ("utter_ask_last4", "+525500000001", &["perdí mi tarjeta"]),
    ("utter_ask_last4_again", "+525500000001", &["perdí mi tarjeta", "0000"]),
    ("utter_ask_card_choice", "+525500000001", &["perdí mi tarjeta", "no me los sé"]),
    ("utter_ask_debit_or_credit", "+525500000002", &["perdí mi tarjeta", "5555"]),
    ("utter_ask_client_id", "+525500000009", &["perdí mi tarjeta", "4521"]),
    ("utter_ask_confirm_block", "+525500000001", &["perdí mi tarjeta", "4521"]),
    ("utter_ask_wants_person", "+525500000001", &["perdí mi tarjeta", "9012"]),
    ("utter_ask_person_before_leaving", "+525500000001", &["perdí mi tarjeta", "adiós"]),
];

async fn reach(house: &Arc<House>, (question, from, way): (&str, &str, &[&str])) -> Watched {
    let mut call = Watched::ring(house, from).await;
    for answer in way {
        call.answer(answer).await;
    }
    assert!(call.said.last().unwrap().starts_with(question), "{question}: {:?}", call.said);
    call
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_reached_by_word_and_by_zero_from_every_question() {
    for on in BOTH {
        let Some(house) = open(on, "a_person_is_reached", Changes::default()).await else { continue };
        for question in QUESTIONS {
            for wish in ["quiero hablar con alguien", "persona", "keys:0", "comuníqueme con un ejecutivo por favor"] {
                let mut call = reach(&house, question).await;
                call.answer(wish).await;
                assert_eq!(call.said, ["utter_transfer"], "{}: {wish}", question.0);
                assert_eq!(call.dialled(), Some("+525500000000"));
                assert_eq!(call.transferred().await.as_deref(), Some("asked"), "{}: {wish}", question.0);
            }
        }
        assert_eq!((house.requests().await.len(), house.desk.tickets().len()), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_understood_twice_reaches_a_person_and_the_reason_is_recorded() {
    const NOISE: [&str; 2] = ["el perro azul salta", "las nubes de colores"];
    for on in BOTH {
        let Some(house) = open(on, "not_understood_twice", Changes::default()).await else { continue };
        for question in QUESTIONS {
            let mut call = reach(&house, question).await;
            let mut left = 4;
            for noise in NOISE.iter().cycle() {
                call.answer(noise).await;
                left -= 1;
                if call.dialled().is_some() {
                    break;
                }
                assert!(!call.hung_up() && left > 0, "{}: {}", question.0, call.text());
            }
            // Who cannot give the digits is asked for the kind first; that question has its own two misses.
            let fewest = match question.0 {
                "utter_ask_last4" => 4,
                "utter_ask_last4_again" => 3,
                "utter_ask_client_id" => 1,
                _ => 2,
            };
            assert_eq!(4 - left, fewest, "{}", question.0);
            assert_eq!(call.said.last().unwrap(), "utter_transfer");
            assert_eq!(call.transferred().await.as_deref(), Some("not_understood"), "{}", question.0);
        }
        assert!(house.requests().await.iter().all(|row| row[0] == "unverified"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_creates_nothing_and_offers_a_person_and_declining_hears_goodbye() {
    for on in BOTH {
        let Some(house) = open(on, "a_no_creates_nothing", Changes::default()).await else { continue };
        for no in ["no", "keys:2", "no, mejor no", "no la bloquees", "ya no quiero", "cancela todo"] {
            for (answer, dials) in [("keys:2", false), ("no", false), ("keys:1", true), ("sí, por favor", true)] {
                let mut call = reach(&house, QUESTIONS[6]).await;
                call.answer(no).await;
                assert_eq!(call.said, ["utter_nothing_reported", "utter_ask_wants_person"], "{no}: {}", call.text());
                call.answer(answer).await;
                assert_eq!(call.dialled().is_some(), dials, "{no}, {answer}");
                assert!(dials || (call.hung_up() && call.said[0].starts_with("utter_goodbye")), "{:?}", call.said);
            }
        }
        // Who says goodbye in the middle is offered a person before it ends.
        let mut call = reach(&house, QUESTIONS[8]).await;
        call.answer("no").await;
        assert!(call.hung_up() && call.said[0] == "utter_call_back_noted" && call.said[1].starts_with("utter_goodbye"), "{:?}", call.said);
        assert_eq!((house.requests().await.len(), house.desk.tickets().len()), (1, 0), "somebody calls back");
        // So is who hangs up at the question, and nothing is reported.
        house.rows("update blocking_requests set status = 'done'").await;
        let mut call = reach(&house, QUESTIONS[6]).await;
        call.caller.hang_up().await.unwrap();
        let kinds: Vec<String> = house.requests().await.into_iter().map(|row| row[0].clone()).collect();
        assert_eq!((kinds, house.desk.tickets().len()), (vec!["done".to_owned(), "abandoned".to_owned()], 0));
    }
}

/// Waits until every reported card of a call has its ticket, and nothing is owed any more.
async fn ticketed(house: &House, call: &str) -> Vec<Request> {
    for _ in 0..400 {
        let rows = requests(house, call).await;
        let owed = house.rows(&format!("select state from owed where call = '{call}' and action = 'action_create_ticket' and state <> 'done'")).await;
        if !rows.is_empty() && rows.iter().all(|row| row.status == "ticketed") && owed.is_empty() {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("no ticket after ten seconds: {:?}", requests(house, call).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_desk_does_there_is_one_ticket_and_nobody_hears_an_invented_number() {
    let millis = Duration::from_millis;
    let faults = [
        (Fault::Status500, Asked::All, None),
        (Fault::Html502, Asked::All, None),
        (Fault::Storm429 { retry_after: 1 }, Asked::All, None),
        (Fault::DropBefore, Asked::All, None),
        (Fault::Status500, Asked::Create, Some(1)),
        (Fault::DropBefore, Asked::Create, Some(1)),
        (Fault::DropAfter, Asked::Create, Some(1)),
        (Fault::DropAfter, Asked::Create, None),
        (Fault::Truncated, Asked::Create, Some(1)),
        (Fault::LateCommit(millis(300)), Asked::Create, Some(1)),
        (Fault::SlowBody(millis(5)), Asked::Create, Some(1)),
        (Fault::Latency(millis(400)), Asked::Create, Some(1)),
    ];
    for on in BOTH {
        let Some(house) = open(on, "whatever_the_desk_does", Changes::default()).await else { continue };
        for (number, (fault, asked, times)) in faults.iter().enumerate() {
            let what = format!("{fault:?} on {asked:?}, {times:?} times");
            let mut call = Watched::ring(&house, &format!("+525510000{number:03}")).await;
            call.answer("me robaron la tarjeta").await;
            call.answer(&format!("{number:04}")).await;
            assert_eq!(call.said, ["utter_ask_confirm_block"]);
            house.desk.fault(fault.clone(), *asked, *times);
            call.answer("sí").await;
            // A number that was said is checked at the desk by the caller who believes nothing.
            let owed = ["utter_report_registered", "utter_ticket_owed", "utter_not_blocked_yet", "utter_ask_wants_person"];
            let there = ["utter_report_registered", "utter_ticket_created", "utter_not_blocked_yet", "utter_ask_wants_person"];
            assert!(call.said == owed || call.said == there, "{what}: {:?}", call.said);
            assert!(times.is_some() || call.said == owed, "{what}: {:?}", call.said);
            call.answer("no").await;
            assert!(call.hung_up());
            house.desk.clear_faults();
            let rows = ticketed(&house, call.sid()).await;
            let tickets = house.desk.tickets();
            let carrying: Vec<_> = tickets.iter().filter(|ticket| ticket["description"].as_str().is_some_and(|text| text.contains(&rows[0].code))).collect();
            assert_eq!(carrying.len(), 1, "{what}");
            assert_eq!(carrying[0]["id"].to_string(), rows[0].ticket, "{what}");
            let delivered = call.events().await.iter().filter(|event| matches!(event, Event::Delivered { .. })).count();
            assert_eq!(delivered, usize::from(call_was_owed(&call).await), "{what}");
        }
        assert_eq!(house.desk.tickets().len(), faults.len());
    }
}

async fn call_was_owed(call: &Watched) -> bool {
    call.house.responses(call.sid()).await.iter().any(|response| response == "utter_ticket_owed")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_refuses_gets_no_second_request_and_the_caller_hears_that_the_report_stands() {
    for on in BOTH {
        let variables = vec![("FRESHDESK_API_KEY", "another-key".to_owned())];
        let Some(house) = open(on, "a_desk_that_refuses", Changes { variables, ..Changes::default() }).await else { continue };
        let mut call = reach(&house, QUESTIONS[6]).await;
        call.answer("sí").await;
        assert_eq!(call.said, ["utter_report_registered", "utter_ticket_by_hand", "utter_not_blocked_yet", "utter_ask_wants_person"]);
        let rows = call.requests().await;
        assert_eq!((rows.len(), rows[0].status.as_str(), rows[0].ticket.as_str()), (1, "pending", ""));
        let owed = house.rows(&format!("select state from owed where call = '{}'", call.sid())).await;
        assert_eq!(owed, [["dead"]]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_right_after_the_yes_has_a_row_and_a_ticket() {
    for on in BOTH {
        let Some(house) = open(on, "who_hangs_up_right_after_the_yes", Changes::default()).await else { continue };
        // Whether the network still waits for the answer, or is gone with the caller.
        for (number, waits) in [true, false].into_iter().enumerate() {
            let mut call = Watched::ring(&house, &format!("+525510000{number:03}")).await;
            call.answer("me robaron la tarjeta").await;
            call.answer(&format!("{number:04}")).await;
            house.desk.fault(Fault::Latency(Duration::from_millis(600)), Asked::Create, Some(1));
            let Next::Gather { action, .. } = call.caller.next().clone() else { panic!("nobody listens") };
            let yes = call.caller.parameters(&[("SpeechResult", "sí"), ("Confidence", "0.9")]);
            let mut over = call.caller.parameters(&[("CallDuration", "20")]);
            over.iter_mut().filter(|(name, _)| name == "CallStatus").for_each(|(_, value)| value.replace_range(.., "completed"));
            let status = house.line.resolve(&action, "/webhooks/twilio/status").unwrap();
            let line = house.line.clone();
            let turn = tokio::spawn(async move { line.post(&action, &yes, "yes").await.map(|answer| answer.status) });
            // The row is there before the ticket is asked for.
            while call.requests().await.is_empty() {
                assert!(!turn.is_finished());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            if !waits {
                turn.abort();
            }
            let told = house.line.post(&status, &over, "over").await.unwrap();
            assert_eq!((told.status, told.body.as_str()), (200, ""));
            if waits {
                assert_eq!(turn.await.unwrap().unwrap(), 200);
            }
            let rows = ticketed(&house, call.sid()).await;
            assert_eq!(rows.len(), 1);
            assert_eq!(house.desk.tickets().len(), number + 1, "waits: {waits}");
            assert!(call.events().await.iter().any(|event| matches!(event, Event::CallerLeft { .. })), "waits: {waits}");
        }
    }
}
