//! One call over one socket.
//!
//! Lives here: words, keys and silence that become turns, what turns say, interruptions, and the end.
//! Never here: frames (`frames.rs`), turns (`calls`), who may open a session (`routes.rs`).

use super::frames::{Incoming, Outgoing};
use super::handed::{RELAY, document};
use super::wire::Wire;
use crate::app::App;
use crate::calls::{Arrival, Reply, TurnError, Words};
use crate::twilio::spoken::one_by_one;
use crate::twilio::twiml::{Document, Gather, Prompt, Verb, apology};
use crate::twilio::wait::{Awaited, PAUSE, meanwhile};
use axum::extract::ws::WebSocket;
use centralita_engine::{Masked, Via};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// What the end of a session says comes next.
pub(super) const PERSON: &str = "person";
pub(super) const HANG_UP: &str = "hangup";
/// How long a new socket may take to say which call it is for, and an ended one to close.
const SETUP: Duration = Duration::from_secs(10);
/// How long a voice takes for a letter, about: it is not known when it is done unless the network says so.
const LETTER: Duration = Duration::from_millis(65);
/// The longest pause between two keys of one answer.
const BETWEEN_KEYS: Duration = Duration::from_secs(3);
/// The longest that a caller speaks.
const UTTERANCE: Duration = Duration::from_secs(30);
/// How many keys are kept while a turn takes long.
const KEYED: usize = 32;
/// The most that is kept of what is said while a turn takes long.
const KEPT: usize = 5;

/// Carries a call until its socket closes. The call itself goes on where it was when another one opens.
pub(super) async fn hold(app: Arc<App>, socket: WebSocket) {
    let mut wire = Wire(socket);
    let opened = timeout(SETUP, wire.next()).await.ok().flatten();
    let Some(Incoming::Setup { call_sid: call, custom_parameters }) = opened else { return wire.refuse().await };
    let token = custom_parameters.get("t").map(String::as_str).unwrap_or_default();
    if !app.keys.check_call_token(RELAY, &call, token) {
        app.audit(serde_json::json!({"what": "relay refused", "call": call, "why": "wrong token"})).await;
        tracing::warn!(call.sid = %call, "A relay session with a wrong token is refused");
        return wire.refuse().await;
    }
    let (number, reply) = match app.standing(&call).await {
        Ok(Some(standing)) => standing,
        Ok(None) => {
            app.audit(serde_json::json!({"what": "relay refused", "call": call, "why": "no such call is open"})).await;
            return wire.refuse().await;
        }
        Err(error) => {
            tracing::error!(call.sid = %call, error = %error, "A relay session cannot be opened");
            return wire.refuse().await;
        }
    };
    let now = Instant::now();
    let opened = app.sessions.open(&call);
    let mut session = Session {
        app,
        wire,
        call,
        opened,
        number,
        asks: None,
        ends: None,
        keys: String::new(),
        keyed_at: now,
        quiet_from: now,
        heard_from: now,
        speaking: false,
    };
    // Whatever was said last is said: to a caller who has just come in, and to one whose socket broke.
    if session.speak(&reply).await {
        session.run().await;
    }
    session.app.sessions.close(&session.call, session.opened);
}

struct Session {
    app: Arc<App>,
    wire: Wire,
    call: String,
    /// Which of the call's sessions this is: one that another has followed takes no turns any more.
    opened: u64,
    /// The open turn.
    number: u64,
    /// How the open question is listened to.
    asks: Option<Gather>,
    /// What comes after what is being said, when nothing is asked any more.
    ends: Option<&'static str>,
    /// Keys of an answer that is not whole yet, and when the last of them came.
    keys: String,
    keyed_at: Instant,
    /// When what we say has been said.
    quiet_from: Instant,
    /// When half of the question has been heard: before that nothing answers it.
    heard_from: Instant,
    /// Whether the network has said that we are speaking.
    speaking: bool,
}

/// What a wait came to.
enum Came {
    Frame(Option<Incoming>),
    Time,
}

impl Session {
    async fn run(&mut self) {
        loop {
            let until = self.until();
            let came = tokio::select! {
                frame = self.wire.next() => Came::Frame(frame),
                () = sleep_until(until) => Came::Time,
            };
            let goes_on = match came {
                Came::Frame(None) => false,
                Came::Frame(Some(frame)) => self.frame(frame).await,
                Came::Time => self.time().await,
            };
            if !goes_on {
                return;
            }
        }
    }

    /// When something is due if nobody says anything before.
    fn until(&self) -> Instant {
        let seconds = |gather: &Gather| Duration::from_secs(gather.timeout.into());
        match &self.asks {
            _ if self.ends.is_some() => self.quiet_from,
            Some(gather) if !self.keys.is_empty() => self.keyed_at + seconds(gather).min(BETWEEN_KEYS),
            Some(gather) => self.quiet_from + seconds(gather),
            None => self.quiet_from + SETUP,
        }
    }

    async fn frame(&mut self, frame: Incoming) -> bool {
        match frame {
            Incoming::Prompt { voice_prompt, last: true } if self.ends.is_none() && self.hears() => {
                self.keys.clear();
                self.turn(Words::Speech(voice_prompt)).await
            }
            Incoming::Prompt { last: false, .. } => {
                self.talks();
                true
            }
            Incoming::Dtmf { digit } if self.ends.is_none() => self.key(digit.reveal()).await,
            Incoming::Interrupt { utterance_until_interrupt: heard } => {
                let now = Instant::now();
                (self.quiet_from, self.heard_from) = (now, now);
                self.interrupted(heard).await
            }
            Incoming::Info { name, value } => {
                self.info(&name, &value);
                true
            }
            Incoming::Error { description } => {
                // It quotes what we sent, which may be a caller's.
                tracing::warn!(call.sid = %self.call, letters = description.len(), "The network did not take a frame of ours");
                true
            }
            Incoming::Setup { .. } | Incoming::Prompt { .. } | Incoming::Dtmf { .. } | Incoming::Unknown => true,
        }
    }

    /// Whether words are listened for: a question may want keys only.
    fn hears(&self) -> bool {
        self.asks.as_ref().is_none_or(|gather| !gather.keys_only)
    }

    /// The caller is speaking: they are not silent, however long it takes.
    fn talks(&mut self) {
        self.quiet_from = Instant::now() + UTTERANCE;
    }

    fn info(&mut self, name: &str, value: &str) {
        let now = Instant::now();
        match (name, value) {
            ("agentSpeaking", "on") => self.speaking = true,
            // That we are done counts for what is said now, not for what was said before it.
            ("agentSpeaking", "off") if self.speaking => {
                (self.quiet_from, self.heard_from) = (now, self.heard_from.min(now));
                self.speaking = false;
            }
            ("clientSpeaking", "on") => self.talks(),
            ("clientSpeaking", "off") => self.quiet_from = self.quiet_from.min(now),
            _ => {}
        }
    }

    /// Notes what had been heard; false when that is not stored, as nothing may be answered then.
    async fn interrupted(&mut self, heard: Masked<String>) -> bool {
        match self.app.interrupted(&self.call, heard).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(call.sid = %self.call, error = %error, "An interruption could not be stored; the session ends");
                false
            }
        }
    }

    /// A key: the answer when the question takes no more of them, or when it is the one that ends it.
    async fn key(&mut self, key: &str) -> bool {
        let Some(gather) = &self.asks else { return true };
        self.keyed_at = Instant::now();
        let ends = !self.keys.is_empty() && gather.finish_on_key.contains(key);
        if !ends {
            self.keys.push_str(key);
        }
        let whole = ends || gather.num_digits.is_some_and(|most| self.keys.len() >= most as usize);
        if !whole {
            return true;
        }
        let keys = Masked::new(std::mem::take(&mut self.keys));
        self.turn(Words::Keys(keys)).await
    }

    /// Time is up: for the next key, for an answer, or for what was to be said before the end.
    async fn time(&mut self) -> bool {
        if let Some(next) = self.ends {
            let handoff = serde_json::json!({ "next": next }).to_string();
            self.wire.send(&Outgoing::End { handoff_data: &handoff }).await;
            // The network closes; whatever it still sends is late.
            let _ = timeout(SETUP, async { while self.wire.next().await.is_some() {} }).await;
            return false;
        }
        if self.asks.is_none() {
            self.quiet_from = Instant::now();
            return true;
        }
        let words = if self.keys.is_empty() { Words::Nothing } else { Words::Keys(Masked::new(std::mem::take(&mut self.keys))) };
        self.turn(words).await
    }

    /// One turn, carried to its end whoever listens; what is said while it takes long answers nothing.
    async fn turn(&mut self, words: Words) -> bool {
        if !self.app.sessions.is_open(&self.call, self.opened) {
            return false;
        }
        // Whoever answers before they can have heard the question has answered something else.
        let early = Instant::now() < self.heard_from && !matches!(words, Words::Nothing);
        if early && !self.interrupted(Masked::default()).await {
            return false;
        }
        let number = self.number;
        let arrival = Arrival {
            call: self.call.clone(),
            number: None,
            called: None,
            we_called: false,
            body_digest: digest(number, &words),
            idempotency: None,
            words,
            confidence: None,
        };
        let app = self.app.clone();
        let mut work = tokio::spawn(async move { app.turn(arrival, number).await });
        let (mut kept, mut keyed, mut waits, mut until) = (Vec::new(), String::new(), 0, Instant::now() + self.app.answer_within);
        let done = loop {
            tokio::select! {
                done = &mut work => break done.unwrap_or_else(|error| Err(TurnError::Broken(error.to_string()))),
                frame = self.wire.next() => match frame {
                    None => return false,
                    Some(Incoming::Prompt { voice_prompt, last: true }) if kept.len() < KEPT => kept.push((voice_prompt, Via::Speech)),
                    // Keys of one wait belong together: a zero within a number asks for nobody.
                    Some(Incoming::Dtmf { digit }) if keyed.len() < KEYED => keyed.push_str(digit.reveal()),
                    Some(_) => {}
                },
                () = sleep_until(until) => {
                    let document = meanwhile(&self.app, Awaited { call: &self.call, turn: number, poll: waits }).await;
                    waits += 1;
                    until = Instant::now() + self.app.answer_within + Duration::from_secs(PAUSE.into());
                    if !self.say(&document, true).await {
                        return false;
                    }
                    if self.ends.is_some() {
                        return true;
                    }
                }
            }
        };
        match done {
            Ok(reply) => {
                self.number = number + 1;
                kept.extend((!keyed.is_empty()).then(|| (Masked::new(keyed), Via::Keys)));
                self.speak(&reply).await && self.overheard(kept).await
            }
            Err(TurnError::Forbidden) => {
                self.ends = Some(HANG_UP);
                true
            }
            Err(error) => {
                tracing::error!(call.sid = %self.call, error = %error, "Turn failed; caller hears the apology");
                self.say(&apology(self.app.fallback.as_ref()), false).await
            }
        }
    }

    /// What was said while nobody listened is kept; only a person may come of it.
    async fn overheard(&mut self, kept: Vec<(Masked<String>, Via)>) -> bool {
        for (text, via) in kept {
            match self.app.overheard(&self.call, text, via, self.number).await {
                Ok(None) => {}
                Ok(Some(reply)) => {
                    self.number += 1;
                    return self.speak(&reply).await;
                }
                Err(error) => tracing::error!(call.sid = %self.call, error = %error, "What was said meanwhile could not be stored"),
            }
        }
        true
    }

    async fn speak(&mut self, reply: &Reply) -> bool {
        let document = document(reply).unwrap_or_else(|| apology(self.app.fallback.as_ref()));
        self.say(&document, false).await
    }

    /// Sends what a document says, sentence by sentence, and takes note of what it leads to; false when the socket is gone.
    /// `preemptible`: what is said next may cut it off.
    async fn say(&mut self, document: &Document, preemptible: bool) -> bool {
        let mut words: Vec<(String, &str)> = Vec::new();
        let mut listens = None;
        for verb in &document.0 {
            match verb {
                Verb::Say(say) => words.push((one_by_one(&say.text), &say.language)),
                Verb::Gather(gather) => {
                    let says = gather.prompt.iter().filter_map(|prompt| if let Prompt::Say(say) = prompt { Some(say) } else { None });
                    words.extend(says.map(|say| (one_by_one(&say.text), say.language.as_str())));
                    let before = self.asks.replace(gather.clone());
                    listens = before.filter(|before| before.language != gather.language).map(|_| gather.language.as_str());
                }
                Verb::Dial(_) => self.ends = Some(PERSON),
                Verb::Reject | Verb::Hangup => self.ends = Some(HANG_UP),
                Verb::Pause(_) | Verb::Redirect(_) | Verb::Connect(_) => {}
            }
        }
        self.keys.clear();
        let letters: usize = words.iter().map(|(text, _)| text.chars().count()).sum();
        let question = words.last().map_or(0, |(text, _)| text.chars().count());
        let lasts = |letters: usize| LETTER * u32::try_from(letters).unwrap_or(u32::MAX).min(2_000);
        self.quiet_from = Instant::now() + lasts(letters);
        self.heard_from = Instant::now() + lasts(letters - question / 2);
        self.speaking = false;
        if let Some(language) = listens
            && !self.wire.send(&Outgoing::Language { tts_language: language, transcription_language: language }).await
        {
            return false;
        }
        let count = words.len();
        for (at, (text, lang)) in words.into_iter().enumerate() {
            let token = format!("{text} ");
            if !self
                .wire
                .send(&Outgoing::Text { token: &token, last: at + 1 == count, lang, interruptible: true, preemptible: preemptible && self.ends.is_none() })
                .await
            {
                return false;
            }
        }
        true
    }
}

/// Two inputs of one turn with the same digest are the same input.
fn digest(number: u64, words: &Words) -> [u8; 32] {
    let (kind, text) = match words {
        Words::Speech(text) => ("speech", text.reveal().as_str()),
        Words::Keys(keys) => ("keys", keys.reveal().as_str()),
        Words::Nothing | Words::Person { .. } => ("nothing", ""),
    };
    Sha256::new().chain_update(number.to_be_bytes()).chain_update(kind).chain_update(text).finalize().into()
}
