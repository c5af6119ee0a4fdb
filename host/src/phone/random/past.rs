//! The turns of a call that were answered, and what their requests are answered when they come again.
//!
//! Lives here: the rules for repetitions (`design.md` §3), seen from outside.
//! Never here: posting (`network.rs`).

use super::weather::{Form, Late};
use crate::{
    phone::{line::Trouble, request::Request},
    twilio::{read::read, twiml::Verb},
};

/// Each request with its reply, unless nobody knows it; the ring first.
#[derive(Default)]
pub(super) struct Past(Vec<(Request, Option<String>)>);

/// An older request that comes again.
pub(super) struct OldTurn {
    pub(super) request: Request,
    pub(super) meanwhile: bool,
    reply: String,
    /// Whether the reply is the call's current one, not the turn's own.
    current: bool,
}

impl Past {
    pub(super) const fn turns(&self) -> usize {
        self.0.len()
    }

    pub(super) fn push(&mut self, request: Request, reply: Option<String>) {
        self.0.push((request, reply));
    }

    /// An older turn's request as it comes again before `now`, and what it must be answered.
    pub(super) fn late(&self, late: Late, now: &Request) -> Result<Option<OldTurn>, Trouble> {
        let Some((_, Some(last))) = self.0.last() else { return Ok(None) };
        let which = late.which % self.turns();
        let (old, Some(saved)) = &self.0[which] else { return Ok(None) };
        // A ring of a known call gets its current reply; so does a turn with another form, which may be the same by chance.
        let current = which == 0 || (late.form == Form::Another && old.params != now.params);
        let reply = if current { last } else { saved }.clone();
        Ok(Some(OldTurn { request: changed(old, late.form, now)?, meanwhile: late.meanwhile, reply, current }))
    }

    /// The last turn's request as it comes again, and its reply.
    pub(super) fn again(&self, form: Form) -> Result<Option<(Request, String)>, Trouble> {
        let (Some((ring, _)), Some((last, Some(reply)))) = (self.0.first(), self.0.last()) else { return Ok(None) };
        Ok(Some((changed(last, form, ring)?, reply.clone())))
    }
}

impl OldTurn {
    /// Whether this answers it. Where a turn is under way, its reply may be the current one already.
    pub(super) fn fits(&self, answer: &str, newest: Option<&str>) -> bool {
        answer == self.reply || waits(answer) || (self.current && newest == Some(answer))
    }
}

fn changed(old: &Request, form: Form, other: &Request) -> Result<Request, Trouble> {
    Ok(match form {
        Form::Same => old.clone(),
        Form::AnotherEvent => old.another_event()?,
        Form::AnotherBody => old.with_body(other.params.clone()),
        Form::Another => old.with_body(other.params.clone()).another_event()?,
    })
}

/// Whether a document only asks to wait for another one.
pub(super) fn waits(twiml: &str) -> bool {
    read(twiml).is_ok_and(|document| matches!(document.0.last(), Some(Verb::Redirect(_))))
}
