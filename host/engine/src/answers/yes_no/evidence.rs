//! What a sentence around a no is about: a card that its owner has and needs.
//!
//! Lives here: words and stems that tell, whatever the other words are.
//! Never here: what follows for the answer (`free`).

use crate::answers::Language;
use crate::answers::numerals::{Joining, number_at};
use crate::answers::words::Word;
use std::collections::HashSet;
use std::sync::LazyLock;

pub(super) type Set = LazyLock<HashSet<&'static str>>;

/// Beginnings of words that tell of a card its owner has, needs, or does not mean.
const KEPT_STEMS: &str = "regres|entreg|recuper|dejad|encontr|aparec|pill|devolv|devuel|deposit|necesit|ocup|viaj|jubil|pension|equivoc|confund|confus|malentend|malentend|acord|busc|guard|ahorr|tard|demor|activ|desbloq|funcion|quedar|consign|arrepent|trabaj|renov|memoria|mochil|cajon|billeter";
/// Words that tell of it.
const KEPT: &str = "halle|hallamos|hallo|hallaron|tenia|tenian|traia|traigo|tengo|tiene|usando|uso|usar|usarla|usa|pago|pagan|paga|pagar|pagarme|sueldo|quincena|nomina|bono|bonos|renta|alquiler|arriendo|dividendo|pensiones|colegio|hospital|clinica|unica|unico|quedo|hice|hicimos|hizo|compre|compro|compramos|mio|mia|mias|mios|error|falsa|robada|otro|cae|caen|llega|otra|otras|limite|puntos|saldo|clave|cupo|anda|sirve|permiso|autorizo|autorice|pertenece\
|mastercard|visa|credito|debito|fui|fue|era|recorde|recuerdo|cuenta|prefiero|preferiria|quede|siga|miedo|pena|afecta|conviene|resolvi|solucione|soluciono|arregle|arreglo|cobro|suscripcion|netflix|uber|rappi|spotify|plata|dinero|lana|manana|aqui|aca|mano|bolsa|cartera|casa|carro|auto|coche|campera|pantalon|bolsillo|extranjero|pais|fuera|familia|sucursal|agencia|medicinas|remedios|gasolina|bencina|trae|presto|preste|vecina|deje|tramite|reporte|solicitud|pedi|pedido|solicite|dije|dicho|llamaba|llame|llamo|precipitado|temprano|pensarlo|esperar|espero|espere";

static KEPT_SET: Set = LazyLock::new(|| KEPT.split('|').collect());

pub(super) fn is_negation(word: &str) -> bool {
    matches!(word, "no" | "ni" | "nunca" | "jamas" | "tampoco" | "nadie" | "ningun" | "ninguna")
}

/// "no, es la 7788" and "esa no, la otra" correct which card is meant: they are for whoever understands corrections.
pub(super) fn corrects(words: &[Word], from: usize, language: Language) -> bool {
    if words.len() < 5 && matches!(words, [.., the, other] if the.text == "la" && other.text == "otra") {
        return true;
    }
    let digits = |at: usize| number_at(words, at, language, Joining::Strict).map_or(0, |(number, _)| number.len());
    (from..words.len()).any(|at| digits(at) > 2)
}

/// Whether a negation stands shortly before this word.
fn is_denied(words: &[Word], at: usize) -> bool {
    words[at.saturating_sub(3)..at].iter().any(|word| is_negation(&word.text))
}

/// Whether this word tells of a card that its owner has, needs or does not mean.
pub(super) fn is_kept(words: &[Word], at: usize) -> bool {
    let word = words[at].text.as_str();
    const FAMILY: &str = "esposo|esposa|hijo|hija|hermano|hermana|marido|senora|mujer|sobrino|sobrina|nieto|nieta|vieja|viejo|mama|papa|jermu|cunado|cunada|suegra|novio|novia|pareja|primo|prima|abuela|abuelo|nuera|yerno|patrona|tia";
    let of_mine = || at > 0 && words[at - 1].text == "mi" && FAMILY.split('|').any(|member| member == word);
    (KEPT_SET.contains(word) || KEPT_STEMS.split('|').any(|stem| word.starts_with(stem)) || of_mine()) && !is_denied(words, at)
}
