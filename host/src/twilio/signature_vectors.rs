//! The signatures of the official libraries' tests, and a few of our own.
//!
//! Lives here: URL, parameters, signature, and which received URL they must validate.
//! Never here: the algorithm.

use super::*;

const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";
const U: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const P: &[(&str, &str)] =
    &[("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234"), ("From", "+14158675309"), ("To", "+18005551212")];
const H: &str = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
const JSON_BODY: &[u8] = br#"{"property": "value", "boolean": true}"#;

fn signer() -> Signer {
    Signer::parse("12345").unwrap()
}

fn form(params: &[(&str, &str)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish().into_bytes()
}

fn owned(params: &[(&str, &str)]) -> Vec<(String, String)> {
    params.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// `signed` gives `signature`, and a form received at each of `received` validates with it.
#[track_caller]
fn check(signed: &str, params: &[(&str, &str)], signature: &str, received: &[&str]) {
    assert_eq!(signer().sign(signed, &owned(params)), signature);
    for url in received.iter().chain([&signed]) {
        assert_eq!(signer().verify(url, FORM, &form(params), Some(signature)), Ok(()), "at {url}");
    }
}

#[track_caller]
fn refused(url: &str, params: &[(&str, &str)], signature: &str) {
    assert_eq!(signer().verify(url, FORM, &form(params), Some(signature)), Err(BadSignature::Mismatch));
}

/// A JSON body validates with the digest in the URL and not once it is changed.
#[track_caller]
fn check_json(signed: &str, received: &str, body: &[u8], signature: &str) {
    assert_eq!(signer().sign(signed, &[]), signature);
    let verify = |body: &[u8]| signer().verify(received, "application/json", body, Some(signature));
    assert_eq!(verify(body), Ok(()));
    assert_eq!(verify(b"{\"property\": \"other\"}"), Err(BadSignature::Body));
}

fn with(extra: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    P.iter().chain(extra).copied().collect()
}

#[test]
fn v1_base_case() {
    check(U, P, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", &[]);
}

#[test]
fn v2_signed_with_https_port_validates_the_url_without() {
    check("https://mycompany.com:443/myapp.php?foo=1&bar=2", P, "kvajT1Ptam85bY51eRf/AJRuM3w=", &[U]);
}

#[test]
fn v3_signed_with_http_port_validates_the_url_without() {
    let received = ["http://mycompany.com/myapp.php?foo=1&bar=2"];
    check("http://mycompany.com:80/myapp.php?foo=1&bar=2", P, "0ZXoZLH/DfblKGATFgpif+LLRf4=", &received);
}

#[test]
fn v4_other_ports_validate_with_and_without() {
    check("http://mycompany.com:1234/myapp.php?foo=1&bar=2", P, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", &[]);
    check(U, P, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", &["https://mycompany.com:1234/myapp.php?foo=1&bar=2"]);
}

#[test]
fn v5_keys_are_sorted_and_values_sorted_once_each() {
    let params = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")];
    check(U, &params, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", &[]);
}

#[test]
fn v6_values_of_one_key_come_in_any_order() {
    let (a, b) = (("MessagingBinding.Address", "+1325xxxxxxx"), ("MessagingBinding.Address", "+1415xxxxxxx"));
    check(U, &[a, b], "83O6e2vORAoJHUNzJjDWN1jz+BA=", &[]);
    check(U, &[b, a], "83O6e2vORAoJHUNzJjDWN1jz+BA=", &[]);
}

#[test]
fn v7_a_json_body_is_vouched_for_by_its_digest() {
    let url = format!("{U}&bodySHA256={H}");
    check_json(&url, &url, JSON_BODY, "a9nBmqA0ju/hNViExpshrM61xv4=");
}

#[test]
fn v8_the_digest_may_be_the_whole_query() {
    let url = format!("https://mycompany.com/myapp.php?bodySHA256={H}");
    check_json(&url, &url, JSON_BODY, "y77kIzt2vzLz71DgmJGsen2scGs=");
}

#[test]
fn v9_a_json_body_signed_with_port_validates_without() {
    let query = "foo=1&bar=2&bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let signed = format!("https://mycompany.com:443/myapp.php?{query}");
    let received = format!("https://mycompany.com/myapp.php?{query}");
    check_json(&signed, &received, b"{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc=");
}

#[test]
fn v10_credentials_are_signed() {
    check("https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", P, "CukzLTc1tT5dXEDIHm/tKBanW10=", &[]);
}

#[test]
fn v11_credentials_and_port_are_signed() {
    let received = ["https://user:pass@mycompany.com/myapp.php?foo=1&bar=2"];
    check("https://user:pass@mycompany.com:443/myapp.php?foo=1&bar=2", P, "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=", &received);
}

#[test]
fn v12_a_user_without_password_is_signed() {
    check("https://user@mycompany.com/myapp.php?foo=1&bar=2", P, "2YRLlVAflCqxaNicjMpJcSTgzSs=", &[]);
}

#[test]
fn v13_an_apostrophe_validates_its_escape() {
    let received = ["https://mycompany.com/myapp.php?foo=1&bar=2&Body=It's+amazing"];
    check(&format!("{U}&Body=It%27s+amazing"), P, "TfZzewPq8wqrGlMfyAud8+/IvJ0=", &received);
}

#[test]
fn v14_sorting_is_by_key_and_not_by_key_and_value() {
    let params = with(&[("ReasonConferenceEnded", "test"), ("Reason", "Participant")]);
    check(U, &params, "vOEb5UThFn24KEfnOFLQY2AE5FY=", &[]);
    refused(U, &params, "95+Bu0JVPi0r/SsESZCVf0dWAjw=");
}

#[test]
fn v15_http_validates_at_any_port() {
    let params = with(&[("ReasonConferenceEnded", "test"), ("Reason", "Participant")]);
    let received = ["http://mycompany.com:1234/myapp.php?foo=1&bar=2"];
    check("http://mycompany.com/myapp.php?foo=1&bar=2", &params, "n2xBNyzSW7rfYStDtOFiFMv7qNo=", &received);
}

#[test]
fn v16_the_raw_form_body_is_decoded() {
    check(U, &[("property", "value"), ("boolean", "true")], "NBdBDr/T/lgjI+tlgpXjKZQZs/k=", &[]);
    assert_eq!(signer().verify(U, FORM, b"property=value&boolean=true", Some("NBdBDr/T/lgjI+tlgpXjKZQZs/k=")), Ok(()));
}

#[test]
fn v17_no_parameters_sign_the_url_alone() {
    check(U, &[], "zYQTYrRWXE7LtzbG4PfP7/bkkGo=", &[]);
    assert_eq!(signer().verify(U, "", b"", Some("zYQTYrRWXE7LtzbG4PfP7/bkkGo=")), Ok(()), "as a GET");
}

#[test]
fn v18_a_url_without_query() {
    check("https://mycompany.com/myapp.php", P, "1xaxFBvyzXYvWplzNOSs28HWO94=", &[]);
}

#[test]
fn v19_the_query_is_not_decoded() {
    let url = "https://mycompany.com/myapp.php?foo=hello%20world&bar=test%2Bvalue";
    check(url, P, "er2tvAP1Wx+iuTTE2BPgvEaN1cs=", &[]);
}

#[test]
fn v20_values_are_utf8() {
    let params = [("Message", "Hello & goodbye! @#$%^*()"), ("From", "+1 (415) 867-5309"), ("Special", "unicode: ñáéíóú")];
    check(U, &params, "dCPiR4WtQ6QFN6pJh81CtlCcWLQ=", &[]);
}

#[test]
fn v21_empty_values_append_their_key() {
    let params = [("Digits", ""), ("CallSid", "CA1234567890ABCDE"), ("EmptyParam", "")];
    check(U, &params, "9HHp/OqQMEwdrVebHDdA/+tqjX8=", &[]);
}

#[test]
fn v22_keys_are_sorted() {
    let params = [("Zebra", "last"), ("Alpha", "first"), ("Beta", "second"), ("Gamma", "third")];
    check(U, &params, "enveUe73ZTVLAekHxez3Qx6JuuQ=", &[]);
}

#[test]
fn v23_a_url_may_hold_raw_utf8() {
    check("https://mycompany.com/webhook/España?año=2023", P, "G/Hx6mqqnjUNlPAoi2Sp9bGst0g=", &[]);
}

#[test]
fn v24_keys_are_case_sensitive_in_byte_order() {
    let params = [("callSid", "lowercase"), ("CallSid", "uppercase"), ("CALLSID", "allcaps")];
    check(U, &params, "jDK7WKT8wiNrwggd4ceTv4e1MJ4=", &[]);
}

#[test]
fn v25_a_double_slash_survives() {
    let received = ["https://mycompany.com//myapp.php?foo=1&bar=2"];
    check("https://mycompany.com:443//myapp.php?foo=1&bar=2", P, "A9lH3u16NjyiiM/+wylw5rirFUs=", &received);
}

#[test]
fn v26_further_query_parameters_are_signed() {
    let url = format!("{U}&type=thiswontbeusedinthesignaturegeneratorandsoshouldbeignored");
    check(&url, P, "hYkNsTBttoNGkyCS0p+wWmQoRTg=", &[]);
}

#[test]
fn neg_an_unexpected_query_parameter_is_refused() {
    refused(&format!("{U}&somethingUnexpected=true"), P, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
}

#[test]
fn own_a_spanish_turn() {
    let params = [
        ("AccountSid", "AC00000000000000000000000000000000"),
        ("CallSid", "CA00000000000000000000000000000001"),
        ("CallStatus", "in-progress"),
        ("Confidence", "0.9128386"),
        ("Direction", "inbound"),
        ("From", "+525512345678"),
        ("Language", "es-MX"),
        ("SpeechResult", "Sí, mi tarjeta termina en 1234."),
        ("To", "+525587654321"),
    ];
    check("https://voz.example.mx/twilio/turn?call=42", &params, "T+bzvBkzXfmBkukeEt46Q7cJ2N8=", &[]);
}

#[test]
fn own_an_upgrade_validates_with_and_without_port_and_as_https() {
    for signature in ["q9G6RIIdIQvG5zGp/vtONxqpuJo=", "iXG8pvBYXy1Spz6kGsN34gBFOyU="] {
        for url in ["wss://relay.example.com/relay", "wss://relay.example.com:443/relay", "https://relay.example.com/relay"] {
            assert_eq!(signer().verify_upgrade(url, Some(signature)), Ok(()), "{signature} at {url}");
        }
    }
}

#[test]
fn own_an_upgrade_may_sign_its_query_either_way() {
    let url = "wss://relay.example.com/relay?session=abc";
    for signature in ["NFsoXE8rHbVrzIQBSaSCD3Qbw50=", "FFCos0eCuiWxqou+jrKEwAjt4Hs="] {
        assert_eq!(signer().verify_upgrade(url, Some(signature)), Ok(()));
        let other = "wss://relay.example.com/relay?session=abd";
        assert_eq!(signer().verify_upgrade(other, Some(signature)), Err(BadSignature::Mismatch));
    }
    assert_eq!(signer().verify_upgrade(url, None), Err(BadSignature::Missing));
}

#[test]
fn a_missing_header_and_a_changed_parameter_are_refused() {
    assert_eq!(signer().verify(U, FORM, &form(P), None), Err(BadSignature::Missing));
    refused(U, &with(&[("Digits", "9999")]), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    refused(U, P, "");
}

#[test]
fn a_body_that_is_no_form_needs_a_digest() {
    let signature = signer().sign(U, &[]);
    assert_eq!(signer().verify(U, "application/json", b"{}", Some(&signature)), Err(BadSignature::Body));
}

#[test]
fn while_tokens_rotate_either_verifies_and_the_first_signs() {
    let both = Signer::parse("new , 12345,").unwrap();
    assert_eq!(both.verify(U, FORM, &form(P), Some("RSOYDt4T1cUTdK1PDd93/VVr8B8=")), Ok(()));
    let fresh = both.sign(U, &owned(P));
    assert_eq!(both.verify(U, FORM, &form(P), Some(&fresh)), Ok(()));
    refused(U, P, &fresh);
    assert_eq!(Signer::parse(" , ").err(), Some(NoToken));
}
