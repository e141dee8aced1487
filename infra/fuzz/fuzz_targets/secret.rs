//! libFuzzer on `palisade_fuzz::secret`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    palisade_fuzz::secret(bytes);
});
