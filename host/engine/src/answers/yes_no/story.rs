//! A yes and what happened: "sí, me la robaron ayer en el metro", "me vaciaron la cuenta, bloquéela".
//!
//! Lives here: the words such a story may be made of. A consent is never read out of words nobody knows: every word of the
//! story stands below, so that "sí, me la robaron, ya la encontré" and "sí, me robaron, no haga nada" are no yes.
//! Never here: the decision itself (`yes_no`).

use super::decided;
use crate::answers::phrases::begins;
use crate::answers::words::{Word, parted};
use crate::answers::{Language, Setting};
use std::collections::HashSet;
use std::sync::LazyLock;

/// What was done: one of these makes it the story of a card that is gone.
const LOST: &str = "robaron|robo|roban|robando|robado|asaltaron|asaltado|atracaron|quitaron|arrebataron|arrebato|hurtaron|afanaron|chorearon|choriaron|cogotearon|bolsiquearon|bolsearon|raponearon|arrancharon|arrancaron|jalaron|pepearon|carterearon|encanonaron|despojaron|drogaron|sustrajeron\
|clonaron|clonado|copiaron|duplicaron|hackearon|jaquearon|estafaron|enganaron|vaciaron|vaciando|limpiaron|tumbaron|volaron|pelaron|bailaron|sacaron|sacando|usaron|usando|gastaron|gastando|compraron|comprando|hicieron|haciendo|cobraron|debitaron|descontaron|girando|giraron\
|perdi|extravie|olvide|abrieron|rompieron|trago|comio|retuvo|llevaron|robada|perdida|extraviada|clonada|hackeada|cargos|compras|consumos|retiros|cobros|movimientos|transferencias|asalto|hurto|atraco|estafa|victima|cambiazo|burundanga|escopolamina|encerrona|desaparecio";

/// What makes it urgent, which bears an order but no bare yes.
const URGES: &str = "miedo|susto|nervios|nerviosa|nervioso|temblando|asustada|asustado|preocupada|preocupado|desesperada|desesperado|vacien|saquen|roben|gasten|usen|compren|urge|urgente|apurese|apurate|apura|corrale";

/// What may stand beside it: little words, where, what was taken and by whom.
const BESIDE: &str = "me|nos|se|le|la|las|lo|los|el|un|una|unos|unas|mi|mis|de|del|en|con|a|al|que|es|fue|ya|por|toda|todo|todos|todas|dejaron|sin|peso|ella|aparato|esa|esta|eso|yo|anda|andan|estan|siguen|acaban|acabo|hay|porque|ahi|alla|aca\
|favor|porfa|porfavor|porfis|mismo|muy|mucho|mucha|tan|bien|ay|uy|pucha|dios|diosito|pues|po|pe|senorita|senor|senora|joven|mire|mira|fijese|oiga|rapido|rapidito|pronto|cuanto|antes\
|tarjeta|tarjetas|plastico|cartera|carteras|bolsa|bolso|bolsillo|billetera|monedero|mochila|maletin|celular|cel|telefono|documentos|papeles|dinero|plata|platica|lana|guita|lucas|dolares|cuenta|saldo|sueldo|ahorros|quincena|pesos|soles|cargo|compra|consumo|retiro|cobro|movimiento|transferencia|internet|cosas\
|raros|raras|raro|rara|extranos|extranas|sospechosos|sospechosas|falsa|falso|fraude|choros|chorros|ladron|ladrones|ratero|rateros|tipo|tipos|manes|moto|motochorro|motochorros|delincuentes|estafadores|sujetos|muchachos|alguien|cajero|banco|pistola|cuchillo|navaja|punta|mensaje|mensajes|link|correo|codigo\
|metro|camion|micro|bus|buseta|combi|colectivo|taxi|uber|mototaxi|tren|subte|bondi|transmilenio|calle|esquina|parque|plaza|mercado|tianguis|feria|mall|oxxo|super|tienda|hotel|gimnasio|gasolinera|aeropuerto|hospital|centro|estadio|paradero|terminal|restaurante|bar|fiesta|antro|playa|supermercado|farmacia|barrio|puerta\
|semaforo|avenida|peaje|locker|viaje|salida|entrada|saliendo|subiendo|bajando|caminando|viniendo|ayer|anoche|antier|anteayer|recien|recientemente|hace|poco|pasada|minutos";

/// When it happened, and what more. Before anything has happened it would be when to do it ("bloquéela el lunes") or
/// another wish ("sí, y el dinero que me sacaron").
const AFTER: &str = "y|o|hoy|ahorita|ahora|tarde|noche|madrugada|hora|horas|dias|semana|lunes|martes|miercoles|jueves|viernes|sabado|domingo";

/// Whole phrases that tell of it, most of them by denying something.
const PHRASES: &str = "(ya) no {it} ({it}) encuentro|(ya) no {it} ({it}) tengo|no {it} veo|(ya) no aparece|(ya) no esta|no fui yo|yo no fui|que (yo) no hice|que (yo) no he hecho|yo no {it} hice|(que) no son mios|(que) no son mias|que no reconozco|que no es mio\
|se {it} llevo|se llevo|se me quedo en|{it} deje en|se me cayo la|se me cayo el bolso";
/// The same of what is urgent.
const FEARS: &str = "tengo (mucho) miedo|me da (mucho) miedo|me dio (mucho) miedo|me dio susto|estoy (muy) nerviosa|estoy (muy) nervioso|(que) no quiero que (me) ({it}) {take}|(que) no (me) ({it}) (vayan a) {take}|no vaya a ser que (me) ({it}) {take}|antes (de) que (me) ({it}) {take}|para que no (me) ({it}) {take}";
/// When, in the past.
const PAST: &str = "hace (un) rato|hace (un) ratito|hace (un) momento";

struct Words {
    lost: HashSet<&'static str>,
    urges: HashSet<&'static str>,
    beside: HashSet<&'static str>,
    after: HashSet<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let set = |words: &'static str| words.split('|').collect();
    Words { lost: set(LOST), urges: set(URGES), beside: set(BESIDE), after: set(AFTER) }
});

/// What a story tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tells {
    /// Something is to be feared.
    Fear,
    /// The card is gone, or others have it.
    Loss,
}

/// Whether a yes stands here with a story beside it.
pub(super) fn is_told_yes(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> bool {
    const MOST_WORDS: usize = 40;
    if setting.language != Language::Spanish || words.len() > MOST_WORDS {
        return false;
    }
    let tells = |at: usize| {
        let word = words[at].text.as_str();
        let phrases = || [PHRASES, FEARS].iter().flat_map(|phrases| phrases.split('|')).any(|phrase| begins(&words[at..], phrase).is_some());
        WORDS.lost.contains(word) || WORDS.urges.contains(word) || phrases()
    };
    if !(0..words.len()).any(tells) {
        return false;
    }
    // A yes, and whether it names the act.
    let yes = |part: &[Word]| match decided(text, part, doing, setting) {
        Some((true, of_what)) => Some(of_what),
        Some((false, _)) | None => None,
    };
    let heads: Vec<Option<bool>> = (0..words.len()).map(|end| yes(&words[..end])).collect();
    let tails: Vec<Option<bool>> = (0..=words.len()).map(|from| if from == 0 { None } else { yes(&words[from..]) }).collect();
    // "si señorita me robaron": a yes to somebody; "si me robaron" may be a condition.
    let apart = |at: usize| is_address(&words[at - 1].text) || parted(text, &words[at - 1], &words[at]);
    let reasons = |at: usize| matches!(words[at].text.as_str(), "que" | "es" | "antes" | "para");
    let begins_well = |at: usize| heads[at].is_some_and(|of_what| apart(at) || words[at].text == "porque" || (of_what && reasons(at)));
    // Told by an order that names the act, a fear is reason enough.
    let enough = |told: Option<Tells>, order: bool| told == Some(Tells::Loss) || (order && told.is_some());
    (0..words.len()).any(|from| {
        if from > 0 && !begins_well(from) {
            return false;
        }
        let ordered = from > 0 && heads[from] == Some(true);
        (from + 1..=words.len()).any(|to| {
            let (story, led) = therefore(&words[from..to]);
            // "Me robaron, bloquéela": what follows a story must be an order that names the act.
            let order = to < words.len() && tails[to] == Some(true) && (led || apart(to));
            let ends = order || (to == words.len() && from > 0);
            ends && enough(told(story), ordered || order)
        })
    })
}

fn is_address(word: &str) -> bool {
    matches!(word, "senorita" | "senor" | "senora" | "joven" | "favor" | "porfa" | "porfavor" | "amigo" | "amiga")
}

/// What these words tell, if every one of them tells of a card that is gone.
fn told(words: &[Word]) -> Option<Tells> {
    let mut told = None;
    let mut at = 0;
    while at < words.len() {
        let whole = |phrases: &str| phrases.split('|').filter_map(|phrase| begins(&words[at..], phrase)).max();
        let word = words[at].text.as_str();
        let (length, tells) = if let Some(length) = whole(PHRASES) {
            (length, Some(Tells::Loss))
        } else if let Some(length) = whole(FEARS) {
            (length, Some(Tells::Fear))
        } else if let Some(length) = whole(PAST) {
            (length, None)
        } else if WORDS.lost.contains(word) {
            (1, Some(Tells::Loss))
        } else if WORDS.urges.contains(word) {
            (1, Some(Tells::Fear))
        } else if WORDS.beside.contains(word) || is_number(word) || (told == Some(Tells::Loss) && WORDS.after.contains(word)) {
            (1, None)
        } else {
            return None;
        };
        told = told.max(tells);
        at += length;
    }
    told
}

/// "hace dos horas", "me sacaron 500".
fn is_number(word: &str) -> bool {
    matches!(
        word,
        "dos" | "tres" | "cuatro" | "cinco" | "diez" | "quince" | "veinte" | "treinta" | "media" | "cien" | "doscientos" | "doscientas" | "quinientos" | "mil"
    ) || (word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit()))
}

/// The words without the "así que" or "por eso" they end in, and whether they do.
fn therefore(story: &[Word]) -> (&[Word], bool) {
    let Some(cut) = story.len().checked_sub(2) else { return (story, false) };
    let led = ["asi que", "por eso"].iter().any(|phrase| begins(&story[cut..], phrase).is_some());
    (if led { &story[..cut] } else { story }, led)
}

#[cfg(test)]
#[path = "story_tests.rs"]
mod tests;
