//! A decision with its reason: "bloquéala, que me asaltaron", "no, porque la necesito", "ya no aparece, así que bloquéela".
//!
//! Lives here: which reasons leave a decision what it is.
//! Never here: the decision (`yes_no`).

use super::decided;
use super::verbs::does;
use crate::answers::Setting;
use crate::answers::numerals::{Joining, number_at};
use crate::answers::phrases::{begins, contains};
use crate::answers::words::{Word, parted};

const BECAUSE: &str = "que|porque|antes|pues|es";
/// What comes between a reason and the decision it leads to.
const THEREFORE: &str = "asi que|por eso|entonces";
/// What takes a decision back, puts it on a condition or into somebody else's mouth.
const TAKES_BACK: &str = "olvidelo|olvidalo|olvidate|olvidese|si|pero|aunque|cuando|hasta|dice|dicen|dijo|dijeron|digo|solo|salvo|menos|tal|quiza|quizas|creo|sino|mejor|espere|espera|todavia|depende|primero|mientras";
/// Of these, what a no bears: "no, espere, ya la encontré".
const NO_BEARS: &str = "espere|espera|mejor|todavia";
/// What puts a yes off, or means something else by it.
const PUTS_OFF: &str =
    "no|ni|cuanto|cuantos|cual|como|quien|cuesta|cobran|puedo|demora|tarda|nueva|van|devuelven|devolver|manda|mandan|luego|despues|manana|otra|otro|rato";
/// How a reason may begin right after a no: "no tengo la tarjeta" is none.
const NEW_CLAUSE: &str = "porque|es|esa|ese|ya|fijese";
/// What became of the card: after "sí," it is why.
const LOST: &str = "robaron|robo|asaltaron|atracaron|quitaron|arrebataron|hurtaron|afanaron|chorearon|cogotearon|perdi|extravie|clonaron|duplicaron|sacando|vaciando|usando|gastando";
/// What only a caller speaks of who means the card.
const OF_CARD: &str = "tarjeta|plastico|mia|encontre|halle|pille|aparecio|necesito|ocupo|usando|uso|usar|termina|terminan|equivoque|equivocaron|equivocada|perdi|falta|nomina|numero|numeros|digitos|cartera|billetera|activa\
|devolvieron|debito|credito";
/// Words of a caller who has the card, or whose card another one is.
const HAS_IT: &str = "la|lo|las|los|el|mi|mis|me|se|es|son|era|fue|esa|ese|esos|esas|esta|este|aqui|aca|ahi|conmigo|ya|que|de|en|con|para|tengo|tenia|traigo|estaba|encontre|halle|vi|aparecio|salio|necesito|ocupo|uso|usar\
|pagar|otra|otro|tarjeta|numero|numeros|digitos|mia|mio|mal|equivocada|equivocado|incorrecto|incorrecta|correcta|correcto|termina|terminada|perdi|perdida|robaron|bolsa|bolso|cartera|billetera|casa|carro|auto|coche|mano\
|mesa|cajon|mochila|saco|pantalon|debajo|si|no|pues|po|fijese|hoy|esposa|esposo|mama|hijo|hija";

fn is_of(words: &str, word: &Word) -> bool {
    words.split('|').any(|other| other == word.text)
}

/// A decision and why. The reason is free as long as nothing in it takes the decision back.
pub(super) fn reasoned(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> Option<bool> {
    let taken_back = |reason: &[Word]| reason.iter().any(|word| is_of(TAKES_BACK, word) || does(&word.text, "do", doing));
    (1..words.len()).find_map(|at| {
        let (head, tail) = words.split_at(at);
        if let Some(length) = THEREFORE.split('|').find_map(|phrase| begins(tail, phrase)) {
            return (decided(text, &tail[length..], doing, setting) == Some((true, true)) && !taken_back(head)).then_some(true);
        }
        let (yes, of_what) = decided(text, head, doing, setting)?;
        let pauses = parted(text, head.last()?, &tail[0]);
        let free = is_of(BECAUSE, &tail[0]) && tail.len() > 1 && !taken_back(tail);
        let put_off = tail.iter().any(|word| is_of(PUTS_OFF, word));
        // "no, es la 7788" corrects the number: it is for whoever understands corrections.
        let corrects = || (at..words.len()).any(|at| number_at(words, at, setting.language, Joining::Strict).is_some());
        let has_it = || tail.iter().all(|word| is_of(HAS_IT, word));
        let reason = match (yes, of_what) {
            (true, true) => free && !put_off,
            (true, false) => {
                let lost = pauses && tail.iter().any(|word| is_of(LOST, word)) && !taken_back(tail);
                ((free && tail[0].text == "porque") || lost) && !put_off
            }
            (false, true) => free || has_it(),
            (false, false) => {
                let borne = |word: &Word| is_of(NO_BEARS, word) || !(is_of(TAKES_BACK, word) || does(&word.text, "do", doing));
                let of_card = || tail.iter().any(|word| is_of(OF_CARD, word)) && tail.iter().all(borne) && !contains(tail, "{block}") && !corrects();
                let apart = pauses || is_of(NEW_CLAUSE, &tail[0]);
                tail.len() > 2 && apart && ((free && tail[0].text == "porque") || has_it() || of_card())
            }
        };
        reason.then_some(yes)
    })
}
