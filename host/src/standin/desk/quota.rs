//! The desk's rate: credits in a window, spent by wrong requests too.

use std::time::{Duration, Instant};

/// Credits left in the current window.
pub(super) struct Quota {
    credits: u32,
    window: Duration,
    since: Instant,
    used: u32,
}

/// What a request cost and what is left.
pub(super) struct Spent {
    pub(super) total: u32,
    pub(super) left: u32,
    pub(super) by_this: u32,
}

impl Default for Quota {
    fn default() -> Self {
        Self::new(5000, Duration::from_secs(3600))
    }
}

impl Quota {
    pub(super) fn new(credits: u32, window: Duration) -> Self {
        Self { credits, window, since: Instant::now(), used: 0 }
    }

    /// Takes credits, or says after how many seconds there will be some again.
    pub(super) fn spend(&mut self, cost: u32) -> Result<Spent, (Spent, u64)> {
        let gone = self.since.elapsed();
        if gone >= self.window {
            self.since = Instant::now();
            self.used = 0;
        }
        if self.used + cost > self.credits {
            let wait = self.window.saturating_sub(gone).as_millis().div_ceil(1000);
            let none = Spent { total: self.credits, left: 0, by_this: 0 };
            return Err((none, u64::try_from(wait).unwrap_or(u64::MAX).max(1)));
        }
        self.used += cost;
        Ok(Spent { total: self.credits, left: self.credits - self.used, by_this: cost })
    }
}
