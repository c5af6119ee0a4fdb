//! Numbers as people say them and recognisers write them.
//!
//! Lives here: number words and figures, and how neighbours join: "cuarenta y cinco", "cuatro mil
//! quinientos veintiuno", "doble cinco", "tres ceros", "4 mil 521".
//! Never here: how many digits a question wants (`digits`), which words may stand between numbers.

mod english;
mod spanish;

use super::{Language, words::Word};

/// How readily neighbours join.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Joining {
    /// Words join as grammar has it and figures stay as they are: never fewer digits than were said.
    Apart,
    /// Figures join as words do ("40 y 5", "quinientos 21"), and tens and units only with "y":
    /// "cuarenta cinco" is 40 and 5.
    Strict,
    /// "cuarenta cinco" is 45, as recognisers that swallow the "y" write it.
    Loose,
}

/// One number word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numeral {
    /// 0 to 9.
    Unit(u64),
    /// A word for 10 to 29 that takes no unit.
    Teen(u64),
    /// A word that takes a unit after "y": 10, 20 … 90.
    Tens(u64),
    /// Half a word ("veinti uno"): it needs its unit.
    Stem(u64),
    /// 100 … 900; English `hundred` multiplies instead.
    Hundreds(u64),
    /// "cientos" apart from its unit ("cuatro cientos").
    HundredsOf,
    /// `mil`, `thousand`.
    Thousand,
    /// `millón`, `million`.
    Million,
    /// `doble`, `triple`: the next digit so many times.
    Repeat(usize),
    /// A digit in the plural ("ceros").
    Plural(u64),
    /// "veces": what stands before or after it is said so many times.
    Times,
    /// "un par de".
    Pair,
    /// "un", "a": one, but only before `mil` or after tens.
    Article,
}

/// The longest number that begins at `at`: its digits, and the index after it.
pub(super) fn number_at(words: &[Word], at: usize, language: Language, joining: Joining) -> Option<(String, usize)> {
    let reader = Reader { words, language, joining };
    reader.repeated(at).or_else(|| reader.cardinal(at).map(|(value, next)| (value.to_string(), next))).or_else(|| {
        let word = words.get(at)?;
        word.is_figures().then(|| (word.text.clone(), at + 1))
    })
}

/// The value of a spoken amount that begins at `at`, and the index after it. Figures count whole.
pub(super) fn value_at(words: &[Word], at: usize, language: Language) -> Option<(u64, usize)> {
    Reader { words, language, joining: Joining::Loose }.cardinal(at).or_else(|| {
        let word = words.get(at)?;
        Some((word.text.parse().ok()?, at + 1))
    })
}

struct Reader<'a> {
    words: &'a [Word],
    language: Language,
    joining: Joining,
}

impl Reader<'_> {
    fn numeral(&self, at: usize) -> Option<Numeral> {
        let word = self.words.get(at)?;
        if word.is_figures() {
            return None;
        }
        match self.language {
            Language::Spanish => spanish::word(&word.text),
            Language::English => english::word(&word.text),
        }
    }

    /// A figure of at most three digits that can stand beside `mil`.
    fn small_figures(&self, at: usize) -> Option<u64> {
        let word = self.words.get(at).filter(|word| word.is_figures() && word.text.len() <= 3)?;
        word.text.parse().ok().filter(|value| *value > 0 && !word.text.starts_with('0'))
    }

    /// "30", "40" … in figures.
    fn round_figures(&self, at: usize) -> Option<u64> {
        let word = self.words.get(at).filter(|word| word.is_figures() && word.text.len() == 2 && self.language == Language::Spanish)?;
        word.text.parse().ok().filter(|value: &u64| *value >= 20 && value.is_multiple_of(10))
    }

    fn digit(&self, at: usize) -> Option<u64> {
        match self.numeral(at) {
            Some(Numeral::Unit(unit)) => Some(unit),
            _ => self.words.get(at).filter(|word| word.is_figures() && word.text.len() == 1)?.text.parse().ok(),
        }
    }

    /// "doble cinco", "tres ceros", "dos veces cinco", "cinco dos veces", "un par de sietes".
    fn repeated(&self, at: usize) -> Option<(String, usize)> {
        let said = |digit: u64, times: usize, next: usize| Some((digit.to_string().repeat(times), next));
        match self.numeral(at) {
            Some(Numeral::Repeat(times)) => {
                let next = at + 1 + usize::from(self.is_article(at + 1));
                return said(self.plural(next).or_else(|| self.digit(next))?, times, next + 1);
            }
            Some(Numeral::Article) if self.numeral(at + 1) == Some(Numeral::Pair) => return said(self.pair(at + 1)?, 2, at + 4),
            Some(Numeral::Pair) => return said(self.pair(at)?, 2, at + 3),
            _ => {}
        }
        let digit = self.digit(at)?;
        let many = |at: usize| self.digit(at).and_then(|times| usize::try_from(times).ok()).filter(|times| (2..=6).contains(times));
        if let (Some(times), Some(digit)) = (many(at), self.plural(at + 1)) {
            return said(digit, times, at + 2);
        }
        let is_times = |at: usize| self.numeral(at) == Some(Numeral::Times);
        // After a pair said this way comes another: "dos veces siete dos veces cinco".
        let begins = at == 0 || self.digit(at - 1).is_none() || (at >= 2 && is_times(at - 2)) || (at >= 3 && is_times(at - 3) && self.is_article(at - 2));
        if let Some(times) = many(at).filter(|_| is_times(at + 1)) {
            let next = at + 2 + usize::from(self.is_article(at + 2));
            return begins.then(|| self.digit(next)).flatten().and_then(|digit| said(digit, times, next + 1));
        }
        // "cinco dos veces uno" is 551 or 511: neither.
        if let Some(times) = many(at + 1).filter(|_| is_times(at + 2)) {
            return if self.digit(at + 3).is_none() { said(digit, times, at + 3) } else { None };
        }
        None
    }

    fn plural(&self, at: usize) -> Option<u64> {
        if let Some(Numeral::Plural(digit)) = self.numeral(at) { Some(digit) } else { None }
    }

    /// "par de sietes".
    fn pair(&self, at: usize) -> Option<u64> {
        self.words.get(at + 1).filter(|word| word.text == "de")?;
        self.plural(at + 2)
    }

    fn is_article(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| matches!(word.text.as_str(), "el" | "the"))
    }

    fn cardinal(&self, at: usize) -> Option<(u64, usize)> {
        let (millions, next) = self.scaled(at, Numeral::Million, |at| self.thousands(at))?;
        Some((millions, next))
    }

    fn thousands(&self, at: usize) -> Option<(u64, usize)> {
        self.scaled(at, Numeral::Thousand, |at| self.hundreds(at))
    }

    /// `[count] scale [rest]`, or just what `smaller` reads.
    fn scaled(&self, at: usize, scale: Numeral, smaller: impl Fn(usize) -> Option<(u64, usize)>) -> Option<(u64, usize)> {
        let factor = if scale == Numeral::Million { 1_000_000 } else { 1_000 };
        let is_scale = |at: usize| self.numeral(at) == Some(scale);
        let count = if is_scale(at) && scale == Numeral::Thousand && self.language == Language::Spanish {
            Some((1, at))
        } else if self.numeral(at) == Some(Numeral::Article) && is_scale(at + 1) {
            Some((1, at + 1))
        } else if let Some(figures) = self.small_figures(at).filter(|_| is_scale(at + 1)) {
            Some((figures, at + 1))
        } else {
            smaller(at)
        };
        let (count, next) = count?;
        if !is_scale(next) || count == 0 {
            return (next > at).then_some((count, next));
        }
        let after = next + 1;
        let skip = usize::from(self.is_and(after) && self.language == Language::English);
        let rest = smaller(after + skip)
            .or_else(|| self.small_figures(after).map(|value| (value, after + 1)))
            .filter(|(value, end)| (1..factor).contains(value) && !(*value < 10 && is_scale(*end)));
        let total = count.checked_mul(factor)?;
        Some(rest.map_or((total, after), |(value, end)| (total + value, end)))
    }

    fn hundreds(&self, at: usize) -> Option<(u64, usize)> {
        if self.language == Language::English {
            let (count, next) = match self.numeral(at) {
                Some(Numeral::Article) => (1, at + 1),
                _ => self.tens(at)?,
            };
            if !matches!(self.numeral(next), Some(Numeral::Hundreds(_))) || count == 0 {
                return (self.numeral(at) != Some(Numeral::Article)).then_some((count, next));
            }
            let after = next + 1 + usize::from(self.is_and(next + 1));
            let rest = self.tens(after).filter(|(value, _)| *value > 0);
            return Some(rest.map_or((count * 100, next + 1), |(value, end)| (count * 100 + value, end)));
        }
        let split = self.digit(at).filter(|unit| *unit >= 2 && self.numeral(at + 1) == Some(Numeral::HundredsOf));
        let (hundreds, next) = match (self.numeral(at), split) {
            (Some(Numeral::Hundreds(hundreds)), _) => (hundreds, at + 1),
            (_, Some(unit)) => (unit * 100, at + 2),
            _ => return self.tens(at),
        };
        let bare = matches!(self.words[at].text.as_str(), "cien" | "zien");
        let figures = |at: usize| self.small_figures(at).filter(|value| *value < 100 && self.joining != Joining::Apart).map(|value| (value, at + 1));
        let rest = if bare { None } else { self.tens(next).or_else(|| figures(next)).filter(|(value, _)| *value > 0) };
        Some(rest.map_or((hundreds, next), |(value, end)| (hundreds + value, end)))
    }

    fn tens(&self, at: usize) -> Option<(u64, usize)> {
        let unit = |at: usize| match self.numeral(at)? {
            Numeral::Unit(unit @ 1..) => Some(unit),
            Numeral::Article => Some(1),
            _ => None,
        };
        let unit = |at: usize| unit(at).or_else(|| self.digit(at).filter(|unit| *unit > 0 && self.joining != Joining::Apart));
        if let Some(tens) = self.round_figures(at).filter(|_| self.joining != Joining::Apart) {
            // "40 y 5", as recognisers write it.
            return self.is_and(at + 1).then(|| unit(at + 2)).flatten().map(|unit| (tens + unit, at + 3));
        }
        match self.numeral(at)? {
            Numeral::Unit(value) => Some((value, at + 1)),
            Numeral::Teen(value) => Some((value, at + 1)),
            Numeral::Stem(tens) => Some((tens + unit(at + 1)?, at + 2)),
            Numeral::Tens(tens) => {
                let joined = if self.is_and(at + 1) && self.language == Language::Spanish {
                    unit(at + 2).map(|unit| (tens + unit, at + 3))
                } else if self.joining == Joining::Loose || self.language == Language::English {
                    unit(at + 1).map(|unit| (tens + unit, at + 2))
                } else {
                    None
                };
                Some(joined.unwrap_or((tens, at + 1)))
            }
            Numeral::Hundreds(_) | Numeral::HundredsOf | Numeral::Thousand | Numeral::Million => None,
            Numeral::Repeat(_) | Numeral::Plural(_) | Numeral::Times | Numeral::Pair | Numeral::Article => None,
        }
    }

    fn is_and(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| matches!(word.text.as_str(), "y" | "i" | "and"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::words::words;

    #[track_caller]
    fn check(said: &str, language: Language, joining: Joining, expected: &str) {
        let words = words(said);
        let (mut at, mut found) = (0, Vec::new());
        while at < words.len() {
            match number_at(&words, at, language, joining) {
                Some((digits, next)) => {
                    found.push(digits);
                    at = next;
                }
                None => at += 1,
            }
        }
        assert_eq!(found.join(" "), expected, "{said}");
    }

    #[test]
    fn spanish_numbers_join_as_they_are_said() {
        for (said, expected) in [
            ("cuarenta y cinco veintiuno", "45 21"),
            ("cuarenta cinco veinte uno", "40 5 20 1"),
            ("cuatro mil quinientos veintiuno", "4521"),
            ("cien mil uno", "100001"),
            ("mil", "1000"),
            ("dos mil veintiuno", "2021"),
            ("cuatro quinientos veintiuno", "4 521"),
            ("4 mil 521", "4521"),
            ("cuatro mil ciento once mil ciento once", "4111 1111"),
            ("doble cinco triple cero", "55 000"),
            ("tres ceros dos cincos", "000 55"),
            ("diez cero cero", "10 0 0"),
            ("diez y seis dieciseis dieci seis", "16 16 16"),
            ("treinta y un mil", "31000"),
            ("un millon doscientos mil tres", "1200003"),
            ("cuarentaicinco treintaidos", "45 32"),
            ("doscientos mil", "200000"),
            ("una tarjeta", ""),
        ] {
            check(said, Language::Spanish, Joining::Strict, expected);
        }
        check("cuarenta cinco veinte uno", Language::Spanish, Joining::Loose, "45 21");
    }

    #[test]
    fn english_numbers_join_as_they_are_said() {
        for (said, expected) in [
            ("forty five twenty one", "45 21"),
            ("four thousand five hundred and twenty one", "4521"),
            ("forty five hundred", "4500"),
            ("one hundred thousand one", "100001"),
            ("oh double five", "0 55"),
            ("a hundred a card", "100"),
        ] {
            check(said, Language::English, Joining::Strict, expected);
        }
    }
}
