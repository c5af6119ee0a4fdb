//! A release: flows and plugins that belong together, known by one digest.
//!
//! Lives here: reading a project's folder, building a release from it, finding the one a call keeps
//! (`design.md`, invariant 8), who lets one go live and what takes it back.
//! Never here: watching the disk (`watch.rs`), the commands (`cli`).

mod admission;
mod approval;
mod begin;
mod build;
mod called;
mod crates;
mod difference;
mod keeper;
mod orders;
mod outbound;
mod package;
mod plugin;
mod shelf;
mod signing;
mod surface;
mod trial;
mod voice;

pub(crate) use admission::HISTORY;
pub use admission::{Gate, NotAdmitted};
pub use approval::{Approval, Approvals, Approved, Authored, Signed, Terms, Unapproved};
pub(crate) use begin::{Beginning, Instead};
pub use build::{BuildError, Checked, Release};
pub use called::{Called, Spoken};
pub use crates::{Crate, crates};
pub use difference::{Change, Difference, Way};
pub(crate) use keeper::{keep, standing_in};
pub use orders::{ACTION, ASIDE, BINDING, Orders, VERSION};
pub use outbound::{EXAMPLE as OUTBOUND_EXAMPLE, Outbound};
pub use package::Package;
pub use plugin::Plugin;
pub use shelf::{Shelf, Variables};
pub use signing::SigningKey;
pub use surface::{UNREADABLE, imports, plainly, rules};
pub use trial::Trial;
pub use voice::{RelayVoice, Voice};
