//! What a model may write, read in every syntax and executed by a small project.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| centralita_engine_fuzz::commands(text));
