//! Percentiles of what was measured one by one.
//!
//! Lives here: sorting and printing.
//! Never here: measuring.

use std::time::Duration;

/// Prints p50, p95, p99 and the longest, in microseconds.
pub(crate) fn print(name: &str, mut samples: Vec<Duration>) {
    samples.sort_unstable();
    let at = |percent| micros(percentile(&samples, percent));
    println!("{name:<44} n {:>6}   p50 {:>9.1} µs   p95 {:>9.1} µs   p99 {:>9.1} µs   max {:>9.1} µs", samples.len(), at(50), at(95), at(99), at(100));
}

/// The median, in microseconds.
pub(crate) fn median(mut samples: Vec<Duration>) -> f64 {
    samples.sort_unstable();
    micros(percentile(&samples, 50))
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent).div_ceil(100) - 1]
}

fn micros(length: Duration) -> f64 {
    length.as_secs_f64() * 1e6
}
