//! The report for a terminal.
//!
//! Lives here: one line a thing, as `path:line:col: light: …`.
//! Never here: colours of a page.

use super::Report;

/// The report as lines.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for row in &report.rows {
        out.push_str(&format!("{}:{}:{}: {}: {}\n", row.path, row.at.line, row.at.column, row.light.word(), row.says));
    }
    if let Some((passed, lines)) = &report.tests {
        out.push_str(&format!("\nconversations: {}\n", if *passed { "green" } else { "red" }));
        lines.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
    }
    out.push_str(&format!("\n{}: {}\n", report.project, report.verdict()));
    out
}
