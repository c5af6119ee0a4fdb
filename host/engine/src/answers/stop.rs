//! "Cancele el trámite", "ya no quiero reportar nada": the caller drops the whole business.
//!
//! Lives here: how that is said inside a longer sentence, and what keeps it from being that.
//! Never here: a no to the open question ("no la bloquee"), which drops nothing else (`yes_no`).

use super::phrases::{begins, contains};
use super::words::Word;

/// What is dropped is the whole business, whatever is asked.
const WHOLE: &str = "{stop} todo|{stop} toda|{stop} (con) {this} {business}|{stop} {this} (mismo) {business}|{stop} (con) esto|{stop} eso|{stop} (lo) de {this} {business}|{stop} (lo) del {business}|{stop} aqui|{stop} aca|{stop} ahi|{leave} todo|{leave} esto|{leave} eso asi|{leave} (lo) de {this} {business}|{leave} {this} {business}|{stop} hasta aqui|{stop} hasta aca|{stop} hasta ahi|{stop} lo que|{forget}|{forget} (de) (todo) (eso) (esto)\
|no {want} seguir|no {want} continuar|no {want} proseguir|no voy a seguir|no voy a continuar|no vamos a seguir|no pienso seguir|no sigamos|no continuemos|no sigo|no continuo|no sigas|no continue con|no siga con|no {want} hacer nada|no {want} (hacer) {this} {business}|no {want} hacer esto|no {want} hacer ningun {business}|no {want} {report} nada|no {want} {report} {this} {business}|no {want} {report} ningun {business}|no {want} {report} ninguna {business}|no {want} nada de (eso) (esto)\
|no voy a hacer nada|no voy a {report} nada|no voy a hacer {this} {business}|no voy a hacer ningun {business}|no voy a {report} {this} {business}|no vamos a hacer nada|ya no {report} nada|no hagamos nada|ya no hagamos|ya no hago nada|ya no haga nada|ya no hagan nada|dejemos todo|dejemos esto|dejemos eso|dejemos {this} {business}|dejemos asi|dejemos las cosas|hagamos de cuenta|haga de cuenta|hagan de cuenta|hace de cuenta|haz de cuenta|hagase de cuenta|{leave} sin efecto|(ya) no me interesa hacer|(ya) no me interesa seguir|(ya) no me interesa {report}|me salgo de|salir de {this} {business}|salirme de {this} {business}|salir de esto|salirme de esto|terminar con esto|de por terminado|demos por terminado|de por cancelado|damelo por cancelado|desisto|desistir|mejor no hago nada|prefiero no hacer nada|prefiero no seguir|prefiero no continuar";

/// What drops it where something else is asked, since a no would answer another question.
const TOO: &str = "ya no {it} {want} {block}|no {want} {block}|no {it} {want} {block}|ya no {want} {block}|ya no voy a {block}|ya no {it} voy a {block}|ya no hace falta {block}|ya no es necesario|ya no hace falta|ya no hay necesidad|ya no la {block}|ya no {it} bloqueen|ya no {want} nada|ya no {want} reportar|ya no {it} {want} hacer|no {want} hacerlo|ya no {want} hacerlo|no {it} {dont}|ya no {it} {dont}|no {dont} nada|no haga nada|no hagas nada|no hagan nada";

/// What makes it a condition, somebody else's words, or another wish.
const NOT: &str = "bloqueela|bloqueala|bloqueenla|reportela|pero|si|cuando|hasta que|dice|dicen|dijo|dijeron|como|que pasa|puedo|por que|cuanto|cargo|compra|compras|suscripcion|no {stop}|no {it} {stop}|no {forget}|no te {forget}|tarjeta de|seguro|cita|cheque|credito|persona|asesor|ejecutivo|saldo";

/// Whether everything is dropped, whatever question is open.
pub(super) fn drops_all(text: &str, words: &[Word]) -> bool {
    const MOST_WORDS: usize = 18;
    !text.contains(['?', '¿']) && words.len() <= MOST_WORDS && contains(words, WHOLE) && !contains(words, NOT)
}

/// Whether everything is dropped where the open question is no yes or no.
pub(super) fn drops(text: &str, words: &[Word]) -> bool {
    const MOST_WORDS: usize = 14;
    drops_all(text, words)
        || (!text.contains(['?', '¿'])
            && words.len() <= MOST_WORDS
            && start(words).is_some()
            && !contains(words, NOT)
            && words.iter().all(|word| !word.is_figures()))
}

/// The words after what is said before it comes to anything.
fn start(words: &[Word]) -> Option<&[Word]> {
    const BEFORE: &str = "no|ya|mejor|sabe|sabes|que|bueno|pues|po|oiga|oye|mire|mira|ay|eh|este|senorita|senor|joven|gracias|disculpe|disculpa|perdon|deja|dejalo|dejelo|entonces|filo|listo|che|dale";
    let is_before = |word: &Word| BEFORE.split('|').any(|before| before == word.text);
    let from = words.iter().take_while(|word| is_before(word)).count();
    // "ya no" and "no quiero" are the beginning themselves.
    (0..=from).rev().map(|at| &words[at..]).find(|rest| TOO.split('|').any(|phrase| begins(rest, phrase).is_some()))
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    #[test]
    fn the_whole_business_is_dropped_in_any_words() {
        for said in [
            "ya no quiero reportar nada, deje todo así",
            "cancéleme esa solicitud, joven",
            "olvídelo, ya la encontré",
            "no sigamos con esto por favor",
            "haga de cuenta que no llamé",
            "quiero parar todo esto",
            "deje sin efecto el trámite",
        ] {
            assert!(drops_all(said, &words(said)), "{said}");
        }
    }

    #[test]
    fn a_no_a_question_or_a_card_to_be_cancelled_drops_nothing() {
        for said in [
            "no la bloquee",
            "déjela como está",
            "para nada",
            "¿y si cancelo todo?",
            "cancele la tarjeta",
            "si cancela todo, qué pasa",
            "deje reviso",
            "no cancele nada, bloquéela",
            "cancele el cargo de ese comercio",
        ] {
            assert!(!drops_all(said, &words(said)), "{said}");
        }
    }

    #[test]
    fn where_digits_are_asked_for_a_no_to_the_block_drops_it() {
        for said in ["ya no la quiero bloquear", "mejor ya no quiero bloquear nada", "dejá, ya no la quiero bloquear"] {
            assert!(drops(said, &words(said)), "{said}");
            assert!(!drops_all(said, &words(said)), "{said}");
        }
        for said in ["para la tarjeta azul", "no la tengo", "4521", "deje la busco"] {
            assert!(!drops(said, &words(said)), "{said}");
        }
    }
}
