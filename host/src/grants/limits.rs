//! How much a run may use.
//!
//! Lives here: the limits, their defaults and bounds, and the smaller of what two sides say.
//! Never here: enforcing them (`sandbox`).

use super::strict::{only, whole};
use centralita_engine::yaml::{Findings, Kind, Node};
use std::time::Duration;

/// Limits of one plugin's runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wall clock of a run.
    pub run: Duration,
    /// Wall clock of one call to the host.
    pub host_call: Duration,
    /// Time the guest itself may compute in a run.
    pub cpu: Duration,
    /// Memory of a run in MiB, over the whole component.
    pub memory_mib: u64,
    /// Bytes of log a run may write.
    pub log_bytes: u64,
    /// Bytes of slots and responses a run may write.
    pub output_bytes: u64,
    /// Calls to bindings and statements in a run.
    pub host_calls: u64,
    /// Statements in a run.
    pub statements: u64,
    /// Requests to bindings in a run.
    pub requests: u64,
    /// Runs at the same time; more wait in a short queue.
    pub concurrent: u64,
    /// The length of that queue; more are `busy` at once.
    pub waiting: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            run: Duration::from_millis(4000),
            host_call: Duration::from_millis(2500),
            cpu: Duration::from_millis(300),
            memory_mib: 16,
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

/// Limits as written on one side; what is not written is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked([Option<u64>; COUNT]);

const COUNT: usize = 11;

/// Key, least, most. The order is that of [`Limits`].
const KEYS: [(&str, u64, u64); COUNT] = [
    ("run_ms", 1, 15_000),
    ("host_call_ms", 1, 12_000),
    ("cpu_ms", 1, 4000),
    ("memory_mib", 1, 64),
    ("log_bytes", 0, 1 << 20),
    ("output_bytes", 0, 1 << 20),
    ("host_calls", 0, 100),
    ("statements", 0, 5),
    ("requests", 0, 50),
    ("concurrent", 1, 1000),
    ("waiting", 0, 1000),
];

impl Asked {
    /// Reads `limits:`. An author may write `run_ms: {ask: 4000, why: …}`.
    pub(super) fn read(node: Option<&Node>, findings: &mut Findings<'_>) -> Self {
        let Some(node) = node else {
            return Self::default();
        };
        only(node, "`limits`", &KEYS.map(|(key, ..)| key), findings);
        let mut asked = [None; COUNT];
        for (slot, (key, least, most)) in asked.iter_mut().zip(KEYS) {
            let Some(mut value) = node.get(key) else {
                continue;
            };
            if let (Kind::Map(_), Some(ask)) = (&value.kind, value.get("ask")) {
                only(value, &format!("`{key}`"), &["ask", "why"], findings);
                value = ask;
            }
            *slot = whole(value, &format!("`{key}`"), least, most, findings);
        }
        Self(asked)
    }

    /// The limits in force: what is granted (or the default), lowered to what is asked. Keys asked
    /// above the grant are returned with both numbers.
    pub fn within(self, granted: Self) -> (Limits, Vec<(&'static str, u64, u64)>) {
        let defaults = Limits::default().numbers();
        let mut above = Vec::new();
        let mut numbers = [0; COUNT];
        for (index, number) in numbers.iter_mut().enumerate() {
            let most = granted.0[index].unwrap_or(defaults[index]);
            if let Some(asked) = self.0[index].filter(|asked| *asked > most) {
                above.push((KEYS[index].0, asked, most));
            }
            *number = self.0[index].map_or(most, |asked| asked.min(most));
        }
        (Limits::of(numbers), above)
    }
}

impl Limits {
    fn numbers(&self) -> [u64; COUNT] {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        [
            ms(self.run),
            ms(self.host_call),
            ms(self.cpu),
            self.memory_mib,
            self.log_bytes,
            self.output_bytes,
            self.host_calls,
            self.statements,
            self.requests,
            self.concurrent,
            self.waiting,
        ]
    }

    const fn of(numbers: [u64; COUNT]) -> Self {
        let [run, host_call, cpu, memory_mib, log_bytes, output_bytes, host_calls, statements, requests, concurrent, waiting] = numbers;
        let (run, host_call, cpu) = (Duration::from_millis(run), Duration::from_millis(host_call), Duration::from_millis(cpu));
        Self { run, host_call, cpu, memory_mib, log_bytes, output_bytes, host_calls, statements, requests, concurrent, waiting }
    }
}
