//! Many calls at once.
//!
//! Lives here: whose calls they are, how many are open at the same time, and counting them.
//! Never here: what happens in a call (`play.rs`, `random/`), arguments (`command.rs`).

use std::{sync::Arc, time::Instant};

use anyhow::bail;
use tokio::{sync::Semaphore, task::JoinSet, time::sleep};

use super::{
    line::{Line, Trouble},
    play::play,
    random::{Came, RandomCall},
    report::{Counted, Replay, Report},
    script::{Pause, Script},
};

/// Who calls.
pub(super) enum Callers {
    /// Everybody says what the script says.
    Script(Script),
    /// The first is drawn from this seed, the next from the one after it.
    Random(u64),
}

/// What the calls have in common.
pub(super) struct Crowd {
    pub(super) line: Arc<Line>,
    pub(super) callers: Callers,
    pub(super) to: String,
    pub(super) pause: Option<Pause>,
}

impl Crowd {
    /// Calls once from each number, at most `concurrency` at a time.
    pub(super) async fn call(self, numbers: Vec<String>, concurrency: usize) -> anyhow::Result<Report> {
        let (free, began, crowd) = (Arc::new(Semaphore::new(concurrency)), Instant::now(), Arc::new(self));
        let mut report = Report::new(matches!(crowd.callers, Callers::Random(_)));
        let mut open = JoinSet::new();
        for (nth, from) in (0..).zip(numbers) {
            let permit = Arc::clone(&free).acquire_owned().await?;
            let crowd = Arc::clone(&crowd);
            open.spawn(async move {
                let counted = crowd.one(nth, from).await;
                drop(permit);
                counted
            });
            while let Some(counted) = open.try_join_next() {
                report.add(counted?);
            }
        }
        while let Some(counted) = open.join_next().await {
            report.add(counted?);
        }
        report.elapsed = began.elapsed();
        Ok(report)
    }

    async fn one(&self, nth: u64, from: String) -> Counted {
        match &self.callers {
            Callers::Script(script) => play(&self.line, script, &from, &self.to, self.pause, &mut |_| {}).await.into(),
            Callers::Random(first) => {
                let seed = first.wrapping_add(nth);
                let came = drawn(&self.line, seed, &from, &self.to, self.pause, &mut |_| {}).await;
                Counted::drawn(came.unwrap_or_else(|trouble| Came { faults: vec![trouble.to_string()], ..Came::default() }), Replay { seed, from })
            }
        }
    }
}

/// One drawn call from the ring to the end; the caller waits `pause` before each turn, the ring included.
pub(super) async fn drawn(
    line: &Arc<Line>,
    seed: u64,
    from: &str,
    to: &str,
    pause: Option<Pause>,
    tell: &mut (dyn FnMut(&str) + Send),
) -> Result<Came, Trouble> {
    let mut call = RandomCall::new(line, seed, from, to)?;
    loop {
        if let Some(pause) = pause {
            sleep(pause.length().map_err(Trouble::Random)?).await;
        }
        if call.turn(tell).await.is_none() {
            return Ok(call.came_to());
        }
    }
}

/// `count` numbers from `first` upwards.
pub(super) fn numbers(first: &str, count: u32) -> anyhow::Result<Vec<String>> {
    let digits = first.strip_prefix('+').unwrap_or_default();
    let start: Option<u64> = digits.parse().ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_digit()));
    let Some(start) = start else {
        bail!("--from must be `+` and digits to count upwards with --calls, for example +525510000000");
    };
    Ok((start..).take(count as usize).map(|number| format!("+{number}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_upwards() {
        assert!(numbers("Anonymous", 2).is_err() && numbers("+ 5", 2).is_err());
        assert_eq!(numbers("+525510000999", 2).unwrap(), ["+525510000999", "+525510001000"]);
    }
}
