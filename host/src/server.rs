//! Starting the server, and stopping it.
//!
//! Lives here: putting the parts together in order, both listeners, the tasks beside them.
//! Never here: what the parts do.

use crate::admin;
use crate::app::App;
use crate::audit::{self, Sealing, Signer as CheckpointSigner};
use crate::calls::Locks;
use crate::e2e::Stubs;
use crate::egress::{self, Egress};
use crate::owed;
use crate::phone::Line;
use crate::reconcile;
use crate::release::{self, Beginning, Instead, Package, Release, Shelf};
use crate::rest;
use crate::sandbox::{Cache, Sandbox};
use crate::seal::{Keys, Purpose};
use crate::settings::{Mode, Settings};
use crate::standin::desk::Desk;
use crate::standin::network::Network;
use crate::store::Store;
use crate::twilio::signature::Signer;
use crate::view::Inspector;
use crate::watch::{self, LastReload};
use anyhow::Context as _;
use centralita_engine::yaml::Mistake;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;

/// How a server is started.
pub struct Start {
    /// The project's folder.
    pub project: PathBuf,
    /// Where compiled components are kept between starts.
    pub cache: Option<PathBuf>,
    /// This program's file, to compile in a process of its own; without it components are compiled in this one.
    pub compiler: Option<PathBuf>,
    /// Empties the database first.
    pub fresh: bool,
    /// Demo clients beyond the first thousand.
    pub clients: Option<u32>,
    /// Whether the folder is watched.
    pub watch: bool,
    /// The stand-in desk, if there is one.
    pub desk: Option<Desk>,
    /// The stand-in of the telephone network's API, if there is one.
    pub network: Option<Network>,
    /// Whether every action of the domain that no plugin offers is somebody else's, endpoint or not: a test has stubs.
    pub stubbed: bool,
    /// The admin pages' token.
    pub admin_token: String,
}

/// A server that runs.
pub struct Server {
    /// Its state.
    pub app: Arc<App>,
    /// Where the telephone network reaches it.
    pub public: SocketAddr,
    /// Where operators do.
    pub admin: SocketAddr,
    /// Findings that did not stop it.
    pub warnings: Vec<Mistake>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Server {
    /// Starts everything; it serves when this returns.
    ///
    /// # Errors
    /// Whatever stops a start, with what to do about it.
    pub async fn start(settings: Settings, start: Start, variables: crate::release::Variables) -> anyhow::Result<Self> {
        egress::install_tls();
        let listener = TcpListener::bind(settings.bind).await.with_context(|| format!("CENTRALITA_BIND {} cannot be listened on", settings.bind))?;
        let admin_listener =
            TcpListener::bind(settings.admin_bind).await.with_context(|| format!("CENTRALITA_ADMIN_BIND {} cannot be listened on", settings.admin_bind))?;
        let (public, admin) = (listener.local_addr()?, admin_listener.local_addr()?);
        let keys = Arc::new(Keys::from_variable(settings.encryption_key.reveal())?);
        let store = Arc::new(Store::open(settings.database_url.reveal(), keys.clone()).await?);
        if start.fresh {
            store.empty().await?;
            // Checkpoints over an audit that is gone would only say that it is.
            let _ = std::fs::remove_file(&settings.audit_file);
        }
        if settings.mode == Mode::Dev {
            load_demo(&store, &start.project, start.clients).await?;
        }
        let cache = cache(start.cache.as_deref(), &keys);
        let compiler = start.compiler.clone();
        let sandbox = Arc::new(tokio::task::spawn_blocking(move || Sandbox::new(cache).map(|sandbox| sandbox.compiling_in(compiler))).await??);
        let mut package = read(&start.project).await?;
        package.remote = start.stubbed;
        let guarded = settings.mode == Mode::Serve;
        let Beginning { package, approval, instead_of } = Beginning::of(package, &start.project, guarded, &store, &keys).await?;
        let (release, warnings) = Release::build(&package, &sandbox, &*variables, settings.timezone.as_deref()).await?;
        if instead_of.is_none() {
            package.keep(&store, &keys, App::now_ms()).await?;
            store.put_served(&release.digest, App::now_ms()).await?;
        }
        if let Some(approval) = approval {
            // A new release has none yet.
            let _ = release.approval.set(approval);
        }
        let watched = start.watch || (guarded && !release.grants.reviewers.is_empty());
        let public_base = base(&settings, public)?;
        let project_name = start.project.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let understanding = understanding(&release, release.model.is_some());
        if !settings.blocked.is_empty() {
            tracing::info!(lines = settings.blocked.len(), "Calls of the numbers in CENTRALITA_BLOCK_LIST are not taken");
        }
        let app = Arc::new(App {
            releases: Shelf::new(release, sandbox.clone(), store.clone(), keys.clone(), variables, settings.timezone.clone())
                .guarding(guarded.then(|| start.project.clone())),
            store,
            keys,
            egress: Arc::new(Egress::new()),
            sandbox,
            signer: Signer::parse(settings.twilio_tokens.reveal())?,
            public_base,
            fallback: settings.fallback.clone(),
            max_calls: settings.max_calls,
            new_calls: std::num::NonZeroU32::new(settings.rate_per_minute).map(|rate| governor::RateLimiter::keyed(governor::Quota::per_minute(rate))),
            blocked: settings.blocked,
            lease: settings.lease,
            answer_within: settings.answer_within,
            settle: settings.settle,
            stubs: Stubs::default(),
            symbols: (settings.mode == Mode::Dev).then(|| start.project.join("plugins")),
            locks: Locks::default(),
            sessions: crate::relay::Sessions::default(),
        });
        let taken_up = app.take_up().await?;
        if taken_up > 0 {
            tracing::info!(calls = taken_up, "Turns that a stop had left unanswered are taken up");
        }
        let last = Arc::new(LastReload::default());
        if let Some(instead) = instead_of {
            say_instead(&app, &last, &instead).await;
        }
        let sealing = Arc::new(Sealing::default());
        let sealed = audit::seal_each_second(app.store.clone(), CheckpointSigner::new(&app.keys), settings.audit_file.clone(), sealing.clone());
        let kept = release::keep(app.clone(), last.clone());
        let mut tasks = vec![tokio::spawn(owed::work(app.clone())), tokio::spawn(reconcile::work(app.clone())), tokio::spawn(kept), tokio::spawn(sealed)];
        if watched {
            tasks.push(tokio::spawn(watch::watch(app.clone(), start.project.clone(), last.clone())));
        }
        let line = Line::new(format!("http://{public}").parse()?, Some(Signer::parse(settings.twilio_tokens.reveal())?), Some(app.public_base.clone()))?;
        let parts = admin::Parts {
            token: start.admin_token.clone(),
            bind: admin,
            line: Arc::new(line),
            view: Arc::new(Inspector { app: app.clone(), last, understanding, sealing }),
            desk: start.desk,
            network: start.network,
            project_name,
        };
        let guard = rest::Guard::new(settings.auth_token.as_ref(), settings.jwt_secret.as_ref());
        let options = rest::Options { guard, rate_per_minute: settings.rate_per_minute, origins: settings.cors.clone() };
        let routes = crate::twilio::routes::router(app.clone()).merge(crate::relay::router(app.clone())).merge(rest::router(app.clone(), options)?);
        tasks.push(tokio::spawn(serve(listener, routes)));
        tasks.push(tokio::spawn(serve(admin_listener, admin::router(Arc::new(parts)))));
        Ok(Self { app, public, admin, warnings, tasks })
    }

    /// Waits for the signal to stop, then stops taking work.
    ///
    /// # Errors
    /// If signals cannot be listened for.
    pub async fn until_stopped(self) -> anyhow::Result<()> {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! { _ = tokio::signal::ctrl_c() => {}, _ = terminate.recv() => {} }
        self.stop();
        Ok(())
    }

    /// Stops at once. What was committed stands; what was not is taken up at the next start.
    pub fn stop(self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

async fn serve(listener: TcpListener, routes: axum::Router) {
    if let Err(error) = axum::serve(listener, routes).await {
        tracing::error!(error = %error, "A listener ended");
    }
}

/// The cache of compiled code; without one everything is compiled anew.
pub(crate) fn cache(folder: Option<&Path>, keys: &Arc<Keys>) -> Option<Cache> {
    let (folder, keys) = (folder?, keys.clone());
    let opened = Cache::open(folder, Arc::new(move |parts: &[&[u8]]| keys.mac(Purpose::Artifact, parts)));
    opened.map_err(|error| tracing::warn!(error = %error, "Compiled code cannot be kept in {}", folder.display())).ok()
}

/// Says that another release serves than the folder's, and why.
async fn say_instead(app: &App, last: &LastReload, instead: &Instead) {
    if instead.set_aside {
        app.releases.want(&instead.digest);
    }
    let message = format!("release {:.8} stays out, {} serves: {}", instead.digest, app.releases.current().short(), instead.reason);
    tracing::error!("The folder's {message}");
    app.audit_host("release refused", &message).await;
    last.set(watch::Reload { at_ms: App::now_ms(), ok: false, took_ms: 0, message });
}

async fn read(folder: &Path) -> anyhow::Result<Package> {
    let owned = folder.to_owned();
    tokio::task::spawn_blocking(move || Package::read(&owned)).await?.map_err(|mistakes| crate::release::BuildError(mistakes).into())
}

pub(crate) async fn load_demo(store: &Store, project: &Path, clients: Option<u32>) -> anyhow::Result<()> {
    let path = project.join("demo.sql");
    if let Ok(sql) = tokio::fs::read_to_string(&path).await
        && store.load_demo(&sql, clients).await.with_context(|| format!("{} cannot be loaded", path.display()))?
    {
        tracing::info!("Demo rows are loaded into the empty bank tables");
    }
    Ok(())
}

/// `dev` listens on whatever port it is given; its addresses follow.
fn base(settings: &Settings, public: SocketAddr) -> anyhow::Result<url::Url> {
    let mut base = settings.public_base.clone();
    if settings.mode == Mode::Dev && base.port() == Some(0) {
        base = format!("http://{public}").parse()?;
    }
    Ok(base)
}

fn understanding(release: &Release, model: bool) -> String {
    let examples = release.project.examples;
    match (examples, model) {
        (0, false) => format!(
            "understanding from {} descriptions only; set `OPENAI_API_KEY` or add `data/nlu.yml`",
            release.project.flows.keys().filter(|flow| !flow.is_pattern()).count()
        ),
        (_, false) => format!("typed answers and a matcher trained on {examples} examples, no model"),
        (_, true) => format!("typed answers, a matcher trained on {examples} examples, and a model"),
    }
}
