//! The admin listener as a client meets it: the door first, then the telephone.

use reqwest::{Client, Method, RequestBuilder, Response, header, redirect::Policy};
use serde_json::{Value, json};

use super::pretend::{Pretend, TOKEN};

struct Tester {
    server: Pretend,
    client: Client,
}

impl Tester {
    async fn start() -> Self {
        let server = Pretend::start().await;
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { server, client }
    }

    /// A request of somebody without the token.
    fn stranger(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.server.address))
    }

    /// A request of the page.
    fn page(&self, method: Method, path: &str) -> RequestBuilder {
        let port = self.server.address.port();
        self.stranger(method, path).header(header::COOKIE, format!("other=1; centralita_{port}={TOKEN}"))
    }

    async fn get(&self, path: &str) -> Response {
        self.page(Method::GET, path).send().await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let response = self.page(Method::POST, path).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn ring(&self) -> String {
        let (status, turn) = self.post("/api/calls", json!({"from": "+525500000001"})).await;
        assert_eq!(status, 200, "{turn}");
        turn["id"].as_str().unwrap().to_owned()
    }
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn nothing_but_metrics_opens_without_the_token() {
    let t = Tester::start().await;
    for path in ["/", "/desk", "/assets/phone.js", "/api/release", "/nowhere"] {
        assert_eq!(status(t.stranger(Method::GET, path)).await, 401, "{path}");
    }
    for wrong in ["/?token=", "/?token=0123", "/api/calls?token=x"] {
        assert_eq!(status(t.stranger(Method::GET, wrong)).await, 401, "{wrong}");
    }
    let cookie = format!("centralita_{}=wrong", t.server.address.port());
    let wrong = t.stranger(Method::GET, "/").header(header::COOKIE, cookie);
    assert_eq!(status(wrong).await, 401);
    assert_eq!(status(t.stranger(Method::GET, "/metrics")).await, 200);
}

#[tokio::test]
async fn the_token_in_the_address_becomes_a_cookie_and_leaves_the_address() {
    let t = Tester::start().await;
    let path = format!("/desk?a=1&token={TOKEN}");
    let response = t.stranger(Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()["location"], "/desk?a=1");
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    let again = t.stranger(Method::GET, "/desk").header(header::COOKIE, pair);
    assert_eq!(status(again).await, 200);
    let elsewhere = t.stranger(Method::GET, &format!("//evil.example/?token={TOKEN}"));
    let location = elsewhere.send().await.unwrap().headers()["location"].clone();
    assert_eq!(location, "/evil.example/", "never to another site");
}

#[tokio::test]
async fn a_foreign_host_or_origin_is_refused_even_with_the_token() {
    let t = Tester::start().await;
    let address = t.server.address;
    let from = |name, value: &str| t.page(Method::GET, "/").header(name, value);
    assert_eq!(status(from(header::HOST, "evil.example")).await, 403);
    assert_eq!(status(from(header::HOST, "localhost:1")).await, 200);
    for origin in ["http://evil.example", "http://127.0.0.1:1", "null", "https://127.0.0.1"] {
        assert_eq!(status(from(header::ORIGIN, origin)).await, 403, "{origin}");
    }
    assert_eq!(status(from(header::ORIGIN, &format!("http://{address}"))).await, 200);
}

#[tokio::test]
async fn every_page_forbids_inline_code_and_needs_none() {
    let t = Tester::start().await;
    for path in ["/", "/desk"] {
        let response = t.get(path).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        assert!(!policy.contains("unsafe"));
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let page = response.text().await.unwrap();
        for inline in ["<style", " style=", " onclick=", "javascript:", "http://", "https://"] {
            assert!(!page.contains(inline), "{path} has {inline}");
        }
    }
    let page = t.get("/").await.text().await.unwrap();
    assert!(page.contains("sctbnk &lt;demo&gt;") && page.contains("Teléfono simulado; mesa de tickets simulada"));
    for file in page.split('"').filter(|part| part.starts_with("/assets/")) {
        let response = t.get(file).await;
        assert_eq!(response.status(), 200, "{file}");
        let media = response.headers()["content-type"].to_str().unwrap();
        let expected = match file.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            _ => "image/svg+xml",
        };
        assert!(media.starts_with(expected), "{file} is {media}");
    }
}

#[tokio::test]
async fn a_call_from_the_page_goes_from_the_ring_to_a_person() {
    let t = Tester::start().await;
    let id = t.ring().await;
    let at = |deed: &str| format!("/api/calls/{id}/{deed}");
    let (_, turn) = t.post(&at("say"), json!({"text": "Me robaron la tarjeta"})).await;
    assert_eq!((&turn["next"], turn["ms"].is_number()), (&json!("listens"), true));
    let (_, turn) = t.post(&at("keys"), json!({"keys": "4521#"})).await;
    assert!(turn["said"][0].as_str().unwrap().contains("¿Confirmas?"));
    t.post(&at("say"), json!({"text": "sí"})).await;
    assert_eq!(t.server.bank.tickets(), 1);
    assert!(t.get("/desk").await.text().await.unwrap().contains("Tarjeta robada"));
    let (_, turn) = t.post(&at("silence"), json!({})).await;
    assert_eq!(turn["said"], json!(["No te escucho."]));
    let (_, turn) = t.post(&at("say"), json!({"text": "persona"})).await;
    assert_eq!((&turn["next"], &turn["number"]), (&json!("transfer"), &json!("+525500000000")));
    assert_eq!(t.post(&at("say"), json!({"text": "¿hola?"})).await.0, 409);
    assert_eq!(t.post(&at("hangup"), json!({})).await.0, 200);
    let trace: Value = t.get(&at("trace")).await.json().await.unwrap();
    assert_eq!(trace["turns"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn bad_requests_are_named_and_no_form_can_post() {
    let t = Tester::start().await;
    let id = t.ring().await;
    let at = |deed: &str| format!("/api/calls/{id}/{deed}");
    for (path, body, expected) in [
        ("/api/calls".to_owned(), json!({"from": "5500000001"}), 422),
        ("/api/calls".to_owned(), json!({}), 422),
        (at("keys"), json!({"keys": "45a1"}), 422),
        (at("keys"), json!({"keys": ""}), 422),
        (at("say"), json!({"text": "  "}), 422),
        (at("say"), json!({"text": "a".repeat(1001)}), 422),
        (at("say"), json!({"text": "a".repeat(20_000)}), 413),
        ("/api/calls/CA0/say".to_owned(), json!({"text": "sí"}), 404),
    ] {
        let (status, answer) = t.post(&path, body).await;
        assert_eq!((status, answer["error"].is_string()), (expected, true), "{path}");
    }
    let form = t.page(Method::POST, &at("hangup")).header(header::CONTENT_TYPE, "text/plain").body("{}");
    assert_eq!(status(form).await, 415);
    assert_eq!(t.get("/api/calls/CA0/trace").await.status(), 404);
}

#[tokio::test]
async fn the_oldest_of_65_calls_is_gone() {
    let t = Tester::start().await;
    let first = t.ring().await;
    let second = t.ring().await;
    for _ in 0..63 {
        t.ring().await;
    }
    let say = async |id: &str| t.post(&format!("/api/calls/{id}/silence"), json!({})).await.0;
    assert_eq!((say(&first).await, say(&second).await), (404, 200));
}

#[tokio::test]
async fn the_page_learns_of_a_new_release() {
    let t = Tester::start().await;
    let id = t.ring().await;
    *t.server.bank.release.lock().unwrap() = "b2".to_owned();
    let release: Value = t.get("/api/release").await.json().await.unwrap();
    let trace: Value = t.get(&format!("/api/calls/{id}/trace")).await.json().await.unwrap();
    assert_eq!(release["current"], "b2");
    assert_ne!(trace["release"], release["current"]);
    assert_eq!(release["plugins"][2]["imports"][1], "centralita:action/http@0.1.0");
}

#[tokio::test]
async fn who_comes_in_and_whose_call_is_looked_at_is_audited() {
    let t = Tester::start().await;
    status(t.stranger(Method::GET, &format!("/?token={TOKEN}"))).await;
    status(t.stranger(Method::GET, "/?token=guessed")).await;
    let own = t.ring().await;
    t.get(&format!("/api/calls/{own}/trace")).await;
    t.server.bank.call.lock().unwrap().clone_from(&"CAsomebody".to_owned());
    t.get("/api/calls/CAsomebody/trace").await;
    let audited = t.server.bank.audited.lock().unwrap().clone();
    assert_eq!(audited, [json!({"what": "login"}), json!({"what": "login refused"}), json!({"what": "view", "call": "CAsomebody"})]);
}
