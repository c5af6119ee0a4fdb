//! Typed answers in conversations: pieces, holds, dates, names, countries.

use crate::talk::{Talk, found, project_of};
use centralita_engine::{CallState, Happened, Project};
use serde_json::json;

const DOMAIN: &str = "
slots:
  last4: {type: text, centralita: {answer: last_four}}
  client: {type: text, centralita: {answer: {digits: {least: 6, most: 6}}}}
  since: {type: text, centralita: {answer: date}}
  visit: {type: text, centralita: {answer: {date: future}}}
  owner: {type: text, centralita: {answer: name}}
  wants: {type: bool}
  agreed: {type: bool, centralita: {consent: true}}
responses:
  utter_ask_last4: [{text: Digits?}]
  utter_ask_client: [{text: Client?}]
  utter_ask_since: [{text: Since when?}]
  utter_ask_visit: [{text: When will you come?}]
  utter_ask_owner: [{text: Whose is it?}]
  utter_ask_wants: [{text: A person?}]
  utter_ask_agreed: [{text: Block it?}]
";

const GOES_ON: &str = "
responses:
  utter_continue_digits: [{text: ¿Y el resto?}]
";

fn project(locale: &str, more: &str) -> Project {
    let config = format!(
        "language: es\npipeline:\n- name: CentralitaTypedAnswers\n- name: CompactLLMCommandGenerator\ncentralita: {{locale: {locale}, timezone: America/Mexico_City}}\n"
    );
    let steps = ["last4", "client", "since", "visit", "owner", "wants", "agreed"].map(|slot| format!("    - collect: {slot}\n")).concat();
    let flows = format!("flows:\n  ask:\n    description: asks\n    steps:\n{steps}");
    project_of(&[("config.yml", &config), ("domain.yml", DOMAIN), ("data/flows.yml", &flows), ("domain/more.yml", more)])
}

/// A conversation that has come to this question.
fn asked<'a>(project: &'a Project, slot: &str) -> Talk<'a> {
    let mut talk = Talk::begin(project);
    for (asked, value) in [("last4", "1111"), ("client", "222222"), ("since", "2020-01-01"), ("visit", "2030-01-01"), ("owner", "Eva Sol"), ("wants", "false")]
    {
        if asked == slot {
            break;
        }
        talk.told(asked, if asked == "wants" { json!(false) } else { json!(value) });
    }
    talk.model("start flow ask");
    assert_eq!(talk.asked().as_deref(), Some(slot));
    talk
}

#[test]
fn a_number_may_come_in_two_turns() {
    let project = project("es-MX", GOES_ON);
    let mut talk = asked(&project, "last4");
    talk.says("cuarenta y cinco…", "cannot handle");
    assert_eq!(talk.responses(), ["utter_continue_digits"]);
    assert_eq!((talk.slot("last4"), talk.asked().as_deref(), talk.state.misses), (json!(null), Some("last4"), 0));
    talk.says("veintiuno", "cannot handle");
    assert_eq!((talk.slot("last4"), talk.responses()), (json!("4521"), vec!["utter_ask_client".to_owned()]));
}

#[test]
fn without_words_for_it_the_question_is_asked_again_and_the_piece_counts_as_well() {
    let project = project("es-MX", "");
    let mut talk = asked(&project, "last4");
    talk.says("cuarenta y cinco", "cannot handle");
    assert_eq!((talk.responses(), talk.state.misses), (vec!["utter_ask_last4".to_owned()], 0));
    talk.says("dos uno", "cannot handle");
    assert_eq!(talk.slot("last4"), json!("4521"));
}

#[test]
fn a_piece_counts_for_the_next_turn_only() {
    let project = project("es-MX", GOES_ON);
    for between in ["mmm", "¿mande?", "espérame", ""] {
        let mut talk = asked(&project, "last4");
        talk.says("cuarenta y cinco", "cannot handle");
        if between.is_empty() {
            talk.silence()
        } else {
            talk.says(between, "cannot handle")
        };
        talk.says("veintiuno", "cannot handle");
        assert_eq!((talk.slot("last4"), talk.responses()), (json!(null), vec!["utter_continue_digits".to_owned()]), "{between}");
    }
    let mut talk = asked(&project, "last4");
    talk.says("cuarenta y cinco", "cannot handle");
    talk.says("siete siete ocho ocho", "cannot handle");
    assert_eq!(talk.slot("last4"), json!("7788"), "a whole number takes its place");
}

#[test]
fn pieces_are_replayed() {
    let project = project("es-MX", GOES_ON);
    let mut talk = asked(&project, "client");
    talk.says("cien", "cannot handle");
    assert!(CallState::from_events(&talk.events) == talk.state);
    talk.says("cero cero uno", "cannot handle");
    assert_eq!(talk.slot("client"), json!("100001"));
    assert!(CallState::from_events(&talk.events) == talk.state);
}

#[test]
fn a_moment_please_asks_on_without_a_miss() {
    let project = project("es-MX", GOES_ON);
    for slot in ["last4", "agreed", "owner", "since"] {
        let mut talk = asked(&project, slot);
        talk.says("espérame tantito", "cannot handle");
        assert_eq!((talk.responses(), talk.state.misses), (vec![format!("utter_ask_{slot}")], 0));
        assert_eq!(talk.commands(), ["noop"]);
        assert_eq!(talk.slot(slot), json!(null));
    }
}

#[test]
fn a_caller_who_hears_nothing_hears_the_question_again() {
    let project = project("es-MX", GOES_ON);
    for said in ["¿mande?", "¿bueno?", "bueno", "¿aló?", "¿me escucha?"] {
        let mut talk = asked(&project, "agreed");
        talk.says(said, "cannot handle");
        assert_eq!(talk.commands(), ["repeat bot messages"], "{said}");
        assert_eq!((talk.slot("agreed"), talk.state.misses), (json!(null), 0));
    }
}

#[test]
fn a_date_is_counted_from_the_day_of_the_turn_where_the_project_is() {
    let project = project("es-MX", GOES_ON);
    let mut talk = asked(&project, "since");
    // 2026-11-25, half past two in the morning in London: still the evening of the 24th in Mexico.
    talk.waits(1_795_573_800_000);
    talk.says("ayer", "cannot handle");
    assert_eq!(talk.slot("since"), json!("2026-11-23"));
    talk.says("el 3 de marzo", "cannot handle");
    assert_eq!(talk.slot("visit"), json!("2027-03-03"));
    talk.says("a nombre de ana maría ruiz, con zeta", "cannot handle");
    assert_eq!(talk.slot("owner"), json!("Ana María Ruiz"));
}

#[test]
fn ya_counts_by_country_and_never_for_a_consent() {
    for (locale, expected) in [("es-CL", json!(true)), ("es-MX", json!(null))] {
        let project = project(locale, GOES_ON);
        let mut talk = asked(&project, "wants");
        talk.says("ya", "cannot handle");
        assert_eq!(talk.slot("wants"), expected, "{locale}");
        let mut talk = asked(&project, "agreed");
        talk.says("ya", "cannot handle");
        assert_eq!(talk.slot("agreed"), json!(null), "{locale}");
    }
}

#[test]
fn an_unknown_kind_of_answer_is_a_mistake_with_its_place() {
    for answer in ["phone", "{date: sometime}", "{digit: 4}"] {
        let domain = format!("slots:\n  x:\n    type: text\n    centralita:\n      answer: {answer}\n");
        let mistakes = found(&[("domain.yml", &domain)]);
        assert!(mistakes.iter().any(|mistake| mistake.contains("domain.yml:5")), "{answer}: {mistakes:?}");
    }
}

#[test]
fn silence_is_heard_like_any_turn() {
    let project = project("es-MX", GOES_ON);
    let mut talk = asked(&project, "last4");
    talk.happens(Happened::Silence);
    assert_eq!(talk.state.misses, 1);
}
