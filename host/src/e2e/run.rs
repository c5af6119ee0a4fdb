//! Holding the conversation of a case and judging it.
//!
//! Lives here: a fresh conversation for each case, its fixtures, one turn for each user step.
//! Never here: starting a server (`cli/test.rs`), what is printed (`report.rs`).

use super::assertion::Assertion;
use super::case::{Case, Suite, User, What};
use super::judge::{Turn, Verdict};
use super::record::Recorded;
use super::transcript;
use crate::app::App;
use crate::calls::Message;
use crate::release::Release;
use centralita_engine::yaml::At;
use centralita_engine::{CallState, Effect, Event, Masked, SlotName, Value};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The channel conversations are held on unless their metadata says `channel`.
const CHANNEL: &str = "rest";
/// The fixture that says what time it is.
const CLOCK: &str = "mocked_datetime";

/// What became of a case.
pub struct Ran {
    /// Its file, as shown.
    pub file: String,
    /// Its name.
    pub name: String,
    /// Where it begins.
    pub at: At,
    /// Why it failed; none when it passed.
    pub failure: Option<Failure>,
    /// Assertions that were judged: type, and whether it was met.
    pub judged: Vec<(&'static str, bool)>,
    /// Assertions nobody could judge here, by type.
    pub skipped: Vec<&'static str>,
    /// Everything that happened.
    pub events: Vec<Event>,
    /// What a person should know beside it.
    pub notes: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// Why a case failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The step or assertion.
    pub at: At,
    /// What kind of step or assertion it is.
    pub what: String,
    /// What is wrong.
    pub message: String,
}

/// Holds conversations.
pub struct Runner {
    /// Where they are held.
    pub app: Arc<App>,
    /// Whether a live model is asked, and its answers kept.
    pub record: bool,
}

/// A conversation while it is held.
pub(super) struct Held {
    conversation: String,
    at_ms: Option<i64>,
    /// Events of the turn that is judged.
    turn: Vec<Event>,
    state: CallState,
    ran: Ran,
}

impl Held {
    /// A conversation that nobody has begun.
    pub(super) fn new(suite: &Suite, case: &Case, stubs: Option<&Arc<BTreeMap<String, Json>>>, app: &App) -> Self {
        let ran = Ran {
            file: suite.path.clone(),
            name: case.name.clone(),
            at: case.at,
            failure: None,
            judged: Vec::new(),
            skipped: Vec::new(),
            events: Vec::new(),
            notes: Vec::new(),
            took: Duration::ZERO,
        };
        let held = Self { conversation: name_of(&suite.path, &case.name), at_ms: None, turn: Vec::new(), state: CallState::default(), ran };
        if let Some(answers) = stubs {
            app.stubs.set(&held.row(), &case.name, answers.clone());
        }
        held
    }

    /// The events of the last turn.
    pub(super) fn last(&self) -> &[Event] {
        &self.turn
    }

    /// The name of its row in the store.
    pub(super) fn row(&self) -> String {
        crate::calls::row_of(&self.conversation)
    }
}

impl Runner {
    /// Holds a case's conversation from its first step to its last, or to the first that fails.
    pub async fn run(&self, suite: &Suite, stubs: Option<&Arc<BTreeMap<String, Json>>>, case: &Case, recorded: &mut Recorded) -> Ran {
        let began = Instant::now();
        let mut held = Held::new(suite, case, stubs, &self.app);
        let failure = self.hold(case, &mut held, recorded).await.err();
        let missing = self.app.stubs.done(&held.row());
        let mut ran = held.ran;
        ran.failure = failure;
        if let Some(action) = missing.into_iter().next() {
            let message = format!(
                "the custom action `{action}` was reached and has no stub; add it under `stub_custom_actions`, or take that key out to run the real ones"
            );
            ran.failure = Some(Failure { at: case.at, what: "stub_custom_actions".into(), message });
        }
        ran.took = began.elapsed();
        ran
    }

    async fn hold(&self, case: &Case, held: &mut Held, recorded: &mut Recorded) -> Result<(), Failure> {
        let release = self.app.releases.current();
        self.open(case, held, &release).await?;
        let asserts = case.asserts();
        for (number, step) in case.steps.iter().enumerate() {
            match &step.what {
                What::User(user) => {
                    let model = self.answer_of(case, number, step.at, user, held, recorded, &release).await?;
                    self.turn(held, Some(user.text.as_deref()), &user.metadata, model, step.at).await?;
                    judge(user, held, &release)?;
                }
                What::Expect(expect) if !asserts => {
                    let turn = Turn { project: &release.project, events: &held.turn };
                    let met = turn.meets(expect);
                    held.ran.judged.push((expect.name(), met.is_ok()));
                    met.map_err(|message| Failure { at: step.at, what: expect.name().into(), message })?;
                }
                // Once a case asserts, its steps of the old style are only there to be read.
                What::Expect(_) => {}
            }
        }
        Ok(())
    }

    /// Begins the conversation and sets its fixtures.
    pub(super) async fn open(&self, case: &Case, held: &mut Held, release: &Release) -> Result<(), Failure> {
        held.at_ms = clock(case, release)?;
        let first = case.steps.iter().find_map(|step| if let What::User(user) = &step.what { Some(&user.metadata) } else { None });
        self.turn(held, None, first.unwrap_or(&case.metadata), None, case.at).await?;
        let failure = |message: String| Failure { at: case.at, what: "fixtures".into(), message };
        let mut effects = Vec::new();
        for (name, value) in &case.fixtures {
            match SlotName::parse(name).ok().filter(|name| release.project.slots.contains_key(name)) {
                Some(slot) => effects.push(Effect::Slot(slot, Value::from_json(value.clone()))),
                None if name == CLOCK => {}
                None => return Err(failure(format!("a fixture sets the slot `{name}`, which no domain declares"))),
            }
        }
        if effects.is_empty() {
            return Ok(());
        }
        let turned = self.app.tell(&held.conversation, CHANNEL, effects, held.at_ms).await.map_err(|error| failure(error.to_string()))?;
        let fault = turned.events.iter().find_map(|event| if let Event::Faulted { fault } = event { Some(fault.clone()) } else { None });
        held.ran.events.extend(turned.events);
        held.state = turned.state;
        fault.map_or(Ok(()), |fault| Err(failure(fault)))
    }

    /// What the model answers in a step: what the file says, or what was recorded, or what it says now.
    #[expect(clippy::too_many_arguments, reason = "one step of a case, with all it touches")]
    pub(super) async fn answer_of(
        &self,
        case: &Case,
        number: usize,
        at: At,
        user: &User,
        held: &mut Held,
        recorded: &mut Recorded,
        release: &Release,
    ) -> Result<Option<String>, Failure> {
        let (None, Some(text)) = (&user.model, &user.text) else { return Ok(user.model.clone()) };
        let asked = super::record::Asked { case: &case.name, step: number + 1, text, state: &held.state, release };
        if self.record {
            return recorded.ask(&asked).await.map_err(|message| Failure { at, what: "user".into(), message });
        }
        let replayed = recorded.replay(&asked);
        held.ran.notes.extend(replayed.note);
        Ok(replayed.answer)
    }

    /// One turn: what is said (`None` begins the conversation, `Some(None)` is silence), with what comes along.
    pub(super) async fn turn(
        &self,
        held: &mut Held,
        said: Option<Option<&str>>,
        metadata: &Map<String, Json>,
        model: Option<String>,
        at: At,
    ) -> Result<(), Failure> {
        let channel = metadata.get("channel").and_then(Json::as_str).unwrap_or(CHANNEL).to_owned();
        let message = Message {
            conversation: held.conversation.clone(),
            channel,
            text: said.flatten().map(Masked::from),
            metadata: Json::Object(metadata.clone()),
            payloads: true,
            scripted: model,
            at_ms: held.at_ms,
        };
        let turned = self.app.converse(message).await.map_err(|error| Failure { at, what: "user".into(), message: error.to_string() })?;
        held.ran.events.extend(turned.events.iter().cloned());
        held.turn = turned.events;
        held.state = turned.state;
        Ok(())
    }
}

/// Judges the assertions of a user step by the turn it made.
fn judge(user: &User, held: &mut Held, release: &Release) -> Result<(), Failure> {
    let turn = Turn { project: &release.project, events: &held.turn };
    let mut from = 0;
    for Assertion { at, kind } in user.assertions.iter().flatten() {
        match turn.judge(kind, if user.ordered { from } else { 0 }) {
            Verdict::Met(next) => {
                held.ran.judged.push((kind.name(), true));
                from = next;
            }
            Verdict::Missed(message) => {
                held.ran.judged.push((kind.name(), false));
                let early = user.ordered && matches!(turn.judge(kind, 0), Verdict::Met(_));
                let early = if early { " (it is met earlier in the turn than the assertion before it)" } else { "" };
                return Err(Failure { at: *at, what: kind.name().into(), message: format!("{message}{early}") });
            }
            Verdict::Skipped(name) => held.ran.skipped.push(name),
        }
    }
    Ok(())
}

impl Ran {
    /// What happened, for a person.
    pub fn transcript(&self) -> Vec<String> {
        transcript::lines(&self.events)
    }
}

/// The moment a case's fixture `mocked_datetime` names; a moment without an offset is in the project's time zone.
fn clock(case: &Case, release: &Release) -> Result<Option<i64>, Failure> {
    let Some((_, value)) = case.fixtures.iter().rev().find(|(name, _)| name == CLOCK) else { return Ok(None) };
    let text = value.as_str().unwrap_or_default();
    let moment = text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Some(civil.in_tz(&release.project.config.timezone).ok()?.timestamp())
    });
    let wrong = || Failure { at: case.at, what: "fixtures".into(), message: format!("`{CLOCK}` is {value}; write a moment such as 2026-03-01T10:00:00") };
    moment.map(|moment| Some(moment.as_millisecond())).ok_or_else(wrong)
}

/// The conversation of a case: the same in every run, so that what is drawn by it is too.
fn name_of(file: &str, case: &str) -> String {
    let digest = Sha256::new().chain_update(file.as_bytes()).chain_update([0]).chain_update(case.as_bytes()).finalize();
    format!("test-{}", crate::seal::hex(&digest[..12]))
}
