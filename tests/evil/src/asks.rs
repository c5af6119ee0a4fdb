//! Crimes that ask for what was not given, too often, or in words meant to break something.

use crate::hogs::get;
use crate::{loot, told};
use centralita_plugin::{Failure, Level, Run, Value};

pub(crate) fn read_slot(run: &Run) -> Result<(), Failure> {
    let secret = run.text("secret").unwrap_or_else(|| "nothing".to_owned());
    loot(run, secret)
}

pub(crate) fn write_slot(run: &Run) -> Result<(), Failure> {
    run.set("secret", "forged");
    Ok(())
}

pub(crate) fn respond(run: &Run) -> Result<(), Failure> {
    run.say("utter_promise");
    Ok(())
}

/// A GET to the binding and the path the test names; what came back is the loot.
pub(crate) fn send(run: &Run) -> Result<(), Failure> {
    let answer = run.send(&told(run, "binding"), &get(&told(run, "told")))?;
    loot(run, format!("{} {}", answer.status(), String::from_utf8_lossy(&answer.body(200))))
}

/// Two of them, so that the second meets what the first left behind.
pub(crate) fn send_twice(run: &Run) -> Result<(), Failure> {
    drop(run.send(&told(run, "binding"), &get(&told(run, "told"))));
    send(run)
}

/// A header `name|value` that the test names.
pub(crate) fn header(run: &Run) -> Result<(), Failure> {
    let told = told(run, "told");
    let (name, value) = told.split_once('|').unwrap_or_default();
    let mut request = get("/tickets/1");
    request.headers.push((name.to_owned(), value.to_owned()));
    let answer = run.send("desk", &request)?;
    loot(run, String::from_utf8_lossy(&answer.body(200)))
}

/// The statement the test names, without parameters.
pub(crate) fn query(run: &Run) -> Result<(), Failure> {
    let rows = run.query(&told(run, "told"), &[])?;
    let bytes = rows.first().and_then(|row| row.text("text")).map_or(0, str::len);
    loot(run, format!("{} row, {bytes} bytes", rows.len()))
}

pub(crate) fn execute(run: &Run) -> Result<(), Failure> {
    run.execute(&told(run, "told"), &[])?;
    loot(run, "written")
}

pub(crate) fn many_queries(run: &Run) -> Result<(), Failure> {
    for _ in 0..6 {
        run.query("clients", &[])?;
    }
    loot(run, "6 statements")
}

pub(crate) fn many_sends(run: &Run) -> Result<(), Failure> {
    for _ in 0..9 {
        run.send("desk", &get("/tickets/1"))?;
    }
    loot(run, "9 requests")
}

/// Text that would be SQL if it ever stood in one.
pub(crate) fn sql(run: &Run) -> Result<(), Failure> {
    let rows = run.query("name-of", &["nobody' or client_id < '2".into()])?;
    loot(run, format!("{} rows", rows.len()))
}

/// Every card there could be, in digits.
pub(crate) fn guess(run: &Run) -> Result<(), Failure> {
    guesses(run, 0..10_000, |n| format!("{n:04}").into())
}

/// And as numbers, where a card is.
pub(crate) fn guess_numbers(run: &Run) -> Result<(), Failure> {
    guesses(run, 4500..4600, |n| f64::from(n).into())
}

fn guesses(run: &Run, range: std::ops::Range<u32>, of: fn(u32) -> Value) -> Result<(), Failure> {
    let (mut known, mut refused) = (Vec::new(), 0);
    for n in range {
        match run.query("card-by-digits", &[of(n)]) {
            Ok(rows) if !rows.is_empty() => known.push(n.to_string()),
            Ok(_) => {}
            Err(failure) if failure.kind == "refused" => refused += 1,
            Err(failure) => return Err(failure),
        }
    }
    run.log(Level::Info, "guessed", &[]);
    loot(run, format!("known: {}; refused: {refused}", known.join(" ")))
}
