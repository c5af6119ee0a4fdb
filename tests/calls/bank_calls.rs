//! Every conversation of the bank's line as a telephone call, held once with a model that is asked when nobody else is sure.
//!
//! Lives here: reading `flows/sctbnk/tests` and `scripts`, holding what is in them, what was understood and by whom.
//! Never here: tests.

use crate::house::{Changes, House, On, root};
use crate::model_standin::{ModelStandin, Way};
use centralita::e2e::{What, find, suite};
use centralita::phone::{Caller, Heard};
use centralita_engine::{Command, Event, Source};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// What a caller does in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Says(String),
    Keys(String),
    Silence,
}

/// A conversation as it is written down.
struct Written {
    name: String,
    from: &'static str,
    /// What the caller does, and what a file says a model answers.
    turns: Vec<(Deed, Option<String>)>,
}

/// A turn that was held.
pub(crate) struct Turn {
    pub(crate) deed: Deed,
    /// Whether the model was asked.
    pub(crate) asked: bool,
    /// What was understood, as a model would write it with the digits it is not shown; nothing when a consent was answered.
    pub(crate) commands: String,
    /// Whether the caller answered the question for a consent.
    pub(crate) consent: bool,
    /// Whether a slot took something that a model sees as a mark.
    pub(crate) marked: bool,
    /// The responses that were heard.
    pub(crate) responses: Vec<String>,
}

/// A conversation that was held.
pub(crate) struct Held {
    pub(crate) name: String,
    pub(crate) from: &'static str,
    pub(crate) turns: Vec<Turn>,
}

/// The number of nobody: such callers are asked for their client number, as the conversations expect.
const NOBODY: &str = "+525500000009";
/// The number that scripts are played from.
const SOMEBODY: &str = "+525510000042";

fn written() -> Vec<Written> {
    let bank = root().join("flows/sctbnk");
    let mut all = Vec::new();
    for chosen in find(&bank, &[bank.join("tests").display().to_string()], "tests").unwrap() {
        let (suite, mistakes) = suite(&chosen.file.display().to_string(), &std::fs::read_to_string(&chosen.file).unwrap());
        assert!(mistakes.is_empty(), "{}", mistakes[0]);
        for case in suite.cases {
            let turn = |what: What| {
                let What::User(user) = what else { return None };
                let text = user.text.filter(|text| text != "/silence_timeout");
                Some((text.map_or(Deed::Silence, Deed::Says), user.model))
            };
            all.push(Written { name: case.name, from: NOBODY, turns: case.steps.into_iter().filter_map(|step| turn(step.what)).collect() });
        }
    }
    for script in ["block.txt", "keypad.txt"] {
        let text = std::fs::read_to_string(bank.join("scripts").join(script)).unwrap().replace("{last4}", &SOMEBODY[SOMEBODY.len() - 4..]);
        let does = text.lines().filter(|line| !["#", "heard:", "outcome:"].iter().any(|start| line.starts_with(start)) && !line.trim().is_empty());
        let turns = does.map(|line| line.strip_prefix("keys:").map_or_else(|| Deed::Says(line.to_owned()), |keys| Deed::Keys(keys.trim().to_owned())));
        all.push(Written { name: script.to_owned(), from: SOMEBODY, turns: turns.map(|deed| (deed, None)).collect() });
    }
    all
}

/// Does one thing.
pub(crate) async fn act(caller: &mut Caller, deed: &Deed) -> Heard {
    match deed {
        Deed::Says(text) => caller.say(text).await,
        Deed::Keys(keys) => caller.keys(keys).await,
        Deed::Silence => caller.silence().await,
    }
    .unwrap()
}

/// Forgets what a call has left, so that the next one finds the demo rows as they were.
pub(crate) async fn clean(house: &House) {
    house.rows("delete from blocking_requests").await;
}

/// The responses among events.
pub(crate) fn responses(events: &[Event]) -> Vec<String> {
    events.iter().filter_map(|event| if let Event::Said { response: Some(response), .. } = event { Some(response.to_string()) } else { None }).collect()
}

/// All of them, held once for the whole test process.
pub(crate) async fn held() -> &'static [Held] {
    static HELD: OnceCell<Vec<Held>> = OnceCell::const_new();
    HELD.get_or_init(|| async {
        let model = ModelStandin::serve(Way::Writes("CannotHandle()".into())).await;
        let changes = Changes { variables: vec![("OPENAI_BASE_URL", model.base.clone())], ..Changes::default() };
        let house = House::with(On::Sqlite, "bank_calls", changes).await.unwrap();
        let mut all = Vec::new();
        for conversation in written() {
            all.push(hold(&house, &model, conversation).await);
            clean(&house).await;
        }
        house.server.stop();
        all
    })
    .await
}

async fn hold(house: &House, model: &Arc<ModelStandin>, conversation: Written) -> Held {
    let Written { name, from, turns } = conversation;
    let (mut caller, _) = house.ring(from).await;
    let (call, mut held) = (caller.call_sid().to_owned(), Vec::new());
    let mut seen = house.events(&call).await.len();
    for (deed, script) in turns {
        model.turns(Way::Writes(script.map_or_else(|| "CannotHandle()".to_owned(), |script| marked(&script))));
        let asked = model.asked();
        act(&mut caller, &deed).await;
        let events = house.events(&call).await;
        let new = &events[std::mem::replace(&mut seen, events.len())..];
        held.push(turn(house, deed, model.asked() > asked, new));
    }
    Held { name, from, turns: held }
}

/// A model's answer with marks in place of the figures it is not shown.
fn marked(script: &str) -> String {
    let word = |word: &str| if word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_digit()) { "⟨d1⟩".to_owned() } else { word.to_owned() };
    script.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n")
}

fn turn(house: &House, deed: Deed, asked: bool, events: &[Event]) -> Turn {
    let release = house.server.app.releases.current();
    let slot = |name| release.project.slots.get(name);
    let (mut lines, mut consent, mut marked) = (Vec::new(), false, false);
    for event in events {
        let Event::Understood { by, commands, .. } = event else { continue };
        for command in commands {
            let sets: Vec<_> = match command {
                Command::SetSlot { name, value } => vec![(name, value)],
                Command::CorrectSlots { slots } => slots.iter().map(|(name, value)| (name, value)).collect(),
                other => {
                    lines.push(line(other));
                    Vec::new()
                }
            };
            for (name, value) in sets {
                consent |= *by == Source::Typed && slot(name).is_some_and(|slot| slot.consent);
                let class = slot(name).is_some_and(|slot| slot.class.is_some());
                marked |= class;
                lines.push(format!("set slot {name} {}", if class { "⟨d1⟩".to_owned() } else { value.spoken() }));
            }
        }
    }
    Turn { deed, asked, commands: lines.join("\n"), consent, marked, responses: responses(events) }
}

/// A command as a model writes it.
fn line(command: &Command) -> String {
    match command {
        Command::HumanHandoff => "hand over".to_owned(),
        Command::Repeat => "repeat message".to_owned(),
        Command::ChitChat => "offtopic reply".to_owned(),
        Command::Knowledge => "provide info".to_owned(),
        Command::CannotHandle { .. } => "CannotHandle()".to_owned(),
        other => other.summary(),
    }
}
