//! A number among words that have nothing to do with it: "no veo bien, pero creo que es seis dos tres siete".
//!
//! Lives here: which stretch of an utterance is the number, and when that is not sure.
//! Never here: how a stretch is read (`digits`).

use super::{Part, lexicon, longest, number_at, once};
use crate::answers::Language;
use crate::answers::numerals::Joining;
use crate::answers::words::{Word, parted};

/// Longer utterances are stories.
const MOST_WORDS: usize = 40;

/// Words that make a number beside them something else: money, time, places, other secrets.
const OTHER_THINGS: &[&str] = &[
    "peso",
    "pesos",
    "sol",
    "soles",
    "dolar",
    "dolares",
    "luca",
    "lucas",
    "palos",
    "varos",
    "centavos",
    "euros",
    "ano",
    "anos",
    "mes",
    "meses",
    "dia",
    "dias",
    "semana",
    "semanas",
    "hora",
    "horas",
    "minuto",
    "minutos",
    "segundos",
    "vez",
    "veces",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "setiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "calle",
    "avenida",
    "piso",
    "departamento",
    "depto",
    "colonia",
    "kilometro",
    "kilometros",
    "metros",
    "kilos",
    "grados",
    "telefono",
    "celular",
    "clave",
    "pin",
    "nip",
    "cvv",
    "contrasena",
    "postal",
    "vence",
    "vencimiento",
    "fecha",
    "naci",
    "nacimiento",
    "edad",
    "saldo",
    "ciento",
    "porciento",
    "compra",
    "compre",
    "cargo",
    "cargos",
    "cobro",
    "cobraron",
    "gaste",
    "pague",
    "debo",
    "partido",
    "canal",
    "capitulo",
    "empieza",
    "empiezan",
    "comienza",
    "primeros",
    "primeras",
    "pagina",
    "extension",
    "sucursal",
    "ruta",
    "dni",
    "rut",
    "curp",
    "cedula",
    "pasaporte",
    "ruc",
    "placa",
];

/// What may follow a number without a pause and leaves it what it is.
const MAY_FOLLOW: &[&str] = &[
    "es", "son", "esa", "ese", "esos", "asi", "que", "si", "lo", "la", "los", "le", "me", "creo", "al", "ahi", "pero", "porque", "como", "segun", "termina",
    "terminan", "acaba", "nada", "tal", "igual",
];

/// A stretch of numbers and fillers.
struct Stretch {
    from: usize,
    to: usize,
    /// All its digits, in order.
    digits: String,
    /// What the question makes of it.
    answer: Option<String>,
}

/// The one answer among other words, or the last one when it corrects those before it.
pub(super) fn read(text: &str, words: &[Word], language: Language, taken: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if words.len() > MOST_WORDS || text.trim_start().starts_with('¿') || words.iter().any(|word| OTHER_THINGS.contains(&word.text.as_str())) {
        return None;
    }
    let stretches = stretches(words, language, taken);
    let answers: Vec<&Stretch> = stretches.iter().filter(|stretch| stretch.answer.is_some()).collect();
    let (last, before) = answers.split_last()?;
    let counts_something = |stretch: &Stretch| {
        let next = words.get(stretch.to);
        next.is_some_and(|next| {
            !parted(text, &words[stretch.to - 1], next)
                && !MAY_FOLLOW.contains(&next.text.as_str())
                && longest(std::slice::from_ref(next), lexicon(language)).is_none()
        })
    };
    let corrects = |from: usize, to: usize| (from..to).any(|at| matches!(longest(&words[at..to], lexicon(language)), Some((Part::Correction, _))));
    let taken_back = words.get(last.to).is_some_and(|next| next.text == "no");
    if taken_back || counts_something(last) || is_denied(text, words, last.from) || is_year(words, last) {
        return None;
    }
    let superseded = before.iter().all(|stretch| {
        stretch.answer == last.answer || is_denied(text, words, stretch.from) || (corrects(stretch.to, last.from) && stretch.digits.len() == last.digits.len())
    });
    // Other digits may be counted things ("tengo dos tarjetas"), repeat some of the answer, or be corrected by it.
    let beside = |stretch: &&Stretch| stretch.answer.is_none();
    let counts = |stretch: &Stretch| {
        let between = if stretch.to <= last.from { stretch.to..last.from } else { last.to..stretch.from };
        stretch.digits.len() == 1 && between.into_iter().any(|at| longest(&words[at..], lexicon(language)).is_none())
    };
    let harmless = |stretch: &Stretch| counts(stretch) || last.digits.contains(&stretch.digits) || (stretch.to <= last.from && corrects(stretch.to, last.from));
    (superseded && stretches.iter().filter(beside).all(harmless)).then(|| last.answer.clone()).flatten()
}

/// The stretches of an utterance: from a number to the last one that only numbers and fillers part from it.
fn stretches(words: &[Word], language: Language, taken: &dyn Fn(&str) -> Option<String>) -> Vec<Stretch> {
    let any = |digits: &str| Some(digits.to_owned());
    let (mut found, mut from) = (Vec::new(), 0);
    while from < words.len() {
        if number_at(words, from, language, Joining::Strict).is_none() {
            from += 1;
            continue;
        }
        let ends_a_number = |to: &usize| (from..*to).any(|at| number_at(words, at, language, Joining::Strict).is_some_and(|(_, next)| next == *to));
        let ends: Vec<usize> = (from + 1..=words.len()).rev().filter(ends_a_number).collect();
        let read = |to: usize, taken: &dyn Fn(&str) -> Option<String>| Some((to, once(words.get(from..to)?, language, taken)?));
        // "es tres nueve uno dos, es…": what is an answer already ends before the words that follow it.
        let stops = |to: &usize| *to == words.len() || number_at(words, *to, language, Joining::Strict).is_none();
        let answer = ends.iter().copied().filter(stops).find(|to| read(*to, taken).is_some());
        let whole = answer.into_iter().chain(ends).find_map(|to| read(to, &any));
        match whole {
            Some((to, digits)) => {
                found.push(Stretch { from, to, answer: once(&words[from..to], language, taken), digits });
                from = to;
            }
            None => from += 1,
        }
    }
    found
}

/// "no es la 4521": the words right before the number begin with "no", and nothing parts them; or the number follows
/// "las", as the time does.
fn is_denied(text: &str, words: &[Word], from: usize) -> bool {
    let joins = |word: &Word| {
        matches!(word.text.as_str(), "es" | "son" | "era" | "eran" | "la" | "el" | "los" | "termina" | "en" | "acaba" | "con" | "de" | "terminada")
    };
    let start = (0..from).rev().find(|at| !joins(&words[*at]));
    let is_time = from > 0 && words[from - 1].text == "las";
    is_time || start.is_some_and(|at| words[at].text == "no" && !parted(text, &words[at], &words[at + 1]))
}

/// "la saqué en 2018".
fn is_year(words: &[Word], stretch: &Stretch) -> bool {
    let alone = stretch.to == stretch.from + 1 && words[stretch.from].is_figures() && (stretch.digits.starts_with("19") || stretch.digits.starts_with("20"));
    let before = |back: usize| stretch.from.checked_sub(back).and_then(|at| words.get(at)).map_or("", |word| word.text.as_str());
    alone
        && matches!(before(1), "en" | "del" | "desde")
        && !before(2).starts_with("termin")
        && !before(2).starts_with("acab")
        && !before(2).starts_with("finaliz")
}
