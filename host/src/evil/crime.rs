//! A line of the suite: what is done, how it ends, which guard ends it, and what it gets without that guard.

use super::bed::{Bed, End};
use crate::guard::{Guard, take_down};
use crate::release::Release;
use crate::sandbox::{Sandbox, Settings};
use centralita_engine::Ending;
use std::sync::Arc;

/// A crime and its guard.
#[derive(Clone, Copy)]
#[must_use = "a line proves something when it is checked"]
pub(super) struct Crime {
    action: &'static str,
    told: &'static str,
    binding: &'static str,
    /// What is read back afterwards.
    then: Option<&'static str>,
    /// Other guards and limits that would hide this one, out of the way both times.
    with: fn(&mut Release),
    others: &'static [Guard],
    ending: Ending,
    words: &'static str,
    off: Off,
    gets: &'static str,
}

/// How a guard is taken down.
#[derive(Clone, Copy)]
enum Off {
    /// It cannot be: the engine itself ends such a run.
    Never,
    Guard(Guard),
    /// A number, raised.
    Limit(fn(&mut Release)),
    /// A wall of the engine, moved.
    Wall(fn() -> Settings),
}

/// A crime that the evil plugin commits under this name.
pub(super) fn crime(action: &'static str) -> Crime {
    Crime { action, told: "", binding: "desk", then: None, with: |_| {}, others: &[], ending: Ending::Done, words: "", off: Off::Never, gets: "" }
}

impl Crime {
    /// What the plugin is told to do it with.
    pub(super) fn told(self, told: &'static str) -> Self {
        Self { told, ..self }
    }

    pub(super) fn at(self, binding: &'static str) -> Self {
        Self { binding, ..self }
    }

    /// A second run reads back what the first wrote: `slot`, `class`, or a statement.
    pub(super) fn then_read(self, what: &'static str) -> Self {
        Self { then: Some(what), ..self }
    }

    pub(super) fn with(self, with: fn(&mut Release)) -> Self {
        Self { with, ..self }
    }

    pub(super) fn others(self, others: &'static [Guard]) -> Self {
        Self { others, ..self }
    }

    /// How it ends: these words are in the reason, or, if it ends well, in what it got.
    pub(super) fn ends(self, ending: Ending, words: &'static str) -> Self {
        Self { ending, words, ..self }
    }

    pub(super) fn without(self, guard: Guard) -> Self {
        Self { off: Off::Guard(guard), ..self }
    }

    pub(super) fn unless(self, raised: fn(&mut Release)) -> Self {
        Self { off: Off::Limit(raised), ..self }
    }

    pub(super) fn behind(self, moved: fn() -> Settings) -> Self {
        Self { off: Off::Wall(moved), ..self }
    }

    /// What it gets without the guard: the loot, or the reason it then ends with, holds these words.
    pub(super) async fn gets(self, gets: &'static str) {
        Self { gets, ..self }.check().await;
    }

    /// There is no guard to take down: it is contained, that is all.
    pub(super) async fn always(self) {
        self.check().await;
    }

    async fn check(self) {
        let name = format!("{} «{}»", self.action, self.told);
        {
            let _down = take_down(self.others);
            let mut bed = Bed::open(self.with).await;
            let end = self.commit(&mut bed).await;
            let words = if end.ending == Ending::Done { &end.loot } else { &end.detail };
            assert!(end.ending == self.ending && words.contains(self.words), "{name}: with its guard it ends {end:?}");
            assert!(self.binding == "other" || bed.other.asked() == 0, "{name}: it reached the other machine");
            let _stand_again = take_down(&[]);
            assert_eq!(bed.good().await, Ending::Done, "{name}: what stands beside it goes on");
        }
        let down: Vec<Guard> = self.others.iter().copied().chain(if let Off::Guard(guard) = self.off { Some(guard) } else { None }).collect();
        let _down = take_down(&down);
        let mut bed = match self.off {
            Off::Never => return,
            Off::Guard(_) => Bed::open(self.with).await,
            Off::Limit(raised) => Bed::open_twice(self.with, raised).await,
            Off::Wall(moved) => Bed::on(Arc::new(Sandbox::with(None, moved()).expect("an engine")), self.with, |_| {}).await,
        };
        let end = self.commit(&mut bed).await;
        let got = format!("{} {} {} reached {}", end.loot, end.detail, end.said.join(" "), bed.other.asked());
        assert!(got.contains(self.gets), "{name}: without its guard it gets {end:?}, reached {}", bed.other.asked());
    }

    async fn commit(&self, bed: &mut Bed) -> End {
        bed.tell(self.told, self.binding);
        let first = bed.run(self.action).await;
        let Some(what) = self.then else { return first };
        if first.ending != Ending::Done {
            // Nothing was written; whether that is so is read all the same.
            bed.tell(what, self.binding);
            let read = bed.run("evil_read_back").await;
            assert!(!read.loot.contains("4521"), "{}: {read:?}", self.action);
            return first;
        }
        bed.tell(what, self.binding);
        bed.run("evil_read_back").await
    }
}
