use crate::Value;
use crate::answers::{Heard, Kind, Reading, Setting, read};

/// The verbs of the bank's question, its own first.
const DOING: [&str; 8] = ["bloquear", "reportar", "congelar", "suspender", "desactivar", "inhabilitar", "anular", "inactivar"];

#[track_caller]
fn check(all: &str, expected: Option<bool>) {
    let kind = Kind::YesNo { doing: DOING.map(str::to_owned).to_vec(), about: Vec::new() };
    for tag in ["es-MX", "es-CL", "es-PE", "es-CO", "es-AR"] {
        let setting = Setting { consent: true, ..Setting::of(tag) };
        let answer = |said: &str| match read(&kind, &Heard { text: said, keys: false }, setting.clone()) {
            Reading::Answer(Value::Bool(yes)) => Some(yes),
            _ => None,
        };
        let wrong: Vec<&str> = all.split('|').filter(|said| answer(said) != expected).collect();
        assert_eq!(wrong, Vec::<&str>::new(), "{tag}, expected {expected:?}");
    }
}

#[test]
fn a_no_before_or_after_what_the_card_is_for_is_a_no() {
    check(
        "no, con esa me pagan el bono|la compra la hice yo, no la bloquee|no señorita, mi cuñado la tenía|no, ya hice memoria y el cargo sí era mío|esa si la tengo no la bloquee|no le he dicho que la bloquee\
         |preferiría que no la bloquearan|no la inactiven por favor|me niego|no tiene mi permiso|no la quiero bloqueada|no puedo quedarme sin tarjeta, no",
        Some(false),
    );
}

#[test]
fn nothing_is_a_yes_with_a_condition_a_question_a_doubt_or_another_wish_in_it() {
    check(
        "sí, bloquéela si ya hubo compras|si es la dorada, bloquéela|si la bloquean me quedo sin plata|bloquéela en cuanto termine de pagar|sí, me robaron pero ya la encontré|sí, me robaron, cuánto se demora la nueva|sí, me la robaron, espere\
         |mi hija dice que sí, que me la robaron|sí, solo si hay cargos raros|bloquéela por un rato|sí, la otra que me robaron|sí, es que mi hijo fue el que la usó|claro, póngalo en la mesa|sí, amor, ciérrale al gas|bloquéala, no la bloquees|sí, mi amor, ya te oí\
         |si me robaron|si quisiera bloquearla se lo diría|sí, hasta mañana que me roben|sí, me robaron, pero no la bloquee todavía",
        None,
    );
}

#[test]
fn nothing_is_a_no_that_denies_something_else() {
    check(
        "no tengo la tarjeta conmigo|no la encuentro en la casa|o sea ya no la voy a poder usar nunca|no mijo no le pegues a tu hermana|yo no dije que no la bloquee|si pierdo los puntos no la bloquee|no sé si la necesito|mi esposo dice que no la bloquee",
        None,
    );
}

#[test]
fn forms_that_a_recogniser_has_split_or_clipped_are_understood() {
    check("si blo quea la tarjeta|bloque ela por favor|sí, bloquiela|si bloque en la", Some(true));
    check("no la bloque|no la bloque en por favor|no blo quee la tarjeta", Some(false));
}
