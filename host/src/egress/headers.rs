//! Which headers cross the border, in each direction.
//!
//! Lives here: two lists and the shape of a value. What is not listed does not cross: `host`,
//! `authorization`, `cookie`, `transfer-encoding`, `content-length`, `connection`, `proxy-*` are the
//! host's own business.

use crate::guard::{self, Guard};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

const SENT: [&str; 8] = ["accept", "accept-language", "content-language", "content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id"];
const RECEIVED: [&str; 11] = [
    "content-language",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "link",
    "retry-after",
    "x-ratelimit-remaining",
    "x-ratelimit-total",
    "x-ratelimit-used-currentrequest",
    "x-request-id",
];
const VALUE: usize = 1024;

/// A plugin's headers as they will be sent.
pub(super) fn sent(asked: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in asked {
        let name = name.to_ascii_lowercase();
        let Some(known) = SENT.iter().find(|known| **known == name) else {
            if let (false, Ok(name), Ok(value)) = (guard::stands(Guard::Headers), HeaderName::try_from(&name), HeaderValue::from_str(value)) {
                headers.insert(name, value);
                continue;
            }
            return Err(format!("a plugin does not send that header; it may send {}", SENT.join(", ")));
        };
        if value.len() > VALUE || !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(format!("the value of `{known}` must be at most {VALUE} printable ASCII characters"));
        }
        let value = HeaderValue::from_str(value).map_err(|_| format!("the value of `{known}` is no header value"))?;
        if headers.insert(HeaderName::from_static(known), value).is_some() {
            return Err(format!("`{known}` is given twice"));
        }
    }
    Ok(headers)
}

/// The headers of an answer that a plugin may see.
pub(super) fn received(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(|value| (name.to_owned(), value.chars().take(VALUE).collect()));
    RECEIVED.iter().filter_map(|name| text(name)).collect()
}
