//! libFuzzer on `palisade_fuzz::message`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::message(bytes);
});
