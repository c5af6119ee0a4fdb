//! `centralita plugin diff OLD NEW`.
//!
//! Lives here: its arguments and what is printed.
//! Never here: what is a change (`release/difference.rs`).

use super::{named, print};
use crate::release::Difference;

#[derive(clap::Args)]
pub(in crate::cli) struct Diff {
    /// The release before: a project's folder, a `.wasm` file, or the first digits of a digest.
    old: String,
    /// The release after.
    new: String,
}

pub(super) async fn run(args: &Diff) -> anyhow::Result<()> {
    let ((old, before), (new, after)) = (named(&args.old).await?, named(&args.new).await?);
    let difference = Difference::between(Some(&before), &after);
    print(&format!("{old:.12} → {new:.12}: {}", difference.summary()));
    difference.lines().iter().for_each(|line| print(line));
    Ok(())
}
