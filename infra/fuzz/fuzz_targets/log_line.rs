//! libFuzzer on `palisade_fuzz::log_line`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::log_line(bytes);
});
