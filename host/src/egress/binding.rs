//! A binding: where requests of a plugin may go, with whose credential, and how much.
//!
//! Lives here: the binding, what its base URL must look like, and the URL of one request.
//! Never here: reading `plugins.yml` (`grants`), sending (`mod.rs`).

use super::address::is_localhost;
use super::path::{Checked, Rule};
use super::secret::Secret;
use crate::guard::{self, Guard};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;
use url::{Host, Url};

/// A place requests may go to. No `Debug`: it holds a credential.
pub struct Binding {
    /// The name plugins use.
    pub name: String,
    /// Base URL without query; requests go below it. See [`check_base`].
    pub base: Url,
    /// The credential the host adds.
    pub auth: Option<Auth>,
    /// What may be asked; nothing else may.
    pub rules: Vec<Rule>,
    /// Bytes of a request body, at most.
    pub max_request: usize,
    /// Bytes of an answer's body, at most.
    pub max_response: usize,
    /// Content types an answer may have, such as `application/json`.
    pub content_types: Vec<String>,
    /// Time for one request, repeats included.
    pub timeout: Duration,
    /// Requests per hour; `None` for no limit.
    pub rate_per_hour: Option<NonZeroU32>,
    /// How often a safe request is repeated when it got no answer.
    pub retries: u8,
    /// How a body leaves as a form, where it does.
    pub form: Option<Form>,
}

/// A form: what a plugin may fill in, and what the operator adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Names of fields that a plugin may fill in; no others.
    pub fields: Vec<String>,
    /// The operator's own.
    pub added: Vec<(String, String)>,
}

/// How the host proves itself to the other side.
pub enum Auth {
    /// HTTP Basic.
    Basic {
        /// The user name; Freshdesk's API key.
        user: Secret,
        /// The password.
        password: Secret,
    },
    /// `Authorization: Bearer …`.
    Bearer(Secret),
}

/// A URL that cannot be the base of a binding.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadBase {
    /// Neither https nor http.
    #[error("its scheme must be https")]
    Scheme,
    /// http to another machine.
    #[error("http goes to loopback only; use https")]
    PlainHttp,
    /// A user or password in the URL.
    #[error("it must not hold a user or password; use `auth`")]
    UserInfo,
    /// A query or fragment.
    #[error("it must end with its path, without `?` and `#`")]
    Query,
    /// No host.
    #[error("it names no host")]
    NoHost,
}

/// Checks a base URL: https, or http to `localhost` or a loopback address; no user, query, fragment.
///
/// # Errors
/// [`BadBase`] says what is wrong.
pub fn check_base(base: &Url) -> Result<(), BadBase> {
    let loopback = match base.host().ok_or(BadBase::NoHost)? {
        Host::Domain(name) => is_localhost(name),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    match base.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err(BadBase::PlainHttp),
        _ => return Err(BadBase::Scheme),
    }
    if !base.username().is_empty() || base.password().is_some() {
        return Err(BadBase::UserInfo);
    }
    if base.query().is_some() || base.fragment().is_some() {
        return Err(BadBase::Query);
    }
    Ok(())
}

impl Binding {
    /// A body as it leaves: a JSON object of texts becomes a form, where the binding has forms.
    pub(super) fn encoded(&self, body: Vec<u8>) -> Result<Vec<u8>, String> {
        let Some(form) = self.form.as_ref().filter(|_| !body.is_empty()) else { return Ok(body) };
        let wrong = || "the body of a form is a JSON object of texts".to_owned();
        let fields: BTreeMap<String, String> = serde_json::from_slice(&body).map_err(|_| wrong())?;
        if !fields.keys().all(|name| form.fields.contains(name)) {
            return Err(format!("a plugin fills in {} of this form, and nothing else", form.fields.join(", ")));
        }
        let added = form.added.iter().map(|(name, value)| (name, value));
        Ok(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields.iter().chain(added)).finish().into_bytes())
    }

    /// The URL of a request, if a rule allows it. The reason otherwise, without the path itself.
    pub(super) fn url(&self, method: &str, path: &str) -> Result<Url, String> {
        let checked = Checked::parse(path)?;
        if !self.rules.iter().any(|rule| rule.allows(method, &checked)) && guard::stands(Guard::Rules) {
            return Err(format!("no rule of binding `{}` allows this {} request", self.name, known(method)));
        }
        self.below(path)
    }

    /// The URL of a path below the base.
    pub(super) fn below(&self, path: &str) -> Result<Url, String> {
        let checked = Checked::parse(path)?;
        let text = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let url = Url::parse(&text).map_err(|_| "the path makes no URL".to_owned())?;
        let same = url.origin() == self.base.origin() && url.username().is_empty() && url.password().is_none();
        // Nothing may have been normalised away: what was checked is what is sent.
        let stays = same && url.path().ends_with(checked.path) && url.as_str() == text;
        if stays || !guard::stands(Guard::Base) { Ok(url) } else { Err("the path leaves the base URL".to_owned()) }
    }

    /// The rule that allows a request, as the operator wrote it: method and path pattern.
    pub(crate) fn rule(&self, method: &str, path: &str) -> Option<String> {
        let checked = Checked::parse(path).ok()?;
        self.rules.iter().find(|rule| rule.allows(method, &checked)).map(|rule| format!("{} {}", known(method), rule.pattern()))
    }

    /// Whether a body of this content type may be read.
    pub(super) fn reads(&self, content_type: Option<&str>) -> bool {
        let kind = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        self.content_types.iter().any(|known| known.eq_ignore_ascii_case(kind))
    }
}

fn known(method: &str) -> &str {
    if super::path::METHODS.contains(&method) { method } else { "odd" }
}
