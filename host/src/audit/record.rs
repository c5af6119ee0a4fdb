//! What records of runs say. Nothing personal stands in one: a value is a keyed hash under the call's own salt, which goes
//! with the call's key when the caller is erased.
//!
//! Lives here: the shapes, as JSON.
//! Never here: chains, storing.

use centralita_engine::{Event, Project, Value as Slot};
use serde::Serialize;
use serde_json::json;

/// A value that went into a host call: its class, and a hash nobody can make without the call's salt.
#[derive(Serialize)]
pub(crate) struct Value {
    pub(crate) class: &'static str,
    pub(crate) hmac: String,
}

/// One host call of a run: what was asked, what allowed it, what came of it.
#[derive(Serialize)]
#[serde(tag = "what", rename = "host call")]
pub(crate) struct HostCall<'a> {
    /// Position of the run's `action started` event.
    pub(crate) run: u64,
    /// The host call within the run.
    pub(crate) ordinal: u64,
    pub(crate) action: &'a str,
    /// The plugin's component, SHA-256.
    pub(crate) component: &'a str,
    /// `http`, `query`, `execute`.
    pub(crate) kind: &'static str,
    /// The binding or statement, as far as it is a name.
    pub(crate) name: &'a str,
    /// What allowed it: a rule of the binding, or the grant.
    pub(crate) rule: &'a str,
    /// `sent` before a request leaves; then `done` or the failure's kind; `recorded` for an answer from the journal.
    pub(crate) outcome: &'a str,
    /// The HTTP status, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// The request under the call's salt.
    pub(crate) request: String,
    /// The values put back into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<Value>,
    pub(crate) bytes_out: usize,
    pub(crate) bytes_in: usize,
    pub(crate) took_us: u64,
    /// Of that, how long the host waited for the database or the other side.
    pub(crate) waited_us: u64,
}

/// The end of a run, with what it used.
#[derive(Serialize)]
#[serde(tag = "what", rename = "run")]
pub(crate) struct RunEnded<'a> {
    pub(crate) run: u64,
    pub(crate) action: &'a str,
    /// The plugin, `action server`, or `an order` that kept it from beginning.
    pub(crate) plugin: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) component: &'a str,
    pub(crate) release: &'a str,
    pub(crate) attempt: u32,
    pub(crate) outcome: &'a str,
    /// What it asked for and was not granted, by name.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(crate) denied: &'a [String],
    pub(crate) took_us: u64,
    pub(crate) waited_us: u64,
    pub(crate) cpu_ms: u64,
    pub(crate) memory: usize,
    pub(crate) host_calls: u32,
    pub(crate) output_bytes: usize,
    pub(crate) log_bytes: usize,
}

impl HostCall<'_> {
    pub(crate) fn json(&self) -> String {
        text(self)
    }
}

impl RunEnded<'_> {
    pub(crate) fn json(&self) -> String {
        text(self)
    }
}

fn text(record: &impl Serialize) -> String {
    // Numbers, words and lists of them: there is nothing JSON could not hold.
    serde_json::to_string(record).unwrap_or_default()
}

/// The record of a decision: a consent that was given or withheld. Other events have none.
pub(crate) fn consent(project: &Project, event: &Event, position: u64) -> Option<String> {
    let Event::Slot { name, value } = event else { return None };
    let asked = project.slots.get(name).is_some_and(|slot| slot.consent);
    let given = match value {
        Slot::Bool(given) => *given,
        _ => return None,
    };
    asked.then(|| json!({ "what": "consent", "slot": name.as_str(), "given": given, "event": position }).to_string())
}
