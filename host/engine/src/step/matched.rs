//! What the matcher proposes for a text.
//!
//! Lives here: how sure it must be, wishes and the flows that grant them, which of them is urgent, when to ask back.
//! Never here: how sure the examples make it (`matcher`), answers to the open question (`understand.rs`).

use crate::answers;
use crate::command::Command;
use crate::legal::legal;
use crate::matcher::Guess;
use crate::project::{Evidence, Flow, Project};
use crate::state::CallState;
use crate::{FlowId, Value};
use serde_json::{Map, Value as Json};

/// How sure the matcher must be before nobody else is asked, and when nobody else can be (0 to 1).
pub const SURE: f32 = 0.75;
/// The lower bar.
pub const LIKELY: f32 = 0.5;
/// How sure the matcher must be of a wish to offer it when it is torn, and of all it offers together.
const OFFERED: f32 = 0.25;
const TORN: f32 = 0.6;
/// How sure the matcher must be of an urgent wish that is only a part of what is said.
const BURIED: f32 = 0.7;
/// The most that a voice can offer at once.
const MOST_OFFERED: usize = 3;

/// What the examples of a project make of a text.
pub struct Matched<'a> {
    project: &'a Project,
    state: &'a CallState,
    text: &'a str,
    guesses: Vec<Guess>,
    entities: Map<String, Json>,
}

/// Looks at a text once, whatever bar it is held to afterwards.
pub fn matched<'a>(project: &'a Project, state: &'a CallState, text: &'a str) -> Matched<'a> {
    let (guesses, entities) = if project.matcher.is_untrained() { Default::default() } else { (rank(project, state, text), project.entities.find(text)) };
    Matched { project, state, text, guesses, entities }
}

/// What the examples make of a text. A farewell of many words is the plainest one, which any project has among its examples.
fn rank(project: &Project, state: &CallState, text: &str) -> Vec<Guess> {
    let guesses = project.matcher.rank(text);
    let setting = project.setting(state.at);
    let plainest = match setting.language {
        answers::Language::Spanish => "adiós",
        answers::Language::English => "goodbye",
    };
    let is_sure = guesses.first().is_some_and(|guess| guess.score >= SURE);
    let farewell = || answers::control(&answers::Heard { text, keys: false }, setting) == Some(answers::Control::Goodbye);
    if !is_sure && farewell() { project.matcher.rank(plainest) } else { guesses }
}

impl Matched<'_> {
    /// What the words are taken for without a model: the likeliest wish if it reaches `bar`, and what the mappings of
    /// slots take from it or, where they take a whole answer, from the words. At the lower bar an urgent wish goes first,
    /// and nothing but a sure one interrupts an open question.
    pub fn at(&self, bar: f32) -> Vec<Command> {
        let Self { project, state, text, guesses, entities } = self;
        if project.matcher.is_untrained() {
            return if bar < SURE { described(project, state, text) } else { Vec::new() };
        }
        let flows = project.in_order();
        let grammar = legal(project, state);
        let startable = |flow: &&&Flow| flow.id.is_pattern() || grammar.flows.contains(&flow.id);
        let asked = state.listening().and_then(|listening| listening.slot.as_ref());
        let led_to = |intent: &str| flows.iter().filter(|flow| flow.triggers.iter().any(|(name, _)| name == intent)).find(startable).copied();
        let wishes = wishes(guesses, led_to);
        let at_last = bar < SURE;
        let bar = if asked.is_some() { SURE } else { bar };
        let is_urgent =
            |wish: &&Wish<'_>, part: f32| wish.flow.and_then(|flow| flow.urgent).is_some_and(|least| f64::from(wish.score) >= least.max(part.into()));
        let listens = at_last && asked.is_none();
        let urgent = wishes.iter().find(|wish| listens && is_urgent(wish, 0.0));
        // "iba en el bus, me dormí, y al bajar ya no tenía la tarjeta": one part of a long story may say it.
        let parts = if listens && urgent.is_none() { project.matcher.parts(text) } else { Vec::new() };
        let buried = parts.iter().find_map(|guesses| self::wishes(guesses, led_to).into_iter().find(|wish| is_urgent(&wish, BURIED)));
        let urgent = urgent.or(buried.as_ref());
        let offer = if at_last && asked.is_none() && urgent.is_none() { torn(&wishes) } else { None };
        let wish = urgent.or_else(|| wishes.first().filter(|wish| wish.score >= bar && offer.is_none()));
        let first = offer.or_else(|| wish.and_then(Wish::started));
        let active: Vec<&FlowId> = state.active_chain().into_iter().filter_map(|height| state.stack.get(height)).map(|frame| &frame.flow).collect();
        let heard = |slot| Evidence { intent: wish.map(|wish| wish.intent), entities, answer: (asked == Some(slot)).then_some(*text), flows: Some(&active) };
        let filled = project.slots.iter().filter(|(_, slot)| !slot.consent).filter_map(|(name, slot)| {
            let value = slot.from_nlu.iter().find_map(|mapping| mapping.value(&heard(name)))?;
            Some(Command::SetSlot { name: name.clone(), value: Value::from_json(value) })
        });
        let digits = match &first {
            Some(Command::StartFlow { flow }) => mentioned_digits(project, flow, text),
            _ => None,
        };
        first.into_iter().chain(filled).chain(digits).collect()
    }
}

/// What a caller may want: a flow with all the intents that start it, or an intent that starts none.
struct Wish<'a> {
    flow: Option<&'a Flow>,
    /// Its likeliest intent.
    intent: &'a str,
    /// How sure, all in all.
    score: f32,
}

impl Wish<'_> {
    /// The command that grants it, if its trigger is sure enough.
    fn started(&self) -> Option<Command> {
        let flow = self.flow?;
        let enough = |(name, least): &(String, f64)| name == self.intent && f64::from(self.score) >= *least;
        flow.triggers.iter().any(enough).then(|| Command::of_trigger(&flow.id))
    }
}

/// The guesses by what they lead to, likeliest first.
fn wishes<'a>(guesses: &'a [Guess], led_to: impl Fn(&str) -> Option<&'a Flow>) -> Vec<Wish<'a>> {
    let mut wishes: Vec<Wish<'a>> = Vec::new();
    for guess in guesses {
        let flow = led_to(&guess.intent);
        match wishes.iter_mut().find(|wish| flow.is_some() && wish.flow.map(|flow| &flow.id) == flow.map(|flow| &flow.id)) {
            Some(wish) => wish.score += guess.score,
            None => wishes.push(Wish { flow, intent: &guess.intent, score: guess.score }),
        }
    }
    wishes.sort_by(|one, other| other.score.total_cmp(&one.score));
    wishes
}

/// What the words are taken for by what the flows say of themselves: the last resort of a project without examples,
/// when no model answers. It starts nothing in the middle of a question.
fn described(project: &Project, state: &CallState, text: &str) -> Vec<Command> {
    if state.listening().is_none_or(|listening| listening.slot.is_some()) {
        return Vec::new();
    }
    let grammar = legal(project, state);
    let guesses = project.described.rank(text);
    let wishes = wishes(&guesses, |flow| grammar.flows.iter().find(|id| id.as_str() == flow).and_then(|id| project.flows.get(id)));
    let best = || wishes.first().filter(|wish| wish.score >= LIKELY)?.flow.map(|flow| Command::of_trigger(&flow.id));
    torn(&wishes).or_else(best).into_iter().collect()
}

/// The question which of two or three flows is meant, when they are about equally likely and hardly anything else is.
fn torn(wishes: &[Wish<'_>]) -> Option<Command> {
    let likely = || wishes.iter().filter(|wish| wish.score >= OFFERED);
    let options: Vec<FlowId> = likely().map(|wish| wish.flow.filter(|flow| !flow.id.is_pattern()).map(|flow| flow.id.clone())).collect::<Option<_>>()?;
    let together: f32 = likely().map(|wish| wish.score).sum();
    (together >= TORN && (2..=MOST_OFFERED).contains(&options.len())).then_some(Command::Clarify { options })
}

/// "bloquea la terminada en 4521" answers the flow's question before it is asked: one group of four
/// figures, and no other figure, for the slot that takes the last four digits.
fn mentioned_digits(project: &Project, flow: &FlowId, text: &str) -> Option<Command> {
    let mut groups = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
    let group = groups.next().filter(|group| group.len() == 4 && groups.next().is_none())?;
    let collects = project.flows.get(flow)?.collects();
    let name = collects.map(|collect| &collect.slot).find(|name| project.slots.get(*name).is_some_and(|slot| slot.answer == Some(answers::Kind::LastFour)))?;
    Some(Command::SetSlot { name: name.clone(), value: Value::text(group) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Actions, Source};
    use crate::state::{Listening, Waiting};

    fn project(urgent: &str) -> Project {
        let flow = |name: &str, intents: &str, ours: &str| {
            format!("  {name}:\n    description: about {name}\n    nlu_trigger: [{intents}]\n{ours}    steps: [{{action: utter_{name}}}]\n")
        };
        let flows = format!(
            "flows:\n{}{}",
            flow("block", "{intent: block}, {intent: block_lost}", &format!("    centralita: {{urgent: {urgent}}}\n")),
            flow("balance", "{intent: balance}", "")
        );
        let domain = "responses:\n  utter_block: [{text: a}]\n  utter_balance: [{text: b}]\n";
        let sources = [("config.yml", "language: es\npipeline: [{name: NLUCommandAdapter}]\n"), ("domain.yml", domain), ("data/flows.yml", &flows)];
        let sources: Vec<Source> = sources.into_iter().map(|(path, text)| Source { path: path.into(), text: text.into() }).collect();
        let (project, mistakes) = Project::load(&sources, Actions::default());
        let mut project = project.unwrap_or_else(|| panic!("{mistakes:?}"));
        // The guesses are the test's own; whoever has no examples goes by descriptions.
        project.matcher = crate::matcher::Matcher::train(&[("block".into(), "bloquea".into()), ("balance".into(), "saldo".into())]);
        project
    }

    fn taken(project: &Project, guesses: &[(&str, f32)], bar: f32) -> Vec<Command> {
        taken_when(project, None, guesses, bar)
    }

    fn taken_when(project: &Project, asked: Option<&str>, guesses: &[(&str, f32)], bar: f32) -> Vec<Command> {
        let slot = asked.map(|name| crate::SlotName::parse(name).unwrap());
        let state = CallState { waiting: Waiting::Caller(Listening { slot, ..Listening::default() }), ..CallState::default() };
        let guesses = guesses.iter().map(|(intent, score)| Guess { intent: (*intent).into(), score: *score }).collect();
        Matched { project, state: &state, text: "", guesses, entities: Map::new() }.at(bar)
    }

    fn starts(flow: &str) -> Vec<Command> {
        vec![Command::StartFlow { flow: FlowId::parse(flow).unwrap() }]
    }

    #[test]
    fn intents_of_one_flow_are_one_wish() {
        let project = project("1");
        assert!(taken(&project, &[("block", 0.4), ("block_lost", 0.4), ("balance", 0.2)], SURE) == starts("block"));
        let both = vec![FlowId::parse("block").unwrap(), FlowId::parse("balance").unwrap()];
        assert!(taken(&project, &[("balance", 0.4), ("block", 0.35), ("block_lost", 0.25)], LIKELY) == [Command::Clarify { options: both }]);
    }

    #[test]
    fn an_urgent_wish_goes_before_a_likelier_one_where_no_model_answers() {
        let project = project("0.3");
        let guesses = [("balance", 0.65), ("block", 0.2), ("block_lost", 0.15)];
        assert!(taken(&project, &guesses, LIKELY) == starts("block"));
        assert!(taken(&project, &guesses, SURE).is_empty());
        assert!(taken(&project, &[("balance", 0.75), ("block", 0.2)], LIKELY) == starts("balance"));
    }

    #[test]
    fn only_a_sure_wish_interrupts_an_open_question() {
        let project = project("0.3");
        for guesses in [[("balance", 0.7), ("block", 0.3)], [("block", 0.5), ("balance", 0.4)]] {
            assert!(taken_when(&project, Some("colour"), &guesses, LIKELY).is_empty());
            assert!(taken(&project, &guesses, LIKELY) == starts("block"));
        }
        assert!(taken_when(&project, Some("colour"), &[("balance", 0.8)], LIKELY) == starts("balance"));
    }

    #[test]
    fn an_urgent_wish_in_a_long_story_is_heard_where_nothing_is_asked_and_no_model_answers() {
        let mut project = project("0.3");
        let example = |intent: &str, text: &str| (intent.to_owned(), text.to_owned());
        project.matcher = crate::matcher::Matcher::train(&[
            example("block", "perdí mi tarjeta verde en el bus azul"),
            example("balance", "dígame cuánto tengo de saldo"),
            example("talk", "qué lindo está el cielo en primavera"),
        ]);
        let story = "anoche bailamos cumbia con mis primos hasta tarde después perdí mi tarjeta verde en el bus azul";
        let heard = |asked: Option<&str>, text: &str, bar: f32| {
            let slot = asked.map(|name| crate::SlotName::parse(name).unwrap());
            let state = CallState { waiting: Waiting::Caller(Listening { slot, ..Listening::default() }), ..CallState::default() };
            let guesses = vec![Guess { intent: "talk".into(), score: 0.9 }];
            Matched { project: &project, state: &state, text, guesses, entities: Map::new() }.at(bar)
        };
        assert!(heard(None, story, LIKELY) == starts("block"));
        assert!(heard(None, story, SURE).is_empty());
        assert!(heard(Some("colour"), story, LIKELY).is_empty());
        assert!(heard(None, &story.replace("perdí mi tarjeta verde en el bus azul", "dígame cuánto tengo de saldo ahora"), LIKELY).is_empty());
    }
}
