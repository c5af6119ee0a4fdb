//! Against a chat server on loopback that can misbehave down to the byte.

use super::fixture::{call, project};
use super::*;
use crate::egress::Secret;
use crate::endpoints::ModelEndpoint;
use centralita_engine::legal;
use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

mod groups;

/// How the server answers: one way after the other; the last one stays.
#[derive(Clone, Copy)]
enum Way {
    /// Events, one a word, as servers do; at the end `[DONE]` and the connection stays open.
    Stream(&'static str),
    /// One JSON object, though a stream was asked for.
    Whole(&'static str),
    Status(&'static str),
    /// Takes the question and says nothing.
    Hang,
    /// Events with a pause after the first word.
    Slow(&'static str),
    /// Breaks off after half of the events.
    Cut(&'static str),
    /// A byte now and then, for ever.
    Drip,
    Body(&'static str),
    /// Closes the door.
    HangUp,
}

struct Standin {
    base: String,
    asked: Arc<Mutex<Vec<(String, Json)>>>,
}

impl Standin {
    async fn open(ways: Vec<Way>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        tokio::spawn(async move {
            loop {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                let (heard, ways) = (heard.clone(), ways.clone());
                tokio::spawn(async move {
                    let Some(question) = question(&mut stream).await else { return };
                    let turn = {
                        let mut heard = heard.lock().unwrap();
                        heard.push(question);
                        heard.len() - 1
                    };
                    // A caller that has hung up is no fault of the stand-in.
                    let _ = answer(&mut stream, ways[turn.min(ways.len() - 1)]).await;
                });
            }
        });
        Self { base, asked }
    }

    fn endpoint(&self) -> ModelEndpoint {
        at(&self.base)
    }

    fn model(&self, budget_ms: u64) -> Model {
        of(vec![self.endpoint()], budget_ms)
    }

    fn questions(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn at(base: &str) -> ModelEndpoint {
    let key = Some(Secret::new("sk-canary".to_owned()));
    ModelEndpoint { api_base: Some(base.to_owned()), has_base: true, api_key: key, model: Some("m".into()), ..ModelEndpoint::default() }
}

fn of(models: Vec<ModelEndpoint>, budget_ms: u64) -> Model {
    let choice = Choice { models, spare: None, budget: Duration::from_millis(budget_ms), own: false, path: "endpoints.yml" };
    Model::open(&choice, &mut Vec::new()).unwrap()
}

async fn question(stream: &mut TcpStream) -> Option<(String, Json)> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if let Some(written) = line.to_lowercase().strip_prefix("content-length:") {
            length = written.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.ok()?;
    Some((head, serde_json::from_slice(&body).ok()?))
}

async fn answer(stream: &mut TcpStream, way: Way) -> std::io::Result<()> {
    let events = |text: &str| -> Vec<String> {
        let delta = |content: &str| json!({"id": "c1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": null}], "usage": null});
        let mut events: Vec<String> = text.split_inclusive(' ').map(|word| format!("data: {}\n\n", delta(word))).collect();
        events.insert(0, ": keep-alive\n\n".into());
        events
    };
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    match way {
        Way::Stream(text) => {
            stream.write_all(HEAD.as_bytes()).await?;
            for event in events(text) {
                piece(stream, &event).await?;
            }
            let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
            let usage = json!({"choices": [], "usage": {"prompt_tokens": 321}});
            piece(stream, &format!("data: {end}\n\ndata: {usage}\n\ndata: [DONE]\n\n")).await?;
            std::future::pending().await
        }
        Way::Slow(text) => {
            stream.write_all(HEAD.as_bytes()).await?;
            for event in events(text) {
                piece(stream, &event).await?;
                sleep(Duration::from_millis(if event.starts_with("data:") { 500 } else { 0 })).await;
            }
            piece(stream, "data: [DONE]\n\n").await?;
            std::future::pending().await
        }
        Way::Whole(text) => {
            let body = json!({"object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 99}}).to_string();
            whole(stream, "200 OK", &body).await
        }
        Way::Status(status) => whole(stream, status, r#"{"error":{"message":"no","type":"server_error"}}"#).await,
        Way::Hang => std::future::pending().await,
        Way::Cut(text) => {
            stream.write_all(HEAD.as_bytes()).await?;
            let events = events(text);
            for event in &events[..events.len() / 2] {
                piece(stream, event).await?;
            }
            stream.shutdown().await
        }
        Way::Drip => {
            stream.write_all(HEAD.as_bytes()).await?;
            loop {
                piece(stream, ":").await?;
                sleep(Duration::from_millis(20)).await;
            }
        }
        Way::Body(body) => whole(stream, "200 OK", body).await,
        Way::HangUp => Ok(()),
    }
}

async fn piece(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    stream.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).await?;
    stream.flush().await
}

async fn whole(stream: &mut TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all((head + body).as_bytes()).await
}

/// Long enough that nothing but a hanging client runs into it.
const FOREVER: Duration = Duration::from_secs(30);

async fn asked(model: &Model, text: &str) -> Proposed {
    let (project, state) = (project(), call());
    let grammar = legal(&project, &state);
    timeout(FOREVER, model.propose(&Prompting::default(), &project, &state, &grammar, &Masked::from(text))).await.ok().unwrap()
}

fn summaries(proposed: &Proposed) -> Vec<String> {
    proposed.commands.iter().map(Command::summary).collect()
}

const LINES: &str = "set slot last4 ⟨d1⟩\nset slot card_choice debit";

#[tokio::test]
async fn a_streamed_answer_becomes_commands_with_the_callers_own_digits() {
    let server = Standin::open(vec![Way::Stream(LINES)]).await;
    let proposed = asked(&server.model(20_000), "la de débito, 45 21").await;
    assert_eq!(proposed.outcome, Asked::Answered);
    assert_eq!(summaries(&proposed), ["set slot last4", "set slot card_choice"]);
    assert!(matches!(&proposed.commands[0], Command::SetSlot { value, .. } if value.as_text() == Some("45 21")));
    let asked = server.asked.lock().unwrap();
    let (head, body) = &asked[0];
    assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n") && head.contains("authorization: Bearer sk-canary"), "{head}");
    assert_eq!((&body["model"], &body["stream"], &body["temperature"]), (&json!("m"), &json!(true), &json!(0)));
    let sent = body.to_string();
    assert!(!sent.contains("45 21") && !sent.contains("Pérez") && !sent.contains("0001"), "{sent}");
}

#[tokio::test]
async fn a_whole_answer_is_read_as_well() {
    let server = Standin::open(vec![Way::Whole(LINES)]).await;
    let proposed = asked(&server.model(20_000), "la de débito, 45 21").await;
    assert_eq!((proposed.outcome, proposed.usage.prompt, proposed.commands.len()), (Asked::Answered, Some(99), 2));
}

#[tokio::test]
async fn digits_of_a_models_own_are_dropped_and_counted() {
    let server = Standin::open(vec![Way::Whole("set slot last4 4521\nset slot confirm_block true\nhand over")]).await;
    let proposed = asked(&server.model(20_000), "no sé").await;
    assert_eq!((summaries(&proposed), proposed.dropped), (vec!["human handoff".to_owned()], 2));
}

#[tokio::test]
async fn every_misbehaviour_ends_in_an_empty_proposal_of_its_own_kind() {
    for (way, outcome, budget_ms, questions) in [
        (Way::Status("500 Internal Server Error"), Asked::Down, 20_000, 2),
        (Way::Status("429 Too Many Requests"), Asked::Down, 20_000, 1),
        (Way::Status("401 Unauthorized"), Asked::Down, 20_000, 1),
        (Way::Status("302 Found"), Asked::Down, 20_000, 1),
        (Way::Hang, Asked::Late, 300, 2),
        (Way::Drip, Asked::Late, 300, 2),
        (Way::Cut(LINES), Asked::Down, 20_000, 1),
        (Way::HangUp, Asked::Down, 20_000, 1),
        (Way::Stream("Claro que sí, ya bloqueé tu tarjeta."), Asked::Garbage, 20_000, 1),
        (Way::Body("\u{0}\u{1}\u{2} not json at all"), Asked::Garbage, 20_000, 1),
        (Way::Body(r#"{"choices": {"message": 3}}"#), Asked::Garbage, 20_000, 1),
        (Way::Body(r#"{"error": {"message": "loading"}}"#), Asked::Down, 20_000, 1),
        (Way::Body(""), Asked::Garbage, 20_000, 1),
    ] {
        let server = Standin::open(vec![way]).await;
        let proposed = asked(&server.model(budget_ms), "me robaron la tarjeta").await;
        assert_eq!((proposed.outcome, server.questions()), (outcome, questions));
        assert!(proposed.commands.is_empty());
    }
}

#[tokio::test]
async fn a_server_that_stumbles_is_asked_once_more() {
    let server = Standin::open(vec![Way::Status("503 Service Unavailable"), Way::Stream("hand over")]).await;
    let proposed = asked(&server.model(20_000), "quiero hablar con alguien").await;
    assert_eq!((proposed.outcome, summaries(&proposed)), (Asked::Answered, vec!["human handoff".to_owned()]));
}

#[tokio::test]
async fn after_three_failures_a_turn_does_not_ask() {
    let server = Standin::open(vec![Way::Status("401 Unauthorized")]).await;
    let model = server.model(20_000);
    for outcome in [Asked::Down, Asked::Down, Asked::Down, Asked::Skipped] {
        assert_eq!(asked(&model, "hola").await.outcome, outcome);
    }
    assert_eq!(server.questions(), 3);
    assert_eq!(asked(&server.model(20_000), "  ").await.outcome, Asked::Skipped);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_down() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1/", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(asked(&of(vec![at(&base)], 20_000), "hola").await.outcome, Asked::Down);
}

#[test]
fn a_model_is_there_when_a_key_or_an_address_is() {
    let open = |endpoint: ModelEndpoint| {
        let choice = Choice { models: vec![endpoint], spare: None, budget: BUDGET, own: true, path: "endpoints.yml" };
        let mut mistakes = Vec::new();
        let model = Model::open(&choice, &mut mistakes);
        mistakes.first().map_or_else(|| Ok(model.map(|model| model.peers[0].server.url.to_string())), |mistake| Err(mistake.message.clone()))
    };
    let base = |base: &str| ModelEndpoint { api_key: None, ..at(base) };
    let openai = |key: Option<&str>| ModelEndpoint { provider: Some("openai".into()), api_key: key.map(Secret::new), ..ModelEndpoint::default() };
    assert_eq!(open(openai(None)), Ok(None));
    assert_eq!(open(openai(Some(""))), Ok(None));
    assert_eq!(open(openai(Some("k"))), Ok(Some("https://api.openai.com/v1/chat/completions".into())));
    assert_eq!(open(base("http://127.0.0.1:8080/v1/")), Ok(Some("http://127.0.0.1:8080/v1/chat/completions".into())));
    assert_eq!(open(ModelEndpoint { has_key: true, ..base("http://127.0.0.1:8080/v1/") }), Ok(None), "the variable of its key is not set");
    for wrong in ["localhost", "ftp://x/v1", "http://user:pass@x/v1"] {
        let error = open(base(wrong)).unwrap_err();
        assert!(error.starts_with("OPENAI_BASE_URL is no http address") && !error.contains("pass@"), "{error}");
    }
    assert!(open(ModelEndpoint { api_key: Some(Secret::new("a\nb")), ..at("http://127.0.0.1:1") }).unwrap_err().starts_with("OPENAI_API_KEY"));
}
