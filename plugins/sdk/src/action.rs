//! What an action is: the one trait behind [`crate::actions!`].
//!
//! Lives here: the trait, and every function that is an action by its shape.
//! Never here: what a run offers (`run.rs`).

use crate::{Failure, Run};

/// Something the plugin does when a flow asks for it by name.
///
/// Every `fn(&Run) -> Result<(), E>` is one, for any error that becomes a [`Failure`]: an error type of the plugin's own
/// says what can go wrong, and its `From` says what the flow sees of it.
///
/// ```
/// use centralita_plugin::{Action, Failure, Fake, Run};
///
/// enum Error { NoCard, Host(Failure) }
///
/// impl From<Failure> for Error {
///     fn from(failure: Failure) -> Self { Self::Host(failure) }
/// }
///
/// impl From<Error> for Failure {
///     fn from(error: Error) -> Self {
///         match error {
///             Error::NoCard => Failure::refused("the client has no card"),
///             Error::Host(failure) => failure,
///         }
///     }
/// }
///
/// fn block(run: &Run) -> Result<(), Error> {
///     if run.query("cards-of-client", &[])?.is_empty() { Err(Error::NoCard) } else { Ok(()) }
/// }
///
/// let fake = Fake::at("2026-11-23T07:30:00-06:00").statement("cards-of-client", |_| Ok(vec![]));
/// assert_eq!(block.act(&fake.run()).unwrap_err().kind, "refused");
/// ```
pub trait Action {
    /// Does it. A failure ends the run with its kind as the outcome the flow sees.
    ///
    /// # Errors
    /// Whatever the action says went wrong.
    fn act(&self, run: &Run) -> Result<(), Failure>;
}

impl<F, E> Action for F
where
    F: Fn(&Run) -> Result<(), E>,
    E: Into<Failure>,
{
    fn act(&self, run: &Run) -> Result<(), Failure> {
        self(run).map_err(Into::into)
    }
}
