//! libFuzzer on `palisade_fuzz::segment`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::segment(bytes);
});
