//! `statements:` of `plugins.yml`: the SQL that plugins may name and never see.
//!
//! Lives here: reading a statement, and binding a plugin's parameters to it by class.
//! Never here: running it (`store`).

use super::class::{BadToken, Class, find_token, is_token};
use super::strict::{class, is_name, needed, only, whole};
use crate::guard::{self, Guard};
use centralita_engine::yaml::{Findings, Node};
use serde_json::Value;

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The name plugins use.
    pub name: String,
    /// SQL with `:name` parameters, in the spelling both databases take (`store`).
    pub sql: String,
    /// Whether it writes.
    pub kind: StatementKind,
    /// Whether its rows only ask a person to call back (invariant 2's exception).
    pub call_back: bool,
    /// What it needs, in the order plugins give it; facts are filled in by the host.
    pub parameters: Vec<Parameter>,
    /// What it returns, in order.
    pub columns: Vec<Column>,
    /// Rows it returns, at most.
    pub rows: usize,
}

/// Whether a statement changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// It only reads.
    Read,
    /// It may write; it runs in the transaction of its journal row.
    Write,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name in the SQL, without the colon.
    pub name: String,
    /// The class of its value.
    pub class: Class,
    /// Filled in by the host instead of the plugin.
    pub fact: Option<Fact>,
}

/// What the host knows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The id of the call.
    Call,
    /// The caller's number, E.164.
    Number,
    /// The moment of the turn less so many minutes, RFC 3339 in the project's time zone.
    Now {
        /// How many.
        minus_minutes: u32,
    },
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the row.
    pub name: String,
    /// The class of its values; sensitive ones reach the plugin as tokens.
    pub class: Class,
    /// Whether it is a moment, which reaches the plugin in the project's time zone whatever the database keeps.
    pub local_time: bool,
}

/// Parameters that do not fit a statement. No value is shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongParameters {
    /// Too few or too many.
    #[error("statement `{statement}` takes {wanted} parameters, not {given}")]
    Count {
        /// The statement.
        statement: String,
        /// How many it takes from a plugin.
        wanted: usize,
        /// How many came.
        given: usize,
    },
    /// One of the wrong class or kind.
    #[error("parameter `{parameter}` of statement `{statement}`: {why}")]
    Value {
        /// The statement.
        statement: String,
        /// The parameter.
        parameter: String,
        /// What is wrong.
        why: BadToken,
    },
    /// A JSON object or a list of something else than text.
    #[error("parameter `{parameter}` of statement `{statement}` must be text, a number, a truth value, a list of texts or nothing")]
    Shape {
        /// The statement.
        statement: String,
        /// The parameter.
        parameter: String,
    },
}

const KEYS: [&str; 7] = ["sql", "kind", "call_back", "parameters", "columns", "rows", "why"];
const FACTS: [(&str, Fact); 3] = [("call.id", Fact::Call), ("call.number", Fact::Number), ("now", Fact::Now { minus_minutes: 0 })];

impl Statement {
    pub(super) fn read(name: &str, node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        let what = format!("statement `{name}`");
        only(node, &what, &KEYS, findings);
        let parameters: Vec<Parameter> =
            node.get("parameters").map(|list| list.items().iter().filter_map(|item| parameter(item, findings)).collect()).unwrap_or_default();
        let columns = node.get("columns").map(|list| list.items().iter().filter_map(|item| column(item, findings)).collect()).unwrap_or_default();
        let kind = match needed(node, &what, "kind", findings).map(|node| (node.at, node.scalar())) {
            Some((_, Some(word))) if word == "read" => StatementKind::Read,
            Some((_, Some(word))) if word == "write" => StatementKind::Write,
            Some((at, _)) => {
                findings.error(at, "`kind` is `read` or `write`");
                StatementKind::Write
            }
            None => StatementKind::Write,
        };
        let call_back = node.get("call_back").and_then(|node| node.truth("`call_back`", findings)).unwrap_or(false);
        if let Some(at) = node.get("call_back").map(|node| node.at).filter(|_| call_back && kind == StatementKind::Read) {
            findings.error(at, "`call_back` is for statements that write");
        }
        let rows = node.get("rows").and_then(|node| whole(node, "`rows`", 0, 1000, findings)).unwrap_or(1);
        let written = needed(node, &what, "sql", findings)?;
        let sql = written.text("`sql`", findings)?;
        check_sql(&sql, written, kind, &parameters, findings);
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        Some(Self { name: name.to_owned(), sql, kind, call_back, parameters, columns, rows })
    }

    /// The named values to bind: a plugin's parameters in order, with tokens put back where their
    /// class is the parameter's, and the host's facts. A sensitive parameter takes only a token or
    /// nothing, so that no plugin can guess digits or clients.
    ///
    /// # Errors
    /// [`WrongParameters`] names statement and parameter.
    pub fn bind(
        &self,
        given: &[Value],
        resolve: &dyn Fn(&str) -> Option<(Class, String)>,
        fact: &dyn Fn(Fact) -> Value,
    ) -> Result<Vec<(String, Value)>, WrongParameters> {
        let wanted = self.parameters.iter().filter(|parameter| parameter.fact.is_none()).count();
        if wanted != given.len() {
            return Err(WrongParameters::Count { statement: self.name.clone(), wanted, given: given.len() });
        }
        let mut given = given.iter();
        let bind = |parameter: &Parameter| {
            let value = match parameter.fact {
                Some(known) => fact(known),
                None => self.value(parameter, given.next().unwrap_or(&Value::Null), resolve)?,
            };
            Ok((parameter.name.clone(), value))
        };
        self.parameters.iter().map(bind).collect()
    }

    /// The texts among bound values that have a class.
    pub fn given<'a>(&self, values: &'a [(String, Value)]) -> Vec<&'a str> {
        let sensitive = self.parameters.iter().zip(values).filter(|(parameter, _)| parameter.class.is_sensitive());
        let texts = |value: &'a Value| value.as_str().into_iter().chain(value.as_array().into_iter().flatten().filter_map(Value::as_str));
        sensitive.flat_map(|(_, (_, value))| texts(value)).collect()
    }

    fn value(&self, parameter: &Parameter, given: &Value, resolve: &dyn Fn(&str) -> Option<(Class, String)>) -> Result<Value, WrongParameters> {
        let wrong = |why| WrongParameters::Value { statement: self.name.clone(), parameter: parameter.name.clone(), why };
        let text = |text: &str| put_in(parameter.class, text, resolve).map_err(wrong);
        let expected = || wrong(BadToken::Expected(parameter.class));
        match given {
            Value::Null => Ok(Value::Null),
            Value::String(given) => Ok(text(given)?.into()),
            Value::Array(items) if items.iter().all(Value::is_string) => items.iter().filter_map(Value::as_str).map(text).collect(),
            Value::Bool(_) | Value::Number(_) if parameter.class.is_sensitive() && guard::stands(Guard::TokensOnly) => Err(expected()),
            Value::Bool(_) | Value::Number(_) => Ok(given.clone()),
            Value::Array(_) | Value::Object(_) => Err(WrongParameters::Shape { statement: self.name.clone(), parameter: parameter.name.clone() }),
        }
    }
}

fn put_in(class: Class, text: &str, resolve: &dyn Fn(&str) -> Option<(Class, String)>) -> Result<String, BadToken> {
    if !class.is_sensitive() {
        return match find_token(text) {
            None => Ok(text.to_owned()),
            Some(_) if !guard::stands(Guard::ParameterClass) => Ok(resolve(text).map_or_else(|| text.to_owned(), |(_, value)| value)),
            Some((.., other)) => Err(BadToken::Forbidden(other)),
        };
    }
    match is_token(text) {
        None if !guard::stands(Guard::TokensOnly) => Ok(text.to_owned()),
        None => Err(find_token(text).map_or(BadToken::Expected(class), |(.., other)| BadToken::Forbidden(other))),
        Some(written) if written != class && guard::stands(Guard::ParameterClass) => Err(BadToken::Forbidden(written)),
        Some(_) => match resolve(text) {
            Some((known, value)) if known == class || !guard::stands(Guard::ParameterClass) => Ok(value),
            Some((known, _)) => Err(BadToken::Forbidden(known)),
            None => Err(BadToken::Unknown),
        },
    }
}

fn parameter(node: &Node, findings: &mut Findings<'_>) -> Option<Parameter> {
    only(node, "a parameter", &["name", "class", "fact", "minus_minutes"], findings);
    let name = name_of(node, "a parameter", findings)?;
    let class = class(needed(node, "a parameter", "class", findings)?, findings)?;
    let fact = match node.get("fact").map(|node| (node.at, node.scalar().unwrap_or_default())) {
        None => None,
        Some((at, word)) => {
            let fact = FACTS.iter().find(|(known, _)| *known == word).map(|(_, fact)| *fact);
            if fact.is_none() {
                findings.error(at, format!("`{word}` is no fact of the host; known are {}", FACTS.map(|(known, _)| known).join(", ")));
            }
            fact
        }
    };
    let fact = match (fact, node.get("minus_minutes")) {
        (Some(Fact::Now { .. }), Some(minutes)) => {
            let minus_minutes = whole(minutes, "`minus_minutes`", 0, 1_000_000, findings).and_then(|minutes| u32::try_from(minutes).ok())?;
            Some(Fact::Now { minus_minutes })
        }
        (fact, Some(minutes)) => {
            findings.error(minutes.at, "`minus_minutes` goes with `fact: now`");
            fact
        }
        (fact, None) => fact,
    };
    Some(Parameter { name, class, fact })
}

fn column(node: &Node, findings: &mut Findings<'_>) -> Option<Column> {
    only(node, "a column", &["name", "class", "as"], findings);
    let name = name_of(node, "a column", findings)?;
    let local_time = match node.get("as").map(|node| (node.at, node.scalar())) {
        None => false,
        Some((_, Some(word))) if word == "local_time" => true,
        Some((at, _)) => {
            findings.error(at, "`as` of a column is `local_time`: a moment, in the project's time zone");
            false
        }
    };
    Some(Column { name, class: class(needed(node, "a column", "class", findings)?, findings)?, local_time })
}

fn name_of(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<String> {
    let found = needed(node, what, "name", findings)?;
    let name = found.text("`name`", findings)?;
    if !is_name(&name) || name.contains(['-', '.']) {
        findings.error(found.at, format!("`{name}` is no name of {what}: use letters, digits, `_`"));
    }
    Some(name)
}

fn check_sql(sql: &str, node: &Node, kind: StatementKind, parameters: &[Parameter], findings: &mut Findings<'_>) {
    let scanned = scan(sql);
    for name in &scanned.names {
        if !parameters.iter().any(|parameter| parameter.name == *name) {
            findings.error(node.at, format!("`:{name}` is in the SQL and not under `parameters`"));
        }
    }
    for parameter in parameters {
        if !scanned.names.contains(&parameter.name) {
            findings.error(node.at, format!("parameter `{}` is not in this SQL as `:{}`", parameter.name, parameter.name));
        }
    }
    if scanned.several {
        findings.error(node.at, "one statement only, without `;`");
    }
    let first = sql.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let reads = matches!(first.as_str(), "select" | "with");
    if kind == StatementKind::Read && !reads {
        findings.error(node.at, "a statement of kind `read` begins with `select` or `with`");
    } else if !reads && !matches!(first.as_str(), "insert" | "update" | "delete") {
        findings.error(node.at, "a statement begins with `select`, `with`, `insert`, `update` or `delete`");
    }
}

struct Scanned {
    names: Vec<String>,
    several: bool,
}

/// The `:name`s of a statement outside literals, comments and `::` casts, and whether a `;` is there.
fn scan(sql: &str) -> Scanned {
    let mut found = Scanned { names: Vec::new(), several: false };
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let skip = |from: usize, end: &str| rest.get(from..).and_then(|tail| tail.find(end)).map_or(rest.len(), |at| from + at + end.len());
        let length = match c {
            '\'' => skip(1, "'"),
            '"' => skip(1, "\""),
            '-' if rest.starts_with("--") => skip(2, "\n"),
            '/' if rest.starts_with("/*") => skip(2, "*/"),
            ':' if rest.starts_with("::") => 2,
            ':' => {
                let name: String = rest[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let length = 1 + name.len();
                if !name.is_empty() && !found.names.contains(&name) {
                    found.names.push(name);
                }
                length
            }
            other => {
                found.several |= other == ';';
                other.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    found
}
