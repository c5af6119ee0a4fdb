//! A language model, asked what a caller's words stand for. It can only propose: what it writes is read
//! as commands, judged by the engine, and otherwise thrown away (`design.md`, invariant 1).
//!
//! Lives here: whether a model is configured, one question a turn within a budget, what comes of it.
//! Never here: which commands are legal (the engine), when a model is asked at all (`calls`).

mod answer;
mod ask;
mod breaker;
mod choice;
mod constraint;
mod peer;
mod profile;
mod prompt;
mod prompting;
mod race;
mod retrieval;
mod template;
mod tokens;
mod usage;

pub use self::choice::{BUDGET, Choice, choose};
pub use self::peer::BadModel;
pub use self::prompt::Message;
pub use self::prompting::{Prompting, check, template_path};
pub use self::tokens::{Tokenised, Tokens};
pub use self::usage::{Price, Usage};

use self::answer::Bad;
use self::ask::Failure;
use self::constraint::{Commands, lines};
use self::peer::Peer;
use self::race::race;
use centralita_engine::yaml::{Findings, Mistake};
use centralita_engine::{CallState, Command, Grammar, Masked, Project, command};
use std::time::Duration;
use tokio::time::Instant;

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
    /// Tokens, as far as the server counts them.
    pub usage: Usage,
    /// How many questions were asked for it.
    pub questions: usize,
}

/// The models of a project, one of which is asked, and others when it fails.
pub struct Model {
    peers: Vec<Peer>,
    budget: Duration,
}

impl Asked {
    const fn of(failure: Option<&Failure>) -> Self {
        match failure {
            None => Self::Skipped,
            Some(Failure::Late) => Self::Late,
            Some(Failure::Unreachable | Failure::Busy(_) | Failure::Status(_) | Failure::Broken | Failure::Bad(Bad::Cut | Bad::Refused)) => Self::Down,
            Some(Failure::Bad(Bad::Unreadable)) => Self::Garbage,
        }
    }
}

impl Model {
    /// Opens the models of a choice; none when no key or address is there for any of them. One that cannot be asked is
    /// an error at its place.
    pub fn open(choice: &Choice, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let mut findings = Findings::new(choice.path, mistakes);
        let mut peers = Vec::new();
        for endpoint in &choice.models {
            match Peer::open(endpoint, choice.own) {
                Ok(peer) => peers.extend(peer),
                // Said when the project was checked.
                Err(BadModel::Unknown(_)) => {}
                Err(error) => findings.error(endpoint.at, error.to_string()),
            }
        }
        if let Some(endpoint) = choice.spare.as_ref().filter(|_| peers.is_empty()) {
            match Peer::open(endpoint, true) {
                Ok(peer) => peers.extend(peer),
                Err(error) => findings.error(endpoint.at, error.to_string()),
            }
        }
        (!peers.is_empty()).then_some(Self { peers, budget: choice.budget })
    }

    /// Asks what a caller's words stand for. Never an error and never longer than the budget: whatever
    /// goes wrong is an empty proposal.
    #[tracing::instrument(name = "generator.ask", skip_all)]
    pub async fn propose(&self, told: &Prompting, project: &Project, state: &CallState, grammar: &Grammar, text: &Masked<String>) -> Proposed {
        let began = Instant::now();
        let nothing = |outcome: Asked, questions: usize| Proposed {
            commands: Vec::new(),
            outcome,
            dropped: 0,
            took: began.elapsed(),
            usage: Usage::default(),
            questions,
        };
        if text.reveal().trim().is_empty() {
            return nothing(Asked::Skipped, 0);
        }
        let mut tokens = Tokens::of(project, state);
        let tokenised = tokens.tokenise(state, text);
        let grammar = told.narrowed(project, grammar, text);
        let messages = told.messages(project, state, &grammar, &mut tokens, &tokenised);
        let commands = Commands::of(project, state, &grammar);
        let raced = race(&self.peers, |peer| peer.body(&messages, &commands), self.budget).await;
        let duration_ms = began.elapsed().as_millis();
        let questions = raced.asked;
        let (peer, answer) = match raced.answer {
            Ok(won) => won,
            Err(failure) => {
                let outcome = Asked::of(failure.as_ref());
                if outcome != Asked::Skipped {
                    tracing::warn!(generator.outcome = outcome.word(), generator.questions = questions, duration_ms, "Turn goes on without a model");
                }
                return nothing(outcome, questions);
            }
        };
        let cost = peer.price.map_or(0.0, |price| price.of(answer.usage));
        peer.tally.answered(answer.usage, cost);
        let written = command::read(project.config.syntax, &lines(project.config.syntax, &answer.text));
        let outcome = if written.is_empty() { Asked::Garbage } else { Asked::Answered };
        let count = written.len();
        let commands: Vec<Command> = written.into_iter().filter_map(|command| tokens.put_back(project, command)).collect();
        let dropped = count - commands.len();
        tracing::info!(
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = peer.profile.name,
            gen_ai.request.model = %peer.name,
            gen_ai.usage.input_tokens = answer.usage.prompt,
            gen_ai.usage.cached_tokens = answer.usage.cached,
            gen_ai.usage.output_tokens = answer.usage.written,
            generator.cost = peer.price.map(|_| cost),
            generator.outcome = outcome.word(),
            generator.questions = questions,
            commands = commands.len(),
            dropped,
            duration_ms,
            "Model {}",
            outcome.word()
        );
        Proposed { commands, outcome, dropped, took: began.elapsed(), usage: answer.usage, questions }
    }

    /// What a model writes about a caller's words, with the words themselves put back; for tests that keep it. It is
    /// given as much time as it takes, up to a minute.
    ///
    /// # Errors
    /// What came of the question, when there is no answer.
    pub async fn written(&self, told: &Prompting, project: &Project, state: &CallState, grammar: &Grammar, text: &Masked<String>) -> Result<String, Asked> {
        let mut tokens = Tokens::of(project, state);
        let tokenised = tokens.tokenise(state, text);
        let grammar = told.narrowed(project, grammar, text);
        let messages = told.messages(project, state, &grammar, &mut tokens, &tokenised);
        let commands = Commands::of(project, state, &grammar);
        let raced = race(&self.peers, |peer| peer.body(&messages, &commands), Duration::from_secs(60)).await;
        let (_, answer) = raced.answer.map_err(|failure| Asked::of(failure.as_ref()))?;
        tokens.filled(&lines(project.config.syntax, &answer.text)).ok_or(Asked::Garbage)
    }

    /// What was asked and used so far, in Prometheus' text format.
    pub fn metrics(&self) -> String {
        let mut text = String::new();
        for (name, help) in [
            ("questions", "Questions to a model, by what came of them."),
            ("tokens", "Tokens as the servers count them; cached ones are in those of the prompt."),
            ("cost", "What answers cost, by the prices of endpoints.yml."),
        ] {
            text += &format!("# HELP centralita_model_{name}_total {help}\n# TYPE centralita_model_{name}_total counter\n");
            for (at, peer) in self.peers.iter().enumerate() {
                // Two servers of one model are two series.
                let name_of = if self.peers[..at].iter().any(|other| other.name == peer.name) { format!("{}#{at}", peer.name) } else { peer.name.clone() };
                peer.tally.lines(name, &name_of, &mut text);
            }
        }
        text
    }
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
