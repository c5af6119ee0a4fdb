//! A yes and what happened: "sí, me la robaron ayer en el metro", "me robaron la tarjeta, bloquéela".
//!
//! Lives here: the clauses such a story may be made of. A consent is read out of whole clauses only: known words in any
//! order tell anything ("sí, la perdí, ya está acá", "bloquéela, olvide todo").
//! Never here: the decision itself (`yes_no`).

use super::decided;
use super::verbs::{does, is_of_business};
use crate::answers::phrases::begins;
use crate::answers::words::{Word, parted};
use crate::answers::{Language, Setting};

/// How a clause may begin.
const OPENINGS: &str = "es que|porque|ya que|que|ya|mire|fijese que|resulta que";

/// The card itself is gone.
const CARD_GONE: &str = "me (la) robaron|me {it} {stole}|me asaltaron|me atracaron|me robaron {the} {plastic}|me {stole} {the} {plastic}|nos asaltaron|la perdi|perdi {the} {plastic}|la extravie|esa es la que perdi|esa es la que me robaron|es la que perdi|es la que me robaron|me hicieron el cambiazo|me la sacaron del bolsillo|me la sacaron de {the} {bag}|se me perdio (la) ({plastic})|se me extravio (la) ({plastic})\
|se me quedo en {a} {place}|se me quedo en el {place}|la deje en {a} {place}|(ya) no aparece|(ya) no la encuentro|no encuentro {the} {plastic}|se la trago el cajero|se la comio el cajero|se la quedo el cajero";

/// What is beside it was taken, or used.
const MORE_GONE: &str = "me robaron {the} {bag}|me {stole} {the} {bag}|perdi {the} {bag}|me llevaron {the} {bag}|se llevaron {the} {bag}|me vaciaron la cuenta|me estan vaciando la cuenta|me estan sacando (el) (la) {money}|me sacaron {the} {bag}|me estan robando|me estan sacando todo|me estan gastando todo|me sacaron (el) (la) (todo) (toda) (mi) {money}\
|me hicieron (unos) (unas) {charges} que (yo) no hice|me hicieron (unos) (unas) {charges} que no reconozco|me hicieron (unos) (unas) {charges} que no son mios|me hicieron (unos) (unas) {charges} que no son mias|estan usando {the} {plastic}|estan comprando con {the} {plastic}";

/// When and where, behind it in the same breath. After a pause it would be when to do it.
const BEHIND: &str = "ayer|anoche|antier|anteayer|recien|hoy|ahorita|ayer en la noche|ayer en la tarde|esta manana|la semana pasada|hace (un) rato|hace (un) ratito|hace (un) momento|hace poco|hace {few} minutos|hace {few} horas|hace {few} dias|hace una hora|hace media hora\
|por ningun lado|por toda la casa|a punta de pistola|a punta de cuchillo|en {place}|en el centro|por ninguna parte|en {a} {place}|en el {place}|en la {place}|saliendo del {place}|saliendo de la {place}|bajando del {place}|subiendo al {place}";

/// What is feared, behind an order only.
const FEARS: &str = "tengo (mucho) miedo|me da (mucho) miedo que me {take} (todo) (mas) (la) (el) ({money}) (cuenta)|para que no (me) ({it}) {take}|no (me) ({it}) {take}|tengo (mucho) miedo (de) que me {take} (todo) (mas) (la) (el) ({money}) (cuenta)|antes (de) que me {take} (todo) (mas) (la) (el) (mi) ({money}) (cuenta)|antes (de) que {it} {take}|no vaya a ser que (me) ({it}) {take}|no quiero que (me) ({it}) {take}|me urge|estoy (muy) {nervous}";

/// Whether a yes stands here with a story beside it.
pub(super) fn is_told_yes(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> bool {
    const MOST_WORDS: usize = 40;
    if setting.language != Language::Spanish || words.len() > MOST_WORDS {
        return false;
    }
    let story = Story { text, words };
    let lengths: Vec<Option<(usize, Tells)>> = (0..words.len()).map(|at| story.clause(at)).collect();
    if lengths.iter().all(Option::is_none) {
        return false;
    }
    // An order is an imperative: "bloquearla, qué miedo" may fear the act itself.
    let orders = |part: &[Word]| part.iter().any(|word| does(&word.text, "do", doing) && !is_infinitive(&word.text));
    let of_business = |part: &[Word]| part.iter().any(|word| does(&word.text, "do", doing) && is_of_business(&word.text));
    let yes = |part: &[Word]| match decided(text, part, doing, setting) {
        Some((true, of_what)) if !of_business(part) => Some(of_what && orders(part)),
        Some(_) | None => None,
    };
    // "si señorita me robaron": a yes to somebody; "si me robaron" may be a condition.
    let apart = |at: usize| is_address(&words[at - 1].text) || parted(text, &words[at - 1], &words[at]);
    (0..words.len()).any(|from| {
        let Some((to, tells)) = story.clauses(from, &lengths) else { return false };
        let head = if from == 0 { None } else { yes(&words[..from]) };
        let begins_well = from == 0 || head.is_some_and(|order| apart(from) || words[from].text == "porque" || (order && words[from].text == "que"));
        if !begins_well {
            return false;
        }
        let (tail, led) = therefore(&words[to..]);
        let order_behind = !tail.is_empty() && yes(tail) == Some(true) && (led || apart(to));
        let ended = to == words.len() || order_behind;
        let told = match tells {
            Tells::Card => true,
            Tells::More => head.is_some(),
            Tells::Fear => head == Some(true),
        };
        ended && told && (head.is_some() || order_behind)
    })
}

/// What a clause tells, the less certain the later.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tells {
    Card,
    More,
    Fear,
}

struct Story<'a> {
    text: &'a str,
    words: &'a [Word],
}

impl Story<'_> {
    /// Where the clauses that begin here end, and what they tell at least.
    fn clauses(&self, from: usize, lengths: &[Option<(usize, Tells)>]) -> Option<(usize, Tells)> {
        let (length, mut tells) = lengths[from]?;
        let mut at = from + length;
        while at < self.words.len() {
            let next = at + usize::from(self.words[at].text == "y");
            let Some((length, more)) = lengths.get(next).copied().flatten() else { break };
            tells = tells.max(more);
            at = next + length;
        }
        Some((at, tells))
    }

    /// The length of the clause that begins here, and what it tells.
    fn clause(&self, at: usize) -> Option<(usize, Tells)> {
        let opening = longest(&self.words[at..], OPENINGS).unwrap_or(0);
        let words = &self.words[at + opening..];
        let told = [(CARD_GONE, Tells::Card), (MORE_GONE, Tells::More), (FEARS, Tells::Fear)];
        let (length, tells) = told.into_iter().filter_map(|(phrases, tells)| Some((longest(words, phrases)?, tells))).max_by_key(|(length, _)| *length)?;
        let mut end = at + opening + length;
        while end < self.words.len() && !parted(self.text, &self.words[end - 1], &self.words[end]) {
            let Some(length) = longest(&self.words[end..], BEHIND) else { break };
            end += length;
        }
        Some((end - at, tells))
    }
}

fn longest(words: &[Word], phrases: &str) -> Option<usize> {
    phrases.split('|').filter_map(|phrase| begins(words, phrase)).max()
}

fn is_infinitive(word: &str) -> bool {
    ["ar", "er", "ir"].iter().any(|ending| ["", "la", "las", "mela", "melas"].iter().any(|it| word.strip_suffix(it).is_some_and(|word| word.ends_with(ending))))
}

fn is_address(word: &str) -> bool {
    matches!(word, "senorita" | "senor" | "senora" | "joven" | "favor" | "porfa" | "porfavor" | "amigo" | "amiga")
}

/// The words after the "así que" or "por eso" they begin with, and whether they do.
fn therefore(tail: &[Word]) -> (&[Word], bool) {
    match longest(tail, "asi que|por eso") {
        Some(length) => (&tail[length..], true),
        None => (tail, false),
    }
}

#[cfg(test)]
#[path = "story_tests.rs"]
mod tests;
