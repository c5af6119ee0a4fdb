//! The dialogue stack in Rasa's JSON (`rasa-calm.md` §4.1).
//!
//! Lives here: a frame as JSON, and what changed between two stacks, as JSON Patch.
//! Never here: when a change is told (`events.rs`).

use centralita_engine::CallState;
use centralita_engine::state::{Frame, FrameKind, Position};
use serde_json::{Map, Value as Json};

/// The stack, the bottom first.
pub(super) fn stack(state: &CallState) -> Json {
    // Carries an action that no flow asks for; Rasa has no frame for that.
    state.stack.iter().filter(|frame| frame.flow.as_str() != "pattern_run_action").map(frame).collect()
}

/// A JSON Patch document that makes one stack of another, as the string Rasa keeps; none when they are the same.
pub(super) fn change(before: &Json, after: &Json) -> Option<String> {
    let patch = json_patch::diff(before, after);
    (!patch.0.is_empty()).then(|| serde_json::to_string(&patch).unwrap_or_default())
}

/// Where a frame is, in Rasa's words.
pub(super) fn step(position: &Position) -> &str {
    match position {
        Position::Start => "START",
        Position::At(step) => step.as_str(),
        Position::End | Position::Cancelled => "END",
    }
}

fn frame(frame: &Frame) -> Json {
    let mut map: Map<String, Json> = frame.context.iter().map(|(key, value)| (key.clone(), value.to_json())).collect();
    map.insert("frame_id".into(), format!("{:08}", frame.id).into());
    map.insert("flow_id".into(), frame.flow.as_str().into());
    map.insert("step_id".into(), step(&frame.position).into());
    let user = |kind: &str| ("flow".to_owned(), Some(kind.to_owned()));
    let (kind, frame_type) = match frame.kind {
        FrameKind::Regular | FrameKind::Interrupt if frame.linked => user("link"),
        FrameKind::Regular => user("regular"),
        FrameKind::Interrupt => user("interrupt"),
        FrameKind::Call => user("call"),
        FrameKind::Pattern => (frame.flow.to_string(), None),
    };
    map.insert("type".into(), kind.into());
    if let Some(frame_type) = frame_type {
        map.insert("frame_type".into(), frame_type.into());
    }
    Json::Object(map)
}
