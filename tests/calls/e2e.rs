//! `centralita test` over every project there is, and what it says when a conversation is not as its file says.
//!
//! Lives here: whole runs.
//! Never here: single assertions (the host's own tests).

use crate::house::{Folder, bank, cache, root};
use crate::serving::ran;
use centralita::e2e::{House, Opening, Ran, Recorded, Runner, find, suite, transcript};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Holds every conversation of a project.
async fn hold(project: &Path, tests: &Path) -> Vec<Ran> {
    let house = House::open(Opening { project, cache: Some(cache()), stubbed: true, real: false, live: false }).await.unwrap();
    let runner = Runner { app: house.app(), record: false };
    let mut all = Vec::new();
    for chosen in find(project, &[tests.display().to_string()], "tests").unwrap() {
        let shown = chosen.file.strip_prefix(root()).unwrap_or(&chosen.file).display().to_string();
        let (suite, mistakes) = suite(&shown, &std::fs::read_to_string(&chosen.file).unwrap());
        assert!(mistakes.is_empty(), "{}", mistakes[0]);
        let stubs = suite.stubs.clone().map(Arc::new);
        let mut recorded = Recorded::of(&chosen.file).unwrap();
        for case in &suite.cases {
            house.clean().await.unwrap();
            all.push(runner.run(&suite, stubs.as_ref(), case, &mut recorded).await);
        }
    }
    house.close();
    all
}

fn projects() -> Vec<PathBuf> {
    let folder = root().join("tests/projects");
    let mut projects: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.join("tests").is_dir()).collect();
    projects.sort();
    projects
}

#[track_caller]
fn all_pass(all: &[Ran]) {
    let failures: Vec<String> = all.iter().filter_map(centralita::e2e::report::failure).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn lines(all: &[Ran]) -> Vec<String> {
    all.iter().flat_map(|ran| transcript::canonical(&format!("{}::{}", ran.file, ran.name), &ran.events)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_of_every_project_is_as_its_file_says_and_leaves_the_same_events_again() {
    let mut count = 0;
    for project in projects() {
        let first = hold(&project, &project.join("tests")).await;
        all_pass(&first);
        let again = hold(&project, &project.join("tests")).await;
        assert!(lines(&first) == lines(&again), "{}: a second run left other events", project.display());
        count += first.len();
    }
    assert!(count >= 120, "only {count} conversations were held");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_of_the_banks_line_is_as_its_file_says() {
    let folder = Folder::new();
    let project = bank(&folder.0).await;
    let all = hold(&project, &project.join("tests")).await;
    all_pass(&all);
    assert!(all.len() >= 12, "only {} conversations were held", all.len());
}

/// A project of one flow with a custom action, and a test file.
fn small(folder: &Path, tests: &str) -> PathBuf {
    let project = folder.join("small");
    let files = [
        ("config.yml", "language: en\nassistant_id: small\npipeline: [{name: CompactLLMCommandGenerator}]\npolicies: [{name: FlowPolicy}]\n"),
        (
            "domain.yml",
            "slots:\n  amount: {type: float}\nactions: [action_pay]\nresponses:\n  utter_ask_amount: [{text: How much?}]\n  utter_paid: [{text: Paid.}]\n",
        ),
        (
            "data/flows.yml",
            "flows:\n  pay:\n    description: pays a bill\n    steps:\n      - collect: amount\n      - action: action_pay\n      - action: utter_paid\n",
        ),
        ("tests/pay.yml", tests),
    ];
    for (path, text) in files {
        let path = project.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    project
}

/// Runs `centralita test`: its exit code, and what it printed.
fn tested(project: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let all: Vec<&str> = std::iter::once("test").chain(arguments.iter().copied()).collect();
    let output = ran(&all, project, &[]);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

const STUBS: &str = "stub_custom_actions:\n  action_pay: {events: [], responses: []}\n";
const RIGHT: &str = "  - test_case: right\n    steps:\n      - user: pay 3\n        model: [start flow pay, set slot amount 3]\n      - utter: utter_paid\n";
const WRONG: &str = "  - test_case: wrong\n    steps:\n      - user: pay\n        model: start flow pay\n      - utter: utter_paid\n";

#[test]
fn a_run_ends_with_0_when_everything_is_as_it_says() {
    let folder = Folder::new();
    let project = small(&folder.0, &format!("{STUBS}test_cases:\n{RIGHT}"));
    let (code, said) = tested(&project, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 passed, 0 failed"), "{said}");
}

#[test]
fn a_failure_is_told_with_its_place_and_its_conversation_in_every_form_of_report() {
    let folder = Folder::new();
    let project = small(&folder.0, &format!("{STUBS}test_cases:\n{WRONG}{RIGHT}"));
    let (junit, results) = (folder.0.join("junit.xml"), folder.0.join("results.yml"));
    let output = format!("--output={}", results.display());
    let (code, said) = tested(&project, &["--junit", junit.to_str().unwrap(), &output]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("pay.yml:8: utter: no message was sent with utter_name `utter_paid`"), "{said}");
    assert!(said.contains("bot   [utter_ask_amount] How much?"), "{said}");
    assert!(said.contains("1 passed, 1 failed"), "{said}");
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("failures=\"1\"") && junit.contains("name=\"wrong\""), "{junit}");
    let results = std::fs::read_to_string(results).unwrap();
    assert!(results.contains("- name: \"wrong\"\n  pass_status: false\n  expected_steps:\n    - user: \"pay\""), "{results}");
}

#[test]
fn fail_fast_stops_at_the_first_failure_and_one_case_can_be_named() {
    let folder = Folder::new();
    let project = small(&folder.0, &format!("{STUBS}test_cases:\n{WRONG}{RIGHT}"));
    assert!(tested(&project, &["--fail-fast"]).1.contains("0 passed, 1 failed"));
    assert!(tested(&project, &["tests/pay.yml::right"]).1.contains("1 passed, 0 failed"));
}

#[test]
fn a_custom_action_without_a_stub_fails_its_case_by_name() {
    let folder = Folder::new();
    let project = small(&folder.0, &format!("stub_custom_actions:\n  action_other: {{events: []}}\ntest_cases:\n{RIGHT}"));
    let (code, said) = tested(&project, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the custom action `action_pay` was reached and has no stub"), "{said}");
}

#[test]
fn coverage_names_the_steps_no_conversation_walked() {
    let folder = Folder::new();
    let project = small(&folder.0, &format!("{STUBS}test_cases:\n{WRONG}"));
    let into = folder.0.join("coverage");
    tested(&project, &["--coverage", "--coverage-output", into.to_str().unwrap()]);
    let csv = std::fs::read_to_string(into.join("coverage.csv")).unwrap();
    assert!(csv.lines().any(|line| line.starts_with("pay,0.33,3,")), "{csv}");
}

#[test]
fn understanding_is_scored_by_command_and_a_misunderstood_turn_does_not_stop_its_case() {
    let folder = Folder::new();
    let cases = "  - test_case: understood\n    steps:\n      - user: pay\n        model: cancel flow\n        commands: [start flow pay]\n      - user: three\n        model: set slot amount 3\n        commands: [set slot amount 3]\n";
    let project = small(&folder.0, &format!("{STUBS}test_cases:\n{cases}"));
    let (code, said) = tested(&project, &["du", "tests"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`pay`: missed: start flow pay | made up: cancel flow"), "{said}");
    let row = said.lines().find(|line| line.starts_with("set slot")).unwrap_or_default();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["set", "slot", "1", "0", "0", "1.00", "1.00", "1.00"], "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_models_answer_is_recorded_once_and_a_changed_prompt_is_shown() {
    let answer = || async { axum::Json(serde_json::json!({ "choices": [{ "message": { "content": "start flow pay\nset slot amount 3" } }] })) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let routes = axum::Router::new().route("/v1/chat/completions", axum::routing::post(answer));
    let model = tokio::spawn(async move { axum::serve(listener, routes).await });
    let folder = Folder::new();
    let case = "  - test_case: live\n    steps:\n      - user: pay 3\n      - utter: utter_paid\n";
    let project = small(&folder.0, &format!("{STUBS}test_cases:\n{case}"));
    let run = |arguments: &'static [&'static str], variables: Vec<(&'static str, String)>| {
        let project = project.clone();
        tokio::task::spawn_blocking(move || {
            let output = ran(arguments, &project, &variables);
            (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
        })
    };
    assert_eq!(run(&["test"], Vec::new()).await.unwrap().0, Some(1), "without an answer nothing is understood");
    let (code, said) = run(&["test", "--record"], vec![("OPENAI_BASE_URL", base)]).await.unwrap();
    assert_eq!(code, Some(0), "{said}");
    model.abort();
    let (code, said) = run(&["test"], Vec::new()).await.unwrap();
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("the prompt has changed"), "{said}");
    let flows = project.join("data/flows.yml");
    let text = std::fs::read_to_string(&flows).unwrap();
    std::fs::write(&flows, text.replace("pays a bill", "settles a debt")).unwrap();
    let (code, said) = run(&["test"], Vec::new()).await.unwrap();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the prompt has changed") && said.lines().any(|line| line.starts_with('+') && line.contains("settles a debt")), "{said}");
}
