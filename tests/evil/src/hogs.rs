//! Crimes that take more than their share: time, memory, room in the host.

use crate::{loot, told};
use centralita_plugin::{Failure, Level, Request, Run, Value};
use std::hint::black_box;

/// Long enough for any limit of a test, and it ends.
const ROUNDS: u64 = 1_000_000_000;

pub(crate) fn busy_loop(run: &Run) -> Result<(), Failure> {
    let sum = (0..ROUNDS).fold(0u64, |sum, n| black_box(sum.wrapping_add(n)));
    loot(run, if sum == 0 { "nothing" } else { "time" })
}

pub(crate) fn loop_for_ever(_: &Run) -> Result<(), Failure> {
    loop {
        black_box(0);
    }
}

pub(crate) fn recursion(run: &Run) -> Result<(), Failure> {
    let deep = told(run, "told").parse().unwrap_or(0);
    loot(run, if descend(deep) == deep { "the bottom" } else { "nothing" })
}

#[inline(never)]
fn descend(left: u32) -> u32 {
    if left == 0 { 0 } else { black_box(descend(black_box(left - 1))) + 1 }
}

/// Twenty megabytes: more than the sixteen a run has, less than the sixty-four the machine has.
pub(crate) fn memory(run: &Run) -> Result<(), Failure> {
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(black_box(vec![1u8; 1 << 20]));
    }
    loot(run, format!("{} MiB", held.len()))
}

/// One text of three megabytes, as a parameter: nothing but the engine counts those.
pub(crate) fn huge_text(run: &Run) -> Result<(), Failure> {
    let text = "x".repeat(3 << 20);
    let rows = run.query("length", &[text.as_str().into()])?;
    loot(run, format!("{:?}", rows[0].get("n").as_number()))
}

/// A list of two hundred thousand texts.
pub(crate) fn huge_list(run: &Run) -> Result<(), Failure> {
    let list = vec!["x".to_owned(); 200_000];
    let rows = run.query("length", &[list.into()])?;
    loot(run, format!("{} row", rows.len()))
}

pub(crate) fn output(run: &Run) -> Result<(), Failure> {
    for _ in 0..40 {
        run.set("loot", "x".repeat(4096));
    }
    loot(run, "160 KiB")
}

pub(crate) fn log_flood(run: &Run) -> Result<(), Failure> {
    for _ in 0..5000 {
        run.log(Level::Info, "flood", &[("n", "x")]);
    }
    loot(run, "5000 notes")
}

/// Keeps every answer it ever got.
pub(crate) fn handles(run: &Run) -> Result<(), Failure> {
    for _ in 0..300 {
        std::mem::forget(run.send("desk", &get("/tickets/1"))?);
    }
    loot(run, "300 handles")
}

pub(crate) fn exit(_: &Run) -> Result<(), Failure> {
    std::process::exit(3)
}

pub(crate) fn trap(_: &Run) -> Result<(), Failure> {
    panic!("as intended")
}

/// A thousand lists inside each other.
pub(crate) fn nested_json(run: &Run) -> Result<(), Failure> {
    run.set("loot", Value::Json(format!("{}{}", "[".repeat(1000), "]".repeat(1000))));
    Ok(())
}

pub(crate) fn not_a_number(run: &Run) -> Result<(), Failure> {
    run.set("loot", f64::NAN);
    Ok(())
}

pub(crate) fn get(path: &str) -> Request {
    Request { method: "GET".into(), path: path.into(), headers: Vec::new(), body: Vec::new() }
}
