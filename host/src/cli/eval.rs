//! `centralita eval`: how well a project understands labelled utterances.
//!
//! Lives here: arguments, files in and out, floors.
//! Never here: judging and figures (`eval`).

use super::{Project, print, print_error};
use crate::eval::{Change, Labelled, Report, judge, page, read, table};
use crate::release::{Checked, Package};
use anyhow::Context as _;
use centralita_engine::yaml::Severity;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `centralita eval`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    project: Project,
    /// Files or folders of labelled utterances; without any, the project's `eval`.
    data: Vec<PathBuf>,
    /// Leaves the list of what was not understood out.
    #[arg(long)]
    brief: bool,
    /// Writes everything as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes a page.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Says what is better and what is worse than in an earlier run's JSON.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Fails when recall or precision of a label is lower, such as `block_card=0.97`.
    #[arg(long, value_name = "LABEL=SHARE", value_parser = floor)]
    floor: Vec<(String, f64)>,
}

fn floor(text: &str) -> Result<(String, f64), String> {
    let wrong = || format!("`{text}` is no floor; write a label and a share of 0 to 1, such as block_card=0.97");
    let (label, share) = text.split_once('=').ok_or_else(wrong)?;
    let share = share.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(wrong)?;
    Ok((label.to_owned(), share))
}

/// Judges every utterance. Fails when there is a mistake in the files or a floor is not reached.
pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = &args.project.project;
    let package = Package::read(folder).map_err(|mistakes| super::all(&mistakes))?;
    let checked = Checked::of(&package);
    let Some(project) = checked.project() else {
        let errors: Vec<_> = checked.mistakes.iter().filter(|mistake| mistake.severity == Severity::Error).collect();
        return Err(super::all(&errors));
    };
    let (labelled, mistakes) = gathered(project, folder, &args.data)?;
    if mistakes.iter().any(|mistake| mistake.severity == Severity::Error) {
        return Err(super::all(&mistakes));
    }
    mistakes.iter().for_each(|mistake| print_error(&mistake.to_string()));
    anyhow::ensure!(!labelled.is_empty(), "there are no labelled utterances; write some under {}", folder.join("eval").display());
    let mut verdicts = Vec::with_capacity(labelled.len());
    for labelled in &labelled {
        verdicts.push(judge(project, labelled).await);
    }
    let report = Report::of(folder.display().to_string(), verdicts);
    let earlier = args.against.as_deref().map(earlier).transpose()?;
    let changes = earlier.as_ref().map(|earlier| Change::between(earlier, &report)).unwrap_or_default();
    print(table(&report, &changes, !args.brief).trim_end());
    if let Some(file) = &args.json {
        write(file, &serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(file) = &args.html {
        write(file, &page(&report, &changes))?;
    }
    let mut code = ExitCode::SUCCESS;
    for (label, floor) in &args.floor {
        let rows = report.labelled(label);
        anyhow::ensure!(!rows.is_empty(), "--floor {label}: no utterance has this label; take one of the table's");
        for row in rows {
            for (what, share) in [("recall", Some(row.recall())), ("precision", row.precision)] {
                if share.is_none_or(|share| share < *floor) {
                    print_error(&format!("{what} of {label} is {:.4}, below {floor}", share.unwrap_or_default()));
                    code = ExitCode::FAILURE;
                }
            }
        }
    }
    Ok(code)
}

type Gathered = (Vec<Labelled>, Vec<centralita_engine::yaml::Mistake>);

/// Every utterance of the files and folders, by name.
fn gathered(project: &centralita_engine::Project, folder: &Path, data: &[PathBuf]) -> anyhow::Result<Gathered> {
    let given = if data.is_empty() { vec![folder.join("eval")] } else { data.to_vec() };
    let mut files = Vec::new();
    for path in given {
        if !path.is_dir() {
            files.push(path);
            continue;
        }
        let listed = std::fs::read_dir(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let paths = listed.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
        files.extend(paths.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml")));
    }
    files.sort();
    let (mut all, mut mistakes) = (Vec::new(), Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let (labelled, wrong) = read(project, &file.display().to_string(), &text);
        all.extend(labelled);
        mistakes.extend(wrong);
    }
    Ok((all, mistakes))
}

fn earlier(file: &Path) -> anyhow::Result<Report> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON of an earlier run; make one with --json", file.display()))
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}
