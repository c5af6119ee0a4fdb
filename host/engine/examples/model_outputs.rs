//! So many outputs of a model, judged: `cargo run --release -p centralita-engine --example model_outputs -- 1000000 1`.
//!
//! Lives here: counting and timing; a second argument is the seed, a third how many threads.
//! Never here: what an output is and what may become of it (`fuzz/src/outputs`).

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a command for people; the engine itself reads no files and no clock")]

#[path = "../fuzz/src/outputs/mod.rs"]
#[allow(unreachable_pub, reason = "a part of a crate of its own where it is fuzzed")]
mod outputs;

use std::time::Instant;

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let number = |at: usize, usual: u64| numbers.get(at).copied().unwrap_or(usual);
    let (count, seed, threads) = (number(0, 100_000), number(1, 20_261_125), number(2, 2).max(1));
    for world in outputs::worlds() {
        let (asked, given) = world.at_consents();
        println!("{}: {} moments of a call, {asked} of them at the question for a consent, {given} after one was given", world.folder, world.moments());
    }
    let began = Instant::now();
    let parts = std::thread::scope(|scope| {
        let part = |first: u64| {
            let (mut total, mut wrote, mut kept, mut bytes) = (outputs::Judged::default(), 0_u64, 0_u64, [0; 192]);
            for number in (first..count).step_by(usize::try_from(threads).unwrap_or(1)) {
                outputs::bytes(seed, number, &mut bytes);
                let judged = outputs::output(&bytes);
                total.read += judged.read;
                total.kept += judged.kept;
                total.consents += judged.consents;
                wrote += u64::from(judged.read > 0);
                kept += u64::from(judged.kept > 0);
            }
            (total, wrote, kept)
        };
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first))).collect();
        running.into_iter().map(|part| part.join().expect("no output panics")).collect::<Vec<_>>()
    });
    let sum = |of: fn(&(outputs::Judged, u64, u64)) -> u64| parts.iter().map(of).sum::<u64>();
    let seconds = began.elapsed().as_secs_f64();
    println!("{count} outputs of seed {seed} in {seconds:.0} s on {threads} threads: 0 panics, 0 commands outside the grammar, 0 consents set, 0 writes");
    println!("{} held commands, of {} something was kept", sum(|part| part.1), sum(|part| part.2));
    println!(
        "{} commands read, {} kept, {} of them tried to set a consent",
        sum(|part| part.0.read as u64),
        sum(|part| part.0.kept as u64),
        sum(|part| part.0.consents as u64)
    );
}
