//! What `dev` does when a source of a plugin is saved: saved, validated, compiled, tested, live.
//!
//! Lives here: the steps in their order, each with its milliseconds. What fails one goes no further: the component before it
//! serves on.
//! Never here: building (`plugins_build`), testing (`author`), swapping releases (`watch`).

use super::super::{all, plugin, print};
use super::{grants, sources};
use crate::app::App;
use crate::author::Suite;
use crate::grants::{Grants, Manifest};
use crate::plugins_build::{self, Candidate, Source};
use crate::watch::Changes;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// How long a component is waited for after it was put into its place.
const LIVE: Duration = Duration::from_secs(30);

/// Watches the sources until the process ends.
pub(super) async fn rebuild(project: PathBuf, app: Arc<App>) {
    let folder = plugins_build::workspace_above(&project).map_or_else(|| project.clone(), |workspace| workspace.join("plugins"));
    let (mut changes, watching) = Changes::of(&folder);
    if let Err(error) = watching {
        tracing::warn!(error = %error, "Sources of plugins are not watched; restart `dev` after a change");
    }
    // What was there at the start has been built.
    let built = granted(&project).map(|(_, sources)| times(&sources)).unwrap_or_default();
    let mut known = Known { tried: built.clone(), placed: built };
    loop {
        changes.next().await;
        if let Err(error) = look(&project, &app, &mut known).await {
            tracing::error!("{error:#}");
        }
    }
}

fn granted(project: &Path) -> anyhow::Result<(Grants, Vec<Source>)> {
    let grants = grants(project)?.unwrap_or_default();
    let sources = sources(project, &grants)?;
    Ok((grants, sources))
}

fn times(sources: &[Source]) -> BTreeMap<String, SystemTime> {
    sources.iter().map(|source| (source.name.clone(), plugins_build::saved_at(source))).collect()
}

/// When the plugins' sources were saved that were tried last, and those that were put into their places: one that fails
/// keeps the others saved with it from theirs until it is mended.
struct Known {
    tried: BTreeMap<String, SystemTime>,
    placed: BTreeMap<String, SystemTime>,
}

async fn look(project: &Path, app: &App, known: &mut Known) -> anyhow::Result<()> {
    let (grants, mut sources) = granted(project)?;
    let now = times(&sources);
    if now == known.tried {
        return Ok(());
    }
    // Whatever comes of it: the same sources are not tried twice.
    known.tried.clone_from(&now);
    sources.retain(|source| known.placed.get(&source.name) != now.get(&source.name));
    if sources.is_empty() {
        return Ok(());
    }
    let saved = sources.iter().filter_map(|source| now.get(&source.name)).max().copied();
    let mut steps = Steps::since(saved);
    let suites = sources.iter().map(validated).collect::<anyhow::Result<Vec<_>>>()?;
    steps.done("validated");
    let candidates = plugins_build::compile(&sources).await?;
    steps.done("compiled");
    let mut tested = 0;
    for ((source, candidate), suites) in sources.iter().zip(&candidates).zip(&suites) {
        let (cases, passes) = plugin::prove(&app.sandbox, source, candidate, suites, &grants).await?;
        anyhow::ensure!(passes, "plugin {}: a case fails; what ran before serves on", source.name);
        tested += cases;
    }
    steps.done(&format!("tested ({tested} cases)"));
    let mut names = Vec::new();
    for candidate in &candidates {
        let built = plugins_build::place(candidate, &project.join("plugins"))?;
        names.push(super::built(&built));
    }
    known.placed = now;
    for candidate in &candidates {
        live(app, candidate).await?;
    }
    steps.done("live");
    print(&format!("{}: {}", names.join(", "), steps.line()));
    Ok(())
}

/// The files an author writes by hand, before anything is compiled.
fn validated(source: &Source) -> anyhow::Result<Vec<Suite>> {
    let path = source.folder.join("plugin.yml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    Manifest::parse(&path.display().to_string(), &text).map_err(|mistakes| all(&mistakes))?;
    Suite::all(&source.folder).map_err(|mistakes| all(&mistakes))
}

/// Waits until new calls begin with a component; the server watches the place it was put into.
async fn live(app: &App, candidate: &Candidate) -> anyhow::Result<()> {
    let digest = candidate.digest();
    let began = Instant::now();
    while app.releases.current().plugins.get(&candidate.name).is_none_or(|plugin| plugin.component.digest != digest) {
        anyhow::ensure!(began.elapsed() < LIVE, "plugin {} is built and not live; the release it belongs to was refused, see above", candidate.name);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// The steps from a save to serving, with their times.
struct Steps {
    began: Instant,
    last: Instant,
    said: String,
}

impl Steps {
    fn since(saved: Option<SystemTime>) -> Self {
        let late = saved.and_then(|saved| saved.elapsed().ok()).unwrap_or_default();
        let now = Instant::now();
        Self { began: now.checked_sub(late).unwrap_or(now), last: now, said: format!("saved → {} ms noticed", late.as_millis()) }
    }

    fn done(&mut self, step: &str) {
        self.said += &format!(" → {} ms {step}", self.last.elapsed().as_millis());
        self.last = Instant::now();
    }

    fn line(&self) -> String {
        format!("{}; {} ms in all", self.said, self.began.elapsed().as_millis())
    }
}
