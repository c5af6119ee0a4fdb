//! A run outside of a turn, for benches: sandbox, grants, tokens, journal and audit as in a call, and nothing stored.
//!
//! Lives here: a call to run it in, and what the run took.
//! Never here: anything the server uses.

use super::{Execution, Lost, execute};
use crate::app::App;
use crate::audit::Head;
use crate::calls::{Draft, Standing};
use crate::seal::DataKey;
use crate::store::{Commit, NewCall};
use centralita_engine::{ActionName, CallState, Ending, Event, Masked, Opening, Run, SlotName, Value};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A call that stands still.
pub struct Rehearsal {
    app: Arc<App>,
    call: String,
    key: Arc<DataKey>,
    state: CallState,
}

/// What a run took.
pub struct Rehearsed {
    /// All of it.
    pub took: Duration,
    /// What of that its host calls waited for the database, to the microsecond.
    pub waited: Duration,
    /// What the host itself took for them besides that: grants, tokens, journal and the values of their audit records.
    pub hosted: Duration,
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
        let opening = Opening { release, seed: 1, number, called: None, channel: "twilio_voice".into(), metadata: Value::None, slots: Vec::new() };
        let mut events = vec![Event::Began { at: App::now_ms(), opening, carries_slots: false }];
        for (name, text) in slots {
            events.push(Event::Slot { name: SlotName::parse(name)?, value: Value::text(*text) });
        }
        Ok(Self { app, call: call.to_owned(), key: Arc::new(key), state: CallState::from_events(&events) })
    }

    /// Runs an action once; what it did is thrown away.
    ///
    /// # Errors
    /// If it does not end well.
    pub async fn run(&self, action: &str) -> anyhow::Result<Rehearsed> {
        Ok(self.execute(action, false).await?.1)
    }

    /// Runs an action once and keeps its journal, for [`Self::run_again`].
    ///
    /// # Errors
    /// If it does not end well, or cannot be stored.
    pub async fn keep(&self, action: &str) -> anyhow::Result<()> {
        let (mut draft, _) = self.execute(action, false).await?;
        Ok(draft.commit().await?)
    }

    /// Runs a kept action once more: its host calls are answered from the journal, so that they wait for nobody.
    ///
    /// # Errors
    /// If it does not end well.
    pub async fn run_again(&self, action: &str) -> anyhow::Result<Rehearsed> {
        Ok(self.execute(action, true).await?.1)
    }

    async fn execute(&self, action: &str, again: bool) -> anyhow::Result<(Draft, Rehearsed)> {
        let release = self.app.releases.current();
        let run = Run { id: self.state.position + 1, action: ActionName::parse(action)?, at: App::now_ms() };
        // Nothing of the call is stored but that it began.
        let standing = Standing { key: self.key.clone(), seq: 0, audit: Head::default() };
        let draft = Draft::of(self.app.store.clone(), &self.call, standing, None, run.at);
        let execution = Execution {
            call: &self.call,
            release: &release,
            state: &self.state,
            run: &run,
            again,
            attempt: 1,
            lost: Lost::Later,
            until: tokio::time::Instant::now() + Duration::from_secs(30),
        };
        let began = Instant::now();
        let (draft, outcome) = execute(&self.app, draft, execution).await;
        let took = began.elapsed();
        anyhow::ensure!(outcome.ending == Ending::Done, "`{action}` ended `{}`: {}", outcome.ending.word(), outcome.detail);
        let records: Vec<Json> = draft.records().iter().map(|record| serde_json::from_str(record)).collect::<Result<_, _>>()?;
        let micros = |record: &Json, key: &str| Duration::from_micros(record[key].as_u64().unwrap_or_default());
        let Some((ended, host_calls)) = records.split_last() else { anyhow::bail!("`{action}` left no record") };
        let rehearsed = Rehearsed {
            took,
            waited: micros(ended, "waited_us"),
            hosted: host_calls.iter().map(|record| micros(record, "took_us").saturating_sub(micros(record, "waited_us"))).sum(),
            host_calls: ended["host_calls"].as_u64().unwrap_or_default(),
        };
        Ok((draft, rehearsed))
    }
}
