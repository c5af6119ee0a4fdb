//! What a button or a caller may send behind a slash, read and executed by a small project.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| centralita_engine_fuzz::payload(text));
