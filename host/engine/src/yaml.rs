//! YAML 1.2 as a tree that knows where every node stands.
//!
//! Lives here: reading, duplicate keys, and the helpers every loader shares to take a tree apart.
//! Never here: what any key means.

use saphyr::Scalar as Core;
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::BTreeMap;
use std::fmt;

/// How deep a document may nest.
const DEPTH: usize = 64;
/// How many nodes a document may have, aliases expanded.
const NODES: usize = 200_000;

/// Where the value of `${NAME}` comes from: the environment, which only the host reads.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A place in a file, both numbers from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Whether a finding stops the project from loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The project does not load.
    Error,
    /// The project loads; somebody should look.
    Warning,
}

/// One thing wrong in a project file, printed as `path:line:col: error: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Path as given to the loader, relative to the project.
    pub path: String,
    /// Where in the file.
    pub at: At,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:{}:{}: {severity}: {}", self.path, self.at.line, self.at.column, self.message)
    }
}

/// A node with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the node begins.
    pub at: At,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of node there are.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`, in YAML 1.2's three capitalisations; `yes` and `no` are text.
    Bool(bool),
    /// A whole or fractional number; the text as written is kept.
    Number(f64, String),
    /// Anything else.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in file order.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Where the key stands.
    pub at: At,
    /// The key as written.
    pub text: String,
}

/// Collects what is wrong in one file.
#[derive(Debug)]
pub struct Findings<'a> {
    path: &'a str,
    list: &'a mut Vec<Mistake>,
}

impl<'a> Findings<'a> {
    /// Findings of the file at `path`, added to `list`.
    pub fn new(path: &'a str, list: &'a mut Vec<Mistake>) -> Self {
        Self { path, list }
    }

    /// Notes an error.
    pub fn error(&mut self, at: At, message: impl Into<String>) {
        self.push(at, Severity::Error, message.into());
    }

    /// Notes a warning.
    pub fn warn(&mut self, at: At, message: impl Into<String>) {
        self.push(at, Severity::Warning, message.into());
    }

    /// The file these findings are about.
    pub fn path(&self) -> &str {
        self.path
    }

    /// Notes a finding of this severity.
    pub fn note(&mut self, at: At, severity: Severity, message: impl Into<String>) {
        self.push(at, severity, message.into());
    }

    fn push(&mut self, at: At, severity: Severity, message: String) {
        self.list.push(Mistake { path: self.path.to_owned(), at, severity, message });
    }
}

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

impl Node {
    /// The value under a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.pairs().iter().find(|(known, _)| known.text == key).map(|(_, node)| node)
    }

    /// A key of a mapping with its place, if it is there.
    pub fn key(&self, key: &str) -> Option<&Key> {
        self.pairs().iter().map(|(known, _)| known).find(|known| known.text == key)
    }

    /// The pairs of a mapping; none for anything else.
    pub fn pairs(&self) -> &[(Key, Self)] {
        match &self.kind {
            Kind::Map(pairs) => pairs,
            Kind::Null | Kind::Bool(_) | Kind::Number(..) | Kind::Text(_) | Kind::List(_) => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Null | Kind::Bool(_) | Kind::Number(..) | Kind::Text(_) | Kind::Map(_) => &[],
        }
    }

    /// A scalar as written; `None` for lists, mappings and null.
    pub fn scalar(&self) -> Option<String> {
        match &self.kind {
            Kind::Bool(yes) => Some(yes.to_string()),
            Kind::Number(_, text) | Kind::Text(text) => Some(text.clone()),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// The text of a scalar; an error is noted when it is something else.
    pub fn text(&self, what: &str, findings: &mut Findings<'_>) -> Option<String> {
        let text = self.scalar();
        if text.is_none() {
            findings.error(self.at, format!("{what} must be text, not {}", self.name()));
        }
        text
    }

    /// A truth value; an error is noted when it is something else.
    pub fn truth(&self, what: &str, findings: &mut Findings<'_>) -> Option<bool> {
        if let Kind::Bool(yes) = self.kind {
            return Some(yes);
        }
        findings.error(self.at, format!("{what} must be `true` or `false`, not {}", self.name()));
        None
    }

    /// A number; an error is noted when it is something else.
    pub fn number(&self, what: &str, findings: &mut Findings<'_>) -> Option<f64> {
        if let Kind::Number(number, _) = self.kind {
            return Some(number);
        }
        findings.error(self.at, format!("{what} must be a number, not {}", self.name()));
        None
    }

    /// A list of texts; a single text counts as a list of one.
    pub fn texts(&self, what: &str, findings: &mut Findings<'_>) -> Vec<String> {
        match &self.kind {
            Kind::List(items) => items.iter().filter_map(|item| item.text(what, findings)).collect(),
            Kind::Null => Vec::new(),
            Kind::Bool(_) | Kind::Number(..) | Kind::Text(_) | Kind::Map(_) => self.text(what, findings).into_iter().collect(),
        }
    }

    /// Notes every key of a mapping that is not in `known`, as a warning: what a project says in a
    /// key we do not honour is never ignored in silence.
    pub fn only(&self, what: &str, known: &[&str], findings: &mut Findings<'_>) {
        for (key, _) in self.pairs() {
            if !known.contains(&key.text.as_str()) {
                findings.warn(key.at, format!("{what} has no key `{}` here; it is not honoured (known: {})", key.text, known.join(", ")));
            }
        }
    }

    /// The node as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(yes) => (*yes).into(),
            Kind::Number(number, _) => (*number).into(),
            Kind::Text(text) => text.clone().into(),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Map(pairs) => pairs.iter().map(|(key, node)| (key.text.clone(), node.to_json())).collect(),
        }
    }

    /// What kind of node this is, for messages.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a truth value",
            Kind::Number(..) => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Option<Node>, Vec<String>) {
        let mut list = Vec::new();
        let node = read(text, &mut Findings::new("f.yml", &mut list));
        (node, list.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn yes_and_times_are_text_as_yaml_1_2_says() {
        let (node, mistakes) = parse("a: yes\nb: 7:30\nc: True\nd: 2.0\ne:\n");
        let node = node.unwrap();
        assert_eq!(mistakes, Vec::<String>::new());
        assert_eq!(node.get("a").unwrap().kind, Kind::Text("yes".into()));
        assert_eq!(node.get("b").unwrap().kind, Kind::Text("7:30".into()));
        assert_eq!(node.get("c").unwrap().kind, Kind::Bool(true));
        assert_eq!(node.get("d").unwrap().kind, Kind::Number(2.0, "2.0".into()));
        assert_eq!(node.get("e").unwrap().kind, Kind::Null);
    }

    #[test]
    fn a_key_written_twice_is_named_with_its_place() {
        assert_eq!(parse("a: 1\nb:\n  c: 1\n  c: 2\n").1, ["f.yml:4:3: error: `c` is written twice in this mapping; keep one"]);
    }

    #[test]
    fn broken_yaml_names_line_column_and_the_line_itself() {
        let (node, mistakes) = parse("a:\n  - b\n c: [\n");
        assert!(node.is_none());
        assert!(mistakes[0].starts_with("f.yml:3:"), "{mistakes:?}");
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let (node, mistakes) = parse(&"[".repeat(5000));
        assert!(node.is_none());
        assert_eq!(mistakes.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_the_reader(text in "\\PC{0,200}") {
            parse(&text);
        }
    }
}
