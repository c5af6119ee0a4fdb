//! What is said of the card a consent asks about, and of others.

use crate::answers::{Heard, Kind, Reading, Setting, read};

/// The answer to whether the debit card that ends in 4521 is to be blocked.
fn answer(said: &str) -> Option<bool> {
    let doing = ["bloquear", "reportar", "congelar", "suspender", "desactivar"].map(str::to_owned).to_vec();
    let kind = Kind::YesNo { doing, about: vec!["card_last4".into(), "card_kind_spoken".into()] };
    let setting = Setting { consent: true, about: vec!["4521".into(), "de debito".into()], ..Setting::of("es-MX") };
    match read(&kind, &Heard { text: said, keys: false }, setting) {
        Reading::Answer(crate::Value::Bool(yes)) => Some(yes),
        Reading::Answer(_) | Reading::DoesNotKnow | Reading::Nothing => None,
    }
}

#[test]
fn a_yes_may_name_what_was_asked_about() {
    let all = "sí, la 4521|sí, la que termina en 4521|sí, cuatro cinco dos uno|sí, la terminada en 45 21|sí, es la 4521|la 4521, sí|sí, la de débito|sí, mi tarjeta de débito|sí, la tarjeta que termina en cuatro cinco dos uno, por favor|sí, bloquea la 4521|repórtala, la de débito|sí, esa, la 4521|claro que sí, la de débito|sí, bloquee la tarjeta terminada en 4521|sí, confirmo, la 4521|sí, la cuarenta y cinco veintiuno";
    let missed: Vec<&str> = all.split('|').filter(|said| answer(said) != Some(true)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn nothing_that_names_another_card_or_denies_this_one_is_a_yes() {
    let all = "la 4521|es la 4521|la de débito|sí, la 7788|sí, la de crédito|sí, la 4521 y la 7788|sí, la 4521 no|sí, pero la 4521 no|no la 4521|sí, no la 4521|la 4521 no, la otra sí|sí, todas menos la 4521|sí, la otra, no la de débito|sí, pero la de débito no la bloquees|sí, ya encontré la 4521|sí, tengo la 4521 aquí|sí, desbloquea la 4521|sí, es la 4521 la que encontré|la de débito o la de crédito|sí, la de débito o la de crédito|sí, la 4521 es de mi esposa|¿sí, la 4521?|sí, la 4521 o la que sea|si es la 4521|si es la que termina en 4521|si la 4521 se la tragó el cajero|si la 4521 no aparece|si la 4521 me la robaron|si la de débito me la robaron|sí es la 4521 la que dejé en casa|sí, no sé si la 4521|quiero la 4521|sí, mañana la 4521|sí, la 4521 déjala activa|sí, la 4521 ya está bloqueada|la 4521 sí la tengo|sí, en la 4521 me depositan|sí, con la 4521 pago la luz|sí, desactiva todas excepto la 4521|sí, todas, también la 4521|la 4521 por favor";
    let taken: Vec<&str> = all.split('|').filter(|said| answer(said) == Some(true)).collect();
    assert!(taken.is_empty(), "{taken:?}");
}

#[test]
fn a_no_stays_what_it_is_whatever_is_named() {
    for said in ["no, la 4521 no", "no", "no, la de débito no la bloquees", "no bloquees la 4521"] {
        assert_ne!(answer(said), Some(true), "{said}");
    }
    assert_eq!(answer("no"), Some(false));
}
