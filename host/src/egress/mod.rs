//! Every request a plugin sends leaves through here, to a named binding and by its rules.
//!
//! Lives here: sending one request, counting what comes back, and saying what is known about it
//! when nothing comes back. Beside it: [`Binding`], paths, headers, addresses.
//! Never here: values and tokens (`grants::values`), the journal (store), which plugin may send.

mod address;
mod binding;
mod failure;
mod headers;
mod path;
mod secret;

pub use address::{Names, special};
pub use binding::{Auth, BadBase, Binding, Form, check_base};
pub use failure::{Failure, FailureKind};
pub(crate) use path::Checked;
pub use path::{BadRule, Rule, is_safe};
pub use secret::Secret;

use crate::guard::{self, Guard};
use address::{CheckedNames, Reach};
pub(crate) use failure::causes;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a connection may take to stand, at most.
const CONNECT: Duration = Duration::from_secs(3);
/// The pause before a safe request is repeated; it doubles.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes ring the process's TLS provider. Any number of calls is fine; an earlier choice stays.
pub fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error only says that another provider is there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// A request as a plugin asks for it. Tokens have been put back before it comes here.
pub struct Request {
    /// `GET`, `POST`, …, in capitals.
    pub method: String,
    /// Below the base URL: begins with `/`, may have a query.
    pub path: String,
    /// Headers; only those of the list in `headers.rs` are let through.
    pub headers: Vec<(String, String)>,
    /// The body; empty for safe methods.
    pub body: Vec<u8>,
}

/// What the other side answered. Any status is an answer.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers of the list in `headers.rs`, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, at most the binding's `max_response` bytes; empty when the status is no success and
    /// the content type is not one the binding lists (a gateway's HTML page).
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the request may have been executed although the status says failure: 500 and what
    /// gateways answer (502, 503, 504).
    pub fn leaves_doubt(&self) -> bool {
        matches!(self.status, 500 | 502 | 503 | 504)
    }

    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What every client of ours begins with: no proxy of the environment, no redirects, no repetition of its own, and
/// nothing said about where a request comes from.
pub(crate) fn client() -> reqwest::ClientBuilder {
    install_tls();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(if guard::stands(Guard::Redirects) { reqwest::redirect::Policy::none() } else { reqwest::redirect::Policy::limited(3) })
        .retry(reqwest::retry::never())
        .referer(false)
        .user_agent(concat!("centralita/", env!("CARGO_PKG_VERSION")))
}

/// The resolver of a client that asks where the operator sent it: machines inside are meant, what no server has is not.
pub(crate) fn names_inside() -> Arc<CheckedNames> {
    Arc::new(CheckedNames { names: Names::system(), reach: Reach::Inside })
}

/// The way out. One per process: it holds connections and rate budgets by binding.
pub struct Egress {
    names: Names,
    lines: Mutex<HashMap<String, Arc<Line>>>,
}

/// What is kept between requests to one binding.
struct Line {
    client: reqwest::Client,
    budget: Option<DefaultDirectRateLimiter>,
}

impl Default for Egress {
    fn default() -> Self {
        Self::new()
    }
}

impl Egress {
    /// The way out, with the names of the system's resolver.
    pub fn new() -> Self {
        Self::with_names(Names::system())
    }

    /// The way out with other names: tests answer DNS themselves.
    pub fn with_names(names: Names) -> Self {
        install_tls();
        Self { names, lines: Mutex::default() }
    }

    /// Sends one request to a binding and reads the answer.
    ///
    /// A safe request (GET, HEAD) is repeated up to `binding.retries` times within the binding's
    /// timeout when it got no answer; nothing else is ever repeated here.
    ///
    /// # Errors
    /// [`Failure`]: `Refused` by a rule and `Busy` (rate) before anything left; `Unavailable` when
    /// no connection stood, so nothing was executed; `Timeout` for a safe request; `Unknown` when the
    /// request was sent and may have been executed.
    pub async fn send(&self, binding: &Binding, request: Request) -> Result<Answer, Failure> {
        let url = binding.url(&request.method, &request.path).map_err(Failure::refused)?;
        self.sent(binding, Ready::check(binding, url, request)?).await
    }

    /// Sends a request that the operator wrote, and no plugin asks for: what `allow` says does not bind it.
    ///
    /// # Errors
    /// As for [`Egress::send`].
    pub(crate) async fn send_as_operator(&self, binding: &Binding, request: Request) -> Result<Answer, Failure> {
        let url = binding.below(&request.path).map_err(Failure::refused)?;
        self.sent(binding, Ready::check(binding, url, request)?).await
    }

    async fn sent(&self, binding: &Binding, ready: Ready) -> Result<Answer, Failure> {
        let line = self.line(binding)?;
        let deadline = Instant::now() + binding.timeout;
        let mut pause = PAUSE;
        for left in (0..=ready.repeats).rev() {
            if line.budget.as_ref().is_some_and(|budget| budget.check().is_err()) {
                let rate = binding.rate_per_hour.map_or(0, NonZeroU32::get);
                return Err(Failure::busy(format!("binding `{}` is at its rate of {rate} requests per hour", binding.name)));
            }
            let answer = once(&line.client, binding, &ready, deadline).await;
            let again = matches!(&answer, Err(failure) if failure.kind == FailureKind::Unavailable);
            if !again || left == 0 || Instant::now() + pause >= deadline {
                return answer;
            }
            sleep(pause).await;
            pause *= 2;
        }
        Err(Failure::unavailable("no attempt was made"))
    }

    fn line(&self, binding: &Binding) -> Result<Arc<Line>, Failure> {
        // A changed address, timeout or rate is another line; an unchanged one keeps its budget over reloads.
        let key = format!("{} {} {:?} {:?}", binding.name, binding.base, binding.timeout, binding.rate_per_hour);
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&key) {
            return Ok(line.clone());
        }
        let line = Arc::new(Line::open(binding, &self.names)?);
        lines.insert(key, line.clone());
        Ok(line)
    }
}

impl Line {
    fn open(binding: &Binding, names: &Names) -> Result<Self, Failure> {
        check_base(&binding.base).map_err(|error| Failure::refused(error.to_string()))?;
        let reach = Reach::of(&binding.base);
        let mut builder = client()
            .connect_timeout(CONNECT.min(binding.timeout / 2))
            .pool_idle_timeout(Duration::from_secs(30))
            .dns_resolver(Arc::new(CheckedNames { names: names.clone(), reach }));
        if binding.base.scheme() == "http" {
            // Loopback only; a machine without root certificates can still talk to its own stand-ins.
            builder = builder.tls_certs_only([]);
        } else {
            builder = builder.https_only(true);
        }
        let client = builder.build().map_err(|error| Failure::unavailable(format!("no TLS client: {}", failure::causes(&error))))?;
        Ok(Self { client, budget: binding.rate_per_hour.map(|rate| RateLimiter::direct(Quota::per_hour(rate))) })
    }
}

/// A request that has passed every rule of its binding.
struct Ready {
    method: reqwest::Method,
    url: url::Url,
    headers: HeaderMap,
    body: Vec<u8>,
    safe: bool,
    repeats: u8,
}

impl Ready {
    fn check(binding: &Binding, url: url::Url, request: Request) -> Result<Self, Failure> {
        let safe = is_safe(&request.method);
        let mut headers = headers::sent(&request.headers).map_err(Failure::refused)?;
        if safe && !request.body.is_empty() {
            return Err(Failure::refused(format!("a {} has no body", request.method)));
        }
        // A form without a field of the plugin's has the operator's all the same.
        let body = if binding.form.is_some() && !safe && request.body.is_empty() { b"{}".to_vec() } else { request.body };
        let body = binding.encoded(body).map_err(Failure::refused)?;
        if body.len() > binding.max_request {
            return Err(Failure::refused(format!("a request of {} bytes; the binding allows {}", body.len(), binding.max_request)));
        }
        if binding.form.is_some() && !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        } else if !body.is_empty() {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        let method = request.method.parse().map_err(|_| Failure::refused("no HTTP method"))?;
        Ok(Self { method, url, headers, body, safe, repeats: if safe { binding.retries } else { 0 } })
    }
}

async fn once(client: &reqwest::Client, binding: &Binding, ready: &Ready, deadline: Instant) -> Result<Answer, Failure> {
    let mut request = client.request(ready.method.clone(), ready.url.clone()).headers(ready.headers.clone());
    request = match &binding.auth {
        None => request,
        Some(Auth::Basic { user, password }) => request.basic_auth(user.reveal(), Some(password.reveal())),
        Some(Auth::Bearer(token)) => request.bearer_auth(token.reveal()),
    };
    if !ready.body.is_empty() {
        request = request.body(ready.body.clone());
    }
    match timeout_at(deadline, async { read(request.send().await?, binding, ready.safe).await }).await {
        Ok(answered) => answered.map_err(|error| error.settle(ready.safe)),
        Err(_) => Err(Failure::no_answer(ready.safe, format!("no answer within {} ms", binding.timeout.as_millis()))),
    }
}

/// A failure, or an error of the client that still has to be read.
enum Lost {
    Client(reqwest::Error),
    Known(Failure),
}

impl From<reqwest::Error> for Lost {
    fn from(error: reqwest::Error) -> Self {
        Self::Client(error)
    }
}

impl Lost {
    fn settle(self, safe: bool) -> Failure {
        match self {
            Self::Client(error) => Failure::of(&error, safe),
            Self::Known(failure) => failure,
        }
    }
}

async fn read(mut response: reqwest::Response, binding: &Binding, safe: bool) -> Result<Answer, Lost> {
    let status = response.status();
    let headers = headers::received(response.headers());
    let kind = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    let readable = binding.reads(kind);
    if !readable && !status.is_success() {
        return Ok(Answer { status: status.as_u16(), headers, body: Vec::new() });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > binding.max_response {
            return Err(Lost::Known(Failure::unusable(safe, format!("an answer of more than {} bytes", binding.max_response))));
        }
        body.extend_from_slice(&chunk);
    }
    if !readable && !body.is_empty() {
        return Err(Lost::Known(Failure::unusable(safe, "an answer of a content type that the binding does not list")));
    }
    Ok(Answer { status: status.as_u16(), headers, body })
}

#[cfg(test)]
mod tests;
