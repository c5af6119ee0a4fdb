//! Twilio: its voice webhooks as text, what comes in, what goes out, and the proof that it is Twilio's.
//!
//! Lives here: signatures, forms, numbers, `TwiML` written and read; what we ask of its REST API.
//! Never here: what a call means (the engine), where it is kept (the store).

mod aloud;
pub mod api;
pub mod blocked;
pub mod connect;
mod element;
pub mod form;
pub mod number;
pub mod outbound;
pub mod read;
pub(crate) mod reply;
pub mod routes;
pub mod setup;
pub mod signature;
mod signed_url;
pub(crate) mod spoken;
pub mod twiml;
mod values;
pub(crate) mod wait;

pub use number::{Caller, PhoneNumber};
pub(crate) use values::is_language;
