//! The figures of a run.
//!
//! Lives here: counts, precision and recall, who understood, how long it took.
//! Never here: how they are shown.

use super::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A run: what it was made with, its figures and every verdict.
#[derive(Serialize, Deserialize)]
pub(crate) struct Report {
    /// The project's folder.
    pub(crate) project: String,
    /// By question and label.
    pub(crate) rows: Vec<Row>,
    /// By who understood, how many.
    pub(crate) by: BTreeMap<String, usize>,
    /// Half of the utterances took no longer, microseconds.
    pub(crate) p50_us: u64,
    /// And 99 of 100.
    pub(crate) p99_us: u64,
    /// Everything, in the order of the files.
    pub(crate) verdicts: Vec<Verdict>,
}

/// A label of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The slot that is asked for, or empty.
    pub(crate) asks: String,
    /// The label.
    pub(crate) label: String,
    /// Utterances with it.
    pub(crate) count: usize,
    /// Of them understood.
    pub(crate) right: usize,
    /// Of those that were taken for what it stands for, the share that was it; none where nothing was.
    pub(crate) precision: Option<f64>,
    /// Understood and all, by country.
    pub(crate) countries: BTreeMap<String, (usize, usize)>,
    /// What the others were taken for, and how many.
    pub(crate) taken_for: BTreeMap<String, usize>,
}

impl Row {
    /// Of its utterances, the share that was understood.
    pub(crate) fn recall(&self) -> f64 {
        share(self.right, self.count)
    }
}

/// One number over another, 0 when there is nothing.
#[expect(clippy::cast_precision_loss, reason = "counts of utterances are far below 2^52")]
pub(crate) fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

impl Report {
    /// The figures of these verdicts.
    pub(crate) fn of(project: String, verdicts: Vec<Verdict>) -> Self {
        let names: BTreeSet<(&str, &str)> = verdicts.iter().map(|verdict| (verdict.asks.as_str(), verdict.label.as_str())).collect();
        let rows = names.into_iter().map(|(asks, label)| row(&verdicts, asks, label)).collect();
        let mut by = BTreeMap::new();
        verdicts.iter().for_each(|verdict| *by.entry(verdict.by.clone()).or_default() += 1);
        let mut times: Vec<u64> = verdicts.iter().map(|verdict| verdict.us).collect();
        times.sort_unstable();
        let at = |hundredths: usize| times.get((times.len() * hundredths / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default();
        Self { project, rows, by, p50_us: at(50), p99_us: at(99), verdicts }
    }

    /// Every country that is named.
    pub(crate) fn countries(&self) -> BTreeSet<&str> {
        self.rows.iter().flat_map(|row| row.countries.keys()).map(String::as_str).collect()
    }

    /// Every utterance that was not understood.
    pub(crate) fn misses(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|verdict| !verdict.is_right())
    }

    /// A row by label, whatever is asked; floors name it so.
    pub(crate) fn labelled(&self, label: &str) -> Vec<&Row> {
        self.rows.iter().filter(|row| row.label == label).collect()
    }
}

fn row(verdicts: &[Verdict], asks: &str, label: &str) -> Row {
    let asked = || verdicts.iter().filter(|verdict| verdict.asks == asks);
    let own: Vec<&Verdict> = asked().filter(|verdict| verdict.label == label).collect();
    let stands_for: BTreeSet<&str> = own.iter().map(|verdict| verdict.expect.as_str()).collect();
    let taken = asked().filter(|verdict| stands_for.contains(verdict.got.as_str()));
    let (mut all, mut right) = (0, 0);
    for verdict in taken {
        all += 1;
        right += usize::from(verdict.is_right());
    }
    let mut countries: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut taken_for = BTreeMap::new();
    for verdict in &own {
        if !verdict.country.is_empty() {
            let (right, all) = countries.entry(verdict.country.clone()).or_default();
            *right += usize::from(verdict.is_right());
            *all += 1;
        }
        if !verdict.is_right() {
            let number = verdict.got.chars().all(|letter| letter.is_ascii_digit());
            *taken_for.entry(if number { "(a number)".into() } else { verdict.got.clone() }).or_default() += 1;
        }
    }
    Row {
        asks: asks.to_owned(),
        label: label.to_owned(),
        count: own.len(),
        right: own.iter().filter(|verdict| verdict.is_right()).count(),
        precision: (all > 0).then(|| share(right, all)),
        countries,
        taken_for,
    }
}
