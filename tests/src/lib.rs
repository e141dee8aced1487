//! Black-box tests of the whole product: the functions' real binaries, behind each gateway they may stand behind,
//! against a fresh local cloud per test. All of it is in `tests/all`; nothing may depend on this crate.
//!
//! Cargo does not build the binaries for them: `cargo build --workspace --bins` does.
