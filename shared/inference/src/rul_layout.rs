//! What the manifest of a remaining-life model must say for this code to use it.

use manifest::{Calibration, Feature, LifeManifest};

use crate::{
    familiarity::Familiarity,
    layout::LoadError,
    rul_window::{CHANNELS, LIVELY, SENSORS, WIDTH},
};

/// The model's outputs, in order.
pub(crate) const OUTPUTS: [&str; 3] = ["remaining_cycles", "low", "high"];

/// The parts of a manifest in the shapes this code relies on.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) features: [Feature; CHANNELS],
    pub(crate) lively: [usize; LIVELY],
    pub(crate) reach: u32,
    pub(crate) longest: f64,
    pub(crate) corrections: Corrections,
    pub(crate) familiarity: Familiarity<CHANNELS>,
}

impl Layout {
    pub(crate) fn check(manifest: &LifeManifest) -> Result<Self, LoadError> {
        let names = manifest.features.iter().map(|feature| feature.name.as_str());
        if !names.eq(channel_names().iter().map(String::as_str)) || manifest.input.width != WIDTH {
            return Err(LoadError::Input);
        }
        let lively = <[usize; LIVELY]>::try_from(manifest.window.sensors.as_slice()).map_err(|_| LoadError::Input)?;
        if manifest.window.cycles == 0 || !lively.iter().all(|sensor| (1..=SENSORS).contains(sensor)) {
            return Err(LoadError::Input);
        }
        if manifest.output.labels != OUTPUTS {
            return Err(LoadError::Output);
        }
        let features = <[Feature; CHANNELS]>::try_from(manifest.features.clone()).map_err(|_| LoadError::Input)?;
        // Single precision holds every accepted number.
        let bound = f64::from(f32::MAX);
        let sound = |f: &Feature| -bound < f.minimum && f.minimum < f.maximum && f.maximum < bound;
        if !(features.iter().all(sound) && 0.0 < manifest.longest && manifest.longest < bound) {
            return Err(LoadError::Ranges);
        }
        Ok(Self {
            features,
            lively,
            reach: manifest.window.cycles,
            longest: manifest.longest,
            corrections: Corrections::check(&manifest.calibration)?,
            familiarity: Familiarity::new(&manifest.in_distribution)?,
        })
    }
}

fn channel_names() -> [String; CHANNELS] {
    std::array::from_fn(|channel| match channel {
        0 => "cycle".to_owned(),
        1..=3 => format!("setting_{channel}"),
        _ => format!("sensor_{}", channel - 3),
    })
}

/// By how much the model's quantiles are moved apart, by readings in the window and by answer.
#[derive(Debug)]
pub(crate) struct Corrections {
    rows: Vec<(u32, Vec<(f64, f64)>)>,
}

impl Corrections {
    fn check(signed: &Calibration) -> Result<Self, LoadError> {
        let Calibration { coverage, readings, answers, corrections, .. } = signed;
        let sound = (0.0..1.0).contains(coverage)
            && readings.first() == Some(&1)
            && readings.is_sorted_by(|one, next| one < next)
            && answers.first() == Some(&0.0)
            && answers.is_sorted_by(|one, next| one < next)
            && corrections.len() == readings.len()
            && corrections.iter().all(|row| row.len() == answers.len() && row.iter().all(|number| number.is_finite()));
        if !sound {
            return Err(LoadError::Calibration);
        }
        let row = |row: &Vec<f64>| answers.iter().copied().zip(row.iter().copied()).collect();
        Ok(Self { rows: readings.iter().copied().zip(corrections.iter().map(row)).collect() })
    }

    /// The correction of the cell that `readings` (1 or more) and `answer` (0 or more) are in.
    pub(crate) fn of(&self, readings: u32, answer: f64) -> f64 {
        let row = self.rows.iter().rev().find(|(from, _)| *from <= readings).map(|(_, row)| row.as_slice());
        let cell = row.unwrap_or_default().iter().rev().find(|(from, _)| *from <= answer);
        cell.map_or(0.0, |(_, correction)| *correction)
    }
}
