//! The network between a random caller and the server: it carries a turn, and does mischief on the way.
//!
//! Lives here: repetitions, late and swapped requests, hang-ups, and what must be answered to each (`design.md` §3).
//! Never here: when it happens (`weather.rs`, `leave.rs`), what is said (`answer.rs`).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{join, time::sleep};

use super::{
    leave::{Around, Leave},
    past::{OldTurn, Past, waits},
    weather::Weather,
};
use crate::phone::{
    caller::{Caller, Follow, REDIRECTS, ended},
    heard::{Dialed, Heard, Next},
    line::{Answer, Line, Trouble},
    request::Request,
};

/// What became of a turn.
pub(super) enum Carried {
    /// What the caller heard; and where they were told that it takes too long, what the turn's own reply says.
    Heard(Box<Heard>, Option<String>),
    /// The caller was gone. What the answer says, if the turn was done at all.
    Unheard(Option<String>),
}

/// The answers to what was posted at the same time.
struct AtOnce {
    first: Result<String, Trouble>,
    /// How long the first of them took.
    took: Duration,
    second: Option<Result<String, Trouble>>,
    old: Option<Result<String, Trouble>>,
}

pub(super) struct Network {
    line: Arc<Line>,
    past: Past,
    pub(super) faults: Vec<String>,
    /// What was done, for whoever watches.
    pub(super) notes: Vec<String>,
}

impl Network {
    pub(super) fn new(line: &Arc<Line>) -> Self {
        Self { line: Arc::clone(line), past: Past::default(), faults: Vec::new(), notes: Vec::new() }
    }

    /// Turns carried so far, the ring among them.
    pub(super) fn turns(&self) -> usize {
        self.past.turns()
    }

    /// Carries a turn to where the line listens again, or to the end of the call.
    pub(super) async fn carry(&mut self, caller: &mut Caller, request: Request, weather: Weather, leave: Option<Leave>) -> Result<Carried, Trouble> {
        if weather.progress {
            self.note("tells the status address that the call goes on");
            let status = Request::new(self.status_address()?, caller.parameters(&[]))?;
            status.post(&self.line).await?.successful(&status.url)?;
        }
        let late = weather.late.map(|late| self.past.late(late, &request)).transpose()?.flatten();
        if let Some(old) = late.as_ref().filter(|old| !old.meanwhile) {
            self.note("an older request comes again");
            let reply = self.fetch(&old.request).await?;
            self.must(old.fits(&reply, None), "an older request was answered with something else");
        }
        if let Some(leave) = leave.filter(|leave| leave.at(self.turns())) {
            return self.hang_up_around(caller, &request, &request, leave.around).await;
        }
        self.ask(caller, request, weather, late.filter(|old| old.meanwhile), leave).await
    }

    async fn ask(&mut self, caller: &mut Caller, request: Request, weather: Weather, late: Option<OldTurn>, leave: Option<Leave>) -> Result<Carried, Trouble> {
        let AtOnce { first, mut took, second, old } = self.at_once(&request, weather.twice, late.as_ref()).await;
        let (mut twiml, second, old) = (first?, second.transpose()?, old.transpose()?);
        let (mut current, mut said, mut polls) = (request.clone(), Vec::new(), 0);
        let next = loop {
            match caller.follow(&current, &twiml, &mut said)? {
                Follow::Here(next) => break next,
                Follow::Relay(_) => return Err(Trouble::Socket { cause: "random callers speak by webhook".to_owned() }),
                Follow::On(_) if polls == REDIRECTS => return Err(Trouble::Loop(REDIRECTS)),
                Follow::On(poll) => {
                    if let Some(leave) = leave.filter(|leave| leave.at_a_redirect()) {
                        return self.hang_up_around(caller, &request, &poll, leave.around).await;
                    }
                    let began = Instant::now();
                    twiml = self.fetch(&poll).await?;
                    took += began.elapsed();
                    (current, polls) = (poll, polls + 1);
                }
            }
        };
        // Who waits too long goes to a person, and the turn's own reply comes later.
        let given_up = polls > 0 && matches!(next, Next::Dial(Dialed { action: None, .. }));
        let reply = if given_up { self.reply_later(&request).await? } else { Some(twiml.clone()) };
        if let (Some(second), Some(reply)) = (&second, &reply) {
            self.must(waits(second) || second == reply, "the same request at once got another answer");
        }
        if let (Some(old), Some(answer)) = (&late, &old) {
            self.must(old.fits(answer, reply.as_deref()), "an older request during a turn was answered with something else");
        }
        let later = reply.as_deref().filter(|_| given_up).map(|reply| said_in(caller, &request, reply)).transpose()?;
        self.past.push(request, reply);
        self.close(caller, &next, weather).await?;
        Ok(Carried::Heard(Box::new(Heard { said, next, first: took, took, twiml }), later))
    }

    /// Posts a turn's request, perhaps a second time, and perhaps an older one with it.
    async fn at_once(&mut self, request: &Request, twice: Option<Duration>, late: Option<&OldTurn>) -> AtOnce {
        if let Some(apart) = twice {
            self.note(format!("posts it twice, {} ms apart", apart.as_millis()));
        }
        if late.is_some() {
            self.note("an older request comes again at the same time");
        }
        let network = &*self;
        let first = async {
            let began = Instant::now();
            let answer = network.fetch(request).await;
            (answer, began.elapsed())
        };
        let second = async {
            let apart = twice?;
            sleep(apart).await;
            Some(network.fetch(request).await)
        };
        let old = async { Some(network.fetch(&late?.request).await) };
        let ((first, took), second, old) = join!(first, second, old);
        AtOnce { first, took, second, old }
    }

    /// After a reply: the end is told where it is one, and the request may come again.
    async fn close(&mut self, caller: &mut Caller, next: &Next, weather: Weather) -> Result<(), Trouble> {
        if ended(next)
            && let Some(over) = caller.leaving()?
        {
            for _ in 0..=usize::from(weather.again.is_some()) {
                over.post(&self.line).await?.successful(&over.url)?;
            }
        }
        let Some((again, reply)) = weather.again.map(|form| self.past.again(form)).transpose()?.flatten() else { return Ok(()) };
        self.note("posts it again after the answer");
        let answer = self.fetch(&again).await?;
        self.must(waits(&answer) || answer == reply, "a repeated request got another answer");
        Ok(())
    }

    /// The caller hangs up shortly before or after `asked` is sent; it belongs to the turn of `request`, or is its poll.
    async fn hang_up_around(&mut self, caller: &mut Caller, request: &Request, asked: &Request, around: Around) -> Result<Carried, Trouble> {
        let Some(over) = caller.leaving()? else { return Err(Trouble::Ended) };
        let poll = asked != request;
        self.note(format!("the caller hangs up{}: {around:?}", if poll { " at a redirect" } else { "" }));
        let (early, late) = match around {
            Around::Before(apart) => (Duration::ZERO, apart),
            Around::After(apart) => (apart, Duration::ZERO),
        };
        let told = AtomicBool::new(false);
        let end = async {
            sleep(early).await;
            let answer = over.post(&self.line).await;
            told.store(true, Ordering::SeqCst);
            answer
        };
        let turn = async {
            sleep(late).await;
            (told.load(Ordering::SeqCst), asked.post(&self.line).await)
        };
        let (end, (too_late, turn)) = join!(end, turn);
        end?.successful(&over.url)?;
        let first = documented(asked, turn?)?;
        let reply = self.reply_later(request).await?;
        // A ring is answered whatever was said of the call before it.
        let ran_too_late = too_late && !poll && self.turns() > 0 && first.is_some();
        self.must(!ran_too_late, "a turn ran after the end of the call");
        let stable = match (&first, &reply) {
            (Some(first), Some(reply)) => waits(first) || first == reply,
            (None, None) => true,
            (Some(first), None) => waits(first),
            (None, Some(_)) => poll,
        };
        self.must(stable, "a turn at the end of a call got two answers");
        self.past.push(request.clone(), reply.clone());
        let mut said = Vec::new();
        reply
            .map(|reply| caller.follow(request, &reply, &mut said))
            .transpose()?
            .map_or(Ok(Carried::Unheard(None)), |_| Ok(Carried::Unheard(Some(said.join(" ")))))
    }

    /// The reply a turn has in the end, asked for by its own request; none if it was refused.
    async fn reply_later(&self, request: &Request) -> Result<Option<String>, Trouble> {
        for _ in 0..REDIRECTS {
            match documented(request, request.post(&self.line).await?)? {
                Some(twiml) if waits(&twiml) => {}
                reply => return Ok(reply),
            }
        }
        Err(Trouble::Loop(REDIRECTS))
    }

    async fn fetch(&self, request: &Request) -> Result<String, Trouble> {
        request.document(request.post(&self.line).await?)
    }

    fn status_address(&self) -> Result<url::Url, Trouble> {
        self.line.resolve(&self.line.webhook()?, "/webhooks/twilio/status")
    }

    fn must(&mut self, holds: bool, fault: &str) {
        if !holds {
            self.faults.push(fault.to_owned());
        }
    }

    fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

/// The document of an answer; none where a turn is refused because it is not open.
fn documented(request: &Request, answer: Answer) -> Result<Option<String>, Trouble> {
    match request.document(answer) {
        Ok(twiml) => Ok(Some(twiml)),
        Err(Trouble::Forbidden { .. }) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// What a reply says that the caller does not hear.
fn said_in(caller: &Caller, request: &Request, twiml: &str) -> Result<String, Trouble> {
    let mut said = Vec::new();
    caller.understand(request, twiml, &mut said)?;
    Ok(said.join(" "))
}
