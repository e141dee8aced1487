//! libFuzzer on `palisade_fuzz::webhook`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::webhook(bytes);
});
