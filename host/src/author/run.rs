//! Running the cases of a plugin against its component, as a call would run it: in the sandbox, within the limits and
//! grants in force.
//!
//! Lives here: the limits and grants a test goes by, one case, what it used.
//! Never here: reading cases, printing.

use super::cases::{Case, Suite};
use super::expect::judge;
use super::host::{Host, Seen};
use super::trace::{Kept, Traces};
use crate::grants::{Authority, Effective, Grants, Manifest, effective};
use crate::plugins_build::symbols::{self, Place};
use crate::runs;
use crate::sandbox::{Component, Finished, LoadError, Offer, Sandbox, Spent, manifest_of};
use centralita_engine::Ending;
use centralita_engine::yaml::Mistake;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// Why no case could be run.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// The component does not load.
    #[error("`{0}` {1}")]
    Load(String, LoadError),
    /// It carries no manifest.
    #[error("`{0}` carries no manifest; build it with `centralita plugin build`, which puts plugin.yml inside")]
    NoManifest(String),
    /// Its manifest or its cases cannot be read.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Mistakes(Vec<Mistake>),
    /// A trace cannot be written.
    #[error("a trace cannot be written: {0}")]
    Trace(#[from] std::io::Error),
}

/// A plugin's component, loaded as a release loads it.
pub struct Bench<'a> {
    sandbox: &'a Sandbox,
    component: Component,
    symbols: &'a [u8],
    effective: Effective,
    grants: Arc<Grants>,
    /// Milliseconds and more that loading and compiling took; close to nothing if the compiled code was kept.
    pub loaded: Duration,
}

/// One case, run.
pub struct Ran {
    /// The case.
    pub name: String,
    /// Everything that is not as expected; empty if it passes.
    pub wrong: Vec<String>,
    /// What was not granted, or not as the operator's rules have it.
    pub notes: Vec<String>,
    /// Where the guest stood when it crashed, innermost first.
    pub places: Vec<Place>,
    /// What it used.
    pub spent: Spent,
}

/// All cases of one file.
pub struct Report {
    /// The cases, in order.
    pub ran: Vec<Ran>,
    /// Their trace against the one that is kept.
    pub trace: Kept,
}

impl Report {
    /// Whether every case passes and the trace is the one that is kept.
    pub fn passes(&self) -> bool {
        self.ran.iter().all(|ran| ran.wrong.is_empty()) && !matches!(self.trace, Kept::Differs { .. })
    }
}

impl<'a> Bench<'a> {
    /// Loads a component with what the project grants it; with all it asks for where no project grants it anything.
    ///
    /// # Errors
    /// [`TestError`] if it does not load.
    pub async fn open(sandbox: &'a Sandbox, name: &str, wasm: &[u8], symbols: &'a [u8], grants: Option<&Grants>) -> Result<Self, TestError> {
        let text = manifest_of(wasm).ok_or_else(|| TestError::NoManifest(name.to_owned()))?;
        let manifest = Manifest::parse(&format!("{name}/plugin.yml"), &text).map_err(TestError::Mistakes)?;
        let granted = grants.and_then(|grants| grants.plugins.get(name));
        let effective = granted.map_or_else(|| alone(&manifest), |grant| effective(&manifest, grant).0);
        let offer = Offer { http: effective.sends(), records: effective.queries() };
        let began = Instant::now();
        let component = sandbox.prepare(name, wasm, &offer).await.map_err(|error| TestError::Load(name.to_owned(), error))?;
        let grants = Arc::new(grants.cloned().unwrap_or_default());
        Ok(Self { sandbox, component, symbols, effective, grants, loaded: began.elapsed() })
    }

    /// Runs the cases of a file. `accept` writes their trace.
    ///
    /// # Errors
    /// [`TestError::Trace`].
    pub async fn suite(&self, suite: &Suite, accept: bool) -> Result<Report, TestError> {
        let (mut all, mut traces) = (Vec::new(), Traces::default());
        for case in &suite.cases {
            let (ran, lines, end) = self.case(case).await;
            traces.add(&case.name, &lines, &end);
            all.push(ran);
        }
        Ok(Report { ran: all, trace: traces.compare(&suite.path, accept)? })
    }

    /// The median time of a case run so many times, a fresh instance each time.
    pub async fn median(&self, case: &Case, times: u32) -> Duration {
        let mut all = Vec::new();
        for _ in 0..times.max(1) {
            all.push(self.execute(case).await.1.time);
        }
        all.sort_unstable();
        all[all.len() / 2]
    }

    async fn execute(&self, case: &Case) -> (Finished, Spent, Seen) {
        let limits = runs::sandbox_limits(&self.effective.limits_of(&case.action, &self.grants));
        let authority = self.effective.actions.get(&case.action).cloned().unwrap_or_default();
        let (host, seen) = Host::new(case, authority, self.grants.clone());
        let (finished, host, spent) = self.sandbox.measure(&self.component, &case.action, &limits, Box::new(host)).await;
        drop(host);
        let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
        (finished, spent, seen)
    }

    async fn case(&self, case: &Case) -> (Ran, Vec<String>, String) {
        let (finished, spent, seen) = self.execute(case).await;
        let (ending, detail) = runs::ending(finished);
        let places = symbols::own(symbols::places_in(self.symbols, &spent.frames));
        let mut wrong = judge(&case.expect, &seen, ending, &detail, &places);
        if !self.effective.actions.contains_key(&case.action) {
            wrong.push(format!("the action `{}` is not both asked for in plugin.yml and granted in plugins.yml", case.action));
        }
        let end = if ending == Ending::Failed || detail.is_empty() { ending.word().to_owned() } else { format!("{} {detail}", ending.word()) };
        (Ran { name: case.name.clone(), wrong, notes: seen.notes, places, spent }, seen.trace, end)
    }
}

/// What a plugin may do that no project grants anything: what it asks for, within the usual limits or its own.
fn alone(manifest: &Manifest) -> Effective {
    let actions: BTreeMap<String, Authority> = manifest.actions.clone();
    let (limits, _) = manifest.limits.within(manifest.limits);
    Effective { actions, later: manifest.later.clone(), limits }
}
