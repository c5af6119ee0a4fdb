//! Python actions, run by the real `rasa_sdk`: slots and responses both ways, an end in mid-conversation, a module that is
//! started beside us.

use crate::house::{Folder, copy, root};
use crate::office::Office;
use crate::python;
use crate::serving::program;
use centralita::action_server::Module;
use centralita::release::Package;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A copy of the project with Python actions, for a test to change.
fn project(into: &Path) -> PathBuf {
    let project = into.join("exchange");
    copy(&root().join("tests/python"), &project);
    project
}

/// The actions of a project, run by `rasa_sdk` until what is returned is dropped.
async fn actions(project: &Path, environment: &Path) -> Module {
    let environment = environment.display().to_string();
    let variable = move |name: &str| (name == "VIRTUAL_ENV").then(|| environment.clone());
    Module::start(project, &Package::read(project).unwrap(), &variable).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_and_responses_go_both_ways() {
    let Some(environment) = python::environment() else { return };
    let folder = Folder::new();
    let project = project(&folder.0);
    let actions = actions(&project, environment).await;
    std::fs::write(project.join("endpoints.yml"), format!("action_endpoint:\n  url: {}\n", actions.url())).unwrap();
    let office = Office::open(&folder.0, &project, &[("COMPRESS_ACTION_SERVER_REQUEST", "true")]).await;
    assert_eq!(office.says("ana", "convert my dollars").await, ["How many dollars?"]);
    let responses = 4;
    let count = |said: &str| said.starts_with("You said '20' as ana; there are ") && said.ends_with(&format!("{responses} responses."));
    let said = office.says("ana", "20").await;
    assert!(count(&said[1]), "{said:?}");
    assert_eq!([said[0].as_str(), said[2].as_str()], ["A dollar is 18.5 pesos today.", "That makes 370 pesos."]);
    assert_eq!(office.rows("select kind, name, state from effects order by run").await, [["action", "action_convert", "done"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_breaks_or_misspells_a_slot_is_an_internal_error_and_the_conversation_goes_on() {
    let Some(environment) = python::environment() else { return };
    let folder = Folder::new();
    let project = project(&folder.0);
    let actions = actions(&project, environment).await;
    std::fs::write(project.join("endpoints.yml"), format!("action_endpoint:\n  url: {}\n", actions.url())).unwrap();
    let office = Office::open(&folder.0, &project, &[]).await;
    for words in ["break something", "misspell a slot"] {
        assert!(office.hears("bob", words).await.contains(&"utter_internal_error_rasa".to_owned()), "{words}");
    }
    let details = office.endings("bob").await;
    assert!(details[0].contains("`action_wreck` raised an exception"), "{details:?}");
    assert!(details[1].contains("`action_misspelt` set the slot `clerck`, which no domain declares"), "{details:?}");
    assert_eq!(office.says("bob", "who is free").await.first().map(String::as_str), Some("Ines will see you."));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_server_killed_in_mid_conversation_is_an_internal_error() {
    let Some(environment) = python::environment() else { return };
    let folder = Folder::new();
    let project = project(&folder.0);
    let actions = actions(&project, environment).await;
    std::fs::write(project.join("endpoints.yml"), format!("action_endpoint:\n  url: {}\n", actions.url())).unwrap();
    let office = Office::open(&folder.0, &project, &[]).await;
    assert_eq!(office.says("eva", "who is free").await.first().map(String::as_str), Some("Ines will see you."));
    office.says("eva", "convert my dollars").await;
    drop(actions);
    assert!(office.hears("eva", "20").await.contains(&"utter_internal_error_rasa".to_owned()));
    // A connection that was kept open learns of the death in the middle of its request, a new one before it.
    let ending = office.endings("eva").await.remove(1);
    assert!(ending.contains("the action server cannot be reached") || ending.contains("the connection ended without an answer"), "{ending}");
    assert_eq!(office.says("eva", "convert my dollars").await.first().map(String::as_str), Some("How many dollars?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_is_started_again_when_a_file_of_it_changes() {
    let Some(environment) = python::environment() else { return };
    let folder = Folder::new();
    let project = project(&folder.0);
    let actions = actions(&project, environment).await;
    let office = Office::open(&folder.0, &project, &[("CENTRALITA_ACTION_SERVER", actions.url().as_str())]).await;
    assert_eq!(office.says("ana", "who is free").await[0], "Ines will see you.");
    let source = project.join("actions/actions.py");
    let text = std::fs::read_to_string(&source).unwrap();
    std::fs::write(&source, text.replace("\"Ines\"", "\"Tomas\"")).unwrap();
    let mut said = String::new();
    for _ in 0..600 {
        said = office.says("ana", "who is free").await.remove(0);
        if said != "Ines will see you." {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(said, "Tomas will see you.");
}

#[test]
fn one_command_runs_a_project_with_an_actions_module() {
    let Some(environment) = python::environment() else { return };
    let folder = Folder::new();
    let project = project(&folder.0);
    let mut shell = Command::new(program())
        .args(["shell", "--project"])
        .arg(&project)
        .current_dir(&folder.0)
        .env_clear()
        .env("VIRTUAL_ENV", environment)
        .env("HOME", &folder.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    shell.stdin.take().unwrap().write_all(b"who is free\n").unwrap();
    let output = shell.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Ines will see you."), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn without_a_virtual_environment_the_two_commands_to_type_are_said() {
    let folder = Folder::new();
    let project = project(&folder.0);
    let output = Command::new(program()).args(["shell", "--project"]).arg(&project).current_dir(&folder.0).env_clear().stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("/.venv\n") && said.contains("/.venv/bin/pip install 'rasa-sdk==3.13.*'"), "{said}");
}

#[tokio::test]
async fn serve_refuses_a_module_with_the_two_lines_to_write() {
    let folder = Folder::new();
    let error = Office::start(&folder.0, &project(&folder.0), &[]).await.err().unwrap().to_string();
    assert!(error.contains("endpoints.yml:2:3: error: `actions_module` is started by `dev`, `shell` and `test` only"), "{error}");
    assert!(error.contains("action_endpoint:\n    url: http://localhost:5055/webhook"), "{error}");
}
