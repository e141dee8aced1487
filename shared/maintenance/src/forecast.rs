//! What a sensor will probably show, learned from its own history alone.

mod backtest;
mod bands;
mod grid;
mod line;
mod model;
mod season;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{series::Sample, time::timestamp};
use grid::Series;
use season::Sums;

const MAX_POINTS: usize = 240;
const LEVELS: [f64; 2] = [0.8, 0.95];

/// Values that should not be passed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// The lower.
    pub low: Option<f64>,
    /// The upper.
    pub high: Option<f64>,
}

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForecastError {
    /// too little
    TooLittleHistory {
        /// have
        readings: usize,
        /// need
        needed_readings: usize,
        /// have
        span: SignedDuration,
        /// need
        needed_span: SignedDuration,
    },
    /// silent
    Stale {
        /// how long
        silent: SignedDuration,
    },
    /// gaps
    TooManyGaps,
}

impl ForecastError {
    fn too_little(readings: usize, span: i64, ahead: i64) -> Self {
        Self::TooLittleHistory {
            readings,
            needed_readings: grid::MIN_OBSERVED,
            span: SignedDuration::from_nanos(span),
            needed_span: SignedDuration::from_nanos(ahead.saturating_mul(grid::SPANS)),
        }
    }
}

/// A point
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ForecastPoint {
    /// t
    pub timestamp: Timestamp,
    /// v
    pub value: f64,
    /// l
    pub low80: f64,
    /// h
    pub high80: f64,
    /// l
    pub low95: f64,
    /// h
    pub high95: f64,
}

/// c
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Coverage {
    /// n
    pub nominal: f64,
    /// m
    pub measured: f64,
    /// c
    pub count: u32,
}

/// f
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Forecast {
    /// model
    pub model: String,
    /// points
    pub points: Vec<ForecastPoint>,
    /// coverage
    pub coverage: Vec<Coverage>,
}

/// f
pub fn forecast(
    history: &[Sample],
    now: Timestamp,
    horizon: SignedDuration,
    _limits: Limits,
) -> Result<Forecast, ForecastError> {
    let series = Series::new(history, now, horizon)?;
    let values = &series.values;
    let sums = Sums::new(values);
    let (model, trust) = backtest::choose(values, &sums, series.lead, series.step);
    let stride = series.lead.div_ceil(MAX_POINTS).max(1);
    let mut leads: Vec<usize> = (1..=series.lead).rev().step_by(stride).collect();
    leads.reverse();
    let origins = backtest::origins(values.len());
    let mix = |own: Vec<f64>, last: Vec<f64>| -> Vec<f64> {
        own.iter().zip(&last).map(|(own, last)| trust * own + (1.0 - trust) * last).collect()
    };
    let naive = model::Model::NAIVE;
    let errors = mix(
        backtest::errors(&model, values, &sums, &origins, &leads),
        backtest::errors(&naive, values, &sums, &origins, &leads),
    );
    let errors = backtest::Errors { origins, leads, errors };
    let (bands, held) = bands::Bands::learn(&errors, &LEVELS);
    let coverage = held
        .into_iter()
        .zip(LEVELS)
        .map(|((measured, count), nominal)| Coverage { nominal, measured, count })
        .collect();
    let end = [values.len() - 1];
    let ahead = mix(model.replay(values, &sums, &end, &errors.leads), naive.replay(values, &sums, &end, &errors.leads));
    let points = errors
        .leads
        .iter()
        .zip(&ahead)
        .enumerate()
        .map(|(index, (lead, value))| {
            let at = |level: usize, sign: f64| series.restore(value + sign * bands.half_width(index, level));
            ForecastPoint {
                timestamp: timestamp(series.last.saturating_add(series.step.saturating_mul(*lead as i64))),
                value: series.restore(*value),
                low80: at(0, -1.0),
                high80: at(0, 1.0),
                low95: at(1, -1.0),
                high95: at(1, 1.0),
            }
        })
        .collect();
    Ok(Forecast { model: format!("{trust:.1} {model:?}"), points, coverage })
}
