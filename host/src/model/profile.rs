//! How a server wants to be asked.
//!
//! Lives here: which profile a server has, and a request put together from it; nothing is sent that the profile does
//! not name.
//! Never here: the rows (`table.rs`), the prompt, the connection.

mod table;

use super::constraint::Commands;
use super::prompt::Message;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::{Value as Json, json};
use url::Url;

/// The date of Azure's interface where none is written.
const AZURE_VERSION: &str = "2024-10-21";
/// The seed of servers that take one: the same question, the same answer, as far as they can.
const SEED: u32 = 7;

/// A kind of server.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Profile {
    /// What `centralita: {profile: …}` calls it.
    pub(super) name: &'static str,
    /// What `provider:` calls it.
    providers: &'static [&'static str],
    /// Ends of its hosts.
    hosts: &'static [&'static str],
    /// How names of its models begin; empty is any.
    models: &'static [&'static str],
    /// Where it is when no address is written.
    base: Option<&'static str>,
    auth: Auth,
    route: Route,
    /// The field that says how much a model may write.
    limit: &'static str,
    /// How much it may write, in tokens, unless the project says otherwise.
    most: u32,
    /// Whether it takes `temperature`.
    temperature: bool,
    /// Whether it takes `seed`.
    seed: bool,
    /// Whether a stream ends with a count of tokens when `stream_options` asks for it.
    usage: bool,
    /// How its answers can be held to commands.
    shape: Shape,
    /// Fields that every request has besides, as JSON.
    extra: &'static [(&'static str, &'static str)],
}

/// The header a key goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Auth {
    /// `Authorization: Bearer …`.
    Bearer,
    /// `api-key: …`.
    ApiKey,
}

/// Where questions go below the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// `chat/completions`.
    Chat,
    /// `openai/deployments/MODEL/chat/completions?api-version=…`, unless the address has a path of its own.
    Deployment,
}

/// How answers are held to commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Not at all: the reader takes what it finds.
    Free,
    /// `response_format` with a JSON schema.
    Schema,
    /// The same with `strict`.
    StrictSchema,
    /// `grammar` in llama.cpp's notation.
    Gbnf,
    /// vLLM's `structured_outputs`, the same notation.
    StructuredOutputs,
    /// `guided_grammar` of vLLM before that.
    GuidedGrammar,
    /// A custom tool with a Lark grammar, which has to be called.
    LarkTool,
}

/// A server no profile can be found for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unknown {
    /// `centralita: {profile: …}`.
    #[error("`profile: {0}` does not exist; write one of {known}", known = names())]
    Name(String),
    /// A provider without an address.
    #[error("the provider `{0}` is not spoken to; give an `api_base` that speaks OpenAI's words, or use one of {known}", known = providers())]
    Provider(String),
}

fn names() -> String {
    table::PROFILES.iter().map(|profile| profile.name).collect::<Vec<_>>().join(", ")
}

fn providers() -> String {
    table::PROFILES
        .iter()
        .flat_map(|profile| profile.providers)
        .fold(Vec::new(), |mut known, name| {
            if !known.contains(name) {
                known.push(name);
            }
            known
        })
        .join(", ")
}

/// What a model is asked, before a profile says how.
pub(super) struct Wish<'a> {
    pub(super) model: &'a str,
    pub(super) messages: &'a [Message],
    /// What it may write.
    pub(super) commands: &'a Commands,
    pub(super) temperature: Option<f64>,
    /// The most tokens it may write.
    pub(super) most: Option<u32>,
}

impl Profile {
    /// The profile of a server: the one that is named, else its address's, else its provider's.
    pub(super) fn of(named: Option<&str>, provider: Option<&str>, base: Option<&Url>, model: &str) -> Result<&'static Self, Unknown> {
        let rows = || table::PROFILES.iter();
        if let Some(name) = named {
            return rows().find(|row| row.name == name).ok_or_else(|| Unknown::Name(name.to_owned()));
        }
        let fits = |row: &&Self| row.models.is_empty() || row.models.iter().any(|start| model.starts_with(start));
        let host = base.and_then(Url::host_str);
        if let Some(row) = rows().filter(fits).find(|row| host.is_some_and(|host| row.hosts.iter().any(|end| host.ends_with(end)))) {
            return Ok(row);
        }
        // Many servers are called `openai` that are not.
        let provider = provider.filter(|provider| *provider != "openai" || base.is_none());
        match rows().filter(fits).find(|row| provider.is_some_and(|provider| row.providers.contains(&provider))) {
            Some(row) => Ok(row),
            None if base.is_some() => Ok(&table::COMPATIBLE),
            None => Err(Unknown::Provider(provider.unwrap_or_default().to_owned())),
        }
    }

    /// Where it is when no address is written.
    pub(super) const fn base(&self) -> Option<&'static str> {
        self.base
    }

    /// Whether a count of tokens is asked for.
    pub(super) const fn counts(&self) -> bool {
        self.usage
    }

    /// Where questions go.
    pub(super) fn url(&self, base: &Url, model: &str, version: Option<&str>) -> Option<Url> {
        let mut url = base.clone();
        let bare = matches!(base.path().trim_matches('/'), "" | "openai");
        if self.route == Route::Deployment && bare {
            url.set_path("");
            url.path_segments_mut().ok()?.extend(["openai", "deployments", model, "chat", "completions"]);
            if !url.query_pairs().any(|(name, _)| name == "api-version") {
                url.query_pairs_mut().append_pair("api-version", version.unwrap_or(AZURE_VERSION));
            }
        } else {
            url.path_segments_mut().ok()?.pop_if_empty().extend(["chat", "completions"]);
        }
        Some(url)
    }

    /// The header a key goes into.
    pub(super) fn key(&self, key: &str) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = match self.auth {
            Auth::Bearer => (AUTHORIZATION, format!("Bearer {key}")),
            Auth::ApiKey => (HeaderName::from_static("api-key"), key.to_owned()),
        };
        let mut value = HeaderValue::from_str(&value).ok()?;
        value.set_sensitive(true);
        Some((name, value))
    }

    /// The body of a request.
    pub(super) fn body(&self, wish: &Wish<'_>) -> Json {
        let mut body = json!({"model": wish.model, "messages": wish.messages, "stream": true});
        body[self.limit] = wish.most.unwrap_or(self.most).into();
        if self.temperature {
            // A whole number stays one: some servers are particular.
            body["temperature"] = wish.temperature.filter(|temperature| *temperature != 0.0).map_or_else(|| 0.into(), Into::into);
        }
        if self.seed {
            body["seed"] = SEED.into();
        }
        if self.usage {
            body["stream_options"] = json!({"include_usage": true});
        }
        for (name, value) in wish.commands.fields(self.shape) {
            body[name] = value;
        }
        for (name, value) in self.extra {
            body[*name] = serde_json::from_str(value).unwrap_or(Json::Null);
        }
        body
    }
}

#[cfg(test)]
mod tests;
