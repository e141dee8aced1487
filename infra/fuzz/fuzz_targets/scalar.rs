//! libFuzzer on `palisade_fuzz::scalar`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::scalar(bytes);
});
