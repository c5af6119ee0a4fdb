//! How a call came out, as far as the caller can tell.
//!
//! Lives here: the closed list, and the words it is told by.
//! Never here: rows and tickets, which callers do not see.

use std::fmt;

use super::super::script::Ending;
use crate::twilio::twiml::APOLOGY;

/// Every way in which a call may come out. There is none for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Ticket,
    TicketOwed,
    TicketByHand,
    /// The caller was gone before they could hear it.
    ReportedUnheard,
    AlreadyReported,
    AlreadyBlocked,
    Unverified,
    CallBack,
    Declined,
    NoCard,
    Person,
    LineBusy,
    NobodyThere,
    Goodbye,
    HungUp,
}

/// What is heard, the furthest first: who was told a ticket number and then said goodbye has a ticket.
const HEARD: [(&str, Outcome); 11] = [
    ("El número de ticket es", Outcome::Ticket),
    ("tu ticket queda pendiente", Outcome::TicketOwed),
    ("No pude generar el ticket, pero tu reporte está guardado", Outcome::TicketByHand),
    ("ya tiene un reporte abierto", Outcome::AlreadyReported),
    ("ya está bloqueada desde", Outcome::AlreadyBlocked),
    ("No pude confirmar tus datos. Dejé anotado", Outcome::Unverified),
    ("Dejé anotado tu aviso", Outcome::CallBack),
    ("no reporté ninguna tarjeta", Outcome::Declined),
    ("una que se pueda reportar", Outcome::NoCard),
    ("tenemos muchas llamadas", Outcome::LineBusy),
    ("Como no te escucho, voy a terminar", Outcome::NobodyThere),
];

/// What nobody should hear.
const ERRORS: [&str; 4] = [APOLOGY, "Tuve un problema y no puedo seguir", "No pude registrar tu reporte", "no puedo consultar tus tarjetas"];

impl Outcome {
    /// What a call came to in which `heard` was heard, and which ended so.
    pub(super) fn of(heard: &str, ending: Ending) -> Option<Self> {
        let said = HEARD.iter().find(|(words, _)| heard.contains(words)).map(|(_, outcome)| *outcome);
        said.or_else(|| match ending {
            Ending::Dialed => Some(Self::Person),
            Ending::Caller => Some(Self::HungUp),
            Ending::HungUp => heard.contains("Gracias por llamar").then_some(Self::Goodbye),
        })
    }
}

/// The sentence of an error in a text.
pub(super) fn error(text: &str) -> Option<&'static str> {
    ERRORS.into_iter().find(|words| text.contains(words))
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ticket => "reported, ticket number heard",
            Self::TicketOwed => "reported, ticket owed",
            Self::TicketByHand => "reported, ticket by hand",
            Self::ReportedUnheard => "reported, hung up before the answer",
            Self::AlreadyReported => "already reported",
            Self::AlreadyBlocked => "already blocked",
            Self::Unverified => "unverified note",
            Self::CallBack => "call-back note",
            Self::Declined => "declined",
            Self::NoCard => "no card to report",
            Self::Person => "person",
            Self::LineBusy => "line busy",
            Self::NobodyThere => "silence ended",
            Self::Goodbye => "goodbye",
            Self::HungUp => "caller hung up",
        })
    }
}
