//! The callback channel's way out: each message is posted to one address (`rasa-calm.md` §8.2).
//!
//! Lives here: the address of `credentials.yml`, and the posting.
//! Never here: what is said.

use super::refusal::Refusal;
use crate::release::Package;
use centralita_engine::yaml::{Findings, read};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Posts messages.
pub(super) struct Callback {
    client: reqwest::Client,
}

impl Callback {
    pub(super) fn new() -> anyhow::Result<Self> {
        crate::egress::install_tls();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .user_agent(concat!("centralita/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client })
    }

    /// The address that `credentials.yml` names.
    pub(super) fn url(package: &Package) -> Result<Url, Refusal> {
        let mut mistakes = Vec::new();
        let text = package.files.get("credentials.yml").map(String::as_str).unwrap_or_default();
        let root = read(text, &mut Findings::new("credentials.yml", &mut mistakes));
        let written = root.and_then(|root| root.get("callback")?.get("url")?.scalar());
        let url = written.and_then(|url| Url::parse(&url).ok()).filter(|url| matches!(url.scheme(), "http" | "https"));
        url.ok_or_else(|| Refusal::NotFound("the project has no callback channel; write `callback: {url: https://…}` in credentials.yml".into()))
    }

    /// Posts messages one after the other; what cannot be posted is logged, and the next one is tried.
    pub(super) async fn send(&self, url: &Url, messages: &[Value]) {
        for message in messages {
            let sent = self.client.post(url.clone()).header("content-type", "application/json").body(message.to_string()).send().await;
            match sent {
                Ok(answer) if answer.status().is_success() => {}
                Ok(answer) => tracing::error!(http.status = answer.status().as_u16(), "The callback address refused a message"),
                Err(error) => tracing::error!(error = %error.without_url(), "A message could not be posted to the callback address"),
            }
        }
    }
}
