//! What an action server sees instead of sensitive values (`design.md`, invariant 6).
//!
//! Lives here: hiding the values of slots with a class, and the caller's own words, in a tracker; putting values back for
//! the tokens an answer holds.
//! Never here: which token a value has (`runs::Tokens`), what is sensitive in free text (`model::Tokens`).

use crate::grants::{Class, values};
use crate::model;
use crate::release::Release;
use crate::runs::Tokens;
use crate::seal::Keys;
use centralita_engine::{CallState, Event, Value};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The tokens of one run. A project whose slots have no class has none: everything goes as Rasa sends it.
pub(super) struct Masks {
    tokens: Tokens,
    classes: BTreeMap<String, Class>,
}

impl Masks {
    /// Those of a run; `granted` slots go as they are.
    pub(super) fn of(keys: Arc<Keys>, call: &str, release: &Release, granted: &BTreeSet<String>) -> Option<Self> {
        let mut classes: BTreeMap<String, Class> =
            release.project.slots.keys().map(|name| (name.to_string(), release.class_of(name.as_str()))).filter(|(_, class)| class.is_sensitive()).collect();
        if classes.is_empty() {
            return None;
        }
        classes.retain(|name, _| !granted.contains(name));
        Some(Self { tokens: Tokens::new(keys, call), classes })
    }

    /// Hides what is sensitive in a tracker of these events.
    pub(super) fn hide(&mut self, release: &Release, state: &CallState, events: &[Event], tracker: &mut Json) {
        for event in events {
            match event {
                Event::Slot { name, value } => {
                    if let Some(class) = self.classes.get(name.as_str()) {
                        self.tokens.hide_value(*class, value.clone());
                    }
                }
                Event::Began { opening, .. } => {
                    if let Some(number) = &opening.number {
                        self.tokens.hide(Class::Phone, number.reveal());
                    }
                }
                _ => {}
            }
        }
        let mut words = model::Tokens::of(&release.project, state);
        for_each_message(tracker, &mut |message| {
            for key in ["text", "value"] {
                if let Some(text) = message.get(key).and_then(Json::as_str) {
                    message[key] = words.hidden(text).into();
                }
            }
        });
        self.named(tracker);
        values::scrub_json(tracker, &self.tokens.live());
    }

    /// Puts values back for tokens, wherever they stand: an answer goes to the dialogue itself.
    pub(super) fn show(&self, json: &mut Json) {
        match json {
            Json::String(text) => *text = self.tokens.fill(text),
            Json::Array(items) => items.iter_mut().for_each(|item| self.show(item)),
            Json::Object(fields) => fields.values_mut().for_each(|value| self.show(value)),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// Hides every value that stands under, or beside, the name of a slot with a class.
    fn named(&mut self, json: &mut Json) {
        match json {
            Json::Array(items) => items.iter_mut().for_each(|item| self.named(item)),
            Json::Object(fields) => {
                let beside = fields.get("name").and_then(Json::as_str).and_then(|name| self.classes.get(name)).copied();
                for (key, value) in fields.iter_mut() {
                    let class = match key.as_str() {
                        "value" => beside,
                        "user_phone" => Some(Class::Phone),
                        _ => self.classes.get(key).copied(),
                    };
                    match (class, value) {
                        (Some(class), value) => *value = self.tokens.hide_value(class, Value::from_json(value.take())).to_json(),
                        // The stack's changes are a document in a string.
                        (None, Json::String(text)) if key == "update" => {
                            if let Ok(mut patch) = serde_json::from_str::<Json>(text) {
                                self.named(&mut patch);
                                *text = patch.to_string();
                            }
                        }
                        (None, value) => self.named(value),
                    }
                }
            }
            Json::String(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
}

/// Every object in which the caller's own words stand: user events, what was made of them, and entities in it.
fn for_each_message(tracker: &mut Json, change: &mut dyn FnMut(&mut Json)) {
    let parsed = |parsed: &mut Json, change: &mut dyn FnMut(&mut Json)| {
        for entity in parsed.get_mut("entities").and_then(Json::as_array_mut).into_iter().flatten() {
            change(entity);
        }
        change(parsed);
    };
    for event in tracker.get_mut("events").and_then(Json::as_array_mut).into_iter().flatten().filter(|event| event["event"] == "user") {
        change(event);
        if let Some(data) = event.get_mut("parse_data") {
            parsed(data, change);
        }
    }
    if let Some(latest) = tracker.get_mut("latest_message") {
        parsed(latest, change);
    }
}
