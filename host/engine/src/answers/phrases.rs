//! A small grammar for whole utterances: known phrases, one after the other, and nothing else.
//!
//! Lives here: longest phrase first, complete consumption, classes of words that phrases share.
//! Never here: the phrases (each reader has its own).

use super::words::Word;
use std::collections::HashMap;

/// Phrases by meaning, found by the word they begin with.
pub(super) struct Lexicon<M> {
    /// Every phrase with its meaning, in the order written.
    phrases: Vec<(M, &'static str)>,
    /// Those that begin with a plain word, by that word; their places.
    by_word: HashMap<&'static str, Vec<usize>>,
    /// Those that begin with a class or with a word that may be missing.
    others: Vec<usize>,
}

impl<M: Copy> Lexicon<M> {
    /// The phrases of one meaning stand in one string, separated by `|`, folded as [`super::words::words`] folds them. A word
    /// in brackets may be missing; `{block}` is any word of that class.
    pub(super) fn of(written: &[(M, &'static str)]) -> Self {
        let phrases: Vec<(M, &'static str)> = written.iter().flat_map(|(meaning, all)| all.split('|').map(move |phrase| (*meaning, phrase))).collect();
        let (mut by_word, mut others): (HashMap<&'static str, Vec<usize>>, _) = (HashMap::new(), Vec::new());
        for (place, (_, phrase)) in phrases.iter().enumerate() {
            match phrase.split(' ').next() {
                Some(first) if !first.starts_with(['(', '{']) => by_word.entry(first).or_default().push(place),
                Some(_) | None => others.push(place),
            }
        }
        Self { phrases, by_word, others }
    }

    /// The phrases the words may begin with, in the order written.
    fn candidates(&self, words: &[Word]) -> Vec<(M, &'static str)> {
        let plain = words.first().and_then(|word| self.by_word.get(word.text.as_str())).into_iter().flatten();
        let mut places: Vec<usize> = plain.chain(&self.others).copied().collect();
        places.sort_unstable();
        places.into_iter().map(|place| self.phrases[place]).collect()
    }
}

/// Whether a word (first) is of a class (second).
pub(super) type Classes<'a> = &'a dyn Fn(&str, &str) -> bool;

/// Longer utterances are stories, never answers.
const MOST_WORDS: usize = 40;

/// The meanings of the phrases an utterance consists of, or `None` if a word belongs to none.
pub(super) fn meanings<M: Copy>(words: &[Word], lexicon: &Lexicon<M>) -> Option<Vec<M>> {
    if words.len() > MOST_WORDS {
        return None;
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (meaning, length) = longest(&words[at..], lexicon)?;
        found.push(meaning);
        at += length;
    }
    Some(found)
}

/// The longest phrase the words begin with, and how many words it has; the first of several as long.
pub(super) fn longest<M: Copy>(words: &[Word], lexicon: &Lexicon<M>) -> Option<(M, usize)> {
    all_with(words, lexicon, &|_, _| false).into_iter().reduce(|best, other| if other.1 > best.1 { other } else { best })
}

/// Every phrase the words begin with, in the order of the lexicon; with classes of words that only the reader knows.
pub(super) fn all_with<M: Copy>(words: &[Word], lexicon: &Lexicon<M>, own: Classes<'_>) -> Vec<(M, usize)> {
    lexicon.candidates(words).into_iter().filter_map(|(meaning, phrase)| Some((meaning, begins_with(words, phrase, own)?))).collect()
}

/// How many words the phrase takes, if the words begin with it.
pub(super) fn begins(words: &[Word], phrase: &str) -> Option<usize> {
    begins_with(words, phrase, &|_, _| false)
}

fn begins_with(words: &[Word], phrase: &str, own: Classes<'_>) -> Option<usize> {
    let mut length = 0;
    for expected in phrase.split(' ') {
        let optional = expected.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        match words.get(length) {
            Some(word) if is(&word.text, optional.unwrap_or(expected), own) => length += 1,
            _ if optional.is_some() => {}
            _ => return None,
        }
    }
    (length > 0).then_some(length)
}

fn is(word: &str, expected: &str, own: Classes<'_>) -> bool {
    let Some(class) = expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return word == expected };
    match class {
        "block" => is_block(word),
        // What follows "no la": "bloquees", "bloqueen"; "no, bloquéala" asks for it.
        "dont" => is_block(word) && ["es", "e", "en"].iter().any(|ending| word.ends_with(ending)),
        "want" => matches!(word, "quiero" | "quisiera" | "deseo" | "necesito" | "prefiero" | "solicito" | "pido"),
        "it" => matches!(word, "la" | "las" | "lo" | "los" | "me" | "se" | "nos"),
        "stole" => matches!(
            word,
            "robaron"
                | "quitaron"
                | "arrebataron"
                | "hurtaron"
                | "clonaron"
                | "duplicaron"
                | "afanaron"
                | "chorearon"
                | "choriaron"
                | "cogotearon"
                | "bolsiquearon"
                | "raponearon"
                | "arrancharon"
                | "pepearon"
        ),
        "the" => matches!(word, "la" | "mi" | "las" | "mis" | "el"),
        "bag" => matches!(word, "cartera" | "billetera" | "bolsa" | "bolso" | "monedero" | "mochila" | "carteras"),
        "money" => matches!(word, "dinero" | "plata" | "lana" | "guita" | "saldo" | "quincena" | "sueldo" | "ahorros"),
        "charges" => matches!(word, "cargos" | "compras" | "consumos" | "retiros" | "cobros" | "movimientos" | "transferencias"),
        "few" => matches!(word, "unos" | "unas" | "dos" | "tres" | "cuatro" | "cinco" | "diez" | "quince" | "veinte" | "treinta"),
        "nervous" => matches!(word, "nerviosa" | "nervioso" | "asustada" | "asustado" | "preocupada" | "preocupado" | "desesperada" | "desesperado"),
        "place" => matches!(
            word,
            "metro"
                | "camion"
                | "micro"
                | "bus"
                | "buseta"
                | "combi"
                | "colectivo"
                | "taxi"
                | "uber"
                | "mototaxi"
                | "tren"
                | "subte"
                | "bondi"
                | "transmilenio"
                | "calle"
                | "esquina"
                | "parque"
                | "plaza"
                | "mercado"
                | "tianguis"
                | "feria"
                | "mall"
                | "oxxo"
                | "estadio"
                | "paradero"
                | "terminal"
                | "restaurante"
                | "bar"
                | "fiesta"
                | "antro"
                | "supermercado"
                | "cajero"
        ),
        // A card, which "lo" is not.
        "her" => matches!(word, "la" | "las" | "me" | "se" | "nos"),
        "my" => matches!(word, "la" | "las" | "el" | "mi" | "mis" | "esa" | "esta" | "ese" | "este" | "todas" | "todo"),
        "plastic" => matches!(word, "tarjeta" | "tarjetas" | "plastico"),
        "card" => matches!(
            word,
            "tarjeta" | "tarjetas" | "plastico" | "cuestion" | "vaina" | "cosa" | "chingadera" | "visa" | "cuenta" | "credito" | "debito" | "nomina"
        ),
        "a" => matches!(word, "un" | "una" | "el" | "la" | "algun" | "alguna" | "otra"),
        "person" => {
            matches!(word, "alguien" | "persona" | "humano" | "ejecutivo" | "ejecutiva" | "asesor" | "asesora" | "agente" | "operador" | "operadora")
                || matches!(word, "representante" | "supervisor" | "supervisora" | "companero" | "companera" | "encargado" | "encargada")
        }
        "letter" => {
            matches!(
                word,
                "zeta"
                    | "ese"
                    | "ce"
                    | "be"
                    | "ve"
                    | "uve"
                    | "hache"
                    | "ele"
                    | "elle"
                    | "ka"
                    | "jota"
                    | "ge"
                    | "ye"
                    | "equis"
                    | "erre"
                    | "ere"
                    | "te"
                    | "de"
                    | "eme"
                    | "ene"
                    | "i"
            ) || word.chars().count() == 1
        }
        "kind" => matches!(word, "chica" | "corta" | "grande" | "larga" | "griega" | "latina" | "alta" | "baja"),
        "connect" => {
            let rest = ["pas", "comuni", "transf", "conect", "contact", "enlac"].iter().find_map(|stem| word.strip_prefix(stem));
            rest.is_some_and(|rest| rest.trim_end_matches("lo").ends_with("me"))
        }
        "wait" => {
            let rest = ["esper", "aguard", "aguant", "perm"].iter().find_map(|stem| word.strip_prefix(stem));
            rest.is_some_and(|rest| matches!(rest, "a" | "e" | "en" | "ame" | "eme" | "enme" | "ate" | "ese" | "iteme" | "itame"))
        }
        "moment" => {
            matches!(word, "momento" | "momentito" | "momentico" | "segundo" | "segundito" | "minuto" | "minutito" | "ratito" | "rato" | "toque" | "instante")
        }
        "agree" => matches!(word, "exacto" | "claro" | "correcto" | "ok" | "okay" | "vale" | "bueno" | "listo" | "perfecto" | "entendido"),
        "figures" => word.starts_with(|first: char| first.is_ascii_digit()),
        "asked" => {
            matches!(word, "pedi" | "pedido" | "dicho" | "dije" | "solicite" | "solicitado" | "mandado" | "autorizado" | "autorice" | "ordenado" | "confirmado")
        }
        "to" => matches!(word, "me" | "te" | "se" | "le" | "les" | "nos" | "la" | "las" | "lo" | "los"),
        "have" => matches!(word, "tiene" | "tienen" | "tenes" | "tienes" | "cuenta" | "cuente" | "cuentan" | "cuenten" | "doy" | "dare"),
        "assent" => matches!(
            word,
            "permiso"
                | "autorizacion"
                | "consentimiento"
                | "ok"
                | "okey"
                | "aprobacion"
                | "confirmacion"
                | "conformidad"
                | "venia"
                | "aval"
                | "chance"
                | "consentimientos"
                | "aceptacion"
                | "visto"
        ),
        // What a card is done to, by whatever name: only ever forbidden, "no la tumbe".
        "harm" => {
            let stems = [
                "cancel",
                "inactiv",
                "tumb",
                "mat",
                "sell",
                "cierr",
                "anul",
                "elimin",
                "toqu",
                "toc",
                "muev",
                "quit",
                "clausur",
                "apagu",
                "inhabilit",
                "baj",
                "cerr",
                "cort",
                "congel",
                "destruy",
                "deshabilit",
                "bloc",
            ];
            let rest = stems.iter().find_map(|stem| word.strip_prefix(stem)).unwrap_or("-");
            matches!(rest, "e" | "es" | "en" | "a" | "as" | "an" | "ar" | "arla" | "arlo" | "arme" | "armela")
        }
        "put" => {
            let rest = ["pon", "mete", "meta", "de", "da", "haga", "haz", "hace"].iter().find_map(|stem| word.strip_prefix(stem)).unwrap_or("-");
            let little = matches!(word, "de" | "da");
            !little && matches!(rest, "" | "le" | "ga" | "gale" | "gan" | "ganle" | "nle" | "lle" | "me" | "game" | "n" | "gamele")
        }
        "stay" => matches!(word, "quede" | "queden" | "este" | "sea" | "dejen" | "deje" | "dejes"),
        "never" => matches!(word, "nica" | "nunca" | "jamas" | "ni"),
        "wish" => matches!(word, "preferiria" | "prefiero" | "quisiera" | "quiero" | "pido" | "ruego" | "agradeceria" | "gustaria"),
        "give" => matches!(word, "des" | "de" | "den" | "dar"),
        "go" => matches!(word, "vayas" | "vaya" | "vayan" | "vas" | "va" | "van"),
        "leave" => {
            let rest = word.strip_prefix("dej").unwrap_or_default();
            let rest = ["emos", "en", "ar", "e", "a"].iter().find_map(|ending| rest.strip_prefix(ending)).unwrap_or("-");
            matches!(rest, "" | "la" | "lo" | "las" | "los" | "mela" | "melo" | "noslo" | "nosla")
        }
        "stop" => {
            let stems = ["cancel", "anul", "fren", "suspend", "deten", "deteng", "borr", "par", "cort", "termin", "retir", "quit"];
            // "para" is nearly always the preposition.
            word != "para" && stems.iter().filter_map(|stem| word.strip_prefix(stem)).any(is_command)
        }
        "forget" => matches!(word, "olvidalo" | "olvidelo" | "olvidate" | "olvidese" | "olvidala" | "olvidela" | "olvidenlo" | "olvidense" | "olvidemoslo"),
        "this" => matches!(word, "el" | "la" | "este" | "esta" | "ese" | "esa" | "mi" | "un" | "una" | "ningun" | "ninguna" | "lo" | "los"),
        "business" => matches!(
            word,
            "tramite"
                | "reporte"
                | "solicitud"
                | "proceso"
                | "operacion"
                | "gestion"
                | "denuncia"
                | "denuncio"
                | "vuelta"
                | "reclamo"
                | "asunto"
                | "pedido"
                | "procedimiento"
                | "vaina"
                | "aviso"
                | "peticion"
        ),
        "report" => matches!(
            word,
            "reportar"
                | "denunciar"
                | "hacer"
                | "poner"
                | "levantar"
                | "tramitar"
                | "presentar"
                | "iniciar"
                | "meter"
                | "abrir"
                | "gestionar"
                | "reporto"
                | "denuncio"
                | "hago"
        ),
        "take" => matches!(
            word,
            "saquen"
                | "saque"
                | "roben"
                | "robe"
                | "usen"
                | "use"
                | "gasten"
                | "gaste"
                | "vacien"
                | "vacie"
                | "compren"
                | "hagan"
                | "muevan"
                | "cobren"
                | "quiten"
        ),
        class => own(word, class),
    }
}

/// Whether the rest of a verb asks for what the verb says: "-a", "-emos", "-enlo", "-ame".
fn is_command(rest: &str) -> bool {
    let Some(rest) =
        ["emoslo", "emosla", "emos", "amos", "ate", "en", "an", "ar", "er", "ga", "gan", "e", "a"].iter().find_map(|ending| rest.strip_prefix(ending))
    else {
        return false;
    };
    let rest = ["me", "nos", "se"].iter().find_map(|to| rest.strip_prefix(to)).unwrap_or(rest);
    matches!(rest, "" | "la" | "lo" | "las" | "los")
}

/// A request to block, in any person and with what hangs on it: "bloquéala", "bloqueen", "repórtenmela",
/// "bloquearla". The statement "bloquean" is none: "si la bloquean" is a condition.
fn is_block(word: &str) -> bool {
    let stems = ["bloque", "bloqui", "report", "congel", "suspend", "desactiv", "inhabilit", "deshabilit"];
    let Some(rest) = stems.iter().find_map(|stem| word.strip_prefix(stem)) else { return false };
    let Some(rest) = ["en", "es", "ar", "er", "a", "e"].iter().find_map(|ending| rest.strip_prefix(ending)) else { return false };
    let rest = ["me", "nos", "se"].iter().find_map(|to| rest.strip_prefix(to)).unwrap_or(rest);
    matches!(rest, "" | "la" | "las" | "lo" | "los")
}

/// Whether any of the phrases stands anywhere in the words.
pub(super) fn contains(words: &[Word], phrases: &str) -> bool {
    (0..words.len()).any(|at| phrases.split('|').any(|phrase| begins(&words[at..], phrase).is_some()))
}
