//! A model's server outside the line: it answers in events, as such servers do, or fails in the ways they fail.
//!
//! Lives here: the server, what it was asked, down to the byte how it answers.
//! Never here: tests; what the line makes of an answer.

use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How it answers from now on.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// Writes this, in events of a word each.
    Writes(String),
    /// Takes the question and says nothing.
    Hangs,
    /// 500 with an error in its own words.
    Fails,
    /// 429: ask again in 20 seconds.
    HasNoRoom,
    /// Breaks off in the middle of an event.
    BreaksOff,
    /// Bytes of nothing.
    Babbles,
    /// Events whose JSON is no answer.
    AnswersAnotherQuestion,
    /// A word now and then, for ever.
    Drips,
}

/// The faults, each with a name for people.
pub(crate) const FAULTS: [(&str, Way); 7] = [
    ("takes the question and hangs", Way::Hangs),
    ("500 with an error body", Way::Fails),
    ("breaks off in the middle", Way::BreaksOff),
    ("bytes of nothing", Way::Babbles),
    ("events of another shape", Way::AnswersAnotherQuestion),
    ("a word now and then, for ever", Way::Drips),
    // The last one: nobody is asked until it has room again.
    ("429 with Retry-After", Way::HasNoRoom),
];

const EVENTS: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";

/// The server.
pub(crate) struct ModelStandin {
    /// Its address, with `/v1`.
    pub(crate) base: String,
    way: Mutex<Way>,
    prompts: Mutex<Vec<String>>,
}

impl ModelStandin {
    pub(crate) async fn serve(way: Way) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let model = Arc::new(Self { base, way: Mutex::new(way), prompts: Mutex::default() });
        let served = model.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let model = served.clone();
                tokio::spawn(async move {
                    let Some(prompt) = prompt(&mut stream).await else { return };
                    model.prompts.lock().unwrap().push(prompt);
                    let way = model.way.lock().unwrap().clone();
                    // Whoever asked and hung up is no fault of ours.
                    let _ = answer(&mut stream, way).await;
                });
            }
        });
        model
    }

    /// Answers another way from now on.
    pub(crate) fn turns(&self, way: Way) {
        *self.way.lock().unwrap() = way;
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.prompts.lock().unwrap().len()
    }

    /// Everything it was told, from the question with this number on.
    pub(crate) fn prompts(&self, from: usize) -> Vec<String> {
        self.prompts.lock().unwrap()[from..].to_vec()
    }
}

/// Reads one question: the texts of its messages.
async fn prompt(stream: &mut TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
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
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.ok()?;
    let body: Json = serde_json::from_slice(&body).ok()?;
    let messages = body["messages"].as_array()?;
    Some(messages.iter().filter_map(|message| message["content"].as_str()).collect::<Vec<_>>().join("\n"))
}

fn event(content: &str) -> String {
    let delta = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": null}], "usage": null});
    format!("data: {delta}\n\n")
}

async fn answer(stream: &mut TcpStream, way: Way) -> std::io::Result<()> {
    match way {
        Way::Writes(text) => {
            stream.write_all(EVENTS.as_bytes()).await?;
            for word in text.split_inclusive(' ') {
                chunk(stream, &event(word)).await?;
            }
            let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
            chunk(stream, &format!("data: {end}\n\ndata: [DONE]\n\n")).await?;
            stream.write_all(b"0\r\n\r\n").await
        }
        Way::Hangs => std::future::pending().await,
        Way::Fails => {
            let error =
                json!({"error": {"message": "The server had an error while processing your request", "type": "server_error", "param": null, "code": null}});
            whole(stream, "500 Internal Server Error", "", &error).await
        }
        Way::HasNoRoom => {
            let error = json!({"error": {"message": "Rate limit reached", "type": "requests", "param": null, "code": "rate_limit_exceeded"}});
            whole(stream, "429 Too Many Requests", "retry-after: 20\r\n", &error).await
        }
        Way::BreaksOff => {
            stream.write_all(EVENTS.as_bytes()).await?;
            chunk(stream, &event("start flow ")).await?;
            // A chunk of which only half comes.
            let half = event("block_card\n");
            stream.write_all(format!("{:x}\r\n{}", half.len(), &half[..half.len() / 2]).as_bytes()).await?;
            stream.shutdown().await
        }
        Way::Babbles => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n").await?;
            let mut bytes = Vec::new();
            for number in 0..4096_u32 {
                bytes.extend_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
            }
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
        Way::AnswersAnotherQuestion => {
            stream.write_all(EVENTS.as_bytes()).await?;
            chunk(stream, "data: {\"choices\": {\"message\": 3}}\n\ndata: [1, 2]\n\ndata: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": {\"text\": \"start flow block_card\"}}}]}\n\ndata: [DONE]\n\n").await?;
            stream.write_all(b"0\r\n\r\n").await
        }
        Way::Drips => {
            stream.write_all(EVENTS.as_bytes()).await?;
            loop {
                chunk(stream, &event("start ")).await?;
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
        }
    }
}

async fn chunk(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    stream.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).await?;
    stream.flush().await
}

async fn whole(stream: &mut TcpStream, status: &str, headers: &str, body: &Json) -> std::io::Result<()> {
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).await
}
