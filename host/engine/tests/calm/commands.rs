//! What a command is called in trackers, and how each of the three syntaxes writes it
//! (`rasa-calm.md` §3.1, §3.2).

use crate::talk::written;
use centralita_engine::command::{Syntax, read};
use centralita_engine::{Command, FlowId, SlotName, Source, Value};
use serde_json::{Value as Json, json};

fn flow(id: &str) -> FlowId {
    FlowId::parse(id).unwrap()
}

fn slot(name: &str) -> SlotName {
    SlotName::parse(name).unwrap()
}

#[track_caller]
fn stored(command: &Command, by: Source, expected: Json) {
    assert_eq!(command.to_rasa(by), expected);
}

#[test]
fn start_flow_is_stored_with_the_id_of_the_flow() {
    stored(&Command::StartFlow { flow: flow("transfer") }, Source::Model, json!({"command": "start flow", "flow": "transfer"}));
}

#[test]
fn set_slot_is_stored_with_its_value_and_who_read_it() {
    let set = Command::SetSlot { name: slot("amount"), value: Value::Number(5.0) };
    stored(&set, Source::Model, json!({"command": "set slot", "name": "amount", "value": 5.0, "extractor": "LLM"}));
    stored(&set, Source::Matcher, json!({"command": "set slot", "name": "amount", "value": 5.0, "extractor": "NLU"}));
    stored(&set, Source::Payload, json!({"command": "set slot", "name": "amount", "value": 5.0, "extractor": "CommandPayloadReader"}));
}

#[test]
fn correct_slots_is_stored_with_every_slot_it_corrects() {
    let correct = Command::CorrectSlots { slots: vec![(slot("recipient"), Value::text("Ann")), (slot("amount"), Value::None)] };
    let expected = json!({"command": "correct slot", "corrected_slots": [{"name": "recipient", "value": "Ann"}, {"name": "amount", "value": null}]});
    stored(&correct, Source::Model, expected);
}

#[test]
fn clarify_is_stored_with_its_options() {
    stored(&Command::Clarify { options: vec![flow("a"), flow("b")] }, Source::Model, json!({"command": "clarify", "options": ["a", "b"]}));
}

#[test]
fn cannot_handle_is_stored_with_its_reason() {
    stored(&Command::cannot_handle(), Source::Nobody, json!({"command": "cannot handle", "reason": "cannot_handle_default"}));
    let chitchat = Command::CannotHandle { reason: Some("cannot_handle_chitchat".into()) };
    stored(&chitchat, Source::Model, json!({"command": "cannot handle", "reason": "cannot_handle_chitchat"}));
}

#[test]
fn error_is_stored_with_its_type_and_info() {
    let info = json!({"max_characters": 420}).as_object().unwrap().clone();
    let error = Command::Error { error_type: "rasa_internal_error_user_input_too_long".into(), info };
    let expected = json!({"command": "error", "error_type": "rasa_internal_error_user_input_too_long", "info": {"max_characters": 420}});
    stored(&error, Source::Nobody, expected);
}

/// The rows of §3.1 that name nothing but themselves.
#[track_caller]
fn bare(command: &Command, name: &str) {
    stored(command, Source::Model, json!({ "command": name }));
}

#[test]
fn cancel_flow_is_stored_by_its_name() {
    bare(&Command::CancelFlow, "cancel flow");
}

#[test]
fn skip_question_is_stored_by_its_name() {
    bare(&Command::SkipQuestion, "skip question");
}

#[test]
fn chitchat_is_stored_by_its_name() {
    bare(&Command::ChitChat, "chitchat");
}

#[test]
fn a_knowledge_answer_is_stored_as_knowledge() {
    bare(&Command::Knowledge, "knowledge");
}

#[test]
fn human_handoff_is_stored_by_its_name() {
    bare(&Command::HumanHandoff, "human handoff");
}

#[test]
fn repeat_is_stored_as_repeat_bot_messages() {
    bare(&Command::Repeat, "repeat bot messages");
}

#[test]
fn signals_of_the_channel_are_stored_by_their_names() {
    bare(&Command::SessionStart, "session start");
    bare(&Command::SessionEnd, "session end");
    bare(&Command::UserSilence, "user silence");
    bare(&Command::Restart, "restart");
}

#[test]
fn what_only_the_engine_says_is_stored_by_its_name() {
    bare(&Command::CodeChange, "handle code change");
    bare(&Command::Noop, "noop");
}

/// What each syntax, in the order calls, compact, search-ready, makes of a line written in it.
#[track_caller]
fn reads(lines: [&str; 3], expected: [&[&str]; 3]) {
    for ((syntax, line), expected) in [Syntax::Calls, Syntax::Compact, Syntax::SearchReady].into_iter().zip(lines).zip(expected) {
        let got: Vec<String> = read(syntax, line).iter().map(written).collect();
        assert_eq!(got, expected, "{syntax:?}: {line}");
    }
}

#[test]
fn every_syntax_starts_a_flow() {
    reads(["StartFlow(send-money_2)", "start flow send-money_2", "start flow send-money_2"], [&["start flow send-money_2"]; 3]);
}

#[test]
fn every_syntax_sets_a_slot() {
    reads(["SetSlot(street, Elm street 5)", "set slot street Elm street 5", "set slot street Elm street 5"], [&["set slot street \"Elm street 5\""]; 3]);
}

#[test]
fn every_syntax_cancels() {
    reads(["CancelFlow()", "cancel flow", "cancel flow"], [&["cancel flow"]; 3]);
}

#[test]
fn every_syntax_asks_which_flow_is_meant() {
    reads(["Clarify(a, b)", "disambiguate flows a b", "disambiguate flows a b"], [&["disambiguate flows a b"]; 3]);
}

#[test]
fn the_calls_may_clarify_without_options() {
    reads(["Clarify()", "disambiguate flows", "disambiguate flows"], [&["disambiguate flows"]; 3]);
}

#[test]
fn every_syntax_has_words_of_its_own_for_a_knowledge_answer() {
    reads(["SearchAndReply()", "provide info", "search and reply"], [&["knowledge"]; 3]);
    reads(["provide info", "search and reply", "provide info"], [&[]; 3]);
}

#[test]
fn small_talk_is_not_offered_to_search_ready_models() {
    reads(["ChitChat()", "offtopic reply", "offtopic reply"], [&["chitchat"], &["chitchat"], &[]]);
}

#[test]
fn a_person_is_not_offered_to_search_ready_models() {
    reads(["HumanHandoff()", "hand over", "hand over"], [&["human handoff"], &["human handoff"], &[]]);
}

#[test]
fn skipping_a_question_is_not_offered_to_search_ready_models() {
    reads(["SkipQuestion()", "skip question", "skip question"], [&["skip question"], &["skip question"], &[]]);
}

#[test]
fn every_syntax_repeats() {
    reads(["RepeatLastBotMessages()", "repeat message", "repeat message"], [&["repeat bot messages"]; 3]);
}

#[test]
fn only_the_calls_say_that_nothing_can_be_done() {
    reads(["CannotHandle()", "CannotHandle", "CannotHandle"], [&["cannot handle"], &[], &[]]);
}

#[test]
fn change_flow_is_a_word_between_the_prompts_of_another_generator_and_reads_as_nothing() {
    reads(["ChangeFlow()", "change flow", "change flow"], [&[]; 3]);
}
