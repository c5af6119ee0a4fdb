//! A flow as SVG: light and dark as the reader's screen is, legible when printed, without fonts or scripts of its own.
//!
//! Lives here: sizes, shapes, colours.
//! Never here: where anything stands (`layout`).

use super::graph::{Edge, Graph, Kind, Node};
use super::layout::{self, Arrow, Layout, Point, Route, Size};
use super::text::{escape, width, wrap};
use std::fmt::Write as _;

const MARGIN: f64 = 24.0;
/// Sizes of type, in pixels.
const TITLE: f64 = 13.0;
const BODY: f64 = 12.0;
const LABEL: f64 = 11.5;
/// How wide the text of a box and of a label may be.
const BOX: f64 = 190.0;
/// How much wider bold type is.
const BOLD: f64 = 1.13;
const BESIDE_ARROW: f64 = 118.0;
const PAD: f64 = 8.0;

const STYLE: &str = include_str!("picture.css");

/// What is written in a box, broken into lines.
struct Inside {
    title: Vec<String>,
    body: Vec<String>,
    size: Size,
}

/// Draws a graph.
pub(super) fn draw(graph: &Graph, name: &str) -> String {
    let insides: Vec<Inside> = graph.nodes.iter().map(inside).collect();
    let labels: Vec<Vec<String>> =
        graph.edges.iter().map(|edge| edge.label.as_deref().map(|label| wrap(label, LABEL, BESIDE_ARROW, 3)).unwrap_or_default()).collect();
    let arrows: Vec<Arrow> = graph
        .edges
        .iter()
        .zip(&labels)
        .map(|(edge, label)| Arrow { from: edge.from, to: edge.to, label: (!label.is_empty()).then(|| label_size(label)) })
        .collect();
    let sizes: Vec<Size> = insides.iter().map(|inside| inside.size).collect();
    let layout = layout::lay(&sizes, &arrows);
    let (w, h) = (layout.size.w + 2.0 * MARGIN, layout.size.h + 2.0 * MARGIN);
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w:.0} {h:.0}" width="{w:.0}" height="{h:.0}" role="img" aria-label="{}">"#,
        escape(name)
    );
    let _ = write!(out, "\n<title>{}</title>\n<style>{STYLE}</style>\n", escape(name));
    out.push_str(r#"<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0.5 8 4 0 7.5z"/></marker></defs>"#);
    let _ = write!(out, "\n<rect class=\"paper\" width=\"{w:.0}\" height=\"{h:.0}\"/>\n<g transform=\"translate({MARGIN} {MARGIN})\">\n");
    for (edge, route) in graph.edges.iter().zip(&layout.routes) {
        arrow(&mut out, edge, &touching(route, graph.nodes[edge.from].kind, layout.boxes[edge.from], sizes[edge.from]));
    }
    for (label, route) in labels.iter().zip(&layout.routes) {
        caption(&mut out, label, route);
    }
    shapes(&mut out, graph, &insides, &layout);
    out.push_str("</g>\n</svg>\n");
    out
}

fn inside(node: &Node) -> Inside {
    let heading = match node.kind {
        Kind::Start => node.title.clone(),
        Kind::Branch => return diamond(&node.title),
        Kind::End => return Inside { title: Vec::new(), body: Vec::new(), size: Size { w: 14.0, h: 14.0 } },
        // A picture shows that by its shape.
        Kind::Links => format!("→ {}", node.title),
        Kind::Says | Kind::Asks | Kind::Runs | Kind::Sets | Kind::Calls => format!("{} {}", node.kind.word(), node.title),
    };
    let title = wrap(&heading, TITLE * BOLD, BOX, if node.kind == Kind::Start { 3 } else { 2 });
    let each = if node.lines.len() > 2 { 1 } else { 2 };
    let body: Vec<String> = node.lines.iter().flat_map(|line| wrap(line, BODY, BOX, each)).collect();
    let badge = node.mark.map_or(0.0, |mark| width(mark.word(), LABEL) + 26.0);
    let widest = title.iter().map(|line| width(line, TITLE * BOLD)).chain(body.iter().map(|line| width(line, BODY))).fold(badge, f64::max);
    let between = if body.is_empty() { 0.0 } else { 4.0 };
    let size = Size { w: widest + 2.0 * PAD + 4.0, h: count(&title) * 17.0 + between + count(&body) * 15.5 + 2.0 * PAD };
    Inside { title, body, size }
}

fn diamond(subject: &str) -> Inside {
    let title = wrap(subject, BODY, 110.0, 2);
    if title.is_empty() {
        return Inside { title, body: Vec::new(), size: Size { w: 34.0, h: 28.0 } };
    }
    let widest = title.iter().map(|line| width(line, BODY)).fold(0.0, f64::max);
    let size = Size { w: widest + 58.0, h: 18.0 + count(&title) * 15.0 };
    Inside { title, body: Vec::new(), size }
}

fn label_size(label: &[String]) -> Size {
    Size { w: label.iter().map(|line| width(line, LABEL)).fold(0.0, f64::max) + 10.0, h: count(label) * 14.0 + 4.0 }
}

#[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
fn count(lines: &[String]) -> f64 {
    lines.len() as f64
}

/// A route out of a diamond begins at its slope and not at the height of its lowest point.
fn touching(route: &Route, kind: Kind, middle: Point, size: Size) -> Route {
    let mut route = route.clone();
    if kind == Kind::Branch
        && !route.back
        && let Some(first) = route.points.first_mut()
    {
        let slope = 1.0 - (first.x - middle.x).abs() / (size.w / 2.0);
        first.y = middle.y + size.h / 2.0 * slope.clamp(0.0, 1.0);
    }
    route
}

fn arrow(out: &mut String, edge: &Edge, route: &Route) {
    let Some((first, rest)) = route.points.split_first() else { return };
    let mut path = format!("M{:.1} {:.1}", first.x, first.y);
    let mut from = *first;
    for to in rest {
        if (from.x - to.x).abs() < 0.6 {
            let _ = write!(path, "L{:.1} {:.1}", to.x, to.y);
        } else {
            let half = f64::midpoint(from.y, to.y);
            let _ = write!(path, "C{:.1} {half:.1} {:.1} {half:.1} {:.1} {:.1}", from.x, to.x, to.x, to.y);
        }
        from = *to;
    }
    let class = match (edge.gives_up, route.back) {
        (true, _) => "way given-up",
        (false, true) => "way back",
        (false, false) => "way",
    };
    let _ = writeln!(out, r#"<path class="{class}" d="{path}" marker-end="url(#tip)"/>"#);
}

fn caption(out: &mut String, label: &[String], route: &Route) {
    let Some(middle) = route.label.filter(|_| !label.is_empty()) else { return };
    let size = label_size(label);
    let (x, y) = (middle.x - size.w / 2.0, middle.y - size.h / 2.0);
    let _ = write!(out, r#"<rect class="paper" x="{x:.1}" y="{y:.1}" width="{:.1}" height="{:.1}" rx="4"/>"#, size.w, size.h);
    lines(out, "when", "middle", Point { x: middle.x, y: y + 13.0 }, label, 14.0);
    out.push('\n');
}

fn shapes(out: &mut String, graph: &Graph, insides: &[Inside], layout: &Layout) {
    for ((node, inside), middle) in graph.nodes.iter().zip(insides).zip(&layout.boxes) {
        let Size { w, h } = inside.size;
        let (left, top) = (middle.x - w / 2.0, middle.y - h / 2.0);
        let class = node.kind.class();
        let _ = write!(out, r#"<g class="node {class}{}">"#, if node.mark.is_some() { " marked" } else { "" });
        match node.kind {
            Kind::End => {
                let _ = write!(
                    out,
                    r#"<circle cx="{:.1}" cy="{:.1}" r="7"/><circle class="dot" cx="{:.1}" cy="{:.1}" r="3.5"/>"#,
                    middle.x, middle.y, middle.x, middle.y
                );
            }
            Kind::Branch => {
                let (right, bottom) = (middle.x + w / 2.0, middle.y + h / 2.0);
                let _ =
                    write!(out, r#"<path d="M{:.1} {top:.1} {right:.1} {:.1} {:.1} {bottom:.1} {left:.1} {:.1}z"/>"#, middle.x, middle.y, middle.x, middle.y);
                let first = middle.y - (count(&inside.title) - 1.0) * 7.5 + 4.2;
                lines(out, "subject", "middle", Point { x: middle.x, y: first }, &inside.title, 15.0);
            }
            Kind::Start | Kind::Says | Kind::Asks | Kind::Runs | Kind::Sets | Kind::Calls | Kind::Links => {
                let round = match node.kind {
                    Kind::Start | Kind::Links => h / 2.0,
                    Kind::Asks | Kind::Says => 10.0,
                    _ => 3.0,
                };
                let _ = write!(out, r#"<rect x="{left:.1}" y="{top:.1}" width="{w:.1}" height="{h:.1}" rx="{:.1}"/>"#, round.min(22.0));
                if node.kind == Kind::Calls {
                    let _ = write!(out, r#"<path class="rails" d="M{:.1} {top:.1}v{h:.1}M{:.1} {top:.1}v{h:.1}"/>"#, left + 5.0, left + w - 5.0);
                }
                heading(out, node, inside, Point { x: middle.x, y: top + PAD + 12.0 });
                badge(out, node, Point { x: left + w, y: top });
            }
        }
        out.push_str("</g>\n");
    }
}

/// The word for the kind is set apart from what it is about.
fn heading(out: &mut String, node: &Node, inside: &Inside, at: Point) {
    let word = node.kind.word();
    for (number, line) in inside.title.iter().enumerate() {
        let y = at.y + 17.0 * if number == 0 { 0.0 } else { count(&inside.title[..number]) };
        let _ = match line.strip_prefix(word).filter(|_| number == 0 && !word.is_empty()) {
            Some(rest) => write!(out, r#"<text class="title" x="{:.1}" y="{y:.1}"><tspan class="kind">{word}</tspan>{}</text>"#, at.x, escape(rest)),
            None => write!(out, r#"<text class="title" x="{:.1}" y="{y:.1}">{}</text>"#, at.x, escape(line)),
        };
    }
    let below = at.y + 17.0 * (count(&inside.title) - 1.0) + 20.0;
    lines(out, "body", "middle", Point { x: at.x, y: below }, &inside.body, 15.5);
}

fn badge(out: &mut String, node: &Node, corner: Point) {
    let Some(mark) = node.mark else { return };
    let w = width(mark.word(), LABEL) + 16.0;
    let (x, y) = (corner.x - w + 8.0, corner.y - 9.0);
    let _ = write!(
        out,
        r#"<g class="badge"><rect x="{x:.1}" y="{y:.1}" width="{w:.1}" height="18" rx="9"/><text x="{:.1}" y="{:.1}">{}</text></g>"#,
        x + w / 2.0,
        y + 13.0,
        mark.word()
    );
}

fn lines(out: &mut String, class: &str, anchor: &str, first: Point, lines: &[String], step: f64) {
    let mut y = first.y;
    for line in lines {
        let _ = write!(out, r#"<text class="{class}" text-anchor="{anchor}" x="{:.1}" y="{y:.1}">{}</text>"#, first.x, escape(line));
        y += step;
    }
}
