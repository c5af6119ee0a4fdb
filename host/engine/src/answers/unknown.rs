//! "No me los sé": the caller cannot answer this question, so asking again is no use.
//!
//! Lives here: how callers say that they do not know, do not remember, do not have it at hand.
//! Never here: a yes/no question, where not knowing is no answer.

use super::numerals::{Joining, number_at};
use super::phrases::{begins, contains};
use super::{Kind, Language, words::Word};

const SPANISH: &str = "no tengo anotado|no los tengo anotados|no tengo anotados|se me borro|se me borraron|se me fue de la|se me fueron|se me fueron de la mente|no me aprendo|no me los aprendo|nunca me los|nunca me aprendi|ni los he mirado|ni los mire|ni me acuerdo|por si acaso me acuerdo|no tengo de donde|no tengo donde|no los cacho|no lo cacho|no los pillo|no cuento con|no traigo ni|no los he memorizado|no me fije|nunca me fije|no los apunte|no lo apunte|no me los grabe|no los grabe|no se|no los se|no lo se|no la se|no me los se|no me lo se|no me la se|no me se|no sabria|no sabria decirte|no sabria decirle|no tengo idea|ni idea|ni la menor idea\
|no me acuerdo|no recuerdo|no los recuerdo|no lo recuerdo|no la recuerdo|no me recuerdo|no logro recordar|no puedo recordar|se me olvido|se me olvidaron|se me ha olvidado|lo olvide|los olvide|ya se me olvidaron|no los memorice|no me los aprendi|no me la aprendi\
|no los tengo|no lo tengo|no la tengo|no las tengo|no tengo la tarjeta|no tengo mi tarjeta|no tengo el plastico|no tengo el numero|no tengo los numeros|no tengo los digitos|no tengo esos datos|no tengo ese dato|no tengo el dato|no cuento con ellos|no cuento con la tarjeta|no cuento con ella|no cuento con esos\
|no la traigo|no lo traigo|no los traigo|no traigo la tarjeta|no traigo mi tarjeta|no la encuentro|no encuentro la tarjeta|no los encuentro|no la tengo conmigo|no los veo|no lo veo|no la veo|no los alcanzo a ver|no alcanzo a ver|no puedo ver|no puedo verlos|no se ven|no se alcanzan a ver|estan borrados\
|como voy a saber|como quieres que sepa|como quiere que sepa|como lo voy a saber|como los voy a saber|como me los voy a saber|quien sabe|desconozco|los desconozco|lo desconozco|ignoro|nunca me los aprendi|nunca me los se|no sabo|no me sabo|imposible acordarme|que voy a saber|no conozco|no los conozco|no lo conozco\
|no cacho|sepa|sepa la bola|vaya uno a saber|vaya usted a saber|a saber|no me lo acuerdo|no me los acuerdo|no tengo como|no tengo manera|no tengo forma|no hay manera|nunca me lo dieron|nunca me los dieron|nunca me dieron|no me lo dieron|no me los dieron|no me dieron|no me lo han dado|nunca lo supe|nunca los supe|nunca lo he sabido|ni me lo se|ni me los se|ni lo se|ni los se|que se yo|yo que se|no manejo|no lo manejo";

const ENGLISH: &str = "i dont know|i do not know|dont know|i dont remember|i do not remember|dont remember|i cant remember|i forgot|i dont have it|i do not have it|i dont have them|i dont have the card|i dont have my card|no idea|not sure|im not sure|i have no idea|i cant see|i cant find it";

/// Whether the caller says so, and says no number beside it.
pub(super) fn says_so(kind: &Kind, words: &[Word], language: Language) -> bool {
    const MOST_WORDS: usize = 60;
    let phrases = match language {
        Language::Spanish => SPANISH,
        Language::English => ENGLISH,
    };
    match kind {
        Kind::YesNo { .. } | Kind::Text => false,
        Kind::Digits { .. } | Kind::LastFour | Kind::Choice(_) | Kind::Amount | Kind::Date { .. } | Kind::Name => {
            words.len() <= MOST_WORDS && contains(words, phrases) && digits(words, language) < 3
        }
    }
}

/// How many digits are said, "los cuatro dígitos" and "los últimos cuatro" aside.
fn digits(words: &[Word], language: Language) -> usize {
    const COUNTS: &str = "cuatro digitos|4 digitos|cuatro numeros|4 numeros|ultimos cuatro|ultimos 4|cuatro ultimos|four digits|last four|last 4";
    let (mut at, mut count) = (0, 0);
    while at < words.len() {
        if let Some(length) = COUNTS.split('|').find_map(|phrase| begins(&words[at..], phrase)) {
            at += length;
        } else if let Some((number, next)) = number_at(words, at, language, Joining::Strict) {
            count += number.len();
            at = next;
        } else {
            at += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::super::{Heard, Reading, read};
    use super::*;

    #[track_caller]
    fn check(kind: &Kind, said: &str, expected: bool) {
        let heard = Heard { text: said, keys: false };
        assert_eq!(read(kind, &heard, Language::Spanish) == Reading::DoesNotKnow, expected, "{said}");
    }

    #[test]
    fn not_knowing_the_digits_is_understood() {
        for said in [
            "No me los sé",
            "no me los sé, disculpe",
            "no la tengo a la mano",
            "no me acuerdo",
            "no recuerdo los últimos cuatro",
            "no sé",
            "ni idea",
            "híjole, no me sé los cuatro dígitos",
            "se me olvidaron",
            "no tengo la tarjeta, me la robaron",
            "no los tengo ahorita",
            "pues no los recuerdo señorita",
            "cómo voy a saber si me robaron la cartera",
            "quién sabe",
            "no traigo mi tarjeta",
            "desconozco los números",
            "la verdad no sabría decirte",
            "me robaron todo, no la tengo",
            "no me acuerdo de los últimos 4",
            "no alcanzo a ver los números",
            "ni idea po",
        ] {
            check(&Kind::LastFour, said, true);
            check(&Kind::Digits { least: 6, most: 6 }, said, true);
        }
    }

    #[test]
    fn other_answers_are_not_taken_for_not_knowing() {
        for said in ["cuatro cinco dos uno", "no sé si es 4521", "sí", "no", "espérame", "quiero hablar con alguien", ""] {
            check(&Kind::LastFour, said, false);
        }
        for said in ["no sé", "no me acuerdo"] {
            check(&Kind::YesNo { doing: Vec::new(), about: Vec::new() }, said, false);
            check(&Kind::Text, said, false);
        }
    }
}
