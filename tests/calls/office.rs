//! A server for any project, talked to without a telephone.
//!
//! Lives here: starting one with variables of its own, being its visitors, looking at what happened.
//! Never here: tests.

use crate::house::{ADMIN, KEY, TOKEN, cache, rows};
use centralita::calls::Message;
use centralita::release::Variables;
use centralita::server::{Server, Start};
use centralita::settings::{self, Mode};
use centralita_engine::{Ending, Event};
use std::path::Path;
use std::sync::Arc;

/// A server that runs.
pub(crate) struct Office {
    pub(crate) server: Server,
    database: String,
}

impl Office {
    /// A server for a project, its database in `folder`.
    pub(crate) async fn open(folder: &Path, project: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start(folder, project, variables).await.unwrap()
    }

    pub(crate) async fn start(folder: &Path, project: &Path, variables: &[(&str, &str)]) -> Result<Self, String> {
        let database = format!("sqlite:{}", folder.join("office.db").display());
        let audit_file = folder.join("audit.jsonl").display().to_string();
        let usual = [
            ("CENTRALITA_BIND", "127.0.0.1:0"),
            ("CENTRALITA_ADMIN_BIND", "127.0.0.1:0"),
            ("TWILIO_AUTH_TOKEN", TOKEN),
            ("ENCRYPTION_KEY", KEY),
            ("DATABASE_URL", &database),
            ("CENTRALITA_AUDIT_FILE", &audit_file),
            ("RATE_LIMIT_PER_MINUTE", "0"),
        ];
        let all: Vec<(String, String)> = usual.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let variables: Variables = Arc::new(move |name: &str| all.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()));
        let settings = settings::read(Mode::Dev, &*variables, &|_| String::new(), true).map_err(|wrong| format!("{wrong:?}"))?;
        let start = Start {
            project: project.to_owned(),
            cache: Some(cache()),
            compiler: None,
            fresh: false,
            clients: None,
            watch: false,
            desk: None,
            network: None,
            stubbed: false,
            admin_token: ADMIN.to_owned(),
        };
        let server = Server::start(settings, start, variables).await.map_err(|error| format!("{error:#}"))?;
        Ok(Self { server, database })
    }

    async fn events_of(&self, who: &str, words: &str) -> Vec<Event> {
        let message = Message {
            conversation: who.to_owned(),
            channel: "rest".to_owned(),
            text: Some(words.into()),
            metadata: serde_json::Value::Null,
            payloads: false,
            scripted: None,
            at_ms: None,
        };
        self.server.app.converse(message).await.map_err(|error| error.to_string()).unwrap().events
    }

    /// Says something; the texts that come back.
    pub(crate) async fn says(&self, who: &str, words: &str) -> Vec<String> {
        let said = |event: &Event| if let Event::Said { text, .. } = event { Some(text.reveal().clone()) } else { None };
        self.events_of(who, words).await.iter().filter_map(said).collect()
    }

    /// Says something; the responses that come back, by name.
    pub(crate) async fn hears(&self, who: &str, words: &str) -> Vec<String> {
        let said = |event: &Event| if let Event::Said { response: Some(response), .. } = event { Some(response.to_string()) } else { None };
        self.events_of(who, words).await.iter().filter_map(said).collect()
    }

    /// How the runs of a conversation ended: nothing for `done`, else why.
    pub(crate) async fn endings(&self, who: &str) -> Vec<String> {
        let events = self.server.app.events(who).await.map_err(|error| error.to_string()).unwrap();
        let ended = |event: &Event| match event {
            Event::ActionEnded { ending: Ending::Done, .. } => Some(String::new()),
            Event::ActionEnded { detail, .. } => Some(detail.clone()),
            _ => None,
        };
        events.iter().filter_map(ended).collect()
    }

    /// Rows of the database; every column must be text or null.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        rows(&self.database, sql).await
    }
}
