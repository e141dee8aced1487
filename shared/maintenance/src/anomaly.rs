//! Anomalies of sensors: each sensor reading after reading, sensors that are read at the same times also together.
//!
//! [`Detector`] is one sensor as a stream: it judges a reading, then learns from it, and keeps about 2 KB. [`detect`]
//! runs the same detectors over a batch, sorted by time, and adds what only several sensors can show.
//!
//! # What is compared with what
//!
//! - **Spike**: the reading with the median of the five before it, in a scale from two running percentiles of such
//!   distances, so that heavy tails are usual where they are usual. Known after about 35 readings. Also: the last ten
//!   readings scatter far more than usual.
//! - **Level shift** and **drift**: the trimmed mean of the last ten readings with the means of up to 48 blocks of ten
//!   normal readings before, and, coarser, some 3,000 readings more. Two references must both be contradicted: the
//!   usual level, with the robust spread of the blocks, and the latest level, with the variogram of the blocks (how
//!   far levels so long apart usually differ). The first keeps slow oscillation quiet, the second random walks, ramps
//!   and seasons; white noise has both the same. Known after 60 readings, and wider by 1 + 6/n while n blocks are
//!   known. A level very far from the usual is one whatever the latest was, so that a new drift is not learned as it
//!   goes, unless it is slower than some 0.03 standard deviations of the noise a reading. A weak deviation counts more
//!   when it lasts twenty readings. Whether it is a shift or a drift is decided when it begins, by how much of it came
//!   suddenly.
//! - **Flatline**: the run of equal readings with the longest run before, and with chance. A sensor that always
//!   repeats itself has none.
//! - **Multivariate**: T² and Q of the distances from the usual levels, on principal components; for batches only,
//!   after 120 common times, at each time when all sensors of the group are read. In plain Rust, since such a matrix
//!   has as many rows as there are sensors: a graph for a model runtime would be fixed to a number of sensors and to
//!   what it was trained on, where this learns from the batch itself.
//!
//! # What is learned
//!
//! Blocks that deviate are not learned, so a level shift of hundreds of readings is flagged over all of them. After
//! sixty such blocks in a row, **600 readings**, the level is accepted: history starts anew from the last 160. When an
//! excursion ends before, one in eight of its last blocks is learned: trimming ignores what happens once, but what
//! keeps happening becomes usual. All this is the same at every [`Sensitivity`].
//!
//! # Missing and odd data
//!
//! Blocks count readings, not time: irregular sampling is no anomaly. After a gap, of more than twenty usual
//! intervals, the short memory (ten readings) starts anew, both references widen by what the variogram says of so long
//! a time (nothing for a steady level), and nothing is said before three to six readings. The noise is at least 0.3 of
//! the smallest step between readings, and 0.03 % of the level of a sensor that changed less than five times. Values
//! beyond ±1e150 are judged as that. In a stream a late reading, not newer than the one before, is neither judged nor
//! learned: [`Verdict::Late`]; a batch is sorted first, and the stored range can be judged again as one.
//!
//! # What is not here
//!
//! No model of the season: what repeats every day is usual by its spread and its variogram, so an anomaly smaller
//! than the season may pass. A machine that is switched on and off is flagged until both levels share the memory.
//! The example `evaluate_anomalies` measures all this.

mod batch;
mod detector;
mod eigen;
mod episode;
mod history;
mod level;
mod noise;
mod repeats;
mod robust;
mod together;
mod verdict;

pub use batch::{Detection, Point, detect};
pub use detector::{Detector, Verdict};
pub use episode::Episode;
pub use verdict::{Anomaly, Expected, Finding, Kind, Sensitivity};
