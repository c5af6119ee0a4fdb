//! What can be made to go wrong at the desk, on purpose.

use super::routes::Asked;
use std::time::Duration;

/// One way to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers, but only after this long.
    Latency(Duration),
    /// Closes the connection; nothing is executed.
    DropBefore,
    /// Executes, then closes the connection without a byte of answer.
    DropAfter,
    /// 500 in JSON; nothing is executed.
    Status500,
    /// 502 in HTML, as a gateway sends it; nothing is executed.
    Html502,
    /// 429 whatever the rate; nothing is executed.
    Storm429 {
        /// Seconds for `Retry-After`.
        retry_after: u64,
    },
    /// Executes and answers a few bytes at a time, with this pause between them.
    SlowBody(Duration),
    /// Executes and closes the connection in the middle of the body.
    Truncated,
    /// Closes the connection at once and executes this much later.
    LateCommit(Duration),
}

/// Which requests a fault is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// `POST /tickets`.
    Create,
    /// Every request.
    All,
}

/// The faults that are set.
#[derive(Default)]
pub(super) struct Faults(Vec<(Fault, On, Option<u32>)>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault, on: On, times: Option<u32>) {
        self.0.push((fault, on, times));
    }

    /// The fault for this request, counted.
    pub(super) fn next(&mut self, asked: &Asked) -> Option<Fault> {
        self.0.retain(|(_, _, times)| *times != Some(0));
        let (fault, _, times) = self.0.iter_mut().find(|(_, on, _)| *on == On::All || asked.is_create())?;
        if let Some(times) = times {
            *times -= 1;
        }
        Some(fault.clone())
    }
}
