//! Every way to give the last four digits, with every outcome of the verification.
//!
//! Lives here: the matrix, the question for the kind of card, who calls.
//! Never here: what happens around the report (`experiences.rs`), consent (`consent.rs`).

use crate::house::{BOTH, Changes, House};
use crate::truth::{Request, Watched, all, open, requests, spelled};
use serde_json::Value as Json;
use std::sync::Arc;
use tokio::task::JoinSet;

/// How many callers call at once.
const LINES: usize = 8;
/// Whole card numbers that end in 4521 and 3096; no bank issued them.
const WHOLE: [&str; 2] = ["5152374709184521", "5152344709183096"];

/// A way to give the digits: 4521, which other clients have too, and 3096, which nobody has.
struct Form {
    given: [&'static str; 2],
    /// Whether a whole card number is given.
    whole: bool,
}

const fn part(known: &'static str, nobodys: &'static str) -> Form {
    Form { given: [known, nobodys], whole: false }
}

const fn whole(known: &'static str, nobodys: &'static str) -> Form {
    Form { given: [known, nobodys], whole: true }
}

const FORMS: [Form; 14] = [
    part("4521", "3096"),
    part("4 5 2 1", "3 0 9 6"),
    part("45 21", "30 96"),
    part("cuarenta y cinco veintiuno", "treinta noventa y seis"),
    part("cuatro cinco dos uno", "tres cero nueve seis"),
    part("termina en 4521, por favor", "termina en 3096, por favor"),
    part("cuatro mil quinientos veintiuno", "tres mil noventa y seis"),
    part("keys:4521#", "keys:3096#"),
    part("keys:4521", "keys:3096"),
    whole("5152374709184521", "5152344709183096"),
    whole("es la 5152 3747 0918 4521", "es la 5152 3447 0918 3096"),
    whole(
        "cincuenta y uno cincuenta y dos treinta y siete cuarenta y siete cero nueve dieciocho cuarenta y cinco veintiuno",
        "cincuenta y uno cincuenta y dos treinta y cuatro cuarenta y siete cero nueve dieciocho treinta noventa y seis",
    ),
    whole("keys:5152374709184521#", "keys:5152344709183096#"),
    whole("keys:5152374709184521", "keys:5152344709183096"),
];

/// What is true of the card behind the digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    /// The caller's, active.
    Active,
    /// Nobody's.
    Unknown,
    /// Somebody else's.
    Foreign,
    /// The caller's, blocked by the bank.
    Blocked,
    /// Two cards of the caller end so.
    Twins,
    /// The caller's, and reported before.
    Reported,
    /// The calling number is nobody's; the client id is good.
    Stranger,
    /// The calling number is nobody's, and so is the client id.
    Nobody,
}

const TRUTHS: [Truth; 8] = [Truth::Active, Truth::Unknown, Truth::Foreign, Truth::Blocked, Truth::Twins, Truth::Reported, Truth::Stranger, Truth::Nobody];

/// What the caller says first, the reason that is recorded, the ticket's priority.
const OPENINGS: [(&str, &str, u8); 4] = [
    ("me robaron la tarjeta", "stolen", 4),
    ("perdí mi tarjeta", "lost", 3),
    ("me clonaron la tarjeta", "fraud", 4),
    ("necesito bloquear mi tarjeta", "unknown", 3),
];

/// One call of the matrix, by a client of its own.
#[derive(Clone, Copy)]
struct Case {
    number: usize,
    form: usize,
    truth: Truth,
}

impl Case {
    fn all() -> Vec<Self> {
        let pairs = (0..FORMS.len()).flat_map(|form| TRUTHS.map(|truth| (form, truth)));
        pairs.enumerate().map(|(number, (form, truth))| Self { number, form, truth }).collect()
    }

    fn client(self) -> String {
        (300_000 + self.number).to_string()
    }

    /// The client's number, as the bank keeps it.
    fn phone(self) -> String {
        let old = if self.number % 5 == 1 { "1" } else { "" };
        format!("+52{old}55200{:05}", self.number)
    }

    /// The number that calls; a stranger's is nobody's. Mexico's old mobile prefix is the same number.
    fn from(self) -> String {
        let old = if self.number % 3 == 1 { "1" } else { "" };
        let block = if matches!(self.truth, Truth::Stranger | Truth::Nobody) { "55300" } else { "55200" };
        format!("+52{old}{block}{:05}", self.number)
    }

    fn given(self) -> &'static str {
        FORMS[self.form].given[usize::from(self.truth == Truth::Unknown)]
    }

    /// Kind, digits, status, date of the client's cards.
    fn cards(self) -> Vec<[&'static str; 4]> {
        match self.truth {
            Truth::Active | Truth::Reported | Truth::Stranger | Truth::Nobody => vec![["debit", "4521", "active", ""], ["credit", "7788", "active", ""]],
            Truth::Unknown | Truth::Foreign => vec![["debit", "1234", "active", ""]],
            Truth::Blocked => vec![["debit", "4521", "blocked", "2026-01-15"], ["credit", "7788", "active", ""]],
            Truth::Twins => vec![["debit", "4521", "active", ""], ["credit", "4521", "active", ""]],
        }
    }

    /// A code that was given in an earlier call.
    fn code(self) -> String {
        format!("{:09}", 900_000_000 + self.number)
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() { "null".to_owned() } else { format!("'{text}'") }
}

/// The clients of these cases, their cards, and what they reported before.
async fn move_in(house: &House, cases: &[Case]) {
    let clients: Vec<String> = cases.iter().map(|case| format!("('{0}', 'Cliente {0}', '{1}')", case.client(), case.phone())).collect();
    house.rows(&format!("insert into clients (client_id, name, phone) values {}", clients.join(", "))).await;
    let cards: Vec<String> = cases.iter().flat_map(|case| rows_of(&case.client(), &case.cards())).collect();
    cards_in(house, &cards).await;
    let reported: Vec<String> = cases
        .iter()
        .filter(|case| case.truth == Truth::Reported)
        .map(|case| {
            format!(
                "('{0}', '{0}-0', 'block', '{2}', 'lost', '{1}', current_timestamp, 'earlier')",
                case.client(),
                case.code(),
                ["pending", "ticketed"][case.number % 2]
            )
        })
        .collect();
    house
        .rows(&format!(
            "insert into blocking_requests (client_id, card_reference, request_type, status, reason, code, noticed_at, call) values {}",
            reported.join(", ")
        ))
        .await;
}

fn rows_of(client: &str, cards: &[[&str; 4]]) -> Vec<String> {
    let row =
        |(at, [kind, digits, status, date]): (usize, &[&str; 4])| format!("('{client}-{at}', '{client}', '{digits}', '{kind}', '{status}', {})", quoted(date));
    cards.iter().enumerate().map(row).collect()
}

async fn cards_in(house: &House, rows: &[String]) {
    // PostgreSQL takes the type of a date from its column only where the values stand alone.
    for row in rows {
        house.rows(&format!("insert into cards (reference, client_id, last_four_digits, card_type, status, blocked_at) values {row}")).await;
    }
}

/// The ticket that carries this code.
fn ticket_of(house: &House, code: &str) -> Vec<Json> {
    let carries = |ticket: &Json| {
        ticket["subject"].as_str().is_some_and(|subject| subject.contains(code)) || ticket["description"].as_str().is_some_and(|text| text.contains(code))
    };
    house.desk.tickets().into_iter().filter(carries).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_the_digits_meets_every_outcome_of_the_verification() {
    for on in BOTH {
        let Some(house) = open(on, "every_form_of_the_digits", Changes::default()).await else { continue };
        let cases = Case::all();
        move_in(&house, &cases).await;
        let mut lines = JoinSet::new();
        for line in 0..LINES {
            let (house, cases) = (house.clone(), cases.clone());
            lines.spawn(async move {
                for case in cases.into_iter().skip(line).step_by(LINES) {
                    Play::of(&house, case).await.play().await;
                }
            });
        }
        all(lines).await;
        let reports = cases.iter().filter(|case| !matches!(case.truth, Truth::Blocked | Truth::Reported | Truth::Nobody | Truth::Foreign)).count();
        assert_eq!(house.desk.tickets().len(), reports, "one ticket for each report, and no other");
        nowhere_whole(&house).await;
    }
}

/// One call of the matrix.
struct Play {
    case: Case,
    call: Watched,
    /// What is said before anything else when a whole number was given.
    told: Vec<&'static str>,
}

impl Play {
    async fn of(house: &Arc<House>, case: Case) -> Self {
        let mut call = Watched::ring(house, &case.from()).await;
        assert_eq!(call.said.len(), 1, "{:?}", call.said);
        call.say(OPENINGS[case.number % 4].0).await;
        assert_eq!(call.said, ["utter_ask_last4"]);
        assert!(call.text().contains("número completo"), "the question warns");
        let told = if FORMS[case.form].whole { vec!["utter_never_say_card_number"] } else { Vec::new() };
        Self { case, call, told }
    }

    #[track_caller]
    fn hears(&self, responses: &[&str]) {
        let case = self.case;
        assert_eq!(self.call.said, responses, "«{}», {:?}, client {}: {}", case.given(), case.truth, case.client(), self.call.text());
    }

    /// Gives the digits; the warning about whole numbers comes before these responses.
    async fn gives(&mut self, then: &[&str]) {
        self.call.answer(self.case.given()).await;
        let expected: Vec<&str> = self.told.iter().chain(then).copied().collect();
        self.hears(&expected);
    }

    async fn play(mut self) {
        match self.case.truth {
            Truth::Active => {
                self.gives(&["utter_ask_confirm_block"]).await;
                self.confirms("4521", "0", "de débito").await;
            }
            Truth::Unknown => {
                self.is_not_found().await;
                self.call.answer(["keys:1", "la de débito"][self.case.number % 2]).await;
                self.hears(&["utter_ask_confirm_block"]);
                self.confirms("1234", "0", "de débito").await;
            }
            Truth::Foreign => {
                self.is_not_found().await;
                self.call.answer(["keys:2", "la de crédito"][self.case.number % 2]).await;
                self.hears(&["utter_no_card_to_report", "utter_ask_wants_person"]);
                self.leaves_nothing().await;
            }
            Truth::Blocked => {
                self.gives(&["utter_already_blocked", "utter_ask_wants_person"]).await;
                assert!(self.call.text().contains("terminada en 4-5-2-1 ya está bloqueada desde el 15 de enero de 2026"), "{}", self.call.text());
                self.leaves_nothing().await;
            }
            Truth::Twins => {
                self.gives(&["utter_ask_debit_or_credit"]).await;
                let (answer, at, kind) =
                    [("keys:1", "0", "de débito"), ("la de crédito", "1", "de crédito"), ("débito", "0", "de débito"), ("keys:2", "1", "de crédito")]
                        [self.case.form % 4];
                self.call.answer(answer).await;
                self.hears(&["utter_ask_confirm_block"]);
                self.confirms("4521", at, kind).await;
            }
            Truth::Reported => {
                self.gives(&["utter_already_reported", "utter_ask_wants_person"]).await;
                let code = self.case.code();
                assert!(self.call.text().contains(&format!("código es {}", spelled(&code))), "{}", self.call.text());
                self.leaves_nothing().await;
                assert_eq!(ticket_of(&self.call.house, &code).len(), 0, "no second ticket");
            }
            Truth::Stranger => {
                self.gives(&["utter_ask_client_id"]).await;
                self.says_client(&self.case.client()).await;
                self.hears(&["utter_ask_confirm_block"]);
                self.confirms("4521", "0", "de débito").await;
            }
            Truth::Nobody => {
                self.gives(&["utter_ask_client_id"]).await;
                self.says_client("987654").await;
                self.hears(&["utter_unverified_recorded", "utter_transfer"]);
                assert_eq!(self.call.dialled(), Some("+525500000000"));
                let rows = self.call.requests().await;
                let expected = Request {
                    kind: "unverified".into(),
                    status: "unverified".into(),
                    reason: OPENINGS[self.case.number % 4].1.into(),
                    client: String::new(),
                    card: String::new(),
                    code: String::new(),
                    ticket: String::new(),
                    call_back: format!("+5255300{:05}", self.case.number),
                };
                assert_eq!(rows, [expected]);
            }
        }
        self.is_stored_without_whole_number().await;
    }

    /// Unknown and foreign digits: one same sentence, a second chance, then only the kind is asked.
    async fn is_not_found(&mut self) {
        self.gives(&["utter_card_not_found", "utter_ask_last4_again"]).await;
        let twice = "No encuentro entre tus tarjetas una con esos dígitos. Dime otra vez los últimos cuatro dígitos, o márcalos en el teclado.";
        assert!(self.call.text().ends_with(twice), "{}", self.call.text());
        self.gives(&["utter_card_not_found", "utter_ask_card_choice"]).await;
        assert!(self.call.text().contains("Marca uno para débito, dos para crédito o tres para todas"), "{}", self.call.text());
    }

    async fn says_client(&mut self, id: &str) {
        let answer = match self.case.form % 3 {
            0 => format!("keys:{id}#"),
            1 => id.to_owned(),
            _ => format!("mi número de cliente es {}", spelled(id).replace('-', " ")),
        };
        self.call.answer(&answer).await;
    }

    /// The caller's yes: a row, a ticket, what is true, and a person is offered.
    async fn confirms(&mut self, digits: &str, card: &str, kind: &str) {
        assert!(self.call.text().contains(&format!("tu tarjeta terminada en {} para su bloqueo", spelled(digits))), "{}", self.call.text());
        assert_eq!(self.call.requests().await, [], "nothing is written before the yes");
        self.call.answer(["sí", "keys:1", "sí, por favor"][self.case.number % 3]).await;
        self.hears(&["utter_report_registered", "utter_ticket_created", "utter_not_blocked_yet", "utter_ask_wants_person"]);
        let rows = self.call.requests().await;
        let (client, (_, reason, priority)) = (self.case.client(), OPENINGS[self.case.number % 4]);
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!([&row.kind, &row.status, &row.reason, &row.client, &row.card], ["block", "ticketed", reason, &client, &format!("{client}-{card}")]);
        assert!(row.code.len() == 9 && row.code.bytes().all(|byte| byte.is_ascii_digit()), "{}", row.code);
        assert_eq!(row.call_back, self.case.from().replace("+521", "+52"));
        let tickets = ticket_of(&self.call.house, &row.code);
        let [ticket] = &tickets[..] else { panic!("{} tickets", tickets.len()) };
        assert_eq!(ticket["id"].to_string(), row.ticket);
        assert_eq!(ticket["subject"], format!("Bloquear tarjeta {kind} terminada en {digits} (folio {})", row.code));
        for (field, value) in [("status", 2), ("priority", priority), ("source", 3)] {
            assert_eq!(ticket[field], value, "{field}");
        }
        assert_eq!(ticket["type"], "Incident");
        assert_eq!(&ticket["tags"].as_array().unwrap()[..2], ["centralita", "bloqueo"]);
        let description = ticket["description"].as_str().unwrap();
        let spoken = match reason {
            "stolen" => "robada",
            "lost" => "extraviada",
            "fraud" => "con cargos que el cliente no reconoce",
            _ => "sin precisar el motivo",
        };
        for part in [&format!("tarjeta {kind} terminada en {digits}"), &format!("Reportada como: {spoken}"), &row.code, &row.call_back] {
            assert!(description.contains(part), "{part} in {description}");
        }
        self.call.answer(["no", "keys:2", "no gracias"][self.case.number % 3]).await;
        assert!(self.call.hung_up() && self.call.said[0].starts_with("utter_goodbye"), "{:?}", self.call.said);
    }

    /// Nothing was written; a person is offered, and taken or not.
    async fn leaves_nothing(&mut self) {
        assert_eq!(self.call.requests().await, []);
        if self.case.number.is_multiple_of(2) {
            self.call.answer("sí").await;
            self.hears(&["utter_transfer"]);
            assert_eq!(self.call.dialled(), Some("+525500000000"));
        } else {
            self.call.answer("keys:2").await;
            assert!(self.call.hung_up() && self.call.said[0].starts_with("utter_goodbye"), "{:?}", self.call.said);
        }
    }

    /// The events say that a number was destroyed, and do not hold it.
    async fn is_stored_without_whole_number(&self) {
        let stored = serde_json::to_string(&self.call.events().await).unwrap();
        let form = &FORMS[self.case.form];
        assert_eq!(stored.contains("\"destroyed\":true"), form.whole, "«{}»", self.case.given());
        for number in WHOLE.iter().flat_map(|number| [number, &number[..12], &number[4..16]]) {
            assert!(!digits_of(&stored).contains(number), "«{}» is in the events", self.case.given());
        }
        assert!(!stored.contains("cincuenta y dos"), "«{}» is in the events", self.case.given());
    }
}

/// The digits of a text where only blanks and hyphens stand between them.
fn digits_of(text: &str) -> String {
    text.replace([' ', '-'], "")
}

/// The desk's tickets and the bytes of the database hold no whole number.
async fn nowhere_whole(house: &House) {
    let mut places = vec![serde_json::to_vec(&house.desk.tickets()).unwrap()];
    if let Some(path) = house.database.strip_prefix("sqlite:") {
        for ending in ["", "-wal"] {
            places.extend(std::fs::read(format!("{path}{ending}")));
        }
        assert!(places.len() > 1 && places[1].len() > 100_000, "the database was looked at");
    } else {
        let tables = "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'";
        for table in house.rows(tables).await {
            let rows = house.rows(&format!("select cast(t.* as text) from {} t", table[0])).await;
            places.extend(rows.into_iter().map(|row| row.concat().into_bytes()));
        }
    }
    for number in
        WHOLE.iter().flat_map(|number| [number.to_string(), number[..12].to_owned(), format!("{} {} {}", &number[..4], &number[4..8], &number[8..12])])
    {
        let holds = |place: &Vec<u8>| place.windows(number.len()).any(|bytes| bytes == number.as_bytes());
        assert!(!places.iter().any(holds), "a whole card number is stored");
    }
}

/// A caller with four cards: two active, one blocked, one expired.
async fn four_cards(house: &House, number: usize) -> (String, String) {
    let (client, phone) = ((400_000 + number).to_string(), format!("+5255400{number:05}"));
    house.rows(&format!("insert into clients (client_id, name, phone) values ('{client}', 'Cliente {client}', '{phone}')")).await;
    let cards =
        [["debit", "4521", "active", ""], ["credit", "7788", "active", ""], ["credit", "9012", "blocked", "2026-01-15"], ["prepaid", "3333", "expired", ""]];
    cards_in(house, &rows_of(&client, &cards)).await;
    (client, phone)
}

/// What leads away from the digits: each is a list of answers to the question for them.
const NO_DIGITS: [&[&str]; 6] = [
    &["no me los sé"],
    &["no los tengo a la mano"],
    &["el perro azul salta", "las nubes de colores"],
    &["keys:12#", "keys:99"],
    &["el perro azul salta", "no me acuerdo"],
    &["0000", "no me los sé"],
];

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_know_the_digits_is_asked_for_the_kind_and_all_is_one_ticket() {
    // The answer, the cards that are reported by it.
    const ANSWERS: [(&str, &[&str]); 6] =
        [("keys:1", &["0"]), ("la de débito", &["0"]), ("keys:2", &["1"]), ("la de crédito", &["1"]), ("keys:3", &["0", "1"]), ("todas", &["0", "1"])];
    for on in BOTH {
        let Some(house) = open(on, "who_does_not_know_the_digits", Changes::default()).await else { continue };
        let mut lines = JoinSet::new();
        for (number, way) in NO_DIGITS.into_iter().enumerate() {
            let house = house.clone();
            lines.spawn(async move {
                for (at, (answer, cards)) in ANSWERS.into_iter().enumerate() {
                    let (client, phone) = four_cards(&house, number * ANSWERS.len() + at).await;
                    let mut call = Watched::ring(&house, &phone).await;
                    call.say("me robaron la tarjeta").await;
                    for missed in way {
                        let asked = call.said.last().is_some_and(|last| last.starts_with("utter_ask_last4"));
                        assert!(asked, "{way:?}: {:?}", call.said);
                        call.answer(missed).await;
                    }
                    assert_eq!(call.said.last().unwrap(), "utter_ask_card_choice", "{way:?}: {}", call.text());
                    call.answer(answer).await;
                    assert_eq!(call.said, ["utter_ask_confirm_block"], "{way:?}, {answer}");
                    let which = if cards.len() > 1 { "tus 2 tarjetas" } else { ["4-5-2-1", "7-7-8-8"][usize::from(cards == ["1"])] };
                    assert!(call.text().contains(which), "{answer}: {}", call.text());
                    call.answer("sí").await;
                    let rows = call.requests().await;
                    let reported: Vec<String> = rows.iter().map(|row| row.card.clone()).collect();
                    assert_eq!(reported, cards.iter().map(|at| format!("{client}-{at}")).collect::<Vec<_>>());
                    assert!(rows.iter().all(|row| row.code == rows[0].code && row.ticket == rows[0].ticket && row.status == "ticketed"), "{rows:?}");
                    let tickets = ticket_of(&house, &rows[0].code);
                    assert_eq!(tickets.len(), 1);
                    for at in cards {
                        let card = ["tarjeta de débito terminada en 4521", "tarjeta de crédito terminada en 7788"][usize::from(*at == "1")];
                        assert!(tickets[0]["description"].as_str().unwrap().contains(card), "{card}");
                    }
                    assert!(!tickets[0]["description"].as_str().unwrap().contains("terminada en 9012"));
                    let plural = call.text().contains("tus tarjetas todavía no están bloqueadas");
                    assert_eq!(plural, cards.len() > 1, "{}", call.text());
                }
            });
        }
        all(lines).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reporting_all_leaves_alone_what_is_reported_already_and_a_second_call_hears_the_code_again() {
    for on in BOTH {
        let Some(house) = open(on, "reporting_all_leaves_alone", Changes::default()).await else { continue };
        let mut first = Watched::ring(&house, "+525500000001").await;
        for answer in ["me robaron la tarjeta", "4521", "sí"] {
            first.answer(answer).await;
        }
        let one = first.requests().await.remove(0);
        // The same card again: its code, no second ticket.
        let mut second = Watched::ring(&house, "+5215500000001").await;
        for answer in ["perdí mi tarjeta", "keys:4521#"] {
            second.answer(answer).await;
        }
        assert_eq!(second.said, ["utter_already_reported", "utter_ask_wants_person"]);
        assert!(second.text().contains(&spelled(&one.code)), "{}", second.text());
        assert_eq!(second.requests().await, []);
        // All: only the card without an open request; the blocked one neither.
        let mut third = Watched::ring(&house, "+525500000001").await;
        for answer in ["perdí mi tarjeta", "no me los sé", "keys:3"] {
            third.answer(answer).await;
        }
        assert!(third.text().contains("terminada en 7-7-8-8"), "{}", third.text());
        third.answer("keys:1").await;
        let rows = third.requests().await;
        assert_eq!(rows.iter().map(|row| row.card.as_str()).collect::<Vec<_>>(), ["demo-100001-2"]);
        assert_ne!(rows[0].code, one.code);
        assert_eq!(house.desk.tickets().len(), 2);
        assert_eq!(requests(&house, first.sid()).await, [one]);
        // All again: everything is reported, so a code is heard and nothing happens.
        let mut fourth = Watched::ring(&house, "+525500000001").await;
        for answer in ["perdí mi tarjeta", "no me los sé", "todas"] {
            fourth.answer(answer).await;
        }
        assert_eq!(fourth.said, ["utter_already_reported", "utter_ask_wants_person"]);
        assert_eq!((fourth.requests().await.len(), house.desk.tickets().len()), (0, 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_calls_that_confirm_the_same_card_at_once_make_one_row_and_one_ticket() {
    for on in BOTH {
        let Some(house) = open(on, "two_calls_confirm_at_once", Changes::default()).await else { continue };
        let mut callers = Vec::new();
        for _ in 0..2 {
            let mut call = Watched::ring(&house, "+525500000001").await;
            call.answer("me robaron la tarjeta").await;
            call.answer("4521").await;
            assert_eq!(call.said, ["utter_ask_confirm_block"]);
            callers.push(call);
        }
        let (one, other) = callers.split_at_mut(1);
        let (one, other) = (&mut one[0], &mut other[0]);
        tokio::join!(one.answer("sí"), other.answer("sí"));
        let firsts = [&one.said[0], &other.said[0]];
        assert!(firsts.contains(&&"utter_report_registered".to_owned()) && firsts.contains(&&"utter_already_reported".to_owned()), "{firsts:?}");
        assert_eq!((house.requests().await.len(), house.tickets(1).await.len()), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withheld_number_is_nobodys_and_the_client_id_is_asked_once() {
    for on in BOTH {
        let Some(house) = open(on, "a_withheld_number", Changes::default()).await else { continue };
        for from in ["+266696687", "anonymous", "+525500000009"] {
            // Found by the client id.
            let mut call = Watched::ring(&house, from).await;
            for answer in ["me robaron la tarjeta", "4521", "cien mil uno"] {
                call.answer(answer).await;
            }
            assert_eq!(call.said, ["utter_ask_confirm_block"], "{from}");
            call.answer("no").await;
            assert_eq!(call.said, ["utter_nothing_reported", "utter_ask_wants_person"]);
            // Never found: not understood, not known, no number.
            for answer in ["no me lo sé", "keys:111111#", "el perro azul salta"] {
                let mut call = Watched::ring(&house, from).await;
                for answer in ["perdí mi tarjeta", "keys:4521#", answer] {
                    call.answer(answer).await;
                }
                assert_eq!(call.said, ["utter_unverified_recorded", "utter_transfer"], "{from}: {answer}");
                let rows = call.requests().await;
                let call_back = if from == "+525500000009" { from } else { "" };
                assert_eq!((rows.len(), rows[0].status.as_str(), rows[0].call_back.as_str()), (1, "unverified", call_back));
                let noticed = house.rows(&format!("select cast(noticed_at as text) from blocking_requests where call = '{}'", call.sid())).await;
                assert!(noticed[0][0].starts_with("20"), "{noticed:?}");
                assert_eq!(call.dialled(), Some("+525500000000"));
            }
        }
        assert_eq!(house.desk.tickets().len(), 0);
    }
}
