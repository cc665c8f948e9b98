//! The lines and the environment that git hands to a hook.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pushgate_fuzz::push::put_through(input));
