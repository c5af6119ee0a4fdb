//! Which request is which, and the checks that come before a ticket is touched.
//!
//! Lives here: paths, methods, content types, the credential, the cost of a request.
//! Never here: what a ticket is.

use super::reply::{Reply, Wrong};
use super::tickets::Tickets;
use super::{ROOT, list};
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// A request taken apart.
pub(super) struct Asked {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

impl Asked {
    pub(super) fn new(parts: &Parts, body: Bytes) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: parts.headers.clone(),
            body,
        }
    }

    pub(super) fn is_create(&self) -> bool {
        self.method == "POST" && self.path.strip_prefix(ROOT) == Some("/tickets")
    }

    /// One credit, and two for each thing included.
    pub(super) fn credits(&self) -> u32 {
        1 + 2 * u32::try_from(self.includes().len()).unwrap_or(u32::MAX / 4)
    }

    /// What `include=` asks for.
    pub(super) fn includes(&self) -> Vec<&str> {
        self.parameter("include").map(|list| list.split(',').filter(|word| !word.is_empty()).collect()).unwrap_or_default()
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// The address of this request without its query, for links.
    pub(super) fn address(&self) -> String {
        let host = self.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        format!("http://{host}{}", self.path)
    }

    /// Whether the request proves to be of the agent with this key.
    pub(super) fn carries(&self, key: &str) -> bool {
        let basic = self.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
        let plain = basic.and_then(|coded| STANDARD.decode(coded.trim()).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
        plain.is_some_and(|plain| plain.split(':').next() == Some(key))
    }

    fn object(&self) -> Result<Map<String, Value>, Reply> {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            return Err(Reply::wrong_type());
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) | Err(_) => Err(Reply::no_json()),
        }
    }

    fn accepts_json(&self) -> bool {
        let accept = self.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
        ["*/*", "application/*", "application/json"].iter().any(|kind| accept.contains(kind))
    }

    fn allow(&self, methods: &str) -> Result<&str, Reply> {
        let known = methods.split(", ").any(|method| method == self.method);
        if known { Ok(&self.method) } else { Err(Reply::wrong_method(&self.method, methods)) }
    }
}

/// Answers a request whose rate and credential are fine.
pub(super) fn route(asked: &Asked, tickets: &mut Tickets) -> Result<Reply, Reply> {
    let nothing = || Reply::empty(404);
    let segments: Vec<&str> = asked.path.strip_prefix(ROOT).ok_or_else(nothing)?.trim_start_matches('/').split('/').collect();
    let (method, id) = match segments[..] {
        ["tickets"] => (asked.allow("GET, POST")?, None),
        ["tickets", id] => (asked.allow("GET, PUT, DELETE")?, Some(id)),
        ["tickets", id, "restore"] => (asked.allow("PUT")?, Some(id)),
        ["tickets", id, "notes" | "reply"] => (asked.allow("POST")?, Some(id)),
        ["tickets", id, "conversations"] => (asked.allow("GET")?, Some(id)),
        _ => return Err(nothing()),
    };
    if !asked.accepts_json() {
        return Err(Reply::wrong_accept());
    }
    let id = id.map(|id| id.parse().ok().filter(|id| tickets.has(*id)).ok_or_else(nothing)).transpose()?;
    match (method, id, segments.get(2)) {
        ("GET", None, _) => list::list(asked, tickets),
        (_, None, _) => {
            let ticket = tickets.create(asked.object()?)?;
            let address = format!("{}/{}", asked.address(), ticket["id"]);
            Ok(Reply::json(201, ticket).with("location", address))
        }
        ("GET", Some(id), None) => {
            includes(asked)?;
            Ok(Reply::json(200, tickets.show(id, &asked.includes())))
        }
        ("DELETE", Some(id), _) => tickets.delete(id),
        ("PUT", Some(id), Some(_)) => tickets.restore(id),
        (_, Some(id), Some(&"notes")) => tickets.note(id, &asked.object()?),
        (_, Some(id), Some(&"reply")) => tickets.reply(id, &asked.object()?),
        (_, Some(id), Some(_)) => Ok(Reply::json(200, tickets.conversations(id))),
        (_, Some(id), None) => tickets.change(id, &asked.object()?),
    }
}

fn includes(asked: &Asked) -> Result<(), Reply> {
    let known = ["conversations", "requester", "company", "stats"];
    match asked.includes().iter().find(|word| !known.contains(word)) {
        Some(_) => Err(Reply::invalid(&[Wrong::new("include", "invalid_value", format!("It should be one of these values: '{}'", known.join(",")))])),
        None => Ok(()),
    }
}
