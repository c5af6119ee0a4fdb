//! Typed answers: the caller's whole utterance, read as the answer to the open question.
//!
//! Lives here: what kinds of answer there are, and the one function that reads them.
//! Never here: which question is open (the flows), what an utterance wants when it answers nothing
//! (`matcher`), storage, time. Everything is a pure function of text.

mod amount;
mod chatter;
mod choice;
mod control;
mod date;
mod digits;
mod name;
mod numerals;
pub mod pan;
mod phrases;
mod stop;
mod unknown;
pub(crate) mod words;
mod yes_no;

pub use control::{Control, control};

use crate::Value;
use jiff::civil::Date;

/// The language the caller speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Spanish of any country.
    Spanish,
    /// English of any country.
    English,
}

impl Language {
    /// The language of a BCP 47 tag such as `es-MX`; anything but English is read as Spanish.
    pub fn of(bcp47: &str) -> Self {
        let primary = bcp47.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("en") { Self::English } else { Self::Spanish }
    }
}

/// The country whose Spanish or English is spoken, where words differ by country.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Region {
    /// Mexico.
    Mexico,
    /// Chile.
    Chile,
    /// Peru.
    Peru,
    /// Colombia.
    Colombia,
    /// Argentina.
    Argentina,
    /// The United States.
    UnitedStates,
    /// Any other, or none named: what differs by country counts nowhere.
    Other,
}

impl Region {
    /// The region of a BCP 47 tag such as `es-MX`.
    pub fn of(bcp47: &str) -> Self {
        let region = bcp47.split(['-', '_']).skip(1).find(|part| part.len() == 2).map(str::to_ascii_uppercase);
        match region.as_deref() {
            Some("MX") => Self::Mexico,
            Some("CL") => Self::Chile,
            Some("PE") => Self::Peru,
            Some("CO") => Self::Colombia,
            Some("AR") => Self::Argentina,
            Some("US") => Self::UnitedStates,
            Some(_) | None => Self::Other,
        }
    }
}

/// What a reading depends on besides the words. A [`Language`] alone is a setting without a country.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// The language.
    pub language: Language,
    /// The country.
    pub region: Region,
    /// Whether the answer is a consent: then nothing counts that is a yes in some countries only.
    pub consent: bool,
    /// What a yes/no question is about, in words without accents, as [`Kind::YesNo`] names it.
    pub about: Vec<String>,
    /// The day it is where callers are; without it nothing is counted from today.
    pub today: Option<Date>,
}

impl Setting {
    /// The setting of a BCP 47 tag such as `es-MX`.
    pub fn of(bcp47: &str) -> Self {
        Self { language: Language::of(bcp47), region: Region::of(bcp47), consent: false, about: Vec::new(), today: None }
    }
}

impl From<Language> for Setting {
    fn from(language: Language) -> Self {
        Self { language, region: Region::Other, consent: false, about: Vec::new(), today: None }
    }
}

/// What reached the line: words of the recogniser or keys of the telephone. Not printable, since it
/// is what a caller said.
#[derive(Clone, Copy)]
pub struct Heard<'a> {
    /// The utterance, or the keys in order (`*` and `#` may occur).
    pub text: &'a str,
    /// Whether `text` was keyed.
    pub keys: bool,
}

/// What the open question asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Yes or no; read as [`Value::Bool`]. Keys: one is yes, two is no.
    YesNo {
        /// The verbs of what the question asks for, in the infinitive ("bloquear"): told to do it, the caller
        /// has said yes.
        doing: Vec<String>,
        /// The slots that hold what is asked about ("4521", "de débito"): naming it beside a yes changes nothing.
        about: Vec<String>,
    },
    /// A number of so many digits; read as text, leading zeros kept.
    Digits {
        /// The fewest digits.
        least: usize,
        /// The most digits.
        most: usize,
    },
    /// The last four digits of a card; read as text. A whole card number gives its last four.
    LastFour,
    /// One of several things; read as the alternative's value.
    Choice(Vec<Alternative>),
    /// An amount of money; read as [`Value::Number`].
    Amount,
    /// A date; read as text, ISO 8601 (`2026-11-25`). Keys: day, month and year, eight in all.
    Date {
        /// Whether it is yet to come, where that is not said ("el lunes", "el 3 de marzo").
        ahead: bool,
    },
    /// A person's name; read as text.
    Name,
    /// Anything; read as the trimmed text.
    Text,
}

/// One thing a caller can choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alternative {
    /// What the slot gets.
    pub value: String,
    /// The key that stands for it.
    pub key: Option<char>,
    /// What callers call it: words or phrases, in any spelling.
    pub words: Vec<String>,
}

/// How the utterance reads as an answer.
#[derive(Clone, PartialEq)]
pub enum Reading {
    /// It answers the question, and nothing but the question.
    Answer(Value),
    /// The caller says that they do not know or do not have it at hand.
    DoesNotKnow,
    /// It is no answer to this question.
    Nothing,
}

/// Reads a whole utterance as the answer to a question of this kind. Total: any text has a reading,
/// and what is not understood completely is [`Reading::Nothing`].
pub fn read(kind: &Kind, heard: &Heard<'_>, setting: impl Into<Setting>) -> Reading {
    let setting = setting.into();
    let language = setting.language;
    let keyed = heard.keys.then(|| if kind.takes_one_key() { alone(heard.text) } else { digits::keyed(heard.text) });
    let spoken = if heard.keys { Vec::new() } else { words::words(heard.text) };
    let answer = match (kind, &keyed) {
        (Kind::YesNo { .. }, Some(keys)) => yes_no::keyed(keys).map(Value::Bool),
        (Kind::YesNo { doing, .. }, None) => yes_no::read(heard.text, &spoken, doing, &setting).map(Value::Bool),
        (Kind::Digits { least, most }, Some(keys)) => (*least..=*most).contains(&keys.len()).then(|| Value::text(keys)),
        (Kind::Digits { least, most }, None) => {
            digits::read(heard.text, &spoken, language, |all| (*least..=*most).contains(&all.len()).then(|| all.to_owned())).map(Value::text)
        }
        (Kind::LastFour, Some(keys)) => digits::fits_card(keys.len()).then(|| Value::text(digits::last_four(keys))),
        (Kind::LastFour, None) => digits::read(heard.text, &spoken, language, digits::of_card).map(Value::text),
        (Kind::Choice(all), Some(keys)) => choice::keyed(all, keys).map(Value::text),
        (Kind::Choice(all), None) => choice::read(heard.text, all, &spoken, language).map(Value::text),
        (Kind::Amount, Some(keys)) => keys.parse().ok().map(Value::Number),
        (Kind::Amount, None) => amount::read(heard.text, language).map(Value::Number),
        (Kind::Date { .. }, Some(keys)) => date::keyed(keys, &setting).map(|date| Value::text(date.to_string())),
        (Kind::Date { ahead }, None) => date::read(heard.text, *ahead, &setting).map(|date| Value::text(date.to_string())),
        (Kind::Name, Some(_)) => None,
        (Kind::Name, None) => name::read(heard, &setting).map(Value::text),
        (Kind::Text, _) => Some(heard.text.trim()).filter(|text| !text.is_empty()).map(Value::text),
    };
    match answer {
        Some(value) => Reading::Answer(value),
        None if unknown::says_so(kind, &spoken, language) => Reading::DoesNotKnow,
        None => Reading::Nothing,
    }
}

impl Kind {
    /// Whether a single key is the answer: keys before or after it make it none.
    pub const fn takes_one_key(&self) -> bool {
        matches!(self, Self::YesNo { .. } | Self::Choice(_))
    }
}

/// The keys of an answer that is one key; the hash that ends the input is none of them.
pub(crate) fn alone(keys: &str) -> String {
    keys.trim().strip_suffix('#').unwrap_or(keys.trim()).to_owned()
}

/// Whether somebody keyed more than the question takes: what else they key may still belong to it.
pub(crate) fn overflows(kind: Option<&Kind>, keys: &str) -> bool {
    let most = match kind {
        None | Some(Kind::YesNo { .. } | Kind::Choice(_)) => 1,
        Some(Kind::LastFour) => {
            let count = digits::keyed(keys).len();
            return count > 4 && !digits::fits_card(count);
        }
        Some(Kind::Digits { most, .. }) => *most,
        Some(Kind::Date { .. }) => 8,
        Some(Kind::Amount | Kind::Name | Kind::Text) => return false,
    };
    keys.chars().filter(char::is_ascii_digit).count() > most
}

/// What an utterance and the digits heard just before it make together.
pub(crate) enum Joined {
    /// The answer.
    Whole(Value),
    /// Still too few digits: all of them so far.
    Piece(String),
}

/// Reads an utterance that is no answer by itself as some of a number's digits, after those of the turn before
/// (`so_far`). The same digits once more may be a repetition, so they join to nothing.
pub(crate) fn joined(kind: &Kind, heard: &Heard<'_>, so_far: Option<&str>, setting: &Setting) -> Option<Joined> {
    let least = match kind {
        Kind::LastFour => 4,
        Kind::Digits { least, .. } => *least,
        Kind::YesNo { .. } | Kind::Choice(_) | Kind::Amount | Kind::Date { .. } | Kind::Name | Kind::Text => return None,
    };
    if heard.keys {
        return None;
    }
    let piece = |text: &str| digits::piece(&words::words(text), setting.language, least);
    let alone = piece(heard.text);
    let Some(so_far) = so_far else { return alone.map(Joined::Piece) };
    if alone.as_deref() == Some(so_far) {
        return None;
    }
    let together = format!("{so_far} {}", heard.text);
    match read(kind, &Heard { text: &together, keys: false }, setting.clone()) {
        Reading::Answer(value) => Some(Joined::Whole(value)),
        Reading::DoesNotKnow | Reading::Nothing => piece(&together).filter(|digits| digits != so_far).or(alone).map(Joined::Piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_kind() -> impl Strategy<Value = Kind> {
        prop_oneof![
            Just(Kind::YesNo { doing: vec!["bloquear".into()], about: Vec::new() }),
            Just(Kind::Digits { least: 4, most: 10 }),
            Just(Kind::LastFour),
            Just(Kind::Amount),
            Just(Kind::Date { ahead: false }),
            Just(Kind::Date { ahead: true }),
            Just(Kind::Name),
            Just(Kind::Text),
            Just(Kind::Choice(vec![Alternative { value: "debit".into(), key: Some('1'), words: vec!["débito".into()] }])),
        ]
    }

    proptest! {
        #[test]
        fn no_text_panics_a_reader(kind in any_kind(), text in "\\PC{0,60}|([a-zñáé ]{0,9}[0-9#*., ]{0,9}){0,6}", keys: bool, english: bool) {
            let setting = Setting { today: Date::new(2026, 11, 25).ok(), ..Setting::of(if english { "en-US" } else { "es-MX" }) };
            let heard = Heard { text: &text, keys };
            read(&kind, &heard, setting.clone());
            control(&heard, setting);
        }
    }

    #[test]
    fn a_number_comes_in_pieces() {
        let join = |so_far: Option<&str>, text: &str| match joined(&Kind::LastFour, &Heard { text, keys: false }, so_far, &Setting::of("es-MX")) {
            Some(Joined::Whole(value)) => value.as_text().map(|digits| format!("={digits}")),
            Some(Joined::Piece(digits)) => Some(digits),
            None => None,
        };
        for (so_far, text, expected) in [
            (None, "cuarenta y cinco…", Some("45")),
            (None, "termina en cuatro, cinco", Some("45")),
            (None, "cuatro cinco dos", Some("452")),
            (None, "cuatro", Some("4")),
            (Some("45"), "veintiuno", Some("=4521")),
            (Some("45"), "y veintiuno, por favor", Some("=4521")),
            (Some("4"), "cinco", Some("45")),
            (Some("44"), "no, perdón, cinco dos uno", Some("=4521")),
            (Some("45"), "no, perdón, cuarenta y seis veintiuno", Some("=4621")),
            (Some("45"), "cuarenta y cinco", None),
            (Some("45"), "cinco dos uno", Some("521")),
            (None, "tengo dos", None),
            (None, "el último es cinco", None),
            (None, "cuarenta cinco", None),
            (None, "sí", None),
            (None, "no sé", None),
            (Some("45"), "mi tarjeta", None),
            (Some("45"), "¿mande?", None),
        ] {
            assert_eq!(join(so_far, text).as_deref(), expected, "{so_far:?} {text}");
        }
    }

    #[test]
    fn english_tags_are_english_and_all_others_spanish() {
        for (tag, language) in [("en-US", Language::English), ("EN", Language::English), ("es-MX", Language::Spanish), ("", Language::Spanish)] {
            assert_eq!(Language::of(tag), language, "{tag}");
        }
    }

    #[test]
    fn text_is_taken_as_it_was_said() {
        let heard = Heard { text: "  En el Oxxo de la esquina ", keys: false };
        assert!(read(&Kind::Text, &heard, Language::Spanish) == Reading::Answer(Value::text("En el Oxxo de la esquina")));
        assert!(read(&Kind::Text, &Heard { text: " ", keys: false }, Language::Spanish) == Reading::Nothing);
    }
}
