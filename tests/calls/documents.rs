//! Every document the line answers with, one for each situation, as it goes out.
//!
//! Lives here: the situations, and what of a document is different every time. `INSTA_UPDATE=always cargo
//! test -p centralita-tests --test calls documents` writes them anew.
//! Never here: whether a document is valid at all: every test's telephone reads each one strictly (`twilio/read.rs`).

use crate::house::{Changes, House, On};
use crate::relay::relayed;
use crate::truth::{Watched, open};
use centralita::phone::{Dialed, Next};
use centralita::standin::desk::{Fault, On as Asked};
use centralita::twilio::form::DialStatus;
use fancy_regex::Regex;
use std::time::Duration;

/// A document with what no two calls share replaced, one verb a line.
fn settled(document: &str, house: &House) -> String {
    let replaced = [
        (r"t=[0-9a-f]{32}", "t=TOKEN"),
        (r#"value="[0-9a-f]{32}""#, "value=\"TOKEN\""),
        (r"call=CA[0-9a-f]{32}", "call=CALL"),
        ("Buenos días|Buenas tardes|Buenas noches", "BUENAS"),
        ("Que tengas buenos días|Que tengas buenas tardes|Que tengas buenas noches", "QUE TENGAS BUENAS"),
        (r"el \d+ de [a-z]+ a las \d+:\d+", "el DÍA a las HORA"),
        (r">\d{9}<", ">CÓDIGO<"),
    ];
    let mut text = document.replace(&house.server.public.to_string(), "HOST");
    for (pattern, by) in replaced {
        text = Regex::new(pattern).unwrap().replace_all(&text, by).into_owned();
    }
    text.replace("><", ">\n<")
}

macro_rules! situation {
    ($name:literal, $call:expr, $house:expr) => {
        insta::assert_snapshot!($name, settled(&$call.heard.twiml, $house))
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_from_the_ring_to_goodbye() {
    let house = open(On::Sqlite, "documents_of_a_report", Changes::default()).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000001").await;
    situation!("greeting", call, &house);
    call.silence().await;
    situation!("greeting-after-silence", call, &house);
    call.silence().await;
    situation!("greeting-after-silence-twice", call, &house);
    call.keys("1").await;
    situation!("digits", call, &house);
    call.say("brzz krr").await;
    situation!("digits-not-understood", call, &house);
    call.keys("4521").await;
    situation!("consent", call, &house);
    call.silence().await;
    situation!("consent-after-silence", call, &house);
    call.silence().await;
    situation!("consent-after-silence-twice", call, &house);
    call.keys("1").await;
    situation!("reported", call, &house);
    call.keys("2").await;
    situation!("goodbye", call, &house);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_and_back() {
    let house = open(On::Sqlite, "documents_of_a_person", Changes::default()).await.unwrap();
    let mut call = Watched::ring(&house, "+525500000002").await;
    call.say("me robaron la tarjeta").await;
    call.keys("5555").await;
    situation!("a-choice", call, &house);
    call.keys("0").await;
    situation!("a-person", call, &house);
    let Next::Dial(Dialed { whisper: Some(whisper), .. }) = call.caller.next().clone() else { panic!("somebody is called") };
    let told = house.line.post(&whisper, &call.caller.parameters(&[]), "whisper").await.unwrap();
    insta::assert_snapshot!("what-the-person-hears-first", settled(&told.body, &house));
    call.person(DialStatus::NoAnswer).await;
    situation!("a-person-did-not-answer", call, &house);
    call.keys("1").await;
    call.person(DialStatus::Completed).await;
    situation!("a-person-did", call, &house);
    let mut silent = Watched::ring(&house, "+525500000001").await;
    for _ in 0..3 {
        silent.silence().await;
    }
    situation!("nobody-there", silent, &house);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_long_and_what_fails() {
    let changes = |limits: &[(&'static str, &str)]| Changes {
        variables: limits.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        ..Changes::default()
    };
    let house = open(On::Sqlite, "documents_of_waiting", changes(&[("CENTRALITA_ANSWER_MS", "300")])).await.unwrap();
    let (mut caller, _) = house.ring("+525510000003").await;
    caller.say("me robaron la tarjeta").await.unwrap();
    caller.keys("0003").await.unwrap();
    house.desk.fault(Fault::Latency(Duration::from_secs(2)), Asked::Create, Some(1));
    let Next::Gather { action, .. } = caller.next().clone() else { panic!("a question is open") };
    let yes = caller.parameters(&[("SpeechResult", "sí"), ("Confidence", "0.9")]);
    let waits = house.line.post(&action, &yes, "a-slow-yes").await.unwrap();
    insta::assert_snapshot!("a-turn-that-takes-long", settled(&waits.body, &house));
    house.tickets(1).await;
    let stranger = caller.parameters(&[]).into_iter().map(|(key, value)| if key == "CallSid" { (key, "CA0".to_owned()) } else { (key, value) });
    let fallback = action.join("/webhooks/twilio/fallback").unwrap();
    let apology = house.line.post(&fallback, &stranger.collect::<Vec<_>>(), "fallback").await.unwrap();
    insta::assert_snapshot!("the-fallback-address", settled(&apology.body, &house));

    let house = open(On::Sqlite, "documents_of_a_relay", Changes { project: Some(relayed), ..Changes::default() }).await.unwrap();
    let (_, heard) = house.ring("+525510000003").await;
    insta::assert_snapshot!("a-relay", settled(&heard.twiml, &house));

    let house = open(On::Sqlite, "documents_of_a_limit", changes(&[("RATE_LIMIT_PER_MINUTE", "1")])).await.unwrap();
    house.ring("+525510000003").await;
    let (_, heard) = house.ring("+525510000003").await;
    insta::assert_snapshot!("too-many-calls", settled(&heard.twiml, &house));
}
