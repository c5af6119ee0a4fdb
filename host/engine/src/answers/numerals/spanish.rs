//! Spanish number words, as they are written and as they sound.
//!
//! Lives here: what each word is. Recognisers and people spell by ear ("sero", "zinco", "nuebe",
//! "ventiuno", "cuarenticinco"), so words are compared by their sound.
//! Never here: how neighbours join (`numerals`).

use super::Numeral;

/// The number word, if it is one.
pub(super) fn word(written: &str) -> Option<Numeral> {
    const LONGEST: usize = 16;
    // "lo siento" sounds like a hundred and is none.
    if !(2..=LONGEST).contains(&written.len()) || matches!(written, "siento" | "sientos" | "sien" | "ves" | "vez" | "dosis") {
        return None;
    }
    let sound = sound(written);
    Some(match sound.as_str() {
        "un" | "una" => Numeral::Article,
        "mil" => Numeral::Thousand,
        "millon" | "millones" => Numeral::Million,
        "doble" => Numeral::Repeat(2),
        "triple" => Numeral::Repeat(3),
        "kuadruple" => Numeral::Repeat(4),
        "beses" => Numeral::Times,
        "par" => Numeral::Pair,
        "sientos" | "sientas" => Numeral::HundredsOf,
        "sien" | "siento" => Numeral::Hundreds(100),
        "dies" => Numeral::Tens(10),
        "onse" => Numeral::Teen(11),
        "dose" => Numeral::Teen(12),
        "trese" => Numeral::Teen(13),
        "katorse" => Numeral::Teen(14),
        "kinse" => Numeral::Teen(15),
        sound => {
            return unit(sound).map(Numeral::Unit).or_else(|| plural(sound)).or_else(|| tens(sound)).or_else(|| hundreds(sound)).or_else(|| fused(sound));
        }
    })
}

/// `sero`, `kuatro`: what c, z, s, b, v, qu, k, h and y sound like in America.
fn sound(written: &str) -> String {
    let mut heard = String::with_capacity(written.len());
    let mut letters = written.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        let sound = match letter {
            'v' => 'b',
            'z' => 's',
            'c' if next == 'h' => 'c',
            'c' if matches!(next, 'e' | 'i' | 'y') => 's',
            'c' | 'q' => 'k',
            'u' if before == 'q' && matches!(next, 'e' | 'i') => '\0',
            'h' if before != 'c' => '\0',
            'y' => 'i',
            other => other,
        };
        before = letter;
        if sound != '\0' && (!heard.ends_with(sound) || matches!(sound, 'l' | 'r')) {
            heard.push(sound);
        }
    }
    heard
}

fn unit(sound: &str) -> Option<u64> {
    Some(match sound {
        "sero" => 0,
        "uno" => 1,
        "dos" => 2,
        "tres" => 3,
        "kuatro" => 4,
        "sinko" => 5,
        "seis" => 6,
        "siete" => 7,
        "ocho" => 8,
        "nuebe" => 9,
        _ => return None,
    })
}

/// "ceros", "doses".
fn plural(sound: &str) -> Option<Numeral> {
    let unit = unit(sound.strip_suffix('s')?).or_else(|| unit(sound.strip_suffix("es")?))?;
    Some(Numeral::Plural(unit))
}

/// The beginning that a ten shares with what is built on it.
const STEMS: [(&str, u64); 14] = [
    ("beint", 20),
    ("bent", 20),
    ("treint", 30),
    ("trent", 30),
    ("kuarent", 40),
    ("kuareint", 40),
    ("sinkuent", 50),
    ("sesent", 60),
    ("seisent", 60),
    ("setent", 70),
    ("sietent", 70),
    ("ochent", 80),
    ("nobent", 90),
    ("nuebent", 90),
];

fn tens(sound: &str) -> Option<Numeral> {
    if matches!(sound, "diesi" | "beinti" | "benti") {
        return Some(Numeral::Stem(if sound == "diesi" { 10 } else { 20 }));
    }
    let (rest, tens) = STEMS.iter().find_map(|(stem, tens)| Some((sound.strip_prefix(stem)?, *tens)))?;
    match rest {
        // "ventana" is no number, and neither is "venta".
        "e" if tens == 20 => Some(Numeral::Tens(tens)),
        "a" if tens > 20 => Some(Numeral::Tens(tens)),
        // "treinti uno", "cuarentay cinco".
        "i" | "ai" if tens > 20 => Some(Numeral::Stem(tens)),
        _ => None,
    }
}

/// "quinientos", "setecientas", "nuevecientos".
fn hundreds(sound: &str) -> Option<Numeral> {
    let root = sound.strip_suffix("ientos").or_else(|| sound.strip_suffix("ientas"))?;
    let hundreds = match root {
        "dos" => 200,
        "tres" => 300,
        "kuatros" => 400,
        "kin" | "sinkos" => 500,
        "seis" => 600,
        "setes" | "sietes" => 700,
        "ochos" => 800,
        "nobes" | "nuebes" => 900,
        _ => return None,
    };
    Some(Numeral::Hundreds(hundreds))
}

/// "veintiuno", "dieciséis", "cuarentaicinco", "ventidós", "treintidós": tens and unit in one word.
fn fused(sound: &str) -> Option<Numeral> {
    let (rest, tens) = STEMS
        .iter()
        .find_map(|(stem, tens)| Some((sound.strip_prefix(stem)?.strip_prefix(['a', 'e', 'i'])?, *tens)))
        .or_else(|| Some((sound.strip_prefix("dies").or_else(|| sound.strip_prefix("die"))?, 10)))?;
    let rest = rest.strip_prefix(['i', 'e']).unwrap_or(rest);
    let unit = match rest {
        "un" | "una" => 1,
        rest => unit(rest).filter(|unit| *unit > 0)?,
    };
    Some(Numeral::Teen(tens + unit))
}
