//! One run of one action, from a fresh instance to its end.
//!
//! Lives here: the wait for a place, arming the limits, and telling apart how a run ended.
//! Never here: what the flow makes of it (the host maps [`Finished`] to an outcome).

use super::compile::Compiling;
use super::compiled::Cache;
use super::engine::{self, SLOTS, Settings};
use super::load::{Component, Offer, Places};
use super::lowered::lowered;
use super::state::{HostStop, State, Stop, plain};
use super::wit::centralita::action as imports;
use super::{Capabilities, Limits, Spent, wasi};
use crate::guard::{self, Guard};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Engine, PoolConcurrencyLimitError, Store, Trap, UpdateDeadline, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// How long a run waits for a place, of its component's and of the process's together.
const WAIT: Duration = Duration::from_secs(1);
/// Bytes a guest may copy into the host in one call.
const HOSTCALL_BYTES: usize = 1 << 20;
/// Bytes of a guest's or a trap's own words that are kept.
const DETAIL: usize = 600;

/// The engine, the linkers, and the places for runs. One per process.
pub struct Sandbox {
    pub(super) engine: Engine,
    pub(super) linkers: Arc<[Linker<State>; 4]>,
    pub(super) compiling: Compiling,
    places: Semaphore,
    settings: Settings,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// The action succeeded.
    Done,
    /// The action said why it did not.
    Failed {
        /// The outcome it names; an open set.
        kind: String,
        /// For logs, at most 600 bytes without control characters.
        detail: String,
    },
    /// Out of wall clock.
    Timeout,
    /// Out of guest CPU time.
    Cpu,
    /// Out of memory.
    Memory,
    /// It crashed, or went past a limit of its output or host calls.
    Trap {
        /// The reason, and the guest's last words.
        detail: String,
    },
    /// No place within a second, or a full queue; nothing ran.
    Busy,
    /// The host ended it ([`super::Refusal::Stop`]).
    HostStop {
        /// The host's reason.
        reason: String,
    },
}

impl Sandbox {
    /// Starts the engine and its clock. `cache` keeps compiled code between starts of the process.
    ///
    /// # Errors
    /// If the machine gives neither the full nor the small reservation of address space, or no thread.
    pub fn new(cache: Option<Cache>) -> anyhow::Result<Self> {
        Self::with(cache, Settings::default())
    }

    /// As [`Sandbox::new`], with walls of the engine in other places: tests move one to see what stood before it.
    pub(crate) fn with(cache: Option<Cache>, settings: Settings) -> anyhow::Result<Self> {
        let engine = engine::start(&settings)?;
        let of = |index: usize| linker(&engine, Offer { http: index & 1 == 1, records: index & 2 == 2 });
        let linkers = Arc::new([of(0)?, of(1)?, of(2)?, of(3)?]);
        Ok(Self { engine, linkers, compiling: Compiling::new(cache), places: Semaphore::new(SLOTS as usize), settings })
    }

    /// Runs one action in an instance of its own and gives the host of the run back. If this future is dropped
    /// the guest stops where it waits.
    pub async fn run(&self, component: &Component, action: &str, limits: &Limits, host: Box<dyn Capabilities>) -> (Finished, Box<dyn Capabilities>) {
        let Some(_places) = self.places(component, limits).await else {
            return (Finished::Busy, host);
        };
        let (finished, host, _) = self.within(component, Some(action), limits, host).await;
        (finished, host)
    }

    /// As [`Sandbox::run`], with what the run used.
    pub async fn measure(&self, component: &Component, action: &str, limits: &Limits, host: Box<dyn Capabilities>) -> (Finished, Box<dyn Capabilities>, Spent) {
        let Some(_places) = self.places(component, limits).await else {
            return (Finished::Busy, host, Spent::default());
        };
        self.within(component, Some(action), limits, host).await
    }

    /// Instantiates a component and drops it: what it does before any action runs must end well.
    pub async fn smoke(&self, component: &Component, limits: &Limits, host: Box<dyn Capabilities>) -> Finished {
        // Not in the component's own queue, whose length its first real run decides.
        let Ok(Ok(_place)) = timeout(WAIT, self.places.acquire()).await else {
            return Finished::Busy;
        };
        self.within(component, None, limits, host).await.0
    }

    async fn within(
        &self,
        component: &Component,
        action: Option<&str>,
        limits: &Limits,
        host: Box<dyn Capabilities>,
    ) -> (Finished, Box<dyn Capabilities>, Spent) {
        let began = Instant::now();
        let mut store = self.store(component, limits, host);
        let run = async {
            let guest = component.pre.instantiate_async(&mut store).await?;
            match action {
                Some(action) => {
                    lowered(action.as_bytes());
                    guest.centralita_action_actions().call_run(&mut store, action).await
                }
                None => Ok(Ok(())),
            }
        };
        let ended = timeout(limits.run, run).await;
        let mut state = store.into_data();
        let spent = Spent::of(&state, limits, began.elapsed(), ended.as_ref().ok().and_then(|ended| ended.as_ref().err()));
        if state.log_dropped > 0 {
            let dropped = vec![("dropped".to_owned(), state.log_dropped.to_string())];
            state.host.log("warn", "log_limit", dropped);
        }
        let finished = match ended {
            Err(_) => Finished::Timeout,
            Ok(Ok(Ok(()))) => Finished::Done,
            Ok(Ok(Err(failure))) => Finished::Failed { kind: plain(&failure.kind, 64), detail: plain(&failure.detail, DETAIL) },
            Ok(Err(error)) => classify(&error, &state),
        };
        (finished, state.host, spent)
    }

    /// A place among the component's own runs, then one in the process: a slow component fills its own queue.
    async fn places<'a>(&'a self, component: &'a Component, limits: &Limits) -> Option<[SemaphorePermit<'a>; 2]> {
        let Places { own, queue } = component.places.get_or_init(|| Places::of(limits));
        if let (Ok(own), Ok(all)) = (own.try_acquire(), self.places.try_acquire()) {
            return Some([own, all]);
        }
        // Who finds the queue full need not wait to be told so.
        let _in_the_queue = queue.try_acquire().ok()?;
        let both = async { Some([own.acquire().await.ok()?, self.places.acquire().await.ok()?]) };
        timeout(WAIT, both).await.ok().flatten()
    }

    fn store(&self, component: &Component, limits: &Limits, host: Box<dyn Capabilities>) -> Store<State> {
        // Hash maps of a guest are seeded by what it is, so a repeated run repeats.
        let seed = component.digest.first_chunk::<16>().map_or(0, |bytes| u128::from_le_bytes(*bytes));
        let mut store = Store::new(&self.engine, State::new(limits, seed, host));
        store.limiter(|state| &mut state.memory);
        if guard::stands(Guard::Copies) {
            store.set_hostcall_fuel(HOSTCALL_BYTES);
        }
        store.set_max_component_handles(self.settings.handles);
        store.set_epoch_deadline(1);
        let most = limits.cpu_ticks;
        store.epoch_deadline_callback(move |mut context| {
            let state = context.data_mut();
            state.cpu_ticks += 1;
            if state.cpu_ticks > most {
                return Ok(UpdateDeadline::Interrupt);
            }
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        store
    }
}

/// Everything a component with this offer may import. What is not in here does not load.
fn linker(engine: &Engine, offer: Offer) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    imports::call::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    imports::failures::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    imports::log::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    if offer.http {
        imports::http::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    }
    if offer.records {
        imports::records::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    }
    wasi::link(&mut linker)?;
    Ok(linker)
}

fn classify(error: &wasmtime::Error, state: &State) -> Finished {
    if error.is::<PoolConcurrencyLimitError>() {
        return Finished::Busy;
    }
    if let Some(HostStop(reason)) = error.downcast_ref() {
        return Finished::HostStop { reason: reason.clone() };
    }
    let reason = match (error.downcast_ref::<Trap>(), error.downcast_ref::<Stop>(), error.downcast_ref::<I32Exit>()) {
        (Some(Trap::Interrupt), ..) => return Finished::Cpu,
        (Some(Trap::StackOverflow), ..) => "the stack is full".to_owned(),
        _ if state.memory.denied => return Finished::Memory,
        (_, Some(stop), _) => stop.to_string(),
        (_, _, Some(exit)) => format!("exit({})", exit.0),
        (Some(trap), ..) => {
            let frames = error.downcast_ref::<WasmBacktrace>().map(WasmBacktrace::frames).unwrap_or_default();
            let place = frames.first().and_then(|frame| frame.func_name()).map(|name| format!(" in {name}"));
            format!("{trap}{}", place.unwrap_or_default())
        }
        (None, None, None) => format!("{error:#}"),
    };
    let words = state.stderr.text();
    // Rust ends a panic's message with advice that helps nobody here.
    let words = words.split("\nnote: run with").next().unwrap_or_default().trim();
    let detail = if words.is_empty() { reason } else { format!("{words} ({reason})") };
    Finished::Trap { detail: plain(&detail, DETAIL) }
}

/// One sandbox is shared by every task of the process.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Arc<Sandbox>>();
    shared::<Component>();
};
