//! How one request is recognised at a desk that has no idempotency keys.
//!
//! Lives here: the tag the host adds to a request, where it looks for it, and finding it.
//! Never here: when to look (the run's journal decides).

use super::bindings::check_pointer;
use super::pieces::{Pieces, in_address};
use super::strict::{needed, only};
use super::surplus::Surplus;
use crate::egress::{Checked, Rule};
use centralita_engine::yaml::{Findings, Node};
use serde_json::Value;

/// `once:` of a binding.
#[derive(Clone, Debug, PartialEq)]
pub struct Once {
    append: String,
    lookup: Pieces,
    matches: String,
    /// What names a thing there, as JSON pointer.
    pub id: String,
    /// What is done with one that is too many; without it a person is told.
    pub surplus: Option<Surplus>,
}

impl Once {
    pub(super) fn read(node: &Node, rules: &[Rule], findings: &mut Findings<'_>) -> Option<Self> {
        only(node, "`once`", &["append", "lookup", "match", "id", "surplus"], findings);
        let pointer = |key: &str, findings: &mut Findings<'_>| {
            let found = needed(node, "`once`", key, findings)?;
            let text = found.text(key, findings)?;
            check_pointer(&text, found.at, findings);
            Some(text)
        };
        let (append, matches) = (pointer("append", findings), pointer("match", findings));
        let written = needed(node, "`once`", "lookup", findings)?;
        let Some(lookup) = Pieces::parse(&written.text("`lookup`", findings)?, &[""]) else {
            findings.error(written.at, "`lookup` is a path whose `{/field}` name fields of the request, such as `/tickets?email={/email}`");
            return None;
        };
        let surplus = node.get("surplus").and_then(|surplus| Surplus::read(surplus, findings));
        let id = if node.get("id").is_some() { pointer("id", findings)? } else { "/id".to_owned() };
        let once = Self { append: append?, lookup, matches: matches?, id, surplus };
        let sample = once.lookup.sample();
        if !Checked::parse(&sample).is_ok_and(|checked| rules.iter().any(|rule| rule.allows("GET", &checked))) {
            findings.error(written.at, "`lookup` must be a GET that `allow` covers, its query names too");
        }
        Some(once)
    }

    /// Adds the tag to a request's JSON. False if the field is there and is no list.
    pub fn tag(&self, body: &mut Value, tag: &str) -> bool {
        let mut place = body;
        for segment in self.append.split('/').skip(1) {
            let Some(fields) = place.as_object_mut() else {
                return false;
            };
            place = fields.entry(segment).or_insert(Value::Null);
        }
        if place.is_null() {
            *place = Value::Array(Vec::new());
        }
        let Some(list) = place.as_array_mut() else {
            return false;
        };
        list.push(tag.into());
        true
    }

    /// The path that lists what the request may have made, from the request as it was sent (values
    /// put back). `None` if a field it needs is missing.
    pub fn lookup(&self, body: &Value) -> Option<String> {
        self.lookup.fill(&[("", body)], in_address)
    }

    /// What carries the tag in the lookup's answer, in its order. One is what the request made; of several
    /// the oldest is, and the others are duplicates.
    pub fn found<'a>(&self, answer: &'a Value, tag: &str) -> Vec<&'a Value> {
        let carries = |item: &&Value| match item.pointer(&self.matches) {
            Some(Value::Array(tags)) => tags.iter().any(|known| known == tag),
            Some(Value::String(known)) => known == tag,
            _ => false,
        };
        answer.as_array().map(|items| items.iter().filter(carries).collect()).unwrap_or_default()
    }
}
