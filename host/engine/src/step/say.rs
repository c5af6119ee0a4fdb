//! Saying a response.
//!
//! Lives here: which variation is said, and how its holes are filled.
//! Never here: voices and wires (the host renders).

use super::Mover;
use crate::event::Event;
use crate::project::Variation;
use crate::scope::{self, StateScope, slot_value};
use crate::template::Template;
use crate::{Masked, ResponseName, SlotName, Value};
use serde_json::{Map, Value as Json, json};

impl Mover<'_> {
    /// Says a response if the domain has it.
    pub(super) fn say_if_there(&mut self, response: &str) {
        if let Ok(name) = ResponseName::parse(response)
            && self.project.responses.contains_key(&name)
        {
            self.say(&name, &[]);
        }
    }

    /// Says a response with arguments that stand before slots of the same name. A response that
    /// nothing defines, or that does not render, is a fault.
    pub(super) fn say(&mut self, response: &ResponseName, arguments: &[(String, Value)]) {
        let context = self.state.stack.last().map(scope::context).unwrap_or_default();
        let Some(variation) = self.choose(response, &context) else {
            self.emit(Event::Faulted { fault: format!("`{response}` has no variation that may be said now") });
            return;
        };
        let fill = |name: &str| self.hole(name, arguments);
        let variables = || self.variables(&context, arguments);
        let text = match variation.text.as_ref().map(|text| text.render(&fill, &variables)) {
            Some(Ok(text)) => text,
            None => String::new(),
            Some(Err(error)) => {
                let fault = format!("`{response}`: {error}");
                self.emit(Event::Faulted { fault });
                return;
            }
        };
        let buttons = variation.buttons.iter().map(|(title, payload)| (render(title, &fill), render(payload, &fill))).collect();
        let said =
            Event::Said { response: response.clone(), text: Masked::new(text), buttons, custom: variation.custom.clone(), claims: variation.claims.clone() };
        self.emit(said);
    }

    /// Condition and channel, then channel, then condition, then neither; among equals the call's seed
    /// decides.
    fn choose(&self, response: &ResponseName, context: &Json) -> Option<Variation> {
        let scope = StateScope { project: self.project, state: &self.state, context };
        let channel = self.state.opening.as_ref().map(|opening| opening.channel.as_str());
        let rank = |variation: &Variation| {
            let here = variation.channel.as_deref().is_none_or(|wanted| Some(wanted) == channel);
            let holds = variation.condition.as_ref().is_none_or(|condition| condition.holds(&scope));
            (here && holds).then(|| match (variation.condition.is_some(), variation.channel.is_some()) {
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

    fn hole(&self, name: &str, arguments: &[(String, Value)]) -> String {
        if let Some((_, value)) = arguments.iter().find(|(known, _)| known == name) {
            return value.spoken();
        }
        let Ok(name) = SlotName::parse(name) else { return String::new() };
        let value = slot_value(self.project, &self.state, &name).spoken();
        if self.project.slots.get(&name).is_some_and(|slot| slot.digits) { one_by_one(&value) } else { value }
    }

    fn variables(&self, context: &Json, arguments: &[(String, Value)]) -> Json {
        let mut all: Map<String, Json> =
            self.project.slots.keys().map(|name| (name.to_string(), slot_value(self.project, &self.state, name).to_json())).collect();
        all.extend(arguments.iter().map(|(name, value)| (name.clone(), value.to_json())));
        all.insert("context".into(), context.clone());
        json!(all)
    }
}

fn render(text: &str, fill: &dyn Fn(&str) -> String) -> String {
    Template::plain(text).render(fill, &|| Json::Null).unwrap_or_default()
}

/// `4521` as `4-5-2-1`, so that a voice reads digits and not a number.
fn one_by_one(value: &str) -> String {
    value.chars().map(String::from).collect::<Vec<_>>().join("-")
}
