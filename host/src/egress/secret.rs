//! A credential that cannot be printed, compared or copied about.

/// A key, password or token of a binding. No `Debug`, `Display`, `Clone` or `Serialize`.
pub struct Secret(String);

impl Secret {
    /// Wraps a credential.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The credential, for the header it belongs in.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

const _: () = {
    // Stops compiling, as ambiguous, on the day somebody makes `Secret` printable.
    trait Unprintable<Proof> {
        const OK: () = ();
    }
    impl<T> Unprintable<()> for T {}
    impl<T: std::fmt::Debug> Unprintable<u8> for T {}
    impl<T: std::fmt::Display> Unprintable<u16> for T {}
    <Secret as Unprintable<_>>::OK
};
