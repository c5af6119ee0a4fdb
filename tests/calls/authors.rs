//! What a plugin's author types, against the real binary: a new plugin passes its test at once, a check says what a component
//! can do, the examples in JavaScript and Python do as their cases say.

use crate::house::{Folder, cache, root};
use centralita::author::{self, Bench, Kept, Suite, check};
use centralita::plugins_build::{self, BuildError, Candidate, Language, Source};
use centralita::sandbox::{Cache, Sandbox, with_manifest};
use std::path::Path;
use std::sync::Arc;

/// A plugin's cases against its component: how many there are, and everything that is wrong.
async fn tested(source: &Source, candidate: &Candidate) -> (usize, Vec<String>) {
    let kept = Cache::open(&cache(), Arc::new(|_: &[&[u8]]| [0; 32])).unwrap();
    let sandbox = Sandbox::new(Some(kept)).unwrap();
    let bench = Bench::open(&sandbox, &source.name, &candidate.component, &candidate.symbols, None).await.unwrap();
    let (mut cases, mut wrong) = (0, Vec::new());
    for suite in Suite::all(&source.folder).unwrap() {
        let report = bench.suite(&suite, false).await.unwrap();
        cases += report.ran.len();
        for ran in &report.ran {
            wrong.extend(ran.wrong.iter().map(|why| format!("{}: {why}; {:?}", ran.name, ran.places)));
        }
        if let Kept::Differs { diff, .. } = report.trace {
            wrong.push(diff);
        }
    }
    (cases, wrong)
}

/// A Rust plugin made by `plugin new`, outside of any workspace and built where the tests build.
fn made(into: &Path) -> Source {
    let project = into.join("linea");
    std::fs::create_dir_all(&project).unwrap();
    let made = author::new("reloj", Language::Rust, &project, true).unwrap();
    Source::of(&made.folder).unwrap()
}

fn edit(source: &Source, from: &str, to: &str) {
    let path = source.folder.join("src/lib.rs");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    std::fs::write(&path, text.replace(from, to)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_plugin_passes_its_test_at_once_and_a_crash_in_it_shows_the_authors_line() {
    let folder = Folder::new();
    let source = made(&folder.0);
    let built = plugins_build::compile(std::slice::from_ref(&source)).await.unwrap();
    assert_eq!(tested(&source, &built[0]).await, (2, Vec::new()));
    assert!(!built[0].component.windows(11).any(|bytes| bytes == b".debug_line"), "what runs holds no symbols");

    let found = check(&built[0].component, "reloj", None);
    assert_eq!(found.wrong, Vec::<String>::new());
    assert!(found.facts.iter().any(|fact| fact == "imports call: now, respond"), "{:?}", found.facts);

    edit(&source, "    Ok(())", "    let none: Option<u8> = None;\n    none.unwrap();\n    Ok(())");
    let built = plugins_build::compile(std::slice::from_ref(&source)).await.unwrap();
    let (_, wrong) = tested(&source, &built[0]).await;
    assert!(wrong.iter().any(|why| why.contains("tell") && why.contains("src/lib.rs") && why.contains("16")), "{wrong:?}");

    // In the project, the symbols are kept beside the component, under its digest.
    let into = folder.0.join("linea/plugins");
    plugins_build::place(&built[0], &into).unwrap();
    let symbols: Vec<_> = std::fs::read_dir(into.join(".symbols/reloj")).unwrap().flatten().map(|file| file.file_name()).collect();
    let digest: String = built[0].digest().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(symbols, [std::ffi::OsString::from(format!("{digest}.wasm"))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_names_what_the_manifest_and_the_binary_do_not_both_have() {
    let greeting = std::fs::read(crate::house::components().await.join("contextual-greeting.wasm")).unwrap();
    let asks = |more: &str| format!("name: contextual-greeting\nversion: 0.1.0\nactions: {{action_greet: {{{more}}}}}\n");
    let notes = check(&with_manifest(&greeting, &asks("responses: [utter_a], writes: [city]")), "contextual-greeting", None).notes;
    assert!(notes.iter().any(|note| note.contains("writes (city), the binary never calls `call.set-slot`")), "{notes:?}");
    let notes = check(&with_manifest(&greeting, &asks("")), "contextual-greeting", None).notes;
    assert!(notes.iter().any(|note| note.contains("can call `call.respond`, plugin.yml asks for no responses")), "{notes:?}");
    let tickets = std::fs::read(crate::house::components().await.join("freshdesk-tickets.wasm")).unwrap();
    let wrong = check(&with_manifest(&tickets, &asks("statements: [rows]")), "contextual-greeting", None).wrong;
    assert!(wrong.iter().any(|why| why.contains("imports `http`, plugin.yml asks for no binding")), "{wrong:?}");
}

/// The components of an example, made once for all runs on a machine; none where its tools cannot be had.
async fn example(name: &str) -> Option<(Source, Candidate)> {
    let source = Source::of(&root().join("plugins/examples").join(name)).unwrap();
    match plugins_build::compile(std::slice::from_ref(&source)).await {
        Ok(mut built) => Some((source, built.remove(0))),
        Err(error @ (BuildError::NoLanguage { .. } | BuildError::Install { .. })) => {
            assert!(std::env::var("CENTRALITA_TEST_REQUIRE").as_deref() != Ok("all"), "{error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_in_javascript_does_as_its_cases_say() {
    let Some((source, built)) = example("nearest-branch").await else { return };
    assert_eq!(tested(&source, &built).await, (5, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_in_python_does_as_its_cases_say() {
    let Some((source, built)) = example("loan-quote").await else { return };
    assert_eq!(tested(&source, &built).await, (4, Vec::new()));
}
