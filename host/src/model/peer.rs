//! One model at one server.
//!
//! Lives here: opening it from what the project and the variables say, the bytes of a question.
//! Never here: which of several is asked (`race.rs`), the connection (`ask.rs`).

use super::ask::Server;
use super::breaker::Breaker;
use super::constraint::Commands;
use super::profile::{Profile, Wish};
use super::prompt::Message;
use super::usage::{Price, Tally};
use crate::endpoints::ModelEndpoint;
use std::time::Duration;
use url::Url;

/// A model that can be asked.
pub(super) struct Peer {
    pub(super) server: Server,
    pub(super) name: String,
    pub(super) profile: &'static Profile,
    pub(super) breaker: Breaker,
    pub(super) tally: Tally,
    pub(super) price: Option<Price>,
    /// How long one question may take, if less than the turn may wait.
    pub(super) timeout: Option<Duration>,
    temperature: Option<f64>,
    most: Option<u32>,
}

/// Settings that no model can be asked with.
#[derive(Debug, thiserror::Error)]
pub enum BadModel {
    /// The address.
    #[error("{0} is no http address of a server; write it with /v1 and without user or password, such as http://127.0.0.1:8080/v1")]
    Address(&'static str),
    /// The key.
    #[error("{0} holds characters that no header can carry; copy it again, without line ends")]
    Key(&'static str),
    /// No such profile, or a provider that is not spoken to.
    #[error("{0}")]
    Unknown(String),
    /// The client could not be made.
    #[error("no client for the model: {0}; install root certificates on this machine")]
    Client(reqwest::Error),
}

impl Peer {
    /// Opens a model; none where a key or an address is missing: then the installation does not want it asked. `own` is
    /// whether the variables name it.
    pub(super) fn open(endpoint: &ModelEndpoint, own: bool) -> Result<Option<Self>, BadModel> {
        let address = if own { "OPENAI_BASE_URL" } else { "`api_base`" };
        let name = endpoint.model.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| super::choice::USUAL_MODEL.to_owned());
        let written = endpoint.api_base.as_deref().map(|base| base_url(base).ok_or(BadModel::Address(address))).transpose()?;
        if written.is_none() && endpoint.has_base {
            return Ok(None);
        }
        let profile = Profile::of(endpoint.profile.as_deref(), endpoint.provider.as_deref(), written.as_ref(), &name)
            .map_err(|error| BadModel::Unknown(error.to_string()))?;
        let Some(base) = written.clone().or_else(|| base_url(profile.base()?)) else {
            let provider = endpoint.provider.as_deref().unwrap_or_default();
            return Err(BadModel::Unknown(format!("a model of `{provider}` wants an `api_base`; write the address of the server, with /v1")));
        };
        let key = endpoint.api_key.as_ref().filter(|key| !key.reveal().is_empty());
        // Whoever writes down which key it is wants it sent; a server in the net answers nobody without one.
        let needs_key = endpoint.has_key || (written.is_none() && base.scheme() == "https");
        if key.is_none() && needs_key {
            return Ok(None);
        }
        let url = profile.url(&base, &name, endpoint.api_version.as_deref()).ok_or(BadModel::Address(address))?;
        let header = if own || !endpoint.has_key { "OPENAI_API_KEY" } else { "`api_key`" };
        let key = key.map(|key| profile.key(key.reveal()).ok_or(BadModel::Key(header))).transpose()?;
        let timeout = endpoint.timeout.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Ok(Some(Self {
            server: Server { client: client(&url)?, url, key, counts: profile.counts() },
            name,
            profile,
            breaker: Breaker::default(),
            tally: Tally::default(),
            price: endpoint.price,
            timeout,
            temperature: endpoint.temperature,
            most: endpoint.most,
        }))
    }

    /// The bytes of a question.
    pub(super) fn body(&self, messages: &[Message], commands: &Commands) -> Vec<u8> {
        let wish = Wish { model: &self.name, messages, commands, temperature: self.temperature, most: self.most };
        self.profile.body(&wish).to_string().into_bytes()
    }
}

fn base_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty() && url.password().is_none();
    plain.then_some(url)
}

fn client(url: &Url) -> Result<reqwest::Client, BadModel> {
    let mut builder = crate::egress::client().pool_idle_timeout(Duration::from_secs(90));
    if url.scheme() == "http" {
        // A machine without root certificates can still ask a model of its own.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(BadModel::Client)
}
