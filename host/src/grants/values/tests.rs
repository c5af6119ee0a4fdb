//! Values in, values out.

use super::super::class::token;
use super::super::operator::Grants;
use super::*;
use serde_json::json;

const CLIENT: [u8; 8] = [1; 8];
const LAST4: [u8; 8] = [2; 8];
const NAME: [u8; 8] = [3; 8];
const PHONE: [u8; 8] = [4; 8];

fn tokens() -> [(String, Class, &'static str); 4] {
    [
        (token(Class::Client, CLIENT), Class::Client, "100001"),
        (token(Class::Last4, LAST4), Class::Last4, "4521"),
        (token(Class::Name, NAME), Class::Name, "Ana <b> Núñez & Co"),
        (token(Class::Phone, PHONE), Class::Phone, "+525500000001"),
    ]
}

fn known(text: &str) -> Option<(Class, String)> {
    tokens().into_iter().find(|(token, ..)| token == text).map(|(_, class, value)| (class, value.to_owned()))
}

fn sent(mut body: Value) -> Result<Value, String> {
    let grants = Grants::parse("plugins.yml", include_str!("../../../../flows/sctbnk/plugins.yml")).unwrap();
    put_back(&mut body, &grants.bindings["freshdesk"].places, &known).map(|()| body).map_err(|error| error.to_string())
}

#[test]
fn values_go_where_the_binding_allows_their_class_escaped_where_the_field_is_html() {
    let [client, last4, name, phone] = tokens().map(|(token, ..)| token);
    let body = json!({
        "unique_external_id": client, "name": name, "subject": format!("Tarjeta {last4} ({last4})"),
        "description": format!("<p>{name} {phone}{last4}</p>"), "tags": ["bloqueo"], "priority": 4,
    });
    let expected = json!({
        "unique_external_id": "100001", "name": "Ana <b> Núñez & Co", "subject": "Tarjeta 4521 (4521)",
        "description": "<p>Ana &lt;b&gt; Núñez &amp; Co +5255000000014521</p>", "tags": ["bloqueo"], "priority": 4,
    });
    assert_eq!(sent(body), Ok(expected));
}

#[test]
fn a_token_anywhere_else_stops_the_request() {
    let [client, last4, name, phone] = tokens().map(|(token, ..)| token);
    for (body, expected) in [
        (json!({"subject": client}), "`/subject`: a `client` is not allowed here"),
        (json!({"name": format!("x {phone}")}), "`/name`: a `phone` is not allowed here"),
        (json!({"tags": ["a", last4]}), "`/tags/1`: a `last4` is not allowed here"),
        (json!({"custom_fields": {"name": name}}), "`/custom_fields/name`: a `name` is not allowed here"),
        (json!({name.clone(): 1}), "``: a `name` is not allowed here"),
        (json!(phone), "``: a `phone` is not allowed here"),
        (json!({"subject": token(Class::Last4, [9; 8])}), "`/subject`: a token that this call never gave out"),
    ] {
        assert_eq!(sent(body), Err(expected.to_owned()));
    }
}

fn clean(text: &str) -> String {
    let tokens = tokens();
    let live: Vec<_> = tokens.iter().map(|(token, class, value)| Live { token, class: *class, value }).collect();
    let mut cleaned = scrub(text, &live);
    for (token, class, _) in &tokens {
        cleaned = cleaned.replace(token, &format!("<{class}>"));
    }
    cleaned
}

#[test]
fn live_values_in_an_answer_become_tokens_however_they_are_grouped() {
    for (text, expected) in [
        ("tarjeta 4521.", "tarjeta <last4>."),
        ("****4521", "****<last4>"),
        ("4-5-2-1 y 45 21", "<last4> y <last4>"),
        ("14521 45210 a4521", "14521 45210 a4521"),
        ("4521-11-23T10:00:00Z", "4521-11-23T10:00:00Z"),
        ("+525500000001 o 5500000001", "<phone> o <phone>"),
        ("+52 (55) 0000-0001", "<phone>"),
        ("cliente 100001", "cliente <client>"),
        ("Ana <b> Núñez & Co!", "<name>!"),
        ("Ana &lt;b&gt; Núñez &amp; Co", "<name>"),
        ("nada de esto", "nada de esto"),
    ] {
        assert_eq!(clean(text), expected, "{text}");
    }
}

#[test]
fn json_stays_json_and_short_numbers_stay_numbers() {
    let tokens = tokens();
    let live: Vec<_> = tokens.iter().map(|(token, class, value)| Live { token, class: *class, value }).collect();
    let body = json!({"id": 4521, "unique_external_id": 100_001, "subject": "Tarjeta 4521", "100001": [null, true, "x"]}).to_string();
    let cleaned: Value = serde_json::from_slice(&scrub_bytes(body.as_bytes(), &live)).unwrap();
    let [client, last4, ..] = tokens.clone().map(|(token, ..)| token);
    assert_eq!(cleaned, json!({"id": 4521, "unique_external_id": client, "subject": format!("Tarjeta {last4}"), client.clone(): [null, true, "x"]}));
    assert_eq!(scrub_bytes(b"<h1>4521</h1>", &live), format!("<h1>{last4}</h1>").into_bytes());
}

proptest::proptest! {
    #[test]
    fn no_answer_keeps_a_live_phone_number(before in "[^0-9]{0,20}", after in "[^0-9a-zA-Z]{0,20}", gaps in proptest::collection::vec("[ .-]?", 12)) {
        let spelled: String = "525500000001".chars().zip(gaps).flat_map(|(digit, gap)| format!("{digit}{gap}").chars().collect::<Vec<_>>()).collect();
        let cleaned = clean(&format!("{before} {spelled} {after}"));
        proptest::prop_assert!(cleaned.contains("<phone>"), "{cleaned}");
    }

    #[test]
    fn no_text_panics_the_scrubber(text in "\\PC{0,120}") {
        clean(&text);
        let _ = sent(json!({"subject": text}));
    }
}

#[test]
fn a_field_that_takes_a_token_only_takes_nothing_of_a_plugins_own_whatever_else_is_allowed_there() {
    let text = "bindings:\n  m:\n    base: https://a.example\n    allow: [{methods: [POST], path: /m}]\n    values: [{at: \"/*\", classes: [phone]}, {at: /To, classes: [phone], only: true}]\n";
    let grants = Grants::parse("plugins.yml", text).unwrap();
    let sent = |mut body: Value| put_back(&mut body, &grants.bindings["m"].places, &known).map(|()| body).map_err(|error| error.to_string());
    let [client, _, _, phone] = tokens().map(|(token, ..)| token);
    assert_eq!(sent(json!({"To": phone, "Body": "hola"})).unwrap(), json!({"To": "+525500000001", "Body": "hola"}));
    for own in [json!("+525599999999"), json!(format!("{phone} ")), json!(5_599_999_999_u64), json!([phone]), json!({"x": "+52"}), json!(client)] {
        assert!(sent(json!({"To": own})).is_err(), "{own}");
    }
}
