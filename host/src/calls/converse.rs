//! The turn of a conversation without a telephone: chat channels, the HTTP API, tests.
//!
//! Lives here: sessions that begin by themselves, what somebody outside sets, reading a conversation back and erasing it.
//! Never here: the loop (`walk.rs`), what words mean (`understand.rs`), JSON and HTTP (`rest`).

use super::draft::{Beginning, Draft, Standing, TurnHead};
use super::row_of;
use super::turn::{TurnError, Words, status_of};
use super::understand::{self, Said};
use super::walk::{Live, Walked};
use crate::app::App;
use crate::store::Loaded;
use centralita_engine::command::{Payload, payload};
use centralita_engine::state::Waiting;
use centralita_engine::{CallState, Command, Effect, Event, Happened, Masked, Next, Opening, Project, Value};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// A message of a conversation.
#[derive(Clone)]
pub struct Message {
    /// The sender's name for the conversation.
    pub conversation: String,
    /// Where it comes from (`rest`).
    pub channel: String,
    /// The words; none is silence, and where a session has to begin nothing but its beginning.
    pub text: Option<Masked<String>>,
    /// What the channel sent along.
    pub metadata: serde_json::Value,
    /// Whether text that begins with `/` counts as a payload.
    pub payloads: bool,
    /// A model's answer that a test scripts.
    pub scripted: Option<String>,
    /// A test's own clock, milliseconds since 1970; none is now.
    pub at_ms: Option<i64>,
}

/// What came of a message.
pub struct Turned {
    /// What happened, in order; the beginning of a session included.
    pub events: Vec<Event>,
    /// The conversation afterwards.
    pub state: CallState,
    /// What somebody outside has to do next.
    pub next: Next,
}

/// A conversation as it is stored.
struct Stored {
    live: Live,
    standing: Standing,
    /// The number of its next turn.
    turn: u64,
    /// When it heard from its sender last, milliseconds since 1970.
    heard_at: Option<i64>,
}

impl App {
    /// One message of a conversation, heard once; a session begins by itself where there is none, the last one is over or
    /// its time is up. A session keeps the release it began with.
    ///
    /// # Errors
    /// [`TurnError::Store`] and [`TurnError::State`]; then nothing was said.
    pub async fn converse(&self, message: Message) -> Result<Turned, TurnError> {
        let row = row_of(&message.conversation);
        let _alone = self.locks.take(&row).await;
        let at = message.at_ms.unwrap_or_else(Self::now_ms);
        let stored = self.stored(&row).await?;
        let metadata = Value::from_json(message.metadata.clone());
        let mut head = TurnHead { number: 0, body_digest: digest(&message), idempotency: None };
        let (mut live, mut draft, begins) = match stored {
            None => {
                let release = self.releases.current();
                let new = Beginning { release: release.digest.clone(), from_digest: None, key: Arc::new(self.store.new_data_key()?) };
                let draft = Draft::beginning(self.store.clone(), &row, new, Some(head), at);
                (Live { state: CallState::default(), release, gone: false }, draft, true)
            }
            Some(Stored { mut live, standing, turn, heard_at }) => {
                head.number = turn;
                let mut draft = Draft::of(self.store.clone(), &row, standing, Some(head), at);
                let begins = live.gone || is_over(&live, heard_at, at) || starts_anew(&live.release.project, &message);
                if begins {
                    if live.gone {
                        tracing::warn!(call.sid = %row, "The release of a session is gone; the next message begins another");
                    }
                    live.release = self.releases.current();
                    draft.keep(&live.release.digest);
                }
                (live, draft, begins)
            }
        };
        let mut events = Vec::new();
        let mut next = Next::Idle;
        if begins {
            let opening = Opening {
                release: live.release.digest.clone(),
                seed: self.seed(&row, live.state.position),
                number: None,
                called: None,
                channel: message.channel,
                metadata: metadata.clone(),
                slots: Vec::new(),
            };
            let walked = self.walk(&row, &mut live, &mut draft, Happened::Began(opening), false).await?;
            events.extend(walked.events);
            next = walked.next;
        }
        if message.text.is_some() || !begins {
            let words = message.text.map_or(Words::Nothing, Words::Speech);
            let said = Said { words, confidence: None, metadata, payloads: message.payloads, scripted: message.scripted };
            let heard = understand::utterance(&live.release, &live.state, said).await.map_or(Happened::Silence, Happened::Heard);
            let walked = self.walk(&row, &mut live, &mut draft, heard, false).await?;
            events.extend(walked.events);
            next = walked.next;
        }
        draft.end(&live.state, Some(&[]), Some(status_of(&next))).await?;
        Ok(Turned { events, state: live.state, next })
    }

    /// Somebody outside sets something: a fixture, the tracker API. A conversation that is not there begins first.
    ///
    /// # Errors
    /// As for [`App::converse`].
    pub async fn tell(&self, conversation: &str, channel: &str, effects: Vec<Effect>, at_ms: Option<i64>) -> Result<Turned, TurnError> {
        self.happen(conversation, channel, Happened::Told(effects), false, at_ms).await
    }

    /// As [`App::tell`], in a session that begins with it.
    ///
    /// # Errors
    /// As for [`App::converse`].
    pub async fn tell_anew(&self, conversation: &str, channel: &str, effects: Vec<Effect>) -> Result<Turned, TurnError> {
        self.happen(conversation, channel, Happened::Told(effects), true, None).await
    }

    async fn happen(&self, conversation: &str, channel: &str, what: Happened, anew: bool, at_ms: Option<i64>) -> Result<Turned, TurnError> {
        let row = row_of(conversation);
        let _alone = self.locks.take(&row).await;
        let at = at_ms.unwrap_or_else(Self::now_ms);
        let stored = self.stored(&row).await?;
        let begins = anew || stored.as_ref().is_none_or(|stored| stored.live.gone);
        let (mut live, mut draft) = match stored {
            None => {
                let release = self.releases.current();
                let new = Beginning { release: release.digest.clone(), from_digest: None, key: Arc::new(self.store.new_data_key()?) };
                (Live { state: CallState::default(), release, gone: false }, Draft::beginning(self.store.clone(), &row, new, None, at))
            }
            Some(Stored { mut live, standing, .. }) => {
                let mut draft = Draft::of(self.store.clone(), &row, standing, None, at);
                if begins {
                    live.release = self.releases.current();
                    draft.keep(&live.release.digest);
                }
                (live, draft)
            }
        };
        let mut events = Vec::new();
        if begins {
            let opening = Opening {
                release: live.release.digest.clone(),
                seed: self.seed(&row, live.state.position),
                number: None,
                called: None,
                channel: channel.to_owned(),
                metadata: Value::None,
                slots: Vec::new(),
            };
            events.extend(self.walk(&row, &mut live, &mut draft, Happened::Began(opening), false).await?.events);
        }
        let Walked { events: told, next } = self.walk(&row, &mut live, &mut draft, what, false).await?;
        events.extend(told);
        draft.end(&live.state, None, Some(status_of(&next))).await?;
        Ok(Turned { events, state: live.state, next })
    }

    /// Every event of a conversation, from its first; none for one nobody knows.
    ///
    /// # Errors
    /// [`TurnError::Store`], [`TurnError::State`].
    pub async fn events(&self, conversation: &str) -> Result<Vec<Event>, TurnError> {
        self.events_of(&row_of(conversation)).await
    }

    /// Every event of a row, a telephone call's too.
    pub(crate) async fn events_of(&self, row: &str) -> Result<Vec<Event>, TurnError> {
        let Some(loaded) = self.store.load(row).await? else { return Ok(Vec::new()) };
        let stored = self.store.events(&loaded.data_key, row).await?;
        let read = |(_, bytes): &(u64, Vec<u8>)| serde_json::from_slice(bytes).map_err(|_| TurnError::State(row.to_owned()));
        stored.iter().map(read).collect()
    }

    /// Erases a conversation, as if nobody had ever begun it; false when something is still owed to it, and nothing is
    /// erased then.
    ///
    /// # Errors
    /// [`TurnError::Store`].
    pub async fn erase(&self, conversation: &str) -> Result<bool, TurnError> {
        let row = row_of(conversation);
        let _alone = self.locks.take(&row).await;
        Ok(self.store.erase(&row).await?)
    }

    /// A conversation and what a message needs to know of it. A turn that a crash left open is ended first.
    async fn stored(&self, row: &str) -> Result<Option<Stored>, TurnError> {
        let Some(mut loaded) = self.store.load(row).await? else { return Ok(None) };
        if loaded.open_turn.is_some() {
            self.finish(row, loaded).await?;
            let Some(again) = self.store.load(row).await? else { return Ok(None) };
            loaded = again;
        }
        let turn = loaded.turn.map_or(0, |turn| turn + 1);
        let heard_at = last_heard(&loaded);
        let (live, standing) = self.wake(row, loaded).await?;
        Ok(Some(Stored { live, standing, turn, heard_at }))
    }
}

/// A turn begins with its message, so the last one's start is when the sender was heard last.
fn last_heard(loaded: &Loaded) -> Option<i64> {
    loaded.last_turn.as_ref().map(|turn| turn.started_at_ms)
}

/// Whether the session is over, by itself or by the clock.
fn is_over(live: &Live, heard_at: Option<i64>, now: i64) -> bool {
    let expired = |heard: i64| {
        let minutes = live.release.project.session_minutes;
        // Milliseconds that a float cannot hold exactly are centuries.
        #[expect(clippy::cast_precision_loss, reason = "a span of a session is far below 2^52 milliseconds")]
        let silent = (now - heard) as f64;
        minutes > 0.0 && silent > minutes * 60_000.0
    };
    live.state.waiting == Waiting::Over || heard_at.is_some_and(expired)
}

/// Whether the message itself asks for another session.
fn starts_anew(project: &Project, message: &Message) -> bool {
    let text = message.text.as_ref().filter(|_| message.payloads);
    text.is_some_and(|text| payload(project, text.reveal()) == Payload::Commands(vec![Command::SessionStart]))
}

fn digest(message: &Message) -> [u8; 32] {
    let text = message.text.as_ref().map(|text| text.reveal().as_bytes()).unwrap_or_default();
    Sha256::digest(text).into()
}
