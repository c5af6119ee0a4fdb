//! How well a model understood over many turns, by class of command.
//!
//! Lives here: counting, precision, recall and F1, and the table that shows them.
//! Never here: when two commands are the same (`compare.rs`).

use super::compare::Comparison;
use centralita_engine::Command;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What became of the commands of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Expected and written.
    pub true_positives: u32,
    /// Written, not expected.
    pub false_positives: u32,
    /// Expected, not written.
    pub false_negatives: u32,
}

impl Counts {
    /// How much of what was written was expected, 0 to 1; `None` when nothing was written.
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.false_positives)
    }

    /// How much of what was expected was written, 0 to 1; `None` when nothing was expected.
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positives, self.false_negatives)
    }

    /// The harmonic mean of both, 0 to 1; `None` when the class never came up.
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.true_positives, self.false_positives + self.false_negatives)
    }

    fn add(&mut self, other: Self) {
        self.true_positives += other.true_positives;
        self.false_positives += other.false_positives;
        self.false_negatives += other.false_negatives;
    }
}

fn share(part: u32, rest: u32) -> Option<f64> {
    (part + rest > 0).then(|| f64::from(part) / f64::from(part + rest))
}

/// The sum over the turns of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// By the name of the command.
    pub classes: BTreeMap<&'static str, Counts>,
    /// Turns that were compared.
    pub turns: u32,
    /// Turns in which exactly the expected commands were written.
    pub right: u32,
}

impl Score {
    /// Adds one turn.
    pub fn add(&mut self, comparison: &Comparison) {
        self.turns += 1;
        self.right += u32::from(comparison.passes());
        let mut count = |commands: &[Command], one: Counts| {
            for command in commands {
                self.classes.entry(command.name()).or_default().add(one);
            }
        };
        count(&comparison.hits, Counts { true_positives: 1, ..Counts::default() });
        count(&comparison.surplus, Counts { false_positives: 1, ..Counts::default() });
        count(&comparison.missing, Counts { false_negatives: 1, ..Counts::default() });
    }

    /// All classes together.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        self.classes.values().for_each(|counts| total.add(*counts));
        total
    }

    /// A line for each class, one for all of them, and how many turns were right.
    pub fn table(&self) -> String {
        let mut table = format!("{:<20} {:>5} {:>5} {:>5} {:>9} {:>6} {:>6}\n", "command", "tp", "fp", "fn", "precision", "recall", "f1");
        for (name, counts) in self.classes.iter().map(|(name, counts)| (*name, *counts)).chain([("all", self.total())]) {
            let shown = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| format!("{share:.2}"));
            let (precision, recall, f1) = (shown(counts.precision()), shown(counts.recall()), shown(counts.f1()));
            let Counts { true_positives, false_positives, false_negatives } = counts;
            let _ = writeln!(table, "{name:<20} {true_positives:>5} {false_positives:>5} {false_negatives:>5} {precision:>9} {recall:>6} {f1:>6}");
        }
        let _ = writeln!(table, "{} of {} turns as expected", self.right, self.turns);
        table
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare;
    use super::*;
    use centralita_engine::command::{Syntax, read};

    fn score(turns: &[(&str, &str)]) -> Score {
        let mut score = Score::default();
        for (expected, written) in turns {
            score.add(&compare(&read(Syntax::Calls, expected), &read(Syntax::Calls, written)));
        }
        score
    }

    #[test]
    fn each_class_is_counted_by_itself() {
        let score = score(&[("StartFlow(a)", "StartFlow(a)"), ("StartFlow(a) SetSlot(b, 1)", "StartFlow(c)"), ("CancelFlow()", "CancelFlow()")]);
        assert_eq!(score.classes["start flow"], Counts { true_positives: 1, false_positives: 1, false_negatives: 1 });
        assert_eq!(score.classes["set slot"], Counts { true_positives: 0, false_positives: 0, false_negatives: 1 });
        assert_eq!(score.classes["cancel flow"], Counts { true_positives: 1, false_positives: 0, false_negatives: 0 });
        assert_eq!((score.turns, score.right), (3, 2));
        assert_eq!(score.total(), Counts { true_positives: 2, false_positives: 1, false_negatives: 2 });
    }

    #[test]
    fn precision_recall_and_f1_are_shares_and_nothing_divides_by_nothing() {
        let counts = Counts { true_positives: 3, false_positives: 1, false_negatives: 2 };
        assert_eq!((counts.precision(), counts.recall(), counts.f1()), (Some(0.75), Some(0.6), Some(6.0 / 9.0)));
        let missed = Counts { false_negatives: 1, ..Counts::default() };
        assert_eq!((missed.precision(), missed.recall(), missed.f1()), (None, Some(0.0), Some(0.0)));
        assert_eq!(Counts::default().f1(), None);
    }

    #[test]
    fn the_table_has_a_line_for_each_class_and_one_for_all() {
        let table = score(&[("StartFlow(a)", "StartFlow(a)"), ("SetSlot(b, 1)", "")]).table();
        let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["set", "slot", "0", "0", "1", "-", "0.00", "0.00"]);
        assert_eq!(lines[2], ["start", "flow", "1", "0", "0", "1.00", "1.00", "1.00"]);
        assert_eq!(lines[3], ["all", "1", "0", "1", "1.00", "0.50", "0.67"]);
        assert_eq!(lines[4].join(" "), "1 of 2 turns as expected");
    }
}
