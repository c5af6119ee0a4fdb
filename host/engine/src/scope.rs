//! Where conditions and templates of a project find their names.
//!
//! Lives here: slots with their initial values, and a frame's context as JSON.
//! Never here: what conditions and templates make of them.

use crate::condition::{Condition, Scope};
use crate::project::{Collect, Project, StepKind};
use crate::state::{CallState, Frame, Position};
use crate::{ResponseName, SlotName, Value};
use serde_json::{Map, Value as Json, json};

/// Slots of a call with a frame's context.
pub(crate) struct StateScope<'a> {
    pub(crate) project: &'a Project,
    pub(crate) state: &'a CallState,
    pub(crate) context: &'a Json,
}

impl Scope for StateScope<'_> {
    fn slot(&self, name: &str) -> Option<Json> {
        let slot = self.project.slots.get(name)?;
        Some(self.state.slots.get(name).map_or_else(|| slot.initial.clone(), Value::to_json))
    }

    fn context(&self) -> &Json {
        self.context
    }
}

/// The value of a slot, its initial value when nothing has set it.
pub(crate) fn slot_value(project: &Project, state: &CallState, name: &SlotName) -> Value {
    let initial = || project.slots.get(name).map(|slot| Value::from_json(slot.initial.clone())).unwrap_or_default();
    state.slots.get(name).cloned().unwrap_or_else(initial)
}

/// The context a response sees when the top of this stack says it. A question sees what the frame that asks it knows as
/// well: in a correction that is confirmed first, the slots to be corrected.
pub(crate) fn context_on_top(project: &Project, state: &CallState) -> Json {
    let Some((top, beneath)) = state.stack.split_last() else { return json!({ "misses": state.misses }) };
    let own = context(project, state, top);
    match (top.flow.as_str(), beneath.last(), own) {
        ("pattern_collect_information", Some(asking), Json::Object(own)) => {
            let mut seen = context(project, state, asking);
            if let Some(map) = seen.as_object_mut() {
                map.extend(own);
            }
            seen
        }
        (_, _, own) => own,
    }
}

/// The context of a frame as JSON: what the frame keeps, where it is, and what the project says about its question.
pub(crate) fn context(project: &Project, state: &CallState, frame: &Frame) -> Json {
    let mut map: Map<String, Json> = frame.context.iter().map(|(key, value)| (key.clone(), value.to_json())).collect();
    if let Some((_, rejections)) = rejections(project, state, frame) {
        let list: Vec<Json> = rejections.iter().map(|(condition, utter)| json!({ "if": condition.text(), "utter": utter.as_str() })).collect();
        map.insert("rejections".into(), list.into());
    }
    // A question is asked in other words when it was missed.
    map.entry("misses").or_insert_with(|| state.misses.into());
    if frame.flow.as_str() == "pattern_human_handoff" {
        map.insert("on_duty".into(), project.on_duty(state.at).into());
    }
    map.insert("frame_id".into(), frame.id.to_string().into());
    map.insert("flow_id".into(), frame.flow.to_string().into());
    let step = match &frame.position {
        Position::Start => "START",
        Position::At(step) => step.as_str(),
        Position::End | Position::Cancelled => "END",
    };
    map.insert("step_id".into(), step.into());
    Json::Object(map)
}

/// The slot this pattern asks for or validates, and when its value is refused.
pub(crate) fn rejections<'p>(project: &'p Project, state: &CallState, frame: &Frame) -> Option<(SlotName, &'p [(Condition, ResponseName)])> {
    let name = |key: &str| frame.context.get(key).and_then(Value::as_text).and_then(|name| SlotName::parse(name).ok());
    if let Some(slot) = name("validate") {
        let validation = project.slots.get(&slot).and_then(|slot| slot.validation.as_ref());
        return Some((slot, validation.map(|validation| &*validation.rejections).unwrap_or_default()));
    }
    let slot = name("collect")?;
    let rejections = open_collect(project, state, &slot).map(|(_, collect)| &*collect.rejections).unwrap_or_default();
    Some((slot, rejections))
}

/// The question for this slot that a frame of the stack is at, and the height of that frame.
pub(crate) fn open_collect<'p>(project: &'p Project, state: &CallState, slot: &SlotName) -> Option<(usize, &'p Collect)> {
    state.stack.iter().enumerate().rev().find_map(|(height, frame)| {
        let step = project.flows.get(&frame.flow)?.step(frame.step()?)?;
        match &step.kind {
            StepKind::Collect(collect) if collect.slot == *slot => Some((height, &**collect)),
            StepKind::Collect(_) | StepKind::Action(_) | StepKind::SetSlots(_) | StepKind::Link(_) | StepKind::Call(_) | StepKind::Noop => None,
        }
    })
}
