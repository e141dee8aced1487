//! libFuzzer on `palisade_fuzz::token`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::token(bytes);
});
