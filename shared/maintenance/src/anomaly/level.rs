//! The level of the last readings against the levels before.

use serde::{Deserialize, Serialize};

use super::{
    Kind,
    history::{BLOCK, Block, History, Reference},
    robust::{median, trimmed_mean},
    verdict::Score,
};

/// Blocks before a level is judged: sixty readings.
const LEAST_BLOCKS: usize = 6;
/// Readings of the mean that is judged, at least.
const LEAST_RECENT: usize = 6;
/// The deviation, in standard deviations of a mean of ten readings, that is an anomaly: from the usual and from the
/// latest level.
pub(super) const DEVIATION: f64 = 3.0;
/// From the usual level alone, wherever the latest was.
pub(super) const FAR: f64 = 5.0;
/// More than this is not learned, whether or not it is reported.
pub(super) const SUSPECT: f64 = 3.5;
const SUSPECT_FAR: f64 = 4.0;
/// A deviation that lasts counts by its running mean over so many readings, ...
pub(super) const LASTING: f64 = 20.0;
/// ... times this, ...
pub(super) const GAIN: f64 = 1.4;
/// ... as long as the present deviation is at least this part of the running one.
const STILL: f64 = 0.5;
/// The growth of the logarithm of the roughness, in standard deviations, that is an anomaly.
const ROUGH: f64 = 5.0;
const ROUGH_GAIN: f64 = 2.0;
/// A deviation that becomes an anomaly while its running mean is this part of it is a drift: it came gradually.
const GRADUAL: f64 = 0.35;
/// Deviations are no larger than this many standard deviations.
const LARGEST: f64 = 1e4;

/// The last readings, and the deviation that lasts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Level {
    /// The last ten readings, or fewer.
    pub(super) recent: Vec<f64>,
    /// Readings since the last block.
    filled: usize,
    lasting: f64,
    rougher: f64,
    kind: Option<Kind>,
    history: History,
    #[serde(skip)]
    reference: Option<Reference>,
}

/// What the level said of a reading.
pub(super) struct Judged {
    pub(super) scores: [Score; 2],
    pub(super) deviation: Deviation,
    /// Whether the readings are too unusual to learn from.
    pub(super) suspect: bool,
}

/// How far the mean of the last readings is from the usual level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deviation {
    /// The mean, and the usual standard deviation of such means.
    pub(super) mean: f64,
    pub(super) unit: f64,
    /// How many of them it is off.
    pub(super) deviation: f64,
}

impl Level {
    pub(super) fn is_unsettled(&self) -> bool {
        self.history.is_unsettled()
    }

    /// The usual level, when it is known.
    pub(super) fn usual(&self) -> Option<f64> {
        self.reference.as_ref().map(|reference| reference.center)
    }

    /// Time passed without readings, as long as this many usually take.
    pub(super) fn skip(&mut self, readings: f64) {
        self.recent.clear();
        self.filled = 0;
        self.lasting = 0.0;
        self.rougher = 0.0;
        self.history.skip(readings / BLOCK as f64);
        self.reference = None;
    }

    /// The summary of the history, remade when the history or the least noise changed.
    pub(super) fn refer(&mut self, floor: f64, renew: bool) {
        if renew || self.reference.is_none() {
            self.reference = self.history.reference(floor);
        }
    }

    /// Takes a reading and judges the mean of the last ten.
    pub(super) fn judge(&mut self, value: f64, floor: f64) -> Option<Judged> {
        if self.recent.len() >= BLOCK {
            self.recent.remove(0);
        }
        self.recent.push(value);
        self.filled += 1;
        let reference = self.reference.as_ref().filter(|reference| reference.blocks >= LEAST_BLOCKS)?;
        if self.recent.len() < LEAST_RECENT {
            return None;
        }
        let mean = trimmed_mean(self.recent.iter().copied());
        let usual = ((mean - reference.center) / reference.spread).clamp(-LARGEST, LARGEST);
        let lately = ((mean - reference.latest) / reference.lately()).clamp(-LARGEST, LARGEST);
        let (deviation, middle) =
            if usual.abs() < lately.abs() { (usual, reference.center) } else { (lately, reference.latest) };
        self.lasting += (deviation.clamp(-50.0, 50.0) - self.lasting) / LASTING;
        let lasts = self.lasting * deviation > 0.0 && deviation.abs() >= STILL * self.lasting.abs();
        let held = if lasts { GAIN * self.lasting.abs() } else { 0.0 };
        let score = (deviation.abs().max(held) / DEVIATION).max(usual.abs() / FAR);
        if score < 0.5 {
            self.kind = None;
        } else if score >= 0.9 && self.kind.is_none() {
            self.kind = Some(if self.lasting / deviation < GRADUAL { Kind::LevelShift } else { Kind::Drift });
        }
        let level =
            Score { score, kind: self.kind.unwrap_or(Kind::LevelShift), middle, distance: (mean - middle).abs() };
        let rougher = if self.recent.len() == BLOCK {
            ((roughness(&self.recent) + 6.0 * floor).ln() - reference.roughness) / reference.rough_spread.max(0.25)
        } else {
            0.0
        };
        self.rougher += (rougher.clamp(-50.0, 50.0) - self.rougher) / LASTING;
        let held = if rougher >= STILL * self.rougher { ROUGH_GAIN * self.rougher } else { 0.0 };
        let rough = Score {
            score: rougher.max(held) / ROUGH,
            kind: Kind::Spike,
            middle: reference.center,
            distance: (value - reference.center).abs(),
        };
        let suspect = deviation.abs() > SUSPECT || usual.abs() > SUSPECT_FAR || rough.score > 0.8;
        Some(Judged {
            suspect,
            scores: [level, rough],
            deviation: Deviation { mean, unit: reference.spread, deviation: usual },
        })
    }

    /// Learns the last ten readings once they are a block of their own, unless they are `suspect`. Says whether a new
    /// level is accepted.
    pub(super) fn learn(&mut self, suspect: bool, grid: impl Fn(f64) -> f64) -> bool {
        if self.filled < BLOCK || self.recent.len() < BLOCK {
            return false;
        }
        self.filled = 0;
        self.reference = None;
        let block = Block(grid(trimmed_mean(self.recent.iter().copied())), grid(roughness(&self.recent)));
        if !suspect {
            self.history.learn(block);
            return false;
        }
        let accepted = self.history.suspend(block);
        if accepted {
            self.lasting = 0.0;
            self.rougher = 0.0;
            self.kind = None;
        }
        accepted
    }
}

/// The usual distance of neighbours.
fn roughness(values: &[f64]) -> f64 {
    let steps = values.iter().zip(values.iter().skip(1)).map(|(one, other)| (other - one).abs());
    median(steps)
}
