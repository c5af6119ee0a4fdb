//! What can be made to go wrong at a stand-in, on purpose.
//!
//! Lives here: the faults, which one a request gets, and what it does to the connection.
//! Never here: what a stand-in answers.

use super::line::{Manner, Wire};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
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

/// The faults that are set, each for the requests that `On` names.
pub(super) struct Faults<On>(Vec<(Fault, On, Option<u32>)>);

impl<On> Default for Faults<On> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<On: Copy> Faults<On> {
    pub(super) fn add(&mut self, fault: Fault, on: On, times: Option<u32>) {
        self.0.push((fault, on, times));
    }

    /// The first fault that fits a request, counted.
    pub(super) fn next(&mut self, fits: impl Fn(On) -> bool) -> Option<Fault> {
        self.0.retain(|(_, _, times)| *times != Some(0));
        let (fault, _, times) = self.0.iter_mut().find(|(_, on, _)| fits(*on))?;
        if let Some(times) = times {
            *times -= 1;
        }
        Some(fault.clone())
    }
}

/// Answers a request as its fault wants it: `answer` executes it, and is handed the fault since some faults are answers.
pub(super) async fn answered(fault: Option<Fault>, wire: Option<Wire>, answer: impl FnOnce(Option<&Fault>) -> Response + Send + 'static) -> Response {
    let behave = |manner: Manner| {
        if let Some(wire) = &wire {
            wire.behave(manner);
        }
    };
    behave(Manner::Plain);
    match fault {
        Some(Fault::Latency(pause)) => tokio::time::sleep(pause).await,
        Some(Fault::DropBefore) => {
            behave(Manner::Cut);
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        Some(Fault::LateCommit(pause)) => {
            behave(Manner::Cut);
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                answer(None);
            });
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        Some(Fault::DropAfter) => behave(Manner::Cut),
        Some(Fault::Truncated) => behave(Manner::Half),
        Some(Fault::SlowBody(pause)) => behave(Manner::Drip(pause)),
        Some(Fault::Status500 | Fault::Html502 | Fault::Storm429 { .. }) | None => {}
    }
    answer(fault.as_ref())
}
