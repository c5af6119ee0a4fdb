//! Centralita's dialogue engine: given a project, the state of a call and what just happened, it
//! decides what is said and what the host must do next. It is pure: no IO, no async, no clock, no
//! randomness; the same arguments give the same answer on any machine, at any hour.

#![forbid(unsafe_code)]

pub mod yaml;
mod masked;
mod names;
mod value;

pub use masked::Masked;
pub use names::{ActionName, BadName, FlowId, ResponseName, SlotName, StepId};
pub use value::Value;
