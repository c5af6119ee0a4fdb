//! Numbers as people say them and recognisers write them.
//!
//! Lives here: number words and figures, and how neighbours join: "cuarenta y cinco", "cuatro mil
//! quinientos veintiuno", "doble cinco", "tres ceros", "4 mil 521".
//! Never here: how many digits a question wants (`digits`), which words may stand between numbers.

use super::{Language, words::Word};

/// Whether tens and units join without "y".
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Joining {
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
    /// `mil`, `thousand`.
    Thousand,
    /// `millón`, `million`.
    Million,
    /// `doble`, `triple`: the next digit so many times.
    Repeat(usize),
    /// A digit in the plural ("ceros").
    Plural(u64),
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
            Language::Spanish => spanish(&word.text),
            Language::English => english(&word.text),
        }
    }

    /// A figure of at most three digits that can stand beside `mil`.
    fn small_figures(&self, at: usize) -> Option<u64> {
        let word = self.words.get(at).filter(|word| word.is_figures() && word.text.len() <= 3)?;
        word.text.parse().ok().filter(|value| *value > 0 && !word.text.starts_with('0'))
    }

    fn digit(&self, at: usize) -> Option<u64> {
        match self.numeral(at) {
            Some(Numeral::Unit(unit)) => Some(unit),
            _ => self.words.get(at).filter(|word| word.is_figures() && word.text.len() == 1)?.text.parse().ok(),
        }
    }

    /// "doble cinco", "tres ceros".
    fn repeated(&self, at: usize) -> Option<(String, usize)> {
        if let Some(Numeral::Repeat(times)) = self.numeral(at) {
            let digit = match self.numeral(at + 1) {
                Some(Numeral::Plural(digit)) => digit,
                _ => self.digit(at + 1)?,
            };
            return Some((digit.to_string().repeat(times), at + 2));
        }
        let times = self.digit(at).filter(|times| (2..=6).contains(times))?;
        let Some(Numeral::Plural(digit)) = self.numeral(at + 1) else {
            return None;
        };
        Some((digit.to_string().repeat(usize::try_from(times).ok()?), at + 2))
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
        let Some(Numeral::Hundreds(hundreds)) = self.numeral(at) else {
            return self.tens(at);
        };
        let bare = self.words[at].text == "cien";
        let rest = if bare { None } else { self.tens(at + 1).filter(|(value, _)| *value > 0) };
        Some(rest.map_or((hundreds, at + 1), |(value, end)| (hundreds + value, end)))
    }

    fn tens(&self, at: usize) -> Option<(u64, usize)> {
        let unit = |at: usize| match self.numeral(at)? {
            Numeral::Unit(unit @ 1..) => Some(unit),
            Numeral::Article => Some(1),
            _ => None,
        };
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
            Numeral::Hundreds(_) | Numeral::Thousand | Numeral::Million => None,
            Numeral::Repeat(_) | Numeral::Plural(_) | Numeral::Article => None,
        }
    }

    fn is_and(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| matches!(word.text.as_str(), "y" | "and"))
    }
}

fn spanish(word: &str) -> Option<Numeral> {
    Some(match word {
        "cero" => Numeral::Unit(0),
        "uno" => Numeral::Unit(1),
        "dos" => Numeral::Unit(2),
        "tres" => Numeral::Unit(3),
        "cuatro" => Numeral::Unit(4),
        "cinco" | "sinco" => Numeral::Unit(5),
        "seis" => Numeral::Unit(6),
        "siete" => Numeral::Unit(7),
        "ocho" => Numeral::Unit(8),
        "nueve" => Numeral::Unit(9),
        "un" | "una" => Numeral::Article,
        "diez" => Numeral::Tens(10),
        "once" => Numeral::Teen(11),
        "doce" => Numeral::Teen(12),
        "trece" => Numeral::Teen(13),
        "catorce" => Numeral::Teen(14),
        "quince" => Numeral::Teen(15),
        "dieci" => Numeral::Stem(10),
        "veinti" => Numeral::Stem(20),
        "veinte" => Numeral::Tens(20),
        "treinta" => Numeral::Tens(30),
        "cuarenta" => Numeral::Tens(40),
        "cincuenta" => Numeral::Tens(50),
        "sesenta" => Numeral::Tens(60),
        "setenta" => Numeral::Tens(70),
        "ochenta" => Numeral::Tens(80),
        "noventa" => Numeral::Tens(90),
        "cien" | "ciento" => Numeral::Hundreds(100),
        "doscientos" | "doscientas" => Numeral::Hundreds(200),
        "trescientos" | "trescientas" => Numeral::Hundreds(300),
        "cuatrocientos" | "cuatrocientas" => Numeral::Hundreds(400),
        "quinientos" | "quinientas" => Numeral::Hundreds(500),
        "seiscientos" | "seiscientas" => Numeral::Hundreds(600),
        "setecientos" | "setecientas" => Numeral::Hundreds(700),
        "ochocientos" | "ochocientas" => Numeral::Hundreds(800),
        "novecientos" | "novecientas" => Numeral::Hundreds(900),
        "mil" => Numeral::Thousand,
        "millon" | "millones" => Numeral::Million,
        "doble" => Numeral::Repeat(2),
        "triple" => Numeral::Repeat(3),
        "cuadruple" => Numeral::Repeat(4),
        "ceros" => Numeral::Plural(0),
        "unos" => Numeral::Plural(1),
        "doses" => Numeral::Plural(2),
        "treses" => Numeral::Plural(3),
        "cuatros" => Numeral::Plural(4),
        "cincos" => Numeral::Plural(5),
        "seises" => Numeral::Plural(6),
        "sietes" => Numeral::Plural(7),
        "ochos" => Numeral::Plural(8),
        "nueves" => Numeral::Plural(9),
        fused => return spanish_fused(fused),
    })
}

/// "veintiuno", "dieciséis", "cuarentaicinco": tens and unit in one word.
fn spanish_fused(word: &str) -> Option<Numeral> {
    const STEMS: [(&str, u64); 10] = [
        ("dieci", 10),
        ("veinti", 20),
        ("veinte", 20),
        ("treinta", 30),
        ("cuarenta", 40),
        ("cincuenta", 50),
        ("sesenta", 60),
        ("setenta", 70),
        ("ochenta", 80),
        ("noventa", 90),
    ];
    let (rest, tens) = STEMS.iter().find_map(|(stem, tens)| Some((word.strip_prefix(stem)?, *tens)))?;
    let rest = rest.strip_prefix(['i', 'y']).unwrap_or(rest);
    let unit = match rest {
        "un" | "una" => 1,
        rest if rest.starts_with(|letter| "dtcsonu".contains(letter)) && rest.len() <= 6 => match spanish(rest)? {
            Numeral::Unit(unit @ 1..) => unit,
            _ => return None,
        },
        _ => return None,
    };
    Some(Numeral::Teen(tens + unit))
}

fn english(word: &str) -> Option<Numeral> {
    Some(match word {
        "zero" | "oh" | "o" | "nought" => Numeral::Unit(0),
        "one" => Numeral::Unit(1),
        "two" => Numeral::Unit(2),
        "three" => Numeral::Unit(3),
        "four" => Numeral::Unit(4),
        "five" => Numeral::Unit(5),
        "six" => Numeral::Unit(6),
        "seven" => Numeral::Unit(7),
        "eight" => Numeral::Unit(8),
        "nine" => Numeral::Unit(9),
        "a" => Numeral::Article,
        "ten" => Numeral::Teen(10),
        "eleven" => Numeral::Teen(11),
        "twelve" => Numeral::Teen(12),
        "thirteen" => Numeral::Teen(13),
        "fourteen" => Numeral::Teen(14),
        "fifteen" => Numeral::Teen(15),
        "sixteen" => Numeral::Teen(16),
        "seventeen" => Numeral::Teen(17),
        "eighteen" => Numeral::Teen(18),
        "nineteen" => Numeral::Teen(19),
        "twenty" => Numeral::Tens(20),
        "thirty" => Numeral::Tens(30),
        "forty" | "fourty" => Numeral::Tens(40),
        "fifty" => Numeral::Tens(50),
        "sixty" => Numeral::Tens(60),
        "seventy" => Numeral::Tens(70),
        "eighty" => Numeral::Tens(80),
        "ninety" => Numeral::Tens(90),
        "hundred" => Numeral::Hundreds(100),
        "thousand" => Numeral::Thousand,
        "million" => Numeral::Million,
        "double" => Numeral::Repeat(2),
        "triple" => Numeral::Repeat(3),
        "zeros" | "zeroes" => Numeral::Plural(0),
        "ones" => Numeral::Plural(1),
        "twos" => Numeral::Plural(2),
        "threes" => Numeral::Plural(3),
        "fours" => Numeral::Plural(4),
        "fives" => Numeral::Plural(5),
        "sixes" => Numeral::Plural(6),
        "sevens" => Numeral::Plural(7),
        "eights" => Numeral::Plural(8),
        "nines" => Numeral::Plural(9),
        _ => return None,
    })
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
