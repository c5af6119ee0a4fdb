//! A run as text for a terminal.
//!
//! Lives here: columns and lines.
//! Never here: figures.

use super::figures::share;
use super::{Change, Report};
use std::fmt::Write as _;

/// Writes the run, its misses if they are wanted, and what changed.
pub(crate) fn table(report: &Report, changes: &[Change<'_>], misses: bool) -> String {
    let mut out = String::new();
    let countries = report.countries();
    let _ = write!(out, "{:<16} {:<18} {:>6} {:>8} {:>10}", "asked", "label", "count", "recall", "precision");
    for country in &countries {
        let _ = write!(out, " {country:>6}");
    }
    out.push_str("  taken for\n");
    for row in &report.rows {
        let asked = if row.asks.is_empty() { "(nothing)" } else { &row.asks };
        let precision = row.precision.map_or_else(|| "-".to_owned(), percent);
        let _ = write!(out, "{asked:<16} {:<18} {:>6} {:>8} {precision:>10}", row.label, row.count, percent(row.recall()));
        for country in &countries {
            let of = row.countries.get(*country).map_or_else(|| "-".to_owned(), |(right, all)| percent(share(*right, *all)));
            let _ = write!(out, " {of:>6}");
        }
        let others: Vec<String> = row.taken_for.iter().map(|(label, count)| format!("{label} {count}")).collect();
        let _ = writeln!(out, "  {}", others.join(", "));
    }
    let all = report.verdicts.len();
    let by: Vec<String> = report.by.iter().map(|(who, count)| format!("{who} {}", percent(share(*count, all)))).collect();
    let _ = writeln!(out, "\n{all} utterances, {} not understood; understood by: {}; no model was asked", report.misses().count(), by.join(", "));
    let _ = writeln!(out, "understanding took p50 {} µs, p99 {} µs on this machine", report.p50_us, report.p99_us);
    if misses {
        out.push('\n');
        for miss in report.misses() {
            let _ = writeln!(out, "{}: {:?} is {}, was taken for {} by {}", miss.at, miss.says, miss.expect, miss.got, miss.by);
        }
    }
    for change in changes {
        let word = if change.is_better() { "better" } else { "worse" };
        let _ = writeln!(out, "{word}: {}: {:?}: {} before, {} now", change.now.at, change.now.says, change.before.got, change.now.got);
    }
    out
}

/// A share as people read it.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}
