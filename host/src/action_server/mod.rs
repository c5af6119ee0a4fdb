//! The project's action server, and its own Python process where `dev` runs that (`rasa-calm.md` §7).
//!
//! Lives here: what a release knows of its action server.
//! Never here: plugins (`runs`, `sandbox`), Rasa's JSON (`tracker`).

mod answer;
mod ask;
mod masks;
mod module;
mod run;

pub use answer::{BadAnswer, effects};
pub use module::Module;
pub(crate) use run::run;

use crate::egress;
use crate::endpoints::{ActionEndpoint, Place};
use crate::tracker::Domain;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::time::Duration;
use url::Url;

/// The version of Rasa we are to an action server; another than its own only makes it warn.
pub const VERSION: &str = "3.13.0";
/// Makes requests smaller (`Content-Encoding: deflate`) when it is `true`.
pub const COMPRESS: &str = "COMPRESS_ACTION_SERVER_REQUEST";

/// How long a connection may take to stand, at most.
const CONNECT: Duration = Duration::from_secs(3);

/// An action server that can be asked. No `Debug`: it holds credentials.
pub struct ActionServer {
    endpoint: ActionEndpoint,
    url: Url,
    client: reqwest::Client,
    domain: Domain,
    compress: bool,
    /// It is started again while we run: a connection that does not stand is tried until the time is up.
    patient: bool,
    /// Slots that go there as they are, whatever their class.
    pub(crate) granted: BTreeSet<String>,
}

/// An action server that nobody can ask, with what to do.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// `actions_module` where nobody starts it.
    #[error(
        "`actions_module` is started by `dev`, `shell` and `test` only. Start it yourself (python -m rasa_sdk --actions {0}) and write\n  action_endpoint:\n    url: http://localhost:5055/webhook"
    )]
    NotStarted(String),
    /// The file of certificates.
    #[error("`cafile` {path} holds no certificates that can be read: {why}")]
    Certificates {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The client could not be made.
    #[error("no client for the action server: {0}")]
    Client(String),
}

impl ActionServer {
    /// The server of an endpoint.
    ///
    /// # Errors
    /// [`Unreachable`], with what to do.
    pub fn open(endpoint: ActionEndpoint, domain: Domain, compress: bool, granted: BTreeSet<String>) -> Result<Option<Self>, Unreachable> {
        let (mut url, patient) = match &endpoint.place {
            Place::Url(url) => (url.clone(), false),
            Place::Module { started: Some(url), .. } => (url.clone(), true),
            Place::Module { name, started: None } => return Err(Unreachable::NotStarted(name.clone())),
            Place::Unknown => return Ok(None),
        };
        if !endpoint.params.is_empty() || endpoint.token.is_some() {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in &endpoint.params {
                pairs.append_pair(name, value.reveal());
            }
            if let Some(token) = &endpoint.token {
                pairs.append_pair("token", token.reveal());
            }
        }
        let client = client(&endpoint, &url)?;
        Ok(Some(Self { endpoint, url, client, domain, compress, patient, granted }))
    }

    /// Whether it answers and is well (`GET /health` beside its webhook).
    ///
    /// # Errors
    /// What is wrong, with the address.
    pub async fn health(&self) -> Result<(), String> {
        let mut url = self.url.clone();
        url.set_query(None);
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop().push("health");
        }
        match tokio::time::timeout(CONNECT, self.client.get(url.clone()).send()).await {
            Ok(Ok(answer)) if answer.status().is_success() => Ok(()),
            Ok(Ok(answer)) => Err(format!("the action server answers {} to {url}", answer.status().as_u16())),
            Ok(Err(_)) | Err(_) => Err(format!("no action server answers at {url}; start it, or correct `action_endpoint` in endpoints.yml")),
        }
    }

    /// What is sent for an action; the domain goes along only where the server has to have it.
    fn body(&self, action: &str, sender: &str, tracker: &Json, with_domain: bool) -> Json {
        let mut body = json!({
            "next_action": action,
            "sender_id": sender,
            "tracker": tracker,
            "version": VERSION,
            "domain_digest": self.domain.digest,
        });
        // Form validators (`validate_…_form`) always want it.
        let wanted = !self.endpoint.selective_domain || action.starts_with("validate_") || self.domain.wanted_by.iter().any(|name| name == action);
        if !wanted {
            body["domain"] = json!({});
        } else if with_domain {
            body["domain"] = self.domain.json.clone();
        }
        body
    }
}

fn client(endpoint: &ActionEndpoint, url: &Url) -> Result<reqwest::Client, Unreachable> {
    let mut builder =
        egress::client().connect_timeout(CONNECT.min(endpoint.timeout / 2)).pool_idle_timeout(Duration::from_secs(4)).dns_resolver(egress::names_inside());
    if let Some(path) = &endpoint.cafile {
        let bad = |why: String| Unreachable::Certificates { path: path.display().to_string(), why };
        let pem = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| bad(error.to_string()))?;
        builder = builder.tls_certs_only(certificates);
    } else if url.scheme() == "http" {
        // A machine without root certificates can still talk to a server of its own.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| Unreachable::Client(error.to_string()))
}
