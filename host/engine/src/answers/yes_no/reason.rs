//! A no with its reason: "no, porque la necesito", "no, ya la encontré".
//!
//! Lives here: which reasons leave a no what it is.
//! Never here: the decision (`yes_no`), why somebody says yes (`story`).

use super::decided;
use super::evidence::corrects;
use super::verbs::does;
use crate::answers::Setting;
use crate::answers::phrases::contains;
use crate::answers::words::{Word, parted};

const BECAUSE: &str = "que|porque|antes|pues|es";
/// What takes a no back, puts it on a condition or into somebody else's mouth.
const TAKES_BACK: &str = "olvidelo|olvidalo|olvidate|olvidese|si|pero|aunque|cuando|hasta|dice|dicen|dijo|dijeron|digo|solo|salvo|menos|tal|quiza|quizas|creo|sino|mejor|espere|espera|todavia|depende|primero|mientras";
/// Of these, what a no bears: "no, espere, ya la encontré".
const NO_BEARS: &str = "espere|espera|mejor|todavia";
/// How a reason may begin right after a no: "no tengo la tarjeta" is none.
const NEW_CLAUSE: &str = "porque|es|esa|ese|ya|fijese";
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

/// Whether a no stands here with its reason, which is free as long as nothing in it takes the no back.
pub(super) fn is_reasoned_no(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> bool {
    let taken_back = |reason: &[Word]| reason.iter().any(|word| is_of(TAKES_BACK, word) || does(&word.text, "do", doing));
    (1..words.len()).any(|at| {
        let (head, tail) = words.split_at(at);
        let Some((false, of_what)) = decided(text, head, doing, setting) else { return false };
        if corrects(words, at, setting.language) {
            return false;
        }
        let pauses = parted(text, &words[at - 1], &tail[0]);
        let free = is_of(BECAUSE, &tail[0]) && tail.len() > 1 && !taken_back(tail);
        let has_it = || tail.iter().all(|word| is_of(HAS_IT, word));
        if of_what {
            return free || has_it();
        }
        let borne = |word: &Word| is_of(NO_BEARS, word) || !(is_of(TAKES_BACK, word) || does(&word.text, "do", doing));
        let of_card = || tail.iter().any(|word| is_of(OF_CARD, word)) && tail.iter().all(borne) && !contains(tail, "{block}");
        let apart = pauses || is_of(NEW_CLAUSE, &tail[0]);
        tail.len() > 2 && apart && ((free && tail[0].text == "porque") || has_it() || of_card())
    })
}
