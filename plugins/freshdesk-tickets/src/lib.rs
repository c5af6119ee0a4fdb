//! Opens the ticket that asks an executive to block the reported cards.
//!
//! Lives here: what the ticket says (`ticket.rs`) and how the desk's answers end the action.
//! Never here: the desk's address and key (the binding `freshdesk`), repeating a request whose outcome is
//! unknown (the host does, under the same run).

mod ticket;

use centralita_plugin::{Failure, Level, Request, Response, Run};
use ticket::{Card, Report};

centralita_plugin::actions! {
    "action_create_ticket" => create_ticket,
}

/// The desk's answer to a new ticket is a few kilobytes.
const MOST_OF_ANSWER: u32 = 64 * 1024;

fn create_ticket(run: &Run) -> Result<(), Failure> {
    let code = run.text("request_code").ok_or_else(|| Failure::failed("no request to open a ticket for"))?;
    let rows = run.query("cards-of-request", &[code.as_str().into()])?;
    let first = rows.first().ok_or_else(|| Failure::failed("the request has no cards"))?;
    let of_row = |column: &str| first.text(column).map(str::to_owned);
    let report = Report {
        client: of_row("client").or_else(|| run.text("client")).ok_or_else(|| Failure::failed("no client"))?,
        name: of_row("name").or_else(|| run.text("client_name")).unwrap_or_else(|| "Cliente".to_owned()),
        cards: rows.iter().map(Card::read).collect(),
        loss_kind: run.text("loss_kind").unwrap_or_default(),
        noticed: run.text("noticed_on").zip(run.text("noticed_time")),
        phone: run.text("call.number"),
        call: run.text("call.tag"),
        code,
    };
    let answer = run.send("freshdesk", &Request::json("POST", "/tickets", report.to_json().to_string()));
    let ticket = number(run, answer)?;
    run.execute("attach-ticket", &[ticket.as_str().into(), report.code.as_str().into()])?;
    run.set("ticket_id", ticket);
    Ok(())
}

/// The number of the ticket that was opened. What may pass is `unavailable`, whatever the desk called it.
fn number(run: &Run, answer: Result<Response, Failure>) -> Result<String, Failure> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) if failure.is_passing() => return Err(Failure::unavailable(failure.detail)),
        Err(failure) => return Err(failure),
    };
    match answer.status() {
        201 => {}
        status @ (429 | 500 | 502..=504) => {
            return Err(Failure::unavailable(format!("the desk answered {status}")));
        }
        status => {
            run.log(Level::Error, "ticket_refused", &[("status", &status.to_string())]);
            return Err(Failure::failed(format!("the desk answered {status}")));
        }
    }
    let body: serde_json::Value = serde_json::from_slice(&answer.body(MOST_OF_ANSWER)).unwrap_or_default();
    let id = body.get("id").and_then(serde_json::Value::as_u64);
    id.map(|id| id.to_string()).ok_or_else(|| Failure::failed("the desk opened a ticket and gave no number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_plugin::{Fake, Row, Value};
    use serde_json::{Value as Json, json};

    const CARDS: &[[&str; 4]] = &[["fin1", "debit", "cli1", "nom1"], ["fin2", "credit", "cli1", "nom1"]];

    fn bank(cards: &'static [[&'static str; 4]], answer: Result<Response, Failure>) -> Fake {
        Fake::at("2026-11-23T14:32:00-06:00")
            .slot("client", "cli1")
            .slot("client_name", "nom1")
            .slot("request_code", "123456780")
            .slot("loss_kind", "stolen")
            .slot("noticed_on", "23 de noviembre")
            .slot("noticed_time", "14:32")
            .slot("call.number", "tel1")
            .slot("call.tag", "call-7f3a")
            .statement("cards-of-request", |_| {
                let names = ["last4", "kind", "client", "name"];
                let row = |card: &[&str; 4]| names.iter().zip(card).map(|(n, t)| ((*n).to_owned(), (*t).into())).collect();
                Ok(cards.iter().map(|card| Row::new(row(card))).collect())
            })
            .statement("attach-ticket", |_| Ok(Vec::new()))
            .binding("freshdesk", move |_| answer.clone())
    }

    fn sent(fake: &Fake) -> Json {
        let (binding, request) = fake.sent().pop().expect("one request");
        assert_eq!((binding.as_str(), request.method.as_str(), request.path.as_str()), ("freshdesk", "POST", "/tickets"));
        serde_json::from_slice(&request.body).expect("JSON")
    }

    #[test]
    fn a_ticket_lists_every_card_of_the_request_and_its_number_is_kept() {
        let fake = bank(CARDS, Ok(Response::new(201, r#"{"id":4711,"status":2}"#)));
        create_ticket(&fake.run()).expect("a ticket");
        let ticket = sent(&fake);
        let description = ticket["description"].as_str().expect("text");
        for part in ["débito terminada en fin1", "crédito terminada en fin2", "robada", "23 de noviembre, 14:32", "123456780", "tel1", "call-7f3a"] {
            assert!(description.contains(part), "{part} in {description}");
        }
        assert_eq!(
            json!([ticket["unique_external_id"], ticket["name"], ticket["status"], ticket["priority"], ticket["source"], ticket["type"], ticket["tags"]]),
            json!(["cli1", "nom1", 2, 4, 3, "Incident", ["centralita", "bloqueo"]]),
        );
        assert_eq!(fake.value("ticket_id"), "4711".into());
        assert_eq!(fake.asked().pop(), Some(("attach-ticket".to_owned(), vec!["4711".into(), "123456780".into()])));
    }

    #[test]
    fn stolen_and_fraud_are_urgent_and_the_rest_is_high() {
        for (loss, priority) in [("stolen", 4), ("fraud", 4), ("lost", 3), ("unknown", 3), ("", 3)] {
            let fake = bank(&CARDS[..1], Ok(Response::new(201, r#"{"id":1}"#))).slot("loss_kind", loss);
            create_ticket(&fake.run()).expect("a ticket");
            assert_eq!(sent(&fake)["priority"], priority, "{loss}");
        }
    }

    #[track_caller]
    fn fails(answer: Result<Response, Failure>, kind: &str) {
        let fake = bank(CARDS, answer);
        assert_eq!(create_ticket(&fake.run()).expect_err("no ticket").kind, kind);
        assert_eq!(fake.value("ticket_id"), Value::None);
        assert!(!fake.asked().iter().any(|(name, _)| name == "attach-ticket"));
    }

    #[test]
    fn a_desk_that_is_down_slow_or_crowded_is_unavailable() {
        for status in [429, 500, 502, 503] {
            fails(Ok(Response::new(status, "<html>")), "unavailable");
        }
        for kind in ["unavailable", "timeout", "busy"] {
            fails(Err(Failure::new(kind, "")), "unavailable");
        }
    }

    #[test]
    fn a_refusal_of_the_desk_fails_with_its_status_only() {
        for status in [400, 401, 403, 404, 409, 302, 200] {
            fails(Ok(Response::new(status, r#"{"description":"Validation failed"}"#)), "failed");
        }
        fails(Ok(Response::new(201, "not JSON")), "failed");
        fails(Err(Failure::refused("rule")), "refused");
        assert_eq!(create_ticket(&bank(&[], Ok(Response::new(201, "{}"))).run()).expect_err("no cards").kind, "failed");
    }

    #[test]
    fn text_of_the_dialogue_cannot_become_markup() {
        let fake = bank(CARDS, Ok(Response::new(201, r#"{"id":1}"#))).slot("noticed_on", "<b>hoy</b>");
        create_ticket(&fake.run()).expect("a ticket");
        assert!(sent(&fake)["description"].as_str().expect("text").contains("&lt;b&gt;hoy&lt;/b&gt;"));
    }
}
