//! Sends a text message with the code of a report.
//!
//! Lives here: to whom, and how the network's answers end the action.
//! Never here: the wording (the slot `code_message` of the project), the line's own number and credential (the binding
//! `messages`), when a message is due (the flow).

use centralita_plugin::{Failure, Level, Request, Response, Run, Value};
use serde_json::json;

centralita_plugin::actions! {
    "action_text_code" => text_code,
}

/// Sends the code to the number the bank has of the client: not to the number that called, which may be anybody's.
fn text_code(run: &Run) -> Result<(), Failure> {
    let wording = run.text("code_message").ok_or_else(|| Failure::failed("`code_message` says nothing"))?;
    let client = run.slot("client");
    if client == Value::None {
        return Err(Failure::refused("no client to send a message to"));
    }
    let rows = run.query("phone-of-client", &[client])?;
    let phone = rows.first().and_then(|row| row.text("phone")).ok_or_else(|| Failure::refused("no number on file"))?;
    let filled = ["request_code", "noticed_on", "noticed_time"]
        .into_iter()
        .fold(wording, |text, slot| text.replace(&format!("{{{slot}}}"), &run.text(slot).unwrap_or_default()));
    let message = json!({ "To": phone, "Body": filled }).to_string();
    taken(run, run.send("messages", &Request::json("POST", "/Messages.json", message)))
}

/// Whether the network took the message. What may pass is `unavailable`, whatever it called it; whether it is asked again is
/// the host's to say, which does not repeat what may have been sent.
fn taken(run: &Run, answer: Result<Response, Failure>) -> Result<(), Failure> {
    let status = match answer {
        Ok(answer) => answer.status(),
        Err(failure) if failure.is_passing() => return Err(Failure::unavailable(failure.detail)),
        Err(failure) => return Err(failure),
    };
    match status {
        201 => Ok(()),
        429 | 500 | 502..=504 => Err(Failure::unavailable(format!("the network answered {status}"))),
        _ => {
            run.log(Level::Error, "message_refused", &[("status", &status.to_string())]);
            Err(Failure::failed(format!("the network answered {status}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_plugin::{Fake, Row};

    fn line(answer: Result<Response, Failure>) -> Fake {
        Fake::at("2026-11-23T14:32:00-06:00")
            .slot("client", "cli1")
            .slot("request_code", "123456780")
            .slot("noticed_on", "23 de noviembre")
            .slot("noticed_time", "14:32")
            .slot("code_message", "Reporte del {noticed_on}, {noticed_time}. Código: {request_code}.")
            .statement("phone-of-client", |_| Ok(vec![Row::new(vec![("phone".to_owned(), "tel1".into())])]))
            .binding("messages", move |_| answer.clone())
    }

    #[test]
    fn the_code_goes_to_the_number_on_file_in_the_projects_words() {
        let fake = line(Ok(Response::new(201, "{}")));
        text_code(&fake.run()).expect("taken");
        let (binding, request) = fake.sent().pop().expect("one message");
        assert_eq!((binding.as_str(), request.method.as_str(), request.path.as_str()), ("messages", "POST", "/Messages.json"));
        let sent: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
        assert_eq!(sent, json!({ "To": "tel1", "Body": "Reporte del 23 de noviembre, 14:32. Código: 123456780." }));
        assert_eq!(fake.asked().pop(), Some(("phone-of-client".to_owned(), vec!["cli1".into()])));
    }

    #[test]
    fn nobody_on_file_gets_no_message() {
        let fake = line(Ok(Response::new(201, "{}"))).statement("phone-of-client", |_| Ok(Vec::new()));
        assert_eq!(text_code(&fake.run()).expect_err("nobody").kind, "refused");
        assert!(fake.sent().is_empty());
    }

    #[test]
    fn what_may_pass_is_unavailable_and_a_refusal_is_a_failure() {
        for (answer, kind) in [
            (Ok(Response::new(503, "")), "unavailable"),
            (Ok(Response::new(429, "{}")), "unavailable"),
            (Err(Failure::new("busy", "")), "unavailable"),
            (Ok(Response::new(400, r#"{"code":21211}"#)), "failed"),
            (Err(Failure::refused("off")), "refused"),
        ] {
            assert_eq!(text_code(&line(answer).run()).expect_err("not sent").kind, kind);
        }
    }
}
