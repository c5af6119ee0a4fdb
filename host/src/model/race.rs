//! Which model of several is asked, and when another one is.
//!
//! Lives here: the order, fail-over, the one question more when nothing comes, all within a deadline.
//! Never here: a single question (`ask.rs`), what becomes of an answer (`mod.rs`).

use super::answer::Answer;
use super::ask::Failure;
use super::peer::Peer;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Another attempt needs at least this much time.
const WORTH_A_TRY: Duration = Duration::from_millis(200);
/// Questions a turn may ask, all in all.
const MOST: usize = 4;
/// When nothing has come after this part of the time, in percent, another question is asked beside the first.
const HEDGE: u32 = 40;

/// What came of a race.
pub(super) struct Raced<'a> {
    /// The model that answered first, or the last failure; no failure when nobody may be asked now.
    pub(super) answer: Result<(&'a Peer, Answer), Option<Failure>>,
    /// How many questions were asked.
    pub(super) asked: usize,
}

/// An attempt under way.
struct Attempt<'a> {
    peer: usize,
    answer: Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send + 'a>>,
}

struct Race<'a, B> {
    peers: &'a [Peer],
    /// The bytes of the question to a model.
    body: B,
    deadline: Instant,
    /// Whether a word of an answer has come.
    came: Arc<AtomicBool>,
    /// The model whose turn it is.
    next: usize,
    /// Whether a model has been asked a second time.
    again: bool,
    asked: usize,
    running: Vec<Attempt<'a>>,
    /// Models that have failed in this turn: a breaker counts turns.
    failed: Vec<usize>,
}

/// Asks until the first whole answer, never longer than the budget.
pub(super) async fn race<'a, B: Fn(&Peer) -> Vec<u8>>(peers: &'a [Peer], body: B, budget: Duration) -> Raced<'a> {
    let began = Instant::now();
    let came = Arc::default();
    let mut race = Race { peers, body, deadline: began + budget, came, next: 0, again: false, asked: 0, running: Vec::new(), failed: Vec::new() };
    let answer = race.run(began + budget * HEDGE / 100).await;
    Raced { answer, asked: race.asked }
}

impl<'a, B: Fn(&Peer) -> Vec<u8>> Race<'a, B> {
    async fn run(&mut self, hedge: Instant) -> Result<(&'a Peer, Answer), Option<Failure>> {
        if !self.start(None) {
            return Err(None);
        }
        let mut hedged = false;
        loop {
            tokio::select! {
                biased;
                (peer, answer) = first(&mut self.running) => match answer {
                    Ok(answer) => return Ok(self.won(peer, answer)),
                    Err(failure) => {
                        self.lost(peer, &failure);
                        // When the time of a single question is up, so may be the turn's.
                        let same = failure.may_pass().then_some(peer);
                        let time = self.deadline.saturating_duration_since(Instant::now()) >= WORTH_A_TRY;
                        if !(time && self.start(same)) && self.running.is_empty() {
                            return Err(Some(failure));
                        }
                    }
                },
                () = sleep_until(hedge), if !hedged => {
                    hedged = true;
                    if let [only] = self.running.as_slice() && !self.came.load(Ordering::Relaxed) {
                        let same = only.peer;
                        self.start(Some(same));
                    }
                }
                () = sleep_until(self.deadline) => {
                    for attempt in std::mem::take(&mut self.running) {
                        self.lost(attempt.peer, &Failure::Late);
                    }
                    return Err(Some(Failure::Late));
                }
            }
        }
    }

    /// Asks the next model, or else `same` once more. False when there is nobody to ask.
    fn start(&mut self, same: Option<usize>) -> bool {
        if self.asked >= MOST {
            return false;
        }
        let now = Instant::now();
        let ahead = self.next..self.peers.len();
        let free = ahead.clone().find(|peer| self.peers[*peer].breaker.lets_through(now));
        self.next = free.map_or(self.peers.len(), |peer| peer + 1);
        let Some(at) = free.or_else(|| same.filter(|_| !std::mem::replace(&mut self.again, true))) else { return false };
        let peer = &self.peers[at];
        let body = (self.body)(peer);
        let until = peer.timeout.map_or(self.deadline, |timeout| self.deadline.min(now + timeout));
        let came = self.came.clone();
        let answer = async move { timeout_at(until, peer.server.ask(body, &came)).await.unwrap_or(Err(Failure::Late)) };
        self.running.push(Attempt { peer: at, answer: Box::pin(answer) });
        self.asked += 1;
        true
    }

    fn won(&mut self, peer: usize, answer: Answer) -> (&'a Peer, Answer) {
        for other in std::mem::take(&mut self.running) {
            // A model that another one overtook is as good as one that failed; the same one has answered after all.
            if other.peer != peer {
                self.lost(other.peer, &Failure::Late);
            }
        }
        let peer = &self.peers[peer];
        peer.breaker.note(true, Instant::now());
        (peer, answer)
    }

    fn lost(&mut self, at: usize, failure: &Failure) {
        let (peer, now) = (&self.peers[at], Instant::now());
        peer.tally.failed();
        let first = !self.failed.contains(&at);
        self.failed.push(at);
        match failure {
            Failure::Busy(Some(pause)) => peer.breaker.open_for(*pause, now),
            // Nonsense is an answer: the server is there.
            failure if first => peer.breaker.note(matches!(failure, Failure::Bad(super::answer::Bad::Unreadable)), now),
            _ => {}
        }
        let status = failure.status();
        tracing::warn!(gen_ai.request.model = %peer.name, http.status = status, "Model gave no answer: {}", failure.word());
    }
}

/// The attempt that ends first.
async fn first(running: &mut Vec<Attempt<'_>>) -> (usize, Result<Answer, Failure>) {
    std::future::poll_fn(|context| {
        for at in 0..running.len() {
            if let Poll::Ready(answer) = running[at].answer.as_mut().poll(context) {
                return Poll::Ready((running.remove(at).peer, answer));
            }
        }
        Poll::Pending
    })
    .await
}
