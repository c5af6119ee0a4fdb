//! The one binary.

use std::process::ExitCode;

/// A turn makes thousands of small allocations: this allocator takes a third off a host call of a plugin
/// (`docs/benchmarks.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    centralita::cli::Cli::run()
}
