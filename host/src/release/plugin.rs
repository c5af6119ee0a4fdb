//! One plugin of a release: its component checked, compiled or taken over, held against its grant, and tried.
//!
//! Lives here: what keeps a component out of a release, and what only one side of manifest and grant names.
//! Never here: files and flows (`build.rs`), what a grant says (`grants`).

use super::build::{at_top, lines};
use super::{Package, Release};
use crate::grants::{self, Effective, Grants, Manifest, PluginGrant};
use crate::sandbox::{Capabilities, Component, Finished, HttpAnswer, HttpRequest, Offer, Refusal, Row, Sandbox};
use crate::seal::hex;
use centralita_engine::Value;
use centralita_engine::yaml::{Mistake, Severity};
use sha2::{Digest as _, Sha256};

/// A plugin of a release.
pub struct Plugin {
    /// Its name in `plugins.yml`.
    pub name: String,
    /// The compiled component.
    pub component: Component,
    /// SHA-256 of its file, hexadecimal.
    pub digest: String,
    /// What it asks for and is granted.
    pub effective: Effective,
}

pub(super) fn offer(grant: &PluginGrant) -> Offer {
    let actions = || grant.actions.values();
    Offer { http: actions().any(|action| !action.bindings.is_empty()), records: actions().any(|action| !action.statements.is_empty()) }
}

/// Makes a plugin of a package ready, or says what keeps it out.
pub(super) async fn plugin(
    name: &str,
    package: &Package,
    grants: &Grants,
    before: Option<&Release>,
    sandbox: &Sandbox,
    mistakes: &mut Vec<Mistake>,
) -> Result<Plugin, String> {
    let grant = grants.plugins.get(name).ok_or("is not granted")?;
    let bytes = package.components.get(name).ok_or("is not there; build it with `centralita dev`, or copy the component there")?;
    let text = crate::sandbox::manifest_of(bytes);
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let same = before.and_then(|before| before.plugins.get(name)).filter(|plugin| plugin.component.digest == digest);
    let same = same.filter(|_| before.and_then(|before| before.grants.plugins.get(name)).is_some_and(|other| offer(other) == offer(grant)));
    let component = match same {
        Some(plugin) => plugin.component.again(),
        None => sandbox.prepare(name, bytes, &offer(grant)).await.map_err(|error| error.to_string())?,
    };
    if let Some(wanted) = grant.digest.as_deref().filter(|wanted| *wanted != hex(&component.digest)) {
        return Err(format!("has another digest than plugins.yml names ({wanted}); review it and change the digest"));
    }
    let text = text.ok_or("carries no manifest; build it with `centralita dev`, which puts plugin.yml inside")?;
    let manifest = Manifest::parse(&format!("{name}/plugin.yml"), &text).map_err(|found| lines(&found))?;
    let (effective, notes) = grants::effective(&manifest, grant);
    mistakes.extend(notes.iter().map(|note| of_component(grants, name, Severity::Warning, format!("`{name}` {note}"))));
    if let Some(missing) = grant.actions.keys().find(|action| !effective.actions.contains_key(*action)) {
        return Err(format!("does not offer the action `{missing}` that plugins.yml grants"));
    }
    if same.is_some() {
        return Ok(Plugin { name: name.to_owned(), digest: hex(&component.digest), component, effective }); // It has been tried.
    }
    // Within its own limits: an interpreter needs more memory to start than most plugins need to run.
    match sandbox.smoke(&component, &crate::runs::sandbox_limits(&effective.limits), Box::new(Nobody)).await {
        Finished::Done => Ok(Plugin { name: name.to_owned(), digest: hex(&component.digest), component, effective }),
        other => Err(format!("does not start: {other:?}")),
    }
}

pub(super) fn of_component(grants: &Grants, name: &str, severity: Severity, message: String) -> Mistake {
    let path = grants.plugins.get(name).map_or_else(|| name.to_owned(), |grant| grant.component.clone());
    at_top(&path, severity, message)
}

/// The host of a smoke run: there is no call, so it knows and grants nothing.
struct Nobody;

#[async_trait::async_trait]
impl Capabilities for Nobody {
    fn now(&mut self) -> String {
        "1970-01-01T00:00:00+00:00".into()
    }
    fn language(&mut self) -> String {
        "en".into()
    }
    fn attempt(&mut self) -> u32 {
        1
    }
    fn slot(&mut self, _name: &str) -> Value {
        Value::None
    }
    fn set_slot(&mut self, _name: &str, _value: Value) {}
    fn respond(&mut self, _response: &str, _arguments: Vec<(String, Value)>) {}
    async fn send(&mut self, _binding: &str, _request: HttpRequest) -> Result<HttpAnswer, Refusal> {
        Err(Refusal::Stop("a smoke run asks nothing".into()))
    }
    async fn query(&mut self, _statement: &str, _parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        Err(Refusal::Stop("a smoke run asks nothing".into()))
    }
    async fn execute(&mut self, _statement: &str, _parameters: Vec<Value>) -> Result<Vec<Row>, Refusal> {
        Err(Refusal::Stop("a smoke run asks nothing".into()))
    }
    fn log(&mut self, _level: &str, _code: &str, _fields: Vec<(String, String)>) {}
}
