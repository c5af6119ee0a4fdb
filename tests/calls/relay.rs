//! Calls whose words come and go over one socket.
//!
//! Lives here: whole calls by relay, interruptions, sockets that break, who may open one.
//! Never here: frames (`host/src/relay/frames.rs`), calls by webhook.

use crate::house::{BOTH, Changes, House, On};
use crate::truth::{Watched, open};
use centralita::phone::Next;
use centralita::standin::desk::{Fault, On as Asked};
use centralita::twilio::form::DialStatus;
use centralita::twilio::read::read;
use centralita::twilio::twiml::Verb;
use centralita_engine::Event;
use std::path::Path;
use std::time::Duration;

pub(crate) fn relayed(project: &Path) {
    let voice = "twilio_voice: {language: es-MX, timeout: 1, relay: {}}\n";
    std::fs::write(project.join("credentials.yml"), voice).unwrap();
}

fn by_relay(variables: Vec<(&'static str, String)>) -> Changes {
    Changes { project: Some(relayed), variables, ..Changes::default() }
}

/// Up to the question whether the card should be reported.
async fn asked(house: &std::sync::Arc<House>, from: &str, digits: &str) -> Watched {
    let mut call = Watched::ring(house, from).await;
    assert_eq!(call.say("me robaron la tarjeta").await, ["utter_ask_last4"]);
    assert_eq!(call.keys(&format!("{digits}#")).await, ["utter_ask_confirm_block"]);
    call
}

/// What was said into an answer, as it is kept.
fn kept(events: &[Event]) -> Vec<String> {
    events.iter().filter_map(|event| if let Event::Kept { text } = event { Some(text.reveal().clone()) } else { None }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_reported_over_a_socket_by_words_and_keys() {
    for on in BOTH {
        let Some(house) = open(on, "reported_over_a_socket", by_relay(Vec::new())).await else { continue };
        let mut call = asked(&house, "+525500000001", "4521").await;
        assert!(call.text().contains("terminada en 4, 5, 2, 1"), "digits are spoken one by one: {}", call.text());
        assert_eq!(call.say("sí").await[..2], ["utter_report_registered", "utter_ticket_created"]);
        // One key is the answer: it is not waited for more of them.
        call.keys("2").await;
        assert!(call.hung_up(), "{}", call.text());
        assert!(call.said[0].starts_with("utter_goodbye"));
        assert_eq!((call.requests().await.len(), house.tickets(1).await.len()), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_is_kept_to_the_letter_and_nobody_consents_to_what_they_did_not_hear() {
    for on in BOTH {
        let Some(house) = open(on, "an_interruption", by_relay(Vec::new())).await else { continue };
        let heard = ["", "No te enten", "No te entendí bien. ¿Repor", "No te entendí bien. ¿Reporto tu tarjeta terminada en 0, 0, 0, 3"];
        for (n, heard) in heard.into_iter().enumerate() {
            let rows = usize::from(n == 3);
            let mut call = asked(&house, &format!("+52551000000{n}"), &format!("000{n}")).await;
            call.say("brzz krr").await;
            call.caller.interrupt(heard).await.unwrap();
            call.say("sí").await;
            assert_eq!(call.requests().await.len(), rows, "{heard}");
            let events = call.events().await;
            let last = events.iter().rev().find_map(|event| if let Event::Interrupted { heard } = event { Some(heard.reveal().as_str()) } else { None });
            assert_eq!(last, Some(heard));
            call.caller.hang_up().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_breaks_in_the_middle_of_a_question_asks_it_again() {
    for on in BOTH {
        let Some(house) = open(on, "a_socket_that_breaks", by_relay(Vec::new())).await else { continue };
        let mut call = asked(&house, "+525500000001", "4521").await;
        let question = call.text();
        let heard = call.caller.cut().await.unwrap();
        assert_eq!(heard.text(), question, "the same question");
        assert_eq!(call.say("sí").await[..2], ["utter_report_registered", "utter_ticket_created"]);
        assert_eq!(house.tickets(1).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_keeps_breaking_ends_with_a_person() {
    let house = open(On::Sqlite, "a_socket_that_keeps_breaking", by_relay(Vec::new())).await.unwrap();
    let mut call = asked(&house, "+525500000001", "4521").await;
    for _ in 0..5 {
        assert!(matches!(call.caller.cut().await.unwrap().next, Next::Gather { .. }));
    }
    let heard = call.caller.cut().await.unwrap();
    assert!(matches!(&heard.next, Next::Dial(dialed) if dialed.party == "+525500000000"));
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_on_a_socket_climbs_the_ladder() {
    let house = open(On::Sqlite, "silence_on_a_socket", by_relay(Vec::new())).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000001").await;
    assert_eq!(call.silence().await, ["utter_cannot_hear", "utter_how_can_i_help"]);
    // Keys that are too few end by themselves.
    assert_eq!(call.keys("1").await, ["utter_ask_last4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_desk_is_covered_by_a_sentence_and_what_is_said_meanwhile_answers_nothing() {
    for on in BOTH {
        let Some(house) = open(on, "a_slow_desk_on_a_socket", by_relay(vec![("CENTRALITA_ANSWER_MS", "300".to_owned())])).await else { continue };
        let mut call = asked(&house, "+525500000001", "4521").await;
        house.desk.fault(Fault::Latency(Duration::from_secs(2)), Asked::Create, Some(1));
        call.caller.blurt("sí").await.unwrap();
        call.caller.blurt("no, gracias").await.unwrap();
        call.silence().await;
        assert_eq!(call.said, ["utter_report_registered", "utter_ticket_created", "utter_not_blocked_yet", "utter_ask_wants_person"]);
        assert_eq!(call.heard.said[0], "Un momento, por favor.");
        call.say("no").await;
        assert!(call.hung_up());
        assert_eq!(kept(&call.events().await), ["no, gracias"]);
        assert_eq!(house.tickets(1).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_reached_from_a_socket_and_the_socket_again_from_a_person() {
    let house = open(On::Sqlite, "a_person_from_a_socket", by_relay(Vec::new())).await.unwrap();
    let mut call = asked(&house, "+525500000001", "4521").await;
    assert_eq!(call.say("quiero hablar con una persona").await, ["utter_transfer"]);
    assert_eq!(call.dialled(), Some("+525500000000"));
    assert!(call.caller.whispered().await.unwrap().unwrap().contains("no ha confirmado"));
    assert_eq!(call.person(DialStatus::NoAnswer).await, ["utter_person_unavailable", "utter_ask_person_again"]);
    let document = read(&call.heard.twiml).unwrap();
    assert!(matches!(document.0[..], [Verb::Connect(_)]), "the call is back on a socket");
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_on_a_socket_is_hanging_up() {
    let house = open(On::Sqlite, "hanging_up_on_a_socket", by_relay(Vec::new())).await.unwrap();
    let mut call = asked(&house, "+525500000001", "4521").await;
    call.caller.hang_up().await.unwrap();
    let rows = call.requests().await;
    assert_eq!(rows.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["abandoned"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_pressed_twice_answers_one_question_only() {
    let house = open(On::Sqlite, "a_key_pressed_twice", by_relay(Vec::new())).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000002").await;
    call.say("me robaron la tarjeta").await;
    assert_eq!(call.keys("5555#").await, ["utter_ask_debit_or_credit"]);
    // The second key comes before anybody can have heard the question it would answer.
    call.caller.hurry("11#").await.unwrap();
    for _ in 0..2 {
        let asked = call.caller.silence().await.unwrap();
        assert!(asked.text().contains("¿Confirmas?"), "it is asked, and asked again: {}", asked.text());
    }
    assert!(call.requests().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_sessions_of_a_call_only_the_later_takes_turns() {
    let house = open(On::Sqlite, "two_sessions_of_a_call", by_relay(Vec::new())).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000001").await;
    let [Verb::Connect(connect)] = &read(&call.heard.twiml).unwrap().0[..] else { panic!("a session is opened") };
    call.caller.knock(connect).await.unwrap();
    let before = call.events().await.len();
    assert!(call.caller.say("me robaron la tarjeta").await.is_err(), "the first socket is not listened to any more");
    assert_eq!(call.events().await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_still_speaking_is_not_silent() {
    let house = open(On::Sqlite, "still_speaking", by_relay(Vec::new())).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000001").await;
    call.caller.begin("me robaron").await.unwrap();
    // The line waits one second for words, and none were said before the last of these.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(call.say("me robaron la tarjeta").await, ["utter_ask_last4"]);
    assert!(!call.events().await.iter().any(|event| matches!(event, Event::Silent { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_for_keys_hears_no_words_on_a_socket_either() {
    fn keys_only(project: &Path) {
        relayed(project);
        let file = project.join("data/flows/block_card.yml");
        let text = std::fs::read_to_string(&file).unwrap();
        let changed = text.replacen("collect: last4\n", "collect: last4\n        dtmf: {length: 4, allow_audio_input: false}\n", 1);
        assert_ne!(text, changed);
        std::fs::write(file, changed).unwrap();
    }
    let house = open(On::Sqlite, "keys_on_a_socket", Changes { project: Some(keys_only), ..Changes::default() }).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000001").await;
    call.say("me robaron la tarjeta").await;
    call.caller.blurt("siete siete ocho ocho").await.unwrap();
    assert_eq!(call.keys("4521").await, ["utter_ask_confirm_block"]);
    assert!(call.text().contains("4, 5, 2, 1"), "{}", call.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_broken_socket_did_not_say_is_said_by_the_next_document() {
    let house = open(On::Sqlite, "not_said", by_relay(Vec::new())).await.unwrap();
    let mut call = asked(&house, "+525500000001", "4521").await;
    call.caller.blurt("quiero hablar con una persona").await.unwrap();
    // The turn is done before the network asks; what became of its words nobody knows.
    while call.transferred().await.is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let heard = call.caller.cut().await.unwrap();
    assert!(heard.text().contains("Te comunico con una persona") && matches!(heard.next, Next::Dial(_)), "{}", heard.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_over_opens_no_session() {
    let house = open(On::Sqlite, "a_call_that_is_over", by_relay(Vec::new())).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000001").await;
    let document = call.heard.twiml.clone();
    call.caller.hang_up().await.unwrap();
    let [Verb::Connect(connect)] = &read(&document).unwrap().0[..] else { panic!("a session is opened") };
    assert!(call.caller.knock(connect).await.is_err(), "nothing of an ended call is said to anybody");
    let refused = house.rows("select record from audit").await.concat();
    assert!(refused.iter().any(|record| record.contains("relay refused")), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_without_a_relay_is_answered_by_webhook() {
    fn one_number(project: &Path) {
        let voice = "twilio_voice: {language: es-MX, relay: {numbers: [\"+525500000777\"]}}\n";
        std::fs::write(project.join("credentials.yml"), voice).unwrap();
    }
    let house = open(On::Sqlite, "a_number_without_a_relay", Changes { project: Some(one_number), ..Changes::default() }).await.unwrap();
    let (_, heard) = house.ring("+525500000001").await;
    assert!(matches!(read(&heard.twiml).unwrap().0[..], [Verb::Gather(_)]));
    let (_, heard) = centralita::phone::Caller::ring(&house.line, "+525500000001", "+525500000777").await.unwrap();
    assert!(matches!(read(&heard.twiml).unwrap().0[..], [Verb::Connect(_)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_opened_by_the_network_only_and_for_its_own_call() {
    let house = open(On::Sqlite, "a_socket_is_opened", by_relay(Vec::new())).await.unwrap();
    let call = Watched::ring(&house, "+525500000001").await;
    let url = format!("http://{}/webhooks/twilio/relay", house.server.public);
    let upgrade = |signature: Option<String>| {
        let request = reqwest::Client::builder().no_proxy().build().unwrap().get(&url);
        let headers = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13"), ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")];
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let request = signature.into_iter().fold(request, |request, value| request.header("x-twilio-signature", value));
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(upgrade(None).await, 403);
    assert_eq!(upgrade(Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned())).await, 403);
    let wrong = house.server.app.keys.call_token("relay", "CA0");
    let ended = format!("/webhooks/twilio/relay/ended?t={wrong}");
    let url = format!("http://{}{ended}", house.server.public).parse().unwrap();
    assert_eq!(house.line.post(&url, &call.caller.parameters(&[]), "wrong").await.unwrap().status, 403);
}
