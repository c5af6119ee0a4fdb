//! Numbers that were called: what holds the day's cap and the hour between two calls.
//!
//! Lives here: the words for how a call went, what a number is held against.
//! Never here: who may be called at all (`twilio::outbound`), SQL (`common.rs`).

/// What a number that is to be called is held against, epoch milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialLimits {
    /// Now.
    pub at_ms: i64,
    /// When the day began.
    pub day_ms: i64,
    /// Calls since then, at most.
    pub per_day: u32,
    /// The same number is not called again if it was after this.
    pub again_ms: i64,
}

/// Whether a number is free to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dial {
    /// It is; a reservation has this number.
    Free(i64),
    /// As many were called today as may be.
    DayFull,
    /// It was called not long ago.
    TooSoon,
}

/// How a reserved call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialOutcome {
    /// The network took it.
    Queued,
    /// Whether the network took it is not known; it counts as if it had.
    Unknown,
    /// The network did not take it; it does not count.
    Refused,
}

impl DialOutcome {
    /// The word for it in the database and the audit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
        }
    }
}
