//! Commands people know from Rasa and that have little to do here: `init` and `train`.
//!
//! Lives here: a small project to begin with; saying that nothing has to be trained; flags that decide nothing.
//! Never here: commands that do something of their own (`run` is `serve`, `inspect` is `dev`).

use super::{Anything, all, print, print_error};
use crate::release::{Checked, Package};
use anyhow::Context as _;
use centralita_engine::yaml::Severity;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// The project `init` makes: every file with what is in it.
const BEGINNING: [(&str, &str); 5] = [
    ("config.yml", include_str!("../../templates/init/config.yml")),
    ("domain.yml", include_str!("../../templates/init/domain.yml")),
    ("data/flows.yml", include_str!("../../templates/init/data/flows.yml")),
    ("data/nlu.yml", include_str!("../../templates/init/data/nlu.yml")),
    ("tests/book_table.yml", include_str!("../../templates/init/tests/book_table.yml")),
];

/// Makes a project; nothing that is there is written over.
pub(super) fn init(folder: &Path) -> anyhow::Result<ExitCode> {
    if let Some((there, _)) = BEGINNING.iter().find(|(path, _)| folder.join(path).exists()) {
        anyhow::bail!("{} is there already; name an empty folder, as in `centralita init my-project`", folder.join(there).display());
    }
    for (path, text) in BEGINNING {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
        std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        print(&format!("made {}", path.display()));
    }
    let shown = folder.display();
    print(&format!("Talk to it with `centralita shell --project {shown}`; run its conversations with `centralita test --project {shown}`."));
    Ok(ExitCode::SUCCESS)
}

/// Loads the project, as training would have to; its mistakes are named.
pub(super) async fn train(arguments: &Anything) -> anyhow::Result<ExitCode> {
    not_honoured(&arguments.rest);
    let began = Instant::now();
    let folder = arguments.project.project.clone();
    let package = tokio::task::spawn_blocking(move || Package::read(&folder)).await?.map_err(|mistakes| all(&mistakes))?;
    let checked = Checked::of(&package);
    for mistake in &checked.mistakes {
        print(&mistake.to_string());
    }
    if checked.mistakes.iter().any(|mistake| mistake.severity == Severity::Error) {
        return Ok(ExitCode::FAILURE);
    }
    print(&format!("nothing to train: loaded in {} ms", began.elapsed().as_millis()));
    Ok(ExitCode::SUCCESS)
}

/// Names flags of Rasa's that decide nothing here.
pub(super) fn not_honoured(rest: &[String]) {
    if !rest.is_empty() {
        print_error(&format!("not honoured: {}", rest.join(" ")));
    }
}
