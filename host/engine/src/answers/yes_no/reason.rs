//! A decision with its reason: "bloquéala, que me asaltaron", "no, porque la necesito".
//!
//! Lives here: which reasons leave a decision what it is.
//! Never here: the decision (`yes_no`).

use super::{decided, does};
use crate::answers::Setting;
use crate::answers::phrases::contains;
use crate::answers::words::Word;

/// A decision and why: "bloquéala, que me asaltaron", "no, porque la necesito". The reason is free as long as nothing
/// in it takes the decision back.
pub(super) fn reasoned(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> Option<bool> {
    const BECAUSE: &[&str] = &["que", "porque", "antes", "pues", "es"];
    const TAKES_BACK: &[&str] = &[
        "si", "pero", "aunque", "cuando", "hasta", "dice", "dicen", "dijo", "dijeron", "digo", "solo", "salvo", "menos", "tal", "quiza", "quizas", "creo",
        "sino", "mejor", "espere", "espera", "todavia", "depende", "primero", "mientras",
    ];
    /// How a reason may begin right after a no: "no tengo la tarjeta" is none.
    const NEW_CLAUSE: &[&str] = &["porque", "es", "esa", "ese", "ya", "fijese"];
    /// What puts a yes off, or means something else by it.
    const PUTS_OFF: &[&str] = &["no", "ni", "luego", "despues", "manana", "otra", "otro", "rato"];
    /// What a caller has that needs no blocking, or what is wrong about the question.
    const HAS_IT: &[&str] = &[
        "la",
        "lo",
        "las",
        "los",
        "el",
        "mi",
        "mis",
        "me",
        "se",
        "es",
        "son",
        "era",
        "fue",
        "esa",
        "ese",
        "esos",
        "esas",
        "esta",
        "este",
        "aqui",
        "aca",
        "ahi",
        "conmigo",
        "ya",
        "que",
        "de",
        "en",
        "con",
        "para",
        "tengo",
        "tenia",
        "traigo",
        "estaba",
        "encontre",
        "halle",
        "vi",
        "aparecio",
        "salio",
        "necesito",
        "ocupo",
        "uso",
        "usar",
        "pagar",
        "otra",
        "otro",
        "tarjeta",
        "numero",
        "numeros",
        "digitos",
        "mia",
        "mio",
        "mal",
        "equivocada",
        "equivocado",
        "incorrecto",
        "incorrecta",
        "correcta",
        "correcto",
        "termina",
        "terminada",
        "perdi",
        "perdida",
        "robaron",
        "bolsa",
        "bolso",
        "cartera",
        "billetera",
        "casa",
        "carro",
        "auto",
        "coche",
        "mano",
        "mesa",
        "cajon",
        "mochila",
        "saco",
        "pantalon",
        "debajo",
        "si",
        "no",
        "pues",
        "po",
        "fijese",
        "hoy",
        "esposa",
        "esposo",
        "mama",
        "hijo",
        "hija",
    ];
    /// What only a caller speaks of who means the card.
    const OF_CARD: &[&str] = &[
        "tarjeta",
        "plastico",
        "mia",
        "encontre",
        "halle",
        "pille",
        "aparecio",
        "necesito",
        "ocupo",
        "usando",
        "uso",
        "termina",
        "terminan",
        "equivoque",
        "equivocaron",
        "equivocada",
        "perdi",
        "falta",
        "nomina",
        "numero",
        "numeros",
        "digitos",
        "cartera",
        "billetera",
        "activa",
    ];
    (1..words.len()).find_map(|at| {
        let (head, tail) = words.split_at(at);
        let (yes, of_what) = decided(text.get(..head.last()?.span.end)?, head, doing, setting)?;
        let pauses = text.get(head.last()?.span.end..tail[0].span.start).is_some_and(|between| !between.trim().is_empty());
        let because = BECAUSE.contains(&tail[0].text.as_str());
        let takes_back = |word: &Word| TAKES_BACK.contains(&word.text.as_str()) || does(&word.text, "do", doing);
        let puts_off = |word: &Word| PUTS_OFF.contains(&word.text.as_str());
        let has_it = |word: &Word| word.is_figures() || HAS_IT.contains(&word.text.as_str());
        let free = because && tail.len() > 1 && !tail.iter().any(takes_back);
        let reason = match (yes, of_what) {
            (true, true) => free && !tail.iter().any(puts_off),
            (true, false) => free && tail[0].text == "porque" && !tail.iter().any(puts_off),
            (false, true) => free || tail.iter().all(has_it),
            (false, false) => {
                let of_card = || tail.iter().any(|word| OF_CARD.contains(&word.text.as_str())) && !tail.iter().any(takes_back) && !contains(tail, "{block}");
                let apart = pauses || NEW_CLAUSE.contains(&tail[0].text.as_str());
                tail.len() > 2 && apart && ((free && tail[0].text == "porque") || tail.iter().all(has_it) || of_card())
            }
        };
        reason.then_some(yes)
    })
}
