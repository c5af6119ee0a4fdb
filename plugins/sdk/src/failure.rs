//! Why an action, or something it asked for, did not succeed.
//!
//! Lives here: constructors for the kinds a flow can tell apart.
//! Never here: what the caller hears about it (responses of the domain).

use crate::Failure;

/// The failures a flow can tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A rule said no; repeating will not change that.
    Refused,
    /// The other side cannot answer now.
    Unavailable,
    /// The other side has too much to do.
    Busy,
    /// The other side took too long.
    Timeout,
    /// Something that repeating will not mend. What is none of the others is this one too.
    Failed,
}

impl Failure {
    /// A failure of any kind; the set is open. `detail` is for the operator: no caller data in it.
    pub fn new(kind: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind: kind.into(), detail: detail.into() }
    }

    /// A rule said no, and repeating will not change that.
    pub fn refused(detail: impl Into<String>) -> Self {
        Self::new("refused", detail)
    }

    /// The other side cannot be reached or cannot answer now; repeating later may help.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new("unavailable", detail)
    }

    /// Something is wrong that repeating will not mend.
    pub fn failed(detail: impl Into<String>) -> Self {
        Self::new("failed", detail)
    }

    /// The failure as one of those a flow can tell apart.
    pub fn of_kind(&self) -> Kind {
        match self.kind.as_str() {
            "refused" => Kind::Refused,
            "unavailable" => Kind::Unavailable,
            "busy" => Kind::Busy,
            "timeout" => Kind::Timeout,
            _ => Kind::Failed,
        }
    }

    /// Whether the other side was out of reach, too slow or too busy: the request is worth repeating.
    pub fn is_passing(&self) -> bool {
        matches!(self.of_kind(), Kind::Unavailable | Kind::Timeout | Kind::Busy)
    }
}
