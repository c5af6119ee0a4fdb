//! Answers in the shapes Freshdesk has.
//!
//! Lives here: the two error bodies, their codes, and the headers every answer carries.
//! Never here: when which error applies.

use super::quota::Spent;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// One answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    html: Option<&'static str>,
    headers: Vec<(&'static str, String)>,
}

/// One field that is wrong.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) field: String,
    pub(super) message: String,
    pub(super) code: &'static str,
}

impl Wrong {
    pub(super) fn new(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into(), code }
    }

    pub(super) fn missing(field: &str) -> Self {
        Self::new(field, "missing_field", "It should be a/an String")
    }
}

impl Reply {
    pub(super) const fn empty(status: u16) -> Self {
        Self { status, body: None, html: None, headers: Vec::new() }
    }

    pub(super) fn json(status: u16, body: Value) -> Self {
        Self { body: Some(body), ..Self::empty(status) }
    }

    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, json!({"code": code, "message": message}))
    }

    pub(super) fn not_logged_in() -> Self {
        Self::error(401, "invalid_credentials", "You have to be logged in to perform this action.")
    }

    pub(super) fn broken() -> Self {
        Self::error(500, "internal_error", "We're sorry, but something went wrong.")
    }

    pub(super) fn bad_gateway() -> Self {
        Self { html: Some("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"), ..Self::empty(502) }
    }

    pub(super) fn too_many(seconds: u64) -> Self {
        Self::json(429, json!({"message": "You have exceeded the limit of requests per hour"})).with("retry-after", seconds.to_string())
    }

    pub(super) fn wrong_method(asked: &str, allowed: &str) -> Self {
        let message = format!("{asked} method is not allowed. It should be one of these method(s): {allowed}");
        Self::json(405, json!({ "message": message })).with("allow", allowed.to_owned())
    }

    pub(super) fn wrong_type() -> Self {
        Self::error(415, "invalid_content_type", "Content-Type header is set to an unsupported value. It should be application/json")
    }

    pub(super) fn wrong_accept() -> Self {
        Self::error(406, "unsupported_accept_header", "Accept header should be application/json")
    }

    pub(super) fn no_json() -> Self {
        Self::error(400, "invalid_json", "Request body has invalid json format")
    }

    pub(super) fn invalid(wrong: &[Wrong]) -> Self {
        let errors: Vec<_> = wrong.iter().map(|wrong| json!({"field": wrong.field, "message": wrong.message, "code": wrong.code})).collect();
        Self::json(400, json!({"description": "Validation failed", "errors": errors}))
    }

    pub(super) fn with_quota(self, spent: &Spent) -> Self {
        self.with("x-ratelimit-total", spent.total.to_string())
            .with("x-ratelimit-remaining", spent.left.to_string())
            .with("x-ratelimit-used-currentrequest", spent.by_this.to_string())
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let (kind, body) = match (self.body, self.html) {
            (Some(json), _) => ("application/json; charset=utf-8", Body::from(json.to_string())),
            (None, Some(html)) => ("text/html; charset=utf-8", Body::from(html)),
            (None, None) => ("", Body::empty()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if !kind.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        headers.insert("x-freshdesk-api-version", HeaderValue::from_static("latest=v2; requested=v2"));
        headers.insert("x-centralita-stand-in", HeaderValue::from_static(super::LABEL));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
