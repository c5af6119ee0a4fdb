//! The one engine of the process: compiler settings, the pool of instances, the clock that stops loops.
//!
//! Lives here: what every component shares.
//! Never here: limits of a single run (`limits.rs`).

use super::limits::TABLE_ELEMENTS;
use super::state::HANDLES;
use std::time::Duration;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails};

/// Runs at once in the whole process.
pub(super) const SLOTS: u32 = 128;
/// Bytes of one memory at most.
pub(super) const MEMORY: usize = 64 << 20;
/// Per component: core instances (a Rust guest has four, a Python one thirty-eight), memories, tables.
pub(super) const CORE_INSTANCES: u32 = 48;
pub(super) const MEMORIES: u32 = 2;
pub(super) const TABLES: u32 = 4;
/// The unit of guest CPU time.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Stack of a host call.
const HOST_STACK: usize = 1536 << 10;

/// Walls of the engine. Every server has the defaults.
pub(crate) struct Settings {
    /// Bytes of a guest's stack.
    pub(crate) stack: usize,
    /// Elements of a table.
    pub(crate) table_elements: usize,
    /// Handles of resources a guest holds, as the engine counts them.
    pub(crate) handles: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { stack: 512 << 10, table_elements: TABLE_ELEMENTS, handles: HANDLES }
    }
}

/// An engine without a clock: it compiles, and runs nothing.
pub(super) fn still(settings: &Settings) -> wasmtime::Result<Engine> {
    Engine::new(&config(settings)).or_else(|_| {
        // A container may cap address space: reserve less, at the price of bounds checks in the code.
        let mut small = config(settings);
        small.memory_reservation(MEMORY as u64).memory_guard_size(64 << 10).memory_reservation_for_growth(0);
        Engine::new(&small)
    })
}

/// An engine whose clock ticks.
pub(super) fn start(settings: &Settings) -> wasmtime::Result<Engine> {
    let engine = still(settings)?;
    let weak = engine.weak();
    // A thread and not a task: a busy runtime would stop the clock that is meant to free it.
    std::thread::Builder::new().name("sandbox-clock".into()).spawn(move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    })?;
    Ok(engine)
}

fn config(settings: &Settings) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(SLOTS)
        .total_core_instances(SLOTS * CORE_INSTANCES)
        .total_memories(SLOTS * MEMORIES)
        .total_tables(SLOTS * TABLES)
        .total_stacks(SLOTS)
        .max_memory_size(MEMORY)
        .max_memories_per_module(MEMORIES)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .table_elements(settings.table_elements)
        .max_unused_warm_slots(32)
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(16 << 10)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .epoch_interruption(true)
        .concurrency_support(false)
        .memory_init_cow(true)
        .max_wasm_stack(settings.stack)
        // What a host call has for itself is the difference.
        .async_stack_size(settings.stack + HOST_STACK)
        .async_stack_zeroing(true)
        .cranelift_opt_level(OptLevel::Speed)
        .parallel_compilation(true)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(32))
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config
}
