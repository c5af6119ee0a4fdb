//! Saying a response.
//!
//! Lives here: which variation is said, and how its holes are filled.
//! Never here: voices and wires (the host renders).

use super::{Mover, Say};
use crate::event::Event;
use crate::project::{Project, Variation, When};
use crate::scope::{self, StateScope, slot_value};
use crate::state::CallState;
use crate::template::{BadTemplate, Template};
use crate::{Masked, ResponseName, SlotName, Value};
use serde_json::{Map, Value as Json, json};

/// The words of a response as this call would say it now, for somebody who is not the caller; `last_question` is what the
/// caller was asked last. `None` if nothing of it may be said. Nothing happens by it.
pub fn worded(project: &Project, state: &CallState, response: &ResponseName) -> Option<Masked<String>> {
    let mover = Mover { project, state: state.clone(), events: Vec::new(), at: state.at };
    let context = scope::context_on_top(project, state);
    let asked = state.before.iter().chain(&state.said).rev().find(|spoken| spoken.text.reveal().contains('?'));
    let last_question = asked.map(|spoken| spoken.text.reveal().clone()).unwrap_or_default();
    let say = Say { response: Some(response.clone()), arguments: vec![("last_question".into(), Value::text(last_question))], ..Say::default() };
    let variation = mover.choose(response, &context)?;
    let said = mover.rendered(response, &variation, &say, &context).ok()?;
    match said {
        Event::Said { text, .. } => Some(text).filter(|text| !text.reveal().trim().is_empty()),
        _ => None,
    }
}

impl Mover<'_> {
    /// Says a response if the domain has it.
    pub(super) fn say_if_there(&mut self, response: &str) {
        if let Ok(name) = ResponseName::parse(response)
            && self.project.responses.contains_key(&name)
        {
            self.say_response(&name);
        }
    }

    /// Says a response, if the domain has it, with arguments.
    pub(super) fn say_with(&mut self, response: &str, arguments: &[(&str, Value)]) {
        let Ok(name) = ResponseName::parse(response) else { return };
        if self.project.responses.contains_key(&name) {
            let arguments = arguments.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
            self.say(&Say { response: Some(name), arguments, ..Say::default() });
        }
    }

    /// Says a response of the domain as it is.
    pub(super) fn say_response(&mut self, response: &ResponseName) {
        self.say(&Say { response: Some(response.clone()), ..Say::default() });
    }

    /// Says something: a response with arguments that stand before slots of the same name, words, or words over a
    /// response. A response of which nothing may be said now is an internal error (`rasa-calm.md` §2.4).
    pub(super) fn say(&mut self, say: &Say) {
        let context = scope::context_on_top(self.project, &self.state);
        let Some(response) = &say.response else {
            let text = say.text.clone().unwrap_or_default();
            self.emit(Event::Said {
                response: None,
                text,
                buttons: say.buttons.clone(),
                custom: say.custom.clone(),
                rich: say.rich.clone(),
                claims: Vec::new(),
            });
            return;
        };
        let Some(variation) = self.choose(response, &context) else {
            self.unsaid(response, format!("`{response}` has no variation that may be said now"));
            return;
        };
        match self.rendered(response, &variation, say, &context) {
            Ok(said) => self.emit(said),
            Err(error) => self.unsaid(response, format!("`{response}`: {error}")),
        }
    }

    /// A response could not be said: the caller hears of it all the same.
    fn unsaid(&mut self, response: &ResponseName, fault: String) {
        self.emit(Event::Faulted { fault });
        if response.as_str() != "utter_internal_error_rasa" {
            self.say_if_there("utter_internal_error_rasa");
        }
    }

    fn rendered(&self, response: &ResponseName, variation: &Variation, say: &Say, context: &Json) -> Result<Event, BadTemplate> {
        let language = self.slot_text("language");
        let fill = |name: &str| self.hole(name, &say.arguments);
        let variables = || self.variables(context, &say.arguments);
        let template = language.as_deref().and_then(|language| variation.translation.get(language)).or(variation.text.as_ref());
        let text = match (&say.text, template) {
            (Some(text), _) => text.clone(),
            (None, Some(template)) => Masked::new(template.render(&fill, &variables)?),
            (None, None) => Masked::default(),
        };
        let plain = |text: &str| Template::plain(text).render(&fill, &|| Json::Null).unwrap_or_default();
        let own = variation.buttons.iter().map(|button| {
            let translated = language.as_deref().and_then(|language| button.translation.get(language));
            let payload = button.payload.as_ref().unwrap_or(&button.title);
            (plain(translated.unwrap_or(&button.title)), plain(payload))
        });
        let mut rich: Map<String, Json> = variation.rich.iter().map(|(key, value)| (key.clone(), filled(value, &plain))).collect();
        rich.extend(say.rich.clone());
        Ok(Event::Said {
            response: Some(response.clone()),
            text,
            buttons: own.chain(say.buttons.iter().cloned()).collect(),
            custom: say.custom.clone().or_else(|| variation.custom.as_ref().map(|custom| filled(custom, &plain))),
            rich,
            claims: variation.claims.clone(),
        })
    }

    /// The text a slot holds, if it holds text.
    pub(super) fn slot_text(&self, name: &str) -> Option<String> {
        let name = SlotName::parse(name).ok()?;
        slot_value(self.project, &self.state, &name).as_text().map(str::to_owned)
    }

    /// Condition and channel, then channel, then condition, then neither; among equals the call's seed
    /// decides.
    fn choose(&self, response: &ResponseName, context: &Json) -> Option<Variation> {
        let scope = StateScope { project: self.project, state: &self.state, context };
        let channel = self.state.opening.as_ref().map(|opening| opening.channel.as_str());
        let holds = |when: &When| match when {
            When::Holds(condition) => condition.holds(&scope),
            When::Equal(all) => all.iter().all(|(name, value)| slot_value(self.project, &self.state, name).to_json() == *value),
        };
        let rank = |variation: &Variation| {
            let here = variation.channel.as_deref().is_none_or(|wanted| Some(wanted) == channel);
            (here && variation.condition.as_ref().is_none_or(holds)).then(|| match (variation.condition.is_some(), variation.channel.is_some()) {
                (true, true) => 3,
                (false, true) => 2,
                (true, false) => 1,
                (false, false) => 0,
            })
        };
        let ranked: Vec<(i32, &Variation)> =
            self.project.responses.get(response)?.iter().filter_map(|variation| rank(variation).map(|rank| (rank, variation))).collect();
        let best = ranked.iter().map(|(rank, _)| *rank).max()?;
        let equals: Vec<&Variation> = ranked.into_iter().filter(|(rank, _)| *rank == best).map(|(_, variation)| variation).collect();
        let seed = self.state.opening.as_ref().map_or(0, |opening| opening.seed);
        let draw = seed.wrapping_add(self.state.position).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        equals.get(usize::try_from(draw).unwrap_or(0) % equals.len()).map(|variation| (*variation).clone())
    }

    /// What a hole says: an argument before a slot, `None` where nothing is set, as Rasa says it.
    fn hole(&self, name: &str, arguments: &[(String, Value)]) -> String {
        if let Some((_, value)) = arguments.iter().find(|(known, _)| known == name) {
            return or_none(value);
        }
        let mut path = name.split('.');
        let Some(name) = path.next().and_then(|name| SlotName::parse(name).ok()) else { return "None".into() };
        let value = slot_value(self.project, &self.state, &name);
        if self.project.slots.get(&name).is_some_and(|slot| slot.digits) {
            return one_by_one(&value.spoken());
        }
        let inner = path.try_fold(value.to_json(), |json, part| json.get(part).cloned());
        inner.map_or_else(|| "None".into(), |json| or_none(&Value::from_json(json)))
    }

    fn variables(&self, context: &Json, arguments: &[(String, Value)]) -> Json {
        let mut all: Map<String, Json> =
            self.project.slots.keys().map(|name| (name.to_string(), slot_value(self.project, &self.state, name).to_json())).collect();
        all.extend(arguments.iter().map(|(name, value)| (name.clone(), value.to_json())));
        all.insert("context".into(), context.clone());
        json!(all)
    }
}

fn or_none(value: &Value) -> String {
    match value {
        Value::None => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Text(_) | Value::Number(_) | Value::Items(_) | Value::Json(_) => value.spoken(),
    }
}

/// A payload with the holes of every text in it filled.
fn filled(payload: &Json, fill: &dyn Fn(&str) -> String) -> Json {
    match payload {
        Json::String(text) => fill(text).into(),
        Json::Array(items) => items.iter().map(|item| filled(item, fill)).collect(),
        Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), filled(value, fill))).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) => payload.clone(),
    }
}

/// `4521` as `4-5-2-1`, so that a voice reads digits and not a number.
fn one_by_one(value: &str) -> String {
    value.chars().map(String::from).collect::<Vec<_>>().join("-")
}
