//! What the caller's words are taken for.
//!
//! Lives here: typed answers to the open question, what the matcher proposes, misses.
//! Never here: models (the host asks them), what commands do (`execute.rs`).

use super::{Mover, Utterance, cleanup};
use crate::answers::{self, Control, Heard, Joined, Reading, Setting};
use crate::command::{Command, Source};
use crate::event::{Event, Timestamp, Via};
use crate::legal::legal;
use crate::matcher::Guess;
use crate::project::{Evidence, Flow, Project};
use crate::scope;
use crate::state::{CallState, Listening, Position};
use crate::{FlowId, SlotName, Value};
use serde_json::{Map, Value as Json};

/// How sure the matcher must be before nobody else is asked, and when nobody else can be (0 to 1).
pub const SURE: f32 = 0.75;
/// The lower bar.
pub const LIKELY: f32 = 0.5;
/// How sure the matcher must be of a wish to offer it when it is torn, and of all it offers together.
const OFFERED: f32 = 0.25;
const TORN: f32 = 0.6;
/// The most that a voice can offer at once.
const MOST_OFFERED: usize = 3;

/// A typed answer.
enum Typed {
    /// The open question's slot takes this value. Not a [`Command`]: no text can become it.
    Answer(SlotName, Value),
    /// The first digits of the number that is asked for.
    Piece(String),
    /// Something else was asked for, unmistakably.
    Command(Command),
}

/// Where the frame that asks keeps the digits of an answer that came in pieces, for one turn.
const SO_FAR: &str = "heard_so_far";

/// The digits heard in the turn before, and the frame that keeps them.
fn so_far(state: &CallState) -> Option<(u32, &str)> {
    let frame = state.stack.last()?;
    Some((frame.id, frame.context.get(SO_FAR).and_then(Value::as_text)?))
}

/// Whether the whole utterance answers the open question or asks for something unmistakable: then
/// nobody else needs to be asked.
pub fn typed(project: &Project, state: &CallState, text: &str, via: Via) -> bool {
    state.listening().is_some_and(|listening| read(project, state, listening, text, via, state.at).is_some())
}

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
    let (guesses, entities) = if project.matcher.is_untrained() { Default::default() } else { (project.matcher.rank(text), project.entities.find(text)) };
    Matched { project, state, text, guesses, entities }
}

impl Matched<'_> {
    /// What the words are taken for without a model: the matcher's best guess if it reaches `bar`, and what the
    /// mappings of slots take from it or, where they take a whole answer, from the words.
    pub fn at(&self, bar: f32) -> Vec<Command> {
        let Self { project, state, text, guesses, entities } = self;
        if project.matcher.is_untrained() {
            return if bar < SURE { described(project, state, text) } else { Vec::new() };
        }
        let flows = project.in_order();
        let grammar = legal(project, state);
        let led_to = |guess: &Guess| {
            let triggered = |flow: &&&Flow| flow.triggers.iter().any(|(intent, least)| *intent == guess.intent && f64::from(guess.score) >= *least);
            let startable = |flow: &&&Flow| flow.id.is_pattern() || grammar.flows.contains(&flow.id);
            flows.iter().find(|flow| triggered(flow) && startable(flow)).map(|flow| &flow.id)
        };
        let offer = if bar < SURE { torn(guesses, led_to) } else { None };
        let guess = guesses.first().filter(|guess| guess.score >= bar && offer.is_none());
        // Whoever has been asked something is asked that again, not what else they may want.
        let offer = offer.filter(|_| state.listening().is_some_and(|listening| listening.slot.is_none()));
        let first = offer.or_else(|| guess.and_then(led_to).map(Command::of_trigger));
        let active: Vec<&FlowId> = state.active_chain().into_iter().filter_map(|height| state.stack.get(height)).map(|frame| &frame.flow).collect();
        let asked = state.listening().and_then(|listening| listening.slot.as_ref());
        let heard = |slot| Evidence {
            intent: guess.map(|guess| guess.intent.as_str()),
            entities,
            answer: (asked == Some(slot)).then_some(*text),
            flows: Some(&active),
        };
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

/// What the words are taken for by what the flows say of themselves: the last resort of a project without examples,
/// when no model answers. It starts nothing in the middle of a question.
fn described(project: &Project, state: &CallState, text: &str) -> Vec<Command> {
    if state.listening().is_none_or(|listening| listening.slot.is_some()) {
        return Vec::new();
    }
    let grammar = legal(project, state);
    let led_to = |guess: &Guess| grammar.flows.iter().find(|flow| flow.as_str() == guess.intent);
    let guesses = project.described.rank(text);
    let best = || guesses.first().filter(|guess| guess.score >= LIKELY).and_then(led_to).map(Command::of_trigger);
    torn(&guesses, led_to).or_else(best).into_iter().collect()
}

/// The question which of two or three flows is meant, when they are about equally likely and hardly anything else is.
fn torn<'a>(guesses: &[Guess], led_to: impl Fn(&Guess) -> Option<&'a FlowId>) -> Option<Command> {
    let mut options: Vec<FlowId> = Vec::new();
    let mut together = 0.0;
    for guess in guesses.iter().filter(|guess| guess.score >= OFFERED) {
        together += guess.score;
        let flow = led_to(guess)?;
        if flow.is_pattern() {
            return None;
        }
        if !options.contains(flow) {
            options.push(flow.clone());
        }
    }
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

fn read(project: &Project, state: &CallState, listening: &Listening, text: &str, via: Via, at: Timestamp) -> Option<Typed> {
    let setting = |consent: bool| Setting { consent, ..project.setting(at) };
    let heard = Heard { text, keys: via == Via::Keys };
    let open = listening.slot.as_ref().and_then(|name| project.slots.get(name).map(|slot| (name, slot)));
    if let Some((name, slot)) = open
        && (project.config.typed_answers || slot.consent)
        && let Some(kind) = &slot.answer
    {
        match answers::read(kind, &heard, setting(slot.consent)) {
            Reading::Answer(value) => return slot.coerce(&value).map(|value| Typed::Answer(name.clone(), value)),
            Reading::DoesNotKnow => return Some(Typed::Command(Command::SkipQuestion)),
            Reading::Nothing => match answers::joined(kind, &heard, so_far(state).map(|(_, digits)| digits), &setting(slot.consent)) {
                Some(Joined::Whole(value)) => return slot.coerce(&value).map(|value| Typed::Answer(name.clone(), value)),
                Some(Joined::Piece(digits)) => return Some(Typed::Piece(digits)),
                None => {}
            },
        }
    }
    if !project.config.typed_answers {
        return None;
    }
    match answers::control(&heard, setting(false))? {
        Control::Person => Some(Typed::Command(Command::HumanHandoff)),
        Control::Repeat => Some(Typed::Command(Command::Repeat)),
        Control::Cancel => state.active_flow().map(|_| Typed::Command(Command::CancelFlow)),
        Control::Goodbye => None,
        // The question stays open and is asked once more; no miss is counted.
        Control::Hold => listening.slot.as_ref().map(|_| Typed::Command(Command::Noop)),
    }
}

impl Mover<'_> {
    /// Takes an utterance in: events for what was heard and understood, and the stack set up for it. True when
    /// the caller is waited for already: they are to go on.
    pub(super) fn heard(&mut self, utterance: Utterance, listening: &Listening) -> bool {
        // The grammar is the one of the moment the caller spoke: before these events.
        let mut asked = self.state.clone();
        asked.waiting = crate::state::Waiting::Caller(listening.clone());
        let at = self.at;
        asked.at = at;
        let Utterance { text, via, destroyed, proposals, metadata } = utterance;
        self.emit(Event::Heard { at, text: text.clone(), via, destroyed, metadata });
        self.forget_pieces();
        let silent = proposals.iter().any(|(command, _)| *command == Command::UserSilence);
        if !silent {
            self.reset_silence();
        }
        if destroyed {
            self.say_if_there("utter_never_say_card_number");
        }
        let literal = proposals.iter().any(|(_, by)| *by == Source::Payload);
        match if literal { None } else { read(self.project, &asked, listening, text.reveal(), via, at) } {
            Some(Typed::Answer(name, value)) => {
                let command = Command::SetSlot { name: name.clone(), value: value.clone() };
                self.emit(Event::Understood { by: Source::Typed, commands: vec![command.clone()], dropped: 0 });
                if self.project.slots.get(&name).is_some_and(|slot| slot.consent) {
                    // The one place where a consent is filled: its own question, typed (invariant 2).
                    self.emit(Event::Slot { name, value });
                } else {
                    self.execute(vec![command]);
                }
            }
            Some(Typed::Piece(digits)) => {
                self.emit(Event::Understood { by: Source::Typed, commands: vec![Command::Noop], dropped: 0 });
                if let Some(frame) = self.state.stack.last().map(|frame| frame.id) {
                    self.emit(Event::Noted { frame, key: SO_FAR.into(), value: Value::text(digits) });
                }
                // Without those words the question is asked again; so it is where actions run every turn.
                let acts = self.project.slots.values().any(|slot| slot.every_turn.is_some());
                if self.project.responses.contains_key("utter_continue_digits") && !acts {
                    self.say_if_there("utter_continue_digits");
                    self.emit(Event::Listened { listening: listening.clone() });
                    return true;
                }
            }
            Some(Typed::Command(command)) => {
                self.emit(Event::Understood { by: Source::Typed, commands: vec![command.clone()], dropped: 0 });
                self.execute(vec![command]);
            }
            None => {
                let cleaned = cleanup::clean(self.project, &asked, proposals);
                self.emit(Event::Understood { by: cleaned.by, commands: cleaned.commands.clone(), dropped: cleaned.dropped });
                self.execute(cleaned.commands);
            }
        }
        self.every_turn();
        false
    }

    /// Digits of an answer in pieces count for the next turn only.
    pub(super) fn forget_pieces(&mut self) {
        if let Some(frame) = so_far(&self.state).map(|(frame, _)| frame) {
            self.emit(Event::Noted { frame, key: SO_FAR.into(), value: Value::None });
        }
    }

    /// Actions that a mapping has run every turn run before anything else of it (`run_action_every_turn`).
    fn every_turn(&mut self) {
        let mut actions: Vec<&crate::ActionName> = self.project.slots.values().filter_map(|slot| slot.every_turn.as_ref()).collect();
        actions.sort();
        actions.dedup();
        for action in actions.into_iter().rev().filter(|action| self.project.actions.contains_key(*action)) {
            self.run_alone(action.as_str());
        }
    }

    /// Any word of the caller ends a silence (`rasa-calm.md` §4.5).
    fn reset_silence(&mut self) {
        let Ok(name) = SlotName::parse("consecutive_silence_timeouts") else { return };
        if self.state.slots.get(&name).is_some_and(|value| *value != Value::Number(0.0)) {
            self.emit(Event::Slot { name, value: Value::Number(0.0) });
        }
    }

    /// Counts a miss of the open question; true when the question gives up, and the flow has moved on.
    pub(super) fn miss(&mut self) -> bool {
        self.emit(Event::Missed);
        let misses = self.state.misses;
        self.give_up(|after| misses >= after)
    }

    /// Leaves the open question for the step its `give_up` names, if it has one and `enough` says so.
    pub(super) fn give_up(&mut self, enough: impl Fn(u32) -> bool) -> bool {
        let Some(top) = self.state.stack.iter().rposition(|frame| frame.flow.as_str() == "pattern_collect_information") else { return false };
        let slot = self.state.stack[top].context.get("collect").and_then(Value::as_text).and_then(|name| SlotName::parse(name).ok());
        let Some((height, collect)) = slot.as_ref().and_then(|slot| scope::open_collect(self.project, &self.state, slot)) else { return false };
        let Some(give_up) = collect.give_up.as_ref().filter(|give_up| enough(give_up.after)) else { return false };
        let (frame, to) = (self.state.stack[height].id, Position::At(give_up.next.clone()));
        self.drop_frames(top);
        self.emit(Event::Moved { frame, to });
        // Until it asks something else: whoever the call goes to is told why.
        self.emit(Event::Noted { frame, key: "reason".into(), value: Value::text("not_understood") });
        true
    }
}
