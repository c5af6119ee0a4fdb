//! Refusals in Rasa's error JSON (`rasa-calm.md` §8.4).
//!
//! Lives here: each refusal's status and reason, and the one place that writes them.
//! Never here: when one is due.

use crate::calls::TurnError;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request of the API is turned away.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No bearer that we know.
    NotAuthenticated,
    /// A bearer that may not do this.
    NotAuthorized(&'static str),
    /// A request that cannot be read.
    BadRequest(String),
    /// A query parameter without a meaning.
    InvalidParameter(String),
    /// Something that is not there.
    NotFound(String),
    /// No answer in a form the client takes.
    NotAcceptable,
    /// Something else has to come first.
    Conflict(String),
    /// A body over the limit.
    TooLarge,
    /// A sender over the limit; seconds until the next message.
    TooMany(u64),
    /// Part of Rasa's API that we do not have.
    NotServed(String),
    /// The turn failed.
    Conversation(TurnError),
}

impl From<TurnError> for Refusal {
    fn from(error: TurnError) -> Self {
        Self::Conversation(error)
    }
}

impl Refusal {
    fn parts(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::NotAuthenticated => (
                StatusCode::UNAUTHORIZED,
                "NotAuthenticated",
                "the request names nobody we know; send `Authorization: Bearer` with CENTRALITA_AUTH_TOKEN or a JWT under JWT_SECRET that has not expired"
                    .into(),
            ),
            Self::NotAuthorized(what) => (StatusCode::FORBIDDEN, "NotAuthorized", (*what).into()),
            Self::BadRequest(what) => (StatusCode::BAD_REQUEST, "BadRequest", what.clone()),
            Self::InvalidParameter(what) => (StatusCode::BAD_REQUEST, "InvalidParameter", what.clone()),
            Self::NotFound(what) => (StatusCode::NOT_FOUND, "NotFound", what.clone()),
            Self::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, "NotAcceptable", "write `Accept: application/json` or `Accept: application/x-yaml`".into()),
            Self::Conflict(what) => (StatusCode::CONFLICT, "Conflict", what.clone()),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "BadRequest", "a body has at most 64 KB".into()),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", "this sender writes too often; wait as `Retry-After` says".into()),
            Self::NotServed(what) => (StatusCode::NOT_IMPLEMENTED, "NotImplemented", what.clone()),
            Self::Conversation(error) => {
                let message = "the conversation could not go on; nothing of this request was kept".into();
                tracing::error!(error = %error, "A request of the API failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "ConversationError", message)
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, reason, message) = self.parts();
        let body = json!({ "version": env!("CARGO_PKG_VERSION"), "status": "failure", "reason": reason, "message": message, "code": status.as_u16() });
        let mut response = (status, Json(body)).into_response();
        if let Self::TooMany(seconds) = self {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
