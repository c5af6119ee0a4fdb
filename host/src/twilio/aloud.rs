//! What is written for the eye, in words that a Spanish voice says as they are meant.
//!
//! Lives here: `Nº`, amounts and dates in Spanish texts. Amounts are read as their country writes them: 1,200.50 in Mexico is
//! 1.200,50 in Chile.
//! Never here: digits read one by one (`spoken.rs`), elements, other languages.

use fancy_regex::{Captures, Regex};
use std::sync::LazyLock;

const MONTHS: [&str; 12] = ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"];

/// Countries that write 1,200.50; the other ones of Spanish write 1.200,50.
const POINT_FOR_DECIMALS: [&str; 11] = ["MX", "US", "PR", "GT", "HN", "SV", "NI", "PA", "DO", "PE", "CU"];
/// Countries that write the month before the day.
const MONTH_FIRST: [&str; 2] = ["US", "PR"];
/// Countries where `$` is the dollar.
const DOLLARS: [&str; 5] = ["US", "PR", "SV", "EC", "PA"];

/// Abbreviations and what they are read as.
static ABBREVIATIONS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let pairs = [
        (r"(?i)(?<!\w)n\.?[º°](?=\s*\d)\s*", "número "),
        (r"(?i)(?<!\w)núm\.\s*", "número "),
        (r"(?i)(?<!\w)tel\.\s*(?=[\d+])", "teléfono "),
        (r"(?<!\w)Sra\.\s*", "señora "),
        (r"(?<!\w)Sr\.\s*", "señor "),
        (r"\s+&\s+", " y "),
    ];
    pairs.into_iter().filter_map(|(pattern, read)| Some((Regex::new(pattern).ok()?, read))).collect()
});

/// `US$ 1,200.50`, `$1.200`, `€ 30`, and what may name the currency once more. An amount in thousands or millions by a word
/// is left alone.
static AMOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let number = r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+|\d+";
    let currency = r"(?:\s?(?:pesos|dólares|soles|euros|MXN|USD|M\.N\.)(?!\w))?";
    Regex::new(&format!(r"(?<![\w.,$€/])(US\$|S/|\$|€)\s?({number})([.,]\d{{1,2}})?(?![\d]|[.,]\d|\s?mil)(?!\d){currency}")).ok()
});

/// `2026-01-15` and `15/01/2026`.
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?<![\w/-])(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})/(\d{1,2})/(\d{4}))(?![\w/-])").ok());

/// The text as a voice of this language should be given it; other languages than Spanish are left alone.
pub(super) fn aloud(text: &str, language: &str) -> String {
    let Some(region) = language.strip_prefix("es-") else { return text.to_owned() };
    let mut said = text.to_owned();
    if let Some(pattern) = DATE.as_ref() {
        said = pattern.replace_all(&said, |found: &Captures<'_, str>| date(found, region).unwrap_or_else(|| whole(found))).into_owned();
    }
    if let Some(pattern) = AMOUNT.as_ref() {
        said = pattern.replace_all(&said, |found: &Captures<'_, str>| amount(found, region).unwrap_or_else(|| whole(found))).into_owned();
    }
    for (abbreviation, read) in ABBREVIATIONS.iter() {
        said = abbreviation.replace_all(&said, *read).into_owned();
    }
    said
}

fn whole(found: &Captures<'_, str>) -> String {
    found.get(0).map(|all| all.as_str().to_owned()).unwrap_or_default()
}

fn date(found: &Captures<'_, str>, region: &str) -> Option<String> {
    let part = |at: usize| found.get(at).and_then(|part| part.as_str().parse::<usize>().ok());
    let (year, month, day) = part(1).zip(part(2)).zip(part(3)).map(|((year, month), day)| (year, month, day)).or_else(|| {
        let (first, second) = (part(4)?, part(5)?);
        Some(if MONTH_FIRST.contains(&region) { (part(6)?, first, second) } else { (part(6)?, second, first) })
    })?;
    let month = MONTHS.get(month.checked_sub(1)?)?;
    (1..=31).contains(&day).then(|| format!("{day} de {month} de {year}"))
}

fn amount(found: &Captures<'_, str>, region: &str) -> Option<String> {
    let (sign, number) = (found.get(1)?.as_str(), found.get(2)?.as_str());
    let point = if POINT_FOR_DECIMALS.contains(&region) { '.' } else { ',' };
    let cents = found.get(3).map(|cents| cents.as_str());
    // Three digits behind a mark are thousands whatever the country; cents stand behind its own mark only.
    if cents.is_some_and(|cents| !cents.starts_with(point)) {
        return None;
    }
    let number: String = number.chars().filter(char::is_ascii_digit).collect();
    let one = number == "1";
    let currency = match sign {
        "S/" => ["sol", "soles", "céntimo", "céntimos"],
        "€" => ["euro", "euros", "céntimo", "céntimos"],
        "$" if !DOLLARS.contains(&region) => ["peso", "pesos", "centavo", "centavos"],
        _ => ["dólar", "dólares", "centavo", "centavos"],
    };
    let units = if one { format!("un {}", currency[0]) } else { format!("{number} {}", currency[1]) };
    let cents = cents.map(|cents| cents[1..].to_owned()).map(|cents| if cents.len() == 1 { format!("{cents}0") } else { cents });
    Some(match cents.as_deref().map(str::parse::<u32>) {
        None | Some(Ok(0)) => units,
        Some(Ok(1)) => format!("{units} con un {}", currency[2]),
        Some(Ok(cents)) => format!("{units} con {cents} {}", currency[3]),
        Some(Err(_)) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(language: &str, text: &str, said: &str) {
        assert_eq!(aloud(text, language), said);
    }

    #[test]
    fn abbreviations_are_read_as_words() {
        check("es-MX", "Tu ticket Nº 45, N° 7 y n.º 8", "Tu ticket número 45, número 7 y número 8");
        check("es-MX", "Sr. Pérez & Cía., tel. 55", "señor Pérez y Cía., teléfono 55");
        check("es-MX", "No 4, el 5º piso, Srita. Núm. 9", "No 4, el 5º piso, Srita. número 9");
    }

    #[test]
    fn amounts_are_read_as_their_country_writes_them() {
        for language in ["es-MX", "es-CL"] {
            check(language, "Debes $1.200 y $1,200.", "Debes 1200 pesos y 1200 pesos.");
            check(language, "$ 350 pesos, US$20, € 1", "350 pesos, 20 dólares, un euro");
        }
        check("es-MX", "$1,200.50 de saldo; $3.5 más", "1200 pesos con 50 centavos de saldo; 3 pesos con 50 centavos más");
        check("es-AR", "$1.200,50", "1200 pesos con 50 centavos");
        check("es-EC", "$5,01", "5 dólares con un centavo");
        check("es-PE", "S/ 12.00", "12 soles");
    }

    #[test]
    fn amounts_that_cannot_be_read_safely_are_left_as_they_are() {
        // A comma before cents in Mexico, more marks than an amount has, a sign inside a word.
        for text in ["$12,50", "$1.2.3.4", "$1,2000", "$1,200.500", "a$5", "12.000", "$5 millones", "$3 mil", "€$2"] {
            check("es-MX", text, text);
        }
    }

    #[test]
    fn dates_are_read_as_words_and_what_is_none_is_left() {
        check("es-MX", "desde el 2026-01-15 al 3/2/2026.", "desde el 15 de enero de 2026 al 3 de febrero de 2026.");
        check("es-US", "3/2/2026", "2 de marzo de 2026");
        for text in ["2026-13-01", "32/01/2026", "4-5-2-1", "1/2", "2026-01-15T08:30", "a2026-01-15"] {
            check("es-MX", text, text);
        }
    }

    #[test]
    fn other_languages_are_left_alone() {
        check("en-US", "$1,200 on 2026-01-15", "$1,200 on 2026-01-15");
    }

    proptest! {
        #[test]
        fn a_text_without_signs_and_abbreviations_is_left_as_it_is(text in "[a-mo-su-z0-9 ,.¿?]{0,60}") {
            prop_assert_eq!(aloud(&text, "es-MX"), text);
        }

        #[test]
        fn any_text_is_read(text in "\\PC{0,60}", region in "[A-Z]{2}") {
            let said = aloud(&text, &format!("es-{}", region));
            prop_assert!(said.len() <= text.len() * 20 + 20, "{}", said);
        }
    }
}
