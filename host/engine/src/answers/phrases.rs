//! A small grammar for whole utterances: known phrases, one after the other, and nothing else.
//!
//! Lives here: longest phrase first, complete consumption, classes of words that phrases share.
//! Never here: the phrases (each reader has its own).

use super::words::Word;

/// Phrases by meaning. The phrases of one meaning stand in one string, separated by `|`, folded as
/// [`super::words::words`] folds them. A word in brackets may be missing; `{block}` is any word of that class.
pub(super) type Lexicon<M> = &'static [(M, &'static str)];

/// Longer utterances are stories, never answers.
const MOST_WORDS: usize = 40;

/// The meanings of the phrases an utterance consists of, or `None` if a word belongs to none.
pub(super) fn meanings<M: Copy>(words: &[Word], lexicon: Lexicon<M>) -> Option<Vec<M>> {
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

/// The longest phrase the words begin with, and how many words it has.
pub(super) fn longest<M: Copy>(words: &[Word], lexicon: Lexicon<M>) -> Option<(M, usize)> {
    let mut best = None;
    for (meaning, phrases) in lexicon {
        for phrase in phrases.split('|') {
            if let Some(length) = begins(words, phrase)
                && best.is_none_or(|(_, longest)| length > longest)
            {
                best = Some((*meaning, length));
            }
        }
    }
    best
}

/// How many words the phrase takes, if the words begin with it.
pub(super) fn begins(words: &[Word], phrase: &str) -> Option<usize> {
    let mut length = 0;
    for expected in phrase.split(' ') {
        let optional = expected.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        match words.get(length) {
            Some(word) if is(&word.text, optional.unwrap_or(expected)) => length += 1,
            _ if optional.is_some() => {}
            _ => return None,
        }
    }
    (length > 0).then_some(length)
}

fn is(word: &str, expected: &str) -> bool {
    let Some(class) = expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return word == expected };
    match class {
        "block" => is_block(word),
        // What follows "no la": "bloquees", "bloqueen"; "no, bloquéala" asks for it.
        "dont" => is_block(word) && ["es", "e", "en"].iter().any(|ending| word.ends_with(ending)),
        "want" => matches!(word, "quiero" | "quisiera" | "deseo" | "necesito" | "prefiero" | "solicito" | "pido"),
        "it" => matches!(word, "la" | "las" | "lo" | "los" | "me" | "se" | "nos"),
        "my" => matches!(word, "la" | "las" | "el" | "mi" | "mis" | "esa" | "esta" | "ese" | "este" | "todas" | "todo"),
        "card" => matches!(word, "tarjeta" | "tarjetas" | "plastico" | "cuenta" | "credito" | "debito" | "nomina"),
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
        _ => false,
    }
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
