//! Who asks, and what they may (`design.md` §3).
//!
//! Lives here: the bearer as a value: a handler that takes one cannot run for nobody.
//! Never here: the token's arithmetic (`jwt.rs`).

use super::Api;
use super::jwt::Key;
use super::refusal::Refusal;
use super::sender::Sender;
use crate::egress::Secret;
use axum::extract::{FromRequestParts, Query};
use axum::http::header;
use axum::http::request::Parts;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// What opens the API: neither of them, and it is closed.
pub struct Guard {
    token: Option<[u8; 32]>,
    key: Option<Key>,
}

impl Guard {
    /// A guard for `CENTRALITA_AUTH_TOKEN` and `JWT_SECRET`.
    pub fn new(token: Option<&Secret>, jwt_secret: Option<&Secret>) -> Self {
        Self { token: token.map(|token| Sha256::digest(token.reveal()).into()), key: jwt_secret.map(|secret| Key::new(secret.reveal().as_bytes())) }
    }

    fn knows(&self, text: &str) -> Option<Bearer> {
        let given: [u8; 32] = Sha256::digest(text).into();
        if self.token.is_some_and(|token| bool::from(token.ct_eq(&given))) {
            return Some(Bearer::Admin);
        }
        let user = self.key.as_ref()?.user(text)?;
        Some(match user.role.as_str() {
            "admin" => Bearer::Admin,
            "user" => Bearer::User(user.username),
            _ => Bearer::Nobody,
        })
    }
}

/// Somebody whose token has been checked. There is no other constructor than the request.
pub(super) enum Bearer {
    /// The token of the installation, or a JWT of role `admin`.
    Admin,
    /// A JWT of role `user`: only what is theirs.
    User(String),
    /// A JWT of another role.
    Nobody,
}

const ONLY_ADMIN: &str = "only the token of the installation or a JWT of role `admin` may do this";

impl Bearer {
    /// Whether a text that begins with `/` counts whoever offered it.
    pub(super) const fn is_admin(&self) -> bool {
        matches!(self, Self::Admin)
    }

    /// Passes administrators.
    pub(super) const fn admin(&self) -> Result<(), Refusal> {
        if self.is_admin() { Ok(()) } else { Err(Refusal::NotAuthorized(ONLY_ADMIN)) }
    }

    /// Passes administrators, and whoever the conversation is held with.
    pub(super) fn of(&self, sender: &Sender) -> Result<(), Refusal> {
        match self {
            Self::Admin => Ok(()),
            Self::User(name) if name == sender.as_str() => Ok(()),
            Self::User(_) => Err(Refusal::NotAuthorized("a JWT of role `user` reaches the conversation of its own `username` only")),
            Self::Nobody => Err(Refusal::NotAuthorized("a JWT has the role `admin` or `user`")),
        }
    }
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

impl FromRequestParts<Arc<Api>> for Bearer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Refusal> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = header.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        let query = Query::<Token>::try_from_uri(&parts.uri).ok().and_then(|Query(query)| query.token);
        let known = bearer.and_then(|token| api.guard.knows(token)).or_else(|| api.guard.knows(query.as_deref()?));
        if known.is_none() {
            tracing::warn!(url.path = parts.uri.path(), given = bearer.is_some() || query.is_some(), "A request of the API is refused");
        }
        known.ok_or(Refusal::NotAuthenticated)
    }
}
