//! Where conditions and templates of a project find their names.
//!
//! Lives here: slots with their initial values, and a frame's context as JSON.
//! Never here: conditions, templates.

use crate::condition::Scope;
use crate::project::Project;
use crate::state::{CallState, Frame, Position};
use crate::{SlotName, Value};
use serde_json::{Map, Value as Json};

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
pub(crate) fn context_on_top(stack: &[Frame]) -> Json {
    let Some((top, beneath)) = stack.split_last() else { return Json::Null };
    let own = context(top);
    match (top.flow.as_str(), beneath.last(), own) {
        ("pattern_collect_information", Some(asking), Json::Object(own)) => {
            let mut seen = context(asking);
            if let Some(map) = seen.as_object_mut() {
                map.extend(own);
            }
            seen
        }
        (_, _, own) => own,
    }
}

/// The context of a frame as JSON.
pub(crate) fn context(frame: &Frame) -> Json {
    let mut map: Map<String, Json> = frame.context.iter().map(|(key, value)| (key.clone(), value.to_json())).collect();
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
