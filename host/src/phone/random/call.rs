//! One call that is drawn from a seed, turn by turn.
//!
//! Lives here: taking turns, and when the call is over.
//! Never here: whether all was well (`came.rs`), many calls (`many.rs`), rows and tickets.

use std::sync::Arc;

use fastrand::Rng;

use super::{
    answer::Answer,
    came::{Came, Yes},
    nature::Nature,
    network::{Carried, Network},
    question::Question,
    weather::Weather,
};
use crate::phone::{
    caller::{Caller, ended},
    heard::{Heard, Next},
    line::{Line, Trouble},
    play,
    request::Request,
    script::{Deed, Ending},
};

/// A call goes on for no more turns.
const TURNS: usize = 60;

/// A call that is drawn from a seed. The same seed does the same to the same answers.
pub struct RandomCall {
    caller: Caller,
    network: Network,
    draw: Rng,
    nature: Nature,
    ring: Option<Request>,
    /// The questions so far, the open one last.
    asked: Vec<Question>,
    deeds: Vec<Deed>,
    heard: String,
    /// Whether a person took the call.
    talked: bool,
    over: bool,
    came: Came,
}

impl RandomCall {
    /// A call from `from` to `to` that has not rung yet.
    ///
    /// # Errors
    /// [`Trouble`] if there is nothing to call.
    pub fn new(line: &Arc<Line>, seed: u64, from: &str, to: &str) -> Result<Self, Trouble> {
        let (caller, ring) = Caller::dial(line, from, to)?;
        let mut draw = Rng::with_seed(seed);
        let nature = Nature::draw(&mut draw, from);
        let (network, came) = (Network::new(line), Came::default());
        Ok(Self {
            caller,
            network,
            draw,
            nature,
            ring: Some(ring),
            asked: Vec::new(),
            deeds: Vec::new(),
            heard: String::new(),
            talked: false,
            over: false,
            came,
        })
    }

    /// The name of the call.
    pub fn call_sid(&self) -> &str {
        self.caller.call_sid()
    }

    /// Takes the next turn, the ring first: what the answer said, whether or not the caller was still there to hear it;
    /// `None` after the end. `tell` gets the conversation line by line.
    pub async fn turn(&mut self, tell: &mut (dyn FnMut(&str) + Send)) -> Option<String> {
        if self.over {
            return None;
        }
        match self.taken(tell).await {
            Ok(said) => Some(said),
            Err(trouble) => {
                self.came.wrong(trouble.to_string());
                self.over = true;
                // A call that broke must not stay open at the server; the first trouble is what counts.
                self.caller.hang_up().await.ok();
                None
            }
        }
    }

    /// What the call came to, once there is no turn left.
    pub fn came_to(mut self) -> Came {
        self.came.faults.append(&mut self.network.faults);
        self.came
    }

    async fn taken(&mut self, tell: &mut (dyn FnMut(&str) + Send)) -> Result<String, Trouble> {
        let weather = Weather::draw(&mut self.draw);
        let (request, yes) = match self.ring.take() {
            Some(ring) => (ring, Yes::No),
            None if self.network.turns() >= TURNS => {
                self.came.wrong(format!("the call went on for {TURNS} turns"));
                self.left().await?;
                return Ok(String::new());
            }
            None => self.deed(tell).await?,
        };
        let carried = self.network.carry(&mut self.caller, request, weather, self.nature.leave).await;
        self.network.notes.drain(..).for_each(|note| tell(&format!("network:   {note}")));
        match carried? {
            Carried::Heard(heard, later) => {
                let said = self.hear(&heard, tell);
                self.came.judge(&format!("{said} {}", later.unwrap_or_default()), yes);
                if ended(&heard.next) {
                    self.end(play::ended(&heard.next).unwrap_or(Ending::HungUp));
                }
                Ok(said)
            }
            Carried::Unheard(said) => {
                tell(&format!("unheard:   {}", said.as_deref().unwrap_or("[refused]")));
                said.iter().for_each(|said| self.came.judge(said, yes));
                self.left().await?;
                Ok(said.unwrap_or_default())
            }
        }
    }

    /// The caller's next deed as a request, and whether it is a yes to a report.
    async fn deed(&mut self, tell: &mut (dyn FnMut(&str) + Send)) -> Result<(Request, Yes), Trouble> {
        let Answer { deed, yes } = self.answer();
        tell(&format!("caller:    {}", told(&deed)));
        self.talked |= matches!(deed, Deed::Person(how) if how.reached());
        let request = self.request(&deed).await?;
        // Keys after too many of them are left alone on purpose.
        let keyed_before = self.asked.ends_with(&[Question::Consent, Question::Consent]) && matches!(self.deeds.last(), Some(Deed::Keys(_)));
        let perhaps = keyed_before && matches!(deed, Deed::Keys(_));
        self.deeds.push(deed);
        Ok((
            request,
            if !yes {
                Yes::No
            } else if perhaps {
                Yes::Perhaps
            } else {
                Yes::Clear
            },
        ))
    }

    fn answer(&mut self) -> Answer {
        if let Next::Dial(_) = self.caller.next() {
            return Answer::person(&mut self.draw);
        }
        let question = self.asked.last().copied().unwrap_or(Question::Help);
        let nth = self.asked.iter().filter(|asked| **asked == question).count().saturating_sub(1);
        Answer::draw(&mut self.draw, &self.nature, question, nth)
    }

    async fn request(&self, deed: &Deed) -> Result<Request, Trouble> {
        match deed {
            Deed::Say(text) => self.caller.saying(text),
            Deed::Keys(keys) => self.caller.keying(keys),
            Deed::Silence => self.caller.keeping_silent(),
            Deed::Person(how) => {
                if how.reached() {
                    self.caller.whispered().await?;
                }
                self.caller.coming_back(*how)
            }
            Deed::HangUp => Err(Trouble::Ended),
        }
    }

    fn hear(&mut self, heard: &Heard, tell: &mut (dyn FnMut(&str) + Send)) -> String {
        let said = heard.text();
        tell(&format!("assistant: {said}\n           ({:.1} ms)", heard.took.as_secs_f64() * 1e3));
        self.came.took(heard);
        self.heard.push_str(&said);
        self.asked.push(Question::asked(&said));
        said
    }

    /// The caller is gone.
    async fn left(&mut self) -> Result<(), Trouble> {
        self.caller.hang_up().await?;
        self.end(Ending::Caller);
        Ok(())
    }

    fn end(&mut self, ending: Ending) {
        self.over = true;
        self.came.end(&self.heard, if self.talked { Ending::Dialed } else { ending });
    }
}

/// A deed as it is told.
fn told(deed: &Deed) -> String {
    match deed {
        Deed::Say(text) => text.clone(),
        Deed::Keys(keys) => format!("[keys {keys}]"),
        Deed::Silence => "[silence]".to_owned(),
        Deed::Person(how) => format!("[person: {}]", how.word()),
        Deed::HangUp => "[hangs up]".to_owned(),
    }
}
