//! One of several things: a key, what callers call it, or its place in the list.
//!
//! Lives here: which alternative a whole utterance names.
//! Never here: the alternatives (the flows pass them).

use super::phrases::begins;
use super::words::{Word, parted, words};
use super::{Alternative, Language, chatter};

/// What may stand beside the alternative's name.
const FILLERS: &[&str] = &[
    // Spanish
    "la",
    "el",
    "las",
    "los",
    "lo",
    "de",
    "del",
    "mi",
    "mis",
    "una",
    "un",
    "mia",
    "tarjeta",
    "tarjetas",
    "cuenta",
    "por",
    "favor",
    "porfa",
    "porfavor",
    "gracias",
    "si",
    "pues",
    "este",
    "eh",
    "e",
    "mm",
    "m",
    "bueno",
    "quiero",
    "quisiera",
    "necesito",
    "es",
    "seria",
    "son",
    "serian",
    "fue",
    "que",
    "sea",
    "mejor",
    "bloquear",
    "bloquea",
    "bloquee",
    "bloqueen",
    "bloqueame",
    "reporta",
    "reporte",
    "reportar",
    "reportame",
    "cancelar",
    "cancela",
    "con",
    "a",
    "en",
    "ok",
    "claro",
    "senorita",
    "senor",
    "joven",
    "po",
    "perdi",
    "robaron",
    "me",
    "opcion",
    "nada",
    "mas",
    "solo",
    "solamente",
    "creo",
    // English
    "the",
    "my",
    "card",
    "cards",
    "please",
    "yes",
    "it",
    "is",
    "its",
    "thanks",
    "i",
    "want",
    "block",
    "report",
    "one",
    "just",
    "only",
    "option",
    "um",
    "uh",
];

/// Where the alternative stands in the list.
const PLACES: &[(&str, usize)] = &[
    ("la primera", 0),
    ("el primero", 0),
    ("primera opcion", 0),
    ("opcion uno", 0),
    ("opcion 1", 0),
    ("numero uno", 0),
    ("the first one", 0),
    ("the first", 0),
    ("option one", 0),
    ("la segunda", 1),
    ("el segundo", 1),
    ("segunda opcion", 1),
    ("opcion dos", 1),
    ("opcion 2", 1),
    ("numero dos", 1),
    ("the second one", 1),
    ("the second", 1),
    ("option two", 1),
    ("la tercera", 2),
    ("el tercero", 2),
    ("tercera opcion", 2),
    ("opcion tres", 2),
    ("opcion 3", 2),
    ("numero tres", 2),
    ("the third one", 2),
    ("the third", 2),
    ("option three", 2),
];

/// The value of the one alternative the utterance names. Of several the last one counts when it corrects the others
/// ("crédito, perdón, débito", "la de crédito no, la de débito"); a question names none.
pub(super) fn read(text: &str, all: &[Alternative], said: &[Word], language: Language) -> Option<String> {
    const MOST_WORDS: usize = 30;
    /// Words beside the answer that nobody knows.
    const MOST_UNKNOWN: usize = 8;
    if said.len() > MOST_WORDS || text.contains(['?', '¿']) {
        return None;
    }
    let corrections: &[&str] = match language {
        Language::Spanish => &["perdon", "digo", "corrijo", "mejor"],
        Language::English => &["sorry", "rather"],
    };
    let names: Vec<(usize, Vec<Word>)> = all
        .iter()
        .enumerate()
        .flat_map(|(index, alternative)| alternative.words.iter().map(move |name| (index, words(name))))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    let (mut named, mut at): (Vec<(usize, bool)>, usize) = (Vec::new(), 0);
    let (mut unknown, mut corrected, mut denies) = (0, false, false);
    while at < said.len() {
        let rest = &said[at..];
        let word = rest[0].text.as_str();
        if let Some((index, length)) = longest(rest, &names, all.len()) {
            let denied = denies
                || rest
                    .get(length)
                    .is_some_and(|next| next.text == "no" && !rest.get(length + 1).is_some_and(|next| corrections.contains(&next.text.as_str())));
            if corrected {
                named.clear();
            }
            named.push((index, denied));
            (at, corrected, denies) = (at + length, false, false);
            continue;
        }
        corrected |= corrections.contains(&word) && !named.is_empty();
        if word == "no" {
            // "no, la de débito" has a pause; "no la de débito" denies it.
            let pauses = rest.get(1).is_none_or(|next| parted(text, &rest[0], next));
            denies = !pauses;
        } else if !FILLERS.contains(&word) && !corrections.contains(&word) {
            denies = false;
            let length = chatter::length(rest);
            unknown += usize::from(length == 0);
            at += length.saturating_sub(1);
        }
        at += 1;
    }
    let mut wanted: Vec<usize> = named.iter().filter(|(_, denied)| !denied).map(|(index, _)| *index).collect();
    wanted.dedup();
    let [only] = wanted[..] else { return None };
    (unknown <= MOST_UNKNOWN && DOUBTS.iter().all(|doubt| said.iter().all(|word| word.text != *doubt))).then_some(())?;
    all.get(only).map(|alternative| alternative.value.clone())
}

/// What makes a name no answer.
const DOUBTS: &[&str] = &["o", "cual", "quizas", "quiza", "hipotecario", "saldo", "cuanto", "cuando", "prestamo", "esposo", "esposa"];

/// The longest name the words begin with; a name that two alternatives share is nobody's.
fn longest(said: &[Word], names: &[(usize, Vec<Word>)], count: usize) -> Option<(usize, usize)> {
    let named = |name: &[Word]| name.len() <= said.len() && name.iter().zip(said).all(|(expected, word)| expected.text == word.text);
    let mut best: Option<(usize, usize)> = None;
    let mut shared = false;
    for (index, name) in names.iter().filter(|(_, name)| named(name)) {
        match best {
            Some((_, length)) if length > name.len() => {}
            Some((other, length)) if length == name.len() => shared |= other != *index,
            _ => (best, shared) = (Some((*index, name.len())), false),
        }
    }
    for (place, index) in PLACES.iter().filter(|(_, index)| *index < count) {
        if let Some(length) = begins(said, place)
            && best.is_none_or(|(_, longest)| length > longest)
        {
            (best, shared) = (Some((*index, length)), false);
        }
    }
    best.filter(|_| !shared)
}

/// The value of the alternative with this key.
pub(super) fn keyed(all: &[Alternative], keys: &str) -> Option<String> {
    let mut keys = keys.chars();
    let key = keys.next().filter(|_| keys.next().is_none())?;
    all.iter().find(|alternative| alternative.key == Some(key)).map(|alternative| alternative.value.clone())
}

#[cfg(test)]
mod tests {
    use super::super::{Heard, Kind, Reading};
    use super::*;
    use crate::Value;

    fn cards() -> Kind {
        let alternative =
            |value: &str, key, words: &str| Alternative { value: value.into(), key: Some(key), words: words.split('|').map(str::to_owned).collect() };
        Kind::Choice(vec![
            alternative("debit", '1', "débito|la débito|nómina"),
            alternative("credit", '2', "crédito"),
            alternative("all", '3', "todas|ambas|las dos|todo|débito y crédito"),
        ])
    }

    #[track_caller]
    fn check(said: &str, keys: bool, expected: Option<&str>) {
        let reading = super::super::read(&cards(), &Heard { text: said, keys }, Language::Spanish);
        let expected = expected.map_or(Reading::Nothing, |value| Reading::Answer(Value::text(value)));
        assert!(reading == expected, "{said}");
    }

    #[test]
    fn an_alternative_is_named_by_any_of_its_words() {
        for said in [
            "débito",
            "la de débito",
            "Debito.",
            "la débito por favor",
            "mi tarjeta de débito",
            "quiero bloquear la de débito",
            "la primera",
            "opción 1",
            "la de nómina",
            "pues la de débito, señorita",
            "crédito, perdón, débito",
            "la de crédito no, perdón, la de débito",
        ] {
            check(said, false, Some("debit"));
        }
        for said in [
            "la de débito no, la de crédito",
            "no, la de crédito",
            "la de crédito que es la que perdí",
            "la de crédito",
            "CRÉDITO",
            "es la de crédito",
            "la segunda",
            "sí, la de crédito",
        ] {
            check(said, false, Some("credit"));
        }
        for said in ["todas", "las dos", "reporta todas por favor", "débito y crédito", "bloquea las dos", "la tercera"] {
            check(said, false, Some("all"));
        }
    }

    #[test]
    fn two_alternatives_a_negation_or_a_story_name_none() {
        for said in [
            "",
            "la de crédito o la de débito",
            "no la de débito",
            "la de débito no",
            "débito crédito",
            "la tarjeta",
            "crédito hipotecario",
            "¿cuál es la de débito?",
            "sí",
            "dos",
            "la cuarta",
        ] {
            check(said, false, None);
        }
    }

    #[test]
    fn other_words_and_a_correction_leave_the_answer_what_it_is() {
        for (said, expected) in [
            ("la débito, sí señora", Some("debit")),
            ("la que traía en la cartera, la de crédito", Some("credit")),
            ("todas, me robaron la cartera completa", Some("all")),
            ("no, la de crédito no, la de débito", Some("debit")),
            ("no la de crédito, la de débito", Some("debit")),
            ("la de mi esposo, la de crédito", None),
            ("¿la de crédito cuál es?", None),
        ] {
            check(said, false, expected);
        }
    }

    #[test]
    fn keys_stand_for_alternatives() {
        check("1", true, Some("debit"));
        check("3#", true, Some("all"));
        check("4", true, None);
        check("11", true, None);
        check("", true, None);
    }
}
