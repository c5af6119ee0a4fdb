//! What a caller does at a question.
//!
//! Lives here: the words and keys of each kind of caller, and their slips.
//! Never here: what the caller is like (`nature.rs`), what is done to the request (`weather.rs`).

use fastrand::Rng;

use super::{
    nature::{Consent, Digits, Nature, Wish, weighted},
    question::Question,
};
use crate::{phone::script::Deed, twilio::form::DialStatus};

const REPORTS: [&str; 6] = [
    "me robaron la tarjeta",
    "perdí mi tarjeta",
    "me clonaron la tarjeta",
    "necesito bloquear mi tarjeta",
    "no encuentro mi tarjeta",
    "quiero reportar mi tarjeta",
];
const OTHERS: [&str; 2] = ["cuál es mi saldo", "quiero saber mi saldo"];
const PERSONS: [&str; 3] = ["quiero hablar con una persona", "persona", "pásame con un ejecutivo"];
const YES: [&str; 4] = ["sí", "sí, por favor", "sí, confirmo", "claro que sí"];
const NO: [&str; 3] = ["no", "no, gracias", "mejor no"];
const UNCLEAR: [&str; 4] = ["no sé", "tal vez", "quién sabe", "espérame tantito"];
const NOISE: [&str; 4] = ["el perro azul salta", "las nubes de colores", "se cayó la cuchara", "mira qué bonito"];
const UNKNOWN: [&str; 3] = ["no me los sé", "no me acuerdo", "no la tengo conmigo"];
const NUMERALS: [&str; 10] = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"];

/// What a caller does, and whether it is a yes to the question that was open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) deed: Deed,
    pub(super) yes: bool,
}

impl Answer {
    /// Draws what a caller does at `question`, which is asked for the `nth` time, from 0.
    pub(super) fn draw(draw: &mut Rng, nature: &Nature, question: Question, nth: usize) -> Self {
        let deed = match nature.wish {
            _ if draw.u8(..100) < nature.slips => slip(draw, nature),
            Wish::Nothing => Deed::Silence,
            Wish::Noise => say(draw, &NOISE),
            Wish::Person if question == Question::Help => wants_person(draw, nature),
            Wish::Report | Wish::Other | Wish::Person => nature.at(draw, question, nth),
        };
        let yes = question == Question::Consent && is_yes(&deed);
        Self { deed, yes }
    }

    /// Draws how the person takes the call that goes to them.
    pub(super) fn person(draw: &mut Rng) -> Self {
        let how = [(50, DialStatus::Completed), (20, DialStatus::NoAnswer), (20, DialStatus::Busy), (10, DialStatus::Failed)];
        Self { deed: Deed::Person(weighted(draw, &how)), yes: false }
    }
}

impl Nature {
    const fn says_yes(&self, nth: usize) -> bool {
        match self.consent {
            Consent::Yes => true,
            Consent::No | Consent::Unclear => false,
            Consent::UnclearThenYes => nth > 0,
        }
    }

    fn at(&self, draw: &mut Rng, question: Question, nth: usize) -> Deed {
        match question {
            Question::Help if nth > 1 => say(draw, &["adiós", "es todo, gracias"]),
            Question::Help if self.wish == Wish::Other => say(draw, &OTHERS),
            Question::Help => keys_or(draw, self.keys, &["1"], &REPORTS),
            Question::LastFour => self.last_four(draw, nth),
            Question::Rest => spoken(&self.card[2..]),
            Question::Choice => keys_or(draw, self.keys, &["1", "2", "3"], &["débito", "crédito", "todas", "las dos"]),
            Question::Kind => keys_or(draw, self.keys, &["1", "2"], &["débito", "la de crédito"]),
            Question::Client if self.digits == Digits::Unknown => say(draw, &UNKNOWN),
            // Nobody's.
            Question::Client if self.digits == Digits::Wrong => spoken("999999"),
            Question::Client if self.keys => Deed::Keys(format!("{}#", self.client)),
            Question::Client => spoken(&self.client),
            Question::Consent => self.consents(draw, nth),
            Question::Resume if self.wish == Wish::Other => keys_or(draw, self.keys, &["2"], &NO),
            Question::Resume => keys_or(draw, self.keys, &["1"], &YES),
            Question::Person | Question::PersonAgain if self.person => keys_or(draw, self.keys, &["1"], &YES),
            Question::Person | Question::PersonAgain => keys_or(draw, self.keys, &["2"], &NO),
        }
    }

    fn last_four(&self, draw: &mut Rng, nth: usize) -> Deed {
        let digits = match self.digits {
            Digits::Right => self.card.clone(),
            Digits::Corrected if nth > 0 => self.card.clone(),
            // Beyond the demo's cards.
            Digits::Wrong | Digits::Corrected => draw.u32(6000..7000).to_string(),
            Digits::Unknown => return say(draw, &UNKNOWN),
            Digits::Overflow => {
                let more = draw.usize(1..40);
                return Deed::Keys((0..4 + more).map(|_| char::from(b'0' + draw.u8(..10))).collect());
            }
        };
        match draw.u8(..100) {
            _ if self.keys => Deed::Keys(format!("{digits}#")),
            0..15 => spoken(&digits[..2]),
            15..40 => Deed::Say(digits),
            _ => spoken(&digits),
        }
    }

    fn consents(&self, draw: &mut Rng, nth: usize) -> Deed {
        match self.consent {
            Consent::No => keys_or(draw, self.keys, &["2", "2#"], &NO),
            _ if self.says_yes(nth) => keys_or(draw, self.keys, &["1", "1#"], &YES),
            _ => keys_or(draw, self.keys, &["5#", "11#", "*"], &UNCLEAR),
        }
    }
}

/// Something that this caller did not mean to do, or not now.
fn slip(draw: &mut Rng, nature: &Nature) -> Deed {
    match draw.u8(..100) {
        0..25 => Deed::Silence,
        25..45 => say(draw, &NOISE),
        45..55 => say(draw, &["puedes repetir", "qué dijiste"]),
        55..65 => say(draw, &["ya no quiero", "olvídalo", "cancela todo"]),
        65..72 => wants_person(draw, nature),
        72..77 => say(draw, &["adiós", "hasta luego"]),
        77..85 => Deed::Keys((0..draw.usize(1..30)).map(|_| char::from(b'0' + draw.u8(..10))).collect()),
        // Talks over the question, and so answers one that was not asked.
        85..95 => Deed::Say(format!("{} terminada en {}", REPORTS[draw.usize(..REPORTS.len())], nature.card)),
        _ => spoken(&nature.card),
    }
}

/// Whether nobody could take it for anything but a yes.
fn is_yes(deed: &Deed) -> bool {
    match deed {
        Deed::Say(text) => YES.contains(&text.as_str()),
        Deed::Keys(keys) => matches!(keys.as_str(), "1" | "1#"),
        Deed::Silence | Deed::Person(_) | Deed::HangUp => false,
    }
}

fn wants_person(draw: &mut Rng, nature: &Nature) -> Deed {
    keys_or(draw, nature.keys, &["0"], &PERSONS)
}

fn say(draw: &mut Rng, texts: &[&str]) -> Deed {
    Deed::Say(texts[draw.usize(..texts.len())].to_owned())
}

fn keys_or(draw: &mut Rng, keys: bool, pressed: &[&str], said: &[&str]) -> Deed {
    if keys { Deed::Keys(pressed[draw.usize(..pressed.len())].to_owned()) } else { say(draw, said) }
}

/// Digits, one by one.
fn spoken(digits: &str) -> Deed {
    let words: Vec<_> = digits.bytes().map(|digit| NUMERALS[usize::from(digit - b'0')]).collect();
    Deed::Say(words.join(" "))
}
