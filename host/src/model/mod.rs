//! A language model, asked what a caller's words stand for. It can only propose: what it writes is read
//! as commands, judged by the engine, and otherwise thrown away (`design.md`, invariant 1).
//!
//! Lives here: whether a model is configured, one question a turn within a budget, what comes of it.
//! Never here: which commands are legal (the engine), when a model is asked at all (`calls`).

mod answer;
mod ask;
mod breaker;
mod constraint;
mod profile;
mod prompt;
mod tokens;

pub use self::prompt::{Message, prompt};
pub use self::tokens::{Tokenised, Tokens};

use self::answer::Bad;
use self::ask::{Failure, Server};
use self::breaker::Breaker;
use self::constraint::{Commands, lines};
use self::profile::{Profile, Wish};
use crate::egress::Secret;
use centralita_engine::{CallState, Command, Grammar, Masked, Project, command};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// How long a turn waits for a model unless somebody says otherwise: connection, first byte and all.
pub const BUDGET: Duration = Duration::from_millis(1500);
const OPENAI: &str = "https://api.openai.com/v1";
const USUAL_MODEL: &str = "gpt-4.1-mini";

/// What the installation says about a model.
pub struct ModelSettings {
    /// `OPENAI_BASE_URL`, with `/v1`; `OpenAI`'s own if only a key is set.
    pub base_url: Option<String>,
    /// `OPENAI_API_KEY`.
    pub key: Option<Key>,
    /// `OPENAI_MODEL`, or what `endpoints.yml` names.
    pub model: Option<String>,
    /// How long a turn may wait, all in all; usually [`BUDGET`].
    pub budget: Duration,
}

/// The key of a model's server. It cannot be printed, as [`Secret`] cannot.
pub struct Key(Secret);

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

/// Settings that no model can be asked with.
#[derive(Debug, thiserror::Error)]
pub enum BadModel {
    /// The address.
    #[error("OPENAI_BASE_URL is no http address of a server; write it with /v1 and without user or password, such as http://127.0.0.1:8080/v1")]
    BaseUrl,
    /// The key.
    #[error("OPENAI_API_KEY holds characters that no header can carry; copy it again, without line ends")]
    Key,
    /// The client could not be made.
    #[error("no client for the model: {0}; install root certificates on this machine")]
    Client(reqwest::Error),
}

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// There are commands, or there were some that may not be used.
    Answered,
    /// The budget was spent.
    Late,
    /// No connection, an error status, a broken answer.
    Down,
    /// The answer holds no command.
    Garbage,
    /// Nobody was asked: nothing was said, or the model failed several times in a row just now.
    Skipped,
}

impl Asked {
    /// The word for logs and pages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Late => "late",
            Self::Down => "down",
            Self::Garbage => "garbage",
            Self::Skipped => "skipped",
        }
    }
}

/// What a model proposes for a turn.
pub struct Proposed {
    /// Commands with the caller's own words put back, still to be judged; none unless `Answered`.
    pub commands: Vec<Command>,
    /// What came of the question.
    pub outcome: Asked,
    /// How many commands were dropped because they set a sensitive slot to something the caller did not say.
    pub dropped: usize,
    /// How long it took.
    pub took: Duration,
    /// Tokens of the prompt, if the server counts them.
    pub prompt_tokens: Option<u64>,
}

/// A model that can be asked.
pub struct Model {
    server: Server,
    name: String,
    profile: &'static Profile,
    budget: Duration,
    breaker: Breaker,
}

impl Model {
    /// The model of these settings; none when neither a key nor an address is set.
    ///
    /// # Errors
    /// [`BadModel`], which names the variable.
    pub fn from_settings(settings: &ModelSettings) -> Result<Option<Self>, BadModel> {
        let key = settings.key.as_ref().filter(|key| !key.0.reveal().is_empty());
        let base = match (&settings.base_url, key) {
            (None, None) => return Ok(None),
            (Some(base), _) => base.as_str(),
            (None, Some(_)) => OPENAI,
        };
        let base = Url::parse(base).map_err(|_| BadModel::BaseUrl)?;
        let plain = matches!(base.scheme(), "http" | "https") && base.has_host() && base.username().is_empty() && base.password().is_none();
        if !plain {
            return Err(BadModel::BaseUrl);
        }
        let name = settings.model.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| USUAL_MODEL.to_owned());
        let profile = Profile::of(None, None, Some(&base), &name).map_err(|_| BadModel::BaseUrl)?;
        let url = profile.url(&base, &name, None).ok_or(BadModel::BaseUrl)?;
        let key = key.map(|key| profile.key(key.0.reveal()).ok_or(BadModel::Key)).transpose()?;
        crate::egress::install_tls();
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .user_agent(concat!("centralita/", env!("CARGO_PKG_VERSION")))
            .pool_idle_timeout(Duration::from_secs(90));
        if url.scheme() == "http" {
            // A machine without root certificates can still ask a model of its own.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(BadModel::Client)?;
        Ok(Some(Self { server: Server { client, url, key }, name, profile, budget: settings.budget, breaker: Breaker::default() }))
    }

    /// Asks what a caller's words stand for. Never an error and never longer than the budget: whatever
    /// goes wrong is an empty proposal.
    #[tracing::instrument(name = "generator.ask", skip_all)]
    pub async fn propose(&self, project: &Project, state: &CallState, grammar: &Grammar, text: &Masked<String>) -> Proposed {
        let began = Instant::now();
        let nothing = |outcome: Asked| Proposed { commands: Vec::new(), outcome, dropped: 0, took: began.elapsed(), prompt_tokens: None };
        if text.reveal().trim().is_empty() || !self.breaker.lets_through(began) {
            return nothing(Asked::Skipped);
        }
        let mut tokens = Tokens::of(project, state);
        let tokenised = tokens.tokenise(state, text);
        let body = self.body(project, state, grammar, &tokenised);
        let answer = self.server.ask(body.as_bytes(), began + self.budget).await;
        let duration_ms = began.elapsed().as_millis();
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => {
                let outcome = match failure {
                    Failure::Late => Asked::Late,
                    Failure::Unreachable | Failure::Status(_) | Failure::Broken | Failure::Bad(Bad::Cut | Bad::Refused) => Asked::Down,
                    Failure::Bad(Bad::Unreadable) => Asked::Garbage,
                };
                self.breaker.note(outcome == Asked::Garbage, Instant::now());
                let status = if let Failure::Status(status) = failure { Some(status) } else { None };
                tracing::warn!(generator.outcome = outcome.word(), http.status = status, duration_ms, "Model gave no answer: {}", failure.word());
                return nothing(outcome);
            }
        };
        self.breaker.note(true, Instant::now());
        let written = command::read(project.config.syntax, &lines(project.config.syntax, &answer.text));
        let outcome = if written.is_empty() { Asked::Garbage } else { Asked::Answered };
        let count = written.len();
        let commands: Vec<Command> = written.into_iter().filter_map(|command| tokens.put_back(project, command)).collect();
        let dropped = count - commands.len();
        tracing::debug!(generator.outcome = outcome.word(), commands = commands.len(), dropped, duration_ms, "Model {}", outcome.word());
        Proposed { commands, outcome, dropped, took: began.elapsed(), prompt_tokens: answer.prompt_tokens }
    }
}

impl Model {
    fn body(&self, project: &Project, state: &CallState, grammar: &Grammar, tokenised: &Tokenised) -> String {
        let messages = prompt(project, state, grammar, tokenised);
        let commands = Commands::of(project, state, grammar);
        self.profile.body(&Wish { model: &self.name, messages: &messages, commands: &commands, temperature: None, most: None }).to_string()
    }

    /// What a model writes about a caller's words, with the words themselves put back; for tests that keep it. It is
    /// given as much time as it takes, up to a minute.
    ///
    /// # Errors
    /// What came of the question, when there is no answer.
    pub async fn written(&self, project: &Project, state: &CallState, grammar: &Grammar, text: &Masked<String>) -> Result<String, Asked> {
        let mut tokens = Tokens::of(project, state);
        let tokenised = tokens.tokenise(state, text);
        let body = self.body(project, state, grammar, &tokenised);
        let answer = self.server.ask(body.as_bytes(), Instant::now() + Duration::from_secs(60)).await.map_err(|failure| match failure {
            Failure::Late => Asked::Late,
            Failure::Unreachable | Failure::Status(_) | Failure::Broken | Failure::Bad(Bad::Cut | Bad::Refused) => Asked::Down,
            Failure::Bad(Bad::Unreadable) => Asked::Garbage,
        })?;
        tokens.filled(&lines(project.config.syntax, &answer.text)).ok_or(Asked::Garbage)
    }
}

/// What a model is told about a caller's words in a call.
pub fn told(project: &Project, state: &CallState, grammar: &Grammar, text: &Masked<String>) -> Vec<Message> {
    let tokenised = Tokens::of(project, state).tokenise(state, text);
    prompt(project, state, grammar, &tokenised)
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
