//! libFuzzer on `palisade_fuzz::import_file`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::import_file(bytes);
});
