//! A no inside a longer sentence: "la compra la hice yo, no la bloquee", "no, con esa me pagan el bono".
//!
//! Lives here: what may stand before and after a no, with any words in it, and what must not.
//! Never here: a yes, which bears known words only (`story`); the decision itself (`yes_no`), what words tell of (`evidence`).

use super::decided;
use super::evidence::{Set, corrects, is_kept, is_negation};
use super::verbs::does;
use crate::answers::words::{Word, parted};
use crate::answers::{Language, Setting};
use std::sync::LazyLock;

/// A decision itself is short.
const MOST_DECIDING: usize = 14;
/// What puts a decision on a condition, into somebody else's mouth, or makes it a doubt or a question.
const NEVER: &str = "condicion|pero|apenas|termine|quisiera|aunque|cuando|hasta|dice|dicen|dijo|dijeron|dijera|diga|dile|digale|decile|salvo|excepto|menos|quiza|quizas|creo|supongo|depende|mientras|siempre|sino|caso|segun|cuanto|cuantos|cuanta|cuantas|cual|cuales|pregunto|preguntar|preguntarle|preguntale|consulto|consultar|consultarlo|cierto|acaso|ojala no|dudo|indecisa|indeciso|alo|mande|mentira|mentiras|duda";
/// What a no does not bear beside that.
const NOT_BESIDE_NO: &str = "olvidelo|entiendo|entendi|escucho|escuche|oigo|oye|oyo|oi|segura|seguro|dale|sabria";
/// How a clause begins right after a no that is not the negation of a verb.
const NEW_CLAUSE: &str = "porque|que|es|esa|ese|esta|este|ya|fijese|fijate|mire|mira|vea|si|fue|mi|yo|el|ahi|aqui|aca|con|para|pa|como|pues|po|poh|pu|oiga|oye|pero|era|al|ahorita|ahora|todavia|aun|primero|espere|espera|esperate|mejor|senorita|senor|senora|joven|no|gracias|hombre|mija|mijo|tranquilo|tranquila|en|por|cambie|prefiero|fijate|estoy|eso|tranqui|hoy|manana|nunca|resulta|maestro|flaco|nomas|jamas|ni|de|lo";

static NEVER_SET: Set = LazyLock::new(|| NEVER.split('|').collect());
static NOT_BESIDE_NO_SET: Set = LazyLock::new(|| NOT_BESIDE_NO.split('|').collect());
static NEW_CLAUSE_SET: Set = LazyLock::new(|| NEW_CLAUSE.split('|').collect());

/// Whether a no stands here, with words around it that nobody needs to know.
pub(super) fn is_free_no(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> bool {
    setting.language == Language::Spanish && Said { text, words, doing, setting }.is_no()
}

struct Said<'a> {
    text: &'a str,
    words: &'a [Word],
    doing: &'a [String],
    setting: &'a Setting,
}

impl Said<'_> {
    fn is_no(&self) -> bool {
        let starts = (0..self.words.len()).filter(|at| {
            *at == 0
                || self.is_parted(*at)
                || matches!(self.words[*at].text.as_str(), "no" | "todavia" | "aun" | "mejor" | "preferiria" | "prefiero" | "nica" | "ni")
        });
        starts.into_iter().any(|start| {
            let ends = start + 1..=self.words.len().min(start + MOST_DECIDING);
            ends.rev().any(|end| {
                // What stands around it is quicker to judge than the decision itself.
                let [told, bare] = [true, false].map(|of_what| self.may_precede_no(start, end, of_what) && self.may_follow_no(end, of_what));
                (told || bare)
                    && match decided(self.text, &self.words[start..end], self.doing, self.setting) {
                        Some((false, of_what)) => (of_what && told) || (!of_what && bare),
                        Some((true, _)) | None => false,
                    }
            })
        })
    }

    /// Whether a pause stands before this word.
    fn is_parted(&self, at: usize) -> bool {
        at > 0 && at < self.words.len() && parted(self.text, &self.words[at - 1], &self.words[at])
    }

    /// Whether this "si" was written as a yes, or can only be one where it stands.
    fn affirms(&self, at: usize) -> bool {
        let word = &self.words[at];
        let accented = self.text.get(word.span.clone()).is_some_and(|written| written.to_lowercase().contains('í'));
        accented || at + 1 == self.words.len() || self.is_parted(at + 1)
    }

    fn is_told(&self, at: usize) -> bool {
        does(&self.words[at].text, "do", self.doing)
    }

    /// Whether this form of the verb is told not to be done: "no quiero que la bloqueen".
    fn is_forbidden(&self, at: usize) -> bool {
        const BETWEEN: &str = "me|te|se|le|les|nos|la|las|lo|los|que|a|quiero|quisiera|deseo|voy|vaya|vayan|vas|va|van|vayas|necesito|hace|falta|es|necesario|pedi|pedido|dicho|he|dije|autorizo|de|acuerdo|con|hay|necesidad|para|pa|caso|tiene|sigan|siga|estoy|pienso|ocurra|vale|pena|quede|este|el|nunca";
        let before = self.words[..at].iter().rev().take(7);
        let mut found = before.skip_while(|word| BETWEEN.split('|').any(|between| between == word.text) && !is_negation(&word.text));
        found.next().is_some_and(|word| is_negation(&word.text))
    }

    /// Whether nothing from `from` to `to` makes a no doubtful.
    fn bears_no(&self, from: usize, to: usize, of_what: bool) -> bool {
        (from..to).all(|at| {
            let word = self.words[at].text.as_str();
            let next = self.words.get(at + 1).filter(|_| at + 1 < to).map_or("", |next| next.text.as_str());
            match word {
                "pero" => at + 1 == to || (from..at).any(|at| is_kept(self.words, at)),
                "menos" => next == "mal",
                "apenas" => true,
                "si" => {
                    let states = matches!(
                        next,
                        "era"
                            | "lo"
                            | "la"
                            | "el"
                            | "fui"
                            | "fue"
                            | "hice"
                            | "tengo"
                            | "le"
                            | "aqui"
                            | "ya"
                            | "esta"
                            | "esa"
                            | "anda"
                            | "apenas"
                            | "yo"
                            | "me"
                            | "mi"
                            | "es"
                            | "capaz"
                            | "acabo"
                            | "ahi"
                            | "todavia"
                            | "con"
                            | "estoy"
                    );
                    let later = at > from || !of_what;
                    (at > 0 && self.words[at - 1].text == "ver") || states && later && (at..to).any(|at| is_kept(self.words, at))
                }
                "se" => !(at > 0 && self.words[at - 1].text == "no" && !does(next, "do", self.doing)),
                "capaz" | "dale" => of_what,
                "preguntar" | "consultar" => (from..at).any(|at| matches!(self.words[at].text.as_str(), "para" | "queria" | "pregunte" | "quiero")),
                "como" | "quien" | "donde" => true,
                _ if self.is_told(at) => {
                    let before = |back: usize| at.checked_sub(back).map_or("", |at| self.words[at].text.as_str());
                    // "para qué la bloquea", "cómo la va a bloquear": told the other way round.
                    let asked = (before(1) == "quiero" && before(2) == "que")
                        || (1..=5).any(|back| matches!(before(back), "como" | "pa" | "vas" | "van"))
                        || ((1..=4).any(|back| before(back) == "que") && (1..=5).any(|back| before(back) == "para"));
                    self.is_forbidden(at) || asked
                }
                _ => !NEVER_SET.contains(word) && !NOT_BESIDE_NO_SET.contains(word),
            }
        })
    }

    fn may_precede_no(&self, start: usize, end: usize, of_what: bool) -> bool {
        if start == 0 {
            return true;
        }
        let last = self.words[start - 1].text.as_str();
        let kept = (0..start).any(|at| is_kept(self.words, at));
        let begins_with_no = self.words[..start.min(3)].iter().any(|word| word.text == "no");
        let condition = self.words[0].text == "si" && !self.affirms(0);
        let therefore = last == "que" && start > 1 && self.words[start - 2].text == "asi";
        let apart = self.is_parted(start) || last == "pero" || therefore;
        let spoken_of = (last == "que" && !therefore) || (0..start).any(|at| matches!(self.words[at].text.as_str(), "dije" | "dicho"));
        !condition
            && !spoken_of
            && self.bears_no(0, start, of_what)
            && if of_what { kept || begins_with_no || apart || start <= 4 } else { apart && (kept || begins_with_no || therefore || end - start > 2) }
    }

    fn may_follow_no(&self, end: usize, of_what: bool) -> bool {
        if end == self.words.len() {
            return true;
        }
        let tail = &self.words[end..];
        let kept = (0..tail.len()).any(|at| is_kept(tail, at));
        let of_card = tail[0].text == "la" && tail.len() > 1 && matches!(tail[1].text.as_str(), "que" | "mia" | "otra" | "tarjeta" | "robada" | "perdida");
        let apart = self.words[end - 1].text != "no" || of_card || self.is_parted(end) || NEW_CLAUSE_SET.contains(tail[0].text.as_str());
        self.bears_no(end, self.words.len(), of_what) && (of_what || (apart && kept && !corrects(self.words, end, self.setting.language)))
    }
}

#[cfg(test)]
#[path = "free_tests.rs"]
mod tests;
