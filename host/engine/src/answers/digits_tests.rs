use super::*;
use crate::Value;
use crate::answers::words::words;
use crate::answers::{Heard, Kind, Reading, read as read_answer};

fn last_four(said: &str, language: Language) -> Option<String> {
    super::read(said, &words(said), language, of_card)
}

#[track_caller]
fn check(kind: &Kind, said: &str, keys: bool, expected: Option<&str>) {
    let reading = read_answer(kind, &Heard { text: said, keys }, Language::Spanish);
    let expected = expected.map_or(Reading::Nothing, |digits| Reading::Answer(Value::text(digits)));
    assert!(reading == expected, "{said}: {:?}", last_four(said, Language::Spanish));
}

/// Every way the issue names and then some; all of them are 4521.
const FORMS: &str = "4521|4 5 2 1|45 21|4-5-2-1|4.521|4,521|4521.|45-21|45:21|4, 5, 2, 1|452 1|4 521|cuarenta y cinco veintiuno|cuatro cinco dos uno|termina en 4521, por favor|cuatro mil quinientos veintiuno\
|Cuatro, cinco, dos, uno.|cuatro cinco 21|45 veintiuno|4 cinco 2 uno|cuarenta y cinco dos uno|cuatro cinco veintiuno|cuarenta y cinco veinte y uno|cuarenta cinco veinte uno|cuarenta cinco veintiuno|cuarenta cinco dos uno|cuarentaicinco veintiuno\
|cuarenta y cinco, veinti uno|4 mil 521|cuatro mil 521|4 mil quinientos veintiuno|cuatro quinientos veintiuno|es la 4521|son cuatro cinco dos uno|sí, 4521|sí, es la cuatro cinco dos uno|este, cuatro, eh, cinco, mmm, dos, uno\
|mi tarjeta termina en cuatro cinco dos uno|la terminada en 45 21|terminación 4521|los últimos cuatro dígitos son 4521|los últimos cuatro son cuatro cinco dos uno|últimos 4 dígitos 4521|los cuatro dígitos son cuatro cinco dos uno|son los últimos cuatro: 4521\
|los últimos cuatro cinco dos uno|es de débito, 4521|la de débito que termina en 4521|a ver, cuatro cinco dos uno|mira, es 4521|pues 4521 señorita|creo que es 4521|creo que son cuatro cinco dos uno|claro, 4521|4521 gracias|bueno, 4521|ya, 4521 po|acaba en 4521\
|número 4521|el número es cuatro cinco dos uno|cuatro guion cinco guion dos guion uno|cuatro cinco y dos uno|cuarenta y cinco y veintiuno|ahí le va: cuatro, cinco, dos, uno|anote 4521|cuatro y cinco y dos y uno|cuatro cinco dos... no, perdón, cuatro cinco dos uno\
|cuatro cinco dos dos, no, perdón, uno|4522 perdón 1|4522, digo, 4521|cuatro cinco dos ocho mejor dicho uno|cinco cuatro dos uno, no no, cuatro cinco dos uno|7788, digo 4521|4 5 3 no 2 1|cuatro seis, no, cinco dos uno|7788 no es cierto 4521|4527 me equivoqué 4521\
|4521 repito 4521|perdón, 4521|disculpe, es la 4521|4111 1111 1111 4521|4111111111114521|cuatro mil ciento once mil ciento once mil ciento once cuatro mil quinientos veintiuno|cuatro sinco dos uno|CUATRO CINCO DOS UNO|cuatro cinco dos uno por favor joven|4\u{2060}521|４５２１\
|gracias, 4521|hola, 4521|tengo la 4521|dice 4521|aquí está, 4521|finaliza en cuatro cinco dos uno|cuatro espacio cinco espacio dos espacio uno|acabada en 4 5 21|mi débito es 4521|la tarjeta de crédito terminada en 4521|cuatro. cinco. dos. uno";

#[test]
fn the_last_four_are_read_in_every_form() {
    for said in FORMS.split('|') {
        check(&Kind::LastFour, said, false, Some("4521"));
    }
    assert!(FORMS.split('|').count() > 90);
}

#[test]
fn other_last_fours_are_read_in_their_own_forms() {
    for (said, digits) in [
        ("doble cinco doble cinco", "5555"),
        ("triple cero siete", "0007"),
        ("siete triple cero", "7000"),
        ("tres ceros siete", "0007"),
        ("cuatro cincos", "5555"),
        ("doble cinco veintiuno", "5521"),
        ("doble 5 2 1", "5521"),
        ("cero cero cero uno", "0001"),
        ("0007", "0007"),
        ("cero uno cero dos", "0102"),
        ("siete siete ocho ocho", "7788"),
        ("setenta y siete ochenta y ocho", "7788"),
        ("mil", "1000"),
        ("mil uno", "1001"),
        ("dos mil", "2000"),
        ("cinco mil cinco", "5005"),
        ("nueve mil doce", "9012"),
        ("noventa doce", "9012"),
        ("noventa cero uno", "9001"),
        ("noventa y nueve noventa y nueve", "9999"),
        ("nueve mil novecientos noventa y nueve", "9999"),
        ("diez once", "1011"),
        ("dieciséis quince", "1615"),
        ("diez y seis quince", "1615"),
        ("veinte veinte", "2020"),
        ("ciento veintitrés cuatro", "1234"),
        ("uno doscientos treinta y cuatro", "1234"),
        ("doce treinta y cuatro", "1234"),
        ("mil doscientos treinta y cuatro", "1234"),
        ("doble cero 12", "0012"),
        ("cuatro cinco dos... no, perdón, cinco dos uno uno", "5211"),
        ("4521 no perdón 5", "4525"),
        ("treinta treinta y uno", "3031"),
        ("veintidós cero cinco", "2205"),
        ("ochocientos ocho uno", "8081"),
        ("cuádruple cero", "0000"),
        ("treinta y un cero cero", "3100"),
        ("doble siete doble ocho", "7788"),
        ("seis mil seiscientos", "6600"),
        ("quince, perdón, dieciséis", "x"),
    ] {
        check(&Kind::LastFour, said, false, (digits != "x").then_some(digits));
    }
}

/// As callers of five countries and their recognisers put it.
const MORE: &[(&str, &str)] = &[
    (
        "4521",
        "4.521|45-21|cuatro 521|cuarenticinco ventiuno|cuarenticinco veintiuno|cuarentaycinco veintiuno|cuarentay cinco veintiuno|cuatro zinco dos uno|quatro cinco dos uno|kuatro sinko dos uno",
    ),
    (
        "4521",
        "cua cuatro cinco dos uno|c cuatro ci cinco dos uno|cu cua cuatro cinco do dos un uno|cuatro cuatro... no, cuatro cinco dos uno|cuatro cinco dos dos, perdón, dos uno|4521, 4521|cuatro cinco dos uno, sí, cuatro cinco dos uno",
    ),
    (
        "4521",
        "termina en cuatro cinco dos uno|los últimos son cuatro cinco dos uno|mi tarjeta acaba en 4521|acaba en cuarenta y cinco veintiuno señorita|los últimos cuatro números son 4521|los cuatro últimos son 4521|son los últimos cuatro 4 5 2 1",
    ),
    (
        "4521",
        "este mire es la cuatro cinco dos uno pues|a ver déjeme ver cuatro cinco dos uno|espéreme, ya la encontré, 4521|aquí dice 4521|ahí te va 45 21|anótale 45 21|es la visa terminada en 4521|x x x x 4521|**** 4521|según yo es 4521",
    ),
    (
        "4521",
        "40 y 5 21|cuarenta y 5 21|4 mil quinientos 21|cuatro mil quinientos 21|cuatro mil 5 cientos veintiuno|cuatro mil quinientos veinti uno|4 5 veintiuno|4 cinco veinti 1|cuatro cinco dos, uno po|cuatro cinco dos uno pe",
    ),
    (
        "4521",
        "cuatro cinco dos uno, es todo|cuatro cinco dos uno, nada más|cuatro cinco dos uno correcto|ya, cuatro cinco dos uno ya|sí aló, 4521|me parece que es 4521|viene siendo 4521|4512, no, me confundí, 4521|4512 no, quise decir 4521",
    ),
    (
        "4521",
        "4522, no, el último es uno|cuatro cinco dos, o sea, cuatro cinco dos uno|cuatro, luego cinco, después dos y al final uno|termina en 45 y luego 21|la terminación es 4521|su terminación 4521|cuatro cinco dos... cuatro cinco dos uno|4 5 2... 4 5 2 1|de la visa 4521",
    ),
    (
        "0455",
        "sero cuatro doble cinco|zero cuatro cinco cinco|cero cuatro doble cinco|cero cuatro cinco dos veces|cero cuatro y un par de cincos|cero cuatro doble el cinco|cero cuatro dos cincos",
    ),
    (
        "7755",
        "el doble siete doble cinco|dos veces siete dos veces cinco|dos sietes dos cincos|setenta y siete cincuenta y cinco|setentaisiete cincuentaicinco|setentisiete cincuenticinco|77 doble cinco|doble 7 doble 5",
    ),
    ("5521", "dos veces cinco veintiuno|dos veces el cinco veintiuno|doble cinco dos uno|cinco cinco veintiuno|cinco dos veces y veintiuno"),
    ("0004", "cero doble cero cuatro|triple cero cuatro|tres veces cero cuatro|cero cero cero cuatro|tres ceros y un cuatro"),
    ("9004", "nueve mil cuatro|nuebe mil cuatro|nueve cero cero cuatro|noventa cero cuatro|nueve doble cero cuatro|9 mil 4|nueve mil 4"),
    ("1200", "mil doscientos|mil dos cientos|doce cero cero|doce doble cero|doze zero zero|uno dos cero cero"),
    ("2019", "veinte diecinueve|dos mil diecinueve|beinte diesinueve|veinte diez y nueve|20 19"),
    ("1616", "dieciséis dieciséis|dieziséis diesiseis|diez y seis diez y seis"),
    (
        "3478",
        "treinticuatro setentiocho|treinta y cuatro setenta y ocho|tres mil cuatrocientos setenta y ocho|tres mil cuatro cientos setenta y ocho|34 78|treinta i cuatro setenta i ocho",
    ),
    ("9700", "nueve mil setecientos|nueve mil sietecientos|nueve mil setesientos|noventa y siete cero cero"),
    ("1521", "quince veintiuno|quinse ventiuno|mil quinientos veintiuno|mil quinientos 21|uno quinientos veintiuno"),
];

#[test]
fn spelling_by_ear_stutters_and_repeats_do_not_matter() {
    let wrong: Vec<String> = MORE
        .iter()
        .flat_map(|(digits, all)| all.split('|').map(move |said| (*digits, said)))
        .filter(|(digits, said)| last_four(said, Language::Spanish).as_deref() != Some(digits))
        .map(|(digits, said)| format!("{said}: {digits}, not {:?}", last_four(said, Language::Spanish)))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn two_readings_are_no_reading() {
    for said in [
        "cuatro cinco dos veces uno",
        "cero cuatro dos veces cinco",
        "son las 12 30",
        "a las cuatro y media",
        "lo siento cuatro cinco dos",
        "empieza con 4521",
        "los primeros cuatro son 4521",
        "el 2 de 4 del 21",
        "45 21 22",
        "cuatro cinco dos uno o dos dos",
        "tengo dos",
        "no cuatro cinco dos uno",
        "4521 no sé",
        "tengo 45 años",
        "van 4521 pesos",
        "mi hijo tiene 12 y 13 años",
        "uno dos tres, probando",
        "¿aló?",
        "espérame",
        "bueno",
        "¿mande?",
    ] {
        check(&Kind::LastFour, said, false, None);
    }
    let client = Kind::Digits { least: 4, most: 11 };
    for said in ["123456, perdón, 7890", "123456, perdón, 78", "son las 12 30", "3 de 4 de 2021"] {
        check(&client, said, false, None);
    }
    check(&client, "123456, perdón, 7", false, Some("123457"));
    check(&client, "1234, digo, 123456", false, Some("123456"));
}

#[test]
fn what_is_not_exactly_one_number_is_no_answer() {
    for said in [
        "",
        "452",
        "45210",
        "4521 7788",
        "4521 y 7788",
        "45214521",
        "12345678",
        "ocho dígitos",
        "8 dígitos",
        "no es 4521",
        "4521 o 4512",
        "4521 no",
        "¿tengo que decir 4521?",
        "4521 pesos",
        "cuatro cinco dos",
        "cuarenta y cinco",
        "mi tarjeta",
        "sí",
        "uno",
        "cuatro dígitos",
        "los últimos cuatro",
        "me robaron 4521 pesos",
        "4521 dólares",
        "12345678901234567890",
        "mil quinientos pesos",
        "vivo en la calle 4521",
        "tengo dos tarjetas",
        "4to 521",
        "una 4521 mil",
        "cuatro mil quinientos veintiún pesos",
        "4521 o la otra",
    ] {
        check(&Kind::LastFour, said, false, None);
    }
}

#[test]
fn keys_are_taken_to_the_hash_and_from_the_star() {
    for (keys, digits) in [
        ("4521", Some("4521")),
        ("4521#", Some("4521")),
        ("4 5 2 1", Some("4521")),
        ("45*4521#", Some("4521")),
        ("4111111111114521", Some("4521")),
        ("4111111111114521#", Some("4521")),
        ("452", None),
        ("45217", None),
        ("12345678", None),
        ("", None),
        ("#", None),
        ("*", None),
        ("0", None),
        ("#4521", None),
    ] {
        check(&Kind::LastFour, keys, true, digits);
    }
    let client = Kind::Digits { least: 6, most: 6 };
    check(&client, "100001#", true, Some("100001"));
    check(&client, "10000#", true, None);
}

#[test]
fn a_client_number_is_read_as_it_is_said() {
    let client = Kind::Digits { least: 4, most: 10 };
    for said in [
        "100001",
        "100,001",
        "100 001",
        "cien mil uno",
        "uno cero cero cero cero uno",
        "diez cero cero cero uno",
        "uno cuatro ceros uno",
        "cien cero cero uno",
        "mi número de cliente es 100001",
        "es el 100001 por favor",
        "10 00 01",
        "cien mil 1",
        "1 0 0 0 0 1",
        "mi código de cliente es cien mil uno",
        "el cliente es uno, cero, cero, cero, cero, uno",
        "100002, perdón, 1",
        "100 mil uno",
    ] {
        check(&client, said, false, Some("100001"));
    }
    for said in ["200999", "doscientos mil novecientos noventa y nueve", "veinte cero nueve noventa y nueve", "dos cero cero nueve nueve nueve"] {
        check(&client, said, false, Some("200999"));
    }
    for said in ["123", "12345678901", "cliente", "no soy cliente", "cien mil pesos"] {
        check(&client, said, false, None);
    }
}

#[test]
fn english_callers_are_read_too() {
    for said in [
        "4521",
        "four five two one",
        "forty-five twenty-one",
        "it ends in forty five twenty one please",
        "four thousand five hundred twenty one",
        "four five two two, sorry, one",
        "the last four digits are 4521",
    ] {
        assert_eq!(last_four(said, Language::English).as_deref(), Some("4521"), "{said}");
    }
    assert_eq!(last_four("oh oh double five", Language::English).as_deref(), Some("0055"));
}

const UNITS: [&str; 10] = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"];
const TEENS: [&str; 20] = [
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];
const TENS: [&str; 10] = ["", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
const HUNDREDS: [&str; 10] =
    ["", "ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos", "ochocientos", "novecientos"];

fn below_hundred(value: usize) -> String {
    match value {
        0..10 => UNITS[value].to_owned(),
        10..30 => TEENS[value - 10].to_owned(),
        _ if value.is_multiple_of(10) => TENS[value / 10].to_owned(),
        _ => format!("{} y {}", TENS[value / 10], UNITS[value % 10]),
    }
}

fn pair(value: usize) -> String {
    if value < 10 { format!("cero {}", UNITS[value]) } else { below_hundred(value) }
}

fn cardinal(value: usize) -> String {
    let (thousands, rest) = (value / 1000, value % 1000);
    let mut said = match thousands {
        1 => "mil".to_owned(),
        _ => format!("{} mil", UNITS[thousands]),
    };
    match rest {
        0 => {}
        100 => said.push_str(" cien"),
        1..100 => said.push_str(&format!(" {}", below_hundred(rest))),
        _ if rest.is_multiple_of(100) => said.push_str(&format!(" {}", HUNDREDS[rest / 100])),
        _ => said.push_str(&format!(" {} {}", HUNDREDS[rest / 100], below_hundred(rest % 100))),
    }
    said
}

#[test]
fn every_four_digits_survive_every_spoken_form() {
    for value in 0..10_000 {
        let digits = format!("{value:04}");
        let one_by_one = digits.bytes().map(|byte| UNITS[usize::from(byte - b'0')]).collect::<Vec<_>>().join(" ");
        let pairs = format!("{} {}", pair(value / 100), pair(value % 100));
        let spaced = format!("{} {}", &digits[..2], &digits[2..]);
        for said in [&one_by_one, &pairs, &spaced] {
            assert_eq!(last_four(said, Language::Spanish), Some(digits.clone()), "{said}");
        }
        if value >= 1000 {
            let said = cardinal(value);
            assert_eq!(last_four(&said, Language::Spanish), Some(digits.clone()), "{said}");
        }
    }
}

/// A group of digits in words, one of the ways it is said: as a number if it reads back as one, else one by one.
fn group(digits: &str, as_number: bool) -> String {
    let value: usize = digits.parse().unwrap_or_default();
    match (digits.len(), as_number && !digits.starts_with('0')) {
        (2, true) => below_hundred(value),
        // A round hundred takes in what follows.
        (3, true) if !value.is_multiple_of(100) => {
            let rest = below_hundred(value % 100);
            format!("{} {rest}", HUNDREDS[value / 100])
        }
        (4, true) => cardinal(value),
        _ if digits.len() > 1 && digits.bytes().all(|digit| Some(&digit) == digits.as_bytes().first()) => {
            let word = UNITS[usize::from(digits.as_bytes()[0] - b'0')];
            match digits.len() {
                2 => format!("doble {word}"),
                3 => format!("triple {word}"),
                _ => format!("cuádruple {word}"),
            }
        }
        _ => digits.bytes().map(|digit| UNITS[usize::from(digit - b'0')]).collect::<Vec<_>>().join(" "),
    }
}

/// As somebody writes by ear.
fn by_ear(said: &str) -> String {
    [("ce", "ze"), ("ci", "zi"), ("v", "b"), ("qu", "k"), ("é", "e"), ("ó", "o")].iter().fold(said.to_owned(), |said, (from, to)| said.replace(from, to))
}

proptest::proptest! {
    #[test]
    fn four_digits_in_any_groups_read_back(
        value in 0usize..10_000,
        cuts in proptest::sample::select(vec![&[4][..], &[1, 3], &[3, 1], &[2, 2], &[1, 1, 2], &[2, 1, 1], &[1, 2, 1], &[1, 1, 1, 1]]),
        styles in proptest::array::uniform4(0usize..3),
        gap in proptest::sample::select(vec![" ", ", ", " eh ", " mmm ", "... ", " luego "]),
        before in proptest::sample::select(vec!["", "termina en ", "son ", "sí, es la ", "mi tarjeta acaba en ", "los últimos cuatro son ", "a ver, "]),
        after in proptest::sample::select(vec!["", " por favor", ", gracias", ", es todo", " señorita"]),
        ear: bool,
    ) {
        let digits = format!("{value:04}");
        let mut at = 0;
        let groups: Vec<String> = cuts.iter().zip(styles).map(|(length, style)| {
            let piece = &digits[at..at + length];
            at += length;
            if style == 2 { piece.to_owned() } else { group(piece, style == 1) }
        }).collect();
        let number = groups.join(gap);
        let said = format!("{before}{}{after}", if ear { by_ear(&number) } else { number });
        proptest::prop_assert_eq!(last_four(&said, Language::Spanish), Some(digits), "{}", said);
    }
}

#[test]
fn a_number_is_found_among_other_words_when_it_is_sure_which_it_is() {
    for (said, expected) in [
        ("no veo muy bien, pero creo que es seis dos tres siete", Some("6237")),
        ("deje me pongo los lentes… uno ocho siete cuatro", Some("1874")),
        ("tres cuatro tres tres, ¿lo tiene?", Some("3433")),
        ("tengo dos tarjetas, la que perdí termina en tres ocho seis dos", Some("3862")),
        ("no, no es tres nueve uno dos, es tres nueve dos uno", Some("3921")),
        ("siete tres cinco uno, no, al revés, siete tres uno cinco", Some("7315")),
        ("la saqué en 2018", None),
        ("había 4521 personas en la fila", None),
        ("no me acuerdo si es 4521 o 4512", None),
        ("mi clave empieza con 4521", None),
        ("vivo en el 4521 de esa calle", None),
        ("perdí la de antes, no era la 4521", None),
    ] {
        check(&Kind::LastFour, said, false, expected);
    }
}
