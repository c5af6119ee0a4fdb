//! Who gets in: the right host name, no other site's page, and the token.
//!
//! Lives here: the checks in their order, the cookie, the headers of every answer.
//! Never here: what is behind the door.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use subtle::ConstantTimeEq as _;

use super::{Parts, pages};

/// On every answer. No inline script or style, nothing from elsewhere, no frame around it.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(self)"),
];

/// Lets a request through, or says why not.
pub(super) async fn guard(State(parts): State<Arc<Parts>>, request: Request, next: Next) -> Response {
    let with_token = parameter(request.uri(), "token").is_some();
    let mut response = match refusal(&parts, &request) {
        None => next.run(request).await,
        Some(refusal) => {
            if with_token {
                let what = if refusal.status() == StatusCode::SEE_OTHER { "login" } else { "login refused" };
                parts.view.audit(serde_json::json!({ "what": what })).await;
            }
            refusal
        }
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// What stands in the way of a request, if anything does.
fn refusal(parts: &Parts, request: &Request) -> Option<Response> {
    let (headers, uri) = (request.headers(), request.uri());
    let Some(host) = host(headers, uri).filter(|host| is_ours(host, parts.bind)) else {
        return Some(refused(StatusCode::FORBIDDEN, pages::FOREIGN_HOST.to_owned()));
    };
    if let Some(origin) = headers.get(header::ORIGIN)
        && origin.as_bytes() != format!("http://{host}").as_bytes()
    {
        return Some(refused(StatusCode::FORBIDDEN, pages::FOREIGN_ORIGIN.to_owned()));
    }
    if uri.path() == "/metrics" {
        return None;
    }
    let name = cookie_name(parts.bind);
    if let Some(token) = parameter(uri, "token") {
        let fits = same(&token, &parts.token) && request.method() == Method::GET;
        let entered = fits.then(|| enter(&name, &parts.token, uri)).flatten();
        return Some(entered.unwrap_or_else(locked));
    }
    match cookie(headers, &name) {
        Some(token) if same(token, &parts.token) => None,
        Some(_) | None => Some(locked()),
    }
}

/// The name the request was sent to, with its port.
fn host(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    match uri.authority() {
        Some(authority) => Some(authority.as_str().to_owned()),
        None => Some(headers.get(header::HOST)?.to_str().ok()?.to_owned()),
    }
}

/// This machine, or the address we are bound to. Bound to all of them, any address will do: only a name can be
/// made to point here by somebody else. The port is free, as it is another one behind a tunnel.
fn is_ours(host: &str, bind: SocketAddr) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    match name.parse::<IpAddr>() {
        Ok(ip) => {
            let this_machine = ip == IpAddr::from([127, 0, 0, 1]);
            this_machine || ip == bind.ip() || bind.ip().is_unspecified()
        }
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    }
}

/// Cookies do not know ports: two servers of one machine need two names.
fn cookie_name(bind: SocketAddr) -> String {
    format!("centralita_{}", bind.port())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    form_urlencoded::parse(uri.query()?.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn same(given: &str, token: &str) -> bool {
    given.as_bytes().ct_eq(token.as_bytes()).into()
}

/// Keeps the token in a cookie that scripts cannot read, and leaves it out of the address.
fn enter(name: &str, token: &str, uri: &Uri) -> Option<Response> {
    let rest = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).filter(|(key, _)| key != "token");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
    let mark = if query.is_empty() { "" } else { "?" };
    // One slash: `//name` would be another site.
    let clean = format!("/{}{mark}{query}", uri.path().trim_start_matches('/'));
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict");
    let headers = [(header::LOCATION, HeaderValue::try_from(clean).ok()?), (header::SET_COOKIE, HeaderValue::try_from(cookie).ok()?)];
    Some((StatusCode::SEE_OTHER, headers).into_response())
}

fn locked() -> Response {
    refused(StatusCode::UNAUTHORIZED, pages::locked())
}

fn refused(status: StatusCode, body: String) -> Response {
    let html = body.starts_with("<!doctype");
    let media = if html { "text/html; charset=utf-8" } else { "text/plain; charset=utf-8" };
    (status, [(header::CONTENT_TYPE, media)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_the_bound_address_are_ours() {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 5006));
        let inner = SocketAddr::from(([10, 0, 0, 7], 5006));
        let every = SocketAddr::from(([0, 0, 0, 0], 5006));
        let check = |host: &str, bind, ours| assert_eq!(is_ours(host, bind), ours, "{host} {bind}");
        for host in ["127.0.0.1:5006", "localhost:9999", "LOCALHOST", "127.0.0.1"] {
            check(host, loopback, true);
        }
        for host in ["evil.example", "127.0.0.1.evil.example:5006", "10.0.0.7:5006", "localhost.evil.example", "", "a b"] {
            check(host, loopback, false);
        }
        check("10.0.0.7:5006", inner, true);
        check("10.0.0.9:5006", every, true);
        check("evil.example:5006", every, false);
    }
}
