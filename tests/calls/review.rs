//! What a reviewer is shown: differences and reports, of folders, components and kept releases.

use crate::house::{Folder, House, KEY, On, bank, copy};
use crate::serving::outcome;
use centralita::sandbox::{manifest_of, with_manifest};
use std::path::Path;

/// What a command prints, which must succeed.
fn printed(arguments: &[&str], variables: &[(&str, String)]) -> String {
    let output = outcome(arguments, variables);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn change(project: &Path, from: &str, to: &str) {
    let path = project.join("plugins.yml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_says_of_each_change_which_way_it_goes() {
    let folder = Folder::new();
    let (old, new) = (bank(&folder.0).await, folder.0.join("new"));
    copy(&old, &new);
    change(&new, "{methods: [POST], path: /tickets}", "{methods: [POST, DELETE], path: /tickets}");
    change(&new, "rate_per_hour: 1000", "rate_per_hour: 500");
    let component = new.join("plugins/contextual-greeting.wasm");
    let bytes = std::fs::read(&component).unwrap();
    let manifest = manifest_of(&bytes).unwrap().replace("responses: [utter_greeting_morning,", "writes: [loss_kind]\n    responses: [utter_greeting_morning,");
    std::fs::write(&component, with_manifest(&bytes, &manifest)).unwrap();
    let said = printed(&["plugin", "diff", &old.display().to_string(), &new.display().to_string()], &[]);
    for line in [
        "widened   + bindings.freshdesk.allow {\"methods\":[\"POST\",\"DELETE\"],\"path\":\"/tickets\"}",
        "widened   + component contextual-greeting asks.actions.action_greet.writes loss_kind",
        "narrowed  bindings.freshdesk.rate_per_hour: 1000 → 500",
        "changed   component contextual-greeting digest:",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(said.lines().next().unwrap().contains("2 WIDENED"), "{said}");
    let alone = printed(&["plugin", "diff", &old.join("plugins/contextual-greeting.wasm").display().to_string(), &component.display().to_string()], &[]);
    assert!(alone.contains("widened   + component component asks.actions.action_greet.writes loss_kind"), "{alone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_names_what_each_plugin_may_touch_and_a_kept_release_is_found_by_its_digits() {
    let house = House::open(On::Sqlite, "a_report_names").await.unwrap();
    let variables = [("DATABASE_URL", house.database.clone()), ("ENCRYPTION_KEY", KEY.to_owned())];
    let digest = house.server.app.releases.current().digest.clone();
    let said = printed(&["plugin", "report", "--release", &digest[..10]], &variables);
    for words in [
        "unreviewed",
        "action action_create_ticket (owed until it succeeds): reads",
        "imports centralita:action/http@0.1.0:",
        "send",
        "allow {\"methods\":[\"POST\"],\"path\":\"/tickets\"}",
        "statement client-by-phone:",
        "crates: not written down",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    let same = printed(&["plugin", "diff", &digest[..10], &house.project.display().to_string()], &variables);
    assert!(same.contains("nothing is different"), "{same}");
}
