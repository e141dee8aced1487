//! libFuzzer on `palisade_fuzz::upload`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::upload(bytes);
});
