//! When a caller hangs up without a goodbye.
//!
//! Lives here: the moments, down to the millisecond.
//! Never here: posting it (`network.rs`).

use std::time::Duration;

use fastrand::Rng;

/// How far a hang-up may be from the request it meets.
const APART: u64 = 200;
/// Callers who hang up do so in one of the first turns.
const TURNS: u32 = 8;

/// A hang-up that is going to happen, if the call gets that far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leave {
    when: When,
    pub(super) around: Around,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// With the request of a turn; the ring is turn 0.
    Turn(u32),
    /// With the first request that asks for what a slow turn comes to.
    Redirect,
}

/// Which is sent first, the end of the call or the request, and how long before the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    Before(Duration),
    After(Duration),
}

impl Leave {
    pub(super) fn draw(draw: &mut Rng) -> Self {
        let when = if draw.u8(..100) < 30 { When::Redirect } else { When::Turn(draw.u32(..TURNS)) };
        let apart = Duration::from_millis(draw.u64(..=APART));
        Self { when, around: if draw.bool() { Around::Before(apart) } else { Around::After(apart) } }
    }

    /// Whether it is now that this turn's own request is due.
    pub(super) fn at(self, turn: usize) -> bool {
        matches!(self.when, When::Turn(at) if at as usize == turn)
    }

    pub(super) const fn at_a_redirect(self) -> bool {
        matches!(self.when, When::Redirect)
    }
}
