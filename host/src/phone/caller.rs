//! One call, from the ring to the end, seen from the caller's telephone.
//!
//! Lives here: the forms Twilio posts, and following what comes back.
//! Never here: what to say (`script.rs`), printing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use url::Url;

use super::{
    heard::{Dialed, Heard, Leads, Next, run},
    line::{Line, Trouble},
    relay::Session,
    request::{Request, hex},
};
use crate::twilio::{connect::Connect, form::DialStatus, read::read};

/// As many documents as one turn may take.
pub(super) const REDIRECTS: usize = 30;
/// The recogniser's confidence in everything that is said here.
const CONFIDENCE: &str = "0.9128386";

/// A call that is going on. Drop it and nobody is told, as when a line goes dead.
pub struct Caller {
    line: Arc<Line>,
    call_sid: String,
    account_sid: String,
    from: String,
    to: String,
    status: &'static str,
    began: Instant,
    next: Next,
    /// The socket that carries the words, where one does.
    session: Option<Session>,
}

impl Caller {
    /// Rings: the first request of a call from `from` to `to`.
    ///
    /// # Errors
    /// [`Trouble`], for this and every other step of a call.
    pub async fn ring(line: &Arc<Line>, from: &str, to: &str) -> Result<(Self, Heard), Trouble> {
        let (mut caller, ring) = Self::dial(line, from, to)?;
        let heard = caller.turn(ring).await?;
        Ok((caller, heard))
    }

    /// A call that is about to ring, and the request with which it does.
    pub(super) fn dial(line: &Arc<Line>, from: &str, to: &str) -> Result<(Self, Request), Trouble> {
        let caller = Self {
            line: Arc::clone(line),
            call_sid: format!("CA{}", hex()?),
            account_sid: format!("AC{}", "0".repeat(32)),
            from: from.to_owned(),
            to: to.to_owned(),
            status: "ringing",
            began: Instant::now(),
            next: Next::HungUp,
            session: None,
        };
        let ring = Request::new(line.webhook()?, caller.parameters(&[]))?;
        Ok((caller, ring))
    }

    /// Says something.
    ///
    /// # Errors
    /// [`Trouble::Ended`] if nobody listens, and as for [`Caller::ring`].
    pub async fn say(&mut self, text: &str) -> Result<Heard, Trouble> {
        if let Some(session) = &self.session {
            return self.relayed(&[json!({"type": "prompt", "voicePrompt": text, "lang": session.language, "last": true})]).await;
        }
        self.turn(self.saying(text)?).await
    }

    /// Presses keys. A finish key after at least one other ends the input and is not part of it;
    /// without one the input ends by itself.
    ///
    /// # Errors
    /// As for [`Caller::say`].
    pub async fn keys(&mut self, keys: &str) -> Result<Heard, Trouble> {
        if self.session.is_some() {
            let frames: Vec<_> = keys.chars().map(|key| json!({"type": "dtmf", "digit": key.to_string()})).collect();
            return self.relayed(&frames).await;
        }
        self.turn(self.keying(keys)?).await
    }

    /// Lets the time to answer pass.
    ///
    /// # Errors
    /// As for [`Caller::say`].
    pub async fn silence(&mut self) -> Result<Heard, Trouble> {
        if self.session.is_some() {
            return self.relayed(&[]).await;
        }
        self.turn(self.keeping_silent()?).await
    }

    /// Speaks over the assistant, who was heard so far; relay sessions only.
    ///
    /// # Errors
    /// [`Trouble::Ended`] without a session, and as for [`Caller::ring`].
    pub async fn interrupt(&mut self, heard: &str) -> Result<(), Trouble> {
        let session = self.session.as_mut().ok_or(Trouble::Ended)?;
        session.send(&json!({"type": "interrupt", "utteranceUntilInterrupt": heard, "durationUntilInterruptMs": 460})).await
    }

    /// Says something and does not wait for the answer; relay sessions only.
    ///
    /// # Errors
    /// As for [`Caller::interrupt`].
    pub async fn blurt(&mut self, text: &str) -> Result<(), Trouble> {
        let session = self.session.as_mut().ok_or(Trouble::Ended)?;
        let lang = session.language.clone();
        session.send(&json!({"type": "prompt", "voicePrompt": text, "lang": lang, "last": true})).await
    }

    /// Has begun to speak; relay sessions only.
    ///
    /// # Errors
    /// As for [`Caller::interrupt`].
    pub async fn begin(&mut self, text: &str) -> Result<(), Trouble> {
        let session = self.session.as_mut().ok_or(Trouble::Ended)?;
        let lang = session.language.clone();
        session.send(&json!({"type": "prompt", "voicePrompt": text, "lang": lang, "last": false})).await
    }

    /// Presses keys before the assistant's next words are heard, and does not wait for the answer; relay sessions only.
    ///
    /// # Errors
    /// As for [`Caller::interrupt`].
    pub async fn hurry(&mut self, keys: &str) -> Result<(), Trouble> {
        let session = self.session.as_mut().ok_or(Trouble::Ended)?;
        session.is_deaf = true;
        for key in keys.chars() {
            session.send(&json!({"type": "dtmf", "digit": key.to_string()})).await?;
            // Each key is a frame of its own, and a turn may come between two of them.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Ok(())
    }

    /// Opens the session of a document once more, as whoever has seen it might.
    ///
    /// # Errors
    /// [`Trouble::Socket`] if nobody speaks there.
    pub async fn knock(&self, connect: &Connect) -> Result<Vec<String>, Trouble> {
        let webhook = self.line.webhook()?;
        let mut session = Session::open(&self.line, &webhook, connect, &self.call_sid, &self.from, &self.to).await?;
        session.listen().await.map(|talk| talk.said)
    }

    /// The socket breaks; the network asks what comes next, as it does.
    ///
    /// # Errors
    /// As for [`Caller::interrupt`].
    pub async fn cut(&mut self) -> Result<Heard, Trouble> {
        let session = self.session.take().ok_or(Trouble::Ended)?;
        let action = session.action.clone();
        drop(session);
        self.turn(self.request(&action, &[("SessionStatus", "failed"), ("SessionDuration", "1"), ("ErrorCode", "39001")])?).await
    }

    /// Sends frames, and hears what comes of them.
    async fn relayed(&mut self, frames: &[Value]) -> Result<Heard, Trouble> {
        let began = Instant::now();
        let Some(mut session) = self.session.take() else { return Err(Trouble::Ended) };
        for frame in frames {
            session.send(frame).await?;
        }
        self.listen(session, began).await
    }

    /// Listens to a session; when the server ends it, the network asks what comes next.
    async fn listen(&mut self, mut session: Session, began: Instant) -> Result<Heard, Trouble> {
        let talk = session.listen().await?;
        let action = session.action.clone();
        let Some(handoff) = talk.ended else {
            let language = session.language.clone();
            self.session = Some(session);
            let next = Next::Gather { action, finish_on_key: "#".to_owned(), language, hints: Vec::new() };
            self.next = next.clone();
            return Ok(Heard { said: talk.said, next, first: talk.first - began, took: talk.at - began, twiml: String::new() });
        };
        session.close().await;
        let extra = [("SessionStatus", "ended"), ("SessionDuration", "1"), ("HandoffData", handoff.as_str())];
        let mut heard = Box::pin(self.turn(self.request(&action, &extra)?)).await?;
        heard.said.splice(0..0, talk.said);
        (heard.first, heard.took) = (talk.first - began, talk.at - began);
        Ok(heard)
    }

    /// The person the caller is being connected with takes the call and hangs up in the end, or does not take it; then the
    /// line is asked what follows.
    ///
    /// # Errors
    /// [`Trouble::Ended`] if nobody is being called, and as for [`Caller::ring`].
    pub async fn dialed(&mut self, how: DialStatus) -> Result<Heard, Trouble> {
        self.turn(self.coming_back(how)?).await
    }

    pub(super) fn saying(&self, text: &str) -> Result<Request, Trouble> {
        let Next::Gather { action, language, .. } = &self.next else { return Err(Trouble::Ended) };
        self.request(action, &[("SpeechResult", text), ("Confidence", CONFIDENCE), ("Language", language), ("msg", "Gather End")])
    }

    pub(super) fn keying(&self, keys: &str) -> Result<Request, Trouble> {
        let Next::Gather { action, finish_on_key, .. } = &self.next else { return Err(Trouble::Ended) };
        let end = keys.char_indices().skip(1).find(|(_, key)| finish_on_key.contains(*key));
        let (digits, finished) = match end {
            Some((at, key)) => (&keys[..at], key.to_string()),
            None => (keys, String::new()),
        };
        self.request(action, &[("Digits", digits), ("FinishedOnKey", &finished), ("msg", "Gather End")])
    }

    pub(super) fn keeping_silent(&self) -> Result<Request, Trouble> {
        let Next::Gather { action, .. } = &self.next else { return Err(Trouble::Ended) };
        self.request(action, &[("Digits", ""), ("SpeechResult", ""), ("msg", "Gather End")])
    }

    pub(super) fn coming_back(&self, how: DialStatus) -> Result<Request, Trouble> {
        let Next::Dial(Dialed { action: Some(action), .. }) = &self.next else { return Err(Trouble::Ended) };
        let (bridged, seconds) = if how.reached() { ("true", "60") } else { ("false", "0") };
        let leg = format!("CA{}", hex()?);
        self.request(action, &[("DialCallStatus", how.word()), ("DialCallSid", &leg), ("DialCallDuration", seconds), ("DialBridged", bridged)])
    }

    fn request(&self, to: &Url, extra: &[(&str, &str)]) -> Result<Request, Trouble> {
        Request::new(to.clone(), self.parameters(extra))
    }

    /// What the person hears who is being connected with the caller, before the two can talk.
    ///
    /// # Errors
    /// As for [`Caller::dialed`].
    pub async fn whispered(&self) -> Result<Option<String>, Trouble> {
        let Next::Dial(Dialed { party, whisper, .. }) = &self.next else { return Err(Trouble::Ended) };
        let Some(url) = whisper else { return Ok(None) };
        let leg = format!("CA{}", hex()?);
        let mut params = self.parameters(&[("ParentCallSid", &self.call_sid)]);
        for (key, value) in &mut params {
            match key.as_str() {
                "CallSid" => value.clone_from(&leg),
                "To" | "Called" => value.clone_from(party),
                "Direction" => "outbound-dial".clone_into(value),
                _ => {}
            }
        }
        let request = Request::new(url.clone(), params)?;
        let document = self.fetch(&request).await?;
        let mut said = Vec::new();
        run(read(&document).map_err(|cause| Trouble::Twiml { path: url.path().to_owned(), cause })?, &mut said);
        Ok(Some(said.join(" ")))
    }

    /// Hangs up, wherever the call is. A call that has ended stays ended.
    ///
    /// # Errors
    /// As for [`Caller::ring`].
    pub async fn hang_up(&mut self) -> Result<(), Trouble> {
        let session = self.session.take();
        let over = self.leaving()?;
        if let Some(session) = session {
            let closed = self.request(&session.action, &[("SessionStatus", "completed"), ("SessionDuration", "1")])?;
            session.close().await;
            closed.post(&self.line).await?.successful(&closed.url)?;
        }
        match over {
            Some(over) => over.post(&self.line).await?.successful(&over.url).map(drop),
            None => Ok(()),
        }
    }

    /// Is gone from now on; the request that says so, once.
    pub(super) fn leaving(&mut self) -> Result<Option<Request>, Trouble> {
        if self.status == "completed" {
            return Ok(None);
        }
        self.status = "completed";
        self.next = Next::HungUp;
        let seconds = self.began.elapsed().as_secs();
        let (seconds, minutes) = (seconds.to_string(), seconds.div_ceil(60).max(1).to_string());
        let timestamp = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
        let params = self.parameters(&[
            ("CallDuration", &seconds),
            ("Duration", &minutes),
            ("Timestamp", &timestamp),
            ("CallbackSource", "call-progress-events"),
            ("SequenceNumber", "0"),
        ]);
        let url = self.line.resolve(&self.line.webhook()?, "/webhooks/twilio/status")?;
        Request::new(url, params).map(Some)
    }

    /// The name of the call.
    pub fn call_sid(&self) -> &str {
        &self.call_sid
    }

    /// What the line waits for.
    pub const fn next(&self) -> &Next {
        &self.next
    }

    /// The form of a request about this call as it stands, with `extra` parameters.
    pub fn parameters(&self, extra: &[(&str, &str)]) -> Vec<(String, String)> {
        let standard = [
            ("AccountSid", self.account_sid.as_str()),
            ("ApiVersion", "2010-04-01"),
            ("CallSid", &self.call_sid),
            ("CallStatus", self.status),
            ("Called", &self.to),
            ("CalledCountry", "MX"),
            ("Caller", &self.from),
            ("CallerCity", ""),
            ("CallerCountry", "MX"),
            ("CallerState", ""),
            ("CallerZip", ""),
            ("Direction", "inbound"),
            ("From", &self.from),
            ("FromCity", ""),
            ("FromCountry", "MX"),
            ("FromState", ""),
            ("FromZip", ""),
            ("To", &self.to),
            ("ToCity", ""),
            ("ToCountry", "MX"),
            ("ToState", ""),
            ("ToZip", ""),
        ];
        standard.iter().chain(extra).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    /// Posts, and follows redirects until the line listens or the call ends. Then, as Twilio does,
    /// the status address is told.
    async fn turn(&mut self, mut request: Request) -> Result<Heard, Trouble> {
        let began = Instant::now();
        let (mut said, mut first) = (Vec::new(), None);
        for _ in 0..REDIRECTS {
            let twiml = self.fetch(&request).await?;
            let first = *first.get_or_insert_with(|| began.elapsed());
            match self.follow(&request, &twiml, &mut said)? {
                Follow::On(next) => request = next,
                Follow::Here(next) => {
                    if ended(&next) {
                        self.hang_up().await?;
                        self.next = next.clone();
                    }
                    return Ok(Heard { said, next, first, took: began.elapsed(), twiml });
                }
                Follow::Relay(connect) => {
                    let session = Session::open(&self.line, &request.url, &connect, &self.call_sid, &self.from, &self.to).await?;
                    let mut heard = self.listen(session, began).await?;
                    heard.said.splice(0..0, said);
                    return Ok(Heard { twiml, ..heard });
                }
            }
        }
        Err(Trouble::Loop(REDIRECTS))
    }

    /// What an answer to a request wants: another request, or what the line waits for from now on.
    pub(super) fn follow(&mut self, request: &Request, twiml: &str, said: &mut Vec<String>) -> Result<Follow, Trouble> {
        self.status = "in-progress";
        let follow = self.understand(request, twiml, said)?;
        if let Follow::Here(next) = &follow {
            self.next = next.clone();
        }
        Ok(follow)
    }

    /// What an answer to a request would want of whoever followed it.
    pub(super) fn understand(&self, request: &Request, twiml: &str, said: &mut Vec<String>) -> Result<Follow, Trouble> {
        let url = &request.url;
        let bad = |cause| Trouble::Twiml { path: url.path().to_owned(), cause };
        let resolved = |target: &str| self.line.resolve(url, target);
        Ok(Follow::Here(match run(read(twiml).map_err(bad)?, said) {
            Leads::Redirect(target) => return self.request(&resolved(&target)?, &[]).map(Follow::On),
            Leads::Gather(gather) => {
                Next::Gather { action: resolved(&gather.action)?, finish_on_key: gather.finish_on_key, language: gather.language, hints: gather.hints }
            }
            Leads::Dial(dial) => Next::Dial(Dialed {
                party: dial.party.to_string(),
                action: dial.action.map(|action| resolved(&action)).transpose()?,
                whisper: dial.whisper.map(|whisper| resolved(&whisper)).transpose()?,
            }),
            Leads::Relay(connect) => return Ok(Follow::Relay(connect)),
            Leads::HungUp => Next::HungUp,
        }))
    }

    async fn fetch(&self, request: &Request) -> Result<String, Trouble> {
        request.document(request.post(&self.line).await?)
    }
}

/// Where an answer leads.
pub(super) enum Follow {
    On(Request),
    Relay(Connect),
    Here(Next),
}

/// Whether nothing more is posted for the caller after this.
pub(super) const fn ended(next: &Next) -> bool {
    matches!(next, Next::Dial(Dialed { action: None, .. }) | Next::HungUp)
}

#[cfg(test)]
#[path = "caller_tests.rs"]
mod tests;
