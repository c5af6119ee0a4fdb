//! A line to one server: where it is, under which name it is signed for, and one kept-alive client.
//!
//! Lives here: posting signed forms and what can go wrong with it.
//! Never here: the order of a call (`caller.rs`), `TwiML`.

use std::time::Duration;

use reqwest::{Client, StatusCode, header, redirect::Policy};
use url::{Position, Url};

use crate::twilio::{read::BadTwiml, signature::Signer};

/// What Twilio waits for an answer, connecting included.
const PATIENCE: Duration = Duration::from_secs(15);

/// A server as Twilio sees it.
pub struct Line {
    base: Url,
    sign_as: Option<Url>,
    signer: Option<Signer>,
    client: Client,
}

/// What a server answered to one request.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Content-Type`, empty if there is none.
    pub content_type: String,
    pub body: String,
}

/// Why a call could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("`{0}` is not an address to call; write http://HOST:PORT")]
    Address(String),
    #[error("the token in `.centralita/twilio-token` cannot be used: {0}; delete the file and start `dev` again")]
    Token(String),
    #[error("no HTTP client: {0}")]
    Client(reqwest::Error),
    #[error("no random bytes for a call's name: {0}")]
    Random(getrandom::Error),
    #[error("`{path}` did not answer: {cause}; is the server running, and within 15 s?")]
    NoAnswer { path: String, cause: String },
    #[error("`{path}` answered 403; sign with the server's token (TWILIO_AUTH_TOKEN, or run where `dev` runs) and with its public address (--sign-as)")]
    Forbidden { path: String },
    #[error("`{path}` answered {status}; Twilio would go to the fallback address")]
    Status { path: String, status: u16 },
    #[error("`{path}` answered `{content_type}`; TwiML must be `text/xml`")]
    NotXml { path: String, content_type: String },
    #[error("`{path}` answered TwiML that would not run as meant: {cause}")]
    Twiml { path: String, cause: BadTwiml },
    #[error("`{path}` names an address that cannot be resolved")]
    BadAction { path: String },
    #[error("the socket of a relay session failed: {cause}; look into the server's log")]
    Socket { cause: String },
    #[error("the call was redirected {0} times without a question")]
    Loop(usize),
    #[error("nobody listens: the call has ended")]
    Ended,
}

impl Line {
    /// A line to the server at `base`. Requests are signed by `signer`, as if sent to `sign_as`
    /// when that is given (the public address of a server behind a proxy), else to where they go.
    ///
    /// # Errors
    /// [`Trouble::Address`] if `base` or `sign_as` is not http, [`Trouble::Client`].
    pub fn new(base: Url, signer: Option<Signer>, sign_as: Option<Url>) -> Result<Self, Trouble> {
        for url in sign_as.iter().chain([&base]) {
            if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
                return Err(Trouble::Address(url[..Position::BeforePath].to_owned()));
            }
        }
        // One provider for the whole process; that somebody was first is no error.
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = Client::builder().redirect(Policy::none()).timeout(PATIENCE).user_agent("TwilioProxy/1.1");
        let client = if is_loopback(&base) { client.no_proxy() } else { client };
        Ok(Self { base, sign_as, signer, client: client.build().map_err(Trouble::Client)? })
    }

    /// The address of a call that comes in: the path of the base if it has one, else the usual one.
    ///
    /// # Errors
    /// [`Trouble::BadAction`] if the base cannot carry a path.
    pub fn webhook(&self) -> Result<Url, Trouble> {
        if self.base.path().len() > 1 { Ok(self.base.clone()) } else { self.resolve(&self.base, "/webhooks/twilio/webhook") }
    }

    /// An address that a document names, as seen from where the document came. One at the public
    /// address leads back to the base.
    ///
    /// # Errors
    /// [`Trouble::BadAction`].
    pub fn resolve(&self, document: &Url, action: &str) -> Result<Url, Trouble> {
        let bad = |_| Trouble::BadAction { path: document.path().to_owned() };
        let url = document.join(action).map_err(bad)?;
        match &self.sign_as {
            Some(public) if public.origin() == url.origin() => {
                Url::parse(&format!("{}{}", &self.base[..Position::BeforePath], &url[Position::BeforePath..])).map_err(bad)
            }
            _ => Ok(url),
        }
    }

    /// The signature of a request without a body to an address as the server names it.
    pub(super) fn signed(&self, url: &str) -> Option<String> {
        self.signer.as_ref().map(|signer| signer.sign(url, &[]))
    }

    /// Posts a form as Twilio does; `event` is the idempotency token, the same on a repetition.
    /// Any status is an answer.
    ///
    /// # Errors
    /// [`Trouble::NoAnswer`].
    pub async fn post(&self, url: &Url, params: &[(String, String)], event: &str) -> Result<Answer, Trouble> {
        let failed = |error: reqwest::Error| Trouble::NoAnswer { path: url.path().to_owned(), cause: cause(error) };
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let mut request = self
            .client
            .post(url.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
            .header(header::ACCEPT, "*/*")
            .header("I-Twilio-Idempotency-Token", event);
        if let Some(signer) = &self.signer {
            let base = self.sign_as.as_ref().unwrap_or(url);
            let signed = format!("{}{}", &base[..Position::BeforePath], &url[Position::BeforePath..Position::AfterQuery]);
            request = request.header("X-Twilio-Signature", signer.sign(&signed, params));
        }
        let response = request.body(body).send().await.map_err(failed)?;
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let (status, content_type) = (response.status().as_u16(), content_type.unwrap_or_default().to_owned());
        Ok(Answer { status, content_type, body: response.text().await.map_err(failed)? })
    }
}

impl Answer {
    /// The answer itself if its status is 2xx.
    ///
    /// # Errors
    /// [`Trouble::Forbidden`] or [`Trouble::Status`]; `url` names the place.
    pub fn successful(self, url: &Url) -> Result<Self, Trouble> {
        let path = || url.path().to_owned();
        match self.status {
            200..=299 => Ok(self),
            status if status == StatusCode::FORBIDDEN => Err(Trouble::Forbidden { path: path() }),
            status => Err(Trouble::Status { path: path(), status }),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The innermost reason, without the URL: its query holds a turn token.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut inner: &dyn std::error::Error = &error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
