//! libFuzzer on `palisade_fuzz::sealing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::sealing(bytes);
});
