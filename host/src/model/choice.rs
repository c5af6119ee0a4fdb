//! Which models a project asks.
//!
//! Lives here: the generator of `config.yml`, the groups of `endpoints.yml` and the variables `OPENAI_…`, put together; what
//! of them cannot be had.
//! Never here: how a server is asked (`profile.rs`), the keys of a model (`endpoints`).

use super::profile::Profile;
use crate::egress::Secret;
use crate::endpoints::{self, ModelEndpoint, ModelGroup, Variable};
use centralita_engine::yaml::{self, Findings, Mistake, Node};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a turn waits for a model unless somebody says otherwise: connection, first byte and all.
pub const BUDGET: Duration = Duration::from_millis(1500);
/// The longest a caller is kept waiting for one, whatever a project says.
const LONGEST: Duration = Duration::from_secs(6);
/// See [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(200);
/// The model that is asked where nobody names one.
pub(super) const USUAL_MODEL: &str = "gpt-4.1-mini";
/// The file that names the generator.
pub(super) const CONFIG: &str = "config.yml";

/// What a project and its installation say about models.
pub struct Choice {
    /// The models, in the order they are asked.
    pub models: Vec<ModelEndpoint>,
    /// The one that is asked when none of them can be: a key of `OpenAI` is there.
    pub spare: Option<ModelEndpoint>,
    /// How long a turn may wait, all in all.
    pub budget: Duration,
    /// Whether the variables name the first model.
    pub own: bool,
    /// The file the models stand in.
    pub path: &'static str,
}

/// The part of the pipeline that asks a model, as `config.yml` writes it.
pub(super) fn generator(files: &BTreeMap<String, String>) -> Option<Node> {
    // What is wrong with the file as YAML is said by the engine.
    let root = yaml::read(files.get(CONFIG)?, &mut Findings::new(CONFIG, &mut Vec::new()))?;
    let mut parts = root.get("pipeline").map(Node::items).unwrap_or_default().iter();
    parts.find(|part| part.get("name").and_then(Node::scalar).is_some_and(|name| name.ends_with("LLMCommandGenerator"))).cloned()
}

/// Puts together what is said. With `variable` none, only mistakes are looked for: that is how a project is checked. None:
/// nobody is asked.
pub fn choose(files: &BTreeMap<String, String>, groups: Vec<ModelGroup>, variable: Option<&Variable<'_>>, mistakes: &mut Vec<Mistake>) -> Option<Choice> {
    let generator = generator(files)?;
    let (named, path) = named(&generator, groups, variable, mistakes);
    for model in &named {
        check(model, &mut Findings::new(path, mistakes));
    }
    let timeout = named.first().and_then(|model| model.timeout);
    let budget = timeout.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(BUDGET);
    if let Some(model) = named.first().filter(|_| budget > LONGEST) {
        let message = format!("`timeout: {}` is longer than a caller waits; a turn gives models {} s, all in all", budget.as_secs_f64(), LONGEST.as_secs());
        Findings::new(path, mistakes).warn(model.at, message);
    }
    let variable = variable?;
    let get = |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if get("CENTRALITA_MODEL").is_some_and(|word| word.eq_ignore_ascii_case("off")) {
        return None;
    }
    if let Some(error) = get("OPENAI_PROFILE").and_then(|name| Profile::of(Some(&name), None, None, "").err()) {
        Findings::new(CONFIG, mistakes).error(generator.at, format!("OPENAI_PROFILE: {error}"));
    }
    let own = get("OPENAI_BASE_URL").is_some() || named.is_empty();
    let spare = get("OPENAI_API_KEY").map(|key| ModelEndpoint {
        provider: Some("openai".into()),
        model: get("OPENAI_MODEL"),
        api_key: Some(Secret::new(key)),
        ..ModelEndpoint::default()
    });
    let models = overridden(named, &get);
    (!models.is_empty() || spare.is_some()).then(|| Choice { models, spare, budget: budget.clamp(SHORTEST, LONGEST), own, path })
}

/// The models the generator names, a group or one of its own, and the file they stand in.
fn named(generator: &Node, groups: Vec<ModelGroup>, variable: Option<&Variable<'_>>, mistakes: &mut Vec<Mistake>) -> (Vec<ModelEndpoint>, &'static str) {
    let Some(llm) = generator.get("llm") else { return (Vec::new(), CONFIG) };
    let Some(id) = llm.get("model_group").and_then(Node::scalar) else { return (vec![endpoints::inline(llm, CONFIG, variable, mistakes)], CONFIG) };
    if let Some(group) = groups.into_iter().find(|group| group.id == id) {
        return (group.models, endpoints::FILE);
    }
    let message = format!("`model_group: {id}` is no group of endpoints.yml; add it there, or a model is asked only where the variables OPENAI_… name one");
    Findings::new(CONFIG, mistakes).warn(llm.at, message);
    (Vec::new(), CONFIG)
}

/// What can be said of a model without its variables.
fn check(model: &ModelEndpoint, findings: &mut Findings<'_>) {
    let name = model.model.as_deref().unwrap_or_default();
    let provider = model.provider.as_deref();
    if model.profile.is_none() && (provider.is_none() || model.has_base) {
        return;
    }
    match Profile::of(model.profile.as_deref(), provider, None, name) {
        Err(error) if model.profile.is_some() => findings.error(model.at, error.to_string()),
        Err(error) => findings.warn(model.at, format!("{error}; until then this model is not asked")),
        // The address of Azure may come from a variable.
        Ok(profile) if profile.base().is_none() && !model.has_base && provider != Some("azure") => {
            findings.warn(model.at, "this model wants an `api_base`, the address of its server with /v1; until then it is not asked");
        }
        Ok(_) => {}
    }
}

/// The variables are the simple way, and they win: an address is asked instead of everything the project names; a name and a
/// key go to the first model at `OpenAI`.
fn overridden(mut named: Vec<ModelEndpoint>, get: &dyn Fn(&str) -> Option<String>) -> Vec<ModelEndpoint> {
    let (base, name, key, profile) = (get("OPENAI_BASE_URL"), get("OPENAI_MODEL"), get("OPENAI_API_KEY"), get("OPENAI_PROFILE"));
    if base.is_some() {
        // What the project says of its first model but its place, key and kind holds for this one.
        let mut model = if named.is_empty() { ModelEndpoint::default() } else { named.swap_remove(0) };
        model.model = name.or(model.model);
        (model.provider, model.api_version, model.has_base, model.has_key) = (None, None, true, false);
        model.api_base = base;
        model.api_key = key.map(Secret::new);
        model.profile = profile;
        return vec![model];
    }
    let is_openai = |model: &&mut ModelEndpoint| model.provider.as_deref().is_none_or(|provider| provider == "openai") && !model.has_base;
    if let Some(model) = named.iter_mut().find(is_openai) {
        model.model = name.or(model.model.take());
        model.profile = profile.or(model.profile.take());
    }
    for model in &mut named {
        // The names everybody knows.
        if model.provider.as_deref() == Some("azure") {
            model.api_base = model.api_base.take().or_else(|| get("AZURE_API_BASE"));
            model.api_version = model.api_version.take().or_else(|| get("AZURE_API_VERSION"));
            model.has_base = true;
            model.has_key = true;
            model.api_key = model.api_key.take().or_else(|| get("AZURE_API_KEY").map(Secret::new));
        } else if model.provider.as_deref().is_none_or(|provider| provider == "openai") && !model.has_base {
            model.provider = Some("openai".to_owned());
            model.api_key = model.api_key.take().or_else(|| key.clone().map(Secret::new));
        }
    }
    named
}

#[cfg(test)]
mod tests;
