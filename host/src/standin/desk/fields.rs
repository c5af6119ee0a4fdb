//! What a ticket's fields may hold.
//!
//! Lives here: one table of fields with their checks; every wrong field is reported, not the first.
//! Never here: what a ticket becomes (`tickets.rs`).

use super::reply::Wrong;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The account's own custom fields.
const CUSTOM: [&str; 2] = ["cf_call_sid", "cf_client_id"];
/// The account's ticket types.
const TYPES: [&str; 5] = ["Question", "Incident", "Problem", "Feature Request", "Refund"];
/// Who asks: one of these must be there.
const REQUESTER: [&str; 6] = ["requester_id", "phone", "email", "unique_external_id", "facebook_id", "twitter_id"];

enum Check {
    Text,
    Email,
    OneOf(&'static [i64]),
    Type,
    Tags,
    Custom,
    Emails,
    Moment,
    /// An id of something this account has none of.
    Nothing(&'static str),
    Contact,
}

const FIELDS: [(&str, Check); 22] = [
    ("name", Check::Text),
    ("email", Check::Email),
    ("phone", Check::Text),
    ("unique_external_id", Check::Text),
    ("facebook_id", Check::Text),
    ("twitter_id", Check::Text),
    ("requester_id", Check::Contact),
    ("subject", Check::Text),
    ("description", Check::Text),
    ("status", Check::OneOf(&[2, 3, 4, 5])),
    ("priority", Check::OneOf(&[1, 2, 3, 4])),
    ("source", Check::OneOf(&[1, 2, 3, 7, 9, 10])),
    ("type", Check::Type),
    ("tags", Check::Tags),
    ("custom_fields", Check::Custom),
    ("cc_emails", Check::Emails),
    ("due_by", Check::Moment),
    ("fr_due_by", Check::Moment),
    ("group_id", Check::Nothing("group")),
    ("responder_id", Check::Nothing("responder")),
    ("product_id", Check::Nothing("product")),
    ("company_id", Check::Nothing("company")),
];

/// Every wrong field of a new ticket (`whole`) or of a change.
pub(super) fn check(body: &Map<String, Value>, whole: bool, now: Timestamp, is_contact: impl Fn(i64) -> bool) -> Vec<Wrong> {
    let unknown: Vec<_> = body.keys().filter(|key| !FIELDS.iter().any(|(name, _)| name == key)).map(|key| unexpected(key)).collect();
    if !unknown.is_empty() {
        return unknown;
    }
    let mut wrong = Vec::new();
    if whole {
        required(body, &mut wrong);
    }
    for (name, check) in &FIELDS {
        match body.get(*name) {
            None | Some(Value::Null) => {}
            Some(value) => one(name, check, value, &is_contact, &mut wrong),
        }
    }
    due(body, now, &mut wrong);
    wrong
}

fn unexpected(field: &str) -> Wrong {
    Wrong::new(field, "invalid_field", "Unexpected/invalid field in request")
}

fn given(body: &Map<String, Value>, field: &str) -> bool {
    match body.get(field) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(_) => true,
    }
}

fn required(body: &Map<String, Value>, wrong: &mut Vec<Wrong>) {
    if !REQUESTER.iter().any(|field| given(body, field)) {
        wrong.push(Wrong::new("requester_id", "missing_field", format!("Please fill at least 1 of {} fields", REQUESTER.join(", "))));
    }
    if given(body, "phone") && !given(body, "email") && !given(body, "name") {
        wrong.push(Wrong::missing("name"));
    }
    wrong.extend(["subject", "description"].into_iter().filter(|field| !given(body, field)).map(Wrong::missing));
}

fn one(name: &str, check: &Check, value: &Value, is_contact: &impl Fn(i64) -> bool, wrong: &mut Vec<Wrong>) {
    let mismatch = |what: &str| Wrong::new(name, "datatype_mismatch", format!("Value set is of type {}. It should be a/an {what}", kind(value)));
    let invalid = |message: String| Wrong::new(name, "invalid_value", message);
    let problem = match check {
        Check::Text => match value.as_str() {
            None => Some(mismatch("String")),
            Some(text) if name != "description" && text.chars().count() > 255 => Some(Wrong::new(name, "invalid_size", "It should be of length 255 or less")),
            Some(_) => None,
        },
        Check::Email => match value.as_str() {
            None => Some(mismatch("String")),
            Some(text) => (!is_email(text)).then(|| invalid("It should be in the 'valid email address' format".to_owned())),
        },
        Check::OneOf(values) => match value.as_i64() {
            None => Some(mismatch(&format!("Integer. It should be one of these values: '{}'", list(values)))),
            Some(number) => (!values.contains(&number)).then(|| invalid(format!("It should be one of these values: '{}'", list(values)))),
        },
        Check::Type => {
            (!value.as_str().is_some_and(|text| TYPES.contains(&text))).then(|| invalid(format!("It should be one of these values: '{}'", TYPES.join(","))))
        }
        Check::Tags => match value.as_array() {
            None => Some(mismatch("Array")),
            Some(tags) => {
                (!tags.iter().all(is_tag)).then(|| invalid("It should only contain elements that are Strings of at most 32 characters, without ','".to_owned()))
            }
        },
        Check::Custom => match value.as_object() {
            None => Some(mismatch("key/value pair")),
            Some(fields) => {
                wrong.extend(fields.keys().filter(|key| !CUSTOM.contains(&key.as_str())).map(|key| unexpected(key)));
                None
            }
        },
        Check::Emails => match value.as_array() {
            None => Some(mismatch("Array")),
            Some(all) => (all.len() > 50 || !all.iter().all(|email| email.as_str().is_some_and(is_email)))
                .then(|| invalid("It should contain at most 50 elements in the 'valid email address' format".to_owned())),
        },
        Check::Moment => value.as_str().and_then(|text| text.parse::<Timestamp>().ok()).is_none().then(|| mismatch("DateTime")),
        Check::Nothing(what) => Some(match value.as_i64() {
            None => mismatch("Integer"),
            Some(_) => invalid(format!("There is no {what} matching the given {name}")),
        }),
        Check::Contact => match value.as_i64() {
            None => Some(mismatch("Integer")),
            Some(id) => (!is_contact(id)).then(|| invalid(format!("There is no contact matching the given {name}"))),
        },
    };
    wrong.extend(problem);
}

fn due(body: &Map<String, Value>, now: Timestamp, wrong: &mut Vec<Wrong>) {
    let moment = |field: &str| body.get(field).and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    match (given(body, "due_by"), given(body, "fr_due_by")) {
        (true, false) => wrong.push(Wrong::new("fr_due_by", "missing_field", "It should be present if due_by is set")),
        (false, true) => wrong.push(Wrong::new("due_by", "missing_field", "It should be present if fr_due_by is set")),
        _ => {}
    }
    for field in ["due_by", "fr_due_by"] {
        if moment(field).is_some_and(|moment| moment <= now) {
            wrong.push(Wrong::new(field, "invalid_value", "It should be a future date"));
        }
    }
    if let (Some(due), Some(first)) = (moment("due_by"), moment("fr_due_by"))
        && due <= first
    {
        wrong.push(Wrong::new("due_by", "invalid_value", "It should be later than fr_due_by"));
    }
}

fn list(values: &[i64]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn is_email(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(user, host)| !user.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.'));
    parts.is_some() && text.len() <= 255 && !text.contains([' ', '<', '>', ',']) && text.matches('@').count() == 1
}

fn is_tag(tag: &Value) -> bool {
    tag.as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= 32 && !text.contains(','))
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Integer",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "key/value pair",
    }
}
