//! A back end that is slower than a caller waits in silence.
//!
//! Lives here: what is said meanwhile and afterwards, and that the work is done once.
//! Never here: desks that fail (`experiences.rs`).

use crate::house::{BOTH, Changes, House, On};
use crate::truth::{WAITING, Watched, open};
use centralita::phone::Next;
use centralita::standin::desk::{Fault, On as Asked};
use centralita::twilio::read::read;
use centralita::twilio::twiml::{APOLOGY, Verb};
use std::path::Path;
use std::time::Duration;

const PATIENCE: &str = "CENTRALITA_ANSWER_MS";

fn spelled(digits: &str) -> String {
    digits.chars().map(String::from).collect::<Vec<_>>().join("-")
}

/// An installation whose callers wait this long in silence.
async fn impatient(on: On, test: &str, milliseconds: &str) -> Option<House> {
    House::with(on, test, Changes { variables: vec![(PATIENCE, milliseconds.to_owned())], ..Changes::default() }).await
}

/// Up to the question whether the card should be reported.
async fn asked(house: &House, from: &str, digits: &str) -> centralita::phone::Caller {
    let (mut caller, _) = house.ring(from).await;
    caller.say("me robaron la tarjeta").await.unwrap();
    caller.keys(digits).await.unwrap();
    caller
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_takes_eight_seconds_costs_a_sentence_and_the_caller_hears_the_number() {
    for on in BOTH {
        let Some(house) = impatient(on, "a_desk_that_takes_eight_seconds", "1800").await else { continue };
        let mut caller = asked(&house, "+525500000001", "4521").await;
        house.desk.fault(Fault::Latency(Duration::from_secs(8)), Asked::Create, Some(1));
        let heard = caller.say("sí").await.unwrap();
        assert_eq!(heard.said[0], WAITING[0]);
        assert!(heard.said[1..].iter().any(|said| said == WAITING[1]), "{:?}", heard.said);
        let requests = house.requests().await;
        assert_eq!((requests.len(), house.desk.tickets().len()), (1, 1));
        assert!(heard.text().contains(&format!("ticket es {}", spelled(&requests[0][4]))), "{}", heard.text());
        // The question that is open is the one that was asked; what was said while it took long is no turn.
        let heard = caller.say("no gracias").await.unwrap();
        assert!(matches!(heard.next, Next::HungUp));
    }
}

/// A desk that is given three seconds.
fn hasty(project: &Path) {
    let file = project.join("plugins.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    let changed = text.replace("timeout_ms: 10000", "timeout_ms: 1000").replace("run_ms: 12000", "run_ms: 3000");
    assert_ne!(text, changed);
    std::fs::write(file, changed).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_never_answers_leaves_the_code_the_truth_and_a_person_and_the_ticket_comes_once() {
    for on in BOTH {
        let changes = Changes { variables: vec![(PATIENCE, "400".to_owned())], project: Some(hasty), ..Changes::default() };
        let Some(house) = open(on, "a_desk_that_never_answers", changes).await else { continue };
        let mut call = Watched::ring(&house, "+525510000004").await;
        call.answer("me robaron la tarjeta").await;
        call.answer("0004").await;
        house.desk.fault(Fault::Latency(Duration::from_secs(60)), Asked::All, None);
        call.answer("sí").await;
        assert_eq!(call.said, ["utter_report_registered", "utter_ticket_owed", "utter_not_blocked_yet", "utter_ask_wants_person"]);
        house.desk.clear_faults();
        call.answer("sí").await;
        assert_eq!(house.tickets(1).await.len(), 1);
        assert_eq!(house.requests().await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_goes_to_a_person_and_is_done_all_the_same() {
    let house = impatient(On::Sqlite, "what_takes_too_long", "100").await.unwrap();
    let mut caller = asked(&house, "+525510000005", "0005").await;
    house.desk.fault(Fault::Latency(Duration::from_secs(4)), Asked::Create, Some(1));
    let heard = caller.say("sí").await.unwrap();
    assert_eq!(heard.said.last().unwrap(), "Nuestro sistema está tardando más de lo normal.");
    assert!(matches!(heard.next, Next::Dial(_)));
    let sent = house.rows("select record from audit").await.concat();
    assert!(sent.iter().any(|record| record.contains("caller sent to a person") && record.contains(caller.call_sid())), "the transfer is audited");
    assert_eq!(house.tickets(1).await.len(), 1);
    assert_eq!(house.requests().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_while_it_takes_long_has_a_row_and_a_ticket() {
    let house = impatient(On::Sqlite, "hangs_up_while_it_takes_long", "200").await.unwrap();
    let mut caller = asked(&house, "+525510000006", "0006").await;
    house.desk.fault(Fault::Latency(Duration::from_secs(2)), Asked::Create, Some(1));
    let Next::Gather { action, .. } = caller.next().clone() else { panic!("a question is open") };
    let parameters = caller.parameters(&[("SpeechResult", "sí"), ("Confidence", "0.9"), ("Language", "es-MX"), ("msg", "Gather End")]);
    let answer = house.line.post(&action, &parameters, "0123456789abcdef").await.unwrap();
    let document = read(&answer.successful(&action).unwrap().body).unwrap();
    assert!(matches!(&document.0[..], [Verb::Say(say), Verb::Redirect(to)] if say.text == WAITING[0] && to.ends_with("&poll=1")));
    caller.hang_up().await.unwrap();
    assert_eq!(house.tickets(1).await.len(), 1);
    assert_eq!(house.requests().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_runs_nothing_and_where_a_turn_left_nothing_there_is_a_person() {
    let house = House::open(On::Sqlite, "a_poll_runs_nothing").await.unwrap();
    let caller = asked(&house, "+525510000007", "0007").await;
    let Next::Gather { action, .. } = caller.next().clone() else { panic!("a question is open") };
    let before = house.events(caller.call_sid()).await.len();
    let mut poll = action.clone();
    poll.query_pairs_mut().append_pair("poll", "1");
    let said = caller.parameters(&[("SpeechResult", "sí"), ("Confidence", "0.9"), ("Language", "es-MX"), ("msg", "Gather End")]);
    let answer = house.line.post(&poll, &said, "0123456789abcdef").await.unwrap().successful(&poll).unwrap();
    let document = read(&answer.body).unwrap();
    assert!(matches!(&document.0[..], [Verb::Say(say), Verb::Dial(_)] if say.text.starts_with(APOLOGY)));
    assert_eq!(house.events(caller.call_sid()).await.len(), before);
    assert!(house.requests().await.is_empty());
    poll.query_pairs_mut().clear().append_pair("turn", "2").append_pair("t", "0").append_pair("poll", "1");
    assert_eq!(house.line.post(&poll, &said, "0123456789abcdee").await.unwrap().status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_for_the_open_turn_of_an_ended_call_is_refused() {
    let house = House::open(On::Sqlite, "a_poll_of_an_ended_call").await.unwrap();
    let mut caller = asked(&house, "+525510000008", "0008").await;
    let Next::Gather { mut action, .. } = caller.next().clone() else { panic!("a question is open") };
    action.query_pairs_mut().append_pair("poll", "1");
    caller.hang_up().await.unwrap();
    let poll = house.line.post(&action, &caller.parameters(&[]), "0123456789abcdef").await.unwrap();
    assert_eq!(poll.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_that_is_waited_for_is_the_same_call() {
    let house = House::open(On::Sqlite, "a_ring_that_is_waited_for").await.unwrap();
    let (caller, heard) = house.ring("+525510000009").await;
    let Next::Gather { mut action, .. } = caller.next().clone() else { panic!("a question is open") };
    let token = house.server.app.keys.turn_token(caller.call_sid(), 0);
    action.query_pairs_mut().clear().append_pair("turn", "0").append_pair("t", &token).append_pair("poll", "1");
    let poll = house.line.post(&action, &caller.parameters(&[]), "0123456789abcdef").await.unwrap().successful(&action).unwrap();
    assert_eq!(poll.body, heard.twiml);
}
