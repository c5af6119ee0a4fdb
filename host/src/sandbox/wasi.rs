//! The WASI interfaces that Rust's `std` insists on, with nothing behind them.
//!
//! Lives here: the stubs, linked one by one: empty environment, closed input, swallowed output, and a seed
//! for hash maps that is the same for every run of a component.
//! Never here: files, sockets, clocks, randomness. A guest that wants one does not load, and is told its name.

use super::state::State;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::p2::bindings::{cli, io, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView};
use wasmtime_wasi::{WasiCtxView, WasiView};

/// Every WASI interface a component may import, without its version.
pub(super) const OFFERED: [&str; 14] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure-seed",
];

struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    cli::environment::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::exit::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::stdin::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::stdout::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::stderr::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    io::error::add_to_linker::<_, Io>(linker, |state| &mut state.table)?;
    io::poll::add_to_linker::<_, Io>(linker, |state| &mut state.table)?;
    io::streams::add_to_linker::<_, Io>(linker, |state| &mut state.table)?;
    random::insecure_seed::add_to_linker::<_, WasiRandom>(linker, State::random)
}
