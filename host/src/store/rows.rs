//! What the store gives back, opened.
//!
//! Lives here: the shapes of a loaded call, its turns, its host calls and what it owes.
//! Never here: SQL, sealing.

use super::commit::{EffectState, OwedState, Status};
use crate::audit::Head;
use crate::seal::DataKey;

/// Rows of a bound statement: per row its columns, in the statement's order.
pub type Rows = Vec<Vec<(String, serde_json::Value)>>;

/// A call as one read gives it.
pub struct Loaded {
    /// The release it began with.
    pub release: String,
    /// How many events it has.
    pub seq: u64,
    /// The last answered turn.
    pub turn: Option<u64>,
    /// Where it stands.
    pub status: Status,
    /// The key its contents are sealed under.
    pub data_key: DataKey,
    /// The last saved state, and after how many events it was.
    pub snapshot: Option<(u64, Vec<u8>)>,
    /// The events after the snapshot, with their positions.
    pub tail: Vec<(u64, Vec<u8>)>,
    /// The turn that was begun and not answered.
    pub open_turn: Option<TurnRow>,
    /// The last answered turn.
    pub last_turn: Option<TurnRow>,
    /// The end of its audit chain.
    pub audit: Head,
}

/// One turn.
pub struct TurnRow {
    /// Its number.
    pub number: u64,
    /// Digest of the body that began it.
    pub body_digest: [u8; 32],
    /// The network's own token of the request.
    pub idempotency: Option<String>,
    /// The reply; none while the turn is open.
    pub reply: Option<Vec<u8>>,
    /// When it began, epoch milliseconds.
    pub started_at_ms: i64,
}

/// Something the telephone network said about a call.
pub struct StatusRow {
    /// Its place among what was said about the call.
    pub n: u64,
    /// The network's word (`ringing`, `completed`).
    pub status: String,
    /// How long the call was, seconds; with its end.
    pub seconds: Option<u64>,
    /// The network's code, where something failed.
    pub error: Option<String>,
    /// When it reached us, epoch milliseconds.
    pub at_ms: i64,
}

/// One recorded host call of a run.
pub struct EffectRow {
    /// Its place within the run.
    pub ordinal: u64,
    /// What kind of host call.
    pub kind: String,
    /// Its binding or statement.
    pub name: String,
    /// Digest of the request.
    pub request_digest: [u8; 32],
    /// How far it got.
    pub state: EffectState,
    /// What came back.
    pub answer: Option<Vec<u8>>,
    /// Attempts made.
    pub attempts: u32,
    /// When it was last written, epoch milliseconds.
    pub at_ms: i64,
}

/// One run that is owed.
#[derive(Debug, PartialEq, Eq)]
pub struct OwedRow {
    /// The call.
    pub call: String,
    /// The run.
    pub run: u64,
    /// Its action.
    pub action: String,
    /// Due or given up.
    pub state: OwedState,
    /// Attempts made.
    pub attempts: u32,
    /// When it is due, epoch milliseconds.
    pub next_at_ms: i64,
    /// The kind of the last failure.
    pub last_error: Option<String>,
}

/// A host call whose other side is looked through for a second one.
#[derive(Debug, PartialEq, Eq)]
pub struct CheckRow {
    /// The call.
    pub call: String,
    /// The run.
    pub run: u64,
    /// The host call within the run.
    pub ordinal: u64,
    /// Its binding.
    pub binding: String,
    /// When its answer was recorded, epoch milliseconds.
    pub at_ms: i64,
}

/// A part of a release.
pub struct Artifact {
    /// Component, flow file, release list.
    pub kind: String,
    /// Its name within its kind.
    pub name: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// One record of an audit chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number in the chain, from 1.
    pub n: u64,
    /// When, epoch milliseconds.
    pub at_ms: i64,
    /// The record, JSON.
    pub record: String,
    /// Hash of the record before it.
    pub previous: Vec<u8>,
    /// Hash over all of this.
    pub hash: Vec<u8>,
}

/// Something stopped (`action`, `version`, `binding`), or a release that new calls do not begin with (`aside`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// `action`, `version`, `binding` or `aside`.
    pub kind: String,
    /// The action, the digest, the binding.
    pub name: String,
    /// Why, for people.
    pub reason: String,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
}
