//! What an utterance is taken for, by the engine's own step.
//!
//! Lives here: the state in which it is said, and the label of what came of it.
//! Never here: figures.

use super::{Labelled, Verdict};
use crate::calls::unaided;
use centralita_engine::event::Opening;
use centralita_engine::project::{Collect, Flow, Slot, SlotKind, Step as FlowStep, StepKind};
use centralita_engine::state::{Frame, FrameKind, Listening, Position};
use centralita_engine::{CallState, Command, Event, FlowId, Happened, Input, Project, SlotName, Source, Value, step};
use std::collections::BTreeMap;
use std::time::Instant;

/// 25 November 2026, noon in Greenwich: the same time for every utterance.
const AT: i64 = 1_795_608_000_000;

/// Judges one utterance.
pub(crate) async fn judge(project: &Project, labelled: &Labelled) -> Verdict {
    let state = state(project, labelled.asks.as_ref());
    let began = Instant::now();
    let utterance = unaided(project, &state, &labelled.says).await;
    let happened = step(project, &state, Input { at: AT, what: Happened::Heard(utterance) });
    let us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    let understood = happened.events.iter().find_map(|event| match event {
        Event::Understood { by, commands, .. } => Some((*by, commands.as_slice())),
        _ => None,
    });
    let (by, commands) = understood.unwrap_or((Source::Nobody, &[]));
    let got = commands.iter().find_map(|command| label(command, labelled.asks.as_ref())).unwrap_or_else(|| "none".to_owned());
    let by = if got == "none" { Source::Nobody } else { by };
    Verdict {
        at: labelled.at.clone(),
        asks: labelled.asks.as_ref().map(ToString::to_string).unwrap_or_default(),
        says: labelled.says.clone(),
        label: labelled.label.clone(),
        country: labelled.country.clone(),
        expect: labelled.expect.clone(),
        got,
        by: format!("{by:?}"),
        us,
    }
}

/// What a command is called in a file of labelled utterances; slots that were not asked for are not judged.
fn label(command: &Command, asked: Option<&SlotName>) -> Option<String> {
    Some(match command {
        Command::SetSlot { name, value } if asked == Some(name) => value.spoken(),
        Command::SkipQuestion => "unknown".into(),
        Command::StartFlow { flow } => flow.to_string(),
        Command::HumanHandoff => "person".into(),
        Command::Repeat => "repeat".into(),
        Command::CancelFlow => "cancel".into(),
        Command::Clarify { .. } => "clarify".into(),
        _ => return None,
    })
}

/// A call in which this question is open, or nothing is asked.
fn state(project: &Project, asks: Option<&SlotName>) -> CallState {
    let opening =
        Opening { release: String::new(), seed: 0, number: None, called: None, channel: "twilio_voice".into(), metadata: Value::None, slots: Vec::new() };
    let mut events = vec![Event::Began { at: AT, opening, carries_slots: false }];
    if let Some((flow, at, collect)) = asks.and_then(|name| question(project, name)) {
        for before in flow.steps.iter().take_while(|before| before.id != at.id) {
            if let StepKind::SetSlots(slots) = &before.kind {
                events.extend(slots.iter().map(|(name, value)| Event::Slot { name: name.clone(), value: Value::from_json(value.clone()) }));
            }
        }
        let frame =
            Frame { position: Position::At(at.id.clone()), asked: Some(at.id.clone()), ..Frame::new(1, flow.id.clone(), FrameKind::Regular, BTreeMap::new()) };
        events.push(Event::Pushed { frame, beneath: None });
        events.extend(FlowId::parse("pattern_collect_information").map(|pattern| {
            let context = [("collect", collect.slot.as_str()), ("utter", collect.utter.as_str()), ("collect_action", collect.action.as_str())];
            let context = context.into_iter().map(|(key, value)| (key.to_owned(), Value::text(value))).collect();
            Event::Pushed { frame: Frame::new(2, pattern, FrameKind::Pattern, context), beneath: None }
        }));
    }
    events.push(Event::Listened { listening: Listening { slot: asks.cloned(), ..Listening::default() } });
    CallState::from_events(&events)
}

/// The first question for a slot, in the order of the flows.
pub(super) fn question<'a>(project: &'a Project, slot: &SlotName) -> Option<(&'a Flow, &'a FlowStep, &'a Collect)> {
    project.in_order().into_iter().filter(|flow| !flow.id.is_pattern()).find_map(|flow| {
        flow.steps.iter().find_map(|step| match &step.kind {
            StepKind::Collect(collect) if collect.slot == *slot => Some((flow, step, &**collect)),
            _ => None,
        })
    })
}

/// A value as a file writes it.
pub(super) fn written(slot: &Slot, text: &str) -> Value {
    match (&slot.kind, text.parse::<bool>(), text.parse::<f64>()) {
        (SlotKind::Bool, Ok(yes), _) => Value::Bool(yes),
        (SlotKind::Float, _, Ok(number)) => Value::Number(number),
        _ => Value::text(text),
    }
}
