//! What the network does to one turn besides carrying it.
//!
//! Lives here: the mischief, and how often each kind comes.
//! Never here: doing it (`network.rs`), what must come of it (`past.rs`).

use std::time::Duration;

use fastrand::Rng;

use super::nature::weighted;

/// Drawn before the turn; none of it depends on an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weather {
    /// An older request comes again.
    pub(super) late: Option<Late>,
    /// The turn's request goes out a second time this much later, whether or not it was answered.
    pub(super) twice: Option<Duration>,
    /// The turn's request comes again after its answer.
    pub(super) again: Option<Form>,
    /// The status address is told that the call is in progress.
    pub(super) progress: bool,
}

/// How an older request comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Late {
    /// Which: any number, of the turns there have been.
    pub(super) which: usize,
    pub(super) form: Form,
    /// At the same time as the turn, instead of before it.
    pub(super) meanwhile: bool,
}

/// What of a repeated request is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Same,
    /// The form, not the event.
    AnotherEvent,
    /// The event, not the body.
    AnotherBody,
    /// The address alone.
    Another,
}

impl Weather {
    pub(super) fn draw(draw: &mut Rng) -> Self {
        let late = Late { which: draw.usize(..), form: Form::draw(draw), meanwhile: draw.bool() };
        let (apart, form) = (Duration::from_millis(draw.u64(..60)), Form::draw(draw));
        Self {
            late: (draw.u8(..100) < 12).then_some(late),
            twice: (draw.u8(..100) < 15).then_some(apart),
            again: (draw.u8(..100) < 12).then_some(form),
            progress: draw.u8(..100) < 6,
        }
    }
}

impl Form {
    fn draw(draw: &mut Rng) -> Self {
        weighted(draw, &[(40, Self::Same), (20, Self::AnotherEvent), (15, Self::AnotherBody), (25, Self::Another)])
    }
}
