//! `plugins/<name>/tests/*.yml`: cases of a plugin, as a table.
//!
//! Lives here: reading them, with a place for every mistake.
//! Never here: running and judging them (`run.rs`, `expect.rs`).

use crate::grants::strict::{class, needed, only, whole};
use crate::grants::token;
use crate::sandbox::{HttpAnswer, Refusal, Row};
use centralita_engine::Value;
use centralita_engine::yaml::{self, Findings, Kind, Mistake, Node, Severity};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

/// The moment of a case that names none.
const NOW: &str = "2026-11-23T07:30:00-06:00";
/// Kinds of failure a host call can have, as the contract lists them.
const KINDS: [&str; 5] = ["refused", "unavailable", "busy", "timeout", "failed"];

/// The cases of one file.
#[derive(Clone)]
pub struct Suite {
    /// The file.
    pub path: PathBuf,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// One run of one action, and what should come of it.
#[derive(Clone)]
pub struct Case {
    /// What it shows, in words.
    pub name: String,
    /// The action.
    pub action: String,
    pub(super) now: String,
    pub(super) language: String,
    pub(super) attempt: u32,
    pub(super) slots: BTreeMap<String, Value>,
    pub(super) statements: BTreeMap<String, VecDeque<Result<Vec<Row>, Refusal>>>,
    pub(super) bindings: BTreeMap<String, VecDeque<Result<HttpAnswer, Refusal>>>,
    pub(super) expect: Expect,
}

/// What should come of a run; what is not written is not looked at.
#[derive(Clone, Default)]
pub(super) struct Expect {
    pub(super) outcome: Option<String>,
    pub(super) detail: Option<String>,
    pub(super) said: Option<Vec<String>>,
    pub(super) slots: BTreeMap<String, Value>,
    pub(super) logged: Option<Vec<String>>,
    pub(super) asked: Option<Vec<String>>,
    pub(super) sent: Option<Vec<String>>,
    pub(super) traps_at: Option<String>,
}

impl Suite {
    /// Every suite of a plugin, by file name.
    ///
    /// # Errors
    /// Every mistake in them.
    pub fn all(plugin: &Path) -> Result<Vec<Self>, Vec<Mistake>> {
        let mut paths: Vec<_> = std::fs::read_dir(plugin.join("tests")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "yml" || end == "yaml"));
        paths.sort();
        let (mut suites, mut mistakes) = (Vec::new(), Vec::new());
        for path in paths {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let shown = path.display().to_string();
            let cases = read(&text, &mut Findings::new(&shown, &mut mistakes));
            suites.push(Self { path, cases });
        }
        if mistakes.iter().any(|mistake| mistake.severity == Severity::Error) { Err(mistakes) } else { Ok(suites) }
    }
}

fn read(text: &str, findings: &mut Findings<'_>) -> Vec<Case> {
    let Some(root) = yaml::read(text, findings) else { return Vec::new() };
    only(&root, "a file of cases", &["cases"], findings);
    let Some(list) = root.get("cases") else {
        findings.error(root.at, "a file of cases needs `cases`, a list");
        return Vec::new();
    };
    let mut cases: Vec<Case> = Vec::new();
    for node in list.items() {
        if let Some(case) = case(node, findings) {
            if cases.iter().any(|other| other.name == case.name) {
                findings.error(node.at, format!("two cases are called `{}`; its trace would not say which", case.name));
            }
            cases.push(case);
        }
    }
    cases
}

fn case(node: &Node, findings: &mut Findings<'_>) -> Option<Case> {
    only(node, "a case", &["name", "action", "now", "language", "attempt", "slots", "statements", "bindings", "expect"], findings);
    let mut text = |key: &str| needed(node, "a case", key, findings)?.text(&format!("`{key}`"), findings);
    let (name, action) = (text("name"), text("action"));
    let word = |key: &str, usual: &str| node.get(key).and_then(Node::scalar).unwrap_or_else(|| usual.to_owned());
    let attempt = node.get("attempt").and_then(|node| whole(node, "`attempt`", 1, 1000, findings)).unwrap_or(1);
    let expect = node.get("expect").map(|node| expect(node, findings)).unwrap_or_default();
    Some(Case {
        now: word("now", NOW),
        language: word("language", "es-MX"),
        attempt: u32::try_from(attempt).unwrap_or(1),
        slots: values(node, "slots", findings),
        statements: answers(node, "statements", findings, |answer, findings| match &answer.kind {
            Kind::List(rows) => rows.iter().map(|one| row(one, findings)).collect(),
            _ => vec![row(answer, findings)],
        }),
        bindings: answers(node, "bindings", findings, response),
        expect,
        name: name?,
        action: action?,
    })
}

fn row(node: &Node, findings: &mut Findings<'_>) -> Row {
    node.pairs().iter().map(|(column, value)| (column.text.clone(), value_of(value, findings))).collect()
}

/// What each name answers, call by call: a list of answers, the last of which stands for all that follow. `{fails: kind}` is
/// a failure of the host.
fn answers<T>(
    node: &Node,
    key: &str,
    findings: &mut Findings<'_>,
    of: impl Fn(&Node, &mut Findings<'_>) -> T,
) -> BTreeMap<String, VecDeque<Result<T, Refusal>>> {
    let mut all = BTreeMap::new();
    for (name, list) in node.get(key).map(Node::pairs).unwrap_or_default() {
        if !matches!(list.kind, Kind::List(_)) {
            findings.error(list.at, format!("`{}` is a list: what it answers the first time, the second, …", name.text));
        }
        let one = |answer: &Node, findings: &mut Findings<'_>| match answer.get("fails") {
            None => Ok(of(answer, findings)),
            Some(fails) => {
                let kind = fails.scalar().unwrap_or_default();
                if !KINDS.contains(&kind.as_str()) {
                    findings.error(fails.at, format!("`{kind}` is no failure of a host call; known are {}", KINDS.join(", ")));
                }
                Err(Refusal::Tell { kind, detail: "as the case says".into() })
            }
        };
        all.insert(name.text.clone(), list.items().iter().map(|answer| one(answer, findings)).collect());
    }
    all
}

fn response(node: &Node, findings: &mut Findings<'_>) -> HttpAnswer {
    only(node, "an answer of a binding", &["status", "headers", "body", "fails"], findings);
    let status = node.get("status").and_then(|node| whole(node, "`status`", 100, 599, findings));
    let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    let headers =
        node.get("headers").map(Node::pairs).unwrap_or_default().iter().map(|(name, text)| (name.text.clone(), text.scalar().unwrap_or_default())).collect();
    let body = match node.get("body") {
        None => Vec::new(),
        Some(body) => body.scalar().unwrap_or_else(|| body.to_json().to_string()).into_bytes(),
    };
    HttpAnswer { status, headers, body }
}

fn expect(node: &Node, findings: &mut Findings<'_>) -> Expect {
    only(node, "`expect`", &["outcome", "detail", "said", "slots", "logged", "asked", "sent", "traps_at"], findings);
    let mut word = |key: &str| node.get(key).and_then(|node| node.text(&format!("`{key}`"), findings));
    let (outcome, detail, traps_at) = (word("outcome"), word("detail"), word("traps_at"));
    let slots = values(node, "slots", findings);
    let mut list = |key: &str| node.get(key).map(|list| list.texts(&format!("`{key}`"), findings));
    Expect { outcome, detail, said: list("said"), logged: list("logged"), asked: list("asked"), sent: list("sent"), slots, traps_at }
}

/// The values under a key, by name; one that is no mapping would be looked at by nobody.
fn values(node: &Node, key: &str, findings: &mut Findings<'_>) -> BTreeMap<String, Value> {
    let Some(found) = node.get(key) else { return BTreeMap::new() };
    if !matches!(found.kind, Kind::Map(_)) {
        findings.error(found.at, format!("`{key}` must be a mapping, not {}", found.name()));
    }
    found.pairs().iter().map(|(name, value)| (name.text.clone(), value_of(value, findings))).collect()
}

/// A value of a case. `{token: client}` is a token of a class, `{token: client, n: 2}` another one.
fn value_of(node: &Node, findings: &mut Findings<'_>) -> Value {
    let Some(named) = node.get("token") else { return Value::from_json(node.to_json()) };
    let n = node.get("n").and_then(|n| whole(n, "`n`", 1, u64::MAX, findings)).unwrap_or(1);
    match class(named, findings) {
        Some(class) if class.is_sensitive() => Value::text(token(class, n.to_be_bytes())),
        Some(plain) => {
            findings.error(named.at, format!("a value of class {plain} travels as it is; write the value"));
            Value::None
        }
        None => Value::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let mut list = Vec::new();
        read(text, &mut Findings::new("a.yml", &mut list));
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_key_that_nobody_knows_is_named_with_its_place() {
        let found = mistakes("cases:\n  - name: a\n    action: b\n    expects: {}\n");
        assert!(found.len() == 1 && found[0].starts_with("a.yml:4:5: error: a case has no key `expects`"), "{found:?}");
    }

    #[test]
    fn a_case_needs_an_action_and_a_name_of_its_own() {
        assert!(mistakes("cases:\n  - name: a\n")[0].contains("a case needs `action`"));
        assert!(mistakes("cases:\n  - {name: a, action: b}\n  - {name: a, action: b}\n")[0].contains("two cases are called `a`"));
    }

    #[test]
    fn what_would_be_looked_at_by_nobody_is_refused() {
        let with = |rest: &str| mistakes(&format!("cases:\n  - {{name: a, action: b, {rest}}}\n"));
        assert!(with("expect: {traps_at: [tell]}")[0].contains("`traps_at` must be text"));
        assert!(with("expect: {slots: [a]}")[0].contains("`slots` must be a mapping"));
        assert!(with("slots: {a: {token: cliente}}")[0].contains("`cliente` is no class"));
        assert!(with("slots: {a: {token: plain}}")[0].contains("travels as it is"));
        assert!(with("bindings: {desk: [{status: 70000}]}")[0].contains("from 100 to 599"));
        assert!(with("attempt: 1.5")[0].contains("`attempt` must be a whole number"));
    }

    #[test]
    fn a_failure_that_no_host_call_has_is_refused() {
        assert!(mistakes("cases:\n  - {name: a, action: b, bindings: {desk: [{fails: late}]}}\n")[0].contains("`late` is no failure"));
    }
}
