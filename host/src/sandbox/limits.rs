//! What one run may use.
//!
//! Lives here: the limits of a run with their defaults, and memory counted over the whole component.
//! Never here: who grants more (`plugins.yml`), limits of a binding or a statement (their own modules).

use crate::guard::{self, Guard};
use std::time::Duration;
use wasmtime::ResourceLimiter;

/// The limits of one run. `Default` is what a plugin has when nobody says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wall clock, host calls included, waiting for a place not included.
    pub run: Duration,
    /// Guest code only, in ticks of 10 ms.
    pub cpu_ticks: u32,
    /// Bytes over all memories of the component; at most 64 MiB each.
    pub memory: usize,
    /// Bytes of notes; what is over is dropped and counted.
    pub log_bytes: usize,
    /// Bytes of slots set and arguments of responses; over it the run ends.
    pub output_bytes: usize,
    /// Statements and requests together; over it the run ends.
    pub host_calls: u32,
    /// Statements; over it the run ends.
    pub statements: u32,
    /// Requests to bindings; over it the run ends.
    pub requests: u32,
    /// Runs of the component at once; others wait a second, then are [`super::Finished::Busy`]. The first run
    /// of a loaded component decides this and the next.
    pub concurrent: usize,
    /// Runs that wait for a place; one more is [`super::Finished::Busy`] at once.
    pub waiting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            run: Duration::from_secs(4),
            cpu_ticks: 30,
            memory: 16 << 20,
            log_bytes: 16 << 10,
            output_bytes: 64 << 10,
            host_calls: 16,
            statements: 5,
            requests: 8,
            concurrent: 64,
            waiting: 64,
        }
    }
}

/// Elements of a table; the largest seen in a real guest is 7,690.
pub(super) const TABLE_ELEMENTS: usize = 20_000;

/// Counts memory over all memories of a component: wasmtime's own limits look at each alone.
pub(super) struct Memory {
    used: usize,
    most: usize,
    /// Whether the guest was refused memory: it then traps as `unreachable`, and this says why.
    pub(super) denied: bool,
}

impl Memory {
    pub(super) const fn of(most: usize) -> Self {
        Self { used: 0, most, denied: false }
    }

    pub(super) const fn used(&self) -> usize {
        self.used
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, now: usize, want: usize, _most: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.used.saturating_add(want.saturating_sub(now));
        if total > self.most {
            self.denied = true;
            return Ok(false);
        }
        self.used = total;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.denied = true;
        Ok(())
    }

    fn table_growing(&mut self, _now: usize, want: usize, _most: Option<usize>) -> wasmtime::Result<bool> {
        Ok(want <= TABLE_ELEMENTS || !guard::stands(Guard::Table))
    }

    fn instances(&self) -> usize {
        super::engine::CORE_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        super::engine::TABLES as usize
    }

    fn memories(&self) -> usize {
        super::engine::MEMORIES as usize
    }
}
