//! What a component can do, read from its bytes, against the contract, its manifest and its grant.
//!
//! Lives here: the comparison, in both directions, and its sentences. Nothing is compiled or run.
//! Never here: reading files, printing.

use super::contract::{Interface, interfaces, misfits};
use crate::grants::{Grants, Manifest, StatementKind, effective};
use crate::sandbox::{Offer, manifest_of, vet};
use crate::seal::hex;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// What a check found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Facts, a line each.
    pub facts: Vec<String>,
    /// What keeps it from running.
    pub wrong: Vec<String>,
    /// What somebody should look at.
    pub notes: Vec<String>,
}

/// Checks a component; `grants` are those of the project it is meant for.
pub fn check(wasm: &[u8], name: &str, grants: Option<&Grants>) -> Checked {
    let mut found = Checked::default();
    found.facts.push(format!("{} bytes, sha256:{}", wasm.len(), hex(&Sha256::digest(wasm))));
    if let Err(error) = vet(wasm, Offer { http: true, records: true }) {
        found.wrong.push(error.to_string());
    }
    match misfits(wasm) {
        Ok(wrong) => found.wrong.extend(wrong),
        // What cannot be read has been said, above, better.
        Err(error) if found.wrong.is_empty() => found.wrong.push(format!("it cannot be read: {error:#}")),
        Err(_) => {}
    }
    let (imports, _) = interfaces(wasm).unwrap_or_default();
    listed(&imports, &mut found.facts);
    let manifest = match manifest_of(wasm).map(|text| Manifest::parse(&format!("{name}/plugin.yml"), &text)) {
        Some(Ok(manifest)) => manifest,
        Some(Err(mistakes)) => {
            found.wrong.extend(mistakes.iter().map(ToString::to_string));
            return found;
        }
        None => {
            found.wrong.push("it carries no manifest; build it with `centralita plugin build`, which puts plugin.yml inside".into());
            return found;
        }
    };
    found.facts.insert(0, format!("{} {}: {}", manifest.name, manifest.version, manifest.actions.keys().cloned().collect::<Vec<_>>().join(", ")));
    against_manifest(&imports, &manifest, grants, &mut found);
    match grants.map(|grants| grants.plugins.get(name)) {
        None => found.notes.push("no project is there to grant it anything; name one with `--project DIR`".into()),
        Some(None) => found.notes.push("plugins.yml of the project does not name it: nothing of it would run".into()),
        Some(Some(grant)) => {
            let (effective, notes) = effective(&manifest, grant);
            found.notes.extend(notes.iter().map(|note| format!("it {note}")));
            let missing = grant.actions.keys().filter(|action| !effective.actions.contains_key(*action));
            found.wrong.extend(missing.map(|action| format!("plugins.yml grants the action `{action}`, which it does not offer")));
            let offer = Offer { http: effective.sends(), records: effective.queries() };
            if let Err(error) = vet(wasm, offer)
                && found.wrong.is_empty()
            {
                found.wrong.push(error.to_string());
            }
        }
    }
    found
}

fn short(interface: &Interface) -> Option<&str> {
    interface.name.strip_prefix("centralita:action/").map(|rest| rest.split('@').next().unwrap_or(rest))
}

fn listed(imports: &[Interface], facts: &mut Vec<String>) {
    for interface in imports.iter().filter(|interface| !interface.functions.is_empty()) {
        if let Some(name) = short(interface) {
            let functions = interface.functions.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
            facts.push(format!("imports {name}: {}", functions.join(", ")));
        }
    }
    let wasi = imports.iter().filter(|interface| interface.name.starts_with("wasi:")).count();
    if wasi > 0 {
        facts.push(format!("imports {wasi} interfaces of WASI that have nothing behind them (the standard library's)"));
    }
}

/// What each part of a manifest needs in the binary.
const NEEDS: [(&str, &str, &str); 4] =
    [("reads", "call", "slot"), ("writes", "call", "set-slot"), ("responses", "call", "respond"), ("bindings", "http", "send")];

fn against_manifest(imports: &[Interface], manifest: &Manifest, grants: Option<&Grants>, found: &mut Checked) {
    let functions = |wanted: &str| imports.iter().find(|interface| short(interface) == Some(wanted)).map(|interface| &interface.functions);
    let takes = |interface: &str, function: &str| functions(interface).is_some_and(|functions| functions.iter().any(|(name, _)| name == function));
    let asked = |key: &str| -> BTreeSet<&String> {
        let actions = manifest.actions.values();
        match key {
            "reads" => actions.flat_map(|action| &action.reads).collect(),
            "writes" => actions.flat_map(|action| &action.writes).collect(),
            "responses" => actions.flat_map(|action| &action.responses).collect(),
            "bindings" => actions.flat_map(|action| &action.bindings).collect(),
            _ => actions.flat_map(|action| &action.statements).collect(),
        }
    };
    // A tool that imports all of `call` says nothing about what the sources use of it.
    let by_tool = functions("call").is_some_and(|functions| functions.len() >= 6);
    for (key, interface, function) in NEEDS {
        match (asked(key).is_empty(), takes(interface, function)) {
            (false, false) => found.notes.push(format!("plugin.yml asks for {key} ({}), the binary never calls `{interface}.{function}`", names(&asked(key)))),
            (true, true) if interface == "http" || !by_tool => {
                found.notes.push(format!("the binary can call `{interface}.{function}`, plugin.yml asks for no {key}: it would be told nothing or refused"));
            }
            _ => {}
        }
    }
    let statements = asked("statements");
    let (queries, executes) = (takes("records", "query"), takes("records", "execute"));
    if !statements.is_empty() && !queries && !executes {
        found.notes.push(format!("plugin.yml asks for statements ({}), the binary never calls `records`", names(&statements)));
    }
    if statements.is_empty() && (queries || executes) {
        found.wrong.push("the binary imports `records`, plugin.yml asks for no statement: it will not load; name the statements it runs".into());
    }
    if asked("bindings").is_empty() && functions("http").is_some() {
        found.wrong.push("the binary imports `http`, plugin.yml asks for no binding: it will not load; name the bindings it sends to".into());
    }
    let of = |kind| statements.iter().any(|name| grants.and_then(|grants| grants.statements.get(*name)).is_some_and(|statement| statement.kind == kind));
    if of(StatementKind::Write) && !executes {
        found.notes.push("plugin.yml asks for a statement that writes, the binary never calls `records.execute`".into());
    }
    if of(StatementKind::Read) && !queries {
        found.notes.push("plugin.yml asks for a statement that reads, the binary never calls `records.query`".into());
    }
}

fn names(all: &BTreeSet<&String>) -> String {
    all.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}
