//! `action_endpoint`: where actions run that are no plugin's (`rasa-calm.md` §7.7).
//!
//! Lives here: the keys, and what cannot be reached.
//! Never here: requests (`action_server`).

use super::ACTION_SERVER;
use super::fill::Fill;
use crate::egress::Secret;
use centralita_engine::yaml::{At, Findings, Node};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// How long an action may take; a telephone network gives a turn 15 seconds.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer, at most.
const MAX_RESPONSE: usize = 1 << 20;

/// An action server. No `Debug`: it holds credentials.
pub struct ActionEndpoint {
    /// Where in the file.
    pub at: At,
    /// Where the server is.
    pub place: Place,
    /// Goes along as `?token=`.
    pub token: Option<Secret>,
    /// Further headers.
    pub headers: Vec<(String, Secret)>,
    /// HTTP Basic.
    pub basic_auth: Option<BasicAuth>,
    /// Further parameters of the URL.
    pub params: Vec<(String, Secret)>,
    /// The certificates to trust, a file below the project.
    pub cafile: Option<PathBuf>,
    /// Whether only actions that ask for it get the domain.
    pub selective_domain: bool,
    /// Ours: how long an action may take.
    pub timeout: Duration,
    /// Ours: bytes of an answer, at most.
    pub max_response: usize,
}

/// A user and a password.
pub struct BasicAuth {
    /// The user.
    pub username: Secret,
    /// The password.
    pub password: Secret,
}

/// Where an action server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Somebody runs it there.
    Url(Url),
    /// `dev`, `shell` and `test` run this Python package and say where.
    Module {
        /// The package.
        name: String,
        /// Where it runs; none while nobody has started it.
        started: Option<Url>,
    },
    /// A variable says where, and there are none here.
    Unknown,
}

const KEYS: [&str; 10] = ["url", "actions_module", "token", "headers", "basic_auth", "params", "cafile", "enable_selective_domain", "centralita", "token_name"];

pub(super) fn read(node: &Node, fill: &Fill<'_>, findings: &mut Findings<'_>) -> Option<ActionEndpoint> {
    if node.pairs().is_empty() {
        findings.warn(node.at, "`action_endpoint` is empty; write `url:` or `actions_module:` under it");
        return None;
    }
    node.only("`action_endpoint`", &KEYS, findings);
    let place = place(node, fill, findings)?;
    let secret = |node: &Node, what: &str, findings: &mut Findings<'_>| fill.text(node, what, findings).map(Secret::new);
    let mut map = |key: &str| -> Vec<(String, Secret)> {
        let pairs = node.get(key).map(Node::pairs).unwrap_or_default();
        pairs.iter().filter_map(|(name, value)| Some((name.text.clone(), secret(value, &format!("`{key}.{}`", name.text), findings)?))).collect()
    };
    let (headers, params) = (map("headers"), map("params"));
    let basic_auth = node.get("basic_auth").and_then(|auth| {
        let mut part = |key: &str| auth.get(key).and_then(|node| secret(node, &format!("`basic_auth.{key}`"), findings));
        Some(BasicAuth { username: part("username")?, password: part("password")? })
    });
    let ours = node.get("centralita");
    if let Some(ours) = ours {
        ours.only("`centralita` of `action_endpoint`", &["timeout", "max_response"], findings);
    }
    let mut number = |key: &str, least: f64, most: f64| {
        let node = ours.and_then(|ours| ours.get(key))?;
        let number = node.number(&format!("`{key}`"), findings)?;
        if !(least..=most).contains(&number) {
            findings.error(node.at, format!("`{key}` lies between {least} and {most}"));
            return None;
        }
        Some(number)
    };
    let timeout = number("timeout", 0.1, 120.0).map_or(TIMEOUT, Duration::from_secs_f64);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1,000 and 64 million")]
    let max_response = number("max_response", 1_000.0, 64e6).map_or(MAX_RESPONSE, |bytes| bytes as usize);
    Some(ActionEndpoint {
        at: node.at,
        place,
        token: node.get("token").and_then(|node| secret(node, "`token`", findings)),
        headers,
        basic_auth,
        params,
        cafile: node.get("cafile").and_then(|node| fill.text(node, "`cafile`", findings)).map(PathBuf::from),
        selective_domain: node.get("enable_selective_domain").and_then(|node| node.truth("`enable_selective_domain`", findings)).unwrap_or(false),
        timeout,
        max_response,
    })
}

fn place(node: &Node, fill: &Fill<'_>, findings: &mut Findings<'_>) -> Option<Place> {
    let started = fill.variable.and_then(|variable| variable(ACTION_SERVER)).filter(|url| !url.is_empty());
    if let Some(written) = &started
        && Url::parse(written).is_err()
    {
        findings.error(node.at, format!("the variable {ACTION_SERVER} is no URL; write one such as http://127.0.0.1:5055/webhook"));
        return None;
    }
    let started = started.and_then(|url| Url::parse(&url).ok());
    match (node.get("url"), node.get("actions_module")) {
        (Some(_), None) if started.is_some() => started.map(Place::Url),
        (Some(url), None) => match fill.text(url, "`url`", findings) {
            Some(written) => checked(&written, url.at, findings).map(Place::Url),
            None if fill.variable.is_none() => Some(Place::Unknown),
            None => None,
        },
        (None, Some(module)) => {
            let name = fill.text(module, "`actions_module`", findings)?;
            let plain = |part: &str| !part.is_empty() && part.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
            if !name.split('.').all(plain) {
                findings.error(module.at, "`actions_module` is the name of a Python package, such as `actions`");
                return None;
            }
            Some(Place::Module { name, started })
        }
        (Some(_), Some(module)) => {
            findings.error(module.at, "`url` and `actions_module` exclude each other; keep one");
            None
        }
        (None, None) => {
            findings.error(node.at, "`action_endpoint` has neither `url` nor `actions_module`; write one of them");
            None
        }
    }
}

fn checked(written: &str, at: At, findings: &mut Findings<'_>) -> Option<Url> {
    let url = match Url::parse(written) {
        Ok(url) => url,
        Err(error) => {
            findings.error(at, format!("`url` of `action_endpoint` is no URL: {error}; write one such as http://localhost:5055/webhook"));
            return None;
        }
    };
    if matches!(url.scheme(), "grpc" | "grpcs") {
        findings.error(at, "action servers over gRPC are not spoken to; start yours without `--grpc` and write http://HOST:5055/webhook");
        return None;
    }
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        findings.error(at, "`url` of `action_endpoint` is http:// or https:// and names a host");
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() {
        findings.error(at, "`url` of `action_endpoint` holds a user or password; write them under `basic_auth`");
        return None;
    }
    Some(url)
}
