use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(said: &str, kept: &str, found: Option<Forbidden>) {
    let destroyed = destroy(said, Language::Spanish);
    assert_eq!(destroyed.text, kept, "{said}");
    assert_eq!(destroyed.found, found, "{said}");
}

#[test]
fn a_card_number_leaves_its_last_four() {
    for (said, kept) in [
        ("4111111111114521", "4521"),
        ("4111 1111 1111 4521", "4521"),
        ("4111-1111-1111-4521", "4521"),
        ("mi tarjeta es 4111 1111 1111 4521, gracias", "mi tarjeta es 4521, gracias"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 4 5 2 1", "4521"),
        ("41 11 11 11 11 11 45 21", "4521"),
        ("4111.1111.1111.4521", "4521"),
        ("cuatro uno uno uno uno uno uno uno uno uno uno uno cuatro cinco dos uno", "4521"),
        ("cuarenta y uno once once once once once cuarenta y cinco veintiuno", "4521"),
        ("cuarenta uno once once once once once cuarenta cinco veinte uno", "4521"),
        ("cuatro mil ciento once mil ciento once mil ciento once cuatro mil quinientos veintiuno", "4521"),
        ("4111 eh 1111 este luego 1111 y termina en 4521 por favor", "4521 por favor"),
        ("es la 4111 1111 once once 4521", "es la 4521"),
        ("doble cuatro triple uno 11111111 cuatro cinco dos uno", "4521"),
        ("4000 1234 5678 no perdón 5679 4521", "[…]"),
        ("3782 822463 10005", "0005"),
        ("123456789012", "9012"),
        ("1234567890123456789", "6789"),
        ("12345678901234567890", "[…]"),
        ("4539 1488 0343 6467 y 123", "6467"),
        ("４１１１１１１１１１１１４５２１", "4521"),
        ("4111\u{a0}1111\u{200b}1111\u{2009}4521", "4521"),
        ("4111*1111*1111*4521#", "4521#"),
        ("4111111111114521#", "4521#"),
        ("x4111x1111x1111x4521", "x4521"),
    ] {
        check(said, kept, Some(Forbidden::CardNumber));
    }
}

#[test]
fn pins_and_security_codes_leave_nothing() {
    for (said, kept) in [
        ("mi nip es 1234", "mi nip es […]"),
        ("Mi NIP es uno dos tres cuatro.", "Mi NIP es […]."),
        ("la clave es 98 76", "la clave es […]"),
        ("el pin de mi tarjeta es 4521", "el pin de mi tarjeta es […]"),
        ("1234 es mi clave", "[…] es mi clave"),
        ("contraseña: 123456", "contraseña: […]"),
        ("mi clave del cajero es doce treinta y cuatro", "mi clave del cajero es […]"),
        ("el nip, eh, uno, dos, mmm, tres, cuatro", "el nip, eh, […]"),
    ] {
        check(said, kept, Some(Forbidden::Pin));
    }
    for (said, kept) in [
        ("el cvv es 123", "el cvv es […]"),
        ("código de seguridad 456", "código de seguridad […]"),
        ("los tres números de atrás son 1 2 3", "los tres números de atrás son […]"),
        ("mi código de seguridad es ciento veintitrés", "mi código de seguridad es […]"),
        ("el CVV2 es 123", "el CVV[…]"),
    ] {
        check(said, kept, Some(Forbidden::Cvv));
    }
    check("4111 1111 1111 4521 y mi nip es 1234", "4521 y mi nip es […]", Some(Forbidden::CardNumber));
    check("mi nip es 1234 y mi tarjeta termina en 4521", "mi nip es […] y mi tarjeta termina en 4521", Some(Forbidden::Pin));
}

#[test]
fn harmless_numbers_stay() {
    for said in [
        "4521",
        "cuatro cinco dos uno",
        "termina en 4521, por favor",
        "mi número de cliente es 100001",
        "clave de cliente 100001",
        "mi teléfono es 55 1234 5678",
        "no me sé mi nip",
        "me robaron la clave y la tarjeta 4521",
        "¿cuál es mi nip? 4521",
        "quiero cambiar mi nip",
        "la 4521 o la 7788",
        "",
        "bloquea mi tarjeta",
        "me hicieron un cargo de 1,500 pesos el 12 de mayo",
        "no tengo mi clave",
    ] {
        check(said, said, None);
    }
}

#[test]
fn english_numbers_are_found() {
    let destroyed = destroy("it's four one one one one one one one one one one one forty five twenty one", Language::English);
    assert_eq!(destroyed.text, "it's 4521");
    let destroyed = destroy("my pin is one two three four", Language::English);
    assert_eq!((destroyed.text.as_str(), destroyed.found), ("my pin is […]", Some(Forbidden::Pin)));
}

/// Digits with something between any two of them.
fn spread() -> impl Strategy<Value = (String, String)> {
    let gap = prop_oneof![Just(""), Just(" "), Just("-"), Just(", "), Just(" eh "), Just(" y "), Just("."), Just(" luego "), Just("…"), Just("\n")];
    let digit = (0u8..10, any::<bool>(), gap);
    proptest::collection::vec(digit, 12..=19).prop_map(|digits| {
        let words = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"];
        let (mut plain, mut said) = (String::new(), String::new());
        for (digit, as_word, gap) in digits {
            plain.push(char::from(b'0' + digit));
            if as_word {
                said.push_str(&format!(" {} ", words[usize::from(digit)]));
            } else {
                said.push_str(&digit.to_string());
            }
            said.push_str(gap);
        }
        (plain, said)
    })
}

proptest! {
    #[test]
    fn never_more_than_four_digits_of_a_card_number_stay((plain, said) in spread()) {
        let destroyed = destroy(&said, Language::Spanish);
        prop_assert_eq!(destroyed.found, Some(Forbidden::CardNumber));
        let kept: usize = pieces(&words(&destroyed.text), Language::Spanish, Joining::Apart).iter().map(|(_, digits)| digits.len()).sum();
        prop_assert!(kept <= 4);
        let figures: String = destroyed.text.chars().filter(char::is_ascii_digit).collect();
        prop_assert!(plain.contains(&figures));
    }

    #[test]
    fn destroying_twice_changes_nothing_more(text in "([0-9]{0,6}[ ,-]?(uno|dos|mil|y|es)? ?){0,8}") {
        let once = destroy(&text, Language::Spanish).text;
        prop_assert_eq!(&destroy(&once, Language::Spanish).text, &once);
    }

    #[test]
    fn no_text_panics_the_destroyer(text in "\\PC{0,80}|([a-zñáé ]{0,9}[0-9#*., ]{0,9}){0,8}", english: bool) {
        destroy(&text, if english { Language::English } else { Language::Spanish });
    }
}
