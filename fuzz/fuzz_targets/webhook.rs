//! What is sent to `pushgate serve`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pushgate_fuzz::webhook::put_through(input));
