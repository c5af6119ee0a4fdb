//! Whole calls against a small server, and what it saw of them.
//!
//! Lives here: the forms of a call in order, signatures, redirects, refusals.
//! Never here: scripts (`play.rs`).

use super::*;
use crate::{
    phone::pretend::{Pretend, value},
    twilio::signature::Signer,
};

#[tokio::test]
async fn a_call_runs_from_the_ring_to_a_person() {
    let server = Pretend::start(None).await;
    let (mut caller, heard) = Caller::ring(&server.line(None), "+525510000042", "+525500000000").await.unwrap();
    assert_eq!(heard.said, ["Hola.", "¿En qué puedo ayudarte?"]);
    assert!(matches!(&heard.next, Next::Gather { finish_on_key, .. } if finish_on_key == "#"));
    let heard = caller.say("Quiero ñandúes & más").await.unwrap();
    assert_eq!(heard.said, ["Un momento.", "¿Termina en 4-5-2-1?"], "a redirect is followed");
    caller.keys("4521#99").await.unwrap();
    caller.silence().await.unwrap();
    let heard = caller.say("persona").await.unwrap();
    assert!(matches!(&heard.next, Next::Dial(dialed) if dialed.party == "+525500000000"));
    assert!(matches!(caller.say("¿hola?").await, Err(Trouble::Ended)));
    caller.hang_up().await.unwrap();

    let posts = server.posts();
    let paths: Vec<_> = posts.iter().map(|(path, _)| path.as_str()).collect();
    let process = "/webhooks/twilio/process";
    let expected = ["/webhooks/twilio/webhook", process, "/webhooks/twilio/poll", process, process, process, "/webhooks/twilio/status"];
    assert_eq!(paths, expected, "the end is told once");
    let all = |name: &str| posts.iter().map(|(_, form)| value(form, name)).collect::<Vec<_>>();
    assert_eq!(all("CallStatus").join(" "), "ringing in-progress in-progress in-progress in-progress in-progress completed");
    assert!(all("CallSid").iter().all(|sid| sid == caller.call_sid()) && caller.call_sid().len() == 34);
    assert_eq!(value(&posts[1].1, "SpeechResult"), "Quiero ñandúes & más");
    assert_eq!((value(&posts[3].1, "Digits").as_str(), value(&posts[3].1, "FinishedOnKey").as_str()), ("4521", "#"));
    assert_eq!((value(&posts[4].1, "Digits").as_str(), value(&posts[4].1, "SpeechResult").as_str()), ("", ""));
}

#[tokio::test]
async fn a_server_behind_a_proxy_is_signed_for_by_its_public_name() {
    let server = Pretend::start(Some("https://voz.example.mx")).await;
    let public = Url::parse("https://voz.example.mx").unwrap();
    let (mut caller, _) = Caller::ring(&server.line(Some(public)), "+525510000042", "+525500000000").await.unwrap();
    caller.say("persona").await.unwrap();
    let refused = Caller::ring(&server.line(None), "+525510000042", "+525500000000").await.err();
    assert!(matches!(refused, Some(Trouble::Forbidden { .. })));
}

#[tokio::test]
async fn a_wrong_token_and_a_dead_server_are_told_apart() {
    let server = Pretend::start(None).await;
    let line = Line::new(server.base.clone(), Signer::parse("other").ok(), None).map(Arc::new).unwrap();
    let trouble = Caller::ring(&line, "+525510000042", "+525500000000").await.err();
    assert!(trouble.is_some_and(|trouble| trouble.to_string().contains("answered 403; sign with")));
    let dead = Url::parse("http://127.0.0.1:1").unwrap();
    let line = Line::new(dead, None, None).map(Arc::new).unwrap();
    let trouble = Caller::ring(&line, "+525510000042", "+525500000000").await.err();
    assert!(matches!(trouble, Some(Trouble::NoAnswer { .. })));
}

#[tokio::test]
async fn a_redirect_without_end_ends_the_call() {
    let server = Pretend::start(None).await;
    let (mut caller, _) = Caller::ring(&server.line(None), "+525510000042", "+525500000000").await.unwrap();
    assert!(matches!(caller.say("loop").await, Err(Trouble::Loop(REDIRECTS))));
}
