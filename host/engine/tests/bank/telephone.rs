//! What only a telephone has: silence, keys, words that were hardly heard, persons who do not answer, hanging up.

use super::*;
use centralita_engine::worded;

/// A caller whose card is found and who is asked for their consent.
fn asked(project: &Project) -> Call<'_> {
    let mut call = Call::ring(project, vec![found("active"), opened()]);
    call.says("me robaron la tarjeta");
    assert_eq!(call.says("cuatro cinco dos uno"), ["utter_ask_confirm_block"]);
    call
}

fn transferred<'c>(call: &'c Call<'_>) -> Vec<&'c str> {
    call.events.iter().filter_map(|event| if let Event::Transferred { reason } = event { Some(reason.as_str()) } else { None }).collect()
}

#[test]
fn a_question_that_is_met_with_silence_is_asked_shorter_then_by_keys_and_then_a_person_comes() {
    let project = bank();
    let mut call = asked(&project);
    let mut rungs = vec![call.last_words()];
    for _ in 0..2 {
        assert_eq!(call.happened(Happened::Silence), ["utter_cannot_hear", "utter_ask_confirm_block"]);
        rungs.push(call.last_words());
    }
    assert!(rungs[1].len() < rungs[0].len() && rungs[2].contains("marca uno"), "{rungs:?}");
    assert!(rungs.iter().all(|rung| rung.contains("4-5-2-1")), "each says which card it is: {rungs:?}");
    call.happened(Happened::Silence);
    assert_eq!(transferred(&call), ["silence"]);
}

#[test]
fn another_question_begins_its_own_ladder() {
    let project = bank();
    let mut call = Call::ring(&project, vec![found("active")]);
    call.says("me robaron la tarjeta");
    call.happened(Happened::Silence);
    call.says("cuatro cinco dos uno");
    call.happened(Happened::Silence);
    assert!(call.last_words().starts_with("¿Reporto tu tarjeta"), "the first rung of its own: {}", call.last_words());
}

#[test]
fn silence_ends_a_call_without_a_report_and_never_one_with() {
    let project = bank();
    let mut call = Call::ring(&project, Vec::new());
    assert_eq!(call.happened(Happened::Silence), ["utter_cannot_hear", "utter_how_can_i_help"]);
    assert_eq!(call.happened(Happened::Silence), ["utter_cannot_hear", "utter_how_can_i_help"]);
    assert!(call.last_words().contains("marca uno"), "{}", call.last_words());
    assert_eq!(call.happened(Happened::Silence), ["utter_nobody_there"]);
    assert!(call.state.is_over() && transferred(&call).is_empty());

    let mut call = asked(&project);
    call.says("sí");
    for _ in 0..3 {
        call.happened(Happened::Silence);
    }
    assert_eq!(transferred(&call), ["silence"]);
}

#[test]
fn noise_brings_the_keypad_and_keys_the_report() {
    let project = bank();
    let mut call = Call::ring(&project, vec![found("active"), opened()]);
    call.says("brzz krr");
    assert!(call.last_words().contains("Marca uno"), "{}", call.last_words());
    assert_eq!(call.keys("1"), ["utter_ask_last4"]);
    call.says("brzz krr");
    assert_eq!(call.keys("4521#"), ["utter_ask_confirm_block"]);
    call.says("brzz krr");
    assert!(call.last_words().contains("marca uno"), "{}", call.last_words());
    call.keys("1#");
    assert_eq!(call.started("action_open_request"), 1);
}

#[test]
fn a_consent_is_one_key_alone() {
    let project = bank();
    for keys in ["45*1", "1*", "1#2", "11", "12", "4521", "*1"] {
        let mut call = asked(&project);
        call.keys(keys);
        assert_eq!(call.started("action_open_request"), 0, "{keys}");
    }
    for keys in ["1", "1#"] {
        let mut call = asked(&project);
        call.keys(keys);
        assert_eq!(call.started("action_open_request"), 1, "{keys}");
    }
}

#[test]
fn no_key_counts_in_the_turn_after_too_many_of_them() {
    let project = bank();
    let mut call = asked(&project);
    call.keys("4521");
    call.keys("1");
    assert_eq!(call.started("action_open_request"), 0, "it may be the rest of what was keyed before");
    call.keys("1");
    assert_eq!(call.started("action_open_request"), 1, "the turn after that it counts again");

    let mut call = Call::ring(&project, vec![found("active"), opened()]);
    call.says("me robaron la tarjeta");
    call.keys("45217");
    call.says("cuatro cinco dos uno");
    call.keys("1");
    assert_eq!(call.started("action_open_request"), 1, "words in between end it");
}

#[test]
fn keys_that_are_too_many_again_and_again_are_misses() {
    let project = bank();
    let mut call = asked(&project);
    call.keys("11");
    call.keys("11");
    assert_eq!(transferred(&call), ["not_understood"]);
}

#[test]
fn a_zero_that_may_belong_to_a_number_brings_nobody() {
    let project = bank();
    let mut call = asked(&project);
    call.keys("45210");
    call.keys("0");
    assert!(transferred(&call).is_empty());
    call.keys("0");
    assert_eq!(transferred(&call), ["asked"]);
}

#[test]
fn words_that_were_hardly_heard_confirm_and_end_nothing() {
    let project = bank();
    for (text, confidence, opens) in [("sí", 0.2, 0), ("sí", 0.0, 1), ("sí", 0.9, 1)] {
        let mut call = asked(&project);
        call.says_perhaps(text, confidence);
        assert_eq!(call.started("action_open_request"), opens, "{text} at {confidence}");
    }
    let mut call = asked(&project);
    call.says_perhaps("cancela todo", 0.2);
    assert!(!call.events.iter().any(|event| matches!(event, Event::FlowCancelled { .. })));
    assert_eq!(call.state.listening().and_then(|listening| listening.slot.as_ref()).map(SlotName::as_str), Some("confirm_block"));

    // What is read back, or asked about, is taken.
    let mut call = Call::ring(&project, vec![found("active")]);
    assert_eq!(call.says_perhaps("me robaron la tarjeta", 0.2), ["utter_ask_last4"]);
    assert_eq!(call.says_perhaps("cuatro cinco dos uno", 0.2), ["utter_ask_confirm_block"]);
    assert_eq!(call.says_perhaps("quiero hablar con una persona", 0.2), ["utter_transfer"]);
    // A no may end a call: it is asked for again, too.
    call.happened(Happened::Returned { reached: false });
    assert_eq!(call.says_perhaps("no", 0.2), ["utter_ask_rephrase", "utter_ask_person_again"]);
}

#[test]
fn a_person_who_does_not_answer_brings_an_offer_and_then_somebody_who_calls_back() {
    let project = bank();
    let mut call = asked(&project);
    call.keys("0");
    assert_eq!(call.happened(Happened::Returned { reached: false }), ["utter_person_unavailable", "utter_ask_person_again"]);
    assert_eq!(call.says("sí"), ["utter_transfer"]);
    call.happened(Happened::Returned { reached: false });
    let last = call.says("no");
    assert_eq!(last.first().map(String::as_str), Some("utter_call_back_noted"), "{last:?}");
    assert_eq!((call.started("action_record_abandoned"), call.state.is_over()), (1, true));
    assert!(CallState::from_events(&call.events) == call.state);
}

#[test]
fn a_report_that_could_not_be_registered_is_called_back_for() {
    let project = bank();
    let failing = || {
        let mut call = asked(&project);
        call.outcomes.retain(|(name, _)| *name != "action_open_request");
        call.outcomes.push(("action_open_request", Outcome::ended(Ending::Unavailable, "")));
        assert_eq!(call.says("sí"), ["utter_not_registered", "utter_transfer"]);
        call
    };
    let mut call = failing();
    let words = worded(&project, &call.state, &"utter_whisper".to_owned().try_into().unwrap()).unwrap();
    assert!(words.reveal().contains("no ha confirmado"), "{}", words.reveal());
    call.happened(Happened::Returned { reached: false });
    assert_eq!(call.says("no")[0], "utter_call_back_noted");
    assert_eq!(call.started("action_record_abandoned"), 1);
    // Hanging up while it rings, or while the offer is made, is no different.
    for missed in [false, true] {
        let mut call = failing();
        if missed {
            call.happened(Happened::Returned { reached: false });
        }
        call.happened(Happened::HungUp);
        assert_eq!((call.started("action_record_abandoned"), call.state.is_over()), (1, true), "{missed}");
    }
    // Nobody answers a call that broke: it ends, and somebody calls back.
    let mut call = asked(&project);
    call.happened(Happened::ReleaseGone);
    assert_eq!(call.happened(Happened::Returned { reached: false }), ["utter_human_handoff_not_available"]);
    assert_eq!((call.started("action_record_abandoned"), call.state.is_over()), (1, true));
}

#[test]
fn whoever_drops_a_report_and_begins_another_is_called_back_if_they_leave_that_one() {
    let project = bank();
    let mut call = Call::ring(&project, vec![found("active"), found("active")]);
    call.says("me robaron la tarjeta");
    call.says("cuatro cinco dos uno");
    call.says("cancela");
    call.says("me robaron la tarjeta");
    call.happened(Happened::HungUp);
    assert_eq!(call.started("action_record_abandoned"), 1);
}

#[test]
fn whoever_drops_a_report_is_not_called_back() {
    let project = bank();
    let mut call = asked(&project);
    call.says("cancela todo");
    call.happened(Happened::HungUp);
    assert_eq!((call.started("action_record_abandoned"), call.state.is_over()), (0, true));
}

#[test]
fn an_offer_that_nobody_answers_ends() {
    let project = bank();
    let mut call = asked(&project);
    call.keys("0");
    call.happened(Happened::Returned { reached: false });
    for _ in 0..3 {
        call.happened(Happened::Silence);
    }
    assert_eq!((call.started("action_record_abandoned"), call.state.is_over()), (1, true));
}

#[test]
fn whoever_talked_to_a_person_is_done() {
    let project = bank();
    let mut call = asked(&project);
    call.keys("0");
    assert!(call.happened(Happened::Returned { reached: true }).is_empty());
    assert!(call.state.is_over());
    assert_eq!(call.happened(Happened::HungUp), Vec::<String>::new());
    assert_eq!(call.started("action_record_abandoned"), 0);
}

#[test]
fn a_person_sent_for_without_asking_how_it_went_is_not_sent_for_again() {
    let project = bank();
    let mut call = asked(&project);
    call.happened(Happened::ReleaseGone);
    assert_eq!(transferred(&call), ["fault"]);
    assert_eq!(call.happened(Happened::Returned { reached: false }), ["utter_human_handoff_not_available"]);
    assert!(call.state.is_over());
}

#[test]
fn out_of_hours_a_caller_is_told_so_and_the_report_goes_on() {
    let project = bank_but(|files| {
        let config = files.iter_mut().find(|file| file.path == "config.yml").unwrap();
        config.text = config.text.replace("  strict: true", "  strict: true\n  person: {hours: {mon-fri: 08:00-20:00}}");
    });
    // 1 January 1970 began on a Thursday, at 18:00 of the day before in Mexico City: within hours, and eleven hours later not.
    for (at, said) in [(1_000, vec!["utter_transfer"]), (11 * 3_600_000, vec!["utter_person_closed", "utter_ask_confirm_block"])] {
        let mut call = asked(&project);
        call.at = at;
        assert_eq!(call.keys("0"), said);
    }
}

#[test]
fn hanging_up_in_the_middle_of_a_report_leaves_somebody_who_calls_back() {
    let project = bank();
    let mut call = asked(&project);
    call.happened(Happened::HungUp);
    assert_eq!((call.started("action_record_abandoned"), call.state.is_over()), (1, true));
    call.happened(Happened::HungUp);
    assert_eq!(call.started("action_record_abandoned"), 1, "once");

    let mut reported = asked(&project);
    reported.outcomes.push(("action_open_request", Outcome::ended(Ending::Done, "")));
    let slot = Effect::Slot(SlotName::parse("request_code").unwrap(), Value::text("100000018"));
    reported.outcomes.retain(|(name, _)| *name != "action_open_request");
    let count = Effect::Slot(SlotName::parse("reported_count").unwrap(), Value::Number(1.0));
    reported.outcomes.push(("action_open_request", Outcome { effects: vec![slot, count], ..Outcome::ended(Ending::Done, "") }));
    reported.says("sí");
    reported.happened(Happened::HungUp);
    assert_eq!((reported.started("action_record_abandoned"), reported.state.is_over()), (0, true), "a code was given");

    let mut nothing = Call::ring(&project, Vec::new());
    nothing.happened(Happened::HungUp);
    assert_eq!((nothing.started("action_record_abandoned"), nothing.state.is_over()), (0, true), "nothing was reported");
}

#[test]
fn nothing_that_breaks_after_the_caller_left_is_said_to_nobody() {
    let project = bank();
    let mut call = asked(&project);
    call.outcomes.push(("action_record_abandoned", Outcome::ended(Ending::Failed, "")));
    let said = call.happened(Happened::HungUp);
    assert!(said.is_empty() && call.state.is_over() && transferred(&call).is_empty(), "{said:?}");
}

#[test]
fn the_person_who_takes_a_call_hears_what_is_known_and_what_was_asked_last() {
    let project = bank();
    let mut call = asked(&project);
    call.keys("0");
    let response = "utter_whisper".to_owned().try_into().unwrap();
    let words = worded(&project, &call.state, &response).unwrap();
    let words = words.reveal();
    assert!(words.contains("no ha confirmado") && words.contains("¿Confirmas?") && !words.contains("None"), "{words}");
}

#[test]
fn nobody_consents_to_a_question_they_spoke_over_before_it_began() {
    let project = bank();
    // A miss is announced before the question: whoever speaks into the announcement has not heard it.
    for (heard, opens) in [("No te entendí", 0), ("No te entendí bien. ¿Reporto tu", 0), ("No te entendí bien. ¿Reporto tu tarjeta terminada en 4, 5, 2, 1", 1)]
    {
        let mut call = asked(&project);
        call.says("brzz krr");
        call.happened(Happened::Interrupted { heard: Masked::from(heard) });
        call.says("sí");
        assert_eq!(call.started("action_open_request"), opens, "{heard}");
        assert!(call.events.iter().any(|event| matches!(event, Event::Interrupted { heard: kept } if kept.reveal() == heard)));
    }
    // A no, and a person, are taken at any moment after that.
    let mut call = asked(&project);
    call.says("brzz krr");
    call.happened(Happened::Interrupted { heard: Masked::from("No te") });
    assert_eq!(call.says("quiero hablar con una persona"), ["utter_transfer"]);
}

#[test]
fn what_is_said_while_nobody_listens_answers_nothing_and_may_bring_a_person() {
    let project = bank();
    let mut call = asked(&project);
    assert!(call.happened(Happened::Overheard { text: Masked::from("sí"), via: Via::Speech }).is_empty());
    assert_eq!(call.started("action_open_request"), 0);
    assert!(call.events.iter().any(|event| matches!(event, Event::Kept { text } if text.reveal() == "sí")));
    assert_eq!(call.happened(Happened::Overheard { text: Masked::from("quiero hablar con una persona"), via: Via::Speech }), ["utter_transfer"]);
    let mut call = asked(&project);
    assert!(call.happened(Happened::Overheard { text: Masked::from("1"), via: Via::Keys }).is_empty());
    assert_eq!(call.happened(Happened::Overheard { text: Masked::from("0"), via: Via::Keys }), ["utter_transfer"]);
}

#[test]
fn a_call_that_is_too_long_goes_to_a_person_once_and_then_ends() {
    let project = bank();
    let mut call = asked(&project);
    assert_eq!(call.happened(Happened::TooLong), ["utter_call_too_long", "utter_transfer"]);
    assert_eq!((transferred(&call), call.started("action_open_request")), (vec!["too_long"], 0));
    assert_eq!(call.happened(Happened::Returned { reached: false }), ["utter_human_handoff_not_available"]);
    assert_eq!(call.started("action_record_abandoned"), 1, "whoever reports a card is called back");
    // Where nobody was there before, nobody is promised.
    let mut call = asked(&project);
    call.says("quiero hablar con una persona");
    call.happened(Happened::Returned { reached: false });
    assert_eq!(call.happened(Happened::TooLong), ["utter_call_too_long", "utter_human_handoff_not_available"]);
}
