//! What a reviewer is told of a change, on small releases.

use super::*;

const PLUGINS: &str = "
plugins:
  desk:
    component: plugins/desk.wasm
    actions:
      action_ticket: {reads: [client], statements: [cards], bindings: [desk]}
    limits: {cpu_ms: 100}
bindings:
  desk:
    base: [\"https://desk.example/api\"]
    auth: {basic: {user: \"${KEY}\", password: X}}
    allow:
      - {methods: [GET], path: /tickets}
    rate_per_hour: 100
statements:
  cards:
    kind: read
    sql: select last4 from cards where client = :client
    parameters: [{name: client, class: client}]
    columns: [{name: last4, class: last4}]
    rows: 5
";
const DOMAIN: &str = "slots:\n  client: {type: text, centralita: {class: client}}\nresponses:\n  utter_hello:\n  - text: Hola\n";

fn package(plugins: &str, domain: &str) -> Package {
    let mut package = Package::default();
    package.files.insert("plugins.yml".into(), plugins.into());
    package.files.insert("domain.yml".into(), domain.into());
    package
}

/// What is said of a release in which `from` became `to`.
#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(PLUGINS.contains(from) || DOMAIN.contains(from), "{from}");
    let new = package(&PLUGINS.replace(from, to), &DOMAIN.replace(from, to));
    assert_eq!(Difference::between(Some(&package(PLUGINS, DOMAIN)), &new).lines(), expected);
}

#[test]
fn equal_releases_have_no_difference() {
    check("rows: 5", "rows: 5", &[]);
}

#[test]
fn a_grant_more_widens_and_a_grant_less_narrows() {
    check("reads: [client]", "reads: [client, phone]", &["widened   + plugins.desk.actions.action_ticket.reads phone"]);
    check("statements: [cards], ", "", &["narrowed  - plugins.desk.actions.action_ticket.statements cards"]);
    check("reads: [client]", "reads: {client: to name the ticket}", &[]);
}

#[test]
fn a_number_widens_when_it_grows() {
    check("rows: 5", "rows: 50", &["widened   statements.cards.rows: 5 → 50"]);
    check("rate_per_hour: 100", "rate_per_hour: 10", &["narrowed  bindings.desk.rate_per_hour: 100 → 10"]);
    check("    rate_per_hour: 100\n", "", &["widened   - bindings.desk.rate_per_hour: 100"]);
    check("limits: {cpu_ms: 100}", "limits: {cpu_ms: 200}", &["widened   plugins.desk.limits.cpu_ms: 100 → 200"]);
    check("    limits: {cpu_ms: 100}\n", "", &["widened   - plugins.desk.limits.cpu_ms: 100"]);
}

#[test]
fn another_address_credential_path_or_statement_is_a_widening() {
    check("desk.example", "desk.test", &["widened   bindings.desk.base: [\"https://desk.example/api\"] → [\"https://desk.test/api\"]"]);
    check(
        "user: \"${KEY}\"",
        "user: \"${OTHER}\"",
        &["widened   bindings.desk.auth: {\"basic\":{\"password\":\"X\",\"user\":\"${KEY}\"}} → {\"basic\":{\"password\":\"X\",\"user\":\"${OTHER}\"}}"],
    );
    check(
        "path: /tickets",
        "path: /**",
        &[
            "widened   + bindings.desk.allow {\"methods\":[\"GET\"],\"path\":\"/**\"}",
            "narrowed  - bindings.desk.allow {\"methods\":[\"GET\"],\"path\":\"/tickets\"}",
        ],
    );
    check(
        "where client = :client",
        "where :client <> ''",
        &["widened   statements.cards.sql: select last4 from cards where client = :client → select last4 from cards where :client <> ''"],
    );
    check(
        "columns: [{name: last4, class: last4}]",
        "columns: [{name: last4, class: plain}]",
        &["widened   statements.cards.columns: [{\"class\":\"last4\",\"name\":\"last4\"}] → [{\"class\":\"plain\",\"name\":\"last4\"}]"],
    );
}

#[test]
fn a_slot_that_loses_its_class_and_a_key_nobody_thought_of_widen() {
    check(", centralita: {class: client}", "", &["widened   - slot client class: client", "changed   file domain.yml: 1 lines added, 1 taken out"]);
    check("    rows: 5\n", "    rows: 5\n    novelty: true\n", &["widened   + statements.cards.novelty: true"]);
}

#[test]
fn what_is_said_is_a_change_and_no_widening() {
    check(
        "Hola",
        "Buenas",
        &["changed   file domain.yml: 1 lines added, 1 taken out", "changed   response utter_hello: [{\"text\":\"Hola\"}] → [{\"text\":\"Buenas\"}]"],
    );
}

#[test]
fn a_binding_that_is_gone_is_less_with_all_its_rules() {
    let at = PLUGINS.find("bindings:\n  desk").unwrap();
    let end = PLUGINS.find("statements:\n  cards").unwrap();
    let new = package(&format!("{}{}", &PLUGINS[..at], &PLUGINS[end..]), DOMAIN);
    let difference = Difference::between(Some(&package(PLUGINS, DOMAIN)), &new);
    assert!(difference.0.iter().all(|change| change.way == Way::Narrowed), "{:#?}", difference.lines());
    assert!(!difference.0.is_empty());
}

/// What is said of a release with one file more than another.
fn with_file(name: &str, before: &str, after: &str) -> Vec<String> {
    let of = |text: &str| {
        let mut package = package(PLUGINS, DOMAIN);
        package.files.insert(name.into(), text.into());
        package
    };
    Difference::between(Some(&of(before)), &of(after)).lines()
}

#[test]
fn whatever_somebody_calls_a_thing_it_is_seen() {
    check(
        "bindings:\n  desk:",
        "bindings:\n  why: {base: [\"https://evil.test\"]}\n  desk:",
        &["widened   + bindings.why: named", "widened   + bindings.why.base: [\"https://evil.test\"]"],
    );
    check("bindings:\n  desk:", "reviewers: {why: \"ed25519:a\"}\nbindings:\n  desk:", &["widened   + reviewers.why: ed25519:a"]);
    check("bindings:\n  desk:", "reviewers: {name: \"ed25519:a\"}\nbindings:\n  desk:", &["widened   + reviewers.name: ed25519:a"]);
    // A statement called `cards.sql` is not the SQL of `cards`.
    let more = "statements:\n  cards.sql: {kind: read, sql: select 1, rows: 1}\n  cards:";
    let lines = ["kind: read", "rows: 1", "sql: select 1"].map(|rule| format!("widened   + statements.`cards.sql`.{rule}"));
    let lines: Vec<&str> = std::iter::once("widened   + statements.`cards.sql`: named").chain(lines.iter().map(String::as_str)).collect();
    check("statements:\n  cards:", more, &lines);
}

#[test]
fn another_address_of_a_model_is_a_widening_wherever_it_stands() {
    let config = |to: &str| format!("pipeline:\n- name: CompactLLMCommandGenerator\n  llm: {{provider: openai, api_base: \"{to}\"}}\n");
    let found = with_file("config.yml", &config("https://a.test"), &config("https://b.test"));
    assert!(found.contains(&"widened   config.yml pipeline 0 llm api_base: https://a.test → https://b.test".to_owned()), "{found:?}");
    let found = with_file("endpoints.yml", "action_endpoint: {url: \"https://a.test\", token: x}\n", "action_endpoint: {url: \"https://a.test\"}\n");
    assert_eq!(found, ["widened   - endpoints.yml action_endpoint token: x"]);
}

#[test]
fn every_limit_that_shrinks_narrows() {
    for key in ["requests", "statements", "waiting", "cpu_ms"] {
        let plugins = |n: u32| PLUGINS.replace("limits: {cpu_ms: 100}", &format!("limits: {{{key}: {n}}}"));
        let found = Difference::between(Some(&package(&plugins(4), DOMAIN)), &package(&plugins(3), DOMAIN)).lines();
        assert_eq!(found, [format!("narrowed  plugins.desk.limits.{key}: 4 → 3")]);
    }
}

#[test]
fn nothing_an_author_writes_moves_the_cursor_of_who_reads_it() {
    let found = with_file("endpoints.yml", "a: b\n", "a: \"b\\e[1A\\e[2K\\n\"\n");
    assert_eq!(found, ["widened   endpoints.yml a: b → b\\u{1b}[1A\\u{1b}[2K\\n"]);
}

#[test]
fn a_component_whose_imports_cannot_be_read_is_not_said_to_have_none() {
    let mut new = package(PLUGINS, DOMAIN);
    new.components.insert("desk".into(), b"\0asm\x0d\0\x01\0\x00\xff".to_vec());
    let found = Difference::between(Some(&package(PLUGINS, DOMAIN)), &new).lines();
    assert!(found.iter().any(|line| line.starts_with("widened   + component desk imports: cannot be read")), "{found:?}");
}
