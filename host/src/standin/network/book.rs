//! What an account holds: numbers, messages, calls.
//!
//! Lives here: how each is kept and what the API shows of it.
//! Never here: which requests may touch them.

use super::routes::VERSION;
use serde_json::{Value, json};

/// A message or a call that the network took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// `SM…` or `CA…`.
    pub sid: String,
    /// What was posted, in its order; a parameter may be there several times.
    pub form: Vec<(String, String)>,
    /// What the API shows of it.
    pub shown: Value,
}

impl Posted {
    /// A parameter's first value.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields(name).first().copied()
    }

    /// All values of a parameter, in their order.
    pub fn fields(&self, name: &str) -> Vec<&str> {
        self.form.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// The parameters that update a number, and the fields they are shown as.
pub(super) const SETTINGS: [(&str, &str); 6] = [
    ("VoiceUrl", "voice_url"),
    ("VoiceMethod", "voice_method"),
    ("VoiceFallbackUrl", "voice_fallback_url"),
    ("VoiceFallbackMethod", "voice_fallback_method"),
    ("StatusCallback", "status_callback"),
    ("StatusCallbackMethod", "status_callback_method"),
];

/// The account's things.
pub(super) struct Book {
    account: String,
    pub(super) numbers: Vec<Value>,
    pub(super) messages: Vec<Posted>,
    pub(super) calls: Vec<Posted>,
}

impl Book {
    pub(super) fn new(account: &str, numbers: &[&str]) -> Self {
        let number = |(at, number): (usize, &&str)| {
            let sid = format!("PN{:032x}", at + 1);
            json!({
                "sid": sid, "account_sid": account, "phone_number": number, "friendly_name": number, "api_version": VERSION,
                "voice_url": "", "voice_method": "POST", "voice_fallback_url": "", "voice_fallback_method": "POST",
                "status_callback": "", "status_callback_method": "POST", "capabilities": {"voice": true, "sms": true, "mms": false, "fax": false},
                "uri": format!("/{}/Accounts/{account}/IncomingPhoneNumbers/{sid}.json", VERSION),
            })
        };
        let numbers = numbers.iter().enumerate().map(number).collect();
        Self { account: account.to_owned(), numbers, messages: Vec::new(), calls: Vec::new() }
    }

    pub(super) fn number(&self, number: &str) -> Option<&Value> {
        self.numbers.iter().find(|known| known["phone_number"] == number)
    }

    pub(super) fn message(&mut self, form: &[(String, String)]) -> Value {
        let sid = format!("SM{:032x}", self.messages.len() + 1);
        let shown = json!({
            "sid": sid, "account_sid": self.account, "to": value(form, "To"), "from": value(form, "From"), "body": value(form, "Body"),
            "status": "queued", "direction": "outbound-api", "num_segments": "1", "num_media": "0", "error_code": null, "error_message": null,
            "price": null, "price_unit": "USD", "messaging_service_sid": null, "date_sent": null, "date_created": now(), "date_updated": now(),
            "api_version": VERSION, "uri": format!("/{}/Accounts/{}/Messages/{sid}.json", VERSION, self.account),
        });
        self.messages.push(Posted { sid, form: form.to_owned(), shown: shown.clone() });
        shown
    }

    pub(super) fn call(&mut self, form: &[(String, String)]) -> Value {
        let sid = format!("CA{:032x}", self.calls.len() + 1);
        let from = value(form, "From");
        let number = from.and_then(|from| self.number(from)).map(|number| number["sid"].clone());
        let shown = json!({
            "sid": sid, "account_sid": self.account, "to": value(form, "To"), "from": from, "phone_number_sid": number,
            "status": "queued", "direction": "outbound-api", "start_time": null, "end_time": null, "duration": null, "answered_by": null,
            "price": null, "price_unit": "USD", "parent_call_sid": null, "forwarded_from": null, "caller_name": null, "group_sid": null,
            "trunk_sid": null, "queue_time": "0", "date_created": now(), "date_updated": now(), "subresource_uris": {},
            "api_version": VERSION, "uri": format!("/{}/Accounts/{}/Calls/{sid}.json", VERSION, self.account),
        });
        self.calls.push(Posted { sid, form: form.to_owned(), shown: shown.clone() });
        shown
    }

    /// Changes what is given; the rest stays.
    pub(super) fn update(&mut self, sid: &str, form: &[(String, String)]) -> Option<Value> {
        let number = self.numbers.iter_mut().find(|known| known["sid"] == sid)?;
        for (parameter, field) in SETTINGS {
            if let Some(value) = value(form, parameter) {
                number[field] = json!(value);
            }
        }
        Some(number.clone())
    }
}

/// A parameter of a form.
pub(super) fn value<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn now() -> Option<String> {
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&jiff::Timestamp::now()).ok()
}
