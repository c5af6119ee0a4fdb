//! `config.yml`, and the versions of Rasa Pro a project may be written for (`rasa-calm.md` §12.1, §3.4, §0.4).

use crate::talk::{Talk, found, load, project_of};
use centralita_engine::Project;
use centralita_engine::command::Syntax;
use centralita_engine::project::{Config, Source};
use serde_json::json;

const HEAD: &str = "recipe: default.v1\nlanguage: en\nassistant_id: t\n";
const FLOWS: &str = "
flows:
  note:
    description: takes a note
    steps:
    - collect: note
slots:
  note: {type: text}
responses:
  utter_ask_note: [{text: What shall I note?}]
";

/// `config.yml` with one generator and these keys of it.
fn generator(keys: &str) -> String {
    format!("{HEAD}pipeline:\n- name: CompactLLMCommandGenerator\n{keys}policies:\n- name: FlowPolicy\n")
}

fn read(config: &str) -> Config {
    project_of(&[("config.yml", config), ("data/flows.yml", FLOWS)]).config
}

fn said_of(config: &str) -> Vec<String> {
    found(&[("config.yml", config), ("data/flows.yml", FLOWS)])
}

#[track_caller]
fn refused(config: &str, part: &str) {
    let said = said_of(config);
    assert!(said.iter().any(|line| line.starts_with("config.yml:") && line.contains(": error: ") && line.contains(part)), "{said:?}");
}

/// A project written for a version of Rasa Pro.
fn of_version(compat: &str) -> Project {
    let config = generator("") + &format!("centralita: {{compat: \"{compat}\"}}\n");
    project_of(&[("config.yml", &config), ("data/flows.yml", FLOWS)])
}

#[test]
fn the_language_of_the_project_chooses_the_words_of_our_patterns() {
    for (language, expected) in [("en", "I did not get that"), ("es", "No te entendí"), ("es-MX", "No te entendí"), ("fr", "I did not get that")] {
        let config = generator("").replace("language: en", &format!("language: {language}"));
        let project = project_of(&[("config.yml", &config), ("data/flows.yml", FLOWS)]);
        let said = Talk::begin(&project).model("nothing");
        assert!(said[0].starts_with(expected), "{language}: {said:?}");
    }
}

#[test]
fn further_languages_are_values_of_the_slot_language() {
    let config = generator("") + "additional_languages: [es, fr]\n";
    assert_eq!(read(&config).languages, ["en", "es", "fr"]);
}

#[test]
fn another_recipe_is_refused() {
    refused(&generator("").replace("default.v1", "graph.v1"), "graph.v1");
}

#[test]
fn a_missing_assistant_id_is_a_warning() {
    let said = said_of(&generator("").replace("assistant_id: t\n", ""));
    assert!(said.iter().any(|line| line.contains("warning") && line.contains("assistant_id")), "{said:?}");
}

#[test]
fn a_project_without_a_config_is_an_error_that_says_what_to_write() {
    let sources = [Source { path: "data/flows.yml".into(), text: FLOWS.into() }];
    let (loaded, mistakes) = Project::load(&sources, Default::default());
    assert!(loaded.is_none() && mistakes.iter().any(|mistake| mistake.path == "config.yml" && mistake.message.contains("pipeline")));
}

#[test]
fn the_name_of_the_generator_says_how_commands_are_written() {
    for (name, syntax) in [
        ("CompactLLMCommandGenerator", Syntax::Compact),
        ("SearchReadyLLMCommandGenerator", Syntax::SearchReady),
        ("SingleStepLLMCommandGenerator", Syntax::Calls),
        ("MultiStepLLMCommandGenerator", Syntax::Calls),
        ("LLMCommandGenerator", Syntax::Calls),
    ] {
        let config = read(&generator("").replace("CompactLLMCommandGenerator", name));
        assert_eq!((config.syntax, config.generator.as_deref()), (syntax, Some(name)));
    }
}

#[test]
fn a_part_or_policy_that_is_a_python_class_is_refused_with_what_to_do() {
    refused(&generator("").replace("CompactLLMCommandGenerator", "custom.generator.MyGenerator"), "action server");
    refused(&generator("").replace("FlowPolicy", "custom.policies.MyPolicy"), "custom.policies.MyPolicy");
}

#[test]
fn a_message_may_have_420_characters_or_as_many_as_it_says_or_any_number() {
    assert_eq!(read(&generator("")).max_characters, Some(420));
    assert_eq!(read(&generator("  user_input: {max_characters: 80}\n")).max_characters, Some(80));
    assert_eq!(read(&generator("  user_input: {max_characters: null}\n")).max_characters, None);
}

#[test]
fn the_adapter_may_say_how_long_a_message_may_be() {
    let config = generator("").replace("pipeline:\n", "pipeline:\n- name: NLUCommandAdapter\n  user_input: {max_characters: 60}\n");
    assert_eq!(read(&config).max_characters, Some(60));
}

#[test]
fn calls_of_the_model_are_saved_unless_told_otherwise() {
    assert!(read(&generator("")).minimize_num_calls);
    assert!(!read(&generator("  minimize_num_calls: false\n")).minimize_num_calls);
}

#[test]
fn the_model_of_the_generator_is_a_group_of_endpoints() {
    assert_eq!(read(&generator("  llm: {model_group: fast}\n")).model_group.as_deref(), Some("fast"));
}

#[test]
fn every_key_of_a_generator_old_and_new_is_accepted() {
    let keys = [
        "prompt_template: prompts/p.jinja2",
        "prompt: prompts/p.jinja2",
        "prompt_templates: {handle_flows: {file_path: a}, fill_slots: {file_path: b}}",
        "flow_retrieval: {active: false, embeddings: {model_group: e}, num_flows: 20, turns_to_embed: 1, should_embed_slots: true}",
        "llm: {model_name: gpt-4, request_timeout: 7, type: openai, temperature: 0.0}",
        "include_date_time: true",
        "use_semantic_flow_search: true",
        "max_flows_from_semantic_search: 20",
        "conversation_turns_to_embed: 4",
        "embed_flow_slots: true",
        "request_timeout: 7",
    ];
    for key in keys {
        let (loaded, said) = load(&[("config.yml", &generator(&format!("  {key}\n"))), ("data/flows.yml", FLOWS)]);
        assert!(loaded.is_some() && !said.iter().any(|line| line.contains("has no key")), "{key}: {said:?}");
    }
}

#[test]
fn an_unknown_key_of_config_or_of_a_generator_is_a_warning() {
    for config in [generator("  colour: blue\n"), generator("") + "colour: blue\n"] {
        let (loaded, said) = load(&[("config.yml", &config), ("data/flows.yml", FLOWS)]);
        assert!(loaded.is_some() && said.iter().any(|line| line.contains("warning") && line.contains("`colour`")), "{said:?}");
    }
}

#[test]
fn parts_for_nlu_and_other_policies_load_with_a_warning_each() {
    let config = format!(
        "{HEAD}pipeline:\n- name: WhitespaceTokenizer\n- name: CountVectorsFeaturizer\n- name: DIETClassifier\n  epochs: 100\n- name: NLUCommandAdapter\n- name: CompactLLMCommandGenerator\npolicies:\n- name: FlowPolicy\n- name: RulePolicy\n- name: TEDPolicy\n- name: IntentlessPolicy\n"
    );
    let (loaded, said) = load(&[("config.yml", &config), ("data/flows.yml", FLOWS)]);
    assert!(loaded.is_some());
    for name in ["WhitespaceTokenizer", "CountVectorsFeaturizer", "DIETClassifier", "RulePolicy", "TEDPolicy", "IntentlessPolicy"] {
        assert!(said.iter().any(|line| line.contains("warning") && line.contains(name)), "{name}: {said:?}");
    }
}

/// What is said to a question for documents, with this policy and a document in this folder.
fn searched(policy: &str, folder: &str) -> Vec<String> {
    let config = generator("") + policy;
    let pattern = "flows:\n  pattern_search:\n    description: searches\n    steps:\n    - action: action_trigger_search\n";
    let document = "The branch opens at nine.\n\nA replacement card costs ten euros.\n";
    let path = format!("{folder}/faq.txt");
    let project = project_of(&[("config.yml", &config), ("data/flows.yml", FLOWS), ("data/patterns.yml", pattern), (&path, document)]);
    Talk::begin(&project).says("how much does a replacement card cost", "provide info")
}

#[test]
fn without_a_generative_model_a_passage_of_the_documents_is_said_as_it_is_written() {
    let passage = ["A replacement card costs ten euros."];
    assert_eq!(searched("- name: EnterpriseSearchPolicy\n  use_generative_llm: false\n", "docs"), passage);
    assert_eq!(searched("- name: EnterpriseSearchPolicy\n  use_generative_llm: false\n  vector_store: {type: faiss, source: ./kb}\n", "kb"), passage);
}

#[test]
fn with_a_generative_model_documents_are_not_answered_from() {
    assert_ne!(searched("- name: EnterpriseSearchPolicy\n", "docs"), ["A replacement card costs ten euros."]);
}

#[test]
fn a_project_is_of_3_13_unless_it_says_otherwise() {
    assert_eq!(read(&generator("")).compat.to_string(), "3.13");
    assert_eq!(of_version("3.10").config.compat.to_string(), "3.10");
}

#[test]
fn versions_from_3_10_to_3_16_are_accepted_and_others_are_errors() {
    for minor in 10..=16 {
        of_version(&format!("3.{minor}"));
    }
    for version in ["3.9", "3.17", "2.8", "latest"] {
        refused(&(generator("") + &format!("centralita: {{compat: \"{version}\"}}\n")), "compat");
    }
}

#[test]
fn what_is_not_honoured_of_another_version_is_said_by_name() {
    let said = |compat: &str| said_of(&(generator("") + &format!("centralita: {{compat: \"{compat}\"}}\n")));
    assert_eq!(said("3.13"), Vec::<String>::new());
    assert!(said("3.14").iter().any(|line| line.contains("warning") && line.contains("interrupted flow")));
    assert!(said("3.16").iter().any(|line| line.contains("warning") && line.contains("for a person")));
    assert!(said("3.11").iter().any(|line| line.contains("warning") && line.contains("`validation`")));
}

#[test]
fn up_to_3_12_small_talk_is_an_action_and_since_then_a_response() {
    for (compat, action) in [("3.12", "action_trigger_chitchat"), ("3.13", "utter_cannot_handle"), ("3.16", "utter_cannot_handle")] {
        let project = of_version(compat);
        assert_eq!(project.flows["pattern_chitchat"].steps[0].id.as_str(), format!("pattern_chitchat_0_action_{action}"), "{compat}");
        assert_eq!(Talk::begin(&project).model("offtopic reply"), ["I cannot help with that."], "{compat}");
    }
}

#[test]
fn before_3_12_derived_step_ids_have_no_flow_in_front() {
    let first = |compat: &str| of_version(compat).flows["note"].steps[0].id.to_string();
    assert_eq!((first("3.11"), first("3.12")), ("0_collect_note".into(), "note_0_collect_note".into()));
}

#[test]
fn a_start_of_a_flow_that_waits_resumes_it_from_3_14_and_changes_nothing_before() {
    assert!(!of_version("3.13").config.resumes_on_start && of_version("3.14").config.resumes_on_start);
}

#[test]
fn a_clarification_without_options_has_words_of_its_own_from_3_15() {
    let project = of_version("3.15");
    let mut talk = Talk::begin(&project);
    talk.model("disambiguate flows");
    assert_eq!(talk.responses(), ["utter_clarification_no_options_rasa"]);
    talk.model("disambiguate flows note");
    assert_eq!(talk.responses(), ["utter_clarification_options_rasa"]);
}

#[test]
fn from_3_16_the_caller_says_whether_there_is_anything_else_and_how_content_they_are() {
    let project = of_version("3.16");
    let mut talk = Talk::begin(&project);
    talk.model("start flow note\nset slot note milk");
    assert_eq!((talk.responses(), talk.asked().as_deref()), (vec!["utter_ask_continue_conversation".to_owned()], Some("continue_conversation")));
    talk.model("set slot continue_conversation false");
    assert_eq!(talk.responses(), ["utter_closing_words", "utter_ask_csat_score"]);
    talk.model("set slot csat_score satisfied");
    assert_eq!(talk.responses(), ["utter_csat_thank_you_satisfied"]);
    assert_eq!(talk.slot("csat_score"), json!(null));
}
