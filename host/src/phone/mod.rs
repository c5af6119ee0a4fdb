//! The other end of the line: a telephone that does to a server what Twilio does.
//!
//! Lives here: calls over real HTTP with signed forms, scripts for them, and `centralita call`.
//! Never here: anything the server itself needs.

mod caller;
pub mod command;
mod heard;
mod line;
mod many;
mod play;
#[cfg(test)]
mod pretend;
mod random;
mod relay;
mod report;
mod request;
mod script;
mod token;

pub use caller::Caller;
pub use heard::{Dialed, Heard, Next};
pub use line::{Answer, Line, Trouble};
pub use play::{Played, play};
pub use random::{Came, Outcome, RandomCall};
pub use script::{BadScript, Deed, Ending, Pause, Script};
pub use token::signing_token;
