//! Texts of responses, plain and Jinja, rendered.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| centralita_engine_fuzz::templates(text));
