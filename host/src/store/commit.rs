//! What one commit writes, in plain; the store seals it.
//!
//! Lives here: the shapes a turn hands over.
//! Never here: SQL, keys, when to commit (the turn's business).

use super::rows::AuditRow;

/// A call that begins.
pub struct NewCall<'a> {
    /// The telephone network's id of the call.
    pub id: &'a str,
    /// The release it begins with and keeps.
    pub release: &'a str,
    /// Keyed hash of the calling number (`Keys::caller_digest`), if it is known.
    pub from_digest: Option<&'a str>,
}

/// Everything that becomes true of a call at once. Either all of it is stored or nothing.
pub struct Commit<'a> {
    /// The call.
    pub call: &'a str,
    /// Now, epoch milliseconds.
    pub at_ms: i64,
    /// The position before `events`: how many events the call has. Another value than the stored one is refused.
    pub from_seq: u64,
    /// New events, each as JSON. The first gets position `from_seq + 1`.
    pub events: Vec<Vec<u8>>,
    /// The state after `events`, as JSON; replaces the last one.
    pub snapshot: Option<Vec<u8>>,
    /// The turn this belongs to.
    pub turn: Option<TurnWrite>,
    /// Host calls of runs; a row that is there and not `done` is replaced.
    pub effects: Vec<EffectWrite>,
    /// Drops the recorded host calls of this run after this ordinal, before `effects` are written.
    pub forget_effects_after: Option<(u64, u64)>,
    /// Work owed; a row that is there is replaced.
    pub owed: Vec<OwedWrite>,
    /// The call's next audit records, made by [`crate::audit::Head::add`]. Only the call's own commits add to its chain.
    pub audit: Vec<AuditRow>,
    /// A new status of the call.
    pub status: Option<Status>,
    /// The release the call keeps from here on: a session of it begins anew.
    pub release: Option<String>,
}

impl<'a> Commit<'a> {
    /// A commit at this position that changes nothing yet.
    pub fn at(call: &'a str, from_seq: u64, at_ms: i64) -> Self {
        Self {
            call,
            at_ms,
            from_seq,
            events: Vec::new(),
            snapshot: None,
            turn: None,
            effects: Vec::new(),
            forget_effects_after: None,
            owed: Vec::new(),
            audit: Vec::new(),
            status: None,
            release: None,
        }
    }
}

/// A turn as it is written: without a reply it is open, with one it is answered for good.
pub struct TurnWrite {
    /// Number of the turn within its call.
    pub number: u64,
    /// Digest of the request's body. A row that is there keeps its own.
    pub body_digest: [u8; 32],
    /// `I-Twilio-Idempotency-Token`, where the request had one.
    pub idempotency: Option<String>,
    /// What was answered.
    pub reply: Option<Vec<u8>>,
}

/// One host call of a run, as it is written.
#[derive(Clone)]
pub struct EffectWrite {
    /// Position of the run's `action started` event.
    pub run: u64,
    /// The host call within the run, from 0 or 1 as the caller likes.
    pub ordinal: u64,
    /// What kind of host call.
    pub kind: String,
    /// Its binding or statement.
    pub name: String,
    /// Digest of the request; sealed, since what it digests may be short.
    pub request_digest: [u8; 32],
    /// How far it got.
    pub state: EffectState,
    /// What came back, sealed.
    pub answer: Option<Vec<u8>>,
    /// Attempts made so far.
    pub attempts: u32,
    /// When the other side is looked through for a second one of it, epoch milliseconds; `None` while it need not be.
    pub check_at_ms: Option<i64>,
}

/// Owed work, as it is written.
#[derive(Clone)]
pub struct OwedWrite {
    /// The run that is owed.
    pub run: u64,
    /// Its action.
    pub action: String,
    /// Whether it is still due.
    pub state: OwedState,
    /// Attempts made so far.
    pub attempts: u32,
    /// Not before this moment, epoch milliseconds.
    pub next_at_ms: i64,
    /// The kind of the last failure, never its message.
    pub last_error: Option<String>,
}

/// An enum the database keeps as text.
macro_rules! kept_as_text {
    ($(#[$about:meta])* $name:ident { $($(#[$said:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$said])* $variant),+ }

        impl $name {
            /// As the database keeps it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// From what the database keeps; none for a word it cannot hold.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

kept_as_text! {
    /// Where a call stands.
    Status {
        /// It goes on.
        Live = "live",
        /// It is over.
        Ended = "ended",
        /// It was handed to a person.
        Transferred = "transferred",
    }
}

kept_as_text! {
    /// How far a host call got.
    EffectState {
        /// It may have left; nothing came back yet.
        Intent = "intent",
        /// Its answer is recorded, for good.
        Done = "done",
        /// It failed, and the failure is recorded.
        Failed = "failed",
    }
}

kept_as_text! {
    /// Whether owed work is still due.
    OwedState {
        /// It has to be done.
        Due = "due",
        /// It is done.
        Done = "done",
        /// It was given up; a person has to look.
        Dead = "dead",
    }
}
