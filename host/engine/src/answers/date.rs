//! Dates: named, counted from today, in words or figures.
//!
//! Lives here: "ayer", "el lunes pasado", "tres de marzo del 90", "03/03/1990", "hace tres días".
//! Never here: the clock. Today comes in with the setting; without it what counts from today is no answer.
//! A date that can be two dates is none.

use super::numerals::value_at;
use super::phrases::{Lexicon, longest};
use super::words::{Word, words};
use super::{Language, Region, Setting};
use jiff::Span;
use jiff::civil::{Date, Weekday};
use std::sync::LazyLock;

/// What a phrase of a date means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Filler,
    /// So many days from today.
    Day(i64),
    Weekday(Weekday),
    Month(i8),
    /// "de", "del".
    Of,
    /// "pasado".
    Last,
    /// "próximo", "que viene".
    Next,
    /// "hace", "ago".
    Ago,
    /// "dentro de".
    Ahead,
    /// So many days or months.
    Days(i64),
    Months(i64),
    /// "del mes pasado": so many months from this one.
    OfMonth(i64),
    /// "del año pasado": so many years from this one.
    OfYear(i16),
    Number(i64),
}
use Part::{Ago, Ahead, Day, Days, Last, Month, Months, Next, Number, Of, OfMonth, OfYear};

static SPANISH: LazyLock<Lexicon<Part>> = LazyLock::new(|| {
    Lexicon::of(&[
        (
            Part::Filler,
            "el|la|los|el dia|fue|fue el|era|es|seria|creo que|creo que fue|me parece que|como|mas o menos|pues|este|eh|e|mm|m|bueno|a ver|por favor|porfa|gracias|senorita|senor|joven|si|mismo|fecha|naci|naci el|paso|me di cuenta|ro|er|o|º\
         |en la manana|en la tarde|en la noche|por la manana|por la tarde|por la noche|a mediodia|al mediodia|en la madrugada|temprano",
        ),
        (Day(0), "hoy|hoy dia|ahorita|ahora|hace rato|hace un rato|esta manana|esta tarde|esta noche|el dia de hoy"),
        (Day(-1), "ayer|anoche|el dia de ayer|ayer noche"),
        (Day(-2), "antier|antes de ayer|anteayer|antenoche|anteanoche|antiayer|antes de anoche"),
        (Day(-3), "trasanteayer|trasantier|antes de antier|antes de anteayer"),
        (Day(1), "manana|el dia de manana"),
        (Day(2), "pasado manana"),
        (Part::Weekday(Weekday::Monday), "lunes"),
        (Part::Weekday(Weekday::Tuesday), "martes"),
        (Part::Weekday(Weekday::Wednesday), "miercoles"),
        (Part::Weekday(Weekday::Thursday), "jueves"),
        (Part::Weekday(Weekday::Friday), "viernes"),
        (Part::Weekday(Weekday::Saturday), "sabado"),
        (Part::Weekday(Weekday::Sunday), "domingo"),
        (Month(1), "enero"),
        (Month(2), "febrero"),
        (Month(3), "marzo"),
        (Month(4), "abril"),
        (Month(5), "mayo"),
        (Month(6), "junio"),
        (Month(7), "julio"),
        (Month(8), "agosto"),
        (Month(9), "septiembre|setiembre"),
        (Month(10), "octubre"),
        (Month(11), "noviembre"),
        (Month(12), "diciembre"),
        (Of, "de|del|del ano|de el|del mes de|del mes"),
        (Last, "pasado|que paso|anterior|de la semana pasada"),
        (Next, "proximo|que viene|que entra|siguiente|de la proxima semana|de la semana que viene|de la otra semana"),
        (Ago, "hace|hace como|hara|hace mas o menos"),
        (Ahead, "dentro de|en"),
        (Days(1), "dia|dias"),
        (Days(7), "semana|semanas"),
        (Months(1), "mes|meses"),
        (Months(12), "ano|anos"),
        (OfMonth(0), "de este mes|del mes actual|del presente|del presente mes|del mes en curso|del corriente"),
        (OfMonth(-1), "del mes pasado|del mes anterior"),
        (OfMonth(1), "del mes que viene|del proximo mes|del mes que entra"),
        (OfYear(0), "de este ano|del presente ano|del ano en curso"),
        (OfYear(-1), "del ano pasado|del ano anterior"),
        (OfYear(1), "del ano que viene|del proximo ano"),
        (Number(1), "primero|primer|un|una"),
    ])
});

static ENGLISH: LazyLock<Lexicon<Part>> = LazyLock::new(|| {
    Lexicon::of(&[
        (Part::Filler, "the|on|it was|it is|its|was|is|i think|about|um|uh|please|well|st|nd|rd|th|yes|in the morning|in the evening|at night"),
        (Day(0), "today|this morning|tonight"),
        (Day(-1), "yesterday|last night"),
        (Day(-2), "the day before yesterday|day before yesterday"),
        (Day(1), "tomorrow"),
        (Day(2), "the day after tomorrow|day after tomorrow"),
        (Part::Weekday(Weekday::Monday), "monday"),
        (Part::Weekday(Weekday::Tuesday), "tuesday"),
        (Part::Weekday(Weekday::Wednesday), "wednesday"),
        (Part::Weekday(Weekday::Thursday), "thursday"),
        (Part::Weekday(Weekday::Friday), "friday"),
        (Part::Weekday(Weekday::Saturday), "saturday"),
        (Part::Weekday(Weekday::Sunday), "sunday"),
        (Month(1), "january"),
        (Month(2), "february"),
        (Month(3), "march"),
        (Month(4), "april"),
        (Month(5), "may"),
        (Month(6), "june"),
        (Month(7), "july"),
        (Month(8), "august"),
        (Month(9), "september"),
        (Month(10), "october"),
        (Month(11), "november"),
        (Month(12), "december"),
        (Of, "of"),
        (Last, "last"),
        (Next, "next"),
        (Ago, "ago"),
        (Ahead, "in"),
        (Days(1), "day|days"),
        (Days(7), "week|weeks"),
        (Months(1), "month|months"),
        (Months(12), "year|years"),
        (OfMonth(-1), "of last month"),
        (OfMonth(0), "of this month"),
        (OfYear(-1), "of last year|last year"),
        (OfYear(0), "of this year|this year"),
        (Number(1), "first|a"),
        (Number(2), "second"),
        (Number(3), "third"),
        (Number(4), "fourth"),
        (Number(5), "fifth"),
        (Number(6), "sixth"),
        (Number(7), "seventh"),
        (Number(8), "eighth"),
        (Number(9), "ninth"),
        (Number(10), "tenth"),
        (Number(11), "eleventh"),
        (Number(12), "twelfth"),
        (Number(13), "thirteenth"),
        (Number(14), "fourteenth"),
        (Number(15), "fifteenth"),
        (Number(16), "sixteenth"),
        (Number(17), "seventeenth"),
        (Number(18), "eighteenth"),
        (Number(19), "nineteenth"),
        (Number(20), "twentieth"),
        (Number(21), "twenty first"),
        (Number(22), "twenty second"),
        (Number(23), "twenty third"),
        (Number(24), "twenty fourth"),
        (Number(25), "twenty fifth"),
        (Number(26), "twenty sixth"),
        (Number(27), "twenty seventh"),
        (Number(28), "twenty eighth"),
        (Number(29), "twenty ninth"),
        (Number(30), "thirtieth"),
        (Number(31), "thirty first"),
    ])
});

/// The date, if the utterance is nothing else. `ahead`: what has no year, or no week, is yet to come;
/// otherwise it has been.
pub(super) fn read(text: &str, ahead: bool, setting: &Setting) -> Option<Date> {
    const MOST_WORDS: usize = 30;
    let words = words(text);
    if words.len() > MOST_WORDS || text.contains(['?', '¿']) {
        return None;
    }
    let parts = parts(&words, setting.language)?;
    let reader = Reader { ahead, setting };
    let separated = text.contains(['/', '-', '.']) || parts.contains(&Of);
    let year_first = words.first().is_some_and(|word| word.is_figures() && word.text.len() == 4);
    let parts: Vec<Part> = parts.into_iter().filter(|part| !matches!(part, Of | Part::Filler)).collect();
    match *parts.as_slice() {
        [Number(year), Number(month), Number(day)] if year_first => reader.full(day, month, year),
        [Number(one), Number(two), Number(year)] if separated => {
            let (day, month) = reader.day_and_month(one, two)?;
            reader.full(day, month, year)
        }
        [Number(one), Number(two)] if separated => {
            let (day, month) = reader.day_and_month(one, two)?;
            reader.yearless(day, month)
        }
        ref parts => reader.named(parts),
    }
}

/// Eight keys, day first.
pub(super) fn keyed(keys: &str, setting: &Setting) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| keys.get(range)?.parse().ok();
    let reader = Reader { ahead: false, setting };
    let (day, month) = reader.day_and_month(number(0..2)?, number(2..4)?)?;
    (keys.len() == 8).then(|| reader.full(day, month, number(4..8)?)).flatten()
}

fn parts(words: &[Word], language: Language) -> Option<Vec<Part>> {
    let lexicon = match language {
        Language::Spanish => &*SPANISH,
        Language::English => &*ENGLISH,
    };
    let (mut at, mut found) = (0, Vec::new());
    while at < words.len() {
        let number = value_at(words, at, language).and_then(|(value, next)| Some((Number(i64::try_from(value).ok()?), next)));
        let phrase = longest(&words[at..], lexicon).map(|(part, length)| (part, at + length));
        let (part, next) = match (number, phrase) {
            (Some(number), Some(phrase)) => {
                if phrase.1 >= number.1 {
                    phrase
                } else {
                    number
                }
            }
            (number, phrase) => number.or(phrase)?,
        };
        found.push(part);
        at = next;
    }
    Some(found)
}

struct Reader<'a> {
    ahead: bool,
    setting: &'a Setting,
}

impl Reader<'_> {
    fn named(&self, parts: &[Part]) -> Option<Date> {
        let today = self.setting.today;
        match *parts {
            [Day(days)] => today?.checked_add(Span::new().days(days)).ok(),
            // On a Monday "el lunes" is today or not.
            [Part::Weekday(weekday)] => today.filter(|today| today.weekday() != weekday)?.nth_weekday(if self.ahead { 1 } else { -1 }, weekday).ok(),
            [Part::Weekday(weekday), Last] | [Last, Part::Weekday(weekday)] => today?.nth_weekday(-1, weekday).ok(),
            [Part::Weekday(weekday), Next] | [Next, Part::Weekday(weekday)] => today?.nth_weekday(1, weekday).ok(),
            [Part::Weekday(weekday), ref rest @ ..] if matches!(rest, [Number(_), ..]) => self.named(rest).filter(|date| date.weekday() == weekday),
            [Day(days), ref rest @ ..] if matches!(rest, [Part::Weekday(_), ..] | [Number(_), ..]) => {
                let date = today?.checked_add(Span::new().days(days)).ok()?;
                let agrees = if let [Part::Weekday(weekday)] = *rest { date.weekday() == weekday } else { self.named(rest)? == date };
                agrees.then_some(date)
            }
            [Ago, Number(count), unit] | [Number(count), unit, Ago] => today?.checked_sub(span(count, unit)?).ok(),
            [Ahead, Number(count), unit] => today?.checked_add(span(count, unit)?).ok(),
            [Number(day), Month(month)] | [Month(month), Number(day)] => self.yearless(day, month.into()),
            [Number(day), Month(month), OfYear(years)] | [Month(month), Number(day), OfYear(years)] => {
                date(today?.year().checked_add(years)?.into(), month.into(), day)
            }
            [Number(day), Month(month), Number(year)] | [Month(month), Number(day), Number(year)] => self.full(day, month.into(), year),
            // "nineteen ninety"
            [Number(day), Month(month), Number(century), Number(year)] | [Month(month), Number(day), Number(century), Number(year)]
                if matches!(century, 19 | 20) && year < 100 =>
            {
                self.full(day, month.into(), century * 100 + year)
            }
            [Number(day), OfMonth(months)] => {
                let month = today?.first_of_month().checked_add(Span::new().months(months)).ok()?;
                date(month.year().into(), month.month().into(), day)
            }
            [Number(day)] => {
                let this = date(today?.year().into(), today?.month().into(), day)?;
                let passed = if self.ahead { this < today? } else { this > today? };
                let away = Span::new().months(if !passed {
                    0
                } else if self.ahead {
                    1
                } else {
                    -1
                });
                let month = today?.first_of_month().checked_add(away).ok()?;
                date(month.year().into(), month.month().into(), day)
            }
            _ => None,
        }
    }

    /// Month first in the United States; where English is spoken elsewhere, only what cannot be both.
    fn day_and_month(&self, one: i64, two: i64) -> Option<(i64, i64)> {
        match (self.setting.language, self.setting.region) {
            (Language::English, Region::UnitedStates) => Some((two, one)),
            (Language::English, Region::Other) if one <= 12 && two <= 12 && one != two => None,
            (Language::English, Region::Other) if two > 12 => Some((two, one)),
            (Language::English | Language::Spanish, _) => Some((one, two)),
        }
    }

    fn full(&self, day: i64, month: i64, year: i64) -> Option<Date> {
        let year = match year {
            1900..=2100 => year,
            // The last such year that has begun, or with `ahead` the one of this century.
            0..=99 if self.ahead || 2000 + year <= self.setting.today?.year().into() => 2000 + year,
            0..=99 => 1900 + year,
            _ => return None,
        };
        date(year, month, day)
    }

    /// The last such day, or with `ahead` the next.
    fn yearless(&self, day: i64, month: i64) -> Option<Date> {
        let today = self.setting.today?;
        let this = date(today.year().into(), month, day)?;
        let years = match self.ahead {
            true if this < today => 1,
            false if this > today => -1,
            true | false => 0,
        };
        date(i64::from(today.year()) + years, month, day)
    }
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn span(count: i64, unit: Part) -> Option<Span> {
    let count = Some(count).filter(|count| (1..=500).contains(count))?;
    match unit {
        Days(days) => Some(Span::new().days(count * days)),
        Months(months) => Some(Span::new().months(count * months)),
        Part::Filler | Day(_) | Part::Weekday(_) | Month(_) | Of | Last | Next | Ago | Ahead | OfMonth(_) | OfYear(_) | Number(_) => None,
    }
}

#[cfg(test)]
#[path = "date_tests.rs"]
mod tests;
