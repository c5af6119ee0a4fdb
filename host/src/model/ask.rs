//! One question to a chat server.
//!
//! Lives here: the request, what went wrong.
//! Never here: how an answer is read (`answer.rs`), how long it may take and who is asked next (`race.rs`).

use super::answer::{Answer, Bad, Reader};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// How long the count of tokens is waited for once the answer is whole.
const COUNT: Duration = Duration::from_millis(40);
/// How long a server is left alone at most, whatever it asks for, and when it does not say.
const LONGEST_BUSY: Duration = Duration::from_secs(60);

/// Why a question has no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The time was up.
    Late,
    /// No connection.
    Unreachable,
    /// The server is at its limit, and says for how long if it does.
    Busy(Option<Duration>),
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
            Self::Busy(_) => "at its limit",
            Self::Status(_) => "status",
            Self::Broken | Self::Bad(Bad::Cut) => "broken off",
            Self::Bad(Bad::Refused) => "refused in the answer",
            Self::Bad(Bad::Unreadable) => "unreadable",
        }
    }

    /// The status of the answer.
    pub(super) const fn status(&self) -> Option<u16> {
        match self {
            Self::Busy(_) => Some(429),
            Self::Status(status) => Some(*status),
            Self::Late | Self::Unreachable | Self::Broken | Self::Bad(_) => None,
        }
    }

    /// Whether the same model may fare better at once. A server at its limit (429) wants more time than a caller has.
    pub(super) const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Status(500..=599))
    }
}

/// Where questions go.
pub(super) struct Server {
    pub(super) client: reqwest::Client,
    pub(super) url: Url,
    pub(super) key: Option<(HeaderName, HeaderValue)>,
    /// Whether a count of tokens follows the answer.
    pub(super) counts: bool,
}

impl Server {
    /// Asks, and reads the answer as it comes; `came` tells others as soon as there is a word of it.
    pub(super) async fn ask(&self, body: Vec<u8>, came: &AtomicBool) -> Result<Answer, Failure> {
        let mut request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json").header(ACCEPT, "text/event-stream, application/json");
        if let Some((name, value)) = &self.key {
            request = request.header(name.clone(), value.clone());
        }
        let sent = request.body(body).send().await;
        let mut response = sent.map_err(|error| if error.is_connect() { Failure::Unreachable } else { Failure::Broken })?;
        match response.status().as_u16() {
            200..=299 => {}
            429 => return Err(Failure::Busy(pause(response.headers().get(RETRY_AFTER)))),
            status => return Err(Failure::Status(status)),
        }
        let mut reader = Reader::default();
        while let Some(bytes) = response.chunk().await.map_err(|_| Failure::Broken)? {
            let enough = reader.take(&bytes).map_err(Failure::Bad)?;
            if reader.has_words() {
                came.store(true, Ordering::Relaxed);
            }
            if enough {
                break;
            }
        }
        while self.counts && reader.awaits_count() {
            let Ok(Ok(Some(bytes))) = timeout(COUNT, response.chunk()).await else { break };
            reader.take(&bytes).map_err(Failure::Bad)?;
        }
        reader.finish().map_err(Failure::Bad)
    }
}

/// `Retry-After` in seconds, up to a minute; a date is not understood.
fn pause(header: Option<&HeaderValue>) -> Option<Duration> {
    let seconds: f64 = header?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok().map(|pause| pause.min(LONGEST_BUSY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_at_its_limit_is_left_alone_for_as_long_as_it_says_up_to_a_minute() {
        let of = |text: &'static str| pause(Some(&HeaderValue::from_static(text)));
        assert_eq!(of("2"), Some(Duration::from_secs(2)));
        assert_eq!(of("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(of("86400"), Some(LONGEST_BUSY));
        for none in ["-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "NaN", ""] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
