//! What remote systems answer, over real HTTP.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pushgate_fuzz::answers::put_through(input));
