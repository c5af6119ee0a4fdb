//! `centralita dev`: everything a developer needs, pretended where nothing is configured.
//!
//! Lives here: what is made once and kept, building plugins, the stand-ins, what is printed.
//! Never here: the server.

mod saved;

use super::{Dev, Project, all, print, start_log};
use crate::action_server::Module;
use crate::endpoints;
use crate::grants::Grants;
use crate::phone;
use crate::plugins_build::{self, Built, Source};
use crate::release::{BuildError, Package};
use crate::seal::hex;
use crate::server::{Server, Start};
use crate::settings::{self, Mode, Settings};
use crate::standin::desk::{Desk, Listening};
use crate::standin::network::{self, Network};
use anyhow::Context as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Where `dev` keeps what it makes.
const FOLDER: &str = ".centralita";
const DESK_KEY: &str = "stand-in-desk-key";
/// The account at the stand-in of the telephone network.
const ACCOUNT: &str = "AC00000000000000000000000000000000";
/// Its token.
const NETWORK_TOKEN: &str = "stand-in-network-token";

pub(super) async fn run(dev: Dev) -> anyhow::Result<ExitCode> {
    let settings = settings(|name| std::env::var(name).ok())?;
    start_log(&settings)?;
    let token = token_shown(&settings);
    let api = api_token_shown(&settings);
    let public = settings.public_base.clone();
    let (server, beside) = start(&dev.project, settings, dev.fresh, dev.clients, true).await?;
    let release = server.app.releases.current();
    print(&format!("centralita dev: project {}, release {}", dev.project.project.display(), release.short()));
    print(&format!("  telephone network   {public}webhooks/twilio/webhook"));
    print(&format!("  call page           http://{}/?token={}", server.admin, admin_token()?));
    print(&format!("  webhook token       {token}"));
    print(&format!("  chat, HTTP API      {public}webhooks/rest/webhook, Authorization: Bearer {api}"));
    print(&format!(
        "  in a terminal       centralita call --to {} --script {}/scripts/block.txt",
        public.as_str().trim_end_matches('/'),
        dev.project.project.display()
    ));
    if let Some(actions) = &beside.actions {
        print(&format!("  Python actions      {}, started again when a file changes", actions.url()));
    }
    if beside.desk.is_some() {
        print("  stand-ins           ticket desk, text messages, demo rows, browser telephone, a person at the fallback number");
    }
    let rebuilding = tokio::spawn(saved::rebuild(dev.project.project.clone(), server.app.clone()));
    server.until_stopped().await?;
    rebuilding.abort();
    Ok(ExitCode::SUCCESS)
}

/// The settings of `dev`, with what is missing made once.
pub(super) fn settings(variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Settings> {
    std::fs::create_dir_all(FOLDER).context("the folder .centralita cannot be made here")?;
    settings::read(Mode::Dev, &variable, &|name| made(name).unwrap_or_default(), true).map_err(|wrong| all(&wrong))
}

/// `DATABASE_URL` and `ENCRYPTION_KEY` as a server started here would have them; none where there is no key.
pub(super) fn database(variable: &dyn Fn(&str) -> Option<String>) -> Option<(String, String)> {
    let set = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let key = set("ENCRYPTION_KEY").or_else(kept_key)?;
    Some((set("DATABASE_URL").unwrap_or_else(|| settings::DATABASE_URL.to_owned()), key))
}

/// What runs beside the server, while this is kept.
pub(super) struct Beside {
    desk: Option<Listening>,
    _network: Option<network::Listening>,
    actions: Option<Module>,
}

/// Builds plugins, starts the project's Python actions, the stand-ins and the server.
pub(super) async fn start(project: &Project, settings: Settings, fresh: bool, clients: Option<u32>, watch: bool) -> anyhow::Result<(Server, Beside)> {
    build(&project.project).await?;
    let real_desk = ["FRESHDESK_API_URL", "FRESHDESK_DOMAIN"].iter().any(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()));
    let mut desk = None;
    let mut base = None;
    let mut line = None;
    if !real_desk {
        let file = Path::new(FOLDER).join("desk.jsonl");
        if fresh {
            // It may never have been there.
            let _ = std::fs::remove_file(&file);
        }
        let standin = Desk::kept_in(&file, DESK_KEY).context("the stand-in desk's file cannot be used")?;
        let listening = standin.serve().await.context("the stand-in desk cannot listen")?;
        base = Some(listening.base.clone());
        line = Some(listening);
        desk = Some(standin);
    }
    let mut network = None;
    if std::env::var("TWILIO_ACCOUNT_SID").is_ok_and(|value| !value.is_empty()) {
        tracing::info!("Text messages are sent: TWILIO_ACCOUNT_SID is set");
    } else {
        let standin = Network::new(ACCOUNT, NETWORK_TOKEN, &[phone::command::CALLED]);
        let listening = standin.serve().await.context("the stand-in of the telephone network cannot listen")?;
        network = Some((standin, listening));
    }
    let api = network.as_ref().map(|(_, listening)| listening.base.clone());
    let package = Package::read(&project.project).map_err(BuildError)?;
    let actions = Module::start(&project.project, &package, &|name| std::env::var(name).ok()).await?;
    let actions_at = actions.as_ref().map(|actions| actions.url().to_string());
    let variables = move |name: &str| match (name, &base) {
        (endpoints::ACTION_SERVER, _) if actions_at.is_some() => actions_at.clone(),
        ("FRESHDESK_API_URL", Some(base)) => Some(base.clone()),
        ("FRESHDESK_API_KEY", Some(_)) => Some(DESK_KEY.to_owned()),
        ("TWILIO_API_URL", _) if api.is_some() => api.clone(),
        ("TWILIO_ACCOUNT_SID", _) if api.is_some() => Some(ACCOUNT.to_owned()),
        ("TWILIO_AUTH_TOKEN", _) if api.is_some() => Some(NETWORK_TOKEN.to_owned()),
        ("TWILIO_PHONE_NUMBER", _) if api.is_some() => Some(phone::command::CALLED.to_owned()),
        _ => std::env::var(name).ok().filter(|value| !value.is_empty()),
    };
    let cache = std::env::current_dir()?.join(FOLDER).join("compiled");
    let compiler = std::env::current_exe().ok();
    let start = Start {
        project: project.project.clone(),
        cache: Some(cache),
        compiler,
        fresh,
        clients,
        watch,
        desk,
        network: network.as_ref().map(|(network, _)| network.clone()),
        stubbed: false,
        admin_token: admin_token()?,
    };
    let server = Server::start(settings, start, Arc::new(variables)).await?;
    for warning in &server.warnings {
        tracing::warn!("{warning}");
    }
    Ok((server, Beside { desk: line, _network: network.map(|(_, listening)| listening), actions }))
}

/// Builds the plugins whose sources are beside the project.
pub(super) async fn build(project: &Path) -> anyhow::Result<()> {
    let Some(grants) = grants(project)? else { return Ok(()) };
    let sources = sources(project, &grants)?;
    for done in plugins_build::build_sources(&sources, &project.join("plugins")).await? {
        print(&built(&done));
    }
    Ok(())
}

/// What a build says of a plugin.
pub(super) fn built(built: &Built) -> String {
    format!("plugin {}: {} bytes, {}", built.name, built.bytes_len, if built.changed { "new" } else { "unchanged" })
}

/// What the project grants; none where there is no project or it grants nothing.
pub(super) fn grants(project: &Path) -> anyhow::Result<Option<Grants>> {
    let Ok(text) = std::fs::read_to_string(project.join("plugins.yml")) else { return Ok(None) };
    Grants::parse("plugins.yml", &text).map(Some).map_err(|mistakes| all(&mistakes))
}

/// The granted plugins whose sources are at the project or above it.
pub(super) fn sources(project: &Path, grants: &Grants) -> anyhow::Result<Vec<Source>> {
    grants.plugins.keys().filter_map(|name| Source::find(name, &[project])).map(|folder| Ok(Source::of(&folder)?)).collect()
}

/// The key `dev` made in this folder, if it did.
fn kept_key() -> Option<String> {
    let text = std::fs::read_to_string(Path::new(FOLDER).join("encryption-key")).ok()?;
    Some(text.trim().to_owned())
}

/// A secret `dev` makes once and keeps, readable by its owner only.
fn made(name: &str) -> anyhow::Result<String> {
    let file = match name {
        "TWILIO_AUTH_TOKEN" => "twilio-token",
        "CENTRALITA_AUTH_TOKEN" => "api-token",
        _ => "encryption-key",
    };
    let path = Path::new(FOLDER).join(file);
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Ok(text.trim().to_owned());
    }
    let secret = random_token()?;
    write_private(&path, &secret)?;
    Ok(secret)
}

/// The token in the admin pages' address, made once.
fn admin_token() -> anyhow::Result<String> {
    let path = Path::new(FOLDER).join("admin-token");
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Ok(text.trim().to_owned());
    }
    let token = random_token()?;
    write_private(&path, &token)?;
    Ok(token)
}

/// 32 random bytes as hexadecimal digits.
pub(super) fn random_token() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the machine gives no random bytes: {error}"))?;
    Ok(hex(&bytes))
}

fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

/// The development token is shown, a real one is not. A configured token leaves no stale file behind
/// for `call` to sign with.
fn token_shown(settings: &Settings) -> String {
    if std::env::var("TWILIO_AUTH_TOKEN").is_ok_and(|value| !value.trim().is_empty()) {
        // It may never have been there.
        let _ = std::fs::remove_file(Path::new(FOLDER).join("twilio-token"));
        return "as configured in TWILIO_AUTH_TOKEN".into();
    }
    settings.twilio_tokens.reveal().to_owned()
}

/// The development token of the HTTP API is shown, a real one is not.
fn api_token_shown(settings: &Settings) -> String {
    let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
    match &settings.auth_token {
        Some(token) if !set("CENTRALITA_AUTH_TOKEN") => token.reveal().to_owned(),
        _ => "as configured in CENTRALITA_AUTH_TOKEN or JWT_SECRET".into(),
    }
}
