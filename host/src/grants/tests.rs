//! Both files, with the places of their mistakes, and this repository's own.

use super::*;
use serde_json::{Value, json};
use std::time::Duration;

const OPERATOR: &str = include_str!("../../../flows/sctbnk/plugins.yml");

fn grants(text: &str) -> Grants {
    Grants::parse("plugins.yml", text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

#[track_caller]
fn mistakes(text: &str, expected: &[&str]) {
    let found: Vec<_> = Grants::parse("plugins.yml", text).err().unwrap_or_default().iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_bank_s_file_grants_what_its_plugins_ask_and_nothing_else() {
    let grants = grants(OPERATOR);
    let manifests = [
        include_str!("../../../plugins/contextual-greeting/plugin.yml"),
        include_str!("../../../plugins/card-verification/plugin.yml"),
        include_str!("../../../plugins/freshdesk-tickets/plugin.yml"),
        include_str!("../../../plugins/text-messages/plugin.yml"),
    ];
    for text in manifests {
        let manifest = Manifest::parse("plugin.yml", text).unwrap();
        let (effective, notes) = effective(&manifest, &grants.plugins[&manifest.name]);
        assert_eq!(notes, [], "{}", manifest.name);
        assert_eq!(effective.actions.len(), manifest.actions.len());
    }
    assert_eq!(grants.plugins.len(), manifests.len());
}

#[test]
fn what_an_action_may_change_is_known_without_its_component() {
    let grants = grants(OPERATOR);
    for (action, writes) in [
        ("action_greet", Writes::Nothing),
        ("action_verify_card", Writes::Nothing),
        ("action_record_unverified", Writes::CallBack),
        ("action_open_request", Writes::Effect),
        ("action_create_ticket", Writes::Effect),
        ("action_text_code", Writes::Effect),
        ("action_drop_call_back", Writes::CallBack),
        ("action_find_left_report", Writes::Nothing),
        ("action_of_nobody", Writes::Nothing),
    ] {
        assert_eq!(grants.writes(action), writes, "{action}");
    }
    assert_eq!(grants.plugin_of("action_create_ticket").unwrap().0, "freshdesk-tickets");
}

#[test]
fn a_binding_lengthens_the_run_of_the_action_that_uses_it_only() {
    let grants = grants(OPERATOR);
    let manifest = Manifest::parse("plugin.yml", include_str!("../../../plugins/freshdesk-tickets/plugin.yml")).unwrap();
    let (effective, _) = effective(&manifest, &grants.plugins["freshdesk-tickets"]);
    let limits = effective.limits_of("action_create_ticket", &grants);
    assert_eq!((limits.run, limits.host_call), (Duration::from_secs(12), Duration::from_secs(10)));
    assert_eq!(effective.limits_of("another", &grants).run, Duration::from_secs(4));
    assert_eq!((effective.later.as_slice(), effective.sends(), effective.queries()), (["action_create_ticket".to_owned()].as_slice(), true, true));
}

#[test]
fn asked_and_not_granted_and_granted_and_not_asked_are_reported() {
    let manifest = "name: p\nversion: 1\nlimits: {run_ms: {ask: 5000, why: slow}}\nactions:\n  a: {reads: [x, y], why: z}\n  b: {why: z}\n";
    let manifest = Manifest::parse("plugin.yml", manifest).unwrap();
    let grants = grants("plugins:\n  p:\n    component: plugins/p.wasm\n    actions:\n      a: {reads: [y, z]}\n      c: {}\n");
    let (effective, notes) = effective(&manifest, &grants.plugins["p"]);
    let notes: Vec<_> = notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "asks for reads: x for `a`, which plugins.yml does not grant",
            "is granted reads: z for `a`, which it does not ask for; take it out of plugins.yml",
            "asks for action `b`, which plugins.yml does not grant",
            "is granted action `c`, which it does not ask for; take it out of plugins.yml",
            "asks for run_ms: 5000 (granted: 4000), which plugins.yml does not grant",
        ]
    );
    assert_eq!(effective.actions.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(effective.actions["a"].reads.iter().collect::<Vec<_>>(), ["y"]);
    assert_eq!((effective.limits.run, effective.sends(), effective.queries()), (Duration::from_secs(4), false, false));
}

#[test]
fn every_mistake_of_an_operator_is_named_with_its_place() {
    mistakes(
        "pluggins: {}\nplugins:\n  p:\n    component: ../p.wasm\n    digest: sha256:12\n    speek: true\n    actions:\n      a: {statements: [no-such], bindings: [nor-this], reads: [a, a]}\n",
        &[
            "plugins.yml:1:1: error: plugins.yml has no key `pluggins`; known are plugins, bindings, statements, reviewers, authors, action_server",
            "plugins.yml:4:16: error: `component` is a path below the project folder that ends in `.wasm`",
            "plugins.yml:5:13: error: `digest` is `sha256:` and 64 hexadecimal digits",
            "plugins.yml:6:5: error: plugin `p` has no key `speek`; known are component, digest, actions, limits, speak, why",
            "plugins.yml:8:24: error: `no-such` is not under `statements`; add it there or take it out here",
            "plugins.yml:8:45: error: `nor-this` is not under `bindings`; add it there or take it out here",
            "plugins.yml:8:67: error: `a` is listed twice under `reads`",
        ],
    );
    mistakes(
        "plugins:\n  p: {component: p.wasm, actions: {a: {}}}\n  q: {component: q.wasm, actions: {a: {}}, limits: {run_ms: 99999, memory_mib: 0.5}}\n",
        &[
            "plugins.yml:3:36: error: action `a` is granted to `p` already; one plugin offers it",
            "plugins.yml:3:61: error: `run_ms` must be a whole number from 1 to 15000",
            "plugins.yml:3:80: error: `memory_mib` must be a whole number from 1 to 64",
        ],
    );
}

#[test]
fn a_binding_s_mistakes_are_named_with_their_places() {
    mistakes(
        "bindings:\n  b:\n    base: http://desk.example\n    auth: {basic: {user: key, password: X}}\n    allow: [{methods: [BREW], path: /a}, {methods: [GET], path: /b}]\n    values: [{at: name, classes: [colour], as: xml}]\n    once: {append: /tags, lookup: \"/c?x={/y}\", match: /tags}\n",
        &[
            "plugins.yml:3:11: error: `base`: http goes to loopback only; use https",
            "plugins.yml:4:11: error: a credential does not stand in this file; write \"${VARIABLE}\" and set that variable",
            "plugins.yml:5:13: error: `BREW` is no method; use GET, HEAD, POST, PUT, PATCH or DELETE, in capitals",
            "plugins.yml:6:19: error: `name` is no JSON pointer; write it as `/field` or `/field/*`",
            "plugins.yml:6:35: error: `colour` is no class of values; known are phone, client, card, last4, name, plain",
            "plugins.yml:6:48: error: `as` is `html` (values are escaped) or `text`",
            "plugins.yml:7:35: error: `lookup` must be a GET that `allow` covers, its query names too",
        ],
    );
}

#[test]
fn a_statement_s_mistakes_are_named_with_their_places() {
    mistakes(
        "statements:\n  a: {kind: read, sql: \"delete from cards\"}\n  b: {kind: read, sql: \"select ':no' || '::x' from c where a = :x::int -- :y\"}\n  c: {kind: write, sql: \"drop table cards; select 1\"}\n  d: {kind: read, call_back: true, sql: select 1, parameters: [{name: x, class: plain, fact: weather}]}\n  e: {kind: maybe}\n",
        &[
            "plugins.yml:2:24: error: a statement of kind `read` begins with `select` or `with`",
            "plugins.yml:3:24: error: `:x` is in the SQL and not under `parameters`",
            "plugins.yml:4:25: error: one statement only, without `;`",
            "plugins.yml:4:25: error: a statement begins with `select`, `with`, `insert`, `update` or `delete`",
            "plugins.yml:5:30: error: `call_back` is for statements that write",
            "plugins.yml:5:41: error: parameter `x` is not in this SQL as `:x`",
            "plugins.yml:5:94: error: `weather` is no fact of the host; known are call.id, call.number, now",
            "plugins.yml:6:6: error: statement `e` needs `sql`",
            "plugins.yml:6:13: error: `kind` is `read` or `write`",
        ],
    );
}

#[test]
fn an_author_s_mistakes_are_named_with_their_places() {
    let parse = |text: &str| Manifest::parse("plugin.yml", text).err().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        parse("name: p q\nactions:\n  a: {deliver: soon, reeds: [x]}\n"),
        [
            "plugin.yml:1:1: error: the manifest needs `version`",
            "plugin.yml:1:7: error: `p q` is no name of a plugin: use letters, digits, `-`, `_`",
            "plugin.yml:3:16: error: `deliver` can only be `later`: the run is repeated until it succeeds",
            "plugin.yml:3:22: error: action `a` has no key `reeds`; known are reads, writes, responses, statements, bindings, deliver, why",
        ]
    );
    assert_eq!(parse("name: p\nversion: 1\nactions: {}\n"), ["plugin.yml:3:10: error: a plugin needs at least one action under `actions`"]);
    assert_eq!(parse("name: [\n").len(), 1);
}

fn desk(variables: &[(&str, &str)]) -> Result<String, Vec<String>> {
    let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let resolved = grants(OPERATOR).resolve(&variable);
    resolved.map(|resolved| resolved.bindings[0].base.to_string()).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[test]
fn the_url_wins_over_the_domain_and_either_will_do() {
    let key = ("FRESHDESK_API_KEY", "secret-key");
    assert_eq!(desk(&[key, ("FRESHDESK_DOMAIN", "bank")]), Ok("https://bank.freshdesk.com/api/v2".to_owned()));
    assert_eq!(
        desk(&[key, ("FRESHDESK_DOMAIN", "bank"), ("FRESHDESK_API_URL", "https://other.freshdesk.com/api/v2/")]),
        Ok("https://other.freshdesk.com/api/v2/".to_owned())
    );
    assert_eq!(desk(&[key, ("FRESHDESK_API_URL", "http://127.0.0.1:8080/api/v2")]), Ok("http://127.0.0.1:8080/api/v2".to_owned()));
    assert_eq!(grants(OPERATOR).variables(), [vec!["FRESHDESK_API_KEY"], vec!["FRESHDESK_API_URL", "FRESHDESK_DOMAIN"]]);
}

#[test]
fn a_missing_or_wrong_variable_is_named_with_what_would_be_right_and_no_secret_is_shown() {
    assert_eq!(desk(&[]), Err(vec!["FRESHDESK_API_URL or FRESHDESK_DOMAIN is not set; binding `freshdesk` of plugins.yml needs it".to_owned()]));
    let key = ("FRESHDESK_API_KEY", "secret key\n!");
    let errors = desk(&[key, ("FRESHDESK_DOMAIN", "bank")]).unwrap_err();
    assert_eq!(errors, ["FRESHDESK_API_KEY holds 12 characters, some of which no header can carry; copy it again (binding `freshdesk` of plugins.yml)"]);
    for (url, expected) in [
        (
            "http://desk.example/api/v2",
            "FRESHDESK_API_URL is `http://desk.example/api/v2`, but http goes to loopback only; use https (binding `freshdesk` of plugins.yml)",
        ),
        (
            "https://a.example",
            "FRESHDESK_API_URL is `https://a.example`, but its path must be `/api/v2`; it should look like `https://desk.example/api/v2` (binding `freshdesk` of plugins.yml)",
        ),
        (
            "https://u:p@a.example/api/v2?k=v",
            "FRESHDESK_API_URL is `https://***@a.example/api/v2`, but it must not hold a user or password; use `auth` (binding `freshdesk` of plugins.yml)",
        ),
        (
            "bank",
            "FRESHDESK_API_URL is `bank`, but relative URL without a base; it should look like `https://desk.example/api/v2` (binding `freshdesk` of plugins.yml)",
        ),
    ] {
        assert_eq!(desk(&[("FRESHDESK_API_KEY", "k"), ("FRESHDESK_API_URL", url)]), Err(vec![expected.to_owned()]));
    }
}

fn known(text: &str) -> Option<(Class, String)> {
    [
        (token(Class::Client, [1; 8]), Class::Client, "100001"),
        (token(Class::Last4, [2; 8]), Class::Last4, "4521"),
        (token(Class::Card, [3; 8]), Class::Card, "ref-1"),
    ]
    .into_iter()
    .find(|(token, ..)| token == text)
    .map(|(_, class, value)| (class, value.to_owned()))
}

#[test]
fn a_sensitive_parameter_takes_a_token_of_its_class_and_nothing_a_plugin_could_guess() {
    let statement = &grants(OPERATOR).statements["cards-by-digits"];
    let bind = |given: &[Value]| statement.bind(given, &known, &|_| Value::Null).map_err(|error| error.to_string());
    let (client, last4) = (Value::from(token(Class::Client, [1; 8])), Value::from(token(Class::Last4, [2; 8])));
    assert_eq!(bind(&[client.clone(), last4.clone()]), Ok(vec![("client".into(), json!("100001")), ("last4".into(), json!("4521"))]));
    assert_eq!(bind(&[client.clone(), Value::Null]).unwrap()[1].1, Value::Null);
    let of = |why: &str| Err(format!("parameter `last4` of statement `cards-by-digits`: {why}"));
    assert_eq!(bind(&[client.clone(), json!("4521")]), of("only a token of a `last4` is allowed here"));
    assert_eq!(bind(&[client.clone(), json!(4521)]), of("only a token of a `last4` is allowed here"));
    assert_eq!(bind(&[client.clone(), client.clone()]), of("a `client` is not allowed here"));
    assert_eq!(bind(&[client.clone(), json!(token(Class::Last4, [9; 8]))]), of("a token that this call never gave out"));
    assert_eq!(bind(&[client.clone(), json!(format!("%{}", token(Class::Last4, [2; 8])))]), of("a `last4` is not allowed here"));
    assert!(bind(&[client.clone(), json!({"a": 1})]).unwrap_err().contains("must be text"));
    assert_eq!(bind(&[client]), Err("statement `cards-by-digits` takes 2 parameters, not 1".to_owned()));
}

#[test]
fn the_host_fills_in_what_it_knows_itself_and_a_plain_parameter_takes_no_token() {
    let statement = &grants(OPERATOR).statements["open-requests"];
    let fact = |fact: Fact| match fact {
        Fact::Call => json!("CA1"),
        Fact::Number => json!("+525500000001"),
        Fact::Now { .. } => json!("2026-11-23T14:32:00-06:00"),
    };
    let given = |code: String| [json!(code), json!(token(Class::Client, [1; 8])), json!([token(Class::Card, [3; 8])]), json!("lost"), json!("2026")];
    let bound = statement.bind(&given("123456780".into()), &known, &fact).unwrap();
    let names: Vec<_> = bound.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "client", "cards", "loss_kind", "noticed_at", "callback_number", "call"]);
    assert_eq!((&bound[2].1, &bound[5].1, &bound[6].1), (&json!(["ref-1"]), &json!("+525500000001"), &json!("CA1")));
    assert!(statement.bind(&given(token(Class::Last4, [2; 8])), &known, &fact).is_err());
}

#[test]
fn a_request_is_tagged_once_looked_up_with_its_own_values_and_found_by_its_tag() {
    let grants = grants(OPERATOR);
    let once = grants.bindings["freshdesk"].once.as_ref().unwrap();
    let mut body = json!({"unique_external_id": "a&b", "tags": ["bloqueo"]});
    assert!(once.tag(&mut body, "run-1"));
    assert_eq!(body["tags"], json!(["bloqueo", "run-1"]));
    assert_eq!(once.lookup(&body).unwrap(), "/tickets?unique_external_id=a%26b&order_by=created_at&per_page=100");
    assert_eq!(once.lookup(&json!({"unique_external_id": null})), None);
    let answer = json!([{"id": 3, "tags": ["bloqueo"]}, {"id": 2, "tags": ["run-1"]}, {"id": 1, "tags": []}]);
    assert_eq!(once.found(&answer, "run-1"), [&json!({"id": 2, "tags": ["run-1"]})]);
    let mut bare = json!({});
    assert!(once.tag(&mut bare, "run-1") && !once.tag(&mut json!({"tags": "x"}), "run-1") && !once.tag(&mut json!([]), "run-1"));
    assert_eq!(bare, json!({"tags": ["run-1"]}));
}

/// A binding whose `once` says this of one that is too many.
fn with_surplus(surplus: &str) -> String {
    let binding = "bindings:\n  b:\n    base: https://desk.example\n    allow: [{methods: [GET], path: /c}]\n";
    format!("{binding}    once: {{append: /tags, lookup: /c, match: /tags,\n      surplus: {surplus}}}\n")
}

#[test]
fn one_that_is_too_many_is_named_in_the_operator_s_own_requests_beside_the_one_that_counts() {
    let grants = grants(&with_surplus(
        r#"[{method: POST, path: "/c/{/id}/notes", body: {body: "de {kept/id}", status: 5, private: true}}, {method: DELETE, path: "/c/{/id}"}]"#,
    ));
    let surplus = grants.bindings["b"].once.as_ref().unwrap().surplus.as_ref().unwrap();
    let asked = surplus.requests(&json!({"id": 8}), &json!({"id": 7})).unwrap();
    let shown: Vec<_> = asked.iter().map(|asked| (asked.method.as_str(), asked.path.as_str(), String::from_utf8(asked.body.clone()).unwrap())).collect();
    assert_eq!(shown, [("POST", "/c/8/notes", r#"{"body":"de 7","private":true,"status":5}"#.to_owned()), ("DELETE", "/c/8", String::new())]);
    assert!(surplus.requests(&json!({}), &json!({"id": 7})).is_none(), "a field that is not there");
    assert_eq!(surplus.requests(&json!({"id": "a/b"}), &json!({"id": 7})).unwrap()[1].path, "/c/a%2Fb", "a value stays one segment");
}

#[test]
fn requests_about_one_that_is_too_many_are_read_with_their_mistakes() {
    let field = "name fields of the one that is too many, `{kept/field}` of the one that counts";
    for (surplus, mistake) in [
        ("[]", "16: error: `surplus` lists requests, such as `- {method: PUT, path: \"/tickets/{/id}\", body: {status: 5, tags: [duplicado]}}`".to_owned()),
        ("[{method: GET, path: /c}]", "26: error: `GET` changes nothing; `method` is POST, PUT, PATCH or DELETE".to_owned()),
        (r#"[{method: PUT, path: "/c/{id}"}]"#, format!("37: error: `path` is a path whose `{{/field}}` {field}")),
        ("[{method: PUT, path: c}]", "37: error: `path` begins with `/` and has plain segments".to_owned()),
        (
            r#"[{method: PUT, path: /c, body: {a: ["{other/id}"]}}]"#,
            "17: error: a `{` of `body` names a field: `{/field}` of the one that is too many, `{kept/field}` of the one that counts".to_owned(),
        ),
    ] {
        mistakes(&with_surplus(surplus), &[&format!("plugins.yml:6:{mistake}")]);
    }
}

#[tokio::test]
async fn a_ticket_whose_answer_was_lost_is_found_by_its_tag() {
    use crate::egress::{Egress, FailureKind, Request};
    use crate::standin::desk::{Desk, Fault, On};
    let desk = Desk::new("agent-key");
    let listening = desk.serve().await.unwrap();
    let grants = grants(OPERATOR);
    let variable = |name: &str| match name {
        "FRESHDESK_API_URL" => Some(listening.base.clone()),
        "FRESHDESK_API_KEY" => Some("agent-key".to_owned()),
        _ => None,
    };
    let binding = grants.resolve(&variable).unwrap().bindings.remove(0);
    let once = grants.bindings["freshdesk"].once.as_ref().unwrap();
    let mut body = json!({"unique_external_id": "100001", "name": "Ana", "subject": "s", "description": "d", "tags": ["bloqueo"]});
    assert!(once.tag(&mut body, "run-1"));
    let request = |method: &str, path: String, body: String| Request { method: method.to_owned(), path, headers: Vec::new(), body: body.into_bytes() };

    let egress = Egress::new();
    desk.fault(Fault::DropAfter, On::Create, Some(1));
    let lost = egress.send(&binding, request("POST", "/tickets".to_owned(), body.to_string())).await.err().unwrap();
    assert_eq!(lost.kind, FailureKind::Unknown);
    let answer = egress.send(&binding, request("GET", once.lookup(&body).unwrap(), String::new())).await.unwrap();
    let list: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(once.found(&list, "run-1")[0]["id"], desk.tickets()[0]["id"]);
    assert!(once.found(&list, "run-2").is_empty());
}

proptest::proptest! {
    #[test]
    fn no_text_panics_a_reader(text in "\\PC{0,200}") {
        let _ = Grants::parse("plugins.yml", &text);
        let _ = Manifest::parse("plugin.yml", &text);
        let _ = Grants::parse("plugins.yml", &format!("statements: {{a: {{kind: read, sql: {text:?}}}}}"));
    }
}

#[test]
fn an_optional_binding_without_its_variables_is_off_and_one_with_a_wrong_one_is_a_mistake() {
    let account = [
        ("FRESHDESK_API_KEY", "secret-key"),
        ("FRESHDESK_DOMAIN", "bank"),
        ("TWILIO_ACCOUNT_SID", "AC1"),
        ("TWILIO_AUTH_TOKEN", ", new-token,old-token"),
        ("TWILIO_PHONE_NUMBER", "+525500000100"),
    ];
    let resolved = |variables: &[(&str, &str)]| {
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let resolved = grants(OPERATOR).resolve(&variable);
        resolved.map(|resolved| (resolved.bindings, resolved.off)).map_err(|wrong| wrong.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let (bindings, off) = resolved(&account).ok().unwrap();
    assert!(off.is_empty());
    let messages = bindings.iter().find(|binding| binding.name == "messages").unwrap();
    assert_eq!(messages.base.as_str(), "https://api.twilio.com/2010-04-01/Accounts/AC1");
    let form = messages.form.as_ref().unwrap();
    assert_eq!((&form.fields[..], &form.added[..]), (&["To".to_owned(), "Body".to_owned()][..], &[("From".to_owned(), "+525500000100".to_owned())][..]));
    assert!(matches!(&messages.auth, Some(crate::egress::Auth::Basic { password, .. }) if password.reveal() == "new-token"), "the first of a list");
    for gone in 2..5 {
        let without: Vec<_> = account.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, pair)| *pair).collect();
        let (bindings, off) = resolved(&without).ok().unwrap();
        assert!(bindings.len() == 1 && off.len() == 1 && off[0].to_string().contains(account[gone].0), "{off:?}");
    }
    let wrong = resolved(&[&account[..], &[("TWILIO_API_URL", "http://api.example")]].concat()).err().unwrap();
    assert!(wrong[0].contains("TWILIO_API_URL"), "{wrong:?}");
}

#[test]
fn moments_ago_and_local_times_are_read_and_nothing_else_in_their_place() {
    let read = |parameter: &str, column: &str| {
        format!("statements:\n  s:\n    kind: read\n    sql: select at from t where at > :since\n    parameters: [{parameter}]\n    columns: [{column}]\n")
    };
    let grants = grants(&read("{name: since, class: plain, fact: now, minus_minutes: 30}", "{name: at, class: plain, as: local_time}"));
    let statement = &grants.statements["s"];
    assert_eq!((statement.parameters[0].fact, statement.columns[0].local_time), (Some(Fact::Now { minus_minutes: 30 }), true));
    mistakes(
        &read("{name: since, class: plain, fact: call.id, minus_minutes: 30}", "{name: at, class: plain, as: date}"),
        &[
            "plugins.yml:5:76: error: `minus_minutes` goes with `fact: now`",
            "plugins.yml:6:44: error: `as` of a column is `local_time`: a moment, in the project's time zone",
        ],
    );
}
