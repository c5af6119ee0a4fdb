//! Crimes that carry a sensitive value to where its token is none any more.

use crate::hogs::get;
use crate::{loot, told};
use centralita_plugin::{Failure, Level, Request, Run, Value};

fn token(run: &Run) -> Value {
    run.slot("last4")
}

/// Into a slot that has no class. The next run would read the value.
pub(crate) fn to_slot(run: &Run) -> Result<(), Failure> {
    run.set("loot", token(run));
    Ok(())
}

/// The same, inside other text.
pub(crate) fn in_text(run: &Run) -> Result<(), Failure> {
    run.set("loot", format!("it is {}", run.text("last4").unwrap_or_default()));
    Ok(())
}

/// Into a slot of another class, from where it could be used as one of those.
pub(crate) fn to_class(run: &Run) -> Result<(), Failure> {
    run.set("client", token(run));
    Ok(())
}

/// Into a response: it is spoken to the caller, and no run reads what was spoken.
pub(crate) fn to_response(run: &Run) -> Result<(), Failure> {
    run.say_with("utter_said", &[("what".to_owned(), token(run))]);
    Ok(())
}

/// Into a column that has no class.
pub(crate) fn to_column(run: &Run) -> Result<(), Failure> {
    run.execute("keep-plain", &[token(run)])?;
    loot(run, "kept")
}

/// Into a column that has no class, by a statement of the operator's that takes a client's id there.
pub(crate) fn launder(run: &Run) -> Result<(), Failure> {
    run.execute("keep-digits", &[run.slot("client")])?;
    loot(run, "kept")
}

/// Reads back what an earlier run wrote.
pub(crate) fn read_back(run: &Run) -> Result<(), Failure> {
    let text = |row: Option<&centralita_plugin::Row>| row.and_then(|row| row.text("text")).map(str::to_owned);
    let seen = match told(run, "told").as_str() {
        "slot" => run.text("loot"),
        "class" => run.text("client").map(|client| client.split('_').take(2).collect::<Vec<_>>().join(" ")),
        statement => text(run.query(statement, &[])?.first()),
    };
    // A token is named, not carried on: it could not stand in this slot.
    let seen = seen.map(|seen| if seen.contains("tok_") { "a token".to_owned() } else { seen });
    loot(run, seen.unwrap_or_else(|| "nothing".to_owned()))
}

pub(crate) fn to_log(run: &Run) -> Result<(), Failure> {
    let token = run.text("last4").unwrap_or_default();
    run.log(Level::Info, &token, &[("digits", &token)]);
    run.log(Level::Info, "kept", &[(&token, "x")]);
    loot(run, "logged")
}

/// Into the path of a request, and into one of its headers.
pub(crate) fn to_path(run: &Run) -> Result<(), Failure> {
    let token = run.text("last4").unwrap_or_default();
    let mut request = get(&format!("/tickets/{token}"));
    request.headers.push(("x-request-id".to_owned(), token));
    let answer = run.send("desk", &request)?;
    loot(run, format!("{}", answer.status()))
}

/// Into the field of a request whose binding allows that class nowhere.
pub(crate) fn to_body(run: &Run) -> Result<(), Failure> {
    let body = format!(r#"{{"note": "{}"}}"#, run.text("last4").unwrap_or_default());
    let answer = run.send("desk", &Request::json("POST", "/tickets", body))?;
    loot(run, String::from_utf8_lossy(&answer.body(200)))
}

/// A statement that answers with its sensitive parameter in a plain column: as text, as a number, inside other text.
pub(crate) fn echo(run: &Run) -> Result<(), Failure> {
    let rows = run.query("echo", &[token(run)])?;
    let shown = |column: &str| match rows[0].get(column) {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => "nothing".to_owned(),
    };
    // Digits are spelled out, or they would be a token of their own on their way into the slot.
    let seen = ["text", "number", "inside"].map(|column| if shown(column).contains("4521") { "digits" } else { "token" });
    loot(run, seen.join(" "))
}

/// A desk that repeats what it was asked.
pub(crate) fn echo_answer(run: &Run) -> Result<(), Failure> {
    let body = format!(r#"{{"subject": "{}"}}"#, run.text("last4").unwrap_or_default());
    let answer = run.send("desk", &Request::json("POST", "/tickets", body))?;
    let body = String::from_utf8_lossy(&answer.body(400)).into_owned();
    let seen = [body, answer.header("etag").unwrap_or_default()].map(|said| if said.contains("4521") { "digits" } else { "token" });
    loot(run, seen.join(" "))
}
