//! Figures of the core: `cargo bench -p centralita --bench core`, on the bank's project with its real
//! components (`centralita plugin build` makes them) and a `SQLite` file.
//!
//! Lives here: which figures there are. Without a filter all of them; `-- engine`, `-- action`, … choose.
//! Never here: the whole over the wire (`centralita call --calls N`); what came out (`docs/benchmarks.md`).

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "a bench prints, and stops at the first surprise")]

mod action;
mod engine;
mod figure;
mod house;
mod reload;
mod ring;
mod turns;

use criterion::Criterion;
use house::House;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if let [mode, to, count] = words.as_slice()
        && mode == "ring"
    {
        return runtime.block_on(ring::ring(to, count.parse().expect("how many calls")));
    }
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let house = runtime.block_on(House::open());
    let mut criterion = Criterion::default().configure_from_args();
    engine::bench(&mut criterion, &runtime, &house);
    action::bench(&mut criterion, &runtime, &house);
    if wanted("action") {
        runtime.block_on(action::added(&house));
        runtime.block_on(action::python());
    }
    if wanted("understand") {
        runtime.block_on(turns::understanding(&house));
    }
    if wanted("turns") {
        runtime.block_on(turns::early_and_late(&house));
    }
    if wanted("rename") {
        runtime.block_on(reload::rename(&house));
    }
    criterion.final_summary();
    runtime.block_on(house.close());
}
