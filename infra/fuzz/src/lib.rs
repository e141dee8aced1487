//! What must hold of every parser of outside bytes, whatever the bytes are.
//!
//! Each [`Target`] takes any bytes and panics where its parser breaks a promise: what is accepted reads back equal,
//! what is refused says where and repeats nothing, what was signed or sealed opens and nothing else does. Whether the
//! parser took the bytes is returned, so that whoever has examples can see that they are ones.
//!
//! The test of this crate replays the examples of `seeds/` and changes them at random, always in the same way;
//! `make fuzz` hands the same targets to libFuzzer, which looks for bytes that reach new code. Nothing that is deployed
//! depends on this crate.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code: a target panics where a promise is broken"
)]

mod faults;
mod offline;
mod targets;

pub use targets::{
    api_key::api_key, audit_row::audit_row, body::body, cursor::cursor, front_door::front_door,
    import_file::import_file, json::json, log_line::log_line, manifest::manifest, message::message, model::model,
    scalar::scalar, sealing::sealing, secret::secret, segment::segment, token::token, upload::upload, webhook::webhook,
};

/// What is done with any bytes. Whether the parser took them is returned.
pub type Target = fn(&[u8]) -> bool;

/// Every target by its name, which is also that of its folder of examples and of its wrapper in `fuzz_targets/`.
pub const TARGETS: [(&str, Target); 18] = [
    ("api_key", api_key),
    ("audit_row", audit_row),
    ("body", body),
    ("cursor", cursor),
    ("front_door", front_door),
    ("import_file", import_file),
    ("json", json),
    ("log_line", log_line),
    ("manifest", manifest),
    ("message", message),
    ("model", model),
    ("scalar", scalar),
    ("sealing", sealing),
    ("secret", secret),
    ("segment", segment),
    ("token", token),
    ("upload", upload),
    ("webhook", webhook),
];
