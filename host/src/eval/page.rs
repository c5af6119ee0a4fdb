//! A run as a page: one file, no script, nothing from elsewhere.
//!
//! Lives here: its HTML and its pictures.
//! Never here: figures.

use super::figures::{Row, share};
use super::table::percent;
use super::{Change, Report};
use crate::visualize::escape;
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");
/// Sizes of the bars, in pixels.
const BAR: f64 = 260.0;
const LINE: usize = 22;

/// Writes the page.
pub(crate) fn page(report: &Report, changes: &[Change<'_>]) -> String {
    let title = format!("Understanding of {}", escape(&report.project));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    let all = report.verdicts.len();
    let _ = writeln!(
        out,
        "<p>{all} labelled utterances, {} of them not understood. No model was asked. Half took {} µs, 99 of 100 at most {} µs.</p>",
        report.misses().count(),
        report.p50_us,
        report.p99_us
    );
    let by: Vec<String> = report.by.iter().map(|(who, count)| format!("{} {}", escape(who), percent(share(*count, all)))).collect();
    let _ = writeln!(out, "<p>Understood by: {}.</p>\n<h2>How many were understood</h2>\n{}", by.join(", "), bars(report));
    confusion(report, &mut out);
    if !changes.is_empty() {
        out.push_str("<h2>Against the earlier run</h2>\n<div class=\"wide\"><table><tr><th></th><th>Said</th><th>Before</th><th>Now</th></tr>\n");
        for change in changes {
            let word = if change.is_better() { "better" } else { "worse" };
            let (says, before, now) = (escape(&change.now.says), escape(&change.before.got), escape(&change.now.got));
            let _ = writeln!(out, "<tr class=\"{word}\"><td>{word}</td><td>{says}</td><td>{before}</td><td>{now}</td></tr>");
        }
        out.push_str("</table></div>\n");
    }
    out.push_str("<h2>What was not understood</h2>\n<div class=\"wide\"><table><tr><th>Where</th><th>Asked</th><th>Said</th><th>Is</th><th>Taken for</th><th>By</th></tr>\n");
    for miss in report.misses() {
        let cell = |text: &str| format!("<td>{}</td>", escape(text));
        let _ = writeln!(out, "<tr>{}{}{}{}{}{}</tr>", cell(&miss.at), cell(&miss.asks), cell(&miss.says), cell(&miss.expect), cell(&miss.got), cell(&miss.by));
    }
    out.push_str("</table></div>\n</body>\n</html>\n");
    out
}

/// Recall by label as bars, with a mark for each country.
fn bars(report: &Report) -> String {
    let height = report.rows.len() * LINE + 10;
    let mut out =
        format!("<div class=\"wide\"><svg role=\"img\" aria-label=\"Recall by label\" width=\"620\" height=\"{height}\" viewBox=\"0 0 620 {height}\">\n");
    for (index, row) in report.rows.iter().enumerate() {
        let top = index * LINE + 5;
        let (name, recall) = (escape(&named(row)), row.recall());
        let _ = writeln!(
            out,
            "<text x=\"250\" y=\"{}\" text-anchor=\"end\">{name}</text><rect class=\"all\" x=\"260\" y=\"{top}\" width=\"{BAR}\" height=\"14\"/><rect class=\"right\" x=\"260\" y=\"{top}\" width=\"{:.1}\" height=\"14\"/><text x=\"528\" y=\"{}\">{} of {}</text>",
            top + 12,
            recall * BAR,
            top + 12,
            row.right,
            row.count
        );
        for (country, (right, all)) in &row.countries {
            let x = 260.0 + share(*right, *all) * BAR;
            let _ =
                writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{}\" r=\"3\"><title>{} {}</title></circle>", top + 7, escape(country), percent(share(*right, *all)));
        }
    }
    out + "</svg></div>\n"
}

/// What each label was taken for, the darker the more.
fn confusion(report: &Report, out: &mut String) {
    let mut columns: Vec<&str> = report.rows.iter().flat_map(|row| row.taken_for.keys()).map(String::as_str).collect();
    columns.sort_unstable();
    columns.dedup();
    out.push_str("<h2>What was taken for what</h2>\n<div class=\"wide\"><table class=\"heat\"><tr><th></th><th>understood</th>");
    for column in &columns {
        let _ = write!(out, "<th>{}</th>", escape(column));
    }
    out.push_str("</tr>\n");
    for row in &report.rows {
        let _ = write!(out, "<tr><th>{}</th>{}", escape(&named(row)), heat("good", row.right, row.count));
        columns.iter().for_each(|column| out.push_str(&heat("bad", row.taken_for.get(*column).copied().unwrap_or_default(), row.count)));
        out.push_str("</tr>\n");
    }
    out.push_str("</table></div>\n");
}

fn heat(class: &str, count: usize, all: usize) -> String {
    if count == 0 { "<td></td>".to_owned() } else { format!("<td class=\"{class}\" style=\"--heat:{:.2}\">{count}</td>", share(count, all)) }
}

fn named(row: &Row) -> String {
    if row.asks.is_empty() { row.label.clone() } else { format!("{}: {}", row.asks, row.label) }
}
