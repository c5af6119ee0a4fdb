use super::*;
use crate::Value;
use crate::answers::{Heard, Kind, Reading, read as read_answer};

#[track_caller]
fn check(all: &str, language: Language, keys: bool, expected: Option<bool>) {
    let wrong = all.split('|').filter(|said| {
        let reading = read_answer(&Kind::YesNo { doing: Vec::new(), about: Vec::new() }, &Heard { text: said, keys }, language);
        let got = match reading {
            Reading::Answer(Value::Bool(yes)) => Some(yes),
            _ => None,
        };
        got != expected
    });
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<&str>::new(), "expected {expected:?}");
}

#[test]
fn a_yes_is_a_yes_in_every_country() {
    check(
        "sí|Sí.|si|SÍ|síííí|sí, sí|sí sí sí|sí por favor|sí, por favor.|claro|claro que sí|Claro que sí, por favor|dale|dale, sí|sale|órale|ya po|sipo|sí po|listo|de una|así es|correcto|es correcto|confirmo|sí, confirmo\
         |sí, lo confirmo|afirmativo|está bien|sí, está bien|adelante|sí, adelante|hazlo|por supuesto|desde luego|cómo no|simón|exacto|exactamente|sí quiero|si acepto|de acuerdo|hágale|hágale pues|sip|obvio|sí, gracias|sí, señorita\
         |sí, bloquéala|sí, bloquéala por favor|sí, confirmo que quiero bloquear mi tarjeta|sí, quiero bloquear mi tarjeta|sí quiero que la bloqueen|sí, bloquéenla ya|sí, repórtala|sí, ya, rápido por favor|sí, de una vez|sí, urgente|sí, ya mismo\
         |bueno, sí|pues sí|eh, sí|mmm sí|este... sí|ok, sí|ok sí por favor|vale, sí|perfecto, sí|ya te dije que sí|te digo que sí|confirmo el bloqueo|por favor, sí|gracias, sí|sí, esa|sí, esa misma|ya, sí|sí ya|sí pues|sin duda|seguro que sí\
         |por su puesto|sí, con un ejecutivo|sí, pásame con alguien|sí, comuníqueme por favor|sí, quiero hablar con una persona|en efecto|efectivamente|hágalo|háganlo por favor|proceda|sí, lo antes posible|sí, cuanto antes por favor|claro, adelante|sí, autorizo|acepto",
        Language::Spanish,
        false,
        Some(true),
    );
    check("yes|yeah|yes please|sure|of course|that's right|I confirm|go ahead|yes, block it|yep|do it please|okay, yes", Language::English, false, Some(true));
}

#[test]
fn a_no_is_a_no_in_every_country() {
    check(
        "no|No.|NO|noooo|no, no|no no no|no gracias|no, muchas gracias|nel|nop|nel pastel|mejor no|no, mejor no|ahorita no|no, ahorita no|todavía no|aún no|para nada|de ninguna manera|negativo|claro que no|por supuesto que no|no quiero|no confirmo\
         |no, no confirmo|no lo hagas|no la bloquees|no, no la bloquees por favor|no bloquees mi tarjeta|pues no|bueno, no|eh, no|mmm no|no, señorita|no por favor|por ahora no|hoy no|ya no|ya no quiero|nunca|jamás|no acepto|no autorizo|no es correcto|incorrecto\
         |en absoluto|nada|no po|desde luego que no|no, esa no es|esa no es mi tarjeta|no deseo|no estoy de acuerdo|déjalo así|mejor déjalo|no, así está bien|no gracias, es todo|ok, no|no, gracias, eso es todo|obvio que no|ni loco|tampoco|no hace falta|no es necesario",
        Language::Spanish,
        false,
        Some(false),
    );
    check("no|nope|no thanks|not now|don't block it|absolutely not|no, thank you|please don't", Language::English, false, Some(false));
}

/// More than a hundred utterances that a search for "sí" or "no" would get wrong.
const TRAPS: &str = "¿por qué no?|por qué no|sí, pero no la bloquees|sí pero todavía no|sí o no|si o no|no sé|no lo sé|no estoy seguro|no estoy segura|ok|okay|mmm|ajá|bueno|ya|¿mande?|mande|¿bueno?|¿aló?|aló|¿sí?|¿no?|¿sí, bueno?|sí, bueno|sí, dígame|sí, diga|sí, mande\
|espérame|espera|espérame tantito|sí... no, espera|sí, espera|sí, espérame|no, espera|no, sí|sí, no|no sí|si no|no, claro|no, está bien|está bien, gracias|así está bien|listo, gracias|ya está bien|cuatro cinco dos uno|4521|uno|dos|1|la de débito|la uno\
|¿me puedes repetir?|¿qué?|¿cómo?|¿qué dijiste?|¿cuánto tarda?|¿y si no confirmo?|¿confirmo qué?|si confirmo qué pasa|si la bloquean puedo usarla|si la tarjeta|si pudiera|si me la regresan no|si se puede|a ver si|no sé si sí o si no|quizá sí|tal vez|a lo mejor|creo que sí\
|supongo que sí|yo creo que sí|puede ser|depende|depende de cuánto cueste|sí, mañana|sí, al rato|ahorita|ahorita te digo|luego|después|no entiendo|no te escucho|no escuché|no oigo nada|no puedo|no puedo decidir|déjame pensar|déjame pensarlo|sí, pero|sí pero|sí aunque|no mames|no manches\
|no inventes|ay sí|ah sí|¿ah sí?|ah, ¿sí?|sí, ¿verdad?|¿verdad que sí?|¿seguro?|seguro|eso|eso sí|que sí|¿que sí?|qué|hola|hola, sí|gracias|muchas gracias|por favor|señorita|adiós|hasta luego|ya quedó|claro que sí pero no|claro, pero después|dale con lo mismo|sale muy caro\
|sale en mi cuenta|listo para qué|de una persona|correcto no es|no es que no quiera|no, bloquéala|no, bloquee la tarjeta|sí, cancela|cancela|cancelar|cancélala|bloquéala mejor mañana|bloquéala|me la robaron|quiero bloquear mi tarjeta|quiero hablar con alguien|sí, como no, ajá|sí, cómo no|sí ajá|sí, si tú lo dices\
|no confirmo, sí|confirmar|confirmación|no, quiero decir sí|sí, digo no|no digo sí|sí y no|ni sí ni no|sí sí sí no no|sino|síguele|nombre|nosotros|asi|así|bien|perfecto|vale|va|pues|entonces|este|eh|el sí de las niñas|sí quisiera saber cuánto cuesta|no tengo la tarjeta|no traigo mi tarjeta\
|¿sí confirmo?|sí?|no?|sí, ¿cuánto tiempo?|bueno, ¿sí?|está bien caro|está bien lejos|adelante de la fila|hazlo tú|hazlo después|claro oscuro|correcto incorrecto|acepto tarjetas|exacto pero no|sí me robaron|sí fui yo|no fui yo|sí la tengo|no la tengo|no me la robaron|sí, mi amor dice que no|";

#[test]
fn traps_are_neither() {
    assert!(TRAPS.split('|').count() > 150);
    check(TRAPS, Language::Spanish, false, None);
    check(
        "why not|yes but don't block it|yes or no|I don't know|ok|okay|mm|uh huh|yes? |is it? yes|wait|yes no|no yes|I'm not sure|one|if yes|maybe yes",
        Language::English,
        false,
        None,
    );
}

#[test]
fn one_and_two_alone_are_keys() {
    check("1|1#|1 ", Language::Spanish, true, Some(true));
    check("2|2#", Language::Spanish, true, Some(false));
    check("|0|3|11|12|21|4521|#|*|1111|22", Language::Spanish, true, None);
    check("1|2|uno|dos", Language::Spanish, false, None);
}

#[test]
fn words_never_count_as_keys_nor_keys_as_words() {
    check("sí|no|claro", Language::Spanish, true, None);
}

#[track_caller]
fn check_in(tag: &str, consent: bool, all: &str, expected: Option<bool>) {
    let setting = crate::answers::Setting { consent, ..crate::answers::Setting::of(tag) };
    let read = |said: &str| match read_answer(&Kind::YesNo { doing: Vec::new(), about: Vec::new() }, &Heard { text: said, keys: false }, setting.clone()) {
        Reading::Answer(Value::Bool(yes)) => Some(yes),
        _ => None,
    };
    let wrong: Vec<&str> = all.split('|').filter(|said| read(said) != expected).collect();
    assert_eq!(wrong, Vec::<&str>::new(), "{tag}, expected {expected:?}");
}

#[test]
fn ya_and_bueno_count_where_they_are_a_yes_and_no_consent_is_asked_for() {
    for tag in ["es-CL", "es-PE"] {
        check_in(tag, false, "ya|Ya.|ya, por favor|ya pues|ya, señorita", Some(true));
        check_in(tag, false, "bueno|ya voy|ya gracias|ya está bien|¿ya?|ya, claro|ya no sé", None);
        check_in(tag, true, "ya|ya, por favor|bueno", None);
    }
    for tag in ["es-CO", "es-AR"] {
        check_in(tag, false, "bueno|Bueno, por favor|bueno pues|bueno dale", Some(true));
        check_in(tag, false, "ya|¿bueno?|bueno, este|bueno, a ver|bueno gracias|bueno pero", None);
        check_in(tag, true, "bueno|bueno, por favor|ya", None);
    }
    for tag in ["es-MX", "es", "es-ES", ""] {
        check_in(tag, false, "ya|bueno|bueno pues|ya por favor", None);
    }
}

#[test]
fn callers_of_five_countries_say_yes() {
    check_in(
        "es-MX",
        true,
        "órale|órale pues|ándale|ándale pues, sí|sale|sale y vale|simón|arre|va que va|sí, bloquéenmela|sí, bloquéame la tarjeta|sí por favor bloquéeme mi tarjeta de crédito|sí quiero que me la bloqueen ya|sí, repórtamela|sí, repórtenla por favor\
         |sí que la bloqueen|sí, necesito bloquearla|sí, deseo bloquear mi tarjeta de débito|así mero|eso mero|a huevo|pos sí|pus sí|híjole, sí|la verdad sí|pues claro|sí, es esa|sí, es mi tarjeta|sí, proceda con el bloqueo|adelante con el bloqueo\
         |ya po|sipo|sí po|obvio po|dale po|claro po|sí, al tiro|sí pe|ya pe|claro pe|listo|listo, dale|de una|hágale pues|hágale nomás|sisas|sí, de una|métale|dale, dale|dale que sí|sí, che|me parece bien|sí, estoy seguro|sí, segura|estoy segura|completamente\
         |yes|yes, por favor|cierto|tal cual|así mismo|afirmativo|positivo|eso es, sí|sí lo es|sí, así es|sí es correcto|se lo confirmo|le confirmo que sí|sí, pásemelo|sí, páseme con un asesor|sí, comuníquenme con alguien|sí, me gustaria|sí, quiero hablar con un supervisor|sí ahorita|sí, ahorita mismo\
         |si bloqueela|si bloqueenla por favor|si confirmo|si esta bien|si senorita por favor|si si bloqueala|SI BLOQUEALA|si hagalo|si por favor de inmediato|si claro que si|si gracias|sí, dale, bloquéala de una vez por favor|sí, sí confirmo el bloqueo de la tarjeta|va, dale|sí, un humano|sí, una persona real",
        Some(true),
    );
}

#[test]
fn callers_of_five_countries_say_no() {
    check_in(
        "es-MX",
        true,
        "nel|nel pastel|nones|nombre, no|no hombre|ni hablar|qué va|ni de chiste|ni ahí|nica|ni a palos|nada que ver|mejor no|ahorita no|todavía no|no, todavía|fíjese que no|la verdad no|la neta no|híjole, no|pos no|no, otro día|no, más tarde|no, mañana|no por el momento\
         |no me la bloquees|no me la bloqueen|no, no bloquee nada|no quiero que me la bloqueen|no la quiero bloquear|no quiero bloquearla|no la vayas a bloquear|no hagas nada|no haga nada|no proceda|no me interesa|no, ya la encontré|no gracias, ya la encontré|no, aquí la tengo|creo que no\
         |no po|nopo|no pe|no pues|no, así déjalo|no hace falta|no, prefiero contigo|no gracias, así estoy bien|no quiero hablar con nadie|no quiero hablar con una persona|no, señor, gracias|no no no la bloqueen|no, mejor no la bloquees|mejor no la bloquees|todavía no la bloquees|no me la vayan a bloquear|no, yo no quiero eso|por nada del mundo",
        Some(false),
    );
}

/// Conditions, questions, reported speech, people in the room, line checks, holds.
const MORE_TRAPS: &str = "si me llaman|si me llaman del banco|si la encuentro|si la bloquean|si me la bloquean|si me bloquea la tarjeta|si bloquean mi tarjeta|si es mi tarjeta|si es esa|si esa es|si la de crédito|si es necesario|si hace falta|si usted quiere|si tú dices|si no hay de otra|si no queda de otra|si pueden\
|si puede bloquear la tarjeta|si quieren bloquearla|si se bloquea|si ya la bloquearon|sí, si no me cobran|sí, cuando llegue a mi casa|sí, siempre y cuando|sí, pero hasta mañana|sí, pero espérame|sí, solo si me dan otra|sí a menos que|mi esposo dice que sí|dice mi esposa que sí|que dice que sí|él dijo que sí|me dijeron que sí|le dije que sí a mi hermano\
|dile que sí|dígale que no|dile que no|que si mamá|sí mamá|sí mi amor|sí gordo|sí mijo ya voy|ya voy|no mames wey|no manches|no hijo, bájate|pásame la sal|¿sí me escucha?|sí me escucha|¿sí bueno?|sí, bueno, ¿quién habla?|¿aló, sí?|aló sí|sí aló|sí, ¿diga?|diga|dígame|mande|un momento|un momento por favor|espéreme tantito\
|sí, un momento|no, un momento|espérate|permítame|déjeme pensarlo|ajá|ajam|ahá|mjm|mhm|uhum|mm|mmm sí o no|ok ok|oka|okey|oki|va|vale|sale caro|bueno bueno|bueno pues|ya ya|ya pues|ya está|ya quedó|ya estuvo|ya basta|ya claro|ya, claro|ay sí|uy sí|sí chucha|sí cómo no|sí, claro, como no\
|por qué sí|porque sí|porque no|por qué no|cómo que no|cómo que sí|quién dijo que sí|a poco sí|a poco no|verdad que sí|no es cierto|¿no?|cierto no|¿correcto?|no entiendo la pregunta|no te entiendo|no sé qué decir|no sé si deba|no tengo idea|sepa|quién sabe|igual y sí|chance y sí|capaz que sí|a lo mejor sí|yo creo que sí\
|creo que sí|supongo|supongo que sí|tal vez sí|quizás sí|puede que sí|ojalá que sí|espero que sí|sí y no|ni sí ni no|sí... bueno no|no, bueno sí|no, mejor sí|sí, mejor no|sí, digo, no|no, digo, sí|sí perdón no|cuál tarjeta|qué tarjeta|esa no, la otra|sí, pero la otra|la otra sí|esa sí y la otra no|sí la perdí|sí me la robaron|sí la tengo\
|sí soy yo|sí soy|sí habla él|sí tengo|sí hice esa compra|no hice esa compra|no reconozco el cargo|no la encuentro|no aparece|no la tengo|no puedo hablar|no oigo|no se oye|no funciona|no sirve|no contestan|no me han llamado|sí, ya llamé|sí ya la bloqueé|ya la bloqueé|sí, cancélala mejor no|no confirmo que sí";

#[test]
fn conditions_voices_and_holds_are_neither() {
    for tag in ["es-MX", "es-CL", "es-PE", "es-CO", "es-AR", "es"] {
        check_in(tag, true, MORE_TRAPS, None);
    }
    assert!(MORE_TRAPS.split('|').count() > 150);
}

proptest::proptest! {
    #[test]
    fn nothing_with_a_trap_in_it_is_a_yes(
        yes in proptest::sample::select(vec!["sí", "si", "claro", "dale", "órale", "sale", "ya po", "confirmo", "claro que sí", "de una", "así es", "está bien", "adelante", "hazlo"]),
        trap in proptest::sample::select(vec![
            "pero", "cuando", "aunque", "o no", "dice", "dijo que", "creo que", "no sé", "todavía no", "espera", "espérame", "mejor no", "quizá", "tal vez", "a menos que", "hasta que", "después de que",
            "siempre que", "mi esposo", "mamá", "ajá", "si me llaman", "si la encuentro", "depende", "¿verdad?", "¿", "?", "y no", "supongo", "¿mande?", "¿bueno?", "aló", "mañana", "un momento",
        ]),
        tail in proptest::sample::select(vec!["", " bloquéala", " por favor", " sí", " señorita", " gracias", " no la bloquees"]),
        first: bool,
        country in proptest::sample::select(vec!["es-MX", "es-CL", "es-PE", "es-CO", "es-AR"]),
    ) {
        let said = if first { format!("{trap} {yes}{tail}") } else { format!("{yes} {trap}{tail}") };
        for consent in [true, false] {
            let setting = crate::answers::Setting { consent, ..crate::answers::Setting::of(country) };
            let reading = read_answer(&Kind::YesNo { doing: Vec::new(), about: Vec::new() }, &Heard { text: &said, keys: false }, setting);
            proptest::prop_assert!(reading != Reading::Answer(Value::Bool(true)), "{}", said);
        }
    }
}

#[test]
fn a_condition_that_ends_in_yes_is_none() {
    check("si le digo que sí|si te digo que sí|si digo que si", Language::Spanish, false, None);
    check("sí, ya le dije que sí", Language::Spanish, false, Some(true));
}

#[track_caller]
fn check_block(all: &str, expected: Option<bool>) {
    let kind = Kind::YesNo { doing: vec!["bloquear".into(), "reportar".into()], about: Vec::new() };
    let setting = crate::answers::Setting { consent: true, ..crate::answers::Setting::of("es-MX") };
    let read = |said: &str| match read_answer(&kind, &Heard { text: said, keys: false }, setting.clone()) {
        Reading::Answer(Value::Bool(yes)) => Some(yes),
        _ => None,
    };
    let wrong: Vec<&str> = all.split('|').filter(|said| read(said) != expected).collect();
    assert_eq!(wrong, Vec::<&str>::new(), "expected {expected:?}");
}

#[test]
fn told_to_do_what_the_question_asks_for_a_caller_has_said_yes() {
    let told = "bloquéala|bloquéenmela ya|bloquee mi tarjeta|quiero que la bloqueen|la quiero bloquear|joven, repórtela por favor|uy sí, bloquéela|sí, mi amor, bloquéela";
    check_block(told, Some(true));
    check("bloquéala|bloquee mi tarjeta|quiero que la bloqueen|uy sí, bloquéela|sí, mi amor, bloquéela", Language::Spanish, false, None);
    check_block("no la bloquees|todavía no la bloqueen|exacto, no la bloquee|no, pará, no la bloquees|por favor no la vaya a bloquear", Some(false));
    check_block(
        "bloquear|bloquéala mañana|bloquéala, no, espere|no, bloquéala|sí, pero no la bloquees|¿la bloqueo?|mi hija dice que la bloquee|bloquéela solo si hay cargos|bloquéala cuando te diga|bloquéala a menos que aparezca",
        None,
    );
}

#[test]
fn a_reason_leaves_a_decision_what_it_is() {
    check_block(
        "bloquéala, que me asaltaron|bloquéenla antes de que me saquen todo|sí, me la robaron en el metro|sí, porque me la clonaron|ya no aparece, así que bloquéela",
        Some(true),
    );
    check_block(
        "no, porque la necesito|no, ya la encontré|no, esa es la de mi esposa|no la bloqueen, la tengo en la mano|no, la mía no es esa tarjeta",
        Some(false),
    );
    check_block(
        "bloquéala, que si no aparece me cobran|sí, me la robaron pero la encontré|no, es la que termina en 7788|no, la siete siete ocho ocho|no, mijo, la sopa déjala en la estufa|no, a esa silla no te subas|mi hijo dice que no aparece, así que bloquéela",
        None,
    );
}
