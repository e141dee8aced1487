//! Sensors that are read at the same times, judged together.
//!
//! What is judged is the vector of the deviations of the sensors' levels, each in its own robust standard deviations,
//! so no sensor dominates by its unit. Principal components that explain nine tenths of the variance make Hotelling's
//! T² (how far along the usual directions), the rest makes Q, the squared prediction error (how far off them): Jackson
//! and Mudholkar, Control procedures for residuals associated with principal component analysis, 1979. Limits are those
//! of Gaussian deviations at one in a thousand (chi-squared after Wilson and Hilferty, 1931; for Q scaled as Box, 1954,
//! does), corrected for how few independent deviations were learned, or the 99th percentile of what was learned,
//! whichever is larger.

use super::{
    eigen::{Axis, Square},
    history::BLOCK,
    level::{GAIN, LASTING},
    robust::{percentile, sorted},
};

/// Times that are learned before any is judged, at least, and for each sensor.
const LEAST: usize = 120;
const EACH: usize = 12;
/// Times that are learned at most.
const MOST: usize = 1200;
/// Suspect times in a row after which all is learned anew: a level is accepted after as many.
const ANEW: usize = 600;
/// The share of the variance that is explained by the components of T².
const EXPLAINED: f64 = 0.9;
/// The normal quantile of 0.999.
const QUANTILE: f64 = 3.09;
/// Deviations that are learned are no larger, ...
const LEARNED: f64 = 5.0;
/// ... nor those that are judged.
const JUDGED: f64 = 10.0;
/// The least variance of a sensor's deviation, which is 1 by construction but for chance.
const LEAST_VARIANCE: f64 = 0.25;
/// Few deviations widen the limits at most so much.
const WIDEST: f64 = 4.0;
/// A score of 1 is so many times the limit, for the limits are learned from few times.
const BEYOND: f64 = 1.25;
/// A lasting score counts as long as the present one is at least this part of it.
const STILL: f64 = 0.5;

/// What is known of a group of sensors.
#[derive(Clone, Debug)]
pub(super) struct Together {
    size: usize,
    rows: Vec<Vec<f64>>,
    /// How many rows the model was made from.
    fitted: usize,
    model: Option<Model>,
    lasting: f64,
    suspect: usize,
}

/// The joint judgement of one time.
pub(super) struct Joint {
    pub(super) score: f64,
    /// The place of the sensor that contributes most.
    pub(super) culprit: usize,
    /// The deviation that the others and the past let expect of that sensor, in its standard deviations.
    pub(super) expected: f64,
}

impl Together {
    pub(super) fn new(size: usize) -> Self {
        Self { size, rows: Vec::new(), fitted: 0, model: None, lasting: 0.0, suspect: 0 }
    }

    /// Judges the deviations of all sensors at one time, then learns from them.
    pub(super) fn judge(&mut self, deviations: &[f64]) -> Option<Joint> {
        let due = if self.fitted == 0 { LEAST.max(EACH * self.size) } else { self.fitted * 5 / 4 };
        if self.rows.len() >= due && self.fitted < MOST {
            self.fitted = self.rows.len();
            self.model = Some(Model::fit(&self.rows, self.size));
        }
        let within =
            |most: f64| deviations.iter().map(move |deviation| deviation.clamp(-most, most)).collect::<Vec<_>>();
        let mut joint = self.model.as_ref().map(|model| model.measure(&within(JUDGED)));
        let suspect = joint.as_ref().is_some_and(|joint| joint.score > 1.0);
        if suspect {
            self.suspect += 1;
        } else {
            self.suspect = 0;
            if self.rows.len() < MOST {
                self.rows.push(within(LEARNED));
            }
        }
        if self.suspect >= ANEW {
            *self = Self::new(self.size);
        }
        if let Some(joint) = &mut joint {
            self.lasting += (joint.score.min(LEARNED) - self.lasting) / LASTING;
            if joint.score >= STILL * self.lasting {
                joint.score = joint.score.max(GAIN * self.lasting);
            }
        }
        joint
    }
}

/// Principal components of deviations.
#[derive(Clone, Debug)]
struct Model {
    mean: Vec<f64>,
    /// The axes of T², then those of Q.
    main: Vec<Axis>,
    rest: Vec<Axis>,
    t2_limit: f64,
    q_limit: f64,
}

impl Model {
    fn fit(rows: &[Vec<f64>], size: usize) -> Self {
        let count = rows.len() as f64;
        let mean: Vec<f64> =
            (0..size).map(|sensor| rows.iter().filter_map(|row| row.get(sensor)).sum::<f64>() / count).collect();
        let centred: Vec<Vec<f64>> = rows.iter().map(|row| minus(row, &mean)).collect();
        // Means of ten readings at successive times share nine of them.
        let independent = count / BLOCK as f64;
        let covariance = Square::from_fn(size, |one, other| {
            let products = centred.iter().map(|row| at(row, one) * at(row, other));
            let covariance = products.sum::<f64>() / count;
            if one == other { covariance.max(LEAST_VARIANCE) } else { covariance }
        });
        let mut main = covariance.axes();
        let total: f64 = main.iter().map(|axis| axis.variance).sum();
        let mut explained = 0.0;
        let kept = main.iter().take_while(|axis| {
            let more = explained < EXPLAINED * total;
            explained += axis.variance;
            more
        });
        let kept = kept.count();
        let rest = main.split_off(kept);
        let dimensions = kept as f64;
        let few = (independent * independent - 1.0) / (independent * (independent - size as f64)).max(1.0);
        let few = few.clamp(1.0, WIDEST);
        let sum: f64 = rest.iter().map(|axis| axis.variance).sum();
        let squares: f64 = rest.iter().map(|axis| axis.variance * axis.variance).sum();
        let q_limit = if sum > 0.0 { squares / sum * chi_squared(sum * sum / squares) * few } else { f64::INFINITY };
        let mut model = Self { mean, main, rest, t2_limit: chi_squared(dimensions) * few, q_limit };
        let (t2, q): (Vec<f64>, Vec<f64>) = rows.iter().map(|row| model.statistics(&minus(row, &model.mean))).unzip();
        model.t2_limit = model.t2_limit.max(percentile(&sorted(t2), 99));
        model.q_limit = model.q_limit.max(percentile(&sorted(q), 99));
        model
    }

    /// T² and Q.
    fn statistics(&self, centred: &[f64]) -> (f64, f64) {
        let t2 = self.main.iter().map(|axis| dot(&axis.direction, centred).powi(2) / axis.variance).sum();
        let q = self.rest.iter().map(|axis| dot(&axis.direction, centred).powi(2)).sum();
        (t2, q)
    }

    fn measure(&self, row: &[f64]) -> Joint {
        let centred = minus(row, &self.mean);
        let (t2, q) = self.statistics(&centred);
        let score = (t2 / self.t2_limit).max(q / self.q_limit).sqrt() / BEYOND;
        // Both statistics are sums over sensors of the deviation times a projection of all deviations.
        let along = t2 / self.t2_limit > q / self.q_limit;
        let axes = if along { &self.main } else { &self.rest };
        let mut pull = vec![0.0; centred.len()];
        for axis in axes {
            let length = dot(&axis.direction, &centred) / if along { axis.variance } else { 1.0 };
            for (pull, part) in pull.iter_mut().zip(&axis.direction) {
                *pull += length * part;
            }
        }
        let shares = centred.iter().zip(&pull).map(|(deviation, pull)| deviation * pull);
        let culprit = shares.enumerate().max_by(|one, other| one.1.total_cmp(&other.1)).map_or(0, |(place, _)| place);
        // Off the usual directions, the usual directions say what was expected; along them, the mean does.
        let expected = at(row, culprit) - if along { at(&centred, culprit) } else { at(&pull, culprit) };
        Joint { score, culprit, expected }
    }
}

/// The value that a chi-squared variable with so many degrees of freedom exceeds once in a thousand times.
fn chi_squared(freedom: f64) -> f64 {
    let part = 2.0 / (9.0 * freedom);
    freedom * (1.0 - part + QUANTILE * part.sqrt()).powi(3)
}

fn at(values: &[f64], place: usize) -> f64 {
    values.get(place).copied().unwrap_or(0.0)
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn minus(one: &[f64], other: &[f64]) -> Vec<f64> {
    one.iter().zip(other).map(|(one, other)| one - other).collect()
}
