//! A request about a call, as often as the network posts it.
//!
//! Lives here: address, form and idempotency token together, and what an answer to it must be.
//! Never here: which forms a call posts (`caller.rs`).

use url::Url;

use super::line::{Answer, Line, Trouble};

/// What is posted, once or again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) url: Url,
    pub(super) params: Vec<(String, String)>,
    event: String,
}

impl Request {
    pub(super) fn new(url: Url, params: Vec<(String, String)>) -> Result<Self, Trouble> {
        Ok(Self { url, params, event: hex()? })
    }

    /// The same form as an event of its own.
    pub(super) fn another_event(&self) -> Result<Self, Trouble> {
        Self::new(self.url.clone(), self.params.clone())
    }

    /// The same event with another form.
    pub(super) fn with_body(&self, params: Vec<(String, String)>) -> Self {
        Self { params, ..self.clone() }
    }

    /// Posts it; any status is an answer.
    pub(super) async fn post(&self, line: &Line) -> Result<Answer, Trouble> {
        line.post(&self.url, &self.params, &self.event).await
    }

    /// The document in an answer to this request.
    pub(super) fn document(&self, answer: Answer) -> Result<String, Trouble> {
        let answer = answer.successful(&self.url)?;
        let media = answer.content_type.split(';').next().unwrap_or_default().trim();
        if matches!(media, "text/xml" | "application/xml") {
            return Ok(answer.body);
        }
        Err(Trouble::NotXml { path: self.url.path().to_owned(), content_type: answer.content_type })
    }
}

/// 16 random bytes as 32 hex digits.
pub(super) fn hex() -> Result<String, Trouble> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Trouble::Random)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
