//! What one run used of its limits, and where it stood when it crashed.
//!
//! Lives here: the figures, for authors and their tests.
//! Never here: the limits themselves (`limits.rs`), files and lines: symbols are kept apart from what runs.

use super::Limits;
use super::state::State;
use std::time::Duration;
use wasmtime::WasmBacktrace;

/// What a run used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// From the fresh instance to its end, host calls included.
    pub time: Duration,
    /// Ticks of 10 ms that went by while guest code was running.
    pub cpu_ticks: u32,
    /// Bytes over all memories of the component.
    pub memory: usize,
    /// Statements and requests together.
    pub host_calls: u32,
    /// Bytes of slots set and arguments of responses.
    pub output_bytes: usize,
    /// Bytes of notes.
    pub log_bytes: usize,
    /// Where the guest stood when it crashed, innermost first: bytes from the beginning of the component.
    pub frames: Vec<usize>,
}

impl Spent {
    pub(super) fn of(state: &State, limits: &Limits, time: Duration, error: Option<&wasmtime::Error>) -> Self {
        let frames = error.and_then(|error| error.downcast_ref::<WasmBacktrace>()).map(WasmBacktrace::frames).unwrap_or_default();
        Self {
            time,
            cpu_ticks: state.cpu_ticks,
            memory: state.memory.used(),
            host_calls: limits.host_calls - state.calls_left.min(limits.host_calls),
            output_bytes: limits.output_bytes.saturating_sub(state.output_left),
            log_bytes: limits.log_bytes.saturating_sub(state.log_left),
            frames: frames.iter().filter_map(wasmtime::FrameInfo::module_offset).collect(),
        }
    }
}
