//! One question to an action server.
//!
//! Lives here: sending it, once more where nothing had left yet or the domain was wanted, and reading the answer.
//! Never here: what an answer means (`answer.rs`).

use super::ActionServer;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::io::Write as _;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// The pause before a connection is tried again.
const PAUSE: Duration = Duration::from_millis(100);
/// The server has no domain of that digest and wants the same question with it.
const RETRY_WITH: u16 = 449;

/// What the server answered; any status is an answer.
#[derive(Serialize, Deserialize)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// Nothing left: the action has not run.
    #[error("the action server cannot be reached ({0}); start it, or correct `action_endpoint` in endpoints.yml")]
    NotSent(String),
    /// It left, and whether the action ran is not known.
    #[error("{0}")]
    NoAnswer(String),
}

impl ActionServer {
    /// Asks for an action to be run.
    pub(super) async fn ask(&self, action: &str, sender: &str, tracker: &Json) -> Result<Reply, Lost> {
        let deadline = Instant::now() + self.endpoint.timeout;
        let reply = self.send(&self.body(action, sender, tracker, false), deadline).await?;
        if reply.status == RETRY_WITH { self.send(&self.body(action, sender, tracker, true), deadline).await } else { Ok(reply) }
    }

    async fn send(&self, body: &Json, deadline: Instant) -> Result<Reply, Lost> {
        let bytes = self.packed(body)?;
        let mut tried = false;
        loop {
            let answered = timeout_at(deadline, self.once(bytes.clone())).await;
            let late = || {
                let ms = self.endpoint.timeout.as_millis();
                Lost::NoAnswer(format!("no answer within {ms} ms; make the action faster, or raise `centralita: {{timeout: …}}` under `action_endpoint`"))
            };
            match answered.map_err(|_| late())? {
                Err(Lost::NotSent(why)) => {
                    let again = (self.patient || !tried) && Instant::now() + PAUSE < deadline;
                    if !again {
                        return Err(Lost::NotSent(why));
                    }
                    tried = true;
                    sleep(PAUSE).await;
                }
                done => return done,
            }
        }
    }

    fn packed(&self, body: &Json) -> Result<Vec<u8>, Lost> {
        let plain = body.to_string().into_bytes();
        if !self.compress {
            return Ok(plain);
        }
        let packed = || {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&plain)?;
            encoder.finish()
        };
        packed().map_err(|error| Lost::NotSent(error.to_string()))
    }

    async fn once(&self, body: Vec<u8>) -> Result<Reply, Lost> {
        let mut request = self.client.post(self.url.clone());
        for (name, value) in &self.endpoint.headers {
            request = request.header(name.as_str(), value.reveal());
        }
        if let Some(auth) = &self.endpoint.basic_auth {
            request = request.basic_auth(auth.username.reveal(), Some(auth.password.reveal()));
        }
        request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.compress {
            request = request.header(CONTENT_ENCODING, HeaderValue::from_static("deflate"));
        }
        let mut response = request.body(body).send().await.map_err(|error| lost(&error))?;
        let mut reply = Reply { status: response.status().as_u16(), body: Vec::new() };
        while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
            if reply.body.len() + chunk.len() > self.endpoint.max_response {
                let most = self.endpoint.max_response;
                return Err(Lost::NoAnswer(format!(
                    "an answer of more than {most} bytes; return less, or raise `centralita: {{max_response: …}}` under `action_endpoint`"
                )));
            }
            reply.body.extend_from_slice(&chunk);
        }
        Ok(reply)
    }
}

fn lost(error: &reqwest::Error) -> Lost {
    let why = crate::egress::causes(error);
    if error.is_connect() || error.is_builder() {
        return Lost::NotSent(why);
    }
    Lost::NoAnswer(format!("the connection ended without an answer ({why}); look at the action server's own log"))
}
