//! What we ask of Twilio's REST API: a call out, and where a number's calls go.
//!
//! Lives here: the requests, and what an answer means for whether something was done.
//! Never here: who may be called (`outbound`), what a number should be set to (`setup`), sockets (`egress`).
//!
//! The fields of a number are from general knowledge of the API and were not tried against it.

use super::PhoneNumber;
use crate::egress::{Answer, Auth, Binding, Egress, Failure, FailureKind, Request, Rule, Secret};
use crate::settings::Account;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// The name of the binding in messages.
const NAME: &str = "twilio";
/// How long a request may take; Twilio's own limit is longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The API with an account's credential. No `Debug`: it holds a token.
pub struct Api {
    egress: Egress,
    binding: Binding,
}

/// Why nothing came of a request. It holds no number and no token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 401.
    #[error("Twilio does not know this account or its token (20003), and nothing was done; check TWILIO_ACCOUNT_SID and the first token of TWILIO_AUTH_TOKEN")]
    Credential,
    /// 429.
    #[error("Twilio takes no more requests of this account at the moment (20429), and nothing was done; try again in {seconds} s")]
    Busy {
        /// How long to wait.
        seconds: u64,
    },
    /// Any other 4xx.
    #[error("Twilio refuses it ({status}, code {code}), and nothing was done: {advice}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Twilio's code; 0 without one.
        code: u64,
        /// What to do.
        advice: String,
    },
    /// A status that says neither yes nor no.
    #[error("Twilio failed ({status}), and whether it was done is not known; look at Twilio's own log before repeating it")]
    Failed {
        /// The HTTP status.
        status: u16,
    },
    /// An answer that cannot be read.
    #[error("Twilio's answer cannot be read: {what}; check TWILIO_API_URL")]
    Unreadable {
        /// What is missing.
        what: &'static str,
    },
    /// No answer.
    #[error("no answer of Twilio ({0}), and {known}", known = known(.0))]
    NoAnswer(Failure),
}

fn known(failure: &Failure) -> &'static str {
    match failure.kind {
        FailureKind::Unknown => "whether it was done is not known; look at Twilio's own log before repeating it",
        FailureKind::Refused | FailureKind::Unavailable | FailureKind::Timeout | FailureKind::Busy => {
            "nothing was done; check this machine's network, and TWILIO_API_URL if it is set"
        }
    }
}

impl Error {
    /// Whether the request may have been carried out all the same.
    pub fn leaves_doubt(&self) -> bool {
        match self {
            Self::Failed { .. } | Self::Unreadable { .. } => true,
            Self::NoAnswer(failure) => failure.kind == FailureKind::Unknown,
            Self::Credential | Self::Busy { .. } | Self::Refused { .. } => false,
        }
    }

    /// Whether the next number would fare no better.
    pub const fn concerns_everyone(&self) -> bool {
        match self {
            Self::Credential | Self::Busy { .. } | Self::Failed { .. } | Self::Unreadable { .. } | Self::NoAnswer(_) => true,
            Self::Refused { code, .. } => !matches!(code, 21211 | 21214 | 21215 | 21216 | 21217 | 21219),
        }
    }
}

/// A number of the account as Twilio shows it. No `Debug`: it holds the number.
pub struct Number(Value);

impl Number {
    /// Twilio's own name for it, `PN…`.
    pub fn sid(&self) -> &str {
        self.field("sid")
    }

    /// A field as text; empty if it is not set.
    pub fn field(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }
}

impl Api {
    /// The API of an account.
    pub fn new(account: &Account) -> Result<Self, Error> {
        let unreadable = || Error::Unreadable { what: "the address makes no URL" };
        let base = account.api.join(&format!("/2010-04-01/Accounts/{}", account.sid)).map_err(|_| unreadable())?;
        let rule = |methods: &[&str], path: &str, query: &[&str]| {
            let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
            Rule::new(words(methods), path, words(query)).map_err(|_| unreadable())
        };
        let rules = vec![
            rule(&["POST"], "/Calls.json", &[])?,
            rule(&["GET"], "/IncomingPhoneNumbers.json", &["PhoneNumber"])?,
            rule(&["POST"], "/IncomingPhoneNumbers/{sid}", &[])?,
        ];
        let auth = Auth::Basic { user: Secret::new(account.sid.as_str()), password: Secret::new(account.token.reveal()) };
        let binding = Binding {
            name: NAME.to_owned(),
            base,
            auth: Some(auth),
            rules,
            max_request: 16 << 10,
            max_response: 256 << 10,
            content_types: vec!["application/json".to_owned()],
            timeout: PATIENCE,
            rate_per_hour: None,
            retries: 1,
            form: None,
        };
        Ok(Self { egress: Egress::new(), binding })
    }

    /// Has Twilio call somebody; its name for the call, if it gave one. What `form` holds is Twilio's create-call.
    ///
    /// # Errors
    /// [`Error`]; [`Error::leaves_doubt`] says whether it may ring all the same.
    pub async fn call(&self, form: &[(&str, &str)]) -> Result<Option<String>, Error> {
        let taken = self.post("/Calls.json", form).await?;
        let sid = taken["sid"].as_str().filter(|sid| sid.len() == 34 && sid.starts_with("CA") && sid.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        Ok(sid.map(str::to_owned))
    }

    /// A number of the account; none if it is not one of its.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn number(&self, number: &PhoneNumber) -> Result<Option<Number>, Error> {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("PhoneNumber", number.as_str()).finish();
        let request = Request { method: "GET".into(), path: format!("/IncomingPhoneNumbers.json?{query}"), headers: accept(), body: Vec::new() };
        let mut found = self.send(request).await?;
        let numbers = found["incoming_phone_numbers"].as_array_mut().ok_or(Error::Unreadable { what: "it lists no numbers" })?;
        // Twilio may match more than was asked for.
        let same = |found: &Value| found["phone_number"].as_str().and_then(|text| PhoneNumber::parse(text).ok()).is_some_and(|found| found == *number);
        Ok(numbers.iter_mut().find(|found| same(found)).map(|found| Number(found.take())))
    }

    /// Changes fields of a number, by the names of Twilio's parameters; the number as it is then.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn set(&self, number: &Number, form: &[(&str, &str)]) -> Result<Number, Error> {
        self.post(&format!("/IncomingPhoneNumbers/{}.json", number.sid()), form).await.map(Number)
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<Value, Error> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut headers = accept();
        headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
        self.send(Request { method: "POST".into(), path: path.to_owned(), headers, body: body.into_bytes() }).await
    }

    async fn send(&self, request: Request) -> Result<Value, Error> {
        let answer = self.egress.send(&self.binding, request).await.map_err(Error::NoAnswer)?;
        match answer.status {
            200..=299 => serde_json::from_slice(&answer.body).map_err(|_| Error::Unreadable { what: "it is no JSON" }),
            401 => Err(Error::Credential),
            429 => Err(Error::Busy { seconds: answer.header("retry-after").and_then(|seconds| seconds.parse().ok()).unwrap_or(60) }),
            // A gateway that gave up waiting does not know either.
            status @ 400..=499 if status != 408 => Err(refused(&answer)),
            status => Err(Error::Failed { status }),
        }
    }
}

fn accept() -> Vec<(String, String)> {
    vec![("accept".into(), "application/json".into())]
}

/// The message of Twilio may repeat the number, so ours stands in its place.
fn refused(answer: &Answer) -> Error {
    let code = serde_json::from_slice::<Value>(&answer.body).ok().and_then(|body| body["code"].as_u64()).unwrap_or_default();
    let advice = match code {
        20404 => "there is no such account or number; check TWILIO_ACCOUNT_SID".to_owned(),
        21205 => "it does not take the address; check TWILIO_WEBHOOK_URL".to_owned(),
        21210 | 21212 | 21213 => "TWILIO_PHONE_NUMBER is no number of this account that may call".to_owned(),
        21211 | 21214 | 21217 => "this number cannot be called".to_owned(),
        21215 => "calls to this country are not allowed; allow it in the account's permissions by country".to_owned(),
        21216 => "this number is blocked at Twilio".to_owned(),
        21219 => "a trial account calls verified numbers only; verify it, or pay for the account".to_owned(),
        0 => "it gives no code; check TWILIO_API_URL".to_owned(),
        code => format!("see https://www.twilio.com/docs/errors/{code}"),
    };
    Error::Refused { status: answer.status, code, advice }
}

/// The address of another of our webhooks, beside the one that takes calls.
pub(super) fn beside(webhook: &Url, path: &str) -> String {
    let mut url = webhook.clone();
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}
