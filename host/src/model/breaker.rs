//! A circuit breaker: after failures in a row a model is left alone for a while.
//!
//! Lives here: when to ask and when not to.
//! Never here: what counts as a failure (`mod.rs`).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Failures in a row that open it.
const FAILURES: u32 = 3;
/// How long nobody asks then; after that one turn tries, and the others wait as long again.
const PAUSE: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    /// Whether this turn may ask.
    pub(super) fn lets_through(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = Some(now + PAUSE);
                true
            }
            None => true,
        }
    }

    /// Nobody asks for so long: the server has said so itself.
    pub(super) fn open_for(&self, pause: Duration, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = now + pause;
        state.open_until = Some(state.open_until.map_or(until, |known| known.max(until)));
    }

    /// What became of a question.
    pub(super) fn note(&self, answered: bool, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answered {
            *state = State::default();
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.open_until = Some(now + PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_then_tries_one_turn_at_a_time() {
        let breaker = Breaker::default();
        let now = Instant::now();
        for answered in [false, false, true, false, false] {
            breaker.note(answered, now);
        }
        assert!(breaker.lets_through(now));
        breaker.note(false, now);
        assert!(!breaker.lets_through(now));
        let later = now + PAUSE;
        assert!(breaker.lets_through(later));
        assert!(!breaker.lets_through(later));
        breaker.note(true, later);
        assert!(breaker.lets_through(later));
        assert!(breaker.lets_through(later));
    }

    #[test]
    fn a_server_that_names_a_time_is_left_alone_for_it() {
        let breaker = Breaker::default();
        let now = Instant::now();
        breaker.open_for(Duration::from_secs(2), now);
        assert!(!breaker.lets_through(now + Duration::from_secs(1)));
        assert!(breaker.lets_through(now + Duration::from_secs(2)));
    }
}
