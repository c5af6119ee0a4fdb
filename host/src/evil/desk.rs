//! What the evil plugin talks to: a desk that repeats what it hears, and a machine it should not reach.

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// The desk: every request comes back as JSON; some paths have a trick.
pub(super) async fn desk(other: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().fallback(move |asked: Request| answer(asked, other));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn answer(asked: Request, other: SocketAddr) -> Response {
    let (head, body) = asked.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    match head.uri.path() {
        "/api/redirect" => Redirect::temporary(&format!("http://{other}/latest")).into_response(),
        "/api/giant" => (JSON, format!("\"{}\"", "x".repeat(4000))).into_response(),
        "/api/html" => (StatusCode::OK, axum::response::Html("<h1>hello</h1>")).into_response(),
        path => {
            let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let said = String::from_utf8_lossy(&body).into_owned();
            let heard = format!("{path} {} {} {said}", header("cookie"), header("x-request-id"));
            ([JSON[0], ("etag", said.as_str())], serde_json::json!({ "heard": heard }).to_string()).into_response()
        }
    }
}

/// A machine inside the house. What it says is the loot; `asked` counts whoever got through to it.
pub(super) struct Other {
    pub(super) address: SocketAddr,
    asked: Arc<AtomicU32>,
}

impl Other {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(reply(stream));
            }
        });
        Self { address, asked }
    }

    pub(super) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn reply(mut stream: TcpStream) {
    let mut asked = [0; 4096];
    let read = stream.read(&mut asked).await.unwrap_or(0);
    let drips = asked[..read].starts_with(b"GET /drip");
    let body = br#"{"role": "metadata of the machine"}"#;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).await;
    for byte in body {
        // A byte now and then: an answer that is never quite over.
        if drips {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
    }
}
