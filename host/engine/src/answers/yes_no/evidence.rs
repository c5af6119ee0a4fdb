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
const GONE_STEMS: &str = "rob|asalt|atrac|clon|cron|quitar|arrebat|hurt|afan|chor|cogot|extrav|duplic|vaci|trag|arranch|bolsiq|pepe|escopol|cambiaz|rapon|rapi|estaf|hack|jaque|fraud|ladron|rater|delincuen|maland|choro|sospech|denunci|comisar|desapar|saque|secuestr|carter|fiscal|bolsill|encanon|pungu|chantaj|falsif|truch|desocup|encerron|timar|enganar|phish|cargo|consumo|compras|retir|girand|giraro";
/// Words that tell of it.
const GONE: &str = "perdi|perdio|perdimos|perdida|perdido|perdieron|perdiera|cayo|comio|llevaron|llevan|llevarse|sacaron|sacando|sacan|sacar|saquen|gastando|comprando|compraron|gastaron|gasten|usando|usaron|usan|usen|abrieron|entraron|metieron|hicieron|hacen|haciendo|cobros|movimientos|transferencias|policia|ministerio|manes|susto|drogaron|durmieron|dormi\
|urge|urgente|apurese|apurate|apuren|rapido|rapidito|corra|corran|volando|volada|emergencia|ligerito|roto|nerviosa|nervioso|asustada|asustado|titular|tranquilo|tranquila|prevenir|lamentar|riesgo|robo|robos";
/// Verbs that end as what others did to somebody ("me raponearon") and are none of it.
const KIND: &str = "devolvieron|regresaron|entregaron|dijeron|encontraron|hallaron|llamaron|avisaron|mandaron|bloquearon|explicaron|preguntaron|cobraron|dejaron|aprobaron|cambiaron|pidieron|depositaron|pagaron|prestaron|contestaron|atendieron";
/// Gerunds of the same kind.
const KIND_NOW: &str = "hablando|llamando|esperando|tocando|preguntando|diciendo|timbrando|gritando|escuchando|pidiendo|cobrando|llegando|atendiendo";

/// Beginnings of words that tell of a card its owner has, needs, or does not mean.
const KEPT_STEMS: &str = "regres|entreg|recuper|dejad|encontr|aparec|pill|devolv|devuel|deposit|necesit|ocup|viaj|jubil|pension|equivoc|confund|confus|malentend|malentend|acord|busc|guard|ahorr|tard|demor|activ|desbloq|funcion|quedar|consign|arrepent|trabaj|renov|memoria|mochil|cajon|billeter";
/// Words that tell of it.
const KEPT: &str = "halle|hallamos|hallo|hallaron|tenia|tenian|traia|traigo|tengo|tiene|usando|uso|usar|usarla|usa|pago|pagan|paga|pagar|pagarme|sueldo|quincena|nomina|bono|bonos|renta|alquiler|arriendo|dividendo|pensiones|colegio|hospital|clinica|unica|unico|quedo|hice|hicimos|hizo|compre|compro|compramos|mio|mia|mias|mios|error|falsa|robada|otro|cae|caen|llega|otra|otras|limite|puntos|saldo|clave|cupo|anda|sirve|permiso|autorizo|autorice|pertenece\
|mastercard|visa|credito|debito|fui|fue|era|recorde|recuerdo|cuenta|prefiero|preferiria|quede|siga|miedo|pena|afecta|conviene|resolvi|solucione|soluciono|arregle|arreglo|cobro|suscripcion|netflix|uber|rappi|spotify|plata|dinero|lana|manana|aqui|aca|mano|bolsa|cartera|casa|carro|auto|coche|campera|pantalon|bolsillo|extranjero|pais|fuera|familia|sucursal|agencia|medicinas|remedios|gasolina|bencina|trae|presto|preste|vecina|deje|tramite|reporte|solicitud|pedi|pedido|solicite|dije|dicho|llamaba|llame|llamo|precipitado|temprano|pensarlo|esperar|espero|espere";

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
    let others = || {
        let to_me =
            at > 0 && is_clitic(&words[at - 1].text) && words[at.saturating_sub(2)..at].iter().any(|word| matches!(word.text.as_str(), "me" | "nos" | "se"));
        to_me && (word.ends_with("aron") || word.ends_with("ieron")) && !KIND_SET.contains(word)
    };
    let now = || {
        let going_on = at > 0 && matches!(words[at - 1].text.as_str(), "estan" | "andan" | "siguen" | "esta" | "anda");
        going_on && (word.ends_with("ando") || word.ends_with("iendo")) && !KIND_NOW_SET.contains(word)
    };
    GONE_SET.contains(word)
        || has_stem(word, GONE_STEMS)
        || others()
        || now()
        || denies_loss(words, at)
        || [
            "una compra",
            "esa compra",
            "la compra",
            "se llevo",
            "se {it} llevo",
            "se me quedo",
            "a mi nombre",
            "la deje",
            "lo deje",
            "link falso",
            "link",
            "un enlace",
            "me dejaron sin",
            "me dejaron misio",
            "me dejaron pelado",
            "me dejaron limpio",
            "me dejaron en cero",
            "prefiero quedarme",
            "la mia",
            "que es mia",
        ]
        .iter()
        .any(|phrase| begins(&words[at..], phrase).is_some())
}

/// "no la encuentro", "no aparece", "yo no hice", "ya no la uso": a negation that leaves a yes what it is.
pub(super) fn denies_loss(words: &[Word], at: usize) -> bool {
    const DENIED: &str = "encuentro|encontre|encontramos|encontraba|encuentra|halle|hallo|aparece|aparecio|aparecia|pillo|pille|veo|hice|hicimos|reconozco|he|fui|uso|usaba|usare|use|usen|usa|usaria|necesito|ocupo|sirve|devolvio|devuelve|devolvieron|respondo|saquen|saque|sigan|siga|roben|robe|gasten|vacien|compren|cobren|mas|mande|salga|pase|pasen\
|quede|queden|sea|fuera|vaya|vayan|di|supe|conozco|soporto|aguanto|importa|interesa|sirvio|aguanta|tuve|entiendo|joroben|hagan|haga|pueda|puedan|pague|lleven|lleve|ande|anden|funciona|jodan|quedo|quedan|esta|estaba|estoy";
    static DENIED_SET: Set = LazyLock::new(|| set(DENIED));
    const PHRASES: &str = "modo|es la mia|me dejan|hay (de) otra|queda de otra|me queda de otra|hay (mas) remedio|se donde|se quien|se que han|se que hicieron|se como|se en que momento|{it} tengo|{it} traigo|{it} ({it}) tengo|{it} quiero|{it} quiero mas|quiero (mas) perder|quiero (mas) que ({it}) ({it}) {take}|quiero mas problemas|quiero (mas) problemas|quiero mas cargos|puedo andar|puedo estar|puedo salir|puedo ir|quiero lios|quiero sorpresas|quiero (mas) sorpresas|quiero sustos|alcancen|contesta|estaba|le tiemble|me llego|me deposite|quiero quedarme|quiero arriesgarme|quiero riesgos|quiero perder|quiero que|hay (ningun) problema|hay duda|tengo duda|tengo dudas|tenga duda|dude|son mias|son mios|he hecho|he comprado|puedo perder|puedo dormir|ni modo|hay tiempo|pierda tiempo|perdamos tiempo|pierdan tiempo";
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
