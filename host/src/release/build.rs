//! Building a release: everything that can be checked before a call meets it.
//!
//! Lives here: flows, grants and components checked against each other.
//! Never here: reading files.

use super::plugin::{of_component, plugin};
use super::{Approval, Outbound, Package, Plugin, Trial, Voice};
use crate::action_server::{self, ActionServer};
use crate::calls::TELEPHONE;
use crate::egress::Binding;
use crate::endpoints::{self, ActionEndpoint};
use crate::grants::{self, Class, Grants};
use crate::model::{self, Model, Prompting};
use crate::sandbox::Sandbox;
use crate::tracker::{self, Domain};
use centralita_engine::project::{ActionFacts, Actions, Variation, Writes};
use centralita_engine::yaml::{At, Mistake, Severity};
use centralita_engine::{ActionName, Project, ResponseName, SlotName};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A release, ready to serve.
pub struct Release {
    /// SHA-256 of everything in it, hexadecimal.
    pub digest: String,
    /// The flows.
    pub project: Arc<Project>,
    /// What the operator grants.
    pub grants: Grants,
    /// Plugins by name.
    pub plugins: BTreeMap<String, Plugin>,
    /// Bindings with their addresses and credentials.
    pub bindings: BTreeMap<String, Binding>,
    /// Where actions run that are no plugin's.
    pub action_server: Option<ActionServer>,
    /// The language models, if any is configured.
    pub model: Option<Model>,
    /// How they are told what a caller said.
    pub prompting: Prompting,
    /// How the line sounds and listens.
    pub voice: Voice,
    /// Who let it go live; none: nobody was asked.
    pub approval: OnceLock<Approval>,
    pub(super) trial: Trial,
    timezone: TimeZone,
}

/// Why a release cannot be built: every mistake there is.
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct BuildError(pub Vec<Mistake>);

pub(super) fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The flows and grants of a package, checked without its components: what `validate` says.
#[derive(Clone)]
pub struct Checked {
    pub(super) project: Option<Arc<Project>>,
    pub(super) grants: Grants,
    domain: Domain,
    voice: Option<Voice>,
    /// Whom the line may call; none: nobody.
    pub outbound: Option<Outbound>,
    /// Everything found, warnings too.
    pub mistakes: Vec<Mistake>,
}

impl Checked {
    /// Reads and checks flows and `plugins.yml`.
    pub fn of(package: &Package) -> Self {
        let mut mistakes = Vec::new();
        let grants = package.files.get("plugins.yml").map(|text| Grants::parse("plugins.yml", text));
        let grants = match grants {
            Some(Ok(grants)) => grants,
            Some(Err(found)) => {
                mistakes.extend(found);
                Grants::default()
            }
            None => Grants::default(),
        };
        let sources = package.sources();
        let domain = tracker::domain(&sources);
        let endpoints = package.files.get(endpoints::FILE).map(|text| endpoints::read(text, None, &mut mistakes)).unwrap_or_default();
        model::check(&package.files, &mut mistakes);
        let asks_elsewhere = endpoints.action.is_some();
        model::choose(&package.files, endpoints.model_groups, None, &mut mistakes);
        let mut actions = facts(&grants);
        if package.remote || asks_elsewhere {
            remote(&domain, &mut actions);
        }
        let (project, found) = Project::load(&sources, actions);
        mistakes.extend(found);
        for slot in grants.action_slots.iter().filter(|slot| project.as_ref().is_some_and(|project| !project.slots.contains_key(slot.as_str()))) {
            let message = format!("`action_server` is granted the slot `{slot}`, which no domain declares; take it out or fix the spelling");
            mistakes.push(at_top("plugins.yml", Severity::Error, message));
        }
        for (name, slot) in project.iter().flat_map(|project| &project.slots) {
            if let Some(class) = slot.class.as_deref().filter(|class| Class::parse(class).is_none()) {
                let known = Class::ALL.map(Class::as_str).join(", ");
                let message = format!("slot `{name}` has the class `{class}`, which does not exist; use {known}");
                mistakes.push(Mistake { path: slot.path.clone(), at: slot.at, severity: Severity::Error, message });
            }
        }
        let outbound = Outbound::read(package, &grants, &mut mistakes);
        let voice = project.as_ref().map(|project| Voice::read(package, project, &mut mistakes));
        Self { project: project.map(Arc::new), grants, domain, voice, outbound, mistakes }
    }

    /// As [`Checked::of`], on a thread where nobody's call waits: a project's examples are learned anew.
    pub async fn apart(package: &Package) -> Self {
        let files = Package { files: package.files.clone(), remote: package.remote, ..Package::default() };
        tokio::task::spawn_blocking(move || Self::of(&files)).await.unwrap_or_else(|_| {
            let mistake = at_top("the project", Severity::Error, "the check broke off, which is a fault of this program".into());
            Self { project: None, grants: Grants::default(), domain: tracker::domain(&[]), voice: None, outbound: None, mistakes: vec![mistake] }
        })
    }

    /// What is wrong with the components that are there, as far as it can be known without a call; one that is not built
    /// yet is no mistake.
    pub async fn components(&self, package: &Package, sandbox: &Sandbox) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for name in package.components.keys() {
            if let Err(message) = plugin(name, package, &self.grants, None, sandbox, &mut mistakes).await {
                mistakes.push(of_component(&self.grants, name, Severity::Error, message));
            }
        }
        mistakes
    }

    /// The flows and domain, unless a mistake keeps them from being one.
    pub fn project(&self) -> Option<&Project> {
        self.project.as_deref()
    }

    /// Whether a flow hands callers to a person.
    pub fn transfers(&self) -> bool {
        let is_transfer = |step: &centralita_engine::project::Step| matches!(&step.kind, centralita_engine::project::StepKind::Action(centralita_engine::project::ActionRef::Named(name)) if name.as_str() == "action_transfer");
        self.project.as_ref().is_some_and(|project| project.flows.values().any(|flow| flow.steps.iter().any(is_transfer)))
    }

    /// Whether anything stops this project from running.
    pub fn is_broken(&self) -> bool {
        self.project.is_none() || self.mistakes.iter().any(|mistake| mistake.severity == Severity::Error)
    }
}

/// Actions the domain lists and no plugin offers are the action server's, default ones too: a project's own replaces ours.
/// Responses are listed there as well, in older projects.
fn remote(domain: &Domain, actions: &mut Actions) {
    let listed = domain.json["actions"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
    for name in listed.filter(|name| domain.json["responses"].get(name).is_none()) {
        // A name that is none is reported where the domain is read.
        if let Ok(name) = ActionName::parse(name) {
            actions.entry(name).or_insert_with(|| ActionFacts { remote: true, ..ActionFacts::default() });
        }
    }
}

/// What `endpoints.yml` says with its variables filled in: the models, and where the action server is.
fn outside(package: &Package, variable: &(dyn Fn(&str) -> Option<String> + Sync), mistakes: &mut Vec<Mistake>) -> (Option<Model>, Option<ActionEndpoint>) {
    let mut found = Vec::new();
    let get = |name: &str| variable(name);
    let read = package.files.get(endpoints::FILE).map(|text| endpoints::read(text, Some(&get), &mut found)).unwrap_or_default();
    let choice = model::choose(&package.files, read.model_groups, Some(&get), &mut found);
    let model = choice.and_then(|choice| Model::open(&choice, &mut found));
    // What needs no variable to be seen has been said already.
    mistakes.extend(found.into_iter().filter(|mistake| !mistakes.contains(mistake)).collect::<Vec<_>>());
    (model, read.action)
}

/// The action server.
fn serving(
    endpoint: Option<ActionEndpoint>,
    domain: Domain,
    grants: &Grants,
    variable: &(dyn Fn(&str) -> Option<String> + Sync),
    mistakes: &mut Vec<Mistake>,
) -> Option<ActionServer> {
    let endpoint = endpoint?;
    let at = endpoint.at;
    let compress = variable(action_server::COMPRESS).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    ActionServer::open(endpoint, domain, compress, grants.action_slots.clone()).unwrap_or_else(|error| {
        mistakes.push(Mistake { path: endpoints::FILE.into(), at, severity: Severity::Error, message: error.to_string() });
        None
    })
}

/// What the engine has to know of the granted actions.
fn facts(grants: &Grants) -> Actions {
    let mut actions = Actions::new();
    for grant in grants.plugins.values() {
        for (name, authority) in &grant.actions {
            let Ok(action) = ActionName::parse(name) else { continue };
            let writes = match grants.writes_of(authority) {
                grants::Writes::Nothing => Writes::Nothing,
                grants::Writes::CallBack => Writes::CallBack,
                grants::Writes::Effect => Writes::Effect,
            };
            let slots = authority.writes.iter().filter_map(|name| SlotName::parse(name).ok()).collect();
            let responses = authority.responses.iter().filter_map(|name| ResponseName::parse(name).ok()).collect();
            actions.insert(action, ActionFacts { writes, slots, responses, remote: false });
        }
    }
    actions
}

impl Release {
    /// Builds a release. Compiling is work: call this off the serving path.
    ///
    /// # Errors
    /// [`BuildError`] with every mistake; then nothing of the package is used.
    pub async fn build(
        package: &Package,
        sandbox: &Sandbox,
        variable: &(dyn Fn(&str) -> Option<String> + Sync),
        timezone: Option<&str>,
    ) -> Result<(Self, Vec<Mistake>), BuildError> {
        Self::of(Checked::apart(package).await, package, None, sandbox, variable, timezone).await
    }

    /// Builds a release from what was checked; components it has in common with `before` are not compiled again.
    pub(super) async fn of(
        checked: Checked,
        package: &Package,
        before: Option<&Self>,
        sandbox: &Sandbox,
        variable: &(dyn Fn(&str) -> Option<String> + Sync),
        timezone: Option<&str>,
    ) -> Result<(Self, Vec<Mistake>), BuildError> {
        if checked.is_broken() {
            return Err(BuildError(checked.mistakes));
        }
        let Checked { project: Some(project), grants, domain, voice: Some(voice), mut mistakes, .. } = checked else { return Err(BuildError(Vec::new())) };
        let mut plugins = BTreeMap::new();
        for name in grants.plugins.keys() {
            match plugin(name, package, &grants, before, sandbox, &mut mistakes).await {
                Ok(plugin) => {
                    plugins.insert(name.clone(), plugin);
                }
                Err(message) => mistakes.push(of_component(&grants, name, Severity::Error, message)),
            }
        }
        let mut bindings = BTreeMap::new();
        match grants.resolve(variable) {
            Ok(resolved) => {
                bindings.extend(resolved.bindings.into_iter().map(|binding| (binding.name.clone(), binding)));
                mistakes.extend(resolved.off.iter().map(|missing| at_top("plugins.yml", Severity::Warning, format!("{missing}; until then it is off"))));
            }
            Err(wrong) => mistakes.extend(wrong.iter().map(|error| at_top("plugins.yml", Severity::Error, error.to_string()))),
        }
        let (model, endpoint) = outside(package, variable, &mut mistakes);
        let action_server = serving(endpoint, domain, &grants, variable, &mut mistakes);
        let zone = timezone.unwrap_or(&project.config.timezone).to_owned();
        let timezone = TimeZone::get(&zone).unwrap_or_else(|_| {
            mistakes.push(at_top("config.yml", Severity::Error, format!("`{zone}` is no time zone; write an IANA name such as America/Mexico_City")));
            TimeZone::UTC
        });
        let prompting = Prompting::of(&package.files, &project);
        if mistakes.iter().any(|mistake| mistake.severity == Severity::Error) {
            return Err(BuildError(mistakes));
        }
        let (digest, approval, trial) = (package.digest(), OnceLock::new(), Trial::default());
        Ok((Self { digest, project, grants, plugins, bindings, action_server, model, prompting, voice, approval, trial, timezone }, mistakes))
    }

    /// The plugin that offers an action.
    pub fn plugin_of(&self, action: &str) -> Option<&Plugin> {
        self.plugins.values().find(|plugin| plugin.effective.actions.contains_key(action))
    }

    /// The class a slot or a fact of the call has for plugins: what its `centralita.class` in the domain says.
    pub fn class_of(&self, name: &str) -> Class {
        match name {
            "call.number" => Class::Phone,
            _ => self.project.slots.get(name).and_then(|slot| slot.class.as_deref()).and_then(Class::parse).unwrap_or(Class::Plain),
        }
    }

    /// The words of a response outside of a turn, where there are no values: its first variation for telephone calls
    /// without a condition.
    pub fn plain(&self, response: &str) -> Option<String> {
        let variations = self.project.responses.get(response)?;
        let here = |variation: &&Variation| variation.condition.is_none() && variation.channel.as_deref().is_none_or(|channel| channel == TELEPHONE);
        variations.iter().filter(here).find_map(|variation| variation.text.as_ref()?.render(&|_| String::new(), &|| serde_json::Value::Null).ok())
    }

    /// A moment in the project's time zone, RFC 3339 with its offset.
    pub fn local_time(&self, at_ms: i64) -> String {
        let moment = Timestamp::from_millisecond(at_ms).unwrap_or_default().to_zoned_datetime(self.timezone.clone());
        moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// The first digits of the digest: enough to tell releases apart on a page.
    pub fn short(&self) -> &str {
        self.digest.get(..8).unwrap_or(&self.digest)
    }
}

pub(super) fn at_top(path: &str, severity: Severity, message: String) -> Mistake {
    Mistake { path: path.to_owned(), at: At { line: 1, column: 1 }, severity, message }
}
