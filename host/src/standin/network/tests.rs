//! The API as an HTTP client sees it.

use super::*;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::Duration;

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "an-auth-token";
const OURS: &str = "+525500000000";
const THEIRS: &str = "+525500000001";

struct Tester {
    network: Network,
    listening: Listening,
    client: Client,
}

async fn network() -> Tester {
    crate::egress::install_tls();
    let network = Network::new(ACCOUNT, TOKEN, &[OURS]);
    let listening = network.serve().await.unwrap();
    Tester { network, listening, client: Client::builder().no_proxy().tls_certs_only([]).build().unwrap() }
}

impl Tester {
    async fn try_send(&self, method: &str, path: &str, form: &[(&str, &str)]) -> reqwest::Result<(u16, Value)> {
        let method: Method = method.parse().unwrap();
        let mut request = self.client.request(method, format!("{}/2010-04-01/Accounts/{ACCOUNT}/{path}", self.listening.base));
        request = request.basic_auth(ACCOUNT, Some(TOKEN));
        if !form.is_empty() {
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    async fn send(&self, method: &str, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        self.try_send(method, path, form).await.unwrap()
    }

    /// Status and code of a refusal.
    async fn refused(&self, path: &str, form: &[(&str, &str)]) -> (u16, u64) {
        let (status, body) = self.send("POST", path, form).await;
        assert_eq!(body["status"], status, "{body}");
        assert!(body["more_info"].as_str().unwrap().ends_with(&body["code"].to_string()), "{body}");
        (status, body["code"].as_u64().unwrap())
    }
}

const MESSAGE: [(&str, &str); 3] = [("To", THEIRS), ("From", OURS), ("Body", "hola")];
const CALL: [(&str, &str); 3] = [("To", THEIRS), ("From", OURS), ("Url", "https://voz.example.mx/webhooks/twilio/webhook")];

#[tokio::test]
async fn a_message_is_taken_and_listed_by_whom_it_is_to() {
    let t = network().await;
    let (status, taken) = t.send("POST", "Messages.json", &MESSAGE).await;
    assert_eq!((status, &taken["status"], &taken["body"]), (201, &json!("queued"), &json!("hola")));
    assert!(taken["sid"].as_str().is_some_and(|sid| sid.len() == 34 && sid.starts_with("SM")));
    let kept = t.network.messages();
    assert_eq!((kept.len(), kept[0].field("To"), kept[0].field("Body")), (1, Some(THEIRS), Some("hola")));
    let list = async |to: &str| t.send("GET", &format!("Messages.json?To=%2B{}", &to[1..]), &[]).await.1["messages"].as_array().unwrap().len();
    assert_eq!((list(THEIRS).await, list(OURS).await), (1, 0));
}

#[tokio::test]
async fn a_call_is_taken_with_everything_that_was_posted() {
    let t = network().await;
    let mut form = CALL.to_vec();
    form.extend([("StatusCallbackEvent", "initiated"), ("StatusCallbackEvent", "completed")]);
    let (status, taken) = t.send("POST", "Calls.json", &form).await;
    assert_eq!((status, &taken["status"], &taken["direction"]), (201, &json!("queued"), &json!("outbound-api")));
    let kept = t.network.calls();
    assert_eq!(kept[0].fields("StatusCallbackEvent"), ["initiated", "completed"]);
    assert_eq!(json!(kept[0].sid), taken["sid"]);
}

#[tokio::test]
async fn a_number_is_found_by_itself_and_keeps_what_it_is_told() {
    let t = network().await;
    let (status, found) = t.send("GET", "IncomingPhoneNumbers.json?PhoneNumber=%2B525500000000", &[]).await;
    assert_eq!((status, &found["incoming_phone_numbers"][0]["phone_number"]), (200, &json!(OURS)));
    let none = t.send("GET", "IncomingPhoneNumbers.json?PhoneNumber=%2B525500000009", &[]).await;
    assert_eq!(none.1["incoming_phone_numbers"], json!([]));
    let path = format!("IncomingPhoneNumbers/{}.json", found["incoming_phone_numbers"][0]["sid"].as_str().unwrap());
    let (status, changed) = t.send("POST", &path, &[("VoiceUrl", "https://voz.example.mx/x"), ("VoiceMethod", "GET")]).await;
    assert_eq!((status, &changed["voice_url"], &changed["voice_method"]), (200, &json!("https://voz.example.mx/x"), &json!("GET")));
    assert_eq!(t.network.number(OURS).unwrap(), changed);
    assert_eq!(t.refused(&path, &[("VoiceUrl", "voz.example.mx")]).await, (400, 21205));
    assert_eq!(t.refused("IncomingPhoneNumbers/PN9.json", &[("VoiceUrl", "https://voz.example.mx/x")]).await, (404, 20404));
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_refused_by_code_and_nothing_is_taken() {
    let t = network().await;
    let with = |form: &[(&'static str, &'static str)], name: &str, value: &'static str| -> Vec<(&'static str, &'static str)> {
        form.iter().map(|pair| if pair.0 == name { (pair.0, value) } else { *pair }).collect()
    };
    for (name, value, code) in [("To", "5512", 21211), ("To", "", 21604), ("From", "", 21603), ("From", THEIRS, 21606), ("Body", "", 21602)] {
        assert_eq!(t.refused("Messages.json", &with(&MESSAGE, name, value)).await, (400, code), "{name}={value}");
    }
    for (name, value, code) in [("To", "5512", 21211), ("To", "", 21201), ("From", "", 21213), ("From", THEIRS, 21210), ("Url", "", 21205), ("Url", "x", 21205)]
    {
        assert_eq!(t.refused("Calls.json", &with(&CALL, name, value)).await, (400, code), "{name}={value}");
    }
    assert_eq!(t.refused("Recordings.json", &MESSAGE).await, (404, 20404));
    assert!(t.network.messages().is_empty() && t.network.calls().is_empty());
}

#[tokio::test]
async fn without_the_accounts_token_nothing_is_taken() {
    let t = network().await;
    let url = format!("{}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", t.listening.base);
    for request in [t.client.post(&url), t.client.post(&url).basic_auth(ACCOUNT, Some("other")), t.client.post(&url).basic_auth("AC9", Some(TOKEN))] {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(MESSAGE).finish();
        let response = request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.json::<Value>().await.unwrap()["code"], 20003);
    }
    assert!(t.network.messages().is_empty());
}

#[tokio::test]
async fn faults_are_for_the_requests_they_name_and_take_or_do_not_as_asked() {
    let t = network().await;
    t.network.fault(Fault::Storm429 { retry_after: 1 }, On::Calls, Some(1));
    assert_eq!(t.send("POST", "Messages.json", &MESSAGE).await.0, 201);
    assert_eq!(t.refused("Calls.json", &CALL).await, (429, 20429));
    t.network.fault(Fault::Status500, On::All, Some(1));
    assert_eq!(t.refused("Calls.json", &CALL).await, (500, 20500));
    t.network.fault(Fault::DropBefore, On::Calls, Some(1));
    assert!(t.try_send("POST", "Calls.json", &CALL).await.is_err());
    assert!(t.network.calls().is_empty());
    t.network.fault(Fault::DropAfter, On::Calls, Some(1));
    assert!(t.try_send("POST", "Calls.json", &CALL).await.is_err());
    assert_eq!(t.network.calls().len(), 1);
    t.network.fault(Fault::Latency(Duration::from_secs(60)), On::All, None);
    t.network.clear_faults();
    assert_eq!(t.send("POST", "Calls.json", &CALL).await.0, 201);
}
