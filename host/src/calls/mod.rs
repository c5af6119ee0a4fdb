//! Calls: one turn after another, each once.
//!
//! Lives here: the turn itself, its commit points, one caller at a time; a telephone's turns and those of conversations
//! without one.
//! Never here: the wire (`twilio`, `rest`), what is said (the engine).

mod converse;
mod draft;
mod locks;
mod turn;
mod understand;
mod walk;

pub use converse::{Message, Turned};
#[cfg(test)]
pub(crate) use draft::Beginning;
pub(crate) use draft::{Draft, Standing};
pub(crate) use locks::Locks;
pub use turn::{Arrival, Reply, TurnError, Words};
pub(crate) use turn::{WHISPER, Whisper, state_of};
pub(crate) use understand::{parsed, unaided};

use crate::app::App;
use std::sync::Arc;

/// The channel of telephone calls.
pub(crate) const TELEPHONE: &str = "twilio_voice";

/// What the row of a conversation that is no telephone call begins with. No `CallSid` holds a colon, so neither can ever
/// reach the other's row.
const CHAT: &str = "chat:";

/// The row of a conversation that is no telephone call.
pub(crate) fn row_of(conversation: &str) -> String {
    format!("{CHAT}{conversation}")
}

/// The name others know a row by: the telephone network's of a call, the sender's of a conversation.
pub(crate) fn name_of(row: &str) -> &str {
    row.strip_prefix(CHAT).unwrap_or(row)
}

/// Whether a row is a telephone call's.
pub(crate) fn is_telephone(row: &str) -> bool {
    !row.starts_with(CHAT)
}

/// A turn that was begun is carried to its end, whether or not somebody still listens: a connection
/// that drops must not leave a caller's yes half done.
pub(crate) async fn carried<T, E, F>(app: Arc<App>, work: impl FnOnce(Arc<App>) -> F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<TurnError> + Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    tokio::spawn(work(app)).await.unwrap_or_else(|error| Err(TurnError::Broken(error.to_string()).into()))
}
