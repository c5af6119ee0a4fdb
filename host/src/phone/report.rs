//! The figures of many calls.
//!
//! Lives here: percentiles, rates, and faults counted by their words.
//! Never here: making calls.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::play::{Played, SLOW};

/// Sums up calls as they end.
#[derive(Default)]
pub(super) struct Report {
    calls: usize,
    faulty: usize,
    turns: Vec<Duration>,
    faults: BTreeMap<String, usize>,
    /// From the first ring to the last end.
    pub(super) elapsed: Duration,
}

impl Report {
    pub(super) fn add(&mut self, played: Played) {
        self.calls += 1;
        self.faulty += usize::from(!played.faults.is_empty());
        self.turns.extend(played.turns);
        for fault in played.faults {
            *self.faults.entry(fault).or_default() += 1;
        }
    }

    /// Calls with at least one fault.
    pub(super) const fn faulty(&self) -> usize {
        self.faulty
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs_f64().max(1e-9);
        let mut turns = self.turns.clone();
        turns.sort_unstable();
        let at = |percent| percentile(&turns, percent).as_secs_f64() * 1e3;
        writeln!(out, "calls: {} in {seconds:.2} s, {:.1} calls/s", self.calls, self.calls as f64 / seconds)?;
        writeln!(out, "turns: {}, {:.1} turns/s", turns.len(), turns.len() as f64 / seconds)?;
        writeln!(out, "turn ms: p50 {:.1}, p95 {:.1}, p99 {:.1}, max {:.1}", at(50), at(95), at(99), at(100))?;
        let limit = SLOW.as_secs();
        writeln!(out, "calls that did not end in the script's outcome, heard an apology or had a turn >= {limit} s: {}", self.faulty)?;
        self.faults.iter().try_for_each(|(fault, times)| writeln!(out, "  {times} x {fault}"))
    }
}

/// The smallest value that `percent` of all values do not exceed; zero of nothing.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let sorted: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        let at = |percent| percentile(&sorted, percent).as_millis();
        assert_eq!((at(50), at(95), at(99), at(100)), (100, 190, 198, 200));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }

    #[test]
    fn a_call_with_two_faults_is_one_faulty_call() {
        let mut report = Report { elapsed: Duration::from_secs(2), ..Report::default() };
        let faults = vec!["an apology was heard".to_owned(), "a turn took 2 s or more".to_owned()];
        report.add(Played { turns: vec![Duration::from_millis(4); 3], ending: None, faults });
        report.add(Played { turns: vec![Duration::from_millis(8)], ..Played::default() });
        let expected = "calls: 2 in 2.00 s, 1.0 calls/s\nturns: 4, 2.0 turns/s\nturn ms: p50 4.0, p95 8.0, p99 8.0, max 8.0\n\
            calls that did not end in the script's outcome, heard an apology or had a turn >= 2 s: 1\n  \
            1 x a turn took 2 s or more\n  1 x an apology was heard\n";
        assert_eq!(report.to_string(), expected);
    }
}
