//! The report as one page that needs nothing else.
//!
//! Lives here: HTML and its few styles; no scripts.
//! Never here: what the rows say.

use super::{Light, Report};
use quick_xml::escape::escape;
use std::fmt::Write as _;

const STYLE: &str = "\
:root{color-scheme:light dark;--red:#b3261e;--yellow:#8a5a00;--green:#1b6e3c;--line:#8884}\
body{font:15px/1.45 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:1.6rem 0 .3rem}\
table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);padding:.25rem .6rem;vertical-align:top}\
td:first-child,td:nth-child(2){white-space:nowrap;width:1%;font-variant-numeric:tabular-nums}\
.red{color:var(--red);font-weight:600}.yellow{color:var(--yellow);font-weight:600}.green{color:var(--green)}\
pre{overflow:auto;border:1px solid var(--line);padding:.6rem}\
@media(prefers-color-scheme:dark){:root{--red:#ff8a80;--yellow:#ffc766;--green:#7fd8a0}}";

/// The report as an HTML page.
pub fn html(report: &Report) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{0}</title><style>{STYLE}</style></head><body><h1>{0}</h1><p>{1}</p>",
        escape(&report.project),
        escape(report.verdict())
    );
    page.push_str("<p>");
    for light in [Light::Red, Light::Yellow, Light::Green] {
        // Writing to a text cannot fail.
        let _ = write!(page, "<span class=\"{0}\">● {1} {0}</span> &nbsp; ", light.word(), report.count(light));
    }
    page.push_str("</p>");
    if let Some((passed, lines)) = &report.tests {
        let light = if *passed { Light::Green } else { Light::Red };
        let _ = write!(page, "<h2>Conversations: <span class=\"{0}\">{0}</span></h2><pre>{1}</pre>", light.word(), escape(lines.join("\n")));
    }
    let mut path = "";
    for row in &report.rows {
        if row.path != path {
            if !path.is_empty() {
                page.push_str("</table>");
            }
            let _ = write!(page, "<h2>{}</h2><table>", escape(&row.path));
            path = &row.path;
        }
        let _ = write!(page, "<tr><td>{0}</td><td class=\"{1}\">● {1}</td><td>{2}</td></tr>", row.at.line, row.light.word(), escape(&row.says));
    }
    if !path.is_empty() {
        page.push_str("</table>");
    }
    page.push_str("</body></html>\n");
    page
}
