//! How a tree is made of a text.
//!
//! Lives here: syntax errors, duplicate keys, limits, and what `${NAME}` stands for.
//! Never here: what any key means.

use super::{At, Findings, Key, Kind, Node, Variables};
use saphyr::Scalar as Core;
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::BTreeMap;

/// How deep a document may nest.
const DEPTH: usize = 64;
/// How many nodes a document may have, aliases expanded.
const NODES: usize = 200_000;

/// Reads the first document of a file. A file without one is an empty mapping.
///
/// Syntax errors, duplicate keys, keys that are no scalars and documents nested deeper than 64 are
/// noted in `findings`; then the result is `None` unless only keys were duplicated.
pub fn read(text: &str, findings: &mut Findings<'_>) -> Option<Node> {
    tree(text, None, findings)
}

/// As [`read`], with `${NAME}` in any value replaced by what `variables` knows of it. A name in capitals that it does
/// not know is a warning and stays as it is; other names may be text (`${amount}` before a slot's hole).
pub fn read_with(text: &str, variables: Variables<'_>, findings: &mut Findings<'_>) -> Option<Node> {
    tree(text, Some(variables), findings)
}

fn tree(text: &str, variables: Option<Variables<'_>>, findings: &mut Findings<'_>) -> Option<Node> {
    let mut builder = Builder { variables, open: Vec::new(), anchors: BTreeMap::new(), root: None, nodes: 0 };
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = At { line: error.marker().line(), column: error.marker().col() + 1 };
                // At the end of a file the line is empty: the last one with text shows where reading stopped.
                let line = text.lines().take(at.line).filter(|line| !line.trim().is_empty()).last().unwrap_or_default();
                findings.error(at, format!("not YAML: {} in `{}`", error.info(), line.trim()));
                return None;
            }
        };
        let at = At { line: span.start.line(), column: span.start.col() + 1 };
        if let Err(message) = builder.take(event, at, findings) {
            findings.error(at, message);
            return None;
        }
        if builder.root.is_some() {
            break;
        }
    }
    Some(builder.root.unwrap_or(Node { at: At { line: 1, column: 1 }, kind: Kind::Map(Vec::new()) }))
}

enum Open {
    List(At, usize, Vec<Node>),
    Map(At, usize, Vec<(Key, Node)>, Option<Key>),
}

struct Builder<'a> {
    variables: Option<Variables<'a>>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    root: Option<Node>,
    nodes: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, at: At, findings: &mut Findings<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let text = match self.variables {
                    Some(variables) => expand(&text, variables, at, findings),
                    None => text.into_owned(),
                };
                let node = Node { at, kind: scalar(&text, style) };
                self.put(node, anchor, findings)
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned().ok_or("an alias of nothing; define the anchor above it")?;
                self.nodes += count(&node);
                self.put(node, 0, findings)
            }
            Event::SequenceStart(anchor, _) => self.push(Open::List(at, anchor, Vec::new())),
            Event::MappingStart(anchor, _) => self.push(Open::Map(at, anchor, Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(at, anchor, items)) => self.put(Node { at, kind: Kind::List(items) }, anchor, findings),
                Some(Open::Map(at, anchor, pairs, _)) => self.put(Node { at, kind: Kind::Map(pairs) }, anchor, findings),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn push(&mut self, open: Open) -> Result<(), String> {
        if self.open.len() >= DEPTH {
            return Err(format!("nested deeper than {DEPTH} levels; flatten this file"));
        }
        self.open.push(open);
        Ok(())
    }

    fn put(&mut self, node: Node, anchor: usize, findings: &mut Findings<'_>) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > NODES {
            return Err(format!("more than {NODES} nodes; split this file"));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, _, items)) => items.push(node),
            Some(Open::Map(_, _, pairs, waiting)) => match waiting.take() {
                None => {
                    let text = node.scalar().ok_or("a key must be plain text")?;
                    *waiting = Some(Key { at: node.at, text });
                }
                Some(key) if pairs.iter().any(|(known, _)| known.text == key.text) => {
                    findings.error(key.at, format!("`{}` is written twice in this mapping; keep one", key.text));
                }
                Some(key) => pairs.push((key, node)),
            },
        }
        Ok(())
    }
}

fn expand(text: &str, variables: Variables<'_>, at: At, findings: &mut Findings<'_>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.push_str(before);
        let name = after.split_once('}').map(|(name, _)| name).filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        match name.map(|name| (name, variables(name))) {
            Some((name, Some(value))) => {
                expanded.push_str(&value);
                rest = &after[name.len() + 1..];
                continue;
            }
            Some((name, None)) if !name.bytes().any(|b| b.is_ascii_lowercase()) => {
                findings.warn(at, format!("the variable `{name}` is not set, so `${{{name}}}` stays as it is; set it in the environment"));
            }
            Some((_, None)) | None => {}
        }
        expanded.push_str("${");
        rest = after;
    }
    expanded + rest
}

fn count(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::List(items) => items.iter().map(count).sum(),
        Kind::Map(pairs) => pairs.iter().map(|(_, node)| count(node)).sum(),
        Kind::Null | Kind::Bool(_) | Kind::Number(..) | Kind::Text(_) => 0,
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Kind {
    if style != ScalarStyle::Plain {
        return Kind::Text(text.to_owned());
    }
    match Core::parse_from_cow(text.into()) {
        Core::Null => Kind::Null,
        Core::Boolean(yes) => Kind::Bool(yes),
        #[expect(clippy::cast_precision_loss, reason = "numbers of flow files are small")]
        Core::Integer(number) => Kind::Number(number as f64, text.to_owned()),
        Core::FloatingPoint(number) => Kind::Number(number.into(), text.to_owned()),
        Core::String(_) if text.is_empty() => Kind::Null,
        Core::String(text) => Kind::Text(text.into_owned()),
    }
}
