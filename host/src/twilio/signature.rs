//! `X-Twilio-Signature`: proof that a request comes from Twilio.
//!
//! Lives here: signing, and checking forms, other bodies and WebSocket upgrades.
//! Never here: where the public URL comes from (settings), which status a refusal gets (routes).

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::signed_url::SignedUrl;

/// The account's auth tokens: the first signs, any of them verifies. It has no `Debug`.
pub struct Signer {
    tokens: Vec<Hmac<Sha1>>,
}

/// Why a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// The header is absent.
    #[error("the request has no `X-Twilio-Signature`; only Twilio may call this address")]
    Missing,
    /// No token gives this signature for any spelling of the URL.
    #[error(
        "`X-Twilio-Signature` does not match; compare `TWILIO_WEBHOOK_URL` with the URL set at Twilio, and `TWILIO_AUTH_TOKEN` with the account's primary token"
    )]
    Mismatch,
    /// The body is no form, and the signed URL does not vouch for it.
    #[error("the body is not the one that `bodySHA256` in the signed URL names")]
    Body,
}

/// A list of auth tokens without a token in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no auth token in the list; write the account's primary token, or several with commas while rotating")]
pub struct NoToken;

impl Signer {
    /// Reads a comma list of auth tokens; more than one while they are rotated.
    ///
    /// # Errors
    /// [`NoToken`] if every item is empty.
    pub fn parse(tokens: &str) -> Result<Self, NoToken> {
        let tokens: Vec<_> =
            tokens.split(',').map(str::trim).filter(|token| !token.is_empty()).filter_map(|token| Hmac::new_from_slice(token.as_bytes()).ok()).collect();
        if tokens.is_empty() { Err(NoToken) } else { Ok(Self { tokens }) }
    }

    /// The signature of a request to `url` with these decoded form parameters, by the first token.
    pub fn sign(&self, url: &str, params: &[(String, String)]) -> String {
        let url = url.split_once('#').map_or(url, |(before, _)| before);
        self.tokens.first().map(|token| signature(token, url, &joined(params))).unwrap_or_default()
    }

    /// Checks a request: `url` is the public URL with the raw query, `content_type` and `header`
    /// are headers as received, `body` the raw bytes (empty for a GET).
    ///
    /// # Errors
    /// [`BadSignature`], without a hint at what would have been right.
    pub fn verify(&self, url: &str, content_type: &str, body: &[u8], header: Option<&str>) -> Result<(), BadSignature> {
        let header = header.ok_or(BadSignature::Missing)?;
        let url = SignedUrl::split(url).ok_or(BadSignature::Mismatch)?;
        let params = if is_form(content_type) {
            form_urlencoded::parse(body).map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
        } else {
            vouched(&url, body)?;
            Vec::new()
        };
        if self.knows(&url, &params, header) { Ok(()) } else { Err(BadSignature::Mismatch) }
    }

    /// Checks the GET that opens a WebSocket. `url` may say `https` or `wss`; the query may have
    /// been signed as part of the URL or as parameters.
    ///
    /// # Errors
    /// [`BadSignature`], as for [`Signer::verify`].
    pub fn verify_upgrade(&self, url: &str, header: Option<&str>) -> Result<(), BadSignature> {
        let header = header.ok_or(BadSignature::Missing)?;
        let url = SignedUrl::split(url).ok_or(BadSignature::Mismatch)?.upgraded();
        let known = self.knows(&url, &[], header) || self.knows(&url.without_query(), &url.query_pairs(), header);
        if known { Ok(()) } else { Err(BadSignature::Mismatch) }
    }

    fn knows(&self, url: &SignedUrl<'_>, params: &[(String, String)], header: &str) -> bool {
        let params = joined(params);
        let spellings = url.spellings();
        self.tokens.iter().any(|token| spellings.iter().any(|url| signature(token, url, &params).as_bytes().ct_eq(header.as_bytes()).into()))
    }
}

/// Whether a `Content-Type` header says that the body is a form.
pub fn is_form(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A body that is no form has its digest in the signed query; an empty one (GET) needs none.
fn vouched(url: &SignedUrl<'_>, body: &[u8]) -> Result<(), BadSignature> {
    let Some(named) = url.body_sha256() else {
        return if body.is_empty() { Ok(()) } else { Err(BadSignature::Body) };
    };
    let actual: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    if actual.as_bytes().ct_eq(named.as_bytes()).into() { Ok(()) } else { Err(BadSignature::Body) }
}

/// Keys in byte order, each with its distinct values in byte order, and no separators.
fn joined(params: &[(String, String)]) -> String {
    let mut sorted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, value) in params {
        sorted.entry(key).or_default().insert(value);
    }
    sorted.iter().flat_map(|(key, values)| values.iter().flat_map(move |value| [*key, *value])).collect()
}

fn signature(token: &Hmac<Sha1>, url: &str, params: &str) -> String {
    let mut mac = token.clone();
    mac.update(url.as_bytes());
    mac.update(params.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

const _: () = {
    // Stops compiling, as ambiguous, on the day somebody makes a `Signer` printable.
    trait Unprintable<Proof> {
        const OK: () = ();
    }
    impl<T> Unprintable<()> for T {}
    impl<T: std::fmt::Debug> Unprintable<u8> for T {}
    impl<T: std::fmt::Display> Unprintable<u16> for T {}
    <Signer as Unprintable<_>>::OK
};

#[cfg(test)]
#[path = "signature_vectors.rs"]
mod vectors;
