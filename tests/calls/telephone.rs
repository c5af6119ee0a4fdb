//! What a telephone can do besides talking: keys, silence, a person who answers or does not, hanging up.
//!
//! Lives here: whole calls by them, over the real wire.
//! Never here: the documents themselves (`documents.rs`), slow back ends (`waiting.rs`).

use crate::house::{BOTH, Changes, House, On};
use crate::truth::{Watched, open};
use centralita::phone::{Dialed, Next};
use centralita::twilio::form::DialStatus;
use centralita::twilio::read::read;
use centralita::twilio::twiml::{Dial, Gather, Party, Verb};
use std::path::Path;

/// The rows a call left: kind, client and number to call back.
async fn rows(call: &Watched) -> Vec<(String, String, String)> {
    call.requests().await.into_iter().map(|row| (row.kind, row.client, row.call_back)).collect()
}

fn row(kind: &str, client: &str, number: &str) -> (String, String, String) {
    (kind.to_owned(), client.to_owned(), number.to_owned())
}

/// The question that is open.
fn gather(call: &Watched) -> Gather {
    let document = read(&call.heard.twiml).unwrap();
    document.0.into_iter().find_map(|verb| if let Verb::Gather(gather) = verb { Some(gather) } else { None }).unwrap()
}

fn dial(call: &Watched) -> Dial {
    let document = read(&call.heard.twiml).unwrap();
    document.0.into_iter().find_map(|verb| if let Verb::Dial(dial) = verb { Some(dial) } else { None }).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_reported_by_keys_alone() {
    for on in BOTH {
        let Some(house) = open(on, "reported_by_keys_alone", Changes::default()).await else { continue };
        let mut call = Watched::ring(&house, "+525500000001").await;
        assert_eq!(call.keys("1").await, ["utter_ask_last4"]);
        assert_eq!(call.keys("*").await, ["utter_ask_last4"], "the star asks again");
        assert_eq!(call.keys("4521#").await, ["utter_ask_confirm_block"]);
        assert_eq!(call.keys("1#").await[..2], ["utter_report_registered", "utter_ticket_created"]);
        call.keys("2").await;
        assert!(call.hung_up());
        assert_eq!((call.requests().await.len(), house.tickets(1).await.len()), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_reported_where_the_recogniser_hears_nothing_but_noise() {
    for on in BOTH {
        let Some(house) = open(on, "reported_through_noise", Changes::default()).await else { continue };
        let mut call = Watched::ring(&house, "+525500000001").await;
        for keys in ["1", "4521#", "1#"] {
            call.say("brzz krr el perro azul").await;
            assert!(call.text().to_lowercase().contains("marca"), "whoever is not understood is told of the keys: {}", call.text());
            call.keys(keys).await;
        }
        assert_eq!(call.said[..2], ["utter_report_registered", "utter_ticket_created"]);
        assert_eq!((call.requests().await.len(), house.tickets(1).await.len()), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_too_many_confirm_nothing_and_neither_do_those_after_them() {
    let house = open(On::Sqlite, "keys_too_many", Changes::default()).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000001").await;
    call.say("me robaron la tarjeta").await;
    assert_eq!(call.keys("4521").await, ["utter_ask_confirm_block"]);
    assert_eq!(gather(&call).num_digits, None, "a consent is not cut off after its first key");
    call.keys("4521").await;
    call.keys("1").await;
    assert!(call.requests().await.is_empty());
    call.keys("1").await;
    assert_eq!(call.requests().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_says_how_it_is_listened_to() {
    fn keypad_only(project: &Path) {
        let file = project.join("data/flows/block_card.yml");
        let text = std::fs::read_to_string(&file).unwrap();
        let changed = text.replacen("collect: last4\n", "collect: last4\n        dtmf: {length: 4, allow_audio_input: false, finish_on_key: \"*\"}\n", 1);
        assert_ne!(text, changed);
        std::fs::write(file, changed).unwrap();
        let voice = "twilio_voice: {speech_model: googlev2_telephony, speech_timeout: 3, timeout: 7, language: es-MX}\n";
        std::fs::write(project.join("credentials.yml"), voice).unwrap();
    }
    let house = open(On::Sqlite, "how_it_is_listened_to", Changes { project: Some(keypad_only), ..Changes::default() }).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000002").await;
    let greeting = gather(&call);
    assert_eq!((greeting.keys_only, greeting.num_digits, greeting.finish_on_key.as_str()), (false, None, "#"));
    assert_eq!((greeting.speech_model.as_deref(), greeting.speech_timeout, greeting.timeout), (Some("googlev2_telephony"), 3, 7));
    assert!(greeting.hints.iter().any(|hint| hint == "me robaron la tarjeta"));
    call.say("me robaron la tarjeta").await;
    let digits = gather(&call);
    assert_eq!((digits.keys_only, digits.num_digits, digits.finish_on_key.as_str()), (true, Some(4), "*"));
    assert_eq!(digits.hints[0], "$OOV_CLASS_DIGIT_SEQUENCE", "a class that this recogniser knows");
    call.keys("5555").await;
    let kind = gather(&call);
    assert_eq!((kind.keys_only, kind.num_digits), (false, Some(1)), "one key is the answer");
    assert!(kind.hints.iter().any(|hint| hint == "débito"));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_were_hardly_heard_are_asked_for_again_before_they_confirm() {
    let house = House::open(On::Sqlite, "hardly_heard").await.unwrap();
    let (mut caller, _) = house.ring("+525500000001").await;
    caller.say("me robaron la tarjeta").await.unwrap();
    caller.keys("4521").await.unwrap();
    for (confidence, rows) in [("0.1234", 0), ("0.0", 1)] {
        let Next::Gather { action, .. } = caller.next().clone() else { panic!("a question is open") };
        let form = caller.parameters(&[("SpeechResult", "sí"), ("Confidence", confidence), ("Language", "es-MX")]);
        let answer = house.line.post(&action, &form, &format!("event{confidence}")).await.unwrap().successful(&action).unwrap();
        assert_eq!(house.requests().await.len(), rows, "{confidence}: {}", answer.body);
        // The next turn is where this answer leads.
        caller.silence().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_does_not_answer_brings_the_caller_back_with_an_offer() {
    for on in BOTH {
        let Some(house) = open(on, "a_person_who_does_not_answer", Changes::default()).await else { continue };
        let mut call = Watched::ring(&house, "+525500000001").await;
        call.say("me robaron la tarjeta").await;
        call.keys("4521").await;
        call.keys("0").await;
        assert_eq!(call.dialled(), Some("+525500000000"));
        for how in [DialStatus::NoAnswer, DialStatus::Busy, DialStatus::Failed] {
            assert_eq!(call.person(how).await, ["utter_person_unavailable", "utter_ask_person_again"], "{how:?}");
            assert_eq!(call.say("sí").await, ["utter_transfer"]);
        }
        call.person(DialStatus::NoAnswer).await;
        assert_eq!(call.say("no").await[0], "utter_call_back_noted");
        assert!(call.hung_up());
        assert_eq!(rows(&call).await, [row("abandoned", "100001", "+525500000001")]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_talked_to_a_person_is_done_and_leaves_nothing_to_call_back_for() {
    let house = open(On::Sqlite, "talked_to_a_person", Changes::default()).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000001").await;
    call.say("me robaron la tarjeta").await;
    call.keys("0").await;
    call.person(DialStatus::Completed).await;
    assert!(call.hung_up());
    call.caller.hang_up().await.unwrap();
    assert!(rows(&call).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_call_that_went_to_a_person_comes_back_from_one() {
    let house = open(On::Sqlite, "comes_back_from_a_person", Changes::default()).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000001").await;
    let Next::Gather { action, .. } = call.caller.next().clone() else { panic!("a question is open") };
    let back = call.caller.parameters(&[("DialCallStatus", "no-answer"), ("DialBridged", "false")]);
    assert_eq!(house.line.post(&action, &back, "back-from-nobody").await.unwrap().status, 403);
    call.keys("0").await;
    let Next::Dial(Dialed { action: Some(action), .. }) = call.caller.next().clone() else { panic!("somebody is called") };
    let words = call.caller.parameters(&[("SpeechResult", "sí"), ("Confidence", "0.9")]);
    assert_eq!(house.line.post(&action, &words, "words-to-nobody").await.unwrap().status, 403);
    assert_eq!(call.person(DialStatus::NoAnswer).await[0], "utter_person_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_hears_what_is_known_of_the_caller_before_the_two_can_talk() {
    let house = open(On::Sqlite, "the_person_hears", Changes::default()).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000001").await;
    call.keys("0").await;
    assert!(call.caller.whispered().await.unwrap().unwrap().contains("sin reporte"));
    let mut call = Watched::ring(&house, "+525500000001").await;
    call.say("me robaron la tarjeta").await;
    call.keys("4521").await;
    call.keys("1").await;
    call.say("sí").await;
    let words = call.caller.whispered().await.unwrap().unwrap();
    let code = call.requests().await[0].code.clone();
    assert!(words.contains("4-5-2-1") && words.contains(&crate::truth::spelled(&code)), "{words}");
    // Whoever guesses the address learns nothing.
    let Next::Dial(Dialed { whisper: Some(whisper), .. }) = call.caller.next().clone() else { panic!("somebody is called") };
    let mut guessed = whisper.clone();
    guessed.query_pairs_mut().clear().append_pair("call", call.sid()).append_pair("t", "0");
    assert_eq!(house.line.post(&guessed, &call.caller.parameters(&[]), "guessed").await.unwrap().status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_reached_by_number_by_sip_and_in_a_queue() {
    for (written, party) in [
        ("+5215500000003", Party::Number("+525500000003".to_owned())),
        ("sip:guardia@banco.example", Party::Sip("sip:guardia@banco.example".to_owned())),
        ("queue:tarjetas", Party::Queue("tarjetas".to_owned())),
    ] {
        let changes = Changes { variables: vec![("FALLBACK_PHONE_NUMBER", written.to_owned())], ..Changes::default() };
        let house = open(On::Sqlite, "people_are_reached", changes).await.unwrap();
        let mut call = Watched::ring(&house, "+525500000001").await;
        call.keys("0").await;
        assert!(dial(&call).party == party, "{written}");
        assert!(dial(&call).whisper.is_some_and(|url| url.starts_with("/webhooks/twilio/whisper?")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_in_the_middle_of_a_report_leaves_a_row_to_call_back_by() {
    for on in BOTH {
        let Some(house) = open(on, "hanging_up_in_the_middle", Changes::default()).await else { continue };
        // Before anybody is verified, and after.
        let (report, digits) = ("me robaron la tarjeta", "4521");
        for (from, answers, client) in [("+525500000002", vec![report], ""), ("+525500000001", vec![report, digits], "100001")] {
            let mut call = Watched::ring(&house, from).await;
            for answer in answers {
                call.answer(answer).await;
            }
            call.caller.hang_up().await.unwrap();
            assert_eq!(rows(&call).await, [row("abandoned", client, from)]);
        }
        // Nobody can call back a caller without a number and a client.
        let mut call = Watched::ring(&house, "anonymous").await;
        call.say("me robaron la tarjeta").await;
        call.caller.hang_up().await.unwrap();
        assert!(rows(&call).await.is_empty());
        // Who said no, or nothing, is left alone.
        house.rows("update blocking_requests set status = 'done'").await;
        for answers in [vec![report, digits, "no"], vec!["hola"], vec![report, "9012"]] {
            let mut call = Watched::ring(&house, "+525500000001").await;
            for answer in &answers {
                call.answer(answer).await;
            }
            call.caller.hang_up().await.unwrap();
            assert!(rows(&call).await.is_empty(), "{answers:?}");
        }
        assert!(house.desk.tickets().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_calls_again_soon_after_leaving_a_report_is_asked_whether_to_go_on_with_it() {
    for on in BOTH {
        let Some(house) = open(on, "calls_again_soon", Changes::default()).await else { continue };
        let mut call = Watched::ring(&house, "+525500000001").await;
        call.say("me robaron la tarjeta").await;
        call.caller.hang_up().await.unwrap();
        let noticed = house.server.app.releases.current().local_time(centralita::app::App::now_ms());
        let mut call = Watched::ring(&house, "+525500000001").await;
        assert_eq!(call.said, ["utter_welcome_back", "utter_ask_continue_report"]);
        // A minute may have ended in between.
        let hour = noticed[11..13].trim_start_matches('0').to_owned();
        assert!(call.text().contains(&format!("de las {hour}:")), "the time is the project's, whatever the database keeps: {}, {noticed}", call.text());
        assert_eq!(call.say("sí").await, ["utter_ask_last4"]);
        call.keys("4521").await;
        assert_eq!(call.say("sí").await[0], "utter_report_registered");
        assert_eq!(house.rows("select status, reason from blocking_requests order by id").await, [["done", "stolen"], ["ticketed", "stolen"]]);
        assert_eq!(Watched::ring(&house, "+525500000001").await.said.len(), 1, "what is confirmed is not asked about again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_an_hour_ago_and_one_of_another_number_are_not_gone_on_with() {
    for on in BOTH {
        let Some(house) = open(on, "not_gone_on_with", Changes::default()).await else { continue };
        let mut call = Watched::ring(&house, "+525500000001").await;
        call.say("me robaron la tarjeta").await;
        call.caller.hang_up().await.unwrap();
        let greeted = |call: &Watched| call.said.len() == 1 && call.said[0].starts_with("utter_greeting");
        assert!(greeted(&Watched::ring(&house, "+525500000002").await));
        let ago = house.server.app.releases.current().local_time(centralita::app::App::now_ms() - 31 * 60_000);
        house.rows(&format!("update blocking_requests set noticed_at = '{ago}'")).await;
        assert!(greeted(&Watched::ring(&house, "+525500000001").await));
    }
}
