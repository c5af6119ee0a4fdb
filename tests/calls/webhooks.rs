//! The webhook contract (`docs/operating.md`, "Webhooks") over HTTP: the order of checks, repetitions, late and
//! simultaneous turns, ended calls, limits.

use crate::house::{BOTH, Changes, House, On, TOKEN};
use centralita::phone::{Answer, Caller, Line};
use centralita::twilio::read::read;
use centralita::twilio::signature::Signer;
use centralita::twilio::twiml::Verb;
use centralita_engine::Event;
use std::sync::Arc;

const RING: &str = "/webhooks/twilio/webhook";
const ALIAS: &str = "/webhooks/twilio_voice/webhook";
const PROCESS: &str = "/webhooks/twilio/process";
const STATUS: &str = "/webhooks/twilio/status";
const FALLBACK: &str = "/webhooks/twilio/fallback";
const FORM: &str = "application/x-www-form-urlencoded";

type Extra<'a> = &'a [(&'a str, &'a str)];

/// A call whose every request is made by hand.
struct Wire<'a> {
    house: &'a House,
    caller: Caller,
    /// The last reply.
    reply: String,
    /// Where it wants the next turn.
    action: String,
}

impl<'a> Wire<'a> {
    async fn ring(house: &'a House, from: &str) -> Self {
        let (caller, heard) = house.ring(from).await;
        Self { house, caller, action: action(&heard.twiml), reply: heard.twiml }
    }

    fn call(&self) -> &str {
        self.caller.call_sid()
    }

    /// A signed form about this call, to any path.
    async fn post(&self, path: &str, extra: Extra<'_>, event: &str) -> Answer {
        post(self.house, path, &self.caller.parameters(extra), event).await
    }

    /// A turn that is answered.
    async fn turn(&mut self, extra: Extra<'_>, event: &str) -> String {
        self.reply = self.same_turn(&self.action.clone(), extra, event).await;
        self.action = action(&self.reply);
        self.reply.clone()
    }

    async fn same_turn(&self, path: &str, extra: Extra<'_>, event: &str) -> String {
        let answer = self.post(path, extra, event).await;
        assert_eq!((answer.status, answer.content_type.as_str()), (200, "text/xml; charset=utf-8"), "{}", answer.body);
        answer.body
    }

    async fn events(&self) -> usize {
        self.house.events(self.call()).await.len()
    }

    async fn heard(&self) -> usize {
        self.house.events(self.call()).await.iter().filter(|event| matches!(event, Event::Heard { .. })).count()
    }

    /// The reasons of the refusals of this call in the host's audit.
    async fn refusals(&self) -> Vec<String> {
        refusals(self.house, self.call()).await
    }

    /// The call's own token of a turn, as only the server can make it.
    fn path_of(&self, turn: u64) -> String {
        format!("{PROCESS}?turn={turn}&t={}", self.house.server.app.keys.turn_token(self.call(), turn))
    }
}

async fn refusals(house: &House, call: &str) -> Vec<String> {
    let chain = house.server.app.store.audit_chain(None).await.unwrap();
    assert_eq!(centralita::audit::broken("", &chain), None);
    let records = chain.iter().map(|row| serde_json::from_str::<serde_json::Value>(&row.record).unwrap());
    records.filter(|record| record["what"] == "webhook refused" && record["call"] == call).map(|record| record["why"].as_str().unwrap().to_owned()).collect()
}

/// Path and query of the address a reply wants the next turn at; empty when it ends the call.
fn action(twiml: &str) -> String {
    let gathers = read(twiml).unwrap().0.into_iter().filter_map(|verb| if let Verb::Gather(gather) = verb { Some(gather.action) } else { None });
    gathers.fold(String::new(), |_, last| last)
}

fn dials(twiml: &str) -> Option<String> {
    read(twiml).unwrap().0.into_iter().find_map(|verb| if let Verb::Dial(dial) = verb { Some(dial.party.to_string()) } else { None })
}

fn says(text: &str) -> [(&str, &str); 2] {
    [("SpeechResult", text), ("Confidence", "0.91")]
}

fn local(house: &House, path: &str) -> String {
    format!("http://{}{path}", house.server.public)
}

async fn post(house: &House, path: &str, params: &[(String, String)], event: &str) -> Answer {
    house.line.post(&local(house, path).parse().unwrap(), params, event).await.unwrap()
}

/// Any body with any headers; a signature only if it is among them.
async fn raw(house: &House, path: &str, headers: Extra<'_>, body: impl Into<reqwest::Body>) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = headers.iter().fold(client.post(local(house, path)), |request, (name, value)| request.header(*name, *value));
    let response = request.body(body).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

fn signed(token: &str, url: &str, params: &[(&str, &str)]) -> (String, String) {
    let owned: Vec<(String, String)> = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    (Signer::parse(token).unwrap().sign(url, &owned), body)
}

async fn count(house: &House, table: &str) -> String {
    house.rows(&format!("select cast(count(*) as text) from {table}")).await[0][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_come_in_their_order_and_nothing_is_stored_before_they_pass() {
    for on in BOTH {
        let Some(house) = House::open(on, "checks_come_in_their_order").await else { continue };
        for path in [RING, ALIAS, PROCESS, STATUS, FALLBACK] {
            // Each request has every mistake that comes later in the order, too.
            let json = [("content-type", "application/json")];
            assert_eq!(raw(&house, path, &json, vec![b'x'; 64 * 1024 + 1]).await.0, 413, "{path}");
            assert_eq!(raw(&house, path, &json, vec![b'x'; 64 * 1024]).await.0, 415, "{path}");
            assert_eq!(raw(&house, path, &[], "CallSid=CA1").await.0, 415, "{path}");
            let url = local(&house, path);
            let nobody = [("CallStatus", "in-progress")];
            let (stranger, body) = signed("another-token", &url, &nobody);
            assert_eq!(raw(&house, path, &[("content-type", FORM)], body.clone()).await.0, 403, "{path}");
            let wrong = [("content-type", FORM), ("x-twilio-signature", &*stranger)];
            assert_eq!(raw(&house, path, &wrong, body).await.0, 403, "{path}");
            let (ours, body) = signed(TOKEN, &url, &nobody);
            let right = [("content-type", FORM), ("x-twilio-signature", &*ours)];
            assert_eq!(raw(&house, path, &right, body.clone() + "&CallSid=CA1").await.0, 403, "{path}: one parameter more than was signed");
            let (status, why) = raw(&house, path, &right, body).await;
            assert_eq!(status, 400, "{path}");
            assert!(why.contains("CallSid"), "{why}");
        }
        let odd = [("CallSid".to_owned(), "CA1/../2".to_owned())];
        assert_eq!(post(&house, RING, &odd, "e").await.status, 400);
        for table in ["calls", "events", "turns", "audit"] {
            assert_eq!(count(&house, table).await, "0", "{table}");
        }
        // The last check: a turn nobody was given. It is audited on the host's own chain, since there is no such call.
        let unknown = [("CallSid".to_owned(), "CA0000000000000000".to_owned())];
        let known_token = house.server.app.keys.turn_token("CA0000000000000000", 1);
        for query in [String::new(), "?turn=1".into(), "?turn=one&t=x".into(), "?turn=1&t=0".into(), format!("?turn=1&t={known_token}")] {
            assert_eq!(post(&house, &format!("{PROCESS}{query}"), &unknown, "e").await.status, 403, "{query}");
        }
        assert_eq!(
            refusals(&house, "CA0000000000000000").await,
            ["wrong turn token", "wrong turn token", "wrong turn token", "wrong turn token", "turn not open"]
        );
        assert_eq!(count(&house, "calls").await, "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_says_its_length_is_cut_off_at_64_kb() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let Some(house) = House::open(On::Sqlite, "a_body_without_length").await else { return };
    let mut stream = tokio::net::TcpStream::connect(house.server.public).await.unwrap();
    let head = format!("POST {RING} HTTP/1.1\r\nhost: {}\r\ncontent-type: {FORM}\r\ntransfer-encoding: chunked\r\n\r\n", house.server.public);
    stream.write_all(head.as_bytes()).await.unwrap();
    // One byte too many, and the end of the body is never sent.
    stream.write_all(format!("{:x}\r\n", 64 * 1024 + 1).as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; 64 * 1024 + 1]).await.unwrap();
    stream.write_all(b"\r\n").await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_turn_gets_its_saved_reply_byte_for_byte() {
    for on in BOTH {
        let Some(house) = House::open(on, "an_answered_turn").await else { continue };
        let mut wire = Wire::ring(&house, "+525500000001").await;
        let first = wire.action.clone();
        let reply = wire.turn(&says("me robaron la tarjeta"), "event-1").await;
        let second = wire.action.clone();
        let later = wire.turn(&[("Digits", "4521")], "event-2").await;
        assert_ne!(reply, later);
        let events = wire.events().await;
        // The same body in another event; the same event with another body; both, for the last turn and one before.
        assert_eq!(wire.same_turn(&first, &says("me robaron la tarjeta"), "event-3").await, reply);
        assert_eq!(wire.same_turn(&first, &says("no, nada"), "event-1").await, reply);
        assert_eq!(wire.same_turn(&first, &says("me robaron la tarjeta"), "event-1").await, reply);
        assert_eq!(wire.same_turn(&second, &[("Digits", "4521")], "event-4").await, later);
        assert_eq!(wire.same_turn(&second, &[("Digits", "9999")], "event-2").await, later);
        assert_eq!(wire.events().await, events, "a repetition ran something");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_turn_with_another_body_gets_the_current_reply_and_runs_nothing() {
    for on in BOTH {
        let Some(house) = House::open(on, "an_older_turn").await else { continue };
        let mut wire = Wire::ring(&house, "+525500000001").await;
        let first = wire.action.clone();
        wire.turn(&says("me robaron la tarjeta"), "event-1").await;
        let question = wire.turn(&[("Digits", "4521")], "event-2").await;
        assert!(question.contains("¿Confirmas?"), "{question}");
        let events = wire.events().await;
        // A yes that was said to another question must confirm nothing.
        for late in [says("sí"), says("quiero hablar con una persona")] {
            assert_eq!(wire.same_turn(&first, &late, "event-late").await, question);
        }
        assert_eq!(wire.same_turn(&first, &[("Digits", "1")], "event-later").await, question);
        assert_eq!(wire.events().await, events);
        assert_eq!(house.requests().await, Vec::<Vec<String>>::new());
        let reported = wire.turn(&says("sí"), "event-3").await;
        assert!(reported.contains("quedó registrado"), "{reported}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_turns_that_come_at_once_one_runs_and_all_hear_its_reply() {
    for on in BOTH {
        let Some(house) = House::open(on, "of_turns_that_come_at_once").await else { continue };
        let mut wire = Wire::ring(&house, "+525500000001").await;
        for (round, text) in ["me robaron la tarjeta", "cuatro cinco dos uno", "sí"].into_iter().enumerate() {
            let (path, heard) = (wire.action.clone(), wire.heard().await);
            let names: Vec<String> = (0..6).map(|n| format!("event-{round}-{n}")).collect();
            let same = says(text);
            // The same body in several events, as when a request is repeated before it was answered.
            let (a, b, c, d) = tokio::join!(
                wire.same_turn(&path, &same, &names[0]),
                wire.same_turn(&path, &same, &names[1]),
                wire.same_turn(&path, &same, &names[2]),
                wire.same_turn(&path, &same, &names[3]),
            );
            assert!(a == b && b == c && c == d, "{a}\n{b}\n{c}\n{d}");
            assert_eq!(wire.heard().await, heard + 1, "`{text}` was heard more than once");
            wire.action = action(&a);
        }
        assert_eq!(house.requests().await.len(), 1);
        assert_eq!(house.tickets(1).await.len(), 1);
        // Two different bodies: whichever is first is the turn, and the other gets its reply.
        for n in 0..8 {
            let wire = Wire::ring(&house, &format!("+5255100000{n:02}")).await;
            let path = wire.action.clone();
            let (speech, keys) = (says("perdí mi tarjeta"), [("Digits", "0")]);
            let (one, other) = tokio::join!(wire.same_turn(&path, &speech, "event-1"), wire.same_turn(&path, &keys, "event-2"));
            assert_eq!(one, other);
            assert_eq!(wire.heard().await, 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_or_another_calls_is_refused_and_audited() {
    for on in BOTH {
        let Some(house) = House::open(on, "a_wrong_token").await else { continue };
        let mine = Wire::ring(&house, "+525500000001").await;
        let other = Wire::ring(&house, "+525500000002").await;
        let token = mine.action.split("&t=").nth(1).unwrap().to_owned();
        let before = mine.events().await;
        let wrong = [
            other.action.clone(),
            PROCESS.into(),
            format!("{PROCESS}?turn=1"),
            format!("{PROCESS}?t={token}"),
            format!("{PROCESS}?turn=2&t={token}"),
            format!("{PROCESS}?turn=1&t={}", token.to_uppercase() + "0"),
            format!("{PROCESS}?turn=1&t="),
            format!("{PROCESS}?turn=-1&t={token}"),
            format!("{PROCESS}?turn=1&t={}", &token[1..]),
        ];
        for (n, path) in wrong.iter().enumerate() {
            let answer = mine.post(path, &says("me robaron la tarjeta"), "event").await;
            assert_eq!(answer.status, 403, "{path}");
            assert!(!answer.body.contains(&token), "{}", answer.body);
            assert_eq!(mine.refusals().await, vec!["wrong turn token"; n + 1], "{path}");
        }
        // The right token of a turn that is not there yet.
        assert_eq!(mine.post(&mine.path_of(2), &says("sí"), "event").await.status, 403);
        assert_eq!(mine.refusals().await.last().unwrap(), "turn not open");
        assert_eq!(mine.events().await, before, "a refused request ran something");
        assert_eq!(other.refusals().await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_of_a_known_call_gets_its_current_reply_at_both_addresses() {
    for on in BOTH {
        let Some(house) = House::open(on, "a_ring_of_a_known_call").await else { continue };
        let mut wire = Wire::ring(&house, "+525500000001").await;
        for again in [RING, ALIAS] {
            assert_eq!(wire.same_turn(again, &[], "event-0").await, wire.reply);
        }
        wire.turn(&says("me robaron la tarjeta"), "event-1").await;
        let events = wire.events().await;
        for again in [RING, ALIAS] {
            assert_eq!(wire.same_turn(again, &[], "event-0").await, wire.reply);
        }
        assert_eq!(wire.events().await, events);
        // A call may begin at the alias, too.
        let fresh = [("CallSid".to_owned(), "CA00000000000000a1".to_owned()), ("From".to_owned(), "+525500000002".to_owned())];
        let answer = post(&house, ALIAS, &fresh, "event").await;
        assert!(answer.status == 200 && answer.body.contains("¿En qué puedo ayudarte?"), "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_rings_twice_at_once_begins_once_even_at_the_limit() {
    for on in BOTH {
        let limits = vec![("CENTRALITA_MAX_CALLS", "1".to_owned()), ("RATE_LIMIT_PER_MINUTE", "1".to_owned())];
        let Some(house) = House::with(on, "rings_twice_at_once", Changes { variables: limits, ..Changes::default() }).await else { continue };
        let form = [("CallSid".to_owned(), "CA00000000000000b2".to_owned()), ("From".to_owned(), "+525500000001".to_owned())];
        let (a, b, c) = tokio::join!(post(&house, RING, &form, "e"), post(&house, RING, &form, "e"), post(&house, ALIAS, &form, "e"));
        assert!(a.body.contains("¿En qué puedo ayudarte?"), "{}", a.body);
        assert!(a.body == b.body && b.body == c.body, "{}\n{}\n{}", a.body, b.body, c.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_call_answers_what_it_answered_and_refuses_the_rest() {
    let ends: [(&str, Extra<'_>); 3] =
        [("a person", &[("Digits", "0")]), ("goodbye", &[("SpeechResult", "adiós")]), ("hang-up", &[("SpeechResult", "me robaron la tarjeta")])];
    for on in BOTH {
        let Some(house) = House::open(on, "an_ended_call").await else { continue };
        for (how, last) in ends {
            let mut wire = Wire::ring(&house, "+525500000001").await;
            let first = wire.action.clone();
            let reply = wire.turn(last, "event-1").await;
            assert_eq!(wire.action.is_empty(), how != "hang-up", "{how}: {reply}");
            for _ in 0..2 {
                let status = wire.post(STATUS, &[("CallStatus", "completed")], "event-2").await;
                assert_eq!((status.status, status.body.as_str()), (200, ""), "{how}");
            }
            // `CallStatus` stands in the form already, and of two the first counts: say it properly.
            let over: Vec<(String, String)> = wire
                .caller
                .parameters(&[])
                .into_iter()
                .map(|(name, value)| if name == "CallStatus" { (name, "completed".into()) } else { (name, value) })
                .collect();
            assert_eq!(post(&house, STATUS, &over, "event-3").await.status, 200, "{how}");
            let events = wire.events().await;
            assert_eq!(wire.same_turn(&first, last, "event-4").await, reply, "{how}");
            assert_eq!(wire.same_turn(&first, &says("otra cosa"), "event-1").await, reply, "{how}");
            assert_eq!(wire.same_turn(&first, &says("otra cosa"), "event-5").await, reply, "{how}");
            assert_eq!(wire.same_turn(RING, &[], "event-6").await, reply, "{how}");
            assert_eq!(post(&house, STATUS, &over, "event-7").await.body, "", "{how}");
            assert_eq!(wire.refusals().await, Vec::<String>::new(), "{how}");
            for path in [wire.path_of(2), wire.path_of(3), format!("{PROCESS}?turn=2&t=x"), PROCESS.into()] {
                assert_eq!(wire.post(&path, &says("sí"), "event-8").await.status, 403, "{how}: {path}");
            }
            assert_eq!(wire.refusals().await, ["turn not open", "turn not open", "wrong turn token", "wrong turn token"], "{how}");
            assert_eq!(wire.events().await, events, "{how}: an ended call went on");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_address_answers_nothing_and_ends_only_calls_that_are_over() {
    for on in BOTH {
        let Some(house) = House::open(on, "the_status_address").await else { continue };
        let mut wire = Wire::ring(&house, "+525500000001").await;
        let unknown = [("CallSid".to_owned(), "CA00000000000000c3".to_owned()), ("CallStatus".to_owned(), "completed".to_owned())];
        for params in [unknown.to_vec(), wire.caller.parameters(&[])] {
            let answer = post(&house, STATUS, &params, "event").await;
            assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        }
        assert_eq!(count(&house, "calls").await, "1");
        let reply = wire.turn(&says("me robaron la tarjeta"), "event-1").await;
        assert!(reply.contains("últimos cuatro dígitos"), "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fallback_address_repeats_what_a_call_heard_and_gives_strangers_a_person() {
    for on in BOTH {
        let Some(house) = House::open(on, "the_fallback_address").await else { continue };
        let mut wire = Wire::ring(&house, "+525500000001").await;
        wire.turn(&says("me robaron la tarjeta"), "event-1").await;
        assert_eq!(wire.same_turn(FALLBACK, &[("ErrorCode", "11200")], "event-2").await, wire.reply);
        let reply = wire.turn(&[("Digits", "4521")], "event-3").await;
        assert!(reply.contains("¿Confirmas?"), "{reply}");
        let unknown = [("CallSid".to_owned(), "CA00000000000000d4".to_owned())];
        let answer = post(&house, FALLBACK, &unknown, "event").await;
        assert_eq!((answer.status, dials(&answer.body).as_deref()), (200, Some("+525500000000")));
        assert_eq!(count(&house, "calls").await, "1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_calls_too_often_hears_a_sentence_and_reaches_a_person() {
    for on in BOTH {
        let rate = vec![("RATE_LIMIT_PER_MINUTE", "2".to_owned())];
        let Some(house) = House::with(on, "a_number_that_calls_too_often", Changes { variables: rate, ..Changes::default() }).await else { continue };
        let ring = async |n: u32, from: &str| {
            let params = [("CallSid".to_owned(), format!("CA{n:016}")), ("From".to_owned(), from.to_owned())];
            post(&house, RING, &params, "event").await.body
        };
        let busy = |reply: &str| reply.contains("muchas llamadas") && dials(reply).as_deref() == Some("+525500000000");
        assert!(!busy(&ring(1, "+525500000001").await));
        // The same call again is no new call, and the same number in its other spelling is the same number.
        assert!(!busy(&ring(1, "+525500000001").await));
        assert!(!busy(&ring(2, "+5215500000001").await));
        assert!(busy(&ring(3, "+525500000001").await));
        assert!(busy(&ring(4, "+5215500000001").await));
        assert!(!busy(&ring(5, "+525500000002").await), "another number");
        for n in 6..10 {
            assert!(!busy(&ring(n, "+266696687").await), "a withheld number is nobody's");
        }
        assert!(!busy(&ring(1, "+525500000001").await), "a known call is not limited");
        assert_eq!(count(&house, "calls").await, "7");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_too_many_hears_a_sentence_and_reaches_a_person_until_another_ends() {
    for on in BOTH {
        let most = vec![("CENTRALITA_MAX_CALLS", "2".to_owned())];
        let Some(house) = House::with(on, "a_call_too_many", Changes { variables: most, ..Changes::default() }).await else { continue };
        let mut first = Wire::ring(&house, "+525500000001").await;
        let second = Wire::ring(&house, "+525500000002").await;
        let third = Wire::ring(&house, "+525510000003").await;
        assert!(third.reply.contains("muchas llamadas"), "{}", third.reply);
        assert_eq!(dials(&third.reply).as_deref(), Some("+525500000000"));
        assert!(first.turn(&says("me robaron la tarjeta"), "event").await.contains("cuatro dígitos"), "an open call is not limited");
        first.caller.hang_up().await.unwrap();
        let fourth = Wire::ring(&house, "+525510000004").await;
        assert!(fourth.reply.contains("¿En qué puedo ayudarte?"), "{}", fourth.reply);
        assert_eq!(second.refusals().await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarded_headers_move_no_signature() {
    let Some(house) = House::open(On::Sqlite, "forwarded_headers").await else { return };
    let form = [("CallSid", "CA00000000000000e5"), ("From", "+525500000001")];
    let forwarded = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "voz.example.mx"),
        ("x-forwarded-port", "443"),
        ("forwarded", "host=voz.example.mx;proto=https"),
        ("x-original-url", "/"),
    ];
    for (url, status) in [(format!("https://voz.example.mx{RING}"), 403), (local(&house, RING), 200)] {
        let (signature, body) = signed(TOKEN, &url, &form);
        let mut headers = forwarded.to_vec();
        headers.extend([("content-type", FORM), ("x-twilio-signature", &*signature)]);
        assert_eq!(raw(&house, RING, &headers, body).await.0, status, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_are_checked_against_the_configured_address_and_any_current_token() {
    let variables =
        vec![("TWILIO_WEBHOOK_URL", "https://voz.example.mx/webhooks/twilio/webhook".to_owned()), ("TWILIO_AUTH_TOKEN", format!("the-next-token,{TOKEN}"))];
    let Some(house) = House::with(On::Sqlite, "signatures_are_checked", Changes { variables, ..Changes::default() }).await else { return };
    let base = || format!("http://{}", house.server.public).parse().unwrap();
    for token in [TOKEN, "the-next-token"] {
        let line = Line::new(base(), Some(Signer::parse(token).unwrap()), Some("https://voz.example.mx/".parse().unwrap())).unwrap();
        let (mut caller, _) = Caller::ring(&Arc::new(line), "+525500000001", crate::house::LINE).await.unwrap();
        assert!(caller.say("me robaron la tarjeta").await.unwrap().text().contains("cuatro dígitos"));
    }
    let form = [("CallSid", "CA00000000000000f6"), ("From", "+525500000001")];
    let (here, body) = signed(TOKEN, &local(&house, RING), &form);
    assert_eq!(raw(&house, RING, &[("content-type", FORM), ("x-twilio-signature", &*here)], body).await.0, 403);
}
