//! A release: flows and plugins that belong together, known by one digest.
//!
//! Lives here: reading a project's folder, building a release from it, finding the one a call keeps
//! (`design.md`, invariant 8).
//! Never here: watching the disk (`watch.rs`), approving.

mod build;
mod package;
mod shelf;
mod voice;

pub use build::{BuildError, Checked, Plugin, Release};
pub use package::Package;
pub use shelf::{Shelf, Variables};
pub use voice::Voice;
