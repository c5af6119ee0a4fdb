//! What is printed about a run, and the files other tools read.
//!
//! Lives here: a line for each case, a failure with its place and its conversation, the sums; Rasa's results file; `JUnit`
//! XML.
//! Never here: judging.

use super::read::place;
use super::run::Ran;
use super::{Case, Expect, What};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The line of a case.
pub fn line(ran: &Ran) -> String {
    let word = if ran.failure.is_none() { "ok  " } else { "FAIL" };
    format!("{word}  {}::{}  {} ms", ran.file, ran.name, ran.took.as_millis())
}

/// A failure, whole: the step or assertion, what is wrong, where it stands, and the conversation as it was held.
pub fn failure(ran: &Ran) -> Option<String> {
    let failure = ran.failure.as_ref()?;
    let mut text = format!("{}: {}: {}\n", place(&ran.file, failure.at), failure.what, failure.message);
    let _ = writeln!(text, "  in `{}`; the conversation:", ran.name);
    for line in ran.transcript() {
        let _ = writeln!(text, "    {line}");
    }
    Some(text)
}

/// What a run came to: counts, accuracy by type of assertion, what nobody judged.
pub fn summary(all: &[Ran]) -> String {
    let failed = all.iter().filter(|ran| ran.failure.is_some()).count();
    let mut text = String::new();
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (name, met) in all.iter().flat_map(|ran| &ran.judged) {
        let counts = kinds.entry(name).or_default();
        counts.0 += usize::from(*met);
        counts.1 += 1;
    }
    if !kinds.is_empty() {
        let _ = writeln!(text, "{:<34} {:>7} {:>7} {:>9}", "judged", "met", "missed", "accuracy");
    }
    for (name, (met, count)) in kinds {
        // Counts of tests are far below what a float holds exactly.
        let _ = writeln!(text, "{name:<34} {met:>7} {:>7} {:>8.1}%", count - met, 100.0 * met as f64 / count as f64);
    }
    let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
    all.iter().flat_map(|ran| &ran.skipped).for_each(|name| *skipped.entry(name).or_default() += 1);
    for (name, count) in skipped {
        let _ = writeln!(text, "skipped: {count} × {name}, which takes a language model as judge");
    }
    let took: u128 = all.iter().map(|ran| ran.took.as_millis()).sum();
    let _ = write!(text, "{} passed, {failed} failed, {} conversations in {}.{:01} s", all.len() - failed, all.len(), took / 1000, took % 1000 / 100);
    text
}

/// Rasa's results file: a list with `name`, `pass_status`, `expected_steps` and `difference`.
pub fn results<'a>(all: impl IntoIterator<Item = (&'a Ran, &'a Case)>) -> String {
    // A text in JSON is the same text in YAML; writing to a `String` cannot fail.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut text = String::new();
    for (ran, case) in all {
        let _ = writeln!(text, "- name: {}\n  pass_status: {}\n  expected_steps:", quoted(&ran.name), ran.failure.is_none());
        for step in &case.steps {
            let _ = writeln!(text, "    - {}", shown(&step.what));
        }
        let Some(failure) = &ran.failure else {
            text.push_str("  difference: []\n");
            continue;
        };
        let _ = writeln!(text, "  difference:\n    - {}", quoted(&format!("{}: {}: {}", place(&ran.file, failure.at), failure.what, failure.message)));
        for line in ran.transcript() {
            let _ = writeln!(text, "    - {}", quoted(&line));
        }
    }
    if text.is_empty() { "[]\n".to_owned() } else { text }
}

fn shown(step: &What) -> String {
    let (key, value) = match step {
        What::User(user) => ("user", user.text.clone().into()),
        What::Expect(Expect::Bot(text)) => ("bot", text.clone().into()),
        What::Expect(Expect::Utter(name)) => ("utter", name.clone().into()),
        What::Expect(Expect::Action(name)) => ("action", name.clone().into()),
        What::Expect(expect @ (Expect::Set(wanted) | Expect::NotSet(wanted))) => {
            let item = |wanted: &super::Wanted| match &wanted.value {
                Some(value) => serde_json::json!({ &wanted.slot: value }),
                None => wanted.slot.clone().into(),
            };
            (expect.name(), wanted.iter().map(item).collect())
        }
    };
    format!("{key}: {}", serde_json::Value::to_string(&value))
}

/// `JUnit` XML: a suite for each file.
///
/// # Errors
/// When the XML cannot be written.
pub fn junit(all: &[Ran]) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("centralita test");
    let mut suites: Vec<TestSuite> = Vec::new();
    for ran in all {
        let status = match &ran.failure {
            None => TestCaseStatus::success(),
            Some(failure) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_type(failure.what.clone()).set_message(failure.message.clone()).set_description(self::failure(ran).unwrap_or_default());
                status
            }
        };
        let mut case = TestCase::new(ran.name.clone(), status);
        case.set_classname(ran.file.clone()).set_time(ran.took);
        match suites.iter_mut().find(|suite| suite.name.as_str() == ran.file) {
            Some(suite) => {
                suite.add_test_case(case);
            }
            None => {
                let mut suite = TestSuite::new(ran.file.clone());
                suite.add_test_case(case);
                suites.push(suite);
            }
        }
    }
    report.add_test_suites(suites);
    report.to_string()
}
