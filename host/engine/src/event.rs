//! What happened in a call. Events are the only source of dialogue state.
//!
//! Lives here: the events, and what of them a page may show.
//! Never here: how they change the state (`state.rs`).

use crate::command::{Command, Source};
use crate::state::{Frame, Listening, Position};
use crate::{ActionName, FlowId, Masked, ResponseName, SlotName, StepId, Value};
use serde::{Deserialize, Serialize};

/// Version of the shape of events and snapshots; stored with each call.
pub const SCHEMA: u32 = 1;

/// Milliseconds since 1970-01-01 UTC.
pub type Timestamp = i64;

/// The position of a run's `action started` event in its call: the run's identity (invariant 3).
pub type RunId = u64;

/// How the words reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Recognised speech, or typed text.
    Speech,
    /// Keys of the telephone.
    Keys,
}

/// What a call begins with.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// Digest of the release the call keeps.
    pub release: String,
    /// Chooses among variations of a response, the same way at every replay.
    pub seed: u64,
    /// The calling number in E.164; none when it is withheld.
    pub number: Option<Masked<String>>,
    /// The number that was called.
    pub called: Option<String>,
    /// The channel (`twilio_voice`, `rest`).
    pub channel: String,
    /// What the message that opened the session brought along: `session_started_metadata`.
    #[serde(default)]
    pub metadata: Value,
    /// What is known before anything is said, such as the form of address of the called number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<(SlotName, Value)>,
}

/// How a run ended, in the words of flows (`context.outcome`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It did what it is for.
    Done,
    /// A rule said no.
    Refused,
    /// Something it needs is not there; an action that is owed follows later.
    Unavailable,
    /// Too many at once.
    Busy,
    /// It took too long.
    Timeout,
    /// It broke.
    Failed,
}

impl Ending {
    /// The word flows compare `context.outcome` with.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Busy => "busy",
            Self::Timeout => "timeout",
            Self::Failed => "failed",
        }
    }
}

/// One event.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The call began.
    Began {
        /// When.
        at: Timestamp,
        /// With what.
        opening: Opening,
        /// Whether slots of the session before are kept.
        #[serde(default)]
        carries_slots: bool,
    },
    /// The caller said or keyed something.
    Heard {
        /// When.
        at: Timestamp,
        /// The words, without anything forbidden.
        text: Masked<String>,
        /// How they came.
        via: Via,
        /// Whether a card number, PIN or security code was said and destroyed.
        destroyed: bool,
        /// How sure the recogniser was, 0 to 1, where it says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confidence: Option<f64>,
        /// Whether more was keyed than the question takes.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        overflow: bool,
        /// What the channel sent along.
        #[serde(default)]
        metadata: Value,
    },
    /// The caller said nothing.
    Silent {
        /// When.
        at: Timestamp,
    },
    /// Said while an action ran; kept for the next question.
    Kept {
        /// The words.
        text: Masked<String>,
    },
    /// The caller spoke over the assistant; the rest of what was to be said was not heard.
    Interrupted {
        /// What had been heard.
        heard: Masked<String>,
    },
    /// What the words were taken for.
    Understood {
        /// By whom.
        by: Source,
        /// Commands that were legal.
        commands: Vec<Command>,
        /// How many were not.
        dropped: u32,
    },
    /// The open question was missed: not understood, silence, refused.
    Missed,
    /// A slot took a value.
    Slot {
        /// Which.
        name: SlotName,
        /// What.
        value: Value,
    },
    /// A frame was put on the stack.
    Pushed {
        /// The frame.
        frame: Frame,
        /// Directly beneath this frame instead of on top.
        beneath: Option<u32>,
    },
    /// A frame went on.
    Moved {
        /// Which.
        frame: u32,
        /// Where to.
        to: Position,
    },
    /// A correction took a frame back to a step it had passed.
    Returned {
        /// Which.
        frame: u32,
        /// Where to.
        to: StepId,
    },
    /// A key of a frame's context took a value.
    Noted {
        /// Which frame.
        frame: u32,
        /// The key.
        key: String,
        /// The value.
        value: Value,
    },
    /// A question of this frame was asked on this visit.
    Asking {
        /// Which frame.
        frame: u32,
        /// The `collect` step.
        step: StepId,
    },
    /// A frame left the stack.
    Popped {
        /// Which.
        frame: u32,
    },
    /// A flow began.
    FlowStarted {
        /// Which.
        flow: FlowId,
    },
    /// A flow came to its end.
    FlowCompleted {
        /// Which.
        flow: FlowId,
        /// Its last step.
        #[serde(default)]
        step: Option<StepId>,
    },
    /// A flow was dropped.
    FlowCancelled {
        /// Which.
        flow: FlowId,
        /// Where it was.
        #[serde(default)]
        step: Option<StepId>,
    },
    /// Another flow came in between.
    FlowInterrupted {
        /// Which was interrupted.
        flow: FlowId,
        /// Where it was.
        #[serde(default)]
        step: Option<StepId>,
    },
    /// An interrupted flow goes on.
    FlowResumed {
        /// Which.
        flow: FlowId,
        /// Where it goes on.
        #[serde(default)]
        step: Option<StepId>,
    },
    /// A response was said or an action of the engine's own was done (Rasa's `action`); an action of
    /// somebody else's is `ActionStarted`.
    Acted {
        /// Which.
        action: ActionName,
    },
    /// Something was said.
    Said {
        /// The response; none for the words of an action server.
        response: Option<ResponseName>,
        /// Its words; empty when there is only something to show.
        text: Masked<String>,
        /// Its buttons, as `(title, payload)`.
        buttons: Vec<(String, String)>,
        /// Its payload for one channel.
        custom: Option<serde_json::Value>,
        /// `image`, `attachment` and `elements`, as the response has them.
        #[serde(default)]
        rich: serde_json::Map<String, serde_json::Value>,
        /// The actions it claims have happened.
        claims: Vec<ActionName>,
    },
    /// An action was started; its position is the run's id.
    ActionStarted {
        /// When.
        at: Timestamp,
        /// Which.
        action: ActionName,
        /// For this frame.
        frame: u32,
    },
    /// A run ended.
    ActionEnded {
        /// Which run.
        run: RunId,
        /// How.
        ending: Ending,
        /// For logs and pages; never spoken, no caller data.
        detail: String,
    },
    /// An owed run was delivered after its turn.
    Delivered {
        /// Which run.
        run: RunId,
    },
    /// The engine waits for the caller.
    Listened {
        /// The open question.
        listening: Listening,
    },
    /// The call goes to a person.
    Transferred {
        /// Why, in a word (`asked`, `not_understood`, …).
        reason: String,
    },
    /// No person could be reached; the call is back.
    PersonMissed {
        /// When.
        at: Timestamp,
    },
    /// We hung up.
    HungUp,
    /// The caller hung up.
    CallerLeft {
        /// When.
        at: Timestamp,
    },
    /// The conversation starts over: slots, stack and what was said are forgotten.
    Restarted,
    /// The session ended without a telephone to hang up.
    SessionEnded,
    /// An event of somebody else's that changes nothing here, in Rasa's JSON; kept for the tracker.
    Foreign {
        /// The event.
        rasa: Masked<serde_json::Value>,
    },
    /// Something in the project broke; the internal-error pattern follows.
    Faulted {
        /// What, for logs.
        fault: String,
    },
}

impl Event {
    /// The event's name as it is stored.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Began { .. } => "began",
            Self::Heard { .. } => "heard",
            Self::Silent { .. } => "silent",
            Self::Kept { .. } => "kept",
            Self::Interrupted { .. } => "interrupted",
            Self::Understood { .. } => "understood",
            Self::Missed => "missed",
            Self::Slot { .. } => "slot",
            Self::Pushed { .. } => "pushed",
            Self::Moved { .. } => "moved",
            Self::Returned { .. } => "returned",
            Self::Noted { .. } => "noted",
            Self::Asking { .. } => "asking",
            Self::Popped { .. } => "popped",
            Self::FlowStarted { .. } => "flow_started",
            Self::FlowCompleted { .. } => "flow_completed",
            Self::FlowCancelled { .. } => "flow_cancelled",
            Self::FlowInterrupted { .. } => "flow_interrupted",
            Self::FlowResumed { .. } => "flow_resumed",
            Self::Acted { .. } => "acted",
            Self::Said { .. } => "said",
            Self::ActionStarted { .. } => "action_started",
            Self::ActionEnded { .. } => "action_ended",
            Self::Delivered { .. } => "delivered",
            Self::Listened { .. } => "listened",
            Self::Transferred { .. } => "transferred",
            Self::PersonMissed { .. } => "person_missed",
            Self::HungUp => "hung_up",
            Self::CallerLeft { .. } => "caller_left",
            Self::Restarted => "restarted",
            Self::SessionEnded => "session_ended",
            Self::Foreign { .. } => "foreign",
            Self::Faulted { .. } => "faulted",
        }
    }
}
