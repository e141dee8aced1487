//! Readings that repeat the one before.

use serde::{Deserialize, Serialize};

/// Readings before a run is judged.
const LEAST: u32 = 60;
/// A run is an anomaly when it is this many times longer than any before, and ten readings more, ...
const LONGER: u32 = 3;
/// ... and as unlikely as this, if repeats were independent: -ln(p).
const UNLIKELY: f64 = 25.0;
/// Repeats this common say nothing.
const USUAL: f64 = 0.98;
/// The least share that is believed of repeats, however rare they were.
const RARE: f64 = 0.02;
/// A score from which a run is not learned.
const NEARLY: f64 = 0.5;
/// The rate at which the share of repeats is learned.
const RATE: f64 = 0.004;

/// The current run of equal readings, and what runs are usual.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Repeats {
    count: u32,
    share: f64,
    run: u32,
    longest: u32,
}

impl Repeats {
    /// Takes a reading that repeats the one before, or does not, and scores the run that it belongs to: 1 is an
    /// anomaly. `None` when too little is known, or repeats are usual.
    pub(super) fn score(&mut self, repeat: bool) -> Option<f64> {
        if !repeat {
            // What was nearly an anomaly is no measure of what is usual.
            if self.current().is_none_or(|score| score < NEARLY) {
                self.longest = self.longest.max(self.run);
            }
            self.run = 0;
        }
        self.run = self.run.saturating_add(1);
        let score = self.current();
        if score.is_none_or(|score| score < NEARLY) {
            let rate = (1.0 / (f64::from(self.count) + 1.0)).max(RATE);
            self.share += (f64::from(u8::from(repeat)) - self.share) * rate;
        }
        self.count = self.count.saturating_add(1);
        score
    }

    /// The score of the current run.
    fn current(&self) -> Option<f64> {
        let run = f64::from(self.run);
        let longer = run / f64::from(self.longest.saturating_mul(LONGER).saturating_add(10));
        let unlikely = run * -self.share.max(RARE).ln() / UNLIKELY;
        (self.count >= LEAST && self.share < USUAL).then(|| longer.min(unlikely))
    }

    /// The current run is broken by a time without readings.
    pub(super) fn interrupt(&mut self) {
        self.run = 0;
    }

    /// The current run is how this sensor is.
    pub(super) fn accept(&mut self) {
        self.longest = self.longest.max(self.run);
        self.share = self.share.max(0.5);
    }
}
