//! The rules of a binding against a real server on loopback.

use super::*;
use axum::Router;
use axum::extract::Request as Asked;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{any, get};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn binding(base: &str) -> Binding {
    let rule = |methods: &[&str], path: &str| Rule::new(methods.iter().map(ToString::to_string).collect(), path, vec!["q".into()]).unwrap();
    Binding {
        name: "desk".into(),
        base: base.parse().unwrap(),
        auth: Some(Auth::Basic { user: Secret::new("key"), password: Secret::new("X") }),
        rules: vec![rule(&["GET", "POST"], "/tickets"), rule(&["GET"], "/{page}")],
        max_request: 100,
        max_response: 1000,
        content_types: vec!["application/json".into()],
        timeout: Duration::from_millis(500),
        rate_per_hour: None,
        retries: 0,
        form: None,
    }
}

fn ask(method: &str, path: &str) -> Request {
    Request { method: method.into(), path: path.into(), headers: vec![], body: vec![] }
}

fn post(body: &str) -> Request {
    Request { body: body.into(), ..ask("POST", "/tickets") }
}

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// A server on loopback with a page per trick; its base URL.
async fn serve() -> String {
    async fn echo(asked: Asked) -> impl IntoResponse {
        let header = |name: &str| asked.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let seen = serde_json::json!({
            "auth": header("authorization"), "kind": header("content-type"), "id": header("x-request-id"), "query": asked.uri().query(),
        });
        ([("content-type", "application/json; charset=utf-8"), ("retry-after", "2"), ("set-cookie", "a=b")], seen.to_string())
    }
    let router = Router::new()
        .route("/api/tickets", any(echo))
        .route("/api/redirect", get(|| async { Redirect::temporary("http://169.254.169.254/latest/meta-data") }))
        .route("/api/large", get(|| async { (JSON, "x".repeat(1001)) }))
        .route("/api/html", get(|| async { (axum::http::StatusCode::BAD_GATEWAY, axum::response::Html("<h1>502</h1>")) }))
        .route("/api/page", get(|| async { axum::response::Html("<h1>Hello</h1>") }))
        .route("/api/never", any(std::future::pending::<()>));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/api", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

/// A server that reads a request, sends these bytes and closes; its base URL and how often it was asked.
async fn raw(answer: &'static [u8]) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(answer).await;
        }
    });
    (base, asked)
}

async fn kind(binding: &Binding, request: Request) -> FailureKind {
    match Egress::new().send(binding, request).await {
        Ok(answer) => panic!("answered {}", answer.status),
        Err(failure) => failure.kind,
    }
}

#[tokio::test]
async fn the_host_adds_the_credential_and_only_listed_headers_cross() {
    let binding = binding(&serve().await);
    let request = Request { headers: vec![("X-Request-Id".into(), "7".into())], ..post("{}") };
    let answer = Egress::new().send(&binding, request).await.unwrap();
    let seen: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(seen, serde_json::json!({"auth": "Basic a2V5Olg=", "kind": "application/json", "id": "7", "query": null}));
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.header("set-cookie"), None);
}

#[tokio::test]
async fn a_header_a_plugin_may_not_send_is_refused() {
    let binding = binding(&serve().await);
    for (name, value) in [
        ("Authorization", "Basic x"),
        ("Host", "evil"),
        ("Cookie", "a"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "1"),
        ("Connection", "x"),
        ("Proxy-Authorization", "x"),
        ("X-Forwarded-For", "x"),
        ("accept", "a\r\nHost: evil"),
        ("accept", "a\nb"),
        ("accept\r\nHost", "x"),
        ("accept", "\u{e9}"),
    ] {
        let request = Request { headers: vec![(name.into(), value.into())], ..ask("GET", "/tickets") };
        assert_eq!(kind(&binding, request).await, FailureKind::Refused, "{name:?}: {value:?}");
    }
}

#[tokio::test]
async fn what_no_rule_allows_never_leaves() {
    let (base, asked) = raw(b"").await;
    let binding = binding(&base);
    for (method, path) in
        [("DELETE", "/tickets"), ("POST", "/other"), ("GET", "/tickets?other=1"), ("GET", "/../tickets"), ("GET", "//evil/tickets"), ("GET", "http://evil/")]
    {
        assert_eq!(kind(&binding, ask(method, path)).await, FailureKind::Refused, "{method} {path}");
    }
    assert_eq!(kind(&binding, post(&"x".repeat(101))).await, FailureKind::Refused);
    assert_eq!(kind(&binding, Request { body: b"x".to_vec(), ..ask("GET", "/tickets") }).await, FailureKind::Refused);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let answer = Egress::new().send(&binding(&serve().await), ask("GET", "/redirect")).await.unwrap();
    assert_eq!((answer.status, answer.header("location"), answer.body.len()), (307, None, 0));
}

#[tokio::test]
async fn an_answer_past_its_size_or_of_another_type_is_not_read() {
    let binding = binding(&serve().await);
    assert_eq!(kind(&binding, ask("GET", "/large")).await, FailureKind::Refused);
    assert_eq!(kind(&binding, ask("GET", "/page")).await, FailureKind::Refused);
    let answer = Egress::new().send(&binding, ask("GET", "/html")).await.unwrap();
    assert_eq!((answer.status, answer.body.len(), answer.leaves_doubt()), (502, 0, true));
}

#[tokio::test]
async fn an_endless_answer_without_length_is_cut_at_the_size() {
    let (base, _) = raw(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n01234567890123456789").await;
    let binding = Binding { max_response: 10, ..binding(&base) };
    assert_eq!(kind(&binding, ask("GET", "/tickets")).await, FailureKind::Refused);
    assert_eq!(kind(&binding, post("{}")).await, FailureKind::Unknown);
}

#[tokio::test]
async fn no_answer_in_time_is_a_timeout_for_a_get_and_unknown_for_a_post() {
    let mut binding = binding(&serve().await);
    binding.timeout = Duration::from_millis(80);
    binding.rules.push(Rule::new(vec!["POST".into()], "/never", vec![]).unwrap());
    assert_eq!(kind(&binding, ask("GET", "/never")).await, FailureKind::Timeout);
    assert_eq!(kind(&binding, ask("POST", "/never")).await, FailureKind::Unknown);
}

#[tokio::test]
async fn a_connection_that_ends_without_answer_leaves_a_post_unknown_and_never_repeats_it() {
    let (base, asked) = raw(b"").await;
    let binding = Binding { retries: 3, ..binding(&base) };
    assert_eq!(kind(&binding, post("{}")).await, FailureKind::Unknown);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(kind(&Binding { retries: 1, ..binding }, ask("GET", "/tickets")).await, FailureKind::Unavailable);
    assert_eq!(asked.load(Ordering::SeqCst), 3, "a GET is repeated as often as the binding says");
}

#[tokio::test]
async fn nobody_listening_means_nothing_was_executed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(kind(&binding(&base), post("{}")).await, FailureKind::Unavailable);
}

#[tokio::test]
async fn the_rate_of_a_binding_is_kept_before_anything_leaves() {
    let binding = Binding { rate_per_hour: NonZeroU32::new(2), ..binding(&serve().await) };
    let egress = Egress::new();
    for _ in 0..2 {
        assert!(egress.send(&binding, post("{}")).await.is_ok());
    }
    let failure = egress.send(&binding, post("{}")).await.err().unwrap();
    assert_eq!(failure.kind, FailureKind::Busy);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_even_if_one_of_its_addresses_is_public() {
    for inside in ["127.0.0.1", "10.0.0.8", "169.254.169.254", "100.64.1.1", "::1", "::ffff:192.168.0.1", "fd00::1"] {
        let addresses: Vec<IpAddr> = vec!["93.184.216.34".parse().unwrap(), inside.parse().unwrap()];
        let egress = Egress::with_names(Names::fixed([("desk.example".to_owned(), addresses)]));
        let failure = egress.send(&binding("https://desk.example/api"), post("{}")).await.err().unwrap();
        assert_eq!(failure.kind, FailureKind::Refused, "{inside}: {failure}");
    }
}

#[tokio::test]
async fn localhost_written_by_the_operator_is_loopback_and_nothing_else() {
    let base = serve().await;
    let binding = binding(&base.replace("127.0.0.1", "localhost"));
    let answer = |address: [u8; 4]| {
        let egress = Egress::with_names(Names::fixed([("localhost".to_owned(), vec![Ipv4Addr::from(address).into()])]));
        let binding = &binding;
        async move { egress.send(binding, ask("GET", "/tickets")).await.map(|answer| answer.status).map_err(|failure| failure.kind) }
    };
    assert_eq!(answer([127, 0, 0, 1]).await, Ok(200));
    assert_eq!(answer([10, 0, 0, 1]).await, Err(FailureKind::Refused));
}

#[test]
fn a_base_url_is_https_or_loopback_without_user_or_query() {
    let check = |base: &str| check_base(&base.parse().unwrap());
    for good in ["https://desk.example/api/v2", "http://127.0.0.1:8080", "http://[::1]:80/x", "http://localhost/x", "https://10.0.0.1/x"] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
    assert_eq!(check("http://desk.example"), Err(BadBase::PlainHttp));
    assert_eq!(check("http://10.0.0.1"), Err(BadBase::PlainHttp));
    assert_eq!(check("http://localhost.evil.example"), Err(BadBase::PlainHttp));
    assert_eq!(check("ftp://127.0.0.1"), Err(BadBase::Scheme));
    assert_eq!(check("https://user@desk.example"), Err(BadBase::UserInfo));
    assert_eq!(check("https://desk.example/?a=b"), Err(BadBase::Query));
    assert_eq!(check("file:///etc/passwd"), Err(BadBase::NoHost));
}

#[test]
fn a_body_leaves_as_a_form_with_the_operators_fields_and_nothing_of_a_plugin_in_their_place() {
    let form = Form { fields: vec!["To".into(), "Body".into()], added: vec![("From".into(), "+525500000100".into())] };
    let form = Binding { form: Some(form), ..binding("https://desk.example") };
    let encoded = |body: &str| form.encoded(body.as_bytes().to_vec()).map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(encoded(r#"{"To":"+525500000001","Body":"Código 1&2"}"#).unwrap(), "Body=C%C3%B3digo+1%262&To=%2B525500000001&From=%2B525500000100");
    assert_eq!(encoded("").unwrap(), "");
    for wrong in [r#"{"To":"1","From":"2"}"#, r#"{"To":"1","StatusCallback":"https://evil.example"}"#, r#"{"To":["1"]}"#, "To=1", "[]", r#"{"To":1}"#] {
        assert!(encoded(wrong).is_err(), "{wrong}");
    }
    assert_eq!(binding("https://desk.example").encoded(b"{}".to_vec()).unwrap(), b"{}");
}
