//! `centralita serve`: production.
//!
//! Lives here: reading the environment as it is.
//! Never here: stand-ins.

use super::{Project, all, print, start_log};
use crate::release::{Checked, Package};
use crate::server::{Server, Start};
use crate::settings::{self, Mode};
use std::process::ExitCode;
use std::sync::Arc;

pub(super) async fn run(project: Project) -> anyhow::Result<ExitCode> {
    let variable = |name: &str| std::env::var(name).ok();
    let settings = settings::read(Mode::Serve, &variable, &|_| String::new(), transfers(&project)).map_err(|wrong| all(&wrong))?;
    start_log(&settings)?;
    let token = super::dev::random_token()?;
    let start = Start {
        project: project.project,
        cache: settings.cache.clone(),
        compiler: std::env::current_exe().ok(),
        fresh: false,
        clients: None,
        watch: false,
        desk: None,
        network: None,
        stubbed: false,
        admin_token: token.clone(),
    };
    let server = Server::start(settings, start, Arc::new(variable)).await?;
    for warning in &server.warnings {
        tracing::warn!("{warning}");
    }
    let release = server.app.releases.current();
    let reviewed = release.approval.get().map_or_else(|| "unreviewed".to_owned(), |approval| format!("approved by {}", approval.reviewer));
    print(&format!(
        "centralita serves release {}, {reviewed}, on http://{}, operators at http://{}/?token={token}",
        release.short(),
        server.public,
        server.admin
    ));
    server.until_stopped().await?;
    Ok(ExitCode::SUCCESS)
}

/// Whether a flow of the project hands callers to a person.
fn transfers(project: &Project) -> bool {
    Package::read(&project.project).is_ok_and(|package| Checked::of(&package).transfers())
}
