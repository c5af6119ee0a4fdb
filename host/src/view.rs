//! What the pages may see of calls and releases.
//!
//! Lives here: a call's events as turns, sensitive slots masked.
//! Never here: pages and routes (`admin`).

use crate::admin::{PluginView, ReleaseView, ReloadView, View};
use crate::app::App;
use crate::audit::Sealing;
use crate::release::Release;
use crate::watch::LastReload;
use centralita_engine::{CallState, Event, Via};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The pages' eyes.
pub(crate) struct Inspector {
    /// The server.
    pub(crate) app: Arc<App>,
    /// What became of the last change.
    pub(crate) last: Arc<LastReload>,
    /// How callers are understood, in a sentence.
    pub(crate) understanding: String,
    /// Whether audit checkpoints are written.
    pub(crate) sealing: Arc<Sealing>,
}

#[async_trait::async_trait]
impl View for Inspector {
    fn release(&self) -> ReleaseView {
        let release = self.app.releases.current();
        let plugins = release.plugins.values().map(|plugin| PluginView {
            name: plugin.name.clone(),
            digest: plugin.digest.clone(),
            imports: plugin.component.imports.keys().cloned().collect(),
        });
        let last_reload = self.last.get().map(|reload| ReloadView { at_ms: reload.at_ms, ok: reload.ok, took_ms: reload.took_ms, message: reload.message });
        let reviewed = release.approval.get().map(|approval| {
            let author = approval.author.as_ref().map(|author| format!(", made by {author}")).unwrap_or_default();
            format!("{}{author}", approval.reviewer)
        });
        ReleaseView {
            current: release.digest.clone(),
            reviewed,
            orders: self.app.releases.orders().lines(),
            plugins: plugins.collect(),
            last_reload,
            understanding: self.understanding.clone(),
        }
    }

    async fn trace(&self, call: &str) -> anyhow::Result<Json> {
        let Some(loaded) = self.app.store.load(call).await? else { return Ok(Json::Null) };
        let stored = self.app.store.events(&loaded.data_key, call).await?;
        let events: Vec<Event> = stored.iter().map(|(_, bytes)| serde_json::from_slice(bytes)).collect::<Result<_, _>>()?;
        let release = self.app.releases.find(&loaded.release).await.unwrap_or_else(|| self.app.releases.current());
        let statuses = self.app.store.statuses(call).await?.into_iter();
        let network: Vec<Json> = statuses.map(|row| json!({ "n": row.n, "status": row.status, "seconds": row.seconds, "error": row.error })).collect();
        Ok(json!({
            "call": call,
            "release": loaded.release,
            "status": loaded.status.as_str(),
            "network": network,
            "turns": turns(&release, &events),
        }))
    }

    async fn audit(&self, record: Json) {
        self.app.audit(record).await;
    }

    fn metrics(&self) -> String {
        let release = self.app.releases.current();
        let models = release.model.as_ref().map(crate::model::Model::metrics).unwrap_or_default();
        format!(
            "# HELP centralita_release_info The release new calls begin with.\n# TYPE centralita_release_info gauge\ncentralita_release_info{{digest=\"{}\"}} 1\n{models}{}",
            release.short(),
            self.sealing.metrics()
        )
    }
}

fn turns(release: &Release, events: &[Event]) -> Vec<Json> {
    let mut state = CallState::default();
    let mut turns: Vec<Json> = Vec::new();
    let mut started: Vec<(u64, String)> = Vec::new();
    for event in events {
        state.apply(event);
        if matches!(event, Event::Began { .. } | Event::Heard { .. } | Event::Silent { .. }) {
            let number = turns.len();
            turns.push(json!({ "turn": number, "heard": null, "by": null, "commands": [], "dropped": 0, "said": [], "runs": [], "notes": [] }));
        }
        let Some(turn) = turns.last_mut() else { continue };
        match event {
            Event::Heard { text, via, destroyed, .. } => {
                let via = if *via == Via::Keys { "keys" } else { "speech" };
                turn["heard"] = json!({ "text": text.reveal(), "via": via, "destroyed": destroyed });
            }
            Event::Silent { .. } => turn["heard"] = json!({ "text": "", "via": "silence", "destroyed": false }),
            Event::Understood { by, commands, dropped } => {
                turn["by"] = json!(by);
                turn["commands"] = commands.iter().map(centralita_engine::Command::summary).collect();
                turn["dropped"] = json!(dropped);
            }
            Event::Said { response, text, .. } => push(turn, "said", json!({ "response": response, "text": text.reveal() })),
            Event::ActionStarted { action, .. } => started.push((state.position, action.to_string())),
            Event::ActionEnded { run, ending, detail } => {
                let action = started.iter().find(|(id, _)| id == run).map(|(_, action)| action.clone());
                push(turn, "runs", json!({ "action": action, "ending": ending.word(), "detail": detail }));
            }
            Event::Delivered { run } => {
                let action = started.iter().find(|(id, _)| id == run).map(|(_, action)| action.clone());
                push(turn, "runs", json!({ "action": action, "ending": "delivered later", "detail": "" }));
            }
            Event::Faulted { fault } => push(turn, "notes", json!(fault)),
            Event::Transferred { reason } => push(turn, "notes", json!(format!("to a person: {reason}"))),
            _ => {}
        }
        turn["flow"] = json!(state.active_flow().map(|frame| frame.flow.as_str()));
        turn["stack"] = state.stack.iter().map(|frame| json!({ "flow": frame.flow, "step": step(frame) })).collect();
        turn["slots"] = slots(release, &state);
    }
    turns
}

fn step(frame: &centralita_engine::state::Frame) -> String {
    match &frame.position {
        centralita_engine::state::Position::At(step) => step.to_string(),
        centralita_engine::state::Position::Start => "START".into(),
        centralita_engine::state::Position::End | centralita_engine::state::Position::Cancelled => "END".into(),
    }
}

fn push(turn: &mut Json, key: &str, value: Json) {
    if let Some(list) = turn[key].as_array_mut() {
        list.push(value);
    }
}

fn slots(release: &Release, state: &CallState) -> Json {
    let shown = state.slots.iter().filter(|(_, value)| !value.is_none()).map(|(name, value)| {
        let masked = release.class_of(name.as_str()).is_sensitive();
        (name.to_string(), Json::from(if masked { "••••".to_owned() } else { value.spoken() }))
    });
    Json::Object(shown.collect())
}
