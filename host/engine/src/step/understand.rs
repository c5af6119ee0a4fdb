//! What the caller's words are taken for.
//!
//! Lives here: typed answers to the open question, misses.
//! Never here: the matcher (`matched.rs`), models (the host asks them), what commands do (`execute.rs`).

use super::{Mover, Utterance, cleanup};
use crate::answers::{self, Control, Heard, Joined, Kind, Reading, Setting};
use crate::command::{Command, Source};
use crate::event::{Event, Timestamp, Via};
use crate::legal::legal;
use crate::project::Project;
use crate::scope;
use crate::state::{CallState, Listening, Position};
use crate::{SlotName, Value};

/// A typed answer.
enum Typed {
    /// The open question's slot takes this value. Not a [`Command`]: no text can become it.
    Answer(SlotName, Value),
    /// The first digits of the number that is asked for.
    Piece(String),
    /// Something else was asked for, unmistakably.
    Command(Command),
}

impl Typed {
    /// Whether it may be taken from words the recogniser was not sure of: what it leads to is read back or asked about.
    fn bears_doubt(&self, project: &Project) -> bool {
        match self {
            Self::Answer(_, Value::Bool(false)) => false,
            Self::Answer(name, _) => !project.slots.get(name).is_some_and(|slot| slot.consent),
            Self::Piece(_) => true,
            Self::Command(command) => command_bears_doubt(command, project),
        }
    }
}

/// As [`Typed::bears_doubt`], for commands that others propose.
fn command_bears_doubt(command: &Command, project: &Project) -> bool {
    match command {
        Command::StartFlow { flow } => project.flows.get(flow).is_some_and(|flow| flow.urgent.is_some()),
        Command::CancelFlow | Command::SessionEnd | Command::Restart => false,
        _ => true,
    }
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

/// Whether all that was said or keyed asks for a person, whatever is open.
pub fn asks_for_person(project: &Project, state: &CallState, text: &str, via: Via) -> bool {
    let heard = Heard { text, keys: via == Via::Keys };
    project.config.typed_answers && answers::control(&heard, project.setting(state.at)) == Some(Control::Person)
}

fn read(project: &Project, state: &CallState, listening: &Listening, text: &str, via: Via, at: Timestamp) -> Option<Typed> {
    let asked_about = |kind: &Kind| match kind {
        Kind::YesNo { about, .. } => {
            let names = about.iter().filter_map(|name| SlotName::parse(name).ok());
            names.filter_map(|name| scope::slot_value(project, state, &name).as_text().map(answers::words::folded)).collect()
        }
        _ => Vec::new(),
    };
    let setting = |consent: bool| Setting { consent, ..project.setting(at) };
    let heard = Heard { text, keys: via == Via::Keys };
    let open = listening.slot.as_ref().and_then(|name| project.slots.get(name).map(|slot| (name, slot)));
    // Keys that come after too many of them may belong to those: they answer nothing, and are no miss either.
    // More of them that are too many again are a miss, or it would never end.
    let kind = open.and_then(|(_, slot)| slot.answer.as_ref());
    if heard.keys && state.overflow && !answers::overflows(kind, text) && kind.is_none_or(Kind::takes_one_key) {
        let again = if open.is_some() { Command::Noop } else { Command::Repeat };
        return project.config.typed_answers.then_some(Typed::Command(again));
    }
    if let Some((name, slot)) = open
        && (project.config.typed_answers || slot.consent)
        && let Some(kind) = kind
    {
        match answers::read(kind, &heard, Setting { about: asked_about(kind), ..setting(slot.consent) }) {
            // Nobody consents to what they have not heard: it is said again.
            Reading::Answer(_) if slot.consent && state.unheard => return Some(Typed::Command(Command::Noop)),
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
    if heard.keys && open.is_none() {
        let key = answers::alone(text);
        let grammar = legal(project, state);
        let flow = project.in_order().into_iter().find(|flow| flow.key.is_some_and(|own| key == own.to_string()) && grammar.flows.contains(&flow.id));
        if let Some(flow) = flow {
            return Some(Typed::Command(Command::StartFlow { flow: flow.id.clone() }));
        }
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
        let Utterance { text, via, destroyed, confidence, proposals, metadata } = utterance;
        let slot = listening.slot.as_ref().and_then(|name| self.project.slots.get(name));
        let overflow = via == Via::Keys && answers::overflows(slot.and_then(|slot| slot.answer.as_ref()), text.reveal());
        self.emit(Event::Heard { at, text: text.clone(), via, destroyed, confidence, overflow, metadata });
        // No model of confidence says zero of what it heard: zero is none (`twilio-voice.md` §1.3).
        let doubtful = confidence.is_some_and(|sure| sure > 0.0 && sure < self.project.config.least_confidence());
        self.forget_pieces();
        let silent = proposals.iter().any(|(command, _)| *command == Command::UserSilence);
        if !silent {
            self.reset_silence();
        }
        if destroyed {
            self.say_if_there("utter_never_say_card_number");
        }
        let literal = proposals.iter().any(|(_, by)| *by == Source::Payload);
        let typed = if literal { None } else { read(self.project, &asked, listening, text.reveal(), via, at) };
        match typed {
            Some(typed) if doubtful && !typed.bears_doubt(self.project) => self.doubted(Source::Typed, 1),
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
                if doubtful && !cleaned.commands.iter().all(|command| command_bears_doubt(command, self.project)) {
                    let dropped = cleaned.dropped + u32::try_from(cleaned.commands.len()).unwrap_or(u32::MAX);
                    self.doubted(cleaned.by, dropped);
                } else {
                    self.emit(Event::Understood { by: cleaned.by, commands: cleaned.commands.clone(), dropped: cleaned.dropped });
                    self.execute(cleaned.commands);
                }
            }
        }
        self.every_turn();
        false
    }

    /// What was understood is not acted on: the recogniser was not sure enough of the words.
    fn doubted(&mut self, by: Source, dropped: u32) {
        let commands = vec![Command::cannot_handle()];
        self.emit(Event::Understood { by, commands: commands.clone(), dropped });
        self.execute(commands);
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
