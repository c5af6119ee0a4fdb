//! ConversationRelay: a call whose words come and go over one socket (`twilio-voice.md` §4).
//!
//! Lives here: opening and ending a session, and the session itself. A turn is the same as by webhook, and so is its
//! document; a session speaks it.
//! Never here: turns (`calls`), what a document says (`twilio/reply.rs`).

mod frames;
mod handed;
mod routes;
mod session;
mod sessions;
mod wire;

pub(crate) use handed::handed;
pub(crate) use routes::router;
pub(crate) use sessions::Sessions;
