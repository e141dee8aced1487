//! libFuzzer on `palisade_fuzz::audit_row`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::audit_row(bytes);
});
