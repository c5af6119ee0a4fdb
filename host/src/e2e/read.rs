//! Reading a test file.
//!
//! Lives here: the keys of a file, a case and a step; fixtures and metadata put where they are named.
//! Never here: assertions (`assertion.rs`), which files there are (`find.rs`).

use super::assertion;
use super::case::{Case, Expect, Step, Suite, User, Wanted, What};
use centralita_engine::yaml::{self, At, Findings, Kind, Mistake, Node};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// Reads the text of the file at `path`; what is wrong with it comes along.
pub fn suite(path: &str, text: &str) -> (Suite, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    let mut findings = Findings::new(path, &mut mistakes);
    let mut suite = Suite { path: path.to_owned(), ..Suite::default() };
    let Some(root) = yaml::read(text, &mut findings) else { return (suite, mistakes) };
    root.only("a test file", &["test_cases", "fixtures", "metadata", "stub_custom_actions", "version"], &mut findings);
    let named = Named { fixtures: named(root.get("fixtures"), "fixtures", &mut findings), metadata: named(root.get("metadata"), "metadata", &mut findings) };
    suite.stubs = root.get("stub_custom_actions").map(|node| node.pairs().iter().map(|(key, value)| (key.text.clone(), json(value))).collect());
    match root.get("test_cases") {
        Some(list) if matches!(list.kind, Kind::List(_)) => {
            let mut names = BTreeSet::new();
            for node in list.items() {
                if let Some(case) = case(node, &named, &mut findings) {
                    if !names.insert(case.name.clone()) {
                        findings.error(case.at, format!("there is another case `{}` in this file; names of cases are unique", case.name));
                    }
                    suite.cases.push(case);
                }
            }
        }
        Some(other) => findings.error(other.at, format!("`test_cases` must be a list, not {}", other.name())),
        None => findings.error(root.at, "a test file needs `test_cases:`, a list of conversations"),
    }
    (suite, mistakes)
}

/// What a file gives names to.
struct Named {
    fixtures: BTreeMap<String, Vec<(String, Json)>>,
    metadata: BTreeMap<String, Vec<(String, Json)>>,
}

/// `- name: [{a: 1}, {b: 2}]` or `- name: {a: 1, b: 2}`; a mapping instead of the outer list is read too.
fn named(node: Option<&Node>, what: &str, findings: &mut Findings<'_>) -> BTreeMap<String, Vec<(String, Json)>> {
    let mut found = BTreeMap::new();
    let Some(node) = node else { return found };
    let groups: Vec<&Node> = if node.pairs().is_empty() { node.items().iter().collect() } else { vec![node] };
    if groups.is_empty() && !matches!(&node.kind, Kind::Null | Kind::List(_)) {
        findings.error(node.at, format!("`{what}` must be a list of names, each with its keys and values"));
    }
    for (key, value) in groups.iter().flat_map(|group| group.pairs()) {
        let pairs = if value.pairs().is_empty() { value.items().iter().flat_map(Node::pairs).collect() } else { value.pairs().iter().collect::<Vec<_>>() };
        if found.insert(key.text.clone(), pairs.into_iter().map(|(key, value)| (key.text.clone(), json(value))).collect()).is_some() {
            findings.error(key.at, format!("`{}` is defined twice under `{what}`; keep one", key.text));
        }
    }
    found
}

fn case(node: &Node, named: &Named, findings: &mut Findings<'_>) -> Option<Case> {
    node.only("a case", &["test_case", "fixtures", "metadata", "steps"], findings);
    let Some(name) = node.get("test_case") else {
        findings.error(node.at, "a case needs a name: `- test_case: NAME`");
        return None;
    };
    let name = name.text("`test_case`", findings)?;
    let mut fixtures = Vec::new();
    if let Some(list) = node.get("fixtures") {
        for wanted in list.texts("a fixture", findings) {
            match named.fixtures.get(&wanted) {
                Some(pairs) => fixtures.extend(pairs.iter().cloned()),
                None => findings.error(list.at, format!("there is no fixture `{wanted}`; define it under `fixtures:` of this file")),
            }
        }
    }
    let metadata = metadata(node, named, findings);
    let steps = match node.get("steps") {
        Some(list) => list.items().iter().filter_map(|step| self::step(step, &metadata, named, findings)).collect(),
        None => Vec::new(),
    };
    if steps.is_empty() {
        findings.error(node.at, format!("the case `{name}` has no steps"));
    }
    Some(Case { name, at: node.at, fixtures, metadata, steps })
}

fn metadata(node: &Node, named: &Named, findings: &mut Findings<'_>) -> Map<String, Json> {
    let Some(node) = node.get("metadata") else { return Map::new() };
    let mut all = Map::new();
    for wanted in node.texts("metadata", findings) {
        match named.metadata.get(&wanted) {
            Some(pairs) => all.extend(pairs.iter().cloned()),
            None => findings.error(node.at, format!("there is no metadata `{wanted}`; define it under `metadata:` of this file")),
        }
    }
    all
}

fn step(node: &Node, of_case: &Map<String, Json>, named: &Named, findings: &mut Findings<'_>) -> Option<Step> {
    let kinds = ["user", "bot", "utter", "action", "slot_was_set", "slot_was_not_set"];
    let Some((key, value)) = node.pairs().iter().find(|(key, _)| kinds.contains(&key.text.as_str())) else {
        findings.error(node.at, format!("a step is one of: {}", kinds.join(", ")));
        return None;
    };
    let what = match key.text.as_str() {
        "user" => What::User(user(node, value, of_case, named, findings)?),
        kind => {
            node.only("this step", &[kind], findings);
            What::Expect(match kind {
                "bot" => Expect::Bot(value.text("`bot`", findings)?),
                "utter" => Expect::Utter(value.text("`utter`", findings)?),
                "action" => Expect::Action(value.text("`action`", findings)?),
                "slot_was_set" => Expect::Set(slots(value, findings)),
                _ => Expect::NotSet(slots(value, findings)),
            })
        }
    };
    Some(Step { at: key.at, what })
}

fn user(node: &Node, text: &Node, of_case: &Map<String, Json>, named: &Named, findings: &mut Findings<'_>) -> Option<User> {
    node.only("a user step", &["user", "metadata", "model", "assertions", "assertion_order_enabled", "commands"], findings);
    let text = match text.kind {
        Kind::Null => None,
        Kind::Bool(_) | Kind::Number(..) | Kind::Text(_) | Kind::List(_) | Kind::Map(_) => Some(text.text("`user`", findings)?),
    };
    let mut all = of_case.clone();
    all.extend(metadata(node, named, findings));
    let model = node.get("model").map(|value| value.texts("`model`", findings).join("\n"));
    let commands = node.get("commands").map(|list| list.items().iter().filter_map(|item| Some((item.at, item.text("a command", findings)?))).collect());
    let ordered = node.get("assertion_order_enabled").is_some_and(|value| value.truth("`assertion_order_enabled`", findings).unwrap_or(false));
    let assertions = node.get("assertions").map(|list| assertion::list(list, findings));
    Some(User { text, metadata: all, model, assertions, ordered, commands })
}

/// `- name` or `- name: value`; a mapping instead of the list is read too.
fn slots(node: &Node, findings: &mut Findings<'_>) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let pair = |node: &Node| node.pairs().iter().map(|(key, value)| Wanted { slot: key.text.clone(), value: Some(json(value)) }).collect::<Vec<_>>();
    if !node.pairs().is_empty() {
        return pair(node);
    }
    let items = if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() };
    for item in items {
        if item.pairs().is_empty() {
            wanted.extend(item.text("a slot", findings).map(|slot| Wanted { slot, value: None }));
        } else {
            wanted.extend(pair(item));
        }
    }
    wanted
}

/// A node as JSON, whole numbers as whole numbers.
pub(super) fn json(node: &Node) -> Json {
    match &node.kind {
        Kind::Number(_, text) => text.parse::<i64>().map_or_else(|_| node.to_json(), Json::from),
        Kind::List(items) => items.iter().map(json).collect(),
        Kind::Map(pairs) => pairs.iter().map(|(key, node)| (key.text.clone(), json(node))).collect(),
        Kind::Null | Kind::Bool(_) | Kind::Text(_) => node.to_json(),
    }
}

/// A place as reports show it.
pub(super) fn place(path: &str, at: At) -> String {
    format!("{path}:{}", at.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "fixtures:\n  - rich:\n      - money: 10\n      - name: Ana\n  - poor: {money: 0}\nmetadata:\n  - web: {channel: web, lang: en}\n  - french: {lang: fr}\nstub_custom_actions:\n  action_pay: {events: [{event: slot, name: money, value: 3}], responses: []}\ntest_cases:\n  - test_case: one\n    fixtures: [rich, poor]\n    metadata: web\n    steps:\n      - user: yes\n        metadata: french\n        model: [start flow pay, set slot money 3]\n      - utter: utter_paid\n  - test_case: two\n    steps:\n      - user:\n      - user: 7:30\n        model: |\n          start flow pay\n          set slot money 3\n";

    fn user(suite: &Suite, case: usize, step: usize) -> &User {
        match &suite.cases[case].steps[step].what {
            What::User(user) => user,
            What::Expect(_) => panic!("no user step"),
        }
    }

    #[test]
    fn fixtures_metadata_and_stubs_are_put_where_they_are_named() {
        let (suite, mistakes) = suite("f.yml", FILE);
        assert!(mistakes.is_empty(), "{}", mistakes[0]);
        let fixtures: Vec<String> = suite.cases[0].fixtures.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(fixtures, ["money=10", "name=\"Ana\"", "money=0"]);
        assert_eq!(Json::Object(user(&suite, 0, 0).metadata.clone()), serde_json::json!({ "channel": "web", "lang": "fr" }));
        assert_eq!(suite.stubs.unwrap()["action_pay"]["events"][0]["value"], 3);
    }

    #[test]
    fn words_stay_words_and_nothing_is_silence() {
        let (suite, _) = suite("f.yml", FILE);
        assert_eq!(user(&suite, 0, 0).text.as_deref(), Some("yes"));
        assert_eq!(user(&suite, 1, 0).text, None);
        assert_eq!(user(&suite, 1, 1).text.as_deref(), Some("7:30"));
    }

    #[test]
    fn a_model_is_scripted_by_a_list_of_lines_or_by_a_text() {
        let (suite, _) = suite("f.yml", FILE);
        assert_eq!(user(&suite, 0, 0).model.as_deref(), Some("start flow pay\nset slot money 3"));
        assert_eq!(user(&suite, 1, 1).model.as_deref(), Some("start flow pay\nset slot money 3\n"));
    }

    #[track_caller]
    fn wrong(text: &str, mistake: &str) {
        let (_, mistakes) = suite("f.yml", text);
        assert_eq!(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"), mistake);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        wrong("fixtures: []\n", "f.yml:1:1: error: a test file needs `test_cases:`, a list of conversations");
        wrong(
            "test_cases:\n  - test_case: a\n    fixtures: [x]\n    steps:\n      - user: a\n",
            "f.yml:3:15: error: there is no fixture `x`; define it under `fixtures:` of this file",
        );
        wrong(
            "test_cases:\n  - test_case: a\n    steps:\n      - user: a\n        assertions:\n          - flow_begun: x\n",
            "f.yml:6:13: error: there is no assertion `flow_begun`; see docs/testing-conversations.md for those there are",
        );
        wrong(
            "test_cases:\n  - test_case: a\n    steps:\n      - usr: a\n",
            "f.yml:4:9: error: a step is one of: user, bot, utter, action, slot_was_set, slot_was_not_set\nf.yml:2:5: error: the case `a` has no steps",
        );
    }
}
