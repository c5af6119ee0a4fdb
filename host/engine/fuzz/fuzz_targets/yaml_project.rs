//! Files of a project, loaded and, where they load, talked to.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| centralita_engine_fuzz::yaml_project(text));
