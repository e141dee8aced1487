//! placeholder
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
