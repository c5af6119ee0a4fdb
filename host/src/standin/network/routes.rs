//! Which request is which, and the checks before anything is taken.
//!
//! Lives here: paths, methods, the credential, required parameters.
//! Never here: what is kept of a message or a call.

use super::On;
use super::book::{Book, Posted, SETTINGS, value};
use super::reply::Reply;
use crate::twilio::PhoneNumber;
use axum::body::Bytes;
use axum::http::header;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::Url;

/// The API's version, the first part of every path.
pub(super) const VERSION: &str = "2010-04-01";

/// A request taken apart.
pub(super) struct Asked {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    /// The body's parameters; none if it is no form.
    form: Vec<(String, String)>,
    basic: Option<String>,
}

impl Asked {
    pub(super) fn new(parts: &Parts, body: &Bytes) -> Self {
        let head = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_form = head(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim() == "application/x-www-form-urlencoded";
        let basic = head(header::AUTHORIZATION).strip_prefix("Basic ").and_then(|coded| STANDARD.decode(coded.trim()).ok());
        Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
            form: if is_form { pairs(body) } else { Vec::new() },
            basic: basic.and_then(|bytes| String::from_utf8(bytes).ok()),
        }
    }

    /// Whether the request proves to be of this account.
    pub(super) fn carries(&self, account: &str, token: &str) -> bool {
        self.basic.as_deref().and_then(|plain| plain.split_once(':')) == Some((account, token))
    }

    /// Whether a fault for these requests is for this one.
    pub(super) fn is(&self, on: On) -> bool {
        let posts = |end: &str| self.method == "POST" && self.path.ends_with(end);
        match on {
            On::Messages => posts("/Messages.json"),
            On::Calls => posts("/Calls.json"),
            On::All => true,
        }
    }

    fn field(&self, name: &str) -> Option<&str> {
        value(&self.form, name).filter(|value| !value.is_empty())
    }

    /// A number to call or write to, or the refusal.
    fn to(&self, missing: u32) -> Result<(), Reply> {
        let to = self.field("To").ok_or_else(|| Reply::wrong(missing, "A 'To' phone number is required."))?;
        PhoneNumber::parse(to).map(drop).map_err(|_| Reply::wrong(21211, &format!("The 'To' number {to} is not a valid phone number.")))
    }

    /// A number of the account, or the refusal.
    fn from(&self, book: &Book, missing: u32, foreign: u32) -> Result<(), Reply> {
        let from = self.field("From").ok_or_else(|| Reply::wrong(missing, "A 'From' phone number is required."))?;
        book.number(from).map(drop).ok_or_else(|| Reply::wrong(foreign, &format!("The 'From' number {from} is not a phone number of your account.")))
    }

    fn is_url(&self, name: &str) -> bool {
        self.field(name).is_none_or(|url| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()))
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// Answers a request whose credential is right.
pub(super) fn route(asked: &Asked, account: &str, book: &mut Book) -> Result<Reply, Reply> {
    let nothing = || Reply::not_found(&asked.path);
    let below = asked.path.strip_prefix('/').and_then(|path| path.strip_prefix(VERSION)).and_then(|path| path.strip_prefix("/Accounts/"));
    let below = below.and_then(|path| path.strip_prefix(account)).and_then(|path| path.strip_prefix('/')).ok_or_else(nothing)?;
    match (below, asked.method.as_str()) {
        ("Messages.json", "POST") => message(asked, book),
        ("Messages.json", "GET") => Ok(list(asked, "messages", &book.messages)),
        ("Calls.json", "POST") => call(asked, book),
        ("Calls.json", "GET") => Ok(list(asked, "calls", &book.calls)),
        ("IncomingPhoneNumbers.json", "GET") => {
            let wanted = value(&asked.query, "PhoneNumber");
            let numbers = book.numbers.iter().filter(|number| wanted.is_none_or(|wanted| number["phone_number"] == wanted));
            Ok(Reply::list("incoming_phone_numbers", numbers.cloned().collect()))
        }
        ("Messages.json" | "Calls.json" | "IncomingPhoneNumbers.json", _) => Err(Reply::wrong_method()),
        (path, method) => {
            let sid = path.strip_prefix("IncomingPhoneNumbers/").and_then(|path| path.strip_suffix(".json")).ok_or_else(nothing)?;
            match method {
                "POST" => update(asked, sid, book)?.map(|number| Reply::json(200, number)).ok_or_else(nothing),
                "GET" => book.numbers.iter().find(|number| number["sid"] == sid).map(|number| Reply::json(200, number.clone())).ok_or_else(nothing),
                _ => Err(Reply::wrong_method()),
            }
        }
    }
}

fn message(asked: &Asked, book: &mut Book) -> Result<Reply, Reply> {
    asked.to(21604)?;
    asked.from(book, 21603, 21606)?;
    asked.field("Body").ok_or_else(|| Reply::wrong(21602, "Message body is required."))?;
    Ok(Reply::json(201, book.message(&asked.form)))
}

fn call(asked: &Asked, book: &mut Book) -> Result<Reply, Reply> {
    asked.to(21201)?;
    asked.from(book, 21213, 21210)?;
    if asked.field("Url").is_none() || !asked.is_url("Url") {
        return Err(Reply::wrong(21205, "Url parameter is required and must be an absolute http or https address."));
    }
    Ok(Reply::json(201, book.call(&asked.form)))
}

fn update(asked: &Asked, sid: &str, book: &mut Book) -> Result<Option<Value>, Reply> {
    let right = |name: &str| match name.ends_with("Method") {
        true => asked.field(name).is_none_or(|method| matches!(method, "GET" | "POST")),
        false => asked.is_url(name),
    };
    match SETTINGS.iter().find(|(name, _)| !right(name)) {
        Some((name, _)) => Err(Reply::wrong(21205, &format!("{name} is not valid."))),
        None => Ok(book.update(sid, &asked.form)),
    }
}

/// The newest first, as the API lists them.
fn list(asked: &Asked, name: &str, kept: &[Posted]) -> Reply {
    let wanted = value(&asked.query, "To");
    Reply::list(name, kept.iter().rev().filter(|posted| wanted.is_none_or(|to| posted.field("To") == Some(to))).map(|posted| posted.shown.clone()).collect())
}
