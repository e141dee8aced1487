//! One parser each.

pub(crate) mod api_key;
pub(crate) mod audit_row;
pub(crate) mod body;
pub(crate) mod cursor;
pub(crate) mod front_door;
pub(crate) mod import_file;
pub(crate) mod json;
pub(crate) mod log_line;
pub(crate) mod manifest;
pub(crate) mod message;
pub(crate) mod model;
pub(crate) mod scalar;
pub(crate) mod sealing;
pub(crate) mod secret;
pub(crate) mod segment;
pub(crate) mod token;
pub(crate) mod upload;
pub(crate) mod webhook;
