//! One sensor, reading after reading.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    episode::{Episode, Episodes},
    level::{Deviation, Level},
    noise::Noise,
    repeats::Repeats,
    robust::median,
    verdict::{Finding, Kind, Score, Sensitivity},
};

/// Values are judged as if they were no larger, so that their squares can be added.
const LARGEST: f64 = 1e150;
/// The deviation of a reading from the five before it, in standard deviations, that is an anomaly.
const SPIKE: f64 = 7.0;
/// Readings that say where the next one should be: at most, and at least.
const LOCAL: usize = 5;
const LEAST_LOCAL: usize = 3;
/// A time without readings is a gap when it is this many times the usual interval.
const GAP: f64 = 20.0;
/// How fast the usual interval is learned.
const RATE: f64 = 0.02;
/// Of a step between the values that a sensor can give, the part that is noise at least.
const PART_OF_STEP: f64 = 0.3;
/// The smallest step is believed after so many.
const CHANGES: u32 = 5;
/// Of a level that never changed, the part that is noise at least: a change of a thousandth is one to speak of.
const PART_OF_LEVEL: f64 = 3e-4;
/// What floating point itself leaves of a level.
const PART_OF_FLOAT: f64 = 1e-9;
/// The score from which a flat line is not learned.
const FLAT: f64 = 0.5;

/// The version of the stored form of a [`Detector`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
struct Version;

impl From<Version> for u8 {
    fn from(_: Version) -> Self {
        1
    }
}

impl TryFrom<u8> for Version {
    type Error = &'static str;

    fn try_from(version: u8) -> Result<Self, Self::Error> {
        if version == 1 { Ok(Self) } else { Err("not a version of the detector's state that is known") }
    }
}

/// All that is remembered of one sensor; see the [module](super).
///
/// Its serialised form is its state, at most about 2 KB of JSON, and names its version: another version does not
/// deserialise, and then the sensor is learned anew. A detector that was stored and read back says what it would have
/// said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    version: Version,
    /// The last reading.
    last: Option<(Timestamp, f64)>,
    /// The usual seconds between readings; 0 before there are two.
    interval: f64,
    intervals: u32,
    /// The smallest difference between neighbours that was not 0; 0 before there is one.
    step: f64,
    /// How often neighbours differed, up to where it matters.
    changes: u32,
    noise: Noise,
    repeats: Repeats,
    level: Level,
    episodes: Episodes,
}

/// What a detector says of a reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// It is not newer than one observed before; it was neither judged nor learned.
    Late,
    /// Too little is known of the sensor, or too little since a gap, to judge it.
    Unknown,
    /// It is as expected.
    Normal {
        /// The episode that is over now.
        ended: Option<Episode>,
    },
    /// It is not.
    Anomalous {
        /// Why.
        finding: Finding,
        /// The episode that it opened, when `flagged` is 1, or goes on with.
        episode: Episode,
    },
}

/// A reading's score and what else the joint judgement of sensors needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weighed {
    /// The largest score; `None` when nothing can be said.
    pub(super) score: Option<Score>,
    /// The level of the last readings, when it can be judged.
    pub(super) level: Option<Deviation>,
}

impl Detector {
    /// Judges the next reading of the sensor, then learns from it.
    ///
    /// `value` is finite. A reading at or before the time of an earlier one is [`Verdict::Late`] and changes nothing.
    pub fn observe(&mut self, timestamp: Timestamp, value: f64, sensitivity: Sensitivity) -> Verdict {
        let Some(weighed) = self.weigh(timestamp, value) else { return Verdict::Late };
        let Some(score) = weighed.score else { return Verdict::Unknown };
        let finding = score.find(sensitivity);
        let ended = self.episodes.note(timestamp, finding.as_ref());
        match (finding, self.episodes.open()) {
            (Some(finding), Some(episode)) => Verdict::Anomalous { finding, episode },
            _ => Verdict::Normal { ended },
        }
    }

    /// The episode that is not over yet.
    #[must_use]
    pub const fn episode(&self) -> Option<Episode> {
        self.episodes.open()
    }

    /// Scores the reading and learns from it; `None` when it is late.
    pub(super) fn weigh(&mut self, timestamp: Timestamp, value: f64) -> Option<Weighed> {
        let value = value.clamp(-LARGEST, LARGEST);
        let before = self.last.replace((timestamp, value));
        if before.is_some_and(|(last, _)| timestamp <= last) {
            self.last = before;
            return None;
        }
        let known = (self.step, self.changes);
        if let Some((last, before)) = before {
            self.pass(timestamp.as_nanosecond() - last.as_nanosecond());
            let step = (value - before).abs();
            if step > 0.0 {
                self.step = if self.changes == 0 { step } else { step.min(self.step) };
                self.changes = (self.changes + 1).min(CHANGES);
            }
        }
        let floor = self.floor(value);
        self.level.refer(floor, (self.step, self.changes) != known);
        let (spike, deviation) = self.spike(value, floor);
        let flat = self.repeats.score(before.is_some_and(|(_, before)| before == value));
        let level = self.level.judge(value, floor);
        let scores = level.iter().flat_map(|judged| judged.scores).chain(spike);
        let score = scores.max_by(|one, other| one.score.total_cmp(&other.score)).map(|score| match flat {
            Some(flat) if flat >= score.score.min(1.0) => {
                Score { score: flat.max(score.score), kind: Kind::Flatline, ..score }
            }
            _ => score,
        });

        if let Some(deviation) = deviation.filter(|_| !self.level.is_unsettled()) {
            self.noise.learn(deviation, floor);
        }
        let suspect = level.as_ref().is_some_and(|judged| judged.suspect) || flat.is_some_and(|flat| flat > FLAT);
        let grid = self.grid(floor);
        if self.level.learn(suspect, grid) {
            self.noise = Noise::default();
            self.repeats.accept();
        }
        Some(Weighed { score, level: level.map(|judged| judged.deviation) })
    }

    /// Time passed since the last reading.
    fn pass(&mut self, nanoseconds: i128) {
        let seconds = nanoseconds as f64 / 1e9;
        if self.intervals > 0 && seconds > GAP * self.interval {
            self.level.skip(seconds / self.interval);
            self.repeats.interrupt();
            return;
        }
        if self.intervals == 0 {
            self.interval = seconds;
        }
        let towards = f64::from(i8::from(seconds > self.interval) - i8::from(seconds < self.interval));
        let rate = (1.0 / (f64::from(self.intervals) + 1.0)).max(RATE);
        self.interval *= (rate * towards).exp();
        self.intervals = self.intervals.saturating_add(1);
    }

    /// The least standard deviation that noise is believed to have.
    fn floor(&self, value: f64) -> f64 {
        let level = self.level.usual().unwrap_or(value).abs().max(f64::MIN_POSITIVE / PART_OF_FLOAT);
        let part = if self.changes >= CHANGES { self.step * PART_OF_STEP } else { level * PART_OF_LEVEL };
        part.max(level * PART_OF_FLOAT)
    }

    /// The score of the reading by itself, and its distance from those just before it.
    fn spike(&self, value: f64, floor: f64) -> (Option<Score>, Option<f64>) {
        let recent = &self.level.recent;
        if recent.len() < LEAST_LOCAL {
            return (None, None);
        }
        let local = median(recent.iter().rev().take(LOCAL).copied());
        let deviation = (value - local).abs();
        let score = self.noise.scale(1.5 * floor).map(|scale| {
            // While the level is unsettled, a return to the usual one is no spike.
            let usual = self.level.usual().filter(|_| self.level.is_unsettled());
            let middle = usual.filter(|usual| (value - usual).abs() < deviation).unwrap_or(local);
            let distance = (value - middle).abs();
            Score { score: distance / scale / SPIKE, kind: Kind::Spike, middle, distance }
        });
        (score, Some(deviation))
    }

    /// Rounds to a decimal place far below the noise, so that the stored state is short.
    fn grid(&self, floor: f64) -> impl Fn(f64) -> f64 + use<> {
        let scale = self.noise.scale(floor).unwrap_or(0.0);
        let place = if (1e-12..1e12).contains(&scale) { Some(2.0 - scale.log10().floor()) } else { None };
        move |value| match place {
            Some(place) if place >= 0.0 => (value * 10.0_f64.powf(place)).round() / 10.0_f64.powf(place),
            Some(place) => (value / 10.0_f64.powf(-place)).round() * 10.0_f64.powf(-place),
            None => value,
        }
    }
}
