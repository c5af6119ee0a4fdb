//! `action_verify_card`: which card of the caller's is meant, and whether it can be reported.
//!
//! Lives here: the order of questions to the bank, and the one answer the flow branches on.
//! Never here: opening the request (`report.rs`): this action only reads.

use crate::card::{Card, Kind, State};
use centralita_plugin::{Failure, Moment, Run, Value};

/// What the caller chose instead of digits, or between two cards with the same digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    One(Kind),
    All,
}

/// What became of the question; the slot `verification` spells it.
#[derive(Debug)]
enum Verdict {
    /// These cards can be reported.
    Active(Vec<Card>),
    /// No card that could be reported. Foreign digits and wrong ones sound the same.
    Unknown,
    /// The bank has blocked it already.
    Blocked(Card),
    /// Debit or credit? Both have these digits.
    Ambiguous,
    /// It was reported before, under this code.
    OpenRequest(Card, String),
    /// The number (and the client id, if given) is of no client.
    NoClient,
}

/// Reads the client and the cards in at most three statements and sets every slot it writes, so that nothing of
/// an earlier attempt stays behind.
pub(crate) fn verify_card(run: &Run) -> Result<(), Failure> {
    let client = client(run)?;
    let verdict = match &client {
        None => Verdict::NoClient,
        Some((client, _)) => judge(run, client)?,
    };
    let (client, name) = client.unzip();
    run.set("client", client);
    run.set("client_name", name.flatten());
    tell(run, verdict)
}

/// The client who owns the calling number; failing that, the client whose id the caller gave.
fn client(run: &Run) -> Result<Option<(String, Option<String>)>, Failure> {
    for (slot, statement) in [("call.number", "client-by-phone"), ("client_id", "client-by-id")] {
        let known = run.slot(slot);
        if known == Value::None {
            continue;
        }
        if let Some(row) = run.query(statement, &[known])?.first()
            && let Some(client) = row.text("client")
        {
            return Ok(Some((client.to_owned(), row.text("name").map(str::to_owned))));
        }
    }
    Ok(None)
}

fn judge(run: &Run, client: &str) -> Result<Verdict, Failure> {
    let choice = match run.text("card_choice").as_deref() {
        Some("debit") => Some(Choice::One(Kind::Debit)),
        Some("credit") => Some(Choice::One(Kind::Credit)),
        Some("all") => Some(Choice::All),
        _ => None,
    };
    let digits = run.slot("last4");
    let rows = match (&digits, choice) {
        (Value::None, None) => return Ok(Verdict::Unknown),
        (Value::None, Some(_)) => run.query("cards-of-client", &[client.into()])?,
        (digits, _) => run.query("cards-by-digits", &[client.into(), digits.clone()])?,
    };
    let mut cards: Vec<_> = rows.iter().filter_map(Card::read).collect();
    if let Some(Choice::One(kind)) = choice {
        cards.retain(|card| card.kind == Some(kind));
    }
    Ok(weigh(cards, choice))
}

/// The rules, over the cards that fit what the caller said.
fn weigh(cards: Vec<Card>, choice: Option<Choice>) -> Verdict {
    let (active, other): (Vec<_>, Vec<_>) = cards.into_iter().partition(|card| card.state == State::Active);
    if choice.is_none() && active.iter().any(|card| card.kind != active[0].kind) {
        return Verdict::Ambiguous;
    }
    let (reported, free): (Vec<_>, Vec<_>) = active.into_iter().partition(|card| card.code.is_some());
    if !free.is_empty() {
        return Verdict::Active(free);
    }
    if let Some(card) = reported.into_iter().next()
        && let Some(code) = card.code.clone()
    {
        return Verdict::OpenRequest(card, code);
    }
    let blocked = other.into_iter().filter(|card| card.state == State::Blocked);
    blocked.max_by(|a, b| a.blocked_on.cmp(&b.blocked_on)).map_or(Verdict::Unknown, Verdict::Blocked)
}

fn tell(run: &Run, verdict: Verdict) -> Result<(), Failure> {
    let (mut cards, mut code, mut blocked_on) = (Vec::new(), None, None);
    let word = match verdict {
        Verdict::Active(found) => {
            cards = found;
            "active"
        }
        Verdict::Unknown => "unknown",
        Verdict::Blocked(card) => {
            blocked_on = card.blocked_on.as_deref().map(Moment::parse).transpose()?.map(|date| date.spoken_date());
            describe(run, &[card]);
            "blocked"
        }
        Verdict::Ambiguous => "ambiguous",
        Verdict::OpenRequest(card, open) => {
            code = Some(open);
            describe(run, &[card]);
            "open_request"
        }
        Verdict::NoClient => "no_client",
    };
    if !matches!(word, "blocked" | "open_request") {
        describe(run, &cards);
    }
    run.set("cards_count", u32::try_from(cards.len()).unwrap_or(u32::MAX));
    run.set("cards", if cards.is_empty() { Value::None } else { tokens(cards).into() });
    run.set("blocked_on_spoken", blocked_on);
    run.set("request_code", code);
    run.set("verification", word);
    Ok(())
}

/// The digits when there is one card, the kind when all have the same.
fn describe(run: &Run, cards: &[Card]) {
    let last4 = if let [card] = cards { card.last4.clone() } else { None };
    let kind = cards.first().and_then(|card| card.kind).filter(|kind| cards.iter().all(|card| card.kind == Some(*kind)));
    run.set("card_last4", last4);
    run.set("card_kind_spoken", kind.map(Kind::spoken));
}

fn tokens(cards: Vec<Card>) -> Vec<String> {
    cards.into_iter().map(|card| card.token).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_plugin::{Fake, Row};

    /// The columns `card`, `kind`, `last4`, `status`, `blocked_on`, `code`.
    type Line = [&'static str; 6];

    fn row(columns: &[(&str, &str)]) -> Row {
        let value = |text: &str| {
            if text.is_empty() { Value::None } else { text.into() }
        };
        Row::new(columns.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect())
    }

    /// A client `cli1` behind the number `tel1` and the id `100001`, with these cards.
    fn bank(cards: &'static [Line]) -> Fake {
        let rows = |cards: &[Line], last4: Option<&str>| {
            let names = ["card", "kind", "last4", "status", "blocked_on", "code"];
            let fits = cards.iter().filter(|card| last4.is_none_or(|last4| card[2] == last4));
            Ok(fits.map(|card| row(&names.iter().copied().zip(*card).collect::<Vec<_>>())).collect())
        };
        let client = |known: &'static str| {
            move |asked: &[Value]| {
                let found = asked == [known.into()];
                Ok(found.then(|| row(&[("client", "cli1"), ("name", "nom1")])).into_iter().collect())
            }
        };
        Fake::at("2026-11-23T14:32:00-06:00")
            .slot("call.number", "tel1")
            .slot("cards", "left from before")
            .slot("request_code", "left from before")
            .statement("client-by-phone", client("tel1"))
            .statement("client-by-id", client("100001"))
            .statement("cards-by-digits", move |asked| rows(cards, asked[1].as_text()))
            .statement("cards-of-client", move |_| rows(cards, None))
    }

    const DEMO: &[Line] =
        &[["c1", "debit", "4521", "active", "", ""], ["c2", "credit", "7788", "active", "", ""], ["c3", "credit", "9012", "blocked", "2026-01-15", ""]];
    const TWINS: &[Line] = &[["c1", "debit", "5555", "active", "", ""], ["c2", "credit", "5555", "active", "", ""]];
    const REPORTED: &[Line] = &[["c1", "debit", "4521", "active", "", "123456780"], ["c2", "prepaid", "1111", "expired", "", ""]];

    /// The verdict, the cards, their count, the digits, the kind, the date and the code, in one line.
    #[track_caller]
    fn check(cards: &'static [Line], last4: &str, choice: &str, expected: &str) {
        let fake = bank(cards).slot("last4", Some(last4).filter(|t| !t.is_empty())).slot("card_choice", choice);
        verify_card(&fake.run()).expect("an answer");
        let text = |slot: &str| fake.value(slot).as_text().unwrap_or("-").to_owned();
        let heard = format!(
            "{} {:?} {:?} {} {} {} {}",
            text("verification"),
            fake.value("cards").into_items(),
            fake.value("cards_count").as_number(),
            text("card_last4"),
            text("card_kind_spoken"),
            text("blocked_on_spoken"),
            text("request_code"),
        );
        assert_eq!(heard, expected);
        assert!(fake.asked().len() <= 5);
    }

    #[test]
    fn digits_of_an_active_card_are_enough() {
        check(DEMO, "4521", "", r#"active ["c1"] Some(1.0) 4521 de débito - -"#);
    }

    #[test]
    fn foreign_digits_expired_cards_and_nothing_at_all_are_unknown() {
        for (last4, choice) in [("0000", ""), ("1111", ""), ("4521", "credit"), ("", ""), ("", "credit")] {
            check(REPORTED, last4, choice, "unknown [] Some(0.0) - - - -");
        }
    }

    #[test]
    fn a_blocked_card_comes_with_its_date() {
        check(DEMO, "9012", "", "blocked [] Some(0.0) 9012 de crédito 15 de enero de 2026 -");
    }

    #[test]
    fn twins_ask_for_the_kind_and_the_kind_decides() {
        check(TWINS, "5555", "", "ambiguous [] Some(0.0) - - - -");
        check(TWINS, "5555", "credit", r#"active ["c2"] Some(1.0) 5555 de crédito - -"#);
        check(TWINS, "5555", "all", r#"active ["c1", "c2"] Some(2.0) - - - -"#);
    }

    #[test]
    fn a_reported_card_gives_its_code_again() {
        check(REPORTED, "4521", "", "open_request [] Some(0.0) 4521 de débito - 123456780");
        check(REPORTED, "", "all", "open_request [] Some(0.0) 4521 de débito - 123456780");
    }

    #[test]
    fn without_digits_the_kind_or_all_active_cards_are_taken() {
        check(DEMO, "", "credit", r#"active ["c2"] Some(1.0) 7788 de crédito - -"#);
        check(DEMO, "", "all", r#"active ["c1", "c2"] Some(2.0) - - - -"#);
        check(
            &[["c1", "debit", "1", "active", "", "9"], ["c2", "debit", "2", "active", "", ""], ["c3", "debit", "3", "active", "", ""]],
            "",
            "debit",
            r#"active ["c2", "c3"] Some(2.0) - de débito - -"#,
        );
    }

    #[test]
    fn an_unknown_number_is_asked_for_its_client_id() {
        let fake = bank(DEMO).slot("call.number", "tel9").slot("last4", "4521");
        verify_card(&fake.run()).expect("an answer");
        assert_eq!(fake.value("verification"), "no_client".into());
        assert_eq!((fake.value("client"), fake.value("cards")), (Value::None, Value::None));

        let fake = fake.slot("client_id", "100001");
        verify_card(&fake.run()).expect("an answer");
        assert_eq!(fake.value("verification"), "active".into());
        assert_eq!((fake.value("client"), fake.value("client_name")), ("cli1".into(), "nom1".into()));
    }

    #[test]
    fn a_withheld_number_asks_no_statement_for_it() {
        let fake = bank(DEMO).slot("call.number", Value::None);
        verify_card(&fake.run()).expect("an answer");
        assert_eq!(fake.value("verification"), "no_client".into());
        assert!(fake.asked().is_empty());
    }

    #[test]
    fn a_bank_that_does_not_answer_ends_the_action_with_its_kind() {
        let fake = bank(DEMO).statement("client-by-phone", |_| Err(Failure::unavailable("down")));
        assert_eq!(verify_card(&fake.run()).expect_err("down").kind, "unavailable");
        assert_eq!(fake.value("verification"), Value::None);
    }
}
