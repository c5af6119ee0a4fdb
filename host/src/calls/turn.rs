//! One turn: load, understand, step, run, commit, answer.
//!
//! Lives here: a telephone call's turns and the rules for turns that come twice, late or at once
//! (`design.md` §3).
//! Never here: HTTP and signatures (`twilio/routes.rs`), the loop itself (`walk.rs`).

use super::draft::{Beginning, Draft, TurnHead};
use super::understand::{self, Said};
use super::walk::{Live, Walked};
use super::{TELEPHONE, is_telephone};
use crate::app::App;
use crate::failpoint::failpoint;
use crate::release::Spoken;
use crate::store::{Loaded, Status, StatusRow, StoreError};
use crate::twilio::form::{CallStatus, TurnForm};
use crate::twilio::{PhoneNumber, reply};
use centralita_engine::{CallState, Event, Happened, Masked, Next, Opening, Project, ResponseName, SlotName, Value, Via, asks_for_person, worded};
use std::sync::Arc;

/// What the document is asked for by that a person hears before they talk to a caller.
pub(crate) const WHISPER: &str = "whisper";
/// The response in it.
const UTTER_WHISPER: &str = "utter_whisper";
/// The slot of a project that is true in a call we made.
const WE_CALLED: &str = "we_called";
/// How long a call counts as open after its last turn, milliseconds: a turn ends by silence within a minute.
const FORGOTTEN: i64 = 10 * 60 * 1000;

/// A request of the telephone network about one call.
pub struct Arrival {
    /// The call.
    pub call: String,
    /// The calling number, when it is one.
    pub number: Option<PhoneNumber>,
    /// The number of the line.
    pub called: Option<String>,
    /// Whether we called them.
    pub we_called: bool,
    /// Digest of the request's body.
    pub body_digest: [u8; 32],
    /// The network's own token of the event.
    pub idempotency: Option<String>,
    /// What the caller said.
    pub words: Words,
    /// How sure the recogniser was of it, 0 to 1, where it says so.
    pub confidence: Option<f64>,
}

/// What the caller said in a turn.
pub enum Words {
    /// Recognised speech.
    Speech(Masked<String>),
    /// Keys.
    Keys(Masked<String>),
    /// Nothing.
    Nothing,
    /// Nothing, since the call is back from a person.
    Person {
        /// Whether the two talked.
        reached: bool,
    },
}

/// What a person hears before they talk to a caller.
pub(crate) struct Whisper {
    pub(crate) voice: Spoken,
    pub(crate) text: Masked<String>,
}

/// What is answered: a document of the telephone network.
pub type Reply = Vec<u8>;

/// Why a turn has no reply of its own.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Not a turn this call has open: 403.
    #[error("the call has no such turn open")]
    Forbidden,
    /// A new call over a limit: it goes straight to a person.
    #[error("this number calls too often, or too many calls are open")]
    TooMany,
    /// A call that was over before it rang here.
    #[error("the call was over before it rang")]
    Left,
    /// The database failed; nothing was said, so nothing is lost.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The turn's task died; what it had committed is taken up with the next request or start.
    #[error("the turn broke: {0}")]
    Broken(String),
    /// A stored event or state that does not read.
    #[error("the stored state of call `{0}` does not read; restore it from a backup")]
    State(String),
}

impl App {
    /// A call comes in: its first reply, or the current one when it is known.
    ///
    /// # Errors
    /// [`TurnError`]; [`TurnError::TooMany`] only for a call that is new.
    pub async fn ring(&self, arrival: Arrival) -> Result<Reply, TurnError> {
        let _alone = self.locks.take(&arrival.call).await;
        let call = arrival.call.clone();
        match self.rung(arrival).await {
            Err(TurnError::Store(StoreError::CallExists { .. } | StoreError::TurnAlreadyTaken { .. })) => self.answered_elsewhere(&call, 0).await,
            answered => answered,
        }
    }

    async fn rung(&self, arrival: Arrival) -> Result<Reply, TurnError> {
        if let Some(loaded) = self.store.load(&arrival.call).await? {
            return self.current(&arrival.call, loaded).await;
        }
        if self.store.statuses(&arrival.call).await?.iter().any(|row| CallStatus::parse(&row.status).is_some_and(CallStatus::is_over)) {
            return Err(TurnError::Left);
        }
        if !arrival.we_called && self.too_many(&arrival).await {
            return Err(TurnError::TooMany);
        }
        let at = Self::now_ms();
        let release = self.releases.current();
        // Whom we call has not called us.
        let from_digest = arrival.number.as_ref().filter(|_| !arrival.we_called).map(|number| self.keys.caller_digest(number.as_str()));
        let new = Beginning { release: release.digest.clone(), from_digest, key: Arc::new(self.store.new_data_key()?) };
        let head = TurnHead { number: 0, body_digest: arrival.body_digest, idempotency: arrival.idempotency };
        let draft = Draft::beginning(self.store.clone(), &arrival.call, new, Some(head), at);
        let seed = self.seed(&arrival.call, 0);
        let number = arrival.number.as_ref().map(|number| Masked::new(number.as_str().to_owned()));
        let mut slots = release.voice.known(&release.project, arrival.called.as_deref());
        slots.extend(arrival.we_called.then(|| we_called(&release.project)).flatten());
        let (channel, metadata) = (TELEPHONE.into(), Value::None);
        let opening = Opening { release: release.digest.clone(), seed, number, called: arrival.called, channel, metadata, slots };
        let live = Live { state: CallState::default(), release, gone: false };
        self.drive(&arrival.call, live, draft, Some(0), Happened::Began(opening), false).await
    }

    /// Whether a new call is one too many: for its number in this minute, or for the open lines.
    async fn too_many(&self, arrival: &Arrival) -> bool {
        let over = match (&self.new_calls, &arrival.number) {
            (Some(limiter), Some(number)) => limiter.check_key(&self.keys.caller_digest(number.as_str())).is_err(),
            (Some(_) | None, _) => false,
        };
        let open = self.store.live_calls(Self::now_ms() - FORGOTTEN).await.unwrap_or(0);
        if over || open >= self.max_calls {
            tracing::warn!(call.sid = %arrival.call, calls.open = open, rate.over = over, "A new call goes straight to a person");
            return true;
        }
        false
    }

    /// A turn of a call: run if it is the open one, answered as before if it is an old one.
    ///
    /// # Errors
    /// [`TurnError::Forbidden`] for a turn that is not there yet, an open turn of an ended call, an
    /// unknown call.
    pub async fn turn(&self, arrival: Arrival, number: u64) -> Result<Reply, TurnError> {
        let _alone = self.locks.take(&arrival.call).await;
        let call = arrival.call.clone();
        match self.taken(arrival, number).await {
            Err(TurnError::Store(StoreError::TurnAlreadyTaken { .. })) => self.answered_elsewhere(&call, number).await,
            answered => answered,
        }
    }

    /// What was said in a turn that another host has taken on meanwhile; one that it has left open is taken up.
    async fn answered_elsewhere(&self, call: &str, number: u64) -> Result<Reply, TurnError> {
        let mut again = true;
        let loaded = loop {
            match self.settled(call).await {
                Err(TurnError::Store(StoreError::TurnAlreadyTaken { .. })) if again => again = false,
                settled => break settled?.ok_or(TurnError::Forbidden)?,
            }
        };
        tracing::warn!(call.sid = %call, turn = number, "Another host has taken this turn on; what it said is answered");
        match self.store.turn(&loaded.data_key, call, number).await?.and_then(|row| row.reply) {
            Some(reply) => Ok(reply),
            None => self.current(call, loaded).await,
        }
    }

    async fn taken(&self, arrival: Arrival, number: u64) -> Result<Reply, TurnError> {
        let loaded = self.settled(&arrival.call).await?.ok_or(TurnError::Forbidden)?;
        let open = loaded.turn.map_or(0, |turn| turn + 1);
        let is_back = matches!(arrival.words, Words::Person { .. });
        let is_open = loaded.status == if is_back { Status::Transferred } else { Status::Live };
        if number > open || (number == open && !is_open) {
            return Err(TurnError::Forbidden);
        }
        if number < open {
            let row = self.store.turn(&loaded.data_key, &arrival.call, number).await?;
            let same = row.filter(|row| row.body_digest == arrival.body_digest || (row.idempotency.is_some() && row.idempotency == arrival.idempotency));
            return match same.and_then(|row| row.reply) {
                Some(reply) => Ok(reply),
                None => self.current(&arrival.call, loaded).await,
            };
        }
        failpoint("a turn is loaded");
        let (live, stored) = self.wake(&arrival.call, loaded).await?;
        let head = TurnHead { number, body_digest: arrival.body_digest, idempotency: arrival.idempotency };
        let draft = Draft::of(self.store.clone(), &arrival.call, stored, Some(head), Self::now_ms());
        let happened = if live.gone {
            Happened::ReleaseGone
        } else if let Words::Person { reached } = arrival.words {
            Happened::Returned { reached }
        } else if live.release.voice.is_too_long(number, live.state.began, Self::now_ms()) {
            Happened::TooLong
        } else {
            understand::utterance(&live.release, &live.state, Said::of(arrival.words, arrival.confidence)).await.map_or(Happened::Silence, Happened::Heard)
        };
        failpoint("a turn is understood");
        self.drive(&arrival.call, live, draft, Some(number), happened, false).await
    }

    /// The telephone network says where a call stands.
    ///
    /// # Errors
    /// [`TurnError::Store`].
    pub(crate) async fn status(&self, call: &str, form: &TurnForm, status: CallStatus) -> Result<(), TurnError> {
        let row = StatusRow {
            n: form.sequence.unwrap_or(0),
            status: status.word().to_owned(),
            seconds: form.duration,
            error: form.error_code.clone(),
            at_ms: Self::now_ms(),
        };
        Ok(self.store.add_status(call, &row).await?)
    }

    /// The caller hung up.
    ///
    /// # Errors
    /// [`TurnError::Store`].
    pub async fn left(&self, call: &str) -> Result<(), TurnError> {
        let _alone = self.locks.take(call).await;
        let Some(loaded) = self.settled(call).await? else { return Ok(()) };
        if loaded.status == Status::Ended {
            return Ok(());
        }
        let (live, stored) = self.wake(call, loaded).await?;
        let draft = Draft::of(self.store.clone(), call, stored, None, Self::now_ms());
        self.drive(call, live, draft, None, Happened::HungUp, false).await.map(|_| ())
    }

    /// The reply a call was given last; `None` for a call nobody knows.
    ///
    /// # Errors
    /// [`TurnError::Store`].
    pub async fn reply_of(&self, call: &str) -> Result<Option<Reply>, TurnError> {
        let _alone = self.locks.take(call).await;
        match self.store.load(call).await? {
            Some(loaded) => self.current(call, loaded).await.map(Some),
            None => Ok(None),
        }
    }

    /// The open turn of a call and the reply before it; `None` for a call that is not open.
    ///
    /// # Errors
    /// [`TurnError::Store`], [`TurnError::State`].
    pub(crate) async fn standing(&self, call: &str) -> Result<Option<(u64, Reply)>, TurnError> {
        let _alone = self.locks.take(call).await;
        let Some(loaded) = self.open(call).await? else { return Ok(None) };
        let open = loaded.turn.map_or(0, |turn| turn + 1);
        self.current(call, loaded).await.map(|reply| Some((open, reply)))
    }

    /// The caller spoke over the last reply, of which they had heard so much.
    ///
    /// # Errors
    /// [`TurnError::Store`], [`TurnError::State`].
    pub(crate) async fn interrupted(&self, call: &str, heard: Masked<String>) -> Result<(), TurnError> {
        let _alone = self.locks.take(call).await;
        let Some(loaded) = self.open(call).await? else { return Ok(()) };
        let (live, stored) = self.wake(call, loaded).await?;
        let draft = Draft::of(self.store.clone(), call, stored, None, Self::now_ms());
        self.drive(call, live, draft, None, Happened::Interrupted { heard }, false).await.map(|_| ())
    }

    /// The caller said something before they could hear what turn `number` is about. It answers nothing; the reply, if it
    /// brings a person, which is then that turn's.
    ///
    /// # Errors
    /// [`TurnError::Store`], [`TurnError::State`].
    pub(crate) async fn overheard(&self, call: &str, text: Masked<String>, via: Via, number: u64) -> Result<Option<Reply>, TurnError> {
        let _alone = self.locks.take(call).await;
        let Some(loaded) = self.open(call).await?.filter(|loaded| loaded.turn.map_or(0, |turn| turn + 1) == number) else { return Ok(None) };
        let (live, stored) = self.wake(call, loaded).await?;
        let text = understand::spared(&live.release, &text);
        let turn = asks_for_person(&live.release.project, &live.state, text.reveal(), via).then_some(number);
        let head = turn.map(|number| TurnHead { number, body_digest: [0; 32], idempotency: None });
        let draft = Draft::of(self.store.clone(), call, stored, head, Self::now_ms());
        let reply = self.drive(call, live, draft, turn, Happened::Overheard { text, via }, false).await?;
        Ok(turn.map(|_| reply))
    }

    /// The reply of a turn that the caller has been told to wait for. Nothing is run.
    ///
    /// # Errors
    /// [`TurnError::Forbidden`] as for [`Self::turn`]; [`TurnError::Broken`] if nothing came of the turn.
    pub async fn awaited(&self, call: &str, number: u64) -> Result<Reply, TurnError> {
        let _alone = self.locks.take(call).await;
        let loaded = self.settled(call).await?.ok_or(TurnError::Forbidden)?;
        let open = loaded.turn.map_or(0, |turn| turn + 1);
        if number > open || (number == open && loaded.status != Status::Live) {
            return Err(TurnError::Forbidden);
        }
        if number == open {
            return Err(TurnError::Broken("the caller waited for it, and it left nothing".into()));
        }
        self.current(call, loaded).await
    }

    /// Takes up every turn a crash left unanswered.
    ///
    /// # Errors
    /// [`TurnError::Store`] when the database cannot be read; a call that cannot be taken up is logged.
    pub async fn take_up(&self) -> Result<usize, TurnError> {
        let calls = self.store.unfinished().await?;
        for call in &calls {
            let _alone = self.locks.take(call).await;
            let loaded = self.store.load(call).await?.filter(|loaded| loaded.open_turn.is_some());
            if let Some(loaded) = loaded
                && let Err(error) = self.finish(call, loaded).await
            {
                tracing::error!(call.sid = %call, error = %error, "A turn cannot be taken up");
            }
        }
        Ok(calls.len())
    }

    /// A call as it stands once a turn that a crash left open is answered.
    async fn settled(&self, call: &str) -> Result<Option<Loaded>, TurnError> {
        let Some(loaded) = self.store.load(call).await? else { return Ok(None) };
        if loaded.open_turn.is_none() {
            return Ok(Some(loaded));
        }
        self.finish(call, loaded).await?;
        Ok(self.store.load(call).await?)
    }

    /// A call as it stands, if it is open.
    async fn open(&self, call: &str) -> Result<Option<Loaded>, TurnError> {
        Ok(self.settled(call).await?.filter(|loaded| loaded.status == Status::Live))
    }

    /// The last reply; a turn that a crash left open is answered first.
    async fn current(&self, call: &str, loaded: Loaded) -> Result<Reply, TurnError> {
        if loaded.open_turn.is_some() {
            return self.finish(call, loaded).await;
        }
        loaded.last_turn.and_then(|turn| turn.reply).ok_or_else(|| TurnError::State(call.to_owned()))
    }

    /// Carries a turn that was begun and not answered to its end.
    pub(super) async fn finish(&self, call: &str, loaded: Loaded) -> Result<Reply, TurnError> {
        let Some(open) = loaded.open_turn.as_ref() else { return Err(TurnError::State(call.to_owned())) };
        let head = TurnHead { number: open.number, body_digest: open.body_digest, idempotency: open.idempotency.clone() };
        let (live, stored) = self.wake(call, loaded).await?;
        let number = head.number;
        let draft = Draft::of(self.store.clone(), call, stored, Some(head), Self::now_ms());
        let happened = if live.gone { Happened::ReleaseGone } else { Happened::Restarted };
        self.drive(call, live, draft, Some(number), happened, true).await
    }

    /// Steps until somebody outside has to act, stores what came of it, and answers in the telephone network's words; a
    /// conversation without a telephone has no document, its answer is its events.
    async fn drive(&self, call: &str, mut live: Live, mut draft: Draft, turn: Option<u64>, what: Happened, again: bool) -> Result<Reply, TurnError> {
        let Walked { events, next } = self.walk(call, &mut live, &mut draft, what, again).await?;
        // What is no turn has nobody to answer.
        let bytes = if let Some(turn) = turn.filter(|_| is_telephone(call)) {
            let said: Vec<Event> = events.into_iter().filter(|event| matches!(event, Event::Said { .. })).collect();
            let action = self.action(call, turn + 1);
            let person = self.fallback.as_ref().map(|party| reply::Reached { party, whisper: self.whisper(call, &live) });
            reply::document(&live.release, &live.state, &said, &next, &action, person).render().into_bytes()
        } else {
            Vec::new()
        };
        draft.end(&live.state, turn.map(|_| bytes.as_slice()), Some(status_of(&next))).await?;
        Ok(bytes)
    }

    /// Where the document is that a person hears before they talk to this call's caller, if the project has words for it.
    fn whisper(&self, call: &str, live: &Live) -> Option<String> {
        let spoken = live.release.project.responses.contains_key(UTTER_WHISPER);
        spoken.then(|| format!("/webhooks/twilio/whisper?call={call}&t={}", self.keys.call_token(WHISPER, call)))
    }

    /// What a person is told before they talk to a call's caller; `None` if nothing is known to say.
    ///
    /// # Errors
    /// [`TurnError::Store`], [`TurnError::State`].
    pub(crate) async fn whispered(&self, call: &str) -> Result<Option<Whisper>, TurnError> {
        let Some(loaded) = self.store.load(call).await? else { return Ok(None) };
        let (live, _) = self.wake(call, loaded).await?;
        let Ok(response) = ResponseName::parse(UTTER_WHISPER) else { return Ok(None) };
        let text = worded(&live.release.project, &live.state, &response);
        Ok(text.map(|text| Whisper { voice: live.release.voice.spoken(&live.state), text }))
    }

    /// Where the next turn of a call is posted.
    pub(crate) fn action(&self, call: &str, turn: u64) -> String {
        format!("/webhooks/twilio/process?turn={turn}&t={}", self.keys.turn_token(call, turn))
    }
}

/// The slot that says that we called, if the project has it.
fn we_called(project: &Project) -> Option<(SlotName, Value)> {
    let name = SlotName::parse(WE_CALLED).ok()?;
    project.slots.contains_key(&name).then_some((name, Value::Bool(true)))
}

/// Where a call stands once this is next.
pub(super) const fn status_of(next: &Next) -> Status {
    match next {
        Next::Listen(_) | Next::Run(_) => Status::Live,
        Next::Transfer(_) => Status::Transferred,
        Next::HangUp | Next::Idle => Status::Ended,
    }
}

/// The state a snapshot and the events after it make.
pub(crate) fn state_of(call: &str, snapshot: Option<&[u8]>, tail: &[(u64, Vec<u8>)]) -> Result<CallState, TurnError> {
    let broken = |_| TurnError::State(call.to_owned());
    let mut state: CallState = snapshot.map(serde_json::from_slice).transpose().map_err(broken)?.unwrap_or_default();
    for (_, bytes) in tail {
        let event: Event = serde_json::from_slice(bytes).map_err(broken)?;
        state.apply(&event);
    }
    Ok(state)
}
