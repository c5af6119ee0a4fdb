//! `plugins.yml`: what the operator of a project grants.
//!
//! Lives here: the whole file, and the questions a project asks of it at load.
//! Never here: a single binding or statement (`bindings.rs`, `statements.rs`); the class of a slot, which the
//! domain says.

use super::authority::{Authority, KEYS, Writes};
use super::bindings::{BindingSpec, VariableError};
use super::limits::Asked;
use super::signer::{self, PublicKey};
use super::statements::{Statement, StatementKind};
use super::strict::{is_name, listed, needed, only};
use crate::egress;
use centralita_engine::yaml::{self, Findings, Mistake, Node, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// Everything a project's operator grants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grants {
    /// Plugins by name.
    pub plugins: BTreeMap<String, PluginGrant>,
    /// Bindings by name.
    pub bindings: BTreeMap<String, BindingSpec>,
    /// Statements by name.
    pub statements: BTreeMap<String, Statement>,
    /// Slots whose values an action server gets as they are (`action_server: {slots: […]}`).
    pub action_slots: BTreeSet<String>,
    /// Those who approve a release, by name; none means that no approval is needed.
    pub reviewers: BTreeMap<String, PublicKey>,
    /// Those who make releases, by name. Where there are any, one of them signs a release before it can be approved.
    pub authors: BTreeMap<String, PublicKey>,
}

/// What one plugin is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginGrant {
    /// The component's path below the project folder.
    pub component: String,
    /// The digest the component must have, 64 hexadecimal digits; `None` for any.
    pub digest: Option<String>,
    /// What each action may touch.
    pub actions: BTreeMap<String, Authority>,
    /// Limits; what is not written has its default.
    pub limits: Asked,
    /// Whether the plugin may say text of its own instead of naming responses.
    pub speak: bool,
}

/// Bindings with their variables filled in.
#[derive(Default)]
pub struct Resolved {
    /// Those that can be used.
    pub bindings: Vec<egress::Binding>,
    /// What is missing for the optional ones that cannot.
    pub off: Vec<VariableError>,
}

impl Grants {
    /// Reads `plugins.yml`; `path` is for the mistakes, which come with places.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let grants = read(text, &mut Findings::new(path, &mut mistakes));
        mistakes.sort_by_key(|mistake| mistake.at);
        match grants {
            Some(grants) if !mistakes.iter().any(|mistake| mistake.severity == Severity::Error) => Ok(grants),
            Some(_) | None => Err(mistakes),
        }
    }

    /// The plugin that offers an action.
    pub fn plugin_of(&self, action: &str) -> Option<(&str, &PluginGrant)> {
        self.plugins.iter().find(|(_, plugin)| plugin.actions.contains_key(action)).map(|(name, plugin)| (name.as_str(), plugin))
    }

    /// Whether an action may change anything, as far as it is granted; an action of no plugin of this
    /// file writes nothing.
    pub fn writes(&self, action: &str) -> Writes {
        self.plugin_of(action).and_then(|(_, plugin)| plugin.actions.get(action)).map_or(Writes::Nothing, |authority| self.writes_of(authority))
    }

    /// Whether an authority lets anything be changed.
    pub fn writes_of(&self, authority: &Authority) -> Writes {
        let statements =
            authority.statements.iter().filter_map(|name| self.statements.get(name)).map(|statement| match (statement.kind, statement.call_back) {
                (StatementKind::Read, _) => Writes::Nothing,
                (StatementKind::Write, true) => Writes::CallBack,
                (StatementKind::Write, false) => Writes::Effect,
            });
        let bindings =
            authority.bindings.iter().filter_map(|name| self.bindings.get(name)).map(|binding| if binding.writes() { Writes::Effect } else { Writes::Nothing });
        statements.chain(bindings).max().unwrap_or(Writes::Nothing)
    }

    /// The variables that granted bindings need: groups of which one must be set.
    pub fn variables(&self) -> Vec<Vec<&str>> {
        let mut all: Vec<Vec<&str>> = self.granted_bindings().filter(|binding| !binding.optional).flat_map(BindingSpec::variables).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The bindings that some action is granted, with their variables filled in, and what keeps optional ones off. A binding
    /// nobody is granted needs no variable.
    ///
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn resolve(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Resolved, Vec<VariableError>> {
        let (mut resolved, mut wrong) = (Resolved::default(), Vec::new());
        for spec in self.granted_bindings() {
            match spec.resolve(variable) {
                Ok(binding) => resolved.bindings.push(binding),
                Err(error @ VariableError::Missing { .. }) if spec.optional => resolved.off.push(error),
                Err(error) => wrong.push(error),
            }
        }
        if wrong.is_empty() { Ok(resolved) } else { Err(wrong) }
    }

    fn granted_bindings(&self) -> impl Iterator<Item = &BindingSpec> {
        let granted: BTreeSet<&String> = self.plugins.values().flat_map(|plugin| plugin.actions.values()).flat_map(|authority| &authority.bindings).collect();
        self.bindings.values().filter(move |binding| granted.contains(&binding.name))
    }
}

fn read(text: &str, findings: &mut Findings<'_>) -> Option<Grants> {
    let root = yaml::read(text, findings)?;
    only(&root, "plugins.yml", &["plugins", "bindings", "statements", "reviewers", "authors", "action_server"], findings);
    let mut grants = Grants::default();
    for (name, node) in entries(&root, "bindings", findings) {
        grants.bindings.extend(BindingSpec::read(&name, node, findings).map(|spec| (name, spec)));
    }
    for (name, node) in entries(&root, "statements", findings) {
        grants.statements.extend(Statement::read(&name, node, findings).map(|statement| (name, statement)));
    }
    if let Some(node) = root.get("action_server") {
        only(node, "`action_server`", &["slots", "why"], findings);
        grants.action_slots = node.get("slots").map(|node| node.texts("`slots`", findings)).unwrap_or_default().into_iter().collect();
    }
    grants.reviewers = signer::read(&root, "reviewers", findings);
    grants.authors = signer::read(&root, "authors", findings);
    if let Some(authors) = root.get("authors").filter(|_| root.get("reviewers").is_none()) {
        findings.error(authors.at, "`authors` are named and no `reviewers`: nobody could approve what they sign");
    }
    for (name, node) in entries(&root, "plugins", findings) {
        if let Some(plugin) = plugin(&name, node, findings) {
            for (action, _) in node.get("actions").map(Node::pairs).unwrap_or_default() {
                if let Some((other, _)) = grants.plugin_of(&action.text) {
                    let message = format!("action `{}` is granted to `{other}` already; one plugin offers it", action.text);
                    findings.error(action.at, message);
                }
            }
            grants.plugins.insert(name, plugin);
        }
    }
    // A name that does not stand above may be the name of something that could not be read.
    if let Some(plugins) = root.get("plugins") {
        for (_, plugin) in plugins.pairs() {
            for (_, action) in plugin.get("actions").map(Node::pairs).unwrap_or_default() {
                names_exist(action, &root, findings);
            }
        }
    }
    Some(grants)
}

/// The entries of a section whose keys are names.
fn entries<'a>(root: &'a Node, section: &str, findings: &mut Findings<'_>) -> Vec<(String, &'a Node)> {
    let Some(node) = root.get(section) else {
        return Vec::new();
    };
    if node.pairs().is_empty() && !matches!(node.kind, yaml::Kind::Null | yaml::Kind::Map(_)) {
        findings.error(node.at, format!("`{section}` must be a mapping from names, not {}", node.name()));
    }
    for (key, _) in node.pairs() {
        if !is_name(&key.text) {
            findings.error(key.at, format!("`{}` is no name: use letters, digits, `-`, `_`, `.`", key.text));
        }
    }
    node.pairs().iter().map(|(key, node)| (key.text.clone(), node)).collect()
}

fn plugin(name: &str, node: &Node, findings: &mut Findings<'_>) -> Option<PluginGrant> {
    let what = format!("plugin `{name}`");
    only(node, &what, &["component", "digest", "actions", "limits", "speak", "why"], findings);
    let component = needed(node, &what, "component", findings).and_then(|node| {
        let path = node.text("`component`", findings)?;
        let inside = path.ends_with(".wasm") && !path.starts_with('/') && !path.contains('\\') && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !inside {
            findings.error(node.at, "`component` is a path below the project folder that ends in `.wasm`");
        }
        Some(path)
    });
    let digest = node.get("digest").and_then(|node| {
        let text = node.text("`digest`", findings)?;
        let hex = text.strip_prefix("sha256:").filter(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        if hex.is_none() {
            findings.error(node.at, "`digest` is `sha256:` and 64 hexadecimal digits");
        }
        hex.map(str::to_ascii_lowercase)
    });
    let speak = node.get("speak").and_then(|node| node.truth("`speak`", findings)).unwrap_or(false);
    let limits = Asked::read(node.get("limits"), findings);
    let listed = needed(node, &what, "actions", findings);
    let mut actions = BTreeMap::new();
    for (key, node) in listed.map(Node::pairs).unwrap_or_default() {
        if !is_name(&key.text) {
            findings.error(key.at, format!("`{}` is no name of an action", key.text));
        }
        let known: Vec<&str> = KEYS.into_iter().chain(["why"]).collect();
        only(node, &format!("action `{}`", key.text), &known, findings);
        actions.insert(key.text.clone(), Authority::read(node, findings));
    }
    if let Some(listed) = listed.filter(|_| actions.is_empty()) {
        findings.error(listed.at, format!("`actions` of {what} must map each action to what it is granted"));
    }
    Some(PluginGrant { component: component?, digest, actions, limits, speak })
}

/// Every statement and binding an action is granted is defined in this file.
fn names_exist(action: &Node, root: &Node, findings: &mut Findings<'_>) {
    for section in ["statements", "bindings"] {
        let Some(list) = action.get(section) else {
            continue;
        };
        for (at, name) in listed(list) {
            if root.get(section).and_then(|section| section.get(&name)).is_none() {
                findings.error(at, format!("`{name}` is not under `{section}`; add it there or take it out here"));
            }
        }
    }
}
