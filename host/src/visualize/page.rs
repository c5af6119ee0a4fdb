//! One page with every picture, for a browser without scripts.
//!
//! Lives here: its HTML.
//! Never here: the pictures.

use super::Picture;
use super::text::escape;
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");

/// Writes the page.
pub(super) fn write(title: &str, pictures: &[Picture]) -> String {
    let title = escape(title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header><h1>{title}</h1>\n<nav>"
    );
    for Picture { flow, name, .. } in pictures {
        let _ = writeln!(out, "<a href=\"#{}\">{}</a>", escape(flow), escape(name));
    }
    out.push_str("</nav></header>\n<main>\n");
    for Picture { flow, name, description, .. } in pictures {
        let (flow, name, description) = (escape(flow), escape(name), escape(description));
        let _ = writeln!(
            out,
            "<section id=\"{flow}\"><h2>{name} <code>{flow}</code></h2><p>{description}</p>\n<a href=\"{flow}.svg\"><img src=\"{flow}.svg\" alt=\"The flow {flow}\" loading=\"lazy\"></a></section>"
        );
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}
