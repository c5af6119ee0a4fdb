//! Predicates, parsed and evaluated over values of every kind.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| centralita_engine_fuzz::conditions(text));
