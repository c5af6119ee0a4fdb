//! One call that is drawn from a seed, turn by turn, and what it came to.
//!
//! Lives here: what the caller hears and notices, and when the call is over.
//! Never here: many calls (`command.rs`), rows and tickets.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;

use super::{
    answer::Answer,
    nature::Nature,
    network::{Carried, Network},
    outcome::{Outcome, error},
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
/// A turn that takes longer is a fault: the network waits no longer for one answer.
const SLOW: Duration = Duration::from_secs(15);
/// Heard by whoever has reported a card.
const REPORTED: &str = "quedó registrado";

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

/// What a call came to.
#[derive(Debug, Default)]
pub struct Came {
    /// One of the closed list; none if the call broke.
    pub outcome: Option<Outcome>,
    /// Whether the caller said yes to a report, and the server took it.
    pub confirmed: bool,
    /// How long each answer took, the greeting first.
    pub turns: Vec<Duration>,
    /// What was wrong, in words that are the same for every call with the same fault.
    pub faults: Vec<String>,
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
                self.came.faults.push(trouble.to_string());
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
            Some(ring) => (ring, false),
            None if self.network.turns() >= TURNS => {
                self.came.faults.push(format!("the call went on for {TURNS} turns"));
                return self.left("").await;
            }
            None => {
                let Answer { deed, yes } = self.answer();
                tell(&format!("caller:    {}", told(&deed)));
                self.talked |= matches!(deed, Deed::Person(how) if how.reached());
                let request = self.request(&deed).await?;
                self.deeds.push(deed);
                (request, yes)
            }
        };
        let carried = self.network.carry(&mut self.caller, request, weather, self.nature.leave).await;
        self.network.notes.drain(..).for_each(|note| tell(&format!("network:   {note}")));
        match carried? {
            Carried::Heard(heard, later) => {
                later.iter().for_each(|later| self.judge(later, yes));
                Ok(self.hear(&heard, yes, tell))
            }
            Carried::Unheard(said) => {
                tell(&format!("unheard:   {}", said.as_deref().unwrap_or("[refused]")));
                self.judge(said.as_deref().unwrap_or_default(), yes);
                self.left(said.as_deref().unwrap_or_default()).await
            }
        }
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

    fn hear(&mut self, heard: &Heard, yes: bool, tell: &mut (dyn FnMut(&str) + Send)) -> String {
        let said = heard.text();
        tell(&format!("assistant: {said}\n           ({:.1} ms)", heard.took.as_secs_f64() * 1e3));
        self.came.turns.push(heard.took);
        if heard.took >= SLOW {
            self.came.faults.push(format!("a turn took {} s or more", SLOW.as_secs()));
        }
        self.judge(&said, yes);
        self.heard.push_str(&said);
        self.asked.push(Question::asked(&said));
        if yes && !self.came.confirmed && self.asked.ends_with(&[Question::Consent, Question::Consent]) && !self.may_be_more_keys() {
            self.came.faults.push("a clear yes was not taken".to_owned());
        }
        if ended(&heard.next) {
            self.end(play::ended(&heard.next).unwrap_or(Ending::HungUp));
        }
        said
    }

    /// Whether the last keys may belong to those keyed before them, of which there may have been too many.
    fn may_be_more_keys(&self) -> bool {
        matches!(self.deeds.as_slice(), [.., Deed::Keys(_), Deed::Keys(_)])
    }

    /// Takes note of what an answer says, heard or not.
    fn judge(&mut self, said: &str, yes: bool) {
        self.came.confirmed |= yes && said.contains(REPORTED);
        if let Some(words) = error(said) {
            self.came.faults.push(format!("«{words}» was said"));
        }
    }

    /// The caller is gone.
    async fn left(&mut self, said: &str) -> Result<String, Trouble> {
        self.caller.hang_up().await?;
        self.end(Ending::Caller);
        Ok(said.to_owned())
    }

    fn end(&mut self, ending: Ending) {
        self.over = true;
        let ending = if self.talked { Ending::Dialed } else { ending };
        let unheard = self.came.confirmed && !self.heard.contains(REPORTED);
        self.came.outcome = if unheard { Some(Outcome::ReportedUnheard) } else { Outcome::of(&self.heard, ending) };
        if self.came.outcome.is_none() {
            self.came.faults.push(format!("the call ended by {ending}, and nothing was heard that such a call may come to"));
        }
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
