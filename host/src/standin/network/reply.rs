//! Answers in the shapes the API has.
//!
//! Lives here: the error body and its codes, the page of a list, the headers.
//! Never here: when which error applies.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// One answer.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    kind: &'static str,
    body: String,
    headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub(super) fn json(status: u16, body: Value) -> Self {
        Self { status, kind: "application/json;charset=utf-8", body: body.to_string(), headers: Vec::new() }
    }

    /// One page with everything.
    pub(super) fn list(name: &str, items: Vec<Value>) -> Self {
        let end = items.len().saturating_sub(1);
        Self::json(200, json!({ name: items, "page": 0, "page_size": 50, "start": 0, "end": end, "next_page_uri": null, "previous_page_uri": null }))
    }

    fn error(status: u16, code: u32, message: &str) -> Self {
        let more = format!("https://www.twilio.com/docs/errors/{code}");
        Self::json(status, json!({ "code": code, "message": message, "more_info": more, "status": status }))
    }

    /// A parameter that is missing or wrong.
    pub(super) fn wrong(code: u32, message: &str) -> Self {
        Self::error(400, code, message)
    }

    pub(super) fn no_credential() -> Self {
        let mut reply = Self::error(401, 20003, "Authenticate");
        reply.headers.push(("www-authenticate", "Basic realm=\"Twilio API\"".to_owned()));
        reply
    }

    pub(super) fn not_found(path: &str) -> Self {
        Self::error(404, 20404, &format!("The requested resource {path} was not found"))
    }

    pub(super) fn wrong_method() -> Self {
        Self::error(405, 20004, "Method not allowed")
    }

    pub(super) fn too_large() -> Self {
        Self::error(413, 20413, "Request entity too large")
    }

    pub(super) fn too_many(seconds: u64) -> Self {
        let mut reply = Self::error(429, 20429, "Too Many Requests");
        reply.headers.push(("retry-after", seconds.to_string()));
        reply
    }

    pub(super) fn broken() -> Self {
        Self::error(500, 20500, "An internal server error has occurred")
    }

    pub(super) fn bad_gateway() -> Self {
        let body = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>".to_owned();
        Self { status: 502, kind: "text/html; charset=utf-8", body, headers: Vec::new() }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert("x-centralita-stand-in", HeaderValue::from_static(super::LABEL));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
