//! Yes and no, which is how a caller consents.
//!
//! Lives here: the phrases that mean yes or no as a whole utterance, country by country.
//! Never here: substrings. An utterance counts only if every word of it belongs to a phrase below,
//! so that "sí, pero no la bloquees", "sí o no" and "¿por qué no?" are neither. What stands alone
//! over a prompt ("ok", "mmm", "ajá") is neither too: a wrong yes is never repaired. Two words differ by
//! country, and only where no consent is asked for: a lone "ya" is a yes in Chile and Peru, a lone "bueno" in
//! Colombia and Argentina; anywhere else, and for a consent everywhere, they are neither.

use super::phrases::{Lexicon, meanings};
use super::{Language, Region, Setting, words::Word};

/// What a phrase contributes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Yes,
    No,
    /// What may follow a yes and decides nothing ("bloquéala").
    WithYes,
    /// What may follow a no and decides nothing ("así está bien").
    WithNo,
    /// What may only come first ("bueno, sí"; "eh, no"): later it is a caller checking the line or
    /// about to add something.
    First,
    /// "ya": with a yes it presses, alone it is a yes in some countries.
    Already,
    /// With a yes only if that is sure: "si es mi tarjeta" may be a condition.
    Clause,
    /// Politeness.
    Filler,
    /// Neither, whatever else is said.
    Neither,
}

const SPANISH: Lexicon<Part> = &[
    (
        Part::Yes,
        "si|sii|sip|sipi|sipo|sep|simon|si po|si pues|si pe|pues si|ya si|ya po|ya pos si|si claro|si quiero|si lo quiero|si deseo|si acepto|si autorizo\
         |claro|clarisimo|claro que si|claro que si quiero|por supuesto|por su puesto|por supuesto que si|desde luego|desde luego que si|como no|obvio|obvio que si\
         |obviamente|dale|dale si|dale pues|dale nomas|sale|sale pues|sale y vale|orale|orale pues|orale si|listo|de una|hagale|hagale pues|hagamosle\
         |asi es|asi mero|eso es|exacto|exactamente|exactamente asi|correcto|es correcto|eso es correcto|todo correcto|correctisimo|efectivamente|en efecto\
         |confirmo|lo confirmo|la confirmo|si confirmo|si lo confirmo|confirmado|afirmativo|afirmo|de acuerdo|estoy de acuerdo|acepto|autorizo|lo autorizo\
         |esta bien|adelante|si adelante|hazlo|hazlo ya|hazla|hagalo|haganlo|procede|proceda|procedan|sin duda|seguro que si|claramente\
         |dije que si|te dije que si|ya te dije que si|ya dije que si|le dije que si|ya le dije que si|te digo que si|le digo que si|confirmo que si|digo que si\
         |ya pe|claro pe|claro po|claro pues|obvio po|obvio pe|dale po|dale pe|dale ya|dale que si|dale dale|andale|andele|andale si|andale pues|andele pues|arre|fierro|va que va|sisas|sizas|afirma|positivo|efectivo|ta bien\
         |eso mero|eso mismo|asi mismo|tal cual|totalmente|cierto|es cierto|es verdad|me parece bien|me parece perfecto|esta perfecto|esta bueno|estoy seguro|estoy segura|segurisimo|segurisima|si seguro|si segura|completamente|completamente seguro\
         |completamente segura|totalmente seguro|totalmente segura|si lo es|si lo deseo|si me gustaria|me gustaria|me encantaria|echale|metale|metele|jalale|hagale nomas|hagalo nomas|hagalo ya|haganlo ya|yes|yep|yeah|claro que yes|lo autorizo|los autorizo|la autorizo\
         |se lo confirmo|te lo confirmo|le confirmo|te confirmo|le confirmo que si|te confirmo que si|si claro que si|confirmo que asi es|si es correcto|si asi es|si es asi|quiero que si|a huevo|ya sabes que si|ya le dije|pues claro|pues obvio|no hay problema si",
    ),
    (
        Part::No,
        "no|noo|nop|nope|nope no|nombre no|no hombre|que va|que va no|nica|nicagando|ni ahi|ni cagando|ni a palos|ni hablar|ni de chiste|ni de coña|nanay|nada de eso|nada que ver|ni mais|ni maiz|ni pensarlo|bajo ningun motivo|por ningun motivo|bajo ninguna circunstancia|no no y no\
         |no mejor no {it} ({it}) {dont}|(mejor) (todavia) (aun) (por) (favor) no {it} ({it}) {dont} ({my}) ({card})|no {dont} nada|no bloquees ({my}) ({card})|no ({it}) {want} {block}|no {want} que ({it}) ({it}) {dont} ({my}) ({card})|no {want} {block} ({my}) ({card})|no {want} {block} ({my}) ({card}) de {card}|no {want} hacerlo|(yo) no {want} eso|por nada del mundo|no {want} continuar|no {want} seguir|no {want} (hablar) con ({a}) {person}|no ({it}) ({it}) vayas a {block}|no ({it}) ({it}) vaya a {block}|no ({it}) ({it}) vayan a {block}\
         |no hagas nada|no haga nada|no hagan nada|no hagas eso|no haga eso|no procedas|no proceda|no procedan|no continues|no sigas|no me interesa|no me conviene|no me gustaria|no estoy interesado|no estoy interesada|no hay necesidad|sin necesidad|mejor ya no|mejor asi no|yo creo que no|no creo|creo que no|pienso que no|fijate que no|fijese que no|la verdad no|la verdad que no|la neta no|no la verdad|no la neta\
         |nel|nel pastel|nah|na|nones|no po|nopo|no pues|pues no|no pe|bueno no|no gracias|nada|no nada|para nada|mejor no|no mejor no|ahorita no|no ahorita no|todavia no|no todavia|no todavia no|aun no|no aun\
         |por ahora no|no por ahora|por el momento no|no por el momento|ahora no|no ahora no|hoy no|de ninguna manera|de ningun modo|de ninguna forma|en absoluto|negativo\
         |claro que no|por supuesto que no|desde luego que no|obvio no|obvio que no|obviamente no|seguro que no|que no|dije que no|te dije que no|ya te dije que no|ya dije que no|le dije que no\
         |no quiero|no lo quiero|no la quiero|no quiero nada|ya no quiero|ya no|no ya no|no deseo|no acepto|no autorizo|no lo autorizo|no confirmo|no lo confirmo|no estoy de acuerdo|no es correcto|eso no es correcto|incorrecto\
         |no lo hagas|no lo haga|no lo hagan|no la bloquees|no la bloquee|no la bloqueen|no lo bloquees|no lo bloquee|no bloquees|no bloquees nada|no bloquees mi tarjeta|no la reportes|no la reporte|no la toques|no quiero bloquearla\
         |no quiero que la bloquees|no quiero que la bloqueen|no quiero bloquear mi tarjeta|no quiero bloquear la tarjeta|no quiero reportarla|no quiero hablar con nadie|no es necesario|no hace falta|no necesito\
         |ni de broma|ni loco|ni loca|nunca|jamas|tampoco|asi no|yo no|esa no|esa no es|no es esa|no esa no|no esa no es|no es mi tarjeta|esa no es mi tarjeta|dejalo|dejala|dejalo asi|dejala asi|asi dejalo|dejemoslo asi|mejor dejalo|mejor dejalo asi|no como crees",
    ),
    (
        Part::WithYes,
        "{block} (ya) ({my}) ({card})|{block} (ya) ({my}) ({card}) de {card}|(que) ({it}) {want} {block} ({my}) ({card})|(que) ({it}) {want} {block} ({my}) ({card}) de {card}|(que) {want} que ({it}) ({it}) {block} ({my}) ({card})|(que) {want} que ({it}) ({it}) {block} ({my}) ({card}) de {card}|que ({it}) ({it}) {block} ({my}) ({card})|que ({it}) ({it}) {block} ({my}) ({card}) de {card}|{connect} (con) ({a}) {person}|{connect}|{want} hablar con ({a}) {person}|hablar con ({a}) {person}|con ({a}) {person} (real)\
         |{want} que me {connect}|{want} que me comuniquen|{want} que me pasen|{want} que me transfieran|{want} que me comuniques|{want} que me pases|con el bloqueo|con el reporte|(con) el bloqueo de {my} {card}|{a} {person}|{a} {person} (real)|con eso|con ello|con la solicitud|el tramite|la operacion|{want} hacerlo|{want} eso|{want} confirmar|hagalo ya|ahoritita|ahorita mismo|ahorita|al tiro|altiro|enseguida|en seguida|por fis|lo mas rapido posible|lo mas pronto|inmediatamente por favor|que sea rapido|que sea ya\
         |bloqueala|bloqueala ya|bloqueela|bloqueela ya|bloqueenla|bloqueenla ya|bloqueamela|bloqueemela|bloqueenmela|bloquealas|bloqueelas|bloqueenlas|bloquea la tarjeta|bloquee la tarjeta|bloqueen la tarjeta|bloquea mi tarjeta|bloquee mi tarjeta\
         |reportala|reportela|reportenla|reportalas|reportelas|reporta la tarjeta|reporte la tarjeta|quiero bloquearla|quiero bloquear mi tarjeta|quiero bloquear la tarjeta|quiero bloquear esa tarjeta|quiero que la bloqueen|quiero que la bloquees|quiero que la bloquee\
         |quiero que me la bloqueen|que quiero bloquear mi tarjeta|que quiero bloquear la tarjeta|que quiero bloquearla|que quiero que la bloqueen|que la bloqueen|que la bloquees|la quiero bloquear|quiero reportarla|quiero reportar mi tarjeta|bloquear mi tarjeta|bloquear la tarjeta|bloquearla\
         |el bloqueo|el reporte|esa|esa mera|esa misma|esa tarjeta|eso|eso quiero|lo que sea necesario|hazme el favor|hagame el favor\
         |ya mismo|ahora mismo|de inmediato|inmediatamente|cuanto antes|lo antes posible|de una vez|de una vez por todas|rapido|rapidito|urgente|lo mas pronto posible|apurate|apurese\
         |pasame|paseme|comunicame|comuniqueme|transfiereme|transfierame|con un ejecutivo|con el ejecutivo|con una ejecutiva|con un asesor|con un agente|con una persona|con alguien|hablar con alguien|hablar con una persona|hablar con un ejecutivo|hablar con el ejecutivo|hablar con un asesor|quiero hablar con alguien|quiero hablar con una persona|quiero hablar con un ejecutivo|quiero un ejecutivo|un ejecutivo|pasame con alguien|pasame con un ejecutivo",
    ),
    (Part::Already, "ya|ya ya"),
    (Part::Clause, "esa es|es esa|esa es mi tarjeta|es mi tarjeta|es urgente|la de {card}|la tarjeta de {card}|con la de {card}"),
    (
        Part::WithNo,
        "otro dia|mas tarde|despues|luego|mas tardecito|al rato|en otro momento|en otra ocasion|manana|todavia|por el momento|por ahora|de momento|de verdad|ya la encontre|ya la halle|ya aparecio|ya la tengo|aqui la tengo|la tengo aqui|aqui esta|prefiero seguir contigo|prefiero contigo|contigo esta bien|aqui esta bien|sigamos|seguimos|yo me espero|yo espero|estoy bien",
    ),
    (Part::WithNo, "asi esta bien|asi estoy bien|es todo|seria todo|nada mas|eso es todo|eso seria todo|eso no"),
    (
        Part::First,
        "bueno|bueno pues|va|va pues|mire|mira|mire usted|oiga|oye|pues|pos|pus|entonces|mm|m|hm|eh|e|em|ehm|este|a ver|hijole|chuta|pucha|fijate que|fijese que|la verdad|la verdad que|la neta",
    ),
    (
        Part::Filler,
        "pe|pue|che|parce|caballero|usted|estimado|estimada|muchisimas gracias|muy amable gracias|hagame ese favor|hazme ese favor|por favorcito|porfi\
         |por favor|porfavor|porfa|porfis|porfavorcito|favor|gracias|muchas gracias|mil gracias|muchisimas gracias|te lo agradezco|se lo agradezco|muy amable\
         |senor|senora|senorita|joven|amigo|amiga|hermano|jefe|jefa|po|pues|perfecto|ok|okay|okey|oquei|vale|muy bien",
    ),
    (
        Part::Neither,
        "si digo que si|si le digo que si|si te digo que si|si les digo que si|si confirmo que si|esta bien gracias|listo gracias|ya claro|ya si claro|a ver si|si ya claro|si como no|si claro como no|claro que si claro|cierto no|no cierto|no es cierto|no es verdad|si o que|ya esta bien|no si|si no|pues si no|como no si|ah si|ah claro|ah dale|si como no|como si nada",
    ),
];

const ENGLISH: Lexicon<Part> = &[
    (
        Part::Yes,
        "yes|yeah|yep|yup|yes please|yes i do|yes i am|yes it is|sure|of course|of course yes|correct|thats correct|thats right|that is correct|that is right|i confirm|yes i confirm|confirmed|confirm\
         |go ahead|do it|please do|absolutely|definitely|certainly|affirmative|by all means|i agree|i do",
    ),
    (
        Part::No,
        "no|nope|nah|no thanks|no thank you|not now|not yet|not today|dont|do not|please dont|dont do it|do not do it|i dont|no i dont|i do not|negative|never|no way|absolutely not|of course not|certainly not|definitely not\
         |id rather not|rather not|i dont want to|i do not want to|dont block it|do not block it|i dont confirm|i do not confirm|thats wrong|thats not right|thats not correct|incorrect",
    ),
    (
        Part::WithYes,
        "block it|block the card|block my card|please block it|report it|right now|right away|as soon as possible|i want to block it|i want to block my card|put me through|connect me|to a person|that one|that card",
    ),
    (Part::WithNo, "thats all|im fine|im good"),
    (Part::First, "well|so|look|um|uh|mm|m|er|hm"),
    (Part::Filler, "please|thanks|thank you|thank you very much|sir|maam|miss|ok|okay|perfect|great"),
    (Part::Neither, "uh huh|no yes|yes no|im fine thanks"),
];

/// Yes, no, or neither. A question is neither.
pub(super) fn read(text: &str, words: &[Word], setting: &Setting) -> Option<bool> {
    if text.contains(['?', '¿']) {
        return None;
    }
    let lexicon = match setting.language {
        Language::Spanish => SPANISH,
        Language::English => ENGLISH,
    };
    let parts = meanings(words, lexicon)?;
    let has = |part: Part| parts.contains(&part);
    let Some(decided) = parts.iter().position(|part| matches!(part, Part::Yes | Part::No)) else {
        return agrees_here(words, setting).then_some(true);
    };
    let early = parts[..decided].iter().any(|part| matches!(part, Part::WithYes | Part::WithNo | Part::Clause));
    let late = parts[decided..].contains(&Part::First);
    if early || late || has(Part::Neither) {
        return None;
    }
    match (has(Part::Yes), has(Part::No)) {
        (true, false) => {
            let doubtful = has(Part::Clause) && may_be_condition(text, words);
            (!has(Part::WithNo) && !doubtful).then_some(true)
        }
        (false, true) => (!has(Part::WithYes) && !has(Part::Clause)).then_some(false),
        (true, true) | (false, false) => None,
    }
}

/// "ya", "bueno" and politeness: a yes where the country says so and nothing irreversible hangs on it.
fn agrees_here(words: &[Word], setting: &Setting) -> bool {
    let agrees = match setting.region {
        Region::Chile | Region::Peru => "ya",
        Region::Colombia | Region::Argentina => "bueno",
        Region::Mexico | Region::UnitedStates | Region::Other => return false,
    };
    let beside = |word: &str| matches!(word, "por" | "favor" | "porfa" | "pues" | "po" | "pe" | "senorita" | "senor" | "joven" | "che");
    let all = words.iter().all(|word| word.text == agrees || beside(&word.text));
    !setting.consent && setting.language == Language::Spanish && all && words.iter().any(|word| word.text == agrees)
}

/// Whether the yes is a "si" without accent and without a pause: as a recogniser writes a condition.
fn may_be_condition(text: &str, words: &[Word]) -> bool {
    let bare = |word: &&Word| {
        let written = text.get(word.span.clone()).is_some_and(|written| written.eq_ignore_ascii_case("si"));
        written && text.get(word.span.end..).is_some_and(|rest| rest.starts_with(' '))
    };
    words.iter().filter(|word| word.text == "si").all(|word| bare(&word)) && words.iter().any(|word| word.text == "si")
}

/// One is yes, two is no; anything longer is a number.
pub(super) fn keyed(digits: &str) -> Option<bool> {
    match digits {
        "1" => Some(true),
        "2" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
#[path = "yes_no_tests.rs"]
mod tests;
