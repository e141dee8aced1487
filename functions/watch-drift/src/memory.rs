//! What is remembered of a watched sensor.

use jiff::Timestamp;
use kernel::{Fault, Identifier};
use serde::{Deserialize, Serialize};

/// The name of the note that holds it.
pub const NOTE: &str = "drift";

/// How far a sensor was judged.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// The time of the newest reading that was judged.
    pub judged_until: Option<Timestamp>,
    /// The alert of the drift that is going on.
    pub alert: Option<Identifier>,
}

impl Memory {
    /// Reads a note. One of another version is forgotten: the window is judged once more.
    #[must_use]
    pub fn read(note: &[u8]) -> Self {
        serde_json::from_slice(note).unwrap_or_default()
    }

    /// The note to write.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which is our fault.
    pub fn write(&self) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(self).map_err(Fault::internal)
    }
}
