//! Judging a run by what its case expects.
//!
//! Lives here: one sentence for each thing that is not as expected.
//! Never here: traces (`trace.rs`).

use super::cases::Expect;
use super::host::Seen;
use crate::plugins_build::symbols::Place;
use centralita_engine::Ending;

pub(super) fn judge(expect: &Expect, seen: &Seen, ending: Ending, detail: &str, places: &[Place]) -> Vec<String> {
    let mut wrong = Vec::new();
    let wanted = expect.outcome.as_deref().unwrap_or("done");
    if wanted != ending.word() {
        wrong.push(format!("outcome: expected `{wanted}`, got `{}`{}", ending.word(), because(detail)));
    }
    if let Some(part) = expect.detail.as_deref().filter(|part| !detail.contains(part)) {
        wrong.push(format!("detail: expected text with `{part}`, got `{detail}`"));
    }
    // Responses and slots count only if the run ends well, as in a call.
    let counts = ending == Ending::Done;
    let none = Vec::new();
    let lists = [
        ("said", &expect.said, if counts { &seen.said } else { &none }),
        ("logged", &expect.logged, &seen.logged),
        ("asked", &expect.asked, &seen.asked),
        ("sent", &expect.sent, &seen.sent),
    ];
    for (what, expected, got) in lists {
        if let Some(expected) = expected.as_ref().filter(|expected| *expected != got) {
            wrong.push(format!("{what}: expected [{}], got [{}]", expected.join(", "), got.join(", ")));
        }
    }
    for (slot, expected) in &expect.slots {
        let got = seen.slots.get(slot).filter(|_| counts).cloned().unwrap_or_default();
        if got != *expected {
            wrong.push(format!("slot `{slot}`: expected {}, got {}", expected.to_json(), got.to_json()));
        }
    }
    if let Some(at) = &expect.traps_at {
        let shown = places.iter().map(ToString::to_string).collect::<Vec<_>>();
        if !shown.iter().any(|place| place.contains(at)) {
            wrong.push(format!("traps_at: expected `{at}`, got [{}]", shown.join(", ")));
        }
    }
    wrong
}

fn because(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(": {detail}") }
}
