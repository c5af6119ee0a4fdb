//! What a release may touch, as a flat list of facts that can be compared.
//!
//! Lives here: taking `plugins.yml`, manifests, components and files apart, and what a change of each fact means.
//! Never here: comparing (`difference.rs`), granting (`grants`).

use super::{Package, crates};
use crate::sandbox::manifest_of;
use crate::seal::hex;
use centralita_engine::yaml::{self, Findings, Kind, Node};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// What a change of a fact means. What nobody has thought of is a rule: any change of it is a widening.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Weight {
    /// More of these is more authority, fewer is less.
    Grant,
    /// A number: more of it is more authority.
    Number(f64),
    /// A restriction or an address: any change widens until a person has looked.
    Rule,
    /// Worth seeing, no authority.
    Note,
}

/// A fact: what is said, and what a change of it means.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    /// As people read it.
    pub(super) text: String,
    /// What a change means.
    pub(super) weight: Weight,
}

/// Facts by the path they stand at.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Surface(pub(super) BTreeMap<String, Fact>);

/// Lists under an action, a binding or `action_server` in which every item is a grant of its own.
const GRANTS: [&str; 10] = ["reads", "writes", "responses", "statements", "bindings", "allow", "values", "content_types", "slots", "actions"];
/// Numbers of bindings and statements of which more is more; every number under `limits` is one, too.
const NUMBERS: [&str; 7] = ["rows", "timeout_ms", "run_ms", "max_request", "max_response", "rate_per_hour", "retries"];
/// Files whose every line is an address or a credential's name.
pub(super) const RULED: [&str; 2] = ["endpoints.yml", "credentials.yml"];

impl Surface {
    /// The facts of a package.
    pub(super) fn of(package: &Package) -> Self {
        let mut surface = Self::default();
        for (name, text) in &package.files {
            surface.file(name, text);
        }
        for (name, wasm) in &package.components {
            surface.component(name, wasm);
        }
        surface
    }

    fn file(&mut self, name: &str, text: &str) {
        let mut mistakes = Vec::new();
        let root = yaml::read(text, &mut Findings::new(name, &mut mistakes));
        match root {
            Some(root) if name == "plugins.yml" => self.node("", &root),
            Some(root) if RULED.contains(&name) => self.leaves(name, &root, Weight::Rule),
            Some(root) => {
                self.note(format!("file {name}"), digest(text));
                if name == "config.yml" {
                    self.models(name, &root);
                }
                for (response, node) in root.get("responses").map(Node::pairs).unwrap_or_default() {
                    self.note(format!("response {}", response.text), node.to_json().to_string());
                }
                for (slot, node) in root.get("slots").map(Node::pairs).unwrap_or_default() {
                    self.class(&slot.text, node);
                }
            }
            None => self.note(format!("file {name}"), digest(text)),
        }
    }

    /// Where `config.yml` itself says which model is asked, and with which credential.
    fn models(&mut self, path: &str, node: &Node) {
        for (key, node) in node.pairs() {
            let at = format!("{path} {}", key.text);
            if key.text == "llm" {
                self.leaves(&at, node, Weight::Rule);
            } else {
                self.models(&at, node);
            }
        }
        for (n, item) in node.items().iter().enumerate() {
            self.models(&format!("{path} {n}"), item);
        }
    }

    /// The class of a slot keeps its value from plugins, models and logs.
    fn class(&mut self, slot: &str, node: &Node) {
        for (key, node) in node.pairs() {
            match node.scalar() {
                Some(class) if key.text == "class" => self.add(format!("slot {slot} class"), class, Weight::Rule),
                _ => self.class(slot, node),
            }
        }
    }

    /// A node of `plugins.yml` or of a manifest.
    fn node(&mut self, path: &str, node: &Node) {
        for (key, node) in node.pairs() {
            let name = key.text.as_str();
            // A name with a dot in it is no path of two.
            let step = if name.contains('.') { format!("`{name}`") } else { name.to_owned() };
            let at = if path.is_empty() { step } else { format!("{path}.{step}") };
            // Where somebody chose the names, `why` may be one of them.
            let chosen = is_entry(path);
            match (name, &node.kind) {
                ("why", _) if !chosen => {}
                ("name" | "version" | "component", _) if !chosen && node.scalar().is_some() => self.note(at, shown(node)),
                // A list, or a mapping of names to reasons: each name by itself.
                (_, Kind::List(items)) if GRANTS.contains(&name) => {
                    for item in items {
                        self.add(format!("{at} {}", shown(item)), String::new(), Weight::Grant);
                        // It holds back what a plugin writes there: whoever takes it out lets it do more.
                        if let (Some(true), Some(place)) = (item.get("only").map(|only| only.scalar().as_deref() == Some("true")), item.get("at")) {
                            self.add(format!("{at} only {}", shown(place)), "true".into(), Weight::Rule);
                        }
                    }
                }
                (_, Kind::Text(text)) if GRANTS.contains(&name) => self.add(format!("{at} {text}"), String::new(), Weight::Grant),
                (_, Kind::Map(pairs)) if GRANTS.contains(&name) && pairs.iter().all(|(_, node)| node.scalar().is_some()) => {
                    pairs.iter().for_each(|(key, _)| self.add(format!("{at} {}", key.text), String::new(), Weight::Grant));
                }
                (_, Kind::Number(number, text)) if NUMBERS.contains(&name) => self.add(at, text.clone(), Weight::Number(*number)),
                ("speak", Kind::Bool(true)) => self.add(at, "true".into(), Weight::Grant),
                ("speak", Kind::Bool(false)) => {}
                // One entry a name: what stands in it is looked at by itself.
                ("plugins" | "bindings" | "actions" | "statements" | "limits" | "action_server" | "reviewers" | "authors", Kind::Map(_)) => {
                    self.node(&at, node)
                }
                (_, Kind::Map(_)) if chosen => {
                    self.add(at.clone(), "named".into(), Weight::Grant);
                    self.node(&at, node);
                }
                _ if path.ends_with("limits") => match node.get("ask").map_or(&node.kind, |ask| &ask.kind) {
                    Kind::Number(number, text) => self.add(at, text.clone(), Weight::Number(*number)),
                    _ => self.add(at, shown(node), Weight::Rule),
                },
                _ => self.add(at, shown(node), Weight::Rule),
            }
        }
    }

    fn leaves(&mut self, path: &str, node: &Node, weight: Weight) {
        if node.pairs().is_empty() {
            self.add(path.to_owned(), shown(node), weight);
        }
        for (key, node) in node.pairs() {
            self.leaves(&format!("{path} {}", key.text), node, weight);
        }
    }

    fn component(&mut self, name: &str, wasm: &[u8]) {
        let at = format!("component {name}");
        self.note(format!("{at} digest"), hex(&Sha256::digest(wasm)));
        self.note(format!("{at} bytes"), wasm.len().to_string());
        match imports(wasm) {
            Some(imports) => {
                for (interface, function) in imports.iter().flat_map(|(interface, functions)| functions.iter().map(move |function| (interface, function))) {
                    self.add(format!("{at} imports {interface} {function}"), String::new(), Weight::Grant);
                }
            }
            // It may load all the same, so it is not said to import nothing.
            None => self.add(format!("{at} imports"), UNREADABLE.into(), Weight::Rule),
        }
        for one in crates(wasm).unwrap_or_default() {
            self.note(format!("{at} crate {}", one.name), format!("{} ({})", one.version, one.source));
        }
        let mut mistakes = Vec::new();
        if let Some(manifest) = manifest_of(wasm)
            && let Some(root) = yaml::read(&manifest, &mut Findings::new("plugin.yml", &mut mistakes))
        {
            self.node(&format!("{at} asks"), &root);
        }
    }

    fn add(&mut self, path: String, text: String, weight: Weight) {
        self.0.insert(plainly(&path), Fact { text: plainly(&text), weight });
    }

    fn note(&mut self, path: String, text: String) {
        self.add(path, text, Weight::Note);
    }
}

/// Whether the keys at this path are names the operator or author chose.
fn is_entry(path: &str) -> bool {
    matches!(path.rsplit(['.', ' ']).next(), Some("plugins" | "bindings" | "actions" | "statements" | "reviewers" | "authors"))
}

/// What is said of imports that cannot be read.
pub const UNREADABLE: &str = "cannot be read; do not approve it";

/// Text of somebody else's as a terminal may be given it: on one line, without what moves the cursor. Different texts stay
/// different.
pub fn plainly(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut plain, c| {
        if c.is_control() {
            plain.extend(c.escape_default())
        } else {
            plain.push(c)
        }
        plain
    })
}

/// The functions of every interface a component imports, without compiling it; none where that cannot be read.
pub fn imports(wasm: &[u8]) -> Option<BTreeMap<String, Vec<String>>> {
    let Ok(wit_component::DecodedWasm::Component(resolve, world)) = wit_component::decode(wasm) else { return None };
    let of = |item: &wit_parser::WorldItem| match item {
        wit_parser::WorldItem::Interface { id, .. } => resolve.interfaces[*id].functions.keys().cloned().collect(),
        wit_parser::WorldItem::Function(function) => vec![function.name.clone()],
        wit_parser::WorldItem::Type { .. } => Vec::new(),
    };
    Some(resolve.worlds[world].imports.iter().map(|(key, item)| (resolve.name_world_key(key), of(item))).collect())
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// A node on one line.
fn shown(node: &Node) -> String {
    node.scalar().unwrap_or_else(|| node.to_json().to_string())
}

/// What `plugins.yml` says of one binding or statement, a line each.
pub fn rules(package: &Package, section: &str, name: &str) -> Vec<String> {
    let mut surface = Surface::default();
    if let Some(text) = package.files.get("plugins.yml") {
        surface.file("plugins.yml", text);
    }
    let begins = format!("{section}.{name}.");
    let said = |(path, fact): (&String, &Fact)| {
        let rule = path.strip_prefix(&begins)?;
        Some(if fact.text.is_empty() { rule.to_owned() } else { format!("{rule} {}", fact.text) })
    };
    surface.0.iter().filter_map(said).collect()
}
