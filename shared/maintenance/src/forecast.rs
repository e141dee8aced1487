//! What a sensor will probably show, learned from its own history alone.
//!
//! - The readings become a series of even steps, with holes where there were none.
//! - Of a few dozen models, each fast enough to be replayed over the whole history, the one that would have been right
//!   in the past is taken, as far as its advantage over the last value is beyond chance.
//! - The bands are as wide as its errors were at each lead, and are themselves tried on errors they have not seen.
//!
//! The bands are those of a single reading at a point in time, not of a mean. They suppose that the sensor goes on to
//! be as predictable as it was: no history foretells a kind of failure that it does not contain.

mod backtest;
mod bands;
mod grid;
mod limit;
mod line;
mod model;
mod season;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{series::Sample, time::timestamp};
use backtest::Choice;
use bands::Bands;
use grid::Series;

pub use limit::{Crossing, Limits, TimeToLimit};

/// The most points of an answer.
const MAX_POINTS: usize = 240;

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForecastError {
    /// The history is too short for the horizon, or has too few readings for any.
    TooLittleHistory {
        /// How many readings there are.
        readings: usize,
        /// How many are needed at least.
        needed_readings: usize,
        /// The time from the first reading to the last.
        span: SignedDuration,
        /// How long that time must be at least.
        needed_span: SignedDuration,
    },
    /// The last reading is further past than the horizon lies ahead.
    Stale {
        /// How long ago the last reading was.
        silent: SignedDuration,
    },
    /// At no step that the horizon admits do half of the steps have a reading.
    TooManyGaps,
}

impl ForecastError {
    /// From a span and what is to be forecast, in nanoseconds.
    fn too_little(readings: usize, span: i64, ahead: i64) -> Self {
        Self::TooLittleHistory {
            readings,
            needed_readings: grid::MIN_OBSERVED,
            span: SignedDuration::from_nanos(span),
            needed_span: SignedDuration::from_nanos(ahead.saturating_mul(grid::SPANS)),
        }
    }
}

impl fmt::Display for ForecastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLittleHistory { readings, needed_readings, span, needed_span } => write!(
                f,
                "too little history: {readings} readings over {} minutes, where at least {needed_readings} over {} \
                 minutes are needed",
                span.as_mins(),
                needed_span.as_secs().div_euclid(60) + i64::from(needed_span.as_secs().rem_euclid(60) > 0),
            ),
            Self::Stale { silent } => {
                write!(f, "the last reading is {} minutes old, more than the horizon", silent.as_mins())
            }
            Self::TooManyGaps => f.write_str("the readings have too many gaps"),
        }
    }
}

impl std::error::Error for ForecastError {}

/// What is expected at one point in time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ForecastPoint {
    /// The point in time.
    pub timestamp: Timestamp,
    /// The expected value, in the unit of the readings.
    pub value: f64,
    /// The lower end of the 80 % band.
    pub low80: f64,
    /// The upper end of the 80 % band.
    pub high80: f64,
    /// The lower end of the 95 % band.
    pub low95: f64,
    /// The upper end of the 95 % band.
    pub high95: f64,
}

/// How often one band would have held in the past.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Coverage {
    /// The share that the band is made to hold: 0.8 or 0.95.
    pub nominal: f64,
    /// The share of past values it held, each judged by a band that was learned from other stretches of the history.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub measured: f64,
    /// How many past values were judged. Neighbours are alike, so they weigh less than their number.
    pub count: u64,
}

/// What kind of model was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ForecastModelName")]
pub enum ModelName {
    /// The last value goes on.
    LastValue,
    /// A smoothed level goes on.
    Level,
    /// The mean of the past goes on.
    Mean,
    /// The present level returns to the mean by and by.
    MeanReversion,
    /// A line rises or falls on.
    Trend,
    /// A line rises or falls ever less.
    DampedTrend,
}

/// The model that past forecasts speak for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ForecastModel {
    /// Its kind.
    pub name: ModelName,
    /// The length of the season it adds; null when it adds none.
    pub season_seconds: Option<f64>,
    /// Its part of the forecast, 0 to 1; the rest is the last value. It grows with the certainty of its advantage.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub weight: f64,
    /// The mean absolute error of the forecasts it would have made in the past, in the unit of the readings.
    pub mean_absolute_error: f64,
    /// The same of the last value.
    pub last_value_error: f64,
}

/// What a sensor will probably show.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Forecast {
    /// The time of the last reading, from which the forecast starts.
    pub last_reading: Timestamp,
    /// How many readings it is learned from.
    pub readings: u64,
    /// The step of the series, which is the usual distance of readings or a multiple of it. Points are one or more
    /// steps apart.
    pub step_seconds: f64,
    /// The model.
    pub model: ForecastModel,
    /// The points after the present until the horizon, ascending.
    #[schemars(length(min = 1, max = 240))]
    pub points: Vec<ForecastPoint>,
    /// How often the 80 % and the 95 % band would have held in the past.
    pub coverage: Vec<Coverage>,
    /// When the limits are reached.
    pub time_to_limit: TimeToLimit,
}

/// Forecasts from `now` until `horizon` later. `history` is sorted by time, as [`merge`](crate::merge) leaves it; what
/// is later than `now` is left out. The more history the better, up to 10,000 steps: a season shows only in several of
/// its periods. A horizon shorter than the step of the readings gives one point, at the next step.
///
/// # Errors
/// [`ForecastError`] when the history cannot carry a forecast. It must have 30 readings and be twice as long as the
/// time from its last reading to the horizon.
pub fn forecast(
    history: &[Sample],
    now: Timestamp,
    horizon: SignedDuration,
    limits: Limits,
) -> Result<Forecast, ForecastError> {
    let series = Series::new(history, now, horizon)?;
    let choice = Choice::new(&series);
    let errors = choice.errors(&series, spread_out(series.leads.clone(), MAX_POINTS));
    let (bands, held) = Bands::learn(&errors);
    let points = points(&series, &choice, &errors.leads, &bands);
    let held = bands::LEVELS.into_iter().zip(held);
    let coverage = held.map(|(nominal, (measured, count))| Coverage { nominal, measured, count }).collect();
    let last_reading = timestamp(series.last);
    let last = series.values.last().map_or(0.0, |value| series.restore(*value));
    Ok(Forecast {
        last_reading,
        readings: series.values.iter().filter(|value| !value.is_nan()).count() as u64,
        step_seconds: seconds(series.step),
        model: ForecastModel {
            name: choice.model.name(),
            season_seconds: choice.model.period.map(|period| period * seconds(series.step)),
            weight: choice.weight,
            mean_absolute_error: series.restore_distance(errors.mean_absolute()),
            last_value_error: series.restore_distance(choice.last_value_error(&series, &errors)),
        },
        time_to_limit: limits.reached((last_reading, last), &points, now),
        points,
        coverage,
    })
}

fn points(series: &Series, choice: &Choice, leads: &[usize], bands: &Bands) -> Vec<ForecastPoint> {
    let ahead = choice.replay(series, &[series.values.len().saturating_sub(1)], leads);
    let expected = leads.iter().zip(&ahead).enumerate();
    expected
        .map(|(index, (lead, value))| {
            let [band80, band95] = bands.half_widths(index);
            let after = series.step.saturating_mul(i64::try_from(*lead).unwrap_or(i64::MAX));
            ForecastPoint {
                timestamp: timestamp(series.last.saturating_add(after)),
                value: series.restore(*value),
                low80: series.restore(value - band80),
                high80: series.restore(value + band80),
                low95: series.restore(value - band95),
                high95: series.restore(value + band95),
            }
        })
        .collect()
}

/// At most `most` of the leads, evenly, with the last among them.
fn spread_out(leads: std::ops::RangeInclusive<usize>, most: usize) -> Vec<usize> {
    let stride = leads.clone().count().div_ceil(most).max(1);
    let mut chosen: Vec<usize> = leads.rev().step_by(stride).collect();
    chosen.reverse();
    chosen
}

fn seconds(nanoseconds: i64) -> f64 {
    SignedDuration::from_nanos(nanoseconds).as_secs_f64()
}
