//! The state of a call: the fold of its events. It never reads the project.
//!
//! Lives here: the stack, the slots, what is waited for, and how each event changes them.
//! Never here: why an event happened (`step/`).

use crate::event::{Event, Opening, RunId, Timestamp};
use crate::project::Dtmf;
use crate::{ActionName, FlowId, Masked, ResponseName, SlotName, StepId, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A flow on the stack.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Number of the frame in its call, from 1.
    pub id: u32,
    /// The flow it walks.
    pub flow: FlowId,
    /// Where it is.
    pub position: Position,
    /// How it came to be there.
    pub kind: FrameKind,
    /// What a pattern knows of its cause; `outcome` is how its last action ended.
    pub context: BTreeMap<String, Value>,
    /// The `collect` step whose question was asked on this visit.
    pub asked: Option<StepId>,
    /// Steps the frame has been at and left, each once, in order: a correction goes back to one of them.
    #[serde(default)]
    pub passed: Vec<StepId>,
    /// Whether it took the place of a flow that linked to it.
    #[serde(default)]
    pub linked: bool,
}

impl Frame {
    /// A frame before its first step.
    pub const fn new(id: u32, flow: FlowId, kind: FrameKind, context: BTreeMap<String, Value>) -> Self {
        Self { id, flow, position: Position::Start, kind, context, asked: None, passed: Vec::new(), linked: false }
    }

    /// Whether the frame has steps left to do.
    pub const fn is_live(&self) -> bool {
        matches!(self.position, Position::Start | Position::At(_))
    }

    /// The step it is at.
    pub const fn step(&self) -> Option<&StepId> {
        match &self.position {
            Position::At(step) => Some(step),
            Position::Start | Position::End | Position::Cancelled => None,
        }
    }
}

/// Where a frame is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Before its first step.
    Start,
    /// At a step that is to be done, or is being done.
    At(StepId),
    /// Done; it leaves the stack next.
    End,
    /// Dropped by the caller; it leaves the stack next.
    Cancelled,
}

/// How a frame came onto the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameKind {
    /// Started on its own, or linked from such a frame.
    Regular,
    /// Started while another flow was active.
    Interrupt,
    /// Called by the flow beneath, which goes on when this one ends.
    Call,
    /// A pattern.
    Pattern,
}

/// The open question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// The slot that is asked for; none when anything may be said.
    pub slot: Option<SlotName>,
    /// How often this question has been missed in a row.
    pub misses: u32,
    /// How long this question waits for the caller, milliseconds, where it says so.
    #[serde(default)]
    pub silence_ms: Option<u64>,
    /// What the keypad may answer with, where the question says so.
    #[serde(default)]
    pub dtmf: Option<Dtmf>,
}

/// Whom the call waits for.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// Nothing has happened yet.
    #[default]
    Nobody,
    /// The caller.
    Caller(Listening),
    /// A run.
    Run {
        /// Its id.
        run: RunId,
        /// Its action.
        action: ActionName,
        /// The frame it works for.
        frame: u32,
        /// When it was started.
        at: Timestamp,
    },
    /// The call has gone to a person.
    Person,
    /// The call is over.
    Over,
}

/// Something that was said, kept to be repeated.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    /// The response, unless the words were an action server's own.
    pub response: Option<ResponseName>,
    /// Its words.
    pub text: Masked<String>,
}

/// The state of a call.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CallState {
    /// How many events have been applied; the position of the last, counted from 1.
    pub position: u64,
    /// What the call began with.
    pub opening: Option<Opening>,
    /// Flows, the active one last.
    pub stack: Vec<Frame>,
    /// Values of slots; what is not here has its initial value.
    pub slots: BTreeMap<SlotName, Value>,
    /// Whom the call waits for.
    pub waiting: Waiting,
    /// Misses of the open question in a row.
    pub misses: u32,
    /// What was said since the caller spoke last.
    pub said: Vec<Spoken>,
    /// What was said before that: what `repeat` says again.
    pub before: Vec<Spoken>,
    /// What the caller said last.
    #[serde(default)]
    pub heard: Option<Masked<String>>,
    /// What the caller said while an action ran.
    pub kept: Option<Masked<String>>,
    /// When the caller was heard, or was silent, last, or an action began; before that, when the session did.
    #[serde(default)]
    pub at: Timestamp,
    /// When the session began.
    #[serde(default)]
    pub began: Timestamp,
    /// Whether the caller keyed more than the last question takes: what they key next may still belong to it.
    #[serde(default)]
    pub overflow: bool,
    /// Whether the caller spoke before they had heard half of the question that is open.
    #[serde(default)]
    pub unheard: bool,
    /// How often no person could be reached.
    #[serde(default)]
    pub persons_missed: u32,
    /// Steps taken since the caller was heard last; a loop is stopped by it.
    #[serde(default)]
    pub steps: u32,
    /// Number of the next frame.
    pub frames: u32,
}

impl CallState {
    /// The state after these events.
    pub fn from_events<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut state = Self::default();
        events.into_iter().for_each(|event| state.apply(event));
        state
    }

    /// Adds one event.
    pub fn apply(&mut self, event: &Event) {
        self.position += 1;
        let position = self.position;
        if let Event::Began { at, .. } | Event::Heard { at, .. } | Event::Silent { at } | Event::ActionStarted { at, .. } | Event::PersonMissed { at } = event {
            self.at = *at;
        }
        match event {
            Event::Began { opening, carries_slots, at } => {
                self.began = *at;
                self.begin(opening, *carries_slots);
            }
            Event::Restarted => {
                self.stack.clear();
                self.slots.clear();
                self.waiting = Waiting::Nobody;
                self.misses = 0;
                self.said.clear();
                self.before.clear();
                self.kept = None;
            }
            Event::SessionEnded => self.waiting = Waiting::Over,
            Event::Heard { .. } | Event::Silent { .. } => {
                self.unheard = false;
                self.overflow = matches!(event, Event::Heard { overflow: true, .. });
                if let Event::Heard { text, .. } = event {
                    self.heard = Some(text.clone());
                }
                if !self.said.is_empty() {
                    self.before = std::mem::take(&mut self.said);
                }
                self.kept = None;
                self.steps = 0;
            }
            Event::Interrupted { heard } => self.unheard = self.before_question(heard.reveal()),
            Event::Kept { text } => self.kept = Some(text.clone()),
            Event::Missed => self.misses += 1,
            Event::Slot { name, value } => {
                self.slots.insert(name.clone(), value.clone());
            }
            Event::Pushed { frame, beneath } => {
                self.frames = self.frames.max(frame.id);
                let at = beneath.and_then(|id| self.stack.iter().position(|other| other.id == id));
                self.stack.insert(at.unwrap_or(self.stack.len()), frame.clone());
            }
            Event::Moved { frame, to } => {
                self.steps += 1;
                if let Some(frame) = self.frame_mut(*frame) {
                    if let Position::At(left) = std::mem::replace(&mut frame.position, to.clone())
                        && !frame.passed.contains(&left)
                    {
                        frame.passed.push(left);
                    }
                    frame.asked = None;
                }
            }
            Event::Returned { frame, to } => {
                if let Some(frame) = self.frame_mut(*frame) {
                    let kept = frame.passed.iter().position(|passed| passed == to).unwrap_or(frame.passed.len());
                    frame.passed.truncate(kept);
                    frame.position = Position::At(to.clone());
                    frame.asked = None;
                }
            }
            Event::Noted { frame, key, value } => {
                if let Some(frame) = self.frame_mut(*frame) {
                    frame.context.insert(key.clone(), value.clone());
                }
            }
            Event::Asking { frame, step } => {
                self.misses = 0;
                if let Some(frame) = self.frame_mut(*frame) {
                    frame.asked = Some(step.clone());
                }
            }
            Event::Popped { frame } => self.stack.retain(|other| other.id != *frame),
            Event::Said { response, text, .. } => self.said.push(Spoken { response: response.clone(), text: text.clone() }),
            Event::ActionStarted { at, action, frame } => {
                self.waiting = Waiting::Run { run: position, action: action.clone(), frame: *frame, at: *at };
            }
            Event::ActionEnded { run, ending, .. } => {
                if let Waiting::Run { run: awaited, frame, .. } = self.waiting
                    && awaited == *run
                {
                    self.waiting = Waiting::Nobody;
                    if let Some(frame) = self.frame_mut(frame) {
                        frame.context.insert("outcome".into(), Value::text(ending.word()));
                    }
                }
            }
            Event::Listened { listening } => self.waiting = Waiting::Caller(listening.clone()),
            Event::Transferred { .. } => self.waiting = Waiting::Person,
            Event::PersonMissed { .. } => {
                self.waiting = Waiting::Nobody;
                self.persons_missed += 1;
                if !self.said.is_empty() {
                    self.before = std::mem::take(&mut self.said);
                }
                self.steps = 0;
            }
            Event::HungUp | Event::CallerLeft { .. } => self.waiting = Waiting::Over,
            Event::FlowStarted { .. } => self.misses = 0,
            Event::Understood { .. }
            | Event::Acted { .. }
            | Event::Foreign { .. }
            | Event::FlowCompleted { .. }
            | Event::FlowCancelled { .. }
            | Event::FlowInterrupted { .. }
            | Event::FlowResumed { .. }
            | Event::Delivered { .. }
            | Event::Faulted { .. } => {}
        }
    }

    /// A session begins: the first of the conversation, or one after it.
    fn begin(&mut self, opening: &Opening, carries_slots: bool) {
        let slots = std::mem::take(&mut self.slots);
        *self = Self {
            position: self.position,
            frames: self.frames,
            at: self.at,
            opening: Some(opening.clone()),
            slots: if carries_slots { slots } else { BTreeMap::new() },
            ..Self::default()
        };
    }

    /// Whether so much of what was said last is less than half of its question, which is the last thing said.
    fn before_question(&self, heard: &str) -> bool {
        let length = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).count();
        let Some((question, before)) = self.said.split_last() else { return false };
        let before: usize = before.iter().map(|spoken| length(spoken.text.reveal())).sum();
        length(heard) < before + length(question.text.reveal()).div_ceil(2)
    }

    /// The open question, while the caller is waited for.
    pub const fn listening(&self) -> Option<&Listening> {
        match &self.waiting {
            Waiting::Caller(listening) => Some(listening),
            Waiting::Nobody | Waiting::Run { .. } | Waiting::Person | Waiting::Over => None,
        }
    }

    /// Whether nothing more can happen in this call.
    pub const fn is_over(&self) -> bool {
        matches!(self.waiting, Waiting::Over)
    }

    /// The topmost flow that is no pattern.
    pub fn active_flow(&self) -> Option<&Frame> {
        self.stack.iter().rev().find(|frame| frame.kind != FrameKind::Pattern && frame.is_live())
    }

    /// The active flow and those that called it, from the outermost caller up: heights in the stack.
    pub fn active_chain(&self) -> Vec<usize> {
        let is_flow = |frame: &Frame| frame.kind != FrameKind::Pattern && frame.is_live();
        let mut chain = Vec::new();
        for (height, frame) in self.stack.iter().enumerate().rev().filter(|(_, frame)| is_flow(frame)) {
            chain.insert(0, height);
            if frame.kind != FrameKind::Call {
                break;
            }
        }
        chain
    }

    /// A frame by number.
    pub fn frame(&self, id: u32) -> Option<&Frame> {
        self.stack.iter().find(|frame| frame.id == id)
    }

    fn frame_mut(&mut self, id: u32) -> Option<&mut Frame> {
        self.stack.iter_mut().find(|frame| frame.id == id)
    }
}
