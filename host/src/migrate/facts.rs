//! What a project uses, read from its files whether they load or not.
//!
//! Lives here: flows with their steps, slots, responses, actions, configuration, channels, tests.
//! Never here: what is wrong with any of it.

use super::{Fact, Light};
use crate::release::Package;
use centralita_engine::yaml::{self, At, Findings, Key, Node};
use std::collections::{BTreeMap, BTreeSet};

const KINDS: [&str; 6] = ["collect", "action", "set_slots", "link", "call", "noop"];

/// Everything the files of a project use.
pub(super) fn of(package: &Package) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (path, text) in &package.files {
        // What does not parse is a finding of `validate` already.
        let mut unread = Vec::new();
        let Some(root) = yaml::read(text, &mut Findings::new(path, &mut unread)) else { continue };
        let mut file = File { path, lines: text.lines().count(), facts: &mut facts };
        match path.as_str() {
            "config.yml" | "config.yaml" => file.config(&root),
            "endpoints.yml" | "endpoints.yaml" => file.endpoints(&root),
            "credentials.yml" | "credentials.yaml" => file.credentials(&root),
            "plugins.yml" => file.plugins(&root),
            _ => file.dialogue(&root, has_action_server(package)),
        }
    }
    facts
}

/// Whether an action server runs the project's own actions.
pub(super) fn has_action_server(package: &Package) -> bool {
    let text = package.files.get("endpoints.yml").or_else(|| package.files.get("endpoints.yaml"));
    text.and_then(|text| yaml::read(text, &mut Findings::new("endpoints.yml", &mut Vec::new()))).is_some_and(|root| root.get("action_endpoint").is_some())
}

struct File<'a> {
    path: &'a str,
    lines: usize,
    facts: &'a mut Vec<Fact>,
}

impl File<'_> {
    fn green(&mut self, at: At, last: usize, says: String) {
        self.facts.push(Fact { path: self.path.to_owned(), at, last, light: Light::Green, says });
    }

    fn config(&mut self, root: &Node) {
        let mut named = BTreeSet::new();
        for (list, what) in [("pipeline", "part of the pipeline"), ("policies", "policy")] {
            for item in root.get(list).map(Node::items).unwrap_or_default() {
                let name = item.get("name").and_then(Node::scalar).unwrap_or_default();
                if named.insert(name.clone()) {
                    self.green(item.at, item.at.line, format!("{what} `{name}`"));
                }
            }
        }
        if let Some(languages) = root.get("additional_languages") {
            self.green(languages.at, languages.at.line, format!("{} more languages", languages.items().len()));
        }
    }

    fn endpoints(&mut self, root: &Node) {
        for (key, body) in root.pairs() {
            let says = match key.text.as_str() {
                "action_endpoint" => match body.get("actions_module").and_then(Node::scalar) {
                    Some(module) => format!("the Python module `{module}` is started by `dev`, `shell` and `test`; `serve` wants its address as `url`"),
                    None => "the action server is asked as before; move an action to Wasm whenever you like".to_owned(),
                },
                "model_groups" => format!("{} of models, asked in their order; the variables `OPENAI_…` win", counted(body.items().len(), "group")),
                other => format!("`{other}`"),
            };
            self.green(key.at, key.at.line, says);
        }
    }

    fn credentials(&mut self, root: &Node) {
        for (key, _) in root.pairs().iter().filter(|(key, _)| key.text != "rasa") {
            self.green(key.at, key.at.line, format!("channel `{}`", key.text));
        }
    }

    fn plugins(&mut self, root: &Node) {
        for (key, body) in root.get("plugins").map(Node::pairs).unwrap_or_default() {
            let actions = body.get("actions").map_or(0, |actions| actions.pairs().len());
            self.green(key.at, key.at.line, format!("plugin `{}` with {}", key.text, counted(actions, "action")));
        }
    }

    fn dialogue(&mut self, root: &Node, served: bool) {
        let flows = root.get("flows").map(Node::pairs).unwrap_or_default();
        for (position, (key, body)) in flows.iter().enumerate() {
            let last = flows.get(position + 1).map_or(self.lines, |(next, _)| next.at.line - 1);
            let what = if key.text.starts_with("pattern_") { "pattern" } else { "flow" };
            self.green(key.at, last, format!("{what} `{}`: {}", key.text, steps(body)));
        }
        if let Some((key, body)) = pair(root, "slots") {
            let mut types: BTreeMap<String, usize> = BTreeMap::new();
            for (_, slot) in body.pairs() {
                *types.entry(slot.get("type").and_then(Node::scalar).unwrap_or_else(|| "without a type".into())).or_default() += 1;
            }
            let types: Vec<String> = types.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            self.green(key.at, key.at.line, format!("{} ({})", counted(body.pairs().len(), "slot"), types.join(", ")));
        }
        if let Some((key, body)) = pair(root, "responses") {
            let variations: usize = body.pairs().iter().map(|(_, list)| list.items().len()).sum();
            self.green(key.at, key.at.line, format!("{} with {}", counted(body.pairs().len(), "response"), counted(variations, "variation")));
        }
        for action in root.get("actions").map(Node::items).unwrap_or_default() {
            let name = action.scalar().or_else(|| action.pairs().first().map(|(key, _)| key.text.clone())).unwrap_or_default();
            let stays = if served { ": stays on the action server, or moves to Wasm by `centralita plugin`" } else { "" };
            self.green(action.at, action.at.line, format!("action `{name}`{stays}"));
        }
        if let Some((key, body)) = pair(root, "nlu") {
            self.green(key.at, key.at.line, format!("examples of {}", counted(body.items().len(), "intent")));
        }
        if let Some((key, body)) = pair(root, "test_cases") {
            self.green(key.at, key.at.line, format!("{}: `centralita test` holds them", counted(body.items().len(), "conversation")));
        }
    }
}

fn pair<'a>(root: &'a Node, name: &str) -> Option<&'a (Key, Node)> {
    root.pairs().iter().find(|(key, _)| key.text == name)
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The kinds of step in a flow, nested ones too.
fn steps(flow: &Node) -> String {
    fn walk(node: &Node, counts: &mut [usize; KINDS.len()]) {
        for (count, kind) in counts.iter_mut().zip(KINDS) {
            *count += usize::from(node.get(kind).is_some());
        }
        // Below a step only `next` holds more of them.
        for below in ["steps", "next", "then", "else"].into_iter().filter_map(|key| node.get(key)) {
            below.items().iter().for_each(|item| walk(item, counts));
        }
    }
    let mut counts = [0; KINDS.len()];
    walk(flow, &mut counts);
    let used: Vec<String> = counts.iter().zip(KINDS).filter(|(count, _)| **count > 0).map(|(count, kind)| format!("{count} {kind}")).collect();
    if used.is_empty() { "no steps".into() } else { used.join(", ") }
}
