//! The figures of many calls.
//!
//! Lives here: percentiles, rates, outcomes, and faults counted by their words; as text and as JSON.
//! Never here: making calls.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    play::{Played, SLOW},
    random::Came,
};

/// Sums up calls as they end.
#[derive(Default)]
pub(super) struct Report {
    calls: usize,
    faulty: usize,
    turns: Vec<Duration>,
    outcomes: BTreeMap<String, usize>,
    faults: BTreeMap<String, Fault>,
    /// Whether the calls were drawn, so that each has a seed.
    drawn: bool,
    /// From the first ring to the last end.
    pub(super) elapsed: Duration,
}

/// One call, as far as it is counted.
#[derive(Default)]
pub(super) struct Counted {
    turns: Vec<Duration>,
    outcome: Option<String>,
    faults: Vec<String>,
    replay: Option<Replay>,
}

/// What makes a drawn call again.
#[derive(Clone, Serialize)]
pub(super) struct Replay {
    pub(super) seed: u64,
    pub(super) from: String,
}

#[derive(Default, Serialize)]
struct Fault {
    times: usize,
    /// The calls in which it happened, for those that were drawn.
    replay: Vec<Replay>,
}

impl From<Played> for Counted {
    fn from(played: Played) -> Self {
        Self { turns: played.turns, outcome: played.ending.map(|ending| ending.to_string()), faults: played.faults, replay: None }
    }
}

impl Counted {
    pub(super) fn drawn(came: Came, replay: Replay) -> Self {
        Self { turns: came.turns, outcome: came.outcome.map(|outcome| outcome.to_string()), faults: came.faults, replay: Some(replay) }
    }
}

impl Report {
    pub(super) fn new(drawn: bool) -> Self {
        Self { drawn, ..Self::default() }
    }

    pub(super) fn add(&mut self, call: Counted) {
        self.calls += 1;
        self.faulty += usize::from(!call.faults.is_empty());
        self.turns.extend(call.turns);
        call.outcome.into_iter().for_each(|outcome| *self.outcomes.entry(outcome).or_default() += 1);
        for words in call.faults {
            let fault = self.faults.entry(words).or_default();
            fault.times += 1;
            fault.replay.extend(call.replay.clone());
        }
    }

    /// Calls with at least one fault.
    pub(super) const fn faulty(&self) -> usize {
        self.faulty
    }

    /// The whole report, for a machine.
    pub(super) fn json(&self) -> Value {
        let [p50, p95, p99, max] = self.milliseconds();
        json!({
            "calls": self.calls,
            "seconds": self.elapsed.as_secs_f64(),
            "turns": self.turns.len(),
            "turn_ms": {"p50": p50, "p95": p95, "p99": p99, "max": max},
            "outcomes": self.outcomes,
            "faulty": self.faulty,
            "faults": self.faults,
        })
    }

    /// What half of all turns took at most, 95 and 99 of a hundred, and the slowest.
    fn milliseconds(&self) -> [f64; 4] {
        let mut turns = self.turns.clone();
        turns.sort_unstable();
        [50, 95, 99, 100].map(|percent| percentile(&turns, percent).as_secs_f64() * 1e3)
    }

    fn write_outcomes(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "outcomes:")?;
        let mut outcomes: Vec<_> = self.outcomes.iter().collect();
        outcomes.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
        outcomes.iter().try_for_each(|(outcome, times)| writeln!(out, "  {times} x {outcome}"))?;
        writeln!(out, "calls with a fault: {}", self.faulty)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs_f64().max(1e-9);
        writeln!(out, "calls: {} in {seconds:.2} s, {:.1} calls/s", self.calls, self.calls as f64 / seconds)?;
        writeln!(out, "turns: {}, {:.1} turns/s", self.turns.len(), self.turns.len() as f64 / seconds)?;
        let [p50, p95, p99, max] = self.milliseconds();
        writeln!(out, "turn ms: p50 {p50:.1}, p95 {p95:.1}, p99 {p99:.1}, max {max:.1}")?;
        if self.drawn {
            self.write_outcomes(out)?;
        } else {
            let limit = SLOW.as_secs();
            writeln!(out, "calls that did not end in the script's outcome, heard an apology or had a turn >= {limit} s: {}", self.faulty)?;
        }
        for (words, fault) in &self.faults {
            writeln!(out, "  {} x {words}", fault.times)?;
            for Replay { seed, from } in &fault.replay {
                writeln!(out, "      again: --random {seed} --calls 1 --from {from}")?;
            }
        }
        Ok(())
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
    use crate::phone::{Ending, Outcome};

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
        report.add(Played { turns: vec![Duration::from_millis(4); 3], ending: Some(Ending::HungUp), faults }.into());
        report.add(Played { turns: vec![Duration::from_millis(8)], ..Played::default() }.into());
        let expected = "calls: 2 in 2.00 s, 1.0 calls/s\nturns: 4, 2.0 turns/s\nturn ms: p50 4.0, p95 8.0, p99 8.0, max 8.0\n\
            calls that did not end in the script's outcome, heard an apology or had a turn >= 2 s: 1\n  \
            1 x a turn took 2 s or more\n  1 x an apology was heard\n";
        assert_eq!(report.to_string(), expected);
        let expected = json!({
            "calls": 2, "seconds": 2.0, "turns": 4, "turn_ms": {"p50": 4.0, "p95": 8.0, "p99": 8.0, "max": 8.0},
            "outcomes": {"hangup": 1}, "faulty": 1,
            "faults": {"a turn took 2 s or more": {"times": 1, "replay": []}, "an apology was heard": {"times": 1, "replay": []}},
        });
        assert_eq!(report.json(), expected);
    }

    #[test]
    fn a_drawn_call_says_how_it_is_made_again() {
        let mut report = Report { elapsed: Duration::from_secs(1), drawn: true, ..Report::default() };
        let came = Came { outcome: Some(Outcome::Ticket), faults: vec!["odd".to_owned()], ..Came::default() };
        report.add(Counted::drawn(came, Replay { seed: 17, from: "+525510000017".to_owned() }));
        report.add(Counted::drawn(Came { outcome: Some(Outcome::Goodbye), ..Came::default() }, Replay { seed: 18, from: "+525510000018".to_owned() }));
        let end = "outcomes:\n  1 x goodbye\n  1 x reported, ticket number heard\ncalls with a fault: 1\n  1 x odd\n      \
            again: --random 17 --calls 1 --from +525510000017\n";
        assert!(report.to_string().ends_with(end), "{report}");
        assert_eq!(report.json()["faults"]["odd"]["replay"], json!([{"seed": 17, "from": "+525510000017"}]));
    }
}
