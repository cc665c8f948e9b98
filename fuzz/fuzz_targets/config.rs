//! The operator's configuration and the addresses in it.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pushgate_fuzz::config::put_through(input));
