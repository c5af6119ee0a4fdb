//! The workspace's own plugins: built as `dev` builds them, loaded and run.

use super::*;
use crate::plugins_build::build;

#[tokio::test]
async fn the_workspaces_plugins_import_what_they_use_and_run() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = std::env::temp_dir().join(format!("centralita-plugins-{}", std::process::id()));
    let names = ["contextual-greeting", "card-verification", "freshdesk-tickets"];
    let built = build(&workspace, &names, &folder).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(built.iter().all(|plugin| plugin.changed && plugin.bytes_len > 1000));

    let read = |name: &str| std::fs::read(folder.join(format!("{name}.wasm"))).expect("written");
    let records = Offer { records: true, ..Offer::default() };
    let greeting = SANDBOX.load("greeting", &read("contextual-greeting"), &Offer::default()).expect("needs no grant");
    let cards = SANDBOX.load("cards", &read("card-verification"), &records).expect("needs statements only");
    let tickets = SANDBOX.load("tickets", &read("freshdesk-tickets"), &ALL).expect("needs both");
    for (component, has) in [(&greeting, [false, false]), (&cards, [false, true]), (&tickets, [true, true])] {
        let imports = |name: &str| component.imports.contains_key(&format!("centralita:action/{name}@0.1.0"));
        assert_eq!([imports("http"), imports("records")], has, "{}", component.name);
        assert!(component.manifest.as_deref().is_some_and(|yaml| yaml.contains("\nactions:")));
    }

    let (host, seen) = Host::noting(Statements::Answer);
    let (finished, host) = SANDBOX.run(&greeting, "action_greet", &Limits::default(), host).await;
    assert_eq!(finished, Finished::Done);
    assert_eq!(*seen.lock().expect("not poisoned"), ["said utter_greeting_morning"]);
    let (finished, _) = SANDBOX.run(&greeting, "action_unknown", &Limits::default(), host).await;
    assert!(matches!(finished, Finished::Failed { kind, .. } if kind == "failed"));

    let (host, seen) = Host::noting(Statements::Stop);
    let (finished, _) = SANDBOX.run(&cards, "action_verify_card", &Limits::default(), host).await;
    assert!(matches!(finished, Finished::HostStop { .. }));
    assert_eq!(*seen.lock().expect("not poisoned"), ["query client-by-phone 1"]);

    let again = build(&workspace, &names, &folder).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(again.iter().all(|plugin| !plugin.changed), "nothing changed, so nothing is written");
    std::fs::remove_dir_all(&folder).expect("removed");
}
