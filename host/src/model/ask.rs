//! One question to a chat server, within a deadline.
//!
//! Lives here: the request, the one repetition, what went wrong.
//! Never here: how an answer is read (`answer.rs`), what becomes of it (`mod.rs`).

use super::answer::{Answer, Bad, Reader};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use url::Url;

/// A repetition needs at least this much time.
const WORTH_A_TRY: Duration = Duration::from_millis(200);

/// Why a question has no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The time was up.
    Late,
    /// No connection.
    Unreachable,
    /// The server answered with this status.
    Status(u16),
    /// The connection broke.
    Broken,
    /// See [`Bad`].
    Bad(Bad),
}

impl Failure {
    /// For logs: a word, with the status if there was one.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Unreachable => "unreachable",
            Self::Status(_) => "status",
            Self::Broken | Self::Bad(Bad::Cut) => "broken off",
            Self::Bad(Bad::Refused) => "refused in the answer",
            Self::Bad(Bad::Unreadable) => "unreadable",
        }
    }

    /// Whether the same question may fare better at once. A server at its limit (429) wants more time
    /// than a caller has.
    const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Status(500..=599))
    }
}

/// Where questions go.
pub(super) struct Server {
    pub(super) client: reqwest::Client,
    pub(super) url: Url,
    pub(super) key: Option<(HeaderName, HeaderValue)>,
}

impl Server {
    /// Asks; once more if the first attempt failed early.
    pub(super) async fn ask(&self, body: &[u8], deadline: Instant) -> Result<Answer, Failure> {
        let twice = async {
            match self.once(body).await {
                Err(failure) if failure.may_pass() && deadline.saturating_duration_since(Instant::now()) >= WORTH_A_TRY => self.once(body).await,
                first => first,
            }
        };
        timeout_at(deadline, twice).await.unwrap_or(Err(Failure::Late))
    }

    async fn once(&self, body: &[u8]) -> Result<Answer, Failure> {
        let mut request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json").header(ACCEPT, "text/event-stream, application/json");
        if let Some((name, value)) = &self.key {
            request = request.header(name.clone(), value.clone());
        }
        let sent = request.body(body.to_vec()).send().await;
        let mut response = sent.map_err(|error| if error.is_connect() { Failure::Unreachable } else { Failure::Broken })?;
        if !response.status().is_success() {
            return Err(Failure::Status(response.status().as_u16()));
        }
        let mut reader = Reader::default();
        while let Some(bytes) = response.chunk().await.map_err(|_| Failure::Broken)? {
            if reader.take(&bytes).map_err(Failure::Bad)? {
                break;
            }
        }
        reader.finish().map_err(Failure::Bad)
    }
}
