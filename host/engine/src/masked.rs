//! Text of a caller or about a caller, which no log line can print.
//!
//! Lives here: the wrapper, and the proof that it stays unprintable.
//! Never here: sealing (the host's store), tokens (the host's runs).

use serde::{Deserialize, Serialize};

/// A value that may be spoken back to the caller but never printed: last four digits, names,
/// phone numbers, everything a caller says. It has neither `Debug` nor `Display`; it can be
/// serialised, because what is stored is sealed (`design.md`, invariant 7).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Masked<T>(T);

impl<T> Masked<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Every call of this is a place a reviewer looks at.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// The value itself, by value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl From<&str> for Masked<String> {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

const _: () = {
    // Stops compiling, as ambiguous, on the day somebody makes `Masked` printable.
    trait Unprintable<Proof> {
        const OK: () = ();
    }
    impl<T> Unprintable<()> for T {}
    impl<T: std::fmt::Debug> Unprintable<u8> for T {}
    impl<T: std::fmt::Display> Unprintable<u16> for T {}
    <Masked<String> as Unprintable<_>>::OK
};
