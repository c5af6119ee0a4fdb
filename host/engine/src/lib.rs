//! Centralita's dialogue engine: given a project, the state of a call and what just happened, it
//! decides what is said and what the host must do next. It is pure: no IO, no async, no clock, no
//! randomness; the same arguments give the same answer on any machine, at any hour.

#![forbid(unsafe_code)]

pub mod answers;
pub mod command;
pub mod condition;
pub mod entities;
pub mod event;
pub mod matcher;
pub mod project;
pub mod state;
pub mod template;
pub mod yaml;

mod legal;
mod masked;
mod names;
mod scope;
mod step;
mod value;

pub use command::{Command, Source};
pub use event::{Ending, Event, Opening, RunId, Timestamp, Via};
pub use legal::{Grammar, LegalSlot, along, legal};
pub use masked::Masked;
pub use names::{ActionName, BadName, FlowId, ResponseName, SlotName, StepId};
pub use project::Project;
pub use state::CallState;
pub use step::{
    Destination, Effect, Happened, Input, LIKELY, Matched, Next, Outcome, Run, SURE, Say, Step, Utterance, asks_for_person, matched, step, typed, worded,
};
pub use value::Value;
