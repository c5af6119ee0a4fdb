//! `centralita visualize`: every flow of a project as a picture.
//!
//! Lives here: arguments, and the files that are written.
//! Never here: how a flow is drawn (`visualize`).

use super::{Project, print, print_error};
use crate::release::{Checked, Package};
use crate::visualize::{Picture, page, pictures};
use anyhow::Context as _;
use centralita_engine::yaml::Severity;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `centralita visualize`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    project: Project,
    /// Where the pictures go; what is there under the same names is replaced.
    #[arg(long, default_value = "pictures")]
    out: PathBuf,
    /// What is written.
    #[arg(long, value_enum, default_value_t = Format::Both)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// An SVG file for each flow, and a page with all of them.
    Svg,
    /// A Mermaid file for each flow.
    Mermaid,
    /// Both.
    Both,
}

/// Writes the pictures, or says every mistake that keeps the project from being drawn.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = &args.project.project;
    let package = match Package::read(folder) {
        Ok(package) => package,
        Err(mistakes) => return Err(super::all(&mistakes)),
    };
    let checked = Checked::of(&package);
    let Some(project) = checked.project() else {
        for mistake in checked.mistakes.iter().filter(|mistake| mistake.severity == Severity::Error) {
            print_error(&mistake.to_string());
        }
        print_error(&format!("{}: nothing is drawn of a project that does not load", folder.display()));
        return Ok(ExitCode::FAILURE);
    };
    let pictures = pictures(project);
    if pictures.is_empty() {
        print_error(&format!("{}: there is no flow to draw; write one under `data/flows/`", folder.display()));
        return Ok(ExitCode::FAILURE);
    }
    std::fs::create_dir_all(&args.out).with_context(|| format!("{} cannot be made", args.out.display()))?;
    let title = folder.canonicalize().ok().and_then(|folder| folder.file_name().map(|name| name.to_string_lossy().into_owned()));
    for (name, text) in files(&title.unwrap_or_default(), &pictures, args.format) {
        write(&args.out.join(name), &text)?;
    }
    let index = if args.format == Format::Mermaid { args.out.clone() } else { args.out.join("index.html") };
    print(&format!("{} flows drawn: {}", pictures.len(), index.display()));
    Ok(ExitCode::SUCCESS)
}

/// What is written, by file name.
fn files(title: &str, pictures: &[Picture], format: Format) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for picture in pictures {
        if format != Format::Mermaid {
            files.push((format!("{}.svg", picture.flow), picture.svg.clone()));
        }
        if format != Format::Svg {
            files.push((format!("{}.mmd", picture.flow), picture.mermaid.clone()));
        }
    }
    if format != Format::Mermaid {
        files.push(("index.html".into(), page(title, pictures)));
    }
    files
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
