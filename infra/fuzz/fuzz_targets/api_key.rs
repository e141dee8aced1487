//! libFuzzer on `palisade_fuzz::api_key`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::api_key(bytes);
});
