//! YAML 1.2 as a tree that knows where every node stands.
//!
//! Lives here: the tree, findings, and the helpers every loader shares to take a tree apart; `read.rs` makes the tree.
//! Never here: what any key means.

mod read;

pub use read::{read, read_with};

use std::fmt;

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
