//! Amounts of money, in figures or words.
//!
//! Lives here: thousands and decimal marks, "mil quinientos con cincuenta centavos".
//! Never here: currencies; a question asks in one.

use super::Language;
use super::numerals::value_at;
use super::words::words;

const FILLERS: &[&str] = &[
    "peso",
    "pesos",
    "sol",
    "soles",
    "dolar",
    "dolares",
    "mxn",
    "clp",
    "usd",
    "bolivianos",
    "de",
    "por",
    "favor",
    "son",
    "es",
    "fueron",
    "fue",
    "como",
    "unos",
    "el",
    "la",
    "monto",
    "cantidad",
    "seria",
    "eh",
    "este",
    "gracias",
    "mm",
    "m",
    "exactos",
    "exactamente",
    "dollars",
    "dollar",
    "please",
    "it",
    "was",
    "is",
    "about",
    "the",
    "amount",
    "of",
    "bucks",
    "bolivares",
    "colombianos",
    "mexicanos",
    "chilenos",
    "argentinos",
];

/// The amount, if the utterance is nothing else.
pub(super) fn read(text: &str, language: Language) -> Option<f64> {
    const MOST_BYTES: usize = 300;
    if text.len() > MOST_BYTES || text.contains(['-', '−', '?', '¿']) {
        return None;
    }
    let (plain, mut cents) = without_marks(text)?;
    let words = words(&plain);
    let (mut whole, mut at) = (None, 0);
    while let Some(word) = words.get(at) {
        let separator = matches!(word.text.as_str(), "con" | "punto" | "coma" | "y" | "and" | "point");
        if separator && whole.is_some() && cents.is_none() {
            let (value, next) = value_at(&words, at + 1, language).filter(|(value, _)| *value < 100)?;
            cents = Some(u32::try_from(value).ok()?);
            at = next + usize::from(words.get(next).is_some_and(|word| matches!(word.text.as_str(), "centavos" | "centimos" | "cents" | "centavo")));
        } else if FILLERS.contains(&word.text.as_str()) {
            at += 1;
        } else if whole.is_none() {
            let (value, next) = value_at(&words, at, language)?;
            whole = Some(u32::try_from(value).ok()?);
            at = next;
        } else {
            return None;
        }
    }
    Some(f64::from(whole?) + f64::from(cents.unwrap_or(0)) / 100.0)
}

/// Takes thousands marks out (`1,500` and `1.500`), and the decimals (`.50`, `,5`) apart.
fn without_marks(text: &str) -> Option<(String, Option<u32>)> {
    let characters: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len());
    let (mut cents, mut at) = (None, 0);
    while at < characters.len() {
        let digits = characters[at + 1..].iter().take_while(|character| character.is_ascii_digit()).count();
        let mark = matches!(characters[at], '.' | ',') && at > 0 && characters[at - 1].is_ascii_digit() && digits > 0;
        match (mark, digits) {
            (false, _) => plain.push(characters[at]),
            (true, 3) => {}
            (true, 1 | 2) if cents.is_none() => {
                let value: u32 = characters[at + 1..=at + digits].iter().collect::<String>().parse().ok()?;
                cents = Some(if digits == 1 { value * 10 } else { value });
                plain.push(' ');
                at += digits;
            }
            (true, _) => return None,
        }
        at += 1;
    }
    Some((plain, cents))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_figures_and_words() {
        for (said, expected) in [
            ("1500", 1500.0),
            ("$1,500.50", 1500.5),
            ("1.500,50 pesos", 1500.5),
            ("1.500", 1500.0),
            ("mil quinientos pesos", 1500.0),
            ("dos mil", 2000.0),
            ("cuatro mil quinientos veintiuno con cincuenta centavos", 4521.5),
            ("0,75", 0.75),
            ("son 20 soles", 20.0),
            ("ciento veinte con 5", 120.05),
            ("un millón de pesos", 1_000_000.0),
            ("12.5", 12.5),
            ("quinientos", 500.0),
            ("1,234,567.89", 1_234_567.89),
            ("4 mil 500", 4500.0),
        ] {
            assert_eq!(read(said, Language::Spanish), Some(expected), "{said}");
        }
        assert_eq!(read("forty five dollars and fifty cents", Language::English), Some(45.5));
    }

    #[test]
    fn what_is_no_single_amount_is_none() {
        for said in ["", "pesos", "-500", "mil o dos mil", "no sé", "1.2.3.4", "quinientos mil quinientos mil quinientos", "¿mil?", "99999999999999999999"] {
            assert_eq!(read(said, Language::Spanish), None, "{said}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_amount_in_figures_reads_back(whole in 0u32..10_000_000, cents in 0u32..100, comma: bool, cash: bool) {
            let digits = whole.to_string();
            let (thousands, decimal) = if comma { ('.', ',') } else { (',', '.') };
            let mut grouped = String::new();
            for (at, digit) in digits.char_indices() {
                if at > 0 && (digits.len() - at).is_multiple_of(3) {
                    grouped.push(thousands);
                }
                grouped.push(digit);
            }
            let said = format!("{}{grouped}{decimal}{cents:02}{}", if cash { "$" } else { "" }, if cash { "" } else { " pesos" });
            proptest::prop_assert_eq!(read(&said, Language::Spanish), Some(f64::from(whole) + f64::from(cents) / 100.0), "{}", said);
        }
    }
}
