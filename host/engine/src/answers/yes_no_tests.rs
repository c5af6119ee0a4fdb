use super::*;
use crate::Value;
use crate::answers::{Heard, Kind, Reading, read as read_answer};

#[track_caller]
fn check(all: &str, language: Language, keys: bool, expected: Option<bool>) {
    let wrong = all.split('|').filter(|said| {
        let reading = read_answer(&Kind::YesNo, &Heard { text: said, keys }, language);
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
|no inventes|ay no|ay sí|ah sí|¿ah sí?|ah, ¿sí?|sí, ¿verdad?|¿verdad que sí?|¿seguro?|seguro|eso|eso sí|que sí|¿que sí?|qué|hola|hola, sí|gracias|muchas gracias|por favor|señorita|adiós|hasta luego|ya quedó|claro que sí pero no|claro, pero después|dale con lo mismo|sale muy caro\
|sale en mi cuenta|listo para qué|de una persona|correcto no es|no es que no quiera|no, bloquéala|sí, cancela|cancela|cancelar|cancélala|bloquéala mejor mañana|bloquéala|me la robaron|quiero bloquear mi tarjeta|quiero hablar con alguien|sí, como no, ajá|sí, cómo no|sí ajá|sí, si tú lo dices\
|confirmo que no|no confirmo, sí|confirmar|confirmación|no, quiero decir sí|sí, digo no|no digo sí|sí y no|ni sí ni no|sí sí sí no no|sino|síguele|nombre|nosotros|asi|así|bien|perfecto|vale|va|pues|entonces|este|eh|el sí de las niñas|sí quisiera saber cuánto cuesta|no tengo la tarjeta|no traigo mi tarjeta\
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
