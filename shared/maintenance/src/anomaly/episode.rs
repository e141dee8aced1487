//! Flagged readings that belong together.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::verdict::{Finding, Kind};

/// Judged readings without a finding after which an episode is over.
const QUIET: u32 = 60;

/// Flagged readings of one sensor with fewer than sixty unflagged ones between any two.
///
/// `opened` never changes and no two episodes of a sensor share it, so the sensor and `opened` name the episode.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Episode {
    /// The time of its first flagged reading.
    pub opened: Timestamp,
    /// The time of its last flagged reading.
    pub last: Timestamp,
    /// How many readings are flagged; 1 when it has just opened.
    pub flagged: u32,
    /// The kind of the reading with the largest score.
    pub kind: Kind,
    /// The largest score.
    pub score: f64,
    /// The largest severity.
    pub severity: u8,
}

/// The open episode, and for how many readings it has been quiet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Episodes {
    open: Option<Episode>,
    quiet: u32,
}

impl Episodes {
    pub(super) const fn open(&self) -> Option<Episode> {
        self.open
    }

    /// Takes a judged reading, and gives the episode that it shows to be over.
    pub(super) fn note(&mut self, timestamp: Timestamp, finding: Option<&Finding>) -> Option<Episode> {
        let Some(finding) = finding else {
            self.quiet = self.quiet.saturating_add(1);
            return self.open.take_if(|_| self.quiet >= QUIET);
        };
        self.quiet = 0;
        let Finding { kind, score, severity, .. } = *finding;
        let episode =
            self.open.get_or_insert(Episode { opened: timestamp, last: timestamp, flagged: 0, kind, score, severity });
        episode.last = timestamp;
        episode.flagged = episode.flagged.saturating_add(1);
        if score > episode.score {
            (episode.kind, episode.score, episode.severity) = (kind, score, severity);
        }
        None
    }
}
