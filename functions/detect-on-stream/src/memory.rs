//! What is remembered of a sensor between two changes of the stream.

use jiff::Timestamp;
use kernel::{Fault, Identifier};
use maintenance::anomaly::Detector;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// The name of the note that holds it.
pub const NOTE: &str = "detector";
/// How many batches are remembered. A batch is shown again soon or never.
const BATCHES: usize = 8;

/// Where a change stands.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// In the sensor's own line of changes, under this sequence number.
    Own(&'a str),
    /// In a batch of many sensors.
    Batch(Ulid),
}

/// The state of a sensor's detector, and how far it has come.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// The detector.
    pub detector: Detector,
    /// The episode that is going on, by its start, and its alert.
    pub episode: Option<(Timestamp, Identifier)>,
    sequence: String,
    batches: Vec<String>,
}

impl Memory {
    /// Reads a note. A state of another version is forgotten: the sensor is learned anew.
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

    /// Whether the change was seen before; it is from now on.
    pub fn saw(&mut self, source: Source<'_>) -> bool {
        match source {
            Source::Own(sequence) => {
                // Numbers without leading zeros: the longer is the greater.
                let seen = (sequence.len(), sequence) <= (self.sequence.len(), self.sequence.as_str());
                if !seen {
                    sequence.clone_into(&mut self.sequence);
                }
                seen
            }
            Source::Batch(write) => {
                let write = write.to_string();
                let seen = self.batches.contains(&write);
                if !seen {
                    self.batches.insert(0, write);
                    self.batches.truncate(BATCHES);
                }
                seen
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_new_once() {
        let mut memory = Memory::default();
        assert!(!memory.saw(Source::Own("99")));
        assert!(!memory.saw(Source::Own("100")), "a longer number is greater");
        assert!(memory.saw(Source::Own("100")));
        assert!(memory.saw(Source::Own("99")));
        let batch = Ulid::from_parts(1, 1);
        assert!(!memory.saw(Source::Batch(batch)));
        assert!(memory.saw(Source::Batch(batch)));
    }
}
