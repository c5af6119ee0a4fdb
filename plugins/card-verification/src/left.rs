//! `action_find_left_report`: a report that the same number left open.
//!
//! Lives here: when it was noticed, as it is said, and what was lost.
//! Never here: leaving one (`report.rs`), how long ago counts (the statements).

use centralita_plugin::{Failure, Moment, Run, Value};

/// Sets `left_report_when` if the calling number has left a report open; nothing for a number that is withheld.
pub(crate) fn find_left_report(run: &Run) -> Result<(), Failure> {
    let number = run.slot("call.number");
    if number == Value::None {
        return Ok(());
    }
    let statement = if run.slot("we_called") == Value::Boolean(true) { "report-to-call-back" } else { "report-left-open" };
    let rows = run.query(statement, &[number])?;
    let Some(row) = rows.first() else { return Ok(()) };
    let noticed = Moment::parse(row.text("noticed_at").ok_or_else(|| Failure::failed("the report has no time"))?)?;
    let now = run.moment()?;
    let today = (noticed.year, noticed.month, noticed.day) == (now.year, now.month, now.day);
    let when = if today { format!("de las {}", noticed.spoken_time()) } else { format!("del {}, a las {},", noticed.spoken_day(), noticed.spoken_time()) };
    run.set("left_report_when", when);
    if let Some(reason) = row.text("reason") {
        run.set("loss_kind", reason);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_plugin::{Fake, Row};

    fn bank(we_called: bool) -> Fake {
        let row = |at: &str| Ok(vec![Row::new(vec![("noticed_at".to_owned(), at.into()), ("reason".to_owned(), "stolen".into())])]);
        Fake::at("2026-11-23T14:50:00-06:00")
            .slot("call.number", "tel1")
            .slot("we_called", we_called)
            .statement("report-left-open", move |_| row("2026-11-23T14:32:10-06:00"))
            .statement("report-to-call-back", move |_| row("2026-11-21T09:05:00-06:00"))
    }

    #[test]
    fn a_report_of_a_moment_ago_is_known_again_and_in_a_call_of_ours_an_older_one() {
        for (we_called, when) in [(false, "de las 14:32"), (true, "del 21 de noviembre, a las 9:05,")] {
            let fake = bank(we_called);
            find_left_report(&fake.run()).expect("rows");
            assert_eq!((fake.value("left_report_when"), fake.value("loss_kind")), (when.into(), "stolen".into()));
        }
    }

    #[test]
    fn nothing_is_looked_for_without_a_number_and_nothing_is_set_without_a_report() {
        let fake = bank(false).slot("call.number", Value::None);
        find_left_report(&fake.run()).expect("nothing");
        assert!(fake.asked().is_empty());
        let fake = bank(false).statement("report-left-open", |_| Ok(Vec::new()));
        find_left_report(&fake.run()).expect("nothing");
        assert_eq!(fake.value("left_report_when"), Value::None);
    }
}
