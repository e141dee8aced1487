//! libFuzzer on `palisade_fuzz::json`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::json(bytes);
});
