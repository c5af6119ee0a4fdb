//! Tickets, contacts and notes, and the file they may be kept in.
//!
//! Lives here: what creating, changing, deleting and annotating do.
//! Never here: HTTP beyond the answer of a ticket's own rules.

use super::fields;
use super::html;
use super::reply::{Reply, Wrong};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Ids of contacts and notes are large, those of tickets small.
const LARGE: u64 = 1_060_000_000_000;

/// Everything the desk holds.
#[derive(Default)]
pub(super) struct Tickets {
    tickets: BTreeMap<u64, Ticket>,
    contacts: BTreeMap<u64, Contact>,
    kept: Option<File>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Ticket {
    shown: Value,
    stats: Value,
    notes: Vec<Value>,
    deleted: bool,
}

#[derive(Clone, Serialize, Deserialize)]
struct Contact {
    id: u64,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    unique_external_id: Option<String>,
}

/// A line of the file: the newest of an id counts.
#[derive(Serialize, Deserialize)]
enum Kept {
    Ticket(u64, Ticket),
    Contact(Contact),
}

fn iso(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Tickets {
    pub(super) fn kept_in(path: &Path) -> io::Result<Self> {
        let mut tickets = Self::default();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        // A last line without its end was cut by a stop in the middle of writing.
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        for line in whole.lines() {
            match serde_json::from_str(line)? {
                Kept::Ticket(id, ticket) => drop(tickets.tickets.insert(id, ticket)),
                Kept::Contact(contact) => drop(tickets.contacts.insert(contact.id, contact)),
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.set_len(whole.len() as u64)?;
        tickets.kept = Some(file);
        Ok(tickets)
    }

    fn keep(&mut self, line: &Kept) {
        let Some(file) = &mut self.kept else { return };
        let written = serde_json::to_string(line).map_err(io::Error::from).and_then(|line| file.write_all(format!("{line}\n").as_bytes()));
        if let Err(error) = written {
            tracing::warn!(%error, "The stand-in desk could not keep a ticket in its file");
        }
    }

    fn keep_ticket(&mut self, id: u64) {
        if let Some(ticket) = self.tickets.get(&id).filter(|_| self.kept.is_some()) {
            let line = Kept::Ticket(id, ticket.clone());
            self.keep(&line);
        }
    }

    pub(super) fn has(&self, id: u64) -> bool {
        self.tickets.contains_key(&id)
    }

    pub(super) fn all(&self) -> Vec<Value> {
        self.tickets.values().filter(|ticket| !ticket.deleted).map(|ticket| ticket.shown.clone()).collect()
    }

    pub(super) fn create(&mut self, body: Map<String, Value>) -> Result<Value, Reply> {
        let now = Timestamp::now();
        self.check(&body, true, now)?;
        let id = self.tickets.keys().next_back().map_or(1, |last| last + 1);
        let requester = self.requester(&body);
        let due = |days: i64| iso(now + SignedDuration::from_hours(24 * days));
        let mut shown = json!({
            "id": id, "subject": null, "description": "", "description_text": "", "status": 2, "priority": 1, "source": 2, "type": null,
            "requester_id": requester, "responder_id": null, "group_id": null, "company_id": null, "product_id": null, "email_config_id": null,
            "to_emails": null, "cc_emails": [], "fwd_emails": [], "reply_cc_emails": [], "ticket_cc_emails": [], "due_by": due(3), "fr_due_by": due(1),
            "is_escalated": false, "fr_escalated": false, "spam": false, "tags": [], "custom_fields": {"cf_call_sid": null, "cf_client_id": null},
            "attachments": [], "created_at": iso(now), "updated_at": iso(now), "association_type": null, "support_email": null,
            "internal_agent_id": null, "internal_group_id": null, "nr_due_by": null, "nr_escalated": false,
        });
        set(&mut shown, &body);
        let stats = json!({
            "agent_responded_at": null, "requester_responded_at": null, "first_responded_at": null, "status_updated_at": iso(now),
            "reopened_at": null, "resolved_at": null, "closed_at": null, "pending_since": null,
        });
        self.tickets.insert(id, Ticket { shown: shown.clone(), stats, notes: Vec::new(), deleted: false });
        self.keep_ticket(id);
        Ok(shown)
    }

    fn check(&self, body: &Map<String, Value>, whole: bool, now: Timestamp) -> Result<(), Reply> {
        let is_contact = |id: i64| u64::try_from(id).is_ok_and(|id| self.contacts.contains_key(&id));
        let wrong = fields::check(body, whole, now, is_contact);
        if wrong.is_empty() { Ok(()) } else { Err(Reply::invalid(&wrong)) }
    }

    /// The contact a ticket is of; an unknown one is made.
    fn requester(&mut self, body: &Map<String, Value>) -> u64 {
        if let Some(id) = body.get("requester_id").and_then(Value::as_u64) {
            return id;
        }
        let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
        let (email, phone, external) = (text("email"), text("phone"), text("unique_external_id"));
        let same = |known: &Option<String>, given: &Option<String>| given.is_some() && known == given;
        let known = self.contacts.values().find(|contact| {
            same(&contact.unique_external_id, &external)
                || same(&contact.email, &email)
                || (external.is_none() && email.is_none() && same(&contact.phone, &phone))
        });
        if let Some(contact) = known {
            return contact.id;
        }
        let id = LARGE + 1 + self.contacts.len() as u64;
        let contact = Contact { id, name: text("name"), email, phone, unique_external_id: external };
        self.contacts.insert(id, contact.clone());
        self.keep(&Kept::Contact(contact));
        id
    }

    /// The ticket as `GET /tickets/{id}` shows it.
    pub(super) fn show(&self, id: u64, includes: &[&str]) -> Value {
        let Some(ticket) = self.tickets.get(&id) else {
            return Value::Null;
        };
        let mut shown = ticket.shown.clone();
        if ticket.deleted {
            shown["deleted"] = true.into();
        }
        self.include(&mut shown, includes);
        shown
    }

    /// The ticket as a list shows it: without description unless that is included.
    pub(super) fn row(&self, mut shown: Value, includes: &[&str]) -> Value {
        if let Some(fields) = shown.as_object_mut().filter(|_| !includes.contains(&"description")) {
            fields.remove("description");
            fields.remove("description_text");
        }
        self.include(&mut shown, includes);
        shown
    }

    fn include(&self, shown: &mut Value, includes: &[&str]) {
        let Some(ticket) = shown["id"].as_u64().and_then(|id| self.tickets.get(&id)) else {
            return;
        };
        for word in includes {
            match *word {
                "stats" => shown["stats"] = ticket.stats.clone(),
                "conversations" => shown["conversations"] = ticket.notes.clone().into(),
                "company" => shown["company"] = json!({}),
                "requester" => {
                    let contact = ticket.shown["requester_id"].as_u64().and_then(|id| self.contacts.get(&id));
                    shown["requester"] =
                        contact.map_or(Value::Null, |c| json!({"id": c.id, "name": c.name, "email": c.email, "phone": c.phone, "mobile": null}));
                }
                _ => {}
            }
        }
    }

    /// Tickets whose requester fits the filters, in the order of their ids.
    pub(super) fn matching(&self, deleted: bool, wanted: &dyn Fn(&str) -> Option<String>) -> Vec<Value> {
        let fits = |ticket: &Ticket| {
            let id = ticket.shown["requester_id"].as_u64();
            let contact = id.and_then(|id| self.contacts.get(&id));
            let is = |name: &str, known: Option<String>| wanted(name).is_none_or(|wanted| known.as_ref() == Some(&wanted));
            ticket.deleted == deleted
                && is("requester_id", id.map(|id| id.to_string()))
                && is("email", contact.and_then(|contact| contact.email.clone()))
                && is("unique_external_id", contact.and_then(|contact| contact.unique_external_id.clone()))
                && is("company_id", None)
        };
        self.tickets.values().filter(|ticket| fits(ticket)).map(|ticket| ticket.shown.clone()).collect()
    }

    fn live(&mut self, id: u64, method: &str, allowed: &str) -> Result<&mut Ticket, Reply> {
        let ticket = self.tickets.get_mut(&id).ok_or_else(|| Reply::empty(404))?;
        if ticket.deleted { Err(Reply::wrong_method(method, allowed)) } else { Ok(ticket) }
    }

    pub(super) fn change(&mut self, id: u64, body: &Map<String, Value>) -> Result<Reply, Reply> {
        let now = Timestamp::now();
        self.live(id, "PUT", "GET")?;
        self.check(body, false, now)?;
        let ticket = self.live(id, "PUT", "GET")?;
        let before = ticket.shown["status"].as_i64();
        set(&mut ticket.shown, body);
        ticket.shown["updated_at"] = iso(now).into();
        let after = ticket.shown["status"].as_i64();
        if before != after {
            ticket.stats["status_updated_at"] = iso(now).into();
            let closed = |status| matches!(status, Some(4 | 5));
            match after {
                Some(2) if closed(before) => ticket.stats["reopened_at"] = iso(now).into(),
                Some(3) => ticket.stats["pending_since"] = iso(now).into(),
                Some(4) => ticket.stats["resolved_at"] = iso(now).into(),
                Some(5) => ticket.stats["closed_at"] = iso(now).into(),
                _ => {}
            }
        }
        self.keep_ticket(id);
        Ok(Reply::json(200, self.show(id, &[])))
    }

    pub(super) fn delete(&mut self, id: u64) -> Result<Reply, Reply> {
        let ticket = self.live(id, "DELETE", "GET")?;
        ticket.deleted = true;
        ticket.shown["updated_at"] = iso(Timestamp::now()).into();
        self.keep_ticket(id);
        Ok(Reply::empty(204))
    }

    pub(super) fn restore(&mut self, id: u64) -> Result<Reply, Reply> {
        let ticket = self.tickets.get_mut(&id).filter(|ticket| ticket.deleted).ok_or_else(|| Reply::empty(404))?;
        ticket.deleted = false;
        self.keep_ticket(id);
        Ok(Reply::empty(204))
    }

    pub(super) fn note(&mut self, id: u64, body: &Map<String, Value>) -> Result<Reply, Reply> {
        self.say(id, body, &["body", "private", "notify_emails", "user_id", "incoming"], 2)
    }

    pub(super) fn reply(&mut self, id: u64, body: &Map<String, Value>) -> Result<Reply, Reply> {
        let requester = self.live(id, "POST", "GET")?.shown["requester_id"].as_u64();
        if requester.and_then(|id| self.contacts.get(&id)).is_none_or(|contact| contact.email.is_none()) {
            return Err(Reply::invalid(&[Wrong::new("email", "missing_field", "The requester has no email address")]));
        }
        self.say(id, body, &["body", "from_email", "cc_emails", "bcc_emails", "user_id"], 0)
    }

    fn say(&mut self, id: u64, body: &Map<String, Value>, known: &[&str], source: u8) -> Result<Reply, Reply> {
        let now = iso(Timestamp::now());
        let ticket = self.live(id, "POST", "GET")?;
        let unknown: Vec<_> = body
            .keys()
            .filter(|key| !known.contains(&key.as_str()))
            .map(|key| Wrong::new(key, "invalid_field", "Unexpected/invalid field in request"))
            .collect();
        if !unknown.is_empty() {
            return Err(Reply::invalid(&unknown));
        }
        let Some(text) = body.get("body").and_then(Value::as_str).filter(|text| !text.trim().is_empty()) else {
            return Err(Reply::invalid(&[Wrong::missing("body")]));
        };
        let html = html::sanitised(text);
        let note = json!({
            "id": LARGE + id * 1000 + ticket.notes.len() as u64, "body": html, "body_text": html::text(&html), "incoming": false,
            "private": body.get("private").and_then(Value::as_bool).unwrap_or(source == 2), "user_id": LARGE, "support_email": null, "source": source,
            "ticket_id": id, "to_emails": [], "from_email": null, "cc_emails": [], "bcc_emails": [], "created_at": now, "updated_at": now, "attachments": [],
        });
        ticket.notes.push(note.clone());
        ticket.shown["updated_at"] = now.into();
        self.keep_ticket(id);
        Ok(Reply::json(201, note))
    }

    pub(super) fn conversations(&self, id: u64) -> Value {
        self.tickets.get(&id).map_or(Value::Null, |ticket| ticket.notes.clone().into())
    }
}

/// Writes the fields of a request into a ticket; those of the contact stay out.
fn set(shown: &mut Value, body: &Map<String, Value>) {
    for (field, value) in body {
        match field.as_str() {
            "name" | "email" | "phone" | "unique_external_id" | "facebook_id" | "twitter_id" => {}
            "description" => {
                let html = html::sanitised(value.as_str().unwrap_or_default());
                shown["description_text"] = html::text(&html).into();
                shown["description"] = html.into();
            }
            "custom_fields" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    shown["custom_fields"][name] = value.clone();
                }
            }
            other => shown[other] = value.clone(),
        }
    }
}
