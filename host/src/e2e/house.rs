//! An installation for one run of tests. Nothing of it is left behind, and nothing of `dev` is touched.
//!
//! Lives here: the server on a database in a temporary folder, the stand-in desk, clean rows for every conversation.
//! Never here: holding conversations (`run.rs`).

use crate::action_server::Module;
use crate::app::App;
use crate::endpoints;
use crate::release::{BuildError, Package, Variables};
use crate::server::{Server, Start};
use crate::settings::{self, Mode};
use crate::standin::desk::{Desk, Listening};
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What stands in for secrets in a run that keeps nothing: the same in every run, so that what is drawn by them is too.
pub(crate) const STAND_IN: &str = "a-stand-in-that-protects-nothing";

/// How an installation is opened.
pub struct Opening<'a> {
    /// The project's folder; its plugins are built.
    pub project: &'a Path,
    /// Where compiled components are kept between runs.
    pub cache: Option<PathBuf>,
    /// Whether stubs stand in for custom actions, in some conversations or in all.
    pub stubbed: bool,
    /// Whether custom actions of the project itself are run, in some conversations or in all.
    pub real: bool,
    /// Whether a language model may be asked.
    pub live: bool,
}

/// An installation that runs.
pub struct House {
    server: Server,
    project: PathBuf,
    /// Whether conversations leave rows that the next one would find.
    writes: bool,
    _beside: (Listening, Option<Module>),
    _folder: tempfile::TempDir,
}

impl House {
    /// Opens an installation.
    ///
    /// # Errors
    /// Whatever stops a start of the project.
    pub async fn open(opening: Opening<'_>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("there is no temporary folder; set TMPDIR to one that can be written")?;
        let database = format!("sqlite:{}", folder.path().join("test.db").display());
        let audit_file = folder.path().join("audit.jsonl").display().to_string();
        let desk = Desk::new(STAND_IN);
        let listening = desk.serve().await.context("the stand-in desk cannot listen")?;
        let package = Package::read(opening.project).map_err(BuildError)?;
        let actions = if opening.real { Module::start(opening.project, &package, &|name| std::env::var(name).ok()).await? } else { None };
        let actions_at = actions.as_ref().map(|actions| actions.url().to_string());
        let (base, live) = (listening.base.clone(), opening.live);
        let variables: Variables = Arc::new(move |name: &str| match name {
            "CENTRALITA_BIND" | "CENTRALITA_ADMIN_BIND" => Some("127.0.0.1:0".to_owned()),
            "TWILIO_AUTH_TOKEN" | "ENCRYPTION_KEY" | "FRESHDESK_API_KEY" => Some(STAND_IN.to_owned()),
            "DATABASE_URL" => Some(database.clone()),
            "CENTRALITA_AUDIT_FILE" => Some(audit_file.clone()),
            "RATE_LIMIT_PER_MINUTE" => Some("0".to_owned()),
            "FRESHDESK_API_URL" => Some(base.clone()),
            endpoints::ACTION_SERVER if actions_at.is_some() => actions_at.clone(),
            "TWILIO_WEBHOOK_URL" | "FRESHDESK_DOMAIN" => None,
            // A model is asked when its answers are to be kept, and never otherwise.
            "CENTRALITA_MODEL" if !live => Some("off".to_owned()),
            // A conversation of a test sends nobody a message.
            "TWILIO_ACCOUNT_SID" => None,
            name if name.starts_with("OPENAI_") && !live => None,
            name => std::env::var(name).ok().filter(|value| !value.is_empty()),
        });
        let settings = settings::read(Mode::Dev, &*variables, &|_| String::new(), true);
        let settings = settings.map_err(|wrong| anyhow::anyhow!("{}", wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
        let start = Start {
            project: opening.project.to_owned(),
            cache: opening.cache,
            compiler: None,
            fresh: false,
            clients: None,
            watch: false,
            desk: Some(desk),
            network: None,
            stubbed: opening.stubbed,
            admin_token: STAND_IN.to_owned(),
        };
        let server = Server::start(settings, start, variables).await?;
        if !opening.stubbed
            && let Some(server) = &server.app.releases.current().action_server
        {
            server.health().await.map_err(anyhow::Error::msg)?;
        }
        let writes = opening.project.join("plugins.yml").is_file();
        Ok(Self { server, project: opening.project.to_owned(), writes, _beside: (listening, actions), _folder: folder })
    }

    /// Where conversations are held.
    pub fn app(&self) -> Arc<App> {
        self.server.app.clone()
    }

    /// Rows that conversations before left are gone, and the demo rows are as they were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clean(&self) -> anyhow::Result<()> {
        if self.writes {
            self.server.app.store.empty().await?;
            crate::server::load_demo(&self.server.app.store, &self.project, None).await?;
        }
        Ok(())
    }

    /// Stops it.
    pub fn close(self) {
        self.server.stop();
    }
}
