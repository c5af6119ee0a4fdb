//! `action_open_request`, `action_record_unverified` and `action_record_abandoned`: what the bank writes down about a
//! report.
//!
//! Lives here: opening one request for all the caller's cards, and the notes that ask a person to call back.
//! Never here: asking for consent (the flow), the ticket (`freshdesk-tickets`).

use crate::code::code;
use centralita_plugin::{Failure, Level, Run, Value};

/// Opens a request under one code for every card in `cards`. A card that has an open request already keeps it;
/// if all of them have, their code is the answer and nothing is opened.
pub(crate) fn open_request(run: &Run) -> Result<(), Failure> {
    let (client, cards) = (run.slot("client"), run.slot("cards"));
    if client == Value::None || cards == Value::None {
        return Err(Failure::failed("no verified client and card to report"));
    }
    let now = run.moment()?;
    let new = code(next_number(run)?);
    let report = [new.as_str().into(), client.clone(), cards.clone(), loss_kind(run), run.now().into()];
    let opened = run.execute("open-requests", &report)?.len();
    // What was left open before is only a matter of who is called back: the report stands if this fails.
    if let Err(failure) = run.execute("settle-left-open", std::slice::from_ref(&client)) {
        run.log(Level::Warn, "left_open_not_settled", &[("kind", &failure.kind)]);
    }
    let known = if opened > 0 { new } else { code_of_open_request(run, client, cards)? };
    run.set("request_code", known);
    run.set("noticed_on", now.spoken_day());
    run.set("noticed_time", now.spoken_time());
    run.set("reported_count", u32::try_from(opened).unwrap_or(u32::MAX));
    Ok(())
}

/// Leaves a row that asks a person to call back somebody who could not be verified. It carries no code.
pub(crate) fn record_unverified(run: &Run) -> Result<(), Failure> {
    let note = [run.slot("call.number"), run.slot("client_id"), loss_kind(run), run.now().into()];
    run.execute("record-unverified", &note).map(|_| ())
}

/// Somebody whom we have called back wants nothing more of us: they are not called again about what they left open.
pub(crate) fn drop_call_back(run: &Run) -> Result<(), Failure> {
    run.execute("drop-call-back", &[]).map(|_| ())
}

/// Leaves a row that asks a person to call back somebody who left a report open. Without a number and a client there is
/// nobody to call, and no row: that is `refused`.
pub(crate) fn record_abandoned(run: &Run) -> Result<(), Failure> {
    let client = [run.slot("client"), run.slot("client_id")].into_iter().find(|client| *client != Value::None).unwrap_or(Value::None);
    let number = run.slot("call.number");
    if client == Value::None && number == Value::None {
        return Err(Failure::refused("nobody to call back"));
    }
    run.execute("record-abandoned", &[number, client, loss_kind(run), run.now().into()]).map(|_| ())
}

fn next_number(run: &Run) -> Result<u64, Failure> {
    let rows = run.execute("next-request-number", &[])?;
    let number = rows.first().and_then(|row| row.get("n").as_number());
    // Running numbers stay far below 2^53, where a float is exact.
    number.filter(|n| *n >= 0.0).map(|n| n as u64).ok_or_else(|| Failure::failed("next-request-number gave no `n`"))
}

fn code_of_open_request(run: &Run, client: Value, cards: Value) -> Result<String, Failure> {
    let rows = run.query("open-request-of", &[client, cards])?;
    let known = rows.first().and_then(|row| row.text("code")).map(str::to_owned);
    known.ok_or_else(|| Failure::failed("no request was opened, and none is open"))
}

fn loss_kind(run: &Run) -> Value {
    run.text("loss_kind").filter(|kind| matches!(kind.as_str(), "stolen" | "lost" | "fraud")).as_deref().unwrap_or("unknown").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_plugin::{Fake, Row};

    fn rows(column: &str, values: &[Value]) -> Vec<Row> {
        values.iter().map(|value| Row::new(vec![(column.to_owned(), value.clone())])).collect()
    }

    /// The seventh report, of two cards, at 14:32 on 23 November; `opened` of them are new.
    fn bank(opened: &'static [&'static str]) -> Fake {
        Fake::at("2026-11-23T14:32:00-06:00")
            .slot("call.number", "tel1")
            .slot("client", "cli1")
            .slot("cards", vec!["c1".to_owned(), "c2".to_owned()])
            .slot("loss_kind", "stolen")
            .statement("next-request-number", |_| Ok(rows("n", &[7.0.into()])))
            .statement("open-requests", |_| Ok(rows("card", &opened.iter().map(|c| (*c).into()).collect::<Vec<_>>())))
            .statement("open-request-of", |_| Ok(rows("code", &["111111111".into()])))
            .statement("record-unverified", |_| Ok(Vec::new()))
            .statement("settle-left-open", |_| Ok(Vec::new()))
    }

    #[test]
    fn a_report_stands_even_if_what_was_left_open_before_cannot_be_settled() {
        let fake = bank(&["c1"]).statement("settle-left-open", |_| Err(Failure::unavailable("down")));
        open_request(&fake.run()).expect("opened");
        assert_eq!((fake.value("request_code"), fake.logged().len()), (code(7).into(), 1));
    }

    #[test]
    fn one_code_stands_for_all_cards() {
        let fake = bank(&["c1", "c2"]);
        open_request(&fake.run()).expect("opened");
        let report = fake.asked().into_iter().find(|(name, _)| name == "open-requests").expect("asked").1;
        let cards = vec!["c1".to_owned(), "c2".to_owned()];
        assert_eq!(report, [code(7).into(), "cli1".into(), cards.into(), "stolen".into(), "2026-11-23T14:32:00-06:00".into()]);
        assert_eq!(fake.value("request_code"), code(7).into());
        assert_eq!(fake.value("noticed_on"), "23 de noviembre".into());
        assert_eq!(fake.value("noticed_time"), "14:32".into());
        assert_eq!(fake.value("reported_count"), 2.0.into());
    }

    #[test]
    fn cards_reported_before_give_their_code_and_open_nothing() {
        let fake = bank(&[]);
        open_request(&fake.run()).expect("known");
        assert_eq!(fake.value("request_code"), "111111111".into());
        assert_eq!(fake.value("reported_count"), 0.0.into());
    }

    #[test]
    fn a_report_that_left_no_row_is_a_failure() {
        let fake = bank(&[]).statement("open-request-of", |_| Ok(Vec::new()));
        assert_eq!(open_request(&fake.run()).expect_err("nothing there").kind, "failed");
        assert_eq!(fake.value("request_code"), Value::None);
        assert_eq!(open_request(&bank(&["c1"]).slot("client", Value::None).run()).expect_err("no client").kind, "failed");
    }

    #[test]
    fn a_caller_who_left_is_written_down_where_somebody_can_call() {
        let fake = bank(&[]).statement("record-abandoned", |_| Ok(Vec::new()));
        record_abandoned(&fake.run()).expect("written");
        let note = ["tel1".into(), "cli1".into(), "stolen".into(), "2026-11-23T14:32:00-06:00".into()];
        assert_eq!(fake.asked(), [("record-abandoned".to_owned(), note.to_vec())]);
        let nobody = bank(&[]).slot("call.number", Value::None).slot("client", Value::None);
        assert_eq!(record_abandoned(&nobody.run()).expect_err("nobody is told that it is noted").kind, "refused");
        assert!(nobody.asked().is_empty());
    }

    #[test]
    fn a_caller_nobody_knows_is_written_down_without_a_code() {
        let fake = bank(&[]).slot("loss_kind", Value::None);
        record_unverified(&fake.run()).expect("written");
        let note = ["tel1".into(), Value::None, "unknown".into(), "2026-11-23T14:32:00-06:00".into()];
        assert_eq!(fake.asked(), [("record-unverified".to_owned(), note.to_vec())]);
        assert_eq!(fake.value("request_code"), Value::None);
    }
}
