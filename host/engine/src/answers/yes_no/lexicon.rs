//! The phrases of a yes or a no, country by country.
//!
//! Lives here: what each phrase contributes.
//! Never here: what they decide together (`yes_no`).

use super::Part;
use crate::answers::chatter::{ADDRESS, COURTESY, ENDEARMENTS, LITTLE, SOUNDS};
use crate::answers::phrases::Lexicon;
use std::sync::LazyLock;

/// How soon.
const SOON: &str = "al tiro|altiro|al toque|al toque nomas|al toque no mas|altoque|al tiro po|al tiro nomas|inmediatamente|de inmediato|inmediatamente por favor|de una vez|de una buena vez|de una vez por todas|cuanto antes|lo antes posible|lo mas pronto posible|lo mas pronto|lo mas rapido posible|rapido|rapidito|rapidito por favor|urgente|me urge|urge|ya me urge|es que me urge|ya mismo|ahora mismo|ahorita mismo|enseguida|en seguida|de volada|en chinga|en este momento|en este instante|apurese|apurate|apurese pues|apurate pues|si o si";

pub(super) static SPANISH: LazyLock<Lexicon<Part>> = LazyLock::new(|| {
    Lexicon::of(&[
        (
            Part::Doing,
            "(me) la {do} por favor|(me) la {do} porfa|me las {do} por favor|(me) la podes {do}|(me) la puede {do}|(me) la puedes {do}|(me) la pueden {do}|le ruego que {her} {ask}|le pido que {her} {ask}|le pido el favor que {her} {ask}|le pido el favor de que si {her} {ask}|aprobado {doing}|obvio que {want} que {her} {ask}|{put} (el) (un) bloqueo|({her}) {put} (el) (un) bloqueo|{put} candado|{put} (un) alto a {my} {card}|cierrela|cierrala|cierrenla|cierremela|{want} cerrarla|que {her} cierren|inactivela|inactivenla|dela de baja|denla de baja|dala de baja|{want} darla de baja|que {her} den de baja|cancele {my} {plastic}|cancela {my} {plastic}|cancelen {my} {plastic}|canceleme {my} {plastic}|cancelela de una vez|cancelala de una vez|cancelenla de una vez|no pues si {doing}|no si si {doing}|no si {doing}|mandela a {do}|mandala a {do}|mandenla a {do}|toca {doing}|tocara {doing}|hay que {doing}|({her}) {want} {done}|{want} que (me) ({her}) {stay} {done}|que (me) ({her}) {stay} {done}|{doing}|{doing} ya|{doing} (ya) ({my}) ({plastic})|{doing} (ya) ({my}) ({plastic}) de {card}|{do} (ya) {my} {plastic}|{do} (ya) {my} {plastic} de {card}|(que) {her} {want} {do}|(que) {want} {do} {my} {plastic}|(que) {want} {do} {my} {plastic} de {card}\
         |(que) {want} que {her} ({her}) {ask}|(que) {want} que (me) {ask} {my} {plastic}|{want} {doing}|(que) {want} {doing}|mejor {doing}|nomas {doing}|mejor si {doing}|si fuera tan amable de {doing}|para que {her} ({her}) {ask}|que si que {her} ({her}) {ask}|que {her} ({her}) {ask}|que {her} ({her}) {ask} ya",
        ),
        (
            Part::Dont,
            "no {do} esa|no {do} esta|no {do} ese|no {do} eso|no {do} nada de {my} {card}|no {do} nada de {my}|(pero) esa no ({it}) ({it}) {do}|esa {card} no ({it}) ({it}) {do}|no ({it}) {want} {done}|no ({to}) (he) {asked} que ({it}) ({it}) {do}|no ({to}) (he) {asked} que ({it}) ({it}) {did}|no ({to}) (he) {asked} {do}|nunca ({to}) {asked} que ({it}) ({it}) {do}|nunca ({to}) {asked} que ({it}) ({it}) {did}|nunca ({to}) {asked} {do}|({to}) {wish} que no ({it}) ({it}) {do}|({to}) {wish} que no ({it}) ({it}) {did}|no {it} ({it}) {harm}|no dele de baja|no denle de baja|no {harm} {my} {card}|no {harm} nada|no {it} quiero {harm}|no {to} (ponga) (pongan) (pongas) candado|no ({to}) (ponga) (pongan) (pongas) (el) (ningun) bloqueo|no {want} (el) (ningun) bloqueo|bloquearla no|congelarla no|cancelarla no|suspenderla no|me niego a que {it} {do}|me opongo a que {it} {do}|no permito que {it} {do}|no me parece que {it} {do}|no ({to}) doy chance de que {it} {do}|no estoy ni ahi con que {it} {do}|no me tinca {do}|no ({to}) {have} (con) (mi) (el) (la) {assent} (para) (de) {do}|no ({to}) {have} (con) (mi) (el) (la) {assent} (para) (de) que {it} {do}|no {to} hagas nada|no {to} haga nada|no {to} hagan nada|no {to} ({to}) haga nada (a) {my} {card}|no {to} ({to}) hagas nada (a) {my} {card}|no {to} hagan nada (a) {my} {card}|no {want} que {to} hagan nada (a) ({my}) ({card})|no {to} mueva nada|no {to} mueva a {my} {card}|mejor {it} dejo activa|{it} {want} activa|que {it} dejen activa|que {it} dejen andando|que {it} dejen funcionando|que {stay} funcionando|que {stay} activa|no {want} que ({it}) ({it}) {did}|no ({it}) {want} que ({it}) {stay} {done}|{never} {it} ({it}) {do}|ni a palo {it} {do}|ni a palos {it} {do}|ni loco {it} {do}|ni loca {it} {do}|(ya) no es necesario {do}|(ya) no es necesario que {it} ({it}) {do}|(ya) no hace falta {do}|(ya) no hace falta que {it} ({it}) {do}|(ya) no hay necesidad de {do}|(ya) no hay necesidad de que {it} ({it}) {do}|no hay para que {do}|no tiene caso {do}|no veo necesidad de {do}|no estoy de acuerdo con {do}|no estoy de acuerdo en {do}|no estoy de acuerdo con que {it} {do}|(ya) ({to}) dije que no ({it}) ({it}) {do}|(ya) ({to}) he dicho que no ({it}) ({it}) {do}|no ({it}) ({it}) {give} de baja|no {want} dar la de baja|no {want} darla de baja|no {want} darlo de baja|(mejor) (todavia) (aun) (por) (ahora) no {it} ({it}) {dont} ({my}) ({card})|(que) no {it} ({it}) {do} ({my}) ({card})|no {do} ({my}) {card}|no {do} nada|no {want} que ({it}) ({it}) {do} ({my}) ({card})|no {it} {want} {do}|no {want} {do} ({my}) ({card})|no ({it}) ({it}) {go} a {do} ({my}) ({card})\
         |{agree} (que) no ({it}) ({it}) {do}|{agree} (que) no {want} {do}|claro que no ({it}) ({it}) {do}|ni se {it} ocurra {do}|ni se te ocurra {do}|de momento no {it} {do}|por ahora no {it} {do}|todavia no {it} ({it}) {do}|ya no {it} ({it}) {do}|ya no {want} {do}|yo no pedi {do} nada|no pedi {do} nada|no {want} {do} nada|esta bien pero no {it} {do}|te digo que no {it} {do}|le digo que no {it} {do}|no {it} toque|no {it} toques|no {it} toquen|no {it} muevan|no {it} mueva|no {it} den de baja|no me {it} den de baja|no {it} ({it}) cancelen|no {it} ({it}) cancele|no {it} de de baja|no {it} cancelen|no autorizo (el) (que) ({it}) {do}|no autorizo el bloqueo\
         |{leave} asi|{leave} activa|{leave} asi activa|{leave} como esta|{leave} asi como esta|{leave} ahi|{leave} ahi nomas|{leave} asi nomas|{leave} nomas|{leave} no mas|{leave} quieta|{leave} tranquila|{leave} igual|{leave} abierta|{leave} funcionando|asi {leave}|mejor {leave}|mejor {leave} asi|mejor ahi {leave}|no {leave}|no {leave} asi|no {leave} activa|no {leave} como esta",
        ),
        (
            Part::Yes,
            "({to}) {have} (con) (mi) (el) (la) {assent} para {do}|({to}) {have} (con) (mi) (el) (la) {assent} para que {it} {do}|({to}) {have} (con) mi {assent}|tiene el visto bueno|autorizado|si autorizado|autorizadisimo|aprobado|si aprobado|lo apruebo|la apruebo|si lo apruebo|confirmadisimo|si confirmadisimo|asi lo quiero|asi lo solicito|si asi lo solicito|si asi lo quiero|lo solicito|si lo solicito|yo mismo lo solicito|yo misma lo solicito|procedalo|si esta conforme|esta conforme|si sin falta|le autorizo bloqueo inmediato|le autorizo el bloqueo|se confirmadisimo|se dale|por mi parte si|de mi parte si|por mi si|por mi dale|mas vale que si|a fuerzas si|a fuerza si|por las dudas si|por si acaso si|que mas da si|eso que ni que|eso que ni que si|pilas que si|ave maria si|sea pues|sea|hagase|si que se haga|que se haga|hagamoslo ya|ay si por favor|uy si por favor|esa es si|esa misma si|doy mi conformidad|si doy mi conformidad|tiene mi conformidad|doy mi permiso|doy permiso|doy mi autorizacion|doy autorizacion|doy el visto bueno|tiene mi visto bueno|tiene luz verde|luz verde|que si que si|que si hombre|que si caramba|que si le digo|que si te digo|que si senor|que si senora|que si senorita|que si po|si correcto|si o si|si que si|claro claro|eso es lo que necesito|si eso es lo que necesito|por supuesto hombre|pues obvio que si|si senorita si|mande el bloqueo|si hagamelo|hagamelo|haganmelo|hagame el bloqueo|hagame el reporte|hagale el bloqueo|hagale al bloqueo|dele al bloqueo|dale con el bloqueo|siga con el bloqueo|sigan con el bloqueo|procede con eso|si me parece bien|si estoy de acuerdo|si estoy conforme|esa misma|esa mera|esa merita|esa mismita|si si esa es|si si esa|haga el reporte|hagan el reporte|haga el bloqueo|hagan el bloqueo|haga el tramite|si haga el reporte|cuente con mi confirmacion|tiene mi confirmacion|segura si|segurisima si|ya lo creo|eso quiero|eso es lo que quiero|de una vez por favor|si le autorizo|le autorizo|te autorizo|los autorizo|me parece|si me parece|me parece si|seguro si|si seguro|claro esta|dele si|si dele|dale cran|si procedan|hagamosle pues|listo el pollo|de acuerdo con eso|estoy conforme con eso|no hay falla|a huevo que si|de todas maneras si|de hecho que si|demas que si|de mas que si|claro poh|ya oh|dele|dele pues|dele no mas|dele nomas|dale no mas|hagale no mas|hagale de una|hacelo|hacelo ya|hacelo nomas|metele nomas|mandale|mandale nomas|dale que va|va que va|pos si|pus si|pos claro|pues claro que si\
         |si esta correcto|esta correcto|si de acuerdo|si la confirmo|si lo confirmo|mil veces si|si mil veces si|cien por ciento|cien por ciento seguro|cien por ciento segura|al cien|ya lo pense y si|ya lo decidi y si|ya lo hable y si|si si|si prefiero|si lo prefiero|si mejor|si por supuesto|si como dijo|si senor|si senora|simon que si\
         |le doy mi autorizacion|tiene mi autorizacion|tienen mi autorizacion|doy mi consentimiento|tiene mi permiso|cuente con mi autorizacion|si autorizo el bloqueo|estoy conforme|conforme|si conforme|si hagale|con confianza|con toda confianza|vamos|vamos adelante|vamos pues|hagamoslo|si hagamoslo|positivo si|okey si|afirmativo si|estoy segura si|estoy seguro si",
        ),
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
         |no hagas nada|no haga nada|no hagan nada|no hagas eso|no haga eso|no procedas|no proceda|no procedan|no continues|no sigas|no me interesa|no me conviene|no me gustaria|no estoy interesado|no estoy interesada|no hay necesidad|sin necesidad|mejor ya no|mejor asi no|yo creo que no|no creo|creo que no|pienso que no|fijate que no|fijese que no|no la verdad|no la neta\
         |nel|nel pastel|nah|na|nones|no po|nopo|no pues|pues no|no pe|bueno no|no gracias|nada|no nada|para nada|mejor no|no mejor no|ahorita no|no ahorita no|todavia no|no todavia|no todavia no|aun no|no aun\
         |por ahora no|no por ahora|por el momento no|no por el momento|ahora no|no ahora no|hoy no|de ninguna manera|de ningun modo|de ninguna forma|en absoluto|negativo\
         |claro que no|por supuesto que no|desde luego que no|obvio no|obvio que no|obviamente no|seguro que no|que no|dije que no|te dije que no|ya te dije que no|ya dije que no|le dije que no\
         |no quiero|no lo quiero|no la quiero|no quiero nada|ya no quiero|ya no|no ya no|no deseo|no acepto|no autorizo|no lo autorizo|no confirmo|no lo confirmo|no estoy de acuerdo|no es correcto|eso no es correcto|incorrecto\
         |no lo hagas|no lo haga|no lo hagan|no la bloquees|no la bloquee|no la bloqueen|no lo bloquees|no lo bloquee|no bloquees|no bloquees nada|no bloquees mi tarjeta|no la reportes|no la reporte|no la toques|no quiero bloquearla\
         |no quiero que la bloquees|no quiero que la bloqueen|no quiero bloquear mi tarjeta|no quiero bloquear la tarjeta|no quiero reportarla|no quiero hablar con nadie|no es necesario|no hace falta|no necesito\
         |ni de broma|ni loco|ni loca|nunca|jamas|tampoco|asi no|yo no|esa no|esa no es|no es esa|no esa no|no esa no es|no es mi tarjeta|esa no es mi tarjeta|dejalo|dejala|dejalo asi|dejala asi|asi dejalo|dejemoslo asi|mejor dejalo|mejor dejalo asi|no como crees",
        ),
        (
            Part::No,
            "no ({to}) {have} (con) (mi) (el) (la) {assent}|no hay (mi) {assent}|me niego|me niego rotundamente|me rehuso|me opongo|me opongo a eso|yo me opongo|yo me opongo a eso|no me parece|no me parece correcto|no me parece bien|no permito eso|que no y no|no y no|ni tonto|ni tonta|ni riesgos|ni lo piense|ni lo pienses|ni lo suene|ni lo suenes|ni ebrio ni dormido|ni ganas|ni por broma|ni por joda|ni por pienso|ni en sus suenos|noup|que esperanza|que no po no|eso si que no|te confundiste|te confundiste de tarjeta|se confundio|se confundio de tarjeta|por mi parte no|de mi parte no|a mi no|(yo) no pedi bloqueo|no hay bloqueo|muy amable pero no|muchas gracias (senorita) pero no|que pena pero no|me da pena pero no|lo siento pero no|disculpe pero no|que no le digo|que no te digo|no ({to}) doy (mi) permiso|no ({to}) doy permiso (para) (pa) (eso)|no ({to}) doy (mi) autorizacion (para) (pa) (eso)|no ({to}) doy (mi) consentimiento|no autorizo eso|no autorizo nada de eso|no conforme|no estoy conforme|no estoy de acuerdo con eso|no ({to}) pedi eso|no ({to}) he pedido eso|no ({to}) dije eso|no pedi nada|no ({to}) he pedido nada|nada de bloqueos|nada de bloquear|sin bloqueo|ni por el putas|ni da|ni a bala|ni por el carajo|ni de joda|ni en broma|ni fregando|ni por si acaso|ni de milagro|ni de relajo|ni por las tapas|esa no {it} he perdido|no {it} he perdido|esa no {it} perdi|esa no me pertenece|no me pertenece|esa no se me perdio|esa no me {it} robaron|(mejor) {wish} que no|{wish} que {stay} activa|no tiene caso|le digo que no|te digo que no|les digo que no|confirmo que no|confirmo que no {want} {block}|te confirmo que no|le confirmo que no|estoy seguro de que no|estoy segura de que no|si estoy seguro de que no|si estoy segura de que no|sin duda que no|{agree} no ({it}) ({it}) {dont}|{agree} que no ({it}) ({it}) {dont}|{agree} no {want} {block}|{agree} que no {want} {block}|claro que no ({it}) ({it}) {dont}|prefiero que no|preferiria que no|creo que mejor no|mejor creo que no|pero prefiero no {block}|gracias pero prefiero no {block}|prefiero no {block}|preferiria no {block}|muchas gracias pero no|gracias pero no|que amable pero no|gracias pero mejor no|le agradezco pero no|se lo agradezco pero no|te agradezco pero no\
         |ni se le ocurra|ni se te ocurra|ni se les ocurra|ni se le ocurra {block}|ni se te ocurra {block}|ni por error|ni por equivocacion|ni a balas|ni en pedo|ni mamado|ni mamada|ni de fundas|ni por el chiras|ni de riesgo|ni de riesgos|ya le dije que no|ya {it} encontre|ya {it} halle|ya aparecio|no ({it}) {go} a hacer (eso) (nada)|ya no fue necesario|ni de vaina|ni a la fuerza|ni a canones|ni muerto|ni muerta|ni en suenos|ni que fuera loco|ni por nada|ni modo que no no|nanay cucas|nopi|no bloquear|esta mal|esta equivocada|esta equivocado|esta equivocado el numero|se equivoco|te equivocaste|se equivoco de tarjeta|es la otra|es la otra tarjeta|es otra|es otra tarjeta|no es otra|no es la visa|no es la mastercard|esa {it} tengo aqui|esa {it} tengo conmigo|no termina en {figures}|esos no son|esos no son los numeros|esos no son mis numeros|esos no son los digitos|esos no son los numeros de mi tarjeta|no son esos|no son esos numeros|tomo mal el numero|anoto mal el numero|entendio mal|entendiste mal|me entendio mal\
             |no he pedido eso|llame por otra cosa|llamo por otra cosa|no llamo por eso|no llame por eso|no llamaba por eso|{want} desbloquearla no bloquearla|esa tarjeta no es mia|no tengo esa tarjeta|yo no tengo esa tarjeta|no reconozco esa tarjeta|me {it} devolvieron|ya me {it} devolvieron|no me {it} devolvieron|mejor luego|mejor despues|mejor otro dia|mejor espero|mejor lo pienso|que siga activa|que quede activa|que {it} dejen activa|no le haga nada|no le hagas nada|no me hagas eso|no haga el reporte|no hagan el reporte|no le autorizo|no autorizo nada|no autorizo ningun bloqueo|rechazo|lo rechazo|rechazado|espera no esa no|cambie de idea|no cambie de idea|ya te dije que no es esa|ya le dije que no es esa|no aca esta|no aqui esta|aqui esta|aca esta|como se le ocurre no|no como se le ocurre|nelson|nelson mandela|negativo pareja|nop nop|nono|naranjas|minga|chale no|na que ver|na que ver no|nada que ver no|que va no|no que va|no manches no|nambre|nombre no|nombre como cree|no como cree|como cree no|como crees no|como crees que no\
         |esa tarjeta no|no es esa tarjeta|no es la tarjeta|esa no es la tarjeta|esa tarjeta no es|no esa tarjeta no|esa no es mia|no es mia|nunca dije eso|no nunca dije eso|no dije eso|yo no dije eso|no pedi eso|yo no pedi eso|no fue lo que pedi|eso no fue lo que pedi|ya no hace falta|ya no es necesario|no es necesario {block}|ya no la {block}|ya no {it} ({it}) {dont}|ya no {want} {block}|ya no {want} nada|no es para tanto|ya lo pense y no|ya lo decidi y no|no por favor no|por favor no|no para que|para que no|no pa que|no es incorrecto|no eso no|eso no|no asi no\
         |no vayan a {block}|no me vayan a {block}|ni hablar pues|ni hablar de eso|no deseo {block}|no la deseo {block}|no voy a {block}|no la voy a {block}|no lo voy a hacer|no vamos a {block}|no cambie de opinion|cambie de opinion no|me arrepenti no|no me arrepenti|no ya me arrepenti|no la quiero {block}|no gracias no|no ya fue|nah|naa|mejor que no|no mejor otro dia|por hoy no|no por hoy|no de momento|de momento no",
        ),
        (
            Part::WithYes,
            "{harm} {my} {plastic}|ya que|pues ya que|yo asumo|asumo|toca|pues toca|que quiere que haga|que queres que haga|que le hago|que se le va a hacer|que se le hace|y listo|y ya|y punto|y ya esta|y se acabo|{want} darla de baja|{want} dar de baja {my} {card}|que {it} den de baja|a mi nombre|es la mia|es mia|soy el titular|soy la titular|yo soy el titular|yo soy la titular|cancelela|cancelala|cancelenla|canceleme esa tarjeta|cancelenme esa tarjeta|cancele la tarjeta|que {it} cancele|que {it} cancelen|{want} que {it} cancele|{want} que {it} cancelen|dela de baja|denla de baja|delas de baja|dale de baja|que {it} den de baja|por robo|como robada|como perdida|como extraviada|por extravio|por perdida|la que le dije|la que te dije|esa misma es|esa mera es|esa mera|para eso llame|por eso llame|para eso les llame|por eso les llame|para eso hablo|por eso hablo|para eso estoy llamando|por eso estoy llamando|es lo mejor|es lo que quiero|eso es lo que quiero|eso quiero que hagan|creo que es lo mejor|yo creo que es lo mejor|sera lo mejor|es mejor asi|mejor asi|mas vale|mas vale prevenir|por seguridad|por si acaso|por si las dudas|por las dudas|por si las moscas\
         |ya no {it} quiero|que remedio|que mas|que le vamos a hacer|que le voy a hacer|ni modo|sin pensarlo|de frente\
         |antes (de) que (me) ({it}) {take} (mas) (todo) (mi) (el) (la) (dinero) (plata) (lana) (nada)|pero ya|pero rapido|pero rapidito|pero de una vez|pero urgente|lo antes que pueda|lo antes que se pueda|lueguito|lo mas pronto que pueda|ya ya|que ya|no {it} ({it}) {leave} activa|no {it} ({it}) dejen activa|no {it} ({it}) deje activa",
        ),
        (
            Part::WithNo,
            "la que {want} {do}|la que {want} {do} es otra|como se te ocurre|como se le ocurre|como cree|como crees|de adonde|de donde|no hay para que|ya fue|asi nomas|asi no mas|asi esta|asi no mas dejelo|cambie de opinion|me arrepenti|ya me arrepenti|si ya aparecio|ya aparecio|ya {it} encontre|ya {it} halle|{it} encontre|{it} halle|aqui estaba|{it} tenia yo|{it} tenia aqui|aqui {it} tengo|{it} tengo|estaba en mi bolsa|fue un error|fue falsa alarma|falsa alarma|me equivoque|no la he perdido|que no {it} ({it}) {dont}|no {it} ({it}) {dont}|esta bien asi|asi dejelo|asi {leave}|{leave}|voy a buscarla bien|{it} voy a buscar|{it} voy a seguir buscando|prefiero esperar|mejor espero|mejor me espero|lo voy a pensar|no todavia|todavia no|para que|pa que|no hace falta|no es necesario",
        ),
        (Part::Wait, "{wait}"),
        // Callers of Colombia and Mexico call whoever answers so.
        (Part::Filler, "disculpe|disculpa|disculpeme|disculpame|mija|mijita|mijito|mi reina|reina"),
        (Part::Dear, ENDEARMENTS),
        (
            Part::Doubtful,
            "seguro|me {it} robaron|me robaron|{it} perdi|me asaltaron|ya no {it} tengo|yo no {it} tengo|no {it} tengo|aja|aja aja|gordo|gorda|uy si|ay si|ah si|aja si|si aja",
        ),
        (Part::Filler, LITTLE),
        (Part::Filler, ADDRESS),
        (Part::Filler, COURTESY),
        (
            Part::Filler,
            "para eso llamo|por eso llamo|pa eso llamo|te lo ruego|por el amor de dios|pa eso llame|pa eso estoy llamando|pa eso hablo|pa eso|para eso|sin miedo|sin problema|sin problemas|ya ya|que si|no lo dude|no lo dudes|no tengo duda|no tengo dudas|no tengo ninguna duda|sin dudarlo|no hay problema|no hay ningun problema|no hay duda|no se preocupe|no te preocupes|no importa|no manches|no mames|no inventes|no friegues|es urgente|joya|fijo|normal|perfecto|excelente|buenisimo|genial|chevere|bacan|tranquilo|tranquila|nomas|no mas|por dios|carajo|caramba|fresca|fresco|excelente si|que pena|pa|ya",
        ),
        (Part::First, SOUNDS),
        (
            Part::WithYes,
            "{block} (ya) ({my}) ({plastic})|{block} (ya) ({my}) ({plastic}) de {card}|(que) ({it}) {want} {block} ({my}) ({plastic})|(que) ({it}) {want} {block} ({my}) ({plastic}) de {card}|(que) {want} que ({it}) ({it}) {block} ({my}) ({plastic})|(que) {want} que ({it}) ({it}) {block} ({my}) ({plastic}) de {card}|que ({it}) ({it}) {block} ({my}) ({plastic})|que ({it}) ({it}) {block} ({my}) ({plastic}) de {card}|{connect} (con) ({a}) {person}|{connect}|{want} hablar con ({a}) {person}|hablar con ({a}) {person}|con ({a}) {person} (real)\
         |{want} que me {connect}|{want} que me comuniquen|{want} que me pasen|{want} que me transfieran|{want} que me comuniques|{want} que me pases|con el bloqueo|con el reporte|(con) el bloqueo de {my} {plastic}|{a} {person}|{a} {person} (real)|con eso|con ello|con la solicitud|el tramite|la operacion|{want} hacerlo|{want} eso|{want} confirmar|hagalo ya|ahoritita|ahorita|por fis|que sea rapido|que sea ya\
         |bloqueala|bloqueala ya|bloqueela|bloqueela ya|bloqueenla|bloqueenla ya|bloqueamela|bloqueemela|bloqueenmela|bloquealas|bloqueelas|bloqueenlas|bloquea la tarjeta|bloquee la tarjeta|bloqueen la tarjeta|bloquea mi tarjeta|bloquee mi tarjeta\
         |reportala|reportela|reportenla|reportalas|reportelas|reporta la tarjeta|reporte la tarjeta|quiero bloquearla|quiero bloquear mi tarjeta|quiero bloquear la tarjeta|quiero bloquear esa tarjeta|quiero que la bloqueen|quiero que la bloquees|quiero que la bloquee\
         |quiero que me la bloqueen|que quiero bloquear mi tarjeta|que quiero bloquear la tarjeta|que quiero bloquearla|que quiero que la bloqueen|que la bloqueen|que la bloquees|la quiero bloquear|quiero reportarla|quiero reportar mi tarjeta|bloquear mi tarjeta|bloquear la tarjeta|bloquearla\
         |el bloqueo|el reporte|esa|esa mera|esa misma|esa tarjeta|eso|eso quiero|lo que sea necesario|hazme el favor|hagame el favor\
         |pasame|paseme|comunicame|comuniqueme|transfiereme|transfierame|con un ejecutivo|con el ejecutivo|con una ejecutiva|con un asesor|con un agente|con una persona|con alguien|hablar con alguien|hablar con una persona|hablar con un ejecutivo|hablar con el ejecutivo|hablar con un asesor|quiero hablar con alguien|quiero hablar con una persona|quiero hablar con un ejecutivo|quiero un ejecutivo|un ejecutivo|pasame con alguien|pasame con un ejecutivo",
        ),
        (Part::Soon, SOON),
        (
            Part::Soon,
            "de mi parte ningun problema|por mi parte ningun problema|por mi tranquilidad|por las dudas|por seguridad|mas vale|cuanto antes mejor|mientras mas rapido mejor|entre mas rapido mejor|sin falta|yo soy el titular|yo soy la titular|soy el titular|soy la titular|es lo mas sano|es lo mas prudente|me parece lo mas prudente|es lo que toca",
        ),
        (Part::Already, "ya|ya ya"),
        (
            Part::Clause,
            "esa es la tarjeta|esa es la mia|no quiero que (me) ({it}) (la) {take}|no vaya a ser que (me) ({it}) {take}|no hay de otra|no hay otra|no queda de otra|no me queda de otra|no me queda mas remedio|esa es|es esa|esa es mi tarjeta|es mi tarjeta|es urgente",
        ),
        (
            Part::WithNo,
            "otro dia|mas tarde|despues|luego|mas tardecito|al rato|en otro momento|en otra ocasion|manana|todavia|por el momento|por ahora|de momento|de verdad|ya la encontre|ya la halle|ya aparecio|ya la tengo|aqui la tengo|la tengo aqui|aqui esta|prefiero seguir contigo|prefiero contigo|contigo esta bien|aqui esta bien|sigamos|seguimos|yo me espero|yo espero|estoy bien",
        ),
        (Part::WithNo, "asi esta bien|asi estoy bien|es todo|seria todo|nada mas|eso es todo|eso seria todo|eso no"),
        (
            Part::First,
            "yo|bueno|bueno pues|va|va pues|mire|mira|mire usted|oiga|oye|pues|pos|pus|entonces|mm|m|hm|eh|e|em|ehm|este|a ver|hijole|chuta|pucha|fijate que|fijese que|la verdad|la verdad que|la neta",
        ),
        (
            Part::Filler,
            "pe|pue|che|parce|caballero|usted|estimado|estimada|muchisimas gracias|muy amable gracias|hagame ese favor|hazme ese favor|por favorcito|porfi\
         |por favor|porfavor|porfa|porfis|porfavorcito|favor|gracias|muchas gracias|mil gracias|muchisimas gracias|te lo agradezco|se lo agradezco|muy amable\
         |senor|senora|senorita|joven|amigo|amiga|hermano|jefe|jefa|po|pues|perfecto|ok|okay|okey|oquei|vale|muy bien",
        ),
        (
            Part::Neither,
            // It may be another card.
            "la de {card}|la tarjeta de {card}|con la de {card}|la de {figures}|la {figures}|la terminada en {figures}|la que termina en {figures}|termina en {figures}|yo no dije que no {it} ({it}) {do}|no dije que no {it} ({it}) {do}|eso si|y si|gracias de todas formas|gracias de todas maneras|muchas gracias de todas formas|muchas gracias de todas maneras|eso si es cierto|eso si es verdad|eso si es|eso si me|eso si que|eso si quiero|que si que no|que no que si|que si o que no|dile|digale|diles|decile|como que no|como que si|pero|aunque|cuando|hasta|dice|dicen|dijo|dijeron|solo si|salvo|excepto|a menos|menos que|tal vez|quiza|quizas|depende|mientras|primero|siempre y cuando|siempre que|sino|porque no|por que no|no se|no lo se|no se si|no se si si|yo no dije que no|no que no|no que si|no dije que no|no digo que no|quien sabe|no cacho|no entiendo|no escucho|no oigo",
        ),
        (
            Part::Neither,
            "si digo que si|si le digo que si|si te digo que si|si les digo que si|si confirmo que si|esta bien gracias|listo gracias|ya claro|ya si claro|a ver si|si ya claro|si como no|si claro como no|claro que si claro|cierto no|no cierto|no es cierto|no es verdad|si o que|ya esta bien|no si|si no|pues si no|como no si|ah si|ah claro|ah dale|si como no|como si nada",
        ),
    ])
});

pub(super) static ENGLISH: LazyLock<Lexicon<Part>> = LazyLock::new(|| {
    Lexicon::of(&[
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
    ])
});
