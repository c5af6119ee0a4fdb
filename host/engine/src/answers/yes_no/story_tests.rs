//! What stands beside a yes, and must not make one.

use crate::Value;
use crate::answers::{Heard, Kind, Reading, Setting, read};

const DOING: [&str; 8] = ["bloquear", "reportar", "congelar", "suspender", "desactivar", "inhabilitar", "anular", "inactivar"];

fn is_yes(said: &str) -> bool {
    let kind = Kind::YesNo { doing: DOING.map(str::to_owned).to_vec(), about: Vec::new() };
    ["es-MX", "es-CL", "es-PE", "es-CO", "es-AR"].iter().any(|tag| {
        let setting = Setting { consent: true, ..Setting::of(tag) };
        read(&kind, &Heard { text: said, keys: false }, setting) == Reading::Answer(Value::Bool(true))
    })
}

/// Sentences a sensible listener takes for no yes, each found by reading how a yes is read.
const NO_YES: &str = "no quiero entonces bloquearla|no es necesario entonces bloquearla|no hace falta, entonces bloquearla|no quiero por eso bloquearla|qué hago entonces, bloquearla|usted quiere entonces bloquearla\
|sí, me robaron, ya la encontré|sí, la perdí, ya apareció|sí, me la robaron, me la devolvieron|sí, la perdí, déjeme buscarla|sí, me la robaron, un momento|sí, me robaron, fue un error|sí, me la robaron, déjelo así\
|sí, me la robaron, no haga nada|sí, me robaron, no hagan nada|sí, me robaron, no vayan a hacer nada|sí, me robaron, no siga|sí, me robaron, no estoy de acuerdo|sí, me robaron, no estoy segura|sí, me robaron, ya no me interesa\
|sí, me robaron, no he pedido eso|sí, me robaron, no lo quiero hacer|sí, me robaron, no quiero que la toquen|sí, me la robaron, no quiero que la den de baja|sí, me robaron, no entiendo|sí, me robaron, no necesito nada\
|sí, me robaron, déjemela así|sí, me robaron, dejémoslo así|sí, me robaron, ya la recuperé|sí, me robaron, ya la tengo|sí, me robaron, aquí la tengo|sí, me robaron, falsa alarma|sí, me robaron, ya me arrepentí|sí, me robaron, cambié de opinión\
|para qué la bloquea|para que la bloquea|para qué me la bloquean|que la bloquea|que me la bloquean|que se bloquea|fíjese que se me bloquea|se puede bloquear|se puede anular\
|mejor anúlelo|anúlelo por favor|quiero anularlo|que lo anulen|mejor suspéndalo|quiero anular el crédito|suspenda mi nómina\
|bloquearla es muy drástico|bloquearla qué sentido tiene|bloquéela, es broma|bloquearla me da miedo|bloquearla suena exagerado\
|si me roban la tarjeta|si me la llegan a robar|si me asaltan en la calle|si me roban el celular|si me robaron la tarjeta\
|gracias de todas formas|muchas gracias de todas maneras|y si|y si acepto|y si lo confirmo|y si bloqueo|tiene chance|tiene autorización|si tienen mi autorización|eso de bloqueo|de bloqueo|me da un bloqueo|eso de bloquearla|ya bloqueo|bloqueo|sí, oiga|claro, oye|eso sí\
|sí, mamá, me robaron la tarjeta|sí, a mi vecina le robaron ayer|sí, se la presté a mi hijo|sí, la otra me la robaron|sí, me robaron, pero esa no|sí, me robaron cuando viajaba, espere|sí, me robaron si no me equivoco|se corta, por favor|que se corta\
|sí, y el dinero que me sacaron|sí, oiga, y el cargo que me hicieron|sí, se me cayó el celular|listo, vecina, ahora le llevo|bloquéela el lunes, me robaron|bloquéela hoy en la noche, que tengo miedo|sí, tengo miedo|bloquéela por dos días, tengo miedo|sí, la dejé en casa|sí, me robaron el otro día, la tarjeta está aquí\
|sí, olvide eso|sí, por favor olvide eso|sí, olvide la tarjeta|bloquéela, olvide eso|bloquéela, la perdí, olvide todo|sí, me robaron, olvide todo|sí, no la encuentro, olvide eso|sí, olvidé el código|sí, la perdí, ya está acá|sí, la perdí, ahí está|sí, la perdí y ya está en mi billetera|bloquéela, no la encuentro, ya está en mi bolsa|sí, se la llevaron y la dejaron en la puerta|sí, me asaltaron, me dejaron las tarjetas|sí, me robaron la cartera, sin la tarjeta|sí, me robaron el celular, la tarjeta está bien|sí, me robaron antes, ahora todo bien|sí, la perdí, ya fue|sí, la perdí, por dos días|bloquéela, la perdí, por dos días|me robaron, por dos días, bloquéela|sí, me robaron, por ahora|sí, me robaron, en dos horas|bloquéela, me robaron, en una hora|bloquéela, me robaron, hoy en la noche|sí, me robaron, el lunes por favor|bloquéela, me robaron, a las tres de la tarde|sí, a mi señora le robaron la tarjeta|a mi señora le robaron la tarjeta, bloquéela|sí, me robaron la de mi señora|sí, me la robaron, es de mi señora|sí, se la llevó mi señora|sí, la está usando mi señora|sí, no la encuentro, ella la anda usando|sí, perdí la tarjeta del metro|sí, me robaron la tarjeta del supermercado|sí, me robaron la del oxxo|sí, todo bien, sin cargos raros|sí, los movimientos|sí, hay un cobro que no reconozco|sí, me robaron, y mi dinero|sí, ya me quitaron el cargo|sí, me hicieron una transferencia de mi sueldo|sí, es una estafa|claro, me roban|sí, ya comió|listo, ya compraron|sí, me llevaron al hospital|sí, perdí el bus|sí, me perdí|sí, es que me hicieron|sí, mi señora no está|sí, no la veo bien|bloquéela, no la veo bien|no lo veo bien, bloquearla|sí, no lo tengo|sí, no aparece el saldo|sí, la dejé en mi bolso|sí, la dejé en el locker|bloquearla, qué miedo|bloquearla, me da miedo|me da miedo, bloquearla|me da miedo, que la bloqueen|bloquearla porque perdí el celular|me robaron el celular, bloquéelo|me hackearon el correo, bloquéelo|me hicieron un cargo, bloquéelo|me robaron la moto, repórtela|me robaron la cartera, repórtela|me hicieron una transferencia, anúlela|sí, me cobraron una compra, anúlela|me hackearon la cuenta, bloquéela|sí, la de crédito|bloquee la visa|sí, la 4522|sí, la terminada en 4522|bloquéela, la terminada en 9999|sí, suspenda la cuenta|sí, desactive la cuenta|sí, apague esa cosa|sí, quiero hablar con una persona|sí, páseme con alguien|listo, vecina|sí, madre";

#[test]
fn nothing_that_takes_back_asks_or_tells_of_something_else_is_a_yes() {
    let wrong: Vec<&str> = NO_YES.split('|').filter(|said| is_yes(said)).collect();
    assert_eq!(wrong, Vec::<&str>::new());
}

#[test]
fn a_yes_bears_the_story_of_a_card_that_is_gone_on_either_side() {
    let all = "sí, me la robaron ayer en el metro|sí, me vaciaron la cuenta|claro que sí, porque me robaron la bolsa|sí señorita, no la encuentro|sí, me hicieron cargos que no son míos|bloquéela, que me asaltaron|me robaron la tarjeta, bloquéela por favor\
|ya no aparece, así que bloquéela|sí por favor, me la clonaron|sí, se la tragó el cajero hace dos horas|sí, me la quitaron saliendo del estadio|me asaltaron, por eso bloquéela\
|sí señorita, me asaltaron anoche y me llevaron la mochila, bloquéela|sí mire, me robaron, así que bloquéela|bloquéela por favor que tengo mucho miedo de que me vacíen la cuenta|bloquéela ya, antes de que me saquen todo|sí, se me quedó en un taxi|sí, esa es la que me robaron|sí, me robaron en transmilenio|sí, me hicieron el cambiazo en el cajero|sí, me la quitaron a punta de pistola|bloquéela, que no la usen|bloquéela ya que me están robando";
    let wrong: Vec<&str> = all.split('|').filter(|said| !is_yes(said)).collect();
    assert_eq!(wrong, Vec::<&str>::new());
}

proptest::proptest! {
    #[test]
    fn whatever_stands_beside_it_a_doubt_is_no_yes(
        core in proptest::sample::select(vec!["sí, me robaron la tarjeta", "bloquéela, me asaltaron", "sí, no la encuentro", "claro que sí, me están vaciando la cuenta", "sí señorita, me hicieron cargos que no son míos"]),
        doubt in proptest::sample::select(vec![
            "pero la encontré", "cuando yo le diga", "hasta que llegue", "si no aparece", "siempre y cuando no cobren", "dice mi hijo", "no la bloquee", "mañana", "¿cuánto cobran?", "cuanto cuesta", "espere", "creo", "depende", "quizá", "primero dígame el saldo", "después", "olvídelo", "solo por hoy no",
            "no haga nada", "déjelo así", "ya la encontré", "ya la recuperé", "no estoy de acuerdo", "era broma", "y la otra", "ciérrale al gas",
        ]),
        first: bool,
    ) {
        let said = if first { format!("{doubt} {core}") } else { format!("{core} {doubt}") };
        proptest::prop_assert!(!is_yes(&said), "{}", said);
    }

    /// Words nobody knows are never part of a consent.
    #[test]
    fn a_word_nobody_knows_is_never_borne(word in "[a-z]{5,9}x[a-z]{2,4}", core in proptest::sample::select(vec!["sí, me robaron la tarjeta", "me asaltaron, bloquéela"]), first: bool) {
        let said = if first { format!("{word} {core}") } else { format!("{core} {word}") };
        proptest::prop_assert!(!is_yes(&said), "{}", said);
    }
}
