//! libFuzzer on `palisade_fuzz::front_door`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::front_door(bytes);
});
