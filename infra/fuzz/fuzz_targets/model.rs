//! libFuzzer on `palisade_fuzz::model`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::model(bytes);
});
