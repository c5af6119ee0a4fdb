//! A release on trial: how its first runs end.
//!
//! Lives here: counting them, and from when on it is too many.
//! Never here: what is done about it (`keeper.rs`).

use crate::sandbox::Finished;
use std::sync::atomic::{AtomicU32, Ordering};

/// Runs of a release that are counted.
const RUNS: u32 = 20;
/// Of those, how many may not end in a trap or out of time.
const MOST: u32 = 3;

/// The first runs of a release.
#[derive(Default)]
pub struct Trial {
    runs: AtomicU32,
    bad: AtomicU32,
}

impl Trial {
    /// Counts a run; true once, at the run with which it is too many.
    pub fn failed_at(&self, finished: &Finished) -> bool {
        if self.runs.load(Ordering::Relaxed) >= RUNS || self.runs.fetch_add(1, Ordering::Relaxed) >= RUNS {
            return false;
        }
        let bad = match finished {
            Finished::Trap { .. } | Finished::Timeout | Finished::Cpu | Finished::Memory => true,
            Finished::Done | Finished::Failed { .. } | Finished::Busy | Finished::HostStop { .. } => false,
        };
        bad && self.bad.fetch_add(1, Ordering::Relaxed) + 1 == MOST
    }

    /// What is said of a release that failed.
    pub fn reason() -> String {
        format!("{MOST} of its first {RUNS} runs ended in a trap or out of time")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(bad: &[usize]) -> Vec<usize> {
        let trial = Trial::default();
        let run = |number: usize| if bad.contains(&number) { Finished::Trap { detail: String::new() } } else { Finished::Done };
        (1..=40).filter(|number| trial.failed_at(&run(*number))).collect()
    }

    #[test]
    fn the_third_bad_run_of_the_first_twenty_is_too_many_and_later_ones_do_not_count() {
        assert_eq!(verdicts(&[1, 2, 3, 4, 5]), [3]);
        assert_eq!(verdicts(&[1, 10, 20]), [20]);
        assert_eq!(verdicts(&[1, 2, 21, 22]), Vec::<usize>::new());
    }

    #[test]
    fn an_action_that_fails_in_its_own_words_is_no_bad_run() {
        let trial = Trial::default();
        let failed = Finished::Failed { kind: "failed".into(), detail: String::new() };
        assert!((0..RUNS).all(|_| !trial.failed_at(&failed)));
    }
}
