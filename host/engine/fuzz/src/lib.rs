//! What each fuzz target does with a text; whatever it is, nothing may panic, hang or grow without bound.
//!
//! Lives here: one function a target, and the small project they talk to. The engine's tests include this
//! file and feed it a short run of their own.
//! Never here: where texts come from.

pub mod outputs;

use centralita_engine::command::{Payload, Syntax, payload as read_payload, read};
use centralita_engine::condition::{Condition, Scope};
use centralita_engine::event::Opening;
use centralita_engine::project::{Actions, Source as File};
use centralita_engine::template::{Template, jinja};
use centralita_engine::{CallState, Command, Happened, Input, Masked, Next, Outcome, Project, Source, Utterance, Value, Via, step};
use serde_json::{Value as Json, json};
use std::sync::LazyLock;

/// Parts a text into turns or files.
const CUT: &str = "\n====\n";

const CONFIG: &str = "language: en\npipeline:\n- name: NLUCommandAdapter\n- name: CompactLLMCommandGenerator\npolicies:\n- name: FlowPolicy\n";

const PROJECT: &str = "
slots:
  text: {type: text}
  number: {type: float, validation: {rejections: [{if: slots.number > 99, utter: utter_no}]}}
  truth: {type: bool}
  kind: {type: categorical, values: [one, two]}
  mood: {type: text, mappings: [{type: from_intent, intent: unwell, value: bad}]}
  agreed: {type: bool, centralita: {consent: true}}
responses:
  utter_ask_text: [{text: Text?}]
  utter_ask_number: [{text: Number?}]
  utter_ask_truth: [{text: Truth?, buttons: [{title: 'Yes', payload: /SetSlots(truth=true)}]}]
  utter_ask_kind: [{text: Kind?}]
  utter_ask_agreed: [{text: Do you agree?}]
  utter_no: [{text: 'Not {number}.'}]
flows:
  a:
    description: asks
    steps: [{collect: text}, {collect: number}, {collect: truth, ask_before_filling: true}, {call: b}]
  b:
    description: asks which
    nlu_trigger: [{intent: unwell}]
    steps: [{collect: kind, rejections: [{if: slots.kind = 'two', utter: utter_no}]}]
  c:
    description: asks for a yes
    steps: [{collect: agreed}, {link: b}]
";

static SMALL: LazyLock<Project> = LazyLock::new(|| {
    let files = [("config.yml", CONFIG), ("domain.yml", PROJECT)];
    load(&files).expect("the small project loads")
});

fn load(files: &[(&str, &str)]) -> Option<Project> {
    let sources: Vec<File> = files.iter().map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() }).collect();
    Project::load(&sources, Actions::new()).0
}

/// A conversation, move by move; runs end well at once. What it holds afterwards must be the fold of its events.
fn converse(project: &Project, moves: Vec<Happened>) {
    let opening = Opening { release: "r".into(), seed: 1, number: None, called: None, channel: "rest".into(), metadata: Value::None, slots: Vec::new() };
    let mut state = CallState::default();
    let mut fold = CallState::default();
    for (at, what) in std::iter::once(Happened::Began(opening)).chain(moves).enumerate() {
        let at = i64::try_from(at).unwrap_or_default();
        let mut what = what;
        for _ in 0..2_000 {
            let moved = step(project, &state, Input { at, what });
            moved.events.iter().for_each(|event| state.apply(event));
            for event in &moved.events {
                let stored = serde_json::to_string(event).expect("an event is JSON");
                fold.apply(&serde_json::from_str(&stored).expect("an event is read back"));
            }
            let Next::Run(run) = moved.next else { break };
            what = Happened::Acted { run: run.id, outcome: Outcome::ended(centralita_engine::Ending::Done, "") };
        }
    }
    assert!(fold == state, "a replay gives another state");
}

fn heard(text: &str, commands: Vec<Command>, by: Source) -> Happened {
    let proposals = commands.into_iter().map(|command| (command, by)).collect();
    Happened::Heard(Utterance { text: Masked::from(text), via: Via::Speech, destroyed: false, confidence: None, proposals, metadata: Value::None })
}

/// What a model writes, a turn after the other.
pub fn commands(text: &str) {
    for syntax in [Syntax::Calls, Syntax::Compact, Syntax::SearchReady] {
        let turns = text.split(CUT).take(8).map(|turn| {
            let commands = read(syntax, turn);
            for command in &commands {
                command.to_rasa(Source::Model);
            }
            heard(turn, commands, Source::Model)
        });
        converse(&SMALL, turns.collect());
    }
}

/// What a button sends, a turn after the other.
pub fn payload(text: &str) {
    let turns = text.split(CUT).take(8).map(|turn| match read_payload(&SMALL, turn) {
        Payload::Words => heard(turn, Vec::new(), Source::Nobody),
        Payload::Commands(commands) => heard(turn, commands, Source::Payload),
    });
    converse(&SMALL, turns.collect());
}

/// Slots of every kind, and a context.
struct Everything(Json);

impl Scope for Everything {
    fn slot(&self, name: &str) -> Option<Json> {
        self.0["slots"].get(name).cloned()
    }

    fn context(&self) -> &Json {
        &self.0["context"]
    }
}

static VALUES: LazyLock<Everything> = LazyLock::new(|| {
    let slots = json!({"a": 5.0, "s": "abc", "n": null, "t": true, "f": false, "e": "", "l": ["x", 1.0], "m": {"k": {"d": "v"}}});
    Everything(json!({"slots": slots, "context": {"collect": "a", "reason": "x", "flow_id": "f", "list": [1, 2], "map": {"k": "v"}}}))
});

/// A predicate.
pub fn conditions(text: &str) {
    let Ok(condition) = Condition::parse(text) else { return };
    condition.names();
    condition.quirks();
    condition.facts(true);
    condition.facts(false);
    let holds = condition.holds(&*VALUES);
    assert_eq!(holds, condition.evaluate(&*VALUES).unwrap_or(false), "a type error is false");
}

/// The files of a project, the first its domain, the others under `data/`; a text that begins with `language:` is its `config.yml`.
pub fn yaml_project(text: &str) {
    let mut files: Vec<(String, &str)> = Vec::new();
    for (number, part) in text.split(CUT).take(6).enumerate() {
        let path = match number {
            _ if part.starts_with("language:") => "config.yml".to_owned(),
            0 => "domain.yml".to_owned(),
            _ => format!("data/{number}.yml"),
        };
        files.push((path, part));
    }
    if !files.iter().any(|(path, _)| path == "config.yml") {
        files.push(("config.yml".to_owned(), CONFIG));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let Some(project) = load(&files) else { return };
    let starts: Vec<Command> = project.flows.keys().filter(|flow| !flow.is_pattern()).take(3).map(|flow| Command::StartFlow { flow: flow.clone() }).collect();
    let sets = project.slots.keys().take(3).map(|name| Command::SetSlot { name: name.clone(), value: Value::text("1") }).collect();
    let bare = vec![Command::Knowledge, Command::CannotHandle { reason: None }];
    let moves = vec![
        heard("start", starts, Source::Model),
        heard("yes", sets, Source::Model),
        Happened::Silence,
        heard("what", bare, Source::Model),
        heard("never mind", vec![Command::CancelFlow], Source::Model),
    ];
    converse(&project, moves);
}

/// The text of a response.
pub fn templates(text: &str) {
    let fill = |name: &str| format!("<{name}>");
    let plain = Template::plain(text);
    let said = plain.render(&fill, &|| Json::Null).expect("a plain text always renders");
    assert!(plain.holes().is_empty() || said.contains('<'), "every hole is filled");
    if let Ok(template) = Template::jinja(text) {
        let variables = || json!({"context": VALUES.context(), "name": "Jo", "list": ["a", "b"], "number": 2.5});
        let rendered = template.render(&fill, &variables).unwrap_or_default();
        assert!(rendered.len() < 4_000_000, "a response of {} bytes", rendered.len());
    }
    let _ = jinja(text, VALUES.context());
}
