//! A test file of Rasa's, read: its cases, their steps, what each step expects.
//!
//! Lives here: the types.
//! Never here: reading them (`read.rs`), judging them (`judge.rs`), running them (`run.rs`).

use super::assertion::Assertion;
use centralita_engine::yaml::At;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// One test file.
#[derive(Default)]
pub struct Suite {
    /// Its path, as a report shows it.
    pub path: String,
    /// Its cases, in order.
    pub cases: Vec<Case>,
    /// Answers that stand in for custom actions; none when the key is not there, and actions are real.
    pub stubs: Option<BTreeMap<String, Json>>,
}

/// One conversation.
pub struct Case {
    /// Its name, unique in its file.
    pub name: String,
    /// Where it begins.
    pub at: At,
    /// Slots that are set after the session starts, in order.
    pub fixtures: Vec<(String, Json)>,
    /// What every message of the case brings along.
    pub metadata: Map<String, Json>,
    /// What happens.
    pub steps: Vec<Step>,
}

impl Case {
    /// Whether any step has assertions: then the steps of the old style say nothing.
    pub fn asserts(&self) -> bool {
        self.steps.iter().any(|step| matches!(&step.what, What::User(user) if user.assertions.is_some()))
    }
}

/// One step of a case.
pub struct Step {
    /// Where it stands.
    pub at: At,
    /// What it is.
    pub what: What,
}

/// What a step is.
pub enum What {
    /// The caller says something.
    User(User),
    /// One of the steps of the old style, which look at the turn before them.
    Expect(Expect),
}

/// Something a caller says.
#[derive(Default)]
pub struct User {
    /// The words; none is silence.
    pub text: Option<String>,
    /// What the message brings along, the case's metadata included.
    pub metadata: Map<String, Json>,
    /// What the language model is said to answer.
    pub model: Option<String>,
    /// What must be true of the turn.
    pub assertions: Option<Vec<Assertion>>,
    /// Whether the assertions must be met in the order in which they are written.
    pub ordered: bool,
    /// The commands the words stand for, as `test du` expects them.
    pub commands: Option<Vec<(At, String)>>,
}

/// What a step of the old style expects of the turn before it.
pub enum Expect {
    /// A message with these words.
    Bot(String),
    /// A message made of this response.
    Utter(String),
    /// An action ran.
    Action(String),
    /// Slots were set.
    Set(Vec<Wanted>),
    /// Slots were not set.
    NotSet(Vec<Wanted>),
}

/// A slot, and perhaps its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The slot.
    pub slot: String,
    /// The value; `Some(null)` is a slot that was emptied.
    pub value: Option<Json>,
}

impl Expect {
    /// The key of the step.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Bot(_) => "bot",
            Self::Utter(_) => "utter",
            Self::Action(_) => "action",
            Self::Set(_) => "slot_was_set",
            Self::NotSet(_) => "slot_was_not_set",
        }
    }
}
