//! What is known when there is no answer.
//!
//! Lives here: the five kinds of failure, and how an error of the HTTP client becomes one.
//! Never here: what a flow does about it.

use super::address::ForbiddenAddress;
use std::error::Error;

/// Why there is no answer, and what that says about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A rule of the binding forbids it, or the answer broke one and the request was safe.
    Refused,
    /// No connection stood, or a safe request got no answer: nothing was executed.
    Unavailable,
    /// A safe request took too long.
    Timeout,
    /// The rate of the binding is used up; nothing was sent.
    Busy,
    /// It was sent, and whether it was executed cannot be known. Look before repeating it.
    Unknown,
}

impl FailureKind {
    /// The word for it in logs and in the journal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Busy => "busy",
            Self::Unknown => "unknown",
        }
    }
}

/// A request without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", kind.as_str())]
pub struct Failure {
    /// What is known.
    pub kind: FailureKind,
    /// For logs: short, without URL, body or header values.
    pub detail: String,
}

impl Failure {
    pub(super) fn refused(detail: impl Into<String>) -> Self {
        Self { kind: FailureKind::Refused, detail: detail.into() }
    }

    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        Self { kind: FailureKind::Unavailable, detail: detail.into() }
    }

    pub(super) fn busy(detail: impl Into<String>) -> Self {
        Self { kind: FailureKind::Busy, detail: detail.into() }
    }

    /// Time ran out: for a safe request only that, for any other the question whether it happened.
    pub(crate) fn no_answer(safe: bool, detail: impl Into<String>) -> Self {
        Self { kind: if safe { FailureKind::Timeout } else { FailureKind::Unknown }, detail: detail.into() }
    }

    /// There was an answer and it cannot be used.
    pub(super) fn unusable(safe: bool, detail: impl Into<String>) -> Self {
        Self { kind: if safe { FailureKind::Refused } else { FailureKind::Unknown }, detail: detail.into() }
    }

    pub(super) fn of(error: &reqwest::Error, safe: bool) -> Self {
        if let Some(forbidden) = find::<ForbiddenAddress>(error) {
            return Self::refused(forbidden.to_string());
        }
        if error.is_builder() {
            return Self::refused("the request cannot be written as HTTP");
        }
        if error.is_connect() {
            return Self::unavailable(format!("no connection: {}", causes(error)));
        }
        if error.is_timeout() {
            return Self::no_answer(safe, "no answer in time");
        }
        let kind = if safe { FailureKind::Unavailable } else { FailureKind::Unknown };
        Self { kind, detail: format!("the connection ended without an answer: {}", causes(error)) }
    }
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The causes below an error of the client, without its first line, which holds the URL.
pub(crate) fn causes(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        words.push(error.to_string());
        next = error.source();
    }
    words.dedup();
    words.join(": ").chars().filter(|c| !c.is_control()).take(200).collect()
}
