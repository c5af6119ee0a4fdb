//! What a model may write at a moment of a call in one of three projects, judged by the grammar of that moment.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    centralita_engine_fuzz::outputs::output(bytes);
});
