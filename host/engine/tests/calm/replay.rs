//! Events are the only source of state, and whatever happens the engine stays on its feet: conversations
//! put together at random, the same ones at every run.

use crate::everything::{Move, Played, everything, moves, play};
use centralita_engine::{CallState, Event, Project, Source, Value};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value as Json;
use std::sync::LazyLock;

static PROJECTS: LazyLock<[Project; 2]> = LazyLock::new(|| [everything(false), everything(true)]);

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(20_251_125), ..ProptestConfig::default() }
}

fn endings() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0..6u8, 1..8)
}

fn json(event: &Event) -> Json {
    serde_json::to_value(event).unwrap()
}

/// Whether a key stands anywhere in this.
fn holds(json: &Json, key: &str) -> bool {
    match json {
        Json::Object(map) => map.iter().any(|(known, value)| known == key || holds(value, key)),
        Json::Array(items) => items.iter().any(|item| holds(item, key)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn the_fold_of_the_events_is_the_state_at_every_step(asks: bool, moves in moves(), endings in endings()) {
        let Played { events, states, .. } = play(&PROJECTS[usize::from(asks)], &moves, &endings);
        let mut fold = CallState::default();
        let mut applied = 0;
        for (count, state) in &states {
            events[applied..*count].iter().for_each(|event| fold.apply(event));
            applied = *count;
            prop_assert!(fold == *state, "after {count} events");
        }
    }

    #[test]
    fn events_and_snapshots_that_went_through_json_give_the_same_state(asks: bool, moves in moves(), endings in endings(), middle: prop::sample::Index) {
        let Played { events, states, .. } = play(&PROJECTS[usize::from(asks)], &moves, &endings);
        let stored: Vec<Event> = events.iter().map(|event| serde_json::from_str(&serde_json::to_string(event).unwrap()).unwrap()).collect();
        let last = &states.last().unwrap().1;
        prop_assert!(CallState::from_events(&stored) == *last, "without a snapshot");
        let (count, snapshot) = middle.get(&states);
        let mut state: CallState = serde_json::from_str(&serde_json::to_string(snapshot).unwrap()).unwrap();
        stored[*count..].iter().for_each(|event| state.apply(event));
        prop_assert!(state == *last, "from the snapshot after {count} events");
    }

    #[test]
    fn no_event_carries_a_whole_state(asks: bool, moves in moves(), endings in endings()) {
        let Played { events, .. } = play(&PROJECTS[usize::from(asks)], &moves, &endings);
        for event in &events {
            let stored = json(event);
            prop_assert!(!holds(&stored, "stack"), "{}", event.name());
            prop_assert!(stored.to_string().len() < 1_000, "{} of {} bytes", event.name(), stored.to_string().len());
            if let Event::Pushed { frame, .. } = event {
                prop_assert!(frame.asked.is_none(), "a frame that is pushed has no past");
            }
        }
    }

    #[test]
    fn the_same_inputs_give_the_same_events(asks: bool, moves in moves(), endings in endings()) {
        let project = &PROJECTS[usize::from(asks)];
        let (one, other) = (play(project, &moves, &endings), play(project, &moves, &endings));
        prop_assert!(one.events == other.events);
    }

    #[test]
    fn every_turn_ends_within_the_bound(asks: bool, moves in moves(), endings in endings()) {
        let played = play(&PROJECTS[usize::from(asks)], &moves, &endings);
        prop_assert!(played.longest <= 1_001, "{} steps", played.longest);
    }

    #[test]
    fn a_loop_that_is_stopped_is_named(asks: bool, before in moves(), endings in endings()) {
        let project = &PROJECTS[usize::from(asks)];
        let spin = Move::Commands(vec![crate::everything::Said::Start("spin")], 4);
        let played = play(project, &before.into_iter().chain([Move::Began(false), spin]).collect::<Vec<_>>(), &endings);
        let started = played.events.iter().rposition(|event| matches!(event, Event::FlowStarted { flow } if flow.as_str() == "spin"));
        for event in &played.events[started.unwrap_or(played.events.len())..] {
            if let Event::Faulted { fault } = event {
                prop_assert!(fault.contains("spin") || fault.contains("release"), "{fault}");
            }
        }
    }

    #[test]
    fn a_consent_is_filled_only_by_its_own_typed_yes_or_no(asks: bool, moves in moves(), endings in endings()) {
        let Played { events, .. } = play(&PROJECTS[usize::from(asks)], &moves, &endings);
        for (at, event) in events.iter().enumerate() {
            let Event::Slot { name, value: Value::Bool(_) } = event else { continue };
            if name.as_str() != "agreed" {
                continue;
            }
            let asked = events[..at].iter().rev().find_map(|event| if let Event::Listened { listening } = event { Some(listening) } else { None });
            prop_assert_eq!(asked.and_then(|listening| listening.slot.as_ref()).map(|slot| slot.as_str()), Some("agreed"));
            let typed = matches!(&events[at - 1], Event::Understood { by: Source::Typed, .. });
            prop_assert!(typed, "a consent was filled after {}", events[at - 1].name());
            let words = events[..at].iter().rev().find_map(|event| if let Event::Heard { text, .. } = event { Some(text.reveal().as_str()) } else { None });
            prop_assert!(matches!(words, Some("yes" | "no" | "1")), "a consent was filled by other words than yes and no");
        }
    }

    #[test]
    fn no_action_that_needs_a_consent_runs_without_one(asks: bool, moves in moves(), endings in endings()) {
        let Played { events, .. } = play(&PROJECTS[usize::from(asks)], &moves, &endings);
        let mut agreed = false;
        for event in &events {
            match event {
                Event::Slot { name, value } if name.as_str() == "agreed" => agreed = *value == Value::Bool(true),
                Event::ActionStarted { action, .. } if action.as_str() == "action_do" => prop_assert!(agreed, "it wrote without a yes"),
                Event::Restarted | Event::Began { .. } => agreed = false,
                _ => {}
            }
        }
    }
}
