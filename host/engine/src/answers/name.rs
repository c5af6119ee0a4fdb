//! A person's name.
//!
//! Lives here: what stands around a name, and which words are none.
//! Never here: whose name it is.

use super::numerals::{Joining, number_at};
use super::phrases::{Lexicon, longest};
use super::words::{Word, words};
use super::{Heard, Kind, Language, Reading, Setting, control, read as read_answer};
use std::sync::LazyLock;

static BEFORE: LazyLock<Lexicon<()>> = LazyLock::new(|| {
    Lexicon::of(&[(
        (),
        "me llamo|yo me llamo|mi nombre es|mi nombre completo es|el nombre es|el nombre completo es|nombre|soy|yo soy|habla|le habla|te habla|aqui habla|se llama|es|es a nombre de|a nombre de|esta a nombre de|esta registrada a nombre de|sale a nombre de|de parte de|el titular es|la titular es|a mi nombre\
         |si|claro|hola|buenas|buenos dias|buenas tardes|buenas noches|bueno|pues|este|eh|e|mm|m|a ver|mire|mira|oiga|con gusto|senorita|senor|senora|don|dona|licenciado|licenciada|doctor|doctora\
         |my name is|my names|i am|im|this is|its|it is|the name is|under the name of|mister|miss|hi|hello|yes|well|um|uh",
    )])
});

static AFTER: LazyLock<Lexicon<()>> = LazyLock::new(|| {
    Lexicon::of(&[(
        (),
        "por favor|porfa|gracias|muchas gracias|senorita|senor|joven|para servirle|para servirte|a sus ordenes|a la orden|servidor|servidora|po|pues|mucho gusto|please|thank you|thanks\
         |con {letter}|con {letter} {kind}|con doble {letter}|con {letter} y con {letter}|con acento|sin hache|sin acento|with a {letter}",
    )])
});

/// Words that stand inside a name and never at its end.
const PARTICLES: [&str; 10] = ["de", "del", "la", "las", "los", "y", "da", "di", "van", "von"];

/// Words that are in no name: whoever says one says something else.
const OTHER: &str = "|yo|tu|usted|ustedes|el|ella|ellos|nosotros|me|te|se|le|les|lo|nos|mi|mis|su|sus|tus|un|una|unos|este|esta|esto|ese|esa|eso|aquel|aquella|otro|otra|otros|todo|todos|todas|nadie|alguien|nada|algo|ninguno|ninguna\
|quiero|quisiera|necesito|deseo|puedo|puede|puedes|podria|tengo|tiene|tienes|hay|es|son|era|fue|fui|soy|eres|somos|estoy|esta|estan|estaba|seria|ser|estar|hacer|hago|hace|hizo|ir|voy|va|vas|vamos|ven|dice|dices|digo|dijo|dije|decir|sabe|sabes|saber|se|creo|cree|quien|pasa|paso|llamo|llama|llamar|llaman|llame|hablar|habla|hablo|hablas\
|bloquea|bloquear|bloquee|bloqueen|bloqueala|reporta|reportar|cancela|cancelar|perdi|perdida|robo|robada|robaron|asaltaron|extravie|clonaron|ayuda|ayudar|ayudame|ayudeme|entiendo|entendi|escucho|escuche|oigo|oyes|espera|espere|esperame|espereme|permiteme|repite|repita|olvide|olvidalo|recuerdo|acuerdo|importa|vale|mande|diga|digame|perdon|disculpe|disculpa\
|tarjeta|tarjetas|cuenta|cuentas|banco|dinero|saldo|credito|debito|prestamo|cajero|cliente|titular|persona|humano|ejecutivo|ejecutiva|asesor|asesora|agente|operador|operadora|nombre|apellido|apellidos|numero|numeros|digitos|telefono|correo|direccion|clave|nip|pin|sucursal|llamada|maquina|robot|grabacion|pregunta|momento|segundo|minuto|rato\
|que|quien|quienes|como|cuando|donde|cual|cuales|cuanto|cuanta|cuantos|por|para|porque|pero|aunque|si|no|ni|o|u|sino|tambien|tampoco|nunca|jamas|siempre|quiza|quizas|claro|ok|okay|okey|bueno|buena|bien|mal|malo|muy|mas|menos|mucho|poco|ya|ahora|ahorita|hoy|ayer|manana|antes|despues|luego|aqui|ahi|alli|alla|entonces|pues|asi|igual|mejor|peor|solo|verdad|cierto|correcto|listo|dale|sale|orale|nel|simon|perfecto\
|hola|buenas|buenos|dias|tardes|noches|adios|gracias|favor|chao|bye|a|ante|con|contra|desde|en|entre|hasta|hacia|sin|sobre|tras|mexicano|mexicana|chileno|chilena|peruano|peruana|colombiano|colombiana|argentino|argentina|esposo|esposa|marido|mujer|mama|papa|hijo|hija|hermano|hermana|hombre|senor|senora|senorita|joven|casa|trabajo|calle|aja|mmm|eh|ah|ay|oh|uy\
|the|i|you|he|she|it|we|they|my|your|want|need|have|is|are|was|am|do|does|dont|what|who|how|when|where|why|which|card|account|bank|yes|no|not|ok|please|help|block|lost|stolen|person|agent|sorry|wait|repeat|cancel|";

/// The name, capitalised, if the utterance is nothing else.
pub(super) fn read(heard: &Heard<'_>, setting: &Setting) -> Option<String> {
    const MOST_WORDS: usize = 24;
    const LONGEST: usize = 5;
    let text = heard.text;
    let spoken = words(text);
    let is_said = |kind: &Kind| matches!(read_answer(kind, heard, setting.clone()), Reading::Answer(_));
    if spoken.len() > MOST_WORDS
        || text.contains(['?', '¿'])
        || control(heard, setting.clone()).is_some()
        || is_said(&Kind::YesNo { doing: Vec::new(), about: Vec::new() })
    {
        return None;
    }
    let (mut from, mut to) = (0, spoken.len());
    while let Some(((), length)) = longest(&spoken[from..to], &BEFORE) {
        from += length;
    }
    while let Some(shorter) = (from..to).find(|at| longest(&spoken[*at..to], &AFTER).is_some_and(|((), length)| at + length == to)) {
        to = shorter;
    }
    let name = &spoken[from..to];
    let edges = [name.first()?, name.last()?];
    let first_is_particle = PARTICLES.contains(&edges[0].text.as_str());
    if name.len() > LONGEST || (first_is_particle && name.len() < 3) || PARTICLES.contains(&edges[1].text.as_str()) {
        return None;
    }
    let all = name.iter().enumerate().all(|(at, word)| PARTICLES.contains(&word.text.as_str()) || may_be_name(name, at, setting.language));
    all.then(|| name.iter().enumerate().filter_map(|(at, word)| Some(written(text.get(word.span.clone())?, at == 0))).collect::<Vec<_>>().join(" "))
}

fn may_be_name(words: &[Word], at: usize, language: Language) -> bool {
    let word = &words[at];
    let other = OTHER.contains(&format!("|{}|", word.text));
    !word.is_figures() && word.text.chars().count() >= 2 && !other && number_at(words, at, language, Joining::Strict).is_none()
}

/// "ANA", "ana" and "Ana" are "Ana"; `McKenna` stays, and so does a particle inside.
fn written(word: &str, first: bool) -> String {
    let lower = word.to_lowercase();
    if !first && PARTICLES.contains(&lower.as_str()) {
        return lower;
    }
    let mixed = word.chars().next().is_some_and(char::is_uppercase) && word.chars().skip(1).any(char::is_lowercase);
    if mixed {
        return word.to_owned();
    }
    let mut letters = lower.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: Option<&str>, all: &str) {
        for said in all.split('|') {
            let name = read(&Heard { text: said, keys: false }, &Setting::of("es-MX"));
            assert_eq!(name.as_deref(), expected, "{said}");
        }
    }

    #[test]
    fn a_name_is_taken_out_of_what_stands_around_it() {
        check(
            Some("Ana María Ruiz"),
            "me llamo Ana María Ruiz|ana maría ruiz|ANA MARÍA RUIZ|Sí, soy Ana María Ruiz|a nombre de Ana María Ruiz por favor|Ana María Ruiz, con zeta|hola, mi nombre es ana maría ruiz, para servirle|está a nombre de Ana María Ruiz|habla Ana María Ruiz",
        );
        check(Some("Juan Pérez"), "soy Juan Pérez|eh, Juan Pérez|es Juan Pérez, señorita|le habla Juan Pérez|pues juan pérez po");
        check(Some("Ruiz"), "Ruiz, con zeta|ruiz");
        check(Some("María de la Cruz"), "María de la Cruz|maría de la cruz, gracias");
        check(Some("Óscar Aguilar Salazar"), "óscar aguilar salazar");
    }

    #[test]
    fn what_says_something_else_is_no_name() {
        check(
            None,
            "|no|sí|mi tarjeta|quiero bloquear mi tarjeta|quiero hablar con alguien|¿mande?|¿bueno?|espérame|cuatro cinco|4521|no sé|soy yo|soy cliente|me robaron|ya|ok|gracias|hola|es para bloquear|Juan Pérez y perdí mi tarjeta|¿Juan Pérez?|de|la|me llamo|a b c|uno dos tres|el titular|mi esposo|otra vez|cancelar|no es mi nombre|soy de México|claro que sí|una persona|buenos días|adiós|Ana María Ruiz Pérez Gómez López",
        );
    }

    proptest::proptest! {
        #[test]
        fn a_name_reads_back_from_what_stands_around_it(
            names in proptest::collection::vec(proptest::sample::select(vec!["Ana", "José", "Ñusta", "María", "Ruiz", "Muñoz", "Óscar", "Pilar", "Aguilar", "Salazar", "Quispe", "Güiraldes", "Vargas"]), 1..=5),
            before in proptest::sample::select(vec!["", "me llamo ", "soy ", "a nombre de ", "sí, mi nombre es ", "eh, ", "buenas tardes, habla "]),
            after in proptest::sample::select(vec!["", ", por favor", ", con zeta", " gracias", ", para servirle", ", con be grande"]),
            lower: bool,
        ) {
            let name = names.join(" ");
            let said = format!("{before}{}{after}", if lower { name.to_lowercase() } else { name.clone() });
            let read = read(&Heard { text: &said, keys: false }, &Setting::of("es-PE"));
            proptest::prop_assert_eq!(read, Some(name), "{}", said);
        }
    }
}
