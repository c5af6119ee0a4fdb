use super::*;
use proptest::prelude::*;

/// A Wednesday.
fn setting(tag: &str) -> Setting {
    Setting { today: Date::new(2026, 11, 25).ok(), ..Setting::of(tag) }
}

#[track_caller]
fn check(tag: &str, ahead: bool, all: &[(&str, &str)]) {
    for (expected, forms) in all {
        for said in forms.split('|') {
            let read = read(said, ahead, &setting(tag)).map(|date| date.to_string());
            assert_eq!(read.as_deref(), Some(*expected).filter(|date| !date.is_empty()), "{said}");
        }
    }
}

#[test]
fn what_has_been_is_counted_back_from_today() {
    check(
        "es-MX",
        false,
        &[
            ("2026-11-25", "hoy|Hoy mismo.|ahorita|esta mañana|el 25|el día 25 de este mes|hoy miércoles"),
            ("2026-11-24", "ayer|ayer en la noche|anoche|fue ayer|hace un día|el martes|el martes pasado|ayer martes|martes 24|el martes 24 de noviembre"),
            ("2026-11-23", "antier|anteayer|antes de ayer|el lunes|el lunes pasado|el pasado lunes|hace dos días"),
            ("2026-11-22", "hace tres días|hace 3 días|el domingo|el 22"),
            ("2026-11-18", "hace una semana|el miércoles pasado"),
            ("2026-10-28", "hace cuatro semanas|el 28|el 28 del mes pasado"),
            ("2026-08-25", "hace tres meses"),
            ("2025-11-25", "hace un año"),
            ("2026-03-03", "el 3 de marzo|tres de marzo|el tres de marzo de este año|3/3|el 3 de marzo del 2026|marzo 3"),
            ("2025-12-03", "el 3 de diciembre|tres de diciembre del año pasado|3 de diciembre de 2025"),
            (
                "1990-03-03",
                "tres de marzo del 90|03/03/1990|3/3/90|3-3-1990|1990-03-03|tres de marzo de mil novecientos noventa|el tres del tres del noventa|3 de marzo de 1990",
            ),
            ("2026-01-01", "primero de enero|uno de enero|el 1ro de enero|1 de enero|1º de enero"),
            ("2003-12-31", "treinta y uno de diciembre del dos mil tres|31 de diciembre del 2003|31/12/03|31.12.2003"),
            ("1985-04-07", "7/4/1985|siete de abril del ochenta y cinco|07-04-85"),
        ],
    );
}

#[test]
fn what_is_to_come_is_counted_on_from_today() {
    check(
        "es-CL",
        true,
        &[
            ("2026-11-26", "mañana|el jueves|mañana jueves"),
            ("2026-11-27", "pasado mañana|en dos días|dentro de dos días"),
            ("2026-11-30", "el lunes|el próximo lunes|el lunes que viene|lunes 30|el 30"),
            ("2026-12-03", "el 3|el 3 de diciembre|3/12|el 3 del mes que viene"),
            ("2027-03-03", "el 3 de marzo"),
        ],
    );
}

#[test]
fn what_may_be_two_dates_or_none_is_no_answer() {
    let all = "|el miércoles|la semana pasada|el mes pasado|lunes o martes|el 31 de febrero|32 de enero|3/13/2020|el martes 25 de noviembre|hace mucho|hace días|no sé|sí|no|4521|mi tarjeta|¿hoy?|ayer u hoy|3 de marzo del 1500|tres tres noventa|en marzo|el 29 de febrero|hace tres";
    check("es-MX", false, &[("", all)]);
    check("en", false, &[("", "03/04/1990|4/5"), ("1990-03-13", "13/03/1990|03/13/1990")]);
    let without_today = Setting::of("es-MX");
    assert_eq!(read("ayer", false, &without_today), None);
    assert!(read("3 de marzo de 1990", false, &without_today).is_some());
}

#[test]
fn english_dates_are_read() {
    check(
        "en-US",
        false,
        &[
            ("2026-11-24", "yesterday|last tuesday|on tuesday"),
            ("2026-11-22", "three days ago|sunday"),
            ("1990-03-04", "03/04/1990|march fourth nineteen ninety|the fourth of march 1990|March 4th, 1990"),
        ],
    );
}

#[test]
fn eight_keys_are_a_date() {
    assert_eq!(keyed("03031990", &setting("es-MX")), Date::new(1990, 3, 3).ok());
    for keys in ["", "0303199", "31021990", "030319900"] {
        assert_eq!(keyed(keys, &setting("es-MX")), None, "{keys}");
    }
}

const MONTHS: [&str; 12] = ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"];

proptest! {
    #[test]
    fn a_date_reads_back_from_every_form(year in 1930i16..2026, month in 1i8..=12, day in 1i8..=28) {
        let date = Date::new(year, month, day).ok();
        let name = MONTHS[usize::try_from(month - 1).unwrap_or_default()];
        let forms = [
            format!("{day:02}/{month:02}/{year}"),
            format!("{day}-{month}-{year}"),
            format!("{year}-{month:02}-{day:02}"),
            format!("el {day} de {name} de {year}"),
            format!("{day} de {name} del {year}, por favor"),
            format!("{day} del {month} del {year}"),
        ];
        for said in &forms {
            prop_assert_eq!(read(said, false, &setting("es-PE")), date, "{}", said);
        }
    }
}
