//! Judging a turn: whether its events are what a step expects.
//!
//! Lives here: one answer for each type of assertion and for each step of the old style.
//! Never here: running turns (`run.rs`), reading files (`read.rs`).

use super::assertion::{Flows, Kind, Message};
use super::case::{Expect, Wanted};
use centralita_engine::{ActionName, Event, FlowId, Project, ResponseName, Value};
use serde_json::Value as Json;

/// A turn, seen by its events.
pub struct Turn<'a> {
    /// The project it was held in.
    pub project: &'a Project,
    /// What happened, in order.
    pub events: &'a [Event],
}

/// How an assertion came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is met; events from here on come after what met it.
    Met(usize),
    /// It is not met, and why.
    Missed(String),
    /// Nobody can judge it here.
    Skipped(&'static str),
}

impl Turn<'_> {
    /// Judges an assertion by the events from `from` on.
    pub fn judge(&self, kind: &Kind, from: usize) -> Verdict {
        let found = match kind {
            Kind::FlowStarted(flows) => self.flows(flows, from, "started", |event| match event {
                Event::FlowStarted { flow } => Some((flow, None)),
                _ => None,
            }),
            Kind::FlowCompleted(flows) => self.flows(flows, from, "completed", |event| match event {
                Event::FlowCompleted { flow, step } => Some((flow, step.as_ref().map(ToString::to_string))),
                _ => None,
            }),
            Kind::FlowCancelled(flows) => self.flows(flows, from, "cancelled", |event| match event {
                Event::FlowCancelled { flow, step } => Some((flow, step.as_ref().map(ToString::to_string))),
                _ => None,
            }),
            Kind::Clarification(flows) => self.clarification(flows, from),
            Kind::SlotWasSet(wanted) => wanted.iter().try_fold(from, |end, wanted| Ok(end.max(self.was_set(wanted, from, false)?))),
            Kind::SlotWasNotSet(wanted) => {
                let set = |wanted: &&Wanted| self.set_anyhow(wanted, from, false);
                wanted.iter().find(set).map_or(Ok(from), |wanted| Err(format!("the slot {} was set", described(wanted))))
            }
            Kind::ActionExecuted(action) => self.ran(action, from),
            Kind::BotUttered(message) => self.uttered(message, from),
            Kind::BotDidNotUtter(message) => match self.uttered(message, from) {
                Ok(_) => Err(format!("a message was sent with {}", wanted_of(message))),
                Err(_) => Ok(from),
            },
            Kind::Judged(name) => return Verdict::Skipped(name),
        };
        found.map_or_else(Verdict::Missed, Verdict::Met)
    }

    /// Judges a step of the old style: anywhere in the turn, in any order.
    ///
    /// # Errors
    /// Why it is not met.
    pub fn meets(&self, expect: &Expect) -> Result<(), String> {
        match expect {
            Expect::Bot(text) => {
                let said = || self.said().map(|(_, said)| said.text.trim());
                if said().any(|said| said == text.trim()) {
                    return Ok(());
                }
                Err(format!("no message said exactly `{}`; {}", text.trim(), listed("the messages were", said().map(|said| format!("`{said}`")))))
            }
            Expect::Utter(response) => self.uttered(&Message { response: Some(response.clone()), ..Message::default() }, 0).map(|_| ()),
            Expect::Action(action) => self.ran(action, 0).map(|_| ()),
            Expect::Set(wanted) => wanted.iter().try_for_each(|wanted| self.was_set(wanted, 0, true).map(|_| ())),
            Expect::NotSet(wanted) => {
                let set = |wanted: &&Wanted| self.set_anyhow(wanted, 0, true);
                wanted.iter().find(set).map_or(Ok(()), |wanted| Err(format!("the slot {} was set", described(wanted))))
            }
        }
    }

    fn after(&self, from: usize) -> impl Iterator<Item = (usize, &Event)> {
        self.events.iter().enumerate().skip(from)
    }

    fn flows<'e>(&'e self, wanted: &Flows, from: usize, word: &str, of: impl Fn(&'e Event) -> Option<(&'e FlowId, Option<String>)>) -> Result<usize, String> {
        let found: Vec<(usize, &FlowId, Option<String>)> =
            self.events.iter().enumerate().skip(from).filter_map(|(at, event)| of(event).map(|(flow, step)| (at, flow, step))).collect();
        let meets = |name: &String| {
            let right = |(_, flow, step): &&(usize, &FlowId, Option<String>)| flow.as_str() == name && (wanted.step.is_none() || wanted.step == *step);
            found.iter().find(right).map(|(at, ..)| at + 1)
        };
        let places: Vec<Option<usize>> = wanted.flows.iter().map(meets).collect();
        let all = places.iter().all(Option::is_some);
        if all || (wanted.any && places.iter().any(Option::is_some)) {
            return Ok(places.into_iter().flatten().max().unwrap_or(from));
        }
        let missing = wanted.flows.iter().zip(&places).filter(|(_, place)| place.is_none()).map(|(flow, _)| format!("`{flow}`"));
        let at = wanted.step.as_ref().map(|step| format!(" at the step `{step}`")).unwrap_or_default();
        let were = found.iter().map(|(_, flow, step)| step.as_ref().map_or_else(|| format!("`{flow}`"), |step| format!("`{flow}` at `{step}`")));
        Err(format!("{}{at} was not {word}; {}", joined(missing), listed(&format!("{word} were"), were)))
    }

    fn clarification(&self, wanted: &Flows, from: usize) -> Result<usize, String> {
        let offers = self.after(from).filter_map(|(at, event)| match event {
            Event::Pushed { frame, .. } if frame.flow.as_str() == "pattern_clarification" => Some((at, frame.context.get("names"))),
            _ => None,
        });
        let mut offered_at_all = Vec::new();
        for (at, names) in offers {
            let offered: Vec<String> = match names {
                Some(Value::Items(names)) => names.iter().map(|name| name.reveal().clone()).collect(),
                Some(other) => vec![other.spoken()],
                None => Vec::new(),
            };
            let is_offered =
                |wanted: &String| offered.contains(wanted) || self.readable(wanted).is_some_and(|names| names.iter().any(|name| offered.contains(name)));
            let met = if wanted.any { wanted.flows.iter().any(is_offered) } else { wanted.flows.iter().all(is_offered) };
            if met {
                return Ok(at + 1);
            }
            offered_at_all.extend(offered);
        }
        let wanted = joined(wanted.flows.iter().map(|flow| format!("`{flow}`")));
        Err(format!("no clarification offered {wanted}; {}", listed("offered were", offered_at_all.iter().map(|name| format!("`{name}`")))))
    }

    /// The names of a flow that is named by its id.
    fn readable(&self, id: &str) -> Option<Vec<String>> {
        let flow = self.project.flows.values().find(|flow| flow.id.as_str() == id)?;
        Some(std::iter::once(flow.name.clone()).chain(flow.translation.values().cloned()).collect())
    }

    fn slots<'e>(&'e self, slot: &'e str, from: usize) -> impl Iterator<Item = (usize, &'e Value)> {
        self.after(from).filter_map(move |(at, event)| match event {
            Event::Slot { name, value } if name.as_str() == slot => Some((at, value)),
            _ => None,
        })
    }

    /// Where a slot was set as wanted. In the old style any event of the slot counts when no value is named; in an
    /// assertion it must have set something.
    fn was_set(&self, wanted: &Wanted, from: usize, old: bool) -> Result<usize, String> {
        let right = |value: &Value| match &wanted.value {
            Some(json) => same(json, &value.to_json()),
            None => old || !value.is_none(),
        };
        if let Some((at, _)) = self.slots(&wanted.slot, from).find(|(_, value)| right(value)) {
            return Ok(at + 1);
        }
        let unknown = if self.project.slots.contains_key(wanted.slot.as_str()) { "" } else { " (no domain declares it)" };
        let values = self.slots(&wanted.slot, from).map(|(_, value)| value.to_json().to_string());
        Err(format!("the slot {}{unknown} was not set; {}", described(wanted), listed("it was set to", values)))
    }

    fn set_anyhow(&self, wanted: &Wanted, from: usize, old: bool) -> bool {
        self.was_set(wanted, from, old).is_ok()
    }

    fn ran(&self, action: &str, from: usize) -> Result<usize, String> {
        let name = |event| match event {
            &Event::Acted { ref action } | &Event::ActionStarted { ref action, .. } => Some(action),
            _ => None,
        };
        let ran = || self.after(from).filter_map(move |(at, event)| name(event).map(|action: &ActionName| (at, action)));
        match ran().find(|(_, ran)| ran.as_str() == action) {
            Some((at, _)) => Ok(at + 1),
            None => Err(format!("`{action}` did not run; {}", listed("these ran:", ran().map(|(_, action)| format!("`{action}`"))))),
        }
    }

    fn said(&self) -> impl Iterator<Item = (usize, Said<'_>)> {
        self.events.iter().enumerate().filter_map(|(at, event)| match event {
            Event::Said { response, text, buttons, .. } => Some((at, Said { response: response.as_ref(), text: text.reveal(), buttons })),
            _ => None,
        })
    }

    fn uttered(&self, message: &Message, from: usize) -> Result<usize, String> {
        let pattern = message.text.as_deref().map(Pattern::of);
        let right = |said: &Said<'_>| {
            message.response.as_deref().is_none_or(|name| said.response.is_some_and(|response| response.as_str() == name))
                && pattern.as_ref().is_none_or(|pattern| pattern.is_in(said.text))
                && message.buttons.as_ref().is_none_or(|buttons| buttons == said.buttons)
        };
        let said = || self.said().filter(|(at, _)| *at >= from);
        match said().find(|(_, said)| right(said)) {
            Some((at, _)) => Ok(at + 1),
            None => Err(format!("no message was sent with {}; {}", wanted_of(message), listed("the messages were", said().map(|(_, said)| said.shown())))),
        }
    }
}

/// A message that was sent.
struct Said<'a> {
    response: Option<&'a ResponseName>,
    text: &'a str,
    buttons: &'a [(String, String)],
}

impl Said<'_> {
    fn shown(&self) -> String {
        let response = self.response.map(|response| format!("{response} ")).unwrap_or_default();
        let buttons: String = self.buttons.iter().map(|(title, payload)| format!(" [{title}|{payload}]")).collect();
        format!("{response}`{}`{buttons}", self.text)
    }
}

/// `text_matches`: words as they are written, or a regular expression; both are looked for anywhere.
struct Pattern<'a> {
    words: &'a str,
    regex: Option<fancy_regex::Regex>,
}

impl<'a> Pattern<'a> {
    fn of(words: &'a str) -> Self {
        // What is no regular expression is words.
        Self { words, regex: fancy_regex::Regex::new(words).ok() }
    }

    fn is_in(&self, text: &str) -> bool {
        text.contains(self.words) || self.regex.as_ref().is_some_and(|regex| regex.is_match(text).unwrap_or(false))
    }
}

/// Whether a value of a file is the value of a slot: numbers by what they are worth, everything else exactly.
fn same(wanted: &Json, found: &Json) -> bool {
    match (wanted, found) {
        (Json::Number(wanted), Json::Number(found)) => wanted.as_f64() == found.as_f64(),
        (Json::Array(wanted), Json::Array(found)) => wanted.len() == found.len() && wanted.iter().zip(found).all(|(wanted, found)| same(wanted, found)),
        (Json::Object(wanted), Json::Object(found)) => {
            wanted.len() == found.len() && wanted.iter().all(|(key, value)| found.get(key).is_some_and(|found| same(value, found)))
        }
        (wanted, found) => wanted == found,
    }
}

fn described(wanted: &Wanted) -> String {
    match &wanted.value {
        Some(value) => format!("`{}` = {value}", wanted.slot),
        None => format!("`{}`", wanted.slot),
    }
}

fn wanted_of(message: &Message) -> String {
    let mut parts = Vec::new();
    parts.extend(message.response.as_ref().map(|name| format!("utter_name `{name}`")));
    parts.extend(message.text.as_ref().map(|text| format!("text_matches `{text}`")));
    parts.extend(message.buttons.as_ref().map(|buttons| format!("buttons {}", joined(buttons.iter().map(|(title, payload)| format!("[{title}|{payload}]"))))));
    parts.join(" and ")
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn listed(before: &str, items: impl Iterator<Item = String>) -> String {
    let items = joined(items);
    if items.is_empty() { "there were none".to_owned() } else { format!("{before} {items}") }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
