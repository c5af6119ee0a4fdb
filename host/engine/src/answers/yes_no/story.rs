//! A yes and what happened: "sí, me la robaron ayer en el metro", "me vaciaron la cuenta, bloquéela".
//!
//! Lives here: the words such a story may be made of. A consent is never read out of words nobody knows: every word of the
//! story stands below, so that "sí, me la robaron, ya la encontré" and "sí, me robaron, no haga nada" are no yes.
//! Never here: the decision itself (`yes_no`).

use super::decided;
use super::evidence::Set;
use crate::answers::phrases::begins;
use crate::answers::words::{Word, parted};
use crate::answers::{Language, Setting};
use std::sync::LazyLock;

/// What was done: one of these makes it the story of a card that is gone.
const LOST: &str = "robaron|robo|asaltaron|atracaron|quitaron|arrebataron|hurtaron|afanaron|chorearon|choriaron|cogotearon|bolsiquearon|raponearon|arrancharon|pepearon|clonaron|duplicaron|hackearon|jaquearon|estafaron|vaciaron|vaciando\
|sacaron|sacando|usaron|usando|gastaron|gastando|compraron|comprando|hicieron|haciendo|perdi|extravie|cayo|trago|llevaron|llevo|robada|perdida|extraviada|clonada|cargos|compras|consumos|retiros|cobros|movimientos|transferencias|asalto";

/// What may stand beside it: little words, where and when, what was taken and by whom.
const BESIDE: &str = "me|nos|se|le|la|las|lo|los|el|un|una|unos|unas|mi|mis|de|del|en|con|a|al|que|es|fue|ya|por|y|toda|todo|todos|todas|dejaron|sin|peso|ella|aparato|esa|esta|eso|yo|anda|andan|estan|siguen|acaban|acabo|hay|porque|ahi|alla|aca\
|tarjeta|tarjetas|plastico|cartera|carteras|bolsa|bolso|bolsillo|billetera|monedero|mochila|maletin|celular|cel|telefono|documentos|papeles|dinero|plata|lana|lucas|cuenta|saldo|sueldo|ahorros|quincena|pesos|soles|cargo|compra|consumo|retiro|cobro|movimiento|transferencia|internet\
|raros|raras|raro|rara|extranos|extranas|sospechosos|sospechosas|fraude|robo|asalto|choros|ladron|ladrones|ratero|rateros|tipo|tipos|moto|motochorros|delincuentes|alguien|cajero|banco\
|metro|camion|micro|bus|buseta|combi|colectivo|taxi|tren|subte|transmilenio|calle|esquina|parque|plaza|mercado|tianguis|feria|centro|estadio|paradero|terminal|restaurante|bar|fiesta|antro|playa|supermercado|farmacia|barrio|puerta|semaforo|avenida|viaje|saliendo|subiendo|bajando|caminando\
|ayer|anoche|antier|anteayer|hoy|recien|recientemente|ahorita|ahora|hace|poco|tarde|noche|madrugada|pasada|minutos|hora|horas|dias|semana|lunes|martes|miercoles|jueves|viernes|sabado|domingo";

/// What is denied in it: the card is gone, or others did it.
const DENIED: &str = "(ya) no {it} ({it}) encuentro|(ya) no {it} ({it}) tengo|no {it} veo|(ya) no aparece|(ya) no esta|no fui yo|yo no fui|que (yo) no hice|yo no {it} hice|que no son mios|que no son mias|no son mios|no son mias|que no reconozco|que no es mio|hace (un) rato|hace (un) ratito|hace (un) momento";

static LOST_SET: Set = LazyLock::new(|| LOST.split('|').collect());
static BESIDE_SET: Set = LazyLock::new(|| BESIDE.split('|').collect());

/// Whether a yes stands here with a story on one side of it.
pub(super) fn is_told_yes(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> bool {
    if setting.language != Language::Spanish {
        return false;
    }
    (1..words.len()).any(|at| {
        let (head, tail) = words.split_at(at);
        // "si señorita me robaron": a yes to somebody; "si me robaron" may be a condition.
        let spoken_to = matches!(words[at - 1].text.as_str(), "senorita" | "senor" | "senora" | "joven" | "favor" | "porfa" | "porfavor" | "amigo" | "amiga");
        let apart = spoken_to || parted(text, &words[at - 1], &words[at]);
        let after = || match decided(text, head, doing, setting) {
            Some((true, of_what)) => (apart || tail[0].text == "porque" || (of_what && matches!(tail[0].text.as_str(), "que" | "es"))) && is_story(tail),
            Some((false, _)) | None => false,
        };
        // "Me robaron, bloquéela": after a story only an order that names the act is a yes.
        let (story, led) = therefore(head);
        let before = || (apart || led) && is_story(story) && decided(text, tail, doing, setting) == Some((true, true));
        after() || before()
    })
}

/// Whether every word tells of a card that is gone.
fn is_story(words: &[Word]) -> bool {
    let (mut at, mut lost) = (0, false);
    while at < words.len() {
        if let Some(length) = DENIED.split('|').find_map(|phrase| begins(&words[at..], phrase)) {
            at += length;
            lost = true;
            continue;
        }
        let word = words[at].text.as_str();
        lost |= LOST_SET.contains(word);
        if !LOST_SET.contains(word) && !BESIDE_SET.contains(word) && !is_number(word) {
            return false;
        }
        at += 1;
    }
    lost
}

/// "hace dos horas", "me sacaron 500".
fn is_number(word: &str) -> bool {
    matches!(word, "dos" | "tres" | "cuatro" | "cinco" | "diez" | "quince" | "veinte" | "treinta" | "media" | "mil")
        || (word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit()))
}

/// The words without the "así que" or "por eso" they end in, and whether they do.
fn therefore(head: &[Word]) -> (&[Word], bool) {
    let Some(cut) = head.len().checked_sub(2) else { return (head, false) };
    let led = ["asi que", "por eso"].iter().any(|phrase| begins(&head[cut..], phrase).is_some());
    (if led { &head[..cut] } else { head }, led)
}

#[cfg(test)]
#[path = "story_tests.rs"]
mod tests;
