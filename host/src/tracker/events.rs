//! What happened, told in Rasa's events (`rasa-calm.md` §7.5, §9.1).
//!
//! Lives here: each of the engine's events as Rasa would have it, with time, flow and step.
//! Never here: the other way round (`effects.rs`).

use super::stack;
use centralita_engine::command::Source;
use centralita_engine::{CallState, Command, Event, FlowId, Project, RunId, StepId};
use serde_json::{Map, Value as Json, json};

/// Every event, oldest first.
pub(super) fn tell(sender: &str, project: &Project, events: &[Event]) -> Vec<Json> {
    let mut teller = Teller { sender, project, state: CallState::default(), time: 0.0, stack: Json::Array(Vec::new()), told: Vec::new() };
    for (at, event) in events.iter().enumerate() {
        teller.take(event, &events[at + 1..]);
    }
    teller.told
}

/// What `parse_data` holds when nothing is known of a text but the text.
pub(super) fn parse_data(text: &str, metadata: &Json) -> Json {
    json!({
        "intent": { "name": null, "confidence": 0.0 },
        "entities": [],
        "text": text,
        "message_id": null,
        "metadata": metadata,
        "commands": [],
        "intent_ranking": [],
    })
}

struct Teller<'a> {
    sender: &'a str,
    project: &'a Project,
    state: CallState,
    /// Seconds since 1970: of the last event that has a time of its own.
    time: f64,
    /// The stack as it was told last.
    stack: Json,
    told: Vec<Json>,
}

impl Teller<'_> {
    fn take(&mut self, event: &Event, later: &[Event]) {
        self.state.apply(event);
        match event {
            Event::Began { at, .. } => {
                self.clock(*at);
                // Rasa has the action before what it does.
                self.action("action_session_start");
                self.tell("session_started", json!({}));
            }
            Event::Heard { at, text, metadata, .. } => {
                self.clock(*at);
                self.user(text.reveal(), &metadata.to_json(), &understood(later));
            }
            Event::Silent { at } => {
                self.clock(*at);
                self.user("/silence_timeout", &Json::Null, &[(Source::Payload, Command::UserSilence)]);
            }
            Event::Slot { name, value } => {
                let value = if value.is_none() { Json::Null } else { super::value_of(self.project, &self.state, name) };
                self.tell("slot", json!({ "name": name.as_str(), "value": value }));
            }
            Event::FlowStarted { flow } => self.tell("flow_started", json!({ "flow_id": flow.as_str() })),
            Event::FlowCompleted { flow, step } => self.flow("flow_completed", flow, step.as_ref()),
            Event::FlowCancelled { flow, step } => self.flow("flow_cancelled", flow, step.as_ref()),
            Event::FlowInterrupted { flow, step } => self.flow("flow_interrupted", flow, step.as_ref()),
            Event::FlowResumed { flow, step } => self.flow("flow_resumed", flow, step.as_ref()),
            Event::Acted { action } => match action.as_str() {
                // Told with what they do.
                "action_listen" | "action_session_start" => {}
                name => self.action(name),
            },
            Event::ActionStarted { at, action, .. } => {
                self.clock(*at);
                // An action stands in the tracker once it has run.
                let run = self.state.position;
                if action.as_str() != "action_session_start" && has_ended(run, later) {
                    self.action(action.as_str());
                }
            }
            Event::Said { response, text, buttons, custom, rich, .. } => {
                let buttons: Vec<Json> = buttons.iter().map(|(title, payload)| json!({ "title": title, "payload": payload })).collect();
                let data = json!({
                    "elements": rich.get("elements"),
                    "quick_replies": null,
                    "buttons": (!buttons.is_empty()).then_some(buttons),
                    "attachment": rich.get("attachment"),
                    "image": rich.get("image"),
                    "custom": custom,
                });
                let text = Some(text.reveal().as_str()).filter(|text| !text.is_empty());
                self.tell("bot", json!({ "text": text, "data": data }));
                if let (Some(response), Some(metadata)) = (response, self.told.last_mut().and_then(|event| event["metadata"].as_object_mut())) {
                    metadata.insert("utter_action".into(), response.as_str().into());
                }
            }
            Event::Listened { .. } => self.action("action_listen"),
            Event::HungUp => self.tell("session_ended", json!({})),
            Event::CallerLeft { at } => {
                self.clock(*at);
                self.tell("session_ended", json!({ "_reason": "user disconnected" }));
            }
            Event::SessionEnded => self.tell("session_ended", json!({})),
            Event::Restarted => self.tell("restart", json!({})),
            Event::Foreign { rasa } => self.foreign(rasa.reveal()),
            Event::Kept { .. }
            | Event::Interrupted { .. }
            | Event::Understood { .. }
            | Event::Missed
            | Event::Pushed { .. }
            | Event::Moved { .. }
            | Event::Returned { .. }
            | Event::Noted { .. }
            | Event::Asking { .. }
            | Event::Popped { .. }
            | Event::ActionEnded { .. }
            | Event::Delivered { .. }
            | Event::Transferred { .. }
            | Event::PersonMissed { .. }
            | Event::Faulted { .. } => {}
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double for a long time")]
    fn clock(&mut self, at_ms: i64) {
        self.time = at_ms as f64 / 1000.0;
    }

    /// Tells an event; what changed on the stack since the last one is told before it.
    fn tell(&mut self, kind: &str, keys: Json) {
        let stack = stack::stack(&self.state);
        if let Some(update) = stack::change(&self.stack, &stack) {
            self.push("stack", json!({ "update": update }));
            self.stack = stack;
        }
        self.push(kind, keys);
    }

    fn push(&mut self, kind: &str, keys: Json) {
        let mut event = Map::new();
        event.insert("event".into(), kind.into());
        event.insert("timestamp".into(), self.time.into());
        let mut metadata = self.metadata();
        for (key, value) in keys.as_object().into_iter().flatten() {
            if key.starts_with('_') {
                metadata.insert(key.clone(), value.clone());
            } else {
                event.insert(key.clone(), value.clone());
            }
        }
        event.insert("metadata".into(), metadata.into());
        self.told.push(Json::Object(event));
    }

    fn metadata(&self) -> Map<String, Json> {
        let mut metadata = Map::new();
        if let Some(opening) = &self.state.opening {
            metadata.insert("model_id".into(), opening.release.clone().into());
        }
        if let Some(frame) = self.state.active_flow() {
            metadata.insert("active_flow".into(), frame.flow.as_str().into());
            metadata.insert("step_id".into(), stack::step(&frame.position).into());
        }
        metadata
    }

    fn action(&mut self, name: &str) {
        self.tell("action", json!({ "name": name, "policy": "FlowPolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": false }));
    }

    fn flow(&mut self, kind: &str, flow: &FlowId, step: Option<&StepId>) {
        self.tell(kind, json!({ "flow_id": flow.as_str(), "step_id": step.map(StepId::as_str) }));
    }

    fn user(&mut self, text: &str, metadata: &Json, understood: &[(Source, Command)]) {
        let mut parsed = parse_data(text, metadata);
        let id = format!("{}-{}", self.sender, self.state.position);
        parsed["message_id"] = id.clone().into();
        parsed["commands"] = understood.iter().map(|(by, command)| command.to_rasa(*by)).collect();
        self.intent(text, understood, &mut parsed);
        let channel = self.state.opening.as_ref().map(|opening| opening.channel.clone());
        self.tell("user", json!({ "text": text, "parse_data": parsed, "input_channel": channel, "message_id": id }));
        if let (Some(own), Some(told)) = (metadata.as_object(), self.told.last_mut().and_then(|event| event["metadata"].as_object_mut())) {
            told.extend(own.clone());
        }
    }

    /// The intent, where something with intents read the words: a payload that names one, or the matcher.
    fn intent(&self, text: &str, understood: &[(Source, Command)], parsed: &mut Json) {
        match understood.first().map(|(by, _)| by) {
            Some(Source::Payload) => {
                let Some(body) = text.trim().strip_prefix('/').filter(|body| !body.starts_with("SetSlots")) else { return };
                let (name, json) = body.split_at(body.find('{').unwrap_or(body.len()));
                let entities: Map<String, Json> = serde_json::from_str(json).unwrap_or_default();
                parsed["intent"] = json!({ "name": name.trim(), "confidence": 1.0 });
                parsed["entities"] = entities.into_iter().map(|(entity, value)| json!({ "entity": entity, "value": value })).collect();
            }
            Some(Source::Matcher) => {
                let ranking: Vec<Json> =
                    self.project.matcher.rank(text).into_iter().take(10).map(|guess| json!({ "name": guess.intent, "confidence": guess.score })).collect();
                if let Some(first) = ranking.first() {
                    parsed["intent"] = first.clone();
                }
                parsed["intent_ranking"] = ranking.into();
            }
            Some(Source::Typed | Source::Model | Source::Nobody) | None => {}
        }
    }

    /// Somebody else's event stays as it is; it gets a time if it has none.
    fn foreign(&mut self, rasa: &Json) {
        let mut event = rasa.as_object().cloned().unwrap_or_default();
        if !event.get("timestamp").is_some_and(Json::is_number) {
            event.insert("timestamp".into(), self.time.into());
        }
        self.told.push(Json::Object(event));
    }
}

/// What the words before these events were taken for.
fn understood(later: &[Event]) -> Vec<(Source, Command)> {
    let mut commands = Vec::new();
    for event in later {
        match event {
            Event::Understood { by, commands: more, .. } => commands.extend(more.iter().map(|command| (*by, command.clone()))),
            Event::Heard { .. } | Event::Silent { .. } | Event::Began { .. } | Event::Listened { .. } => break,
            _ => {}
        }
    }
    commands
}

fn has_ended(run: RunId, later: &[Event]) -> bool {
    later.iter().any(|event| matches!(event, Event::ActionEnded { run: ended, .. } if *ended == run))
}
