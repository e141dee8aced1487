//! How far one reading usually is from those just before it.

use serde::{Deserialize, Serialize};

use super::robust::{percentile, sorted};

/// Deviations that are gathered before any is judged.
const EARLY: usize = 32;
/// What the median and the 98th percentile of absolute Gaussian deviations are, in standard deviations.
const MEDIAN: f64 = 0.6745;
const RARE: f64 = 2.326;
/// The least step of the percentiles on a logarithmic scale.
const RATE: f64 = 0.02;

/// Two running percentiles of absolute deviations: one says how wide the noise is, the other how heavy its tail.
///
/// Each moves by a fixed proportion when a deviation is above it and by another when below, so that it settles where
/// the two balance, however large the deviations are (Robbins and Monro, 1951).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Noise {
    early: Vec<f64>,
    common: f64,
    rare: f64,
    count: u32,
}

impl Noise {
    /// The standard deviation of Gaussian noise with such percentiles, at least `floor`; `None` before enough is known.
    pub(super) fn scale(&self, floor: f64) -> Option<f64> {
        (self.count > 0).then(|| (self.common / MEDIAN).max(self.rare / RARE).max(floor))
    }

    /// Learns one deviation.
    pub(super) fn learn(&mut self, deviation: f64, floor: f64) {
        if self.count == 0 {
            self.early.push(deviation);
            if self.early.len() >= EARLY {
                let ascending = sorted(std::mem::take(&mut self.early));
                self.common = percentile(&ascending, 50).max(floor);
                // A 95th percentile, the best that so few can tell, is 1.19 times smaller than a 98th of noise.
                self.rare = (percentile(&ascending, 95) * 1.19).max(self.common / MEDIAN * RARE);
                self.count = 1;
            }
            return;
        }
        let rate = (4.0 / (f64::from(self.count) + EARLY as f64)).max(RATE);
        let moved = |place: f64, rate: f64, share: f64| {
            let above = f64::from(u8::from(deviation > place));
            (place * (rate * (above - share)).exp()).max(floor)
        };
        self.common = moved(self.common, rate, 0.5);
        self.rare = moved(self.rare, 3.0 * rate, 0.02);
        self.count = self.count.saturating_add(1);
    }
}
