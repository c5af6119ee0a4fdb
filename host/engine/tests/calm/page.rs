//! `docs/rasa-compatibility.md` names tests; each of them has to be there.

#![allow(clippy::disallowed_methods, reason = "the test reads the page and the tests from disk; the engine does not")]

use std::path::Path;

#[test]
fn every_test_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("../../docs/rasa-compatibility.md")).unwrap();
    let named: Vec<(&str, &str)> = page.split('`').skip(1).step_by(2).filter_map(|code| code.split_once("::")).collect();
    assert!(named.len() > 200, "the page names {} tests", named.len());
    for (file, test) in named.into_iter().filter(|(file, test)| *file != "file" && !test.contains(char::is_whitespace) && !file.contains(char::is_whitespace)) {
        let text = std::fs::read_to_string(root.join("tests/calm").join(format!("{file}.rs"))).unwrap_or_default();
        assert!(text.contains(&format!("fn {test}(")), "there is no test `{file}::{test}`");
    }
}
