//! From what a model wrote to commands, which generator writes how, and when nobody asks a model
//! (`rasa-calm.md` §3.3–§3.5).

use crate::money::{asked_amount, bank, bank_with};
use crate::talk::{CONFIG, Talk, found, project_of, written};
use centralita_engine::command::{Payload, Syntax, payload, read};
use centralita_engine::{Command, Source};
use serde_json::{Map, json};

#[track_caller]
fn reads(syntax: Syntax, text: &str, expected: &[&str]) {
    let got: Vec<String> = read(syntax, text).iter().map(written).collect();
    assert_eq!(got, expected, "{text}");
}

#[test]
fn a_model_that_fails_is_one_error_command_and_the_internal_error_pattern() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    let error = Command::Error { error_type: "rasa_internal_error_default".into(), info: Map::new() };
    talk.proposes("hello", vec![error], Source::Nobody);
    assert_eq!(talk.responses(), ["utter_internal_error_rasa"]);
}

#[test]
fn every_line_is_tried_against_every_command() {
    let answer = "start flow transfer\nset slot recipient Jo\n\nrepeat message\ncancel flow";
    reads(Syntax::Compact, answer, &["start flow transfer", "set slot recipient \"Jo\"", "repeat bot messages", "cancel flow"]);
}

#[test]
fn calls_are_searched_anywhere_in_a_line() {
    reads(Syntax::Calls, "First StartFlow(a), then SetSlot(b, \"c d\").", &["start flow a", "set slot b \"c d\""]);
    reads(Syntax::Calls, "SetSlot('b', 'c d')", &["set slot b \"c d\""]);
}

#[test]
fn compact_commands_are_anchored_at_the_start_of_the_line_after_marks() {
    reads(Syntax::Compact, "- start flow x\n`start flow y`\n* cancel flow", &["start flow x", "start flow y", "cancel flow"]);
    reads(Syntax::Compact, "please start flow x\n1. start flow x", &[]);
}

#[test]
fn search_ready_commands_may_also_follow_spaces_numbers_and_punctuation() {
    reads(Syntax::SearchReady, "1. start flow x\n   2) start flow y\n`start flow z`", &["start flow x", "start flow y", "start flow z"]);
}

#[test]
fn ids_may_be_wrapped_in_quotes_and_backticks() {
    reads(Syntax::Compact, "start flow `x`\nstart flow \"y\"\nset slot 'z' 1", &["start flow x", "start flow y", "set slot z \"1\""]);
    reads(Syntax::Compact, "start flow a/b\nset slot a.b 1", &[]);
}

#[test]
fn commands_joined_by_a_comma_are_parted_where_a_command_follows() {
    reads(Syntax::Compact, "set slot num_pizza 1, start flow order_pizza", &["set slot num_pizza \"1\"", "start flow order_pizza"]);
    reads(Syntax::Compact, "set slot street Elm street 5, second floor", &["set slot street \"Elm street 5, second floor\""]);
}

#[test]
fn a_value_is_the_rest_of_the_line_without_blanks_and_quotes() {
    reads(Syntax::Compact, "set slot street   \"Elm street 5\"  ", &["set slot street \"Elm street 5\""]);
}

#[test]
fn words_for_no_value_empty_the_slot() {
    for nothing in ["[missing information]", "[missing]", "None", "undefined", "null", "NULL"] {
        reads(Syntax::Compact, &format!("set slot street {nothing}"), &["set slot street null"]);
        reads(Syntax::Calls, &format!("SetSlot(street, {nothing})"), &["set slot street null"]);
    }
}

#[test]
fn a_value_becomes_what_its_slot_holds() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow transfer\nset slot recipient 5\nset slot amount 50");
    assert_eq!(talk.slot("recipient"), json!("5"));
    assert_eq!(talk.slot("amount"), json!(50.0));
}

#[test]
fn a_value_that_its_slot_cannot_hold_empties_it_and_is_refused_by_type() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow transfer\nset slot recipient Jo");
    talk.model("set slot amount lots");
    assert_eq!(talk.slot("amount"), json!(null));
    assert_eq!(talk.responses(), ["utter_float_slot_rejection", "utter_ask_amount"]);
}

#[test]
fn a_number_without_end_is_no_number() {
    let bank = bank();
    for endless in ["1e999", "-inf", "NaN", "infinity"] {
        let mut talk = asked_amount(&bank);
        talk.model(&format!("set slot amount {endless}"));
        assert_eq!(talk.responses(), ["utter_float_slot_rejection", "utter_ask_amount"], "{endless}");
    }
}

#[test]
fn setting_a_slot_that_is_the_id_of_a_flow_starts_the_flow() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.writes(Syntax::Calls, "my balance", "SetSlot(check_balance, true)");
    assert_eq!(talk.commands(), ["start flow check_balance"]);
}

#[test]
fn starting_a_flow_nobody_knows_is_dropped() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("start flow dance\nstart flow check_balance");
    assert_eq!(talk.commands(), ["start flow check_balance"]);
}

#[test]
fn setting_a_slot_nobody_knows_cannot_be_handled() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("set slot shoe_size 42");
    assert_eq!(talk.commands(), ["cannot handle"]);
    assert_eq!(talk.responses(), ["utter_ask_rephrase"]);
}

#[test]
fn options_nobody_knows_are_taken_out_of_a_clarification() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    talk.model("disambiguate flows transfer dance block_card");
    assert_eq!(talk.commands(), ["disambiguate flows transfer block_card"]);
    let mut talk = Talk::begin(&bank);
    talk.writes(Syntax::Calls, "cards", "Clarify(transfer, dance, block_card)");
    assert_eq!(talk.commands(), ["disambiguate flows transfer block_card"]);
}

#[test]
fn an_answer_without_a_command_cannot_be_handled() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    assert_eq!(talk.model("I am sorry, I cannot do that.").len(), 1);
    assert_eq!(talk.commands(), ["cannot handle"]);
    assert_eq!(talk.responses(), ["utter_ask_rephrase"]);
}

#[test]
fn prose_around_commands_is_ignored() {
    let answer = "The user wants their balance.\n\nstart flow check_balance\n\nThat should do.";
    reads(Syntax::Compact, answer, &["start flow check_balance"]);
}

#[test]
fn keywords_may_be_written_in_any_case() {
    reads(Syntax::Compact, "START flow x\nSet Slot y 1", &["start flow x", "set slot y \"1\""]);
    reads(Syntax::SearchReady, "Search And Reply", &["knowledge"]);
}

/// The syntax of a project with this generator.
fn syntax_of(generator: &str) -> Syntax {
    let config = CONFIG.replace("CompactLLMCommandGenerator", generator);
    project_of(&[("config.yml", &config), ("domain.yml", "slots: {}\n")]).config.syntax
}

#[test]
fn the_generator_of_the_pipeline_decides_the_syntax() {
    assert_eq!(syntax_of("LLMCommandGenerator"), Syntax::Calls);
    assert_eq!(syntax_of("SingleStepLLMCommandGenerator"), Syntax::Calls);
    assert_eq!(syntax_of("MultiStepLLMCommandGenerator"), Syntax::Calls);
    assert_eq!(syntax_of("CompactLLMCommandGenerator"), Syntax::Compact);
    assert_eq!(syntax_of("SearchReadyLLMCommandGenerator"), Syntax::SearchReady);
}

#[test]
fn a_generator_that_is_a_python_class_is_refused_by_name() {
    let config = CONFIG.replace("CompactLLMCommandGenerator", "custom.generator.MyGenerator");
    let said = found(&[("config.yml", &config), ("domain.yml", "slots: {}\n")]);
    assert!(said.iter().any(|line| line.contains("error: `custom.generator.MyGenerator`")), "{said:?}");
}

#[test]
fn a_pipeline_with_two_generators_is_refused() {
    let config = CONFIG.replace("policies:", "- name: SingleStepLLMCommandGenerator\npolicies:");
    let said = found(&[("config.yml", &config), ("domain.yml", "slots: {}\n")]);
    assert!(said.iter().any(|line| line.contains("error:") && line.contains("SingleStepLLMCommandGenerator")), "{said:?}");
}

#[test]
fn a_text_that_begins_with_a_slash_brings_its_own_commands() {
    let bank = bank_with("flows:\n  greet:\n    description: says hello\n    nlu_trigger: [{intent: greet}]\n    steps: [{action: utter_vip}]\n");
    let of = |text: &str| match payload(&bank, text) {
        Payload::Words => vec!["words".to_owned()],
        Payload::Commands(commands) => commands.iter().map(written).collect(),
    };
    assert_eq!(of("/greet"), ["start flow greet"]);
    assert_eq!(of("/SetSlots(card=debit, reason=lost)"), ["set slot card \"debit\"", "set slot reason \"lost\""]);
    assert_eq!(of("/session_start"), ["session start"]);
    assert_eq!(of("/session_end"), ["session end"]);
    assert_eq!(of("/silence_timeout"), ["user silence"]);
    assert_eq!(of("/restart"), ["restart"]);
    assert_eq!(of("greet"), ["words"]);
    assert_eq!(of("/unheard_of"), [""; 0]);
}

#[test]
fn a_text_that_is_too_long_is_an_error_that_says_how_long_it_may_be() {
    let bank = bank_with(
        "responses:\n  utter_user_input_too_long_error_rasa:\n  - text: 'At most {{ context.info.max_characters }}.'\n    metadata: {template: jinja}\n",
    );
    let mut talk = Talk::begin(&bank);
    let info = json!({"max_characters": 420}).as_object().unwrap().clone();
    let error = Command::Error { error_type: "rasa_internal_error_user_input_too_long".into(), info };
    assert_eq!(talk.proposes("a long story", vec![error], Source::Nobody), ["At most 420."]);
    assert_eq!(talk.responses(), ["utter_user_input_too_long_error_rasa"]);
}

#[test]
fn an_empty_text_is_an_error_of_its_own() {
    let bank = bank();
    let mut talk = Talk::begin(&bank);
    let error = Command::Error { error_type: "rasa_internal_error_user_input_empty".into(), info: Map::new() };
    talk.proposes("", vec![error], Source::Nobody);
    assert_eq!(talk.responses(), ["utter_user_input_empty_error_rasa"]);
}
