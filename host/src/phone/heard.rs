//! What a caller hears of one answer, and what the line waits for then.
//!
//! Lives here: running a document up to the first thing that needs the caller or another request.
//! Never here: HTTP.

use std::time::Duration;

use url::Url;

use crate::twilio::connect::Connect;
use crate::twilio::twiml::{Dial, Document, Gather, Prompt, Say, Verb};

/// One turn as the caller hears it.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The text of each `<Say>`; digits read one by one are `4-5-2-1`.
    pub said: Vec<String>,
    pub next: Next,
    /// From the first request of the turn to its first answer, which may ask for patience.
    pub first: Duration,
    /// From the first request of the turn to its last answer, redirects included.
    pub took: Duration,
    /// The last document.
    pub twiml: String,
}

/// What comes after what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The line listens and posts what it hears to `action`.
    Gather {
        action: Url,
        finish_on_key: String,
        language: String,
        hints: Vec<String>,
    },
    /// The caller is being connected with somebody.
    Dial(Dialed),
    HungUp,
}

/// Whom a caller is being connected with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialed {
    /// A number, `sip:user@host` or `queue:NAME`.
    pub party: String,
    /// Where it is posted how that went, if anywhere.
    pub action: Option<Url>,
    /// Where what the person hears first is fetched from.
    pub whisper: Option<Url>,
}

impl Heard {
    /// Everything said, as one text.
    pub fn text(&self) -> String {
        self.said.join(" ")
    }
}

/// Where a document leads.
pub(super) enum Leads {
    Gather(Gather),
    Dial(Dial),
    Relay(Connect),
    Redirect(String),
    HungUp,
}

/// Runs a document from the top, adding what it says to `said`. Pauses take no time.
pub(super) fn run(document: Document, said: &mut Vec<String>) -> Leads {
    for verb in document.0 {
        match verb {
            Verb::Say(Say { text, .. }) => said.push(text),
            Verb::Pause(_) => {}
            Verb::Gather(mut gather) => {
                said.extend(gather.prompt.drain(..).filter_map(|prompt| match prompt {
                    Prompt::Say(say) => Some(say.text),
                    Prompt::Pause(_) => None,
                }));
                return Leads::Gather(gather);
            }
            Verb::Dial(dial) => return Leads::Dial(dial),
            Verb::Connect(connect) => return Leads::Relay(connect),
            Verb::Redirect(url) => return Leads::Redirect(url),
            Verb::Reject | Verb::Hangup => return Leads::HungUp,
        }
    }
    Leads::HungUp
}
