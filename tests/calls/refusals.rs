//! Bad projects and wrong variables: every mistake with its place, and no start.

use crate::house::{Folder, bank};
use crate::serving::ran;
use std::path::Path;

fn change(project: &Path, file: &str, from: &str, to: &str) {
    let path = project.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no `{from}`");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// What `validate` prints of a project, and whether it finds it sound.
fn validated(project: &Path) -> (bool, String) {
    let output = ran(&["validate"], project, &[]);
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_of_a_project_is_printed_with_path_line_and_column() {
    let changes: [(&str, &str, &str, &str); 7] = [
        (
            "data/flows/small.yml",
            "action: action_farewell",
            "action: action_nobody",
            "data/flows/small.yml:11:9: error: flow `goodbye` uses the action `action_nobody`",
        ),
        ("data/flows/small.yml", "action: utter_goodbye", "action: utter_nothing", "uses the response `utter_nothing`"),
        ("data/flows/block_card.yml", "collect: last4", "collect: last5", "collects the slot `last5`, which no domain declares"),
        ("data/flows/block_card.yml", "next: verify", "next: nowhere", "`next: nowhere` leads nowhere"),
        ("data/flows/block_card.yml", "slots.confirm_block is true", "slots.confirm_block =", "is not a condition"),
        ("domain/slots.yml", "class: last4, say", "class: last_4, say", "domain/slots.yml:"),
        ("config.yml", "pipeline:", "pipeline: [", "config.yml:"),
    ];
    for (file, from, to, said) in changes {
        let folder = Folder::new();
        let project = bank(&folder.0).await;
        assert!(validated(&project).0);
        change(&project, file, from, to);
        let (sound, text) = validated(&project);
        assert!(!sound && text.contains(said) && text.contains(": error: "), "{to}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_before_its_action_and_a_write_without_consent_are_errors_in_a_strict_project() {
    for (from, to, said) in [
        ("action: utter_not_registered", "action: utter_report_registered", "claims `action_open_request`"),
        ("then: open_request\n          - else: nothing_reported", "then: open_request\n          - else: open_request", "without the caller's consent"),
    ] {
        let folder = Folder::new();
        let project = bank(&folder.0).await;
        change(&project, "data/flows/block_card.yml", from, to);
        let (sound, text) = validated(&project);
        assert!(!sound && text.contains(said), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_folder_and_a_broken_component_are_named() {
    let folder = Folder::new();
    let (sound, text) = validated(&folder.0.join("nowhere"));
    assert!(!sound && text.contains("there is no such project folder"), "{text}");
    let project = bank(&folder.0).await;
    std::fs::write(project.join("plugins/card-verification.wasm"), b"no component").unwrap();
    let (sound, text) = validated(&project);
    assert!(!sound && text.contains("plugins/card-verification.wasm:1:1: error: this is not WebAssembly"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_variables_stop_the_start_with_their_names_and_no_secret_is_printed() {
    let folder = Folder::new();
    let project = bank(&folder.0).await;
    let variables = [
        ("CENTRALITA_BIND", "everywhere".to_owned()),
        ("ENCRYPTION_KEY", "too-short-a-secret".to_owned()),
        ("TWILIO_AUTH_TOKEN", "a-token-nobody-may-read".to_owned()),
        ("RATE_LIMIT_PER_MINUTE", "many".to_owned()),
    ];
    let output = ran(&["serve"], &project, &variables);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    for name in
        ["CENTRALITA_BIND is `everywhere`", "ENCRYPTION_KEY", "TWILIO_WEBHOOK_URL is not set", "RATE_LIMIT_PER_MINUTE is `many`", "FALLBACK_PHONE_NUMBER"]
    {
        assert!(said.contains(name), "{name}: {said}");
    }
    assert!(!said.contains("too-short-a-secret") && !said.contains("nobody-may-read"), "a secret was printed");
}
