//! One move of the dialogue.
//!
//! Lives here: what goes in, what comes out, and the order of a move.
//! Never here: what a command, a step or an action does (one file each).

mod advance;
mod cleanup;
pub(crate) mod default_action;
mod execute;
mod leave;
mod matched;
mod rejections;
mod say;
mod understand;

pub use matched::{LIKELY, Matched, SURE, matched};
pub use say::worded;
pub use understand::{asks_for_person, typed};

use crate::command::{Command, Source};
use crate::event::{Ending, Event, Opening, RunId, Timestamp, Via};
use crate::project::Project;
use crate::state::{CallState, Listening, Waiting};
use crate::{ActionName, Masked, ResponseName, SlotName, Value};

/// How often a person is tried in one call.
const PERSONS: u32 = 9;
/// Ours: what a project does when the caller hangs up.
pub(crate) const CALLER_LEFT: &str = "pattern_caller_left";

/// Something happened, at this moment.
#[derive(Clone)]
pub struct Input {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happened,
}

/// What can happen in a call.
#[derive(Clone)]
pub enum Happened {
    /// A call came in.
    Began(Opening),
    /// The caller said or keyed something.
    Heard(Utterance),
    /// The caller said nothing.
    Silence,
    /// The caller spoke over the assistant, who was heard so far.
    Interrupted {
        /// What was heard.
        heard: Masked<String>,
    },
    /// The caller said or keyed something while nobody listened: before they had heard what was to be answered.
    Overheard {
        /// The words, without anything forbidden.
        text: Masked<String>,
        /// How they came.
        via: Via,
    },
    /// Somebody outside the dialogue set something: a fixture, the tracker API.
    Told(Vec<Effect>),
    /// A run ended.
    Acted {
        /// Which run.
        run: RunId,
        /// How, and what it left.
        outcome: Outcome,
    },
    /// The caller hung up.
    HungUp,
    /// The call that had gone to a person is back.
    Returned {
        /// Whether they talked to one.
        reached: bool,
    },
    /// The host came back: what was it doing?
    Restarted,
    /// The release this call began with cannot be had any more.
    ReleaseGone,
    /// The call has lasted longer than calls may.
    TooLong,
}

/// What the caller said, and what others made of it.
#[derive(Clone)]
pub struct Utterance {
    /// The words, without anything forbidden.
    pub text: Masked<String>,
    /// How they came.
    pub via: Via,
    /// Whether something forbidden was destroyed in them.
    pub destroyed: bool,
    /// How sure the recogniser was of them, 0 to 1, where it says so.
    pub confidence: Option<f64>,
    /// Commands somebody proposes, and who; judged here.
    pub proposals: Vec<(Command, Source)>,
    /// What the channel sent along.
    pub metadata: Value,
}

/// What a run left.
#[derive(Clone, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// For logs; no caller data.
    pub detail: String,
    /// What it set and had said, in order.
    pub effects: Vec<Effect>,
}

/// One thing an action leaves.
#[derive(Clone, PartialEq)]
pub enum Effect {
    /// A slot takes a value.
    Slot(SlotName, Value),
    /// Something is said.
    Say(Say),
    /// Every slot takes its initial value.
    ResetSlots,
    /// The conversation starts over.
    Restart,
    /// A session began: what an `action_session_start` of the project's own returns.
    SessionStarted,
    /// The session ends.
    SessionEnded,
    /// This action is due next.
    Followup(ActionName),
    /// An event that changes nothing here, in Rasa's JSON.
    Note(serde_json::Value),
}

/// Something an action has said: a response of the domain, words of its own, or a response with words
/// of its own over it.
#[derive(Clone, PartialEq, Default)]
pub struct Say {
    /// The response.
    pub response: Option<ResponseName>,
    /// What fills the response's holes before slots do.
    pub arguments: Vec<(String, Value)>,
    /// Words instead of the response's.
    pub text: Option<Masked<String>>,
    /// Buttons beside the response's, as `(title, payload)`.
    pub buttons: Vec<(String, String)>,
    /// A payload for one channel.
    pub custom: Option<serde_json::Value>,
    /// `image`, `attachment` and `elements`.
    pub rich: serde_json::Map<String, serde_json::Value>,
}

impl Outcome {
    /// An outcome without slots and responses.
    pub fn ended(ending: Ending, detail: impl Into<String>) -> Self {
        Self { ending, detail: detail.into(), effects: Vec::new() }
    }
}

/// What a move decided.
pub struct Step {
    /// What happened by it, to be appended.
    pub events: Vec<Event>,
    /// What the host must do next.
    pub next: Next,
}

/// What the host must do before it may call [`step`] again. Closed on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Run an action and bring its outcome.
    Run(Run),
    /// Wait for the caller.
    Listen(Listening),
    /// Connect the caller with a person.
    Transfer(Destination),
    /// End the call.
    HangUp,
    /// Nothing: the call is over.
    Idle,
}

/// An action to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Identity of the run.
    pub id: RunId,
    /// The action.
    pub action: ActionName,
    /// The moment that stands still while it runs.
    pub at: Timestamp,
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Why, in a word.
    pub reason: String,
}

/// One pure move. The same arguments give the same answer on any machine, at any hour. Total: a fault
/// of the project becomes the internal-error pattern, never an error.
pub fn step(project: &Project, call: &CallState, input: Input) -> Step {
    let mut mover = Mover { project, state: call.clone(), events: Vec::new(), at: input.at };
    let next = mover.take(input.what);
    Step { events: mover.events, next }
}

/// A move in the making.
struct Mover<'a> {
    project: &'a Project,
    state: CallState,
    events: Vec<Event>,
    at: Timestamp,
}

impl Mover<'_> {
    fn emit(&mut self, event: Event) {
        self.state.apply(&event);
        self.events.push(event);
    }

    fn take(&mut self, what: Happened) -> Next {
        let at = self.at;
        match (what, self.state.waiting.clone()) {
            (Happened::Began(opening), Waiting::Nobody) if self.state.opening.is_none() => {
                self.begin(opening);
                self.advance()
            }
            // Another session of a known conversation.
            (Happened::Began(opening), _) if self.state.opening.is_some() => {
                self.begin(opening);
                self.advance()
            }
            (Happened::Told(effects), _) => {
                self.effects(effects);
                self.pending()
            }
            (Happened::HungUp, Waiting::Over) => Next::Idle,
            // Whether somebody who hangs up on the way to a person has talked to one is not known.
            (Happened::HungUp, Waiting::Caller(_) | Waiting::Person) if self.project.flows.contains_key(CALLER_LEFT) => self.caller_left(),
            (Happened::HungUp, Waiting::Run { .. }) if self.has_left() => self.pending(),
            (Happened::HungUp, _) => {
                self.emit(Event::CallerLeft { at });
                Next::Idle
            }
            (Happened::Heard(utterance), Waiting::Caller(listening)) => {
                if self.heard(utterance, &listening) {
                    return Next::Listen(listening);
                }
                self.advance()
            }
            (Happened::Silence, Waiting::Caller(_)) => {
                self.emit(Event::Silent { at });
                self.forget_pieces();
                self.silence();
                self.advance()
            }
            // Where there is no telephone to hand over, the conversation goes on.
            (Happened::Heard(utterance), Waiting::Person) if !self.is_telephone() => {
                self.heard(utterance, &Listening::default());
                if self.state.waiting == Waiting::Person {
                    self.emit(Event::Listened { listening: Listening::default() });
                }
                self.advance()
            }
            (Happened::Interrupted { heard }, Waiting::Caller(_)) => {
                self.emit(Event::Interrupted { heard });
                self.pending()
            }
            (Happened::Overheard { text, via }, Waiting::Caller(_)) => {
                let asks = asks_for_person(self.project, &self.state, text.reveal(), via);
                self.emit(Event::Kept { text });
                if asks {
                    self.execute(vec![Command::HumanHandoff]);
                    return self.advance();
                }
                self.pending()
            }
            (Happened::Returned { reached: true }, Waiting::Person) => {
                self.emit(Event::HungUp);
                Next::HangUp
            }
            (Happened::Returned { reached: false }, Waiting::Person) => self.person_missed(),
            (Happened::Heard(utterance), Waiting::Run { .. }) => {
                self.emit(Event::Kept { text: utterance.text });
                self.pending()
            }
            (Happened::Acted { run, outcome }, Waiting::Run { run: awaited, .. }) if run == awaited => {
                self.acted(run, outcome);
                self.advance()
            }
            (Happened::Acted { run, outcome }, _) if outcome.ending == Ending::Done && run <= self.state.position => {
                // An owed run was delivered after its turn: what it set counts, what it says does not.
                let set = outcome.effects.into_iter().filter(|effect| matches!(effect, Effect::Slot(..))).collect();
                self.effects(set);
                self.emit(Event::Delivered { run });
                self.pending()
            }
            (Happened::ReleaseGone, waiting) if !matches!(waiting, Waiting::Over | Waiting::Person) => {
                self.fault("the release of this call is gone");
                self.advance()
            }
            (Happened::TooLong, Waiting::Caller(_)) => self.too_long(),
            _ => self.pending(),
        }
    }

    /// A session begins.
    fn begin(&mut self, opening: Opening) {
        let (metadata, slots) = (opening.metadata.clone(), opening.slots.clone());
        self.emit(Event::Began { at: self.at, opening, carries_slots: self.project.carries_slots });
        // What the message that opened the session brought along is there before `action_session_start` runs (§6).
        if let Ok(name) = SlotName::parse("session_started_metadata")
            && !metadata.is_none()
            && self.project.slots.contains_key(&name)
        {
            self.emit(Event::Slot { name, value: metadata });
        }
        for (name, value) in slots {
            self.put(name, &value);
        }
        // A telephone says that a session starts; elsewhere it is the first message, and the action alone runs.
        if self.is_telephone() {
            self.push_pattern("pattern_session_start", &[]);
        } else {
            self.run_alone("action_session_start");
        }
    }

    /// Runs an action that no flow asks for.
    pub(super) fn run_alone(&mut self, action: &str) {
        self.push_pattern("pattern_run_action", &[("action", Value::text(action))]);
    }

    /// Whether the caller has hung up, and what is left to do is being done.
    pub(super) fn has_left(&self) -> bool {
        self.state.stack.iter().any(|frame| frame.flow.as_str() == CALLER_LEFT)
    }

    fn is_telephone(&self) -> bool {
        self.state.opening.as_ref().is_some_and(|opening| opening.channel == "twilio_voice")
    }

    /// What the call was doing, when an input changes nothing.
    fn pending(&mut self) -> Next {
        match self.state.waiting.clone() {
            Waiting::Run { run, action, at, .. } => Next::Run(Run { id: run, action, at }),
            Waiting::Caller(listening) => Next::Listen(listening),
            Waiting::Person => Next::Transfer(Destination { reason: "already".into() }),
            Waiting::Over => Next::Idle,
            Waiting::Nobody if self.state.opening.is_none() => Next::Idle,
            Waiting::Nobody => self.advance(),
        }
    }

    fn acted(&mut self, run: RunId, outcome: Outcome) {
        self.effects(outcome.effects);
        self.emit(Event::ActionEnded { run, ending: outcome.ending, detail: outcome.detail });
    }

    /// Nobody took the call. The flow that sent it there goes on, if it asks how that ended; otherwise, and whenever it has
    /// been tried often enough, the caller hears that nobody is there, and the call ends.
    fn person_missed(&mut self) -> Next {
        self.emit(Event::PersonMissed { at: self.at });
        let project = self.project;
        let sent = self.state.stack.last().and_then(|frame| {
            let step = project.flows.get(&frame.flow)?.step(frame.step()?)?;
            step.tests_outcome().then_some(frame.id)
        });
        match sent.filter(|_| self.state.persons_missed <= PERSONS) {
            Some(frame) => {
                self.emit(Event::Noted { frame, key: "outcome".into(), value: Value::text(Ending::Unavailable.word()) });
                self.advance()
            }
            None => self.nobody(),
        }
    }

    /// The caller hears that nobody is there, and the call ends.
    fn nobody(&mut self) -> Next {
        self.say_if_there("utter_human_handoff_not_available");
        if self.project.flows.contains_key(CALLER_LEFT) {
            return self.caller_left();
        }
        self.emit(Event::HungUp);
        Next::HangUp
    }

    /// The assistant does not go on; what is left is a person, whom this call has not been to yet.
    fn too_long(&mut self) -> Next {
        self.say_if_there("utter_call_too_long");
        if !self.project.on_duty(self.at) || self.state.persons_missed > 0 {
            return self.nobody();
        }
        self.say_if_there("utter_transfer");
        self.drop_frames(0);
        self.emit(Event::Transferred { reason: "too_long".into() });
        Next::Transfer(Destination { reason: "too_long".into() })
    }

    /// Nobody talks to the caller any more: what the project does then.
    fn caller_left(&mut self) -> Next {
        self.drop_frames(0);
        self.push_pattern(CALLER_LEFT, &[]);
        self.advance()
    }

    /// The caller said nothing: a miss of the open question, or the pattern for it.
    pub(super) fn silence(&mut self) {
        if !self.miss() {
            let (misses, asking) = self.missed();
            self.push_pattern("pattern_user_silence", &[("misses", misses), ("asking", asking)]);
        }
    }

    /// What a pattern for a miss is told: how often, and whether a question is open.
    pub(super) fn missed(&self) -> (Value, Value) {
        let asking = self.state.listening().is_some_and(|listening| listening.slot.is_some());
        (Value::Number(f64::from(self.state.misses)), Value::Bool(asking))
    }

    /// Sets a slot for an action or somebody outside; never a consent.
    fn put(&mut self, name: SlotName, value: &Value) {
        let Some(slot) = self.project.slots.get(&name) else {
            self.emit(Event::Faulted { fault: format!("`{name}` was to be set, which no domain declares") });
            return;
        };
        if slot.consent && !value.is_none() {
            return;
        }
        match slot.coerce(value) {
            Some(value) => self.emit(Event::Slot { name, value }),
            None => self.emit(Event::Faulted { fault: format!("the slot `{name}` cannot hold what it was to be set to") }),
        }
    }

    /// Takes over what an action or somebody outside left.
    fn effects(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Slot(name, value) => self.put(name, &value),
                Effect::Say(say) => self.say(&say),
                Effect::ResetSlots => self.project.slots.keys().for_each(|name| self.reset_slot(name)),
                Effect::Restart => self.emit(Event::Restarted),
                // The session has begun already when its pattern runs.
                Effect::SessionStarted => {}
                Effect::SessionEnded => self.emit(Event::SessionEnded),
                Effect::Followup(action) => {
                    let rasa = serde_json::json!({ "event": "followup", "name": action.as_str() });
                    self.emit(Event::Foreign { rasa: Masked::new(rasa) });
                }
                Effect::Note(rasa) => self.emit(Event::Foreign { rasa: Masked::new(rasa) }),
            }
        }
    }
}
