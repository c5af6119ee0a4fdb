//! A decision inside a longer sentence: "sí, me pepearon anoche en la combi", "la compra la hice yo, no la bloquee".
//!
//! Lives here: what may stand before and after a decision, with any words in it, and what must not.
//! Never here: the decision itself (`yes_no`), what words tell of (`evidence`).

use super::decided;
use super::evidence::{Set, denies_loss, is_clitic, is_denied, is_gone, is_kept, is_negation};
use super::verbs::does;
use crate::answers::numerals::{Joining, number_at};
use crate::answers::phrases::begins;
use crate::answers::words::{Word, parted};
use crate::answers::{Language, Setting};
use std::sync::LazyLock;

/// A decision itself is short.
const MOST_DECIDING: usize = 14;
/// What puts a decision on a condition, into somebody else's mouth, or makes it a doubt or a question.
const NEVER: &str = "condicion|pero|apenas|termine|quisiera|aunque|cuando|hasta|dice|dicen|dijo|dijeron|dijera|diga|dile|digale|decile|salvo|excepto|menos|quiza|quizas|creo|supongo|depende|mientras|siempre|sino|caso|segun|cuanto|cuantos|cuanta|cuantas|cual|cuales|pregunto|preguntar|preguntarle|preguntale|consulto|consultar|consultarlo|cierto|acaso|ojala no|dudo|indecisa|indeciso|alo|mande|mentira|mentiras|duda";
/// What a yes does not bear beside that.
const NOT_BESIDE_YES: &str = "entiendo|entendi|escuche|sabia|oi|manda|mandara|gas|luz|olvidelo|olvidalo|olvidate|olvidese|solo|solamente|unicamente|capaz|digo|espere|espera|espereme|esperame|esperese|esperate|esperen|perame|aguante|aguanta|aguantame|aguanteme|permitame|momento|momentito|segundo|segundito|minuto|minutito|primero|todavia|aun|despues|luego|manana|pasado|rato|ratito|temporal|temporalmente|provisional|verdad|quien|como|donde|cobran|cobra|cuesta|cuestan|costo|costos|tarda|tardan|demora|demoran|puedo|podria|puede|pueden|podre|mandan|dan|devuelven|reponen|reposicion|garantizan|aseguran\
|encontre|encontro|encontraron|encontramos|halle|pille|aparecio|devolvieron|regresaron|entregaron|equivoque|error|activa|activar|activen|activela|cancele|cancela|cancelen|cancelar|busco|buscar|buscarla|buscando|reviso|revisar|revise|averiguo|saber|explique|expliqueme|explica|explicame|digame|dime|decime|dudas|duda|colgar|cuelgo|cuelgue|necesito|ocupo|hice|hicimos|hizo|compre|mio|mios|internet|extranjero|nueva|nuevo|saldo|deje|dejeme|dejame|dejela|dejala|mejor|sera|seria|serian|pasaria|pasara|ratico|semana|mes|meses|recibo|cita|dentista|servicio|imaginese|genios|total|presidente|vez";
/// Questions that recognisers write without marks, other cards, and blocks for a while or in part.
const NOT_BESIDE_YES_PHRASES: &str = "que hago|que hacer|que hacemos|que pasa|que sigue|que procede|que puedo|que debo|por que|y el|y la|y las|y los|y mi|y mis|y lo|y me|y eso|la de mi|de mi esposa|de mi esposo|de mi hijo|de mi hija|de mi mama|de mi papa|de mi hermano|de mi hermana|de mi marido|de mi senora|la de el|la de ella|la de su|por hoy|por unos|por unas|por un|por una|un par|en una|en un|en media|en dos|nada mas para|nada mas por|nada mas las|nada mas en|nomas para|nomas por|nomas las|se que|van a|va a|con tal|en cuanto|a partir|le pregunte|te pregunte";

/// What a no does not bear beside that.
const NOT_BESIDE_NO: &str = "olvidelo|entiendo|entendi|escucho|escuche|oigo|oye|oyo|oi|segura|seguro|dale|sabria";
/// How a clause begins right after a no that is not the negation of a verb.
const NEW_CLAUSE: &str = "porque|que|es|esa|ese|esta|este|ya|fijese|fijate|mire|mira|vea|si|fue|mi|yo|el|ahi|aqui|aca|con|para|pa|como|pues|po|poh|pu|oiga|oye|pero|era|al|ahorita|ahora|todavia|aun|primero|espere|espera|esperate|mejor|senorita|senor|senora|joven|no|gracias|hombre|mija|mijo|tranquilo|tranquila|en|por|cambie|prefiero|fijate|estoy|eso|tranqui|hoy|manana|nunca|resulta|maestro|flaco|nomas|jamas|ni|de|lo";

static NEVER_SET: Set = LazyLock::new(|| NEVER.split('|').collect());
static NOT_BESIDE_YES_SET: Set = LazyLock::new(|| NOT_BESIDE_YES.split('|').collect());
static NOT_BESIDE_NO_SET: Set = LazyLock::new(|| NOT_BESIDE_NO.split('|').collect());
static NEW_CLAUSE_SET: Set = LazyLock::new(|| NEW_CLAUSE.split('|').collect());

/// A decision with words around it that nobody needs to know.
pub(super) fn free(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> Option<bool> {
    if setting.language != Language::Spanish {
        return None;
    }
    let said = Said { text, words, doing, setting };
    let answers = [said.is_yes(), said.is_no()];
    match answers {
        [true, false] => Some(true),
        [false, true] => Some(false),
        [true, true] | [false, false] => None,
    }
}

struct Said<'a> {
    text: &'a str,
    words: &'a [Word],
    doing: &'a [String],
    setting: &'a Setting,
}

impl Said<'_> {
    fn is_yes(&self) -> bool {
        self.starts().into_iter().any(|start| {
            let ends = start + 1..=self.words.len().min(start + MOST_DECIDING);
            ends.rev().any(|end| match decided(self.text, &self.words[start..end], self.doing, self.setting) {
                Some((true, told)) => self.may_precede_yes(start, end, told) && self.may_follow_yes(start, end, told),
                Some((false, _)) | None => false,
            })
        })
    }

    fn is_no(&self) -> bool {
        let starts = (0..self.words.len()).filter(|at| {
            *at == 0
                || self.is_parted(*at)
                || matches!(self.words[*at].text.as_str(), "no" | "todavia" | "aun" | "mejor" | "preferiria" | "prefiero" | "nica" | "ni")
        });
        starts.into_iter().any(|start| {
            let ends = start + 1..=self.words.len().min(start + MOST_DECIDING);
            ends.rev().any(|end| match decided(self.text, &self.words[start..end], self.doing, self.setting) {
                Some((false, of_what)) => self.may_precede_no(start, end, of_what) && self.may_follow_no(end, of_what),
                Some((true, _)) | None => false,
            })
        })
    }

    /// Where a decision may begin: first, after a pause, after what leads to one.
    fn starts(&self) -> Vec<usize> {
        let leads_to = |at: usize| {
            let before = &self.words[..at];
            ["asi que", "por eso", "entonces", "pero"].iter().any(|phrase| {
                let length = phrase.split(' ').count();
                before.len() >= length && begins(&before[before.len() - length..], phrase).is_some()
            })
        };
        (0..self.words.len()).filter(|at| *at == 0 || self.is_parted(*at) || leads_to(*at) || self.is_told_so(*at)).collect()
    }

    /// Whether a decision begins here by naming the act: "bloquéela", not "que bloquéela".
    fn is_told_so(&self, at: usize) -> bool {
        let before = self.words[at - 1].text.as_str();
        does(&self.words[at].text, "doing", self.doing)
            && !is_clitic(before)
            && !is_negation(before)
            && !matches!(before, "que" | "a" | "de" | "para" | "y" | "o")
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

    /// Whether the act the question is about is named from here to there, by its own verb.
    fn names_the_act(&self, from: usize, to: usize) -> bool {
        let own = &self.doing[..self.doing.len().min(1)];
        self.words[from..to].iter().any(|word| does(&word.text, "do", own) && !word.text.ends_with("lo") && !word.text.ends_with("los"))
    }

    fn is_told(&self, at: usize) -> bool {
        does(&self.words[at].text, "do", self.doing)
    }

    /// Whether nothing from `from` to `to` makes a yes doubtful.
    fn bears_yes(&self, from: usize, to: usize, told: bool) -> bool {
        let harm =
            |at: usize| matches!(self.words.get(at + 2).map_or("", |word| word.text.as_str()), "vaciar" | "sacar" | "robar" | "gastar" | "dejar" | "ser");
        let phrase = |at: usize| NOT_BESIDE_YES_PHRASES.split('|').any(|phrase| begins(&self.words[at..to], phrase).is_some());
        // "y me dejaron sin plata", "y se la llevaron": what happened next.
        let went_on = |at: usize| (at..to.min(at + 8)).any(|at| is_gone(self.words, at));
        let known = |at: usize| {
            told || (from..at).any(|at| is_gone(self.words, at))
                || !matches!(self.words.get(at + 1).map_or("", |word| word.text.as_str()), "el" | "la" | "las" | "los" | "mi" | "mis" | "lo")
        };
        let excused = |at: usize| {
            let word = self.words[at].text.as_str();
            (word == "y" && known(at) && went_on(at + 1)) || (matches!(word, "van" | "va") && harm(at)) || is_denied(self.words, at)
        };
        if (from..to).any(|at| phrase(at) && !excused(at)) {
            return false;
        }
        let spell = |at: usize| matches!(self.words[at].text.as_str(), "dia" | "dias" | "hora" | "horas" | "minutos" | "semanas");
        let since = |at: usize| self.words[at.saturating_sub(3)..at].iter().any(|word| matches!(word.text.as_str(), "hace" | "desde"));
        if (from..to).any(|at| spell(at) && !since(at)) {
            return false;
        }
        (from..to).all(|at| {
            let word = self.words[at].text.as_str();
            let after_doubt = at > 1 && self.words[at - 1].text == "se" && is_negation(&self.words[at - 2].text);
            let denied = || is_denied(&self.words[from..to], at - from);
            if word == "si" {
                let told_after = at > 0 && matches!(self.words[at - 1].text.as_str(), "que" | "pues" | "mejor") && self.is_told_next(at);
                return self.affirms(at) || told_after || (at == from && !told && is_gone_after(&self.words[at..to]));
            }
            if is_negation(word) {
                return denies_loss(&self.words[..to], at);
            }
            if word == "como"
                && self
                    .words
                    .get(at + 1)
                    .is_some_and(|next| matches!(next.text.as_str(), "un" | "una" | "tonta" | "tonto" | "gil" | "loca" | "loco" | "burro" | "mensa" | "menso"))
            {
                return true;
            }
            if word == "pero" {
                return at + 1 == to;
            }
            if matches!(word, "otra" | "otro" | "otras") {
                return !self.is_other_one(at);
            }
            let before = |back: usize| at.checked_sub(back).map_or("", |at| self.words[at].text.as_str());
            if (word == "deje" && matches!(before(1), "la" | "lo")) || before(1) == "hace" || (before(1) == "un" && before(2) == "hace") {
                return true;
            }
            if told && matches!(word, "despues" | "luego") && (before(1) == "yo" || before(2) == "yo") {
                return true;
            }
            if word == "mejor" {
                return self.words.get(at + 1).is_some_and(|next| matches!(next.text.as_str(), "prevenir" | "asi" | "que" | "ya" | "si"))
                    || self.is_told_next(at);
            }
            let allowed_if_denied = matches!(
                word,
                "encontre"
                    | "hice"
                    | "entiendo"
                    | "hicimos"
                    | "mio"
                    | "mios"
                    | "necesito"
                    | "ocupo"
                    | "devolvieron"
                    | "compre"
                    | "aparecio"
                    | "halle"
                    | "pille"
            );
            let ordinary = !NEVER_SET.contains(word) && (!NOT_BESIDE_YES_SET.contains(word) || (allowed_if_denied && denied()));
            ordinary || (after_doubt && matches!(word, "donde" | "quien" | "como"))
        })
    }

    /// "la otra", "otra tarjeta", "otro día": another card, or another time; not "después pido la otra".
    fn is_other_one(&self, at: usize) -> bool {
        let word = |at: usize| self.words.get(at).map_or("", |word| word.text.as_str());
        let ordered =
            (at.saturating_sub(4)..at).any(|at| matches!(word(at), "pido" | "paso" | "saco" | "solicito" | "por" | "tramito" | "voy" | "sacaran" | "pedir"));
        let has_it = matches!((word(at + 1), word(at + 2)), ("la", "tengo") | ("esta", "conmigo"));
        let this = at > 0 && matches!(word(at - 1), "la" | "es" | "el" | "las" | "con" | "de");
        let next = matches!(word(at + 1), "tarjeta" | "dia" | "vez" | "rato" | "hora" | "semana" | "momento" | "tarjetas");
        (this || next) && !ordered && !has_it
    }

    /// Whether this form of the verb is told not to be done: "no quiero que la bloqueen".
    fn is_forbidden(&self, at: usize) -> bool {
        const BETWEEN: &str = "me|te|se|le|les|nos|la|las|lo|los|que|a|quiero|quisiera|deseo|voy|vaya|vayan|vas|va|van|vayas|necesito|hace|falta|es|necesario|pedi|pedido|dicho|he|dije|autorizo|de|acuerdo|con|hay|necesidad|para|pa|caso|tiene|sigan|siga|estoy|pienso|ocurra|vale|pena|quede|este|el|nunca";
        let before = self.words[..at].iter().rev().take(7);
        let mut found = before.skip_while(|word| BETWEEN.split('|').any(|between| between == word.text) && !is_negation(&word.text));
        found.next().is_some_and(|word| is_negation(&word.text))
    }

    fn is_told_next(&self, at: usize) -> bool {
        self.words.get(at + 1).is_some_and(|next| does(&next.text, "do", self.doing))
    }

    fn may_precede_yes(&self, start: usize, end: usize, told: bool) -> bool {
        if start == 0 {
            return true;
        }
        let about = (0..start).any(|at| is_gone(self.words, at));
        let yes_before = self.words[start - 1].text == "si" && self.affirms(start - 1);
        let led = self.is_parted(start) || yes_before || matches!(self.words[start - 1].text.as_str(), "que" | "eso" | "entonces" | "pero");
        self.bears_yes(0, start, told)
            && !(0..start).any(|at| self.is_told(at) && self.is_forbidden(at))
            && (about || (told && led && self.names_the_act(start, end)))
    }

    fn may_follow_yes(&self, start: usize, end: usize, told: bool) -> bool {
        if end == self.words.len() {
            return true;
        }
        let tail = &self.words[end..];
        let bare = start == 0 && end == 1 && self.words[0].text == "si" && !self.is_parted(end);
        let told_later = (end..self.words.len()).any(|at| self.is_told(at));
        let names_it = |at: usize| {
            let word = self.words[at].text.as_str();
            let wanted = || self.words[at.saturating_sub(4)..at].iter().any(|word| word.text == "quiero");
            self.names_the_act(at, at + 1) && ((does(word, "doing", self.doing) && !word.contains("arl")) || wanted())
        };
        let about = (end..self.words.len()).any(|at| is_gone(self.words, at) || names_it(at));
        let wishes = self.words[start].text == "si" && !self.affirms(start) && self.words[start + 1].text == "quisiera";
        // "si me la robaron" may be half a condition; a whole story is none.
        let story = (tail.len() > 3 && begins_a_story(&tail[0].text)) || tail[0].text == "porque";
        let told_why = !bare || (story && !told_later);
        let half = |at: usize| self.words[at].text == "si" && !self.affirms(at);
        // "bloqueela si ya hicieron": the decision would end inside a condition.
        let cut = (end > start + 1 && half(end - 1)) || (end > start + 2 && self.words[end - 1].text == "ya" && half(end - 2));
        // "congélemela, ahí tengo mi sueldo", but not "córtala en trozos".
        let of_card = |word: &Word| does(&word.text, "doing", self.doing) && (word.text.ends_with("la") || word.text.ends_with("las"));
        let by_another =
            self.words[start..end].iter().any(of_card) && self.is_parted(end) && !matches!(tail[0].text.as_str(), "en" | "con" | "a" | "al" | "de");
        let denied_act = (end..self.words.len()).any(|at| self.is_told(at) && self.is_forbidden(at));
        self.bears_yes(end, self.words.len(), told)
            && told_why
            && !cut
            && !wishes
            && !denied_act
            && (about || (told && (self.names_the_act(start, end) || by_another)))
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
        self.bears_no(end, self.words.len(), of_what) && (of_what || (apart && kept && !self.corrects(end)))
    }

    /// "no, es la 7788" corrects the number: it is for whoever understands corrections.
    fn corrects(&self, from: usize) -> bool {
        let digits = |at: usize| number_at(self.words, at, self.setting.language, Joining::Strict).map_or(0, |(number, _)| number.len());
        (from..self.words.len()).any(|at| digits(at) > 2)
    }
}

fn is_gone_after(words: &[Word]) -> bool {
    (1..words.len()).any(|at| is_gone(words, at))
}

fn begins_a_story(word: &str) -> bool {
    matches!(
        word,
        "me" | "nos"
            | "se"
            | "la"
            | "lo"
            | "es"
            | "esa"
            | "fue"
            | "ya"
            | "porque"
            | "hay"
            | "fijese"
            | "mire"
            | "ayer"
            | "anoche"
            | "hoy"
            | "acaban"
            | "acabo"
            | "por"
    )
}

#[cfg(test)]
#[path = "free_tests.rs"]
mod tests;
