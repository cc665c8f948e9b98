//! Documents of every kind: read, checked, mended, reported.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pushgate_fuzz::document::put_through(input));
