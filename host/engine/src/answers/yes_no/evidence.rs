//! What a sentence around a yes or a no is about: a card that is gone, or one that its owner has and needs.
//!
//! Lives here: words and stems that tell, whatever the other words are; what a negation denies.
//! Never here: what follows for the answer (`free`).

use crate::answers::phrases::begins;
use crate::answers::words::Word;
use std::collections::HashSet;
use std::sync::LazyLock;

pub(super) type Set = LazyLock<HashSet<&'static str>>;

/// Beginnings of words that tell of a card, or money, in other hands.
const GONE_STEMS: &str = "roba|robaron|robad|robar|asalt|atrac|clon|cronar|quitar|arrebat|hurtar|afanar|chorear|choreo|cogote|extravi|duplica|vaci|traga|arranch|bolsiq|pepear|escopol|cambiaz|raponear|estaf|hackea|jaquea|fraud|ladron|rater|delincuen|maland|sospech|desaparec|saquear|secuestr|encanon|chantaj|falsif|phish|girand|giraron|truch|desocup|encerron|bajaron|descontaron|motochorr|hurto|victima|choros";
/// Words that tell of it.
const GONE: &str = "robo|robos|robe|roben|perdi|perdio|perdimos|perdida|perdido|perdieron|perdiera|trago|llevaron|llevan|llevarse|sacaron|sacando|sacan|saquen|gastando|comprando|compraron|gastaron|gasten|usando|usaron|usan|usen|prevenir|lamentar|riesgo";
/// What was bought or charged: it tells of it beside words of others who did it.
const CHARGES: &str =
    "cargo|cargos|compra|compras|consumo|consumos|retiro|retiros|cobro|cobros|movimiento|movimientos|transferencia|transferencias|plata|dinero";
const BY_OTHERS: &str = "hicieron|hacen|haciendo|llegaron|llego|salieron|aparecieron|aparecio|entraron|metieron|ninguna|ningun";
/// What is taken from people, and what it is in.
const THINGS: &str = "cartera|bolsa|bolso|bolsillo|mochila|tarjeta|tarjetas|celular|billetera|monedero|plata|dinero|lana|lucas|cuenta|todo|auto|casa|saldo|sueldo|ahorros|ella|quincena|nomina";
/// Verbs that end as what others did to somebody ("me raponearon") and are none of it.
const KIND: &str = "devolvieron|regresaron|entregaron|dijeron|encontraron|hallaron|llamaron|avisaron|mandaron|bloquearon|explicaron|preguntaron|cobraron|dejaron|aprobaron|cambiaron|pidieron|invitaron|informaron|contaron|comentaron|ofrecieron|aumentaron|rechazaron|negaron|transfirieron|escribieron|recomendaron|ayudaron|hicieron|dieron|depositaron|pagaron|prestaron|contestaron|atendieron";
/// Gerunds of the same kind.
const KIND_NOW: &str = "hablando|llamando|esperando|tocando|preguntando|diciendo|timbrando|gritando|escuchando|pidiendo|cobrando|llegando|atendiendo";

/// Beginnings of words that tell of a card its owner has, needs, or does not mean.
const KEPT_STEMS: &str = "regres|entreg|recuper|dejad|encontr|aparec|pill|devolv|devuel|deposit|necesit|ocup|viaj|jubil|pension|equivoc|confund|confus|malentend|malentend|acord|busc|guard|ahorr|tard|demor|activ|desbloq|funcion|quedar|consign|arrepent|trabaj|renov|memoria|mochil|cajon|billeter";
/// Words that tell of it.
const KEPT: &str = "halle|hallamos|hallo|hallaron|tenia|tenian|traia|traigo|tengo|tiene|usando|uso|usar|usarla|usa|pago|pagan|paga|pagar|pagarme|sueldo|quincena|nomina|bono|bonos|renta|alquiler|arriendo|dividendo|pensiones|colegio|hospital|clinica|unica|unico|quedo|hice|hicimos|hizo|compre|compro|compramos|mio|mia|mias|mios|error|falsa|robada|otro|cae|caen|llega|otra|otras|limite|puntos|saldo|clave|cupo|anda|sirve|permiso|autorizo|autorice|pertenece\
|mastercard|visa|credito|debito|fui|fue|era|recorde|recuerdo|cuenta|prefiero|preferiria|quede|siga|miedo|pena|afecta|conviene|resolvi|solucione|soluciono|arregle|arreglo|cobro|suscripcion|netflix|uber|rappi|spotify|plata|dinero|lana|manana|aqui|aca|mano|bolsa|cartera|casa|carro|auto|coche|campera|pantalon|bolsillo|extranjero|pais|fuera|familia|sucursal|agencia|medicinas|remedios|gasolina|bencina|trae|presto|preste|vecina|deje|tramite|reporte|solicitud|pedi|pedido|solicite|dije|dicho|llamaba|llame|llamo|precipitado|temprano|pensarlo|esperar|espero|espere";

/// Whole phrases that tell of it.
const GONE_PHRASES: &str = "me saco la|me saco el|me saco mi|cuento del tio|se llevo|se {it} llevo|se me quedo|es la mia|me dejaron sin|me dejaron misio|me dejaron pelado|me dejaron limpio|me dejaron en cero|prefiero quedarme tranquilo|prefiero quedarme tranquila|prefiero perder|link falso|me urge|a mi nombre";

fn set(words: &'static str) -> HashSet<&'static str> {
    words.split('|').collect()
}

static GONE_SET: Set = LazyLock::new(|| set(GONE));
static KIND_SET: Set = LazyLock::new(|| set(KIND));
static KIND_NOW_SET: Set = LazyLock::new(|| set(KIND_NOW));
static KEPT_SET: Set = LazyLock::new(|| set(KEPT));

fn has_stem(word: &str, stems: &str) -> bool {
    stems.split('|').any(|stem| word.starts_with(stem))
}

/// Little words before a verb: "me la", "se les".
pub(super) fn is_clitic(word: &str) -> bool {
    matches!(word, "me" | "te" | "se" | "le" | "les" | "nos" | "la" | "las" | "lo" | "los")
}

pub(super) fn is_negation(word: &str) -> bool {
    matches!(word, "no" | "ni" | "nunca" | "jamas" | "tampoco" | "nadie" | "ningun" | "ninguna")
}

/// Whether a negation stands shortly before this word.
pub(super) fn is_denied(words: &[Word], at: usize) -> bool {
    words[at.saturating_sub(3)..at].iter().any(|word| is_negation(&word.text))
}

/// Whether this word tells of a card that is gone.
pub(super) fn is_gone(words: &[Word], at: usize) -> bool {
    let word = words[at].text.as_str();
    let one_of = |words: &str, word: &str| words.split('|').any(|other| other == word);
    let before = |back: usize| at.checked_sub(back).map_or("", |at| words[at].text.as_str());
    let after = |words_after: &str| words[at + 1..].iter().take(4).any(|word| one_of(words_after, &word.text));
    let others = || {
        let past = (word.ends_with("aron") || word.ends_with("ieron")) && !KIND_SET.contains(word);
        let to_me = matches!(before(1), "me" | "nos" | "se") && after(THINGS);
        past && (to_me || (matches!(before(1), "la" | "las") && matches!(before(2), "me" | "nos" | "se")))
    };
    let now = || {
        let going_on = matches!(before(1), "estan" | "andan" | "siguen") && after(THINGS);
        going_on && (word.ends_with("ando") || word.ends_with("iendo")) && !KIND_NOW_SET.contains(word)
    };
    let charged = || one_of(CHARGES, word) && (1..=5).any(|back| one_of(BY_OTHERS, before(back)));
    let fell = || {
        word == "cayo"
            && before(1) == "me"
            && (!matches!(words.get(at + 1).map_or("", |word| word.text.as_str()), "el" | "un" | "una" | "mi" | "la")
                || after("cartera|bolsa|bolso|billetera|monedero|tarjeta|plastico"))
    };
    let phrase = || GONE_PHRASES.split('|').any(|phrase| begins(&words[at..], phrase).is_some());
    GONE_SET.contains(word) || has_stem(word, GONE_STEMS) || others() || now() || charged() || fell() || denies_loss(words, at) || phrase()
}

/// "no la encuentro", "no aparece", "yo no hice", "ya no la uso": a negation that leaves a yes what it is.
pub(super) fn denies_loss(words: &[Word], at: usize) -> bool {
    const DENIED: &str = "encuentro|encontre|encontramos|encontraba|encuentra|halle|hallo|aparece|aparecio|aparecia|pillo|pille|veo|hice|hicimos|reconozco|he|fui|uso|usaba|usare|use|usen|usa|usaria|necesito|ocupo|sirve|devolvio|devuelve|devolvieron|respondo|saquen|saque|sigan|siga|roben|robe|gasten|vacien|compren|cobren|mas|mande|salga|pase|pasen\
|quede|queden|sea|fuera|vaya|vayan|di|supe|conozco|soporto|aguanto|importa|interesa|sirvio|aguanta|tuve|entiendo|joroben|hagan|haga|pueda|puedan|pague|lleven|lleve|ande|anden|funciona|jodan|quedo|quedan|esta|estaba|estoy";
    static DENIED_SET: Set = LazyLock::new(|| set(DENIED));
    const PHRASES: &str = "{it} voy a usar|{it} voy a ocupar|voy a usarla|voy a ocuparla|modo|es la mia|me dejan|hay (de) otra|queda de otra|me queda de otra|hay (mas) remedio|se donde|se quien|se que han|se que hicieron|se como|se en que momento|{it} tengo|{it} traigo|{it} ({it}) tengo|{it} quiero|{it} quiero mas|quiero (mas) perder|quiero (mas) que ({it}) ({it}) {take}|quiero mas problemas|quiero (mas) problemas|quiero mas cargos|puedo andar|puedo estar|puedo salir|puedo ir|quiero lios|quiero sorpresas|quiero (mas) sorpresas|quiero sustos|alcancen|contesta|estaba|le tiemble|me llego|me deposite|quiero quedarme|quiero arriesgarme|quiero riesgos|quiero perder|quiero que|hay (ningun) problema|hay duda|tengo duda|tengo dudas|tenga duda|dude|son mias|son mios|he hecho|he comprado|puedo perder|puedo dormir|ni modo|hay tiempo|pierda tiempo|perdamos tiempo|pierdan tiempo";
    if !is_negation(&words[at].text) {
        return false;
    }
    let rest = &words[at + 1..];
    let phrase = |rest: &[Word]| PHRASES.split('|').any(|phrase| begins(rest, phrase).is_some());
    let bare = &rest[rest.iter().take_while(|word| is_clitic(&word.text)).count()..];
    let denied_before = words[at.saturating_sub(6)..at].iter().any(|word| matches!(word.text.as_str(), "no" | "nunca" | "sin" | "ni"));
    if matches!(words[at].text.as_str(), "ni" | "nadie" | "ningun" | "ninguna" | "nunca") && denied_before {
        return true;
    }
    let not_mine = at > 0
        && words[at - 1].text == "que"
        && matches!(rest, [is, mine, ..] if matches!(is.text.as_str(), "es" | "son" | "era" | "eran") && matches!(mine.text.as_str(), "mia" | "mias" | "mio" | "mios"));
    not_mine || phrase(rest) || phrase(bare) || bare.first().is_some_and(|verb| DENIED_SET.contains(verb.text.as_str()))
}

/// Whether this word tells of a card that its owner has, needs or does not mean.
pub(super) fn is_kept(words: &[Word], at: usize) -> bool {
    let word = words[at].text.as_str();
    const FAMILY: &str = "esposo|esposa|hijo|hija|hermano|hermana|marido|senora|mujer|sobrino|sobrina|nieto|nieta|vieja|viejo|mama|papa|jermu|cunado|cunada|suegra|novio|novia|pareja|primo|prima|abuela|abuelo|nuera|yerno|patrona|tia";
    let of_mine = || at > 0 && words[at - 1].text == "mi" && FAMILY.split('|').any(|member| member == word);
    (KEPT_SET.contains(word) || has_stem(word, KEPT_STEMS) || of_mine()) && !is_denied(words, at)
}
