//! Conditions (`rasa-calm.md` §1.7 and the contradictions of §14), each row of the reference as pypred answers it.

use crate::talk::{Talk, found, load, project, project_of};
use centralita_engine::condition::{Condition, Scope, TypeError};
use serde_json::{Value as Json, json};

struct Names(Json, Json);

impl Scope for Names {
    fn slot(&self, name: &str) -> Option<Json> {
        self.0.get(name).cloned()
    }
    fn context(&self) -> &Json {
        &self.1
    }
}

/// What a predicate is worth: `true`, `false`, `type error` or `unreadable`.
fn worth(text: &str) -> String {
    let slots = json!({
        "a": 5.0, "s": "abc", "n": null, "t": true, "f": false, "e": "", "z": 0.0, "none_left": [],
        "l": ["x", "y"], "any": {"key": {"inner": "v"}}, "x-y": 1.0,
    });
    let names = Names(slots, json!({"collect": "n", "reason": "x", "map": {"key": 1}}));
    match Condition::parse(text).map(|condition| condition.evaluate(&names)) {
        Ok(Ok(yes)) => yes.to_string(),
        Ok(Err(TypeError)) => "type error".into(),
        Err(_) => "unreadable".into(),
    }
}

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        assert_eq!(worth(text), *expected, "{text}");
    }
}

#[test]
fn keywords_are_read_in_any_case() {
    check(&[
        ("slots.t AND TRUE", "true"),
        ("Not slots.f", "true"),
        ("slots.n IS Null", "true"),
        ("slots.s CONTAINS 'b'", "true"),
        ("slots.s Matches 'b'", "true"),
    ]);
    check(&[("slots.missing = UNDEFINED", "true"), ("slots.e is EMPTY", "true"), ("False", "false"), ("slots.f OR True", "true")]);
}

#[test]
fn dots_and_hyphens_are_part_of_a_name_and_there_is_no_arithmetic() {
    check(&[("slots.x-y = 1", "true"), ("slots.a-1 = 4", "false"), ("slots.a - 1 = 4", "unreadable"), ("slots.a + 1 = 6", "unreadable")]);
}

#[test]
fn names_are_told_apart_by_case() {
    check(&[("SLOTS.a = 5", "false"), ("slots.A = 5", "false")]);
}

#[test]
fn strings_have_either_quote_and_no_escapes() {
    check(&[
        ("slots.s = \"abc\"", "true"),
        ("slots.s = 'abc'", "true"),
        ("'it\\' = 1", "false"),
        ("'it's' = 1", "unreadable"),
        ("\"a 'b'\" = \"a 'b'\"", "true"),
    ]);
}

#[test]
fn numbers_have_a_sign_and_a_fraction_and_are_floats() {
    check(&[("slots.a = -5", "false"), ("slots.a = +5", "true"), ("slots.a = 05", "true"), ("slots.a = 5.0", "true"), ("slots.a > -5.5", "true")]);
}

#[test]
fn a_regex_literal_stands_between_slashes_with_flags() {
    check(&[("slots.s matches /B/i", "true"), ("slots.s matches /B/", "false"), ("slots.s matches /^A.C$/ismlu", "true")]);
}

#[test]
fn a_set_has_members_apart_by_blanks() {
    check(&[("{\"abc\" \"y\"} contains slots.s", "true"), ("{1 5 'z'} contains slots.a", "true"), ("{\"x\"} contains slots.s", "false")]);
    check(&[("{\"abc\", \"y\"} contains slots.s", "unreadable")]);
}

#[test]
fn a_comment_runs_to_the_end_of_its_line_and_blanks_mean_nothing() {
    check(&[("slots.a >= 5 # five", "true"), ("slots.a # a\n = \t 5\n", "true"), ("slots.a=5", "true")]);
}

#[test]
fn what_python_has_and_the_language_lacks_is_unreadable() {
    check(&[("slots.s in ['abc']", "unreadable"), ("slots.t && slots.t", "unreadable"), ("!slots.t", "unreadable"), ("len(slots.s) > 2", "unreadable")]);
    check(&[("slots.l[0] = 'x'", "unreadable"), ("slots.a =", "unreadable"), ("(slots.a", "unreadable"), ("", "unreadable")]);
}

#[test]
fn and_and_or_bind_alike_from_the_right() {
    check(&[
        ("false and true or true", "false"),
        ("(false and true) or true", "true"),
        ("true or true and false", "true"),
        ("(true or true) and false", "false"),
    ]);
}

#[test]
fn and_beside_or_without_parentheses_is_a_warning() {
    let said = found(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow("slots.a > 1 and slots.b > 1 or slots.a = 1"))]);
    assert!(said.iter().any(|line| line.starts_with("data/flows.yml:4:9: warning") && line.contains("parentheses")), "{said:?}");
    assert_eq!(found(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow("(slots.a > 1 and slots.b > 1) or slots.a = 1"))]), Vec::<String>::new());
}

#[test]
fn not_takes_the_whole_comparison() {
    check(&[("not slots.a = 6", "true"), ("not slots.a = 5", "false"), ("not not slots.t", "true"), ("not slots.f and slots.t", "true")]);
}

#[test]
fn equality_has_three_spellings_and_inequality_two() {
    check(&[("slots.a = 5", "true"), ("slots.a == 5", "true"), ("slots.a is 5", "true"), ("slots.a != 5", "false"), ("slots.a is not 5", "false")]);
}

#[test]
fn the_four_orders_compare_numbers() {
    check(&[("slots.a > 4", "true"), ("slots.a >= 5", "true"), ("slots.a < 5", "false"), ("slots.a <= 5", "true"), ("4 < slots.a", "true")]);
}

#[test]
fn dots_after_a_slot_go_into_what_it_holds() {
    check(&[("slots.any.key.inner = 'v'", "true"), ("slots.any.key.other = undefined", "true"), ("context.map.key = 1", "true")]);
}

#[test]
fn context_is_the_frame_whose_step_is_evaluated() {
    check(&[("context.reason = 'x'", "true"), ("context.nothing is null", "false"), ("context.nothing = undefined", "true")]);
}

#[test]
fn a_word_without_quotes_is_undefined_and_no_string() {
    check(&[("slots.s = abc", "false"), ("slots.missing = abc", "true"), ("yes", "false")]);
}

#[test]
fn a_predicate_with_jinja_is_rendered_whole_and_then_read() {
    check(&[("slots.{{context.collect}} is null", "true"), ("'{{context.reason}}' = 'x'", "true"), ("\"{{context.reason}}\" != \"y\"", "true")]);
    check(&[("{{ context.reason", "type error"), ("slots.a = {{context.missing}}", "type error")]);
}

#[test]
fn ordering_something_with_null_or_text_with_a_number_is_a_type_error() {
    check(&[("slots.n > 3", "type error"), ("slots.s > 17", "type error"), ("slots.missing > 3", "false")]);
}

#[test]
fn a_type_error_spoils_what_is_read_before_it_and_not_what_needs_no_reading() {
    check(&[("slots.n > 3 or slots.t", "type error"), ("slots.a = 5 or slots.n > 3", "true"), ("slots.f and slots.n > 3", "false")]);
}

#[test]
fn a_slot_that_is_not_there_is_undefined_and_not_null() {
    check(&[("slots.missing != \"x\"", "true"), ("slots.missing = undefined", "true"), ("slots.missing is empty", "true"), ("slots.missing is null", "false")]);
}

#[test]
fn an_empty_slot_is_null_and_neither_empty_nor_false() {
    check(&[("slots.n is null", "true"), ("slots.n is not null", "false"), ("not slots.n", "true"), ("slots.n != \"x\"", "true")]);
    check(&[("slots.n is empty", "false"), ("slots.n is false", "false"), ("slots.n = \"\"", "false"), ("slots.n contains \"b\"", "false")]);
}

#[test]
fn an_empty_text_is_empty_and_not_null() {
    check(&[("slots.e is empty", "true"), ("slots.e is null", "false"), ("slots.none_left is empty", "true")]);
}

#[test]
fn is_not_none_holds_for_every_value_and_is_a_warning() {
    check(&[("slots.n is not none", "true"), ("slots.a is not none", "true"), ("slots.a is not None", "true")]);
    let (loaded, said) = load(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow("slots.a is not none"))]);
    assert!(loaded.is_some() && said.iter().any(|line| line.contains("warning") && line.contains("none")), "{said:?}");
}

#[test]
fn truth_values_are_numbers_and_nothing_else_changes_its_type() {
    check(&[("slots.t = 1", "true"), ("slots.f = 0", "true"), ("slots.t = \"true\"", "false"), ("slots.a = \"5\"", "false"), ("\"18\" = 18", "false")]);
}

#[test]
fn a_value_alone_is_as_true_as_in_python() {
    check(&[("slots.t", "true"), ("slots.s", "true"), ("slots.a", "true"), ("slots.l", "true"), ("slots.any", "true")]);
    check(&[
        ("slots.f", "false"),
        ("slots.z", "false"),
        ("0", "false"),
        ("\"\"", "false"),
        ("null", "false"),
        ("slots.none_left", "false"),
        ("slots.n", "false"),
    ]);
}

#[test]
fn contains_looks_into_texts_lists_and_sets() {
    check(&[("slots.s contains \"b\"", "true"), ("slots.s contains \"B\"", "false"), ("slots.l contains \"x\"", "true"), ("slots.l contains \"z\"", "false")]);
    check(&[("slots.l contains slots.s", "false"), ("slots.l contains (slots.s)", "unreadable")]);
}

#[test]
fn matches_searches_and_minds_case() {
    check(&[
        ("slots.s matches \"b\"", "true"),
        ("slots.s matches \"B\"", "false"),
        ("slots.s matches \"(?i)B\"", "true"),
        ("slots.s matches \"^ab$\"", "false"),
    ]);
}

#[test]
fn slashes_inside_quotes_are_part_of_the_pattern() {
    check(&[("slots.s matches \"/B/i\"", "false")]);
}

#[test]
fn a_pattern_may_look_around_and_refer_back() {
    check(&[("slots.s matches \"a(?=b)\"", "true"), ("slots.s matches \"(?<!a)b\"", "false"), ("\"abab\" matches \"^(ab)\\1$\"", "true")]);
    check(&[("\"2024-01\" matches \"^(?P<year>\\d{4})-\\d\\d$\"", "true")]);
}

#[test]
fn a_pattern_that_would_try_for_ever_does_not_hold() {
    let text = format!("\"{}b\" matches \"^(a|aa|(a)\\2)*c$\"", "a".repeat(60));
    check(&[(&text, "type error")]);
}

#[test]
fn only_text_matches_and_a_word_without_quotes_is_the_pattern() {
    check(&[("slots.a matches \"5\"", "false"), ("slots.n matches \"\"", "false"), ("slots.s matches abc", "true")]);
}

#[test]
fn texts_are_ordered_as_strings() {
    check(&[("slots.s < \"b\"", "true"), ("\"B\" < \"a\"", "true"), ("\"10\" < \"9\"", "true")]);
}

const DOMAIN: &str = "
slots:
  a: {type: float}
  b: {type: float}
responses:
  utter_hello: [{text: Hello}]
";

/// A flow whose guard is `condition`.
fn flow(condition: &str) -> String {
    format!("flows:\n  greet:\n    description: says hello\n    if: {condition}\n    steps:\n    - action: utter_hello\n")
}

#[test]
fn a_condition_that_cannot_be_read_is_an_error_at_load_with_its_place() {
    let said = found(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow("slots.a in [1]"))]);
    assert!(said.iter().any(|line| line.starts_with("data/flows.yml:4:9: error") && line.contains("slots.a in [1]")), "{said:?}");
}

#[test]
fn a_name_without_slots_or_context_is_an_error_with_a_hint() {
    let said = found(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow("a > 18"))]);
    assert!(said.iter().any(|line| line.contains("error") && line.contains("`a`") && line.contains("slots.")), "{said:?}");
}

#[test]
fn a_slot_that_no_domain_declares_is_an_error() {
    let said = found(&[("domain.yml", DOMAIN), ("data/flows.yml", &flow("slots.c > 18"))]);
    assert!(said.iter().any(|line| line.contains("error") && line.contains("`c`")), "{said:?}");
}

#[test]
fn conditions_stand_in_guards_branches_rejections_validations_and_responses() {
    let domain = "
slots:
  a: {type: float, validation: {rejections: [{if: slots.a > 90, utter: utter_far_too_much}]}}
responses:
  utter_ask_a: [{text: How many?}]
  utter_too_much: [{text: Too many}]
  utter_far_too_much: [{text: Far too many}]
  utter_end: [{text: Many, condition: slots.a > 5}, {text: Few}]
";
    let flows = "
flows:
  count:
    description: counts
    if: slots.a is null
    steps:
    - collect: a
      rejections: [{if: slots.a > 50, utter: utter_too_much}]
      next:
      - if: slots.a = 7
        then: END
      - else: end
    - action: utter_end
      id: end
";
    let project = project(domain, flows);
    for (answer, expected) in [("99", "Far too many"), ("60", "Too many"), ("6", "Many"), ("3", "Few"), ("7", "Is there anything else?")] {
        let mut talk = Talk::begin(&project);
        talk.model("start flow count");
        assert_eq!(talk.model(&format!("set slot a {answer}"))[0], expected, "{answer}");
    }
}

#[test]
fn a_pattern_condition_with_jinja_around_half_of_it_is_quoted_as_a_whole() {
    let pattern = "flows:\n  pattern_cancel_flow:\n    description: cancels\n    steps:\n    - action: action_cancel_flow\n      next:\n      - if: \"'{{context.canceled_name}}' = 'say hello'\"\n        then:\n        - action: utter_hello\n          next: END\n      - else: END\n";
    let flows = "flows:\n  greet:\n    name: say hello\n    description: says hello\n    run_pattern_completed: false\n    steps:\n    - collect: a\n";
    let domain = format!("{DOMAIN}  utter_ask_a: [{{text: How many?}}]\n");
    let project = project_of(&[("domain.yml", &domain), ("data/flows.yml", flows), ("data/patterns.yml", pattern)]);
    let mut talk = Talk::begin(&project);
    talk.model("start flow greet");
    assert_eq!(talk.model("cancel flow")[0], "Hello");
}
