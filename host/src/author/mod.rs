//! What a plugin's author works with: a new plugin, its check, its tests.
//!
//! Lives here: everything behind `centralita plugin new | check | test` and the loop of `dev`.
//! Never here: building (`plugins_build`), approving and releasing, production.

mod cases;
mod check;
mod contract;
mod expect;
mod grant;
mod host;
mod new;
mod price;
mod run;
mod sdk;
mod trace;

pub use cases::{Case, Suite};
pub use check::{Checked, check};
pub use contract::{Interface, misfits};
pub use grant::{Granted, grant};
pub use new::{New, NewError, new};
pub use price::table;
pub use run::{Bench, Ran, Report, TestError};
pub use trace::Kept;
