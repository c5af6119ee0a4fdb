//! A run outside of a turn, for benches: sandbox, grants, tokens, journal and audit as in a call, and nothing stored.
//!
//! Lives here: a call to run it in, and what the run took.
//! Never here: anything the server uses.

use super::{Execution, Lost, execute};
use crate::app::App;
use crate::audit::Head;
use crate::calls::{Draft, Standing};
use crate::store::{Commit, NewCall};
use centralita_engine::{ActionName, CallState, Ending, Event, Masked, Opening, Run, SlotName, Value};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A call that stands still.
pub struct Rehearsal {
    app: Arc<App>,
    call: String,
    state: CallState,
}

/// What a run took.
pub struct Rehearsed {
    /// All of it.
    pub took: Duration,
    /// What of that its host calls waited for the database, to the microsecond.
    pub waited: Duration,
    /// How many there were.
    pub host_calls: u64,
}

impl Rehearsal {
    /// A call from this number with these slots.
    ///
    /// # Errors
    /// If the database or a name is not what it should be.
    pub async fn begin(app: Arc<App>, call: &str, number: &str, slots: &[(&str, &str)]) -> anyhow::Result<Self> {
        let release = app.releases.current().digest.clone();
        let key = app.store.new_data_key()?;
        app.store.begin(NewCall { id: call, release: &release, from_digest: None }, &key, Commit::at(call, 0, 0)).await?;
        let number = Some(Masked::new(number.to_owned()));
        let opening = Opening { release, seed: 1, number, called: None, channel: "twilio_voice".into(), metadata: Value::None };
        let mut events = vec![Event::Began { at: App::now_ms(), opening, carries_slots: false }];
        for (name, text) in slots {
            events.push(Event::Slot { name: SlotName::parse(name)?, value: Value::text(*text) });
        }
        Ok(Self { app, call: call.to_owned(), state: CallState::from_events(&events) })
    }

    /// Runs an action once; what it did is thrown away.
    ///
    /// # Errors
    /// If it does not end well.
    pub async fn run(&self, action: &str) -> anyhow::Result<Rehearsed> {
        let key = Arc::new(self.app.store.new_data_key()?);
        let release = self.app.releases.current();
        let run = Run { id: self.state.position + 1, action: ActionName::parse(action)?, at: App::now_ms() };
        let standing = Standing { key, seq: self.state.position, audit: Head::default() };
        let draft = Draft::of(self.app.store.clone(), &self.call, standing, None, run.at);
        let execution = Execution { call: &self.call, release: &release, state: &self.state, run: &run, again: false, attempt: 1, lost: Lost::Later };
        let began = Instant::now();
        let (draft, outcome) = execute(&self.app, draft, execution).await;
        let took = began.elapsed();
        anyhow::ensure!(outcome.ending == Ending::Done, "`{action}` ended `{}`: {}", outcome.ending.word(), outcome.detail);
        let ended: serde_json::Value = serde_json::from_str(draft.records().last().map_or("{}", String::as_str))?;
        let number = |key: &str| ended[key].as_u64().unwrap_or_default();
        Ok(Rehearsed { took, waited: Duration::from_micros(number("waited_us")), host_calls: number("host_calls") })
    }
}
