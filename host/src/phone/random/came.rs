//! What a call came to, noticed turn by turn.
//!
//! Lives here: whether a yes was taken, how long answers took, what was wrong, the outcome.
//! Never here: the closed list of outcomes and their words (`outcome.rs`), talking (`call.rs`).

use std::time::Duration;

use super::outcome::{Outcome, error};
use crate::phone::{heard::Heard, script::Ending};

/// A turn that takes longer is a fault: the network waits no longer for one answer.
const SLOW: Duration = Duration::from_secs(15);
/// Heard by whoever has reported a card.
const REPORTED: &str = "quedó registrado";
/// Heard instead where somebody else has reported it since the question.
const REPORTED_BEFORE: &str = "ya tiene un reporte abierto";

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

/// Whether the caller said yes to a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Yes {
    No,
    /// With keys that may belong to too many others.
    Perhaps,
    Clear,
}

impl Came {
    /// Takes note of how long an answer took.
    pub(super) fn took(&mut self, heard: &Heard) {
        self.turns.push(heard.took);
        if heard.took >= SLOW {
            self.wrong(format!("a turn took {} s or more", SLOW.as_secs()));
        }
    }

    /// Takes note of what an answer says, heard or not.
    pub(super) fn judge(&mut self, said: &str, yes: Yes) {
        let reported = said.contains(REPORTED);
        self.confirmed |= yes != Yes::No && reported;
        if yes == Yes::Clear && !reported && !said.contains(REPORTED_BEFORE) {
            self.wrong("a clear yes was not taken".to_owned());
        }
        if let Some(words) = error(said) {
            self.wrong(format!("«{words}» was said"));
        }
    }

    /// The call has ended so, and `heard` is everything the caller heard.
    pub(super) fn end(&mut self, heard: &str, ending: Ending) {
        let unheard = self.confirmed && !heard.contains(REPORTED);
        self.outcome = if unheard { Some(Outcome::ReportedUnheard) } else { Outcome::of(heard, ending) };
        if self.outcome.is_none() {
            self.wrong(format!("the call ended by {ending}, and nothing was heard that such a call may come to"));
        }
    }

    pub(super) fn wrong(&mut self, fault: String) {
        self.faults.push(fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &[(&str, Yes)], ending: Ending, heard: &str, outcome: Option<Outcome>, faults: &[&str]) {
        let mut came = Came::default();
        said.iter().for_each(|(said, yes)| came.judge(said, *yes));
        came.end(heard, ending);
        assert_eq!((came.outcome, came.faults), (outcome, faults.iter().map(ToString::to_string).collect()));
    }

    #[test]
    fn a_call_comes_to_the_furthest_that_was_heard() {
        let reported = "Tu reporte quedó registrado el lunes. El número de ticket es 7.";
        check(&[(reported, Yes::Clear)], Ending::HungUp, "… El número de ticket es 7. … Gracias por llamar. quedó registrado", Some(Outcome::Ticket), &[]);
        check(&[(reported, Yes::Clear)], Ending::Caller, "¿Confirmas?", Some(Outcome::ReportedUnheard), &[]);
        check(&[("Te comunico con una persona.", Yes::No)], Ending::Dialed, "Te comunico con una persona.", Some(Outcome::Person), &[]);
    }

    #[test]
    fn what_no_call_may_come_to_is_a_fault() {
        check(&[("¿Confirmas?", Yes::Clear)], Ending::Caller, "", Some(Outcome::HungUp), &["a clear yes was not taken"]);
        check(&[("¿Confirmas?", Yes::Perhaps)], Ending::Caller, "", Some(Outcome::HungUp), &[]);
        let nothing = "the call ended by hangup, and nothing was heard that such a call may come to";
        check(&[], Ending::HungUp, "Buenos días.", None, &[nothing]);
        let said = "Disculpa, tenemos una falla técnica en este momento. Te comunico con una persona.";
        check(&[(said, Yes::No)], Ending::Dialed, said, Some(Outcome::Person), &["«Disculpa, tenemos una falla técnica en este momento.» was said"]);
    }
}
