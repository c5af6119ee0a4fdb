//! A project with every kind of step, slot and pattern, and conversations that may do anything in it.
//!
//! Lives here: the project, what can happen, and how it is played.
//! Never here: what has to hold (`replay.rs`).

use crate::talk::project_of;
use centralita_engine::command::{Payload, payload};
use centralita_engine::event::Opening;
use centralita_engine::{
    ActionName, CallState, Command, Effect, Ending, Event, FlowId, Happened, Input, Masked, Next, Outcome, Project, ResponseName, Say, SlotName, Source, Step,
    Utterance, Value, Via, step,
};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

const PROJECT: &str = "
slots:
  text: {type: text}
  number: {type: float, validation: {rejections: [{if: slots.number > 99, utter: utter_refused}]}}
  truth: {type: bool}
  kind: {type: categorical, values: [one, two]}
  thing: {type: any, initial_value: something}
  things: {type: list, mappings: [{type: controlled}]}
  kept: {type: text, mappings: [{type: controlled}]}
  agreed: {type: bool, centralita: {consent: true}}
  confirm_correction: {type: bool}
actions: [action_do, action_look, validate_text]
responses:
  utter_ask_text: [{text: Text?}]
  utter_ask_number: [{text: Number?}]
  utter_ask_truth: [{text: Truth?}]
  utter_ask_kind: [{text: Kind?}]
  utter_ask_thing: [{text: Thing?}]
  utter_ask_agreed: [{text: Do you agree?}]
  utter_ask_confirm_correction: [{text: Correct it?}]
  utter_refused: [{text: 'Not {number}.'}]
  utter_done:
  - text: Done.
    condition: slots.truth
  - text: '{text} {{ context.flow_id }}'
    metadata: {template: jinja}
flows:
  ask:
    description: asks for everything
    persisted_slots: [kept]
    steps:
    - collect: text
      rejections: [{if: slots.text = 'no', utter: utter_refused}]
    - collect: number
    - id: truth
      collect: truth
      ask_before_filling: true
      next:
      - if: slots.truth
        then:
        - set_slots: [{kept: yes please}, {text: null}]
        - action: action_look
          next: END
      - else: kind
    - id: kind
      collect: kind
    - collect: thing
    - action: utter_done
  write:
    description: does something that needs a yes
    steps:
    - collect: agreed
      next:
      - if: slots.agreed
        then: [{action: action_do, next: [{if: context.outcome = 'done', then: said}, {else: END}]}]
      - else: END
    - id: said
      action: utter_done
  parent:
    description: calls and links
    steps:
    - call: child
    - collect: number
    - link: linked
  child:
    description: is called
    if: False
    steps: [{collect: kind}, {call: grandchild}]
  grandchild:
    description: is called by the called
    if: False
    steps: [{collect: text, force_slot_filling: true}]
  linked:
    description: is linked to
    if: slots.kept
    steps: [{action: action_look}, {link: pattern_human_handoff}]
  round:
    description: goes round
    steps: [{id: here, action: action_look, next: there}, {id: there, noop: true, next: here}]
  spin:
    description: goes round without an action
    steps: [{id: one, noop: true, next: two}, {id: two, set_slots: [{kept: again}], next: one}]
";

const CORRECTION: &str = "
flows:
  pattern_correction:
    description: asks before it corrects
    steps:
    - collect: confirm_correction
      ask_before_filling: true
      next:
      - if: slots.confirm_correction
        then: [{action: action_correct_flow_slot, next: END}]
      - else: END
";

/// The project; with `asks`, corrections ask first.
pub(crate) fn everything(asks: bool) -> Project {
    let files = [("domain.yml", PROJECT), ("data/correction.yml", CORRECTION)];
    project_of(&files[..if asks { 2 } else { 1 }])
}

/// What can happen. Plain data, so that a failure can be read.
#[derive(Clone, Debug)]
pub(crate) enum Move {
    Commands(Vec<Said>, u8),
    Words(&'static str, bool),
    Payload(&'static str),
    Silence,
    Told(&'static str, Json),
    Began(bool),
    HungUp,
    Restarted,
    ReleaseGone,
    Stale(u64, u8),
}

/// A command in the making.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    Start(&'static str),
    Set(&'static str, Json),
    Correct(&'static str, Json),
    Clarify(Vec<&'static str>),
    Bare(u8),
}

const FLOWS: [&str; 10] = ["ask", "write", "parent", "child", "linked", "round", "spin", "nowhere", "pattern_search", "pattern_correction"];
const SLOTS: [&str; 10] = ["text", "number", "truth", "kind", "thing", "things", "kept", "agreed", "confirm_correction", "nothing"];

fn value() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        Just(json!(true)),
        Just(json!("no")),
        Just(json!("two")),
        Just(json!(5)),
        Just(json!(100)),
        Just(json!("{{ context.flow_id }} {text}")),
        Just(json!(["a", "b"])),
        Just(json!({"a": {"b": 1}})),
        Just(json!("true")),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    let flow = || prop::sample::select(&FLOWS[..]);
    let slot = || prop::sample::select(&SLOTS[..]);
    prop_oneof![
        4 => flow().prop_map(Said::Start),
        8 => (slot(), value()).prop_map(|(slot, value)| Said::Set(slot, value)),
        1 => (slot(), value()).prop_map(|(slot, value)| Said::Correct(slot, value)),
        1 => prop::collection::vec(flow(), 0..4).prop_map(Said::Clarify),
        4 => (0..14u8).prop_map(Said::Bare),
    ]
}

pub(crate) fn moves() -> impl Strategy<Value = Vec<Move>> {
    let words = prop::sample::select(&["yes", "no", "one", "fifty", "repeat", "a person please", "qwerty", "1", "5#", ""][..]);
    let payloads = prop::sample::select(
        &["/SetSlots(text=a, agreed=true)", "/SetSlots(kind=TWO)", "/restart", "/session_start", "/session_end", "/silence_timeout", "/unknown{\"a\": 1}"][..],
    );
    let one = prop_oneof![
        12 => (prop::collection::vec(said(), 0..5), 0..5u8).prop_map(|(said, by)| Move::Commands(said, by)),
        5 => (words, any::<bool>()).prop_map(|(words, keys)| Move::Words(words, keys)),
        3 => payloads.prop_map(Move::Payload),
        2 => Just(Move::Silence),
        2 => (prop::sample::select(&SLOTS[..]), value()).prop_map(|(slot, value)| Move::Told(slot, value)),
        1 => any::<bool>().prop_map(Move::Began),
        1 => Just(Move::Restarted),
        1 => (0..60u64, 0..6u8).prop_map(|(run, how)| Move::Stale(run, how)),
        1 => prop_oneof![Just(Move::HungUp), Just(Move::ReleaseGone)],
    ];
    prop::collection::vec(one, 1..24)
}

fn slot(name: &str) -> SlotName {
    SlotName::parse(name).unwrap()
}

fn command(said: &Said) -> Command {
    match said {
        Said::Start(flow) => Command::StartFlow { flow: FlowId::parse(flow).unwrap() },
        Said::Set(name, value) => Command::SetSlot { name: slot(name), value: Value::from_json(value.clone()) },
        Said::Correct(name, value) => Command::CorrectSlots { slots: vec![(slot(name), Value::from_json(value.clone()))] },
        Said::Clarify(flows) => Command::Clarify { options: flows.iter().map(|flow| FlowId::parse(flow).unwrap()).collect() },
        Said::Bare(which) => match which {
            0 | 1 => Command::CancelFlow,
            2 => Command::SkipQuestion,
            3 => Command::ChitChat,
            4 => Command::Knowledge,
            5 => Command::HumanHandoff,
            6 => Command::Repeat,
            7 => Command::cannot_handle(),
            8 => Command::Error { error_type: "rasa_internal_error_user_input_empty".into(), info: Map::new() },
            9 => Command::SessionStart,
            10 => Command::UserSilence,
            11 => Command::Restart,
            12 => Command::CodeChange,
            _ => Command::Noop,
        },
    }
}

fn source(by: u8) -> Source {
    match by {
        0 => Source::Matcher,
        1 => Source::Payload,
        2 => Source::Nobody,
        _ => Source::Model,
    }
}

fn happened(project: &Project, what: &Move) -> Happened {
    let heard = |text: &str, keys: bool, proposals: Vec<(Command, Source)>| {
        let via = if keys { Via::Keys } else { Via::Speech };
        Happened::Heard(Utterance { text: Masked::from(text), via, destroyed: false, confidence: None, proposals, metadata: Value::None })
    };
    match what {
        Move::Commands(said, by) => heard("(words)", false, said.iter().map(|said| (command(said), source(*by))).collect()),
        Move::Words(text, keys) => heard(text, *keys, Vec::new()),
        Move::Payload(text) => match payload(project, text) {
            Payload::Words => heard(text, false, Vec::new()),
            Payload::Commands(commands) => heard(text, false, commands.into_iter().map(|command| (command, Source::Payload)).collect()),
        },
        Move::Silence => Happened::Silence,
        Move::Told(name, value) => Happened::Told(vec![Effect::Slot(slot(name), Value::from_json(value.clone()))]),
        Move::Began(phone) => {
            let channel = if *phone { "twilio_voice" } else { "rest" };
            Happened::Began(Opening {
                release: "r".into(),
                seed: 3,
                number: None,
                called: None,
                channel: channel.into(),
                metadata: Value::None,
                slots: Vec::new(),
            })
        }
        Move::HungUp => Happened::HungUp,
        Move::Restarted => Happened::Restarted,
        Move::ReleaseGone => Happened::ReleaseGone,
        Move::Stale(run, how) => Happened::Acted { run: *run, outcome: outcome(*how, *run) },
    }
}

/// How a run ends: mostly well, and then it leaves something.
pub(crate) fn outcome(how: u8, salt: u64) -> Outcome {
    let name = SLOTS[usize::try_from(salt).unwrap_or(0) % SLOTS.len()];
    let effect = match salt % 11 {
        0 => Effect::Say(Say { response: ResponseName::parse("utter_done").ok(), ..Say::default() }),
        1 => Effect::Say(Say { text: Some(Masked::from("words of its own")), ..Say::default() }),
        2 => Effect::Say(Say { response: ResponseName::parse("utter_unknown").ok(), ..Say::default() }),
        3 => Effect::ResetSlots,
        4 => Effect::Followup(ActionName::parse("action_look").unwrap()),
        5 => Effect::Note(json!({"event": "reminder"})),
        6 if how == 5 => Effect::Restart,
        7 if how == 5 => Effect::SessionEnded,
        8 => Effect::SessionStarted,
        9 => Effect::Slot(slot("agreed"), Value::Bool(true)),
        _ => Effect::Slot(slot(name), Value::Bool(true)),
    };
    let ending = match how {
        0 => Ending::Failed,
        1 => Ending::Timeout,
        2 => Ending::Refused,
        _ => Ending::Done,
    };
    Outcome { effects: vec![effect], ..Outcome::ended(ending, "") }
}

/// A conversation as it was played.
pub(crate) struct Played {
    /// All events.
    pub(crate) events: Vec<Event>,
    /// The state after each step, with how many events it had then.
    pub(crate) states: Vec<(usize, CallState)>,
    /// The most steps one move took before it waited.
    pub(crate) longest: usize,
}

/// Plays these moves; run `n` ends as `endings[n]` says.
pub(crate) fn play(project: &Project, moves: &[Move], endings: &[u8]) -> Played {
    let mut played = Played { events: Vec::new(), states: Vec::new(), longest: 0 };
    let mut state = CallState::default();
    let mut at = 1_000;
    let mut runs = 0;
    for what in std::iter::once(&Move::Began(false)).chain(moves) {
        let mut what = happened(project, what);
        for steps in 1.. {
            at += 1;
            let Step { events, next } = step(project, &state, Input { at, what });
            events.iter().for_each(|event| state.apply(event));
            played.events.extend(events);
            played.states.push((played.events.len(), state.clone()));
            played.longest = played.longest.max(steps);
            let Next::Run(run) = next else { break };
            assert!(steps < 5_000, "the turn does not end");
            runs += 1;
            what = Happened::Acted { run: run.id, outcome: outcome(endings[runs % endings.len()], run.id) };
        }
    }
    played
}
