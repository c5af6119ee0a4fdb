//! A changed project becomes the next release: new calls begin with it, calls in progress keep theirs, and a
//! bad one changes nothing.

use crate::house::{Changes, House, On};
use centralita::phone::{Caller, Next};
use centralita::sandbox::{manifest_of, with_manifest};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

async fn watched(test: &str) -> House {
    House::with(On::Sqlite, test, Changes { watch: true, ..Changes::default() }).await.unwrap()
}

/// Writes beside the file and renames over it, as editors and builds do.
pub(crate) fn replace(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("next");
    std::fs::write(&beside, bytes).unwrap();
    std::fs::rename(&beside, path).unwrap();
}

/// Waits until new calls begin with another release than this one.
async fn swapped(house: &House, before: &str) -> String {
    for _ in 0..1000 {
        let current = house.server.app.releases.current().digest.clone();
        if current != before {
            return current;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no other release after ten seconds");
}

/// Waits until the host's audit names a refused release with this in its reason.
async fn refused(house: &House, reason: &str) {
    recorded(house, "release refused", reason).await;
}

/// Waits until the host's audit has a record with both.
async fn recorded(house: &House, what: &str, reason: &str) {
    for _ in 0..1000 {
        let chain = house.server.app.store.audit_chain(None).await.unwrap();
        if chain.iter().any(|row| row.record.contains(what) && row.record.contains(reason)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no `{what}` that says `{reason}` after ten seconds");
}

async fn reported(house: &House, from: &str) {
    let (mut caller, _) = house.ring(from).await;
    caller.say("me robaron la tarjeta").await.unwrap();
    caller.keys(&from[from.len() - 4..]).await.unwrap();
    assert!(caller.keys("1").await.unwrap().text().contains("quedó registrado"));
    assert!(matches!(caller.keys("2").await.unwrap().next, Next::HungUp));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_text_is_heard_from_the_next_call_on_and_a_running_call_keeps_its_own() {
    let house = watched("a_changed_text").await;
    let responses = house.project.join("domain/responses.yml");
    let text = std::fs::read_to_string(&responses).unwrap();
    let (mut running, _) = house.ring("+525510000001").await;
    let before = house.server.app.releases.current().digest.clone();
    replace(&responses, text.replace("Dime los últimos cuatro dígitos de tu tarjeta", "Dicta el final de tu tarjeta").as_bytes());
    swapped(&house, &before).await;
    assert!(running.say("perdí mi tarjeta").await.unwrap().text().contains("Dime los últimos cuatro dígitos"));
    let (mut later, _) = house.ring("+525510000002").await;
    assert!(later.say("perdí mi tarjeta").await.unwrap().text().contains("Dicta el final de tu tarjeta"));
    assert!(running.keys("0001").await.unwrap().text().contains("¿Confirmas?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_turn_fails_while_components_are_replaced_twenty_times() {
    let house = Arc::new(watched("components_are_replaced").await);
    let component = house.project.join("plugins/contextual-greeting.wasm");
    let bytes = std::fs::read(&component).unwrap();
    let manifest = manifest_of(&bytes).unwrap();
    let (done, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..4)
        .map(|caller| {
            let (house, done, calls) = (house.clone(), done.clone(), calls.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let number = calls.fetch_add(1, Ordering::Relaxed) % 200 + caller * 200 + 100;
                    reported(&house, &format!("+52551000{number:04}")).await;
                    if calls.load(Ordering::Relaxed) > 180 {
                        break;
                    }
                }
            })
        })
        .collect();
    let mut current = house.server.app.releases.current().digest.clone();
    for time in 0..20 {
        replace(&component, &with_manifest(&bytes, &format!("{manifest}\n# {time}\n")));
        current = swapped(&house, &current).await;
    }
    done.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    assert!(calls.load(Ordering::Relaxed) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_change_is_named_and_the_release_before_it_serves_on() {
    let house = watched("a_bad_change").await;
    let before = house.server.app.releases.current().digest.clone();
    let component = house.project.join("plugins/card-verification.wasm");
    let bytes = std::fs::read(&component).unwrap();
    replace(&component, &bytes[..bytes.len() / 2]);
    refused(&house, "card-verification").await;
    reported(&house, "+525510000003").await;
    replace(&component, b"not a component");
    refused(&house, "not WebAssembly").await;
    replace(&component, &bytes);
    let flows = house.project.join("data/flows/small.yml");
    let text = std::fs::read_to_string(&flows).unwrap();
    replace(&flows, text.replace("action: action_farewell", "action: action_no_such").as_bytes());
    refused(&house, "action_no_such").await;
    replace(&flows, format!("{text}\n  - [").as_bytes());
    refused(&house, "not YAML").await;
    assert_eq!(house.server.app.releases.current().digest, before);
    reported(&house, "+525510000004").await;
}

/// A component of the contract's world whose only action does what its body says.
pub(crate) fn component(imports: &str, data: &str, body: &str, manifest: &str) -> Vec<u8> {
    let text = format!(
        r#"(module {imports}
            (memory (export "memory") 2) {data}
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "centralita:action/actions@0.1.0#run") (param i32 i32) (result i32) {body}))"#
    );
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("action.wit", include_str!("../../wit/action.wit")).unwrap();
    let world = resolve.select_world(&[package], Some("action")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, wit_component::StringEncoding::UTF8, true).unwrap();
    let encoder = wit_component::ComponentEncoder::default().validate(true).module(&module).map(|encoder| encoder.encode());
    with_manifest(&encoder.unwrap().unwrap(), manifest)
}

fn evil(body: &str, manifest: &str) -> Vec<u8> {
    component("", "", body, manifest)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_loops_or_traps_is_stopped_and_the_caller_is_greeted_all_the_same() {
    let house = watched("a_component_that_loops").await;
    let component = house.project.join("plugins/contextual-greeting.wasm");
    let manifest = manifest_of(&std::fs::read(&component).unwrap()).unwrap();
    let mut current = house.server.app.releases.current().digest.clone();
    for body in ["(loop $l (br $l)) unreachable", "unreachable"] {
        replace(&component, &evil(body, &manifest));
        current = swapped(&house, &current).await;
        let (caller, heard): (Caller, _) = house.ring("+525510000005").await;
        assert!(heard.text().contains("Hola, soy el asistente"), "{}", heard.text());
        assert_eq!(house.responses(caller.call_sid()).await, ["utter_greeting"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_traps_three_times_of_its_first_runs_is_set_aside_until_it_changes() {
    let house = watched("a_release_that_traps").await;
    let path = house.project.join("plugins/contextual-greeting.wasm");
    let bytes = std::fs::read(&path).unwrap();
    let manifest = manifest_of(&bytes).unwrap();
    let before = house.server.app.releases.current().digest.clone();
    let trapping = evil("unreachable", &manifest);
    replace(&path, &trapping);
    let bad = swapped(&house, &before).await;
    for _ in 0..3 {
        let (_, heard) = house.ring("+525510000005").await;
        assert!(heard.text().contains("Hola, soy el asistente"), "{}", heard.text());
    }
    assert_eq!(swapped(&house, &bad).await, before);
    recorded(&house, "release set aside", &bad[..8]).await;
    let (_, heard) = house.ring("+525510000006").await;
    assert!(!heard.text().contains("Hola, soy el asistente"), "{}", heard.text());
    // The same bytes again are no news, and neither are they after something else.
    replace(&path, &trapping);
    std::fs::write(house.project.join("data/nothing.yml"), "version: \"3.1\"\n").unwrap();
    let other = swapped(&house, &before).await;
    std::fs::remove_file(house.project.join("data/nothing.yml")).unwrap();
    refused(&house, "is set aside until it changes").await;
    assert_eq!(house.server.app.releases.current().digest, other);
    replace(&path, &with_manifest(&bytes, &format!("{manifest}\n# mended\n")));
    swapped(&house, &other).await;
}
