//! `centralita plugin new | build | check | test`: what an author types.
//!
//! Lives here: arguments, finding the plugin that is meant, what is printed.
//! Never here: what the commands do (`author`, `plugins_build`).

mod test;

use super::{Project, dev, print};
use crate::author::{self, Granted};
use crate::plugins_build::{self, Language, Source};
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

pub(super) use test::{Test, prove, run as test};

/// The arguments of `plugin new`.
#[derive(clap::Args)]
pub(super) struct New {
    /// The plugin's name: of its folder, its package and its component.
    name: String,
    /// What it is written in.
    #[arg(long, value_enum, default_value = "rust")]
    lang: Language,
    /// Also writes a flow and a response, so that callers can ask for it at once.
    #[arg(long)]
    flow: bool,
    #[command(flatten)]
    project: Project,
}

/// The arguments of `plugin build`.
#[derive(clap::Args)]
pub(super) struct Build {
    /// A plugin or its folder; all that `plugins.yml` names and that have sources here, if none is named.
    plugin: Option<String>,
    #[command(flatten)]
    project: Project,
}

/// The arguments of `plugin check`.
#[derive(clap::Args)]
pub(super) struct Check {
    /// A component, a plugin or its folder.
    plugin: String,
    #[command(flatten)]
    project: Project,
}

pub(super) fn new(args: &New) -> anyhow::Result<ExitCode> {
    let New { name, lang, flow, project: Project { project } } = args;
    print(&author::table(*lang));
    print("");
    let made = author::new(name, *lang, project, *flow)?;
    let below = |file: &PathBuf| print(&format!("made {}", made.folder.join(file).display()));
    made.files.iter().for_each(below);
    made.flow.iter().for_each(|file| print(&format!("made {}", file.display())));
    match &made.granted {
        Granted::Written => print(&format!("granted in {}", project.join("plugins.yml").display())),
        Granted::Already => {
            print(&format!("{} grants a plugin of this name already; look whether it is what this one asks for", project.join("plugins.yml").display()))
        }
        Granted::Paste(lines) => print(&format!("paste this under `plugins:` of your project's plugins.yml:\n{lines}")),
    }
    let with = if *project == Path::new("flows/sctbnk") { String::new() } else { format!(" --project {}", project.display()) };
    print(&format!("\nIts test passes now:\n  centralita plugin test {name}{with}"));
    print(&match made.flow.is_empty() {
        true => "For a caller to hear it, a flow of the project names its action and the domain has its response; `--flow` writes both.".to_owned(),
        false => format!("A caller hears it after «qué hora es»:\n  centralita dev{with}"),
    });
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn build(args: &Build) -> anyhow::Result<ExitCode> {
    let project = &args.project.project;
    let Some(plugin) = &args.plugin else {
        dev::build(project).await?;
        return Ok(ExitCode::SUCCESS);
    };
    let source = source(plugin, project)?;
    let into = components(&source, project)?;
    let began = Instant::now();
    for built in plugins_build::build_sources(&[source], &into).await? {
        print(&dev::built(&built));
        print(&format!("{} in {:.1} s", into.join(format!("{}.wasm", built.name)).display(), began.elapsed().as_secs_f32()));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn check(args: &Check) -> anyhow::Result<ExitCode> {
    let project = &args.project.project;
    let (name, path) = match Path::new(&args.plugin) {
        file if file.is_file() => (stem(file), file.to_owned()),
        _ => {
            let source = source(&args.plugin, project)?;
            let into = components(&source, project)?;
            plugins_build::build_sources(std::slice::from_ref(&source), &into).await?;
            (source.name.clone(), into.join(format!("{}.wasm", source.name)))
        }
    };
    let wasm = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let found = author::check(&wasm, &name, dev::grants(project)?.as_ref());
    print(&path.display().to_string());
    found.facts.iter().for_each(|fact| print(&format!("  {fact}")));
    found.notes.iter().for_each(|note| print(&format!("  note: {note}")));
    found.wrong.iter().for_each(|wrong| print(&format!("  error: {wrong}")));
    print(if found.wrong.is_empty() { "fits the contract, its manifest and its grant" } else { "does not run as it is" });
    Ok(if found.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The plugin that is meant: a folder, or a name to be found in `plugins/` at the project, here, or above.
fn source(plugin: &str, project: &Path) -> anyhow::Result<Source> {
    let folder = Path::new(plugin);
    if folder.join("plugin.yml").is_file() {
        return Ok(Source::of(folder)?);
    }
    let found = Source::find(plugin, &[project, Path::new(".")]);
    let found = found.with_context(|| {
        format!(
            "there is no plugin `{plugin}`: no plugins/{plugin}/plugin.yml at {} or above it; make one with `centralita plugin new {plugin}`",
            project.display()
        )
    })?;
    Ok(Source::of(&found)?)
}

/// Where a plugin's component goes: into the project that grants it, else beside its sources.
fn components(source: &Source, project: &Path) -> anyhow::Result<PathBuf> {
    let granted = dev::grants(project)?.is_some_and(|grants| grants.plugins.contains_key(&source.name));
    Ok(if granted { project.join("plugins") } else { source.folder.join("target") })
}

fn stem(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
