//! What a caller can ask for at any moment, whatever the open question is.
//!
//! Lives here: a person, the question again, stopping, goodbye, when nothing else is said.
//! Never here: requests inside longer sentences (`matcher`).

use super::chatter::{ADDRESS, COURTESY, LITTLE};
use super::phrases::{Lexicon, meanings};
use super::stop::drops;
use super::{Heard, Language, Region, Setting, digits, words};
use std::sync::LazyLock;

/// A request that every question understands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// A human being. Key: zero.
    Person,
    /// What was just said, once more. Key: star.
    Repeat,
    /// Stop what is being done.
    Cancel,
    /// The call is over for the caller.
    Goodbye,
    /// A moment, please: neither an answer nor a miss.
    Hold,
}

static SPANISH: LazyLock<Lexicon<Option<Control>>> = LazyLock::new(|| {
    Lexicon::of(&[
        (
            Some(Control::Person),
            "persona|una persona|persona real|una persona real|persona de verdad|una persona de verdad|con una persona|con una persona real|humano|un humano|con un humano|ser humano|un ser humano|operador|operadora|un operador|una operadora|con un operador|con una operadora\
         |agente|un agente|con un agente|ejecutivo|ejecutiva|un ejecutivo|una ejecutiva|con un ejecutivo|con una ejecutiva|con el ejecutivo|asesor|asesora|un asesor|una asesora|con un asesor|con una asesora|representante|un representante|con un representante\
         |con alguien|alguien que me atienda|alguien de verdad|alguien real|gente de verdad|no una maquina|con un supervisor|un supervisor|con un licenciado",
        ),
        (
            None,
            "quiero|quisiera|necesito|me gustaria|prefiero|deseo|puedo|podria|quiero que me comuniques|quiero que me pasen|quiero que me pases|quiero que me atienda|que me atienda|que me pasen|que me comuniquen|hablar|hablar mejor|platicar|conversar|quiero hablar|quiero hablar ya\
         |pasame|paseme|pasenme|me pasa|me pasas|me puedes pasar|me puede pasar|puedes pasarme|puede pasarme|me puedes comunicar|me puede comunicar|puedes comunicarme|puede comunicarme|me comunicas|me comunica|comunicame|comuniqueme|comuniquenme|transfiereme|transfierame|transferirme|me transfieres|me transfiere\
         |dame|deme|ponme|pongame|mejor|ya|ahora|por favor|porfa|porfavor|gracias|muchas gracias|senorita|senor|joven|ok|okay|bueno|pues|oye|oiga|mira|mire|no|ay|este|eh|hola",
        ),
        (
            Some(Control::Person),
            "quiero hablar con alguien|quiero hablar con una persona|hablar con alguien|hablar con una persona|atencion humana|atencion personalizada|servicio al cliente con una persona|no quiero hablar con una maquina|no quiero hablar con un robot|no quiero hablar con una grabacion",
        ),
        (None, ADDRESS),
        (None, COURTESY),
        (None, LITTLE),
        (
            None,
            "me voy|ya me voy|me tengo que ir|buenas noches|buenas tardes|buenos dias|buen dia|muchas gracias|gracias por todo|todo bien|listo|bueno|pues|vale|ya|bendiciones",
        ),
        (None, "ya {it} encontre|ya aparecio|ya aparecio la tarjeta|ya {it} halle|ya {it} tengo|que no entiendo|que no entiendo nada"),
        (
            Some(Control::Repeat),
            "que fue lo que me pidio|que es lo que me pidio|los cuatro que dijo|los cuatro que|los ultimos cuatro que|que me pidio|cuales digitos dijo|cuales numeros dijo|cual numero dijo|que numeros dijo|que digitos dijo|que numeros me pidio|decime otra vez la pregunta|digame otra vez la pregunta|dime otra vez la pregunta|volve a decirme la pregunta|vuelva a decirme la pregunta|vuelve a decirme la pregunta|volve a preguntar|volve a decirlo|que habia ruido|habia ruido|hay ruido|hay mucho ruido|la pregunta otra vez|otra vez la pregunta|que me pediste|que numero me pidio|que me estaba pidiendo|que necesita|que ocupa|me puede volver a preguntar|me puedes volver a preguntar|vuelva a preguntar|vuelve a preguntar|cuales numeros|cual numero|que numeros|que digitos|cuales digitos|repite|repita|repiteme|repitame|repitelo|repitalo|repitemelo|repitamelo|me repites|me repite|me lo repites|me lo repite|puedes repetir|puede repetir|puedes repetirlo|puede repetirlo|puedes repetirme|puede repetirme|podrias repetir|podria repetir|podrias repetirlo|podria repetirlo\
         |me puedes repetir|me puede repetir|me lo puedes repetir|me lo puede repetir|me podrias repetir|me podria repetir|puedes repetir la pregunta|puede repetir la pregunta|repite la pregunta|repita la pregunta|otra vez|otra vez por favor|de nuevo|una vez mas|dilo otra vez|digalo otra vez|dimelo otra vez|digamelo otra vez|me lo dices otra vez\
         |como|como dices|como dice|como dijo|como dijiste|como perdon|como asi|mande|mande usted|que|que que|que dijiste|que dijo|que dices|que dice|que cosa|perdon que dijo|perdon que dijiste|perdon como|perdon|disculpa no escuche|disculpe no escuche\
         |no te escuche bien|no le escuche bien|no te oi bien|no le oi bien|no te entendi bien|no le entendi bien|no entendi bien|no te escuche|no le escuche|no escuche|no escuche bien|no te oi|no le oi|no oi|no oi bien|no entendi|no te entendi|no le entendi|no te entiendo|no le entiendo|no entiendo|no te escucho|no le escucho|no se escucha|no se oye|no se escucho|no se oyo|no escucho|no te oigo|no le oigo|se corto|se entrecorta|se oye mal|se escucha mal|se oye entrecortado|se escucha entrecortado|se oye cortado|no se oye nada|no escucho nada|no oigo nada|no se escucha nada|no te alcanzo a escuchar|no le alcanzo a oir|no te alcanzo a oir\
         |alo|halo|me escucha|me escuchas|me oye|me oyes|si me escucha|si me escuchas|me esta escuchando|me estas escuchando|hola me escucha|hola me escuchas|me copia|me copias|hay alguien|hay alguien ahi|sigue ahi|sigues ahi|estas ahi|esta ahi|bueno me escucha|bueno me escuchas|hola hay alguien|hola sigues ahi\
         |como dijo usted|como fue|que cosa dijo|que fue|como que|disculpe|disculpa|perdone|perdona|como disculpe|perdon no escuche|perdone no escuche|perdon no le escuche|perdon no te escuche|perdon no entendi|perdon no le entendi|perdon no te entendi|no agarre|no cache|no te cache|no le cache\
         |que me dijo|que me dijiste|que fue lo que dijo|que fue lo que dijiste|me lo puede volver a decir|me lo puedes volver a decir|puedes volver a decirlo|puede volver a decirlo|vuelve a decirlo|vuelva a decirlo|cual era la pregunta|cual es la pregunta|cual fue la pregunta|que me preguntaste|que me pregunto|mas despacio|mas lento|hable mas despacio|habla mas despacio",
        ),
        (
            Some(Control::Hold),
            "(si) {wait} (un) ({moment})|(si) {wait} tantito|(si) (deme) ({a}) {moment}|(si) (me) da un {moment}|(si) dame un {moment}|(si) dame tantito|(si) dame chance|(si) deme tantito|(si) deme chance|tantito|permiso|un tantito|dejame ver|dejeme ver|dejame checar|dejeme checar|deja checo|deja veo|deja ver|dejame buscar|dejeme buscar|dejame buscarla|dejeme buscarla\
         |dejame la busco|deja la busco|deja busco|dejame busco|dejame pensar|dejeme pensar|dejame pensarlo|dejeme pensarlo|la estoy buscando|lo estoy buscando|los estoy buscando|estoy buscando|estoy buscandola|ya casi|ahorita te digo|ahorita le digo|ahora te digo|ahora le digo|ya te digo|ya le digo|no cuelgues|no cuelgue|no me cuelgues|no me cuelgue|lo voy a pensar|voy a pensarlo|lo estoy pensando|estoy pensando|estoy dudando|estoy por decidirme|tengo que pensarlo|lo tengo que pensar|lo pienso|al rato le confirmo|luego le confirmo|manana le confirmo|despues le confirmo|al rato te confirmo|ya voy|ya voy ya voy|da igual|me da igual|me da lo mismo|a lo mejor si|a lo mejor no|a lo mejor si a lo mejor no|mejor si mejor no|perame|perame tantito|perame perame|voy por ella|voy por la tarjeta|voy a buscarla|voy a ver|voy a checar|no te vayas|no se vaya",
        ),
        (
            Some(Control::Cancel),
            "cancela nomas|cancele nomas|cancela no mas|cancele no mas|cancele la solicitud|cancela la solicitud|cancela el tramite|cancele el tramite|cancelen el tramite|cancele el proceso|cancele todo|cancela el proceso|cancela el reporte|cancele el reporte|ya no voy a hacer nada|ya no voy a hacer el reporte|ya no voy a hacer el tramite|ya no voy a reportar nada|ya no {want} hacer nada|ya no {want} hacer el tramite|ya no {want} hacer el reporte|ya no {want} reportar nada|ya no {want} seguir|no {want} seguir con esto\
             |no {want} seguir|no sigamos|paremos|paremos aqui|paremos esto|frena|frene|frenemos|frenemos aca|para esto|pare esto|deja todo asi|deje todo asi|deja todo como estaba|deje todo como estaba|olvidate de todo|olvidese|olvidese de todo|olvidalo todo|no hagamos nada|mejor no hagamos nada|hasta aqui nomas|dejemoslo hasta aqui|dejemoslo ahi|dejemos esto|ya no importa|cancelar|cancela|cancele|cancelalo|cancelelo|cancela todo|cancela eso|cancelar todo|cancelar la solicitud|cancelar el proceso|olvidalo|olvidelo|olvida eso|olvidate|olvidate de eso|ya no|ya no quiero|ya no quiero nada|ya no gracias|ya no lo quiero|dejalo|dejelo|dejalo asi|dejelo asi|dejemoslo asi|mejor dejalo|mejor dejalo asi|mejor ya no|no mejor ya no|no ya no|detente|para todo|alto|me arrepenti|ya me arrepenti|cambie de opinion",
        ),
        (
            Some(Control::Goodbye),
            "ahi nos vidrios|ahi nos vemos|nos estamos viendo|chaito|chaucito|chau chau|chao chao|adiosito|adios adios|hasta la proxima|hasta otro dia|que le vaya bien|que te vaya bien|que este muy bien|que tenga bonito dia|que tenga linda tarde|que tenga lindo dia|que tenga un buen dia|buen dia chau|voy a cortar|ya voy a cortar|corto|me despido|los dejo|le dejo|la dejo|lo dejo|te dejo|ya cuelgo|voy a colgar ya|adios|bye|bay|chao|chau|hasta luego|hasta pronto|nos vemos|hasta manana|que este bien|que estes bien|que tenga buen dia|que tengas buen dia|que tenga buena tarde|que tenga buena noche|buen dia hasta luego|cuidate\
         |es todo|eso es todo|seria todo|eso seria todo|es todo gracias|nada mas|nada mas gracias|no nada mas|eso era todo|era todo|ya es todo|ya seria todo|con eso es todo|con eso seria todo|no necesito nada mas|voy a colgar|ya voy a colgar|cuelgo",
        ),
    ])
});

static ENGLISH: LazyLock<Lexicon<Option<Control>>> = LazyLock::new(|| {
    Lexicon::of(&[
        (
            Some(Control::Person),
            "person|a person|a real person|real person|human|a human|agent|an agent|operator|an operator|representative|a representative|someone|somebody|a real human|an executive|customer service",
        ),
        (
            None,
            "i want|i would like|id like|i need|can i|could i|let me|to talk to|to speak to|to speak with|to talk with|talk to|speak to|speak with|talk with|please|thanks|thank you|connect me to|connect me with|put me through to|transfer me to|give me|well|ok|okay|no|just|now|uh|um",
        ),
        (
            Some(Control::Repeat),
            "repeat|repeat that|repeat please|say that again|say it again|can you repeat|can you repeat that|could you repeat that|can you say that again|could you say that again|come again|what|what was that|what did you say|pardon|pardon me|sorry what|again|once more|i didnt hear|i didnt hear you|i didnt hear that|i didnt understand|i dont understand|i cant hear you|slower",
        ),
        (Some(Control::Cancel), "cancel|cancel that|cancel it|cancel everything|forget it|never mind|nevermind|stop|i changed my mind|drop it"),
        (
            Some(Control::Goodbye),
            "goodbye|good bye|bye|bye bye|see you|thats all|that is all|that will be all|nothing else|im done|have a nice day|have a good day",
        ),
    ])
});

/// The request, if the whole utterance is nothing but that request. Callers who are asked something
/// may answer with the same words ("ya no"): read the answer first.
pub fn control(heard: &Heard<'_>, setting: impl Into<Setting>) -> Option<Control> {
    let Setting { language, region, .. } = setting.into();
    if heard.keys {
        return match heard.text.trim() {
            "*" => Some(Control::Repeat),
            keys if !keys.contains('*') && digits::keyed(keys) == "0" => Some(Control::Person),
            _ => None,
        };
    }
    let lexicon = match language {
        Language::Spanish => &*SPANISH,
        Language::English => &*ENGLISH,
    };
    let words = words::words(heard.text);
    if language == Language::Spanish && checks_line(heard.text, &words, region) {
        return Some(Control::Repeat);
    }
    let named: Option<Vec<Control>> = meanings(&words, lexicon).map(|named| named.into_iter().flatten().collect());
    let only = named.and_then(|named| named.first().copied().filter(|first| named.iter().all(|other| other == first)));
    only.or_else(|| (language == Language::Spanish && drops(heard.text, &words)).then_some(Control::Cancel))
}

/// "¿bueno?": whether anybody is there. Without a question mark it is that in Mexico only.
fn checks_line(text: &str, words: &[words::Word], region: Region) -> bool {
    let asks = region == Region::Mexico || text.contains(['?', '¿']);
    asks && !words.is_empty() && words.iter().all(|word| matches!(word.text.as_str(), "bueno" | "alo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str) -> Option<Control> {
        control(&Heard { text, keys: false }, Language::Spanish)
    }

    #[test]
    fn unmistakable_requests_are_recognised() {
        for (requested, all) in [
            (
                Control::Person,
                "quiero hablar con alguien|Quiero hablar con una persona, por favor.|persona|operadora|un asesor por favor|pásame con un ejecutivo|comuníqueme con una persona|no, quiero un ser humano|me puedes comunicar con un agente|prefiero hablar con un humano|¿me puede pasar con un asesor?|ejecutivo|no quiero hablar con una máquina",
            ),
            (
                Control::Repeat,
                "repite|¿puedes repetir?|¿Cómo?|¿mande?|¿qué dijiste?|otra vez por favor|no te escuché|¿perdón?|¿me lo puede repetir por favor?|no entendí|más despacio por favor|qué",
            ),
            (Control::Cancel, "cancelar|olvídalo|ya no|mejor déjalo así|ya no quiero nada|no, mejor ya no|cancela todo por favor|me arrepentí"),
            (
                Control::Goodbye,
                "adiós|hasta luego|es todo gracias|nada más|no, nada más, gracias|chao|eso sería todo|que tenga buen día|muchas gracias, hasta luego|adiós, buenas noches|gracias por todo, chau|me voy, chao",
            ),
        ] {
            for said in all.split('|') {
                assert_eq!(spoken(said), Some(requested), "{said}");
            }
        }
        for said in ["I want to talk to a person", "operator please", "can I speak to an agent"] {
            assert_eq!(control(&Heard { text: said, keys: false }, Language::English), Some(Control::Person), "{said}");
        }
    }

    #[test]
    fn a_caller_who_hears_nothing_is_told_again() {
        let all = "¿mande?|¿cómo dijo?|¿bueno?|¿bueno, bueno?|¿aló?|aló|¿aló, aló?|¿me escucha?|¿hola, me escuchas?|¿sí me escucha?|¿sigues ahí?|¿hay alguien ahí?|no se oye nada|¿disculpe?|¿cuál era la pregunta?|no le escuché bien|¿qué fue lo que dijo?";
        for said in all.split('|') {
            assert_eq!(spoken(said), Some(Control::Repeat), "{said}");
        }
        let in_region = |tag: &str| control(&Heard { text: "bueno", keys: false }, Setting::of(tag));
        assert_eq!([in_region("es-MX"), in_region("es-CO"), in_region("es")], [Some(Control::Repeat), None, None]);
    }

    #[test]
    fn a_moment_please_is_a_hold() {
        let all = "espérame|espérame tantito|espéreme un momento por favor|un momento|un momentito, por favor|deme un segundo|permítame|permíteme tantito|aguárdeme|sí, espérame|no, espera|déjame ver|deja la busco|déjeme pensarlo|ahorita te digo|no cuelgue|me da un minuto|dame chance";
        for said in all.split('|') {
            assert_eq!(spoken(said), Some(Control::Hold), "{said}");
        }
        for said in ["espero una tarjeta nueva", "esperé una hora", "un momento malo", "espera, me robaron", "permiso de circulación"] {
            assert_eq!(spoken(said), None, "{said}");
        }
    }

    #[test]
    fn what_only_contains_a_request_is_none() {
        for said in [
            "",
            "sí",
            "no",
            "gracias",
            "quiero cancelar mi tarjeta",
            "necesito hablar",
            "una persona me robó la tarjeta",
            "un ejecutivo me dijo que no",
            "¿cómo bloqueo mi tarjeta?",
            "nada",
            "ya",
            "cuatro cinco dos uno",
            "qué es un ticket",
            "no me repitas eso, bloquéala",
            "mi esposa es ejecutiva del banco",
            "otra persona tiene mi tarjeta",
            "hola",
            "bueno",
            "adiós a mi dinero, me robaron",
            "cancela mi tarjeta",
            "persona cancelar",
            "hablar",
        ] {
            assert_eq!(spoken(said), None, "{said}");
        }
    }

    #[test]
    fn zero_and_star_alone_are_requests() {
        for (keys, expected) in [
            ("0", Some(Control::Person)),
            ("0#", Some(Control::Person)),
            ("*", Some(Control::Repeat)),
            ("00", None),
            ("04521", None),
            ("*0", None),
            ("1", None),
            ("#", None),
            ("", None),
        ] {
            assert_eq!(control(&Heard { text: keys, keys: true }, Language::Spanish), expected, "{keys}");
        }
    }
}
