//! A flow as a Mermaid flowchart.
//!
//! Lives here: its shapes and its quoting.
//! Never here: what is drawn.

use super::graph::{Graph, Kind, Node};
use std::fmt::Write as _;

/// Writes a graph.
pub(super) fn write(graph: &Graph) -> String {
    let mut out = "flowchart TD\n".to_owned();
    for (number, node) in graph.nodes.iter().enumerate() {
        let text = quoted(&inside(node));
        let _ = match node.kind {
            Kind::Start | Kind::Links => writeln!(out, "  n{number}([{text}])"),
            Kind::Says | Kind::Asks => writeln!(out, "  n{number}({text})"),
            Kind::Runs | Kind::Sets => writeln!(out, "  n{number}[{text}]"),
            Kind::Calls => writeln!(out, "  n{number}[[{text}]]"),
            Kind::Branch => writeln!(out, "  n{number}{{{text}}}"),
            Kind::End => writeln!(out, "  n{number}(((\" \")))"),
        };
    }
    for edge in &graph.edges {
        let line = if edge.gives_up { "-.->" } else { "-->" };
        let label = edge.label.as_deref().map(|label| format!("|{}|", quoted(label))).unwrap_or_default();
        let _ = writeln!(out, "  n{} {line}{label} n{}", edge.from, edge.to);
    }
    out
}

fn inside(node: &Node) -> String {
    let mark = node.mark.map(|mark| format!(" ({})", mark.word())).unwrap_or_default();
    let heading = format!("{} {}{mark}", node.kind.word(), node.title);
    let heading = heading.trim();
    let lines: Vec<&str> = std::iter::once(if heading.is_empty() { "?" } else { heading }).chain(node.lines.iter().map(String::as_str)).collect();
    lines.join("\n")
}

/// Mermaid knows entities, not backslashes.
fn quoted(text: &str) -> String {
    let text = text.replace('&', "#amp;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;").replace('`', "#96;");
    format!("\"{}\"", text.replace('\n', "<br/>"))
}
